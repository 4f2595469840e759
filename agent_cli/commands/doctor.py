"""`helpdesk doctor`: check what the terminal needs, and say what to do."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from agent_cli.words.views import CheckView


@click.command("doctor", cls=Verb)
@click.pass_context
def command(context: click.Context) -> None:
    """Check what the terminal needs, and say what to do. Exits with 1 if something is wrong.

    \b
    helpdesk doctor
    """
    from agent_cli import render

    at: Terminal = context.obj
    checks: list[tuple[str, Callable[[Terminal], str]]] = [
        ("credentials", _credentials),
        ("stack", _stack),
        ("tickets table", _tickets),
        ("knowledge", _knowledge),
        ("model", _model),
        ("queues", _queues),
        ("dead letters", _dead_letters),
        ("unsent text", _drafts),
    ]
    found = [_checked(at, name, check) for name, check in checks]
    columns: list[render.Column[CheckView]] = [
        ("", lambda row: "✓" if row.ok else "✗"),
        ("what", lambda row: row.name),
        ("found", lambda row: row.found + (f" → {row.advice}" if row.advice else "")),
    ]
    output.show(at, found, lambda: render.table(found, columns, wrap="found"))
    if not all(check.ok for check in found):
        context.exit(1)


class _UnwellError(Exception):
    """A part that answers, but not as it should: what was found, and what to do."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found)
        self.found, self.advice = found, advice


def _checked(at: Terminal, name: str, check: Callable[[Terminal], str]) -> "CheckView":
    from agent_cli.words.faults import explained
    from agent_cli.words.views import CheckView

    try:
        return CheckView(name=name, ok=True, found=check(at), advice=None)
    except _UnwellError as unwell:
        return CheckView(name=name, ok=False, found=unwell.found, advice=unwell.advice)
    except Exception as error:
        fault = explained(error, at.where)
        if fault is None:
            raise
        found, _, advice = fault.text.partition("; ")
        return CheckView(name=name, ok=False, found=found, advice=advice or None)


def _credentials(at: Terminal) -> str:
    identity = at.session.identity
    return f"{at.session.agents_name} in account {identity.account}, {at.session.region_name}"


def _stack(at: Terminal) -> str:
    at.session.forget()  # what other commands believe for some minutes is asked here
    missing = {"TicketsTable", "KnowledgeTable", "EscalationQueueUrl"} - set(at.session.outputs)
    if missing:
        raise _UnwellError(
            f"{at.session.stack_name} lacks {', '.join(sorted(missing))}",
            "name the right stack with --stack-name, or deploy it again",
        )
    return f"{at.session.stack_name}, {len(at.session.outputs)} outputs"


def _tickets(at: Terminal) -> str:
    from helpdesk.ticket import Awaiting

    return f"answers; {at.desk.parts.tickets.waiting(Awaiting.ESCALATION)} tickets are with people"


def _knowledge(at: Terminal) -> str:
    articles = at.desk.parts.knowledge.all()
    if not articles:
        raise _UnwellError("there are no articles", "load them: helpdesk knowledge import FILE")
    return f"{len(articles)} articles, {sum(len(a.utterances) for a in articles)} utterances"


def _model(at: Terminal) -> str:
    published = at.desk.parts.models.current()
    if published is None:
        raise _UnwellError("no model is published", "load the articles; this publishes a model")
    return f"version {published.version}"


def _queues(at: Terminal) -> str:
    depths = {name: at.desk.parts.queue(name).depth() for name in at.desk.queues}
    return ", ".join(f"{name} {depth}" for name, depth in depths.items())


def _dead_letters(at: Terminal) -> str:
    dead_letters = at.desk.parts.dead_letters
    found = {name: dead_letters(name).measure().visible for name in at.desk.dead_letters}
    if any(found.values()):
        counts = ", ".join(f"{name} {number}" for name, number in found.items() if number)
        raise _UnwellError(counts, "look at them: helpdesk deadletter list")
    return "none"


def _drafts(at: Terminal) -> str:
    kept = at.drafts.kept()
    if kept:
        raise _UnwellError(
            f"for {', '.join(kept[:5])}", "send it: helpdesk ticket reply TICKET --draft"
        )
    return "none"

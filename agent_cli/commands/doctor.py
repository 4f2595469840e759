"""`helpdesk doctor`: check what the terminal needs, and say what to do."""

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
    from agent_cli.health import checked, of_stack

    at: Terminal = context.obj
    found = [
        checked("credentials", lambda: _credentials(at), at.where),
        checked("stack", lambda: _stack(at), at.where),
        *of_stack(lambda: at.desk, at.where),
        checked("unsent text", lambda: _drafts(at), at.where),
    ]
    columns: list[render.Column[CheckView]] = [
        ("", lambda row: "✓" if row.ok else "✗"),
        ("what", lambda row: row.name),
        ("found", lambda row: row.found + (f" → {row.advice}" if row.advice else "")),
    ]
    output.show(at, found, lambda: render.table(found, columns, wrap="found"))
    if not all(check.ok for check in found):
        context.exit(1)


def _credentials(at: Terminal) -> str:
    identity = at.session.identity
    return f"{at.session.agents_name} in account {identity.account}, {at.session.region_name}"


def _stack(at: Terminal) -> str:
    from agent_cli.health import UnwellError

    at.session.forget()  # what other commands believe for some minutes is asked here
    missing = {"TicketsTable", "KnowledgeTable", "EscalationQueueUrl"} - set(at.session.outputs)
    if missing:
        raise UnwellError(
            f"{at.session.stack_name} lacks {', '.join(sorted(missing))}",
            "name the right stack with --stack-name, or deploy it again",
        )
    return f"{at.session.stack_name}, {len(at.session.outputs)} outputs"


def _drafts(at: Terminal) -> str:
    from agent_cli.health import UnwellError

    kept = at.drafts.kept()
    if kept:
        raise UnwellError(
            f"for {', '.join(kept[:5])}", "send it: helpdesk ticket reply TICKET --draft"
        )
    return "none"

"""Whether the parts of a stack answer as they should, and what to do about one that does not."""

from collections.abc import Callable

from helpdesk.ticket import Awaiting

from agent_cli.desk import Desk
from agent_cli.words.faults import explained
from agent_cli.words.views import CheckView


class UnwellError(Exception):
    """A part that answers, but not as it should: what was found, and what to do."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found)
        self.found, self.advice = found, advice


def checked(name: str, check: Callable[[], str], where: str) -> CheckView:
    """Return what a check found. `where` is the address of AWS in words.

    Errors that people know are findings with advice. Raises what no one expects.
    """
    try:
        return CheckView(name=name, ok=True, found=check(), advice=None)
    except UnwellError as unwell:
        return CheckView(name=name, ok=False, found=unwell.found, advice=unwell.advice)
    except Exception as error:
        fault = explained(error, where)
        if fault is None:
            raise
        found, _, advice = fault.text.partition("; ")
        return CheckView(name=name, ok=False, found=found, advice=advice or None)


def of_stack(desk: Callable[[], Desk], where: str) -> list[CheckView]:
    """Return what is found of the parts of a stack. `desk` opens it, which may fail."""
    checks: dict[str, Callable[[Desk], str]] = {
        "tickets table": _tickets,
        "knowledge": _knowledge,
        "model": _model,
        "queues": _queues,
        "dead letters": _dead_letters,
    }
    return [_of(name, check, desk, where) for name, check in checks.items()]


def _of(name: str, check: Callable[[Desk], str], desk: Callable[[], Desk], where: str) -> CheckView:
    return checked(name, lambda: check(desk()), where)


def _tickets(desk: Desk) -> str:
    return f"answers; {desk.parts.tickets.waiting(Awaiting.ESCALATION)} tickets are with people"


def _knowledge(desk: Desk) -> str:
    articles = desk.parts.knowledge.all()
    if not articles:
        raise UnwellError("there are no articles", "load them: helpdesk knowledge import FILE")
    return f"{len(articles)} articles, {sum(len(a.utterances) for a in articles)} utterances"


def _model(desk: Desk) -> str:
    published = desk.parts.models.current()
    if published is None:
        raise UnwellError("no model is published", "load the articles; this publishes a model")
    return f"version {published.version}"


def _queues(desk: Desk) -> str:
    depths = {name: desk.parts.queue(name).depth() for name in desk.queues}
    return ", ".join(f"{name} {depth}" for name, depth in depths.items())


def _dead_letters(desk: Desk) -> str:
    dead_letters = desk.parts.dead_letters
    found = {name: dead_letters(name).measure().visible for name in desk.dead_letters}
    if any(found.values()):
        counts = ", ".join(f"{name} {number}" for name, number in found.items() if number)
        raise UnwellError(counts, "look at them: helpdesk deadletter list")
    return "none"

"""One move on the tickets that are chosen in the list: tag, close, spam, transfer."""

from collections.abc import Callable

from helpdesk.agents import Arranger
from helpdesk.ticket import Ticket

from agent_cli.each import Outcome, in_hand, moved_each
from agent_cli.ids import ids_in
from agent_cli.wanted import WantedError
from agent_cli.web.asking import Asked, Led, Page

type Move = Callable[[Arranger, str], Ticket]


def several(asked: Asked) -> Led:
    """Make one move on each chosen ticket; say what became of each, and keep the refused chosen."""
    ids = ids_in("\n".join(asked.all("ticket")))
    if not ids:
        raise WantedError("no ticket is chosen; choose some in the list")
    done, move = _move(asked)
    here = asked.desk.workplace()
    outcomes = list(moved_each(here, ids, move, where=asked.console.where))
    back = asked.text("list")
    to = back if back.startswith("/tickets") and "\\" not in back else "/tickets"
    refused = ",".join(each.ticket_id for each in outcomes if each.fault)
    marked = f"{'&' if '?' in to else '?'}marked={refused}" if refused else ""
    return Led(f"{to}{marked}", _told(outcomes, done))


def _told(outcomes: list[Outcome], done: str) -> str:
    moved = [each.ticket_id for each in outcomes if each.ticket]
    lines = [f"{len(moved)} of {len(outcomes)} tickets {done}"]
    lines += [f"{each}: {done}" for each in moved]
    lines += [f"{each.ticket_id}: {each.fault.text}" for each in outcomes if each.fault]
    return "\n".join(lines)


def _move(asked: Asked) -> tuple[str, Move]:
    """Return what is done in words, and the move. Raises WantedError for what lacks a field."""
    note = asked.text("note") or None
    match asked.text("do"):
        case "tag":
            return "tagged", _tag(asked)
        case "close":
            return "closed", lambda here, each: _taken(here, each).close(each, note=note)
        case "spam":
            return "marked as spam", lambda here, each: here.spam(each, note=note)
        case "transfer":
            return "transferred", _transfer(asked, note)
    raise WantedError("nothing to do is chosen; choose tag, close, spam or transfer")


def _taken(here: Arranger, ticket_id: str) -> Arranger:
    in_hand(here, ticket_id)
    return here


def _tag(asked: Asked) -> Move:
    add, remove = asked.text("add").split(), asked.text("remove").split()
    if not (add or remove):
        raise WantedError("name a tag to put on or to take off")
    return lambda here, each: here.tag(each, add=add, remove=remove)


def _transfer(asked: Asked, note: str | None) -> Move:
    to, department = asked.text("to") or None, asked.text("department") or None
    if not (to or department):
        raise WantedError("name a colleague or a department")
    override = bool(asked.text("override"))

    def move(here: Arranger, each: str) -> Ticket:
        at = here if override else _taken(here, each)
        return at.transfer(each, to=to, department=department, note=note, override=override)

    return move


PAGES: dict[str, tuple[str, Page]] = {"POST /tickets/several": ("several", several)}

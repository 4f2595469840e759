"""The moves behind the inbox's keys: each takes a ticket and a typed line."""

from helpdesk.agents import Arranger, Dossier, Workplace
from helpdesk.ports import NotFoundError
from helpdesk.ticket import State, Ticket

from agent_cli.fields import span_of


def in_hand(at: Workplace, ticket_id: str) -> Dossier:
    """Return the ticket, which the agent then holds. Raises LeaseError if a colleague does."""
    dossier = at.show(ticket_id)
    held = dossier.ticket.held_by(at.clock())
    return dossier if held and held.agent == at.agent.name else at.claim(ticket_id)


def to_write(at: Workplace, ticket_id: str) -> Dossier:
    """Return a ticket that the agent may write to: an answered one as it is, any other in hand.

    Raises what `in_hand` raises.
    """
    dossier = at.show(ticket_id)
    return dossier if dossier.ticket.state is State.ANSWERED else in_hand(at, ticket_id)


def canned(at: Workplace, ticket_id: str) -> dict[str, str]:
    """Return the canned replies by name, filled in as far as the ticket allows.

    Raises NotFoundError for an unknown ticket, or if there are no canned replies.
    """
    found = at.all_canned(ticket_id)
    if not found:
        raise NotFoundError("there are no canned replies")
    return found


def close(at: Workplace, ticket_id: str, said: str) -> Ticket:
    """End a ticket, with a reason. Raises what `in_hand` and `Workplace.close` raise."""
    if at.show(ticket_id).ticket.state.is_open:
        in_hand(at, ticket_id)
    return at.close(ticket_id, note=said)


def transfer(at: Workplace, ticket_id: str, said: str) -> Ticket:
    """Give a ticket away: `bob a note` to a colleague, `#billing a note` to a department."""
    in_hand(at, ticket_id)
    to, _, note = said.partition(" ")
    if to.startswith("#"):
        return at.transfer(ticket_id, department=to[1:], note=note or None)
    return at.transfer(ticket_id, to=to, note=note or None)


def tag(at: Arranger, ticket_id: str, said: str) -> Ticket:
    """Put tags on and take tags off: `christmas -urgent`. Raises what `Arranger.tag` raises."""
    words = said.split()
    remove = [each[1:] for each in words if each.startswith("-")]
    add = [each.removeprefix("+") for each in words if not each.startswith("-")]
    return at.tag(ticket_id, add=add, remove=remove)


def spam(at: Arranger, ticket_id: str, said: str) -> Ticket:
    """Close a ticket as spam, with a note. Raises what `in_hand` and `Arranger.spam` raise."""
    if at.get(ticket_id).state is State.ESCALATED:
        in_hand(at, ticket_id)
    return at.spam(ticket_id, note=said)


def snooze(at: Workplace, ticket_id: str, said: str) -> Ticket:
    """Put a ticket aside: `2h a note`. Raises ValueError for a text that is not a span of time."""
    in_hand(at, ticket_id)
    first, _, note = said.partition(" ")
    return at.snooze(ticket_id, at.clock() + span_of(first), note=note or None)


def no_span(said: str) -> str | None:
    """Return what is wrong with the span of time that a line begins with, if anything."""
    try:
        span_of(said.partition(" ")[0])
    except ValueError as error:
        return str(error)
    return None

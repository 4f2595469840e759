"""The moves behind the inbox's keys: each takes a ticket and a typed line."""

from datetime import timedelta

from helpdesk import agents
from helpdesk.agents import Arranger, Dossier, EvidenceChangedError, Workplace
from helpdesk.drafting import Draft
from helpdesk.ports import NotFoundError
from helpdesk.ticket import StaleDraftError, State, Ticket

from agent_cli import approving
from agent_cli.approving import draft_told
from agent_cli.fields import span_of
from agent_cli.outgoing import Outgoing
from agent_cli.words import drafted


def in_hand(at: Workplace, found: Ticket) -> None:
    """Take a ticket unless the agent holds it. Raises what `Workplace.claim` raises."""
    if not at.holds(found):
        at.claim(found.id)


def to_write(at: Workplace, ticket_id: str) -> Dossier:
    """Return a ticket that the agent may write to: an answered one as it is, any other in hand.

    Raises what `Workplace.claim` raises.
    """
    dossier = at.show(ticket_id)
    ready = dossier.ticket.state is State.ANSWERED or at.holds(dossier.ticket)
    return dossier if ready else at.claim(ticket_id)


def approve(at: Arranger, outgoing: Outgoing, draft: Draft, undo: timedelta) -> Ticket | Outgoing:
    """Send a draft as it is; if replies wait for a time, take its ticket and return it instead.

    Raises what `agents.approve` raises; the message says what the agent can do.
    """
    try:
        return approving.approve(at, outgoing, draft, undo)
    except EvidenceChangedError as error:
        now = " · ".join(drafted.now(error))
        raise StaleDraftError(f"{error} · {now} · e edits it") from error


def dismiss(at: Arranger, ticket_id: str, number: int) -> Ticket:
    """Put a draft away. Raises what `agents.dismiss` raises."""
    with draft_told(at, ticket_id, number):
        return agents.dismiss(at, ticket_id, number)


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
    found = at.get(ticket_id)
    if found.state.is_open:
        in_hand(at, found)
    return at.close(ticket_id, note=said)


def transfer(at: Workplace, ticket_id: str, said: str) -> Ticket:
    """Give a ticket away: `bob a note` to a colleague, `#billing a note` to a department."""
    in_hand(at, at.get(ticket_id))
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
    found = at.get(ticket_id)
    if found.state is State.ESCALATED:
        in_hand(at, found)
    return at.spam(ticket_id, note=said)


def snooze(at: Workplace, ticket_id: str, said: str) -> Ticket:
    """Put a ticket aside: `2h a note`. Raises ValueError for a text that is not a span of time."""
    in_hand(at, at.get(ticket_id))
    first, _, note = said.partition(" ")
    return at.snooze(ticket_id, at.clock() + span_of(first), note=note or None)


def no_span(said: str) -> str | None:
    """Return what is wrong with the span of time that a line begins with, if anything."""
    try:
        span_of(said.partition(" ")[0])
    except ValueError as error:
        return str(error)
    return None

"""A draft of the desk that an agent sends, edits or puts away, by each door alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from helpdesk import agents
from helpdesk.agents import Arranger, Dossier, EvidenceChangedError, Workplace
from helpdesk.drafting import Draft
from helpdesk.ticket import StaleDraftError, Ticket, expect_draft

from agent_cli.outgoing import Outgoing
from agent_cli.words.facts import to_the_customer
from agent_cli.words.moved_on import told


def of_draft(dossier: Dossier, draft: Draft) -> Outgoing:
    """Return the draft of a ticket as a reply on its way."""
    return Outgoing(
        ticket_id=dossier.ticket.id,
        typed=draft.text,
        text=draft.text,
        who=to_the_customer(dossier),
        seen=dossier.ticket.messages,
        draft=draft,
    )


def begun(kept: str | None, draft: Draft, *, made_of: int | None = None) -> str:
    """Return the text with which an agent begins to edit a draft.

    `kept` is a text that was kept for the ticket, and `made_of` the number of the draft that it was
    made from, if that is known: then it is gone on with. Any other text stands above the draft.
    """
    if kept is None or kept == draft.text.strip():
        return draft.text
    return kept if made_of == draft.number else f"{kept}\n\n{draft.text}"


@contextmanager
def draft_told(at: Workplace, ticket_id: str, number: int | None) -> Iterator[None]:
    """Say who ended the draft that is refused. Raises StaleDraftError."""
    try:
        yield
    except EvidenceChangedError:
        raise
    except StaleDraftError as error:
        raise StaleDraftError(told(number or 0, at.history(ticket_id), error)) from error


def approve(at: Arranger, outgoing: Outgoing, draft: Draft, undo: timedelta) -> Ticket | Outgoing:
    """Send a draft as it is; if replies wait for a time, take its ticket and return it instead.

    A draft whose evidence was edited since is refused unless `outgoing.anyway`. Raises what
    `agents.approve` raises; a StaleDraftError says who ended the draft.
    """
    with draft_told(at, outgoing.ticket_id, draft.number):
        if not undo:
            text = draft.text if outgoing.anyway and draft.ready else None
            return agents.approve(
                at, outgoing.ticket_id, draft.number, text=text, seen=outgoing.seen
            )
        found = at.get(outgoing.ticket_id)
        expect_draft(found, draft.number)
        if not (outgoing.anyway and draft.ready):
            agents.check_as_it_is(draft, at)
        lease = found.lease if at.holds(found) else at.claim(found.id).ticket.lease
        return replace(outgoing, fence=lease.fence if lease else None).checked(at, undo)

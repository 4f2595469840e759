"""What becomes of a draft: whether it is still the open one, and how far a reply is it. Pure."""

from dataclasses import replace
from difflib import SequenceMatcher

from helpdesk.drafting import Draft
from helpdesk.ticket.drafted import Drafted, Fate
from helpdesk.ticket.model import StaleDraftError, Ticket


def expect_draft(ticket: Ticket, number: int) -> Drafted:
    """Return the ticket's open draft if it has this number. Raises StaleDraftError."""
    found = ticket.draft
    if found is None or not ticket.in_review:
        raise StaleDraftError(f"draft {number} is not open any more; the ticket has moved on")
    if found.number != number:
        raise StaleDraftError(f"draft {number} was replaced by draft {found.number}; look at that")
    return found


def sent(found: Drafted, draft: Draft, text: str) -> Drafted:
    """Return what became of an open draft that a reply with this text was made from."""
    written = draft.text.strip()
    if text == written:
        return replace(found, fate=Fate.USED)
    same = SequenceMatcher(None, written, text, autojunk=False).ratio()
    return replace(found, fate=Fate.EDITED, edited=round(1 - same, 2))

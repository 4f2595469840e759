"""Whether a ticket is a case that the desk has already: what the worker asks of the recent cases.

Answers of a family are shown to each of its customers. So tickets are only compared where this
tells no one what is not theirs: the customer is verified, or wrote by mail, where what the desk
says goes to the address and never to the one who wrote.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from helpdesk import outbox
from helpdesk.cases import Case, Recent, Rules, Why, case_of, decide, remembered
from helpdesk.files import Files
from helpdesk.ports import Tickets
from helpdesk.ticket import (
    Change,
    Conversation,
    IllegalMoveError,
    Source,
    Ticket,
    duplicate,
)
from helpdesk.triage import Understanding

_SAID = {
    Why.SAME_TEXT: "with the same text",
    Why.SAME_WORDS: "with much the same words",
    Why.SAME_MEANING: "which says the same in other words",
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was found: the changes that put the ticket into the one that has its case, if there is
    one, of its own and of that; or else the recent cases with this one among them.
    """

    merged: tuple[Change, Change] | None = None
    recent: Recent | None = None


OF_ITS_OWN = Recognised()
"""What is found of a ticket that is not to be compared."""


def recognised(
    conversation: Conversation,
    understanding: Understanding,
    *,
    tickets: Tickets,
    files: Files,
    rules: Rules,
    now: datetime,
) -> Recognised:
    """Return whether a ticket is one of its customer's recent cases.

    It is not compared if anything was answered on it, if it holds other tickets, or if its customer
    may not be shown what was said on another ticket. A ticket that is gone, closed or full takes
    none. Neither does one that has not all the files of the new one, for what a file says may be
    another case, nor an answered one if the new one tells of danger, law or death.
    """
    own = conversation.ticket
    key = own.customer.key
    if key is None or not rules.window or not _may_be_compared(conversation):
        return OF_ITS_OWN
    case = _case(conversation, understanding)
    recent = tickets.recent(key)
    candidates = {each.ticket_id: each for each in recent.roots}
    while (verdict := decide(list(candidates.values()), case, rules)).root:
        root = _root(verdict.root, tickets)
        del candidates[verdict.root]
        if root and _may_take(root.ticket, own, case, files):
            note = f"Taken for the same case as {root.ticket.id}, {_SAID[verdict.why]}."
            told = [each for each in root.messages if each.source is not Source.CUSTOMER]
            with suppress(IllegalMoveError):
                of_root, of_own = duplicate(
                    root.ticket,
                    own,
                    understanding,
                    note=note,
                    reply=told[-1] if told else None,
                    now=now,
                )
                return Recognised(merged=(of_own, of_root))
    return Recognised(recent=remembered(recent, case, rules))


def _may_be_compared(conversation: Conversation) -> bool:
    own = conversation.ticket
    known = own.customer.verified or own.channel == outbox.CHANNEL
    unanswered = all(each.source is Source.CUSTOMER for each in conversation.messages)
    return known and unanswered and not own.merged


def _case(conversation: Conversation, understanding: Understanding) -> Case:
    own = conversation.ticket
    return case_of(
        "\n".join(each.text for each in conversation.messages),
        ticket_id=own.id,
        at=own.created_at,
        entities=understanding.entities,
        goods=understanding.goods,
        meaning=understanding.meaning,
        names=[own.customer.name] if own.customer.name else [],
    )


def _root(ticket_id: str, tickets: Tickets) -> Conversation | None:
    """Return the ticket that stands for a case and, if agents merged it, the one that holds it."""
    found = tickets.conversation(ticket_id)
    if found and found.ticket.merged_into:
        return tickets.conversation(found.ticket.merged_into)
    return found


def _may_take(root: Ticket, own: Ticket, case: Case, files: Files) -> bool:
    """Tell whether a ticket may join another: nothing in it is left unread by people."""
    unseen = case.grave and not root.state.is_open
    return not unseen and not _files(own.id, files) - _files(root.id, files)


def _files(ticket_id: str, files: Files) -> set[tuple[str, int]]:
    return {(each.name, each.size) for each in files.of(ticket_id)}

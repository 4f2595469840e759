"""Whether a ticket is a case that the desk has already: what the worker asks of the recent cases.

Answers of a family are shown to each of its customers. So tickets are only compared where this
tells no one what is not theirs: the customer is verified, or wrote by mail, where what the desk
says goes to the address and never to the one who wrote.

A customer's other addresses and references count, where bonds or a lead say that they are one
customer's. A ticket that is graver than the one with its case is a ticket of its own: a duplicate
is read by no one.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk import outbox, severity
from helpdesk.belonging import Bonds, person_of
from helpdesk.cases import (
    Case,
    Recent,
    Reminding,
    Rules,
    Why,
    case_of,
    decide,
    remembered,
    said_in,
)
from helpdesk.files import Files
from helpdesk.ports import Tickets, Understander
from helpdesk.speaking import speaking
from helpdesk.ticket import (
    Change,
    Conversation,
    Customer,
    CustomerKey,
    IllegalMoveError,
    Source,
    Ticket,
    duplicate,
)
from helpdesk.triage import Understanding
from helpdesk.wording import without_courtesy

MOST_KEYS = 5
"""Addresses and references of a customer whose cases are looked at. One that belongs together with
more may be a shop's, which uses it for many customers: then only the ticket's own counts."""

WROTE_BEFORE = "again"
"""The rule of severity by which a reminder is graver than what it reminds of, and for no other
reason."""

_SAID = {
    Why.SAME_TEXT: "with the same text",
    Why.SAME_WORDS: "with much the same words",
    Why.SAME_MEANING: "which says the same in other words",
    Why.REMINDER: "of which it reminds",
}


class BondedTickets(Tickets, Protocol):
    """The tickets, and what is known of their customers' keys."""

    @property
    def bonds(self) -> Bonds:
        """The bonds and decisions."""


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
    tickets: BondedTickets,
    files: Files,
    understander: Understander,
    rules: Rules,
    now: datetime,
    scale: str = "",
) -> Recognised:
    """Return whether a ticket is one of its customer's recent cases.

    It is not compared if anything was answered on it, if it holds other tickets, or if its customer
    may not be shown what was said on another ticket. A ticket that is gone, closed or full takes
    none. Neither does one that has not all the files of the new one, for what a file says may be
    another case, nor one that is less grave by the tables of severity that `scale` changes, nor an
    answered one if the new one reminds of it, or tells of danger, law or death.
    """
    own = conversation.ticket
    key = own.customer.key
    if key is None or not rules.window or not _may_be_compared(conversation):
        return OF_ITS_OWN
    text = conversation.written
    names = [own.customer.name] if own.customer.name else []
    said = said_in(text, names)
    understood = understanding
    if said != without_courtesy(speaking(text).text, names):
        understood = understander.understand(said)
    case = case_of(
        text,
        ticket_id=own.id,
        at=own.created_at,
        entities=understanding.entities,
        goods=understanding.goods,
        meaning=understood.meaning,
        names=names,
        said=said,
    )
    recent = tickets.recent(key)
    candidates = {each.ticket_id: each for each in recent.roots}
    for other in _others(own.customer, tickets.bonds):
        found = tickets.recent(Customer.known_by(other).key or "")
        candidates |= {each.ticket_id: each for each in found.roots}
    if case.reminds is Reminding.SURE:
        candidates = dict(_unsettled(candidates, tickets))
    level = level_of(said, understood, scale)
    while (verdict := decide(list(candidates.values()), case, rules)).root:
        root, known = _root(verdict.root, tickets)
        del candidates[verdict.root]
        if root and level <= known and _may_take(root.ticket, own, case, files):
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


def _others(customer: Customer, bonds: Bonds) -> Iterable[CustomerKey]:
    """Return the other addresses and references of a customer; none if they are too many."""
    if not customer.verified:
        return ()
    own = customer.keys[0]
    person = person_of(own, bonds, most=MOST_KEYS)
    return [each for each in person.keys if each != own] if person.whole else ()


def _unsettled(candidates: dict[str, Case], tickets: Tickets) -> Iterator[tuple[str, Case]]:
    """Yield the cases to which the desk owes a reply: a customer reminds of nothing else."""
    for ticket_id, case in candidates.items():
        found = tickets.get(ticket_id)
        if found and found.merged_into:
            found = tickets.get(found.merged_into)
        if found and found.state.is_open:
            yield ticket_id, case


def level_of(said: str, understood: Understanding, scale: str = "") -> int:
    """Return the level of what a customer says now, but for having written before.

    Up to the level of a lead only words count: a reminder is seldom as calm as what it reminds of.
    A mail's subject, quotes and footers are no part of it: they make no matter graver.
    """
    tables = severity.read(scale)
    spoken = severity.of_text(said, "", tables)
    meant = severity.understood(None, said, understood, "", tables)
    findings = [each for each in (spoken.findings if spoken else ()) if each.rule != WROTE_BEFORE]
    findings += [
        each for each in (meant.findings if meant else ()) if each.level >= severity.MANAGEMENT
    ]
    return max((each.level for each in findings), default=0)


def _root(ticket_id: str, tickets: Tickets) -> tuple[Conversation | None, int]:
    """Return the ticket that stands for a case and its level.

    If agents merged it, it is the one that holds it, with the higher level of both.
    """
    found = tickets.conversation(ticket_id)
    level = found.ticket.level if found else 0
    if found and found.ticket.merged_into:
        found = tickets.conversation(found.ticket.merged_into)
        level = max(level, found.ticket.level) if found else level
    return found, level


def _may_take(root: Ticket, own: Ticket, case: Case, files: Files) -> bool:
    """Tell whether a ticket may join another: nothing in it is left unread by people."""
    unseen = case.grave and not root.state.is_open
    return not unseen and not _files(own.id, files) - _files(root.id, files)


def _files(ticket_id: str, files: Files) -> set[tuple[str, int]]:
    return {(each.name, each.size) for each in files.of(ticket_id)}

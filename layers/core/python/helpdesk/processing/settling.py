"""What the worker does with a received ticket: answer it, ask back, or hand it to people."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk import naming, ticket, tracking
from helpdesk.announcing import announced
from helpdesk.cases import Rules
from helpdesk.files import NO_FILES, Attachment, Files, weighing
from helpdesk.moving import persistently
from helpdesk.ports import (
    Articles,
    ErasedError,
    NotFoundError,
    Queue,
    QueueUnavailableError,
    Texts,
    Tickets,
    Understander,
)
from helpdesk.processing.sendable import NO_CATEGORIES, Sendable
from helpdesk.processing.triaging import triaged, weighed_by_files
from helpdesk.proposing import Propose
from helpdesk.recognising import OF_ITS_OWN, BondedTickets, recognised
from helpdesk.records import NO_RECORDS, KeptRecords
from helpdesk.ticket import Conversation, Source, State, Ticket
from helpdesk.triage import (
    Entity,
    Escalate,
    Greet,
    Policy,
    Understanding,
)

EACH_ITS_OWN = Rules(window=timedelta(0))
"""By these rules no ticket is compared with another."""

ATTEMPTS = 40
"""How often a ticket is tried: thirty of one customer may come at once."""


class Outcome(StrEnum):
    """The result of processing a ticket."""

    ANSWERED = "answered"
    ASKED = "asked"
    DUPLICATE = "duplicate"
    ESCALATED = "escalated"
    ALREADY_DONE = "already_done"
    WAITING = "waiting"
    RAISED = "raised"


def process(
    ticket_id: str,
    *,
    tickets: BondedTickets,
    articles: Articles,
    texts: Texts,
    understander: Understander,
    escalations: Queue,
    policy: Policy,
    clock: Callable[[], datetime],
    files: Files = NO_FILES,
    file_wait: timedelta = timedelta(0),
    rules: Rules = EACH_ITS_OWN,
    pause: Callable[[], None] = lambda: None,
    scale: str = "",
    propose: Propose = lambda *_: None,
    drafts: Queue | None = None,
    records: KeptRecords = NO_RECORDS,
    reviewed: frozenset[str] = NO_CATEGORIES,
) -> tuple[Outcome, Ticket]:
    """Answer a received ticket or hand it to people; leave a ticket in any other state alone.

    By the `rules`, a ticket whose case the desk has already goes to the ticket that has it, and to
    no person. `pause` is called each time another move came first.

    If the message says too little, what its `files` say counts. A ticket with files on their way is
    left as it is until the message is `file_wait` old: when a file is read, or when the reconciler
    misses it, its message comes again. What files say may raise the level of a ticket, also of one
    that was settled before, by the tables of severity that `scale` changes. Where an article needs
    it, the customer's own orders are looked up in the `records`. `reviewed` is as in `Sendable`.

    A ticket that people get has a draft from the beginning, as far as `propose` writes one. If
    there is an engine that writes better ones, the ticket goes on its queue `drafts` too; should
    that queue fail, the first draft stands.

    Raises ErasedError for an erased ticket; the caller then drops the message. Raises NotFoundError
    for an unknown id, and every error of a port; the caller then leaves the message on the queue.
    Processing a ticket again does no harm.
    """

    def attempt() -> tuple[Outcome, Ticket]:
        conversation = _received(ticket_id, tickets)
        received = conversation.ticket
        if received.state is not State.RECEIVED:
            return _late(
                received, tickets=tickets, files=files, texts=texts, scale=scale, now=clock()
            )
        country, channel = received.customer.country, received.channel
        sendable = Sendable(articles, clock(), country, channel, reviewed)
        understanding, decision = triaged(conversation, sendable, understander, policy)
        found = OF_ITS_OWN
        if not isinstance(decision, Greet):
            found = recognised(
                conversation,
                understanding,
                tickets=tickets,
                files=files,
                understander=understander,
                rules=rules,
                now=clock(),
                scale=scale,
            )
        if found.merged:
            of_own, of_root = found.merged
            of_own = ticket.with_files(of_own, weighing.all_texts(ticket_id, files), scale=scale)
            tickets.commit(of_own, also=of_root)
            return Outcome.DUPLICATE, of_own.after
        heard = understanding
        there, enough = files.of(ticket_id), weighing.says_enough(decision)
        use = weighing.use_of(there, since=received.updated_at, now=clock(), patience=file_wait)
        if use is weighing.Use.WAIT and not enough:
            return Outcome.WAITING, received
        said = weighing.texts(ticket_id, there, files)
        if not enough:
            understanding, decision = weighed_by_files(
                (understanding, decision), _asked(there, said), sendable, understander, policy
            )
        understanding = replace(
            understanding, entities=_named(heard, conversation, said, understander)
        )
        decision = tracking.tracked(
            ticket.for_people(decision, said, scale=scale),
            conversation,
            language=understanding.language,
            records=records,
            understander=understander,
            texts=texts,
        )
        settled = ticket.settle(
            received,
            understanding,
            decision,
            now=clock(),
            said=conversation.written,
            files=said,
            scale=scale,
        )
        if isinstance(decision, Escalate):
            draft = propose(conversation, understanding, decision)
            settled = ticket.with_draft(settled, draft) if draft else settled
        change = announced(settled, texts)
        tickets.commit(change, recent=found.recent)
        return Outcome(change.after.state), change.after

    outcome, after = persistently(
        attempt, exhausted=f"ticket {ticket_id} kept changing", lost=pause, attempts=ATTEMPTS
    )
    if outcome is Outcome.ESCALATED:
        escalations.send(ticket_id)
        if drafts and after.in_review:
            with suppress(QueueUnavailableError):
                drafts.send(ticket_id)
    return outcome, after


def _named(
    heard: Understanding,
    conversation: Conversation,
    said: Mapping[int, str],
    understander: Understander,
) -> tuple[Entity, ...]:
    """Return what messages and files name, each with where it stands."""
    messages = {
        each.number: each.text for each in conversation.messages if each.source is Source.CUSTOMER
    }
    of_files = {n: understander.understand(text).entities for n, text in said.items()}
    return naming.with_files(naming.located(heard.entities, messages), of_files)


def _late(
    settled: Ticket, *, tickets: Tickets, files: Files, texts: Texts, scale: str, now: datetime
) -> tuple[Outcome, Ticket]:
    """Raise the level of a settled ticket if a file that was read since then says so."""
    said = weighing.all_texts(settled.id, files)
    change = ticket.weigh(settled, said, now=now, scale=scale)
    if change is None:
        return Outcome.ALREADY_DONE, settled
    change = announced(change, texts)
    tickets.commit(change)
    again = settled.state is not change.after.state
    return Outcome.ESCALATED if again else Outcome.RAISED, change.after


def _asked(there: Collection[Attachment], said: Mapping[int, str]) -> Iterable[str]:
    """Return the texts of the files that are asked what a ticket is about."""
    return [said[number] for number in weighing.looked_at(there)]


def _received(ticket_id: str, tickets: Tickets) -> Conversation:
    """Return a ticket with the messages that matter. Raises as `process` does."""
    conversation = tickets.latest(ticket_id)
    found = conversation.ticket if conversation else None
    if found and found.state is State.RECEIVED and found.messages > 1:
        conversation = tickets.conversation(ticket_id)
    if conversation is None:
        if tickets.erased(ticket_id):
            raise ErasedError(f"ticket {ticket_id} was erased")
        raise NotFoundError(f"no ticket {ticket_id}")
    return conversation


def give_up(
    ticket_id: str,
    *,
    tickets: Tickets,
    texts: Texts,
    escalations: Queue,
    clock: Callable[[], datetime],
    files: Files = NO_FILES,
    scale: str = "",
) -> Outcome:
    """Hand a ticket that cannot be processed to people, if it is still received.

    What its `files` say may raise its level, by the tables of severity that `scale` changes.
    """
    received = tickets.get(ticket_id)
    if received is None or received.state is not State.RECEIVED:
        return Outcome.ALREADY_DONE
    change = ticket.give_up(received, now=clock())
    change = ticket.with_files(change, weighing.all_texts(ticket_id, files), scale=scale)
    tickets.commit(announced(change, texts))
    escalations.send(ticket_id)
    return Outcome.ESCALATED

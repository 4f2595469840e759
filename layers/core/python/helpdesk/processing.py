"""What the worker does with a received ticket: answer it, ask back, or hand it to people."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from helpdesk import naming, ticket, tracking
from helpdesk.announcing import announced
from helpdesk.cases import Rules
from helpdesk.considering import considered
from helpdesk.denying import undenied
from helpdesk.files import Attachment, Files, NoFiles, weighing
from helpdesk.knowledge import Article, as_sent
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
from helpdesk.proposing import Propose
from helpdesk.recognising import OF_ITS_OWN, BondedTickets, recognised
from helpdesk.records import NO_RECORDS, KeptRecords
from helpdesk.speaking import speaking
from helpdesk.ticket import Conversation, Message, Source, State, Ticket
from helpdesk.triage import (
    UNKNOWN_LANGUAGE,
    Answer,
    Decision,
    Entity,
    Escalate,
    Greet,
    Policy,
    Reason,
    Understanding,
    carry_out,
    chosen,
)

NO_FILES = NoFiles()
NOTHING_SAID: Mapping[int, str] = MappingProxyType({})

NO_CATEGORIES: frozenset[str] = frozenset()

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


@dataclass(frozen=True, slots=True)
class Sendable:
    """The articles as a customer of a country may get them on a channel at a moment.

    An article that may not be sent, for its dates or for a variable without a fact, is there as one
    that is not automatic: people answer its questions. Articles of the `reviewed` categories, which
    are casefolded, go to review unless a person gets their questions in any case.
    """

    articles: Articles
    now: datetime
    country: str | None = None
    channel: str | None = None
    reviewed: frozenset[str] = NO_CATEGORIES
    _seen: dict[str, Article | None] = field(default_factory=dict)

    def get(self, intent: str) -> Article | None:
        """Return an article with its variables filled. Each is read once."""
        if intent not in self._seen:
            self._seen[intent] = self._read(intent)
        return self._seen[intent]

    def _read(self, intent: str) -> Article | None:
        if (article := self.articles.get(intent)) is None:
            return None
        sent = as_sent(article, self.articles.facts, self.now, self.country, self.channel)
        if sent is None:
            return replace(article, automatic=False, needs_person=False, review=False)
        if sent.category.casefold() in self.reviewed and not sent.needs_person:
            return replace(sent, review=True)
        return sent


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
        understanding, decision = _triaged(conversation, sendable, understander, policy)
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
            tickets.commit(of_own, also=of_root)
            return Outcome.DUPLICATE, of_own.after
        heard = understanding
        there, enough = files.of(ticket_id), weighing.says_enough(decision)
        use = weighing.use_of(there, since=received.updated_at, now=clock(), patience=file_wait)
        if use is weighing.Use.WAIT and not enough:
            return Outcome.WAITING, received
        said = _texts(ticket_id, there, files)
        if not enough:
            understanding, decision = _weighed(
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


def _texts(ticket_id: str, there: Collection[Attachment], files: Files) -> dict[int, str]:
    """Return what the files that can be read say, by their numbers."""
    readable = (each.number for each in weighing.readable(there))
    return {number: files.text(ticket_id, number)[: ticket.MAX_TEXT] for number in readable}


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
    said = _texts(settled.id, files.of(settled.id), files)
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


def _triaged(
    conversation: Conversation, articles: Sendable, understander: Understander, policy: Policy
) -> tuple[Understanding, Decision]:
    """Decide on what the customer said since the last reply, together with what was said before.

    If the desk offered choices, a reply may name one of them. If a message is not clear by itself,
    it is understood together with the question before it. The desk does not send the same answer
    twice; a person gets the ticket instead. Courtesy beside a question does not blur it.
    """
    received, said = conversation.ticket, conversation.messages
    names = [name for name in (received.customer.name, received.assignee) if name]
    replies = [n for n, each in enumerate(said) if each.source is not Source.CUSTOMER]
    latest = said[replies[-1] + 1 :] if replies else said
    text = "\n".join(message.text for message in latest)

    def consider(
        what: str, *, may_ask: bool, in_parts: bool = True
    ) -> tuple[Understanding, Decision]:
        return considered(
            what,
            articles=articles.get,
            understander=understander,
            policy=policy,
            names=names,
            may_ask=may_ask,
            in_parts=in_parts,
        )

    understanding, decision = consider(text, may_ask=not received.asked)
    if number := tracking.taken_up(text, decision, conversation, articles.get):
        return understanding, number
    if taken := _chosen(text, received, articles):
        return understanding, _unrepeated(taken, said)
    if replies and not isinstance(decision, Answer | Greet):
        found = consider(conversation.written, may_ask=False, in_parts=False)
        if isinstance(undenied(found[1], text, understander), Answer):
            understanding, decision = found
    return understanding, _unrepeated(decision, said)


def _weighed(
    of_message: tuple[Understanding, Decision],
    texts: Iterable[str],
    articles: Sendable,
    understander: Understander,
    policy: Policy,
) -> tuple[Understanding, Decision]:
    """Decide on a message that says too little in the light of the first file that says more.

    Mood and language stay those of the message: the customer need not have written the file.
    """
    understanding, decision = of_message
    if not isinstance(decision, Escalate):
        return of_message
    for text in texts:
        in_file, of_file = considered(
            text,
            articles=articles.get,
            understander=understander,
            policy=policy,
            may_ask=False,
            in_parts=False,
        )
        if (weighed := weighing.weighed(decision, of_file)) != decision:
            spoken = understanding.language
            language = in_file.language if spoken == UNKNOWN_LANGUAGE else spoken
            mood = understanding.sentiment
            return replace(in_file, language=language, sentiment=mood), weighed
    return of_message


def _unrepeated(decision: Decision, said: Sequence[Message]) -> Decision:
    """Return a decision, or leave to a person what would send an answer that was sent before."""
    if not isinstance(decision, Answer):
        return decision
    for article in decision.articles:
        same = (each.intent for each in said if article.needs is None)
        if article.intent in same or any(article.answer in each.text for each in said):
            return Escalate(Reason.REPEATED, likely=article)
    return decision


def _chosen(text: str, received: Ticket, articles: Sendable) -> Decision | None:
    """Return what follows from the customer's choice; None if there was none, or not any more.

    A choice of which an article has vanished meanwhile is none: its numbers mean nothing now.
    """
    offered = [found for intent in received.choices if (found := articles.get(intent))]
    if not offered or tuple(article.intent for article in offered) != received.choices:
        return None
    number = chosen(speaking(text).text, [article.title for article in offered])
    if number is None:
        return None
    return carry_out(offered[number - 1]) if number <= len(offered) else Escalate(Reason.AMBIGUOUS)


def predict(
    text: str,
    *,
    articles: Articles,
    understander: Understander,
    policy: Policy,
    now: datetime,
    files: Mapping[int, str] = NOTHING_SAID,
    scale: str = "",
    before: str = "",
    reviewed: frozenset[str] = NO_CATEGORIES,
) -> tuple[Understanding, Decision]:
    """Return what a text means and what the desk would decide; nothing is stored or sent.

    `files` are the texts of files by their numbers: they count as those of a ticket do. `before` is
    what the same customer said before the last reply: it helps a text that is not clear by itself.
    `reviewed` is as in `Sendable`.
    """
    sendable = Sendable(articles, now, reviewed=reviewed)
    consider = partial(considered, articles=sendable.get, understander=understander, policy=policy)
    heard, decision = consider(text)
    if before and not isinstance(decision, Answer | Greet):
        found = consider(f"{before}\n{text}", may_ask=False, in_parts=False)
        if isinstance(undenied(found[1], text, understander), Answer):
            heard, decision = found
    if not files:
        return heard, decision
    understanding = heard
    if not weighing.says_enough(decision):
        asked = [files[number] for number in sorted(files)[: weighing.MOST_LOOKED_AT]]
        understanding, decision = _weighed((heard, decision), asked, sendable, understander, policy)
    of_files = {n: understander.understand(said).entities for n, said in sorted(files.items())}
    named = naming.with_files(naming.located(heard.entities, {1: text}), of_files)
    decision = ticket.for_people(decision, files, scale=scale)
    return replace(understanding, entities=named), decision


def give_up(
    ticket_id: str,
    *,
    tickets: Tickets,
    texts: Texts,
    escalations: Queue,
    clock: Callable[[], datetime],
) -> Outcome:
    """Hand a ticket that cannot be processed to people, if it is still received."""
    received = tickets.get(ticket_id)
    if received is None or received.state is not State.RECEIVED:
        return Outcome.ALREADY_DONE
    tickets.commit(announced(ticket.give_up(received, now=clock()), texts))
    escalations.send(ticket_id)
    return Outcome.ESCALATED

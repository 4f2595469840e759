"""The desk's ports in memory, for tests that need no AWS.

They sit the same exam as the AWS adapters: `integration/test_ports.py` runs over both, and mypy
holds them against the Protocols.
"""

import functools
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from helpdesk import belonging, customers, figures, processing, reconciling, stats
from helpdesk.access import IdempotencyKey
from helpdesk.agents import (
    Arranger,
    Count,
    Dossier,
    Entry,
    EscalationQueue,
    Exactness,
    Part,
    Positions,
    Received,
    RepliesAndArticles,
    TicketLists,
)
from helpdesk.belonging import Bond, Decision, Tie
from helpdesk.cases import Recent, Rules
from helpdesk.customers import Question, Receipt, Terms
from helpdesk.drafting import Draft
from helpdesk.erasure import ErasableTickets, Erasure
from helpdesk.evidence import Evidence
from helpdesk.figures import Figures, Shelf
from helpdesk.files import NO_FILES, Announcing, Expected, Files
from helpdesk.knowledge import Article, Facts, Text, shipped
from helpdesk.mail import ThreadEntry
from helpdesk.ports import (
    ConflictError,
    Letter,
    QueueName,
    QueueUnavailableError,
    Remembered,
    Repeat,
    Submission,
    Understander,
)
from helpdesk.processing import Outcome
from helpdesk.proposing import Proposer
from helpdesk.receiving import Held, Mailbox, Threads
from helpdesk.reconciling import Overdue, OverdueTickets
from helpdesk.records import NO_RECORDS, KeptRecords
from helpdesk.repeating import UNGUARDED, Guard
from helpdesk.stats import Happening
from helpdesk.ticket import (
    Agent,
    Await,
    Awaiting,
    Change,
    Conversation,
    Customer,
    CustomerKey,
    Event,
    Listing,
    Message,
    Role,
    Ticket,
    awaits,
    place,
)
from helpdesk.triage import Policy, RankedIntent, Understanding

from tests.figured import InMemoryFigures
from tests.filed import InMemoryRegister
from tests.notices import InMemoryNotices
from tests.outboxes import InMemoryOutbox

ADA, BOB, CAROL = Agent("ada"), Agent("bob"), Agent("carol")
ADAS = Customer(email="ada@example.com")
LEAD = Agent("lena", frozenset({Role.AGENT, Role.LEAD}))
AUDITOR = Agent("otto", frozenset({Role.AUDITOR}))
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=2)
MAX_RECEIVES = 5


class Clock:
    """Stands still until told otherwise; `sleep` passes the time at once."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(slots=True)
class _File:
    ticket: Ticket
    awaits: dict[Awaiting, datetime] = field(default_factory=dict)
    nudges: Counter[Awaiting] = field(default_factory=Counter)
    messages: list[Message] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    drafts: dict[int, Draft] = field(default_factory=dict)
    repeats: list[tuple[datetime, Repeat]] = field(default_factory=list)


class InMemoryBonds:
    """Bonds and decisions in dictionaries."""

    def __init__(self) -> None:
        self.bonds: dict[tuple[CustomerKey, CustomerKey], Bond] = {}
        self.all_decisions: list[Decision] = []

    def of(self, key: CustomerKey) -> list[Bond]:
        return [_seen_from(key, each) for pair, each in self.bonds.items() if key in pair]

    def decisions(self, key: CustomerKey) -> list[Decision]:
        about = [each for each in self.all_decisions if key in {each.one, each.other}]
        return [_seen_from(key, each) for each in about]

    def note(self, bonds: Iterable[Bond], *, needed_until: datetime) -> None:
        for bond in bonds:
            stored = self.bonds.get((bond.one, bond.other))
            if stored is None or stored.expires_at < needed_until:
                self.bonds[bond.one, bond.other] = bond

    def decide(self, decision: Decision) -> None:
        self.all_decisions.append(decision)

    def remove(self, ties: Iterable[Tie]) -> None:
        for tie in ties:
            pairs = {(tie.one, tie.other), (tie.other, tie.one)}
            if isinstance(tie, Bond):
                self.bonds = {pair: b for pair, b in self.bonds.items() if pair not in pairs}
            else:
                self.all_decisions = [
                    each
                    for each in self.all_decisions
                    if (each.one, each.other) not in pairs or each.at != tie.at
                ]


def _seen_from[T: (Bond, Decision)](key: CustomerKey, tie: T) -> T:
    return tie if tie.one == key else replace(tie, one=tie.other, other=tie.one)


class InMemoryTickets:
    """Tickets in a dictionary; one lock makes every commit whole or not at all."""

    def __init__(
        self,
        *,
        patience: timedelta = PATIENCE,
        rule: Callable[[Ticket, timedelta], tuple[Await, ...]] = awaits,
        to: InMemoryOutbox | None = None,
        notices: InMemoryNotices | None = None,
    ) -> None:
        self.outbox = to or InMemoryOutbox()
        self.notices = notices or InMemoryNotices()
        self.register = InMemoryRegister()
        self._patience = patience
        self._rule = rule
        self._files: dict[str, _File] = {}
        self._submissions: dict[str, Submission] = {}
        self.taken: dict[str, str | None] = {}
        self.quarantine: dict[str, Held] = {}
        self.letters: dict[str, tuple[str, Letter]] = {}
        self.bonds = InMemoryBonds()
        self.erasures: dict[str, Erasure] = {}
        self.recent_cases: dict[str, Recent] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._files)

    def commit(
        self,
        change: Change,
        remembered: Remembered | None = None,
        *,
        also: Change | None = None,
        expected: Collection[Expected] = (),
        recent: Recent | None = None,
    ) -> None:
        changes = [change, also] if also else [change]
        for each in changes:
            if each.before is None:
                self.bonds.note(belonging.shown_by(each.after), needed_until=each.after.expires_at)
        with self._lock:
            for each in changes:
                self._expect_unmoved(each)
            if recent and self.recent(recent.key).version != recent.before:
                raise ConflictError("the recent cases were changed")
            self.register.check(expected)
            if recent:
                self.recent_cases[recent.key] = recent
            self._remember(change.after, remembered)
            self.register.expect(expected)
            for each in changes:
                self._file(each)
            letter = remembered if isinstance(remembered, Letter) else None
            self.outbox.store(change, letter)
            if also:
                self.outbox.store(also)
            for each in changes:
                self.notices.store(each)
            if isinstance(remembered, Repeat):
                self._files[change.after.id].repeats.append((change.event.at, remembered))

    def _expect_unmoved(self, change: Change) -> None:
        filed = self._files.get(change.after.id)
        stored = filed.ticket.version if filed else None
        if stored != (change.before.version if change.before else None):
            raise ConflictError(f"ticket {change.after.id} was changed by someone else first")

    def _remember(self, after: Ticket, remembered: Remembered | None) -> None:
        if isinstance(remembered, Submission):
            taken = self._submissions.get(remembered.key_id)
            if taken and after.created_at < taken.expires_at:
                raise ConflictError("the key is taken")
            self._submissions[remembered.key_id] = remembered
        elif isinstance(remembered, Letter):
            held = remembered.key in self.quarantine
            if held if remembered.held_at is None else not held:
                raise ConflictError("the mail was taken before")
            if remembered.held_at is None and remembered.key in self.taken:
                raise ConflictError("the mail was taken before")
            self.quarantine.pop(remembered.key, None)
            self.taken[remembered.key] = after.id
            self.letters[remembered.key] = (after.id, remembered)

    def _file(self, change: Change) -> None:
        after = change.after
        filed = self._files.setdefault(after.id, _File(after))
        filed.ticket = after
        filed.awaits = {each.what: each.due for each in self._rule(after, self._patience)}
        filed.nudges = Counter()
        filed.messages += change.messages
        filed.changes.append(change)
        if change.draft:
            filed.drafts[change.draft.number] = change.draft

    def recent(self, key: str) -> Recent:
        return self.recent_cases.get(key) or Recent(key=key)

    def repeat(self, ticket_id: str, key_id: str, since: datetime) -> Repeat | None:
        filed = self._files.get(ticket_id)
        found = filed.repeats if filed else []
        return next((each for at, each in found if each.key_id == key_id and at >= since), None)

    def erased(self, ticket_id: str) -> bool:
        return ticket_id in self.erasures

    def erased_with(self, ticket_id: str, key_id: str) -> bool:
        record = self.erasures.get(ticket_id)
        return record is not None and record.key_id == key_id

    def erase(self, ticket: Ticket, erasure: Erasure) -> None:
        with self._lock:
            filed = self._files.get(ticket.id)
            if filed is None or filed.ticket.version != ticket.version:
                raise ConflictError(f"ticket {ticket.id} changed meanwhile")
            del self._files[ticket.id]
            self.outbox.forget(ticket.id)
            self.notices.forget(ticket.id)
            self.register.forget(ticket.id)
            self.bonds.remove(erasure.ties)
            self.recent_cases.pop(ticket.customer.key or "", None)
            self.erasures[ticket.id] = erasure
            self.letters = {key: each for key, each in self.letters.items() if each[0] != ticket.id}
            self._submissions = {
                key: each for key, each in self._submissions.items() if each.ticket_id != ticket.id
            }

    def forget(self, keys: Iterable[CustomerKey]) -> None:
        """Analyses are not kept in memory."""

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        found = self._submissions.get(key_id)
        return found if found and now < found.expires_at else None

    def get(self, ticket_id: str) -> Ticket | None:
        filed = self._files.get(ticket_id)
        return filed.ticket if filed else None

    def latest(self, ticket_id: str) -> Conversation | None:
        filed = self._files.get(ticket_id)
        return Conversation(filed.ticket, tuple(filed.messages[-1:])) if filed else None

    def conversation(self, ticket_id: str, *, latest: bool = True) -> Conversation | None:
        filed = self._files.get(ticket_id)
        return Conversation(filed.ticket, tuple(filed.messages)) if filed else None

    def draft(self, ticket_id: str, number: int) -> Draft | None:
        filed = self._files.get(ticket_id)
        return filed.drafts.get(number) if filed else None

    def events(self, ticket_id: str) -> tuple[Event, ...]:
        filed = self._files.get(ticket_id)
        return tuple(change.event for change in filed.changes) if filed else ()

    def listed(self, listing: Listing, day: date | None = None) -> list[Ticket]:
        placed = [(place(filed.ticket), filed.ticket) for filed in list(self._files.values())]
        found = [each for each in placed if (each[0].listing, each[0].day) == (listing, day)]
        found.sort(key=lambda each: each[0].order, reverse=day is not None)
        return [ticket for _, ticket in found]

    def entries(self, part: Part, after: Positions, wanted: int) -> Iterator[Entry]:
        newest_first = part.day is not None
        begin = (after["order"], after["id"]) if after else None
        placed = [
            ((place(each).order.isoformat(timespec="microseconds"), each.id), each)
            for listing in part.listings
            for each in self.listed(listing, part.day)
        ]
        placed.sort(key=lambda pair: pair[0], reverse=newest_first)
        for stands, each in placed:
            if begin is None or (stands < begin if newest_first else stands > begin):
                yield Entry(each, dict(zip(("order", "id"), stands, strict=True)))

    def count(self, part: Part, up_to: int) -> Count:
        number = sum(len(self.listed(listing, part.day)) for listing in part.listings)
        if number < up_to:
            return Count(number, Exactness.AT_MOST if part.day else Exactness.EXACTLY)
        return Count(0 if part.day else up_to, Exactness.AT_LEAST)

    def of_customer(self, customer: Customer, *, until: datetime | None = None) -> list[Ticket]:
        tickets = (filed.ticket for filed in list(self._files.values()))
        found = [
            each
            for each in tickets
            if customer.key
            and each.customer.key == customer.key
            and (until is None or each.created_at <= until)
        ]
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    def happened(self, since: datetime, until: datetime) -> tuple[Happening, ...]:
        seen = (
            stats.happening(each) for filed in list(self._files.values()) for each in filed.changes
        )
        found = [each for each in seen if since <= each.at < until]
        return tuple(sorted(found, key=lambda each: (each.at, each.ticket_id, each.number)))

    def found(self, ids: Collection[str]) -> dict[str, Ticket]:
        return {each: filed.ticket for each in ids if (filed := self._files.get(each))}

    def happenings(self, since: datetime, until: datetime) -> tuple[Happening, ...]:
        return self.happened(since, until)

    def overdue(self, awaiting: Awaiting, now: datetime) -> list[Overdue]:
        late = [
            Overdue(filed.ticket, awaiting, filed.awaits[awaiting], filed.nudges[awaiting])
            for filed in list(self._files.values())
            if awaiting in filed.awaits and filed.awaits[awaiting] <= now
        ]
        return sorted(late, key=lambda each: each.due)

    def oldest(self, listing: Listing) -> datetime | None:
        return min((each.urgency.since for each in self.listed(listing)), default=None)

    def waiting(self, awaiting: Awaiting) -> int:
        return sum(awaiting in filed.awaits for filed in list(self._files.values()))

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        with self._lock:
            filed = self._files.get(overdue.ticket.id)
            seen = (overdue.ticket.version, overdue.nudges)
            if filed is None or (filed.ticket.version, filed.nudges[overdue.awaiting]) != seen:
                raise ConflictError(f"ticket {overdue.ticket.id} changed meanwhile")
            filed.awaits[overdue.awaiting] = now + self._patience
            filed.nudges[overdue.awaiting] += 1


class InMemoryMailbox:
    """What became of mails, and which tickets they belong to, beside tickets in memory."""

    def __init__(self, tickets: InMemoryTickets) -> None:
        self._tickets = tickets

    def find(self, message_ids: Collection[str]) -> dict[str, ThreadEntry]:
        came = {
            letter.message_id: ThreadEntry(ticket_id)
            for ticket_id, letter in self._tickets.letters.values()
            if letter.indexed and letter.message_id and letter.message_id in message_ids
        }
        left = {
            mail.sent_as: ThreadEntry(mail.ticket_id)
            for mail in self._tickets.outbox.mails.values()
            if mail.sent_as and mail.sent_as in message_ids
        }
        return came | left

    def taken(self, key: str) -> bool:
        return key in self._tickets.taken

    def placed(self, key: str) -> str | None:
        return self._tickets.taken.get(key)

    def hold(self, held: Held) -> None:
        if self.taken(held.key):
            raise ConflictError("the mail was taken before")
        self._tickets.taken[held.key] = None
        self._tickets.quarantine[held.key] = held

    def held(self, day: date) -> list[Held]:
        every = self._tickets.quarantine.values()
        found = [each for each in every if each.at.astimezone(UTC).date() == day]
        return sorted(found, key=lambda each: each.at, reverse=True)

    def held_as(self, key: str) -> Held | None:
        return self._tickets.quarantine.get(key)

    def forget(self, held: Held) -> None:
        self._tickets.quarantine.pop(held.key, None)


@dataclass(slots=True)
class _Parcel:
    ticket_id: str
    visible_at: datetime
    receipt: str = ""
    receives: int = 0


class InMemoryQueue:
    """A queue whose hidden messages come back by the clock. While `down` it takes none."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._parcels: list[_Parcel] = []
        self._receipts = count(1)
        self._lock = threading.Lock()
        self.down = False

    @property
    def ticket_ids(self) -> list[str]:
        """What is on the queue, hidden or not."""
        return [parcel.ticket_id for parcel in self._parcels]

    def send(self, ticket_id: str) -> None:
        if self.down:
            raise QueueUnavailableError("the queue is down")
        self._parcels.append(_Parcel(ticket_id, self._clock()))

    def receive(self, hidden: timedelta) -> Received | None:
        now = self._clock()
        with self._lock:
            for parcel in self._parcels:
                if parcel.visible_at <= now:
                    parcel.visible_at = now + hidden
                    parcel.receives += 1
                    parcel.receipt = f"receipt-{next(self._receipts)}"
                    return Received(parcel.ticket_id, parcel.receipt)
        return None

    def receives(self, receipt: str) -> int:
        """Count how often the message of a receipt was received."""
        return next(parcel.receives for parcel in self._parcels if parcel.receipt == receipt)

    def delete(self, receipt: str) -> None:
        with self._lock:
            self._parcels = [parcel for parcel in self._parcels if parcel.receipt != receipt]

    def put_back(self, receipt: str) -> None:
        self.hide(receipt, timedelta(0))

    def hide(self, receipt: str, hidden: timedelta) -> None:
        for parcel in self._parcels:
            if parcel.receipt == receipt:
                parcel.visible_at = self._clock() + hidden

    def depth(self) -> int:
        return len(self._parcels)

    def lose_everything(self) -> None:
        self._parcels.clear()


class InMemoryArticles:
    """Articles in a dictionary; `reads` counts the look-ups."""

    def __init__(self, *articles: Article) -> None:
        self._articles = {article.intent: article for article in articles}
        self._facts = Facts()
        self.reads = 0

    def get(self, intent: str) -> Article | None:
        self.reads += 1
        return self._articles.get(intent)

    def all(self) -> tuple[Article, ...]:
        return tuple(article for _, article in sorted(self._articles.items()))

    def facts(self, names: Collection[str] = ()) -> Facts:
        return self._facts

    def state(self, facts: Facts, *, instead_of: Facts) -> None:
        assert instead_of == self._facts
        self._facts = facts

    def put(self, article: Article) -> None:
        self._articles[article.intent] = article

    def remove(self, intent: str) -> None:
        self._articles.pop(intent, None)

    def canned(self) -> dict[str, str]:
        return {}


class InMemoryTexts:
    """Texts in a dictionary; `reads` counts the look-ups."""

    def __init__(self, *texts: Text) -> None:
        self._versions: dict[tuple[str, str], list[Text]] = {}
        self.reads = 0
        for each in texts:
            self.put_text(each)

    def text(self, name: str, language: str) -> Text | None:
        self.reads += 1
        return self._versions.get((name, language), [None])[-1]

    def texts(self) -> list[Text]:
        return [versions[-1] for _, versions in sorted(self._versions.items())]

    def text_history(self, name: str, language: str) -> tuple[Text, ...]:
        return tuple(self._versions.get((name, language), ()))

    def put_text(self, text: Text) -> None:
        versions = self._versions.setdefault((text.name, text.language), [])
        if (versions[-1].version if versions else 0) != text.version - 1:
            raise ConflictError(f"another lead wrote the text {text.name} meanwhile")
        versions.append(text)


class InMemoryRoster:
    """The roster in a dictionary."""

    def __init__(self, *agents: Agent) -> None:
        self._agents = {agent.name: agent for agent in agents}

    def agent(self, name: str) -> Agent | None:
        return self._agents.get(name)

    def agents(self) -> tuple[Agent, ...]:
        return tuple(agent for _, agent in sorted(self._agents.items()))

    def put_agent(self, agent: Agent) -> None:
        self._agents[agent.name] = agent

    def remove_agent(self, name: str) -> None:
        self._agents.pop(name, None)


class ScriptedUnderstander:
    """Understands the texts of its script; raises what the script says; the rest is strange to it.

    `texts` lists what it was asked.
    """

    def __init__(self, script: Mapping[str, Understanding | Exception] | None = None) -> None:
        self.script = dict(script or {})
        self.texts: list[str] = []

    def understand(self, text: str) -> Understanding:
        self.texts.append(text)
        understood = self.script.get(text, STRANGE)
        if isinstance(understood, Exception):
            raise understood
        return understood


def an_article(intent: str = "refund", **changes: Any) -> Article:
    """Return a valid article."""
    article = Article(
        intent=intent,
        title=intent.replace("_", " "),
        answer=f"This is what we say about {intent.replace('_', ' ')}.",
        utterances=(f"i have a question about {intent.replace('_', ' ')}",),
        category="orders",
        department="orders",
    )
    return replace(article, **changes)


def an_understanding(*ranking: tuple[str, float], **changes: Any) -> Understanding:
    """Return an English, neutral, in-scope understanding with intents that need 0.5."""
    understanding = Understanding(
        ranking=tuple(RankedIntent(name, probability, 0.5) for name, probability in ranking),
        scope=0.75,
        scope_required=0.5,
        language="en",
        sentiment=0.0,
        entities=(),
        model="scripted",
    )
    return replace(understanding, **changes)


def announced(ticket: Ticket, due: str = "2026-03-03 02:00 UTC") -> str:
    """Return what a customer is told of a hand-over, as the product brings it, with a due time."""
    return shipped()[str(ticket.reason)].replace("{due}", due)


STRANGE = an_understanding(("refund", 0.9), scope=0.0)
"""What is made of a text about something the desk does not know."""

KNOWN = "I want my money back"
UNKNOWN = "do you sell gift wrapping"
WANTS_PERSON = "I want to talk to a human about this"
POISON = "this breaks the model"


@dataclass(kw_only=True)
class Office:
    """A whole desk in memory, with the drivers that AWS brings: the poller and the schedule."""

    clock: Clock
    tickets: InMemoryTickets
    intake: InMemoryQueue
    escalations: InMemoryQueue
    articles: InMemoryArticles
    understander: ScriptedUnderstander
    desk_texts: InMemoryTexts = field(default_factory=InMemoryTexts)
    terms: Terms = field(
        default_factory=lambda: Terms(token_life=timedelta(days=90), retention=timedelta(days=400))
    )
    policy: Policy = field(default_factory=Policy)
    rules: Rules = processing.EACH_ITS_OWN
    reviewed: frozenset[str] = processing.NO_CATEGORIES
    files: Files = NO_FILES
    shelf: Shelf = field(default_factory=InMemoryFigures)
    evidence: Evidence | None = None
    records: KeptRecords = NO_RECORDS

    @classmethod
    def open(cls) -> Self:
        """Return a desk that knows `KNOWN` and `WANTS_PERSON`, and fails at `POISON`."""
        clock, tickets = Clock(), InMemoryTickets()
        person = an_article("speak_to_human", needs_person=True)
        return cls(
            clock=clock,
            tickets=tickets,
            intake=InMemoryQueue(clock),
            escalations=InMemoryQueue(clock),
            articles=InMemoryArticles(an_article("refund"), person),
            understander=ScriptedUnderstander(
                {
                    KNOWN: an_understanding(("refund", 0.9), ("cancel_order", 0.05)),
                    WANTS_PERSON: an_understanding(("speak_to_human", 0.9)),
                    POISON: RuntimeError("the model broke"),
                }
            ),
            files=tickets.register,
        )

    def guarded_by(self, fuse: "Fuse") -> Self:
        """Return the same desk with every port behind the fuse."""
        ports = (
            "tickets",
            "intake",
            "escalations",
            "articles",
            "understander",
            "desk_texts",
            "shelf",
        )
        return replace(self, **{name: fuse.guard(getattr(self, name)) for name in ports})

    def submit(
        self,
        text: str = KNOWN,
        *,
        key: IdempotencyKey | None = None,
        customer: Customer = ADAS,
    ) -> Receipt:
        return customers.submit(
            Question(text=text, customer=customer, channel="web"),
            key=key,
            tickets=self.tickets,
            intake=self.intake,
            terms=self.terms,
            now=self.clock(),
        )

    def follow_up(self, receipt: Receipt, text: str, guard: Guard = UNGUARDED) -> Ticket:
        customers.follow_up(
            receipt.ticket_id,
            receipt.token,
            text,
            guard=guard,
            tickets=self.tickets,
            intake=self.intake,
            escalations=self.escalations,
            texts=self.desk_texts,
            now=self.clock(),
        )
        return self.ticket(receipt.ticket_id)

    def rate(
        self,
        receipt: Receipt,
        *,
        helpful: bool = False,
        comment: str | None = None,
        guard: Guard = UNGUARDED,
    ) -> Ticket:
        customers.rate(
            receipt.ticket_id,
            receipt.token,
            helpful=helpful,
            comment=comment,
            guard=guard,
            tickets=self.tickets,
            escalations=self.escalations,
            texts=self.desk_texts,
            now=self.clock(),
        )
        return self.ticket(receipt.ticket_id)

    def withdraw(self, receipt: Receipt, guard: Guard = UNGUARDED) -> Ticket:
        customers.withdraw(
            receipt.ticket_id, receipt.token, guard=guard, tickets=self.tickets, now=self.clock()
        )
        return self.ticket(receipt.ticket_id)

    def process(self, ticket_id: str) -> tuple[Outcome, Ticket]:
        return processing.process(
            ticket_id,
            tickets=self.tickets,
            articles=self.articles,
            texts=self.desk_texts,
            understander=self.understander,
            escalations=self.escalations,
            policy=self.policy,
            clock=self.clock,
            files=self.files,
            rules=self.rules,
            propose=self.propose,
            records=self.records,
            reviewed=self.reviewed,
        )

    def propose(self, *of: Any) -> Draft | None:
        if self.evidence is None:
            return None
        return Proposer(self.evidence, self.articles, self.clock)(*of)

    def give_up(self, ticket_id: str) -> Outcome:
        return processing.give_up(
            ticket_id,
            tickets=self.tickets,
            texts=self.desk_texts,
            escalations=self.escalations,
            clock=self.clock,
            files=self.files,
        )

    def work_off(self) -> None:
        """Process what is visible on the intake queue, once each, as SQS and the worker do."""
        while received := self.intake.receive(timedelta(minutes=3)):
            try:
                self.process(received.ticket_id)
            except Exception:
                if self.intake.receives(received.receipt) >= MAX_RECEIVES:
                    self.give_up(received.ticket_id)
                    self.intake.delete(received.receipt)
            else:
                self.intake.delete(received.receipt)

    def at_work(self, agent: str = "ada") -> Arranger:
        return Arranger(
            agent=Agent(agent),
            tickets=self.tickets,
            escalations=self.escalations,
            articles=self.articles,
            clock=self.clock,
        )

    def take_next(self, agent: str = "ada") -> Dossier | None:
        return self.at_work(agent).take_next()

    def reply(
        self, ticket_id: str, text: str = "Done.", agent: str = "ada", *, fence: int | None = None
    ) -> Ticket:
        return self.at_work(agent).reply(ticket_id, text, fence=fence)

    def release(self, ticket_id: str, agent: str = "ada") -> Ticket:
        return self.at_work(agent).release(ticket_id)

    def reconcile(self) -> reconciling.Reconciliation:
        found = reconciling.reconcile(
            tickets=self.tickets,
            texts=self.desk_texts,
            queues={QueueName.INTAKE: self.intake, QueueName.ESCALATION: self.escalations},
            clock=self.clock,
            files=self.files,
        )
        figures.keep(days=self.shelf, events=self.tickets, clock=self.clock)
        return found

    def figures(self, days: int = 90) -> Figures:
        return figures.figures(days, shelf=self.shelf, found=self.tickets.found, now=self.clock())

    def ticket(self, ticket_id: str) -> Ticket:
        """Return a ticket that must exist."""
        found = self.tickets.get(ticket_id)
        assert found is not None
        return found

    def texts(self, ticket_id: str) -> list[str]:
        """Return everything said on a ticket that must exist."""
        found = self.tickets.conversation(ticket_id)
        assert found is not None
        return [message.text for message in found.messages]


class Crash(BaseException):
    """The process died."""


def die(call: str) -> None:
    """Let the process die at a call."""
    raise Crash(call)


class Fuse:
    """Blows once, at the `at`-th call of any port it guards: before the call, or after it.

    What happens then is up to `blow`, which is told of the call and may raise.
    """

    def __init__(self, at: int, *, after: bool, blow: Callable[[str], None] = die) -> None:
        self._left = at
        self._after = after
        self._blow = blow
        self.blown = False

    def guard(self, port: object) -> Any:
        """Return the port with its methods behind the fuse."""
        return _Guarded(port, self)

    def call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method of a guarded port."""
        self._left -= 1
        blows = self._left == 0
        self.blown = self.blown or blows
        if blows and not self._after:
            self._blow(f"before {method.__qualname__}")
        result = method(*args, **kwargs)
        if blows and self._after:
            self._blow(f"after {method.__qualname__}")
        return result


class _Guarded:
    def __init__(self, port: object, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if callable(found):
            return functools.partial(self._fuse.call, found)
        return _Guarded(found, self._fuse)


if TYPE_CHECKING:  # mypy holds the fakes against the Protocols
    from helpdesk.curation import TextShelf
    from helpdesk.roster import Roster

    def _fill_the_ports(  # noqa: PLR0917 -- one of each
        tickets: InMemoryTickets,
        queue: InMemoryQueue,
        articles: InMemoryArticles,
        understander: ScriptedUnderstander,
        roster: InMemoryRoster,
        texts: InMemoryTexts,
        mailbox: InMemoryMailbox,
    ) -> tuple[
        Announcing,
        TicketLists,
        OverdueTickets,
        ErasableTickets,
        EscalationQueue,
        RepliesAndArticles,
        Understander,
        Roster,
        TextShelf,
        Threads,
        Mailbox,
    ]:
        desk = (tickets, tickets, tickets, tickets, queue, articles, understander, roster, texts)
        return (*desk, mailbox, mailbox)

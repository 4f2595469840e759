"""Random lives of tickets: everybody at once, processes that die, calls that fail, lost messages.

`Lives` is a Hypothesis state machine. It drives the use cases and the worker's own handler over
whatever ports a `World` brings: the ones in memory, or AWS in the process. A step may be given a
`Trouble`: at its n-th call of any port, before or after the call, the process dies, the call fails,
or somebody else acts. When a life is over, the desk is left alone for as long as the reconciler
promises to need, then agents work off what waits. `BrokenPromiseError` names what was broken.
"""

import importlib.util
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ReadTimeoutError
from helpdesk import customers, erasure
from helpdesk.access import IdempotencyKey
from helpdesk.agents import LEASE, LEASE_GRACE, Workplace
from helpdesk.customers import Receipt
from helpdesk.ports import ConflictError, NotFoundError, QueueUnavailableError
from helpdesk.reconciling import RESEND_AT_LEAST_EVERY
from helpdesk.ticket import (
    CUSTOMER,
    Agent,
    Conversation,
    Event,
    IllegalMoveError,
    LeaseError,
    Message,
    Move,
    Role,
    Source,
    State,
    Ticket,
    replay,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes import (
    KNOWN,
    MAX_RECEIVES,
    PATIENCE,
    POISON,
    UNKNOWN,
    WANTS_PERSON,
    Clock,
    Crash,
    Fuse,
    InMemoryArticles,
    InMemoryQueue,
    InMemoryTickets,
    Office,
    ScriptedUnderstander,
    an_article,
    an_understanding,
    die,
)

WORKER = Path(__file__).parents[1] / "functions" / "worker" / "handler.py"
AGENTS = ("ada", "bob", "cleo")
HOLDER = "whoever holds it"
NEAR_TIE = "my parcel and my money"
VISIBILITY = timedelta(minutes=3)
SOON = PATIENCE + LEASE + LEASE_GRACE + timedelta(minutes=1)
"""After this there are as many messages as tickets wait: the queue's patience, counted from the end
of the lease of an agent who is gone, and the schedule."""

STATED_PERIOD = SOON + RESEND_AT_LEAST_EVERY
"""After this every waiting ticket has a message of its own, although duplicates stood in for it. By
then all sleepers are woken, and customers who did not choose have been given up on."""

CALMLY = settings(deadline=None, suppress_health_check=list(HealthCheck))
"""A life may take its time: how long is the machine's affair, and no promise."""

REFUSALS = (IllegalMoveError, LeaseError, NotFoundError)
FAILURES = (Crash, ReadTimeoutError, QueueUnavailableError, ConflictError)


class BrokenPromiseError(AssertionError):
    """A promise was broken; the message begins with which one."""


class Promise(StrEnum):
    """What no life of a ticket may break."""

    LOST = "lost"
    TWICE = "replied twice"
    UNREACHABLE = "unreachable"
    UNEXPLAINED = "unexplained"
    NO_LEASE = "no lease"
    KEY = "one key, two tickets"
    UNFINISHED = "unfinished"
    ERASED = "still there"


def expect(promise: Promise, kept: object, why: object) -> None:
    """Raise BrokenPromiseError unless the promise was kept."""
    if not kept:
        raise BrokenPromiseError(f"{promise}: {why}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the poller gets it."""

    ticket_id: str
    receipt: str
    attempt: int


class World(Protocol):
    """A desk over some ports, with what AWS does around it and what can befall its queues."""

    office: Office

    def take(self, most: int) -> list[Delivery]:
        """Receive up to `most` intake messages; those received too often become dead letters."""

    def purge(self, queue: Any) -> None:
        """Lose every message of a queue."""

    def dead_letters(self) -> list[str]:
        """Take all dead letters of the intake queue; return the tickets they name."""

    def stored(self) -> list[str]:
        """Return the id of every ticket in the table, whether anybody was told of it or not."""


def script() -> ScriptedUnderstander:
    """Return an understander that knows every text of the lives."""
    return ScriptedUnderstander(
        {
            KNOWN: an_understanding(("refund", 0.9)),
            WANTS_PERSON: an_understanding(("speak_to_human", 0.9)),
            NEAR_TIE: an_understanding(("refund", 0.46), ("track_order", 0.44)),
            POISON: RuntimeError("the model broke"),
        }
    )


ARTICLES = (
    an_article("refund"),
    an_article("track_order"),
    an_article("speak_to_human", needs_person=True),
)


class InMemory:
    """The ports in memory."""

    def __init__(self) -> None:
        clock = Clock()
        self.office = Office(
            clock=clock,
            tickets=InMemoryTickets(),
            intake=InMemoryQueue(clock),
            escalations=InMemoryQueue(clock),
            articles=InMemoryArticles(*ARTICLES),
            understander=script(),
        )
        self._dead: list[str] = []

    def take(self, most: int) -> list[Delivery]:
        queue, taken = self.office.intake, []
        while len(taken) < most and (received := queue.receive(VISIBILITY)):
            attempt = queue.receives(received.receipt)
            if attempt > MAX_RECEIVES:
                queue.delete(received.receipt)
                self._dead.append(received.ticket_id)
            else:
                taken.append(Delivery(received.ticket_id, received.receipt, attempt))
        return taken

    def purge(self, queue: Any) -> None:
        queue.lose_everything()

    def dead_letters(self) -> list[str]:
        dead, self._dead = self._dead, []
        return dead

    def stored(self) -> list[str]:
        return list(self.office.tickets._files)


def _worker() -> Any:
    spec = importlib.util.spec_from_file_location("worker_of_lives", WORKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["telemetry"] = _Silent()
    return module


class _Silent:
    """Telemetry that takes everything and tells nobody."""

    def __getattr__(self, _name: str) -> Callable[..., "_Silent"]:
        return lambda *_, **__: self


worker: Any = _worker()
"""The worker function, to be given a room for every batch."""


def _record(number: int, delivery: Delivery) -> dict[str, Any]:
    return {
        "messageId": str(number),
        "receiptHandle": delivery.receipt,
        "body": json.dumps({"ticket": delivery.ticket_id}),
        "attributes": {"ApproximateReceiveCount": str(delivery.attempt)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:helpdesk-intake",
        "awsRegion": "eu-central-1",
    }


class Kind(StrEnum):
    """What befalls a step."""

    CRASH = "the process dies"
    FAULT = "the call fails"
    MEANWHILE = "somebody else acts"


class Other(StrEnum):
    """Who acts in the middle of somebody else's step."""

    ANOTHER_WORKER = "another worker gets the same message"
    ANOTHER_AGENT = "another agent replies"
    CLAIM = "another agent claims"
    LEAD = "a lead transfers"
    CUSTOMER = "the customer adds something"
    WITHDRAWAL = "the customer closes"
    ERASURE = "the customer has it erased"
    RECONCILER = "the reconciler runs"
    TIME = "twenty minutes pass"
    PURGE = "the queues lose everything"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens at the `at`-th call of a step, before or after it."""

    kind: Kind
    at: int
    after: bool
    other: Other | None = None


_AT = (2, 1, 3, 4, 2, 3, 1, 5, 6, 9)  # most steps make few calls
_WHEN = [(at, after) for at in _AT for after in (False, True)]
_RACES = [
    Trouble(Kind.MEANWHILE, at, after, other)
    for at, after in _WHEN
    for other in (Other.CUSTOMER, Other.TIME, *Other)
]
_FAILURES = [Trouble(kind, at, after) for at, after in _WHEN for kind in (Kind.CRASH, Kind.FAULT)]
TROUBLES = st.sampled_from([*[None] * 360, *_FAILURES * 3, *_RACES])
"""None for every second step; races twice as often as failures. One draw for all, as it is drawing
that takes the time of a life."""

TEXTS = st.sampled_from([KNOWN, UNKNOWN, WANTS_PERSON, POISON, NEAR_TIE])
VERDICTS = st.sampled_from(["helped", "did not help", "close"])
INDEX = st.integers(0, 5)
WHO = st.just(HOLDER) | st.sampled_from(AGENTS)
SPANS = st.sampled_from(
    [timedelta(**span) for span in ({"seconds": 1}, {"minutes": 2}, {"minutes": 16}, {"hours": 2})]
)


def _told_of(call: str) -> None:
    """Fail as a call does whose answer never came."""
    if "Queue" in call:
        raise QueueUnavailableError(call)
    raise ReadTimeoutError(endpoint_url=call)


@dataclass(slots=True)
class _Accepted:
    """What the desk took on: the receipt, and all that customer and agents think is stored."""

    receipt: Receipt
    said: list[str] = field(default_factory=list)


class Lives(RuleBasedStateMachine):
    """Whatever happens, the promises hold. Subclasses say over which ports."""

    world: World
    broken = False
    """A promise was broken already; what follows from it is not looked at."""

    def open_world(self) -> World:
        """Return an empty world."""
        raise NotImplementedError

    @initialize(texts=st.lists(TEXTS, min_size=1, max_size=3), delivered=st.booleans())
    def begin(self, texts: list[str], delivered: bool) -> None:
        self.world = self.open_world()
        self.office = self.world.office
        self.accepted: list[_Accepted] = []
        self.keys: dict[IdempotencyKey, tuple[str, datetime]] = {}
        self.delivered: list[str] = []
        self.unwanted: set[str] = set()
        self.erased: set[str] = set()
        self._checked: dict[str, int] = {}
        self._numbers = count(1)
        random.seed(0)  # who loses a ticket to a colleague skips a random number of others
        for text in texts:
            self.submit(text, None, None)
        if delivered:
            self.deliver(len(texts), False, None)

    # --- customers -------------------------------------------------------------------------

    @rule(text=TEXTS, key=st.none() | st.integers(0, 2), trouble=TROUBLES)
    def submit(self, text: str, key: int | None, trouble: Trouble | None) -> None:
        if len(self.accepted) >= 6:
            return
        named = None if key is None else IdempotencyKey("shop", f"{key} {text}")
        with self.trouble(trouble) as office:
            receipt = office.submit(text, key=named)
            if named:
                self._expect_one_ticket(named, receipt.ticket_id)
            if all(receipt.ticket_id != each.receipt.ticket_id for each in self.accepted):
                self.accepted.append(_Accepted(receipt, [text]))

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, text=TEXTS | st.sampled_from(["1", "2", "3"]), trouble=TROUBLES)
    def follow_up(self, which: int, text: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            self._follow_up(office, each, text)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX, verdict=st.sampled_from(["helped", "did not help", "close"]), trouble=TROUBLES
    )
    def conclude(self, which: int, verdict: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            if verdict == "close":
                self._withdraw(office, each)
                return
            customers.rate(
                each.receipt.ticket_id,
                each.receipt.token,
                helpful=verdict == "helped",
                comment=None,
                tickets=office.tickets,
                escalations=office.escalations,
                now=office.clock(),
            )

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, trouble=TROUBLES)
    def renew_token(self, which: int, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            each.receipt = customers.renew_token(
                each.receipt.ticket_id,
                each.receipt.token,
                tickets=office.tickets,
                terms=office.terms,
                now=office.clock(),
            )

    @precondition(lambda self: len(self.accepted) > 1)
    @rule(which=INDEX, trouble=TROUBLES)
    def erase(self, which: int, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            self._erase(office, each)

    # --- the platform ----------------------------------------------------------------------

    @rule(most=st.integers(1, 10), backwards=st.booleans(), trouble=TROUBLES)
    def deliver(self, most: int, backwards: bool, trouble: Trouble | None) -> None:
        batch = self.world.take(most)
        if backwards:
            batch.reverse()
        if batch:
            subject = next(
                (a for a in self.accepted if a.receipt.ticket_id == batch[0].ticket_id), None
            )
            with self.trouble(trouble, subject) as office:
                self._invoke(office, batch)

    @precondition(lambda self: self.delivered)
    @rule(which=INDEX, times=st.integers(1, 3), trouble=TROUBLES)
    def deliver_again(self, which: int, times: int, trouble: Trouble | None) -> None:
        again = Delivery(self.delivered[which % len(self.delivered)], "old", 1)
        with self.trouble(trouble) as office:
            self._invoke(office, [again] * times)

    @rule(trouble=TROUBLES)
    def reconcile(self, trouble: Trouble | None) -> None:
        with self.trouble(trouble) as office:
            office.reconcile()

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.office.clock.advance(span)

    @rule(intake=st.booleans(), everything=st.booleans())
    def lose_messages(self, intake: bool, everything: bool) -> None:
        queue: Any = self.office.intake if intake else self.office.escalations
        if everything:
            self.world.purge(queue)
        elif received := queue.receive(VISIBILITY):
            queue.delete(received.receipt)

    @rule()
    def redrive(self) -> None:
        for ticket_id in self.world.dead_letters():
            self.office.intake.send(ticket_id)

    # --- people at the desk ----------------------------------------------------------------

    @rule(agent=st.sampled_from(AGENTS), trouble=TROUBLES)
    def take_next(self, agent: str, trouble: Trouble | None) -> None:
        with self.trouble(trouble) as office:
            workplace(office, agent).take_next()

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, agent=st.sampled_from(AGENTS), trouble=TROUBLES)
    def claim(self, which: int, agent: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            workplace(office, agent).claim(each.receipt.ticket_id)

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, agent=WHO, lag=st.sampled_from([None, 0, 1]), trouble=TROUBLES)
    def reply(self, which: int, agent: str, lag: int | None, trouble: Trouble | None) -> None:
        each = self._one(which)
        fence = None if lag is None else self._ticket(each.receipt.ticket_id).fence - lag
        with self.trouble(trouble, each) as office:
            self._reply(office, each, self._who(agent, each), fence)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX,
        agent=WHO,
        verb=st.sampled_from(["extend", "release", "close", "reopen", "note"]),
        trouble=TROUBLES,
    )
    def act(self, which: int, agent: str, verb: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, self._who(agent, each))
            said = ("Look at this.",) if verb == "note" else ()
            getattr(acting, verb)(each.receipt.ticket_id, *said)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX,
        agent=WHO,
        to=st.sampled_from([None, *AGENTS]),
        override=st.booleans(),
        trouble=TROUBLES,
    )
    def transfer(
        self, which: int, agent: str, to: str | None, override: bool, trouble: Trouble | None
    ) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, self._who(agent, each))
            acting.transfer(each.receipt.ticket_id, to=to, override=override)

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, agent=WHO, span=SPANS, trouble=TROUBLES)
    def snooze(self, which: int, agent: str, span: timedelta, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, self._who(agent, each))
            acting.snooze(each.receipt.ticket_id, office.clock() + span)

    @rule(
        intent=st.sampled_from(["refund", "track_order"]),
        edit=st.sampled_from(["reword", "hand over", "remove"]),
    )
    def edit_knowledge(self, intent: str, edit: str) -> None:
        if edit == "remove":
            self.office.articles.remove(intent)
            return
        answer = f"What we say since edit {next(self._numbers)}."
        self.office.articles.put(
            an_article(intent, answer=answer, needs_person=edit == "hand over")
        )

    # --- what may be seen at any moment ----------------------------------------------------

    @invariant()  # from `begin` on
    def every_story_is_legal(self) -> None:
        self.broken = True
        self._forget_what_was_erased()
        for each in self.accepted:
            current = self._ticket(each.receipt.ticket_id)
            if self._checked.get(current.id) == current.version:
                continue
            self._check(current.id)
            self._checked[current.id] = current.version
        self.broken = False

    def teardown(self) -> None:
        if hasattr(self, "world") and not self.broken:
            self._forget_what_was_erased()
            self._come_to_rest()

    # --- how it is done --------------------------------------------------------------------

    def trouble(self, trouble: Trouble | None, subject: _Accepted | None = None) -> "_Troubled":
        return _Troubled(self, trouble, subject)

    def somebody_else(self, other: Other, subject: _Accepted | None) -> None:
        """Let another act in the middle of a step, on the same ticket where there is one."""
        each = subject or (self.accepted[-1] if self.accepted else None)
        if other is Other.TIME:
            self.office.clock.advance(timedelta(minutes=20))
        elif other is Other.PURGE:
            self.world.purge(self.office.intake)
            self.world.purge(self.office.escalations)
        elif other is Other.RECONCILER:
            self.office.reconcile()
        elif each:
            with suppress(*REFUSALS):
                self._on(each, other)

    def _on(self, each: _Accepted, other: Other) -> None:
        ticket_id = each.receipt.ticket_id
        match other:
            case Other.ANOTHER_WORKER:
                self._invoke(self.office, [Delivery(ticket_id, "twin", 1)])
            case Other.ANOTHER_AGENT:
                workplace(self.office, "cleo").claim(ticket_id)
                self._reply(self.office, each, "cleo", None)
            case Other.CLAIM:
                workplace(self.office, "cleo").claim(ticket_id)
            case Other.LEAD:
                workplace(self.office, "cleo").transfer(ticket_id, to="bob", override=True)
            case Other.CUSTOMER:
                self._follow_up(self.office, each, KNOWN)
            case Other.ERASURE:
                self._erase(self.office, each)
            case _:
                self._withdraw(self.office, each)

    def _who(self, agent: str, each: _Accepted) -> str:
        """Return the agent that is meant: the holder, who comes to hold it now if nobody does."""
        if agent != HOLDER:
            return agent
        if held := self._ticket(each.receipt.ticket_id).held_by(self.office.clock()):
            return held.agent
        with suppress(*REFUSALS):
            workplace(self.office, AGENTS[0]).claim(each.receipt.ticket_id)
        return AGENTS[0]

    def _expect_one_ticket(self, key: IdempotencyKey, ticket_id: str) -> None:
        """Expect a key to name one ticket, for as long as keys and the ticket are kept."""
        now = self.office.clock()
        first, at = self.keys.setdefault(key, (ticket_id, now))
        forgotten = first in self.unwanted or now >= at + self.office.terms.idempotency_life
        expect(Promise.KEY, forgotten or first == ticket_id, key)
        if forgotten:
            self.keys[key] = (ticket_id, now)

    def _one(self, which: int) -> _Accepted:
        return self.accepted[which % len(self.accepted)]

    def _ticket(self, ticket_id: str) -> Ticket:
        found = self.office.tickets.get(ticket_id)
        expect(Promise.LOST, found, ticket_id)
        assert found
        return found

    def _invoke(self, office: Office, batch: Sequence[Delivery]) -> None:
        """Invoke the worker with a batch, and settle what it does not give back."""
        self.delivered += [each.ticket_id for each in batch]
        needs = worker.Needs(
            tickets=office.tickets,
            articles=office.articles,
            escalations=office.escalations,
            understander=office.understander,
            policy=office.policy,
            max_receives=MAX_RECEIVES,
        )
        worker.needs, worker._now = (lambda: needs), self.office.clock
        event = {"Records": [_record(number, each) for number, each in enumerate(batch)]}
        answer = worker.handler(event, None)
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for number, each in enumerate(batch):
            if str(number) not in failed:
                self.office.intake.delete(each.receipt)

    def _follow_up(self, office: Office, each: _Accepted, text: str) -> None:
        customers.follow_up(
            each.receipt.ticket_id,
            each.receipt.token,
            text,
            tickets=office.tickets,
            intake=office.intake,
            escalations=office.escalations,
            now=office.clock(),
        )
        each.said.append(text)

    def _withdraw(self, office: Office, each: _Accepted) -> None:
        customers.withdraw(
            each.receipt.ticket_id, each.receipt.token, tickets=office.tickets, now=office.clock()
        )

    def _erase(self, office: Office, each: _Accepted) -> None:
        self.unwanted.add(each.receipt.ticket_id)
        erasure.erase(
            each.receipt.ticket_id, each.receipt.token, tickets=office.tickets, clock=office.clock
        )
        self.erased.add(each.receipt.ticket_id)

    def _forget_what_was_erased(self) -> None:
        """Expect no more of what its customer wanted erased, once it is; and that it stays so."""
        stored = set(self.world.stored()) if self.unwanted else set()
        expect(Promise.ERASED, not stored & self.erased, stored & self.erased)
        gone = self.unwanted - stored
        self.accepted = [a for a in self.accepted if a.receipt.ticket_id not in gone]

    def _reply(self, office: Office, each: _Accepted, agent: str, fence: int | None) -> None:
        text = f"{agent} says {next(self._numbers)}"
        workplace(office, agent).reply(each.receipt.ticket_id, text, fence=fence)
        each.said.append(text)

    def _check(self, ticket_id: str) -> Conversation:
        """Compare a ticket with its history, and its history with what is allowed."""
        conversation = self.office.tickets.conversation(ticket_id)
        expect(Promise.LOST, conversation, ticket_id)
        assert conversation
        events = self.office.tickets.events(ticket_id)
        try:
            told = replay(events)
        except ValueError as error:
            raise BrokenPromiseError(f"{Promise.UNEXPLAINED}: {error}") from error
        expect(Promise.UNEXPLAINED, told == conversation.ticket, events)
        story = Story(conversation.messages)
        story.follow(events)
        expect(
            Promise.UNEXPLAINED, story.tells_of(conversation.ticket, self.office.clock()), events
        )
        stored = Counter(m.text for m in conversation.messages if m.source is not Source.AUTOMATIC)
        for each in self.accepted:
            if each.receipt.ticket_id == ticket_id:
                expect(Promise.LOST, Counter(each.said) <= stored, (each.said, stored))
        return conversation

    def _come_to_rest(self) -> None:
        self._nobody_acts(SOON, step=VISIBILITY)
        depth, waiting = self.office.escalations.depth(), len(self._waiting())
        expect(Promise.UNREACHABLE, depth >= waiting, f"{depth} messages for {waiting} tickets")
        self._nobody_acts(STATED_PERIOD, step=timedelta(hours=3))
        without = self._waiting() - self._on_the_escalation_queue()
        expect(Promise.UNREACHABLE, not without, f"no message for {without}")
        for ticket in self._tickets():
            expect(Promise.LOST, ticket.state not in {State.RECEIVED, State.ASKED}, ticket)
            asleep = ticket.state is State.ESCALATED and ticket.snoozed_until
            expect(Promise.UNREACHABLE, not asleep, ticket)
        self._agents_work_off()
        for ticket in self._tickets():
            self._ends_well(self._check(ticket.id))
        left = (self.office.intake.depth(), self.office.escalations.depth())
        expect(Promise.UNFINISHED, left == (0, 0), f"{left} messages are left")

    def _nobody_acts(self, span: timedelta, *, step: timedelta) -> None:
        """Let the poller and the schedule run, in steps."""
        end = self.office.clock() + span
        while self.office.clock() < end:
            self._work_off()
            self.office.clock.advance(step)
            self.office.reconcile()
        self._work_off()

    def _work_off(self) -> None:
        while batch := self.world.take(10):
            self._invoke(self.office, batch)

    def _waiting(self) -> set[str]:
        """Return the tickets that anybody could be given now."""
        now = self.office.clock()
        return {
            ticket.id
            for ticket in self._tickets()
            if ticket.state is State.ESCALATED
            and not ticket.snoozed_until
            and not ticket.held_by(now)
        }

    def _on_the_escalation_queue(self) -> set[str]:
        found = set()
        while received := self.office.escalations.receive(timedelta(seconds=1)):
            found.add(received.ticket_id)
        self.office.clock.advance(timedelta(seconds=2))
        return found

    def _agents_work_off(self) -> None:
        for agent in AGENTS:
            acting = workplace(self.office, agent)
            while taken := acting.take_next():
                acting.reply(taken.ticket.id, "At your service.")
        waits = [t for t in self._tickets() if t.state is State.ESCALATED]
        expect(Promise.UNREACHABLE, not waits, waits)

    def _ends_well(self, conversation: Conversation) -> None:
        ticket, last = conversation.ticket, conversation.messages[-1]
        done = ticket.state is State.CLOSED or last.source is not Source.CUSTOMER
        expect(Promise.LOST, done and ticket.state is not State.RECEIVED, conversation)

    def _tickets(self) -> Iterable[Ticket]:
        told = {each.receipt.ticket_id for each in self.accepted}
        return [self._ticket(ticket_id) for ticket_id in told.union(self.world.stored())]


class _Troubled:
    """A step with the office it shall use; refusals and the trouble's failures end it in peace."""

    def __init__(self, lives: Lives, trouble: Trouble | None, subject: _Accepted | None) -> None:
        self._lives, self._trouble, self._subject = lives, trouble, subject

    def __enter__(self) -> Office:
        office = self._lives.office
        if self._trouble is None:
            return office
        fuse = Fuse(self._trouble.at, after=self._trouble.after, blow=self._blow)
        return office.guarded_by(fuse)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        peaceful = REFUSALS if self._trouble is None else REFUSALS + FAILURES
        return kind is not None and issubclass(kind, peaceful)

    def _blow(self, call: str) -> None:
        assert self._trouble
        match self._trouble.kind:
            case Kind.CRASH:
                die(call)
            case Kind.FAULT:
                _told_of(call)
            case _:
                assert self._trouble.other
                self._lives.somebody_else(self._trouble.other, self._subject)


def workplace(office: Office, agent: str) -> Workplace:
    """Return an agent's workplace over an office's ports."""
    return Workplace(
        agent=Agent(agent, frozenset(Role)),
        tickets=office.tickets,
        escalations=office.escalations,
        articles=office.articles,
        clock=office.clock,
    )


class Debtor(StrEnum):
    """Who owes the next word."""

    DESK = "the desk"
    PEOPLE = "people at the desk"
    CUSTOMER = "the customer"
    NOBODY = "nobody"


OWED = {
    State.RECEIVED: Debtor.DESK,
    State.ASKED: Debtor.CUSTOMER,
    State.ESCALATED: Debtor.PEOPLE,
    State.ANSWERED: Debtor.NOBODY,
    State.CLOSED: Debtor.NOBODY,
}


class Story:
    """The model of a ticket's life: who owes the next word, and who holds it until when.

    It is written from the promises and shares no code with the product: it reads the names and
    times of the events and the sources of the messages, nothing else.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = list(messages)
        self.owed: Debtor | None = None
        self.holder: str | None = None
        self.until: datetime | None = None
        self.asleep = False

    def follow(self, events: Sequence[Event]) -> None:
        """Follow a history to its end. Raises at the first move that may not be."""
        for event in events:
            getattr(self, f"_{event.move}")(event)
        expect(Promise.TWICE, not self._messages, f"said without a move: {self._messages}")

    def tells_of(self, ticket: Ticket, now: datetime) -> bool:
        """Tell whether a ticket is as the story goes."""
        held = ticket.held_by(now)
        holder = self.holder if self.until and now < self.until else None
        waits = self.owed is Debtor.PEOPLE
        return (
            OWED[ticket.state] is self.owed
            and (held.agent if held else None) == holder
            and (not waits or bool(ticket.snoozed_until) is self.asleep)
        )

    def _says(self, source: Source, event: Event) -> None:
        said = self._messages.pop(0) if self._messages else None
        right = said and said.source is source and said.at == event.at
        expect(Promise.UNEXPLAINED, right, f"{event.move} without its message: {said}")

    def _holds(self, event: Event) -> None:
        holds = self.holder == event.actor and self.until and event.at < self.until
        why = f"{event.actor} at {event.at}, held by {self.holder} until {self.until}: {event.move}"
        expect(Promise.NO_LEASE, holds, why)

    def _lets_go(self) -> None:
        self.holder = self.until = None

    def _ends(self) -> None:
        self._lets_go()
        self.owed, self.asleep = Debtor.NOBODY, False

    def _owes(self, event: Event, *debtors: Debtor) -> None:
        expect(Promise.TWICE, self.owed in debtors, f"{event.move} when {self.owed} owed a word")

    def _submitted(self, event: Event) -> None:
        self._says(Source.CUSTOMER, event)
        self.owed = Debtor.DESK

    def _followed_up(self, event: Event) -> None:
        self._says(Source.CUSTOMER, event)
        self.asleep = False
        if self.owed in {Debtor.NOBODY, Debtor.CUSTOMER}:
            state = event.changed.get("state")
            expect(Promise.LOST, state in {State.RECEIVED, State.ESCALATED}, event)
            self.owed = Debtor.DESK if state is State.RECEIVED else Debtor.PEOPLE

    def _answered(self, event: Event) -> None:
        self._owes(event, Debtor.DESK)
        self._says(Source.AUTOMATIC, event)
        self.owed = Debtor.NOBODY

    def _asked(self, event: Event) -> None:
        self._owes(event, Debtor.DESK)
        self._says(Source.AUTOMATIC, event)
        self.owed = Debtor.CUSTOMER

    def _escalated(self, event: Event) -> None:
        self._owes(event, Debtor.DESK, Debtor.CUSTOMER)
        if self._messages and self._messages[0].source is Source.AUTOMATIC:
            self._says(Source.AUTOMATIC, event)
        self.owed = Debtor.PEOPLE

    def _claimed(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        free = self.until is None or event.at >= self.until or self.holder == event.actor
        expect(Promise.NO_LEASE, free, f"{event.actor} claimed what {self.holder} holds")
        self.holder, self.until = event.actor, event.at + LEASE
        self.asleep = False

    def _extended(self, event: Event) -> None:
        self._holds(event)
        self.until = event.at + LEASE

    def _released(self, event: Event) -> None:
        self._holds(event)
        self._lets_go()

    def _snoozed(self, event: Event) -> None:
        self._released(event)
        self.asleep = True

    def _transferred(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        self._lets_go()

    def _replied(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        self._holds(event)
        self._says(Source.AGENT, event)
        self._ends()

    def _closed(self, event: Event) -> None:
        if event.actor != CUSTOMER and self.owed is not Debtor.NOBODY:
            self._holds(event)
        self._ends()

    def _rated(self, event: Event) -> None:
        if event.changed.get("state"):
            self.owed = Debtor.PEOPLE

    def _reopened(self, event: Event) -> None:
        self._owes(event, Debtor.NOBODY, Debtor.CUSTOMER)
        self.owed = Debtor.PEOPLE

    def _woken(self, _event: Event) -> None:
        self.asleep = False

    def _noted(self, _event: Event) -> None: ...

    def _rekeyed(self, _event: Event) -> None: ...


assert all(hasattr(Story, f"_{move}") for move in Move)

"""How each act of a life is done, by whom and with which trouble."""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from botocore.exceptions import ReadTimeoutError
from helpdesk import customers, erasure
from helpdesk.access import IdempotencyKey
from helpdesk.customers import Receipt
from helpdesk.ports import ConflictError, NotFoundError, QueueUnavailableError
from helpdesk.ticket import IllegalMoveError, LeaseError, Ticket
from hypothesis.stateful import RuleBasedStateMachine

from tests.fakes import KNOWN, MAX_RECEIVES, Crash, Fuse, Office, die
from tests.lives.promises import Promise, expect
from tests.lives.story import Sent, Story
from tests.lives.troubles import Kind, Other, Trouble, told_of
from tests.lives.world import Delivery, World, record, worker, workplace

AGENTS = ("ada", "bob", "cleo")
HOLDER = "the agent who holds it"
REFUSALS = (IllegalMoveError, LeaseError, NotFoundError)
FAILURES = (Crash, ReadTimeoutError, QueueUnavailableError, ConflictError)


@dataclass(slots=True)
class Accepted:
    """What the desk took on: the receipt, and all that customer and agents think is stored."""

    receipt: Receipt
    said: list[str] = field(default_factory=list)


class Steps(RuleBasedStateMachine):
    """A desk in the middle of its life, and the steps that acts are made of."""

    world: World

    def open_world(self) -> World:
        """Return an empty world."""
        raise NotImplementedError

    def open_desk(self) -> None:
        """Begin a life in an empty world."""
        self.world = self.open_world()
        self.office = self.world.office
        self.accepted: list[Accepted] = []
        self.keys: dict[IdempotencyKey, tuple[str, datetime]] = {}
        self.delivered: list[str] = []
        self.unwanted: set[str] = set()
        self.erased: set[str] = set()
        self._numbers = count(1)
        random.seed(0)  # who loses a ticket to a colleague skips a random number of others

    def trouble(self, trouble: Trouble | None, subject: Accepted | None = None) -> "Troubled":
        return Troubled(self, trouble, subject)

    def somebody_else(self, other: Other, subject: Accepted | None) -> None:
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

    def _on(self, each: Accepted, other: Other) -> None:
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

    def _who(self, agent: str, each: Accepted) -> str:
        """Return the agent that is meant: the holder, who takes the ticket now if it is free."""
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

    def _one(self, which: int) -> Accepted:
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
            texts=office.desk_texts,
            escalations=office.escalations,
            understander=office.understander,
            policy=office.policy,
            max_receives=MAX_RECEIVES,
        )
        worker.needs, worker._now = (lambda: needs), self.office.clock
        event = {"Records": [record(number, each) for number, each in enumerate(batch)]}
        answer = worker.handler(event, None)
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for number, each in enumerate(batch):
            if str(number) not in failed:
                self.office.intake.delete(each.receipt)

    def _follow_up(self, office: Office, each: Accepted, text: str) -> None:
        story = self._story(each.receipt.ticket_id)
        with self._sending(Promise.FOLLOWED_UP, office, story.sends_when_followed_up(text)):
            customers.follow_up(
                each.receipt.ticket_id,
                each.receipt.token,
                text,
                tickets=office.tickets,
                intake=office.intake,
                escalations=office.escalations,
                texts=office.desk_texts,
                now=office.clock(),
            )
        each.said.append(text)

    def _rate(self, office: Office, each: Accepted, *, helpful: bool) -> None:
        story = self._story(each.receipt.ticket_id)
        with self._sending(Promise.RATED, office, story.sends_when_rated(helpful=helpful)):
            rated = customers.rate(
                each.receipt.ticket_id,
                each.receipt.token,
                helpful=helpful,
                comment=None,
                tickets=office.tickets,
                escalations=office.escalations,
                texts=office.desk_texts,
                now=office.clock(),
            )
        expect(Promise.RATED, rated.helpful is helpful, f"said {helpful}: {rated}")

    @contextmanager
    def _sending(self, promise: Promise, office: Office, due: Sent) -> Iterator[None]:
        """Expect a step that nothing troubles to send what is due, at once.

        One message more for what the desk has anyway does no harm.
        """
        if office is not self.office:
            yield
            return
        intake, escalation = office.intake.depth(), office.escalations.depth()
        yield
        sent = Sent(office.intake.depth() - intake, office.escalations.depth() - escalation)
        right = sent == due or (due == Sent(0, 0) and sent == Sent(1, 0))
        expect(promise, right, f"{sent} instead of {due}")

    def _story(self, ticket_id: str) -> Story:
        """Return a ticket's story so far, or an empty one of a ticket that is gone."""
        conversation = self.office.tickets.conversation(ticket_id)
        if conversation is None:
            return Story(())
        story = Story(conversation.messages)
        story.follow(self.office.tickets.events(ticket_id))
        return story

    def _withdraw(self, office: Office, each: Accepted) -> None:
        customers.withdraw(
            each.receipt.ticket_id, each.receipt.token, tickets=office.tickets, now=office.clock()
        )

    def _erase(self, office: Office, each: Accepted) -> None:
        self.unwanted.add(each.receipt.ticket_id)
        erasure.erase(
            each.receipt.ticket_id, each.receipt.token, tickets=office.tickets, clock=office.clock
        )
        self.erased.add(each.receipt.ticket_id)

    def _reply(self, office: Office, each: Accepted, agent: str, fence: int | None) -> None:
        text = f"{agent} says {next(self._numbers)}"
        workplace(office, agent).reply(each.receipt.ticket_id, text, fence=fence)
        each.said.append(text)

    def _tickets(self) -> Iterable[Ticket]:
        told = {each.receipt.ticket_id for each in self.accepted}
        return [self._ticket(ticket_id) for ticket_id in told.union(self.world.stored())]


class Troubled:
    """A step with the office it shall use; refusals and the trouble's failures end it in peace."""

    def __init__(self, lives: Steps, trouble: Trouble | None, subject: Accepted | None) -> None:
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
                told_of(call)
            case _:
                assert self._trouble.other
                self._lives.somebody_else(self._trouble.other, self._subject)

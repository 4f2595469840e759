"""How each act of a life is done, by whom and with which trouble."""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from botocore.exceptions import ReadTimeoutError
from helpdesk import belonging, customers, erasure
from helpdesk.access import IdempotencyKey
from helpdesk.customers import Receipt
from helpdesk.ports import ConflictError, NotFoundError, QueueUnavailableError
from helpdesk.repeating import UNGUARDED, Guard
from helpdesk.ticket import (
    Customer,
    CustomerKey,
    IllegalMoveError,
    Kind,
    LeaseError,
    Move,
    NewsError,
    NotAllowedError,
    StaleDraftError,
    Ticket,
)
from hypothesis.stateful import RuleBasedStateMachine

from tests.fakes import KNOWN, LEAD, MAX_RECEIVES, Crash, Fuse, Office, die
from tests.lives.promises import Promise, expect
from tests.lives.story import Sent, Story
from tests.lives.troubles import Kind as TroubleKind
from tests.lives.troubles import Other, Trouble, told_of
from tests.lives.world import FILE_WAIT, Delivery, World, record, worker, workplace

AGENTS = ("ada", "bob", "cleo")
HOLDER = "the agent who holds it"
REFUSALS = (
    IllegalMoveError,
    LeaseError,
    NewsError,
    NotAllowedError,
    NotFoundError,
    StaleDraftError,
)
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

    def _accept(self, receipt: Receipt, text: str) -> None:
        """Remember what the desk took on."""
        if all(receipt.ticket_id != each.receipt.ticket_id for each in self.accepted):
            self.accepted.append(Accepted(receipt, [text]))

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
            files=self.world.files,
            file_wait=FILE_WAIT,
            rules=office.rules,
            scale="",
            propose=office.propose,
            drafts=None,
            records=office.records,
            reviewed=office.reviewed,
        )
        worker.needs, worker._now = (lambda: needs), self.office.clock
        event = {"Records": [record(number, each) for number, each in enumerate(batch)]}
        answer = worker.handler(event, None)
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for number, each in enumerate(batch):
            if str(number) not in failed:
                self.office.intake.delete(each.receipt)

    def _follow_up(
        self, office: Office, each: Accepted, text: str, guard: Guard = UNGUARDED
    ) -> None:
        story = self._story(self._root(each).receipt.ticket_id)
        with self._sending(Promise.FOLLOWED_UP, office, story.sends_when_followed_up(text)):
            customers.follow_up(
                each.receipt.ticket_id,
                each.receipt.token,
                text,
                guard=guard,
                tickets=office.tickets,
                intake=office.intake,
                escalations=office.escalations,
                texts=office.desk_texts,
                now=office.clock(),
            )
        self._root(each).said.append(text)

    def _expect_said_once(self, office: Office, each: Accepted, text: str, once: Guard) -> None:
        """Send a message again with its key, and expect it once among what was said."""
        customers.follow_up(
            each.receipt.ticket_id,
            each.receipt.token,
            text,
            guard=once,
            tickets=office.tickets,
            intake=office.intake,
            escalations=office.escalations,
            texts=office.desk_texts,
            now=office.clock(),
        )
        root = self._root(each)
        if text not in root.said:
            root.said.append(text)
        said = office.texts(root.receipt.ticket_id)
        expect(Promise.KEY, said.count(text) == 1, f"{text!r} in {said}")

    def _rate(self, office: Office, each: Accepted, *, helpful: bool) -> None:
        story = self._story(self._root(each).receipt.ticket_id)
        with self._sending(Promise.RATED, office, story.sends_when_rated(helpful=helpful)):
            customers.rate(
                each.receipt.ticket_id,
                each.receipt.token,
                helpful=helpful,
                comment=None,
                tickets=office.tickets,
                escalations=office.escalations,
                texts=office.desk_texts,
                now=office.clock(),
            )
        events = office.tickets.events(each.receipt.ticket_id)  # none if it was erased meanwhile
        rated = [event.changed["helpful"] for event in events if event.move is Move.RATED]
        expect(Promise.RATED, rated[-1:] in ([], [helpful]), f"said {helpful}: {rated}")

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

    def _root(self, each: Accepted) -> Accepted:
        """Return the ticket that hears what this one's customer says."""
        found = self.office.tickets.get(each.receipt.ticket_id)
        into = found.merged_into if found else None
        return next((other for other in self.accepted if other.receipt.ticket_id == into), each)

    def _family(self, each: Accepted) -> set[str]:
        root = self.office.tickets.get(self._root(each).receipt.ticket_id)
        return {each.receipt.ticket_id} | ({root.id, *root.merged} if root else set())

    def _erase(self, office: Office, each: Accepted) -> None:
        found = self.office.tickets.get(each.receipt.ticket_id)
        family = self._family(each)
        self.unwanted |= family
        erasure.erase(
            each.receipt.ticket_id, each.receipt.token, tickets=office.tickets, clock=office.clock
        )
        self.erased |= family
        if found:
            self._expect_forgotten(found.customer)
            cases = self.office.tickets.recent(found.customer.key or "").roots
            left = [each.ticket_id for each in cases if each.ticket_id in family]
            expect(Promise.UNFORGOTTEN, not left, f"the cases of {left}")

    def _erase_customer(self, office: Office, key: CustomerKey) -> None:
        person = belonging.person_of(key, self.office.tickets.bonds)
        theirs = belonging.tickets_of(person, self.office.tickets, unverified=True)
        wanted = {each.id for each in theirs}
        self.unwanted |= wanted
        erasure.erase_customer(person, LEAD, tickets=office.tickets, clock=office.clock)
        self.erased |= wanted
        left = belonging.ties_of(person, self.office.tickets)
        expect(Promise.UNFORGOTTEN, not left, left)

    def _expect_forgotten(self, customer: Customer) -> None:
        """Expect nothing to be kept that only tickets under the customer's key would show."""
        tickets = self.office.tickets
        if customer.verified and not list(tickets.of_customer(customer)):
            key = customer.keys[0]
            bonds = list(tickets.bonds.of(key))
            left = [
                each for each in bonds if key.kind is Kind.EMAIL or each.other.kind is Kind.NAME
            ]
            left += [] if bonds else tickets.bonds.decisions(key)
            expect(Promise.UNFORGOTTEN, not left, left)

    def _decide(
        self, office: Office, one: CustomerKey, other: CustomerKey, *, together: bool
    ) -> None:
        act = belonging.join if together else belonging.separate
        act(one, other, lead=LEAD, reason="so", tickets=office.tickets, now=office.clock())
        self.office.clock.advance(timedelta(seconds=1))  # decisions are in the order of their time

    def _reply(
        self,
        office: Office,
        each: Accepted,
        agent: str,
        fence: int | None,
        *,
        unread: int | None = None,
    ) -> None:
        """Reply; the agent has read all messages but the last `unread` ones, or does not say."""
        ticket_id = each.receipt.ticket_id
        found = self.office.tickets.get(ticket_id)
        seen = found.messages - unread if found and unread is not None else None
        text = f"{agent} says {next(self._numbers)}"
        after = workplace(office, agent).reply(ticket_id, text, fence=fence, seen=seen)
        each.said.append(text)
        read = seen is None or after.messages == seen + 1
        expect(Promise.NEWS, read, f"{agent} had seen {seen} messages: {after}")

    def _add(self, office: Office, each: Accepted, agent: str) -> None:
        text = f"{agent} adds {next(self._numbers)}"
        workplace(office, agent).add(each.receipt.ticket_id, text)
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
            case TroubleKind.CRASH:
                die(call)
            case TroubleKind.FAULT:
                told_of(call)
            case _:
                assert self._trouble.other
                self._lives.somebody_else(self._trouble.other, self._subject)

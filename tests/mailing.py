"""A desk that answers mails, in memory: tickets whose moves bring mails, an outbox, a sender."""

from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import TYPE_CHECKING

from helpdesk import outbox, ticket
from helpdesk.mail import Address, Standing
from helpdesk.outbox import Correspondence, Desk, Outcome
from helpdesk.ticket import Change, Customer, Ticket
from helpdesk.triage import Escalate, Reason

from tests.fakes import (
    ADA,
    MORNING,
    Clock,
    InMemoryQueue,
    InMemoryTickets,
    an_understanding,
)
from tests.outboxes import InMemoryOutbox

DESK = Desk("support@shop.example", "The shop", "k" * 40)
ADDRESS = "ada@example.com"


def by_mail(ticket_id: str = "1" * 16, text: str = "Where is my order?") -> Change:
    """Return the change that opens a ticket which came by mail."""
    return ticket.submit(
        ticket_id=ticket_id,
        text=text,
        customer=Customer(email=ADDRESS, name="Ada"),
        channel=outbox.CHANNEL,
        token_hash="hash",
        now=MORNING,
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )


def known(ticket_id: str = "1" * 16) -> Correspondence:
    """Return what is kept of a proven mail."""
    return Correspondence(
        ticket_id=ticket_id,
        customer=Address(ADDRESS, "Ada"),
        standing=Standing.PROVEN,
        subject="Order 12345",
        message_id="last@example.com",
        references=("first@example.com", "desk@shop.example"),
    )


@dataclass
class Wire:
    """A sender that keeps what it takes. `fault` is raised in its place; `then` after it."""

    mails: list[bytes] = field(default_factory=list)
    paths: list[tuple[str, str]] = field(default_factory=list)
    fault: Exception | None = None
    then: BaseException | None = None

    def send(self, data: bytes, *, return_path: str, to: str) -> str:
        if self.fault:
            raise self.fault
        self.mails.append(data)
        self.paths.append((return_path, to))
        if self.then:
            raise self.then
        return f"{len(self.mails)}@mail.example"

    def read(self, number: int = -1) -> EmailMessage:
        found = message_from_bytes(self.mails[number], policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class Post:
    """A desk with its courier."""

    clock: Clock = field(default_factory=Clock)
    wire: Wire = field(default_factory=Wire)

    @cached_property
    def queue(self) -> InMemoryQueue:
        return InMemoryQueue(self.clock)

    @cached_property
    def escalations(self) -> InMemoryQueue:
        return InMemoryQueue(self.clock)

    @cached_property
    def outbox(self) -> InMemoryOutbox:
        return InMemoryOutbox(self.queue)

    @cached_property
    def tickets(self) -> InMemoryTickets:
        return InMemoryTickets(to=self.outbox)

    def came(self, ticket_id: str = "1" * 16, mail: Correspondence | None = None) -> Ticket:
        """Take a mail in, as a new ticket."""
        self.outbox.correspond(mail or known(ticket_id))
        change = by_mail(ticket_id)
        self.tickets.commit(change)
        return change.after

    def move(self, change: Change) -> Ticket:
        self.tickets.commit(change)
        return change.after

    def reply(self, of: Ticket, text: str = "It is on its way.") -> Ticket:
        """Answer a ticket as an agent, and return it."""
        if of.state is not ticket.State.ESCALATED:
            decision = Escalate(Reason.LOW_CONFIDENCE)
            of = self.move(ticket.settle(of, an_understanding(), decision, now=MORNING))
        held = self.move(ticket.claim(of, ADA, now=MORNING, length=timedelta(minutes=15)))
        return self.move(ticket.reply(held, ADA, text, now=MORNING))

    def now(self, ticket_id: str = "1" * 16) -> Ticket:
        found = self.tickets.get(ticket_id)
        assert found is not None
        return found

    def deliver(self, mail_id: str) -> Outcome:
        return outbox.deliver(
            mail_id,
            outbox=self.outbox,
            tickets=self.tickets,
            escalations=self.escalations,
            sender=self.wire,
            desk=DESK,
            clock=self.clock,
        )


if TYPE_CHECKING:
    from collections.abc import Callable

    _sender: Callable[[], outbox.Sender] = Wire

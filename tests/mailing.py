"""A desk that answers mails, in memory: tickets whose moves bring mails, an outbox, a sender."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import TYPE_CHECKING

from helpdesk import outbox, ticket
from helpdesk.mail import Address, Standing
from helpdesk.outbox import Correspondence, Desk, Outbound, Outcome, Overdue
from helpdesk.ports import ConflictError, Queue, QueueUnavailableError, Repeat, Submission
from helpdesk.ticket import Change, Customer, Ticket
from helpdesk.triage import Escalate, Reason

from tests.fakes import (
    ADA,
    MORNING,
    PATIENCE,
    Clock,
    InMemoryQueue,
    InMemoryTickets,
    an_understanding,
)

HOLD = timedelta(seconds=60)
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


class InMemoryOutbox:
    """Mails in a dictionary. `queue` gets a message for each, as after a commit."""

    def __init__(self, queue: Queue | None = None) -> None:
        self.mails: dict[str, Outbound] = {}
        self.known: dict[str, Correspondence] = {}
        self.queue = queue
        self._held: dict[str, datetime] = {}
        self._due: dict[str, tuple[datetime, int]] = {}
        self._sent: dict[tuple[str, object], int] = {}
        self._suppressed: set[str] = set()

    def add(self, mails: tuple[Outbound, ...]) -> None:
        for each in mails:
            self.mails[each.id] = each
            self._due[each.id] = (each.created_at + PATIENCE, 0)
            if self.queue:
                with suppress(QueueUnavailableError):
                    self.queue.send(each.id)

    def correspond(self, known: Correspondence) -> None:
        self.known[known.ticket_id] = known

    def mail(self, ticket_id: str, number: int) -> Outbound | None:
        return self.mails.get(outbox.mail_id(ticket_id, number))

    def correspondence(self, ticket_id: str) -> Correspondence | None:
        found = self.known.get(ticket_id)
        gone = found is not None and found.customer.address in self._suppressed
        return replace(found, suppressed=found.suppressed or gone) if found else None

    def begin(self, mail: Outbound, now: datetime) -> Outbound:
        stored = self.mails[mail.id]
        if stored.ended_at or self._held.get(mail.id, now) > now:
            raise ConflictError(mail.id)
        self._held[mail.id] = now + HOLD
        self._due[mail.id] = (now + HOLD + PATIENCE, self._due[mail.id][1])
        self.mails[mail.id] = replace(stored, attempts=stored.attempts + 1, failed=None)
        return self.mails[mail.id]

    def take_place(self, mail: Outbound, known: Correspondence | None, now: datetime) -> str | None:
        if self.mails[mail.id].counted:
            return None
        today = (mail.recipient or "", now.date())
        why = outbox.why_silent(
            mail.recipient,
            known,
            on_ticket=known.answered if known else 0,
            to_sender_today=self._sent.get(today, 0),
        )
        if why is None:
            self._sent[today] = self._sent.get(today, 0) + 1
            if known:
                self.known[mail.ticket_id] = replace(known, answered=known.answered + 1)
            self.mails[mail.id] = replace(self.mails[mail.id], counted=True)
        return why

    def end(self, mail: Outbound) -> None:
        stored = self.mails.get(mail.id)
        if stored is None or stored.ended_at:
            raise ConflictError(mail.id)
        self.mails[mail.id] = replace(mail, counted=stored.counted)
        self._held.pop(mail.id, None)

    def suppress(self, address: str, now: datetime) -> None:
        self._suppressed.add(address)

    def overdue(self, now: datetime) -> list[Overdue]:
        late = [
            Overdue(self.mails[name], due, nudges)
            for name, (due, nudges) in self._due.items()
            if due <= now and self.mails[name].waits
        ]
        return sorted(late, key=lambda each: each.due)

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        if not self.mails[overdue.mail.id].waits:
            raise ConflictError(overdue.mail.id)
        self._due[overdue.mail.id] = (now + PATIENCE, overdue.nudges + 1)


class MailingTickets(InMemoryTickets):
    """Tickets whose moves put their mails into an outbox, in the same step."""

    def __init__(self, to: InMemoryOutbox) -> None:
        super().__init__()
        self._to = to

    def commit(
        self,
        change: Change,
        remembered: Submission | Repeat | None = None,
        *,
        also: Change | None = None,
    ) -> None:
        super().commit(change, remembered, also=also)
        for each in filter(None, (change, also)):
            self._to.add(outbox.outbound(each, self._to.correspondence(each.after.id)))


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
    def tickets(self) -> MailingTickets:
        return MailingTickets(self.outbox)

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

    _outbox: Callable[[], outbox.Outbox] = InMemoryOutbox
    _sender: Callable[[], outbox.Sender] = Wire

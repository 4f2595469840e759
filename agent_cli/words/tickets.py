"""What the commands print of tickets for scripts: the published schemas (`helpdesk schema`).

A view holds what an agent may see. It never holds a token or its hash.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk import characters
from helpdesk.agents import Dossier, Suggestion
from helpdesk.knowledge import Priority
from helpdesk.priority import Points, Tier
from helpdesk.severity import Severity
from helpdesk.ticket import MAX_SUBJECT, Drafted, Event, Message, Move, Source, State, Ticket
from helpdesk.triage import Reason, Understanding

from agent_cli.words.drafted import DraftView
from agent_cli.words.files import FileView


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """The known facts about the customer; None for a fact that the customer did not give.

    If `verified` is false, only the customer says so: any visitor of a page may have typed it.
    """

    name: str | None
    email: str | None
    reference: str | None
    tier: Tier
    verified: bool
    country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """A ticket in a list. `priority` is as of now; `waiting_seconds` counts while it is open.

    `owner` is the agent who holds it or, if no agent does, the agent it belongs to. `held_until` is
    the end of the lease. `level` is from 0 to 3. `matter_guessed` marks a category and a department
    that are those of the best candidate only. `draft` is the number of the draft that waits for an
    agent's approval, if there is one.
    """

    id: str
    state: State
    priority: Priority
    due: datetime | None
    overdue: bool
    waiting_seconds: int | None
    subject: str
    customer: CustomerView
    intent: str | None
    category: str | None
    department: str | None
    language: str | None
    channel: str
    matter_guessed: bool
    level: int
    reason: Reason | None
    owner: str | None
    held_until: datetime | None
    snoozed_until: datetime | None
    draft: int | None
    tags: tuple[str, ...]
    merged: tuple[str, ...]
    merged_into: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, ticket: Ticket, now: datetime) -> Self:
        """Return the row of a ticket at a moment."""
        held = ticket.held_by(now)
        waits = ticket.state.is_open
        customer = ticket.customer
        return cls(
            id=ticket.id,
            state=ticket.state,
            priority=ticket.urgency.priority(now) if waits else ticket.priority,
            due=ticket.urgency.due if waits else None,
            overdue=waits and ticket.urgency.due < now,
            waiting_seconds=int((now - ticket.urgency.since).total_seconds()) if waits else None,
            subject=characters.headline(ticket.subject, MAX_SUBJECT),
            customer=CustomerView(
                name=customer.name,
                email=customer.email,
                reference=customer.reference,
                tier=customer.tier,
                verified=customer.verified,
                country=customer.country,
            ),
            intent=ticket.intent,
            category=ticket.category,
            department=ticket.department,
            language=ticket.understanding.language if ticket.understanding else None,
            channel=ticket.channel,
            matter_guessed=bool(ticket.matter_guessed),
            level=ticket.level,
            reason=ticket.reason,
            owner=held.agent if held else ticket.assignee,
            held_until=held.until if held else None,
            snoozed_until=ticket.snoozed_until,
            draft=ticket.draft.number if ticket.draft and ticket.in_review else None,
            tags=tuple(sorted(ticket.tags)),
            merged=tuple(sorted(ticket.merged)),
            merged_into=ticket.merged_into,
            created_at=ticket.created_at,
            updated_at=ticket.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """Something said; `intent` is the article it was made from."""

    number: int
    source: Source
    author: str | None
    text: str
    at: datetime
    intent: str | None

    @classmethod
    def of(cls, message: Message) -> Self:
        """Return the view of a message."""
        return cls(
            number=message.number,
            source=message.source,
            author=message.author,
            text=message.text,
            at=message.at,
            intent=message.intent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """What an agent wrote for colleagues."""

    at: datetime
    by: str
    move: Move
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseView:
    """Which agent holds the ticket, until when; a reply that names `fence` needs this lease."""

    agent: str
    until: datetime
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedView:
    """What was said in a ticket that was merged into this one."""

    id: str
    messages: tuple[MessageView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedView:
    """A ticket that an agent opened for a customer, and the token that opens it."""

    ticket: TicketRow
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """Everything known about a ticket; `customer_keys` are all keys of its customer."""

    ticket: TicketRow
    customer_keys: tuple[str, ...]
    lease: LeaseView | None
    urgency: str
    points: tuple[Points, ...]
    severity: Severity | None
    understanding: Understanding | None
    messages: tuple[MessageView, ...]
    notes: tuple[NoteView, ...]
    others: tuple[TicketRow, ...]
    suggestions: tuple[Suggestion, ...]
    family: tuple[MergedView, ...]
    files: tuple[FileView, ...]
    draft: DraftView | None

    @classmethod
    def of(cls, dossier: Dossier, now: datetime) -> Self:
        """Return the view of a dossier at a moment."""
        ticket = dossier.ticket
        held = ticket.held_by(now)
        return cls(
            ticket=TicketRow.of(ticket, now),
            customer_keys=tuple(map(str, dossier.person.keys)),
            lease=LeaseView(agent=held.agent, until=held.until, fence=held.fence) if held else None,
            urgency=ticket.urgency.explained(now),
            points=ticket.urgency.points,
            severity=ticket.severity,
            understanding=ticket.understanding,
            messages=tuple(map(MessageView.of, dossier.conversation.messages)),
            notes=tuple(
                NoteView(at=event.at, by=event.actor, move=event.move, text=event.note or "")
                for event in dossier.notes
            ),
            others=tuple(TicketRow.of(other, now) for other in dossier.others),
            suggestions=dossier.suggestions,
            family=tuple(
                MergedView(id=each.ticket.id, messages=tuple(map(MessageView.of, each.messages)))
                for each in dossier.family
            ),
            files=tuple(map(FileView.of, dossier.files)),
            draft=DraftView.of(dossier.draft) if dossier.draft else None,
        )


_TOLD = (
    "state",
    "reason",
    "priority",
    "severity",
    "department",
    "assignee",
    "snoozed_until",
    "draft",
    "tags",
    "merged",
    "merged_into",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One move, with the changed fields that agents can use."""

    number: int
    move: Move
    at: datetime
    actor: str
    note: str | None
    changed: dict[str, str | None]

    @classmethod
    def of(cls, event: Event) -> Self:
        """Return the view of an event."""
        told = {name: event.changed[name] for name in _TOLD if name in event.changed}
        changed = {name: None if value is None else _said(value) for name, value in told.items()}
        lease = event.changed.get("lease")
        if lease:
            changed["held_until"] = _said(lease.until)
        return cls(
            number=event.number,
            move=event.move,
            at=event.at,
            actor=event.actor,
            note=event.note,
            changed=changed,
        )


def _said(value: object) -> str:
    if isinstance(value, Severity):
        return value.explained
    if isinstance(value, Drafted):
        return f"{value.number} {value.fate}"
    if isinstance(value, frozenset):
        return " ".join(sorted(value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedView:
    """A ticket that was erased, by whom, and under which key of its customer it was found.

    A ticket that was named by its id has no `key` here.
    """

    id: str
    by: str
    key: str | None

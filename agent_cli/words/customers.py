"""What the commands print of customers, for people and as published schemas."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk.belonging import Decision, Holdings
from helpdesk.ticket import Conversation, Event

from agent_cli.words.files import FileView
from agent_cli.words.tickets import EventView, MessageView, TicketRow


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key of a customer, with the tickets listed under it.

    `unverified` are tickets of customers who are not verified and gave this key as their own.
    """

    key: str
    tickets: tuple[str, ...]
    unverified: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """That a lead joined or separated two keys."""

    one: str
    other: str
    together: bool
    by: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Return the view of a decision."""
        return cls(
            one=str(decision.one),
            other=str(decision.other),
            together=decision.together,
            by=decision.by,
            at=decision.at,
            reason=decision.reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersView:
    """A customer: the keys that belong together, the names, decisions of leads, and the tickets.

    `whole` is False if there are more keys than are looked at.
    """

    keys: tuple[KeyView, ...]
    names: tuple[str, ...]
    whole: bool
    decisions: tuple[DecisionView, ...]
    tickets: tuple[TicketRow, ...]

    @classmethod
    def of(cls, found: Holdings, decisions: Iterable[Decision], now: datetime) -> Self:
        """Return the view of what the desk has of a customer at a moment."""
        return cls(
            keys=tuple(
                KeyView(
                    key=str(key),
                    tickets=tuple(each.id for each in listed),
                    unverified=tuple(each.id for each in found.claimed[key]),
                )
                for key, listed in found.listed.items()
            ),
            names=tuple(name.value for name in found.person.names),
            whole=found.person.whole,
            decisions=tuple(map(DecisionView.of, decisions)),
            tickets=tuple(TicketRow.of(each, now) for each in found.tickets),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTicketView:
    """A ticket of a customer with everything that was said, done and sent."""

    ticket: TicketRow
    messages: tuple[MessageView, ...]
    events: tuple[EventView, ...]
    files: tuple[FileView, ...]

    @classmethod
    def of(
        cls,
        conversation: Conversation,
        events: Iterable[Event],
        now: datetime,
        *,
        files: tuple[FileView, ...] = (),
    ) -> Self:
        """Return the view of a ticket at a moment."""
        return cls(
            ticket=TicketRow.of(conversation.ticket, now),
            messages=tuple(map(MessageView.of, conversation.messages)),
            events=tuple(map(EventView.of, events)),
            files=files,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerExportView:
    """The folder that everything about a customer was written to.

    `left_out` are tickets of customers who are not verified and gave a key of this one.
    """

    folder: str
    keys: tuple[str, ...]
    tickets: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredView:
    """How many tickets were looked at for the bonds that they show."""

    tickets: int


def found_under(found: Holdings) -> Iterator[str]:
    """Yield a line for each key and name of a customer: what was found under it."""
    for key, listed in found.listed.items():
        yield f"found under {key}: {_tickets(len(listed))}"
        if claimed := found.claimed[key]:
            yield f"found under {key}, not verified: {_tickets(len(claimed))}"
    for name in found.person.names:
        yield f"found as {name}"


def _tickets(count: int) -> str:
    return "1 ticket" if count == 1 else f"{count} tickets"

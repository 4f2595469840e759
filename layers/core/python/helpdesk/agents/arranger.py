"""What an agent does to arrange tickets: open one, tag, mark as spam, merge, split, write again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk import access, belonging, ticket
from helpdesk.agents.workplace import Workplace
from helpdesk.moving import persistently
from helpdesk.ticket import Change, Customer, IllegalMoveError, Ticket

type Pair = tuple[Change, Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A ticket that an agent opens for a customer, who called or wrote elsewhere at `received`."""

    text: str
    customer: Customer
    channel: str
    received: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long a ticket and its token are kept, and the desk's calendar, for `helpdesk.hours`."""

    token_life: timedelta
    retention: timedelta
    calendar: str = ""
    scale: str = ""


@dataclass(frozen=True, kw_only=True)
class Arranger(Workplace):
    """An agent at the desk who arranges tickets."""

    def open(self, opening: Opening, kept: Kept) -> tuple[Ticket, str]:
        """Open a ticket for a customer; return it with the token that opens it to the customer.

        Raises NotAllowedError, TextError or IllegalMoveError.
        """
        token = access.new_token()
        change = ticket.open_for(
            self.agent,
            ticket_id=access.new_ticket_id(),
            text=opening.text,
            customer=opening.customer,
            channel=opening.channel,
            received=opening.received,
            token_hash=access.token_hash(token),
            now=self.clock(),
            token_life=kept.token_life,
            retention=kept.retention,
            calendar=kept.calendar,
            scale=kept.scale,
        )
        self.tickets.commit(change)
        self.signals.send(change.after.id)
        return change.after, token

    def add(
        self, ticket_id: str, text: str, *, canned: Collection[str] = (), seen: int | None = None
    ) -> Ticket:
        """Send another message on an answered ticket; `canned` and `seen` are as in `reply`.

        The same text again, right after, is the same message. Raises NotFoundError, TextError,
        PlaceholderError, IllegalMoveError, NewsError or ConflictError.
        """
        text = self.ready(ticket_id, text, canned)
        if stands := self.said(ticket_id, text):
            return stands
        return self.move(
            ticket_id,
            lambda found: ticket.add(found, self.agent, text, now=self.clock(), seen=seen),
        ).after

    def tag(
        self, ticket_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> Ticket:
        """Put tags on a ticket and take tags off.

        Raises NotFoundError, TagError, IllegalMoveError or ConflictError.
        """
        return self.move(
            ticket_id,
            lambda found: ticket.tag(found, self.agent, now=self.clock(), add=add, remove=remove),
        ).after

    def spam(self, ticket_id: str, *, note: str | None = None) -> Ticket:
        """Close a ticket as spam.

        Raises NotFoundError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """
        change = self.move(
            ticket_id, lambda found: ticket.spam(found, self.agent, now=self.clock(), note=note)
        )
        self.signals.settle(change.before)
        return change.after

    def merge(self, root_id: str, other_id: str, *, note: str | None = None) -> Ticket:
        """Put the other ticket into the root, for the same customer only; return the root.

        Raises NotFoundError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """

        def move(root: Ticket, other: Ticket) -> Pair:
            for each in (root, other):
                if not each.customer.verified:
                    raise IllegalMoveError(
                        f"the customer of {each.id} is not verified, so it cannot be merged: "
                        "another person may have typed the address"
                    )
            if not belonging.are_one(root.customer, other.customer, self.tickets.bonds):
                raise IllegalMoveError(
                    f"{root.id} and {other.id} belong to different customers; "
                    "only tickets of one customer can be merged"
                )
            return ticket.merge(root, other, self.agent, now=self.clock(), note=note)

        of_root, of_other = self._both(root_id, other_id, move)
        self.signals.settle(of_other.before)
        return of_root.after

    def split(self, other_id: str, *, note: str | None = None) -> Ticket:
        """Take a merged ticket apart again; people get it. Return it.

        Raises NotFoundError, IllegalMoveError, TextError or ConflictError.
        """
        root_id = self.get(other_id).merged_into
        if root_id is None:
            raise IllegalMoveError(f"{other_id} is not merged into another ticket")
        _, of_other = self._both(
            root_id,
            other_id,
            lambda root, other: ticket.split(root, other, self.agent, now=self.clock(), note=note),
        )
        self.signals.send(other_id)
        return of_other.after

    def _both(self, root_id: str, other_id: str, move: Callable[[Ticket, Ticket], Pair]) -> Pair:
        def attempt() -> Pair:
            of_root, of_other = move(self.get(root_id), self.get(other_id))
            self.tickets.commit(of_root, also=of_other)
            return of_root, of_other

        return persistently(
            attempt,
            exhausted=f"tickets {root_id} and {other_id} keep changing; try again",
            lost=lambda: self.conflicts(other_id),
        )

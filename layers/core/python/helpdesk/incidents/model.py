"""What is looked at of a ticket, what an incident is, and by which rules it is one. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from helpdesk.cases import Case
from helpdesk.ticket import Ticket

LONGEST = timedelta(hours=24)
"""The longest span in which incidents are looked for."""

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When tickets of different customers are an incident.

    They came within `span`, are of at least `customers`, and are more than `times` as many as
    usually come in such a span about the same intent. Two tickets are about the same if the shorter
    text has the share `contained` of its two-word shingles in the longer one, if the cosine of
    their meanings is `meant`, or if they have the same intent and one of them is `hinted` at.
    """

    span: timedelta = timedelta(hours=6)
    customers: int = 5
    times: float = 3.0
    contained: float = 0.5
    meant: float = 0.7
    contained_hint: float = 0.25
    meant_hint: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A ticket as one of many: what its customer said, in the form in which texts are compared.

    `messages` is the number of the last message that was looked at.
    """

    ticket: Ticket
    case: Case = field(repr=False)
    messages: int

    @property
    def id(self) -> str:
        """The ticket's id."""
        return self.ticket.id

    @property
    def intent(self) -> str | None:
        """What the ticket is most likely about."""
        return self.ticket.intent

    @property
    def customer(self) -> str:
        """Who it is; those without address and reference cannot be told apart, and are one."""
        return self.ticket.customer.key or ""

    @cached_property
    def shingles(self) -> frozenset[tuple[str, str]]:
        """The pairs of words of its text."""
        return frozenset(pairwise(self.case.words))

    @cached_property
    def errors(self) -> frozenset[str]:
        """The numbers of errors that it names."""
        return frozenset(each for each in self.case.numbers if each.startswith("error:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Tickets of many customers about the same, the oldest first.

    `middle` is the one that is about the same as each of the others. `usual` is how many tickets of
    its intent usually come in such a span; None if the desk has no week behind it.
    """

    middle: Voice
    voices: tuple[Voice, ...]
    usual: float | None

    @property
    def id(self) -> str:
        """The id of the oldest ticket. Every other one names the incident as well."""
        return self.voices[0].id

    @property
    def customers(self) -> int:
        """How many customers wrote."""
        return len({each.customer for each in self.voices})

    @property
    def since(self) -> datetime:
        """When the first of them wrote."""
        return self.voices[0].ticket.created_at

    @property
    def until(self) -> datetime:
        """When the last of them wrote."""
        return self.voices[-1].ticket.created_at

    @property
    def waiting(self) -> int:
        """How many tickets wait for a reply."""
        return sum(each.ticket.state.is_open for each in self.voices)

    @property
    def told(self) -> str:
        """The incident in one line."""
        minutes = max(1, round((self.until - self.since) / MINUTE))
        span = f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
        return f"{self.customers} customers ask about the same within {span}"

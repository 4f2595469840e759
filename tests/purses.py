"""A purse in memory, which counts as the one in the tickets table does."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from helpdesk.redrafting import Limits, OverBudgetError, Spending, Spent


@dataclass
class InMemoryPurse:
    """What engines take; `log` has each call."""

    days: dict[date, Spent] = field(default_factory=dict)
    tickets: dict[tuple[date, str], Spent] = field(default_factory=dict)
    log: list[tuple[str, Spending]] = field(default_factory=list)

    def set_aside(self, ticket_id: str, spending: Spending, limits: Limits, now: datetime) -> None:
        self.log.append(("set aside", spending))
        day = now.astimezone(UTC).date()
        of_ticket = _more(self.tickets.get((day, ticket_id), Spent(day=day)), spending)
        of_day = _more(self.spent(day), spending)
        if of_ticket.tokens > limits.tokens or of_ticket.calls > limits.calls:
            raise OverBudgetError("the tokens or calls of the ticket are used up")
        if of_day.microdollars > limits.microdollars:
            raise OverBudgetError("what the engine may cost in a day is used up")
        self.tickets[day, ticket_id], self.days[day] = of_ticket, of_day

    def correct(self, ticket_id: str, difference: Spending, now: datetime) -> None:
        self.log.append(("correct", difference))
        day = now.astimezone(UTC).date()
        of_ticket = self.tickets.get((day, ticket_id), Spent(day=day))
        self.tickets[day, ticket_id] = _more(of_ticket, difference)
        self.days[day] = _more(self.spent(day), difference)

    def spent(self, day: date) -> Spent:
        return self.days.get(day, Spent(day=day))


def _more(spent: Spent, by: Spending) -> Spent:
    return Spent(
        day=spent.day,
        microdollars=spent.microdollars + by.microdollars,
        tokens=spent.tokens + by.tokens,
        calls=spent.calls + by.calls,
    )

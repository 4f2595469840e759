"""One customer as agents look at one: found by a key, with what leads decided about the keys."""

from datetime import datetime

from helpdesk import belonging
from helpdesk.belonging import CustomersTickets, Decision, Holdings
from helpdesk.ports import NotFoundError

from agent_cli.words.customers import CustomersView


def found(key: str, tickets: CustomersTickets) -> Holdings:
    """Return what the desk has of a customer. Raises NotFoundError, AmbiguousCustomerError."""
    person = belonging.whose(key, tickets)
    holdings = belonging.holdings(person, tickets)
    has_some = holdings.tickets or holdings.unverified
    if not (has_some or any(belonging.is_known(each, tickets) for each in person.keys)):
        raise NotFoundError(f"nothing is known of the customer {key}")
    return holdings


def view_of(holdings: Holdings, tickets: CustomersTickets, now: datetime) -> CustomersView:
    """Return the view of a customer, with what leads decided about the customer's keys."""
    decisions: dict[tuple[object, ...], Decision] = {}
    for key in holdings.person.keys:
        for each in tickets.bonds.decisions(key):
            decisions.setdefault((each.at, *sorted((each.one, each.other))), each)
    oldest_first = sorted(decisions.values(), key=lambda each: each.at)
    return CustomersView.of(holdings, oldest_first, now)

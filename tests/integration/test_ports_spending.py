"""What engines take, in the template's own table: within its limits, also by many at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.aws import clients
from helpdesk.aws.spending import KEPT, DynamoPurse
from helpdesk.redrafting import Limits, OverBudgetError, Purse, Spending, Spent

from tests.integration.conftest import Stack
from tests.purses import InMemoryPurse

NOW = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
DAY = NOW.date()
TICKET, OTHER = "1" * 16, "2" * 16
CALL = Spending(microdollars=400, tokens=100, calls=1)
LIMITS = Limits(microdollars=1_000, tokens=250, calls=9)


@pytest.fixture(params=["in memory", "in the table"])
def purse(request: pytest.FixtureRequest) -> Purse:
    if request.param == "in memory":
        return InMemoryPurse()
    stack: Stack = request.getfixturevalue("stack")
    return DynamoPurse(clients.table(stack.outputs["TicketsTable"]))


def test_what_was_set_aside_counts(purse: Purse) -> None:
    assert purse.spent(DAY) == Spent(day=DAY)
    purse.set_aside(TICKET, CALL, LIMITS, NOW)
    purse.set_aside(OTHER, CALL, LIMITS, NOW)

    assert purse.spent(DAY) == Spent(day=DAY, microdollars=800, tokens=200, calls=2)


def test_a_day_ends_with_its_dollars(purse: Purse) -> None:
    for each in (TICKET, OTHER):
        purse.set_aside(each, CALL, LIMITS, NOW)
    with pytest.raises(OverBudgetError, match="day"):
        purse.set_aside("3" * 16, CALL, LIMITS, NOW)

    assert purse.spent(DAY).calls == 2
    purse.set_aside("3" * 16, CALL, LIMITS, NOW + timedelta(minutes=1))
    assert purse.spent(DAY + timedelta(days=1)).calls == 1


def test_a_ticket_ends_with_its_tokens_and_the_day_goes_on(purse: Purse) -> None:
    limits = replace(LIMITS, microdollars=9_999)
    for _ in range(2):
        purse.set_aside(TICKET, CALL, limits, NOW)
    with pytest.raises(OverBudgetError, match="ticket"):
        purse.set_aside(TICKET, CALL, limits, NOW)

    purse.set_aside(OTHER, CALL, limits, NOW)
    assert purse.spent(DAY).calls == 3


def test_a_ticket_ends_with_its_calls_even_if_they_cost_nothing(purse: Purse) -> None:
    free = Spending(microdollars=0, tokens=0, calls=1)
    for _ in range(LIMITS.calls):
        purse.set_aside(TICKET, free, LIMITS, NOW)
    with pytest.raises(OverBudgetError, match="ticket"):
        purse.set_aside(TICKET, free, LIMITS, NOW)


def test_what_the_day_refused_is_not_the_tickets(purse: Purse) -> None:
    purse.set_aside(OTHER, replace(CALL, microdollars=1_000), LIMITS, NOW)
    for _ in range(5):
        with pytest.raises(OverBudgetError, match="day"):
            purse.set_aside(TICKET, CALL, LIMITS, NOW)

    purse.set_aside(TICKET, replace(CALL, microdollars=0), LIMITS, NOW)


def test_a_single_call_beyond_a_limit_is_refused_also_as_the_first(purse: Purse) -> None:
    with pytest.raises(OverBudgetError):
        purse.set_aside(TICKET, replace(CALL, tokens=251), LIMITS, NOW)
    with pytest.raises(OverBudgetError):
        purse.set_aside(TICKET, replace(CALL, microdollars=1_001), LIMITS, NOW)

    assert purse.spent(DAY) == Spent(day=DAY)


def test_what_was_not_needed_is_there_again(purse: Purse) -> None:
    purse.set_aside(TICKET, replace(CALL, microdollars=1_000, tokens=250), LIMITS, NOW)
    purse.correct(TICKET, Spending(microdollars=-900, tokens=-240, calls=0), NOW)

    assert purse.spent(DAY) == Spent(day=DAY, microdollars=100, tokens=10, calls=1)
    purse.set_aside(TICKET, CALL, LIMITS, NOW)


def test_many_at_once_spend_no_more_than_there_is(stack: Stack) -> None:
    table = clients.table(stack.outputs["TicketsTable"])

    def spend(number: int) -> bool:
        try:
            DynamoPurse(table).set_aside(f"{number:016}", CALL, LIMITS, NOW)
        except OverBudgetError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(24))) == 2
    assert DynamoPurse(table).spent(DAY).microdollars == 800


def test_no_ticket_is_named_and_all_of_it_expires(stack: Stack) -> None:
    table = clients.table(stack.outputs["TicketsTable"])
    DynamoPurse(table).set_aside(TICKET, CALL, LIMITS, NOW)
    found = table.client.scan(TableName=table.name)["Items"]

    ends = datetime(2026, 3, 3, tzinfo=UTC) + KEPT
    assert len(found) == 2
    assert TICKET not in str(found)
    assert {int(each["expires_at"]) for each in found} == {int(ends.timestamp())}

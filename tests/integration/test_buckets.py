"""Token buckets in DynamoDB do what the rule says, over any number of processes."""

from datetime import datetime, timedelta
from random import Random

import pytest
from helpdesk.aws import clients
from helpdesk.aws.buckets import DynamoBuckets, HeldSeconds
from helpdesk.aws.tables import Table
from helpdesk.limits import (
    ONE,
    Bucket,
    BucketsUnavailableError,
    Gate,
    Level,
    Limit,
    LimitedError,
    NotEnoughError,
    Wish,
    minute_of,
)

from tests.buckets import InMemoryBuckets
from tests.fakes import MORNING
from tests.holding import SharedMeter
from tests.integration.conftest import Stack

SHOP = Bucket("application", "shop", Limit(100, 200))


@pytest.fixture
def table(stack: Stack) -> Table:
    return clients.table(stack.outputs["TicketsTable"])


def stored(table: Table, bucket: Bucket) -> Level:
    item = table.get_item(Key={"pk": f"RATE#{bucket.id}", "sk": "RATE"})
    assert item
    lent, minute = item.get("lent", 0), item.get("lent_in", 0)
    return Level(float(item["full_at"]), int(lent), int(minute))


def lets_in(gate: Gate, bucket: Bucket, now: datetime) -> bool:
    try:
        gate.admit(bucket, now=now)
    except LimitedError:
        return False
    return True


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [Limit(100, 200), Limit(5, 60), Limit(0.5, 30), Limit(2, 1000)])
def test_the_table_holds_what_the_rule_says(table: Table, limit: Limit, seed: int) -> None:
    """The same requests, through processes over the table and over a dictionary."""
    chance = Random(seed)  # noqa: S311 -- which request comes when is no secret
    bucket, rule = Bucket("application", f"{limit}{seed}", limit), InMemoryBuckets()
    pairs = [
        (Gate(DynamoBuckets(table), pytest.fail), Gate(rule, pytest.fail))  # type: ignore[arg-type]
        for _ in range(4)
    ]
    now = MORNING
    for _ in range(150):
        now += timedelta(seconds=chance.choice((0, 0, 0, 0.01, 0.5, 3, 20)))
        over_table, over_rule = chance.choice(pairs)
        assert lets_in(over_table, bucket, now) == lets_in(over_rule, bucket, now)
        is_so, should_be = stored(table, bucket), rule.levels[bucket.id]
        assert is_so.full_at == pytest.approx(should_be.full_at, abs=1e-3)
        assert (is_so.lent, is_so.minute) == (should_be.lent, should_be.minute)


def test_blocks_that_race_for_the_last_tokens_take_what_there_is(table: Table) -> None:
    """Another process drew after this one had looked: the condition notices."""
    buckets = DynamoBuckets(table)
    drawn = [buckets.draw(SHOP, Wish(20), MORNING) for _ in range(12)]
    assert drawn[:4] == [20, 18, 15, 1], "a tenth of what is left, a quarter lent at most"

    while sum(drawn) < SHOP.limit.burst:
        drawn.append(buckets.draw(SHOP, ONE, MORNING))
    with pytest.raises(NotEnoughError):
        buckets.draw(SHOP, Wish(20), MORNING)
    assert stored(table, SHOP).lent == SHOP.limit.most_lent


def test_a_bucket_that_was_only_drawn_from_one_by_one_begins_to_lend(table: Table) -> None:
    buckets = DynamoBuckets(table)
    buckets.draw(SHOP, ONE, MORNING)

    assert buckets.draw(SHOP, Wish(4), MORNING) == 4
    assert stored(table, SHOP).lent == 3
    assert buckets.draw(SHOP, Wish(8, returned=3), MORNING) == 8
    assert stored(table, SHOP) == Level(
        pytest.approx(MORNING.timestamp() + 0.13, abs=1e-3), 7, minute_of(MORNING.timestamp())
    )


def test_what_is_returned_of_a_bucket_that_is_gone_is_not_counted(table: Table) -> None:
    """Expiry may delete the item between two draws of a process."""
    buckets = DynamoBuckets(table)
    buckets.draw(SHOP, Wish(20), MORNING)
    table.delete_item(Key={"pk": f"RATE#{SHOP.id}", "sk": "RATE"})

    assert buckets.draw(SHOP, Wish(4, returned=19), MORNING) == 4
    assert stored(table, SHOP).lent == 3


def test_the_meter_of_held_seconds_gives_what_the_rule_says(table: Table) -> None:
    """The same holds through two environments over the table, and over one number."""
    chance = Random(7)  # noqa: S311 -- which hold begins when is no secret
    meters, rule = [HeldSeconds(DynamoBuckets(table), 20) for _ in range(2)], SharedMeter(20)
    given, now = [], MORNING
    for _ in range(60):
        now += timedelta(seconds=chance.choice((0, 0, 0.1, 0.5, 4)))
        given.append(chance.choice(meters).take(19.0, now))
        assert given[-1] == pytest.approx(rule.take(19.0, now), abs=1e-3)

    assert given[0] == 19.0
    assert 0.0 in given, "it was empty"
    assert any(0 < each < 19 for each in given), "it was shared"


def test_a_meter_that_is_out_of_reach_says_so() -> None:
    meter = HeldSeconds(DynamoBuckets(clients.table("no-such-table")), 20)

    with pytest.raises(BucketsUnavailableError):
        meter.take(19.0, MORNING)

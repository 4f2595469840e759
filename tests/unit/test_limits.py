"""Token buckets, and the gate that draws from them."""

from datetime import datetime, timedelta

import pytest
from helpdesk.limits import (
    MOST_REMEMBERED,
    Bucket,
    BucketsUnavailableError,
    Gate,
    Limit,
    LimitedError,
    NotEnoughError,
    bucket_id,
    network,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import MORNING

ADA = Bucket("customer", "EMAIL#ada@example.com", Limit(0.5, 30))
BOB = Bucket("customer", "EMAIL#bob@example.com", Limit(0.5, 30))
SHOP = Bucket("application", "shop", Limit(100, 200))


class InMemoryBuckets:
    """Buckets in a dictionary; `draws` lists what was drawn, `down` refuses all."""

    def __init__(self) -> None:
        self.full_at: dict[str, float] = {}
        self.draws: list[int] = []
        self.down = False

    def draw(self, bucket: Bucket, tokens: int, now: datetime) -> None:
        if self.down:
            raise BucketsUnavailableError("down")
        self.draws.append(tokens)
        full_at = self.full_at.get(bucket.id)
        self.full_at[bucket.id] = bucket.limit.draw(full_at, tokens, now.timestamp())


@pytest.fixture
def buckets() -> InMemoryBuckets:
    return InMemoryBuckets()


@pytest.fixture
def failures() -> list[Exception]:
    return []


@pytest.fixture
def gate(buckets: InMemoryBuckets, failures: list[Exception]) -> Gate:
    return Gate(buckets, failures.append)


def admitted(gate: Gate, *buckets: Bucket, times: int, now: datetime = MORNING) -> int:
    count = 0
    for _ in range(times):
        try:
            gate.admit(*buckets, now=now)
        except LimitedError:
            continue
        count += 1
    return count


def test_a_burst_then_a_rate(gate: Gate) -> None:
    assert admitted(gate, ADA, times=100) == 30
    assert admitted(gate, ADA, times=100, now=MORNING + timedelta(seconds=10)) == 5
    assert admitted(gate, ADA, times=100, now=MORNING + timedelta(hours=1)) == 30


def test_the_wait_is_as_long_as_it_takes(gate: Gate) -> None:
    admitted(gate, ADA, times=30)
    with pytest.raises(LimitedError) as refused:
        gate.admit(ADA, now=MORNING)

    assert (refused.value.kind, refused.value.wait) == ("customer", timedelta(seconds=2))
    gate.admit(ADA, now=MORNING + refused.value.wait)


def test_one_customers_flood_is_that_customers_alone(gate: Gate) -> None:
    """X4: what is refused for one is not counted against what all share."""
    admitted(gate, ADA, SHOP, times=10_000)

    assert admitted(gate, BOB, SHOP, times=30) == 30


def test_a_caller_who_is_refused_costs_no_draw_until_there_is_a_token(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    admitted(gate, ADA, times=31)
    drawn = len(buckets.draws)

    assert admitted(gate, ADA, times=1000, now=MORNING + timedelta(seconds=1)) == 0
    assert len(buckets.draws) == drawn


def test_a_busy_environment_draws_in_blocks_and_never_more_than_there_is(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    assert admitted(gate, SHOP, times=1000) == 200
    assert len(buckets.draws) < 40
    assert max(buckets.draws) <= SHOP.limit.block == 10


def test_an_idle_environment_draws_one_by_one(gate: Gate, buckets: InMemoryBuckets) -> None:
    for second in range(10):
        gate.admit(SHOP, now=MORNING + timedelta(seconds=2 * second))

    assert buckets.draws == [1] * 10


def test_two_environments_share_one_bucket(buckets: InMemoryBuckets) -> None:
    gates = [Gate(buckets, pytest.fail) for _ in range(4)]

    assert sum(admitted(gate, SHOP, times=100) for gate in gates) <= 200


@given(
    st.integers(1, 50),
    st.floats(0.1, 100),
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 2)), max_size=150),
)
def test_never_more_than_the_burst_and_what_was_refilled(
    burst: int, rate: float, requests: list[tuple[float, int]]
) -> None:
    """Any number of environments, any moments: the limit holds over every span of time."""
    buckets, bucket = InMemoryBuckets(), Bucket("application", "x", Limit(rate, burst))
    gates = [Gate(buckets, pytest.fail) for _ in range(3)]
    now, moments = MORNING, []
    for pause, environment in requests:
        now += timedelta(seconds=pause)
        if admitted(gates[environment], bucket, times=1, now=now):
            moments.append(now)

    ahead = 3 * bucket.limit.block  # tokens in the environments' hands from before the span
    for first, start in enumerate(moments):
        for last in range(first, len(moments)):
            span = (moments[last] - start).total_seconds()
            assert last - first + 1 <= burst + ahead + span * rate + 0.01


def test_a_store_that_fails_keeps_nobody_out(
    gate: Gate, buckets: InMemoryBuckets, failures: list[Exception]
) -> None:
    buckets.down = True

    assert admitted(gate, ADA, SHOP, times=100) == 100
    assert len(failures) == 100


def test_an_environment_forgets_callers_in_time(gate: Gate) -> None:
    for number in range(2 * MOST_REMEMBERED):
        gate.admit(Bucket("address", str(number), Limit(1, 1)), now=MORNING)

    assert len(gate._stocks) == MOST_REMEMBERED


def test_a_draw_beyond_the_bucket_says_how_long_to_wait() -> None:
    with pytest.raises(NotEnoughError) as short:
        Limit(2, 4).draw(None, 5, 0.0)

    assert short.value.wait == timedelta(seconds=0.5)


def test_what_is_stored_of_a_caller_names_nobody() -> None:
    assert "ada" not in ADA.id
    assert ADA.id != bucket_id("address", ADA.name)
    assert ADA.id != BOB.id


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("", ""),
        ("test-invoke-source-ip", "test-invoke-source-ip"),
    ],
)
def test_an_address_stands_for_its_host(address: str, whose: str) -> None:
    """An IPv6 host has 2^64 addresses: each counted by itself would be no limit."""
    assert network(address) == whose

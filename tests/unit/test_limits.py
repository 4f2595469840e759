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
    """Buckets in a dictionary; `draws` lists what was wished, `down` refuses all."""

    def __init__(self) -> None:
        self.full_at: dict[str, float] = {}
        self.draws: list[int] = []
        self.asked = 0
        self.down = False

    def draw(self, bucket: Bucket, tokens: int, now: datetime) -> None:
        self.asked += 1
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


def test_what_was_drawn_in_advance_can_be_used_for_a_second(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    for _ in range(2):
        gate.admit(SHOP, now=MORNING)
    assert buckets.draws == [1, 2], "the second request found the environment busy"

    gate.admit(SHOP, now=MORNING + timedelta(milliseconds=999))
    assert buckets.draws == [1, 2]
    gate.admit(SHOP, now=MORNING + timedelta(milliseconds=999))
    assert buckets.draws == [1, 2, 4]
    gate.admit(SHOP, now=MORNING + timedelta(milliseconds=1999))
    assert buckets.draws == [1, 2, 4, 1], "what was left over lapsed"


@pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(days=1)])
def test_what_was_left_over_lapses(gate: Gate, buckets: InMemoryBuckets, later: timedelta) -> None:
    admitted(gate, SHOP, times=2)
    assert buckets.draws == [1, 2], "one token is left"

    gate.admit(SHOP, now=MORNING + later)
    assert buckets.draws == [1, 2, 1]


def test_blocks_double_up_to_a_twentieth_of_the_bucket(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    assert admitted(gate, SHOP, times=35) == 35

    assert buckets.draws == [1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize(
    ("burst", "block"), [(1, 1), (19, 1), (20, 1), (39, 1), (40, 2), (200, 10), (1000, 50)]
)
def test_a_block_is_a_twentieth_of_the_bucket_and_at_least_one(burst: int, block: int) -> None:
    assert Limit(1, burst).block == block


def test_where_a_block_is_too_much_a_single_token_is_drawn(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    nearly_empty = Bucket("application", "x", Limit(1, 100))
    Gate(buckets, pytest.fail).admit(nearly_empty, now=MORNING)
    buckets.full_at[nearly_empty.id] = MORNING.timestamp() + 98

    assert admitted(gate, nearly_empty, times=5) == 2


def test_after_a_refusal_requests_are_admitted_one_by_one(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    admitted(gate, ADA, times=31)
    buckets.draws.clear()

    assert admitted(gate, ADA, times=9, now=MORNING + timedelta(seconds=2)) == 1
    assert admitted(gate, ADA, times=9, now=MORNING + timedelta(seconds=4)) == 1
    assert buckets.draws == [1, 1, 1, 1], "granted and refused, twice; the rest was remembered"


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


def test_a_store_that_fails_refuses_no_caller(
    gate: Gate, buckets: InMemoryBuckets, failures: list[Exception]
) -> None:
    buckets.down = True

    assert admitted(gate, ADA, SHOP, times=100) == 100
    assert len(failures) == 100


def test_an_environment_forgets_callers_in_time(gate: Gate) -> None:
    for number in range(2 * MOST_REMEMBERED):
        gate.admit(Bucket("address", str(number), Limit(1, 1)), now=MORNING)

    assert len(gate._stocks) == MOST_REMEMBERED == 1_000


def test_the_caller_who_was_away_longest_is_forgotten_first(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    """A forgotten caller costs a draw: until then the refusal itself is remembered."""

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            gate.admit(Bucket("address", str(number), Limit(1, 1)), now=MORNING)

    admitted(gate, ADA, times=31)
    fill(0, 600)
    admitted(gate, BOB, times=31)
    fill(600, MOST_REMEMBERED - 2)
    buckets.draws.clear()

    def asked_the_store(caller: Bucket) -> bool:
        before = buckets.asked
        with pytest.raises(LimitedError):
            gate.admit(caller, now=MORNING)
        return buckets.asked > before

    assert not asked_the_store(ADA)
    fill(MOST_REMEMBERED, MOST_REMEMBERED + 1)
    assert asked_the_store(ADA), "the thousand-and-first took her place"
    assert not asked_the_store(BOB)


def test_a_draw_beyond_the_bucket_says_how_long_to_wait() -> None:
    with pytest.raises(NotEnoughError) as short:
        Limit(2, 4).draw(None, 5, 0.0)

    assert short.value.wait == timedelta(seconds=0.5)
    assert str(short.value) == "0.500 s too early"


@pytest.mark.parametrize(
    ("full_at", "tokens", "now", "after"),
    [
        (None, 1, 100.0, 100.5),
        (None, 4, 100.0, 102.0),
        (90.0, 1, 100.0, 100.5),
        (100.0, 1, 100.0, 100.5),
        (101.0, 1, 100.0, 101.5),
        (101.5, 1, 100.0, 102.0),
    ],
)
def test_a_bucket_is_the_moment_at_which_it_is_full_again(
    full_at: float | None, tokens: int, now: float, after: float
) -> None:
    assert Limit(2, 4).draw(full_at, tokens, now) == after


def test_a_bucket_may_be_full_in_a_fraction_of_a_second() -> None:
    assert Limit(2, 3).draw(None, 3, 100.0) == 101.5
    assert Limit(100, 50).draw(None, 50, 100.0) == 100.5


@pytest.mark.parametrize(("early", "refused"), [(1e-7, False), (1e-5, True), (0.5, True)])
def test_a_millionth_of_a_second_early_is_in_time(early: float, refused: bool) -> None:
    """Floating point loses that much; a caller who waits as long as told must not be refused."""
    limit = Limit(1, 1)
    full_at = limit.draw(None, 1, 0.0)

    if refused:
        with pytest.raises(NotEnoughError):
            limit.draw(full_at, 1, 1.0 - early)
    else:
        limit.draw(full_at, 1, 1.0 - early)


def test_what_is_stored_of_a_caller_has_no_name() -> None:
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

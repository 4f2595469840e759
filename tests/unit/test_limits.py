"""Token buckets, and the gate that draws from them."""

from datetime import datetime, timedelta

import pytest
from helpdesk.limits import (
    FEW,
    MOST_REMEMBERED,
    Bucket,
    Gate,
    Level,
    Limit,
    LimitedError,
    NotEnoughError,
    Wish,
    block,
    bucket_id,
    minute_of,
    network,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.buckets import InMemoryBuckets
from tests.fakes import MORNING

ADA = Bucket("customer", "EMAIL#ada@example.com", Limit(0.5, 30))
BOB = Bucket("customer", "EMAIL#bob@example.com", Limit(0.5, 30))
SHOP = Bucket("application", "shop", Limit(100, 200))


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


def test_a_busy_process_draws_in_blocks_and_never_more_than_there_is(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    assert admitted(gate, SHOP, times=1000) == 200
    assert max(buckets.draws) == 16, "a tenth of the 169 that were left"
    assert buckets.draws.count(1) == 47, "one by one, once fewer than fifty are left"
    assert len(buckets.draws) < 70


def test_an_idle_process_draws_one_by_one(gate: Gate, buckets: InMemoryBuckets) -> None:
    for minute in range(10):
        gate.admit(SHOP, now=MORNING + timedelta(minutes=minute))

    assert buckets.draws == [1] * 10


def test_what_was_drawn_in_advance_can_be_used_for_the_minute(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    for _ in range(2):
        gate.admit(SHOP, now=MORNING)
    assert buckets.draws == [1, 2], "the second request found the process busy"

    gate.admit(SHOP, now=MORNING + timedelta(seconds=58.9))
    assert buckets.draws == [1, 2]
    gate.admit(SHOP, now=MORNING + timedelta(seconds=58.9))
    assert buckets.draws == [1, 2, 4]
    gate.admit(SHOP, now=MORNING + timedelta(seconds=59))
    assert buckets.draws == [1, 2, 4, 1], "clocks differ, so nothing is borrowed for a second"
    gate.admit(SHOP, now=MORNING + timedelta(seconds=60))
    assert buckets.draws == [1, 2, 4, 1, 2], "half of the last block: what was left over lapsed"


@pytest.mark.parametrize(("later", "then"), [(timedelta(seconds=60), 2), (timedelta(minutes=2), 1)])
def test_what_was_left_over_lapses(
    gate: Gate, buckets: InMemoryBuckets, later: timedelta, then: int
) -> None:
    admitted(gate, SHOP, times=4)
    assert buckets.draws == [1, 2, 4], "three tokens are left"

    gate.admit(SHOP, now=MORNING + later)
    assert buckets.draws == [1, 2, 4, then]
    assert buckets.levels[SHOP.id].lent == then - 1 or then == 1


def test_blocks_double_up_to_a_tenth_of_what_is_left(gate: Gate, buckets: InMemoryBuckets) -> None:
    large = Bucket("application", "large", Limit(100, 400))

    assert admitted(gate, large, times=64) == 64
    assert buckets.draws == [1, 2, 4, 8, 16, 32, 33]


@pytest.mark.parametrize(
    ("left", "most"), [(0, 1), (1, 1), (49, 1), (50, 5), (59.9, 5), (200, 20), (1000, 100)]
)
def test_a_block_is_a_tenth_of_what_is_left_and_one_of_few(left: float, most: int) -> None:
    assert block(left) == most


@given(st.integers(1, FEW - 1), st.lists(st.integers(0, 4), max_size=150))
def test_a_small_limit_is_exact_over_all_processes(burst: int, requests: list[int]) -> None:
    buckets, bucket = InMemoryBuckets(), Bucket("application", "x", Limit(0.001, burst))
    gates = [Gate(buckets, pytest.fail) for _ in range(5)]

    assert sum(admitted(gates[each], bucket, times=1) for each in requests) == min(
        burst, len(requests)
    )


def test_a_process_that_finds_nothing_to_borrow_asks_one_by_one_for_the_minute(
    buckets: InMemoryBuckets,
) -> None:
    """Each vain attempt costs a write."""
    buckets.levels[SHOP.id] = Level(0.0, SHOP.limit.most_lent, minute_of(MORNING.timestamp()))
    asked: list[int] = []

    class Listening(InMemoryBuckets):
        def draw(self, bucket: Bucket, wish: Wish, now: datetime) -> int:
            asked.append(wish.tokens)
            return super().draw(bucket, wish, now)

    listening = Listening()
    listening.levels = buckets.levels
    gate = Gate(listening, pytest.fail)
    for second in range(0, 100, 10):
        gate.admit(SHOP, now=MORNING + timedelta(seconds=second))

    assert asked == [1, 2, 1, 1, 1, 1, 1, 2, 4]


def test_all_processes_together_borrow_at_most_a_quarter_of_the_burst(
    buckets: InMemoryBuckets,
) -> None:
    now = MORNING
    gates = [Gate(buckets, pytest.fail) for _ in range(100)]
    for _ in range(4):
        for gate in gates:
            now += timedelta(milliseconds=20)
            gate.admit(SHOP, now=now)

    in_hand = sum(stock.left for gate in gates for stock in gate._stocks.values())
    assert in_hand == buckets.levels[SHOP.id].lent == SHOP.limit.most_lent == 50


def test_what_a_dead_process_held_is_lent_again_in_the_next_minute(
    buckets: InMemoryBuckets,
) -> None:
    for _ in range(20):
        admitted(Gate(buckets, pytest.fail), SHOP, times=4)
    assert buckets.levels[SHOP.id].lent > SHOP.limit.most_lent - 4

    later = MORNING + timedelta(minutes=1)
    gate = Gate(buckets, pytest.fail)
    assert admitted(gate, SHOP, times=2, now=later) == 2
    assert buckets.levels[SHOP.id].lent == 1


def test_a_draw_whose_answer_was_lost_is_not_given_back(buckets: InMemoryBuckets) -> None:
    """The store may have counted it. Given back twice, it would let others borrow too much."""
    gate = Gate(buckets, lambda _: None)
    admitted(gate, SHOP, times=7)
    held = buckets.levels[SHOP.id].lent
    buckets.down = True
    admitted(gate, SHOP, times=1)
    buckets.down = False
    admitted(gate, SHOP, times=3)

    assert buckets.levels[SHOP.id].lent == held + 1


def test_a_process_whose_clock_is_behind_borrows_nothing(buckets: InMemoryBuckets) -> None:
    buckets.levels[SHOP.id] = Level(0.0, 0, minute_of(MORNING.timestamp()) + 1)
    admitted(Gate(buckets, pytest.fail), SHOP, times=3)

    assert buckets.draws == [1, 1, 1]


def test_where_a_block_is_too_much_a_single_token_is_drawn(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    nearly_empty = Bucket("application", "x", Limit(1, 100))
    gate.admit(nearly_empty, now=MORNING)
    buckets.levels[nearly_empty.id] = Level(MORNING.timestamp() + 98)

    assert admitted(gate, nearly_empty, times=5) == 2


def test_after_a_refusal_requests_are_admitted_one_by_one(
    gate: Gate, buckets: InMemoryBuckets
) -> None:
    admitted(gate, ADA, times=31)
    buckets.draws.clear()

    assert admitted(gate, ADA, times=9, now=MORNING + timedelta(seconds=2)) == 1
    assert admitted(gate, ADA, times=9, now=MORNING + timedelta(seconds=4)) == 1
    assert buckets.draws == [1, 0, 1, 0], "granted and refused, twice; the rest was remembered"


def test_two_environments_share_one_bucket(buckets: InMemoryBuckets) -> None:
    gates = [Gate(buckets, pytest.fail) for _ in range(4)]

    assert sum(admitted(gate, SHOP, times=100) for gate in gates) <= 200


@given(
    st.integers(1, 400),
    st.floats(0.1, 100),
    st.lists(
        st.tuples(st.one_of(st.just(0.0), st.floats(0, 40)), st.integers(0, 5), st.integers(1, 60)),
        max_size=60,
    ),
)
def test_never_more_than_the_burst_what_was_refilled_and_a_quarter_of_the_burst(
    burst: int, rate: float, requests: list[tuple[float, int, int]]
) -> None:
    """Any number of processes, any moments: the limit holds over every span of time."""
    buckets, bucket = InMemoryBuckets(), Bucket("application", "x", Limit(rate, burst))
    gates = [Gate(buckets, pytest.fail) for _ in range(6)]
    now, moments = MORNING, [(MORNING, 0)]
    for pause, process, times in requests:
        now += timedelta(seconds=pause)
        moments.append(
            (now, moments[-1][1] + admitted(gates[process], bucket, times=times, now=now))
        )
        in_hand = sum(
            stock.left
            for each in gates
            for stock in each._stocks.values()
            if stock.minute == minute_of(now.timestamp())
        )
        assert in_hand <= bucket.limit.most_lent

    ahead = burst / 4 if burst >= FEW else 0
    for first in range(1, len(moments)):
        (start, _), (_, before) = moments[first], moments[first - 1]
        for end, count in moments[first:]:
            span = (end - start).total_seconds()
            assert count - before <= burst + ahead + span * rate + 0.01


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

"""How long requests that wait are held: the meter's share, what is free, what is given back."""

from datetime import timedelta
from pathlib import Path

import pytest
from helpdesk.holding import EMPTY, FREE, KEPT, REMEMBERED, Holds
from helpdesk.limits import BucketsUnavailableError

from tests.holding import BEGAN, Rush, SharedMeter, raised, table

ROOT = Path(__file__).parents[2]
ASKED = timedelta(seconds=20)
SECOND = timedelta(seconds=1)


def one_hold(holds: Holds, after: timedelta = timedelta(0)) -> tuple[float, float, bool]:
    """Hold a request to its end; return its first moment, how it went on, and if it was cut."""
    hold = holds.begin(ASKED, BEGAN + after)
    more = hold.go_on(BEGAN + after + hold.first)
    assert not hold.go_on(BEGAN + after + hold.first + more), "it goes on once"
    return hold.first.total_seconds(), more.total_seconds(), hold.shortened


class TestOneEnvironment:
    def test_while_few_wait_a_hold_lasts_as_long_as_it_asks(self) -> None:
        meter = SharedMeter(300)

        assert one_hold(Holds(meter, failed=raised)) == (FREE, 19.0, False)
        assert meter.writes == 1

    def test_an_answer_within_the_first_moment_writes_nothing(self) -> None:
        meter = SharedMeter(300)
        hold = Holds(meter, failed=raised).begin(ASKED, BEGAN)
        hold.end(SECOND / 2, BEGAN)

        assert meter.writes == 0

    def test_a_short_hold_is_free(self) -> None:
        meter = SharedMeter(300)
        hold = Holds(meter, failed=raised).begin(SECOND / 2, BEGAN)

        assert (hold.first, hold.go_on(BEGAN + hold.first)) == (SECOND / 2, timedelta(0))
        assert (meter.writes, hold.shortened) == (0, False)

    def test_what_was_not_used_is_for_the_next_hold_for_a_minute(self) -> None:
        for later, writes in ((SECOND, 1), (KEPT + SECOND * 3, 2)):
            meter = SharedMeter(300)
            holds = Holds(meter, failed=raised)
            hold = holds.begin(ASKED, BEGAN)
            hold.go_on(BEGAN + SECOND)
            hold.end(timedelta(seconds=19), BEGAN + SECOND)

            assert one_hold(holds, later) == (FREE, 19.0, False)
            assert meter.writes == writes

    def test_after_a_cut_the_first_moment_is_as_much_shorter(self) -> None:
        meter = SharedMeter(300, full_at=BEGAN.timestamp() + 2)  # half of it is left a second later
        holds = Holds(meter, failed=raised)

        assert one_hold(holds) == (FREE, pytest.approx(9.5), True)
        first, _, _ = one_hold(holds, SECOND * 3)
        assert first == pytest.approx(0.5)
        assert one_hold(holds, SECOND * 3 + REMEMBERED * 2)[0] == FREE

    def test_an_empty_meter_ends_the_hold_and_is_not_asked_again_at_once(self) -> None:
        meter = SharedMeter(300, full_at=BEGAN.timestamp() + 60)
        holds = Holds(meter, failed=raised)

        assert one_hold(holds) == (FREE, 0.0, True)
        assert one_hold(holds, FREE * SECOND + EMPTY / 2) == (0.0, 0.0, True)
        assert meter.writes == 1
        one_hold(holds, FREE * SECOND + EMPTY * 2)
        assert meter.writes == 2

    def test_a_meter_that_fails_is_told_and_the_hold_ends(self) -> None:
        class Gone:
            def take(self, wanted: float, now: object) -> float:
                raise BucketsUnavailableError(f"{wanted} at {now}")

        told: list[Exception] = []

        assert one_hold(Holds(Gone(), failed=told.append)) == (FREE, 0.0, True)
        assert len(told) == 1


class TestManyEnvironments:
    """Played without a clock of its own: the same numbers on each machine."""

    def test_up_to_the_limit_every_hold_is_whole(self) -> None:
        rush = Rush(15, SharedMeter(300)).run()

        assert {round(each, 6) for each in rush.held} == {20.0}
        assert rush.most() <= 301

    def test_a_hundred_looks_a_second_do_not_take_the_accounts_thousand(self) -> None:
        rush = Rush(100, SharedMeter(300)).run()

        assert rush.most() < 600, "without a meter 2,000"
        assert rush.most(after=10) < 450
        assert min(rush.held) > 0, "none is refused"

    def test_the_more_wait_the_shorter_each_is_held(self) -> None:
        held = []
        for rate in (15, 50, 100, 500):
            rush = Rush(rate, SharedMeter(300)).run()
            held.append(sum(rush.held) / len(rush.held))

        assert held == sorted(held, reverse=True)

    def test_over_any_time_no_more_is_held_than_the_meter_gives(self) -> None:
        rush = Rush(200, SharedMeter(300)).run()
        counted = sum(max(0.0, each - FREE) for each in rush.held)

        assert counted <= 300 * (rush.seconds + 2 + 20)

    def test_the_table_in_the_page_of_waiting_is_what_comes_out(self) -> None:
        assert table() in (ROOT / "docs" / "waiting.md").read_text(), table()

"""Random lives of tickets over the ports in memory, and the proof that they would notice.

Without LIVES the lives are the same ones every time. A long run is a few thousand lives at a time,
each with a seed of its own:

    LIVES=5000 pytest tests/unit/test_lives.py -m slow -k no_life -s --hypothesis-seed=1
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.lives.acts import CALMLY, Lives
from tests.lives.drawing import draw_alike
from tests.lives.planted import ALSO, BUGS
from tests.lives.promises import BrokenPromiseError, Promise
from tests.lives.world import InMemory

pytestmark = pytest.mark.slow  # thousands of lives

EVERY_TIME = 2_000
STEPS = 40


@pytest.fixture(autouse=True)
def the_same_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_alike(monkeypatch)


class Memory(Lives):
    """Lives over the ports in memory; `lived` counts them, `steps` what happened in them."""

    lived = steps = 0

    def open_world(self) -> InMemory:
        Memory.lived += 1
        return InMemory()

    @invariant()
    def count_the_step(self) -> None:
        Memory.steps += 1


def live(most: int, **options: Any) -> None:
    chosen = settings(
        CALMLY, max_examples=most, stateful_step_count=STEPS, database=None, **options
    )
    run_state_machine_as_test(Memory, settings=chosen)


def test_no_life_of_a_ticket_breaks_a_promise() -> None:
    """T7 to T10, F5 to F7, F12, R14."""
    wanted = int(os.environ.get("LIVES", EVERY_TIME))
    Memory.lived = Memory.steps = 0
    live(wanted, derandomize="LIVES" not in os.environ)
    print(f"\n{Memory.lived} lives, {Memory.steps} steps")  # noqa: T201 -- for reports
    assert Memory.lived >= wanted


def test_every_promise_has_a_planted_bug() -> None:
    counted = {Promise.COUNTED}  # by what DynamoDB's index tells: in test_lives_on_aws
    assert {promise for _, promise in BUGS} == set(Promise) - counted


@pytest.mark.parametrize(("bug", "promise"), BUGS)
def test_a_planted_bug_is_found(
    bug: Callable[[pytest.MonkeyPatch], None], promise: Promise, monkeypatch: pytest.MonkeyPatch
) -> None:
    Memory.lived = 0
    bug(monkeypatch)
    named = "|".join({promise, ALSO.get(bug, promise)})
    with pytest.raises(BrokenPromiseError, match=f"^({named}): "):
        live(10_000, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)
    print(f"\n| {promise} | {bug.__name__.replace('_', ' ')} | {Memory.lived} |")  # noqa: T201

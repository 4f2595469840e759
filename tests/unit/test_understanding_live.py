"""A running process follows the model in force: at once at first, then every five seconds."""

from datetime import timedelta

import pytest
from helpdesk.learning import Published
from helpdesk.understanding import Model, fit, live
from helpdesk.understanding.live import LiveUnderstander, NoModelError

from tests.fakes import MORNING, Clock
from tests.unit.test_understanding_model import UTTERANCES, WordVectors

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    """Return two models: the newer one knows gift wrapping."""
    gift_wrap = ["gift wrapping please", "wrap it as a gift", "gift wrap"]
    return {
        "old": fit(UTTERANCES, WordVectors()),
        "new": fit({**UTTERANCES, "gift_wrap": gift_wrap}, WordVectors()),
    }


class Shelf:
    """Published models in memory; counts how often it is asked for which."""

    def __init__(self, models: dict[str, Model]) -> None:
        self._models = models
        self.in_force: str | None = None
        self.looks = 0
        self.loads: list[str] = []

    def current(self) -> Published | None:
        self.looks += 1
        if self.in_force is None:
            return None
        return Published(version=self.in_force, at=MORNING, knowledge="k", figures=None)

    def load(self, version: str) -> bytes:
        self.loads.append(version)
        return self._models[version].to_bytes()


@pytest.fixture
def shelf(models: dict[str, Model]) -> Shelf:
    return Shelf(models)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def encoders(monkeypatch: pytest.MonkeyPatch) -> list[WordVectors]:
    """Replace the encoder by a small one; return those that were loaded."""
    loaded: list[WordVectors] = []

    def load() -> WordVectors:
        loaded.append(WordVectors())
        return loaded[-1]

    monkeypatch.setattr(live, "load_encoder", load)
    return loaded


@pytest.fixture
def understander(shelf: Shelf, clock: Clock, encoders: list[WordVectors]) -> LiveUnderstander:
    return LiveUnderstander(shelf, clock=clock)


def knows_gift_wrapping(understander: LiveUnderstander) -> bool:
    return understander.understand("gift wrapping please").ranking[0].name == "gift_wrap"


def test_nothing_is_loaded_before_the_first_message(
    understander: LiveUnderstander, shelf: Shelf, encoders: list[WordVectors]
) -> None:
    assert (shelf.looks, shelf.loads, encoders) == (0, [], [])


def test_before_anything_was_published_it_says_what_to_do(
    understander: LiveUnderstander, shelf: Shelf
) -> None:
    with pytest.raises(NoModelError, match="load the knowledge first"):
        understander.understand("hello")

    shelf.in_force = "new"
    assert knows_gift_wrapping(understander), "the very next message looks again"


def test_a_new_model_counts_five_seconds_later_at_the_latest(
    understander: LiveUnderstander, shelf: Shelf, clock: Clock, encoders: list[WordVectors]
) -> None:
    shelf.in_force = "old"
    assert not knows_gift_wrapping(understander)
    shelf.in_force = "new"

    clock.advance(5 * SECOND - timedelta(microseconds=1))
    assert not knows_gift_wrapping(understander)
    assert (shelf.looks, shelf.loads) == (1, ["old"])

    clock.advance(timedelta(microseconds=1))
    assert knows_gift_wrapping(understander)
    assert (shelf.looks, shelf.loads) == (2, ["old", "new"])
    assert len(encoders) == 1, "the encoder stays"


def test_after_a_quiet_hour_the_first_message_is_read_with_the_model_in_force(
    understander: LiveUnderstander, shelf: Shelf, clock: Clock
) -> None:
    shelf.in_force = "old"
    assert not knows_gift_wrapping(understander)
    shelf.in_force = "new"
    clock.advance(timedelta(hours=1))

    assert knows_gift_wrapping(understander)


def test_the_same_model_is_looked_for_every_five_seconds_and_loaded_once(
    understander: LiveUnderstander, shelf: Shelf, clock: Clock
) -> None:
    shelf.in_force = "old"
    for _ in range(20):
        understander.understand("where is my order")
        clock.advance(SECOND)

    assert (shelf.looks, shelf.loads) == (4, ["old"])


def test_a_model_that_is_rolled_back_goes_out_of_use(
    understander: LiveUnderstander, shelf: Shelf, clock: Clock
) -> None:
    seen = []
    for version in ("new", "old", "new"):
        shelf.in_force = version
        seen.append(knows_gift_wrapping(understander))
        clock.advance(5 * SECOND)

    assert seen == [True, False, True]


def test_a_model_that_cannot_be_loaded_is_tried_again_at_the_next_message(
    understander: LiveUnderstander, shelf: Shelf, clock: Clock
) -> None:
    shelf.in_force = "old"
    understander.understand("hello")
    clock.advance(5 * SECOND)
    shelf.in_force = "gone"

    for _ in range(2):
        with pytest.raises(KeyError, match="gone"):
            understander.understand("hello")
    shelf.in_force = "new"
    assert knows_gift_wrapping(understander)

"""When the desk is sure enough, what is against an answer, and goods as orders."""

import numpy as np
import pytest
from helpdesk.understanding.contrary import blanked, fit_contrary, pairs
from helpdesk.understanding.goods import generalised
from helpdesk.understanding.model import Reading
from helpdesk.understanding.teaching import strangers
from helpdesk.understanding.thresholds import Traffic, required
from helpdesk.understanding.training import _minimise
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_understanding_model import WordVectors

type Rows = list[tuple[int, int, float]]


def traffic(rows: Rows, *, target: float = 0.9, share: float = 0.0, intents: int = 2) -> Traffic:
    """Phrases as (label, guess, probability of the guess); a label of `intents` is a stranger."""
    probabilities = np.zeros((len(rows), intents), np.float32)
    for row, (_, guess, sure) in enumerate(rows):
        probabilities[row, guess] = sure
    reading = Reading(probabilities, np.ones(len(rows), np.float32))
    return Traffic(reading, np.array([label for label, *_ in rows]), target, share)


class TestRequired:
    def test_one_error_in_a_dozen_raises_no_threshold(self) -> None:
        rows: Rows = [(0, 0, 0.8 + n / 100) for n in range(11)] + [(1, 0, 0.85)]
        rows += [(1, 1, 0.9)] * 40

        assert required(traffic(rows))[0] == pytest.approx(0.8)

    def test_many_errors_raise_that_of_their_intent_alone(self) -> None:
        rows: Rows = [(0, 0, 0.99)] * 10 + [(1, 0, 0.85 - n / 1000) for n in range(10)]
        rows += [(1, 1, 0.84)] * 200

        needed = required(traffic(rows))

        assert needed[0] > 0.845
        assert needed[1] == pytest.approx(0.84)

    def test_the_more_strangers_come_the_surer_the_desk_must_be(self) -> None:
        rows: Rows = [(0, 0, 0.5 + n / 200) for n in range(99)] + [(2, 0, 0.6), (2, 0, 0.7)]
        levels = [float(required(traffic(rows, share=share))[1]) for share in (0.05, 0.3, 0.8)]

        assert levels == sorted(levels)
        assert levels[0] < levels[-1]

    @given(st.integers(1, 30), st.floats(0.6, 1))
    def test_right_phrases_never_raise_a_threshold(self, more: int, sure: float) -> None:
        rows: Rows = [(0, 0, 0.6 + n / 100) for n in range(20)] + [(1, 0, 0.75), (1, 1, 0.9)]
        before = required(traffic(rows))
        after = required(traffic(rows + [(0, 0, sure)] * more))

        assert (after <= before).all()


class TestContrary:
    def test_the_words_of_the_matter_are_left_blank(self) -> None:
        first = blanked("Please don't cancel my order!")
        second = blanked("please don't delete my account!")

        assert first == second == ["<", "please", "don't", "_", "my", "_", "!", ">"]

    def test_the_pairs_that_ship_are_many_and_never_twice_the_same(self) -> None:
        told = [text for pair in pairs() for text in pair]

        assert len(pairs()) >= 700
        assert len(set(pairs())) == len(pairs())
        assert all(text.strip() for text in told)

    def test_a_contrast_is_contrary_and_a_wish_is_not(self) -> None:
        encoder = WordVectors()
        wishes = [wish for wish, _ in pairs()]
        learned = fit_contrary(
            wishes,
            encoder.encode(wishes),
            np.arange(len(wishes)) % 10,
            encoder.encode,
            _minimise,
        )

        def contrary(text: str) -> bool:
            return learned.score(text, encoder.encode([text])[0], 0) >= 0.5

        assert np.mean([contrary(contrast) for _, contrast in pairs()]) > 0.8
        assert np.mean([contrary(wish) for wish in wishes]) < 0.1

    def test_an_intent_that_sounds_contrary_has_an_allowance(self) -> None:
        encoder = WordVectors()
        plain = [wish for wish, _ in pairs()][:300]
        failing = [f"i tried {n} times and it still does not work" for n in range(40)]
        learned = fit_contrary(
            [*plain, *failing],
            encoder.encode([*plain, *failing]),
            np.array([0] * len(plain) + [1] * len(failing)),
            encoder.encode,
            _minimise,
        )
        said = failing[0]
        vector = encoder.encode([said])[0]

        assert learned.score(said, vector, 1) < 0.5 < learned.score(said, vector, 0)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("where is my sofa", "where is my order"),
        ("Where is my espresso grinder?", "Where is my order?"),
        ("has the rabbit hutch shipped", "has the order shipped"),
        ("the lamp i ordered is late", "the order i ordered is late"),
        ("do you sell sofas or a sofa bed", "do you sell sofas or a sofa bed"),
        ("what is my order number", "what is my order number"),
        ("my phone number changed", "my phone number changed"),
        ("where is my refund", "where is my refund"),
    ],
)
def test_goods_that_are_owned_or_waited_for_are_an_order(text: str, read: str) -> None:
    assert generalised(text) == read


def test_strangers_that_ship_are_many() -> None:
    assert len(strangers()) >= 900
    assert len(set(strangers())) == len(strangers())

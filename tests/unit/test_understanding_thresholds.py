"""When the desk is sure enough, what is against an answer, and goods as orders."""

from types import MappingProxyType

import numpy as np
import pytest
from helpdesk.understanding.contrary import blanked, fit_contrary, pairs
from helpdesk.understanding.elsewhere import is_elsewhere, named, named_by
from helpdesk.understanding.fitting import minimise
from helpdesk.understanding.goods import generalised
from helpdesk.understanding.model import OUT_OF_SCOPE, Model, Reading
from helpdesk.understanding.teaching import strangers
from helpdesk.understanding.thresholds import Traffic, required
from helpdesk.understanding.training import PROBATION, fit
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
            minimise,
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
            minimise,
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
        ("Where is my unicycle?", "Where is my order?"),
        ("has the pizza stone been sent", "has the order been sent"),
        ("when will my new bird bath get here", "when will my order get here"),
        ("where is my pizza", "where is my pizza"),
        ("when will the train arrive", "when will the train arrive"),
        ("where is my reminder", "where is my reminder"),
        ("how does the unicycle work", "how does the unicycle work"),
    ],
)
def test_goods_that_are_owned_or_waited_for_are_an_order(text: str, read: str) -> None:
    assert generalised(text, {"reminder": 12, "unicycle": 9}) == read


class TestElsewhere:
    KNOWN = MappingProxyType({"paypal": ["payment_issue"], "bank": ["payment_issue"]})

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("how do i delete my Facebook account", {"facebook"}),
            ("my parcel with Royal Mail", {"royal mail"}),
            ("what is the return policy at H&M?", {"h&m"}),
            ("my address is anna@gmail.example", set()),
            ("where is my order", set()),
        ],
    )
    def test_names_of_other_places_are_found(self, text: str, names: set[str]) -> None:
        assert named(text) == names

    def test_an_intent_may_be_answered_with_what_its_utterances_name(self) -> None:
        said = [("my bank refused it", 0), ("the bank and PayPal say no", 0), ("a gym", 2)]
        known = named_by(said, ["payment_issue", "track_order"])

        assert known == {"bank": ["payment_issue"], "paypal": ["payment_issue"]}
        assert not is_elsewhere("my bank says no", "payment_issue", known)
        assert is_elsewhere("my bank says no", "track_order", known)
        assert is_elsewhere("my bank and my gym", "payment_issue", known)

    @pytest.mark.parametrize("size", [1_000, 8_000])
    def test_each_word_of_a_hostile_text_is_looked_up_a_few_times(self, size: int) -> None:
        assert named("royal " * size) == set()


class TestTeaching:
    """More good phrases never make the desk answer less of an article."""

    MATTERS = MappingProxyType(
        {
            "refund": "money back refund repay return cash pay purchase",
            "parcel": "parcel tracking delivery courier arrive van route",
            "password": "password login reset sign forgot locked access",
            "invoice": "invoice bill receipt copy pdf tax document",
            "gift": "gift wrap ribbon present card birthday paper",
            "size": "size fit small large measure chart waist",
        }
    )

    def said(self, matter: str, count: int, start: int) -> list[str]:
        words = self.MATTERS[matter].split()
        size = len(words)
        return [
            f"{('please', 'can you', 'i need', 'how about')[n % 4]} {words[n % size]}"
            f" {words[(n * 3 + 1) % size]} {('now', 'today', 'for me')[n % 3]}"
            for n in range(start, start + count)
        ]

    def answered(self, lesson: dict[str, list[str]], matter: str) -> float:
        encoder = WordVectors()
        model = fit(lesson, encoder)
        probes = self.said(matter, 40, 100)
        reading = model.read(probes, encoder.encode(probes))
        row = model.intents.index(matter)
        sure = reading.probabilities[:, row] >= model.required[row]
        return float((sure & (reading.scope >= 0.5)).mean())

    @pytest.mark.parametrize("matter", ["refund", "parcel", "size"])
    @pytest.mark.parametrize("more", [5, 10, 20])
    def test_an_article_that_is_taught_more_is_answered_no_less(
        self, matter: str, more: int
    ) -> None:
        lesson = {each: self.said(each, 12, 0) for each in self.MATTERS}
        taught_more = lesson | {matter: self.said(matter, 12 + more, 0)}

        before = self.answered(lesson, matter)
        after = self.answered(taught_more, matter)

        assert before > 0
        assert after >= before - 0.05


class TestProbation:
    WORDS = ("red", "blue", "green", "black", "white", "brown")

    def fitted(self, strangers_share: float, foreign: int = 0) -> Model:
        lesson = {
            f"paint_{word}": [f"paint it {word} {n} times" for n in range(8)] for word in self.WORDS
        }
        if foreign:
            lesson[OUT_OF_SCOPE] = [f"sing the song number {n}" for n in range(foreign)]
        return fit(lesson, WordVectors(), strangers_share=strangers_share)

    def test_a_desk_without_strangers_of_its_own_expects_many(self) -> None:
        new = self.fitted(0.2, 49)
        known = self.fitted(0.2, 50)

        assert new.about["on_probation"] is True
        assert new.about["strangers_share"] == PROBATION
        assert known.about["on_probation"] is False
        assert known.about["strangers_share"] == 0.2

    def test_it_must_be_surer_than_one_that_knows_its_strangers(self) -> None:
        assert self.fitted(0.2).required.mean() >= self.fitted(0.2, 50).required.mean()

    def test_a_desk_that_expects_none_has_none(self) -> None:
        assert self.fitted(0.0).about["on_probation"] is False


def test_strangers_that_ship_are_many() -> None:
    assert len(strangers()) >= 2_000
    assert len(set(strangers())) == len(strangers())

"""The parts that need no encoder: what is read of a text, spelling, language, mood, features."""

import numpy as np
import pytest
import spacy
from helpdesk.understanding.lexical import Vocabulary, features
from helpdesk.understanding.sentiment import NEUTRAL
from helpdesk.understanding.spelling import Speller, dictionary
from helpdesk.understanding.text import LONGEST, plain, readable
from hypothesis import given
from hypothesis import strategies as st
from vader import SentimentIntensityAnalyzer

ANY_TEXT = st.text(alphabet=st.characters(), max_size=200)
"""Lone surrogates, control characters and all."""


@pytest.fixture(scope="module")
def pipeline() -> spacy.language.Language:
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "helpdesk_words"}}})
    nlp.add_pipe("helpdesk_language")
    nlp.add_pipe("helpdesk_sentiment")
    return nlp


@given(ANY_TEXT)
def test_every_text_can_be_read_and_keeps_its_places(text: str) -> None:
    read = readable(text)
    assert len(read) == len(text)
    read.encode()  # no lone surrogate is left
    assert plain(read) == plain(plain(read))


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert len(readable("a" * (LONGEST * 3))) == LONGEST


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\n\twords ", "two words"),
        ("can\u2019t \x00pay\x07", "can't pay"),
        ("\uff52\uff45\uff46\uff55\uff4e\uff44", "refund"),
        ("zero\u200bwidth", "zero width"),
        ("\U0001f389\U0001f621 !!! ???", ""),
        ("", ""),
    ],
)
def test_what_the_model_sees_of_it(text: str, expected: str) -> None:
    assert plain(text) == expected


KNOWN = {"order", "shipped", "return", "time", "item"}


@pytest.fixture(scope="module")
def speller() -> Speller:
    taught = ["refund my order", "a refund", "refund", "return an item", "retrun it"]
    return Speller(dictionary(taught, KNOWN.__contains__), KNOWN.__contains__)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("refnud my ordr", "refund my order"),
        ("Retrun", "return"),
        ("chipped", "chipped"),  # one letter from "shipped", but the first
        ("order", "order"),
        ("o'rder #A-1234 ordr7", "o'rder #A-1234 ordr7"),
        ("xyzzy", "xyzzy"),
    ],
)
def test_mistyped_words_are_put_right_and_others_left(
    speller: Speller, typed: str, meant: str
) -> None:
    assert speller.correct(typed) == meant


def test_a_rare_unknown_word_is_no_model_for_others() -> None:
    assert "retrun" not in dictionary(["retrun it", "refund"] * 2, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my order?", "en"),
        ("refund", "en"),
        ("pls help", "en"),
        ("wheres my stuff", "en"),
        ("wo ist meine Bestellung geblieben", "de"),
        ("je veux un remboursement", "fr"),
        ("necesito ayuda con mi cuenta", "es"),
        ("我的订单在哪里", "zh"),
        ("1234 ???", "und"),
        ("", "und"),
    ],
)
def test_the_language_of_short_messages(
    pipeline: spacy.language.Language, text: str, language: str
) -> None:
    assert pipeline(text)._.language == language


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("I need to cancel purchase 123", -0.05, 0.05),
        ("there is a problem with my payment, refund the charge", -0.05, 0.05),
        ("how do I pay?", -0.05, 0.05),
        ("this is the worst service ever, I am furious", -1, -0.6),
        ("my lawyer will sue you", -1, -0.5),
        ("your support is a joke", -1, -0.1),
        ("I love it, great service", 0.6, 1),
    ],
)
def test_the_matter_is_no_mood(
    pipeline: spacy.language.Language, text: str, low: float, high: float
) -> None:
    assert low <= pipeline(text).sentiment <= high


def test_every_neutral_word_would_otherwise_count() -> None:
    """The list names only what the lexicon scores: nothing in it is without effect."""
    scored = SentimentIntensityAnalyzer().lexicon
    assert [word for word in NEUTRAL if not scored.get(word)] == []


def test_a_typo_keeps_most_features_and_numbers_are_alike() -> None:
    right, wrong = set(features("cancel my order")), set(features("cancle my order"))
    assert len(right & wrong) > len(right) / 3
    assert np.array_equal(features("order 123"), features("order 987"))
    assert not len(features("?!"))


@given(ANY_TEXT)
def test_weights_are_a_unit_vector_or_nothing(text: str) -> None:
    vocabulary = Vocabulary.of([features("where is my order")] * 2)
    rows, weights = vocabulary.weigh(features(text.encode("utf-8", "replace").decode()))
    assert len(rows) == len(weights)
    assert np.linalg.norm(weights) == pytest.approx(1 if len(rows) else 0)

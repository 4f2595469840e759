"""Indexes are made with one encoder: each text is encoded once, and a question as it was meant."""

from collections.abc import Sequence

import numpy as np
import pytest
from helpdesk.evidence import Origin, Passage
from helpdesk.learning import Least
from helpdesk.understanding.indexing import PassageIndexer

from tests.unit.test_understanding_model import WordVectors


class Counting(WordVectors):
    """Knows what it encoded."""

    def __init__(self, identity: str = "made-up") -> None:
        super().__init__(identity)
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return super().encode(texts)


def a_passage(number: int, text: str) -> Passage:
    return Passage(
        id=f"document:terms:{number}", origin=Origin.DOCUMENT, version=1, title="", text=text
    )


PASSAGES = [
    a_passage(1, "parcels leave at noon"),
    a_passage(2, "the shop is closed on sunday"),
    a_passage(3, "returns are free"),
]


def test_the_passage_with_the_words_of_a_question_is_nearest() -> None:
    index = PassageIndexer(WordVectors()).index(PASSAGES, before=None)

    (best, *_) = index.nearest("closed on sunday", b"", 3)

    assert best[0] == "document:terms:2"
    assert best[1] == pytest.approx((3 / 6) ** 0.5, abs=0.1)


def test_a_question_with_a_meaning_is_not_encoded_again() -> None:
    encoder = Counting()
    index = PassageIndexer(encoder).index(PASSAGES, before=None)
    meaning = np.rint(encoder.encode(["returns are free"])[0] * 127).astype(np.int8).tobytes()
    encoder.texts.clear()

    assert index.nearest("what was said is not read", meaning, 1)[0][0] == "document:terms:3"
    assert encoder.texts == []


def test_what_is_encoded_already_is_taken_over_and_the_result_is_the_same() -> None:
    encoder = Counting()
    indexer = PassageIndexer(encoder)
    first = indexer.index(PASSAGES[:2], before=None)
    encoder.texts.clear()

    second = indexer.index(PASSAGES, before=first.data)

    assert encoder.texts == ["returns are free"]
    assert second.data == PassageIndexer(WordVectors()).index(PASSAGES, before=None).data


def test_an_index_of_another_encoder_is_not_taken_over() -> None:
    before = PassageIndexer(WordVectors("older")).index(PASSAGES, before=None)
    encoder = Counting()

    PassageIndexer(encoder).index(PASSAGES, before=before.data)

    assert encoder.texts == [each.text for each in PASSAGES]
    assert PassageIndexer(encoder).open(before.data) is None


def test_a_broken_index_is_not_taken_over() -> None:
    encoder = Counting()
    broken = PassageIndexer(encoder).index(PASSAGES, before=None).data[:-1]
    encoder.texts.clear()

    PassageIndexer(encoder).index(PASSAGES, before=broken)

    assert len(encoder.texts) == 3
    assert PassageIndexer(encoder).open(broken) is None


def test_one_lesson_encodes_so_many_and_the_next_one_the_others() -> None:
    encoder = Counting()
    indexer = PassageIndexer(encoder, most_new=2)

    first = indexer.index(PASSAGES, before=None)
    second = indexer.index(PASSAGES, before=first.data)

    assert (first.waiting, len(first.found)) == (1, 2)
    assert (second.waiting, len(second.found)) == (0, 3)
    assert len(encoder.texts) == 3


def test_the_name_is_the_contents_and_the_least_cosine_is_part_of_it() -> None:
    one, same = (PassageIndexer(WordVectors()).index(PASSAGES, before=None) for _ in range(2))
    other = one.admitting(Least(value=0.5))

    assert one.name == same.name != other.name
    assert len(one.name) == 64
    opened = PassageIndexer(WordVectors()).open(other.data)
    assert opened
    assert opened.found.least == Least(value=0.5)


def test_a_desk_without_passages_has_an_index_that_finds_nothing() -> None:
    index = PassageIndexer(WordVectors()).index([], before=None)

    assert index.nearest("anything", b"", 5) == []

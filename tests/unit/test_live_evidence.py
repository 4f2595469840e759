"""Evidence follows the index in force, and quotes every text as it is at that moment."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from helpdesk.evidence import Origin, Passage, Place
from helpdesk.learning import Least, Published
from helpdesk.ports import NoModelError
from helpdesk.triage import Understanding
from helpdesk.understanding import ModelMismatchError
from helpdesk.understanding.indexing import PassageIndexer
from helpdesk.understanding.live_evidence import MOST_ENCODED, MOST_LAID_OVER, LiveEvidence
from helpdesk.understanding.passage_index import BrokenIndexError, PassageIndex

from tests.fakes import MORNING, STRANGE, Clock, an_understanding
from tests.unit.test_understanding_indexing import Counting
from tests.unit.test_understanding_model import WordVectors

SECOND = timedelta(seconds=1)
SURE = an_understanding(("refund", 0.9))


def a_passage(name: str, text: str, *, version: int = 1) -> Passage:
    place = Place.of(name)
    assert place
    return Passage(id=name, origin=place.origin, version=version, title="", text=text)


class Texts:
    """The texts of a desk in memory; knows which were read."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = {each.id: each for each in passages}
        self.asked: list[str] = []
        self.looks = 0

    def versions(self) -> Mapping[str, int]:
        self.looks += 1
        return {_source(each.id): each.version for each in self.passages.values()}

    def of(self, source: str) -> Sequence[Passage]:
        self.asked.append(source)
        return [each for each in self.passages.values() if _source(each.id) == source]

    def of_each(self, sources: Iterable[str]) -> Iterator[Sequence[Passage]]:
        return map(self.of, sources)

    def read(self, ids: Collection[str]) -> Mapping[str, Passage]:
        return {name: self.passages[name] for name in ids if name in self.passages}

    def edit(self, name: str, text: str) -> None:
        """Change a text; all passages of the same source get its new version."""
        for each in list(self.passages.values()):
            if _source(each.id) == _source(name):
                self.passages[each.id] = replace(each, version=each.version + 1)
        self.passages[name] = replace(self.passages[name], text=text)


def _source(name: str) -> str:
    place = Place.of(name)
    assert place
    return place.source


class Stack:
    """Models, indexes and texts in memory, with evidence over them."""

    def __init__(self, *passages: Passage, encoder: WordVectors | None = None) -> None:
        self.texts = Texts(*passages)
        self.encoder = encoder or Counting()
        self.clock = Clock()
        self.in_force: Published | None = None
        self.indexes: dict[str, bytes] = {}
        self.opened: list[str] = []
        self.evidence = LiveEvidence(
            self,
            self.texts,
            open_index=self.open_index,
            encoder=lambda: self.encoder,
            clock=self.clock,
        )

    def current(self) -> Published | None:
        return self.in_force

    def open_index(self, name: str) -> PassageIndex:
        self.opened.append(name)
        return PassageIndex.from_bytes(self.indexes[name])

    def publish(self, name: str = "one", least: float = 0.45) -> None:
        """Index the texts as they are now, and put that in force."""
        passages = list(self.texts.passages.values())
        made = PassageIndexer(WordVectors(self.encoder.identity)).index(passages, before=None)
        self.indexes[name] = made.admitting(Least(value=least)).data
        self.in_force = Published(version="m", at=MORNING, knowledge="k", figures=None, index=name)

    def told(
        self, text: str, understanding: Understanding = STRANGE, likely: Sequence[str] = ()
    ) -> list[str]:
        return [
            each.passage.text for each in self.evidence.found(text, understanding, likely=likely)
        ]


TERMS = (
    a_passage("document:terms:1", "parcels leave at noon"),
    a_passage("document:terms:2", "the shop is closed on sunday"),
)
REFUND = a_passage("article:refund", "money comes back within days")


def test_before_anything_was_published_it_says_so() -> None:
    with pytest.raises(NoModelError, match="load the knowledge first"):
        Stack(*TERMS).told("closed on sunday")


def test_what_is_near_is_found_and_what_is_not_is_not() -> None:
    desk = Stack(*TERMS)
    desk.publish()

    (found,) = desk.evidence.found("the shop closed on sunday", STRANGE)

    assert found.passage == TERMS[1]
    assert found.number == 1
    assert found.score == pytest.approx((5 / 6) ** 0.5, abs=0.05)
    assert desk.told("sing a song") == []


def test_the_least_cosine_is_the_one_of_the_index() -> None:
    desk = Stack(*TERMS)
    desk.publish(least=0.95)

    assert desk.told("the shop closed on sunday") == []


def test_an_edit_is_in_the_next_draft_at_once() -> None:
    desk = Stack(*TERMS)
    desk.publish()
    desk.told("the shop is closed on sunday")
    desk.texts.edit("document:terms:2", "the shop is closed on monday")

    assert desk.told("the shop is closed on sunday") == ["the shop is closed on monday"]


def test_what_a_text_says_no_longer_is_not_found_by_its_old_words() -> None:
    desk = Stack(*TERMS)
    desk.publish()
    desk.texts.edit("document:terms:2", "nothing of that kind here")

    assert desk.told("closed on sunday") == []


def test_what_was_deleted_is_not_found_although_the_index_names_it() -> None:
    desk = Stack(*TERMS)
    desk.publish()
    del desk.texts.passages["document:terms:2"]

    assert desk.told("closed on sunday") == []


def test_a_text_newer_than_the_index_is_laid_over_it() -> None:
    desk = Stack(*TERMS)
    desk.publish()
    desk.texts.passages["document:more:1"] = a_passage("document:more:1", "gift cards never expire")

    assert desk.told("gift cards expire") == ["gift cards never expire"]


def test_a_newer_text_is_noticed_as_late_as_a_model() -> None:
    desk = Stack(*TERMS)
    desk.publish()
    desk.told("hello")
    desk.texts.passages["document:more:1"] = a_passage("document:more:1", "gift cards never expire")

    desk.clock.advance(5 * SECOND - timedelta(microseconds=1))
    assert desk.told("gift cards expire") == []
    desk.clock.advance(timedelta(microseconds=1))
    assert desk.told("gift cards expire") == ["gift cards never expire"]
    assert desk.texts.looks == 2


def test_another_index_counts_within_five_seconds_and_is_opened_once() -> None:
    desk = Stack(*TERMS)
    desk.publish("one")
    desk.told("closed on sunday")
    desk.publish("two", least=0.95)

    for _ in range(10):
        desk.told("closed on sunday")
        desk.clock.advance(SECOND)

    assert desk.opened == ["one", "two"]
    assert desk.told("closed on sunday") == []


def test_an_index_that_is_taken_back_goes_out_of_use() -> None:
    desk = Stack(*TERMS)
    desk.publish("two", least=0.95)
    desk.publish("one")
    assert desk.told("the shop is closed on sunday")
    desk.in_force = desk.in_force and replace(desk.in_force, index="two")
    desk.clock.advance(5 * SECOND)

    assert desk.told("the shop closed on sunday") == []


def test_the_articles_that_are_likely_come_first_even_if_other_texts_are_nearer() -> None:
    desk = Stack(REFUND, *TERMS)
    desk.publish()

    assert desk.told("the shop is closed on sunday", likely=["refund"]) == [
        REFUND.text,
        TERMS[1].text,
    ]
    assert desk.told("the shop is closed on sunday", SURE)[0] == REFUND.text


def test_the_ranking_of_a_message_that_is_out_of_scope_means_nothing() -> None:
    desk = Stack(REFUND)
    desk.publish()
    strange = replace(SURE, scope=0.1, scope_required=0.5)

    assert desk.told("sing a song", strange) == []


def test_a_message_is_not_encoded_again_whose_meaning_is_there() -> None:
    encoder = Counting()
    desk = Stack(*TERMS, encoder=encoder)
    desk.publish()
    vector = WordVectors().encode(["closed on sunday"])[0]
    meaning = np.rint(vector * 127).astype(np.int8).tobytes()

    assert desk.told("closed on sunday", replace(STRANGE, meaning=meaning))
    assert encoder.texts == []
    assert desk.told("closed on sunday")
    assert encoder.texts == ["closed on sunday"]


def test_a_newer_text_is_encoded_once_for_many_questions() -> None:
    encoder = Counting()
    desk = Stack(*TERMS, encoder=encoder)
    desk.publish()
    desk.texts.passages["document:more:1"] = a_passage("document:more:1", "gift cards never expire")

    for _ in range(5):
        desk.told("gift cards")

    assert encoder.texts.count("gift cards never expire") == 1


def test_what_one_question_encodes_is_bounded_and_the_next_go_on() -> None:
    encoder = Counting()
    desk = Stack(*TERMS, encoder=encoder)
    desk.publish()
    for number in range(1, MOST_LAID_OVER + 51):
        name = f"document:more:{number}"
        desk.texts.passages[name] = a_passage(name, f"sentence w{number}")

    encoded = []
    for _ in range(6):
        desk.told("question")
        encoded.append(sum(text.startswith("sentence") for text in encoder.texts))

    assert encoded[:4] == [MOST_ENCODED * times for times in (1, 2, 3, 4)]
    assert encoded[-1] == MOST_LAID_OVER


def test_a_model_without_an_index_has_all_texts_laid_over() -> None:
    desk = Stack(REFUND, *TERMS)
    desk.in_force = Published(version="m", at=MORNING, knowledge="k", figures=None)

    assert desk.told("the shop is closed on sunday") == [TERMS[1].text]
    assert desk.opened == []


def test_a_damaged_index_is_refused_in_words() -> None:
    desk = Stack(*TERMS)
    desk.publish()
    desk.indexes["one"] = desk.indexes["one"][:-1]

    with pytest.raises(BrokenIndexError, match="damaged or cut off"):
        desk.told("closed on sunday")


def test_an_index_of_another_encoder_is_refused() -> None:
    desk = Stack(*TERMS)
    desk.publish()
    desk.encoder = WordVectors("newer")

    with pytest.raises(ModelMismatchError, match="for made-up, the encoder is newer"):
        desk.told("closed on sunday")


def test_a_past_reply_comes_after_what_the_desk_says() -> None:
    reply = a_passage("reply:0123456789abcdef:3", "the shop is closed on sunday evening")
    desk = Stack(reply, *TERMS)
    desk.publish()

    found = desk.evidence.found("closed on sunday evening", STRANGE)

    assert [each.passage.origin for each in found] == [Origin.DOCUMENT, Origin.REPLY]

"""The index of passages is made with the model, judged with it, and in force with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from helpdesk.evidence import Origin, Passage
from helpdesk.knowledge import Article, Edition, Golden
from helpdesk.learning import Least, Library, Outcome, Published, Rules, learn, rehearse
from helpdesk.learning.admitting import DEFAULT, FEWEST
from helpdesk.triage import Policy, Understanding

from tests.fakes import MORNING, STRANGE, an_article, an_understanding
from tests.unit.test_learning import School, Shelf

REFUND, CANCEL, TRACK, INVOICE = map(an_article, ("refund", "cancel", "track", "invoice"))
ARTICLES = (REFUND, CANCEL, TRACK, INVOICE)
GOLDEN = (
    Golden("refund please", ("refund",)),
    Golden("cancel please", ("cancel",)),
    Golden("sing a song", ()),
)
SCRIPT = {
    "refund please": an_understanding(("refund", 0.9), meaning=b"m"),
    "cancel please": an_understanding(("cancel", 0.9)),
    "sing a song": STRANGE,
}


@dataclass(frozen=True)
class WordIndex:
    """Finds passages by the share of a text's words that they have; knows what it was asked."""

    passages: tuple[Passage, ...]
    least: Least
    asked: list[tuple[str, bytes]]
    waiting: int = 0

    @property
    def data(self) -> bytes:
        said = ((each.id, each.version, each.text) for each in self.passages)
        return repr((*said, self.least)).encode()

    @property
    def name(self) -> str:
        return f"index-{hash(self.data)}"

    def nearest(self, text: str, meaning: bytes, count: int) -> Sequence[tuple[str, float]]:
        self.asked.append((text, meaning))
        words = set(text.split())
        found = [
            (each.id, len(words & set(each.text.split())) / len(words)) for each in self.passages
        ]
        return sorted(found, key=lambda each: -each[1])[:count]

    def admitting(self, least: Least) -> Self:
        return replace(self, least=least)


class WordIndexer:
    """Makes such indexes; `most` passages in one lesson. Knows which index each one was after."""

    def __init__(self) -> None:
        self.made: list[WordIndex] = []
        self.before: list[bytes | None] = []
        self.most = 1_000
        self.broken = False

    def index(self, passages: Sequence[Passage], *, before: bytes | None) -> WordIndex:
        self.before.append(before)
        taken = tuple(passages[: self.most])
        found = WordIndex(taken, Least(), [], waiting=len(passages) - len(taken))
        self.made.append(found)
        return found

    def open(self, data: bytes) -> WordIndex | None:
        known = (index.admitting(least) for index in self.made for least in _leasts(index))
        return None if self.broken else next(each for each in known if each.data == data)


def _leasts(index: WordIndex) -> Sequence[Least]:
    """Return what the golden sets of these tests choose for an index."""
    return [Least(asked=own, strangers=1, answered=hits) for own in (2, 3) for hits in range(4)]


class Box:
    """Indexes in memory; counts how often each is written."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.writes = 0

    def load_index(self, name: str) -> bytes:
        return self.data[name]

    def holds_index(self, name: str) -> bool:
        return name in self.data

    def keep_index(self, name: str, data: bytes) -> None:
        self.writes += 1
        self.data[name] = data


def a_passage(article: Article, text: str = "") -> Passage:
    return Passage(
        id=f"article:{article.intent}",
        origin=Origin.ARTICLE,
        version=article.version,
        title=article.title,
        text=text or f"{article.intent} is done at once",
    )


class Desk:
    """A shelf, a school, a box and an indexer, with the passages and cases between them."""

    def __init__(self) -> None:
        self.shelf, self.school, self.box = Shelf(), School(), Box()
        self.indexer = WordIndexer()
        self.school.next = SCRIPT
        self.golden: Sequence[Golden] = GOLDEN
        self.passages = [a_passage(each) for each in ARTICLES]
        self.minutes = 0

    def learn(
        self, *, articles: tuple[Article, ...] = ARTICLES, number: int | None = None
    ) -> tuple[Outcome, Published]:
        self.minutes += 1
        edition = Edition(number=number or 0, articles=articles, golden=tuple(self.golden))
        return (learn if number is None else rehearse)(
            edition,
            models=self.shelf,
            teacher=self.school,
            rules=Rules(policy=Policy(), tolerance=0.02, target=0.9),
            clock=lambda: MORNING + timedelta(minutes=self.minutes),
            library=Library(lambda _: self.passages, self.indexer, self.box),
        )


def test_a_model_is_published_with_its_index() -> None:
    desk = Desk()

    outcome, published = desk.learn()

    assert outcome is Outcome.PUBLISHED
    assert desk.shelf.in_force == published
    assert published.figures
    assert published.figures.retrieval == 1
    assert list(desk.box.data) == [published.index]
    assert published.passages


def test_the_questions_are_asked_by_the_meaning_that_was_understood() -> None:
    desk = Desk()
    desk.learn()

    assert ("refund please", b"m") in desk.indexer.made[0].asked
    assert ("cancel please", b"") in desk.indexer.made[0].asked


def test_what_is_known_is_neither_learned_nor_indexed_again() -> None:
    desk = Desk()
    _, first = desk.learn()

    assert desk.learn() == (Outcome.UNCHANGED, first)
    assert (len(desk.school.fitted), len(desk.indexer.made)) == (1, 1)


def test_an_edited_answer_is_indexed_and_no_model_is_fitted_for_it() -> None:
    desk = Desk()
    _, first = desk.learn()
    desk.passages[0] = a_passage(REFUND, "refund is sent within days")

    outcome, second = desk.learn()

    assert outcome is Outcome.PUBLISHED
    assert second.version == first.version
    assert second.index != first.index
    assert len(desk.school.fitted) == 1
    assert desk.indexer.before == [None, desk.box.data[first.index]], "it takes over the vectors"


def test_the_same_passages_again_are_the_same_object() -> None:
    desk = Desk()
    _, first = desk.learn()
    kept = desk.passages[0]
    desk.passages[0] = a_passage(REFUND, "refund is sent within days")
    desk.learn()
    desk.passages[0] = kept

    _, third = desk.learn()

    assert third.index == first.index
    assert len(desk.box.data) == 2


def test_an_index_that_is_gone_is_made_again() -> None:
    desk = Desk()
    _, first = desk.learn()
    desk.box.data.clear()

    outcome, again = desk.learn()

    assert (outcome, again.index) == (Outcome.PUBLISHED, first.index)
    assert again.version == first.version


def test_an_index_that_finds_less_is_refused_with_its_model() -> None:
    desk = Desk()
    _, first = desk.learn()
    for row, other in ((0, "x"), (1, "y"), (2, "please"), (3, "please please")):
        desk.passages[row] = a_passage(ARTICLES[row], f"{other} is done")
    desk.passages += [a_passage(an_article("more"), "please")]

    outcome, refused = desk.learn()

    assert outcome is Outcome.REFUSED
    assert refused.refused == ("retrieval 0.000 after 1.000",)
    assert desk.shelf.in_force == first
    assert desk.shelf.refused == [refused]
    assert list(desk.box.data) == [first.index], "what is refused is not stored"


def test_after_the_golden_set_changed_the_index_in_force_is_asked_anew() -> None:
    desk = Desk()
    desk.learn()
    desk.golden = (*GOLDEN, Golden("paper please", ("invoice",)))
    desk.school.next = {**SCRIPT, "paper please": an_understanding(("invoice", 0.9))}
    changed = replace(INVOICE, utterances=("send me the paper",))
    desk.passages[3] = a_passage(INVOICE, "the invoice is sent")

    outcome, published = desk.learn(articles=(*ARTICLES[:3], changed))

    assert outcome is Outcome.PUBLISHED, "the index before finds as little of the new case"
    assert published.figures
    assert published.figures.retrieval is not None
    assert published.figures.retrieval < 1


def test_a_broken_index_in_force_is_no_reason_to_refuse() -> None:
    desk = Desk()
    desk.learn()
    desk.indexer.broken = True
    desk.golden = GOLDEN[:1]
    desk.passages[0] = a_passage(REFUND, "refund otherwise")

    assert desk.learn()[0] is Outcome.PUBLISHED


def test_passages_that_wait_make_the_next_lesson() -> None:
    desk = Desk()
    desk.indexer.most = 3
    _, first = desk.learn()
    desk.indexer.most = 4

    outcome, second = desk.learn()

    assert (first.passages, outcome) == ("", Outcome.PUBLISHED)
    assert len(desk.indexer.made[-1].passages) == 4
    assert second.passages
    assert desk.learn()[0] is Outcome.UNCHANGED


def test_the_least_cosine_is_chosen_from_the_golden_set_and_kept_with_the_index() -> None:
    desk = Desk()
    strangers = [f"is s{number}" for number in range(FEWEST)]
    desk.golden = (*GOLDEN[:2], *(Golden(text, ()) for text in strangers))
    understood: dict[str, Understanding] = {**SCRIPT, **dict.fromkeys(strangers, STRANGE)}
    desk.school.next = understood

    _, published = desk.learn()

    chosen = Least(value=0.51, admitted=0, strangers=FEWEST, answered=0, asked=2)
    assert repr(chosen).encode() in desk.box.data[published.index]
    assert chosen.value > DEFAULT


def test_without_a_golden_set_an_index_is_published_unmeasured() -> None:
    desk = Desk()
    desk.golden = ()

    outcome, published = desk.learn()

    assert (outcome, published.figures) == (Outcome.PUBLISHED, None)
    assert repr(Least()).encode() in desk.box.data[published.index]


def test_a_rehearsed_edition_has_its_index_stored_and_nothing_in_force() -> None:
    desk = Desk()
    _, first = desk.learn()
    desk.passages[0] = a_passage(REFUND, "refund in the new edition")

    outcome, accepted = desk.learn(number=1)

    assert outcome is Outcome.ACCEPTED
    assert accepted.index in desk.box.data
    assert accepted.index != first.index
    assert desk.shelf.in_force == first

"""The passages of a desk are read where its texts are kept, as they are at that moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from helpdesk.evidence import Document, Origin, Piece, Reply
from helpdesk.evidence.gathering import DeskPassages
from helpdesk.knowledge import Article, Edition, Facts

from tests.fakes import MORNING, an_article

TICKET = "0123456789abcdef"
REFUND = an_article("refund", answer="Money comes back. It takes {days} days.", version=3)
TERMS = Document(
    name="terms",
    title="Terms",
    file="terms.md",
    digest="d",
    pieces=2,
    version=2,
    at=MORNING,
    by="l",
)
PIECES = (
    Piece(title="Terms", text="Parcels leave at noon."),
    Piece(title="", text="Pets may come."),
)
REPLY = Reply(
    ticket_id=TICKET,
    message=3,
    title="Parcels",
    text="We sent it again.",
    at=MORNING,
    by="anna",
    expires_at=MORNING + timedelta(days=1),
)


@dataclass
class Kept:
    """The texts of a desk in memory; knows what was read whole, and how often replies were."""

    articles: dict[str, Article] = field(default_factory=lambda: {"refund": REFUND})
    kept: dict[str, Document] = field(default_factory=lambda: {"terms": TERMS})
    told: list[Reply] = field(default_factory=lambda: [REPLY])
    whole: list[str] = field(default_factory=list)
    times_told: int = 0

    def get(self, intent: str) -> Article | None:
        return self.articles.get(intent)

    def all(self) -> Sequence[Article]:
        return tuple(self.articles.values())

    def facts(self, names: Collection[str] = ()) -> Facts:
        return Facts(values={"days": "five"}, version=1)

    def document(self, name: str) -> Document | None:
        return self.kept.get(name)

    def documents(self) -> Sequence[Document]:
        return tuple(self.kept.values())

    def pieces(self, document: Document) -> Sequence[Piece]:
        self.whole.append(document.name)
        return PIECES

    def some_pieces(self, document: Document, numbers: Collection[int]) -> Mapping[int, Piece]:
        return {n: PIECES[n - 1] for n in numbers if 0 < n <= len(PIECES)}

    def reply(self, ticket_id: str, message: int) -> Reply | None:
        return next(
            (r for r in self.told if (r.ticket_id, r.message) == (ticket_id, message)), None
        )

    def replies(self) -> Sequence[Reply]:
        self.times_told += 1
        return self.told


def passages(kept: Kept, *, days: int = 0) -> DeskPassages:
    return DeskPassages(
        articles=kept, documents=kept, replies=kept, clock=lambda: MORNING + timedelta(days=days)
    )


def test_each_text_has_its_version_articles_first() -> None:
    assert list(passages(Kept()).versions().items()) == [
        ("article:refund", 3),
        ("document:terms", 2),
        (f"reply:{TICKET}:3", 1),
    ]


def test_all_passages_are_those_of_the_edition_with_its_own_facts() -> None:
    edition = Edition(number=1, articles=(REFUND,), facts=Facts(values={"days": "two"}, version=1))

    found = passages(Kept()).all_of(edition)

    assert [each.id for each in found] == [
        "article:refund",
        "article:refund:1",
        "article:refund:2",
        "document:terms:1",
        "document:terms:2",
    ]
    assert found[0].text == "Money comes back. It takes two days."


def test_a_text_is_cut_as_it_is_now() -> None:
    kept = Kept()
    desk = passages(kept)
    kept.articles["refund"] = replace(REFUND, answer="No money.", version=4)

    (found,) = desk.of("article:refund")

    assert (found.text, found.version) == ("No money.", 4)


def test_passages_are_read_by_their_ids_in_the_order_asked() -> None:
    kept = Kept()

    found = passages(kept).read(["document:terms:2", f"reply:{TICKET}:3", "article:refund:2"])

    assert [each.text for each in found.values()] == [
        "Pets may come.",
        "We sent it again.",
        "It takes five days.",
    ]
    assert found["document:terms:2"].origin is Origin.DOCUMENT
    assert kept.whole == [], "of a document only the pieces that are asked for are read"


def test_what_is_gone_is_left_out() -> None:
    kept = Kept(articles={}, kept={}, told=[])
    gone = ["article:refund", "document:terms:1", f"reply:{TICKET}:3", "no id of a passage"]

    assert passages(kept).read(gone) == {}
    assert [passages(kept).of(each) for each in gone] == [()] * 4


def test_a_sentence_that_a_text_has_no_longer_is_left_out() -> None:
    assert passages(Kept()).read(["document:terms:3", "article:refund:3"]) == {}


def test_texts_are_read_one_by_one_but_past_replies_all_at_once() -> None:
    """Each ticket that people get asks for them: one look must do, however many there are."""
    another = replace(REPLY, message=5, text="Turn it off and on.")
    kept = Kept(told=[REPLY, another])
    desk = passages(kept)
    sources = ["article:refund", f"reply:{TICKET}:3", f"reply:{TICKET}:5", f"reply:{TICKET}:9"]

    assert list(desk.of_each(sources)) == [desk.of(each) for each in sources]
    assert kept.times_told == 1
    assert list(desk.of_each(["article:refund"]))
    assert kept.times_told == 1


def test_a_reply_that_expired_is_no_evidence() -> None:
    desk = passages(Kept(), days=1)

    assert desk.of(f"reply:{TICKET}:3") == ()
    assert desk.read([f"reply:{TICKET}:3"]) == {}
    assert not [e for e in desk.all_of(Edition(number=0, articles=())) if e.origin is Origin.REPLY]

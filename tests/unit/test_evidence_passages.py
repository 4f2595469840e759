"""Texts cut into passages: what may be evidence, under which id, and what is dropped."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

import pytest
from helpdesk.evidence import Document, InvalidDocumentError, Origin, Piece, Place, Reply
from helpdesk.evidence.passages import (
    of_article,
    of_document,
    of_reply,
    passages_of,
    placeholder,
    telling,
)
from helpdesk.evidence.sentences import ENCODED, pieces, sentences
from helpdesk.knowledge import Article, Facts, Link

from agent_cli import articles
from tests.fakes import MORNING, an_article
from tests.unit.test_repository import ROOT

TICKET = "0123456789abcdef"


def no_facts(names: Collection[str]) -> Facts:
    return Facts()


def cut(article: Article, **facts: str) -> dict[str, str]:
    found = of_article(article, facts=lambda _: Facts(values=facts), now=MORNING)
    return {each.id: each.text for each in found.passages}


def a_document(**changes: object) -> Document:
    document = Document(
        name="returns",
        title="Returns",
        file="returns.md",
        digest="d",
        pieces=2,
        version=3,
        at=MORNING,
        by="lena",
    )
    return replace(document, **changes)  # type: ignore[arg-type]


def a_reply(text: str, **changes: object) -> Reply:
    reply = Reply(
        ticket_id=TICKET,
        message=2,
        title="refund",
        text=text,
        at=MORNING,
        by="lena",
        expires_at=MORNING + timedelta(days=1),
    )
    return replace(reply, **changes)  # type: ignore[arg-type]


class TestSentences:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("It is free. You keep it.", ("It is free.", "You keep it.")),
            ("It costs 4.95 euros. It is free.", ("It costs 4.95 euros.", "It is free.")),
            ("Ask Dr. Jones. He knows.", ("Ask Dr. Jones.", "He knows.")),
            ("Use e.g. Chrome. It works.", ("Use e.g. Chrome.", "It works.")),
            ("See shop.example.org. Then sign in.", ("See shop.example.org.", "Then sign in.")),
            ("Is it \u201cfree?\u201d Yes.", ("Is it \u201cfree?\u201d", "Yes.")),
            ("1. Open it. Then close it.", ("1. Open it.", "Then close it.")),
            ("One\ntwo", ("One", "two")),
            ("The answer is no. Ask us.", ("The answer is no.", "Ask us.")),
            ("Quote no. 5 to us.", ("Quote no. 5 to us.",)),
            ("---\n\n*\n", ()),
            ("it stops. and goes on", ("it stops. and goes on",)),
        ],
    )
    def test_end_where_the_next_begins(self, text: str, expected: tuple[str, ...]) -> None:
        assert sentences(text) == expected

    def test_say_together_what_the_text_says(self) -> None:
        text = "We deliver to Dr. No. 5 at 4 p.m. on Mondays! Really? Yes \u2026 Sure."

        assert " ".join(sentences(text)) == text

    def test_a_long_line_takes_time_in_proportion(self) -> None:
        assert len(sentences("A b. " * 20_000)) == 20_000


class TestPieces:
    def test_long_words_numbers_and_signs_count_for_several(self) -> None:
        assert pieces("free") == 3
        assert pieces("unsubscribing") == 6
        assert pieces("4.95") == 6


class TestArticles:
    def test_give_the_whole_answer_and_each_sentence(self) -> None:
        article = an_article("refund", answer="It takes a week. It is free.\n")

        assert cut(article) == {
            "article:refund": "It takes a week. It is free.",
            "article:refund:1": "It takes a week.",
            "article:refund:2": "It is free.",
        }

    def test_say_their_version_and_title(self) -> None:
        article = an_article("refund", version=7, title="Money back")
        (passage,) = of_article(article, facts=no_facts, now=MORNING).passages

        assert (passage.version, passage.title, passage.origin) == (
            7, "Money back", Origin.ARTICLE,
        )  # fmt: skip

    def test_of_one_sentence_are_one_passage(self) -> None:
        assert list(cut(an_article("refund", answer="It is free."))) == ["article:refund"]

    def test_that_the_encoder_cannot_read_whole_give_sentences_alone(self) -> None:
        article = an_article("refund", answer="\n".join(["It is free for all of you."] * 30))

        assert pieces(article.answer) > ENCODED
        assert list(cut(article)) == [f"article:refund:{number}" for number in range(1, 31)]

    def test_say_their_facts(self) -> None:
        article = an_article("refund", answer="It takes {period}.")

        assert cut(article, period="a week") == {"article:refund": "It takes a week."}

    def test_with_a_fact_that_is_missing_are_no_evidence(self) -> None:
        assert cut(an_article("refund", answer="It is free. It takes {period}.")) == {}

    @pytest.mark.parametrize(
        "dates",
        [
            {"valid_until": date(2026, 3, 1)},
            {"valid_from": date(2026, 3, 3)},
        ],
    )
    def test_that_customers_may_not_get_today_are_no_evidence(self, dates: dict[str, date]) -> None:
        assert cut(an_article("refund", **dates)) == {}

    def test_that_people_send_are_evidence_too(self) -> None:
        assert cut(an_article("refund", automatic=False)) == cut(an_article("refund"))

    def test_leave_their_links_to_code(self) -> None:
        article = an_article(links=(Link(title="Refunds", url="https://shop.example.org/r"),))

        assert not [text for text in cut(article).values() if "https" in text]

    def test_of_the_starter_knowledge_give_no_placeholder_and_each_text_once(self) -> None:
        files = sorted((ROOT / "infra/knowledge").glob("*.yaml"))
        found = articles.read(files)
        facts = Facts(values=dict(found.facts or {}))

        passages = passages_of(found.articles, facts=lambda _: facts, now=MORNING)

        assert len({each.id for each in passages}) == len(passages) > 400
        assert {each.id.split(":")[1] for each in passages} == {a.intent for a in found.articles}
        assert not [each.text for each in passages if placeholder(each.text) or "{" in each.text]


class TestDocuments:
    def test_give_their_pieces_by_number(self) -> None:
        its_pieces = [
            Piece(title="Returns \u203a Fees", text="It is free."),
            Piece(title="", text="Go."),
        ]

        first, second = of_document(a_document(), its_pieces)

        assert (first.id, first.version, first.title) == (
            "document:returns:1", 3, "Returns \u203a Fees",
        )  # fmt: skip
        assert (second.id, second.title, second.text) == ("document:returns:2", "Returns", "Go.")

    @pytest.mark.parametrize("name", ["", "Returns", "a:b", "a b", "../a"])
    def test_have_names_that_ids_can_hold(self, name: str) -> None:
        with pytest.raises(InvalidDocumentError, match="not a snake_case name"):
            a_document(name=name)


class TestReplies:
    def test_give_the_whole_and_each_sentence(self) -> None:
        found = of_reply(a_reply("Press the red button. It restarts."), now=MORNING)

        assert [each.id for each in found.passages] == [
            f"reply:{TICKET}:2", f"reply:{TICKET}:2:1", f"reply:{TICKET}:2:2",
        ]  # fmt: skip
        assert {each.origin for each in found.passages} == {Origin.REPLY}

    @pytest.mark.parametrize(
        "telling_one",
        [
            "You get 20 euros.", "It takes two weeks.", "Come on Monday.", "It starts in May.",
            "We call tomorrow.", "You get half a percent off, 5 %.", "It takes a week.",
            "It costs \u20ac\u00bd.", "Ask <email> about it.", "Dear [name], hello.",
        ],
    )  # fmt: skip
    def test_are_never_evidence_for_amounts_dates_or_what_was_masked(
        self, telling_one: str
    ) -> None:
        found = of_reply(a_reply(f"Press the button. {telling_one}"), now=MORNING)

        assert [each.text for each in found.passages] == ["Press the button."]
        assert [each.text for each in found.dropped] == [telling_one]

    @pytest.mark.parametrize(
        "text", ["You may keep it.", "We march on.", "The second button.", "No one is there."]
    )
    def test_keep_sentences_that_only_look_like_dates(self, text: str) -> None:
        assert telling(text) is None

    def test_end_with_their_ticket(self) -> None:
        assert of_reply(a_reply("Press it.", expires_at=MORNING), now=MORNING).passages == ()


class TestIds:
    @pytest.mark.parametrize(
        ("passage_id", "expected"),
        [
            ("article:refund", Place(Origin.ARTICLE, "refund", None)),
            ("article:refund:12", Place(Origin.ARTICLE, "refund", 12)),
            ("document:returns:3", Place(Origin.DOCUMENT, "returns", 3)),
            (f"reply:{TICKET}:2", Place(Origin.REPLY, f"{TICKET}:2", None)),
            (f"reply:{TICKET}:2:1", Place(Origin.REPLY, f"{TICKET}:2", 1)),
            ("record:order", None),
            ("article", None),
            ("article:refund:x", None),
            ("article:refund:1:2", None),
            (f"reply:{TICKET}", None),
            ("", None),
        ],
    )
    def test_say_where_a_passage_is_from(self, passage_id: str, expected: Place | None) -> None:
        assert Place.of(passage_id) == expected

    def test_of_all_passages_can_be_read(self) -> None:
        found = passages_of(
            [an_article("refund", answer="One. Two.")],
            [(a_document(), [Piece(title="", text="It is free.")])],
            [a_reply("Press it. Wait.")],
            facts=no_facts,
            now=MORNING,
        )

        assert {each.id: (Place.of(each.id) or found[0]).source for each in found} == {  # type: ignore[union-attr]
            "article:refund": "article:refund",
            "article:refund:1": "article:refund",
            "article:refund:2": "article:refund",
            "document:returns:1": "document:returns",
            f"reply:{TICKET}:2": f"reply:{TICKET}:2",
            f"reply:{TICKET}:2:1": f"reply:{TICKET}:2",
            f"reply:{TICKET}:2:2": f"reply:{TICKET}:2",
        }


@pytest.mark.parametrize(
    "text", ["Hi {{Name}}", "by ${date}", "in { period }", "to [your city]", "<order id>", "%NAME%"]
)
def test_placeholders_of_other_products_are_seen(text: str) -> None:
    assert placeholder(text)


@pytest.mark.parametrize("text", ["a < b", "see [12]", "{1}", "100% sure", "a <3 b"])
def test_what_only_looks_like_a_placeholder_is_none(text: str) -> None:
    assert placeholder(text) is None

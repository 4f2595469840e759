"""Drafts that only quote: what they say, what they leave out, and how they are framed."""

from dataclasses import replace

import pytest
from helpdesk.drafting import Part
from helpdesk.drafting.extracting import SURE, Kind, addressed, extractive
from helpdesk.drafting.grounding import faults
from helpdesk.evidence import Found, Origin

from tests.drafted import imported, passage, starter

CARE = (
    "Wash the blanket by hand. It dries within a day. Never iron the blanket. "
    "A new cover costs 20 euros. Covers come in red."
)


def quoted(question: str, *found: Found, **slots: str) -> list[Part]:
    """Return the parts between opening and closing."""
    return list(extractive(question, found, slots=slots)[1:-1])


def text(parts: tuple[Part, ...]) -> str:
    return "\n\n".join(part.text for part in parts)


def unsure(number: int, words: str, origin: Origin = Origin.DOCUMENT, title: str = "") -> Found:
    return passage(words, number=number, origin=origin, title=title, score=0.5)


def test_the_sentence_that_shares_most_words_with_the_question_is_quoted() -> None:
    (part,) = quoted("May I iron it?", unsure(1, CARE))

    assert part == Part(text="Never iron the blanket.", rests_on=(1,))


def test_sentences_stand_in_the_order_of_their_passage() -> None:
    (part,) = quoted("What does a cover cost, and how do I wash it?", unsure(1, CARE))

    assert part.text == "Wash the blanket by hand. A new cover costs 20 euros. Covers come in red."


def test_a_sentence_that_points_back_brings_what_it_points_to() -> None:
    (part,) = quoted("When has it dried? It dries, does it?", unsure(1, CARE))

    assert part.text == "Wash the blanket by hand. It dries within a day."


def test_at_most_three_sentences_are_quoted() -> None:
    passages = [unsure(n, f"Blankets are blue number{n}. Blankets are warm.") for n in (1, 2, 3)]

    parts = quoted("blue warm blankets", *passages)

    assert sum(part.text.count(".") for part in parts) == 3


def test_each_passage_has_its_own_part() -> None:
    parts = quoted("wash covers", unsure(1, "Wash by hand."), unsure(2, "Covers come in red."))

    assert parts == [
        Part(text="Wash by hand.", rests_on=(1,)),
        Part(text="Covers come in red.", rests_on=(2,)),
    ]


def test_a_weaker_passage_that_shares_no_word_is_not_quoted() -> None:
    parts = quoted("wash", unsure(1, "Wash by hand."), unsure(2, "Covers come in red."))

    assert [part.rests_on for part in parts] == [(1,)]


def test_nothing_is_quoted_twice() -> None:
    parts = quoted("wash", unsure(1, "Wash by hand."), unsure(2, "Wash by  hand."))

    assert [part.rests_on for part in parts] == [(1,)]


def test_an_article_that_is_surely_meant_is_said_as_a_whole() -> None:
    sure = passage(CARE, score=SURE)
    (part,) = quoted("iron", sure)

    assert part.text == CARE
    assert quoted("iron", passage(CARE, score=SURE - 0.01))[0].text != CARE


def test_lines_stay_lines() -> None:
    lines = "Choose one:\nStandard is slow.\nExpress is fast. It costs more."

    assert quoted("x", passage(lines, score=0.9))[0].text == lines


def test_without_evidence_there_is_no_fact() -> None:
    parts = extractive("Do you sell ovens for 20 euros?", [], name="Ada", kind=Kind.QUESTION)

    assert text(parts) == (
        "Hello Ada,\nThank you for your question.\n\n"
        "A colleague will look into this and answer you here."
    )
    assert faults(parts, [], known=["Ada"]) == ()


def test_a_slot_is_filled_and_the_record_that_fills_it_is_cited() -> None:
    record = passage("Order 48213: carrier Northpost", number=2, origin=Origin.RECORD)
    article = unsure(1, "Order {Order Number} is with {carrier}.", Origin.ARTICLE)

    (part,) = quoted("order", article, record, order_number="48213", carrier="Northpost")[:1]

    assert part == Part(text="Order 48213 is with Northpost.", rests_on=(1, 2))
    assert faults([part], [article, record]) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "Dear {name}, wash it.",
        "Wash it, {{customer}}.",
        "Wash it, {{ known }}.",
        "Wash it, [your name].",
        "Wash it, <name>.",
        "Wash it, ${name}.",
        "Wash it, %(name)s.",
        "Wash it }.",
    ],
)
def test_a_sentence_with_a_slot_that_nothing_fills_is_left_out(sentence: str) -> None:
    (part,) = quoted("wash", unsure(1, f"{sentence} Wash by hand."), known="x")

    assert part.text == "Wash by hand."


@pytest.mark.parametrize("value", ["", "  ", "x" * 201, "a\u200bb", "a\nb"])
def test_a_value_that_cannot_stand_in_a_sentence_fills_no_slot(value: str) -> None:
    (part,) = quoted("wash", unsure(1, "Wash the {thing}. Wash by hand."), thing=value)

    assert part.text == "Wash by hand."


def test_a_value_is_not_read_for_slots() -> None:
    (part,) = quoted("wash", unsure(1, "Wash {thing}."), thing="{other}", other="x")

    assert part.text == "Wash {other}."


@pytest.mark.parametrize("start", ["Yes, ", "No, ", "Yes! ", "No. ", "Sure, "])
def test_no_draft_says_yes_or_no(start: str) -> None:
    """The question that a text once answered is not the one that is asked now."""
    (part,) = quoted("wash", unsure(1, f"{start}wash it by hand."))

    assert part.text == "wash it by hand."


def test_a_past_reply_gives_no_greeting_and_no_amount() -> None:
    reply = "Hi Anna, thanks. Wash it by hand. We pay you 20 euros. Best regards, Tom"

    (part,) = quoted("wash pay", unsure(1, reply, Origin.REPLY))

    assert part.text == "Wash it by hand."


@pytest.mark.parametrize("link", ["https://evil.example/x", "www.evil.example", "evil.example/x"])
def test_no_link_is_quoted(link: str) -> None:
    (part,) = quoted("wash", unsure(1, f"Wash it as {link} says. Wash by hand."))

    assert part.text == "Wash by hand."


@pytest.mark.parametrize("name", ["Ada", "Ada Example", "Jean-Luc O'Neil", "\u00c5sa"])
def test_a_name_is_greeted(name: str) -> None:
    assert extractive("x", [], name=name)[0].text.startswith(f"Hello {name},\n")


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "https://evil.example",
        "90 % refund",
        "Ada gets a refund of everything now",
        "ada@desk.example",
        "Ignore all rules",
        "A\u202edA",
        "<b>Ada</b>",
        "X" * 41,
    ],
)
def test_what_may_be_no_name_is_not_greeted(name: str | None) -> None:
    assert addressed(name) is None
    assert extractive("x", [], name=name)[0].text.startswith("Hello,\n")


@pytest.mark.parametrize(
    ("kind", "mood", "words"),
    [
        (Kind.QUESTION, 0.0, "Thank you for your question."),
        (Kind.COMPLAINT, -0.9, "We are very sorry for the trouble"),
        (Kind.THANKS, 0.9, "we are glad"),
        (Kind.REQUEST, -0.3, "We are sorry for the trouble."),
    ],
)
def test_the_opening_fits_kind_and_mood(kind: Kind, mood: float, words: str) -> None:
    assert words in extractive("x", [], kind=kind, mood=mood)[0].text


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("mood", [-1.0, 0.0, 1.0])
def test_no_frame_claims_anything(kind: Kind, mood: float) -> None:
    parts = extractive("x", [unsure(1, "Wash it.")], kind=kind, mood=mood)

    assert faults([parts[0], parts[-1]], []) == ()


def test_a_draft_is_never_longer_than_a_message() -> None:
    long = [unsure(n, f"Wash number{n} {'slowly ' * 300}.") for n in (1, 2, 3)]

    parts = extractive("wash", long)

    assert [part.rests_on for part in parts] == [(), (1,), ()]
    assert len(text(parts)) <= 4_000
    assert [part.rests_on for part in extractive("wash", long[:1], most=500)] == [(), ()]


@pytest.mark.parametrize("score", [0.5, 0.9])
def test_no_draft_of_any_passage_has_a_fault_or_a_placeholder(score: float) -> None:
    for found in (*starter(), *imported()):
        each = replace(found, score=score)
        parts = extractive(each.passage.title, [each], name="Ada Example")

        assert faults(parts, [each], known=["Ada Example"]) == (), each.passage.title
        assert not set("{}[]<>") & set(text(parts))
        assert len(parts) == 3

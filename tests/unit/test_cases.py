"""What identifies a case, and when a message is one that the desk has already."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from helpdesk.cases import (
    MOST_ROOTS,
    Case,
    Recent,
    Rules,
    Why,
    case_of,
    decide,
    remembered,
    said_in,
)
from helpdesk.cases.agreement import share, things_of
from helpdesk.cases.purpose import Asking
from helpdesk.triage import Entity
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COMPLAINT = "The zip of my backpack broke on the second day and I would like my money back."
NEAR, FAR = bytes([100, 10]), bytes([10, 100])
"""Two meanings with a cosine of 0.2; each with itself has 1."""

RULES = Rules()

ORDER, INVOICE, PARCEL = "order_number", "invoice_number", "tracking_number"


def a_case(
    text: str = COMPLAINT,
    *named: tuple[str, str],
    ticket_id: str = "root",
    at: datetime = NOON,
    goods: Sequence[str] = (),
    meaning: bytes = NEAR,
) -> Case:
    entities = [Entity(kind, value, 0, 0) for kind, value in named]
    return case_of(
        text, ticket_id=ticket_id, at=at, entities=entities, goods=goods, meaning=meaning
    )


def a_new(text: str = COMPLAINT, *named: tuple[str, str], **more: Any) -> Case:
    return a_case(text, *named, **{"ticket_id": "new", "at": NOON + timedelta(days=1), **more})


def why(root: Case, new: Case, rules: Rules = RULES) -> Why:
    verdict = decide([root], new, rules)
    same = {Why.SAME_TEXT, Why.SAME_WORDS, Why.SAME_MEANING, Why.REMINDER}
    assert (verdict.root == root.ticket_id) is (verdict.why in same)
    return verdict.why


@pytest.mark.parametrize(
    "text",
    [
        COMPLAINT,
        COMPLAINT.upper() + "!!",
        f"Hello,\n\n{COMPLAINT}\n\nThank you very much.\nKind regards,\nMaria Lindt",
        f"Re: {COMPLAINT}",
        COMPLAINT.replace(" ", "  "),
    ],
)
def test_signs_case_blanks_and_courtesy_do_not_matter(text: str) -> None:
    assert why(a_case(), a_new(text, meaning=FAR)) is Why.SAME_TEXT


def test_words_that_are_left_out_or_mistyped_do_not_matter() -> None:
    cut = "The zip of my backpack broke on the second day."
    typed = COMPLAINT.replace("backpack", "bakcpack")

    assert why(a_case(), a_new(cut, meaning=FAR)) is Why.SAME_WORDS
    assert why(a_case(), a_new(typed, meaning=FAR)) is Why.SAME_WORDS


def test_other_words_of_the_same_meaning_are_the_same_case() -> None:
    reworded = "On day two my rucksack came apart at its zipper, please refund me for it."

    assert why(a_case(), a_new(reworded)) is Why.SAME_MEANING
    assert why(a_case(), a_new(reworded, meaning=FAR)) is Why.UNLIKE


def test_mistyped_words_are_the_words_that_they_are_near_to() -> None:
    typed = "teh zpi of my bakcpack broke on teh secnod day and i wuold like my mony bcak"

    assert why(a_case(), a_new(typed, meaning=FAR)) is Why.SAME_WORDS
    assert why(a_case("the mattress smells"), a_new("The mattress smlels!")) is Why.SAME_WORDS
    assert why(a_case("Do you ship to Iceland?"), a_new("Do you ship to Ireland?")) is not (
        Why.SAME_WORDS
    )


def test_names_and_counts_that_only_one_of_both_has_make_two_cases() -> None:
    one, other, turned = (
        "I was put in a dirty room at the hotel in Lisbon, please give me my money back.",
        "My money back please, the hotel room in Naples was not clean at all.",
        "My money back please, the hotel room in Lisbon was not clean at all.",
    )

    assert why(a_case(one), a_new(other)) is Why.OTHER_NAME
    assert why(a_case(one), a_new(turned)) is Why.SAME_MEANING
    assert a_case("It came on the 3rd of May. Where is size 40?").names == {"3", "may", "40"}
    assert not a_case("Das Kleid ist zu klein und die Farbe passt nicht zum Bild.").names
    assert not a_case("WHERE IS MY PARCEL").names


@pytest.mark.parametrize(
    "mail",
    [
        f"Broken zip\n\nHello,\n\n{COMPLAINT}\n\nKind regards\nMaria Lindt",
        f"Subject: my backpack\n\nDear Sir or Madam,\n{COMPLAINT}\n\nBest wishes\nMaria",
        f"Re: Welcome to the shop\n\n{COMPLAINT}\n\nMaria\n\n> Welcome!\n> Your shop",
        f"WG: Ihre Bestellung\n\nHi,\n\n{COMPLAINT}",
    ],
)
def test_a_mail_says_what_the_form_said(mail: str) -> None:
    assert why(a_case(), a_new(mail, meaning=FAR)) is Why.SAME_TEXT
    assert why(a_case(mail, meaning=FAR), a_new()) is Why.SAME_TEXT


def test_a_subject_that_says_more_than_the_mail_stays() -> None:
    kettle, lamp = (f"{good} broken\n\nHi,\n\nWhat can I do?" for good in ("Kettle", "Lamp"))

    assert why(a_case(kettle), a_new(lamp)) is not Why.SAME_TEXT
    assert said_in(kettle) == "Kettle broken\nWhat can I do?"
    assert said_in("Re: Kettle broken\n\nWhat can I do?") == "What can I do?"
    assert said_in("It broke.\n\nWhat can I do?") == "It broke.\n\nWhat can I do?"


def test_a_short_text_is_found_in_a_mail_that_says_little_more() -> None:
    mail = "Lamp\n\nHello,\n\nI used your form as well.\n\nThe lamp flickers.\n\nTom Reed"

    assert why(a_case("The lamp flickers."), a_new(mail, meaning=FAR)) is Why.SAME_WORDS
    assert why(a_case(mail), a_new("The lamp flickers.", meaning=FAR)) is Why.SAME_WORDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I still have no answer about the zip of my backpack.", Why.REMINDER),
        ("Second request: my backpack!", Why.REMINDER),
        ("Nobody has answered me yet.", Why.REMINDER),
        ("Warum antwortet mir niemand?", Why.REMINDER),
        ("Any update on the zip of the backpack?", Why.REMINDER),
        ("The zip of the backpack is still stuck.", Why.UNLIKE),
        ("I still have no answer about the invoice for my shoes.", Why.UNLIKE),
    ],
)
def test_a_reminder_is_the_case_that_it_is_about(text: str, found: Why) -> None:
    assert why(a_case(), a_new(text, meaning=FAR)) is found


def test_a_reminder_may_be_one_by_its_meaning() -> None:
    assert why(a_case(), a_new("The zip of the backpack is still stuck.")) is Why.REMINDER
    assert why(a_case(), a_new("No answer yet, what about the fastener now?")) is Why.REMINDER


def test_a_reminder_that_names_nothing_means_the_only_case() -> None:
    first, second = a_case(), a_case("Where is my invoice for the month of May?", ticket_id="b")
    again = a_new("Still no reply.", meaning=FAR)

    assert decide([first], again, RULES).root == "root"
    assert decide([first, second], again, RULES).root is None
    assert decide([], again, RULES).why is Why.NOTHING_RECENT


@pytest.mark.parametrize(
    "text",
    [
        f"Thanks for the new backpack. {COMPLAINT}",
        f"{COMPLAINT} Another question: do you sell locks?",
        "The zip works again now. The strap of my backpack broke on the second day though.",
        f"By the way, {COMPLAINT}",
    ],
)
def test_what_goes_on_to_another_matter_is_another_case(text: str) -> None:
    assert why(a_case(), a_new(text)) is Why.OTHER_MATTER


@pytest.mark.parametrize(
    ("text", "how_far"),
    [
        (COMPLAINT, Asking.NOTHING),
        ("How long is the warranty?", Asking.ALL),
        ("Hello, I wanted to ask how long the warranty is.", Asking.ALL),
        ("The zip broke. Is it covered by the warranty?", Asking.SOME),
        ("And which detergent may I use?", Asking.ALL),
        ("Where is my parcel?", Asking.NOTHING),
        ("Wie lange ist die Garantie?", Asking.ALL),
        ("", Asking.NOTHING),
    ],
)
def test_how_far_a_text_asks(text: str, how_far: Asking) -> None:
    assert a_case(text).asks is how_far


def test_a_question_about_what_was_complained_of_is_another_case() -> None:
    question = "How do I wash the zip of my backpack, and how do I clean it on the second day?"

    assert why(a_case(), a_new(question)) is Why.UNLIKE
    assert why(a_case(question), a_new(question, meaning=FAR)) is Why.SAME_TEXT


def test_a_question_that_is_added_makes_another_case() -> None:
    more = f"{COMPLAINT} Is it available in brown as well?"

    assert why(a_case(), a_new(more)) is Why.OTHER_MATTER
    assert why(a_case(more), a_new()) is Why.SAME_WORDS


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Booking QX7P9921: the seat is torn.", "Booking QX7P9912: the seat is torn.", False),
        ("About 55 12 34: it is torn.", "About 55 12 43: it is torn.", False),
        ("About 55 12 34: it is torn.", "About 551234: it is torn, please help.", True),
        ("About 551234: it is torn.", "No answer about 551243 yet.", False),
        ("It came in 2024, the seat is torn.", "Since 2025 the seat of it is torn.", True),
    ],
)
def test_a_longer_number_needs_no_word_before_it(one: str, other: str, *, same: bool) -> None:
    assert (why(a_case(one), a_new(other)) is Why.OTHER_NUMBER) is not same


def test_words_that_say_the_same_are_one_thing() -> None:
    one, other = things_of(["refund", "arrived", "two"]), things_of(["reimbursed", "came", "2"])

    assert one == other == {"refund": 1.0, "come": 0.25, "2": 1.0}
    assert share(one, other) == 1.0
    assert share(things_of(["refund", "kettle"]), one) == 0.5
    assert share({}, one) == share(one, {}) == 0.0
    assert things_of(["the", "und", "my"]) == {}


def test_an_exchanged_word_makes_another_case() -> None:
    other = COMPLAINT.replace("backpack", "sleeping bag")

    assert why(a_case(), a_new(other)) is Why.OTHER_WORD


@pytest.mark.parametrize(
    ("ones", "others", "found"),
    [
        ([(ORDER, "12345")], [(ORDER, "12346")], Why.OTHER_NUMBER),
        ([(ORDER, "12345")], [(ORDER, "12345"), (ORDER, "12346")], Why.OTHER_NUMBER),
        ([(ORDER, "12345")], [(INVOICE, "777")], Why.OTHER_NUMBER),
        ([(ORDER, "A-12345")], [(ORDER, "B-12345")], Why.OTHER_NUMBER),
        (
            [(ORDER, "12345"), (PARCEL, "1Z9")],
            [(ORDER, "12345"), (PARCEL, "1Z8")],
            Why.OTHER_NUMBER,
        ),
        ([(ORDER, "12345")], [(ORDER, "ORD-12345")], Why.SAME_TEXT),
        ([(ORDER, "12345")], [(INVOICE, "12345")], Why.SAME_TEXT),
        ([(ORDER, "12345"), (ORDER, "12346")], [(ORDER, "12345")], Why.SAME_TEXT),
        ([(ORDER, "12345")], [], Why.SAME_TEXT),
        ([("amount", "9.00 EUR")], [("amount", "9.50 EUR")], Why.OTHER_AMOUNT),
        ([("amount", "9.00 EUR")], [("amount", "9.00 USD")], Why.OTHER_AMOUNT),
        ([("amount", "9.00 EUR")], [("amount", "9.00 EUR"), ("amount", "1.00 EUR")], Why.SAME_TEXT),
        ([("phone", "0301234")], [("phone", "0301235")], Why.SAME_TEXT),
    ],
)
def test_numbers_and_amounts_come_before_likeness(
    ones: list[tuple[str, str]], others: list[tuple[str, str]], found: Why
) -> None:
    assert why(a_case(COMPLAINT, *ones), a_new(COMPLAINT, *others)) is found


def test_numbers_of_errors_are_numbers() -> None:
    one, other = (f"The app shows error {code} each time that I pay." for code in ("E-17", "E-18"))

    assert a_case(one).numbers == {"error:E17"}
    assert why(a_case(one), a_new(other)) is Why.OTHER_NUMBER
    named = Entity(ORDER, "E-17", one.index("E-17"), one.index("E-17") + 4)
    assert case_of(one, ticket_id="x", at=NOON, entities=[named]).numbers == {"error:E17"}


@pytest.mark.parametrize(
    ("ones", "others", "same"),
    [
        (["kettle"], ["toaster"], False),
        (["kettle"], ["kettles"], True),
        (["sofa"], ["couch"], True),
        (["kettle"], ["kettle", "lamp"], True),
        (["kettle"], ["box"], True),
        (["kettle"], [], True),
    ],
)
def test_other_goods_are_another_case(ones: list[str], others: list[str], *, same: bool) -> None:
    reworded = "On the second day already the zip of my backpack came off, so refund me its price."

    found = why(a_case(goods=ones), a_new(reworded, goods=others))

    assert found is (Why.SAME_MEANING if same else Why.OTHER_GOODS)


def test_what_speaks_for_one_case_is_summed() -> None:
    reworded = "On the second day already the zip of my backpack came off, so refund me its price."
    rules = replace(RULES, alike=1.65)

    assert why(a_case(), a_new(reworded)) is Why.SAME_MEANING
    assert why(a_case(), a_new(reworded), rules) is Why.UNLIKE
    goods = {"goods": ["backpack"]}
    assert why(a_case(**goods), a_new(reworded, **goods), rules) is Why.SAME_MEANING


def test_short_texts_are_compared_as_they_are() -> None:
    short, other = "refund my lamp", "my lamp refund"

    assert why(a_case(short), a_new(short)) is Why.SAME_TEXT
    assert why(a_case(short), a_new(other)) is Why.TOO_SHORT
    number = (ORDER, "12345")
    assert why(a_case(short, number), a_new(other, number)) is Why.SAME_MEANING
    assert why(a_case("where is my refund"), a_new("where is my parcel")) is Why.OTHER_WORD


def test_a_text_that_says_nothing_is_no_case() -> None:
    assert why(a_case("???"), a_new("!!")) is Why.TOO_SHORT


def test_a_much_longer_text_says_more_than_the_earlier_one() -> None:
    more = f"{COMPLAINT} {'My neighbour also waits for the lamp that she chose in May. ' * 3}"

    assert why(a_case(), a_new(more, meaning=FAR)) is Why.UNLIKE
    assert why(a_case(more), a_new(meaning=FAR)) is Why.SAME_WORDS


def test_a_graver_message_is_not_taken_for_an_earlier_one() -> None:
    grave = f"{COMPLAINT} My lawyer will hear of this."

    assert why(a_case(), a_new(grave)) is Why.GRAVER
    assert why(a_case(grave), a_new()) is Why.SAME_WORDS


def test_the_window_ends_after_its_days() -> None:
    for days, found in ((0, Why.SAME_TEXT), (6, Why.SAME_TEXT), (7, Why.NOTHING_RECENT)):
        assert why(a_case(), a_new(at=NOON + timedelta(days=days))) is found
    assert why(a_case(), a_new(), Rules(window=timedelta(0))) is Why.NOTHING_RECENT


def test_a_case_never_finds_itself() -> None:
    assert decide([a_new()], a_new(), RULES).why is Why.NOTHING_RECENT


def test_the_most_alike_comes_first_and_of_these_the_oldest() -> None:
    cut = "The zip of my backpack broke on the second day and I would like it"
    near = a_case(cut, ticket_id="near", at=NOON + timedelta(hours=2))
    first, second = (
        a_case(ticket_id=name, at=NOON + timedelta(hours=hours))
        for hours, name in ((0, "first"), (1, "second"))
    )

    assert decide([first, second, near], a_new(), RULES).root == "first"
    assert decide([near], a_new(), RULES).root == "near"
    assert decide([], a_new(), RULES).root is None


def test_the_newest_cases_are_remembered() -> None:
    recent = Recent(key="K", version=1)
    for hour in range(MOST_ROOTS + 5):
        case = a_case(ticket_id=f"t{hour}", at=NOON + timedelta(hours=hour))
        recent = remembered(recent, case, Rules())

    assert [each.ticket_id for each in recent.roots] == [f"t{n}" for n in range(5, 25)]
    assert (recent.version, recent.before) == (MOST_ROOTS + 6, MOST_ROOTS + 5)
    late = remembered(recent, a_new(at=NOON + timedelta(days=30)), Rules())
    assert [each.ticket_id for each in late.roots] == ["new"]


TEXTS = st.sampled_from(
    [
        COMPLAINT,
        "The zip of my backpack broke on the second day.",
        "Where is it? It should have come on Monday and no one can say.",
        "where is my refund",
        COMPLAINT.replace("backpack", "tent"),
    ]
)
NUMBERS = st.integers(10_000, 99_999)
GOODS = st.lists(st.sampled_from(["kettle", "kettles", "lamp", "sofa", "couch"]), max_size=2)
MEANINGS = st.sampled_from([NEAR, FAR])


@given(TEXTS, TEXTS, NUMBERS, NUMBERS, MEANINGS)
def test_another_number_is_never_the_same_case(
    one: str, other: str, first: int, second: int, meaning: bytes
) -> None:
    found = decide(
        [a_case(f"{one} {first}", (ORDER, str(first)))],
        a_new(f"{other} {second}", (ORDER, str(second)), meaning=meaning),
        RULES,
    )

    assert first == second or found.root is None


@given(TEXTS, TEXTS, GOODS, GOODS, MEANINGS)
def test_what_tells_two_cases_apart_tells_them_apart_in_either_order(
    one: str, other: str, mine: list[str], theirs: list[str], meaning: bytes
) -> None:
    first, second = a_case(one, goods=mine), a_new(other, goods=theirs, meaning=meaning)
    turned = (
        replace(second, at=first.at, ticket_id="root"),
        replace(first, at=second.at, ticket_id="new"),
    )

    assert why(first, second) is why(*turned)


@given(TEXTS, st.lists(NUMBERS, max_size=3), GOODS)
def test_a_text_is_always_the_same_case_as_itself(
    text: str, numbers: list[int], goods: list[str]
) -> None:
    named = [(ORDER, str(number)) for number in numbers]

    assert why(a_case(text, *named, goods=goods), a_new(text, *named, goods=goods)) is Why.SAME_TEXT

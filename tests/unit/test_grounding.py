"""What a draft may say, and what it may not, by one sentence each."""

import pytest
from helpdesk.drafting import Fault, Part, Severity
from helpdesk.drafting.grounding import faults, sentences
from helpdesk.evidence import Found, Origin

from tests.drafted import passage

DELIVERY = (
    "Standard delivery takes 3 to 5 business days after dispatch, express 1 to 2.\n"
    "It is free from 50 euros, otherwise 4.95. A pick-up point keeps the parcel for 7 days.\n"
    "Orders by PayPal leave on Monday. Students get 10 percent off. "
    "You have 14 days from delivery, and the warranty is two years.\n"
    "We never call you. Used gift cards cannot be returned. The code A-1234 is valid until "
    "3 May 2026. Mail desk@shop.example or see https://shop.example/help for more."
)


def found(
    text: str, evidence: str = DELIVERY, *, said: str = "", known: tuple[str, ...] = ()
) -> tuple[Fault, ...]:
    parts = [Part(text=text, rests_on=(1,))]
    return faults(parts, [passage(evidence, title="Delivery")], said=said, known=known)


def hard(text: str, evidence: str = DELIVERY, said: str = "") -> list[str]:
    marks = found(text, evidence, said=said)
    return [f"{each.kind}:{each.what}" for each in marks if each.severity is Severity.HARD]


def soft(text: str, evidence: str = DELIVERY) -> list[str]:
    return [each.kind for each in found(text, evidence) if each.severity is Severity.SOFT]


@pytest.mark.parametrize(
    "text",
    [
        "After dispatch, standard delivery needs three to five working days.",
        "Delivery is free from €50.",
        "Delivery is free from EUR 50.00.",
        "At a pick-up point, the parcel is kept for a week.",
        "At a pick-up point, the parcel is kept for one week.",
        "Students get 10 % off.",
        "Students get 10% off.",
        "You have two weeks from delivery.",
        "From delivery you have a 14-day period.",
        "The warranty is 24 months.",
        "There is a two-year warranty.",
        "Orders paid by PayPal leave on Mondays.",
        "Your code a-1234 is valid until May 3, 2026.",
        "Your code A-1234 is valid until 03.05.2026.",
        "Write a mail to desk@shop.example.",
        "For more help see https://www.shop.example/help.",
        "Standard delivery takes up to 5 business days after dispatch.",
    ],
)
def test_the_same_fact_in_another_spelling_is_borne(text: str) -> None:
    assert hard(text) == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Standard delivery takes 3 to 6 business days.", "duration:3 to 6 business days"),
        (
            "Standard delivery takes 1 to 2 business days after dispatch, express 3 to 5.",
            "duration",
        ),
        ("Standard delivery takes 3 to 5 days after dispatch.", "duration:3 to 5 days"),
        ("Standard delivery takes 3 business days after dispatch.", "duration:3 business days"),
        ("Delivery is free from 4.95 euros.", "amount:4.95 euros"),
        ("Delivery is free from 50 dollars.", "amount:50 dollars"),
        ("Delivery is free up to 50 euros.", "amount:50 euros"),
        ("Students get 90 % off.", "percentage:90 %"),
        ("Students get half off.", "number:half"),
        ("A pick-up point keeps the parcel for fourteen days.", "duration:fourteen days"),
        ("The parcel stays at a pick-up point for a month.", "duration"),
        ("Orders by PayPal leave on Friday.", "weekday:Friday"),
        ("Orders by Klarna leave on Monday.", "name:Klarna"),
        ("The code A-1235 is valid.", "identifier:A-1235"),
        ("The code A-1234 is valid until 4 May 2026.", "date:4 May 2026"),
        ("The code A-1234 is valid until 3 May 2027.", "date:3 May 2027"),
        ("Mail boss@shop.example for more.", "email:boss@shop.example"),
        ("See https://shop.example/pay for more.", "link:https://shop.example/pay"),
        ("See shop-help.example for more.", "link:shop-help.example"),
        ("See javascript:alert for more.", "link:javascript:alert"),
        ("We call you at 9 pm.", "time:9 pm"),
        ("We never call you from +44 20 7946 0000.", "phone:+44 20 7946 0000"),
        ('Choose "Refund now" to return gift cards.', 'name:"Refund now"'),
        ("Our Platinum Service is part of standard delivery.", "name:Platinum"),
    ],
)
def test_what_the_evidence_does_not_say_is_a_hard_fault(text: str, mark: str) -> None:
    assert any(each.startswith(mark) for each in hard(text)), hard(text)


def test_a_number_hidden_by_signs_that_show_nothing_is_read_as_it_is_seen() -> None:
    assert hard("Students get 9\u200b0 \u2060% off.")
    assert hard("Students get \uff19\uff10 % off.")
    assert hard("Students get \u0669\u0660 % off.")


def test_the_message_of_a_customer_bears_an_order_number() -> None:
    asked = "Where is my order 48213? Your policy says 90 % back."
    text = "We look into your order 48213."

    assert hard(text) == ["identifier:48213"]
    assert hard(text, said=asked) == []


@pytest.mark.parametrize(
    "text", ["You get 90 % back.", "You get 48213 euros.", "You get 90 percent back."]
)
def test_the_message_of_a_customer_bears_nothing_else(text: str) -> None:
    assert hard(text, said="My order 48213: your policy says 90 %, and 48213 euros.")


def test_a_name_that_the_ticket_vouches_for_is_no_fault() -> None:
    assert found("Hello Ada,") != ()
    assert found("Hello Ada,", known=("Ada Example",)) == ()


def test_what_a_ticket_vouches_for_bears_no_amount_and_no_link() -> None:
    name = ("Ada 90 % https://evil.example",)

    assert found("Ada, you get 90 % off.", known=name)
    assert found("Ada, see https://evil.example now.", known=name)


def test_a_trusted_link_is_no_fault() -> None:
    part = Part(text="More: https://shop.example/track", rests_on=(1,))

    assert faults([part], [passage(DELIVERY)])
    assert not faults([part], [passage(DELIVERY)], links=["https://shop.example/track"])


def test_a_number_is_bound_to_its_sentence() -> None:
    assert hard("A pick-up point keeps the parcel for 14 days.") == ["duration:14 days"]


def test_numbers_of_two_sentences_may_stand_in_one() -> None:
    text = "Standard delivery takes 3 to 5 business days, and a pick-up point keeps it for 7 days."

    assert hard(text) == []


def test_evidence_that_a_part_does_not_cite_bears_nothing() -> None:
    part = Part(text="Students get 10 % off.", rests_on=(2,))
    evidence = [passage(DELIVERY), passage("We sell books to students.", number=2)]

    assert [each.kind for each in faults([part], evidence)][:1] == ["percentage"]


def test_evidence_that_is_not_there_is_a_hard_fault() -> None:
    part = Part(text="Hello.", rests_on=(7,))

    assert [(each.kind, each.what) for each in faults([part], [passage(DELIVERY)])] == [
        ("citation", "7")
    ]


def test_a_fault_names_the_part_that_holds_it() -> None:
    parts = [Part(text="Hello."), Part(text="You get 90 % off.", rests_on=(1,))]

    assert {each.part for each in faults(parts, [passage(DELIVERY)])} == {1}


@pytest.mark.parametrize("text", ["Hello, and thank you.", "We are sorry.", "Can we help you?"])
def test_courtesy_needs_no_evidence(text: str) -> None:
    assert faults([Part(text=text)], []) == ()


@pytest.mark.parametrize(
    "text", ["Thank you for 20 % trust.", "Sorry, take 5 euros.", "Will you take 5 euros?"]
)
def test_courtesy_with_a_number_needs_evidence(text: str) -> None:
    assert [each.severity for each in faults([Part(text=text)], [])] == [Severity.HARD]


def test_a_claim_without_evidence_is_marked() -> None:
    assert "uncited" in [each.kind for each in faults([Part(text="It will be replaced.")], [])]


@pytest.mark.parametrize(
    "text",
    [
        "We call you.",
        "Used gift cards can be returned.",
        "Standard delivery is never free from 50 euros.",
        "Unused gift cards cannot be returned.",
        "It isn't free from 50 euros.",
    ],
)
def test_another_polarity_is_marked(text: str) -> None:
    assert "negation" in soft(text)


@pytest.mark.parametrize(
    "text", ["We will never call you.", "Gift cards that were used cannot be returned."]
)
def test_the_same_polarity_in_other_words_is_not_marked(text: str) -> None:
    assert "negation" not in soft(text)


def test_a_noun_that_no_evidence_has_is_marked() -> None:
    assert "noun" in soft("Students get a voucher.")
    assert "noun" not in soft("A pick-up point keeps the parcel.")


def test_a_sentence_unlike_its_evidence_is_marked_where_there_is_a_measure() -> None:
    part = [Part(text="Students pay less.", rests_on=(1,))]

    def kinds(alike: float) -> list[str]:
        marks = faults(part, [passage(DELIVERY)], likeness=lambda _, __: alike)
        return [each.kind for each in marks]

    assert "unlike" in kinds(0.64)
    assert "unlike" not in kinds(0.65)


def replied(text: str, reply: str) -> list[str]:
    evidence: Found = passage(reply, origin=Origin.REPLY)
    return [each.kind for each in faults([Part(text=text, rests_on=(1,))], [evidence])]


def test_a_past_reply_bears_no_amount_even_if_it_is_quoted() -> None:
    assert replied("We paid 20 euros back.", "We paid 20 euros back.") == ["amount"]
    assert replied("Press the button twice.", "Press the button.") != []
    assert replied("Press the red button.", "Press the red button.") == []


def test_a_record_that_is_cited_bears_its_facts() -> None:
    record = passage(
        "Order 48213: shipped, expected on 2 December 2026, by DHL", origin=Origin.RECORD
    )
    text = "Your parcel is with DHL and comes on December 2."

    assert [
        each
        for each in faults([Part(text=text, rests_on=(1,))], [record])
        if each.severity is Severity.HARD
    ] == []
    assert faults([Part(text="It comes on December 3.", rests_on=(1,))], [record])


def test_a_record_bears_no_percentage() -> None:
    record = passage("Order 48213: note: 90 % back is agreed", origin=Origin.RECORD)
    part = Part(text="Order 48213: you get 90 % back.", rests_on=(1,))

    assert "percentage" in [each.kind for each in faults([part], [record])]


@pytest.mark.parametrize(
    "text",
    [
        "We have cancelled your order.",
        "I have changed it.",
        "Your order has been refunded.",
        "Your account was deleted.",
        "We guarantee that orders leave on Monday.",
        "Gift cards are sent free of charge.",
        "Students get a full refund.",
    ],
)
def test_what_is_said_to_be_done_or_promised_needs_evidence(text: str) -> None:
    assert [each for each in hard(text) if each.startswith("promise")]


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Once your order has been sent, it takes a day.", "After dispatch it takes within a day."),
        ("We guarantee the price.", "The price is guaranteed."),
        ("Returns are free of charge.", "Returns are free."),
        ("Your card was blocked by the bank.", "Your card was blocked by us."),
        ("Your order has been cancelled.", "Your order has been cancelled, as you see there."),
    ],
)
def test_a_promise_that_the_evidence_makes_is_no_fault(text: str, evidence: str) -> None:
    assert [each for each in hard(text, evidence) if each.startswith("promise")] == []


@pytest.mark.parametrize("text", ["We look into KESTREL-7741.", "We look into REFUND-90."])
def test_a_word_with_a_number_is_no_identifier_that_a_customer_may_bring(text: str) -> None:
    assert hard(text, said="Write KESTREL-7741 and REFUND-90.")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two! Three?", ("One.", "Two!", "Three?")),
        ("It costs 4.95 euros. Pay now.", ("It costs 4.95 euros.", "Pay now.")),
        ("See e.g. the page. Then go.", ("See e.g. the page.", "Then go.")),
        ("A line\nAnother", ("A line", "Another")),
        ("  \n ", ()),
    ],
)
def test_a_text_has_sentences(text: str, pieces: tuple[str, ...]) -> None:
    assert sentences(text) == pieces

"""What the desk decides on a text as customers write it, with all that stands around the words."""

from helpdesk.considering import considered
from helpdesk.triage import Answer, Decision, Escalate, Greet, Policy, Reason

from tests.fakes import ScriptedUnderstander, an_article, an_understanding

TRACK = an_article("track_order")
ASKED = "where is my order 55102"
QUOTE = "\n\nOn Mon, 2 Mar 2026 at 10:12, Shop <help@shop.example> wrote:\n> Call your lawyer."


def decision(text: str) -> Decision:
    understander = ScriptedUnderstander({ASKED: an_understanding(("track_order", 0.95))})
    return considered(
        text,
        articles={"track_order": TRACK}.get,
        understander=understander,
        policy=Policy(),
    )[1]


def test_what_speaks_is_understood_without_what_stands_around_it() -> None:
    mail = f"Hello,\n\n{ASKED}\n\nKind regards,\nAda Miller\nAcme Ltd\nTel. +44 20 7946 0000"

    assert decision(ASKED) == Answer(TRACK)
    assert decision(mail) == Answer(TRACK)


def test_a_quoted_mail_is_not_what_the_customer_says() -> None:
    assert decision(ASKED + QUOTE) == Answer(TRACK)
    assert decision("Is a chair cheaper?" + QUOTE) == Escalate(Reason.OUT_OF_SCOPE)


def test_danger_counts_below_a_signature_too() -> None:
    found = decision(f"{ASKED}\n\nKind regards,\nAda\n\nPS: my lawyer has a copy")

    assert isinstance(found, Escalate)
    assert found.reason is Reason.LEGAL


def test_courtesy_is_courtesy_with_a_signature() -> None:
    assert decision("Thank you!") == Greet()
    assert decision("Thank you!\n\nSent from my iPhone") == Greet()

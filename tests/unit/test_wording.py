"""What words show by themselves. The messages are in `tests/wording/`, one a line."""

import time
from pathlib import Path

import pytest
from helpdesk.wording import (
    Kind,
    affirmed,
    asks,
    forbids,
    is_courtesy,
    kinds_in,
    without_courtesy,
    wordings,
)
from helpdesk.wording.phrases import data
from hypothesis import given
from hypothesis import strategies as st

MESSAGES = Path(__file__).parents[1] / "wording"
PERSON = {
    Kind.DANGER,
    Kind.INJURY,
    Kind.THREAT,
    Kind.TAKEOVER,
    Kind.LEGAL,
    Kind.FRAUD,
    Kind.DEATH,
    Kind.MINOR,
    Kind.NOT_HELPED,
}


def messages(name: str) -> list[str]:
    return (MESSAGES / f"{name}.txt").read_text("utf-8").splitlines()


def test_there_are_enough_messages_each_way() -> None:
    files = sorted(MESSAGES.glob("*.txt"))

    assert len(files) == 7
    assert all(len(set(messages(each.stem))) >= 60 for each in files)


@pytest.mark.parametrize("text", messages("courtesy"))
def test_courtesy(text: str) -> None:
    assert is_courtesy(text)
    assert not kinds_in(text) & PERSON


@pytest.mark.parametrize("text", messages("not_courtesy"))
def test_no_courtesy(text: str) -> None:
    assert not is_courtesy(text)


@pytest.mark.parametrize("text", messages("danger"))
def test_danger(text: str) -> None:
    assert Kind.DANGER in kinds_in(text)
    assert not is_courtesy(text)


@pytest.mark.parametrize("text", messages("not_danger"))
def test_no_danger(text: str) -> None:
    assert not kinds_in(text) & PERSON


@pytest.mark.parametrize("text", messages("person"))
def test_law_and_fraud(text: str) -> None:
    assert kinds_in(text) & {Kind.LEGAL, Kind.TAKEOVER, Kind.FRAUD}


@pytest.mark.parametrize("line", messages("grave"))
def test_each_other_kind_that_is_for_a_person(line: str) -> None:
    kind, text = line.split(": ", 1)
    assert Kind(kind) in kinds_in(text)
    assert not is_courtesy(text)


@pytest.mark.parametrize("text", messages("not_person"))
def test_no_law_and_no_fraud(text: str) -> None:
    assert not kinds_in(text) & PERSON


@pytest.mark.parametrize(
    "text",
    [
        "KILL MYSELF",
        "kill\nmyself",
        "\uff4b\uff49\uff4c\uff4c myself",
        "ki\u200bll mys\u00adelf",
        "kill, myself",
    ],
)
def test_writing_it_otherwise_hides_nothing(text: str) -> None:
    assert kinds_in(text) == {Kind.DANGER}


@pytest.mark.parametrize("apostrophe", ["", "'", "\u2019", "\u02bc", "`"])
def test_every_apostrophe_is_the_same(apostrophe: str) -> None:
    assert kinds_in(f"I didn{apostrophe}t authorise this") == {Kind.FRAUD}


def test_a_harmless_phrase_takes_away_only_what_it_overlaps() -> None:
    assert not kinds_in("a lawyer costume")
    assert kinds_in("my lawyer says the lawyer costume is late") == {Kind.LEGAL}


def test_anger_and_a_demand_are_told_apart() -> None:
    assert kinds_in("this is unacceptable, refund me right now") == {Kind.ANGER, Kind.DEMAND}
    assert kinds_in("this is unacceptable") == {Kind.ANGER}


def test_the_gravest_wording_comes_first() -> None:
    points = [each.points for each in wordings().values()]

    assert points[: len(PERSON)] == sorted(points[: len(PERSON)], reverse=True)
    assert set(data()) == {*Kind, "courtesy", "denial"}


def test_names_of_those_who_talk_may_stand_in_courtesy() -> None:
    assert is_courtesy("Thanks Maria!", ["maria"])
    assert not is_courtesy("Thanks Maria!")
    assert not is_courtesy("Maria", ["maria"])


@pytest.mark.parametrize("text", ["ok", "sure", "great", "yes ok", "sounds good"])
def test_consent_is_an_answer_after_a_question(text: str) -> None:
    assert is_courtesy(text)
    assert not is_courtesy(text, consent=False)
    assert is_courtesy("thanks, bye", consent=False)


@pytest.mark.parametrize(
    ("reply", "asking"),
    [
        ("Shall we cancel the order?", True),
        ("We can send a new one. Is that fine?  ", True),
        ("Is that fine? We will send it then.", False),
        ("It is on its way. Is there anything else?", False),
        ("Can we help you with something more?", False),
        ("It is on its way.", False),
        ("", False),
    ],
)
def test_a_reply_that_asks(reply: str, asking: bool) -> None:
    assert asks(reply) is asking


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "I want a refund, thank you very much for your help, have a great day",
            "I want a refund",
        ),
        ("I want a refund.\nThank you so much and have a nice day!", "I want a refund."),
        ("thanks", "thanks"),
        ("thanks\nbye", "thanks\nbye"),
        ("Great, another one", "Great, another one"),
        ("Where is it?", "Where is it?"),
        ("", ""),
    ],
)
def test_courtesy_is_taken_off_the_end(text: str, left: str) -> None:
    assert without_courtesy(text) == left


@given(st.text())
def test_every_text_can_be_read(text: str) -> None:
    assert kinds_in(text) <= set(Kind)
    assert is_courtesy(text) in {True, False}
    assert len(without_courtesy(text)) <= len(text)
    assert asks(text) in {True, False}


@pytest.mark.parametrize(
    "part",
    ["thank you ", "going to ", "?", "👍", "that is all ", "a, ", "kill ", ":", "not been ", "\n"],
)
def test_time_grows_with_the_text_and_no_faster(part: str) -> None:
    """Ten times the text takes at most forty times the time: a square would take a hundred."""

    def seconds(size: int) -> float:
        text = part * (size // len(part))
        taken = []
        for _ in range(3):
            start = time.process_time()  # what other processes take does not count
            kinds_in(text), is_courtesy(text), without_courtesy(text), asks(text)
            taken.append(time.process_time() - start)
        return min(taken)

    assert seconds(100_000) <= 40 * max(seconds(10_000), 0.002)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("No exchange please, I want my money back", "I want my money back"),
        ("It is not a gift card. It is a code", "It is a code"),
        ("please don't cancel it", ""),
        ("My card is fine, but the page does not load", "the page does not load"),
        ("I cannot log in", None),
        ("the parcel has not arrived", None),
        ("I did not receive my order", None),
        ("", None),
    ],
)
def test_what_a_text_denies_is_left_out(text: str, left: str | None) -> None:
    assert affirmed(text) == left


def test_a_text_may_forbid_something() -> None:
    assert forbids("please do NOT delete my account")
    assert not forbids("please delete my account")
    assert not forbids("I don\u2019t want a refund")

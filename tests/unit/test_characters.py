"""What readers do not see is no text, and what piles up hides no subject."""

from datetime import timedelta

import pytest
from helpdesk import characters, ticket
from helpdesk.contract import QuestionIn
from helpdesk.ticket import MAX_SUBJECT, Customer, TextError
from pydantic import ValidationError

from tests.fakes import MORNING

ZWSP, ZWJ, RLO, LRI = "\u200b", "\u200d", "\u202e", "\u2066"
MARK = "\u0301"
NOTHING = [
    "",
    " \n\t",
    ZWSP,
    f"{ZWSP * 40} \u2060\ufeff",
    f"{ZWJ}\u200c",
    "\u00ad",
    "\u2800\u2800",
    "\u3164",
    "\u115f\uffa0",
    "\ufe0f",
    "\u034f",
    f"{RLO}{LRI}",
    "\x00\x07",
]


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_a_text_of_zero_width_characters_only_is_blank(text: str) -> None:
    assert characters.shows_nothing(text)
    with pytest.raises(TextError, match="blank"):
        ticket.check_text(text)
    with pytest.raises(ValidationError, match="at least 1 character"):
        QuestionIn(text=text)


@pytest.mark.parametrize("text", ["a", f"{ZWSP}a", "?", "👍", "\u0633\u200c\u0627", MARK, "ก็"])
def test_a_text_that_shows_something_is_kept_as_it_is(text: str) -> None:
    assert not characters.shows_nothing(text)
    assert ticket.check_text(text) == QuestionIn(text=text).text == text


def subject(text: str) -> str:
    return ticket.submit(
        ticket_id="1" * 16,
        text=text,
        customer=Customer(),
        channel="web",
        token_hash="hash",
        now=MORNING,
        token_life=timedelta(days=1),
        retention=timedelta(days=1),
    ).after.subject


def test_400_combining_marks_do_not_hide_a_subject() -> None:
    seen = subject(f"H{MARK * 400}elp, my parcel is lost")

    assert seen == f"H{MARK * characters.MOST_MARKS}elp, my parcel is lost"


def test_marks_on_every_letter_leave_room_for_a_subject() -> None:
    seen = subject("".join(f"{letter}{MARK * 50}" for letter in "My parcel is lost"))

    assert seen.replace(MARK, "").startswith("My parcel is")
    assert len(seen) <= MAX_SUBJECT


def test_what_joins_without_end_is_no_subject_alone() -> None:
    assert subject(f"x{ZWJ * 400} help").endswith(" help")
    assert subject(f"{f'👍{ZWJ}' * 200} help").endswith(" help")


@pytest.mark.parametrize(
    "cluster", ["e\u0301", "👨‍👩‍👧‍👦", "👍🏽", "❤️", "नी", "\u1112\u1161"], ids=ascii
)
def test_a_subject_is_cut_between_characters_and_not_in_one(cluster: str) -> None:
    room = MAX_SUBJECT - len(cluster) + 1

    assert subject(f"{'x' * room}{cluster}{'y' * 9}") == "x" * room or cluster.startswith("\u1112")
    assert subject(f"{'x' * (room - 1)}{cluster}{'y' * 9}") == f"{'x' * (room - 1)}{cluster}"


def test_the_subject_is_the_first_line_that_shows_something() -> None:
    assert subject(f"{ZWSP}\n{ZWJ}\n  My order\nis late") == "My order"


def test_a_plain_subject_is_the_first_hundred_characters() -> None:
    assert subject("x" * 300 + "\nmore") == "x" * MAX_SUBJECT


@pytest.mark.parametrize(
    "hidden",
    [RLO, LRI, ZWSP, ZWJ, "\x00", "\x1b", "\x7f", "\u0085", "\ufeff", "\u00ad", "\u2028", "\u3164"],
    ids=ascii,
)
def test_an_address_with_control_or_direction_characters_is_refused(hidden: str) -> None:
    for field in ("email", "reference"):
        told = f"a{hidden}da@example.com"
        with pytest.raises(ValidationError) as caught:
            QuestionIn.model_validate({"text": "hi", "customer": {field: told}})

        (fault,) = caught.value.errors()
        assert fault["loc"] == ("customer", field)


@pytest.mark.parametrize("email", ["ada@example.com", "jörg+x@müller.example", "用户@例子.广告"])
def test_an_address_in_any_script_is_taken(email: str) -> None:
    assert QuestionIn.model_validate({"text": "hi", "customer": {"email": email}})


@pytest.mark.parametrize("name", [f"Ada{RLO}ecalevoL", "A\x1b[2Jda", "Ada\u2069"], ids=ascii)
def test_a_name_that_steers_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="no control characters or direction marks"):
        QuestionIn.model_validate({"text": "hi", "customer": {"name": name}})


def test_a_name_may_need_a_joiner() -> None:
    """Persian and Indian names do."""
    name = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"

    assert QuestionIn.model_validate({"text": "hi", "customer": {"name": name}})

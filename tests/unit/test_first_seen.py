"""What agents see first of a message; the whole text is one key or option away."""

from dataclasses import replace

import pytest
from helpdesk.ticket import Message, Source
from rich.console import Console

from agent_cli import render
from agent_cli.words.spoken import FEW, passages
from tests.fakes import MORNING

SAID = "Hello,\n\nWhere is order 12345?\n\nThanks,"
SIGNATURE = "Ada Lovelace\nHead of Sums\nLovelace Ltd\n12 Sum Road\nwww.lovelace.example"
QUOTE = "\n".join(f"> the desk said line {number}" for number in range(1, 6))
MAIL = f"{SAID}\n{SIGNATURE}\n\nOn 3 March 2026 at 09:00, Support wrote:\n{QUOTE}\n"


def said(text: str, source: Source = Source.CUSTOMER) -> Message:
    return Message(number=1, source=source, text=text, at=MORNING)


def shown(message: Message, more: str | None = "w") -> str:
    console = Console(width=70)
    with console.capture() as captured:
        console.print(render.said(message, more=more))
    return captured.get()


def test_a_mail_is_what_it_says_with_a_line_for_the_rest() -> None:
    first, second = passages(said(MAIL))

    assert first.text == SAID
    assert (second.aside, second.text) == (True, "[… signature, quote: 11 lines]")


def test_the_frame_names_the_key_and_only_if_something_is_left_aside() -> None:
    assert "whole text: w" in shown(said(MAIL))
    assert "Head of Sums" not in shown(said(MAIL))
    assert "whole text" not in shown(said(SAID))
    every = shown(said(MAIL), more=None)
    assert "whole text" not in every
    assert [each for each in MAIL.splitlines() if each not in every] == []


def test_answers_below_short_quotes_stay_below_them() -> None:
    text = "> Which order?\n12345\n> Which colour?\nred\n> Anything else?\nno, that is all"

    (only,) = passages(said(text))
    assert only.text == text


def test_between_long_quotes_each_answer_keeps_its_place() -> None:
    text = f"{QUOTE}\n\nThe first is right.\n\n{QUOTE}\n\nThe second is wrong."

    assert [each.text for each in passages(said(text))] == [
        "[… quote: 5 lines]",
        "The first is right.",
        "[… quote: 5 lines]",
        "The second is wrong.",
    ]


@pytest.mark.parametrize(
    "message",
    [
        said(SAID),
        said(QUOTE),
        said("\n" * 9),
        said(MAIL, Source.AGENT),
        said(MAIL, Source.AUTOMATIC),
        said("a\n" * FEW),
    ],
)
def test_these_are_whole(message: Message) -> None:
    (only,) = passages(message)

    assert (only.text, only.aside) == (message.text, False)


def test_what_is_forwarded_with_no_other_word_is_shown() -> None:
    forwarded = "---------- Forwarded message ---------\nFrom: Kim\nDate: Mon\nSubject: Hi\nTo: Ada"
    text = f"{forwarded}\n\nWhere is my parcel?\nIt is late."

    assert "Where is my parcel?" in "\n".join(each.text for each in passages(said(text)))


@pytest.mark.parametrize("text", [MAIL, MAIL.replace("\n", "\r\n"), MAIL * 3])
def test_no_line_that_speaks_is_lost_or_doubled(text: str) -> None:
    left = [each for each in passages(said(text)) if not each.aside]
    at = 0
    for each in left:
        at = text.index(each.text, at) + len(each.text)
    counted = sum(int(each.text.split()[-2]) for each in passages(said(text)) if each.aside)
    kept = sum(bool(line.strip()) for each in left for line in each.text.splitlines())

    assert kept + counted == sum(bool(line.strip()) for line in text.splitlines())


def test_a_new_message_of_a_merged_ticket_is_shortened_too() -> None:
    message = replace(said(MAIL), number=2)

    console = Console(width=70)
    with console.capture() as captured:
        console.print(render.said(message, new=True, of="7k3mxq0v2r5t8w1z", more="w"))
    assert "11 lines" in captured.get()
    assert "merged 7k3mxq0v2r5t8w1z" in captured.get()

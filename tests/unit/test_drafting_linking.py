"""Links: none reach an engine, none of an engine's reach a customer, trusted ones come by code."""

import pytest
from helpdesk.drafting import Part
from helpdesk.drafting.linking import linked, unmarked, without_links
from helpdesk.knowledge import Link

TRACK = Link(title="Track", url="https://shop.example/track")
HELP = Link(title="Help", url="https://shop.example/help")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("See ![a](https://evil.example/x.png?d=1) now", "See now"),
        ("See ![a][b] now", "See now"),
        ('See <img src="https://evil.example/x"> now', "See now"),
        ("See <img src=//evil.example/x", "See"),
        ("a <b>bold</b> word", "a bold word"),
        ("a<!-- hidden -->b", "ab"),
        ("a<!-- hidden", "a"),
        ("a<script>alert(1)</script>b", "ab"),
        ("a<style>x", "a"),
        ("See [link 1] and [ Link ].", "See and."),
        ("See [our page](https://evil.example/x).", "See our page https://evil.example/x."),
        ("a\u200bb\u202ec\x07", "abc"),
        ("3 < 5 and 5 > 3", "3 < 5 and 5 > 3"),
        ("one\n\n\n\ntwo", "one\n\ntwo"),
    ],
)
def test_what_an_engine_wrote_becomes_plain_text(written: str, plain: str) -> None:
    assert unmarked(written) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("See https://shop.example/track.", "See."),
        ("See http://x.example?a=b and go", "See and go"),
        ("See www.shop.example now", "See now"),
        ("See shop.example/track now", "See now"),
        ("See [the page](https://shop.example/track) now", "See the page now"),
        ("javascript:alert(1) x", ") x"),
        ("It costs 4.95 euros, e.g. here", "It costs 4.95 euros, e.g. here"),
    ],
)
def test_no_link_reaches_an_engine(text: str, plain: str) -> None:
    assert without_links(text).replace(" .", ".") == plain


def test_links_stand_below_the_part_that_rests_on_their_passage() -> None:
    parts = (
        Part(text="Hello."),
        Part(text="Open it.", rests_on=(1,)),
        Part(text="Read it.", rests_on=(2,)),
    )

    assert [part.text for part in linked(parts, {1: [TRACK], 2: [HELP]})] == [
        "Hello.",
        "Open it.\nTrack: https://shop.example/track",
        "Read it.\nHelp: https://shop.example/help",
    ]


def test_a_link_stands_once_below_the_last_part_that_needs_it() -> None:
    parts = (Part(text="One.", rests_on=(1, 2)), Part(text="Two.", rests_on=(1,)))

    assert [part.text for part in linked(parts, {1: [TRACK, TRACK], 2: [TRACK]})] == [
        "One.\nTrack: https://shop.example/track",
        "Two.",
    ]


def test_without_links_parts_stay_as_they_are() -> None:
    parts = (Part(text="One.", rests_on=(1,)),)

    assert linked(parts, {}) == parts
    assert linked(parts, {2: [TRACK]}) == parts

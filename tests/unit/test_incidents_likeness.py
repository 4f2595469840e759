"""When two tickets are about the same, at the very edge, and how an incident is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.cases import Case
from helpdesk.incidents import LONGEST, MOST_LOOKED_AT, Incident, Rules, Voice, akin
from helpdesk.ticket import Customer

from tests.fakes import MORNING, an_understanding
from tests.tickets import received

RULES = Rules()
WORDS = tuple(f"word{number}" for number in range(9))
OTHER = tuple(f"other{number}" for number in range(9))
EAST, NEAR, NORTH = bytes((5, 0)), bytes((3, 4)), bytes((0, 5))
"""Meanings: the cosine of the first two is 0.6, that of the first and the last is 0."""


def a_voice(
    words: tuple[str, ...] = (),
    *,
    meaning: bytes = b"",
    goods: frozenset[str] = frozenset(),
    intents: tuple[str, ...] = (),
    number: int = 1,
    at: datetime = MORNING,
) -> Voice:
    """Return a ticket of its own customer, with what its message says."""
    likely = [(name, 0.9 / place) for place, name in enumerate(intents, 1)]
    ticket = replace(
        received(),
        id=f"{number:016}",
        customer=Customer(email=f"c{number}@x.example"),
        created_at=at,
        understanding=an_understanding(*likely) if likely else None,
    )
    case = Case(
        ticket_id=ticket.id,
        at=at,
        digest="",
        length=len(words),
        words=words,
        meaning=meaning,
        goods=goods,
    )
    return Voice(ticket=ticket, case=case, messages=1)


def both(one: Voice, other: Voice, rules: Rules = RULES) -> bool:
    """Compare in both directions: it makes no difference who wrote first."""
    found = akin(one, other, rules)
    assert akin(other, one, rules) is found
    return found


@pytest.mark.parametrize(("shared", "expected"), [(6, True), (5, True), (4, False), (1, False)])
def test_half_of_the_pairs_of_words_are_enough(shared: int, expected: bool) -> None:
    """Nine words are eight pairs; of five shared words, four pairs are."""
    assert both(a_voice(WORDS), a_voice(WORDS[:shared] + OTHER[shared:])) is expected


@pytest.mark.parametrize(("shared", "expected"), [(4, True), (3, True), (2, False)])
def test_of_one_intent_a_quarter_is(shared: int, expected: bool) -> None:
    one = a_voice(WORDS, intents=("track_order",))
    other = a_voice(WORDS[:shared] + OTHER[shared:], intents=("track_order",))
    assert both(one, other) is expected


@pytest.mark.parametrize(("length", "expected"), [(4, True), (3, False), (0, False)])
def test_fewer_than_three_pairs_say_nothing(length: int, expected: bool) -> None:
    assert both(a_voice(WORDS), a_voice(WORDS[:length])) is expected


@pytest.mark.parametrize(
    ("meant", "hint", "intents", "expected"),
    [
        (0.6, 1.0, (), True),
        (0.61, 0.0, (), False),
        (0.61, 0.6, ("refund",), True),
        (0.61, 0.61, ("refund",), False),
    ],
)
def test_meanings_that_are_near(
    meant: float, hint: float, intents: tuple[str, ...], expected: bool
) -> None:
    one, other = (a_voice(meaning=each, intents=intents) for each in (EAST, NEAR))
    assert both(one, other, replace(RULES, meant=meant, meant_hint=hint)) is expected


def test_a_common_good_is_enough_of_one_intent_only() -> None:
    def about(*intents: str, goods: str) -> Voice:
        return a_voice(goods=frozenset({goods}), intents=intents, meaning=NORTH)

    lamp = about("refund", goods="lamp")
    assert both(lamp, about("refund", "track_order", goods="lamp"))
    assert not both(lamp, replace(about("refund", goods="sofa"), case=a_voice().case))
    assert not both(lamp, about("refund", goods="sofa"), replace(RULES, meant=2, meant_hint=2))
    assert not both(lamp, about("track_order", "refund", goods="lamp"), replace(RULES, meant=2))
    assert not both(a_voice(goods=frozenset({"lamp"})), a_voice(goods=frozenset({"lamp"})))


def test_the_rules_are_those_that_are_documented() -> None:
    assert (timedelta(days=1), 200) == (LONGEST, MOST_LOOKED_AT)
    assert Rules() == Rules(
        span=timedelta(hours=6),
        customers=5,
        times=3.0,
        contained=0.5,
        meant=0.7,
        contained_hint=0.25,
        meant_hint=0.5,
    )


@pytest.mark.parametrize(
    ("minutes", "span"),
    [(0, "1 min"), (0.4, "1 min"), (119, "119 min"), (120, "2 h"), (149, "2 h"), (331, "6 h")],
)
def test_an_incident_says_how_long_it_goes_on(minutes: float, span: str) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    voices = (
        a_voice(number=1, at=at),
        a_voice(number=2, at=at + timedelta(minutes=minutes)),
    )
    found = Incident(middle=voices[1], voices=voices, usual=None)
    assert found.told == f"2 customers ask about the same within {span}"

"""Points, the priority they give, and the order in which tickets are served."""

from datetime import datetime, timedelta

import pytest
from helpdesk.knowledge import Priority
from helpdesk.priority import BANDS, POINTS_PER_HOUR, Points, Tier, Urgency, judged, opening
from helpdesk.triage import Reason
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import MORNING, an_understanding

HOUR = timedelta(hours=1)


def urgency(points: int, since: datetime = MORNING) -> Urgency:
    return Urgency(points=(Points("test", points),), since=since)


@pytest.mark.parametrize(
    ("points", "priority", "due"),
    [
        (-41, Priority.LOW, 25.2),
        (-40, Priority.LOW, 25),
        (-1, Priority.LOW, 17.2),
        (0, Priority.NORMAL, 17),
        (39, Priority.NORMAL, 9.2),
        (40, Priority.HIGH, 9),
        (79, Priority.HIGH, 1.2),
        (80, Priority.URGENT, 1),
        (84, Priority.URGENT, 1),
        (85, Priority.URGENT, 0),
        (300, Priority.URGENT, 0),
    ],
)
def test_points_give_the_priority_and_when_it_is_due(
    points: int, priority: Priority, due: float
) -> None:
    assert urgency(points).priority(MORNING) is priority
    assert urgency(points).due == MORNING + due * HOUR


def test_waiting_raises_the_priority_until_it_is_urgent_and_an_hour_later_due() -> None:
    ordinary = urgency(0)

    seen = [ordinary.priority(MORNING + hours * HOUR) for hours in (0, 7.9, 8, 15.9, 16)]

    assert seen == [
        Priority.NORMAL,
        Priority.NORMAL,
        Priority.HIGH,
        Priority.HIGH,
        Priority.URGENT,
    ]
    assert ordinary.due == MORNING + 17 * HOUR


def test_points_for_waiting_are_added_to_those_from_before() -> None:
    assert urgency(20).priority(MORNING + 3.9 * HOUR) is Priority.NORMAL
    assert urgency(20).priority(MORNING + 4 * HOUR) is Priority.HIGH


def test_the_explanation_names_every_point() -> None:
    found = opening("My lawyer will hear of this", since=MORNING)

    assert found.explained(MORNING + 2 * HOUR) == "Urgent: legal threat +80, waiting 2 h +10"
    assert opening("", since=MORNING).explained(MORNING) == "Normal: nothing special"


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("my lawyer will sue you", 80),
        ("I will pursue you on the issue", 0),
        ("the charger caught fire and burned my hand", 80),
        ("this is the third time I write, please answer asap", 20),
        ("where is my order", 0),
        ("", 0),
    ],
)
def test_wording_counts_once_for_each_kind(text: str, points: int) -> None:
    assert opening(text, since=MORNING).score == points


@pytest.mark.parametrize(
    ("sentiment", "points"), [(-1.0, 20), (-0.7, 20), (-0.69, 10), (-0.35, 10), (-0.34, 0), (1, 0)]
)
def test_an_angry_customer_gets_points(sentiment: float, points: int) -> None:
    understanding = an_understanding(("refund", 0.9), sentiment=sentiment)

    assert judged(urgency(0), understanding=understanding).score == points


def test_matter_reason_and_standing_add_up() -> None:
    found = judged(
        opening("", since=MORNING, tier=Tier.VIP),
        matter=Priority.HIGH,
        reason=Reason.ASKED_FOR_PERSON,
    )

    assert found.score == 40 + 10 + 20
    assert found.explained(MORNING) == (
        "High: high matter +40, asked for a person +10, vip customer +20"
    )


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("It caught fire", Points("danger to a person", 80)),
        ("My lawyer writes to you", Points("legal threat", 80)),
        ("I was hacked", Points("an account or card misused", 80)),
        ("It was a scam", Points("fraud or theft", 40)),
        ("This is the third time I write", Points("wrote before", 10)),
        ("I need it ASAP", Points("pressed for time", 10)),
    ],
)
def test_each_kind_of_wording_has_its_points(text: str, points: Points) -> None:
    assert opening(text, since=MORNING).points == (points,)


@pytest.mark.parametrize(
    ("tier", "points"),
    [
        (Tier.STANDARD, ()),
        (Tier.PLUS, (Points("plus customer", 10),)),
        (Tier.VIP, (Points("vip customer", 20),)),
    ],
)
def test_each_standing_has_its_points(tier: Tier, points: tuple[Points, ...]) -> None:
    assert opening("", since=MORNING, tier=tier).points == points


@pytest.mark.parametrize(
    ("matter", "points"),
    [
        (Priority.URGENT, (Points("urgent matter", 80),)),
        (Priority.HIGH, (Points("high matter", 40),)),
        (Priority.NORMAL, ()),
        (Priority.LOW, (Points("low matter", -40),)),
    ],
)
def test_a_ticket_starts_with_the_points_of_its_matter(
    matter: Priority, points: tuple[Points, ...]
) -> None:
    found = judged(opening("", since=MORNING), matter=matter)

    assert found.points == points
    assert found.priority(MORNING) is matter


@pytest.mark.parametrize("reason", Reason)
def test_a_failure_of_ours_and_the_wish_for_a_person_bring_points_and_no_other_reason(
    reason: Reason,
) -> None:
    expected = {
        Reason.PROCESSING_FAILED: (Points("could not be processed", 40),),
        Reason.LOOKUP_FAILED: (Points("could not be looked up", 10),),
        Reason.ASKED_FOR_PERSON: (Points("asked for a person", 10),),
        Reason.DANGER: (Points("a life in danger", 85),),
        Reason.INJURY: (Points("danger to a person", 80),),
        Reason.LEGAL: (Points("legal threat", 80),),
        Reason.FRAUD: (Points("fraud or theft", 40),),
        Reason.THREAT: (Points("a threat", 80),),
        Reason.TAKEOVER: (Points("an account or card misused", 80),),
        Reason.DEATH: (Points("a death", 20),),
        Reason.MINOR: (Points("a minor", 20),),
        Reason.NOT_HELPED: (Points("says that it did not help", 10),),
    }

    assert judged(opening("", since=MORNING), reason=reason).points == expected.get(reason, ())


@pytest.mark.parametrize(
    ("waited", "explanation"),
    [
        (-HOUR, "Normal: test +3"),
        (timedelta(minutes=11), "Normal: test +3"),
        (timedelta(minutes=12), "Normal: test +3, waiting 12 min +1"),
        (timedelta(minutes=59, seconds=59), "Normal: test +3, waiting 59 min +4"),
        (HOUR, "Normal: test +3, waiting 1 h +5"),
        (timedelta(minutes=118), "Normal: test +3, waiting 1 h +9"),
        (7 * HOUR, "Normal: test +3, waiting 7 h +35"),
        (8 * HOUR, "High: test +3, waiting 8 h +40"),
        (30 * HOUR, "Urgent: test +3, waiting 30 h +150"),
    ],
)
def test_waiting_brings_a_point_every_twelve_minutes_and_is_told_in_minutes_then_hours(
    waited: timedelta, explanation: str
) -> None:
    assert urgency(3).explained(MORNING + waited) == explanation


@given(
    one=st.integers(-60, 120),
    other=st.integers(-60, 120),
    apart=st.integers(-3000, 3000),
    later=st.integers(0, 6000),
)
def test_due_order_is_the_order_of_points_at_any_later_moment(
    one: int, other: int, apart: int, later: int
) -> None:
    a = urgency(one)
    b = urgency(other, MORNING + timedelta(minutes=apart))
    moment = MORNING + timedelta(minutes=max(0, apart) + later)

    def exact(of: Urgency) -> float:
        return of.score + (moment - of.since) / HOUR * POINTS_PER_HOUR

    if a.due < b.due:
        assert exact(a) > exact(b)
    elif a.due == b.due:
        assert exact(a) == pytest.approx(exact(b))


def test_an_urgent_ticket_comes_before_a_thousand_ordinary_ones() -> None:
    ordinary = [urgency(0, MORNING - timedelta(minutes=n % 900)) for n in range(1000)]
    urgent = urgency(BANDS[Priority.URGENT])

    assert min([*ordinary, urgent], key=lambda each: each.due) is urgent

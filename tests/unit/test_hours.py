"""When the desk works, and how long a span is when only those hours count."""

from datetime import UTC, datetime, timedelta

import pytest
from helpdesk import hours
from helpdesk.hours import HoursError
from helpdesk.priority import AT_ONCE, Points, Urgency
from helpdesk.settings import IntakeSettings, SettingsError
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_settings import INTAKE

BERLIN = (
    "Europe/Berlin; mon-fri 09:00-12:30 13:00-17:30; sat 10:00-14:00; closed 2026-12-25 2026-12-26"
)
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "work", "end"),
    [
        ("2026-11-27T08:00", 1, "2026-11-27T09:00"),  # Friday 09:00 in Berlin
        ("2026-11-27T11:00", 1, "2026-11-27T12:30"),  # over the break
        ("2026-11-27T16:00", 1, "2026-11-28T09:30"),  # from Friday's end into Saturday
        ("2026-11-28T13:00", 1, "2026-11-30T09:00"),  # over Sunday
        ("2026-12-24T16:30", 1, "2026-12-28T09:00"),  # over the closed days and Sunday
        ("2026-03-27T16:30", 4.5, "2026-03-30T07:30"),  # the clocks go forward in between
        ("2026-11-29T03:00", 0, "2026-11-30T08:00"),
    ],
)
def test_only_the_hours_of_the_desk_count_until_a_ticket_is_due(
    start: str, work: float, end: str
) -> None:
    assert hours.read(BERLIN).after(utc(start), work * HOUR) == utc(end)


def test_a_desk_without_a_calendar_never_closes() -> None:
    start = utc("2026-11-28T20:00")

    assert hours.read("").after(start, 5 * HOUR) == start + 5 * HOUR
    assert hours.read("").between(start, start + 5 * HOUR) == 5 * HOUR
    assert hours.read("").between(start, start - HOUR) == timedelta(0)


moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 -- the strategy adds the zone
    max_value=datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
works = st.integers(min_value=1, max_value=60 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(moments, works)
def test_what_was_added_is_what_lies_between(start: datetime, work: timedelta) -> None:
    calendar = hours.read(BERLIN)

    assert calendar.between(start, calendar.after(start, work)) == work


@given(moments, moments, moments)
def test_spans_add_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    between = hours.read(BERLIN).between

    assert between(first, last) == between(first, middle) + between(middle, last)
    assert timedelta(0) <= between(first, last) <= last - first


@given(moments, works)
def test_closed_days_out_of_reach_may_be_left_out(start: datetime, work: timedelta) -> None:
    near = hours.near(BERLIN, start)

    assert hours.read(near).after(start, work) == hours.read(BERLIN).after(start, work)


def test_a_ticket_keeps_only_the_closed_days_that_matter_to_it() -> None:
    assert "closed" not in hours.near(BERLIN, utc("2026-03-02T09:00"))
    assert hours.near(BERLIN, utc("2026-12-26T09:00")).endswith("closed 2026-12-25 2026-12-26")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Europe/Atlantis; mon 09:00-10:00", "'Europe/Atlantis' is not a time zone"),
        ("mon-fri 09:00-17:00", "is not a time zone"),
        ("UTC; monday 09:00-17:00", "'monday' is not a weekday"),
        ("UTC; mon 9-17", "'9-17' is not a span of hours; write 09:00-17:30"),
        ("UTC; mon 09:00-25:00", "is not a span of hours"),
        ("UTC; mon 17:00-09:00", "ends before it begins"),
        ("UTC; mon 13:00-17:00 09:00-12:00", "write its times in order"),
        ("UTC; mon", "write its times"),
        ("UTC", "has no hours"),
        ("UTC; closed 2026-12-25", "has no hours"),
        ("UTC; mon 09:00-17:00; closed 25.12.2026", "'25.12.2026' is not a day"),
    ],
)
def test_a_line_that_is_not_a_calendar_is_refused_with_the_part_at_fault(
    line: str, fault: str
) -> None:
    with pytest.raises(HoursError, match=fault):
        hours.read(line)
    with pytest.raises(SettingsError, match="BUSINESS_HOURS: "):
        IntakeSettings.from_env({**INTAKE, "BUSINESS_HOURS": line})


def test_a_desk_may_work_around_midnight() -> None:
    calendar = hours.read("UTC; mon-sun 00:00-02:00 22:00-00:00")

    assert calendar.after(utc("2026-11-27T23:00"), 2 * HOUR) == utc("2026-11-28T01:00")


def test_a_desk_that_never_opens_again_is_said_to_be_one() -> None:
    days = (utc("2026-01-05") + timedelta(weeks=week) for week in range(120))
    line = "UTC; mon 09:00-10:00; closed " + " ".join(f"{day:%Y-%m-%d}" for day in days)

    with pytest.raises(HoursError, match="does not open again"):
        hours.read(line).after(utc("2026-01-01T00:00"), HOUR)


@given(moments, st.integers(0, 80), st.integers(0, 80))
def test_points_order_the_tickets_of_one_moment_with_a_calendar_too(
    since: datetime, one: int, other: int
) -> None:
    due = [
        Urgency(points=(Points("test", points),), since=since, calendar=BERLIN).due
        for points in sorted((one, other))
    ]

    assert due[0] >= due[1]


def test_a_night_adds_no_points() -> None:
    friday = Urgency(points=(), since=utc("2026-11-27T16:30"), calendar=BERLIN)

    assert friday.waited(utc("2026-11-28T09:00")) == 0
    assert friday.waited(utc("2026-11-28T10:00")) == 5
    assert friday.explained(utc("2026-11-28T11:00")).endswith("waiting 2 h +10")


def test_what_must_be_acted_on_at_once_does_not_wait_for_the_desk_to_open() -> None:
    sunday = utc("2026-11-29T03:00")
    danger = Urgency(points=(Points("danger", AT_ONCE),), since=sunday, calendar=BERLIN)

    assert danger.due == sunday


def test_a_customer_is_told_the_time_of_the_desk() -> None:
    friday = Urgency(points=(Points("urgent", 80),), since=utc("2026-11-27T09:00"), calendar=BERLIN)

    assert f"{friday.due_at_desk:%H:%M %Z}" == "11:00 CET"

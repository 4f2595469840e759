"""What people type for moments, in their own time zone, and how moments are shown to them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.ticket import Lease, held_by

from agent_cli.fields import span_of
from agent_cli.moments import MomentError, later, midnight, moment, moment_of
from agent_cli.words import times
from agent_cli.words.faults import explained

type Zone = Callable[[str], None]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Zone:
    """Put the machine into a time zone."""

    def put(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON = utc("2026-11-27T11:00")  # Friday 12:00 in Berlin


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tomorrow 9", "2026-11-28T08:00"),
        ("tomorrow", "2026-11-27T23:00"),
        ("Today 17:30", "2026-11-27T16:30"),
        ("mon 14:00", "2026-11-30T13:00"),
        ("Monday at 14:00", "2026-11-30T13:00"),
        ("fri 13:00", "2026-11-27T12:00"),
        ("fri 11:00", "2026-12-04T10:00"),  # this Friday's is over
        ("16:30", "2026-11-27T15:30"),
        ("9", "2026-11-28T08:00"),  # the next nine o'clock is tomorrow's
        ("at 9", "2026-11-28T08:00"),
        ("in 2h", "2026-11-27T13:00"),
        ("now", "2026-11-27T11:00"),
        ("2026-12-24", "2026-12-23T23:00"),
        ("2026-07-01T09:00", "2026-07-01T07:00"),
        ("2026-07-01T09:00Z", "2026-07-01T09:00"),
        ("2026-07-01T09:00+09:00", "2026-07-01T00:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T00:30"),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_machine(zone: Zone, typed: str, meant: str) -> None:
    zone("Europe/Berlin")

    assert moment_of(typed, NOON, span=span_of) == utc(meant)


@pytest.mark.parametrize(
    "typed", ["", "soon", "tomorrow 25", "mon 9:60", "monkey 9", "9 pm", "in a while", "2026-13-01"]
)
def test_what_names_no_moment_is_refused_with_how_to_write_one(zone: Zone, typed: str) -> None:
    zone("Europe/Berlin")

    with pytest.raises(ValueError, match="write"):
        moment_of(typed, NOON, span=span_of)


def test_a_local_time_that_does_not_exist_is_asked_about(zone: Zone) -> None:
    zone("Europe/Berlin")

    with pytest.raises(MomentError, match="does not exist") as caught:
        moment_of("2026-03-29T02:30", NOON, span=span_of)
    assert "write 2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00" in str(caught.value)


def test_a_local_time_that_exists_twice_is_asked_about(zone: Zone) -> None:
    zone("Europe/Berlin")

    with pytest.raises(MomentError, match="exists twice") as caught:
        moment_of("2026-10-25T02:30", NOON, span=span_of)
    assert "write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("UTC", "27 Nov 11:00 UTC"),
        ("Europe/Berlin", "27 Nov 12:00 CET"),
        ("America/Sao_Paulo", "27 Nov 08:00 UTC-03"),
    ],
)
def test_people_see_their_own_zone_with_its_name(zone: Zone, name: str, shown: str) -> None:
    zone(name)

    assert times.minute(NOON) == shown


def test_the_moment_in_an_error_is_in_the_readers_zone_too(zone: Zone) -> None:
    zone("Europe/Berlin")

    fault = explained(held_by(Lease(agent="{at} bob", until=NOON, fence=1), "; sorry"), "AWS")

    assert fault
    assert fault.text == "{at} bob holds this ticket until 12:00 CET; sorry"


def test_a_day_begins_at_the_readers_midnight(zone: Zone) -> None:
    zone("Asia/Tokyo")

    assert midnight(utc("2026-11-27T16:00")) == utc("2026-11-27T15:00")
    assert midnight(utc("2026-11-27T16:00"), days_ago=6) == utc("2026-11-21T15:00")


def test_a_field_takes_a_span_or_a_moment() -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for text, wanted in (
        ("2h", now + timedelta(hours=2)),
        ("in 3d", now + timedelta(days=3)),
        ("2026-03-05T10:00:00Z", datetime(2026, 3, 5, 10, tzinfo=UTC)),
    ):
        assert later(text, now, span=span_of) == wanted


@pytest.mark.parametrize("text", ["", "soon", "in a while", "999999w", "in 999999w"])
def test_every_text_that_names_no_moment_is_one_error(text: str) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for read in (later, moment):
        with pytest.raises(MomentError):
            read(text, now, span=span_of)

"""Counts of days: what is counted, when a day is final, and that the sum is the lists."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from helpdesk import figures, ticket
from helpdesk.cases import Rules
from helpdesk.figures import (
    LATEST_FAULTS,
    Day,
    Duplicates,
    Family,
    Fault,
    Figures,
    Flow,
    Kind,
    Tally,
    counted,
)
from helpdesk.figures.counting import MOST_EVENTS
from helpdesk.figures.keeping import AT_ONCE, GRACE, STANDS
from helpdesk.stats import Happening, happening
from helpdesk.ticket import Customer, Move
from helpdesk.triage import Reason
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes import ADA, KNOWN, MORNING, UNKNOWN, WANTS_PERSON, Crash, Fuse, Office
from tests.figured import InMemoryFigures, as_listed, as_told, stands
from tests.tickets import submitted

TODAY = MORNING.date()
ONE = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


class Events:
    """Events in a list; `asked` has the days that were read."""

    def __init__(self, *happenings: Happening) -> None:
        self.all = list(happenings)
        self.asked: list[date] = []

    def happenings(self, since: datetime, until: datetime) -> Iterable[Happening]:
        self.asked.append(since.date())
        return [each for each in self.all if since <= each.at < until]


def came(number: int, at: datetime = MORNING) -> Happening:
    told = happening(submitted())
    return replace(told, ticket_id=f"{number:016}", at=at, came=at.astimezone(UTC).date())


def closed(number: int, at: datetime, came_on: date = TODAY) -> Happening:
    return replace(
        came(number, at),
        number=2,
        move=Move.CLOSED,
        came=came_on,
        status=ticket.Listing.CLOSED,
        was={"status": "received"},
    )


def keep(days: InMemoryFigures, events: Events, now: datetime) -> int:
    return figures.keep(days=days, events=events, clock=lambda: now)


def added(days: InMemoryFigures, now: datetime = MORNING, span: int = 90) -> Figures:
    return figures.figures(span, shelf=days, found=lambda _: {}, now=now)


class TestADay:
    def test_nothing_happened(self) -> None:
        assert counted(TODAY, [], MORNING) == Day(day=TODAY, counted_at=MORNING, looked_at=MORNING)

    def test_a_ticket_that_came_is_counted_by_what_it_is_at_the_end(self) -> None:
        found = counted(TODAY, [came(1), came(2), closed(1, MORNING)], MORNING)

        assert found
        assert (found.events, found.flow) == (3, {"received": 2, "closed": 1})
        assert found.came["status"] == {"closed": 1, "received": 1}
        assert found.came["team"] == {"none": 2}
        assert found.moved == {}

    def test_what_changed_of_a_ticket_of_another_day_is_kept_by_that_day(self) -> None:
        later = MORNING + ONE
        found = counted(later.date(), [closed(1, later)], later)

        assert found
        assert found.came == {}
        assert found.moved == {str(TODAY): {"status": {"closed": 1, "received": -1}}}

    def test_there_and_back_is_no_change(self) -> None:
        later = MORNING + ONE
        back = replace(closed(1, later), number=3, status=ticket.Listing.RECEIVED)
        back = replace(back, was={"status": "closed"})
        found = counted(later.date(), [closed(1, later), back], later)

        assert found
        assert found.moved == {}

    def test_an_event_counts_once_by_its_move_and_once_for_handing_over(self) -> None:
        handed = replace(came(1), number=2, move=Move.RATED, reason=Reason.NOT_HELPED)
        reopened = replace(handed, move=Move.REOPENED, reason=Reason.REOPENED)
        found = counted(TODAY, [handed, reopened], MORNING)

        assert found
        assert found.flow == {"escalated": 2, "reopened": 1}

    def test_a_day_of_an_earlier_version_is_not_counted(self) -> None:
        old = replace(came(1), came=None)

        assert counted(TODAY, [old, came(2)], MORNING) is None

    def test_of_an_older_event_only_the_move_is_counted(self) -> None:
        old = replace(closed(1, MORNING), came=None, was=None)
        found = counted(TODAY, [came(2), old], MORNING)

        assert found
        assert found.flow == {"received": 1, "closed": 1}
        assert found.came["status"] == {"received": 1}

    def test_a_day_too_large_for_one_run_has_no_counts_and_its_tickets_are_in_no_sum(self) -> None:
        days, events = InMemoryFigures(), Events(*map(came, range(MOST_EVENTS + 1)))
        keep(days, events, MORNING)
        keep(days, events, MORNING + 39 * MINUTE)

        assert days.all_days[TODAY] == Day(
            day=TODAY, counted_at=MORNING, looked_at=MORNING, events=MOST_EVENTS + 1, whole=False
        )
        assert len(events.asked) == 1
        later = MORNING + ONE
        events.all.append(closed(1, later))
        keep(days, events, later)
        assert added(days, later).tickets.status == {}

    def test_the_largest_families_of_a_day_are_named(self) -> None:
        merged = [
            replace(closed(number, MORNING), root=f"{number % 30:016}", was={"merged": None})
            for number in range(100)
        ]
        found = counted(TODAY, merged, MORNING)

        assert found
        assert len(found.families) == 20
        assert found.families["0000000000000009"] == 4


class TestWhenADayIsCounted:
    def test_today_is_counted_at_each_look_and_stored_if_it_changed(self) -> None:
        days, events = InMemoryFigures(), Events(came(1))

        assert keep(days, events, MORNING) == 1
        assert keep(days, events, MORNING + MINUTE) == 1
        assert (days.kept, days.all_days[TODAY].events) == (1, 1)
        events.all.append(came(2))
        keep(days, events, MORNING + 2 * MINUTE)
        assert (days.kept, days.all_days[TODAY].events) == (2, 2)

    def test_a_count_that_stays_the_same_says_now_and_then_since_when(self) -> None:
        days, events = InMemoryFigures(), Events(came(1))
        keep(days, events, MORNING)

        keep(days, events, MORNING + STANDS)

        assert days.all_days[TODAY].counted_at == MORNING + STANDS

    def test_a_large_day_is_counted_less_often(self) -> None:
        days, events = InMemoryFigures(), Events(*map(came, range(5_000)))
        keep(days, events, MORNING)

        assert keep(days, events, MORNING + 4 * MINUTE) == 0
        assert keep(days, events, MORNING + 5 * MINUTE) == 1
        assert len(events.asked) == 2

    def test_a_day_is_final_half_an_hour_after_its_end(self) -> None:
        """A slow transaction is stored after midnight, with a moment before it."""
        days, events = InMemoryFigures(), Events(came(1))
        keep(days, events, MORNING)
        keep(days, events, MIDNIGHT)
        events.all.append(came(2, MIDNIGHT - MINUTE))

        keep(days, events, MIDNIGHT + GRACE - MINUTE)
        assert days.all_days[TODAY].events == 1
        keep(days, events, MIDNIGHT + GRACE)
        assert days.all_days[TODAY].events == 2
        events.asked.clear()
        for minute in range(1, 60):
            keep(days, events, MIDNIGHT + GRACE + minute * MINUTE)
        assert TODAY not in events.asked

    def test_an_event_that_comes_late_repairs_its_day(self) -> None:
        """An agent's clock is slow by a day."""
        days, events = InMemoryFigures(), Events(came(1), came(2))
        run(days, events, MORNING, MORNING + ONE)
        final = days.all_days[TODAY]
        events.all.append(closed(1, MORNING + MINUTE))

        run(days, events, MORNING + ONE, MORNING + 4 * ONE)

        repaired = days.all_days[TODAY]
        assert (final.events, repaired.events) == (2, 3)
        assert repaired.came["status"] == {"closed": 1, "received": 1}
        assert added(days, MORNING + 4 * ONE).tickets.status == {"closed": 1, "received": 1}

    def test_an_erasure_changes_no_day_that_is_over(self) -> None:
        days, events = InMemoryFigures(), Events(came(1), came(2))
        run(days, events, MORNING, MORNING + ONE)
        final = days.all_days[TODAY]
        del events.all[0]

        run(days, events, MORNING + ONE, MORNING + 40 * ONE)

        assert replace(days.all_days[TODAY], looked_at=final.looked_at) == final

    def test_a_final_day_is_looked_at_six_times_and_never_again(self) -> None:
        days, events = InMemoryFigures(), Events(came(1))
        run(days, events, MORNING, MORNING + ONE)
        events.asked.clear()

        run(days, events, MORNING + ONE, MORNING + 60 * ONE)

        assert events.asked.count(TODAY) == 6

    def test_days_on_which_the_clock_stood_still_are_counted_later(self) -> None:
        late = MORNING + 9 * ONE
        days, events = (
            InMemoryFigures(),
            Events(came(1), *(came(9, MORNING + n * ONE) for n in range(10))),
        )
        keep(days, events, MORNING)

        assert keep(days, events, late) == AT_ONCE
        assert late.date() not in days.all_days
        for minute in range(1, 9):
            keep(days, events, late + minute * MINUTE)

        assert [each.events for each in days.days(TODAY)] == [2, *[1] * 9]
        assert added(days, late).tickets.number == 11

    def test_counting_begins_with_the_first_day(self) -> None:
        days, events = InMemoryFigures(), Events()

        assert keep(days, events, MORNING) == 1
        assert set(events.asked) == {TODAY}

    def test_the_day_of_an_upgrade_is_not_counted_and_the_next_is(self) -> None:
        days, events = InMemoryFigures(), Events(replace(came(1), came=None), came(2))

        assert keep(days, events, MORNING) == 0
        assert added(days).counted_at is None
        run(days, events, MIDNIGHT, MIDNIGHT + 2 * ONE)
        assert TODAY not in days.all_days

    def test_a_count_does_not_replace_a_later_one(self) -> None:
        days = InMemoryFigures()
        keep(days, Events(came(1), came(2)), MORNING)
        days.all_days[TODAY] = replace(days.all_days[TODAY], counted_at=MORNING + MINUTE)

        keep(days, Events(came(1)), MORNING)

        assert days.all_days[TODAY].events == 2


def run(days: InMemoryFigures, events: Events, since: datetime, until: datetime) -> None:
    """Let the clock look every ten minutes."""
    while since < until:
        keep(days, events, since)
        since += 10 * MINUTE


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 12))
def test_a_clock_that_dies_anywhere_counts_all_at_its_next_runs(at: int, after: bool) -> None:
    days, events = InMemoryFigures(), Events(came(1), came(2, MIDNIGHT - MINUTE))
    keep(days, events, MORNING)
    events.all += [closed(1, MIDNIGHT + MINUTE), came(3, MIDNIGHT + ONE)]
    fuse, now = Fuse(at, after=after), MIDNIGHT + 2 * ONE
    with suppress(Crash):
        figures.keep(days=fuse.guard(days), events=fuse.guard(events), clock=lambda: now)

    for minute in range(1, 4):
        keep(days, events, now + minute * MINUTE)

    assert added(days, now).tickets.status == {"received": 2, "closed": 1}
    assert len(days.all_days) == 4


class TestWhatIsCountedAsItHappens:
    def test_mails_files_and_notices_are_added_up(self) -> None:
        shelf = InMemoryFigures()
        for outcome in ("submitted", "submitted", "appended", "repeated", "failed"):
            shelf.add(Kind.MAIL, outcome, MORNING)
        for outcome in ("read", "read", "unread", "refused"):
            shelf.add(Kind.FILES, outcome, MORNING - ONE)
        for outcome in ("sent", "sent", "failed"):
            shelf.add(Kind.NOTICES, outcome, MORNING)

        found = added(shelf)

        assert (found.mail.processed, found.mail.failed, found.mail.last) == (3, 1, MORNING)
        assert found.mail.outcomes == {"submitted": 2, "appended": 1, "repeated": 1}
        assert (found.files.kept, found.files.read, found.files.refused) == (3, 2, 1)
        assert (found.notifications.sent, found.notifications.failed) == (2, 1)

    def test_what_was_before_the_span_is_left_out(self) -> None:
        shelf = InMemoryFigures()
        shelf.add(Kind.FILES, "read", MORNING - 7 * ONE)
        shelf.add(Kind.FILES, "read", MORNING - 6 * ONE)

        assert added(shelf, span=7).files.read == 1

    def test_a_failure_tells_its_kind_and_nothing_of_the_mail(self) -> None:
        shelf = InMemoryFigures()
        tally = Tally(Kind.MAIL, shelf, failed=lambda error: pytest.fail(str(error)))
        for number in range(LATEST_FAULTS + 5):
            tally.fault(ValueError("my secret"), MORNING + number * MINUTE)

        found = added(shelf).mail

        assert (found.failed, found.last) == (LATEST_FAULTS + 5, None)
        assert len(found.errors) == LATEST_FAULTS
        assert found.errors[0] == Fault(MORNING + (LATEST_FAULTS + 4) * MINUTE, "ValueError")

    def test_what_cannot_be_counted_is_done_all_the_same(self) -> None:
        class Gone(InMemoryFigures):
            def add(self, kind: Kind, outcome: str, at: datetime) -> None:
                raise ConnectionError(outcome)

        told: list[Exception] = []
        Tally(Kind.MAIL, Gone(), failed=told.append).add("submitted", MORNING)

        assert [type(each) for each in told] == [ConnectionError]


def test_nothing_was_ever_counted() -> None:
    found = added(InMemoryFigures())

    assert (found.since, found.until, found.counted_at) == (TODAY - 89 * ONE, TODAY, None)
    assert found.tickets.number == 0
    assert found.total == Flow()
    assert found.duplicates == Duplicates(number=0, rate=0.0, families=())


def test_the_rate_of_duplicates_is_of_the_tickets_that_came(office: Office) -> None:
    """M6: the rate in the statistics matches; the root lists it and has a history entry."""
    office.rules = Rules()
    first = office.submit(UNKNOWN).ticket_id
    office.work_off()
    for _ in range(2):
        office.submit(UNKNOWN)
        office.work_off()
    office.submit(KNOWN, customer=Customer(email="bob@example.com"))
    office.work_off()
    office.reconcile()

    found = office.figures()

    root = office.ticket(first)
    assert len(root.merged) == 2
    assert found.duplicates == Duplicates(number=2, rate=0.5, families=(Family(first, 2),))
    assert [each.move for each in office.tickets.events(first)][-2:] == [Move.MERGED] * 2
    merged = office.tickets.found(root.merged).values()
    assert {each.merged_into for each in merged} == {first}
    assert {each.state for each in merged} == {ticket.State.CLOSED}


def test_a_duplicate_that_is_taken_apart_is_none(office: Office) -> None:
    office.rules = Rules()
    office.submit(UNKNOWN)
    office.work_off()
    twin = office.submit(UNKNOWN).ticket_id
    office.work_off()
    office.reconcile()
    assert office.figures().duplicates.number == 1

    office.at_work().split(twin)
    office.clock.advance(MINUTE)
    office.reconcile()

    assert office.figures().duplicates == Duplicates(number=0, rate=0.0, families=())


def test_an_update_changes_the_count_of_its_status(office: Office) -> None:
    """M18: status resolved, and the dashboard count changes; both updates are in the history."""
    asked = office.submit(UNKNOWN).ticket_id
    office.work_off()
    office.reconcile()
    assert office.figures().tickets.status == {"escalated": 1}

    office.take_next()
    office.reply(asked)
    office.clock.advance(MINUTE)
    office.reconcile()

    assert office.figures().tickets.status == {"answered": 1}
    assert office.figures().total == Flow(received=1, escalated=1, replied=1)
    moves = [each.move for each in office.tickets.events(asked)]
    assert moves[-2:] == [Move.CLAIMED, Move.REPLIED]


TEXTS = st.sampled_from([KNOWN, UNKNOWN, WANTS_PERSON, "Ich verklage Sie"])
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "work", "reply", "close", "follow up", "wait", "snooze"]),
        st.integers(0, 5),
        TEXTS,
    ),
    max_size=40,
)


@settings(max_examples=60)
@example(acts=[("wait", 3, UNKNOWN)])
@given(acts=ACTS)
def test_the_figures_are_the_lists(acts: list[tuple[str, int, str]]) -> None:
    """M19: statistics against the list; and equal to a fold over all events."""
    office = Office.open()
    office.reconcile()
    receipts = [office.submit(UNKNOWN)]
    for act, number, text in acts:
        each = receipts[number % len(receipts)]
        match act:
            case "submit":
                receipts.append(office.submit(text))
            case "work":
                office.work_off()
            case "reply":
                if taken := office.take_next():
                    office.reply(taken.ticket.id)
            case "snooze":
                if taken := office.take_next():
                    until = office.clock() + timedelta(hours=7)
                    slept = ticket.snooze(taken.ticket, ADA, until=until, now=office.clock())
                    office.tickets.commit(slept)
            case "close":
                with suppress(ticket.IllegalMoveError):
                    office.withdraw(each)
            case "follow up":
                office.follow_up(each, text)
            case _:
                office.clock.advance(timedelta(hours=5 * number))
                office.reconcile()
    count_all(office)

    found = office.figures()

    tickets = [office.ticket(each.ticket_id) for each in receipts]
    assert stands(found) == as_listed(tickets)
    everything = office.tickets.happened(MORNING - ONE, office.clock() + ONE)
    assert stands(found) == as_told(everything)
    assert {sum(counts.values()) for counts in stands(found).values()} == {len(receipts)}
    assert found.total.received == len(receipts)


def count_all(office: Office) -> None:
    """Go on until a day that has just ended is counted for good, and today as well."""
    office.clock.advance(GRACE + MINUTE)
    for _ in range(3):
        office.reconcile()

"""Figures over the template's own table: calls, sums, what is stored, and who may store it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.client import BaseClient
from helpdesk import erasure, figures, ticket
from helpdesk.aws import clients, items
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.figures import LATEST_FAULTS, Course, Day, Fault, Figures, Kind
from helpdesk.notifying import audience
from helpdesk.ports import ConflictError
from helpdesk.stats import Happening, happening
from helpdesk.ticket import Listing, Move
from helpdesk.triage import Escalate, Reason

from tests.fakes import LEAD, MORNING, PATIENCE, Clock, an_understanding
from tests.figured import InMemoryFigures, as_listed, as_told, stands
from tests.integration.conftest import Stack
from tests.tickets import submitted

ONE = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TODAY = MORNING.date()


class House:
    """Tickets and figures over the stack, or figures in memory beside its tickets."""

    def __init__(self, stack: Stack, kept: str = "table") -> None:
        self.table = clients.table(stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(self.table, patience=PATIENCE, heard_by=audience("webhook"))
        self.shelf: Any = DynamoFigures(self.table) if kept == "table" else InMemoryFigures()
        self.clock = Clock()
        self.whole = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])

    def keep(self) -> int:
        return figures.keep(days=self.shelf, events=self.tickets, clock=self.clock)

    def figures(self, days: int = 90) -> Figures:
        return figures.figures(days, shelf=self.shelf, found=self.tickets.found, now=self.clock())

    def handed(self, ticket_id: str = "1" * 16) -> ticket.Ticket:
        change = submitted("My lawyer will sue you")
        change = replace(change, after=replace(change.after, id=ticket_id))
        self.tickets.commit(change)
        decision = Escalate(Reason.LEGAL)
        settled = ticket.settle(change.after, an_understanding(), decision, now=MORNING)
        self.tickets.commit(settled)
        return settled.after

    def stored(self) -> list[dict[str, Any]]:
        return list(self.whole.scan()["Items"])


@pytest.fixture
def house(stack: Stack) -> House:
    return House(stack)


@pytest.fixture(params=["table", "memory"])
def either(stack: Stack, request: pytest.FixtureRequest) -> House:
    return House(stack, request.param)


@contextmanager
def calls() -> Iterator[list[str]]:
    """Record the name of each call of the table."""
    made: list[str] = []
    call_aws = BaseClient._make_api_call

    def record(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        made.append(operation)
        return call_aws(self, operation, given)

    with mock.patch.object(BaseClient, "_make_api_call", record):
        yield made


def a_year(events: int, days: int) -> list[Happening]:
    """Return events of many tickets: each comes, is settled, moves on and may be merged."""
    dice = Random(1)  # noqa: S311 -- the same on every run
    found: list[Happening] = []
    told = happening(submitted())
    number = 0
    while len(found) < events:
        number += 1
        at = MORNING - ONE * dice.randrange(days) + MINUTE * dice.randrange(14 * 60)
        each = replace(
            told,
            ticket_id=f"{number:016}",
            number=1,
            at=at,
            came=at.date(),
            channel=dice.choice(["web", "mail", "app"]),
        )
        found.append(each)
        for step in range(2, 6):
            before, at = each.facts, at + MINUTE * dice.choice([1, 60, 2_000])
            each = replace(
                each,
                number=step,
                at=min(at, MORNING + 14 * timedelta(hours=1)),
                move=dice.choice([Move.ESCALATED, Move.REPLIED, Move.CLOSED, Move.NOTED]),
                status=dice.choice(list(Listing)),
                category=dice.choice(["ORDERS", "BILLING", None]),
                language=dice.choice(["en", "de"]),
                level=dice.randrange(4),
                team=dice.choice(["berlin", "law"]),
                root=dice.choice([None, None, f"{number % 7:016}"]),
                was=None,
            )
            was = {name: value for name, value in before.items() if value != each.facts[name]}
            each = replace(each, was=was or None)
            found.append(each)
    return found


def test_ninety_days_of_twenty_thousand_events_are_three_calls(house: House) -> None:
    """At most five reads, and equal to a fold over all events."""
    happenings = a_year(20_000, days=90)

    class All:
        def happenings(self, since: datetime, until: datetime) -> list[Happening]:
            return [each for each in happenings if since <= each.at < until]

    house.clock.now = MORNING - 90 * ONE
    for _ in range(90 * 8 + 5):
        figures.keep(days=house.shelf, events=All(), clock=house.clock)
        house.clock.advance(timedelta(hours=3))
    house.clock.advance(-timedelta(hours=3))
    for number in range(7):
        house.handed(f"{number:016}")
    day = MORNING - 89 * ONE
    while day <= MORNING:
        house.shelf.add(Kind.MAIL, "submitted", day)
        day += ONE

    with calls() as made:
        found = house.figures()

    assert made == ["Query", "Query", "BatchGetItem"]
    assert found.tickets.number == 4_000
    assert stands(found) == as_told(happenings)
    assert {sum(counts.values()) for counts in stands(found).values()} == {4_000}
    assert len(found.days) == 90
    assert found.mail.processed == 90
    sizes = [len(repr(each)) for each in house.stored() if each["pk"] == "FIGURES"]
    assert 90 * max(sizes) < 1_000_000, "one page of a query"


def test_what_is_counted_is_what_is_listed(either: House) -> None:
    """M19, over the index of events; M18: a move changes the counts."""
    first, second = either.handed("1" * 16), either.handed("2" * 16)
    assert either.keep() == 1
    assert stands(either.figures()) == as_listed([first, second])
    assert either.figures().tickets.level == {"3": 2}

    either.clock.advance(MINUTE)
    held = ticket.claim(first, LEAD, now=either.clock(), length=15 * MINUTE)
    either.tickets.commit(held)
    replied = ticket.reply(held.after, LEAD, "Done.", now=either.clock())
    either.tickets.commit(replied)
    either.keep()

    assert stands(either.figures()) == as_listed([replied.after, second])
    assert either.figures().tickets.status == {"answered": 1, "escalated": 1}
    lists = {each: len(list(either.tickets.listed(each))) for each in (Listing.ESCALATED,)}
    done = list(either.tickets.listed(Listing.ANSWERED, TODAY))
    assert lists[Listing.ESCALATED] + len(done) == either.figures().tickets.number


def test_a_day_is_stored_and_read_as_it_is(either: House) -> None:
    day = Day(
        day=TODAY,
        counted_at=MORNING,
        looked_at=MORNING + MINUTE,
        events=3,
        flow={"received": 2},
        came={"status": {"escalated": 2}},
        moved={"2026-02-01": {"status": {"escalated": -1, "closed": 1}}},
        families={"1" * 16: 2},
        course=Course(
            hours={"9": {"received": 2}}, agents={"ada": {"60": 1}}, reasons={"legal": 1}
        ),
    )
    either.shelf.keep(day)
    either.shelf.keep(replace(day, counted_at=MORNING - MINUTE, events=1))

    assert either.shelf.day(TODAY) == day
    assert list(either.shelf.days(TODAY)) == [day]
    assert list(either.shelf.days(TODAY + ONE)) == []
    assert either.shelf.day(TODAY + ONE) is None


def test_a_day_of_an_earlier_version_has_no_course(house: House) -> None:
    day = Day(day=TODAY, counted_at=MORNING, looked_at=MORNING, flow={"received": 2})
    house.shelf.keep(day)
    key = {"pk": "FIGURES", "sk": str(TODAY)}
    house.whole.update_item(Key=key, UpdateExpression="REMOVE course")

    assert house.shelf.day(TODAY) == day


def test_outcomes_are_added_and_the_latest_faults_kept(either: House) -> None:
    shelf = either.shelf
    for number in range(3):
        shelf.add(Kind.MAIL, "submitted", MORNING + number * MINUTE)
    shelf.add(Kind.MAIL, "failed", MORNING + ONE)
    for number in range(LATEST_FAULTS + 3):
        shelf.fault(Fault(MORNING + number * MINUTE, "ValueError"))

    counted, faults = map(list, shelf.counts(TODAY))

    assert [(each.day, each.outcomes) for each in counted] == [
        (TODAY, {"mail": {"submitted": 3}}),
        (TODAY + ONE, {"mail": {"failed": 1}}),
    ]
    assert counted[0].last == {"mail": MORNING + 2 * MINUTE}
    assert counted[1].last == {}
    oldest = MORNING + 3 * MINUTE
    assert min(each.at for each in faults) == oldest
    assert len(faults) == LATEST_FAULTS


def test_each_notice_is_counted_once_in_the_step_of_its_mark(house: House) -> None:
    of = house.handed()
    notices = house.tickets.notices
    notice = notices.notice(f"{of.id}-2-webhook")
    assert notice
    failed = replace(notice, failed="refused")
    notices.fail(failed, MORNING)
    done = replace(notices.begin(notice, MORNING + 5 * MINUTE), sent_at=MORNING, ended_at=MORNING)
    notices.end(done)
    with pytest.raises(ConflictError):
        notices.end(done)

    assert (house.figures().notifications.sent, house.figures().notifications.failed) == (1, 1)


def test_an_erased_ticket_leaves_counts_and_nothing_else(house: House) -> None:
    """Days that are over still count it; today no longer does."""
    of = house.handed()
    house.keep()
    house.clock.advance(ONE)
    house.keep()
    house.handed("2" * 16)

    for each in (of.id, "2" * 16):
        erasure.erase_ticket(each, LEAD, tickets=house.tickets, clock=house.clock)
    house.clock.advance(MINUTE)
    house.keep()

    assert house.figures().tickets.number == 1
    kept = [each for each in house.stored() if each["pk"] in {"FIGURES", "COUNTED"}]
    assert len(kept) == 2
    told = "".join(repr(items.unpacked(bytes(each["counts"]))) for each in kept)
    assert of.id not in told
    assert "ada@example.com" not in told
    assert "lawyer" not in told


def test_a_family_whose_root_is_gone_is_not_named(house: House) -> None:
    root = house.handed()
    day = Day(day=TODAY, counted_at=MORNING, looked_at=MORNING, families={root.id: 3, "9" * 16: 4})
    house.shelf.keep(day)
    assert house.figures().duplicates.families == ()

    house.tickets.commit(_with_a_member(root))

    (family,) = house.figures().duplicates.families
    assert (family.root, family.merged) == (root.id, 1)


def _with_a_member(root: ticket.Ticket) -> ticket.Change:
    received = replace(submitted().after, id="3" * 16)
    of_root, _ = ticket.duplicate(root, received, an_understanding(), note="why", now=MORNING)
    return of_root


def test_counts_of_a_day_end_with_the_records_of_erasures(house: House) -> None:
    house.keep()
    house.shelf.add(Kind.FILES, "read", MORNING)

    ends = {datetime.fromtimestamp(int(each["expires_at"]), UTC) for each in house.stored()}

    assert ends == {datetime(2026, 3, 3, tzinfo=UTC) + 400 * ONE}


def test_a_minute_in_which_nothing_happened_costs_ten_calls(house: House) -> None:
    house.keep()
    house.clock.advance(MINUTE)

    with calls() as made:
        house.keep()

    assert (made.count("GetItem"), made.count("Query"), len(made)) == (2, 8, 10)

"""What closed tickets took people, and the line that estimates follow."""

from datetime import timedelta
from itertools import count as numbers
from typing import Any

from helpdesk import severity, ticket
from helpdesk.stats import ENOUGH, Happening, Taken, count, happening, line, taken
from helpdesk.ticket import Move
from helpdesk.triage import Escalate, Reason

from tests.fakes import ADA, MORNING
from tests.tickets import LEASE, UNDERSTOOD, received

_number = numbers(1)
HOUR = 3600


def a(ticket_id: str, move: Move, **facts: Any) -> Happening:
    return Happening(
        ticket_id=ticket_id, number=next(_number), move=move, at=MORNING, actor="ada", **facts
    )


def life(ticket_id: str, *waited: int, matter: str = "billing", level: int = 1) -> list[Happening]:
    replies = [a(ticket_id, Move.REPLIED, waited=each * HOUR) for each in waited]
    return [*replies, a(ticket_id, Move.CLOSED, matter=matter, level=level)]


def test_all_waits_of_a_ticket_count_and_the_median_of_its_tickets() -> None:
    happened = [*life("a", 3, 1), *life("b", 20), *life("c", 5), *life("d", 9, level=2)]

    assert taken(happened) == (
        Taken(matter="billing", level=1, tickets=3, hours=5),
        Taken(matter="billing", level=2, tickets=1, hours=9),
    )


def test_what_is_open_unanswered_or_without_a_level_does_not_count() -> None:
    happened = [
        a("open", Move.REPLIED, waited=HOUR),
        a("unanswered", Move.CLOSED, matter="billing", level=0),
        a("before", Move.REPLIED, waited=HOUR),
        a("before", Move.CLOSED),
    ]

    assert taken(happened) == ()


def test_a_ticket_that_is_closed_twice_counts_once() -> None:
    assert taken([*life("a", 4), *life("a", 2)]) == (
        Taken(matter="billing", level=1, tickets=1, hours=6),
    )


def test_the_line_is_one_that_the_tables_read_and_holds_what_is_frequent() -> None:
    often = [each for n in range(ENOUGH) for each in life(str(n), 14)]
    seldom = [each for n in range(ENOUGH - 1) for each in life(f"s{n}", 2, matter="quality")]

    written = line(taken([*often, *seldom]))

    assert written == f"hours.billing.1=14/{ENOUGH}"
    about = severity.About(None, "PAYMENT", sure=True, text="")
    known = severity.heard(None, "I want my money back", "message 1", severity.read(written))
    found = severity.estimated(known, about, severity.read(written))
    assert (found.expected, found.expected_by) == (14, f"by {ENOUGH} tickets of billing, level 1")
    assert line(()) == ""


def test_a_ticket_of_people_tells_statistics_what_it_took() -> None:
    opened = ticket.settle(received(), UNDERSTOOD, Escalate(Reason.LOW_CONFIDENCE), now=MORNING)
    held = ticket.claim(opened.after, ADA, now=MORNING, length=LEASE)
    later = MORNING + timedelta(minutes=10)
    replied = ticket.reply(held.after, ADA, "Here you are.", now=later)
    closed = ticket.close(replied.after, ADA, now=later)
    changes = (opened, held, replied, closed)

    found = count(map(happening, changes), MORNING, later + timedelta(seconds=1))

    assert found.taken == (Taken(matter="other", level=0, tickets=1, hours=1),)

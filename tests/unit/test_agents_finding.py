"""Which tickets an agent gets offered, and which ones a query means."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.agents import LEASE, Query, Workplace
from helpdesk.agents.finding import SAME_TIME
from helpdesk.ticket import Agent, Customer, Listing, Move
from helpdesk.ticket.changing import changed

from tests.desk import HOUR, Desk, taken
from tests.fakes import LEAD, MORNING

SECOND = timedelta(seconds=1)


def given_to(desk: Desk, department: str) -> str:
    """Return the id of a ticket that waits for a department."""
    waiting = desk.waiting()
    desk.agent().claim(waiting)
    desk.agent().transfer(waiting, department=department)
    return waiting


def offered(at: Workplace, **more: Any) -> list[str]:
    return [each.id for each in at.next_waiting(**more)]


def found(at: Workplace, **query: Any) -> list[str]:
    return [each.id for each in at.find(Query(**query))]


def firsts(at: Workplace) -> set[str]:
    """Return what the agent is offered first, of many times."""
    return {offered(at)[0] for _ in range(200)}


class TestDepartments:
    def test_an_agent_is_offered_what_is_of_the_own_departments_or_of_none(
        self, desk: Desk
    ) -> None:
        of_none = desk.waiting()
        billing, orders, returns = (
            given_to(desk, name) for name in ("billing", "orders", "returns")
        )
        bea = replace(
            desk.agent(), agent=Agent("bea", departments=frozenset({"billing", "orders"}))
        )

        assert offered(bea) == [of_none, billing, orders]
        assert offered(desk.agent()) == [of_none, billing, orders, returns]

    def test_a_guessed_department_keeps_a_ticket_from_no_agent(self, desk: Desk) -> None:
        """R5: it is in the list of its department, and every agent may take it."""
        waiting = desk.waiting()
        found = desk.ticket(waiting)
        guess = {"department": "orders", "category": "orders", "matter_guessed": True}
        desk.tickets.commit(changed(found, Move.NOTED, actor="ada", now=MORNING, **guess))
        bea = replace(desk.agent(), agent=Agent("bea", departments=frozenset({"billing"})))

        assert offered(bea) == [waiting]
        assert offered(desk.agent(), department="orders") == [waiting]
        assert offered(desk.agent(), department="billing") == []
        desk.agent().claim(waiting)
        desk.agent().transfer(waiting, department="orders")  # an agent does not guess
        assert offered(bea) == []

    def test_a_department_that_is_named_is_the_only_one(self, desk: Desk) -> None:
        desk.waiting()
        billing = given_to(desk, "billing")
        orders = given_to(desk, "orders")
        bea = replace(desk.agent(), agent=Agent("bea", departments=frozenset({"billing"})))

        assert offered(bea, department="billing") == [billing]
        assert offered(bea, department="orders") == [orders]
        assert offered(bea, department="returns") == []
        assert taken(bea, department="orders") == orders


class TestColleagues:
    def test_what_is_a_colleagues_is_offered_once_it_is_past_due(self, desk: Desk) -> None:
        for name in ("bob", "zoe"):
            waiting = desk.waiting()
            desk.agent().claim(waiting)
            desk.agent().transfer(waiting, to=name)
        due = desk.ticket(waiting).urgency.due
        carol = desk.agent("carol")

        assert len(offered(desk.agent("bob"))) == 1
        desk.clock.now = due
        assert offered(carol) == []
        desk.clock.now = due + SECOND
        assert len(offered(carol)) == 2

    @pytest.mark.parametrize("names", [(), ("aaron",), ("aaron", "zoe"), ("aaron", "bob", "zoe")])
    def test_each_colleague_at_work_widens_the_choice_by_two(
        self, desk: Desk, names: tuple[str, ...]
    ) -> None:
        held = [desk.waiting() for _ in names]
        for name, ticket_id in zip(names, held, strict=True):
            desk.agent(name).claim(ticket_id)
        waiting = [desk.waiting() for _ in range(12)]
        at = desk.agent("carol")

        assert firsts(at) == set(waiting[: 1 + 2 * len(names)])
        assert sorted(offered(at)) == waiting

    def test_what_the_agent_holds_is_no_colleagues_work(self, desk: Desk) -> None:
        at = desk.agent("carol")
        for _ in range(3):
            at.claim(desk.waiting())
        waiting = [desk.waiting() for _ in range(3)]

        assert offered(at) == waiting

    def test_a_colleague_whose_lease_ended_is_not_at_work(self, desk: Desk) -> None:
        left = desk.waiting()
        desk.agent("bob").claim(left)
        desk.clock.advance(LEASE)

        assert offered(desk.agent("carol")) == [left]

    @pytest.mark.parametrize(("apart", "equal"), [(59 * SECOND, True), (60 * SECOND, False)])
    def test_what_is_due_within_a_minute_is_equally_urgent(
        self, desk: Desk, apart: timedelta, equal: bool
    ) -> None:
        desk.agent("bob").claim(desk.waiting())
        first = desk.waiting()
        desk.clock.advance(apart)
        second = desk.waiting()

        assert firsts(desk.agent("carol")) == ({first, second} if equal else {first})
        assert timedelta(minutes=1) == SAME_TIME

    def test_all_that_waits_is_offered_once_however_much_it_is(self, desk: Desk) -> None:
        waiting = []
        for _ in range(130):
            waiting.append(desk.waiting())
            desk.clock.advance(SAME_TIME)

        assert offered(desk.agent()) == waiting


class TestQueries:
    def test_fifty_are_listed_where_no_limit_is_set(self, desk: Desk) -> None:
        waiting = [desk.waiting() for _ in range(51)]

        assert found(desk.agent()) == waiting[:50]

    def test_a_customers_tickets_come_newest_first_and_from_the_lists_asked_for(
        self, desk: Desk
    ) -> None:
        kim = {"email": "kim@example.com"}
        first = desk.waiting(customer=kim)
        desk.clock.advance(HOUR)
        second = desk.waiting(customer=kim)
        desk.clock.advance(HOUR)
        third = desk.waiting(customer=kim)
        desk.waiting(customer={"email": "lee@example.com"})
        at = desk.agent()
        at.claim(third)
        at.reply(third, "Done.")
        desk.clock.advance(timedelta(days=9))

        assert found(at, customer="kim@example.com") == [second, first]
        assert found(at, customer="KIM@example.com", listings=(Listing.ANSWERED,)) == [third]
        both = (Listing.ESCALATED, Listing.ANSWERED)
        assert found(at, customer="kim@example.com", listings=both) == [third, second, first]
        assert [each.id for each in at.show(second).others] == [third, first]

    def test_the_owner_is_the_agent_who_holds_it_or_else_has_it(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent().claim(waiting)
        desk.agent().transfer(waiting, to="bob")
        at = desk.agent()
        assert (found(at, owner="bob"), found(at, owner="ada")) == ([waiting], [])

        at.claim(waiting)
        assert (found(at, owner="bob"), found(at, owner="ada")) == ([], [waiting])
        desk.clock.advance(LEASE)
        assert (found(at, owner="bob"), found(at, owner="ada")) == ([waiting], [])

    def test_a_wait_of_just_that_long_is_not_longer(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.clock.advance(HOUR)

        assert found(desk.agent(), waiting_longer_than=HOUR) == []
        desk.clock.advance(SECOND)
        assert found(desk.agent(), waiting_longer_than=HOUR) == [waiting]

    def test_by_department(self, desk: Desk) -> None:
        desk.waiting()
        billing = given_to(desk, "billing")
        given_to(desk, "orders")

        assert found(desk.agent(), department="billing") == [billing]

    def test_what_was_never_understood_has_no_intent(self, desk: Desk) -> None:
        known = desk.waiting()
        unread = ticket.submit(
            ticket_id="9" * 16,
            text="Hm",
            customer=Customer(),
            channel="web",
            token_hash="hash",
            now=desk.clock(),
            token_life=HOUR,
            retention=HOUR,
        )
        desk.tickets.commit(unread)
        desk.tickets.commit(ticket.give_up(unread.after, now=desk.clock()))

        assert len(found(desk.agent())) == 2
        assert found(desk.agent(), intent="refund") == [known]

    def test_a_text_is_looked_for_in_all_that_was_said(self, desk: Desk) -> None:
        first = desk.waiting("Good day\nMy parcel is LOST")
        second = desk.waiting("Where is my order?")
        at = desk.agent()
        at.claim(second)
        at.reply(second, "It is Lost in the post, I fear.")
        everywhere = (Listing.ESCALATED, Listing.ANSWERED)

        assert found(at, full_text=True, search="lost", listings=everywhere) == [first, second]
        assert found(at, full_text=True, search="GOOD DAY", listings=everywhere) == [first]
        assert found(at, full_text=True, search="found", listings=everywhere) == []

    def test_done_tickets_of_so_many_days_counting_today(self, desk: Desk) -> None:
        at = desk.agent()
        done = []
        for _ in range(3):
            waiting = desk.waiting()
            at.claim(waiting)
            at.close(waiting)
            done.append(waiting)
            desk.clock.advance(timedelta(days=1))
        desk.clock.advance(-timedelta(days=1))

        assert found(at, listings=(Listing.CLOSED,)) == done[2:]
        assert found(at, listings=(Listing.CLOSED,), days=2) == [done[2], done[1]]
        assert found(at, listings=(Listing.CLOSED,), days=3) == done[::-1]

    def test_open_tickets_are_listed_whatever_their_day(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = replace(desk.agent(), agent=LEAD)
        desk.clock.advance(timedelta(days=9))

        assert found(at, listings=(Listing.RECEIVED, Listing.ESCALATED)) == [waiting]

"""Lists never end silently, go on from a cursor, are filtered and searched (point 4)."""

import itertools
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.agents import Count, CursorError, Exactness, Page, Query, Workplace, paging
from helpdesk.agents.query import FIELDS
from helpdesk.ticket import Customer, Listing, Ticket
from helpdesk.triage import Escalate, Reason

from agent_cli.commands.ticket.filters import FILTERS
from agent_cli.words import lists
from tests.desk import HOUR, MINUTE, Desk
from tests.fakes import an_understanding

EVERYWHERE = tuple(Listing)


def pages(at: Workplace, query: Query) -> Iterator[Page]:
    cursor = None
    while True:
        page = at.page(query, cursor=cursor)
        yield page
        if (cursor := page.cursor) is None:
            return


def ids(some: tuple[Ticket, ...] | list[Ticket]) -> list[str]:
    return [each.id for each in some]


def every(at: Workplace, query: Query) -> list[str]:
    return [each.id for page in pages(at, query) for each in page.tickets]


def done(desk: Desk, **who: Any) -> str:
    """Return a ticket that was answered by a person."""
    waiting = desk.waiting(**who)
    desk.agent().claim(waiting)
    desk.agent().reply(waiting, "Done.")
    return waiting


def of(desk: Desk, number: int, **changes: Any) -> str:
    """Return a waiting ticket with fields that no move of an agent sets."""
    asked = ticket.submit(
        ticket_id=f"{10**6 + number:016}",
        text=changes.pop("text", "Where is it?"),
        customer=Customer(**changes.pop("customer", {})),
        channel=changes.pop("channel", "web"),
        token_hash="hash",
        now=desk.clock(),
        token_life=HOUR,
        retention=HOUR,
    )
    desk.tickets.commit(asked)
    settled = ticket.settle(
        asked.after,
        an_understanding(("refund", 0.6), language=changes.pop("language", "en")),
        Escalate(Reason.LOW_CONFIDENCE),
        now=desk.clock(),
    )
    desk.tickets.commit(replace(settled, after=replace(settled.after, **changes)))
    return asked.after.id


class TestPages:
    def test_a_list_that_goes_on_has_a_cursor_and_says_how_many_there_are(self, desk: Desk) -> None:
        waiting = [desk.waiting() for _ in range(7)]
        at = desk.agent()

        first, second, third = pages(at, Query(limit=3))

        assert [ids(page.tickets) for page in (first, second, third)] == [
            waiting[:3],
            waiting[3:6],
            waiting[6:],
        ]
        assert [page.before for page in (first, second, third)] == [0, 3, 6]
        assert {page.total for page in (first, second, third)} == {Count(7)}
        assert third.cursor is None

    def test_a_list_that_ends_with_its_page_has_no_cursor(self, desk: Desk) -> None:
        for _ in range(3):
            desk.waiting()

        page = desk.agent().page(Query(limit=3))

        assert (page.cursor, page.total) == (None, Count(3))

    def test_the_states_follow_each_other_and_done_days_too(self, desk: Desk) -> None:
        late = [done(desk) for _ in range(2)]
        desk.clock.advance(timedelta(days=1))
        today = [done(desk)]
        desk.clock.advance(MINUTE)
        today.append(desk.waiting())
        desk.agent().claim(today[-1])
        desk.agent().close(today[-1])
        waiting = [desk.waiting() for _ in range(2)]
        at, whole = desk.agent(), [*waiting, *reversed(today), *reversed(late)]

        for limit in range(1, 8):
            query = Query(listings=EVERYWHERE, days=2, limit=limit)
            assert every(at, query) == whole
            assert all(len(page.tickets) == limit for page in list(pages(at, query))[:-1])

    def test_a_ticket_that_does_not_move_is_shown_once_while_others_do(self, desk: Desk) -> None:
        waiting = [desk.waiting() for _ in range(12)]
        at = desk.agent()
        first = at.page(Query(limit=4))

        for moved in (waiting[0], waiting[3], waiting[5]):
            at.claim(moved)
            at.reply(moved, "Done.")
        desk.clock.advance(timedelta(days=1))
        new = desk.waiting()

        second = at.page(Query(limit=100), cursor=first.cursor)
        stayed = [each for each in waiting[4:] if each != waiting[5]]
        assert ids(second.tickets) == [*stayed, new]

    def test_a_list_of_done_tickets_goes_on_after_midnight(self, desk: Desk) -> None:
        desk.clock.advance(timedelta(hours=14, minutes=50))  # 23:50
        tickets = [done(desk) for _ in range(4)]
        at, query = desk.agent(), Query(listings=(Listing.ANSWERED,), limit=2)
        first = at.page(query)

        desk.clock.advance(timedelta(minutes=20))

        second = at.page(query, cursor=first.cursor)
        assert {*ids(first.tickets), *ids(second.tickets)} == set(tickets)

    def test_a_customers_tickets_have_pages_too(self, desk: Desk) -> None:
        kim = {"email": "kim@example.com"}
        hers = [desk.waiting(customer=kim) for _ in range(3)]  # at one moment
        desk.clock.advance(HOUR)
        hers += [done(desk, customer=kim) for _ in range(2)]
        desk.waiting(customer={"email": "lee@example.com"})
        at = desk.agent()

        for limit in range(1, 7):
            query = Query(listings=EVERYWHERE, customer="kim@example.com", limit=limit)
            assert sorted(every(at, query)) == sorted(hers)

    def test_a_list_of_many_days_does_not_count_them_all(self, desk: Desk) -> None:
        for _ in range(3):
            desk.waiting()
        at = desk.agent()

        week = at.page(Query(listings=EVERYWHERE, days=7, limit=2))
        longer = at.page(Query(listings=EVERYWHERE, days=8, limit=2))

        assert week.total == Count(3, Exactness.AT_MOST)
        assert (longer.total, longer.candidates) == (Count(2, Exactness.AT_LEAST), None)

    def test_the_limit_of_100000_is_one_page(self, desk: Desk) -> None:
        for _ in range(60):
            desk.waiting()

        page = desk.agent().page(Query(limit=100_000))

        assert (len(page.tickets), page.cursor) == (60, None)


class TestCursors:
    def cursor(self, desk: Desk, **query: Any) -> str:
        for _ in range(3):
            desk.waiting()
        cursor = desk.agent().page(Query(limit=1, **query)).cursor
        assert cursor
        return cursor

    def test_a_cursor_of_another_list_is_refused(self, desk: Desk) -> None:
        cursor = self.cursor(desk)

        for other in ({"department": "billing"}, {"search": "x"}, {"days": 2}):
            with pytest.raises(CursorError, match="other filters"):
                desk.agent().page(Query(**other), cursor=cursor)

    def test_the_size_of_the_page_may_change(self, desk: Desk) -> None:
        cursor = self.cursor(desk)

        assert len(desk.agent().page(Query(limit=50), cursor=cursor).tickets) == 2

    def test_a_damaged_cursor_is_refused(self, desk: Desk) -> None:
        cursor = self.cursor(desk)
        damaged = {cursor[:-1], cursor[1:], cursor + "A", "é", "AAAA", "=" * 9}
        damaged |= {cursor[:n] + ("a" if cursor[n] != "a" else "b") + cursor[n + 1 :] for n in
                    range(0, len(cursor) - 1, 5)}  # fmt: skip

        for each in damaged:
            with pytest.raises(CursorError):
                desk.agent().page(Query(), cursor=each)

    def test_a_cursor_tells_nothing_of_customer_or_query(self, desk: Desk) -> None:
        desk.waiting("zanzibar", customer={"email": "zanzibar@example.com"})
        packed = self.cursor(desk)[1:]
        raw = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))

        assert b"zanzibar" not in zlib.decompress(raw[6:])


class TestFilters:
    @pytest.mark.parametrize(
        ("field", "wanted", "other"),
        [
            ("department", "billing", "orders"),
            ("category", "invoices", "parcels"),
            ("language", "de", "en"),
            ("channel", "app", "web"),
        ],
    )
    def test_by_a_field(self, desk: Desk, field: str, wanted: str, other: str) -> None:
        of(desk, 1, **{field: other})
        right = of(desk, 2, **{field: wanted})

        page = desk.agent().page(Query(**{field: wanted}))

        assert ids(page.tickets) == [right]
        assert (page.total, page.examined) == (Count(1), 2)

    def test_by_the_time_at_which_the_question_came(self, desk: Desk) -> None:
        begun = desk.clock()
        hours = []
        for _ in range(4):
            hours.append(desk.waiting())
            desk.clock.advance(HOUR)
        at = desk.agent()

        assert ids(at.find(Query(since=begun + HOUR))) == hours[1:]
        assert ids(at.find(Query(until=begun + HOUR))) == hours[:1]
        assert ids(at.find(Query(since=begun + HOUR, until=begun + 3 * HOUR))) == hours[1:3]

    def test_done_tickets_that_came_since_a_day_are_found_whenever_they_were_done(
        self, desk: Desk
    ) -> None:
        old = done(desk)
        begun = desk.clock() + HOUR
        desk.clock.advance(timedelta(days=1))
        late = desk.waiting()
        desk.clock.advance(timedelta(days=3))
        desk.agent().claim(late)
        desk.agent().reply(late, "At last.")
        desk.clock.advance(timedelta(days=5))

        query = Query(listings=(Listing.ANSWERED,), since=begun)

        assert ids(desk.agent().find(query)) == [late]
        assert old

    def test_a_done_ticket_is_filtered_by_the_priority_that_is_shown(self, desk: Desk) -> None:
        finished = done(desk)
        desk.clock.advance(timedelta(days=3))
        shown = desk.ticket(finished).priority
        query = Query(listings=(Listing.ANSWERED,), days=9, priority=shown)

        assert ids(desk.agent().find(query)) == [finished]

    def test_every_row_of_the_table_is_a_field_and_an_option(self) -> None:
        named = {each.name for each in fields(Query)}
        apart = {"listings", "customer", "search", "full_text", "days", "limit"}

        assert set(FIELDS) | apart == named
        assert {each.field for each in FILTERS} == set(FIELDS)

    def test_a_page_with_few_matches_ends_and_says_how_far_it_came(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paging, "EXAMINED", 60)
        for number in range(200):
            of(desk, number, category="rare" if number % 100 == 99 else "usual")
        at, query = desk.agent(), Query(category="rare", limit=10)

        seen = list(pages(at, query))

        assert [ids(page.tickets) for page in seen if page.tickets] == [
            ["0000000001000099"], ["0000000001000199"],
        ]  # fmt: skip
        assert all(page.examined <= 60 for page in seen)
        assert sum(page.examined for page in seen) == 200
        assert [page.examined_before for page in seen] == [
            0, *itertools.accumulate(page.examined for page in seen[:-1])
        ]  # fmt: skip
        assert seen[0].candidates == Count(200)
        assert seen[0].total == Count(0, Exactness.AT_LEAST)
        assert seen[-1].total == Count(2)


class TestSearch:
    def test_subject_id_name_address_and_reference_at_once_in_every_state(self, desk: Desk) -> None:
        subject = desk.waiting("The Zébra bag\nsecond line")
        name = done(desk, customer={"name": "Zoë ZEBRA", "email": "z@example.com"})
        address = desk.waiting(customer={"email": "zebra@example.com"})
        reference = desk.waiting(customer={"reference": "shop-Zebra-7"})
        desk.waiting("zip")
        at = desk.agent()

        def found(text: str) -> set[str]:
            return set(ids(at.find(Query(listings=EVERYWHERE, search=text, days=7))))

        assert found("zebra") == {name, address, reference}
        assert found("ze\u0301bra") == {subject}  # the same letter, written as two characters
        assert found("ZÉBRA bag") == {subject}
        assert found("zebra zoë") == {name}
        assert found("second") == set()
        assert found(subject[:15]) >= {subject}
        assert found(subject) == {subject}

    def test_what_the_words_name_exactly_is_found_however_old_it_is_and_once(
        self, desk: Desk
    ) -> None:
        old = done(desk, customer={"email": "kim@example.com"})
        desk.clock.advance(timedelta(days=90))
        new = desk.waiting("kim@example.com wrote", customer={"email": "kim@example.com"})
        other = desk.waiting("about kim@example.com")
        at = desk.agent()

        for limit in (1, 2, 50):
            query = Query(listings=EVERYWHERE, search="Kim@Example.com", days=7, limit=limit)
            assert every(at, query) == [new, old, other]
        assert every(at, Query(listings=EVERYWHERE, search=old, days=1)) == [old]

    def test_full_text_is_a_second_step(self, desk: Desk) -> None:
        waiting = desk.waiting("Good day\nmy parcel is lost")
        at = desk.agent()

        assert at.find(Query(listings=EVERYWHERE, search="parcel")) == ()
        found = at.find(Query(listings=EVERYWHERE, search="good PARCEL", full_text=True))
        assert ids(found) == [waiting]

    def test_a_search_can_be_stopped_and_goes_on_from_there(self, desk: Desk) -> None:
        waiting = [desk.waiting(f"parcel {number}") for number in range(9)]
        at, query = desk.agent(), Query(listings=EVERYWHERE, search="parcel")

        page = at.page(query, watch=lambda examined, _found: examined < 4)

        assert (ids(page.tickets), page.stopped, page.examined) == (waiting[:4], True, 4)
        rest = at.page(query, cursor=page.cursor)
        assert (ids(rest.tickets), rest.stopped) == (waiting[4:], False)

    def test_the_words_of_a_search_do_not_leave_the_customers_list(self, desk: Desk) -> None:
        kim = {"customer": {"email": "kim@example.com"}}
        hers = desk.waiting("a parcel", **kim)
        desk.waiting("an invoice", **kim)
        desk.waiting("a parcel", customer={"email": "lee@example.com"})

        query = Query(listings=EVERYWHERE, search="parcel", customer="kim@example.com")

        assert ids(desk.agent().find(query)) == [hers]


class TestWhatIsSaid:
    def said(self, desk: Desk, **query: Any) -> list[str]:
        asked = Query(**query)
        return list(lists.told(desk.agent().page(asked), asked))

    def test_of_a_whole_list(self, desk: Desk) -> None:
        assert self.said(desk) == ["no such tickets"]
        desk.waiting()
        assert self.said(desk) == ["1 ticket"]
        desk.waiting()
        assert self.said(desk) == ["2 tickets"]

    def test_of_a_part_of_it(self, desk: Desk) -> None:
        for _ in range(3):
            desk.waiting()
        first, second = self.said(desk, limit=2)
        assert first == "1 to 2 of 3 tickets"
        assert second.startswith("for the next ones, repeat this with --cursor 1")

    def test_of_what_was_examined(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paging, "EXAMINED", 20)
        for number in range(40):
            of(desk, number)
        first, _ = self.said(desk, category="rare", limit=5)
        assert first == "no such ticket so far; 10 of 40 were examined"

    def test_of_the_days_of_done_tickets(self, desk: Desk) -> None:
        done(desk)
        (today,) = self.said(desk, listings=(Listing.ANSWERED,))
        assert today == "1 ticket; answered and closed ones: of today (--days goes back)"
        (week,) = self.said(desk, listings=EVERYWHERE, search="sell", days=7)
        assert week == "1 ticket; answered and closed ones: of the last 7 days"

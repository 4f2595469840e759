"""What agents see: lists, one ticket's dossier, canned replies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk.agents import Query
from helpdesk.knowledge import Priority
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Listing
from helpdesk.triage import Entity

from tests.desk import HOUR, LAWYER, MINUTE, Desk


class TestLooking:
    def test_find_by_everything(self, desk: Desk) -> None:
        plain = desk.waiting(customer={"email": "kim@example.com"})
        urgent = desk.waiting(LAWYER, customer={"reference": "C-1"})
        desk.clock.advance(HOUR)
        young = desk.waiting("Anything new about my sponsor deal?")
        desk.agent("bob").claim(plain)
        at = desk.agent()

        def ids(**query: Any) -> list[str]:
            return [each.id for each in at.find(Query(**query))]

        assert ids() == [urgent, plain, young]
        assert ids(limit=1) == [urgent]
        assert ids(priority=Priority.URGENT) == [urgent]
        assert ids(intent="refund") == [urgent, plain, young]
        assert ids(intent="gift_card") == []
        assert ids(owner="bob") == [plain]
        assert ids(customer="kim@example.com") == [plain]
        assert ids(customer="C-1") == [urgent]
        assert ids(waiting_longer_than=30 * MINUTE) == [urgent, plain]
        assert ids(search="SPONSOR") == [young]
        assert ids(department="billing") == []

    def test_done_tickets_are_listed_by_day_newest_first(self, desk: Desk) -> None:
        at = desk.agent()
        done = [desk.waiting() for _ in range(3)]
        for ticket_id in done:
            at.claim(ticket_id)
            at.reply(ticket_id, "Done.")
            desk.clock.advance(MINUTE)
        desk.clock.advance(timedelta(days=1))

        query = Query(listings=(Listing.ANSWERED,))
        assert at.find(query) == ()
        assert [each.id for each in at.find(replace(query, days=2))] == done[::-1]

    def test_a_dossier_has_the_customers_other_tickets_and_likely_replies(self, desk: Desk) -> None:
        """R10: a draft that names the knowledge it is from."""
        kim = {"customer": {"email": "kim@example.com"}}
        first, second = desk.waiting(**kim), desk.waiting(**kim)
        dossier = desk.agent().show(second)

        assert [other.id for other in dossier.others] == [first]
        assert [(s.intent, s.version, s.probability) for s in dossier.suggestions] == [
            ("refund", 3, 0.6),
            ("gift_card", 0, 0.3),
        ]

    def test_a_canned_reply_is_filled_in_as_far_as_the_ticket_allows(self, desk: Desk) -> None:
        order = Entity("order_number", "12345", 0, 5)
        waiting = desk.waiting(customer={"name": "Kim"}, entities=(order,))
        at = desk.agent()

        assert at.canned("hello", waiting) == "Dear Kim, about 12345: ada"
        assert at.canned("bye", waiting) == "Bye, {unheard_of}."
        with pytest.raises(NotFoundError, match="bye, hello"):
            at.canned("nonsense", waiting)

    def test_an_unknown_ticket(self, desk: Desk) -> None:
        for look in (desk.agent().show, desk.agent().history, desk.agent().facts):
            with pytest.raises(NotFoundError):
                look("9999999999999999")

"""Notices over the template's own table: one step with the move, one mark, records, erasure."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from helpdesk import erasure, notifying, reconciling, ticket
from helpdesk.aws import clients
from helpdesk.aws.dispatches import HIDDEN, HOLD
from helpdesk.aws.notices import DynamoNotices
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.notifying import LATE, Audience, Channel, Notice, audience
from helpdesk.ports import ConflictError, QueueUnavailableError
from helpdesk.ticket import Change, State
from helpdesk.triage import Escalate, Reason

from tests.fakes import LEAD, MORNING, PATIENCE, Clock, an_understanding
from tests.integration.conftest import Stack
from tests.notices import InMemoryNotices
from tests.tickets import submitted

if TYPE_CHECKING:
    from helpdesk.aws.tables import Table

ID = "1" * 16
SECOND = timedelta(seconds=1)
BOTH = audience("webhook mail", "mail: legal")


class House:
    """Tickets over the stack whose moves are told."""

    def __init__(self, stack: Stack, heard_by: Audience = BOTH) -> None:
        self.told: list[str] = []
        self.table = clients.table(stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(
            self.table, patience=PATIENCE, heard_by=heard_by, notify=self.told.append
        )
        self.notices: DynamoNotices = self.tickets.notices
        self.whole = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])

    def handed(self) -> Change:
        """Let people get a legal threat."""
        change = submitted("My lawyer will sue you")
        self.tickets.commit(change)
        decision = Escalate(Reason.LEGAL)
        settled = ticket.settle(change.after, an_understanding(), decision, now=MORNING)
        self.tickets.commit(settled)
        return settled

    def notice(self, channel: str = "webhook") -> Notice:
        found = self.notices.notice(f"{ID}-2-{channel}")
        assert found
        return found

    def left(self) -> list[dict[str, Any]]:
        return list(self.whole.scan()["Items"])


@pytest.fixture
def house(stack: Stack) -> House:
    return House(stack)


class TestTheTransaction:
    def test_what_is_told_is_stored_with_its_move_as_it_was_decided(self, house: House) -> None:
        settled = house.handed()

        decided = notifying.notices(settled, BOTH)
        for each in decided:
            stored = house.notices.notice(each.id)
            assert stored
            assert replace(stored, expires_at=each.expires_at) == each
        assert house.told == [f"{ID}-2-webhook", f"{ID}-2-mail"]
        assert {each.id for each in decided} == {*house.told, f"{ID}-2-webhook-later"}

    def test_neither_is_there_without_the_other(self, house: House) -> None:
        settled = house.handed()
        more = ticket.follow_up(settled.after, "My lawyer again", now=MORNING)
        stale = replace(settled, before=settled.before)
        house.told.clear()

        with pytest.raises(ConflictError):
            house.tickets.commit(stale)
        house.tickets.commit(more)
        assert house.told == []

    def test_where_no_channel_is_on_nothing_is_written(self, stack: Stack) -> None:
        silent = House(stack, notifying.SILENCE)
        silent.handed()

        assert not [item for item in silent.left() if item["sk"].startswith("DISPATCH#")]

    def test_a_queue_that_is_down_does_not_stop_the_move(self, stack: Stack) -> None:
        def down(_: str) -> None:
            raise QueueUnavailableError("down")

        house = House(stack)
        house.tickets = DynamoTickets(house.table, patience=PATIENCE, heard_by=BOTH, notify=down)
        house.handed()

        assert house.notice().waits

    def test_conversation_history_and_latest_message_do_not_see_it(self, house: House) -> None:
        house.handed()
        said = house.tickets.conversation(ID)
        latest = house.tickets.latest(ID)

        assert said
        assert latest
        assert [each.number for each in said.messages] == [1]
        assert [each.number for each in latest.messages] == [1]
        assert [each.number for each in house.tickets.events(ID)] == [1, 2]

    def test_the_table_holds_no_text_but_the_subject(self, house: House) -> None:
        house.handed()
        (item,) = [each for each in house.left() if each["sk"] == "DISPATCH#webhook#000002"]

        assert item["subject"] == "My lawyer will sue you"
        assert "ada@example.com" not in str(item)


class TestTheMark:
    def test_one_of_many_couriers_has_it(self, house: House, stack: Stack) -> None:
        house.handed()
        notice = house.notice()

        def begin(_: int) -> bool:
            own = DynamoNotices(clients.table(stack.outputs["TicketsTable"]), patience=PATIENCE)
            try:
                own.begin(notice, MORNING)
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(begin, range(8))) == 1
        assert house.notices.begin(house.notice(), MORNING + HOLD).attempts == 2

    def test_with_its_mark_it_waits_for_nothing_and_never_ends_again(self, house: House) -> None:
        house.handed()
        done = replace(
            house.notices.begin(house.notice(), MORNING), sent_at=MORNING, ended_at=MORNING
        )
        house.notices.end(done)

        assert house.notice().ended_at == MORNING
        assert house.notices.record(Channel.WEBHOOK).sent == 1
        for again in (
            lambda: house.notices.end(done),
            lambda: house.notices.fail(done, MORNING),
            lambda: house.notices.put_off(done, MORNING),
            lambda: house.notices.begin(done, MORNING + HOLD),
        ):
            with pytest.raises(ConflictError):
                again()
        assert house.notices.record(Channel.WEBHOOK).sent == 1
        late = house.notices.overdue(MORNING + timedelta(hours=1))
        assert [each.id for each in late] == [f"{ID}-2-mail"]

    def test_one_that_failed_waits_again_when_its_dead_letter_is_sent_again(
        self, house: House
    ) -> None:
        house.handed()
        begun = house.notices.begin(house.notice(), MORNING)
        house.notices.fail(replace(begun, failed="it answered 404"), MORNING)

        assert not house.notice().waits
        record = house.notices.record(Channel.WEBHOOK)
        assert (record.failed, record.failed_at, record.fault) == (1, MORNING, "it answered 404")
        house.notices.begin(house.notice(), MORNING + HOLD)
        assert house.notice().waits

    def test_one_that_is_put_off_is_free_for_the_next_attempt(self, house: House) -> None:
        house.handed()
        begun = house.notices.begin(house.notice(), MORNING)
        house.notices.put_off(begun, MORNING + 5 * SECOND)

        assert house.notices.begin(begun, MORNING + 5 * SECOND).attempts == 2


class TestTheClock:
    def test_what_did_not_leave_in_time_is_found_and_what_is_for_later_then(
        self, house: House
    ) -> None:
        settled = house.handed()
        house.told.clear()
        clock = Clock(MORNING + PATIENCE)

        def look() -> list[str]:
            house.told.clear()
            reconciling.post_again(house.notices, post=house.told.append, clock=clock)
            return sorted(house.told)

        assert look() == [f"{ID}-2-mail", f"{ID}-2-webhook"]
        assert look() == [], "they were put off"
        for channel in ("webhook", "mail"):
            begun = house.notices.begin(house.notice(channel), clock())
            house.notices.end(replace(begun, silent="off", ended_at=clock()))
        clock.now = settled.after.urgency.due + LATE - SECOND
        assert look() == []
        clock.advance(SECOND)
        assert look() == [f"{ID}-2-webhook-later"]

    def test_the_oldest_waits_from_when_it_is_to_be_told(self, house: House) -> None:
        assert house.notices.oldest() is None
        settled = house.handed()
        assert house.notices.oldest() == MORNING
        for channel in ("webhook", "mail"):
            begun = house.notices.begin(house.notice(channel), MORNING)
            house.notices.put_off(begun, MORNING + timedelta(hours=1))
            assert house.notices.oldest() == MORNING
            house.notices.end(replace(begun, silent="off", ended_at=MORNING))
        assert house.notices.oldest() == settled.after.urgency.due + LATE

    def test_one_that_a_courier_has_is_left_to_the_queue(self, house: House) -> None:
        house.handed()
        house.notices.begin(house.notice(), MORNING)
        due = MORNING + HIDDEN + PATIENCE

        found = [each.id for each in house.notices.overdue(due - SECOND)]
        assert f"{ID}-2-webhook" not in found
        assert f"{ID}-2-webhook" in [each.id for each in house.notices.overdue(due)]


class TestChannels:
    def test_the_record_of_one_that_said_nothing_is_empty(self, house: House) -> None:
        assert house.notices.record(Channel.SLACK) == notifying.Record(channel=Channel.SLACK)

    def test_one_whose_receiver_is_gone_is_off_at_that_place_until_it_is_switched_on(
        self, house: House
    ) -> None:
        house.notices.switch_off(Channel.SLACK, "here", MORNING)
        record = house.notices.record(Channel.SLACK)

        assert (record.is_off("here"), record.is_off("there")) == (True, False)
        assert record.off_at == MORNING
        house.notices.switch_on(Channel.SLACK)
        assert not house.notices.record(Channel.SLACK).is_off("here")

    def test_an_id_of_something_else_is_no_notice(self, house: House) -> None:
        with pytest.raises(ValueError, match="no"):
            house.notices.notice(f"{ID}.2")
        assert house.notices.notice(f"{ID}-9-webhook") is None


def test_of_an_erased_ticket_no_notice_is_left(house: House) -> None:
    house.handed()
    erasure.erase_ticket(ID, LEAD, tickets=house.tickets, clock=lambda: MORNING)

    left = [item["pk"] for item in house.left() if "lawyer" in str(item) or ID in item["pk"]]
    assert left == [f"ERASURE#{ID}"]
    assert house.notices.notice(f"{ID}-2-webhook") is None


def test_memory_and_table_tell_the_same(house: House) -> None:
    memory = InMemoryNotices(BOTH)
    settled = house.handed()
    memory.store(settled)

    assert settled.after.state is State.ESCALATED
    for name, told in memory.notices.items():
        stored = house.notices.notice(name)
        assert stored == replace(told, expires_at=stored.expires_at)  # type: ignore[union-attr]


if TYPE_CHECKING:

    def _notices(table: Table) -> notifying.Notices:
        return DynamoNotices(table, patience=PATIENCE)

"""An agent's day over ports in memory: order, leases, messages, and every crash in between."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.agents import (
    HEARTBEAT,
    LEASE,
    LEASE_GRACE,
    PlaceholderError,
    Query,
    Workplace,
)
from helpdesk.agents.finding import SAME_TIME
from helpdesk.knowledge import Priority
from helpdesk.ports import ConflictError, NotFoundError, QueueUnavailableError
from helpdesk.ticket import (
    Agent,
    Customer,
    IllegalMoveError,
    LeaseError,
    Listing,
    Move,
    NotAllowedError,
    State,
    TextError,
)
from helpdesk.triage import Entity, Escalate, Reason

from tests.fakes import (
    LEAD,
    MORNING,
    Crash,
    Fuse,
    InMemoryArticles,
    InMemoryTickets,
    Office,
    an_article,
    an_understanding,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LAWYER = "My lawyer will sue you"


class Canned(InMemoryArticles):
    def canned(self) -> dict[str, str]:
        return {"hello": "Dear {name}, about {order_number}: {agent}", "bye": "Bye, {unheard_of}."}


class Desk:
    """A desk in memory with some agents at it."""

    def __init__(self) -> None:
        self.office = replace(
            Office.open(), articles=Canned(an_article("refund", version=3), an_article("gift_card"))
        )
        self.clock = self.office.clock
        self.warnings: list[str] = []
        self._number = 0

    @property
    def tickets(self) -> InMemoryTickets:
        return self.office.tickets

    def agent(self, name: str = "ada", **ports: Any) -> Workplace:
        given: dict[str, Any] = {
            "tickets": self.office.tickets,
            "escalations": self.office.escalations,
            "articles": self.office.articles,
            **ports,
        }
        return Workplace(agent=Agent(name), clock=self.clock, warn=self.warnings.append, **given)

    def waiting(self, text: str = "Do you sell gift wrapping?", **more: Any) -> str:
        """Let a question wait for people."""
        self._number += 1
        change = ticket.submit(
            ticket_id=f"{self._number:016}",
            text=text,
            customer=Customer(**more.pop("customer", {})),
            channel="web",
            token_hash="hash",
            now=self.clock(),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        self.tickets.commit(change)
        understood = an_understanding(("refund", 0.6), ("gift_card", 0.3), ("other", 0.05), **more)
        decision = Escalate(Reason.LOW_CONFIDENCE)
        settled = ticket.settle(change.after, understood, decision, now=self.clock())
        self.tickets.commit(settled)
        self.office.escalations.send(change.after.id)
        return change.after.id

    def ticket(self, ticket_id: str) -> ticket.Ticket:
        return self.office.ticket(ticket_id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def taken(at: Workplace, **more: Any) -> str | None:
    dossier = at.take_next(**more)
    return dossier.ticket.id if dossier else None


class TestOrder:
    def test_an_urgent_ticket_overtakes_a_thousand_ordinary_ones(self, desk: Desk) -> None:
        ordinary = [desk.waiting() for _ in range(1000)]
        desk.clock.advance(HOUR)
        urgent = desk.waiting("It caught fire and burned me")

        assert taken(desk.agent()) == urgent
        assert taken(desk.agent("bob")) in ordinary[:3]

    def test_agents_at_work_together_do_not_all_run_after_the_same_ticket(self, desk: Desk) -> None:
        """Lost races stay few, and none is bought with the order of what is due."""
        first = {desk.waiting() for _ in range(50)}
        desk.clock.advance(2 * SAME_TIME)
        for _ in range(20):
            desk.waiting()
        crew = [desk.agent(f"agent-{number}") for number in range(20)]
        assert len({next(iter(at.next_waiting())).id for at in crew}) == 1
        assert {taken(at) for at in crew} < first

        chosen = [next(iter(at.next_waiting())).id for at in crew]
        assert len(set(chosen)) > 5
        assert set(chosen) < first
        urgent = desk.waiting("It caught fire and burned me")
        assert {next(iter(at.next_waiting())).id for at in crew} == {urgent}

    def test_among_equals_the_oldest_comes_first(self, desk: Desk) -> None:
        """M25: by level, then by age."""
        first = desk.waiting()
        desk.clock.advance(MINUTE)
        second = desk.waiting()

        assert [taken(desk.agent()), taken(desk.agent())] == [first, second]

    def test_the_wait_survives_release_and_transfer(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.clock.advance(5 * HOUR)
        later = desk.waiting("Please answer asap")
        at = desk.agent()
        for give_back in (
            lambda: at.release(waiting),
            lambda: at.transfer(waiting, department="billing"),
        ):
            at.claim(waiting)
            give_back()

        found = desk.ticket(waiting)
        assert found.urgency.since == MORNING
        assert found.urgency.due < desk.ticket(later).urgency.due
        assert taken(desk.agent("bob")) == waiting

    def test_what_belongs_to_a_colleague_is_left_alone_until_it_is_overdue(
        self, desk: Desk
    ) -> None:
        waiting = desk.waiting()
        desk.agent().claim(waiting)
        desk.agent().transfer(waiting, to="bob")

        assert taken(desk.agent("cleo")) is None
        desk.clock.now = desk.ticket(waiting).urgency.due + MINUTE
        assert taken(desk.agent("cleo")) == waiting

    def test_a_department_takes_only_its_own(self, desk: Desk) -> None:
        desk.waiting()
        billing = desk.waiting()
        desk.agent().claim(billing)
        desk.agent().transfer(billing, department="billing")

        assert taken(desk.agent(), department="billing") == billing
        assert taken(desk.agent(), department="billing") is None


class TestTaking:
    def test_taking_hides_one_message_for_as_long_as_the_lease_lasts(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()

        assert taken(desk.agent("bob")) is None
        desk.clock.advance(LEASE + LEASE_GRACE)
        assert taken(desk.agent("bob")) == waiting

    def test_nothing_waits_and_nothing_is_taken(self, desk: Desk) -> None:
        assert desk.agent().take_next() is None

    def test_a_lost_message_delays_no_ticket(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.office.escalations.lose_everything()

        assert taken(desk.agent()) == waiting

    def test_a_queue_that_is_down_delays_no_ticket_and_is_told(self, desk: Desk) -> None:
        class Down:
            def receive(self, hidden: timedelta) -> None:
                raise QueueUnavailableError("down")

        waiting = desk.waiting()

        assert taken(desk.agent(escalations=Down())) == waiting
        assert "down" in desk.warnings[0]

    def test_messages_of_tickets_that_no_longer_wait_are_deleted(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.office.escalations.send(waiting)
        at = desk.agent()
        at.claim(waiting)
        at.reply(waiting, "Done.")

        assert at.take_next() is None
        assert desk.office.escalations.ticket_ids == []

    def test_a_message_of_an_unknown_ticket_stays(self, desk: Desk) -> None:
        desk.office.escalations.send("9999999999999999")

        assert desk.agent().take_next() is None
        assert desk.office.escalations.depth() == 1

    def test_claiming_what_a_colleague_holds_says_who(self, desk: Desk) -> None:
        """T12: the other is told who has it."""
        waiting = desk.waiting()
        desk.agent().claim(waiting)

        with pytest.raises(LeaseError, match="ada holds this ticket until"):
            desk.agent("bob").claim(waiting)

    def test_a_claim_that_fails_puts_its_message_back(self, desk: Desk) -> None:
        desk.waiting()
        with pytest.raises(NotFoundError):
            desk.agent().claim("9999999999999999")
        assert taken(desk.agent()) is not None

    def test_claiming_again_makes_the_lease_and_the_hiding_start_anew(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        desk.clock.advance(LEASE - MINUTE)
        at.claim(waiting)
        desk.clock.advance(LEASE - MINUTE)

        assert taken(desk.agent("bob")) is None
        at.reply(waiting, "Done.")
        assert desk.office.escalations.ticket_ids == []

    def test_ten_agents_at_once_take_ten_different_tickets(self, desk: Desk) -> None:
        ids = {desk.waiting() for _ in range(10)}
        found: list[str | None] = []
        barrier = threading.Barrier(10)

        def work(name: str) -> None:
            barrier.wait()
            found.append(taken(desk.agent(name)))

        threads = [threading.Thread(target=work, args=(f"agent-{n}",)) for n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(found) == ids


class TestHeartbeat:
    def test_it_keeps_ticket_and_message_while_an_agent_writes(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        for _ in range(12):
            desk.clock.advance(HEARTBEAT)
            at.extend(waiting)

        assert taken(desk.agent("bob")) is None
        assert at.reply(waiting, "Done.").state is State.ANSWERED
        assert desk.office.escalations.ticket_ids == []

    def test_it_says_who_took_over(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()
        desk.clock.advance(LEASE + LEASE_GRACE)
        desk.agent("bob").take_next()

        with pytest.raises(LeaseError, match="bob holds this ticket"):
            desk.agent().extend(waiting)


class TestReplying:
    def test_a_reply_is_stored_and_its_message_deleted(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        after = at.reply(waiting, " Grüße,\n你好 ", intent="refund")

        assert (after.state, after.assignee) == (State.ANSWERED, "ada")
        said = at.show(waiting).conversation.messages[-1]
        assert (said.text, said.author, said.intent) == ("Grüße,\n你好", "ada", "refund")
        assert desk.office.escalations.ticket_ids == []

    def test_the_same_reply_again_is_the_same_reply(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.reply(waiting, "Done.")

        assert at.reply(waiting, "Done.").state is State.ANSWERED
        assert len(at.show(waiting).conversation.messages) == 2
        with pytest.raises(IllegalMoveError):
            at.reply(waiting, "Something else.")
        with pytest.raises(IllegalMoveError):
            desk.agent("bob").reply(waiting, "Done.")

    def test_a_stale_reply_is_refused_with_who_has_it_now(self, desk: Desk) -> None:
        waiting = desk.waiting()
        first = desk.agent().take_next()
        assert first
        assert first.ticket.lease
        desk.clock.advance(LEASE + LEASE_GRACE)
        desk.agent("bob").take_next()

        with pytest.raises(LeaseError, match="bob holds this ticket"):
            desk.agent().reply(waiting, "Too late.", fence=first.ticket.lease.fence)

    def test_a_reply_under_an_older_lease_of_ones_own_is_refused(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.claim(waiting)

        with pytest.raises(LeaseError, match="older lease"):
            at.reply(waiting, "From the other window.", fence=1)

    @pytest.mark.parametrize("text", ["", " \n\t", "x" * 4001, "x" * 300_000])
    def test_a_blank_or_endless_reply_is_refused(self, desk: Desk, text: str) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()

        with pytest.raises(TextError):
            desk.agent().reply(waiting, text)
        assert desk.ticket(waiting).state is State.ESCALATED

    @pytest.mark.parametrize("text", ["Dear {name},", "Dear {{ name }},", "{order_number} is lost"])
    def test_an_unfilled_placeholder_is_refused(self, desk: Desk, text: str) -> None:
        """R7: no unfilled placeholder reaches a customer."""
        waiting = desk.waiting()
        desk.agent().take_next()

        with pytest.raises(PlaceholderError, match="agent, ticket"):
            desk.agent().reply(waiting, text)

    @pytest.mark.parametrize("text", ["{}", "{ 1, 2 }", "a {B} c", "x = {'a': 1}"])
    def test_other_braces_are_fine(self, desk: Desk, text: str) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()

        assert desk.agent().reply(waiting, text).state is State.ANSWERED


class TestCrashes:
    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize("at", range(1, 12))
    def test_a_death_at_any_call_ends_with_one_reply_or_a_ticket_that_comes_back(
        self, desk: Desk, at: int, *, after: bool
    ) -> None:
        waiting = desk.waiting()
        fuse = Fuse(at, after=after)
        doomed = desk.agent(
            tickets=fuse.guard(desk.office.tickets),
            escalations=fuse.guard(desk.office.escalations),
        )
        with suppress(Crash):
            doomed.take_next()
            doomed.reply(waiting, "From the first.")

        for _ in range(20):
            desk.clock.advance(5 * MINUTE)
            desk.office.reconcile()
        if desk.ticket(waiting).state is State.ESCALATED:
            assert taken(desk.agent("bob")) == waiting
            desk.agent("bob").reply(waiting, "From the second.")
        assert taken(desk.agent("bob")) is None
        replies = desk.office.texts(waiting)[1:]
        assert len(replies) == 1
        assert desk.office.escalations.ticket_ids == []


class TestOtherMoves:
    def test_snoozing_takes_it_away_until_its_time_and_then_it_is_back(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.snooze(waiting, MORNING + 2 * HOUR, note="The warehouse calls back.")

        assert at.take_next() is None
        assert desk.office.escalations.ticket_ids == []
        assert [each.id for each in at.find(Query(listings=(Listing.SNOOZED,)))] == [waiting]
        desk.clock.advance(HOUR)
        assert desk.office.reconcile().woken == 0
        desk.clock.advance(HOUR)
        assert desk.office.reconcile().woken == 1
        assert taken(desk.agent("bob")) is None  # it is ada's
        assert taken(at) == waiting

    def test_snoozing_into_the_past_is_refused(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()

        with pytest.raises(IllegalMoveError):
            desk.agent().snooze(waiting, MORNING - MINUTE)

    def test_a_snoozed_ticket_can_be_claimed_early(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.snooze(waiting, MORNING + 2 * HOUR)

        assert at.claim(waiting).ticket.snoozed_until is None
        assert at.reply(waiting, "Done.").state is State.ANSWERED

    def test_only_a_lead_moves_what_others_hold_and_it_is_marked(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()
        with pytest.raises(LeaseError, match="ada holds"):
            desk.agent("bob").transfer(waiting, to="cleo")

        before = desk.ticket(waiting)
        change = ticket.transfer(before, LEAD, now=desk.clock(), to="cleo", override=True)
        assert change.overrides
        holder = replace(LEAD, name="ada")
        own = ticket.transfer(before, holder, now=desk.clock(), to="cleo", override=True)
        assert not own.overrides
        with pytest.raises(NotAllowedError, match="bob is not a lead"):
            desk.agent("bob").transfer(waiting, to="cleo", override=True)
        replace(desk.agent(), agent=LEAD).transfer(waiting, to="cleo", override=True)
        with pytest.raises(LeaseError):
            desk.agent().reply(waiting, "Mine!")
        assert taken(desk.agent("cleo")) == waiting

    def test_closing_without_a_reply_and_reopening(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.close(waiting, note="Advertising.")

        assert desk.ticket(waiting).state is State.CLOSED
        assert desk.office.escalations.ticket_ids == []
        desk.clock.advance(HOUR)
        at.reopen(waiting, note="It was not.")
        found = desk.ticket(waiting)
        assert (found.state, found.reason) == (State.ESCALATED, Reason.REOPENED)
        assert found.urgency.since == MORNING + HOUR
        assert taken(at) == waiting

    @pytest.mark.parametrize(
        "move",
        [
            lambda at, i: at.close(i),
            lambda at, i: at.release(i),
            lambda at, i: at.snooze(i, MORNING + HOUR),
            lambda at, i: at.transfer(i, to="bob"),
            lambda at, i: at.reply(i, "Done."),
            lambda at, i: at.extend(i),
        ],
    )
    def test_nothing_is_done_to_a_ticket_that_is_not_held(
        self, desk: Desk, move: Callable[[Workplace, str], object]
    ) -> None:
        waiting = desk.waiting()

        with pytest.raises(LeaseError, match="claim it first"):
            move(desk.agent(), waiting)

    def test_a_note_is_for_colleagues_and_needs_no_lease(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent("bob").note(waiting, "I know her.")
        dossier = desk.agent().show(waiting)

        assert [(event.actor, event.note) for event in dossier.notes] == [("bob", "I know her.")]
        assert len(dossier.conversation.messages) == 1
        assert desk.agent().history(waiting)[-1].move is Move.NOTED

    def test_a_move_lost_to_a_colleague_is_made_again(self, desk: Desk) -> None:
        waiting = desk.waiting()

        class Busy(InMemoryTickets):
            misses = 2

            def commit(self, change: Any, submission: Any = None) -> None:
                if self.misses:
                    self.misses -= 1
                    raise ConflictError("busy")
                desk.tickets.commit(change, submission)

            def get(self, ticket_id: str) -> Any:
                return desk.tickets.get(ticket_id)

        desk.agent(tickets=Busy()).note(waiting, "At last.")
        assert desk.agent().show(waiting).notes


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
        assert ids(priority=Priority.HIGH) == [urgent]
        assert ids(intent="refund") == [urgent, plain, young]
        assert ids(intent="gift_card") == []
        assert ids(owner="bob") == [plain]
        assert ids(customer="kim@example.com") == [plain]
        assert ids(customer="C-1") == [urgent]
        assert ids(waiting_longer_than=30 * MINUTE) == [urgent, plain]
        assert ids(text="SPONSOR") == [young]
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

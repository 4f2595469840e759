"""Taking tickets: in which order, under which lease, and what becomes of the messages."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk.agents import LEASE, LEASE_GRACE
from helpdesk.agents.finding import SAME_TIME
from helpdesk.ports import ConflictError, NotFoundError, QueueUnavailableError, Submission
from helpdesk.ticket import Agent, Change, LeaseError, NotAllowedError, Role, State

from tests.desk import HOUR, MINUTE, Desk, taken
from tests.fakes import AUDITOR, KNOWN, MORNING, UNKNOWN, InMemoryTickets, Office

SECOND = timedelta(seconds=1)


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

    def test_a_lost_message_keeps_no_agent_waiting(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.office.escalations.lose_everything()

        assert taken(desk.agent()) == waiting

    def test_a_queue_that_is_down_keeps_no_agent_waiting_and_is_told(self, desk: Desk) -> None:
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

    @pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
    def test_who_may_not_take_a_ticket_hides_no_message_of_another(
        self, desk: Desk, role: Role
    ) -> None:
        other, grave = desk.waiting(), desk.waiting("My lawyer will sue you")
        bob = replace(desk.agent(), agent=Agent("bob", frozenset({role})))
        with pytest.raises(NotAllowedError, match="bob"):
            bob.claim(grave)

        waits = {desk.office.escalations.receive(LEASE) for _ in range(2)}
        assert {each.ticket_id for each in waits if each} == {other, grave}

    def test_who_only_reads_takes_nothing_and_hides_no_message(self, desk: Desk) -> None:
        waiting = desk.waiting()
        otto = replace(desk.agent(), agent=AUDITOR)
        with pytest.raises(NotAllowedError):
            otto.take_next()

        seen = desk.office.escalations.receive(LEASE)
        assert seen
        assert seen.ticket_id == waiting

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


class TestMessages:
    def test_leases_the_ticket_and_hides_its_message(self, office: Office, waiting: str) -> None:
        taken = office.take_next("ada")

        assert taken is not None
        assert taken.ticket.id == waiting
        assert taken.ticket.lease is not None
        assert taken.ticket.lease.until == office.clock() + LEASE
        assert office.take_next("bob") is None

    def test_an_empty_queue_is_nothing_to_do(self, office: Office) -> None:
        assert office.take_next() is None

    def test_two_agents_never_get_one_ticket(self, office: Office) -> None:
        """T12."""
        tickets = {office.submit(UNKNOWN).ticket_id for _ in range(50)}
        office.work_off()
        for ticket_id in tickets:
            office.escalations.send(ticket_id)

        with ThreadPoolExecutor(8) as agents:
            taken = list(agents.map(office.take_next, [f"agent-{n}" for n in range(60)]))

        ids = [conversation.ticket.id for conversation in taken if conversation]
        assert len(ids) == 50
        assert set(ids) == tickets

    def test_messages_of_settled_tickets_are_deleted_on_the_way(
        self, office: Office, waiting: str
    ) -> None:
        settled = office.submit(KNOWN).ticket_id
        office.process(settled)
        office.escalations.lose_everything()
        office.escalations.send(settled)
        office.escalations.send(waiting)

        taken = office.take_next()

        assert taken is not None
        assert taken.ticket.id == waiting
        assert office.escalations.ticket_ids == [waiting]

    def test_a_second_message_of_a_held_ticket_is_deleted(
        self, office: Office, waiting: str
    ) -> None:
        office.take_next("ada")
        office.escalations.send(waiting)

        assert office.take_next("bob") is None
        assert office.escalations.depth() == 1

    def test_a_message_of_an_unknown_ticket_is_left_to_the_dead_letters(
        self, office: Office
    ) -> None:
        office.escalations.send("0000000000000000")

        assert office.take_next() is None
        assert office.escalations.depth() == 1

    def test_a_ticket_that_moved_meanwhile_is_put_back_and_taken_again(
        self, office: Office, waiting: str
    ) -> None:
        class Contested(InMemoryTickets):
            refusals = 1

            def commit(self, change: Change, submission: Submission | None = None) -> None:
                if self.refusals:
                    self.refusals -= 1
                    raise ConflictError("moved")
                super().commit(change, submission)

        contested = Contested()
        contested.__dict__ |= office.tickets.__dict__
        office.tickets = contested

        taken = office.take_next()

        assert taken is not None
        assert taken.ticket.id == waiting

    def test_an_abandoned_ticket_comes_back_after_its_lease(
        self, office: Office, waiting: str
    ) -> None:
        """T11: listed again after the visibility time."""
        office.take_next("ada")

        office.clock.advance(LEASE - SECOND)
        assert office.take_next("bob") is None
        office.clock.advance(SECOND)
        taken = office.take_next("bob")

        assert taken is not None
        assert taken.ticket.id == waiting


class TestHeartbeat:
    def test_it_keeps_ticket_and_message_while_an_agent_writes(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        for _ in range(12):
            desk.clock.advance(at.heartbeat)
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

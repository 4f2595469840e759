"""What each move sets and refuses, to the letter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk import ticket
from helpdesk.ticket import (
    Agent,
    Await,
    Awaiting,
    Customer,
    IllegalMoveError,
    LeaseError,
    NotAllowedError,
    State,
    awaits,
    replay,
)
from helpdesk.triage import Answer, Ask, Escalate, Reason

from tests.fakes import ADA, BOB, LEAD, MORNING, PATIENCE
from tests.tickets import ARTICLES, LATER, LEASE, UNDERSTOOD, asleep, claimed, received, settled

SECOND = timedelta(seconds=1)


def answered() -> ticket.Ticket:
    return settled(Answer(ARTICLES[0]))


class TestSubmitting:
    def opened(self, text: str = "Where is my order?") -> ticket.Change:
        return ticket.submit(
            ticket_id="1" * 16,
            text=text,
            customer=Customer(),
            channel="web",
            token_hash="hash",
            now=MORNING + timedelta(microseconds=7),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )

    def test_a_ticket_is_kept_to_the_second_and_its_token_opens_it_for_as_long_as_it_may(
        self,
    ) -> None:
        """DynamoDB deletes what has expired by whole seconds."""
        after = self.opened().after

        assert after.expires_at == MORNING + timedelta(days=400)
        assert after.token_expires_at == MORNING + timedelta(days=90, microseconds=7)

    def test_lists_show_the_first_line_and_no_more_than_a_hundred_characters(self) -> None:
        assert self.opened("My order\nis late\nagain").after.subject == "My order"
        assert self.opened("x" * 101).after.subject == "x" * 100

    def test_an_ordinary_move_overrides_nothing(self) -> None:
        change = self.opened()

        assert not change.overrides
        assert not ticket.follow_up(change.after, "Hello?", now=LATER).overrides


class TestCustomers:
    def test_a_name_with_an_at_sign_is_an_address_and_any_other_a_reference(self) -> None:
        assert Customer.named("kim@example.com") == Customer(email="kim@example.com")
        assert Customer.named("C-17") == Customer(reference="C-17")

    @pytest.mark.parametrize(
        ("customer", "key"),
        [
            (Customer(email="Kim@Example.com", reference="C-17"), "EMAIL#kim@example.com"),
            (Customer(reference="C-17"), "REFERENCE#C-17"),
            (Customer(name="Kim"), None),
        ],
    )
    def test_customers_are_told_apart_by_address_or_else_reference(
        self, customer: Customer, key: str | None
    ) -> None:
        assert customer.key == key


class TestAwaiting:
    def test_a_customer_may_think_about_a_choice_for_a_day(self) -> None:
        """Then a person looks."""
        asked = settled(Ask(ARTICLES))

        due = MORNING + timedelta(hours=24)
        assert awaits(asked, PATIENCE) == (Await(Awaiting.CHOICE, due),)

    def test_a_held_ticket_has_time_until_its_lease_ends(self) -> None:
        due = MORNING + LEASE + PATIENCE

        assert awaits(claimed(), PATIENCE) == (Await(Awaiting.ESCALATION, due),)

    def test_a_snoozed_ticket_waits_for_its_moment_and_a_done_one_for_nothing(self) -> None:
        woken = MORNING + timedelta(days=1)

        assert awaits(asleep(), PATIENCE) == (Await(Awaiting.WAKING, woken),)
        assert awaits(answered(), PATIENCE) == ()


class TestLeases:
    @pytest.mark.parametrize(("first", "second"), [(ADA, BOB), (BOB, ADA)])
    def test_neither_of_two_agents_takes_what_the_other_holds(
        self, first: Agent, second: Agent
    ) -> None:
        waiting = settled(Escalate(Reason.LANGUAGE))
        held = ticket.claim(waiting, first, now=MORNING, length=LEASE).after

        with pytest.raises(LeaseError, match=f"{first.name} holds this ticket"):
            ticket.claim(held, second, now=MORNING, length=LEASE)

    def test_claiming_wakes_what_sleeps_and_records_no_waking_of_what_does_not(self) -> None:
        waiting = settled(Escalate(Reason.LANGUAGE))

        early = ticket.claim(asleep(), ADA, now=LATER, length=LEASE)
        plain = ticket.claim(waiting, ADA, now=LATER, length=LEASE)

        assert early.after.snoozed_until is None
        assert early.event.changed.keys() == {"lease", "fence", "snoozed_until"}
        assert plain.event.changed.keys() == {"lease", "fence"}

    def test_an_extended_lease_ends_so_much_later_than_now_and_keeps_its_fence(self) -> None:
        held = claimed()

        lease = ticket.extend(held, ADA, now=LATER, length=LEASE).after.lease

        assert held.lease
        assert lease == replace(held.lease, until=LATER + LEASE)

    @pytest.mark.parametrize("fence", [0, 2])
    def test_only_the_fence_of_the_lease_in_force_will_do(self, fence: int) -> None:
        with pytest.raises(LeaseError, match="older lease"):
            ticket.reply(claimed(), ADA, "Done.", now=LATER, fence=fence)

    @pytest.mark.parametrize("other", ["aaron", "zoe"])
    def test_the_end_of_a_lease_is_told_to_the_agent_who_had_it_only(self, other: str) -> None:
        ended = MORNING + LEASE

        with pytest.raises(LeaseError, match="your lease ended at 09:15 UTC"):
            ticket.release(claimed(), ADA, now=ended)
        with pytest.raises(LeaseError, match="no agent holds this ticket"):
            ticket.release(claimed(), Agent(other), now=ended)


class TestHandingOn:
    def test_it_takes_the_lease_unless_a_lead_overrides(self) -> None:
        waiting = settled(Escalate(Reason.LANGUAGE))

        with pytest.raises(LeaseError, match="claim it first"):
            ticket.transfer(waiting, LEAD, now=LATER, to="bob")
        with pytest.raises(NotAllowedError, match="ada is not a lead"):
            ticket.transfer(claimed(), ADA, now=LATER, to="bob", override=True)
        assert ticket.transfer(waiting, LEAD, now=LATER, to="bob", override=True).overrides

    @pytest.mark.parametrize("name", ["aaron", "zoe"])
    def test_what_another_agent_holds_is_overridden_and_what_the_lead_holds_is_not(
        self, name: str
    ) -> None:
        lead = replace(LEAD, name=name)
        own = ticket.claim(
            settled(Escalate(Reason.LANGUAGE)), lead, now=MORNING, length=LEASE
        ).after

        assert ticket.transfer(claimed(), lead, now=LATER, to="bob", override=True).overrides
        assert not ticket.transfer(own, lead, now=LATER, to="bob", override=True).overrides

    def test_an_agent_gets_it_within_its_department_and_a_department_from_any_agent(self) -> None:
        held = replace(claimed(), department="orders")

        to_bob = ticket.transfer(held, ADA, now=LATER, to="bob").after
        to_billing = ticket.transfer(held, ADA, now=LATER, department="billing").after

        assert (to_bob.assignee, to_bob.department) == ("bob", "orders")
        assert (to_billing.assignee, to_billing.department) == (None, "billing")
        assert to_bob.lease is None


class TestPuttingAside:
    @pytest.mark.parametrize("ago", [timedelta(0), SECOND])
    def test_only_until_a_moment_to_come(self, ago: timedelta) -> None:
        with pytest.raises(IllegalMoveError, match="a future moment"):
            ticket.snooze(claimed(), ADA, until=LATER - ago, now=LATER)

        assert ticket.snooze(claimed(), ADA, until=LATER + SECOND, now=LATER).after.snoozed_until

    def test_only_a_snoozed_ticket_is_woken(self) -> None:
        with pytest.raises(IllegalMoveError, match="not snoozed"):
            ticket.wake(claimed(), now=LATER)


class TestEnding:
    def test_what_was_answered_is_closed_by_any_agent(self) -> None:
        assert ticket.close(answered(), BOB, now=LATER).after.state is State.CLOSED

    def test_what_waits_is_closed_by_the_agent_who_holds_it_only(self) -> None:
        with pytest.raises(LeaseError, match="claim it first"):
            ticket.close(settled(Escalate(Reason.LANGUAGE)), ADA, now=LATER)
        with pytest.raises(LeaseError, match="ada holds this ticket"):
            ticket.close(claimed(), BOB, now=LATER)
        with pytest.raises(IllegalMoveError, match="received"):
            ticket.close(received(), ADA, now=LATER)

    def test_what_is_closed_is_not_closed_again(self) -> None:
        closed = ticket.close(answered(), ADA, now=LATER).after

        with pytest.raises(IllegalMoveError, match="the ticket is closed"):
            ticket.close(closed, ADA, now=LATER)


class TestReopening:
    @pytest.mark.parametrize("make", [received, claimed])
    def test_what_waits_already_is_not_reopened(self, make: Callable[[], ticket.Ticket]) -> None:
        with pytest.raises(IllegalMoveError, match="still open"):
            ticket.reopen(make(), ADA, now=LATER)


class TestSaying:
    def test_messages_are_numbered_one_after_the_other(self) -> None:
        change = ticket.reply(claimed(), ADA, "Done.", now=LATER)
        numbers = [said.number for said in change.messages]
        for text in ("And now?", "Hello?"):
            change = ticket.follow_up(change.after, text, now=LATER)
            numbers += [said.number for said in change.messages]

        assert numbers == [2, 3, 4]
        assert change.after.messages == 4


class TestRating:
    def test_a_customers_next_message_leaves_the_rating_of_the_reply(self) -> None:
        unhappy = ticket.rate(answered(), helpful=False, comment=None, now=LATER).after

        assert ticket.follow_up(unhappy, "Hello?", now=LATER).after.helpful is False

    def test_a_reply_clears_a_rating_only_where_there_is_one(self) -> None:
        unrated = claimed()
        rated = replace(unrated, helpful=False)

        assert "helpful" not in ticket.reply(unrated, ADA, "Done.", now=LATER).event.changed
        assert ticket.reply(rated, ADA, "Done.", now=LATER).after.helpful is None

    def test_praise_leaves_a_ticket_where_it_is(self) -> None:
        after = ticket.rate(answered(), helpful=True, comment=None, now=LATER).after

        assert (after.state, after.reason, after.helpful) == (State.ANSWERED, None, True)


class TestAsking:
    def test_it_is_remembered_that_the_customer_was_asked_and_what(self) -> None:
        change = ticket.settle(received(), UNDERSTOOD, Ask(ARTICLES), now=LATER)

        assert (change.after.asked, change.after.choices) == (True, ("refund", "cancel_order"))
        assert change.after.understanding == UNDERSTOOD

    def test_a_customer_who_does_not_choose_gets_a_person(self) -> None:
        after = ticket.give_up_asking(settled(Ask(ARTICLES)), now=LATER).after

        assert (after.state, after.reason) == (State.ESCALATED, Reason.AMBIGUOUS)
        with pytest.raises(IllegalMoveError, match="not asked"):
            ticket.give_up_asking(received(), now=LATER)


class TestTokens:
    def test_a_new_token_opens_a_ticket_no_longer_than_the_ticket_is_kept(self) -> None:
        soon, never = MORNING + timedelta(days=90), MORNING + timedelta(days=9999)
        before = received()

        renewed = ticket.rekey(before, ticket.CUSTOMER, "other", until=soon, now=LATER).after
        endless = ticket.rekey(before, ticket.CUSTOMER, "other", until=never, now=LATER).after

        assert (renewed.token_hash, renewed.token_expires_at) == ("other", soon)
        assert endless.token_expires_at == before.expires_at


def test_a_history_that_tells_an_event_twice_cannot_be_folded() -> None:
    waiting = settled(Escalate(Reason.LANGUAGE))
    claim = ticket.claim(waiting, ADA, now=LATER, length=LEASE)
    first = TestSubmitting().opened().event

    with pytest.raises(ValueError, match="event 2 is missing: found 1"):
        replay([first, first, claim.event])

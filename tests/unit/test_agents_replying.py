"""Replying: what is stored and refused, and every crash in between."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk.agents import LEASE, LEASE_GRACE, PlaceholderError
from helpdesk.ports import NotFoundError
from helpdesk.ticket import IllegalMoveError, LeaseError, State, TextError

from tests.desk import MINUTE, Desk, taken
from tests.fakes import UNKNOWN, Crash, Fuse, Office, announced


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

    def test_only_the_last_reply_of_a_long_conversation_can_be_sent_again(
        self, office: Office
    ) -> None:
        receipt = office.submit(UNKNOWN)
        office.work_off()
        at = office.at_work()
        for text in ("First.", "Second."):
            at.claim(receipt.ticket_id)
            at.reply(receipt.ticket_id, text)
            if text == "First.":
                office.follow_up(receipt, "And now?")

        assert at.reply(receipt.ticket_id, "Second.").state is State.ANSWERED
        with pytest.raises(IllegalMoveError):
            at.reply(receipt.ticket_id, "First.")
        assert office.texts(receipt.ticket_id)[-1] == "Second."

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

    def test_an_unfilled_placeholder_of_a_canned_reply_is_refused(self, desk: Desk) -> None:
        """R7: no unfilled placeholder reaches a customer."""
        waiting = desk.waiting()
        desk.agent().take_next()

        with pytest.raises(PlaceholderError, match="agent, ticket"):
            desk.agent().reply(waiting, "Dear {name}, in short:", canned=["hello"])

        assert desk.ticket(waiting).state is State.ESCALATED

    @pytest.mark.parametrize(
        "text", ["{}", "{ 1, 2 }", "a {B} c", "x = {'a': 1}", "GET /queries/{id}", "Dear {name}"]
    )
    def test_braces_that_an_agent_typed_are_text(self, desk: Desk, text: str) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()

        assert desk.agent().reply(waiting, text).state is State.ANSWERED

    def test_what_steers_a_screen_is_left_out_and_told(self, desk: Desk) -> None:
        waiting = desk.waiting()
        told: list[str] = []
        at = replace(desk.agent(), warn=told.append)
        at.take_next()

        at.reply(waiting, "Pay \u202eto\u202c us\r\nor \x1b[1mnot.\rDone")

        assert desk.office.texts(waiting)[-1] == "Pay to us\nor [1mnot.\nDone"
        assert told == [
            "3 invisible characters were left out of the reply: control characters or "
            "direction overrides"
        ]


class TestReply:
    def test_stores_the_text_and_settles_the_message(self, office: Office, waiting: str) -> None:
        """T5."""
        text = "Grüß Gott,\n\nja: wir packen alles ein ✅"
        office.take_next()
        office.clock.advance(timedelta(minutes=10))

        after = office.reply(waiting, text)

        assert after.state is State.ANSWERED
        assert office.texts(waiting)[-1] == text
        assert office.escalations.depth() == 0

    def test_a_blank_reply_is_refused_and_the_ticket_still_held(
        self, office: Office, waiting: str
    ) -> None:
        """T11."""
        office.take_next()

        with pytest.raises(TextError):
            office.reply(waiting, " \n ")
        assert office.ticket(waiting).lease is not None

    def test_who_does_not_hold_the_ticket_is_told_who_does(
        self, office: Office, waiting: str
    ) -> None:
        """T12."""
        office.take_next("ada")

        with pytest.raises(LeaseError, match="ada holds this ticket"):
            office.reply(waiting, agent="bob")
        assert office.texts(waiting) == [UNKNOWN, announced(office.ticket(waiting))]

    def test_a_stale_reply_is_refused_after_the_ticket_changed_hands(
        self, office: Office, waiting: str
    ) -> None:
        first = office.take_next("ada")
        office.clock.advance(LEASE + LEASE_GRACE)
        office.take_next("bob")
        assert first is not None

        with pytest.raises(LeaseError, match="bob holds this ticket"):
            office.reply(waiting, agent="ada", fence=first.ticket.fence)
        office.reply(waiting, "From Bob.", agent="bob")

        assert office.texts(waiting)[2:] == ["From Bob."]

    def test_a_reply_written_under_the_agents_own_older_lease_is_refused(
        self, office: Office, waiting: str
    ) -> None:
        first = office.take_next("ada")
        office.clock.advance(LEASE + LEASE_GRACE)
        second = office.take_next("ada")
        assert first is not None
        assert second is not None

        with pytest.raises(LeaseError, match="older lease"):
            office.reply(waiting, fence=first.ticket.fence)
        assert office.reply(waiting, fence=second.ticket.fence).state is State.ANSWERED

    def test_a_double_click_stores_one_reply(self, office: Office, waiting: str) -> None:
        office.take_next()
        office.reply(waiting, "Once.")

        office.reply(waiting, "Once.")
        with pytest.raises(IllegalMoveError, match="answered"):
            office.reply(waiting, "Twice.")
        assert office.texts(waiting)[2:] == ["Once."]

    def test_an_unknown_ticket_is_not_found(self, office: Office) -> None:
        with pytest.raises(NotFoundError):
            office.reply("0000000000000000")


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

"""The moves with which agents arrange tickets: open, tag, mark as spam, merge, split, add."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.ticket import (
    Change,
    Customer,
    IllegalMoveError,
    LeaseError,
    Move,
    NotAllowedError,
    State,
    TagError,
    TextError,
    Ticket,
    replay,
)
from helpdesk.ticket.arranging import MOST_TAGS
from helpdesk.ticket.changing import LARGEST_FAMILY
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import ADA, AUDITOR, BOB, MORNING
from tests.tickets import ARTICLES, LATER, LEASE, claimed, received, settled

DAY = timedelta(days=1)


def waiting() -> Ticket:
    return settled(Escalate(Reason.LOW_CONFIDENCE))


def answered() -> Ticket:
    return ticket.reply(claimed(), ADA, "Done.", now=LATER).after


def another(of: Ticket | None = None) -> Ticket:
    return replace(of or waiting(), id="2" * 16)


def opened(**more: Any) -> Change:
    given: dict[str, Any] = {
        "ticket_id": "1" * 16,
        "text": "Wants to know when the sofa comes.",
        "customer": Customer(reference="C-17"),
        "channel": "phone",
        "received": MORNING - DAY,
        "token_hash": "hash",
        "now": MORNING,
        "token_life": 90 * DAY,
        "retention": 400 * DAY,
    }
    return ticket.open_for(more.pop("agent", ADA), **{**given, **more})


class TestOpening:
    def test_people_get_it_the_agent_first_and_the_customer_waits_since_it_came(self) -> None:
        change = opened()
        of = change.after

        assert (of.state, of.reason, of.assignee) == (
            State.ESCALATED,
            Reason.OPENED_BY_AGENT,
            "ada",
        )
        assert (of.created_at, of.urgency.since) == (MORNING - DAY, MORNING - DAY)
        assert (change.event.at, change.event.actor) == (MORNING, "ada")
        assert of.expires_at == MORNING + 400 * DAY
        assert of.token_expires_at == MORNING + 90 * DAY
        assert [said.text for said in change.messages] == ["Wants to know when the sofa comes."]
        assert replay([change.event]) == of

    @pytest.mark.parametrize(
        ("received", "why"),
        [(MORNING + DAY, "in the future"), (MORNING - 400 * DAY, "kept for 400 days")],
    )
    def test_a_date_that_cannot_be_is_refused(self, received: Any, why: str) -> None:
        with pytest.raises(IllegalMoveError, match=why):
            opened(received=received)

    def test_a_blank_text_and_an_auditor_are_refused(self) -> None:
        with pytest.raises(TextError):
            opened(text=" ")
        with pytest.raises(NotAllowedError, match="otto may read tickets, but may not open them"):
            opened(agent=AUDITOR)


class TestAnotherMessage:
    def test_it_leaves_the_ticket_answered(self) -> None:
        change = ticket.add(answered(), BOB, "And the number is 17.", now=LATER)

        assert change.after.state is State.ANSWERED
        assert change.after.assignee == "ada"
        assert [(said.author, said.number) for said in change.messages] == [("bob", 3)]

    @pytest.mark.parametrize(
        "of", [waiting, received, lambda: ticket.close(answered(), ADA, now=LATER).after]
    )
    def test_only_an_answered_ticket_takes_one(self, of: Callable[[], Ticket]) -> None:
        with pytest.raises(IllegalMoveError, match=r"not answered; (reply to it|reopen it first)"):
            ticket.add(of(), ADA, "And?", now=LATER)


class TestTags:
    def test_tags_have_one_form(self) -> None:
        change = ticket.tag(waiting(), BOB, now=LATER, add=[" Christmas", "vip-2"])

        assert change.after.tags == {"christmas", "vip-2"}
        assert change.event.changed == {"tags": {"christmas", "vip-2"}}

    def test_they_are_taken_off_again(self) -> None:
        tagged = ticket.tag(waiting(), ADA, now=LATER, add=["a", "b"]).after

        assert ticket.tag(tagged, ADA, now=LATER, remove=["b"]).after.tags == {"a"}

    @pytest.mark.parametrize("text", ["", "two words", "-a", "a" * 31, "ü", "a,b", "=1+1"])
    def test_what_is_not_a_tag_is_refused(self, text: str) -> None:
        with pytest.raises(TagError, match="is not a tag; write up to 30"):
            ticket.tag(waiting(), ADA, now=LATER, add=[text])

    def test_a_change_of_nothing_and_too_many_are_refused(self) -> None:
        with pytest.raises(IllegalMoveError, match="these tags already"):
            ticket.tag(waiting(), ADA, now=LATER, remove=["c"])
        many = [f"t{number}" for number in range(MOST_TAGS)]
        full = ticket.tag(waiting(), ADA, now=LATER, add=many).after
        with pytest.raises(IllegalMoveError, match="at most 20 tags"):
            ticket.tag(full, ADA, now=LATER, add=["one-more"])


class TestSpam:
    @pytest.mark.parametrize("of", [waiting, received, answered, claimed])
    def test_it_closes_the_ticket_with_the_tag(self, of: Callable[[], Ticket]) -> None:
        change = ticket.spam(of(), ADA, now=LATER, note="Watches again.")

        assert (change.after.state, change.after.tags) == (State.CLOSED, {"spam"})
        assert change.event.note == "Watches again."
        assert change.after.lease is None

    def test_not_while_a_colleague_holds_it_and_not_twice(self) -> None:
        with pytest.raises(LeaseError, match="ada holds"):
            ticket.spam(claimed(), BOB, now=LATER)
        with pytest.raises(IllegalMoveError, match="closed already"):
            ticket.spam(ticket.spam(waiting(), ADA, now=LATER).after, ADA, now=LATER)

    def test_reopening_takes_the_tag_off(self) -> None:
        junk = ticket.spam(ticket.tag(waiting(), ADA, now=LATER, add=["x"]).after, ADA, now=LATER)

        assert ticket.reopen(junk.after, ADA, now=LATER).after.tags == {"x"}


class TestMerging:
    def test_both_know_each_other_and_the_member_ends(self) -> None:
        of_root, of_other = ticket.merge(waiting(), another(), ADA, now=LATER, note="Same sofa.")

        assert of_root.after.merged == {"2" * 16}
        assert of_root.after.state is State.ESCALATED
        assert (of_other.after.merged_into, of_other.after.merged_at) == ("1" * 16, LATER)
        assert of_other.after.state is State.CLOSED
        assert {of_root.event.move, of_other.event.move} == {Move.MERGED}
        assert (of_root.event.note, of_other.event.note) == ("Same sofa.", "Same sofa.")

    def test_it_can_be_taken_apart_and_people_get_it(self) -> None:
        of_root, of_other = ticket.merge(waiting(), another(answered()), ADA, now=LATER)
        root, other = ticket.split(of_root.after, of_other.after, BOB, now=LATER + DAY)

        assert root.after.merged == frozenset()
        assert (other.after.merged_into, other.after.merged_at) == (None, None)
        assert (other.after.state, other.after.reason) == (State.ESCALATED, Reason.SPLIT)
        assert other.after.urgency.since == LATER + DAY

    def test_a_merged_ticket_is_not_reopened_but_split(self) -> None:
        _, of_other = ticket.merge(waiting(), another(), ADA, now=LATER)

        with pytest.raises(IllegalMoveError, match=f"merged into {'1' * 16}; split it instead"):
            ticket.reopen(of_other.after, ADA, now=LATER)

    def test_what_its_customer_writes_when_the_root_is_gone_wakes_it(self) -> None:
        _, of_other = ticket.merge(waiting(), another(), ADA, now=LATER)
        heard = ticket.follow_up(of_other.after, "And now?", now=LATER).after

        assert (heard.state, heard.merged_into, heard.merged_at) == (State.RECEIVED, None, None)

    @pytest.mark.parametrize(
        ("root", "other", "why"),
        [
            (waiting(), waiting(), "into itself"),
            (replace(waiting(), merged_into="3" * 16), another(), "merged into 3+ already"),
            (waiting(), another(replace(waiting(), merged_into="3" * 16)), "split it first"),
            (waiting(), another(replace(waiting(), merged=frozenset("x"))), "holds merged tickets"),
            (
                replace(waiting(), merged=frozenset(map(str, range(LARGEST_FAMILY)))),
                another(),
                "holds 50 tickets already",
            ),
            (ticket.close(answered(), ADA, now=LATER).after, another(), "closed; reopen it first"),
        ],
    )
    def test_what_cannot_be_merged(self, root: Ticket, other: Ticket, why: str) -> None:
        with pytest.raises(IllegalMoveError, match=why):
            ticket.merge(root, other, ADA, now=LATER)

    def test_not_while_a_colleague_holds_it(self) -> None:
        with pytest.raises(LeaseError, match="ada holds"):
            ticket.merge(waiting(), another(claimed()), BOB, now=LATER)

        assert ticket.merge(claimed(), another(), BOB, now=MORNING + LEASE)[0].after.lease

    def test_what_is_not_merged_is_not_split(self) -> None:
        with pytest.raises(IllegalMoveError, match="is not merged into"):
            ticket.split(waiting(), another(), ADA, now=LATER)


def test_auditors_arrange_nothing() -> None:
    moves: list[Callable[[], object]] = [
        lambda: ticket.add(answered(), AUDITOR, "Hi", now=LATER),
        lambda: ticket.tag(waiting(), AUDITOR, now=LATER, add=["a"]),
        lambda: ticket.spam(waiting(), AUDITOR, now=LATER),
        lambda: ticket.merge(waiting(), another(), AUDITOR, now=LATER),
    ]
    for move in moves:
        with pytest.raises(NotAllowedError):
            move()


def test_an_automatic_answer_takes_another_message_too() -> None:
    assert ticket.add(settled(Answer(ARTICLES[0])), ADA, "One more thing.", now=LATER)

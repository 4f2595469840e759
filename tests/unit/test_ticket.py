"""A ticket's legal moves, its leases, and its history."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.knowledge import Priority
from helpdesk.ticket import (
    Agent,
    Change,
    Customer,
    IllegalMoveError,
    LeaseError,
    Move,
    Source,
    State,
    TextError,
    Ticket,
    replay,
)
from helpdesk.triage import Answer, Escalate, Reason
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import ADA, BOB, CAROL, MORNING, an_article, an_understanding

MINUTE = timedelta(minutes=1)
LEASE = 15 * MINUTE
UNDERSTOOD = an_understanding(("refund", 0.9))
ANSWER = Answer(an_article("refund", priority=Priority.LOW))
ESCALATE = Escalate(Reason.OUT_OF_SCOPE)


def opened(text: str = "Where is my order?") -> Change:
    return ticket.submit(
        ticket_id="0123456789abcdef",
        text=text,
        customer=Customer(email="ada@example.com"),
        channel="web",
        token_hash="hash",
        now=MORNING,
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )


def answered() -> Ticket:
    return ticket.settle(opened().after, UNDERSTOOD, ANSWER, now=MORNING).after


def escalated() -> Ticket:
    return ticket.settle(opened().after, UNDERSTOOD, ESCALATE, now=MORNING).after


def claimed(agent: Agent = ADA, receipt: str | None = "receipt-1") -> Ticket:
    claim = ticket.claim(escalated(), agent, now=MORNING, length=LEASE, receipt=receipt)
    return claim.after


def replied() -> Ticket:
    return ticket.reply(claimed(), ADA, "Done.", now=MORNING).after


def test_a_submission_is_a_received_ticket_with_the_question_as_its_first_message() -> None:
    change = opened("  Where is my order?\n")

    assert change.before is None
    assert (change.after.state, change.after.version) == (State.RECEIVED, 1)
    assert change.event.move is Move.SUBMITTED
    assert [(said.number, said.source, said.text) for said in change.messages] == [
        (1, Source.CUSTOMER, "Where is my order?")
    ]


def test_an_answer_is_the_articles_text_unchanged_and_takes_over_its_labels() -> None:
    """T2: the stored text unchanged, source automatic."""
    change = ticket.settle(opened().after, UNDERSTOOD, ANSWER, now=MORNING)

    (said,) = change.messages
    assert (said.number, said.source, said.text, said.intent) == (
        2,
        Source.AUTOMATIC,
        ANSWER.article.answer,
        "refund",
    )
    after = change.after
    assert (after.state, after.reason) == (State.ANSWERED, None)
    assert (after.priority, after.category, after.department) == (Priority.LOW, "orders", "orders")
    assert after.understanding == UNDERSTOOD


def test_an_escalation_without_acknowledgement_says_nothing() -> None:
    change = ticket.settle(opened().after, UNDERSTOOD, ESCALATE, now=MORNING)

    assert change.messages == ()
    assert (change.after.state, change.after.reason) == (State.ESCALATED, Reason.OUT_OF_SCOPE)


def test_an_acknowledgement_is_said_and_the_ticket_still_escalates() -> None:
    """T6: acknowledgement text and an escalation."""
    person = an_article("speak_to_human", needs_person=True, priority=Priority.HIGH)
    decision = Escalate(Reason.ASKED_FOR_PERSON, person)

    change = ticket.settle(opened().after, UNDERSTOOD, decision, now=MORNING)

    assert [said.text for said in change.messages] == [person.answer]
    assert (change.after.state, change.after.priority) == (State.ESCALATED, Priority.HIGH)


def test_a_ticket_that_cannot_be_processed_goes_to_people_with_high_priority() -> None:
    after = ticket.give_up(opened().after, now=MORNING).after

    assert (after.state, after.reason, after.priority) == (
        State.ESCALATED,
        Reason.PROCESSING_FAILED,
        Priority.HIGH,
    )


def settle(of: Ticket) -> Change:
    return ticket.settle(of, UNDERSTOOD, ANSWER, now=MORNING)


def give_up(of: Ticket) -> Change:
    return ticket.give_up(of, now=MORNING)


def claim(of: Ticket) -> Change:
    return ticket.claim(of, ADA, now=MORNING, length=LEASE)


def release(of: Ticket) -> Change:
    return ticket.release(of, ADA, now=MORNING)


def reply(of: Ticket) -> Change:
    return ticket.reply(of, ADA, "Done.", now=MORNING)


@pytest.mark.parametrize(
    ("make", "state"),
    [
        (settle, answered),
        (settle, escalated),
        (settle, replied),
        (give_up, answered),
        (give_up, escalated),
        (claim, lambda: opened().after),
        (claim, answered),
        (claim, replied),
        (release, lambda: opened().after),
        (release, answered),
        (reply, lambda: opened().after),
        (reply, answered),
        (reply, replied),
    ],
)
def test_an_illegal_move_is_refused_and_names_the_state(
    make: Callable[[Ticket], Change], state: Callable[[], Ticket]
) -> None:
    before = state()

    with pytest.raises(IllegalMoveError, match=f"the ticket is {before.state}"):
        make(before)


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u00a0\u2003", "\x1c\x1d"])
def test_a_blank_text_is_refused(blank: str) -> None:
    """T11: a blank reply is refused."""
    with pytest.raises(TextError, match="blank"):
        ticket.reply(claimed(), ADA, blank, now=MORNING)


@pytest.mark.parametrize("text", ["x" * ticket.MAX_TEXT, "é" * ticket.MAX_TEXT, " x " * 1_000])
def test_a_text_of_the_allowed_length_is_taken(text: str) -> None:
    assert ticket.reply(claimed(), ADA, text, now=MORNING).messages[0].text == text.strip()


def test_a_text_over_the_allowed_length_is_refused_with_both_numbers() -> None:
    with pytest.raises(TextError, match=r"4001 characters; at most 4000"):
        ticket.reply(claimed(), ADA, "x" * (ticket.MAX_TEXT + 1), now=MORNING)


def test_a_reply_of_several_lines_is_kept_as_written() -> None:
    """T5: three lines with non-ASCII characters come back unchanged."""
    text = "Grüß Gott,\nшлём посылку завтра ✅\n\u05e9\u05dc\u05d5\u05dd"

    assert ticket.reply(claimed(), ADA, text, now=MORNING).messages[0].text == text


def test_a_reply_answers_the_ticket_ends_the_lease_and_names_its_author() -> None:
    change = ticket.reply(claimed(), ADA, "Done.", now=MORNING)

    assert (change.after.state, change.after.lease) == (State.ANSWERED, None)
    assert (change.messages[0].source, change.messages[0].author) == (Source.AGENT, "ada")


def test_a_lease_is_in_force_until_its_end_and_not_at_it() -> None:
    held = claimed()

    assert held.held_by(MORNING + LEASE - timedelta(microseconds=1)) == held.lease
    assert held.held_by(MORNING + LEASE) is None


def test_a_second_agent_is_refused_and_told_who_holds_the_ticket() -> None:
    """T12: the other is told who has it."""
    with pytest.raises(LeaseError, match=r"ada holds this ticket until 09:15 UTC"):
        ticket.claim(claimed(), BOB, now=MORNING, length=LEASE)


def test_after_the_lease_another_agent_may_claim_with_a_higher_fence() -> None:
    first = claimed(ADA)

    second = ticket.claim(first, BOB, now=MORNING + LEASE, length=LEASE, receipt="r2").after

    assert first.lease is not None
    assert second.lease is not None
    assert second.lease.agent == "bob"
    assert second.lease.fence > first.lease.fence
    assert second.lease.receipt == "r2"


def test_claiming_anew_renews_the_lease_and_keeps_the_receipt() -> None:
    renewed = ticket.claim(claimed(), ADA, now=MORNING + MINUTE, length=LEASE).after

    assert renewed.lease is not None
    assert renewed.lease.until == MORNING + MINUTE + LEASE
    assert renewed.lease.receipt == "receipt-1"


def test_a_reply_under_an_older_fence_is_refused() -> None:
    renewed = ticket.claim(claimed(), ADA, now=MORNING, length=LEASE).after

    with pytest.raises(LeaseError, match="older lease"):
        ticket.reply(renewed, ADA, "Done.", now=MORNING, fence=1)
    assert ticket.reply(renewed, ADA, "Done.", now=MORNING, fence=2).after.state == "answered"


@pytest.mark.parametrize("make", [release, reply])
def test_only_the_holder_may_move_a_leased_ticket(make: Callable[[Ticket], Change]) -> None:
    with pytest.raises(LeaseError, match="bob holds this ticket"):
        make(claimed(BOB))


@pytest.mark.parametrize("make", [release, reply])
def test_a_ticket_without_a_lease_must_be_claimed_first(make: Callable[[Ticket], Change]) -> None:
    with pytest.raises(LeaseError, match="no agent holds"):
        make(escalated())


def test_a_reply_after_the_lease_says_when_it_ended() -> None:
    with pytest.raises(LeaseError, match=r"your lease ended at 09:15 UTC"):
        ticket.reply(claimed(), ADA, "Done.", now=MORNING + LEASE)


def test_what_its_customer_closed_asleep_is_awake_when_reopened() -> None:
    asleep = ticket.snooze(claimed(), ADA, until=MORNING + 60 * MINUTE, now=MORNING).after
    closed = ticket.withdraw(asleep, now=MORNING).after

    assert ticket.reopen(closed, ADA, now=MORNING).after.snoozed_until is None


def test_releasing_ends_the_lease_and_the_ticket_waits_again() -> None:
    after = ticket.release(claimed(), ADA, now=MORNING).after

    assert (after.state, after.lease) == (State.ESCALATED, None)


AGENTS = st.sampled_from([ADA, BOB, CAROL])
STEP: st.SearchStrategy[tuple[str, Any]] = st.one_of(
    st.tuples(st.just("settle"), st.sampled_from([ANSWER, ESCALATE])),
    st.tuples(st.just("give_up"), st.none()),
    st.tuples(st.just("claim"), AGENTS),
    st.tuples(st.just("release"), AGENTS),
    st.tuples(st.just("reply"), AGENTS),
    st.tuples(st.sampled_from(["extend", "note", "transfer", "snooze", "close", "reopen"]), AGENTS),
    st.tuples(st.just("wake"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


MOVES: dict[str, Callable[[Ticket, Any, datetime], Change]] = {
    "settle": lambda of, what, now: ticket.settle(of, UNDERSTOOD, what, now=now),
    "give_up": lambda of, _, now: ticket.give_up(of, now=now),
    "claim": lambda of, who, now: ticket.claim(of, who, now=now, length=LEASE),
    "extend": lambda of, who, now: ticket.extend(of, who, now=now, length=LEASE),
    "release": lambda of, who, now: ticket.release(of, who, now=now),
    "note": lambda of, who, now: ticket.note(of, who, "Called back.", now=now),
    "transfer": lambda of, who, now: ticket.transfer(of, who, to="bob", now=now),
    "snooze": lambda of, who, now: ticket.snooze(of, who, until=now + MINUTE, now=now),
    "wake": lambda of, _, now: ticket.wake(of, now=now),
    "reply": lambda of, who, now: ticket.reply(of, who, "Done.", now=now),
    "close": lambda of, who, now: ticket.close(of, who, now=now),
    "reopen": lambda of, who, now: ticket.reopen(of, who, now=now),
}


def history(steps: list[tuple[str, Any]]) -> list[Change]:
    """Make every step that is legal when its turn comes."""
    now = MORNING
    changes = [opened()]
    for name, what in steps:
        if name == "wait":
            now += what * MINUTE
            continue
        with suppress(IllegalMoveError, LeaseError):
            changes.append(MOVES[name](changes[-1].after, what, now))
    return changes


@given(st.lists(STEP, max_size=25))
def test_folding_the_events_gives_the_ticket(steps: list[tuple[str, Any]]) -> None:
    changes = history(steps)

    assert replay(change.event for change in changes) == changes[-1].after


@given(st.lists(STEP, max_size=25))
def test_any_history_keeps_the_books(steps: list[tuple[str, Any]]) -> None:
    """Versions count events, messages are numbered without a gap, each reply ends one wait."""
    changes = history(steps)
    messages = [message for change in changes for message in change.messages]
    last = changes[-1].after

    assert [change.event.number for change in changes] == list(range(1, len(changes) + 1))
    assert [message.number for message in messages] == list(range(1, last.messages + 1))
    made = [change.event.move for change in changes]
    assert made.count(Move.ESCALATED) <= 1
    assert made.count(Move.REPLIED) <= 1 + made.count(Move.REOPENED)
    assert made.count(Move.REPLIED) == sum(said.source is Source.AGENT for said in messages)
    assert all(one.after == two.before for one, two in pairwise(changes))


@given(st.lists(STEP, max_size=25))
def test_every_lease_has_a_fence_of_its_own(steps: list[tuple[str, Any]]) -> None:
    claims = [change.after for change in history(steps) if change.event.move is Move.CLAIMED]
    fences = [claim.fence for claim in claims]

    assert fences == list(range(1, len(fences) + 1))
    assert fences == [claim.lease.fence for claim in claims if claim.lease]


def test_a_history_with_a_gap_cannot_be_folded() -> None:
    first = opened()
    third = ticket.claim(escalated(), ADA, now=MORNING, length=LEASE)

    with pytest.raises(ValueError, match="event 2 is missing"):
        replay([first.event, third.event])


def test_no_history_is_no_ticket() -> None:
    with pytest.raises(ValueError, match="no events"):
        replay([])

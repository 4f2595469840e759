"""A ticket's life as a whole: no move leaves behind what belongs to the state before."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from helpdesk import stats, ticket
from helpdesk.ticket import (
    Change,
    IllegalMoveError,
    LeaseError,
    Move,
    NotAllowedError,
    StaleDraftError,
    State,
    Ticket,
)
from helpdesk.triage import Answer, Ask, Escalate, Reason

from tests.fakes import ADA, AUDITOR, BOB, LEAD, MORNING, Office, an_article, an_understanding
from tests.tickets import (
    ARTICLES,
    LATER,
    LEASE,
    UNDERSTOOD,
    a_draft,
    asleep,
    claimed,
    in_review,
    received,
    settled,
)


def rated(*, helpful: bool) -> Ticket:
    return ticket.rate(settled(Answer(ARTICLES[0])), helpful=helpful, comment=None, now=LATER).after


SITUATIONS: dict[str, Callable[[], Ticket]] = {
    "received": received,
    "asked": lambda: settled(Ask(ARTICLES)),
    "asked, then written": lambda: ticket.follow_up(settled(Ask(ARTICLES)), "1", now=LATER).after,
    "escalated": lambda: settled(Escalate(Reason.LOW_CONFIDENCE)),
    "held": claimed,
    "asleep": asleep,
    "with a draft": in_review,
    "answered": lambda: settled(Answer(ARTICLES[0])),
    "answered and rated": lambda: rated(helpful=True),
    "did not help": lambda: rated(helpful=False),
    "answered by an agent": lambda: ticket.reply(claimed(), ADA, "Done.", now=LATER).after,
    "closed by an agent": lambda: ticket.close(claimed(), ADA, now=LATER).after,
    "closed by its customer while asked": lambda: (
        ticket.withdraw(settled(Ask(ARTICLES)), now=LATER).after
    ),
    "closed by its customer while asleep": lambda: ticket.withdraw(asleep(), now=LATER).after,
}

MOVES: dict[str, Callable[[Ticket], Change]] = {
    "answer": lambda of: ticket.settle(of, UNDERSTOOD, Answer(ARTICLES[0]), now=LATER),
    "ask": lambda of: ticket.settle(of, UNDERSTOOD, Ask(ARTICLES), now=LATER),
    "escalate": lambda of: ticket.settle(of, UNDERSTOOD, Escalate(Reason.LANGUAGE), now=LATER),
    "follow up": lambda of: ticket.follow_up(of, "And now?", now=LATER),
    "praise": lambda of: ticket.rate(of, helpful=True, comment=None, now=LATER),
    "complain": lambda of: ticket.rate(of, helpful=False, comment="No.", now=LATER),
    "withdraw": lambda of: ticket.withdraw(of, now=LATER),
    "give up": lambda of: ticket.give_up(of, now=LATER),
    "give up asking": lambda of: ticket.give_up_asking(of, now=LATER),
    "wake": lambda of: ticket.wake(of, now=LATER),
    "claim": lambda of: ticket.claim(of, ADA, now=LATER, length=LEASE),
    "extend": lambda of: ticket.extend(of, ADA, now=LATER, length=LEASE),
    "release": lambda of: ticket.release(of, ADA, now=LATER),
    "transfer": lambda of: ticket.transfer(of, LEAD, now=LATER, to="bob", override=True),
    "snooze": lambda of: ticket.snooze(of, ADA, until=LATER + LEASE, now=LATER),
    "reply": lambda of: ticket.reply(of, ADA, "Done.", now=LATER),
    "close": lambda of: ticket.close(of, ADA, now=LATER),
    "draft again": lambda of: ticket.redraft(of, a_draft(), instead_of=2, now=LATER),
    "dismiss": lambda of: ticket.dismiss(of, ADA, 2, now=LATER),
    "reopen": lambda of: ticket.reopen(of, BOB, now=LATER),
}


def changes() -> list[tuple[str, Change]]:
    """Return every legal move from every situation."""
    found = []
    for situation, make in SITUATIONS.items():
        for name, move in MOVES.items():
            with suppress(IllegalMoveError, LeaseError, StaleDraftError):
                found.append((f"{situation}: {name}", move(make())))
    return found


CHANGES = changes()


def test_there_is_something_to_look_at() -> None:
    assert len(CHANGES) > 60
    assert {change.after.state for _, change in CHANGES} == set(State)


@pytest.mark.parametrize("change", [each for _, each in CHANGES], ids=[name for name, _ in CHANGES])
def test_no_move_leaves_behind_what_belongs_to_the_state_before(change: Change) -> None:
    after = change.after
    if after.state is not State.ESCALATED:
        assert after.lease is None
        assert after.snoozed_until is None
    if after.state not in {State.ASKED, State.RECEIVED}:
        assert after.choices == ()
    if after.state in {State.RECEIVED, State.ASKED}:
        assert after.reason is None
        assert after.helpful is None
    if after.state is State.ESCALATED:
        assert after.reason is not None
    if after.state is not State.ESCALATED or change.messages:
        assert not after.in_review
    if after.state is State.ASKED:
        assert after.choices == ("refund", "cancel_order")


@pytest.mark.parametrize("change", [each for _, each in CHANGES], ids=[name for name, _ in CHANGES])
def test_people_who_get_a_ticket_are_told_why_and_it_counts_as_an_escalation(
    change: Change,
) -> None:
    got = change.after.state is State.ESCALATED and (
        change.before is None or change.before.state is not State.ESCALATED
    )
    counted = stats.count([stats.happening(change)], MORNING, LATER)

    assert counted.escalated == got
    assert counted.reasons == ({change.after.reason: 1} if got else {})
    assert sum(each.escalated for each in counted.intents) == (
        got and change.after.understanding is not None
    )


def test_a_choice_of_a_reopened_ticket_is_forgotten() -> None:
    """A later "1" must not get the article that was offered before an agent took over."""
    reopened = ticket.reopen(settled(Ask(ARTICLES)), ADA, now=LATER).after
    replied = ticket.claim(reopened, ADA, now=LATER, length=LEASE).after
    replied = ticket.reply(replied, ADA, "Which order do you mean?", now=LATER).after

    assert ticket.follow_up(replied, "1", now=LATER).after.choices == ()


def test_a_reopened_choice_is_not_answered_from_a_stale_article() -> None:
    office = Office.open()
    office.articles.put(an_article("cancel_order"))
    office.understander.script["which?"] = an_understanding(("refund", 0.5), ("cancel_order", 0.45))
    ticket_id = office.submit("which?").ticket_id
    office.work_off()
    assert office.ticket(ticket_id).state is State.ASKED
    at = office.at_work()
    at.reopen(ticket_id)

    before = office.texts(ticket_id)
    office.tickets.commit(ticket.follow_up(office.ticket(ticket_id), "1", now=office.clock()))
    office.intake.send(ticket_id)
    office.work_off()

    assert office.ticket(ticket_id).state is State.ESCALATED
    assert office.texts(ticket_id) == [*before, "1"]


def test_a_new_reply_has_no_rating_yet() -> None:
    unhappy = ticket.claim(rated(helpful=False), ADA, now=LATER, length=LEASE).after
    assert unhappy.helpful is False

    assert ticket.reply(unhappy, ADA, "Better?", now=LATER).after.helpful is None


def test_what_did_not_help_goes_to_people_at_once_and_waits_from_then() -> None:
    change = ticket.rate(settled(Answer(ARTICLES[0])), helpful=False, comment="No.", now=LATER)

    assert (change.after.state, change.after.reason) == (State.ESCALATED, Reason.NOT_HELPED)
    assert change.after.urgency.since == LATER
    assert change.after.priority == change.after.urgency.priority(LATER)
    assert (change.event.move, change.event.note) == (Move.RATED, "No.")


def test_a_closed_ticket_is_rated_and_stays_closed() -> None:
    closed = ticket.withdraw(settled(Answer(ARTICLES[0])), now=LATER).after

    after = ticket.rate(closed, helpful=False, comment=None, now=LATER).after

    assert (after.state, after.helpful) == (State.CLOSED, False)


def test_a_closed_ticket_is_not_withdrawn_again() -> None:
    closed = ticket.withdraw(received(), now=LATER).after

    with pytest.raises(IllegalMoveError, match="closed already"):
        ticket.withdraw(closed, now=LATER)


@pytest.mark.parametrize("make", [received, claimed, lambda: settled(Ask(ARTICLES))])
def test_only_a_reply_can_be_rated(make: Callable[[], Ticket]) -> None:
    with pytest.raises(IllegalMoveError, match="no reply to rate"):
        ticket.rate(make(), helpful=True, comment=None, now=LATER)


def test_a_follow_up_goes_to_the_agent_who_answered() -> None:
    replied = ticket.reply(claimed(), ADA, "Done.", now=MORNING).after

    after = ticket.follow_up(replied, "Not quite.", now=LATER).after

    assert (after.state, after.assignee) == (State.ESCALATED, "ada")
    assert (after.reason, after.urgency.since) == (Reason.FOLLOWED_UP, LATER)


def test_a_follow_up_on_an_automatic_answer_is_understood_again() -> None:
    after = ticket.follow_up(settled(Answer(ARTICLES[0])), "my lawyer will hear of it", now=LATER)

    assert after.after.state is State.RECEIVED
    assert [each.why for each in after.after.urgency.points] == ["legal threat"]
    assert after.after.urgency.since == LATER


@pytest.mark.parametrize("make", [received, claimed])
def test_a_follow_up_on_what_waits_changes_neither_place_nor_wait(
    make: Callable[[], Ticket],
) -> None:
    before = make()
    after = ticket.follow_up(before, "Hello?", now=LATER).after

    assert (after.state, after.urgency, after.lease) == (
        before.state,
        before.urgency,
        before.lease,
    )


def test_a_follow_up_wakes_what_sleeps() -> None:
    after = ticket.follow_up(asleep(), "Hello?", now=LATER).after

    assert (after.state, after.snoozed_until) == (State.ESCALATED, None)


@pytest.mark.parametrize(
    "move", ["claim", "extend", "release", "snooze", "reply", "close", "reopen", "note", "transfer"]
)
def test_auditors_move_nothing(move: str) -> None:
    held = ticket.claim(
        settled(Escalate(Reason.LANGUAGE)), ticket.Agent(AUDITOR.name), now=MORNING, length=LEASE
    ).after
    before = settled(Answer(ARTICLES[0])) if move == "reopen" else held
    more: dict[str, Any] = {
        "claim": {"length": LEASE},
        "extend": {"length": LEASE},
        "snooze": {"until": LATER + LEASE},
        "reply": {"text": "Done."},
        "note": {"text": "Hm."},
    }.get(move, {})

    with pytest.raises(NotAllowedError, match="otto may read"):
        getattr(ticket, move)(before, AUDITOR, now=MORNING, **more)


def test_an_agent_serves_the_departments_it_has_or_all() -> None:
    billing = ticket.Agent("bea", departments=frozenset({"billing"}))

    assert billing.serves("billing")
    assert billing.serves(None)
    assert not billing.serves("orders")
    assert ADA.serves("orders")

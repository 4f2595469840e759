"""What is counted of a span of events, and how long customers waited."""

from dataclasses import replace
from datetime import timedelta
from itertools import count as numbers
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.knowledge import Priority
from helpdesk.stats import Became, Drafts, Happening, IntentCount, Stats, Waits, count, happening
from helpdesk.ticket import Listing, Move
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import ADA, MORNING, an_article, an_understanding
from tests.tickets import LEASE, a_draft, handed_over, received, submitted

TOMORROW = MORNING + timedelta(days=1)
_number = numbers(1)


def a(move: Move, **facts: Any) -> Happening:
    facts = {"actor": "desk"} | facts
    if move is Move.ESCALATED:
        facts = {"reason": Reason.LOW_CONFIDENCE} | facts
    return Happening(ticket_id="t", number=next(_number), move=move, at=MORNING, **facts)


def counted(*happenings: Happening) -> Stats:
    return count(happenings, MORNING, TOMORROW)


def test_nothing_happened() -> None:
    assert counted() == Stats(
        since=MORNING,
        until=TOMORROW,
        received=0,
        answered_automatically=0,
        escalated=0,
        replied=0,
        reopened=0,
        closed=0,
        reasons={},
        agents={},
        automatic_reply=None,
        agent_reply=None,
        intents=(),
    )


@pytest.mark.parametrize("became", Became)
def test_each_draft_is_counted_by_what_became_of_it(became: Became) -> None:
    found = counted(a(Move.REPLIED, draft=became), a(Move.REPLIED)).drafts
    figures = {each.value: getattr(found, each.value) for each in Became}

    assert figures == dict.fromkeys(Became, 0) | {became: 1}
    assert found.ended == (became is not Became.CAME)


def test_what_engines_took_is_added_up() -> None:
    came = [a(Move.ESCALATED, draft=Became.CAME, microdollars=each) for each in (4100, 900, None)]

    assert counted(*came).drafts == Drafts(came=3, microdollars=5000)


def test_the_life_of_a_draft_is_counted_once() -> None:
    """It comes, a better one takes its place, that one is dismissed, and an agent replies."""
    handing = handed_over()
    better = ticket.redraft(handing.after, a_draft("Better."), instead_of=2, now=MORNING)
    held = ticket.claim(better.after, ADA, now=MORNING, length=LEASE)
    put_away = ticket.dismiss(held.after, ADA, 3, now=MORNING)
    said = ticket.reply(put_away.after, ADA, "My own words.", now=MORNING)

    found = counted(*map(happening, (handing, better, held, put_away, said))).drafts

    assert found == Drafts(came=2, dismissed=1)


@pytest.mark.parametrize(
    ("move", "figure"),
    [
        (Move.SUBMITTED, "received"),
        (Move.ANSWERED, "answered_automatically"),
        (Move.ESCALATED, "escalated"),
        (Move.REPLIED, "replied"),
        (Move.REOPENED, "reopened"),
        (Move.CLOSED, "closed"),
    ],
)
def test_each_move_is_counted_in_its_own_figure_only(move: Move, figure: str) -> None:
    found = counted(a(move), a(move), a(Move.CLAIMED), a(Move.NOTED))
    figures = ["received", "answered_automatically", "escalated", "replied", "reopened", "closed"]

    assert {name: getattr(found, name) for name in figures} == dict.fromkeys(figures, 0) | {
        figure: 2
    }


def test_reasons_are_counted_the_commonest_first() -> None:
    found = counted(
        a(Move.ESCALATED, reason=Reason.LANGUAGE),
        a(Move.ESCALATED, reason=Reason.OUT_OF_SCOPE),
        a(Move.ESCALATED, reason=Reason.OUT_OF_SCOPE),
    )

    assert list(found.reasons.items()) == [(Reason.OUT_OF_SCOPE, 2), (Reason.LANGUAGE, 1)]
    assert found.escalated == 3


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (Move.RATED, Reason.NOT_HELPED),
        (Move.FOLLOWED_UP, Reason.FOLLOWED_UP),
        (Move.REOPENED, Reason.REOPENED),
    ],
)
def test_whatever_hands_a_ticket_to_people_counts_as_an_escalation(
    move: Move, reason: Reason
) -> None:
    found = counted(a(move, reason=reason, intent="refund"), a(move, intent="refund"))

    assert (found.escalated, found.reasons) == (1, {reason: 1})
    assert found.intents == (IntentCount(intent="refund", answered=0, escalated=1),)


def test_agents_are_counted_by_their_replies_the_busiest_first() -> None:
    found = counted(
        a(Move.REPLIED, actor="bob"),
        a(Move.REPLIED, actor="ada"),
        a(Move.REPLIED, actor="ada"),
        a(Move.CLAIMED, actor="bob"),
        a(Move.CLOSED, actor="bob"),
        a(Move.ANSWERED, actor="desk"),
    )

    assert list(found.agents.items()) == [("ada", 2), ("bob", 1)]


def test_intents_are_counted_by_what_became_of_their_tickets_the_commonest_first() -> None:
    found = counted(
        a(Move.ANSWERED, intent="track_order"),
        a(Move.ESCALATED, intent="refund"),
        a(Move.ANSWERED, intent="refund"),
        a(Move.ANSWERED, intent="refund"),
        a(Move.ESCALATED, intent="cancel_order"),
        a(Move.ESCALATED, intent="newsletter"),
        a(Move.ESCALATED, intent="newsletter"),
        a(Move.REPLIED, intent="track_order"),
        a(Move.ANSWERED),
    )

    assert found.intents == (
        IntentCount(intent="refund", answered=2, escalated=1),
        IntentCount(intent="newsletter", answered=0, escalated=2),
        IntentCount(intent="cancel_order", answered=0, escalated=1),
        IntentCount(intent="track_order", answered=1, escalated=0),
    )


def test_only_replies_count_for_an_agent_and_only_answers_and_escalations_for_an_intent() -> None:
    found = counted(*(a(move, actor="ada", intent="refund") for move in Move))

    assert found.agents == {"ada": 1}
    assert found.intents == (IntentCount(intent="refund", answered=1, escalated=1),)


@pytest.mark.parametrize(
    ("seconds", "waits"),
    [
        ([], None),
        ([30], Waits(replies=1, median=30, p90=30)),
        ([0], Waits(replies=1, median=0, p90=0)),
        ([20, 10], Waits(replies=2, median=15, p90=19)),
        ([100, 0, 30, 10, 20, 60, 50, 40, 90, 80, 70], Waits(replies=11, median=50, p90=90)),
        ([*[10] * 8, 1000, 1000, 1000], Waits(replies=11, median=10, p90=1000)),
        ([*[10] * 9, 1000, 1000], Waits(replies=11, median=10, p90=1000)),
        ([*[10] * 10, 1000], Waits(replies=11, median=10, p90=10)),
    ],
)
@pytest.mark.parametrize("move", [Move.ANSWERED, Move.REPLIED])
def test_half_waited_at_most_the_median_and_nine_tenths_at_most_the_p90(
    move: Move, seconds: list[int], waits: Waits | None
) -> None:
    found = counted(*(a(move, waited=each) for each in seconds))

    ours, other = found.automatic_reply, found.agent_reply
    if move is Move.REPLIED:
        ours, other = other, ours
    assert (ours, other) == (waits, None)


def test_a_reply_of_unknown_wait_and_a_wait_without_a_reply_are_left_out_of_the_waits() -> None:
    found = counted(
        a(Move.REPLIED, waited=10), a(Move.REPLIED), a(Move.CLOSED, waited=500), a(Move.ANSWERED)
    )

    assert found.agent_reply == Waits(replies=1, median=10, p90=10)
    assert found.automatic_reply is None
    assert found.replied == 2


UNDERSTOOD = an_understanding(("refund", 0.9), ("cancel_order", 0.05))
MINUTE = timedelta(minutes=1)


class TestWhatStatisticsAreTold:
    def test_a_submission_is_received_and_owes_a_reply(self) -> None:
        change = submitted()

        assert happening(change) == Happening(
            ticket_id="1" * 16,
            number=1,
            move=Move.SUBMITTED,
            at=MORNING,
            actor="customer",
            priority=Priority.NORMAL,
            due=change.after.urgency.due,
            channel="web",
            status=Listing.RECEIVED,
            came=MORNING.date(),
        )

    def test_an_answer_tells_the_wait_and_the_articles_labels_and_is_no_longer_due(self) -> None:
        answer = Answer(an_article("refund", department="billing"))
        change = ticket.settle(received(), UNDERSTOOD, answer, now=MORNING + MINUTE)

        assert happening(change) == Happening(
            ticket_id="1" * 16,
            number=2,
            move=Move.ANSWERED,
            at=MORNING + MINUTE,
            actor="helpdesk",
            intent="refund",
            waited=60,
            priority=Priority.NORMAL,
            channel="web",
            department="billing",
            category="orders",
            language="en",
            status=Listing.ANSWERED,
            came=MORNING.date(),
            was={"status": "received", "category": None, "language": None},
        )

    def test_an_escalation_tells_its_reason_and_when_it_is_due(self) -> None:
        decision = Escalate(Reason.LOW_CONFIDENCE)
        change = ticket.settle(received(), UNDERSTOOD, decision, now=MORNING + MINUTE)
        told = happening(change)

        assert (told.reason, told.waited) == (Reason.LOW_CONFIDENCE, None)
        assert told.due == change.after.urgency.due

    def test_a_move_of_what_people_have_tells_no_reason_again(self) -> None:
        decision = Escalate(Reason.LOW_CONFIDENCE)
        waiting = ticket.settle(received(), UNDERSTOOD, decision, now=MORNING).after
        held = ticket.claim(waiting, ADA, now=MORNING, length=10 * MINUTE)
        replied = ticket.reply(held.after, ADA, "Done.", now=MORNING + 2 * MINUTE)

        assert happening(held).reason is None
        told = happening(replied)
        assert (told.reason, told.waited, told.due) == (None, 120, None)

    def test_only_a_rating_tells_what_the_customer_thought(self) -> None:
        answer = Answer(an_article("refund"))
        answered = ticket.settle(received(), UNDERSTOOD, answer, now=MORNING).after
        rated = ticket.rate(answered, helpful=False, comment=None, now=MORNING + MINUTE)
        claimed = ticket.claim(rated.after, ADA, now=MORNING + MINUTE, length=10 * MINUTE)

        assert happening(rated).helpful is False
        assert happening(rated).reason is Reason.NOT_HELPED
        assert happening(claimed).helpful is None

    def test_only_what_an_event_changed_is_told_as_it_was(self) -> None:
        decision = Escalate(Reason.LOW_CONFIDENCE)
        waiting = ticket.settle(received(), UNDERSTOOD, decision, now=MORNING)
        held = ticket.claim(waiting.after, ADA, now=MORNING, length=10 * MINUTE)
        until = MORNING + timedelta(days=1)
        slept = ticket.snooze(held.after, ADA, until=until, now=MORNING)

        told = happening(waiting)
        assert (told.was or {})["team"] is None
        assert told.facts["team"] is not None
        assert happening(held).was is None
        assert happening(slept).was == {"status": "escalated"}
        assert happening(slept).facts["status"] == "snoozed"

    def test_a_ticket_that_is_merged_tells_its_root(self) -> None:
        root = replace(received("Where is it?"), id="2" * 16)
        of_root, of_own = ticket.duplicate(root, received(), UNDERSTOOD, note="why", now=MORNING)

        told = happening(of_own)
        assert (told.root, told.facts["merged"]) == ("2" * 16, "merged")
        assert (told.was or {})["merged"] is None
        assert happening(of_root).root is None

    def test_without_an_intent_none_is_told(self) -> None:
        strange = an_understanding()
        decision = Escalate(Reason.OUT_OF_SCOPE)
        change = ticket.settle(received(), strange, decision, now=MORNING)

        assert happening(change).intent is None

"""The moves the desk makes by itself: answer, ask back, hand over, wake, remark. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from helpdesk import priority
from helpdesk.knowledge import Article, Priority
from helpdesk.ticket.changing import Said, changed, expect, expect_mergeable, handed_over
from helpdesk.ticket.model import (
    DESK,
    SPAM,
    Change,
    IllegalMoveError,
    Message,
    Move,
    Source,
    State,
    Ticket,
    check_text,
)
from helpdesk.triage import (
    Answer,
    Ask,
    Decision,
    Escalate,
    Greet,
    Reason,
    Understanding,
    question,
)


def settle(
    ticket: Ticket, understanding: Understanding, decision: Decision, *, now: datetime
) -> Change:
    """Apply the decision of triage to a received ticket. Raises IllegalMoveError."""
    expect(ticket, State.RECEIVED)
    match decision:
        case Ask(choices):
            return changed(
                ticket,
                Move.ASKED,
                actor=DESK,
                now=now,
                say=Said(Source.AUTOMATIC, question(choices)),
                state=State.ASKED,
                understanding=understanding,
                choices=tuple(article.intent for article in choices),
                asked=True,
                **_matter(ticket, choices[0], guessed=True),
            )
        case Greet():
            return _settled(ticket, understanding, None, now=now)
        case Answer(article):
            matter = _matter(ticket, article)
            sent = replace(article, answer=decision.text)
            return _settled(ticket, understanding, sent, now=now, **matter)
        case Escalate(reason, article, likely, feared):
            matter = _matter(ticket, article or likely, guessed=decision.guesses)
            return _settled(
                ticket, understanding, article, reason, feared=feared, now=now, **matter
            )


def _matter(ticket: Ticket, article: Article | None, *, guessed: bool = False) -> dict[str, Any]:
    """Return the fields that say what a ticket is about, and whether that is only a guess."""
    if article is None:
        return {}
    matter = {"category": article.category, "department": article.department}
    if guessed or ticket.matter_guessed:
        return {**matter, "matter_guessed": guessed or None}
    return matter


def _settled(
    ticket: Ticket,
    understanding: Understanding,
    article: Article | None,
    reason: Reason | None = None,
    *,
    feared: Article | None = None,
    now: datetime,
    **matter: Any,
) -> Change:
    urgency = priority.judged(
        ticket.urgency,
        matter=article.priority if article else Priority.NORMAL,
        feared=feared,
        reason=reason,
        understanding=understanding,
    )
    if reason:
        outcome = handed_over(reason, urgency, now)
    else:
        outcome = {"state": State.ANSWERED, "reason": None, "urgency": urgency}
        outcome["priority"] = urgency.priority(now)
    return changed(
        ticket,
        Move.ESCALATED if reason else Move.ANSWERED,
        actor=DESK,
        now=now,
        say=Said(Source.AUTOMATIC, article.answer, intent=article.intent) if article else None,
        understanding=understanding,
        **matter,
        **outcome,
    )


def give_up_asking(ticket: Ticket, *, now: datetime) -> Change:
    """Hand a ticket whose customer did not choose to people. Raises IllegalMoveError."""
    return _given_up(ticket, State.ASKED, Reason.AMBIGUOUS, now)


def give_up(ticket: Ticket, *, now: datetime) -> Change:
    """Hand a received ticket that could not be processed to people. Raises IllegalMoveError."""
    return _given_up(ticket, State.RECEIVED, Reason.PROCESSING_FAILED, now)


def _given_up(ticket: Ticket, state: State, reason: Reason, now: datetime) -> Change:
    expect(ticket, state)
    urgency = priority.judged(ticket.urgency, reason=reason)
    return changed(ticket, Move.ESCALATED, actor=DESK, now=now, **handed_over(reason, urgency, now))


def duplicate(
    root: Ticket,
    other: Ticket,
    understanding: Understanding,
    *,
    note: str,
    reply: Message | None = None,
    now: datetime,
) -> tuple[Change, Change]:
    """Put a received ticket into the one that has its case already, the root: the changes of both.

    It is as if an agent merged them. `reply` is what the root's customer was told last: this
    ticket's customer is told the same. `note` says why. Both changes belong into one transaction.
    Raises IllegalMoveError.
    """
    expect(other, State.RECEIVED)
    expect_mergeable(root, other)
    same: dict[str, Any] = {}
    if root.category:
        same = {"category": root.category, "department": root.department}
    if root.category and root.matter_guessed != other.matter_guessed:
        same["matter_guessed"] = root.matter_guessed
    said = Said(Source.AUTOMATIC, reply.text, intent=reply.intent) if reply else None
    merged = root.merged | {other.id}
    return (
        changed(root, Move.MERGED, actor=DESK, now=now, note=note, merged=merged),
        changed(
            other,
            Move.MERGED,
            actor=DESK,
            now=now,
            note=note,
            say=said,
            state=State.CLOSED,
            understanding=understanding,
            merged_into=root.id,
            merged_at=now,
            **same,
        ),
    )


def undelivered(ticket: Ticket, note: str, *, now: datetime) -> Change:
    """Note that a mail did not reach its customer; people get the ticket unless it is open.

    A merged ticket stays with its root, and spam stays closed.
    """
    stays = ticket.state.is_open or ticket.merged_into or SPAM in ticket.tags
    if stays:
        return changed(ticket, Move.NOTED, actor=DESK, now=now, note=note)
    urgency = replace(ticket.urgency, since=now)
    fields = handed_over(Reason.REOPENED, urgency, now)
    return changed(ticket, Move.REOPENED, actor=DESK, now=now, note=note, **fields)


def wake(ticket: Ticket, *, now: datetime) -> Change:
    """Let a snoozed ticket wait again. Raises IllegalMoveError."""
    expect(ticket, State.ESCALATED)
    if ticket.snoozed_until is None:
        raise IllegalMoveError("the ticket is not snoozed")
    return changed(ticket, Move.WOKEN, actor=DESK, now=now, snoozed_until=None)


def remark(ticket: Ticket, text: str, *, now: datetime) -> Change:
    """Write something for people that moves nothing, in any state. Raises TextError."""
    return changed(ticket, Move.NOTED, actor=DESK, now=now, note=check_text(text))

"""The moves the desk makes by itself: answer, ask back, hand over, wake, remark. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from helpdesk import priority, severity
from helpdesk.knowledge import Article, Priority
from helpdesk.severity import ANYONE, Severity, Tables
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

NO_TEXTS: Mapping[int, str] = MappingProxyType({})


def settle(
    ticket: Ticket,
    understanding: Understanding,
    decision: Decision,
    *,
    now: datetime,
    said: str = "",
    files: Mapping[int, str] = NO_TEXTS,
    scale: str = "",
) -> Change:
    """Apply the decision of triage to a received ticket. Raises IllegalMoveError.

    `said` is what its customer wrote, `files` are the texts of its files by their numbers: they may
    raise its level, by the tables of severity that `scale` changes, and tell its matter.
    """
    expect(ticket, State.RECEIVED)
    tables = severity.read(scale)
    here = f"message {ticket.messages}"
    found = severity.understood(ticket.severity, said, understanding, here, tables)
    found = _of_files(found, files, tables)
    whole = "\n".join((said, *files.values()))
    return _graded(_applied(ticket, understanding, decision, now), found, whole, tables)


def _applied(
    ticket: Ticket, understanding: Understanding, decision: Decision, now: datetime
) -> Change:
    match decision:
        case Ask(choices, text):
            intent = choices[0].intent if text else None
            return changed(
                ticket,
                Move.ASKED,
                actor=DESK,
                now=now,
                say=Said(Source.AUTOMATIC, text or question(choices), intent=intent),
                state=State.ASKED,
                understanding=understanding,
                choices=tuple(article.intent for article in choices),
                asked=True,
                **_matter(ticket, choices[0], guessed=not text),
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


def _of_files(known: Severity | None, files: Mapping[int, str], tables: Tables) -> Severity | None:
    """Return how serious a ticket is with what its files say."""
    for number, text in sorted(files.items()):
        known = severity.heard(known, text, f"file {number}", tables)
    return known


def _graded(change: Change, found: Severity | None, said: str, tables: Tables) -> Change:
    """Return a change that also says how serious its ticket is, with the points of its level.

    Team and hours are for a ticket that people get, or that is not ordinary.
    """
    after = change.after
    if found is None and after.state is not State.ESCALATED:
        return change
    found = severity.estimated(found, about(after, said), tables)
    fields: dict[str, Any] = {"severity": found}
    urgency = priority.lifted(after.urgency, found, tables)
    if urgency != after.urgency:
        fields |= {"urgency": urgency, "priority": urgency.priority(change.event.at)}
    event = replace(change.event, changed={**change.event.changed, **fields})
    return replace(change, after=replace(after, **fields), event=event)


def about(ticket: Ticket, text: str) -> severity.About:
    """Return what a ticket is about, with the text of its messages and files."""
    return severity.About(
        intent=ticket.intent,
        category=ticket.category,
        sure=not ticket.matter_guessed,
        text=text,
        meaning=ticket.understanding.meaning if ticket.understanding else b"",
    )


def for_people(decision: Decision, files: Mapping[int, str], *, scale: str = "") -> Decision:
    """Return a decision, or leave a ticket to people whose files sound like the law."""
    found = _of_files(None, files, severity.read(scale))
    if found is None or not found.legal or isinstance(decision, Escalate):
        return decision
    match decision:
        case Answer(article):
            return Escalate(Reason.LEGAL, likely=article)
        case Ask(choices):
            return Escalate(Reason.LEGAL, likely=choices[0])
    return Escalate(Reason.LEGAL)


def weigh(
    ticket: Ticket, files: Mapping[int, str], *, now: datetime, scale: str = ""
) -> Change | None:
    """Return the change of a settled ticket whose files say that it is more serious; None if not.

    People get a ticket that a file brings to a level that only leads take, unless it is merged or
    spam. Those who have it find a note.
    """
    tables = severity.read(scale)
    found = _of_files(ticket.severity, files, tables)
    if found is None or found.level <= ticket.level or ticket.state is State.RECEIVED:
        return None
    note = f"A file makes this ticket more serious: level {found.explained}."
    stays = ticket.merged_into or SPAM in ticket.tags or found.needs == ANYONE
    if stays or ticket.state is State.ESCALATED:
        change = changed(ticket, Move.NOTED, actor=DESK, now=now, note=note)
    else:
        reason = Reason.LEGAL if found.legal else Reason.NEEDS_PERSON
        again = replace(ticket.urgency, since=now)
        fields = handed_over(reason, again, now)
        change = changed(ticket, Move.ESCALATED, actor=DESK, now=now, note=note, **fields)
    return _graded(change, found, "\n".join(files.values()), tables)


def with_files(change: Change, files: Mapping[int, str], *, scale: str = "") -> Change:
    """Return a change at the level that the files of its ticket tell.

    It is for a ticket that is not settled by what was understood: one that people get unread, or
    that joins another. The words of files are read without a model.
    """
    tables = severity.read(scale)
    found = _of_files(change.after.severity, files, tables)
    if found == change.after.severity:
        return change
    return _graded(change, found, "\n".join(files.values()), tables)


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
    if ticket.choices:
        outcome["choices"] = ()
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

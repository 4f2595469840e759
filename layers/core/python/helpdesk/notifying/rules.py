"""Which moves of a ticket are told to leads, and by which channels: rules as data. Pure.

A rule looks at a ticket. A channel is told when one of its rules holds after a move and did not
before it. So it hears of a matter once, and again if people get the ticket again for that reason.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from helpdesk.knowledge import Priority
from helpdesk.notifying.notices import Channel, Notice
from helpdesk.severity import MANAGEMENT, ORDINARY
from helpdesk.ticket import Change, State, Ticket
from helpdesk.triage import Reason

NEGATIVE = -0.8
"""A sentiment (-1 to 1) up to which a message is surely negative."""

LATE = timedelta(minutes=15)
"""How long after a ticket was due it is told that no agent has it: as long as an agent's lease."""


class Name(StrEnum):
    """The rules, by the names that settings use."""

    URGENT = "urgent"
    HIGH = "high"
    LEVEL = "level"
    LEGAL = "legal"
    NEGATIVE = "negative"
    DEAD_LETTER = "dead_letter"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a ticket that people have is told, and `why` as people read it."""

    name: Name
    why: str
    holds: Callable[[Ticket], bool]


def _legal(of: Ticket) -> bool:
    return (of.severity or ORDINARY).legal or of.reason is Reason.LEGAL


def _negative(of: Ticket) -> bool:
    return of.understanding is not None and of.understanding.sentiment <= NEGATIVE


RULES = (
    Rule(Name.URGENT, "urgent", lambda of: of.priority is Priority.URGENT),
    Rule(Name.HIGH, "high priority", lambda of: of.priority in {Priority.HIGH, Priority.URGENT}),
    Rule(Name.LEVEL, "for management", lambda of: of.level >= MANAGEMENT),
    Rule(Name.LEGAL, "legal threat", _legal),
    Rule(Name.NEGATIVE, "very negative", _negative),
    Rule(
        Name.DEAD_LETTER,
        "could not be processed",
        lambda of: of.reason is Reason.PROCESSING_FAILED,
    ),
)
"""The rules about a move, in the order in which they are told. A further rule is a further row."""

OVERDUE = Rule(Name.OVERDUE, "overdue", lambda _: True)
"""The rule about no move: a ticket that people have was due, and no agent holds it."""

WHYS: Mapping[str, str] = {rule.name: rule.why for rule in (*RULES, OVERDUE)}
EVERYTHING = frozenset(Name)


class RulesError(ValueError):
    """A line that says what channels hear cannot be read; the message says which word."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The channels that are on, with the rules each hears."""

    hears: Mapping[Channel, frozenset[Name]] = field(default_factory=dict)


SILENCE = Audience()
"""No channel is on: nothing is stored and nothing is told."""


def audience(channels: str, rules: str = "") -> Audience:
    """Return who hears what, from the names of the channels that are on and a line of rules.

    The line is like "slack: urgent legal; mail: overdue". A channel that it does not name hears
    everything. Raises RulesError.
    """
    told: dict[Channel, frozenset[Name]] = {}
    for part in filter(None, map(str.strip, rules.split(";"))):
        channel, colon, names = part.partition(":")
        if not colon:
            raise RulesError(f"{part!r} is not like 'slack: urgent legal'")
        told[_word(Channel, channel)] = frozenset(_word(Name, each) for each in names.split())
    on = [_word(Channel, each) for each in channels.split()]
    return Audience({each: told.get(each, EVERYTHING) for each in on})


def _word[E: StrEnum](kind: type[E], word: str) -> E:
    try:
        return kind(word.strip())
    except ValueError:
        known = ", ".join(kind)
        raise RulesError(f"{word.strip()!r} is none of {known}") from None


def notices(change: Change, heard_by: Audience) -> tuple[Notice, ...]:
    """Return what the channels must hear of a change; each is stored with it.

    A notice that a ticket is overdue is stored when people get the ticket, for the moment at which
    it will be. It is told only if the ticket still waits then.
    """
    fresh = [rule.name for rule in _held(change.after) if rule not in _held(change.before)]
    found = list[Notice]()
    for channel, hears in heard_by.hears.items():
        if rules := tuple(each for each in fresh if each in hears):
            found.append(_notice(change, channel, rules))
        if OVERDUE.name in hears and _gets_another_due(change):
            found.append(_notice(change, channel, (OVERDUE.name,)))
    return tuple(found)


def still_overdue(notice: Notice, now: Ticket) -> bool:
    """Tell whether a ticket still waits for what a notice says it is overdue for.

    A ticket that an agent holds at that moment, or has put aside, does not wait.
    """
    at = notice.due_at
    return (
        at is not None
        and now.state is State.ESCALATED
        and now.urgency.due + LATE == at
        and now.held_by(at) is None
        and now.snoozed_until is None
    )


def _held(of: Ticket | None) -> list[Rule]:
    if of is None or of.state is not State.ESCALATED:
        return []
    return [rule for rule in RULES if rule.holds(of)]


def _gets_another_due(change: Change) -> bool:
    before, after = change.before, change.after
    if after.state is not State.ESCALATED:
        return False
    waited = before is not None and before.state is State.ESCALATED
    return not waited or before is None or before.urgency.due != after.urgency.due


def _notice(change: Change, channel: Channel, rules: tuple[Name, ...]) -> Notice:
    after = change.after
    understood, found = after.understanding, after.severity or ORDINARY
    late = OVERDUE.name in rules
    return Notice(
        ticket_id=after.id,
        number=change.event.number,
        channel=channel,
        rules=tuple(map(str, rules)),
        created_at=change.event.at,
        expires_at=after.expires_at,
        due_at=after.urgency.due + LATE if late else None,
        priority=after.priority,
        subject=after.subject,
        category=after.category,
        sentiment=understood.sentiment if understood else None,
        confidence=next(_confidences(after), None),
        said=after.messages,
        level=found.level,
        legal=found.legal,
        compensation=found.compensation,
    )


def _confidences(of: Ticket) -> Iterator[float]:
    if of.understanding:
        yield from (each.probability for each in of.understanding.ranking)

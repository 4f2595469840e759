"""The figures of a span, added up from its days. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from helpdesk.figures.counting import DIMENSIONS, NONE, Day
from helpdesk.figures.keeping import Days
from helpdesk.figures.tallies import FAILED, Counted, Fault, Kind, Tallies
from helpdesk.stats import MERGED
from helpdesk.ticket import Ticket

TOP = 10
"""The largest families that are named."""


class Shelf(Days, Tallies, Protocol):
    """All that is counted and kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What happened on a day, or in a span."""

    received: int = 0
    answered: int = 0
    escalated: int = 0
    replied: int = 0
    reopened: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """The tickets that came in the span, as they stand now: each sum is `number`."""

    number: int
    status: dict[str, int]
    category: dict[str, int]
    priority: dict[str, int]
    level: dict[str, int]
    channel: dict[str, int]
    language: dict[str, int]
    team: dict[str, int]


@dataclass(frozen=True, slots=True)
class Family:
    """A ticket into which others were merged, and how many."""

    root: str
    merged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """How many of the tickets that came were merged, their share, and the largest families."""

    number: int
    rate: float
    families: tuple[Family, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """What leads were told: notices that channels took, and those that failed for good."""

    sent: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Mails that came in: what became of them, attempts that failed, and why the latest did."""

    processed: int
    outcomes: dict[str, int]
    failed: int
    last: datetime | None
    errors: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files of customers: those that were kept, of these the ones read, and those refused."""

    kept: int
    read: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of days (UTC), `since` to `until`, both included.

    `counted_at` is when tickets were last counted; None if they never were. `days` has what
    happened on each day that was counted, `total` the sum.
    """

    since: date
    until: date
    counted_at: datetime | None
    tickets: Tickets
    total: Flow
    duplicates: Duplicates
    notifications: Notifications
    mail: Mail
    files: Files
    days: dict[str, Flow]


def figures(
    span: int,
    *,
    shelf: Shelf,
    found: Callable[[Collection[str]], Mapping[str, Ticket]],
    now: datetime,
) -> Figures:
    """Return the figures of the last days, today among them.

    `found` returns the tickets with some ids, as far as they are there: a family whose root was
    erased, or that was taken apart, is not named.
    """
    until = now.astimezone(UTC).date()
    since = until - timedelta(days=span - 1)
    days = [each for each in shelf.days(since) if each.whole]
    return added(days, shelf.counts(since), since=since, until=until, found=found)


def added(
    days: Sequence[Day],
    counts: tuple[Iterable[Counted], Iterable[Fault]],
    *,
    since: date,
    until: date,
    found: Callable[[Collection[str]], Mapping[str, Ticket]],
) -> Figures:
    """Return the figures of days that were read, with what was counted beside them."""
    counted, faults = list(counts[0]), counts[1]
    stands = _stands(days)
    number = sum(stands["status"].values())
    return Figures(
        since=since,
        until=until,
        counted_at=max((each.counted_at for each in days), default=None),
        tickets=Tickets(number=number, **{name: _most(stands[name]) for name in DIMENSIONS}),
        total=Flow(**_sum(each.flow for each in days)),
        duplicates=_duplicates(days, stands["merged"][MERGED], number, found),
        notifications=_notifications(counted),
        mail=_mail(counted, faults),
        files=_files(counted),
        days={str(each.day): Flow(**each.flow) for each in days},
    )


def _stands(days: Sequence[Day]) -> dict[str, Counter[str]]:
    """Return how the tickets that came on these days stand at the end of the last one.

    What changed of tickets that came on other days is left out.
    """
    known = {str(each.day) for each in days}
    stands: dict[str, Counter[str]] = {name: Counter() for name in (*DIMENSIONS, "merged")}
    for each in days:
        moved = (counts for of, counts in each.moved.items() if of in known)
        for counts in (each.came, *moved):
            for name, values in counts.items():
                stands[name].update(values)
    return stands


def _most(counts: Counter[str]) -> dict[str, int]:
    """Return counts, the largest first; what is not known comes last."""
    ordered = sorted(counts.items(), key=lambda each: (each[0] == NONE, -each[1], each[0]))
    return {value: number for value, number in ordered if number}


def _sum(flows: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in flows:
        total.update(each)
    return total


def _duplicates(
    days: Iterable[Day],
    number: int,
    of: int,
    found: Callable[[Collection[str]], Mapping[str, Ticket]],
) -> Duplicates:
    named = _sum(each.families for each in days)
    roots = found([root for root, _ in named.most_common(2 * TOP)]) if named else {}
    families = [Family(each.id, len(each.merged)) for each in roots.values() if each.merged]
    families.sort(key=lambda each: (-each.merged, each.root))
    rate = round(number / of, 4) if of else 0.0
    return Duplicates(number=number, rate=rate, families=tuple(families[:TOP]))


def _outcomes(counted: Iterable[Counted], kind: Kind) -> Counter[str]:
    return _sum(each.outcomes.get(kind, {}) for each in counted)


def _notifications(counted: Iterable[Counted]) -> Notifications:
    found = _outcomes(counted, Kind.NOTICES)
    return Notifications(sent=found["sent"], failed=found[FAILED])


def _mail(counted: Sequence[Counted], faults: Iterable[Fault]) -> Mail:
    found = _outcomes(counted, Kind.MAIL)
    failed = found.pop(FAILED, 0)
    last = (each.last[Kind.MAIL] for each in counted if Kind.MAIL in each.last)
    return Mail(
        processed=found.total() - found["repeated"],
        outcomes=_most(found),
        failed=failed,
        last=max(last, default=None),
        errors=tuple(sorted(faults, key=lambda each: each.at, reverse=True)),
    )


def _files(counted: Iterable[Counted]) -> Files:
    found = _outcomes(counted, Kind.FILES)
    return Files(kept=found["read"] + found["unread"], read=found["read"], refused=found["refused"])

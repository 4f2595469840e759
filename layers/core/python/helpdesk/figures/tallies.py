"""What is counted where no event of a ticket tells it: mails, files, notices, articles. Pure.

These counts are added up as things happen, one write each, and not made up for later: a function
that dies between what it did and its count has not counted it. Notices are counted in the step that
marks them, so each once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

LATEST_FAULTS = 20
"""Faults that are kept, the latest."""


FAILED = "failed"
"""The outcome of an attempt that failed."""


class Kind(StrEnum):
    """What is counted."""

    MAIL = "mail"
    FILES = "files"
    NOTICES = "notices"
    ARTICLES = "articles"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a mail was not taken: the kind of the error, and nothing of the mail."""

    at: datetime
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted on a day: for each kind, its outcomes, and when the last one was that
    is no failure.
    """

    day: date
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)


class Tallies(Protocol):
    """The counts of mails, files, notices, and articles that answered."""

    def add(self, kind: Kind, outcome: str, at: datetime) -> None:
        """Count an outcome."""

    def fault(self, fault: Fault) -> None:
        """Remember why a mail was not taken, in the place of the oldest of LATEST_FAULTS."""

    def counts(self, since: date) -> tuple[Iterable[Counted], Iterable[Fault]]:
        """Return what was counted from a day on, the earliest first, and the latest faults."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts what a function did. What cannot be counted is told to `failed`, and goes on."""

    kind: Kind
    tallies: Tallies
    failed: Callable[[Exception], None]

    def add(self, outcome: str, at: datetime) -> None:
        """Count an outcome."""
        try:
            self.tallies.add(self.kind, outcome, at)
        except Exception as error:  # what was done stays done, counted or not
            self.failed(error)

    def fault(self, error: Exception, at: datetime) -> None:
        """Count a failure and remember its kind."""
        self.add(FAILED, at)
        try:
            self.tallies.fault(Fault(at, type(error).__name__))
        except Exception as trouble:
            self.failed(trouble)

"""Reading HTML visits each character a fixed number of times, however hostile the page is.

Counted, not clocked: the lines of the reader that run, and the characters that its searches pass.
That no pattern passes a character more than a fixed number of times is shown by its shape, in
`test_mail_hostile.py`.
"""

import re
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import FrameType
from typing import Any, Self

import pytest
from helpdesk.mime import markup

SIZES = 4_000, 8_000, 16_000
MOST_A_CHARACTER = 60
"""Lines run and characters passed, for each character of a page."""


class Visits:
    """How many characters were passed, and how many lines were run."""

    def __init__(self) -> None:
        self.passed = 0

    def trace(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename != markup.__file__:
            return None
        self.passed += 1
        return self.trace


class Watched(str):
    """A text that counts what is sought and cut in it."""

    __slots__ = ("visits",)
    visits: Visits

    @classmethod
    def of(cls, text: str, visits: Visits) -> Self:
        watched = cls(text)
        watched.visits = visits
        return watched

    def find(self, wanted: str, start: int = 0) -> int:  # type: ignore[override]
        found = super().find(wanted, start)
        self.visits.passed += (len(self) if found < 0 else found) - start
        return found

    def __getitem__(self, key: Any) -> "Watched":
        piece = Watched.of(super().__getitem__(key), self.visits)
        self.visits.passed += len(piece)
        return piece


class WatchedPattern:
    """A pattern that counts how far its searches go."""

    def __init__(self, pattern: re.Pattern[str], visits: Visits) -> None:
        self._pattern, self._visits = pattern, visits

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        found = self._pattern.search(text, start, end)
        self._visits.passed += (found.end() if found else min(end, len(text))) - start
        return found

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        found = self._pattern.match(text, start)
        self._visits.passed += found.end() - start if found else 1
        return found

    def finditer(self, text: str, start: int = 0) -> Iterator[re.Match[str]]:
        for found in self._pattern.finditer(text, start):
            self._visits.passed += found.end() - start
            start = found.end()
            yield found
        self._visits.passed += len(text) - start

    def fullmatch(self, text: str) -> re.Match[str] | None:
        self._visits.passed += len(text)
        return self._pattern.fullmatch(text)

    def sub(self, new: str, text: str) -> str:
        self._visits.passed += len(text)
        return self._pattern.sub(new, text)


def watched(value: Any, visits: Visits) -> Any:
    if isinstance(value, dict):
        return {key: watched(each, visits) for key, each in value.items()}
    return WatchedPattern(value, visits) if isinstance(value, re.Pattern) else value


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], object], str], int]:
    """Return how to count what a reader of a page passes and runs."""
    visits = Visits()
    for name, value in vars(markup).copy().items():
        if isinstance(value, re.Pattern | dict) and not name.startswith("__"):
            monkeypatch.setattr(markup, name, watched(value, visits))

    def count(read: Callable[[str], object], page: str) -> int:
        visits.passed = 0
        before = sys.gettrace()
        sys.settrace(visits.trace)
        try:
            read(Watched.of(page, visits))
        finally:
            sys.settrace(before)
        return visits.passed

    return count


UNITS = (
    "<!--", "<!", "</", "<", "<a x='", '<a x="', "<div>", "<blockquote>a", "<script>", "<pre>\n",
    "<div style='display:none'>", "<p style='display:none'>a</p>", "<a href='http://x.example'>",
    "<a href=http://x.example>y</a>", "<a href=http://x.example>y", "<img alt=", "<td>a", "<li>",
    "<p style='display:none'><div style='display:none'>", "<p></div>", "<title>", "<title/>",
    "<br>", " \n", "&#9", "&#99999999", "&amp", "&lt;", "'>", "a='>", "--><!--", "<style><!--",
)  # fmt: skip
AROUND = dict.fromkeys(UNITS, ("", "")) | {
    "style=display": ("<div ", ">"),
    "alt=": ("<img ", ">"),
    "href='": ("<a ", ">"),
    "=\"' ": ("<a ", ">"),
}


@pytest.mark.parametrize("unit", AROUND)
def test_the_work_grows_with_the_page(
    unit: str, passed: Callable[[Callable[[str], object], str], int]
) -> None:
    begin, end = AROUND[unit]
    counts = [passed(markup.to_text, begin + unit * (size // len(unit)) + end) for size in SIZES]

    assert all(double <= 2.1 * single for single, double in pairwise(counts))
    assert all(
        size / 2 < n <= MOST_A_CHARACTER * size for size, n in zip(SIZES, counts, strict=True)
    )


def test_the_count_shows_a_reader_that_is_not_linear(
    passed: Callable[[Callable[[str], object], str], int],
) -> None:
    """What the standard library's reader does with comments that never end."""

    def looks_to_the_end_each_time(page: str) -> None:
        at = page.find("<!--")
        while at >= 0:
            page.find("-->", at)
            at = page.find("<!--", at + 4)

    counts = [passed(looks_to_the_end_each_time, "<!--" * (size // 4)) for size in SIZES]

    assert all(b > 3.5 * a for a, b in pairwise(counts))

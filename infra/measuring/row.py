"""The lines of the report, and the bars that they are held to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MISSED = "**missed**"


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar for a measurement, in words, and whether the measurement reaches it."""

    asked: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: what was measured, the result, and the bar if there is one."""

    what: str
    measured: str
    bar: Bar | None = None


def written(rows: Iterable[Row]) -> Iterator[str]:
    """Yield rows as a Markdown table that marks each bar that was missed."""
    yield from ("| what | measured | bar |", "| --- | --- | --- |")
    for row in rows:
        yield f"| {row.what} | {row.measured} | {_judged(row.bar)} |"


def missed(lines: Iterable[str]) -> list[str]:
    """Return those lines of a report that tell of a missed bar."""
    return [line for line in lines if MISSED in line]


def _judged(bar: Bar | None) -> str:
    if bar is None:
        return ""
    return bar.asked if bar.reached else f"{bar.asked} {MISSED}"

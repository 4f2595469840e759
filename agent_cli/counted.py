"""How counts are shown in the terminal: what happened in a span, and the figures of days."""

from collections.abc import Iterator, Sequence
from typing import Any

from helpdesk import stats
from helpdesk.figures import DIMENSIONS, Fault, Figures
from helpdesk.stats import Drafts, IntentCount, Stats, Taken, Waits
from rich.console import Group, RenderableType
from rich.text import Text

from agent_cli import render
from agent_cli.words import counted, times


def page_of_stats(found: Stats) -> RenderableType:
    """Return what happened in a span, as people read it."""
    settled = found.answered_automatically + found.escalated
    share = (
        f" ({found.answered_automatically / settled:.0%} of what was settled)" if settled else ""
    )
    parts: list[Any] = [
        Text(f"{times.minute(found.since)} to {times.minute(found.until)}", style="bold"),
        render.pairs(
            [
                ("received", str(found.received)),
                ("answered automatically", f"{found.answered_automatically}{share}"),
                ("escalated", str(found.escalated)),
                ("replied to by agents", str(found.replied)),
                ("reopened", str(found.reopened)),
                ("closed", str(found.closed)),
                ("automatic reply after", _wait(found.automatic_reply)),
                ("agents' reply after", _wait(found.agent_reply)),
            ]
        ),
    ]
    if found.drafts.came or found.drafts.ended:
        parts += [Text(), render.pairs(_drafts(found.drafts))]
    numbers: list[render.Column[tuple[str, int]]] = [
        ("", lambda row: row[0]),
        ("tickets", lambda row: str(row[1])),
    ]
    for title, counts in (("reasons", found.reasons), ("agents", found.agents)):
        if counts:
            rows = [(str(name), number) for name, number in counts.items()]
            columns = [(title, numbers[0][1]), numbers[1]]
            parts += [Text(), render.table(rows, columns)]
    if found.intents:
        intents: list[render.Column[IntentCount]] = [
            ("intent", lambda row: row.intent),
            ("answered", lambda row: str(row.answered)),
            ("escalated", lambda row: str(row.escalated)),
        ]
        parts += [Text(), render.table(found.intents, intents)]
    return Group(*parts)


def _drafts(found: Drafts) -> Iterator[tuple[str, str]]:
    """Yield how many drafts came, what became of those that ended, and what engines took."""
    yield "drafts that came", str(found.came)
    ended = {
        "sent as they were": found.used,
        "sent, edited": found.edited,
        "dismissed": found.dismissed,
        "stale": found.stale,
    }
    for name, number in ended.items():
        share = f" ({number / found.ended:.0%} of those that ended)" if found.ended else ""
        yield name, f"{number}{share}"
    yield "engines took", f"${found.microdollars / 1_000_000:.4f}"


def _wait(waits: Waits | None) -> str:
    if waits is None:
        return "-"
    return f"{times.span(waits.median)} median, 90 % within {times.span(waits.p90)}"


def page_of_hours(rows: Sequence[Taken]) -> RenderableType:
    """Return what closed tickets took people, and the line of the parameter that says so."""
    columns: list[render.Column[Taken]] = [
        ("matter", lambda row: row.matter),
        ("level", lambda row: str(row.level)),
        ("tickets", lambda row: str(row.tickets)),
        ("hours", lambda row: str(row.hours)),
    ]
    line = stats.line(rows) or f"no matter and level has {stats.ENOUGH} closed tickets"
    return Group(render.table(rows, columns), Text(), Text(line, overflow="fold"))


def page_of_figures(found: Figures) -> RenderableType:
    """Return the figures of days, as people read them."""
    parts: list[Any] = [
        Text(counted.span(found), style="bold"),
        render.pairs(list(counted.totals(found))),
    ]
    for name in DIMENSIONS:
        parts += _table(name, getattr(found.tickets, name), "tickets")
    parts += _table(
        "largest families", {each.root: each.merged for each in found.duplicates.families}, "merged"
    )
    if found.mail.errors:
        columns: list[render.Column[Fault]] = [
            ("mail failed", lambda row: times.second(row.at)),
            ("with", lambda row: row.fault),
        ]
        parts += [Text(), render.table(found.mail.errors, columns)]
    return Group(*parts)


def _table(title: str, counts: dict[str, int], of: str) -> list[Any]:
    if not counts:
        return []
    columns: list[render.Column[tuple[str, int]]] = [
        (title, lambda row: row[0]),
        (of, lambda row: str(row[1])),
    ]
    return [Text(), render.table(list(counts.items()), columns)]

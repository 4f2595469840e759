"""`helpdesk stats`: what was received, answered and escalated, and how fast."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.fields import Moment
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpdesk.stats import IntentCount, Stats, Taken, Waits
    from rich.console import RenderableType


@click.command("stats", cls=Verb)
@click.argument("span", type=click.Choice(["today", "week"]), default="today")
@click.option("--since", type=Moment(), help="Instead of SPAN: from this moment …")
@click.option("--until", type=Moment(), help="… to before this moment; otherwise to now.")
@click.option("--learn-hours", is_flag=True, help="Show the hours that closed tickets took.")
@click.pass_obj
def command(
    at: Terminal, span: str, since: datetime | None, until: datetime | None, *, learn_hours: bool
) -> None:
    """Show what was received, answered and escalated, and how fast.

    Days begin at midnight where you are. A week is today and the six days before. Waiting times
    count only the hours in which the desk works. --learn-hours ends with the line for the parameter
    Severity by which later tickets are estimated.

    \b
    helpdesk stats
    helpdesk stats week -o json | jq .reasons
    helpdesk stats --since 2026-03-02 --until 2026-03-03
    helpdesk stats --since 2026-01-01 --learn-hours
    """
    from agent_cli.moments import midnight
    from agent_cli.session import now

    end = until or now() + timedelta(seconds=1)
    begin = since or midnight(end, days_ago=6 if span == "week" else 0)
    if begin >= end:
        raise click.UsageError("--since must be before --until")
    found = at.desk.overview.stats(begin, end)
    output.show(at, found, lambda: _taken(found.taken) if learn_hours else _page(found))


def _taken(rows: "Sequence[Taken]") -> "RenderableType":
    from helpdesk import stats
    from rich.console import Group
    from rich.text import Text

    from agent_cli import render

    columns: list[render.Column[Taken]] = [
        ("matter", lambda row: row.matter),
        ("level", lambda row: str(row.level)),
        ("tickets", lambda row: str(row.tickets)),
        ("hours", lambda row: str(row.hours)),
    ]
    line = stats.line(rows) or f"no matter and level has {stats.ENOUGH} closed tickets"
    return Group(render.table(rows, columns), Text(), Text(line, overflow="fold"))


def _page(found: "Stats") -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from agent_cli import render
    from agent_cli.words import times

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
    counted: list[render.Column[tuple[str, int]]] = [
        ("", lambda row: row[0]),
        ("tickets", lambda row: str(row[1])),
    ]
    for title, counts in (("reasons", found.reasons), ("agents", found.agents)):
        if counts:
            rows = [(str(name), number) for name, number in counts.items()]
            columns = [(title, counted[0][1]), counted[1]]
            parts += [Text(), render.table(rows, columns)]
    if found.intents:
        intents: list[render.Column[IntentCount]] = [
            ("intent", lambda row: row.intent),
            ("answered", lambda row: str(row.answered)),
            ("escalated", lambda row: str(row.escalated)),
        ]
        parts += [Text(), render.table(found.intents, intents)]
    return Group(*parts)


def _wait(waits: "Waits | None") -> str:
    from agent_cli.words import times

    if waits is None:
        return "-"
    return f"{times.span(waits.median)} median, 90 % within {times.span(waits.p90)}"

"""`helpdesk stats`: what was received and answered, and how fast; and the figures of days."""

from datetime import datetime, timedelta
from types import ModuleType

import click

from agent_cli import output
from agent_cli.fields import Moment
from agent_cli.verbs import Terminal, Verb

MOST_DAYS = 400
"""Days of which figures are kept."""


@click.command("stats", cls=Verb)
@click.argument("span", type=click.Choice(["today", "week"]), default="today")
@click.option("--since", type=Moment(), help="Instead of SPAN: from this moment …")
@click.option("--until", type=Moment(), help="… to before this moment; otherwise to now.")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    help="Instead: the figures of the last days, from midnight UTC, as the desk counted them.",
)
@click.option("--learn-hours", is_flag=True, help="Show the hours that closed tickets took.")
@click.pass_obj
def command(
    at: Terminal,
    span: str,
    since: datetime | None,
    until: datetime | None,
    days: int | None,
    *,
    learn_hours: bool,
) -> None:
    """Show what was received, answered and escalated, and how fast.

    Days begin at midnight where you are. A week is today and the six days before. Waiting times
    count only the hours in which the desk works. --learn-hours ends with the line for the parameter
    Severity by which later tickets are estimated. Drafts are counted by what became of them; the
    shares are of those that wait no more.

    With --days, show the tickets that came in these days as they stand now, by status, category,
    priority, level, channel, language and team; duplicates, notifications, mails and files. The
    desk counts once a minute.

    \b
    helpdesk stats
    helpdesk stats week -o json | jq .reasons
    helpdesk stats --since 2026-03-02 --until 2026-03-03
    helpdesk stats --days 90
    helpdesk stats --since 2026-01-01 --learn-hours
    """
    from agent_cli.moments import midnight
    from agent_cli.session import now

    if days:
        if since or until or learn_hours:
            raise click.UsageError("--days goes without --since, --until and --learn-hours")
        _figures(at, days)
        return
    end = until or now() + timedelta(seconds=1)
    begin = since or midnight(end, days_ago=6 if span == "week" else 0)
    if begin >= end:
        raise click.UsageError("--since must be before --until")
    found = at.desk.overview.stats(begin, end)
    if learn_hours:
        output.show(at, found, lambda: _shown().page_of_hours(found.taken))
    else:
        output.show(at, found, lambda: _shown().page_of_stats(found))


def _figures(at: Terminal, days: int) -> None:
    found = at.desk.figures(days)
    output.show(at, found, lambda: _shown().page_of_figures(found))


def _shown() -> ModuleType:
    """Return how counts are shown; scripts that read JSON need not load it."""
    from agent_cli import counted

    return counted

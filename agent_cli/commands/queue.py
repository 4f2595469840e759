"""`helpdesk queue`: how many tickets and messages wait, and for how long."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from helpdesk.operations import QueueStatus


@click.group("queue", cls=Noun)
def command() -> None:
    """How many tickets and messages wait, for how long, and what the drafts among them cost.

    \b
    helpdesk queue status
    helpdesk queue spent
    """


@command.command()
@click.pass_obj
def status(at: Terminal) -> None:
    """Show depth, messages in flight, dead letters and the oldest ticket of every queue.

    The numbers of tickets and their age come from the tickets table and are exact. The numbers of
    messages come from the queues, which estimate them. On mail are mails that came, on outbox those
    that leave, on files what customers sent, on drafts what an engine is to write; no ticket waits
    there.

    \b
    helpdesk queue status
    helpdesk queue status -o json | jq '.[] | select(.dead_letters > 0)'
    """
    from agent_cli import render
    from agent_cli.words import times

    found = at.desk.fares()
    moment = at.session.clock()
    columns: list[render.Column[QueueStatus]] = [
        ("queue", lambda row: row.queue),
        ("tickets", lambda row: str(row.waiting)),
        ("oldest", lambda row: times.age(moment - row.oldest) if row.oldest else "-"),
        ("messages", lambda row: str(row.visible)),
        ("in flight", lambda row: str(row.in_flight)),
        ("delayed", lambda row: str(row.delayed)),
        ("dead letters", lambda row: str(row.dead_letters)),
    ]
    output.show(at, found, lambda: render.table(found, columns))


@command.command()
@click.option("--days", type=click.IntRange(1, 40), default=7, help="Days to show.  [default: 7]")
@click.pass_obj
def spent(at: Terminal, days: int) -> None:
    """Show what the engine that writes drafts took on each day, and how much it may.

    A day is one of UTC. What is set aside for a draft that is being written counts; what it did not
    need is given back. When a day's dollars are spent, drafts only quote until the next.

    \b
    helpdesk queue spent
    helpdesk queue spent --days 30 -o json | jq 'map(.dollars) | add'
    """
    from agent_cli import render
    from agent_cli.words.spending import SpentView, dollars

    most = at.desk.dollars_a_day
    found = [SpentView.of(each, most) for each in at.desk.spent(days)]
    columns: list[render.Column[SpentView]] = [
        ("day", lambda row: str(row.day)),
        ("calls", lambda row: str(row.calls)),
        ("tokens", lambda row: str(row.tokens)),
        ("dollars", lambda row: dollars(row.dollars)),
        ("of", lambda row: "no engine" if row.most is None else dollars(row.most)),
    ]
    output.show(at, found, lambda: render.table(found, columns))

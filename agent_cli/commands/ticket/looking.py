"""Verbs that show a ticket and what happens: show, history, tail."""

import time
from datetime import timedelta
from typing import Any

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import show_page, ticket_argument
from agent_cli.fields import Span
from agent_cli.verbs import Terminal, Verb


@click.command(cls=Verb)
@ticket_argument
@click.option("--whole", is_flag=True, help="Show messages with their quotes and signatures.")
@click.pass_obj
def show(at: Terminal, ticket_id: str, *, whole: bool) -> None:
    """Show everything known about a ticket.

    Of a long message you see what it says; a line in brackets stands for each quote, signature or
    footer. With `--whole` they are shown, and in JSON they always are.

    \b
    helpdesk ticket show 7k3mxq0v2r5t8w1z
    helpdesk ticket show 7k3mxq0v2r5t8w1z --whole
    """
    show_page(at, at.desk.overview.show(ticket_id), whole=whole)


@click.command(cls=Verb)
@ticket_argument
@click.pass_obj
def history(at: Terminal, ticket_id: str) -> None:
    """Show every move of a ticket: when, by whom, what.

    \b
    helpdesk ticket history 7k3mxq0v2r5t8w1z
    """
    from agent_cli import render
    from agent_cli.words import times
    from agent_cli.words.history import what
    from agent_cli.words.tickets import EventView

    events = [EventView.of(event) for event in at.desk.overview.history(ticket_id)]
    columns: list[render.Column[EventView]] = [
        ("#", lambda event: str(event.number)),
        ("when", lambda event: times.second(event.at)),
        ("who", lambda event: event.actor),
        ("move", lambda event: event.move),
        ("what", what),
    ]
    output.show(at, events, lambda: render.table(events, columns, flexible="what"))


@click.command(cls=Verb)
@click.option(
    "--since",
    type=Span(),
    default="10m",
    help="Start with what happened this long ago.  [default: 10m]",
)
@click.option("--for", "span", type=Span(), help="Stop after this time; otherwise Ctrl-C stops it.")
@click.pass_obj
def tail(at: Terminal, since: timedelta, span: timedelta | None) -> None:
    """Follow what happens to all tickets: one line for each event.

    \b
    helpdesk ticket tail
    helpdesk ticket tail --since 1h --for 30m -o jsonl
    """

    late = timedelta(seconds=10)  # an index may show an event some seconds after a later one
    begun = at.session.clock()
    looked = begun - since
    seen: set[tuple[str, int]] = set()
    tickets = at.desk.overview.tickets
    while True:
        moment = at.session.clock()
        found = {(each.ticket_id, each.number): each for each in tickets.happened(looked, moment)}
        for key, each in found.items():
            if key not in seen:
                _tell_event(at, each)
        seen, looked = set(found), max(looked, moment - late)
        if span is not None and moment - begun >= span:
            return
        time.sleep(1)


def _tell_event(at: Terminal, each: Any) -> None:
    if at.option("output") != "table":
        click.echo(output.as_json(each))
        return
    more = " ".join(part for part in (each.intent, each.reason) if part)
    from agent_cli.words import times
    from agent_cli.words.harmless import printable

    who = f"{printable(each.actor):<12}"
    click.echo(f"{times.second(each.at)}  {each.ticket_id}  {who} {each.move} {more}")

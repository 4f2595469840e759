"""Verbs that move a ticket and send nothing: note, transfer, snooze, close, reopen."""

from datetime import datetime, timedelta
from typing import Any

import click

from agent_cli.commands.ticket.one_ticket import done, note_option, ticket_argument, workplace
from agent_cli.fields import Moment, Span
from agent_cli.verbs import Terminal, Verb


@click.command(cls=Verb)
@ticket_argument
@click.argument("text", required=False)
@click.pass_obj
def note(at: Terminal, ticket_id: str, text: str | None) -> None:
    """Write a note for colleagues. Customers never see it.

    Without TEXT, or if TEXT is -, the note is read from stdin.

    \b
    helpdesk ticket note 7k3mxq0v2r5t8w1z "Asked the warehouse, they call back."
    helpdesk ticket note 7k3mxq0v2r5t8w1z < call.txt
    """
    from agent_cli import stdin

    done(at, workplace(at).note(ticket_id, stdin.given(text)), "noted on")


@click.command(cls=Verb)
@ticket_argument
@click.option("--to", help="The colleague who gets it.")
@click.option("--department", help="The department that gets it.")
@note_option
@click.option(
    "--override", is_flag=True, help="Also if a colleague holds it. Only leads may do this."
)
@click.pass_obj
def transfer(at: Terminal, /, ticket_id: str, **given: Any) -> None:
    """Give a ticket to a colleague or a department. The customer's waiting time goes on.

    \b
    helpdesk ticket transfer 7k3mxq0v2r5t8w1z --to bob --note "You know this customer."
    helpdesk ticket transfer 7k3mxq0v2r5t8w1z --department billing
    """
    if not (given["to"] or given["department"]):
        raise click.UsageError("name a colleague with --to, or a --department")
    done(at, workplace(at).transfer(ticket_id, **given), "transferred")


@click.command(cls=Verb)
@ticket_argument
@click.option("--for", "span", type=Span(), help="How long: 30m, 2h, 3d.")
@click.option("--until", type=Moment(), help="Until when: tomorrow 9, mon 14:00, 2026-03-02.")
@note_option
@click.pass_obj
def snooze(
    at: Terminal, ticket_id: str, span: timedelta | None, until: datetime | None, note: str | None
) -> None:
    """Put a ticket you took aside. It comes back by itself, and to you first.

    \b
    helpdesk ticket snooze 7k3mxq0v2r5t8w1z --for 2h --note "The warehouse calls back."
    helpdesk ticket snooze 7k3mxq0v2r5t8w1z --until "mon 14:00"
    """

    if (span is None) == (until is None):
        raise click.UsageError("give either --for (how long) or --until (when)")
    from agent_cli.words import times

    now = at.session.clock()
    try:
        moment = until or now + (span or timedelta())
    except OverflowError:
        raise click.UsageError("--for is longer than a calendar; the ticket ends before") from None
    snoozed = workplace(at).snooze(ticket_id, moment, note=note)
    until_then = f"until {times.weekday(moment)}, in {times.age(moment - now)}"
    done(at, snoozed, f"{until_then}: snoozed")


@click.command(cls=Verb)
@ticket_argument
@note_option
@click.pass_obj
def close(at: Terminal, ticket_id: str, note: str | None) -> None:
    """Close a ticket without a reply, or after it was answered. Take an open ticket first.

    \b
    helpdesk ticket close 7k3mxq0v2r5t8w1z --note "Advertising."
    """
    done(at, workplace(at).close(ticket_id, note=note), "closed")


@click.command(cls=Verb)
@ticket_argument
@note_option
@click.pass_obj
def reopen(at: Terminal, ticket_id: str, note: str | None) -> None:
    """Let an answered or closed ticket wait again.

    \b
    helpdesk ticket reopen 7k3mxq0v2r5t8w1z --note "The parcel came back."
    """
    done(at, workplace(at).reopen(ticket_id, note=note), "reopened")

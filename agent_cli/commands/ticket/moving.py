"""Verbs that move a ticket and send nothing: note, transfer, snooze, close, reopen."""

from datetime import datetime, timedelta
from typing import Any

import click

from agent_cli.commands.ticket.one_ticket import done, note_option, ticket_argument, workplace
from agent_cli.commands.ticket.several import (
    Chosen,
    move_each,
    several_options,
    taken,
    tickets_argument,
)
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
@tickets_argument
@click.option("--to", help="The colleague who gets it.")
@click.option("--department", help="The department that gets it.")
@note_option
@click.option(
    "--override", is_flag=True, help="Do it even if a colleague holds it. Only leads may do this."
)
@several_options
@click.pass_obj
def transfer(at: Terminal, /, ticket_ids: tuple[str, ...], **given: Any) -> None:
    """Give tickets to a colleague or a department. The customers' waiting time continues.

    Several tickets are taken for you first, unless a colleague holds them.

    \b
    helpdesk ticket transfer 7k3mxq0v2r5t8w1z --to bob --note "You know this customer."
    helpdesk ticket transfer 7k3mxq0v2r5t8w1z --department billing
    helpdesk ticket list --owner bob -o json | helpdesk ticket transfer --ids - --to ada --override
    """
    if not (given["to"] or given["department"]):
        raise click.UsageError("name a colleague with --to, or a --department")
    chosen = Chosen.of(ticket_ids, given)
    move_each(
        at,
        chosen,
        "transferred",
        lambda here, each: (here if given["override"] else taken(here, each, chosen)).transfer(
            each, **given
        ),
    )


@click.command(cls=Verb)
@ticket_argument
@click.option("--for", "span", type=Span(), help="How long: 30m, 2h, 3d.")
@click.option("--until", type=Moment(), help="Until when: tomorrow 9, mon 14:00, 2026-03-02.")
@note_option
@click.pass_obj
def snooze(
    at: Terminal, ticket_id: str, span: timedelta | None, until: datetime | None, note: str | None
) -> None:
    """Put off a ticket that you hold. It comes back by itself, and to you first.

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
        raise click.UsageError("--for is too long; the ticket expires before that") from None
    snoozed = workplace(at).snooze(ticket_id, moment, note=note)
    until_then = f"until {times.weekday(moment)}, in {times.age(moment - now)}"
    done(at, snoozed, f"{until_then}: snoozed")


@click.command(cls=Verb)
@tickets_argument
@note_option
@several_options
@click.pass_obj
def close(at: Terminal, /, ticket_ids: tuple[str, ...], note: str | None, **given: Any) -> None:
    """Close tickets without a reply, or after they were answered. Take an open ticket first.

    Several open tickets are taken for you first, unless a colleague holds them.

    \b
    helpdesk ticket close 7k3mxq0v2r5t8w1z --note "Advertising."
    helpdesk ticket list --state answered -o json | helpdesk ticket close --ids - --yes
    """
    chosen = Chosen.of(ticket_ids, given)
    move_each(
        at, chosen, "closed", lambda here, each: taken(here, each, chosen).close(each, note=note)
    )


@click.command(cls=Verb)
@ticket_argument
@note_option
@click.pass_obj
def reopen(at: Terminal, ticket_id: str, note: str | None) -> None:
    """Put an answered or closed ticket back among the waiting ones.

    \b
    helpdesk ticket reopen 7k3mxq0v2r5t8w1z --note "The parcel came back."
    """
    done(at, workplace(at).reopen(ticket_id, note=note), "reopened")

"""Verbs that take a ticket and give it back: next, claim, release."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import done, show_page, ticket_argument, workplace
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.agents import Dossier


@click.command("next", cls=Verb)
@click.option("--department", help="Only tickets of this department.")
@click.pass_context
def next_(context: click.Context, department: str | None) -> None:
    """Take the ticket that is due first. It is yours for 15 minutes.

    A ticket that belongs to a colleague is left to them until it is overdue. If nothing waits, the
    exit code is 3.

    \b
    helpdesk ticket next
    helpdesk ticket next -o json | jq -r .ticket.id
    """
    at: Terminal = context.obj
    taken = workplace(at).take_next(department=department)
    if taken is None:
        output.tell("no ticket is waiting")
        context.exit(3)
    show_page(at, taken)
    _say_what_next(taken)


@click.command(cls=Verb)
@ticket_argument
@click.pass_obj
def claim(at: Terminal, ticket_id: str) -> None:
    """Take this ticket, or start your 15 minutes again.

    \b
    helpdesk ticket claim 7k3mxq0v2r5t8w1z
    """
    taken = workplace(at).claim(ticket_id)
    show_page(at, taken)
    _say_what_next(taken)


@click.command(cls=Verb)
@ticket_argument
@click.pass_obj
def release(at: Terminal, ticket_id: str) -> None:
    """Give a ticket back, so that another agent can take it.

    \b
    helpdesk ticket release 7k3mxq0v2r5t8w1z
    """
    done(at, workplace(at).release(ticket_id), "released")


def _say_what_next(taken: "Dossier") -> None:
    from agent_cli.words import times

    lease = taken.ticket.lease
    until = f" until {times.clock(lease.until)}" if lease else ""
    output.tell(f"yours{until}; answer with: helpdesk ticket reply {taken.ticket.id}")

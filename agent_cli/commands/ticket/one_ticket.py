"""The shared parts of verbs about one ticket: their arguments, and their last message."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Terminal

if TYPE_CHECKING:
    from helpdesk.agents import Arranger, Dossier
    from helpdesk.ticket import Ticket

ticket_argument = click.argument("ticket_id", metavar="TICKET")
note_option = click.option("--note", help="A note for colleagues; customers never see it.")


def workplace(at: Terminal) -> "Arranger":
    """Return the calling thread's workplace; its warnings go to stderr."""
    return at.desk.workplace(warn=output.tell)


def show_page(at: Terminal, dossier: "Dossier", *, whole: bool = False) -> None:
    """Print everything known about a ticket; from now on the agent has seen its messages.

    What is left aside of long messages is shown if they shall be `whole`; scripts get all of it.
    """
    from agent_cli import render
    from agent_cli.words.tickets import TicketView

    moment = at.session.clock()
    view = TicketView.of(dossier, moment)
    output.show(at, view, lambda: render.page(dossier, moment, whole=whole))
    at.seen.note(dossier.ticket.id, dossier.ticket.messages)


def done(at: Terminal, ticket: "Ticket", what: str) -> None:
    """Say what was done to a ticket; for scripts, print the ticket as it is now."""
    from agent_cli.words.tickets import TicketRow

    output.done(at, TicketRow.of(ticket, at.session.clock()), f"{what} {ticket.id}")

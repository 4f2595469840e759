"""Verbs that close a ticket to its customer for good: revoke the token, erase the ticket."""

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import done, ticket_argument, workplace
from agent_cli.verbs import Terminal, Verb


@click.command(cls=Verb)
@ticket_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def revoke(at: Terminal, ticket_id: str, *, yes: bool) -> None:
    """Lock the customer out of a ticket, for example after its token leaked. Agents still see it.

    To keep the ticket open to its customer, let them exchange the token instead:
    POST /queries/{id}/token.

    \b
    helpdesk ticket revoke 7k3mxq0v2r5t8w1z
    """
    at.confirm(f"Lock the customer out of {ticket_id} for good?", yes=yes)
    done(at, workplace(at).revoke_token(ticket_id), "revoked the token of")


@click.command(cls=Verb)
@click.argument("ticket_id", metavar="[TICKET]", required=False)
@click.option(
    "--customer",
    help="All tickets of this e-mail address, or of your own reference for the customer.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(at: Terminal, ticket_id: str | None, customer: str | None, *, yes: bool) -> None:
    """Erase a ticket, or all tickets of a customer, for good. Only leads may do this.

    Only a record is left: who erased which ticket, and when.

    \b
    helpdesk ticket erase 7k3mxq0v2r5t8w1z
    helpdesk ticket erase --customer ada@example.com
    """
    from helpdesk import erasure
    from helpdesk.ticket import Customer

    from agent_cli import render
    from agent_cli.words.tickets import ErasedView

    if (ticket_id is None) == (customer is None):
        raise click.UsageError("name either a TICKET or a --customer")
    tickets, lead = at.desk.parts.tickets, at.session.agent
    if ticket_id:
        at.confirm(f"Erase ticket {ticket_id} for good?", yes=yes)
        erasure.erase_ticket(ticket_id, lead, tickets=tickets, clock=at.session.clock)
        erased: tuple[str, ...] = (ticket_id,)
    else:
        whose = Customer.named(str(customer))
        count = len(tuple(tickets.of_customer(whose)))
        at.confirm(f"Erase all {count} ticket(s) of {customer} for good?", yes=yes)
        erased = erasure.erase_customer(whose, lead, tickets=tickets, clock=at.session.clock)
    drafts, seen = at.drafts, at.seen
    for each in erased:
        drafts.erase(each)
        seen.forget(each)
    output.tell(f"erased {len(erased)} ticket(s)")
    views = [ErasedView(id=each, by=lead.name) for each in erased]
    columns: list[render.Column[ErasedView]] = [
        ("ticket", lambda view: view.id),
        ("erased by", lambda view: view.by),
    ]
    output.show(at, views, lambda: render.table(views, columns, flexible="erased by"))

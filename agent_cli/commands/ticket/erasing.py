"""Verbs that close a ticket to its customer for good: revoke the token, erase the ticket."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import done, ticket_argument, workplace
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.belonging import Person


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
    help="All tickets of a customer: an e-mail address, your own reference, or a name.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(at: Terminal, ticket_id: str | None, customer: str | None, *, yes: bool) -> None:
    """Erase a ticket, or all tickets of a customer, for good. Only leads may do this.

    A customer is every address and reference that belong together; see `helpdesk customer show`.
    The command first says what it found under which key. Mails go too, as they came and in
    quarantine. Only a record is left: who erased which ticket, and when.

    \b
    helpdesk ticket erase 7k3mxq0v2r5t8w1z
    helpdesk ticket erase --customer ada@example.com
    """
    from helpdesk import erasure

    from agent_cli import render
    from agent_cli.words.tickets import ErasedView

    if (ticket_id is None) == (customer is None):
        raise click.UsageError("name either a TICKET or a --customer")
    tickets, files = at.desk.parts.tickets, at.desk.parts.files
    lead = at.session.agent
    keys: dict[str, str] = {}
    if ticket_id:
        at.confirm(f"Erase ticket {ticket_id} for good?", yes=yes)
        erasure.erase_ticket(ticket_id, lead, tickets=tickets, files=files, clock=at.session.clock)
        erased: tuple[str, ...] = (ticket_id,)
    else:
        erased, keys = _erase_customer(at, str(customer), yes=yes)
    drafts, seen = at.drafts, at.seen
    for each in erased:
        drafts.erase(each)
        seen.forget(each)
    output.tell(f"erased {len(erased)} ticket(s)")
    views = [ErasedView(id=each, by=lead.name, key=keys.get(each)) for each in erased]
    columns: list[render.Column[ErasedView]] = [
        ("ticket", lambda view: view.id),
        ("erased by", lambda view: view.by),
        ("found under", lambda view: view.key),
    ]
    output.show(at, views, lambda: render.table(views, columns, flexible="found under"))


def _erase_held(at: Terminal, person: "Person") -> None:
    """Erase what is in quarantine from a customer's addresses, where the stack takes mail."""
    from helpdesk.ticket import Kind

    if "MailBucket" not in at.desk.outputs:
        return
    addresses = [each.value for each in person.keys if each.kind is Kind.EMAIL]
    if count := at.desk.quarantine.erase(addresses):
        output.tell(f"erased {count} mail(s) in quarantine")


def _erase_customer(
    at: Terminal, customer: str, *, yes: bool
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the ids of the tickets that were erased, and the keys they were found under."""
    from helpdesk import belonging, erasure
    from helpdesk.ports import NotFoundError

    from agent_cli.words.customers import found_under

    tickets = at.desk.parts.tickets
    found = belonging.holdings(belonging.whose(customer, tickets), tickets)
    for line in found_under(found):
        output.tell(line)
    count = len(found.tickets) + len(found.unverified)
    known = count or at.desk.has_records(found.person.keys)
    if not known and not belonging.ties_of(found.person, tickets):
        raise NotFoundError(f"nothing is known of the customer {customer}")
    at.confirm(f"Erase all {count} ticket(s) of {found.person} for good?", yes=yes)
    erased = erasure.erase_customer(
        found.person,
        at.session.agent,
        tickets=tickets,
        files=at.desk.parts.files,
        records=at.desk.records,
        clock=at.session.clock,
    )
    _erase_held(at, found.person)
    lists = (*found.listed.items(), *found.claimed.items())
    return erased, {each.id: str(key) for key, some in lists for each in some}

"""Verbs that arrange tickets: open one for a customer, tag, mark as spam, merge, split."""

from datetime import datetime
from typing import Any

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import done, note_option, ticket_argument, workplace
from agent_cli.commands.ticket.several import (
    Chosen,
    move_each,
    several_options,
    tickets_argument,
)
from agent_cli.fields import Country, Moment
from agent_cli.verbs import Terminal, Verb


@click.command(cls=Verb)
@click.argument("text", required=False)
@click.option("--email", help="The customer's address.")
@click.option("--name", help="The customer's name.")
@click.option("--reference", help="Your own reference for the customer.")
@click.option("--country", type=Country(), help="The customer's country, such as DE.")
@click.option("--channel", default="phone", show_default=True, help="How the question came.")
@click.option(
    "--received", type=Moment(), help="When it came: 2026-11-02T09:00:00Z.  [default: now]"
)
@click.pass_obj
def new(at: Terminal, /, text: str | None, received: datetime | None, **given: Any) -> None:
    """Open a ticket for a customer who called or wrote elsewhere. It belongs to you.

    Without TEXT, or if TEXT is -, the question is read from stdin. The customer's waiting time
    starts at --received. The token that is printed opens the ticket to the customer.

    \b
    helpdesk ticket new "Wants to know when the sofa comes." --email kim@example.com
    helpdesk ticket new --received 2026-11-02T09:00:00Z --reference C-17 < letter.txt
    """
    from helpdesk.agents import Opening
    from helpdesk.ticket import Customer

    from agent_cli import stdin
    from agent_cli.words.tickets import OpenedView, TicketRow

    channel = given.pop("channel")
    now = at.session.clock()
    opening = Opening(
        text=stdin.given(text),
        customer=Customer(**given),
        channel=channel,
        received=received or now,
    )
    opened, token = workplace(at).open(opening, at.desk.kept)
    view = OpenedView(ticket=TicketRow.of(opened, now), token=token)
    output.done(at, view, f"opened {opened.id}; its customer's token is {token}")


@click.command(cls=Verb)
@tickets_argument
@click.option("--add", multiple=True, metavar="TAG", help="A tag to put on; may be repeated.")
@click.option("--remove", multiple=True, metavar="TAG", help="A tag to take off.")
@several_options
@click.pass_obj
def tag(
    at: Terminal,
    /,
    ticket_ids: tuple[str, ...],
    add: tuple[str, ...],
    remove: tuple[str, ...],
    **given: Any,
) -> None:
    """Put tags on tickets and take tags off. You need not hold them.

    \b
    helpdesk ticket tag 7k3mxq0v2r5t8w1z --add christmas --remove urgent
    helpdesk ticket list --intent track_order -o json | helpdesk ticket tag --ids - --add strike -y
    """
    if not (add or remove):
        raise click.UsageError("name a tag to --add or to --remove")
    move_each(
        at,
        Chosen.of(ticket_ids, given),
        "tagged",
        lambda here, each: here.tag(each, add=add, remove=remove),
    )


@click.command(cls=Verb)
@tickets_argument
@note_option
@several_options
@click.pass_obj
def spam(at: Terminal, /, ticket_ids: tuple[str, ...], note: str | None, **given: Any) -> None:
    """Close tickets as spam. They get the tag `spam`; `ticket reopen` takes it off again.

    \b
    helpdesk ticket spam 7k3mxq0v2r5t8w1z
    helpdesk ticket list --customer junk@example.com -o json | helpdesk ticket spam --ids - -y
    """
    move_each(
        at,
        Chosen.of(ticket_ids, given),
        "marked as spam",
        lambda here, each: here.spam(each, note=note),
    )


@click.command(cls=Verb)
@ticket_argument
@click.option("--into", required=True, metavar="ROOT", help="The ticket to merge it into.")
@note_option
@click.pass_obj
def merge(at: Terminal, ticket_id: str, into: str, note: str | None) -> None:
    """Put a ticket into another one of the same customer; `ticket split` takes it apart again.

    The ticket is closed. Its customer sees there what is said in the root, and what the customer
    writes there goes to the root.

    \b
    helpdesk ticket merge 7k3mxq0v2r5t8w1z --into 2w8r5t1z0v7k3mxq
    """
    done(at, workplace(at).merge(into, ticket_id, note=note), f"merged {ticket_id} into")


@click.command(cls=Verb)
@ticket_argument
@note_option
@click.pass_obj
def split(at: Terminal, ticket_id: str, note: str | None) -> None:
    """Take a merged ticket apart again. After that, it waits for a person.

    \b
    helpdesk ticket split 7k3mxq0v2r5t8w1z
    """
    done(at, workplace(at).split(ticket_id, note=note), "split off")

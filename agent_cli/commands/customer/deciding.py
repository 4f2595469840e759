"""Verbs that say which keys are one customer: join and separate, for leads; gather."""

from datetime import timedelta

import click

from agent_cli import output
from agent_cli.verbs import Terminal, Verb

reason_option = click.option(
    "--reason", required=True, help="Why, for colleagues; it is recorded with your name."
)


@click.command(cls=Verb)
@click.argument("one", metavar="KEY")
@click.argument("other", metavar="KEY")
@reason_option
@click.pass_obj
def join(at: Terminal, one: str, other: str, reason: str) -> None:
    """Make two customers one, by a key of each. Only leads may do this.

    `helpdesk customer separate` takes it back.

    \b
    helpdesk customer join ada@example.com reference:cust-1 --reason "same phone number"
    """
    from helpdesk import belonging
    from helpdesk.ticket import CustomerKey

    from agent_cli.one_customer import view_of

    tickets = at.desk.parts.tickets
    person = belonging.join(
        CustomerKey.typed(one),
        CustomerKey.typed(other),
        lead=at.session.agent,
        reason=reason,
        tickets=tickets,
        now=at.session.clock(),
    )
    view = view_of(belonging.holdings(person, tickets), tickets, at.session.clock())
    output.done(at, view, f"one customer: {person}")


@click.command(cls=Verb)
@click.argument("one", metavar="KEY")
@click.argument("other", metavar="OTHER")
@reason_option
@click.pass_obj
def separate(at: Terminal, one: str, other: str, reason: str) -> None:
    """Take KEY away from the customer that OTHER belongs to. Only leads may do this.

    Tickets that show both keys do not join them again. `helpdesk customer join` takes it back.

    \b
    helpdesk customer separate bob@example.com reference:cust-1 --reason "another Bob"
    """
    from helpdesk import belonging
    from helpdesk.ticket import CustomerKey

    from agent_cli.one_customer import view_of

    tickets = at.desk.parts.tickets
    persons = belonging.separate(
        CustomerKey.typed(one),
        CustomerKey.typed(other),
        lead=at.session.agent,
        reason=reason,
        tickets=tickets,
        now=at.session.clock(),
    )
    now = at.session.clock()
    views = [view_of(belonging.holdings(each, tickets), tickets, now) for each in persons]
    output.done(at, views, f"two customers: {persons[0]}; and {persons[1]}")


@click.command(cls=Verb)
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=400,
    show_default=True,
    help="How many days back tickets were submitted.",
)
@click.pass_obj
def gather(at: Terminal, days: int) -> None:
    """Find which keys belong together in tickets of versions that did not record it.

    Run it once after an upgrade to this version. It may be run again.

    \b
    helpdesk customer gather
    """
    from helpdesk.agents import gather as gather_bonds

    from agent_cli.words.customers import GatheredView

    now = at.session.clock()
    count = gather_bonds(
        now - timedelta(days=days), now, agent=at.session.agent, tickets=at.desk.parts.tickets
    )
    output.done(at, GatheredView(tickets=count), f"looked at {count} ticket(s)")

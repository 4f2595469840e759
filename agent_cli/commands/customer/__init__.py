"""`helpdesk customer`: which keys are one customer, and everything that is kept of one."""

import click

from agent_cli.commands.customer.deciding import gather, join, separate
from agent_cli.commands.customer.looking import export, show
from agent_cli.verbs import Noun


@click.group("customer", cls=Noun)
def command() -> None:
    """Which addresses and references are one customer, and what the desk keeps.

    A ticket that gives an address and a reference shows that they belong together. Leads may join
    other keys, and separate keys. A customer is shown, searched and erased by any of its keys, or
    by a name that only one customer has.

    \b
    helpdesk customer show ada@example.com
    helpdesk customer show reference:cust-1
    helpdesk customer show name:Ada
    """


for verb in (show, export, join, separate, gather):
    command.add_command(verb)

"""`helpdesk knowledge`: the articles that customers are answered with."""

import click

from agent_cli.commands.knowledge.changing import add, edit, remove, rollback
from agent_cli.commands.knowledge.documents import command as document
from agent_cli.commands.knowledge.exchanging import export, import_
from agent_cli.commands.knowledge.facts import command as fact
from agent_cli.commands.knowledge.linting import lint
from agent_cli.commands.knowledge.looking import history, list_, show, test
from agent_cli.commands.knowledge.replacing import replace
from agent_cli.commands.knowledge.replies import command as reply
from agent_cli.verbs import Noun


@click.group("knowledge", cls=Noun)
def command() -> None:
    """The articles with which the desk answers customers: one for each intent.

    Every change makes a new version, which says who made it and when. Only leads may change.

    \b
    helpdesk knowledge list
    helpdesk knowledge edit get_refund
    helpdesk knowledge rollback get_refund
    helpdesk knowledge lint our-shop/
    helpdesk knowledge replace our-shop/
    helpdesk knowledge fact set return_period "30 days"
    helpdesk knowledge document import handbook.md
    """


for verb in (
    list_,
    show,
    history,
    test,
    lint,
    add,
    edit,
    remove,
    rollback,
    import_,
    replace,
    export,
):
    command.add_command(verb)
for noun in (fact, document, reply):
    command.add_command(noun)

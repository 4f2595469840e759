"""`helpdesk ticket`: an agent's day in verbs."""

import click

from agent_cli.commands.ticket.answering import reply
from agent_cli.commands.ticket.arranging import merge, new, spam, split, tag
from agent_cli.commands.ticket.erasing import erase, revoke
from agent_cli.commands.ticket.exporting import export
from agent_cli.commands.ticket.filing import files, mails
from agent_cli.commands.ticket.listing import list_, search
from agent_cli.commands.ticket.looking import history, show, tail
from agent_cli.commands.ticket.moving import close, note, reopen, snooze, transfer
from agent_cli.commands.ticket.reviewing import approve, dismiss, review
from agent_cli.commands.ticket.taking import claim, next_, release
from agent_cli.verbs import Noun


@click.group("ticket", cls=Noun)
def command() -> None:
    """See the waiting tickets, take one, answer it.

    \b
    helpdesk ticket list
    helpdesk ticket next
    helpdesk ticket reply 7k3mxq0v2r5t8w1z
    """


for verb in (list_, search, export, show, files, mails, history, tail):
    command.add_command(verb)
for verb in (next_, claim, release, reply):
    command.add_command(verb)
for verb in (review, approve, dismiss):
    command.add_command(verb)
for verb in (new, tag, spam, merge, split):
    command.add_command(verb)
for verb in (note, transfer, snooze, close, reopen, revoke, erase):
    command.add_command(verb)

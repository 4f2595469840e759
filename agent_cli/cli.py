"""`helpdesk`: nouns and verbs. Data goes to stdout, messages for people go to stderr.

A noun's module is imported when the noun is used, so that help and completion answer at once.
"""

from importlib import import_module
from typing import Any

import click

from agent_cli import streams
from agent_cli.verbs import Terminal, shared_options

NOUNS = {
    "ticket": "See the waiting tickets, take one, answer it.",
    "inbox": "The same on one screen, with the keyboard.",
    "web": "The console: the same in your browser, with pictures, on this machine alone.",
    "customer": "Which addresses and references are one customer, and what the desk keeps.",
    "records": "What the shop knows of its customers: orders that the desk may tell them.",
    "incident": "Many customers, the same matter within hours, and one reply to all.",
    "mail": "Mails in quarantine, and the mails that left, on one machine.",
    "notify": "Where leads are told what must not wait.",
    "queue": "How many tickets and messages wait, and for how long.",
    "deadletter": "Messages that failed too often: list, send again, delete.",
    "knowledge": "The articles with which the desk answers customers.",
    "model": "The models that were learned, and how to go back to an earlier one.",
    "agent": "The roster: roles and departments of agents.",
    "text": "What customers are told when a person gets their question.",
    "canned": "Replies that agents use often.",
    "stats": "What was received, answered and escalated, and how fast.",
    "evaluate": "How good a desk is, by labelled conversations.",
    "doctor": "Check what the terminal needs, and say what to do.",
    "config": "Your own defaults.",
    "schema": "The JSON Schema of any command's output.",
}


class Nouns(click.Group):
    """The nouns by name, each from its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the nouns in the order people need them."""
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a noun."""
        if cmd_name not in NOUNS:
            return None
        module: Any = import_module(f"agent_cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a noun, or name the one that was probably meant."""
        if args[0] not in NOUNS and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=NOUNS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the nouns without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(NOUNS.items()))


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@shared_options
@click.version_option(package_name="helpdesk")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Work the escalation queue: take a ticket, read it, answer it.

    \b
    helpdesk ticket next                      take what is due first
    helpdesk ticket reply 7k3mxq0v2r5t8w1z    answer it in your editor
    helpdesk inbox                            the same on one screen

    You may write the options below after any verb, too.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not allowed, 5 conflict: a
    colleague holds the ticket, or its state does not allow the move; 6 news: the customer wrote
    again, and the reply was not sent.

    Completion: eval "$(_HELPDESK_COMPLETE=bash_source helpdesk)", or zsh_source, fish_source.
    """
    context.obj = Terminal(options)


def run() -> None:
    """Run the command line of this process."""
    with streams.steady():
        main(prog_name="helpdesk")

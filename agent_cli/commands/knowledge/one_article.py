"""The shared parts of verbs about one article: their arguments, and their last message."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Terminal

if TYPE_CHECKING:
    from helpdesk.curation import Revision

intent_argument = click.argument("intent")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def tell_revision(at: Terminal, revision: "Revision") -> None:
    """Say what was done to an article; for scripts, print the version it led to."""
    text = f"{revision.intent} {revision.note}: version {revision.version}"
    output.done(at, revision, text)

"""A wait before a reply is sent, in which Ctrl-C takes it back."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.stopping import STOPPED

if TYPE_CHECKING:
    from helpdesk.agents import Arranger

    from agent_cli.outgoing import Outgoing


class TakenBack(click.exceptions.Exit):
    """The agent took a reply back before it was sent."""


def wait(outgoing: "Outgoing", at: "Arranger", undo: timedelta) -> None:
    """Let the time pass in which the agent can take a reply back; it must be ready to be sent.

    The ticket stays the agent's so long. Raises TakenBack, or what sending would raise now.
    """
    outgoing.checked(at, undo)
    output.tell(f"sending in {undo.total_seconds():.0f} s; Ctrl-C takes it back")
    try:
        time.sleep(undo.total_seconds())
    except KeyboardInterrupt as error:
        output.tell("taken back: nothing was sent")
        raise TakenBack(STOPPED) from error

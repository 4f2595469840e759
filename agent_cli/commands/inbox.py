"""`helpdesk inbox`: an agent's work on one screen."""

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import NeedsInputError, Terminal, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from helpdesk.agents import Arranger


@click.command("inbox", cls=Verb)
@click.option(
    "--bell/--no-bell",
    "rings",
    default=None,
    help="Ring the terminal's bell when a ticket or a message arrives.  [default: no bell]",
)
@click.pass_obj
def command(at: Terminal, *, rings: bool | None) -> None:
    """Show the waiting tickets, the conversation and your reply. `?` shows the keys.

    What you type is saved to disk within half a second. It is there again when you come back. A
    ticket with a message that you have not seen has a mark.

    \b
    helpdesk inbox
    helpdesk inbox --bell
    helpdesk config set bell on
    """
    if at.no_input or not sys.stdin.isatty():
        raise NeedsInputError("the inbox needs a terminal; scripts have `helpdesk ticket`")
    from agent_cli.inbox.app import Inbox
    from agent_cli.words.faults import explained

    # Faults of the stack or the credentials are told before the inbox takes the screen.
    at.desk.workplace()
    if rings is None:
        rings = at.option("bell") == "on"

    @contextmanager
    def at_work(warn: "Callable[[str], None]") -> "Iterator[Arranger]":
        with at.session.at_desk() as desk:
            yield desk.workplace(warn=warn)

    def explain(error: Exception) -> str | None:
        fault = explained(error, at.where)
        return fault.text if fault else None

    inbox = Inbox(
        at_work,
        at.drafts,
        explain,
        agent=at.session.agents_name,
        clock=at.session.clock,
        seen=at.seen,
        rings=rings,
        lease=at.desk.lease,
    )
    for ticket_id in inbox.run() or []:
        output.tell(f"you may still hold {ticket_id}; `helpdesk ticket release` gives it back")

"""`helpdesk inbox`: an agent's work on one screen."""

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.fields import Undo
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
@click.option(
    "--undo",
    type=Undo(),
    help="How long a reply waits before it is sent; U takes it back: 10s; 0 is off.  [default: 5s]",
)
@click.pass_obj
def command(at: Terminal, *, rings: bool | None, undo: timedelta | None) -> None:
    """Show the waiting tickets, the conversation and your reply. `?` shows the keys.

    What you type is saved to disk within half a second. It is there again when you come back. A
    ticket with a message that you have not seen has a mark. A reply waits some seconds on your
    machine before it is sent; `U` takes it back. Leaving sends the waiting replies.

    \b
    helpdesk inbox
    helpdesk inbox --bell
    helpdesk config set bell on
    helpdesk config set undo 10s
    """
    if not at.can_ask:
        raise NeedsInputError("the inbox needs a terminal; scripts have `helpdesk ticket`")
    from agent_cli.inbox.app import Inbox
    from agent_cli.words.faults import explained

    # Faults of the stack or the credentials are told before the inbox takes the screen.
    at.desk.workplace()
    if rings is None:
        rings = at.option("bell") == "on"

    if undo is None:
        undo = at.undo

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
        undo=undo,
    )
    held = inbox.run() or []
    for ticket_id, why in inbox.unsent.items():
        output.tell(f"the reply to {ticket_id} was not sent: {why}; {_way_on(at, ticket_id)}")
    for ticket_id in inbox.on_the_way:
        output.tell(f"the reply to {ticket_id} is being sent; if this fails, its text is kept")
    for ticket_id in held:
        output.tell(f"you may still hold {ticket_id}; `helpdesk ticket release` gives it back")


def _way_on(at: Terminal, ticket_id: str) -> str:
    """Return how to go on with a reply that was not sent; a draft as it is stands in its ticket."""
    if at.drafts.read(ticket_id) is None:
        return f"see `helpdesk ticket show {ticket_id}`"
    return f"its text is kept: `helpdesk ticket reply {ticket_id} --draft` sends it"

"""`helpdesk inbox`: the agents' desk on one screen."""

import sys

import click

from agent_cli import output
from agent_cli.verbs import NeedsInputError, Terminal, Verb


@click.command("inbox", cls=Verb)
@click.pass_obj
def command(at: Terminal) -> None:
    """What waits, the conversation and your reply on one screen; `?` shows the keys.

    What you type is on disk half a second later, and offered again.

    \b
    helpdesk inbox
    """
    if at.no_input or not sys.stdin.isatty():
        raise NeedsInputError("the inbox needs a terminal; scripts have `helpdesk ticket`")
    from agent_cli.drafts import Drafts
    from agent_cli.faults import explained
    from agent_cli.inbox.app import Inbox

    workplace = at.desk.workplace()

    def explain(error: Exception) -> str | None:
        fault = explained(error, at)
        return fault.text if fault else None

    drafts = Drafts(at.settings.state / "drafts" / str(at.option("stack_name")))
    for ticket_id in Inbox(workplace, drafts, explain).run() or []:
        output.tell(f"you may still hold {ticket_id}; `helpdesk ticket release` gives it back")

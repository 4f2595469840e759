"""`helpdesk web`: the console in the agent's browser."""

import webbrowser
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.fields import Undo
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from agent_cli.desk import Desk


@click.command("web", cls=Verb)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="The port on this machine.  [default: one that is free]",
)
@click.option("--open/--no-open", "opens", default=True, help="Open the link in your browser.")
@click.option(
    "--undo",
    type=Undo(),
    help="How long a reply waits before it is sent; you can take it back: 10s; 0 is off.  "
    "[default: 5s]",
)
@click.pass_obj
def command(at: Terminal, *, port: int, opens: bool, undo: timedelta | None) -> None:
    """Serve the console on this machine, for you alone, until you press Ctrl-C.

    It works with your own AWS credentials: it may do what you may do in the terminal. It prints a
    link that lets one browser in, once, within a minute. No other machine can reach it; to use it
    from another one, forward the port with ssh and open the second link that it prints.

    A reply waits some seconds in this process before it is sent, and you can take it back. When you
    end the console, it sends the replies that wait.

    \b
    helpdesk web
    helpdesk web --port 8080
    helpdesk web --no-open --output json     the link for a script, in one line
    """
    from agent_cli.web.asking import Console
    from agent_cli.web.console import application
    from agent_cli.web.door import Door, Keys
    from agent_cli.web.outbox import Outbox
    from agent_cli.web.serving import bound, ended_in_order, serve
    from agent_cli.web.standing import LastKnown
    from agent_cli.words.views import ConsoleView

    session = at.session
    at.desk.workplace()  # faults of the stack or the credentials are told before a link is
    standing = LastKnown(session)
    place, keys = bound(port), Keys(session.clock)

    def desk_of(_: object) -> "AbstractContextManager[Desk]":
        return session.at_desk()

    outbox = Outbox(
        undo=at.undo if undo is None else undo,
        drafts=at.drafts,
        seen=at.seen,
        clock=session.clock,
        where=at.where,
    )
    console = Console(
        desk_of=desk_of,
        standing=standing,
        forget=session.forget,
        where=at.where,
        drafts=at.drafts,
        seen=at.seen,
        outbox=outbox,
        keys=keys,
        clock=session.clock,
    )
    link = place.link(keys)

    def ready() -> None:
        view = ConsoleView(link=link, by_number=place.link(keys, by_number=True))
        if at.option("output") == "table":
            click.echo(f"The console: {view.link}")
            output.tell(f"if your browser does not know that name: {view.by_number}")
            output.tell("the link works once, within a minute; Ctrl-C ends the console")
        else:
            click.echo(output.as_json(view))
        if opens:
            webbrowser.open(link)

    with ended_in_order(), outbox.open():
        serve(Door(application(console), origins=place.origins, keys=keys), place, ready=ready)
    for each in outbox.unsent():
        output.tell(
            f"the reply to {each.outgoing.ticket_id} was not sent: {each.why}; its text is kept: "
            f"`helpdesk ticket reply {each.outgoing.ticket_id} --draft` sends it"
        )

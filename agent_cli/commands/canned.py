"""`helpdesk canned`: replies that agents use often."""

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

name_argument = click.argument("name")


@click.group("canned", cls=Noun)
def command() -> None:
    """Replies that agents use often.

    Placeholders such as {name}, {ticket}, {agent}, {order_number} are filled in from the ticket. If
    the ticket has no value for one of them, the reply is not sent.

    \b
    helpdesk canned list
    helpdesk ticket reply 7k3mxq0v2r5t8w1z --canned apology
    """


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the canned replies.

    \b
    helpdesk canned list
    """
    from agent_cli import render
    from agent_cli.words.views import CannedView

    found = [
        CannedView(name=name, text=text) for name, text in at.desk.parts.knowledge.canned().items()
    ]
    columns: list[render.Column[CannedView]] = [
        ("name", lambda row: row.name),
        ("text", lambda row: row.text),
    ]
    output.listed(
        at,
        found,
        lambda: render.table(found, columns, flexible="text"),
        one="canned reply",
        more="canned replies",
    )


@command.command()
@name_argument
@click.pass_obj
def show(at: Terminal, name: str) -> None:
    """Show a canned reply.

    \b
    helpdesk canned show apology
    """
    from agent_cli import render
    from agent_cli.words.views import CannedView

    text = at.desk.canner.get(name)
    output.show(at, CannedView(name=name, text=text), lambda: render.paragraph(text))


@command.command("set")
@name_argument
@click.argument("text", required=False)
@click.pass_obj
def set_(at: Terminal, name: str, text: str | None) -> None:
    """Store a canned reply, from TEXT or stdin. Only leads may do this.

    \b
    helpdesk canned set apology "Dear {name}, we are sorry. Your {agent}"
    """
    from agent_cli import stdin
    from agent_cli.words.views import CannedView

    stored = at.desk.canner.set(name, stdin.given(text))
    output.done(at, CannedView(name=name, text=stored), f"stored {name}")


@command.command()
@name_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(at: Terminal, name: str, yes: bool) -> None:
    """Delete a canned reply. Only leads may do this.

    \b
    helpdesk canned remove apology
    """
    from agent_cli.words.views import CannedView

    canner = at.desk.canner
    canner.get(name)
    at.confirm(f"Delete the canned reply {name}?", yes=yes)
    text = canner.remove(name)
    output.done(at, CannedView(name=name, text=text), f"removed {name}")

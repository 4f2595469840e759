"""`helpdesk knowledge fact`: what the desk says of itself once, for many answers."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.commands.knowledge.one_article import yes_option
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from agent_cli.words.views import FactView

name_argument = click.argument("name")


@click.group("fact", cls=Noun)
def command() -> None:
    """The desk's facts, which answers contain as variables.

    An answer that says {return_period} is sent with the text of the fact return_period. A changed
    fact is in every answer that is sent from then on; a function may take five seconds to see it.

    \b
    helpdesk knowledge fact list
    helpdesk knowledge fact set return_period "30 days"
    """


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the facts, and the articles that use each.

    \b
    helpdesk knowledge fact list
    helpdesk knowledge fact list -o json
    """
    from agent_cli import render

    found = [_view(at, name, text) for name, text in _facts(at).items()]
    columns: list[render.Column[FactView]] = [
        ("fact", lambda row: row.name),
        ("text", lambda row: row.text),
        ("used by", lambda row: ", ".join(row.used_by) or "-"),
    ]
    output.show(at, found, lambda: render.table(found, columns, flexible="used by"))


@command.command("set")
@name_argument
@click.argument("text", required=False)
@click.pass_obj
def set_(at: Terminal, name: str, text: str | None) -> None:
    """Set a fact; it replaces the fact with the same name. Only leads may do this.

    A fact of whole sentences is a snippet that many answers share. It may hold other facts, such as
    {phone}. Without TEXT, or if TEXT is -, it is read from stdin.

    \b
    helpdesk knowledge fact set phone "+49 30 1234567"
    helpdesk knowledge fact set how_to_reach_us "Call {phone}, {desk_hours}."
    """
    from agent_cli import stdin

    stated = at.desk.stater.set(name, stdin.given(text))
    view = _view(at, name, stated.values[name])
    output.done(at, view, f"{name} is now {view.text!r}, in {len(view.used_by)} articles")


@command.command()
@name_argument
@yes_option
@click.pass_obj
def remove(at: Terminal, name: str, yes: bool) -> None:
    """Remove a fact that no article uses. Only leads may do this.

    \b
    helpdesk knowledge fact remove phone
    """
    text = _facts(at).get(name, "")
    at.confirm(f"Remove the fact {name}?", yes=yes)
    at.desk.stater.remove(name)
    output.done(at, _view(at, name, text), f"removed {name}")


def _facts(at: Terminal) -> dict[str, str]:
    return at.desk.parts.knowledge.facts().values


def _view(at: Terminal, name: str, text: str) -> "FactView":
    from helpdesk.knowledge import naming

    from agent_cli.words.views import FactView

    knowledge = at.desk.parts.knowledge
    used_by = naming(knowledge.all(), name, knowledge.facts().values)
    return FactView(name=name, text=text, used_by=used_by)

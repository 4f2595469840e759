"""`helpdesk text`: what customers are told beside articles, above all at a hand-over."""

import click
from helpdesk.knowledge import ANY_LANGUAGE

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

name_argument = click.argument("name")
language_option = click.option(
    "--language", default=ANY_LANGUAGE, show_default=True, help="For customers who write in it."
)


@click.group("text", cls=Noun)
def command() -> None:
    """What customers are told when a person gets their question.

    The names are the reasons for which a person gets a ticket. The text `danger` is for customers
    whose life may be in danger, and `courtesy` answers those who only say thanks. A line with {due}
    names the moment by which the desk aims to answer; without such a moment it is left out.

    \b
    helpdesk text list
    helpdesk text set out_of_scope "A person will answer you.
    We aim to do so by {due}."
    """


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the texts in use. Version 0 is the text that comes with the product.

    \b
    helpdesk text list
    """
    from agent_cli import render
    from agent_cli.words.views import TextView

    found = [TextView.of(each) for each in at.desk.texts.all()]
    columns: list[render.Column[TextView]] = [
        ("name", lambda row: row.name),
        ("language", lambda row: row.language),
        ("version", lambda row: str(row.version)),
        ("text", lambda row: " ".join(row.text.split())),
    ]
    output.show(at, found, lambda: render.table(found, columns, flexible="text"))


@command.command()
@name_argument
@language_option
@click.pass_obj
def show(at: Terminal, name: str, language: str) -> None:
    """Show a text as customers get it.

    \b
    helpdesk text show danger
    """
    from agent_cli import render
    from agent_cli.words.views import TextView

    found = at.desk.texts.get(name, language)
    output.show(at, TextView.of(found), lambda: render.paragraph(found.text))


@command.command("set")
@name_argument
@click.argument("text", required=False)
@language_option
@click.pass_obj
def set_(at: Terminal, name: str, text: str | None, language: str) -> None:
    """Set a text, from TEXT or stdin. Every version is kept. Only leads may do this.

    \b
    helpdesk text set unreadable "Please say it in other words."
    helpdesk text set danger --language de < danger.de.txt
    """
    from agent_cli import stdin
    from agent_cli.words.views import TextView

    written = at.desk.texts.write(name, language, stdin.given(text))
    if written is None:
        unchanged = at.desk.texts.get(name, language)
        output.done(at, TextView.of(unchanged), "nothing changed")
        return
    told = f"stored {name} in {language}, version {written.version}"
    output.done(at, TextView.of(written), told)


@command.command()
@name_argument
@language_option
@click.pass_obj
def history(at: Terminal, name: str, language: str) -> None:
    """Show every version of a text, oldest first. Set an earlier one again to go back to it.

    \b
    helpdesk text history danger
    """
    from agent_cli import render
    from agent_cli.words.times import minute
    from agent_cli.words.views import TextView

    found = [TextView.of(each) for each in at.desk.texts.history(name, language)]
    columns: list[render.Column[TextView]] = [
        ("version", lambda row: str(row.version)),
        ("at", lambda row: minute(row.at) if row.at else ""),
        ("by", lambda row: row.by or "the product"),
        ("text", lambda row: " ".join(row.text.split())),
    ]
    output.show(at, found, lambda: render.table(found, columns, flexible="text"))

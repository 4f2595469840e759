"""`helpdesk model`: the models that were learned, and the way back to an earlier one."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from agent_cli.words.views import ModelView


@click.group("model", cls=Noun)
def command() -> None:
    """The models that were learned, and how to go back to an earlier one.

    After every edit of an article a new model is learned, and an index of the passages that drafts
    may quote is made with it. If either does worse on the golden set than the present one, both are
    refused. Going back takes the index along.

    \b
    helpdesk model list
    helpdesk model rollback
    """


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List every model that was published or refused, with its figures.

    `evidence` is the share of golden messages for which the index finds a right article.

    \b
    helpdesk model list
    """
    from agent_cli import render
    from agent_cli.words import models, times

    current = at.desk.parts.models.current()
    found = [models.view(each, current) for each in at.desk.parts.models.history()]
    columns: list[render.Column[ModelView]] = [
        ("model", lambda row: row.version),
        ("learned", lambda row: times.minute(row.at)),
        ("intents", lambda row: models.share(row.intents)),
        ("answers right", lambda row: models.share(row.precision)),
        ("answered", lambda row: models.share(row.answered)),
        ("evidence", lambda row: models.share(row.retrieval)),
        ("", models.standing),
    ]
    output.listed(
        at, found, lambda: render.table(found, columns, flexible=""), one="model", more="models"
    )


@command.command()
@click.argument("version", required=False)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def rollback(at: Terminal, version: str | None, yes: bool) -> None:
    """Go back to an earlier model, by default to the one before. Only leads may do this.

    Workers use it within seconds. The next edit of an article makes a new model again.

    \b
    helpdesk model rollback
    helpdesk model rollback 5b891d2933ab
    """
    from agent_cli.words import models

    at.confirm(models.question(version), yes=yes)
    chosen = at.desk.roll_back(version)
    output.done(at, models.view(chosen, chosen), models.done(chosen.version))

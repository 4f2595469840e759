"""`helpdesk model`: the models that were learned, and the way back to an earlier one."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from helpdesk.learning import Published

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
    from agent_cli.words import times

    current = at.desk.parts.models.current()
    found = [_view(each, current) for each in at.desk.parts.models.history()]
    columns: list[render.Column[ModelView]] = [
        ("model", lambda row: row.version),
        ("learned", lambda row: times.minute(row.at)),
        ("intents", lambda row: _share(row.intents)),
        ("answers right", lambda row: _share(row.precision)),
        ("answered", lambda row: _share(row.answered)),
        ("evidence", lambda row: _share(row.retrieval)),
        ("", _standing),
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
    at.confirm(f"Use the model {version or 'before the present one'} from now on?", yes=yes)
    chosen = at.desk.parts.models.roll_back(version)
    output.done(at, _view(chosen, chosen), f"{chosen.version} is now in use")


def _view(model: "Published", current: "Published | None") -> "ModelView":
    from agent_cli.words.views import ModelView

    return ModelView(
        version=model.version,
        edition=model.edition,
        on_probation=model.on_probation,
        failed=model.failed,
        at=model.at,
        in_force=current is not None
        and (model.version, model.edition) == (current.version, current.edition)
        and not model.refused,
        refused=model.refused,
        intents=model.figures.intents if model.figures else None,
        precision=model.figures.precision if model.figures else None,
        answered=model.figures.answered if model.figures else None,
        strangers=model.figures.strangers if model.figures else None,
        retrieval=model.figures.retrieval if model.figures else None,
        index=model.index,
    )


def _standing(row: "ModelView") -> str:
    """Return what is to be said of a model: refused and why, in use, on probation."""
    if row.refused:
        return "; ".join(row.refused)
    said = ["in use"] if row.in_force else []
    if row.on_probation:
        said.append("on probation: teach 50 messages as out_of_scope")
    return ", ".join(said)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"

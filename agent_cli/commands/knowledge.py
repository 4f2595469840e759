"""`helpdesk knowledge`: the articles the desk answers with."""

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from helpdesk.knowledge import Article, InvalidArticleError

from agent_cli import output
from agent_cli.verbs import NeedsInputError, Noun, Terminal

if TYPE_CHECKING:
    from helpdesk.contract import PredictionOut
    from helpdesk.curation import Revision

intent_argument = click.argument("intent")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Only show what would be done.")


@click.group("knowledge", cls=Noun)
def command() -> None:
    """The articles the desk answers with: one for each intent.

    Every change is kept as a version with who made it and when. Changing needs the leads' policy.

    \b
    helpdesk knowledge list
    helpdesk knowledge edit get_refund
    helpdesk knowledge rollback get_refund
    """


@command.command("list")
@click.option("--category", help="Only of this category.")
@click.option("--department", help="Only what this department deals with.")
@click.option("--text", help="Said somewhere in the article.")
@click.pass_obj
def list_(at: Terminal, category: str | None, department: str | None, text: str | None) -> None:
    """List the articles.

    \b
    helpdesk knowledge list --category ORDER
    helpdesk knowledge list -o json | jq -r '.[].intent'
    """
    from agent_cli import render

    found = [
        article
        for article in at.desk.parts.knowledge.all()
        if category in {None, article.category}
        and department in {None, article.department}
        and (text is None or _mentions(article, text.casefold()))
    ]
    columns: list[render.Column[Article]] = [
        ("intent", lambda row: row.intent),
        ("v", lambda row: str(row.version)),
        ("priority", lambda row: row.priority),
        ("sent", _sent),
        ("phrases", lambda row: str(len(row.utterances))),
        ("title", lambda row: row.title),
    ]
    output.show(at, found, lambda: render.table(found, columns, flexible="title"))


@command.command()
@intent_argument
@click.option("--version", type=int, help="As it was in this version.")
@click.pass_obj
def show(at: Terminal, intent: str, version: int | None) -> None:
    """Show an article.

    \b
    helpdesk knowledge show get_refund
    """
    from helpdesk.desk import NotFoundError

    from agent_cli import articles, render

    curator = at.desk.curator
    if version is None:
        article = curator.get(intent)
    else:
        kept = {each.version: each.article for each in curator.history(intent)}
        if (found := kept.get(version)) is None:
            raise NotFoundError(f"{intent} has no version {version}")
        article = found
    output.show(
        at,
        article,
        lambda: render.paragraph(f"# version {article.version}\n{articles.as_yaml(article)}"),
    )


@command.command()
@intent_argument
@click.option("--file", type=click.Path(path_type=Path, exists=True), help="YAML to read it from.")
@click.pass_obj
def add(at: Terminal, intent: str, file: Path | None) -> None:
    """Add an article, from a file or written in your editor.

    \b
    helpdesk knowledge add gift_wrapping
    helpdesk knowledge add gift_wrapping --file gift_wrapping.yaml
    """
    from helpdesk.desk import ConflictError

    from agent_cli import articles

    curator = at.desk.curator
    if at.desk.parts.knowledge.get(intent):
        raise ConflictError(f"the intent {intent!r} has an article; edit that")
    if file:
        article = articles.from_yaml(file.read_text())
    else:
        written = _edited(at, intent, articles.blank(intent), version=0)
        if written is None:
            output.tell("nothing was written, nothing was added")
            return
        article = written
    if article.intent != intent:
        raise InvalidArticleError(f"the article is for {article.intent!r}, not {intent!r}")
    _tell(at, curator.add(article))


@command.command()
@intent_argument
@click.option("--file", type=click.Path(path_type=Path, exists=True), help="YAML to read it from.")
@yes_option
@click.pass_obj
def edit(at: Terminal, intent: str, file: Path | None, yes: bool) -> None:
    """Edit an article in your editor; the change is shown before it is stored.

    \b
    helpdesk knowledge edit get_refund
    helpdesk knowledge edit get_refund --file get_refund.yaml --yes
    """
    from agent_cli import articles

    curator = at.desk.curator
    before = curator.get(intent)
    old = articles.as_yaml(before)
    if file:
        after = articles.from_yaml(file.read_text(), version=before.version)
    else:
        written = _edited(at, intent, old, version=before.version)
        after = written or before
    if after.intent != intent:
        raise InvalidArticleError("an article keeps its intent; add another, and remove this")
    if after == before:
        output.tell("nothing changed")
        if at.option("output") != "table":
            click.echo("null")
        return
    for line in _diff(old, articles.as_yaml(after)):
        output.tell_plainly(line)
    at.confirm(f"Store this as the new version of {intent}?", yes=yes)
    revision = curator.edit(after)
    _kept(at, intent).unlink(missing_ok=True)
    if revision:
        _tell(at, revision)


@command.command()
@intent_argument
@yes_option
@click.pass_obj
def remove(at: Terminal, intent: str, yes: bool) -> None:
    """Remove an article; what it said is kept, and can be rolled back to.

    \b
    helpdesk knowledge remove gift_wrapping
    """
    at.desk.curator.get(intent)
    at.confirm(f"Remove the article for {intent}? Such questions then go to people.", yes=yes)
    _tell(at, at.desk.curator.remove(intent))


@command.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@dry_run_option
@yes_option
@click.pass_obj
def import_(at: Terminal, files: tuple[Path, ...], dry_run: bool, yes: bool) -> None:
    """Import articles from JSON, JSON Lines, CSV or YAML, or from Rasa's nlu.yml and domain.yml.

    Of Rasa's, the examples of an intent become utterances and its `utter_<intent>` the answer;
    intents with neither an answer nor an article here are left out, and named.

    \b
    helpdesk knowledge import articles.csv --dry-run
    helpdesk knowledge import nlu.yml domain.yml
    """
    from agent_cli import articles, render
    from agent_cli.words.views import ImportView

    curator = at.desk.curator
    found = articles.read(files)
    joined, left = found.onto(at.desk.parts.knowledge.all())
    if left:
        output.tell(f"left out, for want of an answer: {', '.join(left)}")
    plan = curator.plan(joined)
    work = len(plan.added) + len(plan.changed)
    if work and not dry_run:
        at.confirm(f"Add {len(plan.added)} articles and change {len(plan.changed)}?", yes=yes)
        curator.carry_out(plan)
    view = ImportView(
        added=tuple(article.intent for article in plan.added),
        changed=tuple(article.intent for article in plan.changed),
        unchanged=plan.unchanged,
        done=not dry_run,
    )
    rows = [
        ("would add" if dry_run else "added", ", ".join(view.added) or "none"),
        ("would change" if dry_run else "changed", ", ".join(view.changed) or "none"),
        ("unchanged", str(len(view.unchanged))),
    ]
    output.show(at, view, lambda: render.pairs(rows))


@command.command()
@click.option(
    "--format", "form", type=click.Choice(["json", "jsonl", "csv"]), help="[default: json]"
)
@click.option("--to", type=click.Path(path_type=Path), help="A file; otherwise stdout.")
@click.pass_obj
def export(at: Terminal, form: str | None, to: Path | None) -> None:
    """Export all articles, as `import` reads them.

    \b
    helpdesk knowledge export --to articles.json
    helpdesk knowledge export --format csv > articles.csv
    """
    from agent_cli import articles

    found = at.desk.parts.knowledge.all()
    given = at.options.get("output")
    form = form or (given if given in {"json", "jsonl"} else "json")
    text = articles.write(found, form)
    if to is None:
        click.echo(text, nl=False)
        return
    to.write_text(text)
    output.tell(f"{len(found)} articles in {to}")


@command.command()
@intent_argument
@click.pass_obj
def history(at: Terminal, intent: str) -> None:
    """List the versions of an article, the newest last.

    \b
    helpdesk knowledge history get_refund
    """
    from agent_cli import render

    found = list(at.desk.curator.history(intent))
    columns: list[render.Column[Revision]] = [
        ("version", lambda row: str(row.version)),
        ("when (UTC)", lambda row: f"{row.at:%d %b %Y %H:%M}"),
        ("who", lambda row: row.by or "-"),
        ("what", lambda row: row.note),
    ]
    output.show(at, found, lambda: render.table(found, columns))


@command.command()
@intent_argument
@click.option("--to", "version", type=int, help="This version; otherwise the one before.")
@yes_option
@click.pass_obj
def rollback(at: Terminal, intent: str, version: int | None, yes: bool) -> None:
    """Put an earlier version of an article in force again, as a new version.

    \b
    helpdesk knowledge rollback get_refund
    helpdesk knowledge rollback get_refund --to 3
    """
    where = f"version {version}" if version is not None else "the version before"
    at.confirm(f"Roll {intent} back to {where}?", yes=yes)
    _tell(at, at.desk.curator.roll_back(intent, version))


@command.command()
@click.argument("text")
@click.pass_obj
def test(at: Terminal, text: str) -> None:
    """Show what a text would be answered, and why. Nothing is stored or sent.

    \b
    helpdesk knowledge test "where is my parcel"
    """
    from agent_cli import render
    from agent_cli.words.views import VerdictView

    made = at.desk.predict(text)
    best = made.intents[0] if made.intents else None
    article = at.desk.parts.knowledge.get(best.intent) if best else None
    says = article is not None and (made.decision == "answer" or article.needs_person)
    view = VerdictView(
        text=text,
        answer=article.answer if article and says else None,
        intent=best.intent if best else None,
        version=article.version if article else None,
        why=_why(made),
        prediction=made,
    )
    ranking = ", ".join(f"{each.intent} {each.probability:.0%}" for each in made.intents[:3])
    rows = [
        ("decision", made.decision),
        ("why", view.why),
        ("intents", ranking or "none"),
        ("language", f"{made.language}, sentiment {made.sentiment:+.2f}"),
        ("named", ", ".join(f"{each.kind} {each.value}" for each in made.entities) or "nothing"),
        ("model", made.model),
        ("answer", view.answer or "none"),
    ]
    output.show(at, view, lambda: render.pairs(rows))


def _why(made: "PredictionOut") -> str:
    if not made.intents:
        return "nothing in it can be read"
    best = made.intents[0]
    sure = f"{best.intent} is {best.probability:.0%} sure and needs {best.required:.0%}"
    if made.decision == "answer":
        return sure
    if made.decision == "ask":
        return f"a near tie of {', '.join(made.choices)}"
    return f"{made.reason}: {sure}; it resembles what the desk knows by {made.scope:.0%}"


def _mentions(article: Article, text: str) -> bool:
    return any(
        text in each.casefold()
        for each in (article.intent, article.title, article.answer, *article.utterances)
    )


def _sent(article: Article) -> str:
    if article.needs_person:
        return "and a person"
    return "by itself" if article.automatic else "by a person"


def _edited(at: Terminal, intent: str, text: str, *, version: int) -> Article | None:
    """Return what was written in the editor; what is wrong with it can be put right there."""
    from agent_cli import articles

    if at.no_input or not sys.stdin.isatty():
        raise NeedsInputError("there is no terminal to edit on: give --file")
    path = _kept(at, intent)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and click.confirm(f"Go on with the edit kept in {path}?", err=True):
        text = path.read_text()
    while True:
        written = click.edit(text, extension=".yaml")
        if written is None or not written.strip():
            return None
        path.write_text(written)
        try:
            article = articles.from_yaml(written, version=version)
        except InvalidArticleError as error:
            output.tell(f"{error}; what you wrote is kept in {path}")
            if not click.confirm("Edit it again?", err=True):
                raise
            text = written
        else:
            path.unlink()
            return article


def _kept(at: Terminal, intent: str) -> Path:
    name = "".join(c for c in intent if c.isalnum() or c == "_")
    return at.settings.state / "articles" / f"{name}.yaml"


def _diff(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "before", "after", lineterm="")
    return list(lines)


def _tell(at: Terminal, revision: "Revision") -> None:
    text = f"{revision.intent} {revision.note}: version {revision.version}"
    output.done(at, revision, text)

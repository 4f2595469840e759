"""Verbs that exchange all articles with files: import, export."""

from pathlib import Path

import click

from agent_cli import output
from agent_cli.commands.knowledge.one_article import yes_option
from agent_cli.verbs import Terminal, Verb

dry_run_option = click.option("--dry-run", is_flag=True, help="Only show what would be done.")


@click.command("import", cls=Verb)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--automatic",
    is_flag=True,
    help="Make articles automatic if the files say so, even if they are not automatic now.",
)
@dry_run_option
@yes_option
@click.pass_obj
def import_(
    at: Terminal, files: tuple[Path, ...], *, automatic: bool, dry_run: bool, yes: bool
) -> None:
    """Import articles from JSON, JSON Lines, CSV or YAML, or from Rasa's nlu.yml and domain.yml.

    An article that is new, or is not automatic now, becomes automatic only if you give --automatic.
    Facts of the desk, under `facts` in a file, are set before the articles.

    From Rasa's files, the examples of an intent become its utterances, and `utter_<intent>` becomes
    its answer. An intent that has no answer there and no article here is left out and named.

    \b
    helpdesk knowledge import articles.csv --dry-run
    helpdesk knowledge import nlu.yml domain.yml
    """
    from agent_cli import articles, documents, render
    from agent_cli.words.views import ImportView

    texts = set(documents.SUFFIXES) - set(articles.SUFFIXES)
    if other := [str(each) for each in files if each.suffix.lower() in texts]:
        raise click.UsageError(
            f"no file of articles ends like {other[0]}: "
            f"`helpdesk knowledge document import {other[0]}` imports it as a document"
        )

    curator = at.desk.curator
    found = articles.read(files)
    joined, left = found.onto(at.desk.parts.knowledge.all())
    if left:
        output.tell(f"left out, because they have no answer: {', '.join(left)}")
    if found.golden:
        output.tell(f"{len(found.golden)} golden cases left out: `knowledge replace` takes them")
    plan = curator.plan(joined, found.facts, automatic=automatic)
    work = len(plan.added) + len(plan.changed) + len(plan.facts)
    coming = {each.intent: each.automatic for each in (*plan.added, *plan.changed)}
    if held := [each.intent for each in joined if each.automatic > coming.get(each.intent, True)]:
        output.tell(
            f"not automatic until a lead says so with --automatic or `edit`: {', '.join(held)}"
        )
    if work and not dry_run:
        facts = f", and set {len(plan.facts)} facts" if plan.facts else ""
        question = f"Add {len(plan.added)} articles and change {len(plan.changed)}{facts}?"
        at.confirm(question, yes=yes)
        curator.carry_out(plan)
    view = ImportView(
        added=tuple(article.intent for article in plan.added),
        changed=tuple(article.intent for article in plan.changed),
        unchanged=plan.unchanged,
        facts=tuple(plan.facts),
        done=not dry_run,
    )
    rows = [
        ("would add" if dry_run else "added", ", ".join(view.added) or "none"),
        ("would change" if dry_run else "changed", ", ".join(view.changed) or "none"),
        ("unchanged", str(len(view.unchanged))),
        *([("facts", ", ".join(view.facts))] if view.facts else []),
    ]
    output.show(at, view, lambda: render.pairs(rows))


@click.command(cls=Verb)
@click.option(
    "--format", "form", type=click.Choice(["json", "jsonl", "csv"]), help="[default: json]"
)
@click.option("--to", type=click.Path(path_type=Path), help="The file to write; otherwise stdout.")
@click.pass_obj
def export(at: Terminal, form: str | None, to: Path | None) -> None:
    """Export all articles, and the desk's facts, in a form that `import` reads.

    \b
    helpdesk knowledge export --to articles.json
    helpdesk knowledge export --format csv > articles.csv
    """
    from agent_cli import articles

    found = at.desk.parts.knowledge.all()
    facts = at.desk.parts.knowledge.facts().values
    given = at.options.get("output")
    form = form or (given if given in {"json", "jsonl"} else "json")
    text = articles.write(found, form, facts)
    if facts and form == "csv":
        output.tell("CSV cannot contain facts: `knowledge fact list -o json` prints them")
    if to is None:
        click.echo(text, nl=False)
        return
    to.write_text(text)
    output.tell(f"{len(found)} articles in {to}")

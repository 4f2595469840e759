"""Verbs that show articles: list, show, history; and test, which tries a text on them."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.commands.knowledge.one_article import intent_argument
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.curation import Revision
    from helpdesk.knowledge import Article


@click.command("list", cls=Verb)
@click.option("--category", help="Only of this category.")
@click.option("--department", help="Only what this department deals with.")
@click.option("--text", help="Only articles that contain this text.")
@click.option("--review", is_flag=True, help="Only articles whose answers agents approve.")
@click.option("--public", is_flag=True, help="Only articles that are marked public.")
@click.pass_obj
def list_(
    at: Terminal,
    category: str | None,
    department: str | None,
    text: str | None,
    *,
    review: bool,
    public: bool,
) -> None:
    """List the articles. Intents whose article was removed are named below them.

    The column `sent` says how an answer goes out: by itself, after review, by a person, or beside
    a person. The stack's parameter ReviewCategories puts whole categories into review.

    The column `public` has the languages in which everyone can read the article, with an asterisk
    at a translation that is older than the article and is not shown. An article that is marked
    public is read by no one while its answer is not sent by itself, or is not valid today.

    \b
    helpdesk knowledge list --category ORDER
    helpdesk knowledge list -o json | jq -r '.[].intent'
    """
    from agent_cli import render
    from agent_cli.words import articles

    now = at.desk.clock()
    found = [
        article
        for article in at.desk.parts.knowledge.all()
        if category in {None, article.category}
        and department in {None, article.department}
        and (text is None or articles.mentions(article, text))
        and (article.review or not review)
        and (article.public or not public)
    ]
    columns: list[render.Column[Article]] = [
        ("intent", lambda row: row.intent),
        ("v", lambda row: str(row.version)),
        ("priority", lambda row: row.priority),
        ("sent", lambda row: articles.sent(row, now)),
        ("public", articles.public),
        ("phrases", lambda row: str(len(row.utterances))),
        ("title", lambda row: row.title),
    ]
    output.listed(
        at,
        found,
        lambda: render.table(found, columns, flexible="title"),
        one="article",
        more="articles",
    )
    retired = [each.intent for each in at.desk.parts.knowledge.retired()]
    if retired and at.option("output") == "table":
        output.tell(f"removed; agents get their questions: {', '.join(retired)}")


@click.command(cls=Verb)
@intent_argument
@click.option("--version", type=int, help="Show it as it was in this version.")
@click.pass_obj
def show(at: Terminal, intent: str, version: int | None) -> None:
    """Show an article.

    \b
    helpdesk knowledge show get_refund
    """
    from agent_cli import articles, render

    curator = at.desk.curator
    article = curator.get(intent) if version is None else curator.at_version(intent, version)
    output.show(
        at,
        article,
        lambda: render.paragraph(f"# version {article.version}\n{articles.as_yaml(article)}"),
    )


@click.command(cls=Verb)
@intent_argument
@click.pass_obj
def history(at: Terminal, intent: str) -> None:
    """List the versions of an article, the newest last.

    \b
    helpdesk knowledge history get_refund
    """
    from agent_cli import render
    from agent_cli.words import times

    found = list(at.desk.curator.history(intent))
    columns: list[render.Column[Revision]] = [
        ("version", lambda row: str(row.version)),
        ("when", lambda row: times.dated(row.at)),
        ("who", lambda row: row.by or "-"),
        ("what", lambda row: row.note),
    ]
    output.listed(at, found, lambda: render.table(found, columns), one="version", more="versions")


@click.command(cls=Verb)
@click.argument("text")
@click.pass_obj
def test(at: Terminal, text: str) -> None:
    """Show how a text would be answered, and why. Nothing is stored or sent.

    \b
    helpdesk knowledge test "where is my parcel"
    """
    from agent_cli import render, verdicts

    made = at.desk.predict(text)
    view = verdicts.of(at.desk, text, made)
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

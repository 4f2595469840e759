"""Verbs that show articles: list, show, history; and test, which tries a text on them."""

from datetime import datetime
from typing import TYPE_CHECKING

import click
from helpdesk.knowledge import ANY_LANGUAGE, Article
from helpdesk.triage import Reason

from agent_cli import output
from agent_cli.commands.knowledge.one_article import intent_argument
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.contract import PredictionOut
    from helpdesk.curation import Revision


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

    now = at.desk.clock()
    found = [
        article
        for article in at.desk.parts.knowledge.all()
        if category in {None, article.category}
        and department in {None, article.department}
        and (text is None or _mentions(article, text.casefold()))
        and (article.review or not review)
        and (article.public or not public)
    ]
    columns: list[render.Column[Article]] = [
        ("intent", lambda row: row.intent),
        ("v", lambda row: str(row.version)),
        ("priority", lambda row: row.priority),
        ("sent", lambda row: _sent(row, now)),
        ("public", _public),
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
    from helpdesk.ports import NotFoundError

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
    from helpdesk.knowledge import as_sent

    from agent_cli import render
    from agent_cli.words.views import VerdictView

    made = at.desk.predict(text)
    best = made.intents[0] if made.intents else None
    knowledge = at.desk.parts.knowledge
    article = knowledge.get(best.intent) if best else None
    article = as_sent(article, knowledge.facts, at.desk.clock()) if article else None
    says = made.decision == "answer" or made.reason in _ACKNOWLEDGED
    greeting = at.desk.texts.get("courtesy", ANY_LANGUAGE) if made.decision == "greet" else None
    said = greeting.text if greeting else article.answer if article and says else None
    view = VerdictView(
        text=text,
        answer=said,
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


_ACKNOWLEDGED = {Reason.ASKED_FOR_PERSON, Reason.NEEDS_PERSON}
"""Why people get a ticket of which the article's answer is sent meanwhile."""


def _why(made: "PredictionOut") -> str:
    if made.decision == "greet":
        return "it only thanks, agrees or says goodbye"
    if not made.intents:
        return "the desk cannot read any of it"
    best = made.intents[0]
    sure = f"{best.intent} is {best.probability:.0%} sure and needs {best.required:.0%}"
    if made.decision == "answer":
        return sure
    if made.decision == "ask":
        return f"almost equally likely: {', '.join(made.choices)}"
    return f"{made.reason}: {sure}; it is {made.scope:.0%} like what the desk knows"


def _mentions(article: Article, text: str) -> bool:
    return any(
        text in each.casefold()
        for each in (article.intent, article.title, article.answer, *article.utterances)
    )


def _sent(article: Article, now: datetime) -> str:
    if not article.valid_at(now):
        return "not today"
    if article.needs_person:
        return "and a person"
    if article.review:
        return "after review"
    return "by itself" if article.automatic else "by a person"


def _public(article: Article) -> str:
    if not article.public:
        return ""
    others = (
        each.language if each.is_current(article.source) else f"{each.language}*"
        for each in article.translations
    )
    return " ".join((ANY_LANGUAGE, *others))

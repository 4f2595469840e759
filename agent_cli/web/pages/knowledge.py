"""The articles to read: list, one article, its versions, what changed, and the gate's verdict."""

from typing import Any

from helpdesk.curation import Revision
from helpdesk.knowledge import Article, as_sent
from helpdesk.ports import NotFoundError

from agent_cli import articles
from agent_cli.web.asking import Asked, Page, Shown
from agent_cli.words import articles as said
from agent_cli.words import changes
from agent_cli.words.learned import Learned, learned

SENT = ("by itself", "after review", "by a person", "and a person", "not today")
"""How answers go out, in words of the list."""


def listed(asked: Asked) -> Shown:
    """Show the articles: all, or those that a search finds."""
    knowledge, now = asked.desk.parts.knowledge, asked.now
    every = knowledge.all()
    text, category, sent = asked.query("text"), asked.query("category"), asked.query("sent")
    public = bool(asked.query("public"))
    rows = [
        (each, said.sent(each, now), said.public(each))
        for each in every
        if category in {"", each.category}
        and sent in {"", said.sent(each, now)}
        and (not text or said.mentions(each, text))
        and (each.public or not public)
    ]
    return Shown(
        "knowledge.html",
        {
            "rows": rows,
            "total": len(every),
            "text": text,
            "category": category,
            "categories": sorted({each.category for each in every}),
            "sent": sent,
            "public": public,
            "ways": SENT,
            "retired": [each.intent for each in knowledge.retired()],
            "leads": asked.desk.agent().leads,
        },
    )


def article(asked: Asked) -> Shown:
    """Show an article as it is now; one that was removed has its versions still."""
    intent, knowledge = asked.path("intent"), asked.desk.parts.knowledge
    found = knowledge.get(intent)
    revisions = asked.desk.curator.history(intent)
    sent = as_sent(found, knowledge.facts, asked.now) if found else None
    return _article(
        asked,
        found,
        {
            "present": found,
            "sent": sent,
            "way": said.sent(found, asked.now) if found else "",
            "revisions": _newest_first(revisions, found),
            "retired": intent in {each.intent for each in knowledge.retired()},
            "kept": asked.console.edits.read(intent) is not None,
        },
    )


def version(asked: Asked) -> Shown:
    """Show an article as it was in a version."""
    intent, number = asked.path("intent"), _number(asked.path("version"))
    found = asked.desk.curator.at_version(intent, number)
    present = asked.desk.parts.knowledge.get(intent)
    more: dict[str, Any] = {"sent": None, "revisions": [], "retired": False, "kept": False}
    way = said.sent(found, asked.now)
    return _article(asked, found, {**more, "present": present, "way": way})


def _article(asked: Asked, found: Article | None, more: dict[str, Any]) -> Shown:
    values = {
        "intent": asked.path("intent"),
        "article": found,
        "rest": articles.rest_as_yaml(found) if found else "",
        "leads": asked.desk.agent().leads,
        "learned": gate_of(asked),
    }
    return Shown("knowledge_article.html", {**values, **more})


def _newest_first(
    revisions: tuple[Revision, ...], present: Article | None
) -> list[tuple[Revision, bool]]:
    """Return the versions, and whether each is the present one."""
    now = present.version if present else None
    return [(each, each.version == now) for each in reversed(revisions)]


def changed(asked: Asked) -> Shown:
    """Show what changed between two versions of an article."""
    intent, curator = asked.path("intent"), asked.desk.curator
    known = [each.version for each in curator.history(intent) if each.article]
    if not known:
        raise NotFoundError(f"no earlier version of {intent} is kept")
    after = _number(asked.query("to", str(known[-1])))
    earlier = [each for each in known if each < after]
    before = _number(asked.query("from", str(earlier[-1] if earlier else after)))
    old, new = (articles.as_yaml(curator.at_version(intent, each)) for each in (before, after))
    values = {"intent": intent, "known": known, "before": before, "after": after}
    return Shown("knowledge_changes.html", {**values, "lines": changes.lines(old, new)})


def gate(asked: Asked) -> Shown:
    """Show whether the knowledge as it is now has been learned, and what the gate said."""
    return Shown("knowledge_gate.html", {"learned": gate_of(asked)})


def gate_of(asked: Asked) -> Learned:
    """Return how far the knowledge as it is now has come."""
    parts = asked.desk.parts
    return learned(
        parts.knowledge.all(),
        parts.knowledge.retired(),
        edition=parts.editions.in_force().number,
        current=parts.models.current(),
        history=parts.models.history(),
    )


def _number(text: str) -> int:
    """Return a version's number. Raises NotFoundError for a text that is none."""
    if not text.isdecimal():
        raise NotFoundError(f"{text!r} is not the number of a version")
    return int(text)


PAGES: dict[str, tuple[str, Page]] = {
    "GET /knowledge": ("knowledge", listed),
    "GET /knowledge/gate": ("gate", gate),
    "GET /knowledge/articles/{intent}": ("article", article),
    "GET /knowledge/articles/{intent}/versions/{version}": ("article version", version),
    "GET /knowledge/articles/{intent}/changes": ("article changes", changed),
}

"""What leads do to one article: write it, try it, store it, remove it, roll it back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk.curation import Revision
from helpdesk.curation.leads import check_lead
from helpdesk.knowledge import (
    Amendment,
    Article,
    Golden,
    InvalidArticleError,
    InvalidCaseError,
    Priority,
)
from helpdesk.ports import ConflictError

from agent_cli import articles, foretelling
from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words import changes

PLACE = "/knowledge/articles"


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of an article as it was written: `before` is the article now, None for a new one.

    `version` is that with which the edit began.
    """

    intent: str
    text: str
    before: Article | None
    version: int


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of an edit: a fault, what it changes, what follows, what the trainer says.

    `meanwhile` is what another lead changed since the edit began.
    """

    fault: str = ""
    lines: tuple[changes.Line, ...] = ()
    outlook: tuple[str, ...] = ()
    trial: foretelling.Trial | None = None
    meanwhile: tuple[changes.Line, ...] = ()
    said: tuple[str, ...] = field(default=())


def new(asked: Asked) -> Shown:
    """Show an empty form for an article, or the edit that was kept."""
    check_lead(asked.desk.agent())
    intent = asked.query("intent")
    kept = asked.console.edits.read(intent) if intent else None
    blank = articles.of_fields({"intent": intent}, "")
    if asked.query("as") == "yaml":
        blank = articles.blank(intent)
    return _form(asked, Edit(intent, kept.text if kept else blank, None, 0), Told())


def edit(asked: Asked) -> Shown:
    """Show the form with an article, or with the edit of it that was kept."""
    check_lead(asked.desk.agent())
    before = asked.desk.curator.get(asked.path("intent"))
    kept = asked.console.edits.read(before.intent)
    if kept is None:
        return _form(
            asked, Edit(before.intent, articles.as_yaml(before), before, before.version), Told()
        )
    began = before.version if kept.version is None else kept.version
    told = Told(
        said=("This is the edit that was kept on this machine.",),
        meanwhile=_meanwhile(asked, before, began),
    )
    return _form(asked, Edit(before.intent, kept.text, before, before.version), told)


def write_new(asked: Asked) -> Shown | Led:
    """Try or store a new article."""
    return _write(asked, Edit(asked.text("intent"), _written(asked, None), None, 0))


def write(asked: Asked) -> Shown | Led:
    """Try or store an edit."""
    before = asked.desk.curator.get(asked.path("intent"))
    began = asked.text("version")
    version = int(began) if began.isdecimal() else before.version
    return _write(asked, Edit(before.intent, _written(asked, before), before, version))


def discard(asked: Asked) -> Led:
    """Forget the edit that was kept; the article stays as it is."""
    check_lead(asked.desk.agent())
    intent = asked.path("intent")
    asked.console.edits.drop(intent)
    return Led(f"{PLACE}/{intent}", "The kept edit is forgotten.")


def _write(asked: Asked, written: Edit) -> Shown | Led:
    """Keep an edit, then do what its button says. What is wrong is told above the form."""
    check_lead(asked.desk.agent())
    named = written.intent or str((articles.fields_of(written.text) or {}).get("intent", ""))
    written = replace(written, intent=named)
    asked.console.edits.keep(named, written.text, version=written.version)
    try:
        amendment = _amendment(asked, written)
        if asked.text("act") == "store":
            return _store(asked, written, amendment)
        return _form(asked, written, _tried(asked, written, amendment))
    except (InvalidArticleError, InvalidCaseError) as error:
        return _form(asked, written, Told(fault=str(error)), status=400)
    except ConflictError as error:
        present = asked.desk.parts.knowledge.get(named)
        meanwhile = _meanwhile(asked, present, written.version) if present else ()
        if written.before and present:
            written = replace(written, before=present, version=present.version)
        return _form(asked, written, Told(fault=str(error), meanwhile=meanwhile), status=409)


def _amendment(asked: Asked, written: Edit) -> Amendment:
    """Return the article that was written. Raises InvalidArticleError or InvalidCaseError."""
    before = written.before
    automatic = before.automatic if before else False
    made = articles.from_yaml(written.text, version=written.version, automatic=automatic)
    if before and made.article.intent != before.intent:
        raise InvalidArticleError(
            "the intent of an article cannot change: add a new article, and remove this one"
        )
    taken = tuple(Golden(each, (made.article.intent,)) for each in asked.all("taken"))
    return replace(made, golden=(*made.golden, *taken))


def _store(asked: Asked, written: Edit, amendment: Amendment) -> Led:
    after, curator = amendment.article, asked.desk.curator
    revision: Revision | None
    if written.before is None:
        revision = curator.add(after, automatic=after.automatic, golden=amendment.golden)
    else:
        revision = curator.edit(after, golden=amendment.golden)
    asked.console.edits.drop(written.intent)
    said = "Nothing changed." if revision is None else _done(revision)
    return Led(f"{PLACE}/{after.intent}", said)


def _tried(asked: Asked, written: Edit, amendment: Amendment) -> Told:
    """Return what an edit would do. Nothing is stored."""
    before, after = written.before, amendment.article
    if before is None and asked.desk.parts.knowledge.get(after.intent):
        raise ConflictError(f"the intent {after.intent!r} has an article already: edit that")
    if before and before.version != written.version:
        raise ConflictError(f"{after.intent} is now at version {before.version}")
    asked.desk.curator.check(after)
    lines = changes.lines(articles.as_yaml(before) if before else "", articles.as_yaml(after))
    if not lines and not amendment.golden:
        return Told(said=("Nothing changed.",))
    return Told(
        lines=lines,
        outlook=tuple(foretelling.outlook(asked.desk, before, after)),
        trial=foretelling.trial(asked.desk, amendment),
    )


def _meanwhile(asked: Asked, present: Article, began: int) -> tuple[changes.Line, ...]:
    """Return what changed since a version; nothing if that is the present one, or is not kept."""
    kept = {each.version: each.article for each in asked.desk.curator.history(present.intent)}
    old = kept.get(began)
    if began == present.version or old is None:
        return ()
    return changes.lines(articles.as_yaml(old), articles.as_yaml(present))


def _written(asked: Asked, before: Article | None) -> str:
    """Return what was written into the form, as YAML."""
    if raw := asked.text("yaml"):
        return f"{raw}\n"
    text: dict[str, Any] = {
        name: asked.text(name) for name in articles.SINGLE if name not in articles.SWITCHES
    }
    dates = ("review_on", "valid_from", "valid_until")
    text |= {name: text[name] or None for name in dates}
    text |= {name: bool(asked.text(name)) for name in articles.SWITCHES}
    for name in ("title", "answer"):
        # A form drops white space at both ends, which alone is no change.
        was = str(getattr(before, name, ""))
        text[name] = was if was.strip() == text[name] else text[name]
    if before:
        text["intent"] = before.intent
    lists = {
        name: [line.strip() for line in asked.text(name).splitlines() if line.strip()]
        for name in articles.LISTS
    }
    return articles.of_fields({**text, **lists}, asked.text("rest"))


def _form(asked: Asked, written: Edit, told: Told, *, status: int = 200) -> Shown:
    fields = articles.fields_of(written.text)
    as_yaml = fields is None or asked.query("as") == "yaml" or bool(asked.text("yaml"))
    values = {
        "edit": written,
        "told_of": told,
        "fields": fields or {},
        "as_yaml": as_yaml,
        "priorities": [each.value for each in Priority],
        "taken": asked.all("taken"),
    }
    return Shown("knowledge_edit.html", values, status)


def ask_to_remove(asked: Asked) -> Shown:
    """Ask before an article is removed, or what is left of one is forgotten."""
    check_lead(asked.desk.agent())
    intent, knowledge = asked.path("intent"), asked.desk.parts.knowledge
    retired = intent in {each.intent for each in knowledge.retired()}
    article = None if retired else asked.desk.curator.get(intent)
    return Shown("knowledge_remove.html", {"intent": intent, "article": article})


def remove(asked: Asked) -> Led:
    """Remove an article."""
    intent = asked.path("intent")
    revision = asked.desk.curator.remove(intent, forget=bool(asked.text("forget")))
    return Led(f"{PLACE}/{intent}", _done(revision))


def ask_to_roll_back(asked: Asked) -> Shown:
    """Ask before a version is put in force again; what changes is shown."""
    check_lead(asked.desk.agent())
    intent, to = asked.path("intent"), asked.query("to")
    old = asked.desk.curator.at_version(intent, int(to) if to.isdecimal() else -1)
    present = asked.desk.parts.knowledge.get(intent)
    lines = changes.lines(articles.as_yaml(present) if present else "", articles.as_yaml(old))
    values = {"intent": intent, "version": old.version, "present": present, "lines": lines}
    return Shown("knowledge_rollback.html", values)


def roll_back(asked: Asked) -> Led:
    """Put a version in force again, unless another lead changed the article since it was shown."""
    intent, to = asked.path("intent"), asked.text("to")
    present = asked.desk.parts.knowledge.get(intent)
    if asked.text("present") != (str(present.version) if present else ""):
        raise ConflictError(f"another lead changed {intent} meanwhile; look at it again")
    revision = asked.desk.curator.roll_back(intent, int(to) if to.isdecimal() else -1)
    return Led(f"{PLACE}/{intent}", _done(revision))


def _done(revision: Revision) -> str:
    return f"{revision.intent} {revision.note}: version {revision.version}."


_PAGES: dict[str, tuple[str, Callable[[Asked], Shown | Led]]] = {
    "GET /knowledge/new": ("new article", new),
    "POST /knowledge/new": ("new article", write_new),
    f"GET {PLACE}/{{intent}}/edit": ("edit article", edit),
    f"POST {PLACE}/{{intent}}/edit": ("edit article", write),
    f"POST {PLACE}/{{intent}}/discard": ("forget edit", discard),
    f"GET {PLACE}/{{intent}}/remove": ("remove article", ask_to_remove),
    f"POST {PLACE}/{{intent}}/remove": ("remove article", remove),
    f"GET {PLACE}/{{intent}}/rollback": ("roll back article", ask_to_roll_back),
    f"POST {PLACE}/{{intent}}/rollback": ("roll back article", roll_back),
}
PAGES: dict[str, tuple[str, Page]] = {**_PAGES}

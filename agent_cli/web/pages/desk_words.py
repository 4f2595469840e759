"""What the desk says beside its articles: facts, canned replies, and texts at a hand-over."""

from helpdesk.knowledge import ANY_LANGUAGE, naming

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words.views import CannedView, FactView, TextView

FACTS, CANNED, TEXTS = "/knowledge/facts", "/knowledge/canned", "/knowledge/texts"


def facts(asked: Asked) -> Shown:
    """Show the desk's facts, and the articles that use each."""
    knowledge = asked.desk.parts.knowledge
    values, every = knowledge.facts().values, knowledge.all()
    rows = [
        FactView(name=name, text=text, used_by=naming(every, name, values))
        for name, text in values.items()
    ]
    return Shown("knowledge_facts.html", {"rows": rows, "leads": asked.desk.agent().leads})


def set_fact(asked: Asked) -> Led:
    """Set a fact."""
    name = asked.text("name")
    stated = asked.desk.stater.set(name, asked.text("text"))
    return Led(FACTS, f"{name} is now “{stated.values[name]}”.")


def remove_fact(asked: Asked) -> Led:
    """Remove a fact that no article uses."""
    asked.desk.stater.remove(asked.text("name"))
    return Led(FACTS, f"Removed {asked.text('name')}.")


def canned(asked: Asked) -> Shown:
    """Show the replies that agents use often."""
    found = asked.desk.parts.knowledge.canned()
    rows = [CannedView(name=name, text=text) for name, text in found.items()]
    return Shown("knowledge_canned.html", {"rows": rows, "leads": asked.desk.agent().leads})


def set_canned(asked: Asked) -> Led:
    """Store a canned reply."""
    asked.desk.canner.set(asked.text("name"), asked.text("text"))
    return Led(CANNED, f"Stored {asked.text('name')}.")


def remove_canned(asked: Asked) -> Led:
    """Delete a canned reply."""
    asked.desk.canner.remove(asked.text("name"))
    return Led(CANNED, f"Removed {asked.text('name')}.")


def texts(asked: Asked) -> Shown:
    """Show what customers are told when a person gets their question."""
    rows = [TextView.of(each) for each in asked.desk.texts.all()]
    return Shown("knowledge_texts.html", {"rows": rows})


def text(asked: Asked) -> Shown:
    """Show a text in a language, and every version of it."""
    name, language = asked.path("name"), asked.query("language", ANY_LANGUAGE)
    editor = asked.desk.texts
    others = [each.language for each in editor.all() if each.name == name]
    if language in others:
        found = TextView.of(editor.get(name, language))
        versions = [TextView.of(each) for each in editor.history(name, language)]
    else:
        found, versions = TextView.of(editor.get(name, ANY_LANGUAGE)), []
    values = {"row": found, "versions": versions[::-1], "languages": others}
    return Shown("knowledge_text.html", {**values, "leads": asked.desk.agent().leads})


def set_text(asked: Asked) -> Led:
    """Set a text; every version is kept."""
    name, language = asked.path("name"), asked.text("language") or ANY_LANGUAGE
    written = asked.desk.texts.write(name, language, asked.text("text"))
    said = f"Stored {name} in {language}, version {written.version}." if written else ""
    return Led(f"{TEXTS}/{name}?language={language}", said or "Nothing changed.")


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {FACTS}": ("facts", facts),
    f"POST {FACTS}": ("facts", set_fact),
    f"POST {FACTS}/remove": ("facts", remove_fact),
    f"GET {CANNED}": ("canned replies", canned),
    f"POST {CANNED}": ("canned replies", set_canned),
    f"POST {CANNED}/remove": ("canned replies", remove_canned),
    f"GET {TEXTS}": ("texts", texts),
    f"GET {TEXTS}/{{name}}": ("text", text),
    f"POST {TEXTS}/{{name}}": ("text", set_text),
}

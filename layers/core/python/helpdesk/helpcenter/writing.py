"""The help center's pages as documents: the list, an article, and the page that is not there.

They are read without scripts. The one script of an article names its page, so that "this answered
it" is counted once however often it is pressed.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Final

from helpdesk.helpcenter.markup import escaped, link, rendered
from helpdesk.helpcenter.nearest import Entry, index, written
from helpdesk.helpcenter.showing import PublicArticle, Text
from helpdesk.helpcenter.words import direction, own_name, spoken, words
from helpdesk.knowledge import ANY_LANGUAGE
from helpdesk.pages import Document, hash_of, policy

FRESH: Final = 60
"""Seconds for which a browser need not ask again: so long an article that was taken away stays."""

LONGEST_QUESTION: Final = 300
"""Characters of a question that is looked for."""

type Path = Callable[[str], str]
"""The path of a page in a language."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the help center is: `root` is the path before `/help`, `origin` the site before it."""

    root: str = ""
    origin: str = ""

    def articles(self, language: str = ANY_LANGUAGE) -> str:
        """Return the path of the list in a language."""
        return f"{self.root}/help/articles{_asked(language)}"

    def article(self, slug: str, language: str = ANY_LANGUAGE) -> str:
        """Return the path of an article in a language."""
        return f"{self.root}/help/articles/{slug}{_asked(language)}"

    def answered(self, slug: str, language: str = ANY_LANGUAGE) -> str:
        """Return where it is said that an article answered."""
        return f"{self.root}/help/articles/{slug}/answered{_asked(language)}"

    @property
    def help(self) -> str:
        """The path of the page where customers ask."""
        return f"{self.root}/help"


def listing(
    articles: Iterable[PublicArticle],
    language: str,
    place: Place,
    *,
    found: tuple[Entry, ...] | None = None,
) -> Document:
    """Return the list of all articles by category; `found` are those near a question, if asked."""
    articles = tuple(articles)
    said = words(language)
    languages = tuple(dict.fromkeys(each for a in articles for each in a.languages))
    parts = [_switch(languages or (ANY_LANGUAGE,), language, place.articles, said)]
    parts += [f"<main><h1>{escaped(said['articles'])}</h1>", _search(language, place, said)]
    if found is not None:
        parts.append(_found(found, language, place, said))
    if not articles:
        parts.append(f"<p>{escaped(said['none'])}</p>")
    for category, group in groupby(articles, key=lambda each: each.category):
        items = "".join(_item(each, language, place) for each in group)
        parts.append(f'<h2>{escaped(_named(category))}</h2><ul class="list">{items}</ul>')
    parts.append(_ask(place, said))
    head = _alternates(languages, place, place.articles, language)
    return _document(said["articles"], language, head, "".join(parts), fresh=_fresh(found))


def article(of: PublicArticle, language: str, place: Place, *, thanked: bool = False) -> Document:
    """Return the page of an article in a language, or as it was written if it has no such text.

    `thanked` is for readers who just said that it answered them.
    """
    said, text = words(language), of.text(language)
    there = text.language == language

    def path(language: str) -> str:
        return place.article(of.slug, language)

    parts = [_switch(of.languages, language, path, said), "<main>"]
    if not there:
        parts.append(f'<p class="note">{escaped(said["not_in_language"])}</p>')
    parts += [
        f"<article{_spoken(text.language, language)}>",
        _said(of, text, language),
        "</article>",
    ]
    parts.append(_thanks(said) if thanked else _answered(of, language, place, said))
    parts.append(_ask(place, said))
    own = path if there else (lambda _: path(ANY_LANGUAGE))
    head = _alternates(of.languages, place, path, language, canonical=own(language))
    head += "" if there and not thanked else '<meta name="robots" content="noindex">'
    scripts = () if thanked else (_file("once.js"),)
    fresh = 0 if thanked else FRESH
    return _document(text.title, language, head, "".join(parts), scripts=scripts, fresh=fresh)


def missing(language: str, place: Place) -> Document:
    """Return the page for an address that is no article's, with the way on."""
    said = words(language)
    body = (
        f"<main><h1>{escaped(said['missing'])}</h1><p>{escaped(said['missing_line'])}</p>"
        f'<p><a href="{escaped(place.articles(language))}">{escaped(said["to_articles"])}</a></p>'
        f"{_ask(place, said)}"
    )
    head = '<meta name="robots" content="noindex">'
    return _document(said["missing"], language, head, body)


def suggestions(articles: Iterable[PublicArticle], language: str) -> Document:
    """Return the index from which a page finds the nearest articles by itself."""
    return Document(
        f"[{_data(words(language)['near'])},{written(index(articles, language))}]",
        "application/json",
        FRESH,
        {"Content-Language": language},
    )


def _document(
    title: str,
    language: str,
    head: str,
    body: str,
    *,
    scripts: tuple[str, ...] = (),
    fresh: int = FRESH,
) -> Document:
    style, tongue = _file("style.css"), spoken(language)
    code = "".join(f"<script>{each}</script>" for each in scripts)
    content = (
        f'<!doctype html><html lang="{tongue}" dir="{direction(tongue)}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escaped(title)}</title>{head}<style>{style}</style></head>"
        f"<body>{body}</main>{code}</body></html>"
    )
    allowed = policy(
        scripts=[hash_of(each) for each in scripts], styles=[hash_of(style)], forms=["'self'"]
    )
    more = {"Content-Security-Policy": allowed, "Content-Language": tongue}
    return Document(content, "text/html", fresh, more)


def _said(of: PublicArticle, text: Text, language: str) -> str:
    said = words(language)
    parts = [f"<h1>{escaped(text.title)}</h1>", rendered(text.answer)]
    for country, answer in text.countries:
        heading = said["country"].replace("{country}", country)
        parts.append(f"<h2>{escaped(heading)}</h2>{rendered(answer)}")
    if of.links:
        items = "".join(f"<li>{link(each.url, each.title)}</li>" for each in of.links)
        parts.append(f'<h2>{escaped(said["links"])}</h2><ul class="list">{items}</ul>')
    return "".join(parts)


def _answered(of: PublicArticle, language: str, place: Place, said: Mapping[str, str]) -> str:
    where = escaped(place.answered(of.slug, language))
    return (
        f'<form method="post" action="{where}" name="answered">'
        f"<button>{escaped(said['answered'])}</button></form>"
    )


def _thanks(said: Mapping[str, str]) -> str:
    return f'<p role="status" class="note">{escaped(said["thanks"])}</p>'


def _ask(place: Place, said: Mapping[str, str]) -> str:
    where, line = escaped(place.help), escaped(said["ask_line"])
    return f'<p>{line} <a href="{where}">{escaped(said["ask"])}</a></p>'


def _search(language: str, place: Place, said: Mapping[str, str]) -> str:
    """Return the form that finds articles; it posts, so that no question stands in an address."""
    return (
        f'<form method="post" action="{escaped(place.articles(language))}" role="search">'
        f'<label for="q">{escaped(said["search"])}</label>'
        f'<input id="q" name="q" type="search" maxlength="{LONGEST_QUESTION}" required '
        f'autocomplete="off"><button>{escaped(said["find"])}</button></form>'
    )


def _found(found: tuple[Entry, ...], language: str, place: Place, said: Mapping[str, str]) -> str:
    heading = f'<h2 id="found">{escaped(said["nearest"])}</h2>'
    if not found:
        return f'{heading}<p role="status">{escaped(said["nothing_near"])}</p>'
    items = "".join(
        f'<li><a href="{escaped(place.article(each.slug, language))}">'
        f"{escaped(each.title)}</a></li>"
        for each in found
    )
    return f'{heading}<ul class="list">{items}</ul>'


def _item(of: PublicArticle, language: str, place: Place) -> str:
    text = of.text(language)
    where = escaped(place.article(of.slug, text.language))
    lang = _spoken(text.language, language)
    return f'<li><a href="{where}"{lang}>{escaped(text.title)}</a></li>'


def _switch(
    languages: tuple[str, ...],
    language: str,
    path: Path,
    said: Mapping[str, str],
) -> str:
    """Return the links to the other languages; nothing if there is one alone."""
    if len(languages) < 2:
        return ""
    items = "".join(
        f'<li><a href="{escaped(path(each))}" lang="{each}" hreflang="{each}" '
        f'dir="{direction(each)}"{_current(each, language)}>{escaped(own_name(each))}</a></li>'
        for each in languages
    )
    return f'<nav aria-label="{escaped(said["languages"])}"><ul>{items}</ul></nav>'


def _alternates(
    languages: Iterable[str],
    place: Place,
    path: Path,
    language: str,
    *,
    canonical: str | None = None,
) -> str:
    """Return what search engines are told: the one address, and those of other languages."""
    own = canonical or path(language)
    links = [f'<link rel="canonical" href="{escaped(place.origin + own)}">']
    languages = tuple(languages)
    if len(languages) > 1:
        links += [
            f'<link rel="alternate" hreflang="{each}" href="{escaped(place.origin + path(each))}">'
            for each in languages
        ]
    return "".join(links)


def _spoken(of: str, page: str) -> str:
    """Return the attributes of a part that is in another language than its page."""
    return "" if of == spoken(page) else f' lang="{of}" dir="{direction(of)}"'


def _current(each: str, language: str) -> str:
    return ' aria-current="page"' if each == language else ""


def _asked(language: str) -> str:
    return "" if language == ANY_LANGUAGE else f"?lang={language}"


def _named(category: str) -> str:
    return category.replace("_", " ").capitalize()


def _fresh(found: tuple[Entry, ...] | None) -> int:
    return FRESH if found is None else 0


def _data(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@cache
def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8").strip()

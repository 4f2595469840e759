"""The page and the button, put together from their files and the texts of a language. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from helpdesk.pages.documents import Document
from helpdesk.pages.policy import hash_of, policy

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
"""Languages that are written from right to left."""

OF_THE_BUTTON = ("unread_one", "unread_many")
"""Texts that the button says and the page does not."""

_QUOTED = re.compile(r'="([\w-]+)"')
"""A value of an attribute that needs no quotation marks (HTML, section 13.1.2.3)."""

_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")

_JAVASCRIPT = re.compile(
    r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`"""
    r"|(?<=[(=?:,] |.[(=?:,])/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*"
    r"|(?P<blank>[ \t]+|;[ \n]?(?=\})|(?<=[{;,(])\n|\n(?=\}))"
)
"""Texts, templates and regular expressions of a script, and what may be left out between all else.

Blanks, and a semicolon before a closing brace: the files have no statement that is empty.
"""

Texts = Mapping[str, str]


class TextsError(ValueError):
    """A page has a place for a text that no file of its language has; the message names it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of the page and of the button, as they are written."""

    html: str
    css: str
    js: str
    widget: str
    nearest: str = ""


def spoken(texts: Texts, *, mailed: bool) -> Texts:
    """Return the texts of a desk: what an address is good for depends on whether it is `mailed`."""
    said = dict(texts)
    also = said.pop("mail_also")
    return said | {"mail_why": also} if mailed else said


def page(
    parts: Parts,
    texts: Texts,
    language: str,
    *,
    key: str,
    calls: Iterable[str] = (),
    frames: Iterable[str] = (),
) -> Document:
    """Return the page in a language, with the public API key `key` that it asks with.

    It may ask its own address and the origins `calls`, and be framed by `frames`. Raises
    TextsError for a text that is missing.
    """
    nearer = hash_of(_script(parts.nearest))
    script = _script(parts.js).replace("{{nearest}}", nearer.strip("'"))
    style = _style(parts.css)
    told = {
        "lang": language,
        "dir": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "key": key,
    }
    named = {*_PLACE.findall(parts.html), *OF_THE_BUTTON}
    spoken = {name: text for name, text in texts.items() if name not in named}
    blocks = {"style": style, "script": script, "texts": _data(spoken)}
    html = _QUOTED.sub(r"=\1", _lines(parts.html).replace(">\n<", "><"))
    filled = _filled(html, {**texts, **told}, blocks)
    own = ("'self'", *calls)
    scripts = [hash_of(script), *([nearer] if parts.nearest else [])]
    allowed = policy(scripts=scripts, styles=[hash_of(style)], calls=own, frames=frames)
    return Document(
        filled,
        "text/html",
        300,
        {
            "Content-Security-Policy": allowed,
            "Content-Language": language,
            "Vary": "Accept-Language",
        },
    )


def nearest(parts: Parts) -> Document:
    """Return the script that finds articles while a customer types; the page names its hash."""
    return Document(_script(parts.nearest), "text/javascript", 3600)


def widget(parts: Parts, texts: Mapping[str, Texts]) -> Document:
    """Return the script that draws the button; it has what the button says in every language."""
    words = {language: _words(each) for language, each in texts.items()}
    script = _script(parts.widget).replace('"{{words}}"', _data(words))
    return Document(
        script, "text/javascript", 3600, {"Cross-Origin-Resource-Policy": "cross-origin"}
    )


def _words(texts: Texts) -> list[str]:
    return [texts[name] for name in ("title", *OF_THE_BUTTON)]


def _lines(code: str) -> str:
    """Leave out the indentation, empty lines, and lines that are comments."""
    lines = (line.strip() for line in code.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*")))


def _script(code: str) -> str:
    """Leave out of a script what only its readers need. What is quoted stays as it is."""

    def kept(match: re.Match[str]) -> str:
        if match["blank"] is None:
            return match[0]
        around = code[match.start() - 1 : match.start()] + code[match.end() : match.end() + 1]
        return " " if re.fullmatch(r"[\w$]{2}|[+-]{2}", around) else ""

    code = _lines(code)
    return _JAVASCRIPT.sub(kept, code)


def _style(code: str) -> str:
    """Leave out of a style sheet what only its readers need."""
    return re.sub(r"\s*([{};,]|:(?=\s))\s*", r"\1", _lines(code)).replace(";}", "}")


def _data(value: object) -> str:
    """Return data as JSON that cannot end the script in which it stands."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _filled(html: str, texts: Texts, blocks: Mapping[str, str]) -> str:
    def found(match: re.Match[str]) -> str:
        name = match[1]
        if name in blocks:
            return blocks[name]
        if name not in texts:
            raise TextsError(f"the page has a place for {name!r}, and the texts do not have it")
        return escape(texts[name])

    return _PLACE.sub(found, html)

"""An answer as HTML: paragraphs, lists, and links to https pages. Everything else is text.

Nothing that an article says becomes markup: every character passes `escaped`, and only what is
recognised here gets an element around it.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Final

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::\d+)?(?:/[^\s<>\"'{}|\\^`]*)?")
_BULLET = re.compile(r"[-*•]\s+(?=\S)")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+(?=\S)")
_AFTER: Final = ".,;:!?)]"
"""Signs at the end of an address that belong to the sentence."""


def escaped(text: str) -> str:
    """Return a text as it stands in HTML, also within quotation marks."""
    return escape(text, quote=True)


def rendered(answer: str) -> str:
    """Return an answer as HTML."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    return "".join(_block(kind, list(group)) for kind, group in groupby(lines, key=_kind))


def _kind(line: str) -> str:
    if _BULLET.match(line):
        return "ul"
    return "ol" if _NUMBER.match(line) else "p"


def _block(kind: str, lines: list[str]) -> str:
    if kind == "p":
        return "".join(f"<p>{_linked(line)}</p>" for line in lines)
    mark = _BULLET if kind == "ul" else _NUMBER
    start = ""
    if kind == "ol" and (first := int(re.split(r"\D", lines[0], maxsplit=1)[0])) != 1:
        start = f' start="{first}"'
    items = "".join(f"<li>{_linked(mark.sub('', line, count=1))}</li>" for line in lines)
    return f"<{kind}{start}>{items}</{kind}>"


def _linked(line: str) -> str:
    return "".join(_pieces(line))


def _pieces(line: str) -> Iterator[str]:
    end = 0
    for found in _ADDRESS.finditer(line):
        address = found[0].rstrip(_AFTER)
        yield escaped(line[end : found.start()])
        yield link(address, address)
        end = found.start() + len(address)
    yield escaped(line[end:])


def link(address: str, title: str) -> str:
    """Return a link to a page of another site."""
    return f'<a href="{escaped(address)}" rel="noopener">{escaped(title)}</a>'

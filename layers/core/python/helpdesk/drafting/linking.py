"""Links in drafts: taken out before an engine reads, put in by code afterwards. Pure.

A model copies addresses wrongly, and a text can ask it to send what it knows to any address. So it
sees none, and a customer reads only links that the desk trusts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from helpdesk.drafting.grounding import seen
from helpdesk.drafting.model import Part
from helpdesk.knowledge import Link

_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^)\n]*\)|\[[^\]\n]*\])?")
_LINKED = re.compile(r"\[([^\]\n]*)\]\(([^)\s]*)[^)\n]*\)")
_MARKER = re.compile(r"\s*\[\s*link(?:\s*\d+)?\s*\]", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*(?:>|\Z)")
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s\"<>)\]]+|\bwww\.[^\s\"<>)\]]+"
    r"|\b(?:javascript|data|mailto|tel):[^\s\"<>)\]]+"
    r"|(?<![\w@.])(?:[a-z0-9-]{2,}\.)+[a-z]{2,24}/[^\s\"<>)\]]*",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t]{2,}")
_ENDING = ".,;:!?"


def unmarked(text: str) -> str:
    """Return what an engine wrote without pictures, HTML and marks of links, as plain text.

    The address of a link that it wrote stays, to be found by the check: no evidence bears it.
    """
    plain = seen(text)
    for hidden in (_COMMENT, _HIDDEN, _IMAGE):
        plain = hidden.sub("", plain)
    plain = _LINKED.sub(lambda found: f"{found[1]} {found[2]}".strip(), plain)
    plain = _MARKER.sub("", _TAG.sub("", plain))
    return _tidy(plain)


def without_links(text: str) -> str:
    """Return a text for an engine: plain, without any address of a page, and without pictures."""
    plain = unmarked(text)
    return _tidy(_ADDRESS.sub(lambda found: _ended(found[0]), plain))


def linked(parts: Sequence[Part], links: Mapping[int, Sequence[Link]]) -> tuple[Part, ...]:
    """Return parts with the links of the passages they rest on, each once, below the last part.

    `links` are those the desk trusts, by the number of the passage.
    """
    below: dict[int, list[Link]] = {}
    for at, number in _last_uses(parts):
        for link in links.get(number, ()):
            here = below.setdefault(at, [])
            if link not in here:
                here.append(link)
    given: set[str] = set()
    found: list[Part] = []
    for at, part in enumerate(parts):
        lines = [each for each in below.get(at, ()) if each.url not in given]
        given |= {each.url for each in lines}
        text = "\n".join([part.text, *(f"{each.title}: {each.url}" for each in lines)])
        found.append(replace(part, text=text))
    return tuple(found)


def _last_uses(parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """Yield where each passage is used last, as (part, number), in the order of the parts."""
    last = {number: at for at, part in enumerate(parts) for number in part.rests_on}
    yield from sorted((at, number) for number, at in last.items())


def _ended(address: str) -> str:
    return address[len(address.rstrip(_ENDING)) :]


def _tidy(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

"""Which document a file is, told by the words in it, and which of its lines are the extract."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from helpdesk.wording.phrases import Phrases, words

LONGEST_EXTRACT = 240
"""Characters of an extract."""

_READ = 8_000
"""Characters of a text that are looked at: a document says at its beginning what it is."""

_SURE, _LIKELY = " sure", " likely"
_ENOUGH = 2
"""Points that tell a document: one of the sure phrases, or two different likely ones."""

_HARDLY = 5
"""Words up to which a picture counts as one of things: a label or a sign may be on it."""

_MOST_QUOTED = 3


class Document(StrEnum):
    """What a file is. A `photo` is a picture with hardly any text, mostly of goods."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    ORDER_CONFIRMATION = "order_confirmation"
    RETURN_LABEL = "return_label"
    PHOTO = "photo"
    LETTER = "letter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a file is, why that is thought, and an extract: some of its own lines, or nothing."""

    document: Document
    why: str
    extract: str = ""


def judged(name: str, text: str, *, picture: bool, named: Collection[str] = ()) -> Paper:
    """Return what a file is. `named` are the spellings of what stands in it, such as numbers.

    The file's name counts like a line of its text.
    """
    heard = words(f"{name.rpartition('.')[0].replace('_', ' ')} . {text[:_READ]}")
    found = {label: heard[start:stop] for label, start, stop in _spans(heard)}
    points = {each: _points(each, found) for each in _data()}
    document = max(points, key=lambda each: points[each])
    extract = _extract(text, named)
    if points[document] >= _ENOUGH:
        said = [" ".join(found[label]) for label in found if label.startswith(f"{document} ")]
        quoted = ", ".join(f'"{each}"' for each in dict.fromkeys(said[:_MOST_QUOTED]))
        return Paper(Document(document), f"It says {quoted}.", extract)
    if picture and len(words(text)) <= _HARDLY:
        return Paper(Document.PHOTO, "It is a picture with hardly any text.", extract)
    return Paper(Document.OTHER, "Its words tell of no document that the desk knows.", extract)


def _spans(heard: list[str]) -> list[tuple[str, int, int]]:
    return [(each.label, each.start, each.stop) for each in _phrases().spans(heard)]


def _points(document: str, found: Collection[str]) -> int:
    sure = any(label.startswith(document + _SURE) for label in found)
    likely = sum(label.startswith(document + _LIKELY) for label in found)
    return (_ENOUGH if sure else 0) + likely


def _extract(text: str, named: Collection[str]) -> str:
    """Return the first line, then those that name something, then others, as they stand."""
    lines = [" ".join(line.split()) for line in text[:_READ].splitlines()]
    lines = [line for line in lines if any(sign.isalpha() for sign in line)]
    telling = [n for n, line in enumerate(lines) if any(each in line for each in named)]
    kept, room = set[int](), LONGEST_EXTRACT
    for number in dict.fromkeys([0, *telling, *range(len(lines))][: 2 * LONGEST_EXTRACT]):
        if number < len(lines) and len(lines[number]) < room:
            kept.add(number)
            room -= len(lines[number]) + 1
    if not kept and lines:
        return f"{lines[0][: LONGEST_EXTRACT - 1].rstrip()}…"
    return "\n".join(lines[number] for number in sorted(kept))


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("papers.toml").read_text("utf-8"))


@cache
def _phrases() -> Phrases:
    """Return all phrases, each under its document, how sure it is, and its number."""
    return Phrases(
        {
            f"{document}{sure} {number}": [phrase]
            for document, found in _data().items()
            for sure, listed in ((_SURE, found["sure"]), (_LIKELY, found["likely"]))
            for number, phrase in enumerate(listed)
        }
    )

"""What of a passage may be quoted, by an engine or without one. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from helpdesk.drafting.commands import commanding
from helpdesk.drafting.grounding import codes, identifiers
from helpdesk.evidence import Found, Origin

DIGITS = 5
"""Digits from which on an identifier names one customer's order, not a kind of goods."""

_PIECE = re.compile(r"[^\n]+?(?:[.!?](?=\s)[\"')\]]*|(?=\n)|\Z)\s*|\n+")


_DONE = re.compile(
    r"\b(?:I|[Ww]e|I've|[Ww]e've)(?: have| had| just| already)*(?: now)? [a-z]+ed\b"
    r"|\b(?:has|have|had) (?:already |just |now )?been\b|\bI\b",
)
"""What a past reply did or said for its one customer."""


class Piece(NamedTuple):
    """A sentence of a passage as it is written, and the white space behind it."""

    at: int
    text: str
    behind: str


def pieces(text: str) -> Iterator[Piece]:
    """Yield the sentences of a text as they are written. A line ends a sentence."""
    for at, found in enumerate(_PIECE.finditer(text)):
        said = found[0].rstrip()
        yield Piece(at, said, found[0][len(said) :])


def own_codes(texts: Iterable[str], evidence: Iterable[Found]) -> frozenset[str]:
    """Return the identifiers that are the customer's.

    They are those of the messages, and those that the titles of records name: what else stands in
    a record may be about another customer.
    """
    records = (each.passage.title for each in evidence if each.passage.origin is Origin.RECORD)
    return frozenset().union(*map(codes, (*texts, *records)))


def quotable(found: Found, own: frozenset[str]) -> Found:
    """Return a passage without what is no information for this customer.

    A sentence with the number of an order that is not the customer's goes: it is about another
    customer; and of a past reply what it did for its customer. Where a sentence speaks to a
    machine, the text ends: what follows is what that wants to be said. `own` is what `own_codes`
    returns.
    """
    kept = ""
    for piece in pieces(found.passage.text):
        if commanding(piece.text):
            break
        if not _of_another(found.passage.origin, piece.text, own):
            kept += piece.text + piece.behind
    title = "" if commanding(found.passage.title) else found.passage.title
    return replace(found, passage=replace(found.passage, text=kept.rstrip(), title=title))


def _of_another(origin: Origin, text: str, own: frozenset[str]) -> bool:
    """Tell whether a sentence is about another customer, or about what was done for one."""
    if origin is Origin.REPLY and _DONE.search(text):
        return True
    return any(
        sum(map(str.isdigit, code)) >= DIGITS and code not in own for code in identifiers(text)
    )

"""What speaks in a text, and what was left aside. Total and pure but for the data."""

from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.speaking.asides import Aside, AsideKind, Sheet, in_order
from helpdesk.speaking.courtesy import claim_end, claim_start
from helpdesk.speaking.footers import claim_footers
from helpdesk.speaking.lines import bounded, says_something
from helpdesk.speaking.pointing import claim_pointing
from helpdesk.speaking.quoting import claim_quotes
from helpdesk.speaking.signing import claim_separated

_MOST_PASSES = 5
"""What is left may show more to leave aside. A text that never comes to rest speaks as a whole."""

_COURTESY = {AsideKind.GREETING, AsideKind.THANKS, AsideKind.SIGNATURE}


_OF_OTHERS = {
    AsideKind.QUOTE,
    AsideKind.FORWARD,
    AsideKind.HEADER_BLOCK,
    AsideKind.LEGAL_FOOTER,
    AsideKind.DEVICE_FOOTER,
}
"""What the customer did not write now."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a customer newly says, and the parts of the whole text that were left aside.

    `aside` is in order, its parts do not overlap, and are places in the text that was given.
    """

    text: str
    aside: tuple[Aside, ...]


def speaking(text: str) -> Spoken:
    """Return the part of a text that speaks. All of it does if nothing else would be left.

    What speaks is the same when it is looked at again.
    """
    pieces, asides = [(0, len(text))], list[Aside]()
    said = text.strip()
    for _ in range(_MOST_PASSES):
        joined, places = _joined(text, pieces)
        found = _asides(joined)
        if not found:
            return Spoken(joined, tuple(_merged(text, asides)))
        taken = [each for aside in found for each in _placed(aside, places)]
        asides = in_order([*asides, *taken])
        pieces = _without(text, asides)
    return Spoken(said, ())


def own_words(text: str, spoken: Spoken) -> str:
    """Return all that the customer wrote now, signature and greeting included."""
    kept, at = [], 0
    for aside in spoken.aside:
        if aside.kind in _OF_OTHERS:
            kept.append(text[at : aside.start])
            at = aside.end
    return "\n".join([*kept, text[at:]])


def _asides(text: str) -> list[Aside]:
    """Return what can be left aside so that words are left."""
    every = _look(text)
    pointed = [each for each in every if each.kind is not AsideKind.ATTACHED]
    forwards = [each for each in pointed if each.kind is not AsideKind.FORWARD]
    thanked = any(each.kind is AsideKind.THANKS for each in every)
    polite = [each for each in forwards if each.kind not in _COURTESY] if thanked else []
    for asides in (every, pointed, forwards, polite):
        if any(says_something(text[start:stop]) for start, stop in _without(text, asides)):
            return asides
    return []


def _look(text: str) -> list[Aside]:
    sheet = Sheet(bounded(text))
    claim_quotes(sheet)
    claim_footers(sheet)
    if sheet.bounded.whole:
        claim_separated(sheet)
        claim_end(sheet)
    claim_start(sheet)
    claim_pointing(sheet)
    return sheet.asides()


def _without(text: str, asides: Iterable[Aside]) -> list[tuple[int, int]]:
    """Return the places of what is left between the asides, without the blanks around it."""
    left, start = list[tuple[int, int]](), 0
    for stop, after in [*((each.start, each.end) for each in asides), (len(text), len(text))]:
        piece = text[start:stop]
        if kept := piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            left.append((begin, begin + len(kept)))
        start = after
    return left


def _joined(text: str, pieces: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int, int]]]:
    """Return pieces as one text, and where each stands: in the one text, and from where to where.

    A single line break joins them: an answer below a quote does not become a paragraph of its own.
    """
    kept, places, length = list[str](), list[tuple[int, int, int]](), 0
    for start, stop in pieces:
        piece = text[start:stop].strip()
        begin = start + len(text[start:stop]) - len(text[start:stop].lstrip())
        places.append((length, begin, begin + len(piece)))
        kept.append(piece)
        length += len(piece) + 1
    return "\n".join(kept), places


def _placed(aside: Aside, places: list[tuple[int, int, int]]) -> Iterable[Aside]:
    """Yield the parts of the whole text that an aside of the joined text covers."""
    for at, start, stop in places:
        first, last = max(start, start + aside.start - at), min(stop, start + aside.end - at)
        if first < last:
            yield Aside(aside.kind, first, last)


def _merged(text: str, asides: list[Aside]) -> Iterable[Aside]:
    """Yield asides of one kind as one if only blanks part them."""
    held: Aside | None = None
    for each in asides:
        if held and held.kind is each.kind and not text[held.end : each.start].strip():
            held = Aside(held.kind, held.start, each.end)
            continue
        if held:
            yield held
        held = each
    if held:
        yield held

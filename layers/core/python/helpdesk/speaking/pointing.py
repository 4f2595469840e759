"""Sentences that only say that something is attached. Pure but for the data."""

from helpdesk.speaking.asides import Aside, AsideKind, Sheet
from helpdesk.speaking.lines import LONGEST_LINE, Part, parts
from helpdesk.speaking.phrases import listed

_ENDS = frozenset(".!;:\u2026")
"""What ends a sentence that may be left aside; a question never is."""


def claim_pointing(sheet: Sheet) -> None:
    """Leave aside what only points to files. The files speak for themselves."""
    for at in sheet.open_lines():
        line = sheet.lines[at]
        found = parts(sheet.text, line.start, min(line.stop, line.start + LONGEST_LINE))
        for place, part in enumerate(found):
            if not (_begins(found, place) and _points(part, last=place + 1 == len(found))):
                continue
            start = line.start if place == 0 else part.words[0].start
            stop = part.words[-1].stop
            while stop < line.stop and sheet.text[stop] in _ENDS:
                stop += 1
            sheet.inner.append(Aside(AsideKind.ATTACHED, start, stop))


def _begins(found: list[Part], place: int) -> bool:
    return place == 0 or not (_ENDS | {"?"}).isdisjoint(found[place - 1].after)


def _points(part: Part, *, last: bool) -> bool:
    """Tell whether a whole sentence says nothing but that something is attached."""
    said = {word.plain for word in part.words}
    signs = listed("attached", "signs")
    if not said & signs or len(part.words) == 1 or not said <= signs | listed("attached", "words"):
        return False
    return "?" not in part.after and (last or not _ENDS.isdisjoint(part.after))

"""Greetings at the start of a text, thanks and goodbyes at its end. Pure but for the data."""

from collections.abc import Sequence

from helpdesk.speaking.asides import Aside, AsideKind, Sheet
from helpdesk.speaking.lines import LONGEST_LINE, Line, Part, parts
from helpdesk.speaking.phrases import Word, listed, phrases
from helpdesk.speaking.signing import claim_bare_name, claim_signed, is_name, is_name_line

_MOST_BELOW = 15
"""Lines at the end among which a goodbye is looked for."""

_LEADING = " \t\u00a0,;-\u2013\u2014(\u00a1\u00bf*"
_TRAILING = " \t\u00a0,.!;:-\u2013\u2014"


def claim_start(sheet: Sheet) -> None:
    """Leave greetings and wishes at the start aside. Thanks there are an answer, and stay."""
    for at in sheet.open_lines():
        line = sheet.lines[at]
        found = parts(sheet.text, line.start, min(line.stop, line.start + LONGEST_LINE))
        stop = _greeted(found)
        if stop == len(found) and found:
            sheet.claim(AsideKind.GREETING, at, at + 1)
            continue
        if stop or (stop == 0 and found and _run_in(found[0].words)):
            _claim_head(sheet, line, found, stop)
        return


def _claim_head(sheet: Sheet, line: Line, found: list[Part], stop: int) -> None:
    """Leave the first parts of a line aside, and a greeting that runs into the next."""
    run = _run_in(found[stop].words)
    start = found[stop].words[run].start
    while not run and start > line.start and sheet.text[start - 1] not in _TRAILING:
        start -= 1  # an opening quotation mark, a currency
    if start > line.start:
        sheet.inner.append(Aside(AsideKind.GREETING, line.start, start))


def _greeted(found: list[Part]) -> int:
    """Return how many parts at the start greet."""
    for stop, (said, after) in enumerate(found):
        wishes = phrases("wish", "phrases").are(said) and (stop > 0 or len(said) > 2)
        named = stop > 0 and _all_addressed(said)
        if not (wishes or ((named or _greets(said)) and "?" not in after)):
            return stop
    return len(found)


def _greets(said: Sequence[Word]) -> bool:
    """Tell whether words are a greeting, with whom it greets."""
    return _greeting(said) == len(said)


def _run_in(said: Sequence[Word]) -> int:
    """Return how many words greet before others that follow without a comma, as "hi i need"."""
    stop = _greeting(said)
    return stop if stop < len(said) and said[stop].plain in listed("greeting", "starters") else 0


def _greeting(said: Sequence[Word]) -> int:
    if phrases("greeting", "harmless").ends(said):
        return 0
    for name, least in (("alone", 0), ("to", 1)):
        for end in reversed(phrases("greeting", name).ends(said)):
            stop = end
            while stop < len(said) and stop < end + 6 and _addressee(said[stop]):
                stop += 1
            if stop >= end + least and (stop == len(said) or name == "alone" or stop > end):
                return stop
    return 0


def _addressee(word: Word) -> bool:
    if word.plain in listed("greeting", "addressees") | listed("greeting", "titles"):
        return True
    weighs = listed("words", "weight") | listed("greeting", "starters")
    return word.capital and word.plain.isalpha() and word.plain not in weighs


def claim_end(sheet: Sheet) -> None:
    """Leave the goodbye at the end aside with the signature below it, or a name alone."""
    tail = sheet.open_lines()[-_MOST_BELOW:]
    for place in reversed(range(len(tail))):
        below = tail[place + 1 :]
        start = _goodbye(sheet, tail[place], named=bool(below) and _named(sheet, below[0]))
        if start is None:
            continue
        if not below or claim_signed(sheet, below):
            _claim_goodbye(sheet, tail[place], start)
            _claim_above(sheet, tail[:place], start == sheet.lines[tail[place]].start)
            return
    claim_bare_name(sheet)


def _claim_above(sheet: Sheet, above: list[int], whole: bool) -> None:
    """Leave aside what thanks or says goodbye directly above a goodbye."""
    while whole and above:
        at = above.pop()
        if (start := _goodbye(sheet, at, named=False)) is None:
            return
        _claim_goodbye(sheet, at, start)
        whole = start == sheet.lines[at].start


def _claim_goodbye(sheet: Sheet, at: int, start: int) -> None:
    line = sheet.lines[at]
    if start == line.start:
        sheet.claim(AsideKind.THANKS, at, at + 1)
    else:
        sheet.inner.append(Aside(AsideKind.THANKS, start, line.stop))


def _named(sheet: Sheet, at: int) -> bool:
    return is_name_line(sheet.text, sheet.lines[at])


def _goodbye(sheet: Sheet, at: int, *, named: bool) -> int | None:
    """Return where the goodbye begins that ends a line; None without one."""
    line = sheet.lines[at]
    found = parts(sheet.text, max(line.start, line.stop - LONGEST_LINE), line.stop)
    first = len(found)
    while first:
        said, after = found[first - 1]
        above = found[first - 2].words if first > 1 else []
        if "?" in after:
            break
        if _closes(said, named=named and first == len(found) == 1):
            first -= 1
        elif first > 1 and is_name(said) and _closes(above, named=True):
            first -= 2
        else:
            break
    if first == len(found):
        return None
    start = found[first].words[0].start
    while start > line.start and sheet.text[start - 1] in _LEADING:
        start -= 1
    return start if first else line.start


def _closes(said: Sequence[Word], *, named: bool) -> bool:
    """Tell whether words are thanks or a goodbye, with a name or before one, or several."""
    weak = phrases("closing", "weak")
    for known in (phrases("thanks", "phrases"), phrases("closing", "phrases"), weak):
        for end in known.ends(said):
            rest = said[end:]
            if not rest and (known is not weak or named):
                return True
            if rest and (is_name(rest) or _all_addressed(rest)):
                return True
            if len(rest) > 1 and rest[0].plain in listed("closing", "and"):
                return _closes(rest[1:], named=named)
    return False


def _all_addressed(rest: Sequence[Word]) -> bool:
    return all(each.plain in listed("greeting", "addressees") for each in rest)

"""Greetings at the start of a text, thanks and goodbyes at its end. Pure but for the data."""

from collections.abc import Sequence

from helpdesk.speaking.asides import Aside, AsideKind, Sheet
from helpdesk.speaking.lines import LONGEST_LINE, Line, Part, parts
from helpdesk.speaking.phrases import Phrases, Word, listed, phrases
from helpdesk.speaking.signing import claim_bare_name, claim_signed, is_name, is_name_line

_MOST_BELOW = 15
"""Lines at the end among which a goodbye is looked for."""

_LEADING = " \t\u00a0,;-\u2013\u2014(\u00a1\u00bf*"
_TRAILING = " \t\u00a0,.!;:-\u2013\u2014"


def claim_start(sheet: Sheet) -> None:
    """Leave greetings, wishes and thanks at the start aside."""
    numbers = sheet.open_lines()
    for place, at in enumerate(numbers):
        line = sheet.lines[at]
        found = parts(sheet.text, line.start, min(line.stop, line.start + LONGEST_LINE))
        below = sheet.lines[numbers[place + 1]] if place + 1 < len(numbers) else None
        follows = parts(sheet.text, below.start, min(below.stop, below.start + 60)) if below else []
        stop, kind = _greeted(found, follows)
        if stop == len(found) and found:
            sheet.claim(kind, at, at + 1)
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


def _greeted(found: list[Part], follows: list[Part]) -> tuple[int, AsideKind]:
    """Return how many parts at the start greet or thank, and of which kind the last is."""
    stop, kind = 0, AsideKind.GREETING
    while stop < len(found):
        said, after = found[stop]
        ahead = [*found[stop + 1 :], *follows]
        wishes = phrases("wish", "phrases").are(said) and (stop > 0 or len(said) > 2)
        if "?" in after and not wishes:
            break
        named = stop > 0 and kind is AsideKind.GREETING and _all_addressed(said)
        if wishes or named or greets(said):
            kind = AsideKind.GREETING
        elif phrases("thanks", "phrases").are(said) and not _objects(ahead):
            kind = AsideKind.THANKS
        else:
            break
        stop += 1
    return stop, kind


def _objects(ahead: list[Part]) -> bool:
    """Tell whether what follows begins with "but"."""
    return bool(ahead) and ahead[0].words[0].plain in listed("closing", "but")


def greets(said: Sequence[Word]) -> bool:
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
    """Tell whether words are thanks or a goodbye, with a name or before one."""
    sure: tuple[Phrases, ...] = phrases("thanks", "phrases"), phrases("closing", "phrases")
    weak = phrases("closing", "weak")
    for known in (*sure, weak):
        for end in known.ends(said):
            rest = said[end:]
            if not rest and (known is not weak or named):
                return True
            if rest and (is_name(rest) or _all_addressed(rest)):
                return True
    return False


def _all_addressed(rest: Sequence[Word]) -> bool:
    return all(each.plain in listed("greeting", "addressees") for each in rest)

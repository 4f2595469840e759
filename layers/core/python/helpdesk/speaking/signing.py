"""Names, addresses and titles, and the lines among them that speak. Pure but for the data."""

import re
from collections.abc import Sequence

from helpdesk.speaking.asides import AsideKind, Sheet
from helpdesk.speaking.lines import Line, parts
from helpdesk.speaking.phrases import Word, listed, words

_MOST_NAMES, _MOST_LINES = 3, 15
"""Words of a name, and lines of a signature."""

_SEPARATORS = {"--", "\u2014", "\u2013\u2013", "\u2014\u2014"}
_CONTACT = re.compile(
    r"@[\w.-]|https?:|www\.|[a-z0-9]\.[a-z]{2,9}(?:/|$)|[|\u00b7\u2022]"
    r"|\+\d{1,3}[ \d(.-]|\(0\d|\b0\d{2,5}[ /-]\d{2}"
)
_LONE_PROSE = 3
"""Words that a line must have for the line below it to be a name without a goodbye."""


def is_name(found: Sequence[Word], *, bare: bool = False) -> bool:
    """Tell whether words are a name: at most three that begin with a capital letter.

    A `bare` name stands without a goodbye: no word of it may be in capital letters throughout.
    """
    main = [each for each in found if each.plain not in listed("names", "particles")]
    return (
        bool(main)
        and len(found) <= len(main) + 2
        and len(main) <= _MOST_NAMES
        and all(each.capital and each.plain.isalpha() for each in main)
        and not any(_weighs(each) for each in main)
        and not (bare and len(main) == 1 and len(main[0].plain) < 3)
    )


def _weighs(word: Word) -> bool:
    return _has_weight(word) or word.plain in listed("words", "not_names")


def _has_weight(word: Word) -> bool:
    """Tell whether a word has weight. A single letter may be an initial, but for "I"."""
    return word.plain in listed("words", "weight") and (len(word.plain) > 1 or word.plain == "i")


def is_name_line(text: str, line: Line, *, bare: bool = False) -> bool:
    """Tell whether a line is a name, with a dash before it or a comma after it at most."""
    if not line.said or line.said[-1] in "?!:" or (bare and line.said.isupper()):
        return False
    found = parts(text, line.start, line.stop)
    titles = [word for part in found[1:] for word in part.words]
    titled = any(word.plain in listed("signature", "jobs") for word in titles)
    return bool(found) and (
        is_name(found[0].words, bare=bare) and (not titles or (titled and not speaks(line)))
    )


def is_signature(line: Line) -> bool:
    """Tell whether a line is one of a signature: how to reach a person, or what they are."""
    found = words(line.said)
    if speaks(line):
        return False
    if not found or _CONTACT.search(line.said):
        return True
    capital = sum(each.capital or each.plain[0].isdigit() for each in found)
    known = any(each.plain in listed("signature", name) for each in found for name in _KNOWN)
    if known and len(found) <= 8:
        return line.said[-1] not in "?!:"
    return len(found) <= 8 and line.said[-1] not in ".?!:" and 2 * capital > len(found)


_KNOWN = ("jobs", "firms", "labels", "streets")


def speaks(line: Line) -> bool:
    """Tell whether a line within a signature says something: it asks, or has a word with weight."""
    found = words(line.said)
    if not found:
        return False
    if found[0].plain in listed("signature", "ps") or line.said.endswith("?"):
        return True
    titled = any(
        each.plain in listed("signature", name) for each in found for name in ("jobs", "firms")
    )
    labelled = found[0].plain in listed("signature", "labels") or bool(_CONTACT.search(line.said))
    named = titled or labelled
    small = [each for each in found if not each.capital]
    heavy = [each for each in found if _has_weight(each)]
    if named and not any(each.plain in listed("words", "self") for each in found):
        return len(heavy) > 1 and len(small) > 2
    prose = len(found) > 4 and len(small) * 5 > len(found) * 3 and line.said[-1] in ".,;!"
    return bool(heavy) or prose


def claim_separated(sheet: Sheet) -> None:
    """Leave what stands below "-- " aside, but for the lines that speak."""
    numbers = sheet.open_lines()
    for place, at in enumerate(numbers[1:], start=1):
        below = numbers[place + 1 :]
        if len(below) <= _MOST_LINES and below and _separates(sheet, at, below[0]):
            if _fences(sheet, at, below):
                continue
            silent = _silent(sheet, below, sure=True)
            above = numbers[place - 1]
            named = place > 1 and is_name_line(sheet.text, sheet.lines[above], bare=True)
            ended = sheet.lines[numbers[place - 2]].said[-1] in ".?!"
            for each in [above] * (named and ended) + [at, *silent] if silent else []:
                sheet.claim(AsideKind.SIGNATURE, each, each + 1)
            return


def _separates(sheet: Sheet, at: int, below: int) -> bool:
    """Tell whether a line parts a signature from a text; other rules do so above a name."""
    said = sheet.lines[at].said
    ruled = len(said) > 2 and not said.strip("-_=*~\u2014 ")
    return said in _SEPARATORS or (ruled and is_name_line(sheet.text, sheet.lines[below]))


def _fences(sheet: Sheet, at: int, below: list[int]) -> bool:
    """Tell whether a line stands again below, and what follows speaks: a list is between them."""
    said = sheet.lines[at].said
    again = [place for place, each in enumerate(below) if sheet.lines[each].said == said]
    after = below[again[-1] + 1 :] if again else []
    return any(speaks(sheet.lines[each]) for each in after)


def claim_signed(sheet: Sheet, below: list[int]) -> int:
    """Leave the lines below a goodbye aside that are a signature; return how many they are."""
    silent = _silent(sheet, below[:_MOST_LINES], sure=False)
    for at in silent:
        sheet.claim(AsideKind.SIGNATURE, at, at + 1)
    return len(silent)


def _silent(sheet: Sheet, below: list[int], *, sure: bool) -> list[int]:
    """Return the lines of a signature. Where one speaks, so does what follows it up to a blank.

    Below a separator all other lines are `sure` to be of it. Elsewhere they are as long as no
    line speaks, and as they stand directly below a line that tells how to reach a person.
    """
    silent, told, speaking = list[int](), False, False
    for at in below:
        line, apart = sheet.lines[at], not sheet.lines[at - 1].said
        named = not speaking and at in below[:2] and is_name_line(sheet.text, line)
        signs = named or is_signature(line)
        more = speaking and not apart and not signs
        speaking = not named and (speaks(line) or more)
        told = told and not apart
        slogan = told and not line.said[0].islower()
        if not speaking and (signs or sure or slogan):
            silent.append(at)
            told = told or (signs and not named)
        elif not speaking or not silent:
            break
    return silent


def claim_bare_name(sheet: Sheet) -> None:
    """Leave a name aside that ends a text without a goodbye, and the lines of its signature.

    A blank line must part it from prose: below a list or a quoted question, a name may be a thing
    or an answer.
    """
    numbers = sheet.open_lines()
    for back, at in enumerate(reversed(numbers[-_MOST_LINES:])):
        line = sheet.lines[at]
        if is_name_line(sheet.text, line, bare=True) and _below_prose(sheet, at):
            for each in numbers[len(numbers) - 1 - back :]:
                sheet.claim(AsideKind.SIGNATURE, each, each + 1)
            return
        if not is_signature(line):
            return


def _below_prose(sheet: Sheet, at: int) -> bool:
    if at < 2 or sheet.lines[at - 1].said or sheet.kinds[at - 2]:
        return False
    above = sheet.lines[at - 2].said
    return len(words(above)) >= _LONE_PROSE and above[-1] in ".?!)"

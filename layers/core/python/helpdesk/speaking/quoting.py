"""Quotes, forwarded mails, and the headers and lines above them. Pure but for the data."""

import re
from collections.abc import Sequence
from dataclasses import replace

from helpdesk.speaking.asides import AsideKind, Sheet
from helpdesk.speaking.lines import Line
from helpdesk.speaking.phrases import Word, listed, phrases, words

_ROLES = ("from", "date", "to", "copy", "subject")
_HEADER_LINES = 14
"""How many lines are looked at for the headers of one mail, with blank and wrapped ones."""

_LONGEST_ATTRIBUTION, _LONGEST_LABEL, _LONGEST_SEPARATOR = 300, 30, 120
_ATTRIBUTION_LINES = 3
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_TITLE = re.compile(r"(?i:fwd?|re|wg|aw|tr|rv|enc|vs|vb|pd|sv) ?:")
"""How the subject of a reply or a forwarded mail begins, which may stand above the headers."""

_BOX_TOP = re.compile(r"\|-++>\|?")
"""The upper rule of the boxes in which Lotus Notes writes the headers of an earlier mail."""

_BOX_LINES = 40
"""How many lines those boxes may have."""

_RULE = "-_=*#\u2013\u2014 "


def claim_quotes(sheet: Sheet) -> None:
    """Leave quotes aside: lines with ">", and what follows the headers of an earlier mail."""
    at = 0
    while at < len(sheet.lines):
        if not sheet.lines[at].said:
            at += 1
        elif _quoted(sheet, at):
            sheet.claim(AsideKind.QUOTE, at, at + 1)
            at += 1
        else:
            at = (
                _separated(sheet, at)
                or _boxed(sheet, at)
                or _headed(sheet, at)
                or _attributed(sheet, at)
                or at + 1
            )


def _quoted(sheet: Sheet, at: int) -> bool:
    """Tell whether a line is quoted. ">50 pieces" between lines that are not is no quote."""
    if at >= len(sheet.lines) or not sheet.lines[at].said.startswith(">"):
        return False
    said = sheet.lines[at].said.lstrip("> ")
    if not said[:1].isdigit() and said[:1] != "=":
        return True
    return sheet.lines[at].said[1:2] in {" ", ">"} or any(
        sheet.lines[near].said.startswith(">")
        for near in (at - 1, at + 1)
        if 0 <= near < len(sheet.lines)
    )


def _separated(sheet: Sheet, at: int) -> int | None:
    """Leave aside what follows a line such as "----- Original Message -----"."""
    kind = _separator(sheet.lines[at])
    if kind is None:
        return None
    below = sheet.following(at + 1)
    if _quoted(sheet, below):
        sheet.claim(kind, at, at + 1)
        while _quoted(sheet, below):
            sheet.claim(kind, below, below + 1)
            below = sheet.following(below + 1)
        return below
    if kind is AsideKind.QUOTE and (stop := _headers(sheet, below, least=2)):
        sheet.claim(AsideKind.HEADER_BLOCK, at, stop)
    sheet.claim(kind, at, len(sheet.lines))
    return len(sheet.lines)


def _separator(line: Line) -> AsideKind | None:
    said = line.said
    ruled = said[:2] in {"--", "__", "==", "**", "##", "\u2014\u2014"}
    if len(said) > _LONGEST_SEPARATOR or not (ruled or said.endswith(":")):
        return None
    found = words(said.strip(_RULE))
    if phrases("separator", "forward").are(found):
        return AsideKind.FORWARD
    return AsideKind.QUOTE if ruled and phrases("separator", "quote").are(found) else None


def _headed(sheet: Sheet, at: int) -> int | None:
    """Leave aside what follows the headers of an earlier mail, with a rule above or without."""
    said = sheet.lines[at].said
    ruled = len(said) >= 5 and not said.strip("_-\u2014")
    stop = _headers(sheet, sheet.following(at + 1) if ruled else at, least=3)
    if not stop:
        return None
    titled = at - 2 if at > 1 and not sheet.lines[at - 1].said else at - 1
    if titled >= 0 and _TITLE.match(sheet.lines[titled].said):
        sheet.claim(AsideKind.HEADER_BLOCK, titled, at)
    sheet.claim(AsideKind.HEADER_BLOCK, at, stop)
    sheet.claim(AsideKind.QUOTE, stop, len(sheet.lines))
    return len(sheet.lines)


def _boxed(sheet: Sheet, at: int) -> int | None:
    """Leave aside what follows the headers of an earlier mail that stand in boxes."""
    if not _BOX_TOP.fullmatch(sheet.lines[at].said):
        return None
    seen, stop = set[str](), at
    for line in sheet.lines[at : at + _BOX_LINES]:
        if not line.said.startswith(("|", ">--")):
            break
        role = _role(replace(line, said=line.said.strip("| ")))
        seen |= {role} if role else set()
        stop += 1
    if "from" not in seen or len(seen) < 3:
        return None
    sheet.claim(AsideKind.HEADER_BLOCK, at, stop)
    sheet.claim(AsideKind.QUOTE, stop, len(sheet.lines))
    return len(sheet.lines)


def _headers(sheet: Sheet, at: int, least: int) -> int | None:
    """Return where the headers end that begin at a line; None if there are none.

    There must be `least` of them, with who wrote it, and when or about what. A long one may be
    wrapped to a second line.
    """
    if at >= len(sheet.lines) or not _role(sheet.lines[at]):
        return None
    seen, stop, wrapped = set[str](), at, False
    for place in range(at, min(at + _HEADER_LINES, len(sheet.lines))):
        line = sheet.lines[place]
        role = _role(line)
        if role and role not in seen:
            seen.add(role)
            stop, wrapped = place + 1, False
        elif line.said and (wrapped or "@" not in line.said):
            break
        elif line.said:
            wrapped = True
    told = "from" in seen and seen & {"date", "subject"}
    return stop if told and len(seen) >= least else None


def _role(line: Line) -> str | None:
    label, colon, _ = line.said[: _LONGEST_LABEL + 1].replace("*", "").partition(":")
    if not colon:
        return None
    found = words(label)
    return next((role for role in _ROLES if phrases("header", role).are(found)), None)


def _attributed(sheet: Sheet, at: int) -> int | None:
    """Leave aside a line such as "On Monday Ada wrote:", and what it says is quoted.

    Without ">" it must show surely that a mail program wrote it.
    """
    if not (found := _attribution(sheet, at)):
        return None
    stop, sure = found
    if _quoted(sheet, sheet.following(stop)):
        sheet.claim(AsideKind.QUOTE, at, stop)
        return stop
    if sure:
        sheet.claim(AsideKind.QUOTE, at, len(sheet.lines))
        return len(sheet.lines)
    return None


def _attribution(sheet: Sheet, at: int) -> tuple[int, bool] | None:
    """Return where an attribution ends that begins at a line, and whether it is surely one."""
    if glued := _glued(sheet, at):
        return glued
    joined = ""
    for stop in range(at + 1, min(at + _ATTRIBUTION_LINES, len(sheet.lines)) + 1):
        line = sheet.lines[stop - 1].said
        joined = f"{joined} {line}".strip()
        if not line or len(joined) > _LONGEST_ATTRIBUTION:
            return None
        if line.rstrip("*_ ").endswith(":") or (stop == at + 1 and _framed(line)):
            lone = stop == at + 1
            later = not lone and _opens(sheet.lines[at + 1]) and _attribution(sheet, at + 1)
            sure = None if later else _sure(joined, lone=lone)
            return None if sure is None else (stop, sure)
        if line[-1] in ".!?" or not ("@" in joined or any(map(str.isdigit, joined))):
            return None
    return None


def _glued(sheet: Sheet, at: int) -> tuple[int, bool] | None:
    """Return where an attribution ends whose line goes on with what it quotes, as Yahoo writes."""
    line = sheet.lines[at]
    written = sheet.text[line.start : min(line.stop, line.start + _LONGEST_ATTRIBUTION)]
    head, gap, _ = written.partition(":  ")
    if not gap or "@" not in head or not _tells(words(head)):
        return None
    return (at + 1, True) if _sure(" ".join(f"{head}:".split()), lone=True) else None


def _framed(said: str) -> bool:
    """Tell whether a line stands between rules, as some programs write attributions."""
    return said.startswith("---") and said.endswith("---")


def _opens(line: Line) -> bool:
    """Tell whether an attribution may begin at a line, instead of being wrapped to it."""
    found = words(line.said)
    return bool(found) and found[0].plain in listed("attribution", "begins")


def _tells(found: Sequence[Word]) -> bool:
    """Tell whether words end with a verb of attributions."""
    return any(
        len(found) in phrases("attribution", "verbs").ends(found, each)
        for each in range(max(0, len(found) - 3), len(found))
    )


def _sure(said: str, *, lone: bool) -> bool | None:
    """Tell whether a line is surely an attribution; None if it is none at all."""
    found = words(said)
    if not found:
        return None
    address, clock = "@" in said, bool(_CLOCK.search(said))
    dated = any(map(str.isdigit, said))
    begins = found[0].plain in listed("attribution", "begins") or said[:1].isdigit()
    verb = any(phrases("attribution", "verbs").ends(found, each) for each in range(len(found)))
    last = _tells(found)
    told = any(each.plain in listed("words", "told") for each in found[1:])
    if begins and verb and dated:
        return address or (clock and bool(_YEAR.search(said)) and not told)
    if last and (address or lone):
        return address and not told
    if address and clock and begins:
        return not told
    return False if lone and dated and (address or clock) else None

"""What devices, firms and lists write below a mail. Pure but for the data.

A footer that its customer could have written, with "I" or "my" in it, is none.
"""

from helpdesk.speaking.asides import AsideKind, Sheet
from helpdesk.speaking.phrases import Word, listed, number, phrases, words

_START = 300
"""Characters of a line in which its first words stand."""

_ENOUGH_MARKS = 2
_DASHES = "-_=*\u2013\u2014 "


def claim_footers(sheet: Sheet) -> None:
    """Leave footers aside: those of devices in any place, others up to a blank line."""
    for at in sheet.open_lines():
        if sheet.kinds[at]:
            continue
        found = words(sheet.lines[at].said[:_START])
        if _device(found):
            sheet.claim(AsideKind.DEVICE_FOOTER, at, at + 1)
        elif at and _legal_start(found):
            _claim_paragraph(sheet, at, least=1)
        elif at and not sheet.lines[at - 1].said:
            _claim_paragraph(sheet, at, least=_ENOUGH_MARKS)
    _claim_rules(sheet)


def _device(found: list[Word]) -> bool:
    """Tell whether a line is like "Sent from my iPhone"."""
    if not found or len(found) > number("device", "most_words"):
        return False
    if not (ends := phrases("device", "begins").ends(found)):
        return False
    near = found[ends[0] - 1 : ends[-1] + 3]
    return _impersonal(found) and any(each.plain in listed("device", "names") for each in near)


def _impersonal(found: list[Word]) -> bool:
    """Tell whether no one speaks but a device, which may say whose it is."""
    return not any(
        each.plain in {"i", "im", "ich", "je", "yo", "ik", "jag", "jeg"} for each in found
    )


def _legal_start(found: list[Word]) -> bool:
    return bool(
        phrases("legal", "begins").ends(found) or phrases("legal", "unsubscribe").ends(found)
    )


def _claim_paragraph(sheet: Sheet, at: int, least: int) -> None:
    """Leave the rest of a paragraph aside if it has that many marks and no one speaks in it."""
    stop, found = at, list[Word]()
    while stop < len(sheet.lines) and sheet.lines[stop].said and not sheet.kinds[stop]:
        read = words(sheet.lines[stop].said)
        if read and read[0].plain in listed("signature", "ps"):
            break
        found += read
        stop += 1
    if any(each.plain in listed("words", "self") for each in found):
        return
    if len(phrases("legal", "marks").among(found)) >= least:
        sheet.claim(AsideKind.LEGAL_FOOTER, at, stop)


def _claim_rules(sheet: Sheet) -> None:
    """Leave rules such as "_____" aside that stand directly above a footer."""
    for at, line in enumerate(sheet.lines):
        below = sheet.following(at + 1)
        if line.said and not line.said.strip(_DASHES) and below < len(sheet.lines):
            kind = sheet.kinds[below]
            if kind in {AsideKind.LEGAL_FOOTER, AsideKind.DEVICE_FOOTER}:
                sheet.claim(kind, at, at + 1)

"""Spreadsheets: XLSX. A row is a line, its filled cells are apart by tabs."""

import re
from datetime import datetime, timedelta

from helpdesk.unread import Why

from helpdesk_documents.bounds import ROWS
from helpdesk_documents.packed import Package
from helpdesk_documents.result import EnoughError, Found, Gathered, RefusedError

_DATES = frozenset((*range(14, 23), 45, 46, 47))
"""Numbers of the built-in formats that show a date or a time."""

_QUOTED = re.compile(r'"[^"]{0,255}+"|\[[^\]]{0,255}+\]|\\.')
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- a sheet's dates have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_DAY = 2_958_465  # in the year 9999


class _Silent:
    def start(self, tag: str, attributes: dict[str, str], /) -> None:
        pass

    def end(self, tag: str, /) -> None:
        pass

    def characters(self, text: str, /) -> None:
        pass


class _Strings(_Silent):
    """The texts that cells refer to by their number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._in_text = self._in_reading_aid = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._in_text = tag == "t" and not self._in_reading_aid
        self._in_reading_aid |= tag == "rPh"

    def end(self, tag: str) -> None:
        self._in_text = False
        if tag == "rPh":
            self._in_reading_aid = False
        elif tag == "si":
            self.texts.append("".join(self._pieces))
            self._pieces.clear()

    def characters(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)


class _Styles(_Silent):
    """Which of the cells' styles show their number as a date."""

    def __init__(self) -> None:
        self.dates: list[bool] = []
        self._own: dict[str, bool] = {}
        self._in_cells = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            shown = _QUOTED.sub("", attributes.get("formatCode", "")).lower()
            self._own[attributes.get("numFmtId", "")] = bool(re.search(r"[ydhs]|mm", shown))
        elif tag == "xf" and self._in_cells:
            number = attributes.get("numFmtId", "0")
            built_in = number.isdecimal() and len(number) < 9 and int(number) in _DATES
            self.dates.append(self._own.get(number, built_in))
        self._in_cells |= tag == "cellXfs"

    def end(self, tag: str) -> None:
        self._in_cells &= tag != "cellXfs"


class _Book(_Silent):
    """The sheets' names, in the order in which they are shown."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.epoch = _EPOCH

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif tag == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            self.epoch = _EPOCH_1904


class _Relations(_Silent):
    """Which member a sheet's relation stands for."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            member = target[1:] if target.startswith("/") else f"xl/{target}"
            self.targets[attributes.get("Id", "")] = member


class _Sheet(_Silent):
    """One sheet. Where a cell stands is not used: one in the last corner costs no more."""

    def __init__(
        self, gathered: Gathered, strings: _Strings, styles: _Styles, book: _Book, rows: int
    ) -> None:
        self._gathered, self._book = gathered, book
        self._strings, self._dates = strings.texts, styles.dates
        self._kind = self._style = ""
        self._value: list[str] = []
        self._in_value = False
        self.rows = rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._value.clear()
        self._in_value = tag in {"v", "t"}

    def end(self, tag: str) -> None:
        self._in_value = False
        if tag == "c" and self._value:
            self._gathered.add(self._shown("".join(self._value)) + "\t")
        elif tag == "row":
            self._gathered.add("\n")
            self.rows += 1
            if self.rows >= ROWS:
                raise EnoughError

    def characters(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)

    def _shown(self, value: str) -> str:
        match self._kind:
            case "s":
                number = _number(value)
                return self._strings[number] if number < len(self._strings) else ""
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n" if (style := _number(self._style)) < len(self._dates) and self._dates[style]:
                return self._date(value)
        return value

    def _date(self, value: str) -> str:
        try:
            days = float(value)
        except ValueError:
            return value
        if not 0 <= days < _LAST_DAY:
            return value
        moment = self._book.epoch + timedelta(seconds=round(days * 86_400))
        if days < 1:
            return f"{moment:%H:%M}"
        return f"{moment:%Y-%m-%d}" if days == int(days) else f"{moment:%Y-%m-%d %H:%M}"


def read(data: bytes) -> Found:
    """Return the names and the filled cells of all sheets. Dates are written as ISO writes them."""
    package = Package(data)
    strings, styles, book, relations = _Strings(), _Styles(), _Book(), _Relations()
    parts = (
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/styles.xml", styles),
        ("xl/sharedStrings.xml", strings),
    )
    for part, reader in parts:
        if package.matching(re.escape(part)):
            package.read(part, reader)
    members = package.matching(r"xl/worksheets/[^/]+\.xml")
    if not members:
        raise RefusedError(Why.UNREADABLE)
    names = {relations.targets.get(relation, ""): name for name, relation in book.sheets}
    shown = [member for member in names if member in members]
    gathered, rows = Gathered(), 0
    try:
        for member in shown or members:
            gathered.add(f"{names.get(member, '')}\n")
            sheet = _Sheet(gathered, strings, styles, book, rows)
            package.read(member, sheet)
            gathered.add("\n")
            rows = sheet.rows
    except EnoughError:
        return Found(gathered.text, pages=len(members), cut=True)
    return Found(gathered.text, pages=len(members))


def _number(text: str) -> int:
    """Return a count that a file states, or one that is larger than any list."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 10**10

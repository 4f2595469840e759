"""Documents and slides: DOCX, PPTX and ODT."""

from collections.abc import Mapping
from types import MappingProxyType

from helpdesk.unread import Why

from helpdesk_documents.bounds import ROWS
from helpdesk_documents.packed import Package
from helpdesk_documents.result import EnoughError, Found, Gathered, RefusedError

WORD_PARTS = r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
OPEN_PARTS = ("content.xml", "styles.xml")
"""Headers and footers of an ODT are in its styles."""


class _Flow:
    """Gathers the text of WordprocessingML, DrawingML or OpenDocument.

    A paragraph is a line, but inside a table's cell: there, the row is.
    """

    paragraphs: frozenset[str] = frozenset({"p"})
    text: frozenset[str] = frozenset({"t"})
    cell, row = "tc", "tr"
    unseen: frozenset[str] = frozenset({"Fallback"})
    signs: Mapping[str, str] = MappingProxyType(
        {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
    )

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._open: list[str] = []
        self._unseen = self._in_text = self._cells = self._rows = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._open.append(tag)
        self._unseen += tag in self.unseen
        self._in_text += tag in self.text
        self._cells += tag == self.cell
        # The stops of a paragraph are named like the tab in its text.
        stop = self._open[-2:-1] in (["tabs"], ["tabLst"])
        if tag in self.signs and not self._unseen and not stop:
            self._gathered.add(self.signs[tag])

    def end(self, tag: str) -> None:
        self._open.pop()
        self._unseen -= tag in self.unseen
        self._in_text -= tag in self.text
        self._cells -= tag == self.cell
        if tag == self.cell:
            self._gathered.add("\t")
        elif tag == self.row:
            self._gathered.add("\n")
            self._rows += 1
            if self._rows >= ROWS:
                raise EnoughError
        elif tag in self.paragraphs:
            self._gathered.add(" " if self._cells else "\n")

    def characters(self, text: str) -> None:
        if self._in_text and not self._unseen:
            self._gathered.add(text)


class _Open(_Flow):
    paragraphs = text = frozenset({"p", "h"})
    cell, row = "table-cell", "table-row"
    unseen = frozenset({"tracked-changes"})
    signs = MappingProxyType({"tab": "\t", "line-break": "\n", "s": " "})


def read_docx(data: bytes) -> Found:
    """Return the text of a Word document: body, tables, headers and footers, notes, comments."""
    package = Package(data)
    parts = package.matching(WORD_PARTS)
    if "word/document.xml" not in parts:
        raise RefusedError(Why.UNREADABLE)
    parts.sort(key=lambda name: name != "word/document.xml")
    return _read(package, parts, _Flow)


def read_pptx(data: bytes) -> Found:
    """Return the text of slides and of the notes below them."""
    package = Package(data)
    slides = package.matching(r"ppt/slides/slide\d+\.xml")
    notes = package.matching(r"ppt/notesSlides/notesSlide\d+\.xml")
    if not slides:
        raise RefusedError(Why.UNREADABLE)
    found = _read(package, [*slides, *notes], _Flow)
    return Found(found.text, pages=len(slides), cut=found.cut)


def read_odt(data: bytes) -> Found:
    """Return the text of an OpenDocument text."""
    package = Package(data)
    parts = [part for part in OPEN_PARTS if package.matching(part.replace(".", r"\."))]
    if "content.xml" not in parts:
        raise RefusedError(Why.UNREADABLE)
    return _read(package, parts, _Open)


def _read(package: Package, parts: list[str], flow: type[_Flow]) -> Found:
    gathered = Gathered()
    try:
        for part in parts:
            package.read(part, flow(gathered))
            gathered.add("\n")
    except EnoughError:
        return Found(gathered.text, cut=True)
    return Found(gathered.text)

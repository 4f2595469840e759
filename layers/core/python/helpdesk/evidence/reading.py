"""The text of a file as the pieces of a document, each with the headings above it. Pure.

A row of a table is one piece, and of other texts each sentence is. Left out are pieces that hold a
placeholder, those that no one could quote, and those whose text was there before.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from helpdesk.evidence.passages import placeholder
from helpdesk.evidence.sentences import ENCODED, pieces, sentences
from helpdesk.evidence.sources import InvalidDocumentError, Piece

MOST_CHARACTERS, MOST_PIECES = 1_000_000, 20_000
"""What one document may hold."""

LONGEST_PIECE, LONGEST_TITLE = 600, 200
"""Characters. What is longer without the end of a sentence is no sentence."""

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*")
_RULE = re.compile(r"[ \t]*(?:-{3,}|={3,}|\*{3,}|_{3,})[ \t]*")
_FRONT = re.compile(r"\A---\n(.{0,20000}?)\n---\n", re.DOTALL)
_ITEM = re.compile(r"[ \t>]*(?:[-*+\u2022]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_DIVIDER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_DEFINITION = re.compile(r"[ \t]{0,3}\[[^\]]{1,100}\]:[ \t]+\S+.*")
_LINK = re.compile(
    r"!?\[([^\[\]]{0,300})\](?:\([^()\s]{0,1000}(?:\s\"[^\"]{0,200}\")?\)|\[[^\[\]]{0,100}\])"
)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,500})>")
_STRONG = re.compile(r"(?<!\w)(\*\*\*|\*\*|\*|__|_|`)(?=\S)([^*_`\n]{1,300}?)(?<=\S)\1(?!\w)")
_BROKEN_WORD = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_SPACE = re.compile(r"\s+")
_BELOW = " \u203a "

_TEXTS = ("answer", "response", "reply", "text", "content", "fact")
_TITLES = ("question", "title", "instruction", "topic", "subject", "heading", "name")
"""Columns that hold what is said, and what it is about, the first that there is of each."""

_FEW_LETTERS = 60
"""Characters up to which a cell of the first row may be the name of a column."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A text that is no piece, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What a file was read into. `title` is empty if the file does not say one."""

    title: str
    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...] = ()


def of_markdown(text: str) -> Paper:
    """Return the sentences of a text in Markdown, and the rows of its tables.

    Raises InvalidDocumentError.
    """
    text = _without_comments(_plain(text))
    title = ""
    if front := _FRONT.match(text):
        text = text[front.end() :]
        named = re.search(r"^title:[ \t]*[\"']?(.{1,200}?)[\"']?[ \t]*$", front[1], re.MULTILINE)
        title = named[1] if named else ""
    return _paper(title, _sections(text.split("\n"), joined=True))


def of_lines(text: str, *, title: str = "") -> Paper:
    """Return the sentences of a text whose lines are whole, with headings as in Markdown.

    Raises InvalidDocumentError.
    """
    return _paper(title, _sections(_plain(text).split("\n"), joined=False))


def of_pages(text: str) -> Paper:
    """Return the sentences of a text whose lines are cut where a page ended.

    It has no headings. Raises InvalidDocumentError.
    """
    blocks = re.split(r"\n[ \t]*\n", _BROKEN_WORD.sub("", _plain(text)))
    return _paper("", (("", each) for each in map(_on_one_line, blocks)))


def of_csv(text: str) -> Paper:
    """Return the rows of a table; of one with a title and a text, only those columns.

    Raises InvalidDocumentError.
    """
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(_plain(text)), _dialect(text))
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise InvalidDocumentError(f"no table in CSV can be read: {error}") from None
    if not rows:
        raise InvalidDocumentError("the file has no text")
    names = [_on_one_line(each) for each in rows[0]] if _names_columns(rows) else []
    return _paper("", (_row(names, row) for row in rows[bool(names) :]), whole=True)


def _paper(title: str, texts: Iterable[tuple[str, str]], *, whole: bool = False) -> Paper:
    """Gather pieces of texts with their titles; a `whole` text is one, if the encoder reads it."""
    found: dict[str, Piece] = {}
    left_out: list[LeftOut] = []
    first = ""
    for about, text in texts:
        first = first or about.split(_BELOW, maxsplit=1)[0]
        one = whole and pieces(text) <= ENCODED and len(text) <= LONGEST_PIECE
        for sentence in (text,) if one else sentences(text):
            if what := placeholder(sentence):
                left_out.append(LeftOut(sentence, f"it holds the placeholder {what}"))
            elif len(sentence) > LONGEST_PIECE:
                left_out.append(LeftOut(sentence, f"it is longer than {LONGEST_PIECE} characters"))
            elif any(map(str.isalnum, sentence)):
                piece = Piece(title=about[:LONGEST_TITLE], text=sentence)
                found.setdefault(_SPACE.sub(" ", sentence.casefold()), piece)
    if len(found) > MOST_PIECES:
        raise InvalidDocumentError(
            f"the file has {len(found):,} sentences and rows; "
            f"a document has {MOST_PIECES:,} at most"
        )
    if not found:
        raise InvalidDocumentError("the file has no text that could be quoted")
    return Paper(
        (title or ("" if whole else first))[:LONGEST_TITLE], tuple(found.values()), tuple(left_out)
    )


def _plain(text: str) -> str:
    """Return a text without characters that steer or show nothing. Raises InvalidDocumentError."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidDocumentError(
            f"the file has {len(text):,} characters; a document has {MOST_CHARACTERS:,} at most"
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        each for each in text if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cf"}
    )


def _without_comments(text: str) -> str:
    first, *others = text.split("<!--")
    return first + "".join(each.partition("-->")[2] for each in others)


def _sections(lines: Sequence[str], *, joined: bool) -> Iterator[tuple[str, str]]:
    """Yield each block of lines with the headings above it."""
    page = _Page(joined=joined)
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        page.take(line, below)
    page.end_block()
    yield from page.blocks


@dataclass(slots=True)
class _Page:
    """The blocks so far, and what the reader is within.

    Lines of a block are `joined` if only their width ended them. Only then there are tables.
    """

    joined: bool
    blocks: list[tuple[str, str]] = field(default_factory=list)
    above: list[tuple[int, str]] = field(default_factory=list)
    block: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)

    def take(self, line: str, below: str) -> None:
        """Read a line; `below` is the next one."""
        if heading := _heading(line, below if self.joined and not self.block else ""):
            self._take_heading(*heading)
        elif cells := _cells(line) if self.joined else []:
            self._take_row(line, cells, below)
        elif not line.strip() or _RULE.fullmatch(line) or _FENCE.match(line):
            self.end_block()
            self.header = []
        elif not _DEFINITION.fullmatch(line):
            if item := _ITEM.match(line):
                self.end_block()
            self.block.append(_unmarked(line[item.end() if item else 0 :]))

    def end_block(self) -> None:
        """Keep the block, if anything is in it."""
        if self.block:
            self.blocks.append((self._path, (" " if self.joined else "\n").join(self.block)))
            self.block = []

    def _take_heading(self, depth: int, said: str) -> None:
        self.end_block()
        self.above = [*(each for each in self.above if each[0] < depth), (depth, said)]
        self.header = []

    def _take_row(self, line: str, cells: list[str], below: str) -> None:
        self.end_block()
        if _DIVIDER.fullmatch(line):
            return
        if not self.header and _cells(below) and _DIVIDER.fullmatch(below):
            self.header = cells
            return
        about, text = _row(self.header, cells)
        self.blocks.append((_BELOW.join(filter(None, (self._path, about))), text))

    @property
    def _path(self) -> str:
        return _BELOW.join(said for _, said in self.above if said)


def _heading(line: str, below: str) -> tuple[int, str] | None:
    if found := _HEADING.fullmatch(line.strip()):
        return len(found[1]), _unmarked(found[2])
    if (
        line.strip()
        and not _DEFINITION.fullmatch(line)
        and re.fullmatch(r"={3,}|-{3,}", below.strip())
        and "|" not in line
    ):
        return (1 if "=" in below else 2), _unmarked(line)
    return None


def _cells(line: str) -> list[str]:
    """Return the cells of a row of a table in Markdown; nothing for another line."""
    bare = line.strip()
    if not bare.startswith("|") or bare.count("|") < 2:
        return []
    return [_unmarked(each) for each in re.split(r"(?<!\\)\|", bare.strip("|"))]


def _unmarked(text: str) -> str:
    """Return a line of Markdown as it is read: without links, emphasis and quotation marks."""
    text = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", text.lstrip(" \t>")))
    for _ in range(2):  # emphasis in emphasis
        text = _STRONG.sub(r"\2", text)
    return _on_one_line(text.replace("\\|", "|"))


def _on_one_line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    first = [each.strip() for each in rows[0]]
    while not first[-1]:
        first.pop()
    named = all(
        each and len(each) <= _FEW_LETTERS and each[-1] not in ".!?" and not each[0].isdigit()
        for each in first
    )
    several = len(rows) > 1 and len(set(first)) == len(first)
    return named and several and (len(first) > 1 or first[0].casefold() in (*_TEXTS, *_TITLES))


def _row(names: Sequence[str], row: Sequence[str]) -> tuple[str, str]:
    """Return what a row is about, and what it says."""
    known = [each.casefold() for each in names]
    cells = dict(zip(known, map(_on_one_line, row), strict=False))
    text = next((cells[each] for each in _TEXTS if cells.get(each)), "")
    about = next((cells[each] for each in _TITLES if cells.get(each)), "")
    if text:
        return about, text
    shown = zip(names or [""] * len(row), map(_on_one_line, row), strict=False)
    said = [f"{name}: {cell}" if name else cell for name, cell in shown if cell]
    return about, "; ".join(said)

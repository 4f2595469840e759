"""Files as documents of the desk: Markdown, text, HTML and CSV are read here, PDF by the stack.

The layer with the readers of files is in the stack alone. A PDF file goes to its function, which
reads it in a process of its own, as it reads customers' files.
"""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

from helpdesk.evidence import InvalidDocumentError
from helpdesk.evidence.reading import Paper, of_csv, of_lines, of_markdown, of_pages
from helpdesk.mime import markup
from helpdesk.mime.charsets import read_text

SUFFIXES = (".csv", ".md", ".markdown", ".txt", ".html", ".htm", ".pdf")

LARGEST = 4_000_000
"""Bytes of a file: what a call of a function takes, and more than a handbook has."""

_OPENED = re.compile(r"<h([1-6])(?:\s[^<>]{0,1000})?>", re.IGNORECASE)
_TITLE = re.compile(r"<title(?:\s[^<>]{0,200})?>([^<]{1,300})<", re.IGNORECASE)
_SPELLED_OUT = re.compile(r" \((?:https?://|mailto:|tel:)[^\s()]{1,500}\)")

type Extract = Callable[[bytes, str], str]
"""Reads a file of a kind that is not read here; takes its name too."""


def read(path: Path, extract: Extract) -> Paper:
    """Return what a file says. Raises InvalidDocumentError, OSError, or what `extract` raises."""
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InvalidDocumentError(f"{path.name}: documents end in {', '.join(SUFFIXES)}")
    if (size := path.stat().st_size) > LARGEST:
        raise InvalidDocumentError(
            f"{path.name} has {size:,} bytes; a document has {LARGEST:,} at most"
        )
    try:
        return _read(path.read_bytes(), kind, path.name, extract)
    except InvalidDocumentError as error:
        raise InvalidDocumentError(f"{path.name}: {error}") from None


def _read(data: bytes, kind: str, name: str, extract: Extract) -> Paper:
    if kind == ".pdf":
        return of_pages(extract(data, name))
    if kind in {".html", ".htm"}:
        return _of_page(read_text(data, markup.stated_charset(data)))
    text = read_text(data, None)
    if "\x00" in text:
        raise InvalidDocumentError("it is no text")
    return of_csv(text) if kind == ".csv" else of_markdown(text)


def _of_page(page: str) -> Paper:
    """Return the sentences of a page in HTML with the headings above them."""
    if len(page) > markup.LONGEST:
        raise InvalidDocumentError(f"a page has {markup.LONGEST:,} characters at most")
    titled = _TITLE.search(page)
    marked = _OPENED.sub(lambda found: f"{found[0]}{'#' * int(found[1])} ", page)
    text = _SPELLED_OUT.sub("", markup.to_text(marked))
    return of_lines(text, title=" ".join(unescape(titled[1]).split()) if titled else "")

"""PDF: the text of its pages, or, of pages that are pictures, the text that is recognised."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pypdfium2
from helpdesk.unread import Why

from helpdesk_documents.bounds import DPI, PAGES, PIXELS, SCANNED_PAGES
from helpdesk_documents.result import EnoughError, Found, Gathered, RefusedError, looks_scanned

if TYPE_CHECKING:
    from PIL import Image

_POINTS = 72
_PASSWORD = 4
"""What pdfium calls a file that asks for a password."""


def read(data: bytes, languages: Sequence[str]) -> Found:
    """Return the text of the first PAGES pages; if there is none, what is recognised."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        encrypted = error.err_code == _PASSWORD
        raise RefusedError(Why.ENCRYPTED if encrypted else Why.UNREADABLE) from error
    try:
        found = _text(document)
        if languages and looks_scanned(found.text):
            found = _recognised(document, languages, found)
    except pypdfium2.PdfiumError as error:
        raise RefusedError(Why.UNREADABLE) from error
    finally:
        document.close()
    return found


def _text(document: pypdfium2.PdfDocument) -> Found:
    gathered, pages = Gathered(), len(document)
    try:
        for number in range(min(pages, PAGES)):
            page = document[number]
            text = page.get_textpage()
            # pdfium marks a word that is broken at the end of a line by a character of its own.
            gathered.add(text.get_text_bounded().replace("\ufffe", "-") + "\n\n")
            text.close()
            page.close()
    except EnoughError:
        return Found(gathered.text, pages=pages, cut=True)
    return Found(gathered.text, pages=pages, cut=pages > PAGES)


def _recognised(document: pypdfium2.PdfDocument, languages: Sequence[str], found: Found) -> Found:
    """Return what is recognised; what was found as text, if that is nothing."""
    from helpdesk_documents.recognition import Recogniser  # noqa: PLC0415 -- few files need it

    pages = len(document)
    try:
        seen = Recogniser(languages).read(_drawn(document, min(pages, SCANNED_PAGES)))
    except RefusedError:
        if found.text.strip():
            return found
        raise
    if not seen:
        return found
    cut = seen.cut or pages > SCANNED_PAGES
    return Found(seen.text, pages=pages, confidence=seen.confidence, cut=cut)


def _drawn(document: pypdfium2.PdfDocument, pages: int) -> "Iterator[Image.Image]":
    for number in range(pages):
        page = document[number]
        width, height = page.get_size()
        scale = min(DPI / _POINTS, math.sqrt(PIXELS / max(1, width * height)))
        yield page.render(scale=scale, grayscale=True).to_pil()
        page.close()

"""PDF: the text of its pages, or, of pages that are pictures, the text that is recognised."""

import math
from collections.abc import Iterator

import pypdfium2
from PIL import Image

from helpdesk_documents.bounds import DPI, PAGES, PIXELS, SCANNED_PAGES
from helpdesk_documents.recognition import Recogniser
from helpdesk_documents.result import EnoughError, Found, Gathered, Reason, RefusedError

_LEAST_LETTERS = 20
"""Letters and digits below which a file is taken for a scan."""

_POINTS = 72
_PASSWORD = 4
"""What pdfium calls a file that asks for a password."""


def read(data: bytes, recogniser: Recogniser | None) -> Found:
    """Return the text of the first PAGES pages; if there is none, what `recogniser` sees."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        encrypted = error.err_code == _PASSWORD
        raise RefusedError(Reason.ENCRYPTED if encrypted else Reason.UNREADABLE) from error
    try:
        found = _text(document)
        if recogniser and sum(map(str.isalnum, found.text)) < _LEAST_LETTERS:
            found = _recognised(document, recogniser) or found
    except pypdfium2.PdfiumError as error:
        raise RefusedError(Reason.UNREADABLE) from error
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


def _recognised(document: pypdfium2.PdfDocument, recogniser: Recogniser) -> Found | None:
    pages = len(document)
    seen = recogniser.read(_drawn(document, min(pages, SCANNED_PAGES)))
    if not seen:
        return None
    return Found(seen.text, pages=pages, confidence=seen.confidence, cut=pages > SCANNED_PAGES)


def _drawn(document: pypdfium2.PdfDocument, pages: int) -> Iterator[Image.Image]:
    for number in range(pages):
        page = document[number]
        width, height = page.get_size()
        scale = min(DPI / _POINTS, math.sqrt(PIXELS / max(1, width * height)))
        yield page.render(scale=scale, grayscale=True).to_pil()
        page.close()

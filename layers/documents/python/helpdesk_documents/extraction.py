"""Read one file, in this process: without limits of time and memory (`isolation` has those)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from helpdesk.unread import Why

from helpdesk_documents import bounds
from helpdesk_documents.kinds import PICTURES, Kind, at_a_glance, has_password, kind_of
from helpdesk_documents.result import Extracted, Found, RefusedError

_READERS = {
    Kind.DOCX: ("flowing", "read_docx"),
    Kind.PPTX: ("flowing", "read_pptx"),
    Kind.ODT: ("flowing", "read_odt"),
    Kind.XLSX: ("sheets", "read"),
    Kind.DOC: ("legacy", "read_doc"),
    Kind.XLS: ("legacy", "read_xls"),
    Kind.RTF: ("legacy", "read_rtf"),
    Kind.CSV: ("plain", "read"),
    Kind.TEXT: ("plain", "read"),
    Kind.HTML: ("markup", "read"),
    Kind.MAIL: ("letters", "read"),
    Kind.PDF: ("portable", "read"),
    **dict.fromkeys(PICTURES, ("recognition", "read")),
}
"""The module and the function that read a kind. A child loads the libraries of one kind alone."""

_WITH_LANGUAGES = PICTURES | {Kind.PDF}

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BLANKS = re.compile(r"[^\S\n\t]++")
_AROUND_TABS = re.compile(r" ?\t ?")
_LINE_ENDS = re.compile(r"(?<![^\S\n])[^\S\n]++\n")
_GAPS = re.compile(r"\n{3,}+")


def extract(
    data: bytes, name: str, declared: str, *, languages: Sequence[str] = ("eng",)
) -> Extracted:
    """Return the text of a file, or the reason why there is none. No file raises an exception.

    `declared` is the media type that the sender stated. Pictures are recognised in `languages`;
    without any, a picture has no text.
    """
    if len(data) > bounds.FILE:
        return Extracted("", at_a_glance(data, name, declared), Why.TOO_LARGE)
    try:
        kind, named = kind_of(data, name, declared)
    except MemoryError:
        return Extracted("", at_a_glance(data, name, declared), Why.TOO_COSTLY)
    except Exception:
        return Extracted("", at_a_glance(data, name, declared), Why.UNREADABLE)
    found = _found(data, kind, languages)
    if isinstance(found, Why):
        return Extracted("", kind, found, named=named)
    cut = found.cut or len(found.text) > bounds.CHARACTERS
    text = tidied(found.text)
    extracted = Extracted(text, kind, None, found.pages, found.confidence, named, cut)
    if extracted.text:
        return extracted
    return replace(extracted, reason=Why.NO_TEXT, confidence=None, cut=False)


def _found(data: bytes, kind: Kind, languages: Sequence[str]) -> Found | Why:
    try:
        return _read(data, kind, languages)
    except RefusedError as refused:
        return refused.reason
    except MemoryError:
        return Why.TOO_COSTLY
    except RecursionError:
        return Why.TOO_DEEP
    except ImportError:
        raise  # the installation is broken, not the file
    except Exception:
        # Readers of old formats trust what a file says of itself, and fail in every way there is.
        return Why.UNREADABLE


def _read(data: bytes, kind: Kind, languages: Sequence[str]) -> Found:
    if not data:
        raise RefusedError(Why.NO_TEXT)
    if has_password(data):
        raise RefusedError(Why.ENCRYPTED)
    if kind not in _READERS:
        raise RefusedError(Why.NOT_READ)
    module, function = _READERS[kind]
    read = getattr(import_module(f"helpdesk_documents.{module}"), function)
    found: Found = read(data, languages) if kind in _WITH_LANGUAGES else read(data)
    return found


def tidied(text: str) -> str:
    """Return a text without control characters, runs of blanks and gaps of several lines."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _AROUND_TABS.sub("\t", _BLANKS.sub(" ", text))
    text = _LINE_ENDS.sub("\n", text)
    return _GAPS.sub("\n\n", text).strip()[: bounds.CHARACTERS]

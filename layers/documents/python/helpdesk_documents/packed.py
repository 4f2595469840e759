"""Documents that are zip files of XML: members unpacked piece by piece, within limits.

Nothing is unpacked as a whole and no tree is built, so a small file that unpacks to gigabytes costs
no more than what is read of it.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Protocol
from xml.parsers import expat

from helpdesk.unread import Why

from helpdesk_documents.bounds import DEPTH, UNPACKED
from helpdesk_documents.result import RefusedError

_PIECE = 64 * 1024
_ENCRYPTED = 0x1


class Reader(Protocol):
    """What a document's elements are told to. Names come without their prefix."""

    def start(self, tag: str, attributes: dict[str, str], /) -> None:
        """An element begins."""

    def end(self, tag: str, /) -> None:
        """An element ends."""

    def characters(self, text: str, /) -> None:
        """Characters within the element that began last."""


class Package:
    """The members of one document. All members that are read share one limit."""

    def __init__(self, data: bytes) -> None:
        """Raise RefusedError if the bytes are not a zip file."""
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise RefusedError(Why.UNREADABLE) from error
        self._room = UNPACKED

    def matching(self, pattern: str) -> list[str]:
        """Return the members whose whole name fits the pattern, in the order of their numbers."""
        names = dict.fromkeys(n for n in self._archive.namelist() if re.fullmatch(pattern, n))
        return sorted(names, key=lambda name: [int(digits) for digits in re.findall(r"\d+", name)])

    def read(self, name: str, reader: Reader) -> None:
        """Tell the elements of a member to `reader`. Raises RefusedError."""
        parser = _parser(reader)
        try:
            for piece in self._pieces(name):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise RefusedError(Why.UNREADABLE) from error

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            member = self._archive.getinfo(name)
            if member.flag_bits & _ENCRYPTED:
                raise RefusedError(Why.ENCRYPTED)
            # Others can make a decompressor take as much memory as they like.
            if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise RefusedError(Why.UNREADABLE)
            with self._archive.open(member) as file:
                while piece := file.read(_PIECE):
                    self._room -= len(piece)
                    if self._room < 0:
                        raise RefusedError(Why.TOO_LARGE)
                    yield piece
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise RefusedError(Why.UNREADABLE) from error


def _parser(reader: Reader) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise RefusedError(Why.TOO_DEEP)
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        reader.start(name.rpartition(":")[2], local)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        reader.end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise RefusedError(Why.DOCUMENT_TYPE)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = refuse
    return parser

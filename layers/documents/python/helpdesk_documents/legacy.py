"""The formats before the packed ones: DOC, XLS and RTF."""

import os
import re
import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import olefile
import xlrd
from helpdesk.unread import Why
from striprtf.striprtf import rtf_to_text

from helpdesk_documents.bounds import ROWS
from helpdesk_documents.result import EnoughError, Found, Gathered, RefusedError

_WORD_97 = 0x00C1
_ENCRYPTED, _OTHER_TABLE = 0x0100, 0x0200
_PIECE_TABLE = 0x01A2
"""Where a Word file says where its table of pieces is."""

_SIGNS = str.maketrans({"\r": "\n", "\x07": "\t", "\x0b": "\n", "\x0c": "\n", "\x1e": "-"})
_ROW_ENDS = "\x07\x07"
_FIELD_CODE = re.compile(r"\x13[^\x13-\x15]*+(?:\x14|\x15)")
_PICTURE_IN_RTF = re.compile(r"(?<![0-9a-fA-F\s])[0-9a-fA-F\s]{1000,}+")


def read_doc(data: bytes) -> Found:
    """Return the text of a Word file: body and tables, then notes, headers, comments, text boxes.

    A Word file keeps its text in pieces. A table says where each begins, and whether its characters
    take one byte or two.
    """
    with olefile.OleFileIO(data) as file:
        main = file.openstream("WordDocument").read()
        (version,) = struct.unpack_from("<H", main, 2)
        (flags,) = struct.unpack_from("<H", main, 10)
        if flags & _ENCRYPTED:
            raise RefusedError(Why.ENCRYPTED)
        if version < _WORD_97:
            raise RefusedError(Why.NOT_READ)
        table = file.openstream("1Table" if flags & _OTHER_TABLE else "0Table").read()
    start, length = struct.unpack_from("<II", main, _PIECE_TABLE)
    gathered = Gathered()
    try:
        for piece in _pieces(main, table[start : start + length]):
            gathered.add(piece)
    except EnoughError:
        return Found(_without_fields(gathered.text), cut=True)
    return Found(_without_fields(gathered.text))


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    at = 0
    while table[at] == 1:  # properties, which pieces refer to
        at += 3 + int.from_bytes(table[at + 1 : at + 3], "little")
    if table[at] != 2:
        raise RefusedError(Why.UNREADABLE)
    (length,) = struct.unpack_from("<I", table, at + 1)
    entries = table[at + 5 : at + 5 + length]
    count = (length - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", entries)
    for index in range(count):
        characters = ends[index + 1] - ends[index]
        (place,) = struct.unpack_from("<I", entries, 4 * (count + 1) + 8 * index + 2)
        if place & 0x4000_0000:
            begin = (place & 0x3FFF_FFFF) // 2
            yield main[begin : begin + characters].decode("cp1252", "replace")
        else:
            yield main[place : place + 2 * characters].decode("utf-16-le", "replace")


def _without_fields(text: str) -> str:
    """Leave out what computes a field, and keep what it shows."""
    return _FIELD_CODE.sub("", text).replace(_ROW_ENDS, "\r").translate(_SIGNS)


def read_xls(data: bytes) -> Found:
    """Return the names and the filled cells of all sheets."""
    # xlrd's own reader of containers follows a chain of sectors that has no end.
    with olefile.OleFileIO(data) as file:
        stream = "Workbook" if file.exists("Workbook") else "Book"
        workbook = file.openstream(stream).read()
    with Path(os.devnull).open("w") as log:
        try:
            book = xlrd.open_workbook(
                file_contents=workbook, on_demand=True, ragged_rows=True, logfile=log
            )
        except xlrd.XLRDError as error:
            encrypted = "encrypted" in str(error).lower()
            raise RefusedError(Why.ENCRYPTED if encrypted else Why.UNREADABLE) from error
        gathered = Gathered()
        try:
            lines = _lines(book)
            for line in islice(lines, ROWS):
                gathered.add(line)
            cut = next(lines, None) is not None
        except EnoughError:
            cut = True
    return Found(gathered.text, pages=book.nsheets, cut=cut)


def _lines(book: xlrd.Book) -> Iterator[str]:
    for number, name in enumerate(book.sheet_names()):
        yield f"{name}\n"
        sheet = book.sheet_by_index(number)
        for row in range(sheet.nrows):
            cells = (_shown(cell, book.datemode) for cell in sheet.row(row))
            yield "\t".join(cell for cell in cells if cell) + "\n"
        book.unload_sheet(number)


def _shown(cell: xlrd.sheet.Cell, date_mode: int) -> str:
    match cell.ctype:
        case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
            return ""
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if cell.value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
        case xlrd.XL_CELL_DATE if 1 <= cell.value < 2_958_465:
            moment = xlrd.xldate_as_datetime(cell.value, date_mode)
            whole = cell.value == int(cell.value)
            return f"{moment:%Y-%m-%d}" if whole else f"{moment:%Y-%m-%d %H:%M}"
        case xlrd.XL_CELL_NUMBER if cell.value == int(cell.value):
            return str(int(cell.value))
    return str(cell.value)


def read_rtf(data: bytes) -> Found:
    """Return the text of an RTF file. Pictures in it are left out first: they are only digits."""
    markup = _PICTURE_IN_RTF.sub(" ", data.decode("latin-1"))
    text: str = rtf_to_text(markup, encoding="cp1252", errors="replace")  # type: ignore[no-untyped-call]
    return Found(text)

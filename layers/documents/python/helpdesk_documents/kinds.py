"""What kind of file it is: told by its first bytes, else by its name, else by its declared type."""

import re
import zipfile
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath

import olefile


class Kind(StrEnum):
    """A kind of file; UNKNOWN is none that is read."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    DOC = "doc"
    XLS = "xls"
    RTF = "rtf"
    CSV = "csv"
    TEXT = "text"
    HTML = "html"
    MAIL = "mail"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    BMP = "bmp"
    TIFF = "tiff"
    WEBP = "webp"
    UNKNOWN = "unknown"


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.BMP, Kind.TIFF, Kind.WEBP})

_TEXTUAL = frozenset({Kind.CSV, Kind.TEXT, Kind.HTML, Kind.MAIL})
_ANY_TEXT = frozenset({Kind.TEXT, Kind.MAIL})
"""What any text may look like: there, the name decides which text it is."""

_PACKED = {
    "word/": Kind.DOCX,
    "xl/": Kind.XLSX,
    "ppt/": Kind.PPTX,
}
_STREAMS = {"WordDocument": Kind.DOC, "Workbook": Kind.XLS, "Book": Kind.XLS}
_OPEN_TEXT = b"application/vnd.oasis.opendocument.text"

_NAMES = {
    **{f".{kind}": kind for kind in Kind if kind not in {Kind.UNKNOWN, Kind.TEXT, Kind.MAIL}},
    ".docm": Kind.DOCX, ".xlsm": Kind.XLSX, ".pptm": Kind.PPTX, ".dot": Kind.DOC,
    ".tsv": Kind.CSV, ".txt": Kind.TEXT, ".text": Kind.TEXT, ".log": Kind.TEXT, ".md": Kind.TEXT,
    ".json": Kind.TEXT, ".xml": Kind.TEXT, ".htm": Kind.HTML, ".xhtml": Kind.HTML,
    ".eml": Kind.MAIL, ".jpg": Kind.JPEG, ".jpe": Kind.JPEG, ".tif": Kind.TIFF,
}  # fmt: skip

_TYPES = {
    "application/pdf": Kind.PDF,
    "application/msword": Kind.DOC,
    "application/vnd.ms-excel": Kind.XLS,
    "application/rtf": Kind.RTF,
    "text/rtf": Kind.RTF,
    "text/csv": Kind.CSV,
    "text/html": Kind.HTML,
    "text/plain": Kind.TEXT,
    "message/rfc822": Kind.MAIL,
}

_MAIL = re.compile(
    rb"(?:Return-Path|Received|Delivered-To|MIME-Version|Message-ID|From|Date|Subject): ?\S",
    re.IGNORECASE,
)
_HTML = re.compile(rb"(?is)\s*+(?:<!--.{0,200}?-->\s*+)?<(?:!doctype\s++html|html)\b")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT = 4096


def kind_of(data: bytes, name: str, declared: str) -> tuple[Kind, Kind | None]:
    """Return the kind of a file, and the kind its name tells if that is another one."""
    named = _told(name, "")
    content = _of_content(data)
    told = _told(name, declared)
    if content is Kind.UNKNOWN:
        return told or content, None
    if told in _TEXTUAL and content in _ANY_TEXT:
        return told, None
    return content, named if named is not content else None


def at_a_glance(data: bytes, name: str, declared: str) -> Kind:
    """Return what a file seems to be by its first bytes, name and type: nothing is unpacked."""
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    return _picture(data[:16]) or _told(name, declared) or Kind.UNKNOWN


def has_password(data: bytes) -> bool:
    """Tell whether a file is a container that Office puts around a DOCX, XLSX or PPTX it locks."""
    if not data.startswith(olefile.MAGIC):
        return False
    with olefile.OleFileIO(data) as file:
        return bool(file.exists("EncryptedPackage"))


def _told(name: str, declared: str) -> Kind | None:
    by_type = _TYPES.get(declared.partition(";")[0].strip().lower())
    return _NAMES.get(PurePath(name.lower()).suffix, by_type)


def _of_content(data: bytes) -> Kind:
    head = data[:_LOOKED_AT]
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    if head.startswith(b"PK\x03\x04"):
        return _packed(data)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(data)
    if head.startswith(b"{\\rtf"):
        return Kind.RTF
    return _picture(head) or _textual(head)


def _picture(head: bytes) -> Kind | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Kind.GIF
    if head.startswith((b"II*\0", b"MM\0*")):
        return Kind.TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    # Two letters are not much; the four reserved bytes behind the size are zero.
    return Kind.BMP if head.startswith(b"BM") and head[6:10] == bytes(4) else None


def _textual(head: bytes) -> Kind:
    if head.startswith(_MARKS):
        return Kind.TEXT
    if not head or _CONTROLS.search(head):
        return Kind.UNKNOWN
    if _HTML.match(head):
        return Kind.HTML
    begins = head.lstrip(b"\r\n")
    if _MAIL.match(begins) and len(re.findall(rb"^[\w-]+:\s", begins, re.MULTILINE)) > 2:
        return Kind.MAIL
    return Kind.TEXT


def _packed(data: bytes) -> Kind:
    """Tell what a zip file holds from the names of its members."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                is_text = archive.read("mimetype").startswith(_OPEN_TEXT)
                return Kind.ODT if is_text else Kind.UNKNOWN
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        return Kind.UNKNOWN
    if "[Content_Types].xml" not in names:
        return Kind.UNKNOWN
    for folder, kind in _PACKED.items():
        if any(name.startswith(folder) for name in names):
            return kind
    return Kind.UNKNOWN


def _compound(data: bytes) -> Kind:
    """Tell what an OLE file holds from its streams."""
    try:
        with olefile.OleFileIO(data) as file:
            for stream, kind in _STREAMS.items():
                if file.exists(stream):
                    return kind
    except (OSError, ValueError, IndexError):
        pass  # damaged: its name may tell
    return Kind.UNKNOWN

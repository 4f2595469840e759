"""Files made to harm who reads them: small on disk, boundless when they are opened."""

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from helpdesk.unread import Why
from PIL import Image

from tests.unit.documents import drawn, files

MEGABYTE = 2**20
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "laugh"}">' for n in range(9))


def filled(size: int, *, begin: bytes, filler: bytes, end: bytes) -> bytes:
    """Return `size` bytes of filler between two pieces, deflated."""
    packing = zlib.compressobj(9)
    piece = filler * (MEGABYTE // len(filler))
    body = b"".join(packing.compress(piece) for _ in range(size // len(piece)))
    return packing.compress(begin) + body + packing.compress(end) + packing.flush()


def bomb(name: str, *, megabytes: int, begin: str, filler: str, end: str) -> bytes:
    """Return a zip file with a member that unpacks to many megabytes."""
    file = BytesIO()
    piece = filler.encode() * (MEGABYTE // len(filler))
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(name, "w", force_zip64=True) as member:
            member.write(begin.encode())
            for _ in range(megabytes):
                member.write(piece)
            member.write(end.encode())
    return file.getvalue()


def docx_bomb(megabytes: int, filler: str = " ") -> bytes:
    return bomb(
        "word/document.xml",
        megabytes=megabytes,
        begin=f"<w:document {files.WORD}>",
        filler=filler,
        end=files.paragraph("end") + "</w:document>",
    )


def xlsx_bomb(megabytes: int, filler: str = " ") -> bytes:
    return bomb(
        "xl/worksheets/sheet1.xml",
        megabytes=megabytes,
        begin="<worksheet><sheetData>",
        filler=filler,
        end="</sheetData></worksheet>",
    )


def laughing() -> bytes:
    """Return a document whose entities expand to a billion letters."""
    text = (
        f"<!DOCTYPE d [{LAUGHS}]><w:document {files.WORD}><w:p><w:t>&l8;</w:t></w:p></w:document>"
    )
    return files.docx(text.encode())


def reaching_out() -> bytes:
    """Return a sheet that wants a file of the machine in its text."""
    outside = '<!DOCTYPE d [<!ENTITY out SYSTEM "file:///etc/passwd">]>'
    return files.packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/worksheets/sheet1.xml": f"{outside}<sheet><c t='str'><v>&out;</v></c></sheet>",
        }
    )


def far_cell() -> bytes:
    return files.xlsx('<row r="1048576"><c r="XFD1048576" t="str"><v>far marker</v></c></row>')


def nested_tables() -> bytes:
    depth = 20_000
    return files.docx("<w:tbl><w:tr><w:tc>" * depth + "</w:tc></w:tr></w:tbl>" * depth)


def cyclic_pages() -> bytes:
    return files.pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1000 >>",
            b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1000 >>",
        ]
    )


def drawing_itself() -> bytes:
    """Return a page with a form that draws itself twice, which draws itself twice."""
    form = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >>"
    return files.pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R"
            b" /Resources << /XObject << /X 4 0 R >> >> >>",
            files.stream(b"/X Do /X Do", form),
            files.stream(b"/X Do"),
        ]
    )


def twice_deflated(megabytes: int) -> bytes:
    """Return a page whose content unpacks to many megabytes, twice deflated."""
    content = filled(megabytes * MEGABYTE, begin=b"BT ", filler=b"0 0 0 0 0 0 cm ", end=b" ET")
    return files.pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
            files.stream(zlib.compress(content, 9), "/Filter [/FlateDecode /FlateDecode]"),
        ]
    )


def locked() -> bytes:
    """Return a PDF file that opens with a password alone."""
    secret = "<" + "41" * 32 + ">"
    rules = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {secret} /U {secret} /P -4 >>"
    return files.pdf("secret", trailer=f"{rules} /ID [<00> <00>]")


def nested_mail() -> bytes:
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3_000)
    )
    return f"From: a\nTo: b\nSubject: c\n{parts}".encode()


def endless_chain() -> bytes:
    """Return an old sheet whose first sector says that it is followed by itself."""
    data = bytearray(files.xls("a marker", 1))
    table = len(data) - files.SECTOR
    data[table : table + 4] = bytes(4)
    return bytes(data)


def many_pages() -> bytes:
    return files.pdf(*(f"page {n}" for n in range(1, 10_001)))


def deep_braces() -> bytes:
    return b"{\\rtf1 " + b"{" * 2_000_000


def huge_page() -> bytes:
    """Return a page without text, two hundred inches wide and high, which is drawn to be read."""
    return files.pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 14400 14400] >>",
            b"<< /Type /Page /Parent 2 0 R >>",
        ]
    )


def noise() -> bytes:
    """Return a picture full of what might be letters."""
    picture = Image.frombytes("L", (2_500, 2_500), random.Random(1).randbytes(6_250_000))  # noqa: S311
    return drawn.saved(picture, "JPEG", quality=30)


def tiny_letters() -> bytes:
    """Return a picture with two hundred thousand letters."""
    chance = random.Random(1)  # noqa: S311
    lines = ("".join(chance.choices("abcdefghij ", k=600)) for _ in range(270))
    return drawn.saved(drawn.page(tuple(lines), sizes=(10,)).crop((0, 0, 3_000, 3_000)))


Made = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Trap:
    """A hostile file, and the reasons that it may be answered with."""

    name: str
    make: Made
    whys: frozenset[Why]
    slow: bool = False
    """Whether it takes seconds to be made or to be given up."""


def _trap(name: str, make: Made, *whys: Why, slow: bool = False) -> Trap:
    return Trap(name, make, frozenset(whys), slow)


TRAPS: dict[str, Trap] = {
    "a DOCX of 100 MB unpacked": _trap("a.docx", lambda: docx_bomb(100), Why.TOO_LARGE),
    "an XLSX of 100 MB unpacked": _trap("a.xlsx", lambda: xlsx_bomb(100), Why.TOO_LARGE),
    "a DOCX of 1.5 GB unpacked": _trap("a.docx", lambda: docx_bomb(1500), Why.TOO_LARGE, slow=True),
    "an XLSX of 1.5 GB unpacked": _trap(
        "a.xlsx", lambda: xlsx_bomb(1500), Why.TOO_LARGE, slow=True
    ),
    "entities that laugh a billion times": _trap("a.docx", laughing, Why.DOCUMENT_TYPE),
    "a sheet that wants the machine's passwords": _trap("a.xlsx", reaching_out, Why.DOCUMENT_TYPE),
    "20,000 tables in one another": _trap("a.docx", nested_tables, Why.TOO_DEEP),
    "3,000 parts of a mail in one another": _trap("a.eml", nested_mail, Why.TOO_DEEP),
    "two million open braces": _trap("a.rtf", deep_braces, Why.NO_TEXT, Why.TOO_COSTLY),
    "pages in a circle": _trap("a.pdf", cyclic_pages, Why.UNREADABLE),
    "a password": _trap("a.pdf", locked, Why.ENCRYPTED),
    "a form that draws itself": _trap("a.pdf", drawing_itself, Why.TOO_COSTLY, slow=True),
    "a page of 1.5 GB, deflated twice": _trap(
        "a.pdf", lambda: twice_deflated(1500), Why.TOO_COSTLY, slow=True
    ),
    "an empty page of 5 x 5 metres": _trap("a.pdf", huge_page, Why.NO_TEXT),
    "a picture of 60,000 x 60,000 pixels": _trap(
        "a.png", lambda: files.png(60_000, 60_000), Why.TOO_LARGE
    ),
    "a picture of noise": _trap(
        "a.jpeg", noise, Why.NO_TEXT, Why.TOO_COSTLY, Why.UNSURE, slow=True
    ),
    "a picture of 160,000 letters": _trap("a.png", tiny_letters, Why.TOO_COSTLY, slow=True),
    "50 MB of nothing": _trap("a.pdf", lambda: bytes(50_000_000), Why.TOO_LARGE),
}
"""What is hostile about each file, and how it is answered. No reason leaves a text."""

GOING_BACK: dict[str, Made] = {
    "tabs.txt": lambda: b"\t" * 900_000 + b"a marker",
    "comments.html": lambda: b"<html><p>a marker</p>" + b"<!--" * 240_000,
    "comments.eml": lambda: (
        b"From: a\nTo: b\nSubject: a marker\nContent-Type: text/html\n\n" + b"<!--" * 240_000
    ),
    "digits.rtf": lambda: b"{\\rtf1 a marker" + (b"0123456789" * 99 + b"x") * 4_000 + b"}",
    "formats.xlsx": lambda: files.xlsx(
        '<row><c t="str"><v>a marker</v></c></row>',
        formats=f'<numFmts><numFmt numFmtId="164" formatCode="{"[" * 900_000}"/></numFmts>',
    ),
}
"""By their names: files that a pattern which goes back reads in the square of their length."""

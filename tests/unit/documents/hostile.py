"""Files made to harm who reads them: small on disk, boundless when they are opened."""

import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from tests.unit.documents import files

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


Made = Callable[[], bytes]

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

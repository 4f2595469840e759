"""Small files of every kind, written here byte by byte: no library writes what another reads."""

import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from io import BytesIO

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OPEN = 'xmlns:office="office" xmlns:text="text" xmlns:table="table" xmlns:style="style"'
SECTOR = 512


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(body: str | bytes, **parts: str) -> bytes:
    """Return a Word document; `body` is markup, `header1="…"` is another part."""
    types = {"[Content_Types].xml": "<Types/>"}
    if isinstance(body, str):
        body = f"<w:document {WORD}><w:body>{body}</w:body></w:document>"
    others = {f"word/{name}.xml": f"<w:part {WORD}>{text}</w:part>" for name, text in parts.items()}
    return packed({**types, "word/document.xml": body, **others})


def paragraph(text: str) -> str:
    return f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(rows: str, *, shared: Sequence[str] = (), formats: str = "") -> bytes:
    """Return a spreadsheet with one sheet, whose rows are markup."""
    texts = "".join(f"<si><t>{text}</t></si>" for text in shared)
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="Claims" r:id="rId1"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/styles.xml": f"<styleSheet>{formats}</styleSheet>",
            "xl/sharedStrings.xml": f"<sst>{texts}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def pptx(*slides: str, notes: str = "") -> bytes:
    """Return slides, each with one text."""

    def drawn(text: str) -> str:
        return f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>'

    members = {f"ppt/slides/slide{n}.xml": drawn(text) for n, text in enumerate(slides, 1)}
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            **dict(reversed(members.items())),
            "ppt/notesSlides/notesSlide1.xml": drawn(notes),
        }
    )


def odt(body: str, *, header: str = "") -> bytes:
    """Return an OpenDocument text; `body` is markup."""
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {OPEN}>{body}</office:document-content>",
            "styles.xml": f"<office:document-styles {OPEN}><style:header><text:p>{header}</text:p>"
            "</style:header></office:document-styles>",
        }
    )


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return an OLE file. Streams are padded: short ones would be kept in another way."""
    chains: list[int] = []
    content = b""
    entries = [_entry("Root Entry", 5, child=1)]
    for number, (name, stream) in enumerate(streams.items(), 1):
        padded = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
        first, count = len(chains), len(padded) // SECTOR
        chains += [*range(first + 1, first + count), 0xFFFF_FFFE]
        content += padded
        following = number + 1 if number < len(streams) else 0xFFFF_FFFF
        entries.append(_entry(name, 2, first=first, size=len(padded), following=following))
    entries += [bytes(128)] * (-len(entries) % 4)
    directory = len(chains)
    sectors = len(entries) // 4
    chains += [*range(directory + 1, directory + sectors), 0xFFFF_FFFE, 0xFFFF_FFFD]
    assert len(chains) <= SECTOR // 4
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory, 0, 4096,
                          0xFFFF_FFFE, 0, 0xFFFF_FFFE, 0, len(chains) - 1)  # fmt: skip
    return header.ljust(SECTOR, b"\xff") + content + b"".join(entries) + table


def _entry(
    name: str, kind: int, *, first: int = 0, size: int = 0, child: int = 0xFFFF_FFFF,
    following: int = 0xFFFF_FFFF,
) -> bytes:  # fmt: skip
    coded = name.encode("utf-16-le") + b"\0\0"
    return (
        coded.ljust(64, b"\0")
        + struct.pack(
            "<HBBIII36xIQ", len(coded), kind, 1, 0xFFFF_FFFF, following, child, first, size
        )
    ).ljust(128, b"\0")


def doc(one_byte: str, two_bytes: str, *, flags: int = 0x0200, version: int = 0xC1) -> bytes:
    """Return a Word 97 file whose text is in two pieces: one of each width."""
    pieces = one_byte.encode("cp1252"), two_bytes.encode("utf-16-le")
    places = 1024, 1024 + len(pieces[0])
    ends = 0, len(one_byte), len(one_byte) + len(two_bytes)
    table = struct.pack("<III", *ends)
    table += struct.pack("<HIH", 0, places[0] * 2 | 0x4000_0000, 0)
    table += struct.pack("<HIH", 0, places[1], 0)
    properties = b"\x01" + struct.pack("<H", 4) + b"prop"
    clx = properties + b"\x02" + struct.pack("<I", len(table)) + table
    main = bytearray(1024)
    struct.pack_into("<HH", main, 0, 0xA5EC, version)
    struct.pack_into("<H", main, 10, flags)
    struct.pack_into("<II", main, 0x01A2, 64, len(clx))
    return compound({"1Table": bytes(64) + clx, "WordDocument": bytes(main) + b"".join(pieces)})


def xls(text: str, number: float, *, encrypted: bool = False) -> bytes:
    """Return an Excel 97 file with one sheet: a row with a text and a number."""

    def record(code: int, content: bytes = b"") -> bytes:
        return struct.pack("<HH", code, len(content)) + content

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0x0600))

    password = record(0x002F, struct.pack("<HHHH", 0, 0, 0, 0)) if encrypted else b""
    name = b"Claims"
    known = begin(0x0005) + password
    place = len(known) + 4 + 8 + len(name) + 4
    known += record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name), 0) + name) + record(0x0A)
    label = struct.pack("<HHHHB", 0, 0, 0, len(text), 1) + text.encode("utf-16-le")
    sheet = record(0x0204, label) + record(0x0203, struct.pack("<HHHd", 0, 1, 0, number))
    return compound({"Workbook": known + begin(0x0010) + sheet + record(0x0A)})


def pdf(*pages: str, trailer: str = "") -> bytes:
    """Return a PDF file with a line of text on each page."""
    fonts = "/Resources << /Font << /F 3 0 R >> >>"
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 595 842] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        content = f"{5 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R {fonts} /Contents {content} >>".encode())
        objects.append(stream(f"BT /F 18 Tf 60 700 Td ({text}) Tj ET".encode()))
    return pdf_of(objects, trailer)


def stream(content: bytes, entries: str = "") -> bytes:
    return f"<< {entries} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def pdf_of(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """Return a PDF file of numbered objects; the first is its catalog."""
    file = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    start = len(file)
    file += f"xref\n0 {count}\n0000000000 65535 f \n{table}".encode()
    file += f"trailer << /Size {count} /Root 1 0 R {trailer} >>\n".encode()
    return bytes(file + f"startxref\n{start}\n%%EOF\n".encode())


def mail(
    text: str, *, subject: str, attached: str, inner: EmailMessage | None = None
) -> EmailMessage:
    """Return a mail with a file."""
    message = EmailMessage()
    message["From"], message["To"] = "Ada <ada@example.com>", "desk@example.com"
    message["Subject"] = subject
    message.set_content(text)
    message.add_alternative(f"<p>HTML of {text}</p>", subtype="html")
    message.add_attachment(b"bytes", maintype="application", subtype="pdf", filename=attached)
    if inner:
        message.add_attachment(inner)
    return message


def png(width: int, height: int) -> bytes:
    """Return a picture that states its size and has next to no content."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    content = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + content + chunk(b"IEND", b"")

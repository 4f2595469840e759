"""One file of every format that the desk reads, made here, and all that is found in it."""

from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO

import pytest
from helpdesk_documents.isolation import read_in_child
from helpdesk_documents.kinds import Kind
from PIL import Image

from tests.unit.documents import drawn, files

SAID = "The zephyr lid broke"


def picture() -> Image.Image:
    return drawn.page((SAID,), sizes=(40,))


def scanned() -> bytes:
    """Return a PDF file with a picture and no text."""
    file = BytesIO()
    picture().save(file, "PDF")
    return file.getvalue()


def mail(text: str = SAID, *, file: bytes = b"", inner: EmailMessage | None = None) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ada <ada@example.com>", "Größe"
    message["To"] = "desk@example.com"
    message.set_content(text, cte="base64")
    if file:
        message.add_attachment(file, maintype="application", subtype="pdf", filename="bill.pdf")
    if inner:
        message.add_attachment(inner)
    return message.as_bytes()


def inner() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "inside"
    message.set_content(SAID)
    return message


HEAD = "From: Ada <ada@example.com>\nTo: desk@example.com\nSubject: Größe\n\n"
ROW = '<row><c t="s"><v>0</v></c><c><v>19.5</v></c></row>'
CSV = f"order,why\r\n17,{SAID}\r\n".encode()
PAGE = f"<html><p>{SAID}<p>Gr&ouml;&szlig;e".encode()
OF_PICTURES = {
    "PNG": ("a.png", Kind.PNG), "JPEG": ("a.jpg", Kind.JPEG), "GIF": ("a.gif", Kind.GIF),
    "BMP": ("a.bmp", Kind.BMP), "TIFF": ("a.tiff", Kind.TIFF), "WEBP": ("a.webp", Kind.WEBP),
}  # fmt: skip

Made = Callable[[], bytes]
FORMATS: dict[str, tuple[str, Kind, Made, str]] = {
    "PDF": ("a.pdf", Kind.PDF, lambda: files.pdf(SAID), SAID),
    "scanned PDF": ("a.pdf", Kind.PDF, scanned, SAID),
    "DOCX": ("a.docx", Kind.DOCX, lambda: files.docx(files.paragraph(SAID)), SAID),
    "DOC": ("a.doc", Kind.DOC, lambda: files.doc(f"{SAID}\r", "дл\r"), f"{SAID}\nдл"),
    "PPTX": ("a.pptx", Kind.PPTX, lambda: files.pptx(SAID, notes="said"), f"{SAID}\n\nsaid"),
    "ODT": ("a.odt", Kind.ODT, lambda: files.odt(f"<text:p>{SAID}</text:p>"), SAID),
    "XLSX": ("a.xlsx", Kind.XLSX, lambda: files.xlsx(ROW, shared=[SAID]), f"Claims\n{SAID}\t19.5"),
    "XLS": ("a.xls", Kind.XLS, lambda: files.xls(SAID, 19.5), f"Claims\n{SAID}\t19.5"),
    "CSV": ("a.csv", Kind.CSV, lambda: CSV,
            f"order,why\n17,{SAID}"),
    "TXT": ("a.txt", Kind.TEXT, lambda: f"Größe\r\n{SAID}".encode("cp1252"), f"Größe\n{SAID}"),
    "RTF": ("a.rtf", Kind.RTF, lambda: rb"{\rtf1\ansi {\b The} zephyr lid broke\par Gr\'f6\'dfe}",
            f"{SAID}\nGröße"),
    "HTML": ("a.html", Kind.HTML, lambda: PAGE,
             f"{SAID}\n\nGröße"),
    "EML": ("a.eml", Kind.MAIL, mail, f"{HEAD}{SAID}"),
    "a file inside of an EML: its name alone": (
        "a.eml", Kind.MAIL, lambda: mail("see below", file=files.pdf(SAID)),
        f"{HEAD}see below\n[bill.pdf]",
    ),
    "a mail inside of an EML": (
        "a.eml", Kind.MAIL, lambda: mail("see below", inner=inner()),
        f"{HEAD}see below\n\nSubject: inside\n\n{SAID}",
    ),
} | {
    which: (name, kind, lambda which=which: drawn.saved(picture(), which), SAID)  # type: ignore[misc]
    for which, (name, kind) in OF_PICTURES.items()
}  # fmt: skip


@pytest.mark.parametrize("what", FORMATS)
def test_what_is_found_in_a_file(what: str) -> None:
    name, kind, made, text = FORMATS[what]
    found = read_in_child(made(), name, "")

    assert (found.kind, found.reason, found.named, found.cut) == (kind, None, None, False)
    assert found.text == text


def test_every_kind_is_among_them() -> None:
    assert {kind for _, kind, _, _ in FORMATS.values()} == set(Kind) - {Kind.UNKNOWN}

"""A marker in every format is found where a reader would look for it."""

import codecs
import re

import pytest
from helpdesk.unread import Why
from helpdesk_documents.extraction import extract
from helpdesk_documents.kinds import Kind

from tests.unit.documents import files

TABLE = (
    "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"
).format(*map(files.paragraph, ("Order", "A-17", "Refund")))


def lines(data: bytes, name: str, declared: str = "") -> list[str]:
    found = extract(data, name, declared, languages=())
    assert found.reason is None
    return [line.strip() for line in found.text.split("\n") if line.strip()]


def test_word() -> None:
    hidden = f"<mc:Fallback xmlns:mc='m'>{files.paragraph('twice')}</mc:Fallback>"
    body = files.paragraph("The kettle &amp; its lid") + TABLE + hidden
    body += (
        "<w:p><w:r><w:delText>deleted</w:delText><w:t>one</w:t><w:br/><w:t>two</w:t></w:r></w:p>"
    )
    data = files.docx(
        body, header1=files.paragraph("Letterhead"), footnotes=files.paragraph("Note")
    )

    assert lines(data, "letter.docx") == [
        "The kettle & its lid", "Order\tA-17", "Refund", "one", "two", "Note", "Letterhead",
    ]  # fmt: skip


def test_sheet() -> None:
    formats = '<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs>'
    formats += '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'
    rows = (
        '<row><c r="A1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>inline</t></is></c></row>'
    )
    rows += (
        '<row><c s="1"><v>46001</v></c><c s="2"><v>46001.5</v></c><c s="0"><v>46001</v></c></row>'
    )
    rows += '<row><c t="b"><v>1</v></c><c t="str"><f>A1</f><v>computed</v></c>'
    rows += '<c t="s"><v>9</v></c></row>'
    data = files.xlsx(rows, shared=["none", "Broken lid"], formats=formats)

    assert lines(data, "claims.xlsx") == [
        "Claims", "Broken lid\tinline", "2025-12-10\t2025-12-10 12:00\t46001", "TRUE\tcomputed",
    ]  # fmt: skip
    assert extract(data, "claims.xlsx", "").pages == 1


def test_slides_are_read_in_their_order() -> None:
    data = files.pptx(*(f"slide {n}" for n in range(1, 12)), notes="said, not shown")

    assert lines(data, "talk.pptx") == [*(f"slide {n}" for n in range(1, 12)), "said, not shown"]
    assert extract(data, "talk.pptx", "").pages == 11


def test_open_document() -> None:
    body = "<text:h>Complaint</text:h><text:p>The<text:s/>lid<text:line-break/>broke</text:p>"
    body += "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
    body += "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
    body += "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>"

    assert lines(files.odt(body, header="Letterhead"), "letter.odt") == [
        "Complaint", "The lid", "broke", "a\tb", "Letterhead",
    ]  # fmt: skip


def test_old_word() -> None:
    data = files.doc(
        "Caf\u00e9 bill\rname\x07A-17\x07\x07Lid\x07\x07", "\x13 HYPERLINK x \x14\u0434\u043b\x15\r"
    )

    assert lines(data, "old.doc") == ["Café bill", "name\tA-17", "Lid", "\u0434\u043b"]
    assert extract(files.doc("a", "b", flags=0x0300), "a.doc", "").reason is Why.ENCRYPTED
    assert extract(files.doc("a", "b", version=0x65), "a.doc", "").reason is Why.NOT_READ


def test_old_sheet() -> None:
    assert lines(files.xls("Broken lid, \u0434\u043b", 19.5), "a.xls") == [
        "Claims",
        "Broken lid, \u0434\u043b\t19.5",
    ]
    encrypted = extract(files.xls("a", 1, encrypted=True), "a.xls", "")
    assert encrypted.reason is Why.ENCRYPTED


def test_a_document_with_a_password() -> None:
    locked = files.compound({"EncryptedPackage": b"x", "EncryptionInfo": b"y"})

    for name in ("a.docx", "a.xlsx", "a"):
        assert extract(locked, name, "").reason is Why.ENCRYPTED, name


def test_rich_text() -> None:
    picture = "{\\pict " + "0123456789abcdef\n" * 5000 + "}"
    data = rf"{{\rtf1\ansi\ansicpg1251 The lid\par \'ec\'e8\'f0 \u1079?{picture}}}".encode()

    assert lines(data, "a.rtf") == ["The lid", "мир з"]


def test_portable() -> None:
    data = files.pdf("first page marker", "second page marker")

    assert lines(data, "a.pdf") == ["first page marker", "second page marker"]
    assert extract(data, "a.pdf", "").pages == 2


@pytest.mark.parametrize(
    "data",
    [
        "Größe und Preis".encode(),
        codecs.BOM_UTF8 + "Größe und Preis".encode(),
        "Größe und Preis".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Größe und Preis".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "Größe und Preis".encode("utf-32-le"),
        "Größe und Preis".encode("cp1252"),
    ],
)
def test_text_in_any_encoding(data: bytes) -> None:
    assert lines(data, "a.txt") == ["Größe und Preis"]
    assert lines(data, "", "text/plain; charset=x") == ["Größe und Preis"]


def test_a_long_text_in_an_encoding_that_is_guessed() -> None:
    text = "Здравствуйте, мой чайник сломан, верните деньги. " * 20

    assert lines(text.encode("cp1251"), "a.txt") == [text.strip()]


def test_rows_beyond_what_is_read() -> None:
    found = extract(b"a,b\n" * 30_000, "a.csv", "")

    assert (found.kind, found.cut, found.text.count("\n")) == (Kind.CSV, True, 19_999)


def test_page() -> None:
    markup = """<!DOCTYPE html><html><head><meta charset="cp1252"><title>not shown</title>
        <style>p {}</style><body><p>The <b>lid</b>&nbsp;broke&amp;fell<br>off<script>x()</script>
        <table><tr><td>Order</td><td>A-17</td></tr></table><img alt="a photo"><div>caf\xe9"""

    assert [re.sub(r"[ \t]+", " ", line) for line in lines(markup.encode("cp1252"), "a.html")] == [
        "The lid broke&fell", "off", "Order A-17", "a photo", "café",
    ]  # fmt: skip


def test_mail() -> None:
    innermost = files.mail("innermost", subject="d", attached="d.pdf")
    inner = files.mail("third", subject="c", attached="c.pdf", inner=innermost)
    inner = files.mail("second", subject="b", attached="b.pdf", inner=inner)
    message = files.mail(
        "The lid broke", subject="Größe", attached="Rechnung Größe.pdf", inner=inner
    )
    text = extract(message.as_bytes(), "forwarded.eml", "").text

    for shown in ("From: Ada", "Subject: Größe", "The lid broke", "[Rechnung Größe.pdf]", "[b.pdf]",
                  "second", "third", "[c.pdf]"):  # fmt: skip
        assert shown in text, shown
    assert "innermost" not in text
    assert "HTML of" not in text
    assert extract(message.as_bytes(), "no-name", "").kind is Kind.MAIL


@pytest.mark.parametrize(
    ("data", "name", "declared", "kind", "named"),
    [
        (files.pdf("a"), "a.pdf", "", Kind.PDF, None),
        (files.pdf("a"), "invoice.docx", "", Kind.PDF, Kind.DOCX),
        (files.docx(files.paragraph("a")), "", "image/png", Kind.DOCX, None),
        (files.odt("<text:p>a</text:p>"), "a.zip", "", Kind.ODT, None),
        (files.doc("a", "b"), "a.xls", "", Kind.DOC, Kind.XLS),
        (b"MZ\0\0", "setup.exe", "", Kind.UNKNOWN, None),
        (files.packed({"a": "b"}), "a.zip", "", Kind.UNKNOWN, None),
        (b"no picture", "a.png", "", Kind.TEXT, Kind.PNG),
        (b"a,b\n", "A.CSV", "", Kind.CSV, None),
        (b"a,b\n", "", "text/csv", Kind.CSV, None),
        (b"Date: a\nFrom: b\nTo: c\n", "a.csv", "", Kind.CSV, None),
        (b"<html>", "a.txt", "", Kind.HTML, Kind.TEXT),
        (b"GIF89a", "a", "", Kind.GIF, None),
        (b"BM" + bytes(20), "a.bmp", "", Kind.BMP, None),
        (b"BMW and other cars", "a", "", Kind.TEXT, None),
    ],
)
def test_kinds_are_told_by_content_then_by_name(
    data: bytes, name: str, declared: str, kind: Kind, named: Kind | None
) -> None:
    found = extract(data, name, declared)

    assert (found.kind, found.named) == (kind, named)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", Why.NO_TEXT),
        (b" \n ", "a.txt", Why.NO_TEXT),
        (files.docx(files.paragraph(" ")), "a.docx", Why.NO_TEXT),
        (b"MZ\0\0", "setup.exe", Why.NOT_READ),
        (b"\0\1\2\3" * 90, "a.txt", Why.UNREADABLE),
        (b"\0\1\2\3" * 90, "a.pdf", Why.UNREADABLE),
        (files.packed({"a": "b"}), "a.docx", Why.UNREADABLE),
        (files.docx(b"<w:document><w:p>"), "a.docx", Why.UNREADABLE),
        (files.docx(files.paragraph("a"))[:300], "a.docx", Why.UNREADABLE),
        (b"\x89PNG\r\n\x1a\n", "a.png", Why.UNREADABLE),
        (b"%PDF-1.4", "a.pdf", Why.UNREADABLE),
        (files.compound({"WordDocument": b"\xff" * 5000}), "a.doc", Why.ENCRYPTED),
        (files.compound({"Workbook": b"\xff" * 5000}), "a.xls", Why.UNREADABLE),
    ],
)
def test_a_file_without_text_has_a_reason(data: bytes, name: str, reason: Why) -> None:
    found = extract(data, name, "")

    assert (found.text, found.reason) == ("", reason)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (files.doc("abc" * 9, "def" * 9), "a.doc"),
        (files.xls("abc", 7), "a.xls"),
        (files.docx(files.paragraph("abc")), "a.docx"),
        (files.pdf("abc"), "a.pdf"),
        (files.png(40, 40), "a.png"),
        (files.mail("a", subject="b", attached="c").as_bytes(), "a.eml"),
    ],
)
def test_damaged_files_are_answers(data: bytes, name: str) -> None:
    """Bytes are overwritten at many places, and the file is cut there: no exception leaves."""
    step = max(1, len(data) // 40)
    for place in range(0, len(data), step):
        for damaged in (data[:place] + b"\xff\xfe\x07" + data[place + 3 :], data[:place]):
            found = extract(damaged, name, "", languages=())
            assert (found.reason is None) == bool(found.text)

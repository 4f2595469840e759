"""What a file is by its words: each document in both languages, look-alikes, and the extract."""

import pytest
from helpdesk.papers import LONGEST_EXTRACT, Document, judged

INVOICE = """Ada Lovelace Ltd
Invoice number: 2026-118
Order 48213
2 lamps 40.00
VAT 19 % 7.60
Amount due 47.60 EUR"""
RECEIPT = "LAMP WORLD\nReceipt no 0443\n1 lamp 20.00\nCash 50.00\nChange given 30.00"
CONFIRMED = (
    "Hello Ada,\nThank you for your order 48213.\nDelivery address: 1 Mill Lane\n"
    "An invoice follows.\nKind regards"
)
LABEL = "Return label\nTo: Lamp World, Returns department\nRMA 99-1"
LETTER = (
    "Dear Sir or Madam,\nI have waited for six weeks and was charged twice on invoice number 118.\n"
    "I want my money back.\nYours faithfully"
)
GERMAN = {
    Document.INVOICE: "Rechnung\nRechnungsnummer 118\nMwSt 19 %",
    Document.RECEIPT: "Kassenbon\nSumme 20,00\nBar 50,00\nRückgeld 30,00",
    Document.ORDER_CONFIRMATION: "Bestellbestätigung\nBestellnummer 48213\nLieferadresse: Ulm",
    Document.RETURN_LABEL: "Retourenschein\nRücksendegrund: zu klein",
    Document.LETTER: "Sehr geehrte Damen und Herren,\nich habe kein Geld.\nMit freundlichen Grüßen",
}


@pytest.mark.parametrize(
    ("text", "document"),
    [
        (INVOICE, Document.INVOICE),
        (RECEIPT, Document.RECEIPT),
        (CONFIRMED, Document.ORDER_CONFIRMATION),
        (LABEL, Document.RETURN_LABEL),
        (LETTER, Document.LETTER),
        ("Manual\n1. Open the battery lid.\n2. Insert two batteries.", Document.OTHER),
        ("", Document.OTHER),
        *((text, document) for document, text in GERMAN.items()),
    ],
)
def test_a_document_is_told_by_its_words(text: str, document: Document) -> None:
    found = judged("scan.pdf", text, picture=False)

    assert found.document is document
    assert ("It says" in found.why) is (document is not Document.OTHER)


def test_the_reason_quotes_what_is_said() -> None:
    assert judged("scan.pdf", RECEIPT, picture=False).why == (
        'It says "receipt", "receipt no", "cash".'
    )


def test_the_name_counts_like_a_line() -> None:
    assert judged("return_label.pdf", "Lamp World", picture=False).document is Document.RETURN_LABEL
    assert judged("2026_return_label.final.PDF", "", picture=False).document is (
        Document.RETURN_LABEL
    )


def test_one_likely_word_is_not_enough() -> None:
    assert judged("note.txt", "please pay in cash next time", picture=False).document is (
        Document.OTHER
    )


@pytest.mark.parametrize(
    ("text", "picture", "document"),
    [
        ("", True, Document.PHOTO),
        ("LAMP 40 W", True, Document.PHOTO),
        ("", False, Document.OTHER),
        (INVOICE, True, Document.INVOICE),
        ("Set the switch to the left and wait ten seconds", True, Document.OTHER),
    ],
)
def test_a_picture_with_hardly_any_text_is_a_photo(
    text: str, *, picture: bool, document: Document
) -> None:
    assert judged("IMG_0001.jpg", text, picture=picture).document is document


def test_the_extract_has_the_first_line_then_those_that_name_something() -> None:
    filler = "\n".join(f"line {'x' * 40} {number}" for number in range(20))
    text = f"Lamp   World\n{filler}\norder 48213\n{filler}"

    extract = judged("a.txt", text, picture=False, named={"48213"}).extract

    lines = extract.splitlines()
    assert lines[0] == "Lamp World"
    assert lines[-1] == "order 48213", "as it stands in the file"
    assert len(extract) <= LONGEST_EXTRACT


@pytest.mark.parametrize("text", ["x" * 5_000, "\n \n--- 1 ---\n", "a\n" * 5_000, "é" * 5_000])
def test_an_extract_is_short_for_every_text(text: str) -> None:
    extract = judged("a.txt", text, picture=False).extract

    assert len(extract) <= LONGEST_EXTRACT
    assert bool(extract) is any(sign.isalpha() for sign in text)

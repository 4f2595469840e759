"""Text in pictures: found, or the reason why not."""

from itertools import count
from types import SimpleNamespace

import pytest
from helpdesk.unread import Why
from helpdesk_documents import recognition
from helpdesk_documents.extraction import extract
from helpdesk_documents.isolation import read_in_child
from helpdesk_documents.kinds import Kind
from PIL import Image

from tests.unit.documents import drawn, files

SHORT = drawn.RECEIPT[:3]


def test_words_are_recognised() -> None:
    """Of six pictures of a text each, together and alone; `make bench` has the table."""
    wanted, seen = 0, 0
    for name, (lines, made) in drawn.PICTURES.items():
        asked = drawn.words(" ".join(lines))
        found = read_in_child(made(), "photo", "")
        met = asked & drawn.words(found.text)
        wanted, seen = wanted + asked.total(), seen + met.total()

        assert asked.total() >= 80
        assert met.total() >= 0.95 * asked.total(), (name, asked - met)
        assert (found.reason, found.pages, found.cut) == (None, 1, False)
        assert found.confidence
        assert found.confidence >= recognition.SURE
    assert seen >= 0.95 * wanted


def test_german_is_recognised_where_it_is_asked_for() -> None:
    photo = drawn.saved(drawn.in_german())
    found = {
        each: drawn.recall(drawn.GERMAN, read_in_child(photo, "a.png", "", languages=each).text)
        for each in (("eng",), ("eng", "deu"))
    }

    assert found["eng", "deu"] >= 0.95
    assert found["eng",] < 0.8


def test_a_language_that_is_not_installed_is_a_reason() -> None:
    photo = drawn.saved(drawn.page(SHORT))

    found = read_in_child(photo, "a.png", "", languages=("eng", "tlh"))
    assert found.reason is Why.NO_RECOGNITION


def test_lines_in_a_shadow_are_recognised() -> None:
    """With one threshold for the whole page, the darkest lines are lost."""
    lit = drawn.shadowed(drawn.page(SHORT * 4), darkest=60)

    assert drawn.recall(SHORT * 4, extract(drawn.saved(lit), "a.png", "").text) >= 0.95


def test_pages_for_which_no_time_is_left_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock finds two seconds gone: one at the start, two for each page."""
    monkeypatch.setattr(recognition, "time", SimpleNamespace(process_time=count(0, 2).__next__))
    pages = [drawn.page((f"Page number {n}",)) for n in range(6)]
    found = extract(drawn.bound(pages, "TIFF"), "fax.tif", "")

    assert (found.pages, found.cut) == (6, True)
    assert "Page number 3" in found.text
    assert "Page number 4" not in found.text


def test_a_picture_that_takes_all_time_is_too_costly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "RECOGNISING", -1)

    assert extract(drawn.saved(drawn.page(SHORT)), "a.png", "").reason is Why.TOO_COSTLY


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_every_kind_of_picture(kind: str) -> None:
    found = extract(drawn.saved(drawn.page(SHORT), kind), "", "")

    assert found.kind is Kind(kind.lower())
    assert drawn.recall(SHORT, found.text) >= 0.95


@pytest.mark.parametrize("mode", ["1", "P", "RGBA", "CMYK", "I;16", "LA"])
def test_every_kind_of_colour(mode: str) -> None:
    picture = drawn.page(SHORT)
    if mode == "I;16":
        picture = picture.convert("I").point(lambda value: value * 257).convert("I;16")
    elif mode in {"RGBA", "LA"}:
        # Black everywhere: only what is transparent shows the letters.
        ink = Image.new("L", picture.size, 0)
        transparent = Image.merge("LA", (ink, picture.point(lambda value: 255 - value)))
        picture = transparent.convert(mode)
    else:
        picture = picture.convert(mode)
    found = extract(drawn.saved(picture, "TIFF" if mode == "CMYK" else "PNG"), "a", "")

    assert drawn.recall(SHORT, found.text) >= 0.95


def test_a_photo_is_turned_as_its_camera_says() -> None:
    turn = Image.Exif()
    turn[0x0112] = 6
    data = drawn.saved(drawn.turned(drawn.page(SHORT), 90), "JPEG", exif=turn)

    assert drawn.recall(SHORT, extract(data, "a.jpg", "").text) >= 0.95


def test_pages_of_a_fax() -> None:
    pages = [drawn.page((f"Page number {n}",)) for n in range(12)]
    found = extract(drawn.bound(pages, "TIFF"), "fax.tif", "")

    assert (found.pages, found.cut) == (12, True)
    assert "Page number 9" in found.text
    assert "Page number 10" not in found.text


def test_scanned_pages_are_recognised_with_the_time_that_takes() -> None:
    pages = [drawn.page((f"Scanned page {n}", *SHORT)) for n in range(6)]
    found = read_in_child(drawn.bound(pages, "PDF"), "scan.pdf", "")

    assert (found.kind, found.pages, found.cut) == (Kind.PDF, 6, True)
    assert "Scanned page 4" in found.text
    assert "Scanned page 5" not in found.text
    assert found.confidence
    assert found.confidence > 80


def test_a_scan_that_has_a_page_number_as_text() -> None:
    """What little text there is stays if nothing is recognised."""
    scan = drawn.saved(drawn.page(SHORT), "PDF")
    numbered = files.pdf("Page 1")

    assert drawn.recall(SHORT, read_in_child(scan, "a.pdf", "").text) >= 0.95
    assert read_in_child(numbered, "a.pdf", "").text == "Page 1"
    assert extract(numbered, "a.pdf", "", languages=("xyz",)).text == "Page 1"


def test_without_languages_nothing_is_recognised() -> None:
    data = drawn.saved(drawn.page(SHORT))

    assert extract(data, "a.png", "", languages=()).reason is Why.NO_TEXT
    assert extract(data, "a.png", "", languages=("xyz",)).reason is Why.NO_RECOGNITION
    assert extract(files.pdf("a marker"), "a.pdf", "", languages=()).text == "a marker"


def test_a_picture_without_letters_has_no_text() -> None:
    gradient = Image.linear_gradient("L").resize((800, 600))

    assert extract(drawn.saved(gradient), "a.png", "").reason in {Why.NO_TEXT, Why.UNSURE}


def test_what_is_not_sure_enough_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "LEAST", 101)

    found = extract(drawn.saved(drawn.page(SHORT)), "a.png", "")
    assert (found.text, found.reason, found.confidence) == ("", Why.UNSURE, None)

"""Heads that a program broke are read to their end; they tell how content is written, no more."""

import pytest
from helpdesk.mail import read
from helpdesk.mime.mending import mended

HEAD = b"From: ada@customer.example\nSubject: Chair\n"
TWO = b"--q\nContent-Type: text/plain\n\nbroken\n--q\nContent-Type: text/html\n\n<p>leg\n--q--\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no head",
        HEAD + b"\ntext",
        HEAD + b"Content-Type: text/plain;\n charset=utf-8\n\nx=1\n",
        HEAD + b"Hello,\nthe chair is broken.\n\nAda\n",
        HEAD + b"Hello,\nFrom: ceo@bank.example\nContent-Type: text/plain\n\nx",
        HEAD + b"a=b\n\nx",
        HEAD + b"Content-Type: multipart/mixed; boundary=q\n\n--z\nContent-Type: a/b\n\nx",
        HEAD + b"Content-Type: multipart/mixed\n\n--no mark\n",
        b"no header\nContent-Type: text/plain\n\nx",
    ],
)
def test_a_sound_mail_and_a_text_without_head_stay_as_they_are(raw: bytes) -> None:
    assert mended(raw) == raw


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_parameter_that_is_not_folded_is_read(end: bytes) -> None:
    raw = HEAD + b"Content-Type: text/plain;\ncharset=koi8-r\n\n" + "Где".encode("koi8-r")

    assert read(raw.replace(b"\n", end)).text == "Где"


def test_a_line_that_is_no_header_hides_none_that_describes_the_content() -> None:
    found = read(HEAD + b"junk\nContent-Type: text/html\nContent-Language: en\n\n<p>broken")

    assert (found.text, found.html_only, found.subject) == ("broken", True, "Chair junk")


def test_no_sender_is_read_below_a_line_that_is_no_header() -> None:
    raw = b"Subject: Chair\njunk\nFrom: ceo@bank.example\nContent-Type: text/plain\n\nx"

    assert read(raw).sender is None


@pytest.mark.parametrize(
    "kind", [b"multipart/mixed", b"multipart/mixed;", b"Multipart/Mixed;\n a=b"]
)
def test_a_forgotten_boundary_is_found(kind: bytes) -> None:
    found = read(HEAD + b"Content-Type: " + kind + b"\n\n" + TWO)

    assert found.text == "broken\n\nleg"
    assert not found.faults


@pytest.mark.parametrize(
    "file",
    [
        b"Content-Type: application/pdf",
        b"content-type :\n application/pdf",
        b"Content-Type: text/plain\nContent-Disposition: attachment",
        b"X: y\rContent-Type: application/pdf",
    ],
)
def test_no_file_is_found_by_a_guess(file: bytes) -> None:
    two = TWO.replace(b"--q--", b"--q\n" + file + b"\n\nx\n--q--")
    found = read(HEAD + b"Content-Type: multipart/mixed\n\n" + two)

    assert not found.attachments
    assert "leg" in found.text


FILED = b"\n--q\nContent-Type: text/plain\n\nleg\n--q\n%s\n\n%%PDF\n--q--\n"
PDF = b"Content-Type: application/pdf; name=a.pdf"
DIVIDED = b"Content-Type: multipart/mixed; boundary=q\n"


@pytest.mark.parametrize(
    "head",
    [
        b"junk\n" + DIVIDED,
        b"junk\n" + DIVIDED.replace(b" boundary", b"\n boundary"),
        DIVIDED.replace(b" boundary", b"\nboundary"),
        b"MIME-Version: 1.0\njunk\njunk\n" + DIVIDED + b"junk\n",
    ],
)
@pytest.mark.parametrize(
    "file",
    [PDF, b"Content-Type: text/html; name=a.pdf\nContent-Disposition: inline", PDF + b"\nX: y"],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_file_that_only_mending_shows_is_withheld_by_its_name(
    head: bytes, file: bytes, end: bytes
) -> None:
    found = read((HEAD + head + FILED % file).replace(b"\n", end))

    assert found.attachments == ()
    assert (found.withheld, found.text) == (("a.pdf",), "leg")


@pytest.mark.parametrize(
    "head", [DIVIDED, DIVIDED + b"junk\n", DIVIDED + b"junk\nContent-Language: en\n"]
)
def test_a_file_that_shows_without_mending_is_taken(head: bytes) -> None:
    found = read(HEAD + head + FILED % PDF)

    assert [each.name for each in found.attachments] == ["a.pdf"]
    assert found.withheld == ()


@pytest.mark.parametrize(
    ("written", "text"), [(b"a= \t\r\nb", "ab"), (b"a=\t ", "a"), (b"=3D \nb", "= \nb")]
)
def test_blanks_after_a_soft_line_end_do_not_count(written: bytes, text: str) -> None:
    raw = HEAD + b"Content-Transfer-Encoding: Quoted-Printable\n\n" + written

    assert read(raw).text == text


def test_raw_bytes_in_quoted_printable_are_kept() -> None:
    raw = HEAD + b"Content-Type: text/plain; charset=latin-1\n"
    raw += b"Content-Transfer-Encoding: quoted-printable\n\n\xe9=E9= \n\xe9"

    assert read(raw).text == "ééé"

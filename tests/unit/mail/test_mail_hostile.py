"""Any bytes give a mail, in time that grows with their number and not faster."""

import random
import re
from collections.abc import Iterator

import pytest
from helpdesk.mail import FaultKind, Mail, read
from helpdesk.mime import bodies, headers, markup, mending, structure
from helpdesk.mime.charsets import read_text
from helpdesk.mime.markup import to_text
from hypothesis import example, given
from hypothesis import strategies as st

from tests.mails import BLOCK, HARD, mail, part, parts, whole
from tests.regex_shape import faults


def kinds(found: Mail) -> set[FaultKind]:
    return {fault.kind for fault in found.faults}


def check(found: Mail) -> None:
    """What every mail keeps to, so that it can be stored and shown."""
    texts = [found.subject, found.text, *(each.name for each in found.attachments)]
    for each in texts:
        each.encode()
        assert "\x00" not in each
    assert "\n" not in found.subject
    assert len(found.text) <= bodies.LONGEST_TEXT
    assert len(found.attachments) <= bodies.MOST_PARTS
    assert all(1 <= len(each.name) <= bodies.LONGEST_NAME for each in found.attachments)
    assert not any({"/", "\\"} & set(each.name) for each in found.attachments)
    if found.sender is None:
        assert FaultKind.NO_SENDER in kinds(found)


SEEDS = [each.raw for each in HARD]
NOISE = [
    b"\r\n",
    b"\n\n",
    b"\x00",
    b"\xff",
    b'"',
    b"(",
    b"<",
    b"=?utf-8?B?",
    b";",
    b"--b1",
    b"*0*=",
]


def mutated(seed: int, times: int) -> Iterator[bytes]:
    """Yield hard mails with some of their bytes changed, cut, doubled or exchanged."""
    chance = random.Random(seed)  # noqa: S311 -- to repeat it
    for _ in range(times):
        raw = bytearray(chance.choice(SEEDS))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(raw) + 1)
            to = min(len(raw), at + chance.randint(0, 40))
            change = chance.randrange(5)
            if change == 0:
                raw[at:to] = chance.randbytes(to - at)
            elif change == 1:
                del raw[at:to]
            elif change == 2:
                raw[at:at] = raw[at:to] * chance.randint(1, 20)
            elif change == 3:
                raw[at:at] = chance.choice(NOISE)
            else:
                other = chance.choice(SEEDS)
                start = chance.randrange(len(other) + 1)
                raw[at:to] = other[start : start + 60]
        yield bytes(raw)


def test_changed_mails_are_read() -> None:
    for raw in mutated(seed=1, times=500):
        found = read(raw)
        check(found)
        assert FaultKind.UNREADABLE not in kinds(found)


@pytest.mark.slow
def test_many_changed_mails_are_read() -> None:
    for raw in mutated(seed=2, times=10_000):
        found = read(raw)
        check(found)
        assert FaultKind.UNREADABLE not in kinds(found)


@given(st.binary(max_size=2_000))
@example(b"\x00")
@example(b":\r\n")
@example(b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n")
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    check(read(raw))
    check(read(BLOCK + raw))


NAMES = st.sampled_from(
    "From To Cc Subject Date Message-ID References Content-Type Content-Disposition Return-Path "
    "Content-Transfer-Encoding Authentication-Results Received".split()
)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=200)), max_size=8), st.binary(max_size=300))
def test_any_headers_are_read(lines: list[tuple[str, bytes]], body: bytes) -> None:
    raw = b"".join(name.encode() + b": " + value + b"\n" for name, value in lines)

    check(read(raw + b"\n" + body))


@given(st.text(alphabet="<>/!-?='\" \n&#;x1abipre", max_size=200))
def test_any_html_is_read(source: str) -> None:
    assert len(to_text(source)) <= 10 * len(source) + 10


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=20)))
def test_any_bytes_are_text(data: bytes, charset: str | None) -> None:
    read_text(data, charset).encode()
    read_text(data, charset, lambda _: charset).encode()


def test_a_guess_is_asked_for_long_texts_only() -> None:
    asked: list[int] = []

    def detect(data: bytes) -> str:
        asked.append(len(data))
        return "koi8-r"

    assert read_text("Где".encode("koi8-r") * 100, None, detect) == "Где" * 100
    assert read_text("Где".encode("koi8-r"), None, detect) != "Где"
    assert asked == [300]


def test_a_guess_that_fails_is_none() -> None:
    def detect(data: bytes) -> str:
        raise RuntimeError

    assert read(mail(body=b"\xe9" * 300), detect=detect).text == "é" * 300
    assert read(mail(body=b"\xe9" * 300), detect=lambda _: "zlib").text == "é" * 300


def nested(levels: int, kind: bytes = b"multipart/mixed") -> bytes:
    return b"".join(
        b"Content-Type: %s; boundary=b%d\n\n--b%d\n" % (kind, n, n) for n in range(levels)
    )


TRAPS = {
    "commas": b"From: " + b"," * 20_000 + b"\n\nx",
    "commas_and_blanks": b"From: " + b", " * 8_000 + b"\n\nx",
    "parentheses": b"From: " + b"(" * 20_000 + b"\n\nx",
    "quotes": b"From: " + b'"\\' * 8_000 + b"\n\nx",
    "angles": b"From: " + b"<" * 20_000 + b"\n\nx",
    "addresses": b"To: " + b"a@example.com," * 2_000 + b"\n\nx",
    "encoded_words": b"Subject: " + b"=?a?q?" * 3_000 + b"\n\nx",
    "encoded_blanks": b"Subject: " + b"=?utf-8?q?a?=" + b" " * 16_000 + b"\n\nx",
    "ids": b"References: " + b"<a@b> " * 200_000 + b"\n\nx",
    "parameters": b"Content-Type: text/plain" + b';a="' * 500_000 + b"\n\nx",
    "continued": b"Content-Type: text/plain" + b"; a*1=b" * 3_000 + b"\n\nx",
    "header": b"Subject: " + b"a" * 10_000_000 + b"\n\nx",
    "headers": b"A: b\n" * 100_000 + b"\nx",
    "nested": nested(3_000),
    "nested_messages": b"Content-Type: message/rfc822\n\n" * 3_000,
    "nested_digests": nested(500, b"multipart/digest"),
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000 + b"--b--",
    "too_many_parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 40_000,
    "lines": b"\n" * 1_100_000,
    "comments": b"Content-Type: text/html\n\n" + b"<!--" * 250_000,
    "declarations": b"Content-Type: text/html\n\n" + b"<!" * 500_000,
    "ends": b"Content-Type: text/html\n\n" + b"</" * 500_000,
    "signs": b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
    "open_tags": b"Content-Type: text/html\n\n" + b"<a x='" * 160_000,
    "tags": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "quotes_in_quotes": b"Content-Type: text/html\n\n" + b"<blockquote>a" * 70_000,
    "scripts": b"Content-Type: text/html\n\n" + b"<script>" * 120_000,
    "hidden": b"Content-Type: text/html\n\n" + b"<div style='display:none'>" * 38_000,
    "half_hidden": b"Content-Type: text/html\n\n" + b"<p style='display:none'>a</p>" * 34_000,
    "styles": b"Content-Type: text/html\n\n<div " + b"style=display" * 75_000 + b">",
    "broken_head": b"a\n" * 120_000 + b"Content-Type: text/plain;\na=b\n\nx",
    "broken_parameters": b"Content-Type: text/plain;\n" + b"a=b;\n" * 50_000 + b"\nx",
    "types": b"Content-Type: multipart/mixed\n" * 8_000 + b"\n" + b"--b\n" * 15_000,
    "folds": b"Content-Type: multipart/mixed"
    + b"\n a" * 80_000
    + b"\n\n--b\nContent-Type: a/b\n\nx",
    "links": b"Content-Type: text/html\n\n" + b"<a href='http://x.example'>" * 37_000,
    "attributes": b"Content-Type: text/html\n\n<img " + b"alt=" * 250_000 + b">",
    "entities": b"Content-Type: text/html\n\n&#" + b"9" * 900_000,
    "blanks": b"Content-Type: text/html\n\n" + b" \n" * 500_000,
    "flowed": b"Content-Type: text/plain; format=flowed\n\n" + b"> \n" * 300_000,
    "punycode": b"From: a@" + "ü".encode() * 4_000 + b".example\n\nx",
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_read(name: str) -> None:
    """Each took minutes or failed in a reader that goes back; all together take seconds."""
    found = read(TRAPS[name])

    check(found)
    assert FaultKind.UNREADABLE not in kinds(found)


def test_what_is_left_out_is_named() -> None:
    deep, many = read(TRAPS["nested"]), read(TRAPS["parts"])

    assert FaultKind.TOO_DEEP in kinds(deep)
    assert FaultKind.TOO_MANY_PARTS in kinds(many)
    assert many.text == "\n\n".join(["x"] * 99)
    assert FaultKind.TOO_MANY_PARTS in kinds(read(TRAPS["too_many_parts"]))
    assert FaultKind.TOO_MANY_PARTS in kinds(read(TRAPS["lines"]))
    assert FaultKind.HEADER_CUT in kinds(read(TRAPS["header"]))
    assert FaultKind.HEADERS_CUT in kinds(read(TRAPS["headers"]))


def test_a_mail_of_too_many_lines_is_read_from_its_headers() -> None:
    found = read(mail(body=b"\n" * 1_100_000))

    assert found.sender
    assert found.subject == "Order"
    assert found.text == ""


def test_a_parser_that_gives_up_leaves_the_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(raw: bytes) -> structure.Part:
        raise RecursionError

    monkeypatch.setattr(structure, "take_apart", fail)
    found = read(BLOCK + mail(body=b"x"))

    assert kinds(found) == {FaultKind.UNREADABLE}
    assert found.faults[0].detail == "RecursionError"
    assert found.sender
    assert found.verdicts.clean


def test_every_file_is_found_and_those_that_the_text_shows_are_marked() -> None:
    logo = part("image/png", b"logo", b"Content-ID: <a>")
    photo = part("image/png", b"photo", b"Content-Disposition: inline; filename=b.png")
    bill = part("application/pdf", b"bill", b"Content-Disposition: attachment; filename=a.pdf")
    found = read(whole(parts("mixed", *[logo] * 25, photo, bill)))

    assert [each.name for each in found.attachments[-2:]] == ["b.png", "a.pdf"]
    assert [each.inline for each in found.attachments] == [True] * 26 + [False]
    assert [each.embedded for each in found.attachments] == [True] * 25 + [False] * 2
    assert not found.faults


def test_files_keep_their_bytes() -> None:
    data = bytes(range(256)) * 4 + b"\r\n\n\r"
    binary = part("image/x", data, b"Content-Transfer-Encoding: binary")
    found = read(whole(parts("mixed", part("text/plain", b"x"), binary)))

    assert found.attachments[0].data == data


def test_a_forwarded_mail_is_a_file_as_it_came() -> None:
    inner = mail(b"Content-Type: multipart/mixed; boundary=q", body=b"--q\r\n\r\nhi\r\n--q--\r\n")
    found = read(whole(parts("mixed", part("message/rfc822", inner))))

    assert found.attachments[0].data == inner
    assert found.text == ""


def test_an_attachment_does_not_show_within_the_text() -> None:
    lines = (b"Content-Disposition: attachment; filename=a.png", b"Content-ID: <a>")
    found = read(whole(parts("mixed", part("image/png", b"x", *lines), part("image/png", b"x"))))

    assert [each.inline for each in found.attachments] == [False, False]


def test_how_much_is_read() -> None:
    assert (bodies.MOST_PARTS, structure.MOST_LEVELS) == (100, 60)
    assert (headers.LONGEST, headers.MOST_IDS) == (2**14, 100)
    assert markup.LONGEST == bodies.LONGEST_TEXT == 1_000_000


def test_a_sender_after_too_many_headers_could_be_another() -> None:
    raw = b"From: ada@example.com\r\n" + b"A: b\r\n" * 1_000 + b"From: b@example.com\r\n\r\nx"

    assert read(raw).sender is None


def test_sixty_levels_are_read() -> None:
    inner = part("text/plain", b"deep")
    for level in range(structure.MOST_LEVELS):
        inner = parts("mixed", inner, boundary=f"b{level}x")

    assert read(whole(inner)).text == "deep"
    assert read(whole(parts("mixed", inner, boundary="outer"))).text == ""


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a<br>b", "a\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<DIV>a</DIV><div>b", "a\nb"),
        ("a  \n\t b&nbsp;c", "a b c"),
        ("<b>a</b><i>b</i>", "ab"),
        ("&lt;b&gt; &amp;amp; &euro; &#8364; &#x20ac;", "<b> &amp; € € €"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("a<3", "a<3"),
        ("<script>var a = '<p>x</p>'</script>b", "b"),
        ("<STYLE>p{}</STYLE>b", "b"),
        ("<script src=x />b", "b"),
        ("<head><title>t</title><meta charset=x></head>b", "b"),
        ("a<!-- <p>x</p> -->b", "ab"),
        ("a<!-- never ends <p>x", "a"),
        ("a<![if !mso]>b<![endif]>c", "abc"),
        ("a<?xml version='1'?>b", "ab"),
        (
            '<a href="https://x.example/a?b=1&amp;c=2">here</a>',
            "here (https://x.example/a?b=1&c=2)",
        ),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
        ('<a href="mailto:a@example.com">a@example.com</a>', "a@example.com"),
        ('<a href="mailto:a@example.com">write</a>', "write (a@example.com)"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("<a href=https://x.example>here</a> b", "here (https://x.example) b"),
        (
            "<a data-href='https://y.example' href='https://x.example'>a</a>",
            "a (https://x.example)",
        ),
        ('<img alt="logo" src="a>b">c', "logoc"),
        ('<img src="cid:1">c', "c"),
        ('<p title="a > b">c</p>', "c"),
        ("<p it's>c</p>", "c"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
        ("<tr><td>a</td><td>b</td></tr><tr><td>c", "a b\nc"),
        ("<div style='display: none'>a<div>b</div></div>c", "c"),
        ('<SPAN class="a" STYLE="color:red; Display:None">a</SPAN>b', "b"),
        ("<p style=display:none>a</p>b", "b"),
        ("<div style='display:none'>a", "a"),
        ("<div style='display:none'>a</div>", "a"),
        ("<div style='x-display:none'>a</div><div data-style='display:none'>b</div>", "a\nb"),
        ("<div style='display:block'>a</div><div>display:none</div>", "a\ndisplay:none"),
        ("<pre>a\n  b\n\nc</pre>d", "a\n  b\n\nc\nd"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n> > b\n\nc"),
        ("</blockquote></pre></a>a", "a"),
        ("</blockquote><blockquote>a</blockquote>b", "> a\n\nb"),
        ("<pre>a<pre>b</pre>\n  c</pre>d  e", "a\nb\n\n  c\nd e"),
        ("a<b never ends", "a never ends"),
        ("", ""),
    ],
)
def test_html_is_what_its_reader_sees(source: str, text: str) -> None:
    assert to_text(source) == text


PATTERNS = {
    f"{room.__name__}.{name}": pattern
    for room in (headers, bodies, markup, mending, structure)
    for name, pattern in vars(room).items()
    if isinstance(pattern, re.Pattern)
}


@pytest.mark.parametrize("name", PATTERNS)
def test_the_patterns_are_bounded(name: str) -> None:
    assert not faults(PATTERNS[name])

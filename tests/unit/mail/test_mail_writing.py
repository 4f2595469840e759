"""What the desk writes: read again it says the same, and nothing in it becomes a header."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from helpdesk.mail import Address, Outgoing, Said, compose, read, reply_subject, writing
from helpdesk.mail.writing import plain
from hypothesis import given
from hypothesis import strategies as st

from tests.regex_shape import faults

AT = datetime(2026, 11, 28, 8, tzinfo=UTC)
REPLY = Outgoing(
    sender=Address("support@shop.example", "Shop"),
    to=Address("ada@example.com", "Zoë"),
    reply_to="support+x@shop.example",
    subject="Größe",
    text="Hello Zoë,\n\nsee https://shop.example/a?b=1&c=2.\n\nYours",
    at=AT,
    message_id="9@shop.example",
    in_reply_to="3@example.com",
    references=("1@example.com", "2@example.com"),
)
SAID = Said(author="Zoë", at=AT - timedelta(hours=1), text="Where is it?\n\nZoë")


def lines_of(raw: bytes) -> list[str]:
    return raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def names_of(raw: bytes) -> list[str]:
    return [line.partition(":")[0] for line in lines_of(raw) if not line.startswith(" ")]


def test_a_reply_is_read_again() -> None:
    found = read(compose(REPLY))

    assert found.sender == REPLY.sender
    assert found.to == (REPLY.to,)
    assert found.subject == "Re: Größe"
    assert found.text == REPLY.text
    assert found.message_id == "9@shop.example"
    assert found.in_reply_to == ("3@example.com",)
    assert found.references == ("1@example.com", "2@example.com", "3@example.com")
    assert found.date == AT
    assert found.headers.first("reply-to") == REPLY.reply_to
    assert found.automatic is None
    assert not found.faults
    assert not found.attachments


def test_an_automatic_reply_says_so() -> None:
    raw = compose(replace(REPLY, automatic=True))

    assert "Auto-Submitted: auto-replied" in lines_of(raw)
    assert "X-Auto-Response-Suppress: All" in lines_of(raw)
    assert read(raw).automatic
    assert not [name for name in names_of(raw) if name.lower().startswith("list-")]


def test_the_same_gives_the_same_bytes() -> None:
    assert compose(REPLY) == compose(replace(REPLY))
    assert compose(REPLY) != compose(replace(REPLY, text="Other"))


def test_the_html_says_the_same() -> None:
    hostile = replace(REPLY, text='<script>alert("x")</script> & https://x.example/"onload="x')
    message = message_from_bytes(compose(hostile))
    html = message.get_payload()[1].get_payload(decode=True).decode()

    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert '<a href="https://x.example/" rel=' in html
    assert "onload=&quot;" in html


def test_a_link_ends_before_the_full_stop() -> None:
    html = writing._lines("see https://shop.example/a?b=1&c=2.\nor (http://x.example)")

    assert html == (
        'see <a href="https://shop.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">'
        "https://shop.example/a?b=1&amp;c=2</a>.<br>\n"
        'or (<a href="http://x.example" rel="noopener noreferrer nofollow">http://x.example</a>)'
    )


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Order", "Re: Order"),
        ("Re: Order", "Re: Order"),
        ("RE: AW: Re[2]: SV: Order", "Re: Order"),
        ("Fwd: Order", "Re: Fwd: Order"),
        ("Re: WG: Order", "Re: WG: Order"),
        ("Regarding: x", "Re: Regarding: x"),
        ("Re：Order", "Re: Order"),  # noqa: RUF001
        ("回复：订单", "Re: 订单"),  # noqa: RUF001
        ("", "Re: Your message"),
        ("Re:", "Re: Your message"),
        ("a\r\nBcc: b@example.com", "Re: a Bcc: b@example.com"),
        ("x" * 500, "Re: " + "x" * 200),
    ],
)
def test_a_reply_has_one_prefix(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply
    assert reply_subject(reply) == reply


def test_what_was_said_is_quoted() -> None:
    found = read(compose(replace(REPLY, text="Here.", earlier=(SAID, SAID, SAID, SAID))))
    quote = "On 28 November 2026 at 07:00 UTC, Zoë wrote:\n> Where is it?\n>\n> Zoë"

    assert found.text == f"Here.\n\n{quote}\n\n{quote}\n\n{quote}"


def test_a_quote_is_bounded() -> None:
    long = replace(SAID, text="a" * 5_000)
    many = replace(SAID, text="a\n" * 500)
    text = read(compose(replace(REPLY, text="Here.", earlier=(long, many)))).text

    assert text.count("[...]") == 2
    assert text.count("a") < 1_700


def test_references_are_bounded() -> None:
    ids = tuple(f"{number}@example.com" for number in range(60))
    found = read(compose(replace(REPLY, references=ids)))

    assert len(found.references) == 20
    assert found.references[0] == "0@example.com"
    assert found.references[-2:] == ("59@example.com", "3@example.com")


def test_a_first_mail_refers_to_nothing() -> None:
    names = names_of(compose(replace(REPLY, in_reply_to=None, references=(), message_id=None)))

    assert not {"In-Reply-To", "References", "Message-ID"} & set(names)


@pytest.mark.parametrize("bad", ["a", "", "a@b", "ü@example.com", "a@example.com\r\nBcc: x"])
def test_an_address_must_be_sound(bad: str) -> None:
    for changed in (
        replace(REPLY, to=Address(bad)),
        replace(REPLY, sender=Address(bad)),
        replace(REPLY, reply_to=bad),
    ):
        with pytest.raises(ValueError, match="can be sent"):
            compose(changed)


@pytest.mark.parametrize("bad", ["a b@x", "a\r\nBcc: b@x", "a<@x", "é@x", "x" * 300, "a"])
def test_an_id_that_cannot_be_written_is_left_out(bad: str) -> None:
    found = read(compose(replace(REPLY, in_reply_to=bad, references=(bad,), message_id=bad)))

    assert found.references == found.in_reply_to == ()
    assert found.message_id is None


HEADERS = names_of(compose(REPLY))
ANY = st.text(max_size=200) | st.text(alphabet='aé\r\n:\x0b\x85\u2028=?\\"<>,;', max_size=80)


@given(subject=ANY, name=ANY, text=ANY, author=ANY, message_id=ANY)
def test_nothing_becomes_a_header(
    subject: str, name: str, text: str, author: str, message_id: str
) -> None:
    raw = compose(
        replace(
            REPLY,
            subject=subject,
            text=text,
            sender=Address("support@shop.example", name),
            to=Address("ada@example.com", name),
            references=(message_id,),
            earlier=(replace(SAID, author=author, text=text),),
        )
    )

    assert names_of(raw) == HEADERS
    assert all(len(line) <= 998 for line in raw.decode("ascii").split("\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(subject=ANY, name=ANY, text=ANY)
def test_any_mail_is_read_again(subject: str, name: str, text: str) -> None:
    sender = Address("support@shop.example", writing.line(name, 100))
    found = read(compose(replace(REPLY, subject=subject, text=text, sender=sender)))

    assert found.subject == reply_subject(subject).encode("utf-8", "replace").decode()
    assert found.sender == sender
    assert found.text == plain(text)
    assert found.references[-1] == "3@example.com"


def test_long_words_are_folded() -> None:
    raw = compose(replace(REPLY, subject="word " * 40, to=Address("ada@example.com", "é" * 90)))

    assert max(map(len, lines_of(raw))) <= 78
    assert read(raw).subject == f"Re: {'word ' * 40}".strip()


@pytest.mark.parametrize("name", ["_PREFIX", "_SOUND_ID", "_LINK", "_PLAIN_NAME"])
def test_the_patterns_are_bounded(name: str) -> None:
    pattern = getattr(writing, name)

    assert isinstance(pattern, re.Pattern)
    assert not faults(pattern)

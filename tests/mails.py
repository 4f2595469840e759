"""Mails that are hard to read: each as its bytes, with what must be read of it."""

# ruff: noqa: E501, RUF001 -- mails as they come, in ten languages

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

HEAD = b"From: Ada <ada@example.com>\r\nTo: support@shop.example\r\nSubject: Order\r\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"

BLOCK = b"""Return-Path: <ada@example.com>\r
Received: from mail.example.com (mail.example.com [192.0.2.1])\r
 by inbound-smtp.eu-west-1.amazonaws.com with SMTP id abc123\r
 for support@shop.example;\r
 Sat, 28 Nov 2026 08:00:00 +0000 (UTC)\r
X-SES-Spam-Verdict: PASS\r
X-SES-Virus-Verdict: PASS\r
Received-SPF: pass (spfCheck: domain of example.com) client-ip=192.0.2.1;\r
Authentication-Results: amazonses.com;\r
 spf=pass (spfCheck: domain of example.com) client-ip=192.0.2.1;\r
 dkim=pass header.i=@example.com;\r
 dmarc=pass header.from=example.com;\r
X-SES-RECEIPT: AEFBQUFB\r
"""


def mail(*lines: bytes, body: bytes = b"") -> bytes:
    """Return a mail from Ada with further headers."""
    return HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def part(kind: str, body: bytes, *lines: bytes) -> bytes:
    """Return one part of a mail."""
    return b"\r\n".join([b"Content-Type: " + kind.encode(), *lines, b"", body])


def parts(kind: str, *inner: bytes, boundary: str = "b1") -> bytes:
    """Return a part of parts, to stand in a mail or in another part."""
    mark = boundary.encode()
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + mark + b'"\r\n\r\n'
    return (
        head + b"".join(b"--" + mark + b"\r\n" + p + b"\r\n" for p in inner) + b"--" + mark + b"--"
    )


def whole(content: bytes) -> bytes:
    """Return a mail from Ada with this content."""
    return HEAD + content


def coded(data: bytes) -> bytes:
    return b64encode(data)


@dataclass(frozen=True)
class Hard:
    """A hard mail. `names` are those of its files; `faults` the kinds of what was left out."""

    id: str
    raw: bytes
    text: str | None = None
    subject: str | None = None
    sender: str | None = "ada@example.com"
    name: str | None = None
    names: tuple[str, ...] | None = None
    faults: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


def said(kind: str, body: bytes, *lines: bytes) -> bytes:
    return mail(b"Content-Type: " + kind.encode(), *lines, body=body)


def named(what: str, value: bytes, name: str, sender: str | None = "ada@example.com") -> Hard:
    return Hard(what, b"From: " + value + b"\r\n\r\nx", sender=sender, name=name)


def titled(what: str, value: bytes, subject: str) -> Hard:
    return Hard(what, b"From: ada@example.com\r\nSubject: " + value + b"\r\n\r\nx", subject=subject)


def filed(what: str, lines: tuple[bytes, ...], name: str, kind: str = "application/pdf") -> Hard:
    raw = whole(parts("mixed", part("text/plain", b"see"), part(kind, b"data", *lines)))
    return Hard(what, raw, text="see", names=(name,))


PLAIN, HTML = "text/plain; charset=utf-8", "text/html; charset=utf-8"
PDF = part(
    "application/pdf",
    coded(b"%PDF-1"),
    b"Content-Transfer-Encoding: base64",
    b'Content-Disposition: attachment; filename="bill.pdf"',
)
ICS = part("text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")
TNEF = part("application/ms-tnef", coded(b"\x78\x9f\x3e\x22"), b"Content-Transfer-Encoding: base64")
IMAGE = part(
    "image/png",
    coded(PNG),
    b"Content-Transfer-Encoding: base64",
    b"Content-Disposition: inline",
    b"Content-ID: <1@example.com>",
)

LANGUAGES = {
    "german": ("Wo bleibt meine Bestellung? Größe paßt nicht.", "iso-8859-1"),
    "french": ("Où est ma commande ? Ça ne va pas, l’été…", "windows-1252"),
    "polish": ("Gdzie jest moje zamówienie? Źle działa, żółć.", "iso-8859-2"),
    "czech": ("Příliš žluťoučký kůň, kde je moje zásilka?", "windows-1250"),
    "russian": ("Где мой заказ? Верните деньги.", "koi8-r"),
    "ukrainian": ("Де моє замовлення? Ґанок, їжак.", "windows-1251"),
    "greek": ("Πού είναι η παραγγελία μου;", "iso-8859-7"),
    "turkish": ("Siparişim nerede? Işık, ğ, ç.", "iso-8859-9"),
    "hebrew": ("איפה ההזמנה שלי?", "windows-1255"),
    "arabic": ("أين طلبي؟", "windows-1256"),
    "japanese": ("注文はどこですか。", "iso-2022-jp"),
    "japanese_sjis": ("注文はどこですか①。", "shift_jis"),
    "chinese": ("我的订单在哪里？", "gb2312"),
    "chinese_traditional": ("我的訂單在哪裡？", "big5"),
    "korean": ("제 주문은 어디에 있나요?", "ks_c_5601-1987"),
    "thai": ("คำสั่งซื้อของฉันอยู่ที่ไหน", "tis-620"),
    "vietnamese": ("Đơn hàng của tôi ở đâu?", "utf-8"),
    "hindi": ("मेरा ऑर्डर कहाँ है?", "utf-8"),
}
CODECS = {"shift_jis": "cp932", "ks_c_5601-1987": "cp949", "iso-8859-9": "cp1254"}


def written(text: str, charset: str) -> bytes:
    return text.encode(CODECS.get(charset, charset))


CHARSETS = [
    Hard(name, said(f"text/plain; charset={charset}", written(text, charset)), text=text)
    for name, (text, charset) in LANGUAGES.items()
] + [
    Hard("undeclared_utf8", said("text/plain", "Größe".encode()), text="Größe"),
    Hard("undeclared_cp1252", said("text/plain", b"Gr\xf6\xdfe \x80 5"), text="Größe € 5"),
    Hard("ascii_that_is_utf8", said("text/plain; charset=us-ascii", "é".encode()), text="é"),
    Hard("ascii_that_is_not", said("text/plain; charset=us-ascii", b"\xe9"), text="é"),
    Hard("unknown_charset", said("text/plain; charset=klingon", "é".encode()), text="é"),
    Hard("codec_that_unpacks", said("text/plain; charset=zlib", b"hello"), text="hello"),
    Hard(
        "codec_of_escapes", said("text/plain; charset=unicode_escape", b"\\u0041"), text="\\u0041"
    ),
    Hard("codec_of_names", said("text/plain; charset=punycode", b"abc-"), text="abc-"),
    Hard("charset_in_quotes", said('text/plain; charset="ISO-8859-15"', b"\xa4"), text="€"),
    Hard(
        "charset_continued",
        said("text/plain; charset*0=iso-8859-; charset*1=15", b"\xa4"),
        text="€",
    ),
    Hard("latin1_that_is_cp1252", said("text/plain; charset=iso-8859-1", b"\x93a\x94"), text="“a”"),
    Hard("neither_cp1252_nor_utf8", said("text/plain", b"a\x81\xe9"), text="a\u00e9"),
    Hard("byte_order_mark", said(PLAIN, b"\xef\xbb\xbfHello"), text="Hello"),
    Hard(
        "utf16",
        said(
            "text/plain; charset=utf-16",
            "Größe".encode("utf-16"),
        ),
        text="Größe",
    ),
    Hard(
        "declared_utf8_with_one_bad_byte",
        said(PLAIN, "ж".encode() * 60 + b"\xff"),
        text="ж" * 60 + "\ufffd",
    ),
    Hard("declared_utf8_that_is_latin1", said(PLAIN, b"Gr\xf6\xdfe"), text="Größe"),
    Hard("utf7_half_pair", said("text/plain; charset=utf-7", b"+2AA-a"), text="\ufffda"),
    Hard(
        "quoted_printable",
        said(PLAIN, b"Gr=C3=B6=\r\n=C3=9Fe", b"Content-Transfer-Encoding: Quoted-Printable"),
        text="Größe",
    ),
    Hard(
        "broken_quoted_printable",
        said(PLAIN, b"a=ZZ b=", b"Content-Transfer-Encoding: quoted-printable"),
        text="a=ZZ b",
    ),
    Hard(
        "broken_base64",
        said(PLAIN, b"SGVs!!bG8", b"Content-Transfer-Encoding: base64"),
        text="Hello",
    ),
    Hard(
        "base64_short", said(PLAIN, b"SGVsbG8", b"Content-Transfer-Encoding: base64"), text="Hello"
    ),
    Hard(
        "unknown_transfer_encoding",
        said(PLAIN, b"hello", b"Content-Transfer-Encoding: x-other"),
        text="hello",
    ),
    Hard("control_characters", said(PLAIN, b"a\x00b\x1b[31mc"), text="ab[31mc"),
    Hard("bare_carriage_returns", said(PLAIN, b"a\rb"), text="a\nb"),
    Hard(
        "flowed",
        said("text/plain; format=flowed", b"one \r\ntwo\r\n> q \r\n> r\r\n-- \r\nAda"),
        text="one two\n> q r\n-- \nAda",
    ),
    Hard("flowed_delsp", said("text/plain; format=flowed; delsp=yes", b"on \r\ne"), text="one"),
]

HEADERS = [
    named("raw_utf8_name", "Zoë <ada@example.com>".encode(), "Zoë"),
    named("raw_latin1_name", b"Zo\xeb <ada@example.com>", "Zoë"),
    named("encoded_name", b"=?utf-8?Q?Zo=C3=AB_A=2E?= <ada@example.com>", "Zoë A."),
    named("encoded_name_in_quotes", b'"=?utf-8?B?Wm/Dqw==?=" <ada@example.com>', "Zoë"),
    named("comma_in_quotes", b'"Lovelace, Ada" <ada@example.com>', "Lovelace, Ada"),
    named("comma_without_quotes", b"Lovelace, Ada <ada@example.com>", "Lovelace, Ada"),
    named("comma_encoded_raw", b"=?utf-8?Q?M=C3=BCller,_Ada?= <ada@example.com>", "Müller, Ada"),
    named(
        "address_hidden_in_a_name",
        b"=?utf-8?Q?=3Cceo=40bank=2Eexample=3E?= <ada@example.com>",
        "<ceo@bank.example>",
    ),
    named("comment_as_name", b"ada@example.com (Ada (the first))", "Ada the first"),
    named("escaped_quote", b'"Ada \\"A\\" L" <ada@example.com>', 'Ada "A" L'),
    named("quote_that_never_ends", b'ada@example.com "Ada', "", sender=None),
    named("address_twice", b"ada@example.com <ada@example.com>", "ada@example.com"),
    named("capitals", b"Ada <ADA@Example.COM>", "Ada"),
    named(
        "umlaut_domain",
        "Ada <ada@bücher.example>".encode(),
        "Ada",
        sender="ada@xn--bcher-kva.example",
    ),
    named("folded", b"Ada\r\n <ada@example.com>", "Ada"),
    named("name_that_steers", "\u202eadA <ada@example.com>".encode(), "adA"),
    Hard(
        "two_senders",
        b"From: a@example.com, b@example.com\r\n\r\nx",
        sender=None,
        faults=("no_sender",),
    ),
    Hard(
        "two_from_headers",
        b"From: a@example.com\r\nFrom: a@example.com\r\n\r\nx",
        sender=None,
        faults=("no_sender",),
    ),
    Hard(
        "name_claims_another",
        b"From: ceo@bank.example <a@example.com>\r\n\r\nx",
        sender=None,
        faults=("no_sender",),
    ),
    Hard("empty_local_part", b"From: <@example.com>\r\n\r\nx", sender=None, faults=("no_sender",)),
    Hard("no_from", b"To: a@example.com\r\n\r\nx", text="x", sender=None, faults=("no_sender",)),
    Hard("null_sender", b"From: <>\r\n\r\nx", sender=None, faults=("no_sender",)),
    Hard("no_at", b"From: root\r\n\r\nx", sender=None, faults=("no_sender",)),
    Hard(
        "address_after_the_cut",
        b"From: a@example.com" + b" " * 17_000 + b", b@example.com\r\n\r\nx",
        sender=None,
        faults=("no_sender", "header_cut"),
    ),
    titled("raw_utf8_subject", "Größe".encode(), "Größe"),
    titled("split_character", b"=?utf-8?Q?Gr=C3?= =?utf-8?Q?=B6=C3=9Fe?=", "Größe"),
    titled("folded_words", b"=?utf-8?B?R3LDtg==?=\r\n =?utf-8?B?w59l?=", "Größe"),
    titled("two_charsets", b"=?iso-8859-1?Q?=F6?= =?koi8-r?Q?=D6?=", "öж"),
    titled("glued_word", b"Re:=?utf-8?Q?=C3=B6?=!", "Re:ö!"),
    titled("blank_in_word", b"=?utf-8?Q?not found?=", "not found"),
    titled("question_in_word", b"=?utf-8?Q?where is it??=", "where is it?"),
    titled("bad_base64_word", b"=?utf-8?B?w7Y?=", "ö"),
    titled("unknown_charset_word", b"=?klingon?Q?=C3=B6?=", "ö"),
    titled("language_in_word", b"=?utf-8*de?Q?=C3=B6?=", "ö"),
    titled("line_end_in_word", b"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
    titled("emoji", b"=?UTF-8?B?8J+YgA==?=", "\U0001f600"),
    titled("no_subject", b"", ""),
    Hard("no_header_at_all", b"\r\nHello", text="Hello", sender=None, faults=("no_sender",)),
    Hard("nothing", b"", text="", sender=None, faults=("no_sender",)),
    Hard("body_without_blank_line", HEAD + b"Hello there\r\n", text="Hello there"),
    Hard("from_line_of_a_mailbox", b"From ada Sat Nov 28\r\n" + mail(body=b"x"), text="x"),
    Hard("line_feeds_only", mail(body=b"a\r\nb").replace(b"\r\n", b"\n"), text="a\nb"),
    Hard("bad_content_type", said("plain", b"hello"), text="hello"),
    Hard("empty_content_type", said("", b"hello"), text="hello"),
    Hard(
        "number_that_is_too_long", said("text/plain; charset*" + "9" * 5000 + "=a", b"x"), text="x"
    ),
]

FILES = [
    filed(
        "rfc2231_koi8", (b"Content-Disposition: attachment; filename*=koi8-r''%C7.pdf",), "г.pdf"
    ),
    filed(
        "rfc2231_without_charset",
        (b"Content-Disposition: attachment; filename*=%C3%B6.pdf",),
        "ö.pdf",
    ),
    filed("plain_name", (b'Content-Disposition: attachment; filename="bill.pdf"',), "bill.pdf"),
    filed(
        "rfc2231_name",
        (b"Content-Disposition: attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.pdf",),
        "Größe.pdf",
    ),
    filed(
        "rfc2231_continued",
        (
            b"Content-Disposition: attachment;\r\n filename*1*=%9Fe.pdf;\r\n filename*0*=utf-8''Gr%C3%B6%C3",
        ),
        "Größe.pdf",
    ),
    filed(
        "encoded_word_name",
        (b'Content-Disposition: attachment; filename="=?utf-8?B?R3LDtsOfZS5wZGY=?="',),
        "Größe.pdf",
    ),
    filed(
        "raw_latin1_file", (b'Content-Disposition: attachment; filename="Gr\xf6.pdf"',), "Grö.pdf"
    ),
    filed(
        "raw_utf8_file",
        ('Content-Disposition: attachment; filename="日本.pdf"'.encode(),),
        "日本.pdf",
    ),
    filed(
        "unquoted_name", (b"Content-Disposition: attachment; filename=my bill.pdf",), "my bill.pdf"
    ),
    filed(
        "windows_path",
        (b'Content-Disposition: attachment; filename="C:\\dir\\bill.pdf"',),
        "bill.pdf",
    ),
    filed(
        "unix_path",
        (b'Content-Disposition: attachment; filename="../../etc/bill.pdf"',),
        "bill.pdf",
    ),
    filed("name_of_the_type", (), "a.pdf", 'application/pdf; name="a.pdf"'),
    filed("no_name", (), "file.pdf"),
    filed("no_name_unknown", (), "file-1", "application/x-thing"),
    filed(
        "name_that_turns",
        ('Content-Disposition: attachment; filename="a\u202efdp.exe"'.encode(),),
        "afdp.exe",
    ),
    filed(
        "long_name",
        (b'Content-Disposition: attachment; filename="' + b"a" * 300 + b'.pdf"',),
        "a" * 116 + ".pdf",
    ),
    filed(
        "both_names",
        (b"Content-Disposition: attachment; filename=\"x.pdf\"; filename*=utf-8''%C3%B6.pdf",),
        "ö.pdf",
    ),
    filed(
        "text_file", (b'Content-Disposition: attachment; filename="a.txt"',), "a.txt", "text/plain"
    ),
    filed(
        "text_file_inline",
        (b'Content-Disposition: inline; filename="a.txt"',),
        "a.txt",
        "text/plain",
    ),
    filed("calendar", (), "invitation.ics", "text/calendar"),
    filed("tnef", (), "winmail.dat", "application/ms-tnef"),
    filed("comma_table", (), "file-1", "text/csv"),
    filed(
        "image_octets",
        (b'Content-Disposition: attachment; filename="a.png"',),
        "a.png",
        "application/octet-stream",
    ),
]

FORWARD = part("message/rfc822", mail(body=b"the original"))
STRUCTURES = [
    Hard(
        "plain_and_html",
        whole(parts("mixed", part(PLAIN, b"one"), part(HTML, b"<p>two</p>"))),
        text="one\n\ntwo",
        more={"html_only": False},
    ),
    Hard("long_content_type", said("application/" + "x" * 100, b"hello"), text="hello"),
    Hard(
        "alternative",
        whole(parts("alternative", part(PLAIN, b"plain"), part(HTML, b"<p>html</p>"))),
        text="plain",
        more={"html_only": False},
    ),
    Hard(
        "alternative_blank_plain",
        whole(parts("alternative", part(PLAIN, b" \r\n"), part(HTML, b"<p>html</p>"))),
        text="html",
        more={"html_only": True},
    ),
    Hard(
        "alternative_html_first",
        whole(parts("alternative", part(HTML, b"<p>html</p>"), part(PLAIN, b"plain"))),
        text="plain",
    ),
    Hard(
        "html_alone",
        said(HTML, b"<p>Hello<br>there</p>"),
        text="Hello\nthere",
        more={"html_only": True},
    ),
    Hard("html_meta_charset", said("text/html", b"<meta charset=iso-8859-2><p>\xb1</p>"), text="ą"),
    Hard(
        "calendar_in_alternative",
        whole(parts("alternative", part(PLAIN, b"come"), ICS)),
        text="come",
        names=("invitation.ics",),
    ),
    Hard(
        "calendar_alone",
        said("text/calendar", b"BEGIN:VCALENDAR"),
        text="",
        names=("invitation.ics",),
    ),
    Hard(
        "amp_in_alternative",
        whole(
            parts(
                "alternative", part(PLAIN, b"p"), part("text/x-amp-html", b"<a>"), part(HTML, b"h")
            )
        ),
        text="p",
        names=(),
    ),
    Hard(
        "apple_text_file_text",
        whole(parts("mixed", part(PLAIN, b"above"), PDF, part(PLAIN, b"below"))),
        text="above\n\nbelow",
        names=("bill.pdf",),
    ),
    Hard(
        "apple_mixed_in_alternative",
        whole(
            parts(
                "alternative",
                part(PLAIN, b"plain"),
                parts(
                    "mixed",
                    part(HTML, b"<p>one</p>"),
                    PDF,
                    part(HTML, b"<p>two</p>"),
                    boundary="b2",
                ),
            )
        ),
        text="plain",
        names=("bill.pdf",),
    ),
    Hard(
        "apple_html_only_parts",
        whole(parts("mixed", part(HTML, b"<p>one</p>"), PDF, part(HTML, b"<p>two</p>"))),
        text="one\n\ntwo",
        more={"html_only": True},
    ),
    Hard(
        "related_picture",
        whole(parts("related", part(HTML, b'<p>see <img src="cid:1" alt="logo"></p>'), IMAGE)),
        text="see logo",
        names=("image.png",),
    ),
    Hard(
        "forward_attached",
        whole(parts("mixed", part(PLAIN, b"see below"), FORWARD)),
        text="see below",
        names=("message.eml",),
    ),
    Hard("forward_alone", whole(FORWARD), text="", names=("message.eml",)),
    Hard(
        "digest",
        whole(parts("digest", b"\r\n" + mail(body=b"one"))),
        text="",
        names=("message.eml",),
    ),
    Hard(
        "signed",
        whole(
            parts(
                "signed",
                part(PLAIN, b"text"),
                part(
                    "application/pgp-signature",
                    b"sig",
                    b'Content-Disposition: attachment; filename="s.asc"',
                ),
            )
        ),
        text="text",
        names=("s.asc",),
    ),
    Hard(
        "encrypted",
        whole(
            parts(
                "encrypted",
                part("application/pgp-encrypted", b"Version: 1"),
                part("application/octet-stream", b"x"),
            )
        ),
        text="",
        names=("file-1", "file-2"),
        faults=("encrypted",),
    ),
    Hard(
        "outlook_tnef",
        whole(parts("mixed", part(PLAIN, b"text"), TNEF)),
        text="text",
        names=("winmail.dat",),
    ),
    Hard("no_boundary", said("multipart/mixed", b"hello"), text="hello", faults=("not_divided",)),
    Hard(
        "wrong_boundary",
        said("multipart/mixed; boundary=x", b"--y\r\n\r\nhello"),
        text="--y\n\nhello",
        faults=("not_divided",),
    ),
    Hard("no_closing_boundary", whole(parts("mixed", part(PLAIN, b"hello"))[:-6]), text="hello"),
    Hard(
        "boundary_within",
        said('multipart/mixed; boundary="a"', b"--ab\r\n\r\nx\r\n--a\r\n\r\nhello\r\n--a--"),
        text="hello",
    ),
    Hard("empty_parts", said('multipart/mixed; boundary="a"', b"--a\r\n--a\r\n--a--"), text=""),
    Hard(
        "same_boundary_nested",
        whole(parts("mixed", parts("mixed", part(PLAIN, b"in")), part(PLAIN, b"out"))),
        text="in",
        faults=("not_divided",),
    ),
    Hard(
        "report_of_delivery",
        whole(
            parts(
                "report; report-type=delivery-status",
                part(PLAIN, b"sorry"),
                part("message/delivery-status", b"Action: failed"),
            )
        ),
        text="sorry",
        names=("status.txt",),
        more={"report": "delivery-status"},
    ),
    Hard("empty_mail", mail(), text=""),
    Hard("many_blank_lines", mail(body=b"\r\n\r\n\r\nhi\r\n\r\n\r\n"), text="hi"),
    Hard(
        "uuencoded",
        said(
            "text/plain",
            b"begin 644 a\r\n%2&5L;&\\\r\n \r\nend",
            b"Content-Transfer-Encoding: x-uuencode",
        ),
        text="Hello",
    ),
]

CLIENTS = [
    Hard(
        "gmail",
        whole(
            parts(
                "alternative",
                part(PLAIN, b"Thanks\r\n\r\nOn Sat, Ada wrote:\r\n> old"),
                part(
                    HTML,
                    b'<div dir="ltr">Thanks</div><br><div class="gmail_quote"><blockquote>old</blockquote></div>',
                ),
            )
        ),
        text="Thanks\n\nOn Sat, Ada wrote:\n> old",
    ),
    Hard(
        "gmail_html",
        said(
            HTML,
            b'<div dir="ltr"><div>Thanks</div><div><br></div><div>Ada</div></div><blockquote class="gmail_quote">old</blockquote>',
        ),
        text="Thanks\n\nAda\n\n> old",
    ),
    Hard(
        "outlook",
        said(
            HTML,
            b'<html xmlns:o="urn:x"><head><style><!-- p.MsoNormal {margin:0} --></style><!--[if gte mso 9]><xml>x</xml><![endif]--></head><body><p class=MsoNormal>Hello<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p></body></html>',
        ),
        text="Hello",
    ),
    Hard(
        "apple",
        said("text/plain; charset=us-ascii; format=flowed; delsp=yes", b"Hello  \r\nthere"),
        text="Hello there",
    ),
    Hard(
        "thunderbird",
        said("text/plain; charset=UTF-8; format=flowed", b"Hello \r\nthere\r\n\r\n-- \r\nAda"),
        text="Hello there\n\n-- \nAda",
    ),
    Hard(
        "yahoo",
        said(
            HTML,
            b'<html><body><div class="yahoo-style-wrap">Hello<div><br clear="none"></div>Ada</div></body></html>',
        ),
        text="Hello\n\nAda",
    ),
    Hard(
        "lotus_notes",
        said(
            "text/html; charset=iso-8859-1",
            b"<font size=2>Gr&ouml;&szlig;e</font><br><br><font>Ada</font>",
        ),
        text="Größe\n\nAda",
    ),
    Hard(
        "samsung",
        said(
            HTML,
            b"<html><body><div>Hello</div><!-- originalMessage --><div>-------- Original --------</div></body></html>",
        ),
        text="Hello\n-------- Original --------",
    ),
    Hard(
        "proton",
        whole(
            parts(
                "mixed",
                parts(
                    "alternative",
                    part(PLAIN, coded(b"Hello"), b"Content-Transfer-Encoding: base64"),
                    part(HTML, coded(b"<p>Hello</p>"), b"Content-Transfer-Encoding: base64"),
                    boundary="b2",
                ),
                PDF,
            )
        ),
        text="Hello",
        names=("bill.pdf",),
    ),
    Hard(
        "web_form", said("text/plain; charset=utf-8; name=form.txt", b"Name: Ada"), text="Name: Ada"
    ),
    Hard(
        "mutt",
        said("text/plain; charset=utf-8", b"Hello", b"Content-Disposition: inline"),
        text="Hello",
    ),
    Hard(
        "list",
        said(
            "text/html",
            b"<ol><li>one<li>two</ol><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        ),
        text="- one\n- two\n\na b\nc",
    ),
]

HARD = [*CHARSETS, *HEADERS, *FILES, *STRUCTURES, *CLIENTS]

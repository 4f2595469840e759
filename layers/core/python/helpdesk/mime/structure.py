"""A mail taken apart by the standard library's parser, kept from what is costly there. Pure.

The parser is used with its older policy: the newer one takes seconds for a header of 20,000 commas
and gives up on parentheses. It would descend into forwarded messages and without end into parts.
So a part that is a message, or lies too deep, tells the parser that it is plain text.
"""

import re
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32, Policy
from typing import Any, cast

from helpdesk.mime import headers, mending
from helpdesk.mime.headers import Headers, repaired

MOST_LEVELS = 60
"""How deep parts may lie within parts."""

MOST_DIVIDED = 1_000
"""Parts that may themselves have parts."""

MOST_PARTS, MOST_LINES = 25_000, 1_000_000
"""Of a mail that is taken apart at all; 40 MB of base64 have 700,000 lines."""

HEAD = mending.LONGEST_HEAD
"""Bytes from which the headers are read if a mail cannot be taken apart."""

LONGEST_BOUNDARY = 250

PLAIN, FORWARDED = "text/plain", "message/rfc822"

_SOFT_END = re.compile(r"=[ \t]++(?=\r?\n|\Z)")
"""A soft line end of quoted-printable to which a server has added blanks (RFC 2045, 6.7)."""


class TooManyError(Exception):
    """A mail has so many lines or parts that it is not taken apart; the message says how many."""


class _Bounded(Compat32):
    """Headers as they are, cut where no honest header is longer."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return a header's name and value; one more character shows that it was cut."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[: headers.LONGEST + 1]

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        """Return the value with its raw bytes as surrogates."""
        return value


class Part(Message):
    """One part of a mail. What the parser must not descend into tells it to be plain text."""

    def __init__(self, policy: "Policy[Message] | None" = None) -> None:
        super().__init__(policy or _Bounded())
        self.depth = 0
        self.count: list[int] = [1, 0]

    def attach(self, payload: Message) -> None:  # type: ignore[override]
        """Take a part in. Raises TooManyError."""
        if isinstance(payload, Part):
            payload.depth = self.depth + 1
            payload.count = self.count
            self.count[0] += 1
            if self.count[0] > MOST_PARTS:
                raise TooManyError(f"more than {MOST_PARTS} parts")
        super().attach(payload)

    def set_payload(self, payload: Any, charset: Any = None) -> None:
        """Take what the part holds, without blanks after soft line ends."""
        coded = headers.kind(repaired(self.get("content-transfer-encoding") or ""))
        if coded == "quoted-printable" and isinstance(payload, str):
            payload = _SOFT_END.sub("=", payload)
        super().set_payload(payload, charset)

    def get_content_type(self) -> str:
        """Return the type as far as the parser may know it."""
        declared = self.declared
        if declared.startswith("message/"):
            return PLAIN
        return PLAIN if declared.startswith("multipart/") and not self.divided else declared

    def get_content_maintype(self) -> str:
        """Return the first half of that type."""
        return self.get_content_type().partition("/")[0]

    def get_boundary[T](self, failobj: T | None = None) -> str | T | None:  # type: ignore[override]
        """Return what divides the parts."""
        found = headers.parameters(self.get("content-type")).get("boundary", "").rstrip()
        if not found or len(found) > LONGEST_BOUNDARY or self.count[1] >= MOST_DIVIDED:
            return failobj
        self.count[1] += 1
        return found

    @property
    def declared(self) -> str:
        """The type that the sender declares; plain text without a sound one."""
        said = headers.kind(repaired(self.get("content-type") or ""))
        main, slash, sub = said.partition("/")
        if main and slash and sub and len(said) <= 100 and said.isascii() and said.isprintable():
            return said
        return self.get_default_type() if not said else PLAIN

    @property
    def divided(self) -> bool:
        """Whether the part may have parts of its own."""
        return self.depth < MOST_LEVELS

    @property
    def parts(self) -> list["Part"]:
        """The parts of the part, if it was divided."""
        payload = self.get_payload()
        inner = payload if isinstance(payload, list) else []
        return [each for each in inner if isinstance(each, Part)]

    @property
    def disposition(self) -> str:
        """How the part is to be shown: `attachment`, `inline`, or empty."""
        return headers.kind(repaired(self.get("content-disposition") or ""))

    @property
    def filename(self) -> str | None:
        """The name of the file that the part is."""
        for header, name in (("content-disposition", "filename"), ("content-type", "name")):
            found = headers.parameters(self.get(header))
            if said := headers.parameter(found, name):
                return said
        return None

    @property
    def charset(self) -> str | None:
        """The declared charset."""
        return headers.parameter(headers.parameters(self.get("content-type")), "charset")

    @property
    def data(self) -> bytes:
        """What the part holds, without its transfer encoding."""
        data = self.get_payload(decode=True)
        return data if isinstance(data, bytes) else b""


def take_apart(raw: bytes) -> Part:
    """Return a mail as parts, as it is: who wants its head mended mends it before.

    Raises TooManyError, and RecursionError if the parser does.
    """
    if (lines := raw.count(b"\n")) > MOST_LINES:
        raise TooManyError(f"{lines} lines; at most {MOST_LINES} are read")
    return _parse(raw, headersonly=False)


def head(raw: bytes) -> Headers:
    """Return the headers of a mail alone."""
    return headers_of(_parse(raw[:HEAD], headersonly=True))


def headers_of(part: Part) -> Headers:
    """Return the headers of a part."""
    return Headers.of(part.items())


def _parse(raw: bytes, *, headersonly: bool) -> Part:
    bounded = cast("Policy[Part]", _Bounded())
    return BytesParser(Part, policy=bounded).parsebytes(raw, headersonly=headersonly)

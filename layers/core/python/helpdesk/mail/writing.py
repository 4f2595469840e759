"""A mail of the desk: plain text, and simple HTML from the same text. Pure.

The same input gives the same bytes. Nothing of a text, a name or a subject can become a header:
line ends and control characters are taken out before anything is written.
"""

import html
import quopri
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from helpdesk.mail.addresses import LONGEST_NAME, Address, normalised
from helpdesk.mime.headers import line

MOST_REFERENCES, LONGEST_ID = 20, 250
LONGEST_SUBJECT = 200
MOST_SAID, LONGEST_SAID, MOST_SAID_LINES = 3, 1_500, 40
"""How much of what was said before is quoted: messages, and characters and lines of each."""

WITHOUT_SUBJECT = "Your message"

_PREFIX = re.compile(
    r"(?:re|aw|sv|vs|antw|antwort|odp|ref|rif|res|回复|答复)"
    r"(?:\[[0-9]{1,3}\])?\s{0,3}[:\uff1a]\s{0,9}",
    re.IGNORECASE,
)
_SOUND_ID = re.compile(r"[!-;=?-~]{3,250}")
_LINK = re.compile(r"https?://[^\s<>\"'\x00-\x20]{1,2000}+")
_PLAIN_NAME = re.compile(r"[ -~]{0,100}")
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160), *range(0xD800, 0xE000)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said before, to be quoted."""

    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail to be written.

    `reply_to` is the signed address of the ticket. `subject` is the newest of the thread. `earlier`
    is what was said before, the newest first. Message ids are without brackets. An `automatic`
    mail says so, so that no machine answers it. Without `answers` it begins a thread of its own.
    """

    sender: Address
    to: Address
    reply_to: str
    subject: str
    text: str
    at: datetime
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: bool = False
    answers: bool = True
    earlier: tuple[Said, ...] = ()


def compose(outgoing: Outgoing) -> bytes:
    """Return the mail as bytes of ASCII. Raises ValueError for an address that cannot be used."""
    said, earlier = plain(outgoing.text), outgoing.earlier[:MOST_SAID]
    text = "\n\n".join([said, *map(_quoted, earlier)]) + "\n"
    parts = [("text/plain", text), ("text/html", _html(said, earlier))]
    boundary = f"=_{sha256('\0'.join(each for _, each in parts).encode()).hexdigest()[:32]}"
    head = [*_headers(outgoing), f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"']
    lines = [*head, ""]
    for kind, each in parts:
        lines += [
            f"--{boundary}",
            f"Content-Type: {kind}; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            quopri.encodestring(each.encode()).decode().replace("\n", "\r\n"),
        ]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")


def reply_subject(subject: str) -> str:
    """Return the subject of a reply: with one "Re: ", however many answers came before."""
    left = line(subject, 5 * LONGEST_SUBJECT)
    while found := _PREFIX.match(left):
        left = left[found.end() :]
    return f"Re: {left[:LONGEST_SUBJECT].strip() or WITHOUT_SUBJECT}"


def plain(text: str) -> str:
    """Return a text as it is sent: with one kind of line ends and no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    return "\n".join(each.rstrip() for each in lines.split("\n")).strip("\n")


def _headers(outgoing: Outgoing) -> list[str]:
    own_subject = line(outgoing.subject, LONGEST_SUBJECT)
    subject = reply_subject(outgoing.subject) if outgoing.answers else own_subject
    found = [
        f"From: {_mailbox(outgoing.sender)}",
        f"To: {_mailbox(outgoing.to)}",
        f"Reply-To: {_sendable(outgoing.reply_to)}",
        f"Subject: {_encoded(subject)}",
        f"Date: {format_datetime(outgoing.at.astimezone(UTC))}",
        "MIME-Version: 1.0",
    ]
    ids = _sound([*outgoing.references, outgoing.in_reply_to or ""])
    if own := _sound([outgoing.message_id or ""]):
        found.append(f"Message-ID: <{own[0]}>")
    if answered := _sound([outgoing.in_reply_to or ""]):
        found.append(f"In-Reply-To: <{answered[0]}>")
    if ids:
        kept = ids if len(ids) <= MOST_REFERENCES else [ids[0], *ids[1 - MOST_REFERENCES :]]
        found.append("References: " + "\r\n ".join(f"<{each}>" for each in kept))
    if outgoing.automatic:
        found += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]
    return found


def _sound(ids: list[str]) -> list[str]:
    """Return the ids that can be written, each once, at its last place."""
    bare = [each.strip().removeprefix("<").removesuffix(">") for each in ids]
    sound = [each for each in bare if _SOUND_ID.fullmatch(each)]
    return list(reversed(dict.fromkeys(reversed(sound))))


def _sendable(address: str) -> str:
    found = normalised(address)
    if found is None or not found.isascii() or not found.isprintable():
        raise ValueError("no mail can be sent to or from this address")
    return found


def _mailbox(address: Address) -> str:
    name, bare = line(address.name, LONGEST_NAME), _sendable(address.address)
    if not name:
        return bare
    if _PLAIN_NAME.fullmatch(name) and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"\r\n <{bare}>'
    return f"{_encoded(name)}\r\n <{bare}>"


def _encoded(text: str) -> str:
    """Return a line as it may stand in a header: in encoded words unless it is short and plain."""
    if text.isascii() and "=?" not in text:
        return _folded(text)
    words, word = [], ""
    for character in text:
        if len((word + character).encode()) > 36:
            words.append(word)
            word = ""
        word += character
    coded = [b64encode(each.encode()).decode() for each in [*words, word]]
    return "\r\n ".join(f"=?utf-8?B?{each}?=" for each in coded)


def _folded(text: str) -> str:
    """Fold a line at its blanks, so that no line is longer than servers take."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) > 60:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _introduced(said: Said) -> str:
    author = line(said.author, LONGEST_NAME)
    return f"On {said.at.astimezone(UTC):%d %B %Y at %H:%M} UTC, {author} wrote:"


def _shortened(said: Said) -> list[str]:
    text = plain(said.text)
    lines = text[:LONGEST_SAID].split("\n")
    cut = len(text) > LONGEST_SAID or len(lines) > MOST_SAID_LINES
    return [*lines[:MOST_SAID_LINES], *(["[...]"] if cut else [])]


def _quoted(said: Said) -> str:
    return "\n".join([_introduced(said), *(f"> {each}".rstrip() for each in _shortened(said))])


def _html(text: str, earlier: tuple[Said, ...]) -> str:
    quotes = "".join(
        f"<p>{html.escape(_introduced(each))}</p>\n"
        f"<blockquote>{_lines('\n'.join(_shortened(each)))}</blockquote>\n"
        for each in earlier
    )
    paragraphs = "".join(f"<p>{_lines(each)}</p>\n" for each in re.split(r"\n{2,}+", text))
    return f"<!DOCTYPE html>\n<html><body>\n{paragraphs}{quotes}</body></html>\n"


def _lines(text: str) -> str:
    """Return a text as HTML in which its links can be clicked."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        link = found[0].rstrip(".,;:!?)]}")
        shown = html.escape(link)
        parts += [
            html.escape(text[end : found.start()]),
            f'<a href="{shown}" rel="noopener noreferrer nofollow">{shown}</a>',
        ]
        end = found.start() + len(link)
    parts.append(html.escape(text[end:]))
    return "".join(parts).replace("\n", "<br>\n")

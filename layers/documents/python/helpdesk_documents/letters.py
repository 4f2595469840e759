"""Mails that are attached as files: what they say, and what is attached to them."""

import email
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message

from helpdesk_documents import markup, plain
from helpdesk_documents.bounds import MAIL_DEPTH, MAIL_PARTS
from helpdesk_documents.result import EnoughError, Found, Gathered, Reason, RefusedError

_SHOWN = ("From", "To", "Date", "Subject")
_LONGEST_HEADER = 16 * 1024


def read(data: bytes) -> Found:
    """Return the headers that people read, the text, and the names of the attached files.

    The text of mails in the mail is read too, to a depth of MAIL_DEPTH.
    """
    try:
        message = email.message_from_bytes(data)
    except RecursionError as error:
        raise RefusedError(Reason.TOO_DEEP) from error
    gathered = Gathered()
    try:
        _add(gathered, message, 0)
    except EnoughError:
        return Found(gathered.text, cut=True)
    return Found(gathered.text)


def _add(gathered: Gathered, message: Message, depth: int) -> None:
    for name in _SHOWN:
        if value := _header(message, name):
            gathered.add(f"{name}: {value}\n")
    gathered.add("\n")
    names: list[str] = []
    inner: list[Message] = []
    for part in _parts(message):
        if part.get_content_type() == "message/rfc822":
            inner += _mails(part)
        elif part.get_content_disposition() == "attachment" or part.get_filename():
            names.append(_decoded(part.get_filename() or "?"))
        elif part.get_content_maintype() == "text":
            gathered.add(_text(part) + "\n")
    for name in names:
        gathered.add(f"[{name}]\n")
    for each in inner:
        if depth < MAIL_DEPTH:
            gathered.add("\n")
            _add(gathered, each, depth + 1)


def _mails(part: Message) -> list[Message]:
    payload = part.get_payload()
    return (
        [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    )


def _parts(message: Message) -> Iterator[Message]:
    """Yield the leaves and the inner mails. Of alternatives the plain one, if it says anything."""
    waiting, seen = [message], 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen > MAIL_PARTS:
            raise EnoughError
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" or not isinstance(payload, list):
            yield part
            continue
        inner = [each for each in payload if isinstance(each, Message)]
        if part.get_content_subtype() == "alternative":
            plain_one = (p for p in inner if p.get_content_type() == "text/plain")
            inner = [p for p in plain_one if _text(p).strip()][:1] or inner[-1:]
        waiting += reversed(inner)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    text = plain.decode(payload, part.get_content_charset())
    return markup.text_of(text).text if part.get_content_subtype() == "html" else text


def _header(message: Message, name: str) -> str:
    return _decoded(str(message.get(name, "")))


def _decoded(value: str) -> str:
    # The parser keeps bytes that are no ASCII as half characters.
    raw = value[:_LONGEST_HEADER].encode("utf-8", "surrogateescape")
    readable = plain.decode(raw)
    try:
        return " ".join(str(make_header(decode_header(readable))).split())
    except (LookupError, ValueError):
        return readable

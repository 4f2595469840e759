"""Mails that are attached as files: what they say, and what is attached to them.

They are taken apart by what takes the desk's own mails apart.
"""

from helpdesk.mime import bodies, headers, structure
from helpdesk.mime.mending import mended
from helpdesk.mime.model import FaultKind
from helpdesk.unread import Why

from helpdesk_documents.bounds import MAIL_DEPTH
from helpdesk_documents.plain import guessed
from helpdesk_documents.result import EnoughError, Found, Gathered, RefusedError

_SHOWN = ("From", "To", "Date", "Subject")
_LEFT_OUT = frozenset({FaultKind.TOO_DEEP, FaultKind.TOO_MANY_PARTS, FaultKind.TEXT_CUT})


def read(data: bytes) -> Found:
    """Return the headers that people read, the text, and the names of the attached files.

    The text of mails in the mail is read too, to a depth of MAIL_DEPTH.
    """
    gathered = Gathered()
    try:
        cut = _add(gathered, data, 0)
    except EnoughError:
        cut = True
    return Found(gathered.text, cut=cut)


def _add(gathered: Gathered, data: bytes, depth: int) -> bool:
    """Add what a mail says; return whether something of it was left out."""
    try:
        mail = structure.take_apart(mended(data))
    except structure.TooManyError:
        _add_head(gathered, structure.head(data))
        return True
    body = bodies.read_body(mail, guessed)
    faults = {fault.kind for fault in body.faults}
    if FaultKind.TOO_DEEP in faults and not depth and not body.text:
        raise RefusedError(Why.TOO_DEEP)
    _add_head(gathered, structure.headers_of(mail))
    gathered.add(f"{body.text}\n")
    inner = [file for file in body.files if file.type == structure.FORWARDED]
    for file in body.files:
        if file not in inner:
            gathered.add(f"[{file.name}]\n")
    cut = bool(faults & _LEFT_OUT)
    for file in inner if depth < MAIL_DEPTH else ():
        gathered.add("\n")
        cut |= _add(gathered, file.data, depth + 1)
    return cut


def _add_head(gathered: Gathered, found: headers.Headers) -> None:
    for name in _SHOWN:
        if said := headers.line(headers.decoded(found.first(name.lower()) or ""), headers.LONGEST):
            gathered.add(f"{name}: {said}\n")
    gathered.add("\n")

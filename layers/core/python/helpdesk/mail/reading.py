"""Any bytes to a mail: what cannot be read is named, and nothing makes it fail. Pure."""

from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from helpdesk.mail import trust
from helpdesk.mail.addresses import Address, NoSender, normalised, read_addresses, sender
from helpdesk.mail.loops import automatic
from helpdesk.mail.model import Mail
from helpdesk.mime import bodies, structure
from helpdesk.mime.charsets import Detect, unguessed
from helpdesk.mime.headers import (
    MOST,
    Headers,
    decoded,
    kind,
    line,
    message_ids,
    parameter,
    parameters,
)
from helpdesk.mime.mending import mended
from helpdesk.mime.model import Fault, FaultKind
from helpdesk.mime.structure import TooManyError

LONGEST_SUBJECT = 1_000

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")


def read(raw: bytes, *, detect: Detect = unguessed, mailboxes: Collection[str] = ()) -> Mail:
    """Return what any bytes say as a mail.

    `detect` guesses the charset of a text that is in none that could be expected. `mailboxes` are
    the desk's own addresses: no machine answers what comes from one. What cannot be read is named
    in the mail's faults; if it cannot even be taken apart, the headers alone are read.
    """
    try:
        whole = mended(raw)
        root = structure.take_apart(whole)
        body = bodies.read_body(root, detect)
        if body.files and whole is not raw:
            as_sent = bodies.read_body(structure.take_apart(raw), detect)
            body = bodies.without_hidden_files(body, as_sent)
        headers = structure.headers_of(root)
    except TooManyError as error:
        body = bodies.Body(faults=[Fault(FaultKind.TOO_MANY_PARTS, str(error))])
        headers = structure.head(raw)
    except Exception as error:  # every mail becomes a ticket
        body = bodies.Body(faults=[Fault(FaultKind.UNREADABLE, type(error).__name__)])
        headers = structure.head(raw)
    return _mail(headers, body, mailboxes)


def _mail(headers: Headers, body: bodies.Body, mailboxes: Collection[str]) -> Mail:
    found = _sender(headers)
    author = found if isinstance(found, Address) else None
    to, cc = read_addresses(headers.all("to")), read_addresses(headers.all("cc"))
    content = headers.first("content-type")
    ids = message_ids(headers.first("message-id"))
    return Mail(
        sender=author,
        to=to,
        cc=cc,
        recipients=_recipients(headers, (*to, *cc)),
        subject=line(decoded(headers.first("subject") or ""), LONGEST_SUBJECT),
        message_id=ids[0] if ids else None,
        in_reply_to=message_ids(headers.first("in-reply-to")),
        references=message_ids(headers.first("references")),
        date=_date(headers.first("date")),
        text=body.text,
        html_only=body.html_only,
        attachments=body.files,
        withheld=body.withheld,
        report=_report(content) if kind(content) == "multipart/report" else None,
        automatic=automatic(headers, author, mailboxes),
        verdicts=trust.verdicts(headers),
        faults=(*_head_faults(headers, found), *body.faults),
        headers=headers,
    )


def _sender(headers: Headers) -> Address | NoSender:
    """Return the one sender; a list that is not read to its end may hold more than one."""
    whole = len(headers.lines) < MOST and "from" not in headers.cut
    return sender(headers.all("from")) if whole else NoSender.INVALID


def _head_faults(headers: Headers, found: Address | NoSender) -> list[Fault]:
    faults = [Fault(FaultKind.HEADER_CUT, line(name, 100)) for name in sorted(headers.cut)][:20]
    if len(headers.lines) == MOST:
        faults.append(Fault(FaultKind.HEADERS_CUT, f"the first {MOST} headers are read"))
    if isinstance(found, NoSender):
        faults.insert(0, Fault(FaultKind.NO_SENDER, found.value))
    return faults


def _recipients(headers: Headers, named: tuple[Address, ...]) -> tuple[str, ...]:
    """Return every address the mail came to, that of the receiving server first."""
    taken_for = normalised(trust.received_for(headers) or "")
    noted = [value for name in _DELIVERED for value in headers.all(name)]
    found = [taken_for, *(each.address for each in (*named, *read_addresses(noted)))]
    return tuple(dict.fromkeys(each for each in found if each))


def _report(content: str | None) -> str:
    return line(parameter(parameters(content), "report-type") or "", 100).lower()


def _date(value: str | None) -> datetime | None:
    """Return the moment a mail names; many name none, or one that no calendar has."""
    try:
        said = parsedate_to_datetime((value or "")[:100])
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

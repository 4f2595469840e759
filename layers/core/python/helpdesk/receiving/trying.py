"""Test mails: a lead puts a mail where those of customers come in, and sees what becomes of it.

From there on it goes the way of every mail: it becomes a ticket, and the reply leaves. That a lead
put it there is told by the name of its object, which no sender can choose. Pure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from typing import Literal

from helpdesk import characters
from helpdesk.mail import Delivery, normalised, received_block
from helpdesk.ports import NotFoundError
from helpdesk.receiving.ports import Mailbox
from helpdesk.ticket import Agent, NotAllowedError, TextError, check_text

MARK = "X-Helpdesk-Test"
"""The header of a test mail."""

TRIAL = "inbound/test-"
"""What the keys of test mails begin with. Leads may store objects under such keys only."""

LARGEST = 10_000_000
"""Bytes of a test mail with its file."""

LONGEST_SUBJECT = 500

_NAME = re.compile(r"test-[0-9a-f]{32}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file to send with a test mail, of the type that is said of it."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a lead writes as a customer would; `recipient` is the desk's address if it is empty."""

    sender: str
    recipient: str
    subject: str
    text: str
    file: Enclosed | None = None


class Fate(StrEnum):
    """What became of a test mail; `none` is one that was taken and is on no ticket."""

    WAITS = "waits"
    TICKET = "ticket"
    HELD = "held"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test mail by the name of its object, and the ticket that it came to, if it did."""

    name: str
    fate: Fate
    ticket_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """An agent who sends test mails; only leads may.

    `address` is the desk's own. `store` keeps an object by its name below `inbound/`; `new_name`
    gives 32 random hexadecimal digits.
    """

    agent: Agent
    address: str
    shelf: Mailbox
    store: Callable[[str, bytes], object]
    new_name: Callable[[], str]
    clock: Callable[[], datetime]

    def write(self, draft: Draft) -> Trial:
        """Send what a lead wrote. Raises NotAllowedError, or TextError for what no mail has."""
        return self._put(*self._composed(draft))

    def send(self, content: bytes, *, recipient: str = "") -> Trial:
        """Send a mail byte for byte as it is. Raises NotAllowedError, or TextError if it is large.

        No server has checked it, and so its sender is not proven.
        """
        return self._put(content, recipient or self.address)

    def of(self, name: str) -> Trial:
        """Return what became of a test mail. Raises NotFoundError for what is no name of one."""
        if not _NAME.fullmatch(name):
            raise NotFoundError(f"{name} is no test mail")
        key = f"inbound/{name}"
        if ticket_id := self.shelf.placed(key):
            return Trial(name=name, fate=Fate.TICKET, ticket_id=ticket_id)
        if self.shelf.held_as(key):
            return Trial(name=name, fate=Fate.HELD)
        fate = Fate.NONE if self.shelf.taken(key) else Fate.WAITS
        return Trial(name=name, fate=fate)

    def _put(self, content: bytes, recipient: str) -> Trial:
        if not self.agent.leads:
            raise NotAllowedError(f"only leads send test mails; {self.agent.name} is not a lead")
        if len(content) > LARGEST:
            raise TextError("a test mail has 10 MB at most, with its file")
        name = f"test-{self.new_name()}"
        delivery = Delivery(
            id=name,
            sender=None,
            recipient=_address(recipient, "to"),
            client="console",
            helo="console",
            at=self.clock(),
        )
        mark = f"{MARK}: yes\r\n".encode()
        self.store(name, received_block(delivery) + mark + content)
        return Trial(name=name, fate=Fate.WAITS)

    def _composed(self, draft: Draft) -> tuple[bytes, str]:
        sender = _address(draft.sender, "from")
        recipient = _address(draft.recipient or self.address, "to")
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = sender, recipient
        mail["Subject"] = characters.headline(draft.subject, LONGEST_SUBJECT)
        mail["Date"] = format_datetime(self.clock())
        mail["Message-ID"] = f"<{self.new_name()}@{sender.rpartition('@')[2]}>"
        mail.set_content(check_text(draft.text))
        if (file := draft.file) is not None:
            kind, _, detail = _type(file.media_type).partition("/")
            name = characters.headline(file.name, LONGEST_SUBJECT)
            mail.add_attachment(file.data, maintype=kind, subtype=detail, filename=name)
        return mail.as_bytes(), recipient


def is_trial(key: str) -> bool:
    """Tell whether the object with a key holds a test mail."""
    return key.startswith(TRIAL)


def _address(text: str, which: Literal["from", "to"]) -> str:
    found = normalised(text)
    if found is None or not found.isascii():
        raise TextError(f"{which}: {text!r} is no e-mail address of ASCII letters")
    return found


def _type(said: str) -> str:
    """Return a media type; what is none, or would need parts of its own, is any bytes."""
    plain = said.partition(";")[0].strip().lower()
    whole = _TYPE.fullmatch(plain) and not plain.startswith(("multipart/", "message/"))
    return plain if whole else "application/octet-stream"

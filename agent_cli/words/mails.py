"""What is said of mails: those in quarantine, and those that left for a folder."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self

from helpdesk.figures import Mail
from helpdesk.receiving import Fate, Held, Original, Trial

INBOUND = "inbound/"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """A mail in quarantine; `name` is that of the object that holds it."""

    name: str
    at: datetime
    expires_at: datetime
    sender: str | None
    subject: str

    @classmethod
    def of(cls, held: Held) -> Self:
        """Return the view of a mail in quarantine."""
        return cls(
            name=held.key.removeprefix(INBOUND),
            at=held.at,
            expires_at=held.expires_at,
            sender=held.sender,
            subject=held.subject,
        )


_FATES = {
    Fate.WAITS: "not taken yet; it takes some seconds",
    Fate.TICKET: "it came to a ticket",
    Fate.HELD: "it is held in quarantine as spam",
    Fate.NONE: "it was taken, and it is on no ticket: it reports a mail that did not arrive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A test mail: what became of it so far, and the ticket that it came to, if it did."""

    name: str
    fate: Fate
    ticket: str | None

    @property
    def told(self) -> str:
        """What became of it, in words."""
        return _FATES[self.fate]

    @classmethod
    def of(cls, trial: Trial) -> Self:
        """Return the view of a test mail."""
        return cls(name=trial.name, fate=trial.fate, ticket=trial.ticket_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalView:
    """A mail of a ticket as it came; `message` is None if it became a note. `saved` says where."""

    number: int
    message: int | None
    sender: str | None
    subject: str
    saved: str | None = None

    @classmethod
    def of(cls, number: int, original: Original, saved: str | None = None) -> Self:
        """Return the view of a mail, by its place on its ticket."""
        return cls(
            number=number,
            message=original.message,
            sender=original.sender,
            subject=original.subject,
            saved=saved,
        )

    @property
    def became(self) -> str:
        """What the mail became, in words."""
        return f"message {self.message}" if self.message else "a note"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentView:
    """A mail that left; `number` is that of its file, `text` what its reader sees first."""

    number: int
    at: datetime | None
    sender: str
    to: str
    return_path: str
    reply_to: str | None
    subject: str
    message_id: str | None
    in_reply_to: str | None
    automatic: bool
    text: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the view of a mail in a file."""
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        at = mail["Date"]
        return cls(
            number=int(path.stem),
            at=parsedate_to_datetime(str(at)) if at else None,
            sender=str(mail["From"] or ""),
            to=str(mail["X-Envelope-To"] or mail["To"] or ""),
            return_path=str(mail["X-Envelope-From"] or ""),
            reply_to=_said(mail["Reply-To"]),
            subject=str(mail["Subject"] or ""),
            message_id=_said(mail["Message-ID"]),
            in_reply_to=_said(mail["In-Reply-To"]),
            automatic=mail["Auto-Submitted"] is not None,
            text="\n".join(str(body.get_content()).splitlines()) if body else "",
        )


def counted(mail: Mail) -> str:
    """Return how many mails came in, in few words."""
    return f"{mail.processed} processed, {mail.failed} attempts failed"


def sent(folder: Path) -> list[SentView]:
    """Return the mails in a folder, the newest first."""
    files = (each for each in folder.glob("*.eml") if each.stem.isdecimal())
    return [SentView.of(each) for each in sorted(files, key=_number, reverse=True)]


def _number(path: Path) -> int:
    return int(path.stem)


def _said(value: object) -> str | None:
    return None if value is None else str(value)

"""The use case of the courier: post a notice once, mark it, or keep it for a later attempt.

The mark is set after the posting: a courier that dies between the two posts again, with the same
id, by which receivers know it. A notice with its mark is never posted again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from helpdesk.mail import Address, Outgoing, compose
from helpdesk.notifying.content import Content, Shows, content, sample
from helpdesk.notifying.notices import Channel, Notice, message
from helpdesk.notifying.ports import GoneError, LaterError, Notices, Post, RefusedError
from helpdesk.notifying.posts import Request
from helpdesk.notifying.rules import still_overdue
from helpdesk.notifying.verdicts import ATTEMPTS, Reply, judge, pause
from helpdesk.outbox import RefusedError as MailRefusedError
from helpdesk.outbox import Sender, UnavailableError
from helpdesk.ports import Tickets
from helpdesk.ticket import Ticket

OFF, GONE, SETTLED = "channel is off", "its receiver is gone", "no longer overdue"
"""Why a notice stays here."""


class Outcome(StrEnum):
    """What became of a notice at this attempt."""

    SENT = "sent"
    SILENT = "silent"
    SWITCHED_OFF = "switched_off"
    REFUSED = "refused"
    ALREADY = "already"
    GONE = "gone"


class AgainError(Exception):
    """The notice did not leave at this attempt; the next one is `after` from now."""

    def __init__(self, why: str, after: timedelta) -> None:
        super().__init__(why)
        self.after = after


class Wire(Protocol):
    """Posts to the world."""

    def post(self, request: Request) -> Reply:
        """Post and return the answer. Raises RefusedError or LaterError."""


class Kind(Protocol):
    """A kind of channel that takes requests."""

    def request(self, content: Content, *, message_id: str, now: datetime) -> Request:
        """Return what is posted. Raises RefusedError."""

    @property
    def url(self) -> str:
        """What names the receiver."""


@dataclass(frozen=True, slots=True)
class ByRequest:
    """A channel that takes requests."""

    kind: Kind
    wire: Wire

    @property
    def place(self) -> str:
        """A digest of the receiver's address."""
        return digest(self.kind.url)

    def post(self, content: Content, *, message_id: str, now: datetime) -> None:
        """Post a notification. Raises RefusedError, GoneError or LaterError."""
        judge(self.wire.post(self.kind.request(content, message_id=message_id, now=now)), now)


@dataclass(frozen=True, slots=True)
class ByMail:
    """Mails from the desk's mailbox to a lead. No machine answers them."""

    sender: Sender
    mailbox: Address
    to: str

    @property
    def place(self) -> str:
        """A digest of the lead's address."""
        return digest(self.to)

    def post(self, content: Content, *, message_id: str, now: datetime) -> None:  # noqa: ARG002 -- the moment is the notification's, so that a second copy is the first
        """Send a notification. Raises RefusedError or LaterError."""
        mail = Outgoing(
            sender=self.mailbox,
            to=Address(self.to),
            reply_to=self.mailbox.address,
            subject=content.title,
            text="\n".join(content.lines),
            at=content.at,
            message_id=f"{message_id}@{self.mailbox.address.rpartition('@')[2]}",
            automatic=True,
            answers=False,
        )
        try:
            self.sender.send(compose(mail), return_path=self.mailbox.address, to=self.to)
        except (ValueError, MailRefusedError) as error:
            raise RefusedError(str(error)) from error
        except UnavailableError as error:
            raise LaterError(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """Posts notices to the channels that are on; `bury` makes a dead letter of a message.

    `shows` says what of a customer is shown, `page` is the address of a ticket's page.
    """

    notices: Notices
    tickets: Tickets
    posts: Mapping[Channel, Post]
    bury: Callable[[str], None]
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    shows: Shows = field(default_factory=Shows)
    page: str = ""

    def deliver(self, notice_id: str, attempt: int) -> Outcome:
        """Post a notice if it has no mark yet, and mark it.

        `attempt` counts how often the queue brought it. What the receiver refuses, and what the
        last attempt did not bring, becomes a dead letter. Raises AgainError if it must wait,
        ConflictError while another courier has it, and ValueError for a text that names no notice.
        """
        notice = self.notices.notice(notice_id)
        if notice is None:
            return Outcome.GONE
        if notice.ended_at:
            return Outcome.ALREADY
        notice = self.notices.begin(notice, self.clock())
        if (said := self.tickets.conversation(notice.ticket_id)) is None:
            return Outcome.GONE
        post = self.posts.get(notice.channel)
        if post is None:
            return self._silent(notice, OFF)
        if why := self._why_silent(notice, post, said.ticket):
            return self._silent(notice, why)
        return self._post(notice, post, content(notice, said, self.shows, self.page), attempt)

    def _why_silent(self, notice: Notice, post: Post, now: Ticket) -> str | None:
        if self.notices.record(notice.channel).is_off(post.place):
            return GONE
        return SETTLED if notice.due_at and not still_overdue(notice, now) else None

    def _post(self, notice: Notice, post: Post, says: Content, attempt: int) -> Outcome:
        try:
            post.post(says, message_id=notice.id, now=self.clock())
        except GoneError:
            self.notices.switch_off(notice.channel, post.place, self.clock())
            self._silent(notice, GONE)
            return Outcome.SWITCHED_OFF
        except RefusedError as error:
            return self._fails(notice, str(error))
        except LaterError as error:
            if attempt >= ATTEMPTS:
                why = f"no attempt of {ATTEMPTS} succeeded; at last {error}"
                return self._fails(notice, why)
            after = pause(attempt, error.after, self.jitter())
            self.notices.put_off(notice, self.clock() + after)
            raise AgainError(str(error), after) from error
        done = replace(notice, sent_at=self.clock(), failed=None, ended_at=self.clock())
        self.notices.end(done)
        return Outcome.SENT

    def _silent(self, notice: Notice, why: str) -> Outcome:
        self.notices.end(replace(notice, silent=why, ended_at=self.clock()))
        return Outcome.SILENT

    def _fails(self, notice: Notice, why: str) -> Outcome:
        self.notices.fail(replace(notice, failed=why), self.clock())
        self.bury(message(notice.id))
        return Outcome.REFUSED


def tried(post: Post | None, *, message_id: str, now: datetime, page: str = "") -> str | None:
    """Post a sample at once; return why it was not taken, or None if it was."""
    if post is None:
        return OFF
    try:
        post.post(sample(now, page), message_id=message_id, now=now)
    except GoneError:
        return GONE
    except (RefusedError, LaterError) as error:
        return str(error)
    return None


def digest(text: str) -> str:
    """Return a digest that names a receiver without saying where it is."""
    return sha256(text.encode()).hexdigest()[:16]

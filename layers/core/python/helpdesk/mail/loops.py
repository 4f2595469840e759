"""Whether a machine wrote a mail, and whether the desk may answer it by itself. Pure.

Two machines that answer each other never stop. The signs are those of RFC 3834 and of the habits
of mail servers. A sign that is wrong only costs an automatic answer: people still read the mail.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.mail.addresses import Address, is_own
from helpdesk.mail.trust import RETURN_PATH, Standing
from helpdesk.mime.headers import Headers, kind

A_TICKET, A_SENDER_A_DAY = 1, 3
"""How many automatic mails a ticket gets at most, and a sender in a day."""

ROBOTS = frozenset(
    {"mailer-daemon", "mailerdaemon", "postmaster", "noreply", "donotreply", "bounce", "bounces"}
)
"""What is before the @ in addresses that no person reads, without dots, dashes and plus parts."""


class Sign(StrEnum):
    """What shows that a mail must not be answered by a machine."""

    NULL_RETURN_PATH = "null_return_path"
    AUTO_SUBMITTED = "auto_submitted"
    AUTO_REPLY = "auto_reply"
    REPORT = "report"
    PRECEDENCE = "precedence"
    LIST = "list"
    SUPPRESSED = "suppressed"
    ROBOT = "robot"
    OURS = "ours"
    FREQUENT = "frequent"


@dataclass(frozen=True, slots=True)
class Automatic:
    """A mail that no machine may answer; `detail` is what the sign says."""

    sign: Sign
    detail: str = ""

    @property
    def by_machine(self) -> bool:
        """Whether a machine wrote it. People also write with the other signs, as to lists."""
        return self.sign in {
            Sign.NULL_RETURN_PATH,
            Sign.AUTO_SUBMITTED,
            Sign.AUTO_REPLY,
            Sign.REPORT,
        }


class Silence(StrEnum):
    """Why the desk does not answer by itself."""

    NO_SENDER = "no_sender"
    INFECTED = "infected"
    SPAM = "spam"
    AUTOMATIC = "automatic"
    UNPROVEN = "unproven"
    TICKET_HAS_ONE = "ticket_has_one"
    SENDER_HAS_SEVERAL = "sender_has_several"


def automatic(
    headers: Headers, sender: Address | None, mailboxes: Collection[str] = ()
) -> Automatic | None:
    """Return the first sign that no machine may answer; `mailboxes` are the desk's own."""
    return _by_machine(headers) or _by_habit(headers) or _by_sender(sender, mailboxes)


def _by_machine(headers: Headers) -> Automatic | None:
    if any(value.replace(" ", "") == "<>" for value in headers.all(RETURN_PATH)):
        return Automatic(Sign.NULL_RETURN_PATH)
    for value in headers.all("auto-submitted"):
        if kind(value) not in {"no", ""}:
            return Automatic(Sign.AUTO_SUBMITTED, kind(value)[:100])
    if headers.has("x-autoreply", "x-autorespond", "x-auto-reply"):
        return Automatic(Sign.AUTO_REPLY)
    if any(kind(value) == "multipart/report" for value in headers.all("content-type")):
        return Automatic(Sign.REPORT)
    return None


def _by_habit(headers: Headers) -> Automatic | None:
    for value in headers.all("precedence"):
        if (said := value.strip().lower()) in {"bulk", "list", "junk", "auto_reply", "auto-reply"}:
            return Automatic(Sign.PRECEDENCE, said)
    for name, _ in headers.lines:
        if name in {"list-id", "list-unsubscribe", "list-post", "list-help", "list-owner"}:
            return Automatic(Sign.LIST, name)
    for value in headers.all("x-auto-response-suppress"):
        words = {each.strip().lower() for each in value.split(",")}
        if words & {"all", "autoreply", "oof", "dr"}:
            return Automatic(Sign.SUPPRESSED, value[:100])
    return None


def _by_sender(sender: Address | None, mailboxes: Collection[str]) -> Automatic | None:
    if sender is None:
        return None
    local = sender.address.partition("@")[0]
    plain = local.partition("+")[0]
    if ROBOTS & {plain, plain.translate(_NO_MARKS), plain.partition("-")[0].strip("_.")}:
        return Automatic(Sign.ROBOT, local)
    return Automatic(Sign.OURS, sender.address) if is_own(sender.address, mailboxes) else None


_NO_MARKS = str.maketrans("", "", "-_.")


def silence(
    found: Automatic | None,
    standing: Standing,
    sender: Address | None,
    *,
    on_ticket: int,
    to_sender_today: int,
    personal: bool = True,
) -> Silence | None:
    """Return why the desk must not answer a mail by itself, or None if it may.

    `on_ticket` and `to_sender_today` count the automatic mails so far. A `personal` answer tells
    something of a customer, which a sender who is not proven must not read.
    """
    if sender is None:
        return Silence.NO_SENDER
    if standing in {Standing.INFECTED, Standing.SPAM}:
        return Silence(standing.value)
    if found:
        return Silence.AUTOMATIC
    if personal and standing is not Standing.PROVEN:
        return Silence.UNPROVEN
    if on_ticket >= A_TICKET:
        return Silence.TICKET_HAS_ONE
    return Silence.SENDER_HAS_SEVERAL if to_sender_today >= A_SENDER_A_DAY else None


def may_answer(
    found: Automatic | None,
    standing: Standing,
    sender: Address | None,
    *,
    on_ticket: int,
    to_sender_today: int,
    personal: bool = True,
) -> bool:
    """Tell whether the desk may answer a mail by itself; see `silence`."""
    said = silence(
        found,
        standing,
        sender,
        on_ticket=on_ticket,
        to_sender_today=to_sender_today,
        personal=personal,
    )
    return said is None

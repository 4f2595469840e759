"""What one channel is to hear of one move of a ticket. Pure."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.knowledge import Priority


class Channel(StrEnum):
    """Where leads hear of tickets."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    TELEGRAM = "telegram"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notification of one channel: what the ticket was after the event `number`.

    `rules` are the names of the rules that hold since then. `said` is how many messages the ticket
    had. One with `due_at` is told at that moment, if the ticket still waits. `silent` says why it
    never leaves, `failed` why it could not be sent. With `ended_at` nothing is left to be done.
    """

    ticket_id: str
    number: int
    channel: Channel
    rules: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    priority: Priority
    subject: str
    said: int
    category: str | None = None
    sentiment: float | None = None
    confidence: float | None = None
    level: int = 0
    legal: bool = False
    compensation: bool = False
    due_at: datetime | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    silent: str | None = None
    failed: str | None = None
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The id of the notice, the same at every attempt; it has no full stop, as receivers ask.

        What is told at once and what may be told later have different ids.
        """
        return notice_id(self.ticket_id, self.number, self.channel, later=self.due_at is not None)

    @property
    def waits(self) -> bool:
        """Whether the clock looks after it."""
        return self.ended_at is None and self.failed is None


_ID = re.compile(rf"([0-9a-z]{{16}})-([1-9][0-9]{{0,5}})-({'|'.join(Channel)})(-later)?")


def notice_id(ticket_id: str, number: int, channel: Channel, *, later: bool = False) -> str:
    """Return the id of what a channel hears of a ticket's event."""
    return f"{ticket_id}-{number}-{channel}{'-later' if later else ''}"


def named(notice: str) -> tuple[str, int, Channel, bool] | None:
    """Return what the id of a notice names: ticket, event, channel, and whether it is for later.

    Returns None for any other text.
    """
    found = _ID.fullmatch(notice)
    return (found[1], int(found[2]), Channel(found[3]), bool(found[4])) if found else None


def message(notice: str) -> str:
    """Return the queue message that names a notice. It never has its text."""
    return json.dumps({"notice": notice})


def read_message(body: str) -> str:
    """Return the notice that a queue message names. Raises ValueError for any other message."""
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
        if isinstance(said, dict) and said.keys() == {"notice"}:
            notice = said["notice"]
            if isinstance(notice, str) and named(notice):
                return notice
    raise ValueError("this is no message that names a notice")

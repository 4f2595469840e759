"""Conversations that go on: what is kept of them, which of their messages are one turn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.assisting.model import Talked
from helpdesk.ticket import MAX_TEXT, Customer, CustomerKey, Kind

MOST_MESSAGES = 20
"""Messages of a conversation that are kept and looked at, the latest ones."""

MOST_CHARACTERS = 16_000
"""Characters of them in all."""

EPISODE = timedelta(days=7)
"""After so long without a message a conversation begins again: what was before decides nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What is kept of a conversation. `version` counts how often it was stored.

    `ticket` is the one that people got of it last.
    """

    id: str
    customer: Customer
    messages: tuple[Talked, ...] = ()
    ticket: str | None = None
    version: int = 0

    @property
    def owners(self) -> tuple[CustomerKey, ...]:
        """Whom it is about: with one of these keys it is erased."""
        return keys_of(self.customer)

    def belongs_to(self, customer: Customer) -> bool:
        """Tell whether it is this customer's: each key that is given is one of its owner's."""
        given = keys_of(customer)
        same = customer.verified == self.customer.verified
        return bool(given) and same and set(given) <= set(self.owners)


class Conversations(Protocol):
    """The conversations of the last weeks."""

    def get(self, conversation_id: str) -> Conversation | None:
        """Return a conversation as it is now."""

    def put(self, conversation: Conversation, now: datetime) -> None:
        """Store the next version of a conversation, which says its own number.

        Raises ConflictError if another one was stored, or if it was erased.
        """


def keys_of(customer: Customer) -> tuple[CustomerKey, ...]:
    """Return the keys of a customer that are no name: many people have the same."""
    return tuple(each for each in customer.keys if each.kind is not Kind.NAME)


def bounded(messages: Sequence[Talked]) -> tuple[Talked, ...]:
    """Return the latest messages, as many as are kept, each as long as a ticket's."""
    found: list[Talked] = []
    room = MOST_CHARACTERS
    for each in reversed(messages[-MOST_MESSAGES:]):
        short = replace(each, text=each.text[:MAX_TEXT])
        room -= len(short.text)
        if room < 0:
            break
        found.append(short)
    return tuple(reversed(found))


def present(messages: Sequence[Talked], now: datetime) -> tuple[Talked, ...]:
    """Return the messages of the present episode: those after the last long silence."""
    later = now
    for number in range(len(messages), 0, -1):
        at = messages[number - 1].at
        if at is not None and later - at > EPISODE:
            return tuple(messages[number:])
        later = at or later
    return tuple(messages)


def turns(messages: Sequence[Talked]) -> tuple[str, str]:
    """Return what the customer said since the last reply, and before it: two texts.

    The second is empty if there was no reply.
    """
    replies = [number for number, each in enumerate(messages) if not each.by_customer]
    if not replies:
        return _said(messages), ""
    last = replies[-1]
    earlier = [
        number for number in replies if number < last and _asks_between(messages, number, last)
    ]
    before = messages[(earlier[-1] + 1 if earlier else 0) : last]
    return _said(messages[last + 1 :]), _said(before)


def _asks_between(messages: Sequence[Talked], first: int, last: int) -> bool:
    return any(each.by_customer for each in messages[first + 1 : last])


def _said(messages: Sequence[Talked]) -> str:
    return "\n".join(each.text for each in messages if each.by_customer)[-MAX_TEXT:]

"""A reply that has not seen the news is refused over every port, also when they come at once."""

from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.agents import Workplace
from helpdesk.ticket import Change, NewsError, State

from tests.fakes import ADA, MORNING, InMemoryArticles, InMemoryQueue
from tests.integration.test_ports import (  # noqa: F401 -- fixtures
    IDS,
    LEASE,
    Ports,
    aws_ports,
    escalated,
    opened,
    ports,
)


class Crossing:
    """The tickets, while the customer writes once between an agent's look and the agent's reply."""

    def __init__(self, tickets: Any) -> None:
        self._tickets = tickets
        self._written = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tickets, name)

    def commit(self, change: Change) -> None:
        if not self._written:
            self._written = True
            self._tickets.commit(ticket.follow_up(change.before, "Found it.", now=MORNING))
        self._tickets.commit(change)


def held(tickets: Any) -> str:
    """Store a ticket that an agent holds, with one message."""
    change = opened(IDS[0])
    tickets.commit(change)
    change = escalated(change.after)
    tickets.commit(change)
    tickets.commit(ticket.claim(change.after, ADA, now=MORNING, length=LEASE))
    return IDS[0]


def workplace(tickets: Any) -> Workplace:
    return Workplace(
        agent=ADA,
        tickets=tickets,
        escalations=InMemoryQueue(lambda: MORNING),
        articles=InMemoryArticles(),
        clock=lambda: MORNING,
    )


def test_news_is_noticed_even_if_it_crosses_the_reply(ports: Ports) -> None:  # noqa: F811
    ticket_id = held(ports.tickets)

    with pytest.raises(NewsError):
        workplace(Crossing(ports.tickets)).reply(ticket_id, "It left today.", seen=1)

    conversation = ports.tickets.conversation(ticket_id)
    assert [message.text for message in conversation.messages][1:] == ["Found it."]
    assert conversation.ticket.state is State.ESCALATED
    assert workplace(ports.tickets).reply(ticket_id, "Fine.", seen=2).state is State.ANSWERED


def test_a_reply_despite_the_news_is_stored_behind_it(ports: Ports) -> None:  # noqa: F811
    ticket_id = held(ports.tickets)

    workplace(Crossing(ports.tickets)).reply(ticket_id, "It left today.")

    conversation = ports.tickets.conversation(ticket_id)
    said = [message.text for message in conversation.messages]
    assert said[1:] == ["Found it.", "It left today."]

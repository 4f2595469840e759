"""Tickets in some situations, for tests of what may happen to them next."""

from datetime import timedelta
from typing import Any

from helpdesk import ticket
from helpdesk.ticket import Change, Customer, Ticket
from helpdesk.triage import Escalate, Reason

from tests.fakes import ADA, MORNING, an_article, an_understanding

LEASE = timedelta(minutes=15)
LATER = MORNING + timedelta(minutes=5)
ARTICLES = (an_article("refund"), an_article("cancel_order"))
UNDERSTOOD = an_understanding(("refund", 0.5), ("cancel_order", 0.45))


def submitted(text: str = "Where is my order?") -> Change:
    return ticket.submit(
        ticket_id="1" * 16,
        text=text,
        customer=Customer(email="ada@example.com"),
        channel="web",
        token_hash="hash",
        now=MORNING,
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )


def received(text: str = "Where is my order?") -> Ticket:
    return submitted(text).after


def settled(decision: Any, of: Ticket | None = None) -> Ticket:
    return ticket.settle(of or received(), UNDERSTOOD, decision, now=MORNING).after


def claimed() -> Ticket:
    return ticket.claim(
        settled(Escalate(Reason.LOW_CONFIDENCE)), ADA, now=MORNING, length=LEASE
    ).after


def asleep() -> Ticket:
    return ticket.snooze(claimed(), ADA, until=MORNING + timedelta(days=1), now=MORNING).after

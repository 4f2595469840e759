"""Tickets in some situations, for tests of what may happen to them next."""

from datetime import timedelta
from typing import Any

from helpdesk import ticket
from helpdesk.drafting import EXTRACTIVE, Cited, Draft, Part
from helpdesk.evidence import Origin
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


def a_draft(
    text: str = "You can return it within 30 days.", version: int = 3, **more: Any
) -> Draft:
    """Return a draft that quotes a version of an article; a move gives it its number."""
    cited = Cited(
        number=1,
        id="article:refund:1",
        version=version,
        origin=Origin.ARTICLE,
        title="Refunds",
        quote=text,
        score=0.8,
    )
    given: dict[str, Any] = {
        "number": 0,
        "basis": 1,
        "at": MORNING,
        "parts": (Part(text=text, rests_on=(1,)),),
        "evidence": (cited,),
        "engine": EXTRACTIVE,
    }
    return Draft(**(given | more))


def handed_over() -> Change:
    """Return the change that hands a ticket to people with a draft."""
    decision = Escalate(Reason.LOW_CONFIDENCE)
    return ticket.with_draft(
        ticket.settle(received(), UNDERSTOOD, decision, now=MORNING), a_draft()
    )


def in_review() -> Ticket:
    """Return a ticket that ADA holds, with a draft that waits."""
    return ticket.claim(handed_over().after, ADA, now=MORNING, length=LEASE).after


def asleep() -> Ticket:
    return ticket.snooze(claimed(), ADA, until=MORNING + timedelta(days=1), now=MORNING).after

"""Tickets that came in over the last year, as the items that the table would hold of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from helpdesk import access, ticket
from helpdesk.customers import Terms
from helpdesk.knowledge import Article
from helpdesk.ticket import Customer
from helpdesk.triage import Answer, Escalate, RankedIntent, Reason, Understanding

from infra.measuring.recorded_items import items_of

TERMS = Terms(token_life=timedelta(days=90), retention=timedelta(days=400))
UNDERSTOOD = Understanding(
    ranking=tuple(RankedIntent(f"intent_{n}", 0.9 / n**3, 0.5) for n in range(1, 6)),
    scope=0.9,
    scope_required=0.5,
    language="en",
    sentiment=0.0,
    entities=(),
    model="0123456789abcdef",
)
ARTICLE = Article(
    intent="intent_1",
    title="Where an order is",
    answer="Follow the link in the mail that said your order was sent. " * 8,
    utterances=("where is my order",),
    category="orders",
    department="orders",
)


def items(tickets: int, now: datetime, *, waiting: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the items of so many tickets, evenly over the year before `now`, each item once.

    All were answered, but for the last ones: so many wait for people.
    """
    for number in range(tickets):
        waits = number >= tickets - waiting
        then = (
            now - timedelta(minutes=30)
            if waits
            else now - (tickets - number) * (timedelta(days=365) / tickets)
        )
        change = ticket.submit(
            ticket_id=f"{number:016}",
            text="Would you sponsor our school team?" if waits else "Where is my order 12345?",
            customer=Customer(email=f"customer{number % 5000}@example.com"),
            channel="web",
            token_hash=access.token_hash("token"),
            now=then,
            token_life=TERMS.token_life,
            retention=TERMS.retention,
        )
        decision = Escalate(Reason.OUT_OF_SCOPE) if waits else Answer(ARTICLE)
        settled = ticket.settle(change.after, UNDERSTOOD, decision, now=then)
        last = {item["sk"]: item for each in (change, settled) for item in items_of(each)}
        yield from last.values()

"""Finding tickets: which ones a query means, and which one an agent should take next."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from helpdesk.agents.ports import TicketLists
from helpdesk.knowledge import Priority
from helpdesk.ticket import Agent, Customer, Listing, Ticket, place

WINDOW = 100
"""How many waiting tickets are looked at for which colleagues are at work, and to choose among."""

SAME_TIME = timedelta(minutes=1)
"""Tickets whose due times are closer than this are equally urgent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which tickets to list. A field that is None does not matter; messages must contain `text`.

    `days` says how far back done tickets are listed, counting today.
    """

    listings: tuple[Listing, ...] = (Listing.ESCALATED,)
    priority: Priority | None = None
    intent: str | None = None
    department: str | None = None
    owner: str | None = None
    customer: str | None = None
    waiting_longer_than: timedelta | None = None
    text: str | None = None
    days: int = 1
    limit: int = 50


def find(query: Query, tickets: TicketLists, now: datetime) -> Iterator[Ticket]:
    """Yield the tickets that match, open ones first due first, done ones newest first."""
    matching = (each for each in _candidates(query, tickets, now) if _matches(each, query, now))
    kept = (each for each in matching if query.text is None or _says(each, query.text, tickets))
    yield from islice(kept, query.limit)


def next_waiting(
    agent: Agent, tickets: TicketLists, now: datetime, *, department: str | None = None
) -> Iterator[Ticket]:
    """Yield the tickets this agent may take, the next first.

    A colleague's ticket is left to that colleague until it is overdue. An agent with departments
    gets tickets of these departments, or of the one `department` that is named. While colleagues
    are at work, tickets that are due at the same time come in random order, so that agents do not
    all try to take the same one.
    """
    listed = iter(tickets.listed(Listing.ESCALATED))
    window = list(islice(listed, WINDOW))
    held = (each.held_by(now) for each in window)
    colleagues = sum(lease is not None and lease.agent != agent.name for lease in held)
    free = list(_free(window, agent, department, now))
    same = [each for each in free if each.urgency.due < free[0].urgency.due + SAME_TIME]
    crowd = same[: 1 + 2 * colleagues]
    yield from random.sample(crowd, len(crowd))
    yield from free[len(crowd) :]
    yield from _free(listed, agent, department, now)


def _free(
    tickets: Iterable[Ticket], agent: Agent, department: str | None, now: datetime
) -> Iterator[Ticket]:
    for each in tickets:
        ours = each.assignee in {None, agent.name} or each.urgency.due < now
        # A guess keeps a ticket from no agent: it may be wrong.
        sure = None if each.matter_guessed else each.department
        serves = each.department == department if department else agent.serves(sure)
        if ours and serves and each.held_by(now) is None:
            yield each


def _candidates(query: Query, tickets: TicketLists, now: datetime) -> Iterator[Ticket]:
    if query.customer:
        for each in tickets.of_customer(Customer.named(query.customer)):
            if place(each).listing in query.listings:
                yield each
        return
    for listing in query.listings:
        if listing.is_open:
            yield from tickets.listed(listing)
            continue
        today = now.astimezone(UTC).date()
        for back in range(query.days):
            yield from tickets.listed(listing, today - timedelta(days=back))


def _matches(found: Ticket, query: Query, now: datetime) -> bool:
    held = found.held_by(now)
    owner = held.agent if held else found.assignee
    ranking = found.understanding.ranking if found.understanding else ()
    since = query.waiting_longer_than
    return (
        (query.priority is None or found.urgency.priority(now) is query.priority)
        and (query.intent is None or bool(ranking and ranking[0].name == query.intent))
        and (query.department is None or found.department == query.department)
        and (query.owner is None or owner == query.owner)
        and (since is None or now - found.urgency.since > since)
    )


def _says(found: Ticket, text: str, tickets: TicketLists) -> bool:
    wanted = text.casefold()
    if wanted in found.subject.casefold():
        return True
    conversation = tickets.conversation(found.id)
    messages = conversation.messages if conversation else ()
    return any(wanted in said.text.casefold() for said in messages)

"""Which ticket an agent should take next. Pure."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from helpdesk.agents.ports import TicketLists
from helpdesk.ticket import Agent, Listing, Ticket

WINDOW = 100
"""How many waiting tickets are looked at for which colleagues are at work, and to choose among."""

SAME_TIME = timedelta(minutes=1)
"""Tickets whose due times are closer than this are equally urgent."""


def next_waiting(
    agent: Agent, tickets: TicketLists, now: datetime, *, department: str | None = None
) -> Iterator[Ticket]:
    """Yield the tickets this agent may take, the next first.

    A colleague's ticket is left to that colleague until it is overdue. An agent with departments
    gets tickets of these departments, or of the one `department` that is named. Levels for leads
    are left to leads. While colleagues
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
        if ours and serves and each.entrusted(agent) and each.held_by(now) is None:
            yield each

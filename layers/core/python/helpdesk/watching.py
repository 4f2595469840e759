"""A look at a ticket that is held back until there is news."""

from collections.abc import Callable, Collection
from datetime import datetime
from itertools import accumulate, chain, repeat

from helpdesk.customers import fetch
from helpdesk.holding import Hold
from helpdesk.ports import NotFoundError, Tickets
from helpdesk.ticket import Conversation, State

BRISK_PAUSE, BRISK_LOOKS, LONGEST_PAUSE = 0.01, 10, 1.0
"""Seconds between the first looks of a customer who waits, how many those are, and seconds between
the last ones. A longer wait costs a function more than the look that it saves."""


def watch(
    ticket_id: str,
    token: str,
    *,
    seen: Collection[int] | None,
    hold: Hold,
    tickets: Tickets,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Conversation:
    """Fetch as soon as there is news, or when the hold is over.

    News is a version that is not in `seen`; for a caller that has seen nothing, anything past
    `received`. Each look is one read, which brings what is returned: eleven in the first tenth of
    a second, when most answers come, and at most 40 in 20 seconds. Only the first look must be up
    to date, which costs twice as much as the others: they wait for what is newer than it. Raises
    NotFoundError as `fetch` does, at once.
    """
    deadline = clock() + hold.first
    growing = accumulate(
        repeat(1.5), lambda pause, by: min(pause * by, LONGEST_PAUSE), initial=BRISK_PAUSE
    )
    pauses = chain(repeat(BRISK_PAUSE, BRISK_LOOKS - 1), growing)
    first = found = fetch(ticket_id, token, tickets=tickets, now=clock())
    now_at = found.ticket
    news = now_at.state is not State.RECEIVED if seen is None else now_at.version not in seen
    while not news:
        if deadline <= (now := clock()):
            deadline += hold.go_on(now)
        if (left := (deadline - now).total_seconds()) <= 0:
            return first
        sleep(min(next(pauses), left))
        try:
            found = fetch(ticket_id, token, tickets=tickets, now=clock(), latest=False)
        except NotFoundError:  # too new for a look that is not up to date, or gone
            found = fetch(ticket_id, token, tickets=tickets, now=clock())
        news = found.ticket.version > first.ticket.version
    hold.end(deadline - (now := clock()), now)
    return found

"""Finding the bonds that older tickets show: those stored before bonds were kept."""

from datetime import UTC, datetime, timedelta

from helpdesk import belonging
from helpdesk.agents.ports import TicketLists
from helpdesk.ticket import Agent, Move, NotAllowedError

DAY = timedelta(days=1)


def gather(since: datetime, until: datetime, *, agent: Agent, tickets: TicketLists) -> int:
    """Store the bonds of the tickets that were submitted in a span; return how many were read.

    It goes from day to day through the index of events and may be run again. Raises
    NotAllowedError.
    """
    if not agent.works:
        raise NotAllowedError(
            f"{agent.name} may read tickets, but may not note which keys belong together"
        )
    looked = 0
    start = since.astimezone(UTC)
    while start < until:
        for each in tickets.happened(start, min(start + DAY, until)):
            found = tickets.get(each.ticket_id) if each.move is Move.SUBMITTED else None
            if found:
                looked += 1
                tickets.bonds.note(belonging.shown_by(found), needed_until=found.expires_at)
        start += DAY
    return looked

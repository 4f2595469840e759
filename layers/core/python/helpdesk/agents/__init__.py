"""What agents do all day: see the waiting tickets, take the next one, answer it.

The tickets table says which ticket is served first: by due time. The escalation queue says that
tickets wait: one message for each waiting ticket. An agent who takes a ticket takes one message.
The message is hidden while the lease lasts; a reply deletes it, a release shows it again. A
message names the ticket it was sent for, but the agent who receives it serves the most urgent
ticket. So an urgent ticket overtakes a thousand ordinary ones on one queue. A lost message does no
harm, because agents find tickets in the table. A surplus message is deleted as soon as its ticket
no longer waits.

    ports       what agents need from outside
    finding     which ticket is next
    query       which tickets a query means
    paging      the tickets of a query, page by page
    cursor      where a list goes on, as a text
    composing   what a reply can be made from
    gathering   the bonds that older tickets show
    signals     the queue's messages, kept in step with the table
    overview    what can be seen
    workplace   what one agent does with tickets that wait
    reviewing   what the agent does with drafts
    arranger    what the agent does to arrange tickets
"""

from helpdesk.agents.arranger import Arranger, Kept, Opening
from helpdesk.agents.composing import PlaceholderError, Suggestion
from helpdesk.agents.cursor import CursorError
from helpdesk.agents.gathering import gather
from helpdesk.agents.overview import Dossier, Overview
from helpdesk.agents.paging import Page, Watch
from helpdesk.agents.ports import (
    Count,
    Entry,
    EscalationQueue,
    Exactness,
    Part,
    Positions,
    Received,
    RepliesAndArticles,
    TicketLists,
)
from helpdesk.agents.query import SEARCHED_DAYS, Query
from helpdesk.agents.reviewing import (
    Changed,
    EvidenceChangedError,
    approve,
    changed_since,
    check_as_it_is,
    dismiss,
)
from helpdesk.agents.signals import LEASE, LEASE_GRACE
from helpdesk.agents.workplace import Workplace

__all__ = [
    "LEASE",
    "LEASE_GRACE",
    "SEARCHED_DAYS",
    "Arranger",
    "Changed",
    "Count",
    "CursorError",
    "Dossier",
    "Entry",
    "EscalationQueue",
    "EvidenceChangedError",
    "Exactness",
    "Kept",
    "Opening",
    "Overview",
    "Page",
    "Part",
    "PlaceholderError",
    "Positions",
    "Query",
    "Received",
    "RepliesAndArticles",
    "Suggestion",
    "TicketLists",
    "Watch",
    "Workplace",
    "approve",
    "changed_since",
    "check_as_it_is",
    "dismiss",
    "gather",
]

"""What agents ask a list of tickets for: the words they choose from, and the query they mean.

The terminal's options and the fields of the console become a query here, so that the same choice
finds the same tickets.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpdesk.agents import Query

STATES = ("received", "asked", "escalated", "snoozed", "answered", "closed")
GROUPS = {"open": STATES[:4], "all": STATES}

PRIORITIES = ("low", "normal", "high", "urgent")

MOST_DAYS = 400
"""How many days back done tickets are listed at most."""

FIELDS = (
    "priority",
    "intent",
    "department",
    "category",
    "level",
    "language",
    "review",
    "channel",
    "tag",
    "owner",
    "waiting_longer_than",
    "since",
    "until",
)
"""What tickets are filtered by: the names in `helpdesk.agents.query.FIELDS`."""

ME = "me"
"""What agents call themselves as an owner."""


class WantedError(ValueError):
    """A choice that cannot be meant; the message says why."""


def query_of(given: Mapping[str, Any], *, agents_name: str) -> "Query":
    """Return the query that a choice means.

    `given` has FIELDS with their values (None for any), `states`, `customer`, `search`,
    `full_text`, `days` (None for what is usual) and `limit`. Raises WantedError.
    """
    from helpdesk.agents import SEARCHED_DAYS, Query
    from helpdesk.knowledge import Priority
    from helpdesk.ticket import Listing

    if given["full_text"] and not given["search"]:
        raise WantedError("there are no words to look for in the messages")
    if given["since"] and given["until"] and given["since"] >= given["until"]:
        raise WantedError("the begin must be before the end")
    wide = given["customer"] or given["search"]
    states = given["states"] or (("all",) if wide else ("escalated",))
    names = {name for state in states for name in GROUPS.get(state, (state,))}
    wanted = {name: given[name] for name in FIELDS}
    if wanted["priority"]:
        wanted["priority"] = Priority(wanted["priority"])
    if wanted["owner"] == ME:
        wanted["owner"] = agents_name
    return Query(
        **wanted,
        listings=tuple(listing for listing in Listing if listing in names),
        customer=given["customer"],
        search=given["search"],
        full_text=given["full_text"],
        days=given["days"] or (SEARCHED_DAYS if given["search"] else 1),
        limit=given["limit"],
    )

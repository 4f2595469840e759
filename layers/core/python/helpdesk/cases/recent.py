"""The recent cases of one customer, and what stores them. Pure."""

from dataclasses import dataclass

from helpdesk.cases.model import Case, Rules

MOST_ROOTS = 20
"""Cases of one customer that are kept: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The recent cases of the customer with this key, oldest first. `version` grows each time.

    Only a ticket that is no duplicate is among them, so a duplicate never points to a duplicate.
    """

    key: str
    version: int = 0
    roots: tuple[Case, ...] = ()


def remembered(recent: Recent, new: Case, rules: Rules) -> Recent:
    """Return the recent cases with a new one, without those that are past the window."""
    since = new.at - rules.window
    kept = [each for each in recent.roots if each.at > since and each.ticket_id != new.ticket_id]
    return Recent(
        key=recent.key, version=recent.version + 1, roots=tuple([*kept, new][-MOST_ROOTS:])
    )

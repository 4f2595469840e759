"""The recent cases of one customer. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.cases.model import Case, Rules

MOST_ROOTS = 20
"""Cases of one customer that are kept: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The recent cases of the customer with this key, oldest first. `version` grows each time.

    It begins at the moment of the first case: what begins again after an erasure has no version of
    before, so a worker that read the erased cases cannot store them again. `before` is the version
    that was read, 0 if there was none.
    From `expires_at` on none of them is of use. Only a ticket that is no duplicate is among them,
    so a duplicate never points to a duplicate.
    """

    key: str
    version: int = 0
    before: int = field(default=0, compare=False)
    roots: tuple[Case, ...] = ()
    expires_at: datetime | None = None


def remembered(recent: Recent, new: Case, rules: Rules) -> Recent:
    """Return the recent cases with a new one, without those that are past the window."""
    since = new.at - rules.window
    kept = [each for each in recent.roots if each.at > since and each.ticket_id != new.ticket_id]
    return Recent(
        key=recent.key,
        version=(recent.version or int(new.at.timestamp() * 1000)) + 1,
        before=recent.version,
        roots=tuple([*kept, new][-MOST_ROOTS:]),
        expires_at=(new.at + rules.window).replace(microsecond=0),
    )

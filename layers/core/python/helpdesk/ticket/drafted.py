"""What a ticket says of its draft. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from helpdesk.drafting import Draft


class Fate(StrEnum):
    """What became of a draft. It is edited if the reply was not the draft to the letter.

    A draft that is stale has no fate: its ticket names it no more.
    """

    OPEN = "open"
    USED = "used"
    EDITED = "edited"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a ticket and its events say of a draft; its text is kept beside the ticket.

    `number` and `engine` are the draft's, `rests_on` the ids of its passages with their versions,
    such as `article:refund@3`. `degraded` says why another engine wrote it. `tokens` and
    `microdollars` (millionths of a US dollar) are what engines took. `edited` is the share of the
    text (0 to 1) that the agent changed.
    """

    number: int
    engine: str
    rests_on: tuple[str, ...] = ()
    degraded: str | None = None
    tokens: int = 0
    microdollars: int = 0
    fate: Fate = Fate.OPEN
    edited: float = 0.0

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """Return what a ticket says of a new draft."""
        return cls(
            number=draft.number,
            engine=draft.engine,
            rests_on=tuple(f"{each.id}@{each.version}" for each in draft.evidence),
            degraded=draft.degraded,
            tokens=draft.usage.read + draft.usage.written,
            microdollars=draft.usage.microdollars,
        )

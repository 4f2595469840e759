"""One optimistic retry for every use case: try again when another move came first. Pure."""

from collections.abc import Callable

from helpdesk.ports import ConflictError

ATTEMPTS = 10
"""How often a move is tried before the caller is told that the ticket keeps moving."""


def _ignore() -> None:
    """Do nothing about a lost race."""


def persistently[T](
    attempt: Callable[[], T],
    *,
    exhausted: str,
    lost: Callable[[], None] = _ignore,
) -> T:
    """Return what `attempt` returns; it is called again each time it raises ConflictError.

    Each attempt looks at the ticket as it is then. `lost` is called after each lost race. Raises
    ConflictError with the text `exhausted` after ATTEMPTS attempts, and whatever else `attempt`
    raises.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt()
        except ConflictError:
            lost()
    raise ConflictError(exhausted)

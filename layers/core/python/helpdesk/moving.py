"""One optimistic retry for every use case: try again when another move came first. Pure."""

from collections.abc import Callable

from helpdesk.ports import ConflictError

ATTEMPTS = 10
"""How often a move is tried before the caller is told that the ticket keeps moving."""


def _ignore() -> None:
    """Do nothing when another move came first."""


def persistently[T](
    attempt: Callable[[], T],
    *,
    exhausted: str,
    lost: Callable[[], None] = _ignore,
    attempts: int = ATTEMPTS,
) -> T:
    """Return what `attempt` returns; it is called again each time it raises ConflictError.

    Each attempt reads the ticket again. `lost` is called each time another move came first. Raises
    ConflictError with the text `exhausted` after so many attempts, and every other error that
    `attempt` raises.
    """
    for _ in range(attempts):
        try:
            return attempt()
        except ConflictError:
            lost()
    raise ConflictError(exhausted)

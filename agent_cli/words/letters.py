"""What is said of dead letters."""

from collections import Counter
from collections.abc import Iterator, Sequence

from helpdesk import operations

from agent_cli.words import times
from agent_cli.words.views import LetterView

MOST_SHOWN = 2000
"""Characters of a letter's body that people are shown."""


def facts(view: LetterView) -> list[tuple[str, str]]:
    """Return all that is known of a letter, by name."""
    return [
        ("id", view.id),
        ("queue", view.queue),
        ("ticket", view.ticket or "none"),
        ("received", f"{view.receives} times"),
        ("sent", times.second(view.sent_at)),
        ("fault", view.fault or "none in the message itself"),
        ("body", view.body[:MOST_SHOWN]),
    ]


def unseen(views: Sequence[LetterView]) -> Iterator[str]:
    """Yield a line for each queue that has more letters than are looked at."""
    most, by_queue = operations.MOST_LETTERS, Counter(view.queue for view in views)
    for queue in (name for name, number in by_queue.items() if number >= most):
        yield (
            f"{queue}: only {most:,} dead letters are looked at; redrive or discard these "
            "to see the rest"
        )

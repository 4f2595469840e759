"""The items that a change of a ticket would store, without a table to store them in."""

from typing import Any

from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import Change


def items_of(change: Change) -> list[dict[str, Any]]:
    """Return the items that the adapter would put, as it would put them."""
    recorder: Any = _Recorder()
    DynamoTickets(recorder).commit(change)
    return list(recorder.put)


class _Recorder:
    """Just enough of a table for one transaction."""

    name, client = "tickets", None

    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []

    def write_together(self, writes: list[dict[str, Any]], *, lost: str) -> None:  # noqa: ARG002
        self.put += [write["Put"]["Item"] for write in writes]

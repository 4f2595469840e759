"""What is new to an agent: tickets with messages that were not on the agent's screen yet."""

from collections.abc import Callable, Iterable

from helpdesk.ticket import Ticket

from agent_cli.seen import Seen


class Notices:
    """Marks what is new since the agent last looked, and notices what arrives meanwhile.

    `failed` is told why the file of what was seen could not be written.
    """

    def __init__(self, seen: Seen, failed: Callable[[str], None]) -> None:
        self._seen, self._failed = seen, failed
        self._numbers = dict(seen.numbers())
        self._known: dict[str, int] | None = None

    def last_seen(self, ticket_id: str) -> int:
        """Return the number of the last message of a ticket that the agent has seen; 0 if none."""
        return self._numbers.get(ticket_id, 0)

    def is_new(self, ticket: Ticket) -> bool:
        """Tell whether an open ticket has a message that the agent has not seen."""
        return ticket.state.is_open and ticket.messages > self.last_seen(ticket.id)

    def look_at(self, ticket_id: str, number: int) -> None:
        """Remember that the messages of a ticket up to this number were on the screen."""
        if number <= self.last_seen(ticket_id):
            return
        self._numbers[ticket_id] = number
        try:
            self._seen.note(ticket_id, number)
        except OSError as error:
            self._failed(f"could not save which messages you have seen: {error}")

    def arrived(self, waiting: Iterable[Ticket]) -> bool:
        """Tell whether a waiting ticket or a message came since the last call; not at the first."""
        known, self._known = self._known, {each.id: each.messages for each in waiting}
        if known is None:
            return False
        came = (number > known.get(ticket_id, 0) for ticket_id, number in self._known.items())
        return any(came)

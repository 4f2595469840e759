"""One move on several tickets: it goes on after a refusal, and says what became of each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpdesk.agents import Arranger
    from helpdesk.ticket import Ticket

    from agent_cli.words.faults import Fault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a move on a ticket: the ticket as it is now, or why it was refused."""

    ticket_id: str
    ticket: "Ticket | None" = None
    fault: "Fault | None" = None
    error: Exception | None = None


def moved_each(
    here: "Arranger",
    ticket_ids: Iterable[str],
    move: Callable[["Arranger", str], "Ticket"],
    *,
    where: str,
) -> Iterator[Outcome]:
    """Make a move on each ticket and yield what became of it.

    `where` is the address of AWS in words. Raises what a move raises that no fault explains.
    """
    from agent_cli.words.faults import explained

    for each in ticket_ids:
        try:
            yield Outcome(each, ticket=move(here, each))
        except Exception as error:
            fault = explained(error, where)
            if fault is None:
                raise
            yield Outcome(each, fault=fault, error=error)


def in_hand(here: "Arranger", ticket_id: str) -> None:
    """Take a ticket that waits for a person, unless the agent holds it.

    Raises what `Workplace.claim` raises.
    """
    from helpdesk.ticket import State

    found = here.get(ticket_id)
    if found.state is State.ESCALATED and not here.holds(found):
        here.claim(ticket_id)

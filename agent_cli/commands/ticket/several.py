"""One verb for several tickets: which ones, a look before, one question, one line for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output, stdin
from agent_cli.commands.ticket.one_ticket import workplace
from agent_cli.ids import ids_in
from agent_cli.verbs import Terminal

if TYPE_CHECKING:
    from helpdesk.agents import Arranger
    from helpdesk.ticket import Ticket

MOST = 1_000
"""Tickets one command may move."""

LONGEST = 32_000_000
"""Bytes of a list that are read at most: an export of 1,000 tickets with their messages."""

tickets_argument = click.argument("ticket_ids", metavar="[TICKET]...", nargs=-1)


def several_options[F: Callable[..., Any]](function: F) -> F:
    """Give a verb the options to name many tickets, to look before, and not to be asked."""
    for option in (
        click.option("-y", "--yes", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Only show which tickets it would change."),
        click.option(
            "--ids",
            type=click.Path(allow_dash=True, dir_okay=False),
            help="A list of tickets: JSON, CSV, or lines that begin with an id; - is stdin.",
        ),
    ):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tickets a verb is for, and how to go on. A list is `several`, even of one ticket."""

    ids: tuple[str, ...]
    several: bool
    dry_run: bool
    yes: bool

    @classmethod
    def of(cls, ticket_ids: Sequence[str], given: dict[str, Any]) -> "Chosen":
        """Return what the arguments chose. Raises click.UsageError for none, or too many."""
        named = list(ticket_ids)
        if path := given.pop("ids"):
            piped = path == stdin.STDIN
            named += ids_in(
                stdin.read(most=LONGEST) if piped else stdin.of_file(Path(path), LONGEST)
            )
        ids = tuple(dict.fromkeys(named))
        if not ids:
            raise click.UsageError("name a TICKET, or several with --ids")
        if len(ids) > MOST:
            raise click.UsageError(
                f"{len(ids)} tickets are too many for one command; at most {MOST}"
            )
        several = len(ids) > 1 or path is not None
        return cls(ids, several, given.pop("dry_run"), given.pop("yes"))


def move_each(
    at: Terminal, chosen: Chosen, what: str, move: Callable[["Arranger", str], "Ticket"]
) -> None:
    """Make a move on each ticket; go on after a refusal, and exit with the code of the first.

    `what` says what is done to a ticket, as in "closed". Scripts get a list of the tickets that
    moved.
    """
    from agent_cli.each import moved_each
    from agent_cli.words.tickets import TicketRow

    here = workplace(at)
    if chosen.dry_run or (len(chosen.ids) > 1 and not chosen.yes):
        for each in chosen.ids:
            found = here.tickets.get(each)
            said = f"{found.state}: {found.subject}" if found else "there is no such ticket"
            output.tell_plainly(f"{each}  {said}")
        if chosen.dry_run:
            return
        at.confirm(f"{len(chosen.ids)} tickets will be {what}. Go on?", yes=chosen.yes)
    moved, first_code = [], 0
    for outcome in moved_each(here, chosen.ids, move, where=at.where):
        if outcome.ticket:
            moved.append(outcome.ticket)
        elif outcome.error and not chosen.several:
            raise outcome.error
        elif outcome.fault:
            output.tell(f"{outcome.ticket_id}: {outcome.fault.text}")
            first_code = first_code or outcome.fault.code
    now = at.session.clock()
    rows = [TicketRow.of(ticket, now) for ticket in moved]
    told = f"{len(moved)} of {len(chosen.ids)} tickets {what}"
    output.done(at, rows, told if chosen.several else f"{what} {rows[0].id}")
    if first_code:
        raise click.exceptions.Exit(first_code)


def taken(here: "Arranger", ticket_id: str, chosen: Chosen) -> "Arranger":
    """Take a waiting ticket that is one of several; a single one must be in hand already."""
    if chosen.several:
        from agent_cli.each import in_hand

        in_hand(here, ticket_id)
    return here

"""The verb that writes the tickets of a list to a file: export."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from agent_cli import output, spreadsheets
from agent_cli.commands.ticket.filters import MOST, check, filters, full_text_option, query_of
from agent_cli.stopping import STOPPED, Stop
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.agents import Query

    from agent_cli.words.lists import ExportedTicket

AT_ONCE = 500
"""Tickets that are read at once."""


@click.command(cls=Verb)
@filters
@click.option("--search", help="Only tickets with these words; see `helpdesk ticket search`.")
@full_text_option
@click.option("--format", "form", type=click.Choice(["csv", "json"]), required=True)
@click.option(
    "--to",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The file to write; only you can read it.",
)
@click.option("--conversation", is_flag=True, help="Add every message of the tickets.")
@click.option(
    "--limit",
    type=click.IntRange(1, MOST),
    default=MOST,
    show_default=True,
    help="The most tickets to write.",
)
@click.option("-y", "--yes", is_flag=True, help="Replace the file without asking.")
@click.pass_obj
def export(
    at: Terminal,
    /,
    form: str,
    path: Path,
    *,
    conversation: bool,
    yes: bool,
    **given: Any,
) -> None:
    """Write the tickets that `helpdesk ticket list` finds with the same filters to a file.

    CSV has one line for each ticket; with --conversation, one line for each message. No cell is a
    formula: where a text begins with = + - @ a tab or a line break, or has such a sign after a
    separator, an apostrophe stands before it. JSON is a list of objects, each with a `ticket` as in
    `ticket list` and its `messages`; its texts are unchanged.

    \b
    helpdesk ticket export --format csv --to waiting.csv
    helpdesk ticket export --format json --to march.json --state all --since 2026-03-01 \\
        --until 2026-04-01 --conversation
    """
    from agent_cli.words.lists import ExportView

    check(given)
    query = query_of(at, given)
    if path.exists():
        at.confirm(f"Replace {path}?", yes=yes)
    with Stop(told=True, what="exporting") as stop, _written(path, form) as file:
        reading = _Exported(at, query, stop, conversation=conversation)
        _WRITERS[form](file, reading, conversation)
        if stop.asked:
            raise _StoppedError
    view = ExportView(file=str(path), tickets=reading.written, complete=reading.complete)
    more = "" if reading.complete else "; there are more: export them by --since and --until"
    output.done(at, view, f"wrote {reading.written:,} ticket(s) to {path}{more}")


class _StoppedError(click.ClickException):
    """Ctrl-C ended the export."""

    exit_code = STOPPED

    def __init__(self) -> None:
        super().__init__("stopped; no file was written")


@dataclass
class _Exported:
    """The tickets of a query, page by page; counts what it gave."""

    at: Terminal
    query: "Query"
    stop: Stop
    conversation: bool
    written: int = 0
    complete: bool = True

    def __iter__(self) -> Iterator["ExportedTicket"]:
        from dataclasses import replace

        from agent_cli.words.lists import ExportedTicket
        from agent_cli.words.tickets import MessageView, TicketRow

        overview, moment = self.at.desk.overview, self.at.session.clock()
        cursor: str | None = None
        while self.written < self.query.limit:
            some = replace(self.query, limit=min(AT_ONCE, self.query.limit - self.written))
            page = overview.page(some, cursor=cursor, watch=self._watch, count_to=0)
            for ticket in page.tickets:
                messages = None
                if self.conversation:
                    found = overview.tickets.conversation(ticket.id)
                    messages = tuple(map(MessageView.of, found.messages)) if found else ()
                self.written += 1
                yield ExportedTicket(ticket=TicketRow.of(ticket, moment), messages=messages)
            cursor = page.cursor
            if cursor is None or not self.stop.watch(self.written, self.written):
                return
        self.complete = False

    def _watch(self, examined: int, found: int) -> bool:
        return self.stop.watch(examined, self.written + found)


def _as_csv(file: IO[str], tickets: "_Exported", conversation: bool) -> None:
    from agent_cli.words.tickets import CustomerView, MessageView, TicketRow

    own = [each.name for each in fields(TicketRow) if each.name != "customer"]
    customers = [each.name for each in fields(CustomerView)]
    said = [each.name for each in fields(MessageView)] if conversation else []
    head = [
        *own,
        *(f"customer_{each}" for each in customers),
        *(f"message_{each}" for each in said),
    ]

    def rows() -> Iterator[list[Any]]:
        for each in tickets:
            row = [getattr(each.ticket, name) for name in own]
            row += [getattr(each.ticket.customer, name) for name in customers]
            if each.messages is None:
                yield row
            for message in each.messages or ():
                yield [*row, *(getattr(message, name) for name in said)]

    spreadsheets.write(file, head, rows())


def _as_json(file: IO[str], tickets: "_Exported", conversation: bool) -> None:  # noqa: ARG001
    before = "[\n"
    for each in tickets:
        file.write(f"{before}{output.as_json(each)}")
        before = ",\n"
    file.write("[]\n" if before == "[\n" else "\n]\n")


_WRITERS: dict[str, Callable[[IO[str], "_Exported", bool], None]] = {
    "csv": _as_csv,
    "json": _as_json,
}


@contextmanager
def _written(path: Path, form: str) -> Iterator[IO[str]]:
    """Yield a file that takes the place of `path` if all goes well; only its owner can read it."""
    encoding = spreadsheets.ENCODING if form == "csv" else "ascii"
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding=encoding, newline="") as file:
            yield file
        Path(name).replace(path)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from error
    finally:
        Path(name).unlink(missing_ok=True)

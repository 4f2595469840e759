"""The list of tickets as a table whose cursor never changes its ticket by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from agent_cli.inbox.lists import cells, columns
from agent_cli.words.tickets import TicketRow


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket in the list: whether it has a message that is `new`, or is `gone` from the list."""

    row: TicketRow
    new: bool = False
    gone: bool = False


class Tickets(DataTable[Text]):
    """Shows lines; `followed` is called whenever another ticket is under the cursor."""

    def __init__(self, followed: Callable[[], None]) -> None:
        super().__init__(id="list", cursor_type="row", zebra_stripes=False, cell_padding=0)
        self.lines: Sequence[Line] = ()
        self.marked: set[str] = set()
        """The tickets that the agent marked; only tickets of the list are marked."""
        self._followed = followed
        self._filling = False
        self._columns: tuple[tuple[str, int | None], ...] = ()

    @property
    def under_cursor(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor_row] if 0 <= self.cursor_row < len(self.lines) else None

    def fill(self, lines: Sequence[Line], now: datetime, *, to: str | None = None) -> None:
        """Show other lines. The cursor goes `to` a ticket, or stays with its own if that is there.

        If it is not, the cursor stays in its place.
        """
        line = self.under_cursor
        before, at = to or (line.row.id if line else None), self.cursor_row
        width = self.scrollable_content_region.width
        self.marked &= {each.row.id for each in lines if not each.gone}
        same = [each.row.id for each in lines] == [each.row.id for each in self.lines]
        shown = [
            cells(
                each.row,
                now,
                width=width,
                new=each.new,
                gone=each.gone,
                marked=each.row.id in self.marked,
            )
            for each in lines
        ]
        self.lines = tuple(lines)
        if columns(width) == self._columns and same and to is None:
            self._update(shown)
            return
        self._filling = True
        self.clear(columns=True)
        self._columns = columns(width)
        for name, size in self._columns:
            self.add_column(name, width=size)
        for each in shown:
            self.add_row(*each)
        ids = [each.row.id for each in lines]
        self.move_cursor(row=ids.index(before) if before in ids else min(at, len(ids) - 1))
        self._filling = False
        self._followed()

    def mark(self, now: datetime) -> None:
        """Mark the ticket under the cursor, or take its mark off."""
        line = self.under_cursor
        if line and not line.gone:
            self.marked ^= {line.row.id}
            self.fill(self.lines, now)

    def watch_cursor_coordinate(
        self, old_coordinate: Coordinate, new_coordinate: Coordinate
    ) -> None:
        """Let what is shown beside the list follow the cursor at once."""
        super().watch_cursor_coordinate(old_coordinate, new_coordinate)
        if not self._filling:
            self._followed()

    def _update(self, shown: Sequence[Sequence[Text]]) -> None:
        for row, each in enumerate(shown):
            for column, cell in enumerate(each):
                at = Coordinate(row, column)
                if self.get_cell_at(at) != cell:
                    self.update_cell_at(at, cell, update_width=True)

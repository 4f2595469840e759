"""A picture with all that belongs to it. Pure."""

from dataclasses import dataclass
from urllib.parse import urlencode

from agent_cli.pictures import Picture


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a table; `to` is the address of the list that it counts, if there is one."""

    text: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers: the names of the columns, and rows that begin with their name."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A picture, the sentence that says its result, its numbers, and the list that it counts.

    Without a picture, `said` says that there is nothing yet. `note` says what a reader must know to
    read it right. `to_name` is the text of the link.
    """

    name: str
    title: str
    said: str
    picture: Picture | None = None
    table: Table | None = None
    note: str = ""
    to: str = ""
    to_name: str = ""


def nothing(name: str, title: str, why: str) -> Exhibit:
    """Return an exhibit of which there is nothing yet; `why` is a sentence."""
    return Exhibit(name=name, title=title, said=f"Nothing yet. {why}")


def rows(*given: tuple[str | Cell, ...]) -> tuple[tuple[Cell, ...], ...]:
    """Return rows of a table, of texts and of cells."""
    return tuple(
        tuple(each if isinstance(each, Cell) else Cell(each) for each in row) for row in given
    )


def listed(**wanted: str) -> str:
    """Return the address of the list of tickets with these values, as its form names them."""
    return f"/tickets?{urlencode(wanted)}" if wanted else "/tickets"


def plural(number: int, one: str, more: str = "") -> str:
    """Return a number with its noun, as in "1 ticket" and "2,000 tickets"."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"

"""Data on stdout: as a table for people, as JSON or JSON Lines for scripts."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agent_cli.verbs import Terminal


def show(terminal: "Terminal", data: Any, table: "Callable[[], RenderableType]") -> None:
    """Print data: views (see `views`) as JSON, or the `table` of them for people."""
    output = terminal.option("output")
    if output == "table":
        from agent_cli.render import console

        console().print(table())
    elif output == "jsonl" and isinstance(data, Sequence):
        for each in data:
            click.echo(as_json(each))
    else:
        click.echo(as_json(data))


def listed(
    terminal: "Terminal",
    data: Sequence[Any],
    table: "Callable[[], RenderableType]",
    *,
    one: str,
    more: str,
) -> None:
    """Print all there is of something, and tell people how many: no list ends silently.

    `one` and `more` name one and several of them.
    """
    show(terminal, data, table)
    if terminal.option("output") == "table":
        tell(f"{len(data):,} {one if len(data) == 1 else more}")


def done(terminal: "Terminal", data: Any, text: str) -> None:
    """Tell the agent what was done; for scripts, print the result."""
    if terminal.option("output") == "table":
        tell(text)
    else:
        click.echo(as_json(data))


def tell(text: str) -> None:
    """Tell the agent something on stderr, where a script that reads stdout does not see it."""
    from agent_cli.words.harmless import printable

    click.echo(f"helpdesk: {printable(text)}", err=True)


def tell_plainly(text: str) -> None:
    """Tell the agent one line of a longer text."""
    from agent_cli.words.harmless import printable

    click.echo(printable(text), err=True)


def as_json(data: Any) -> str:
    """Return views as JSON in ASCII, so that no text steers the terminal it is printed on."""
    several = isinstance(data, list | tuple)
    return json.dumps([_plain(each) for each in data] if several else _plain(data))


def _plain(data: Any) -> Any:
    kind: Any = type(data)
    return _adapter(kind).dump_python(data, mode="json")


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)

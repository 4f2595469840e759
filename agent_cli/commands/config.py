"""`helpdesk config`: your own defaults."""

import json
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.fields import undo_of
from agent_cli.verbs import CONFIGURABLE, DEFAULTS, Noun, Terminal

if TYPE_CHECKING:
    from agent_cli.words.views import OptionView

name_argument = click.argument(
    "name", type=click.Choice([name.replace("_", "-") for name in CONFIGURABLE])
)


@click.group("config", cls=Noun)
def command() -> None:
    """Your own defaults for options, so that you need not type them each time.

    \b
    helpdesk config set region eu-central-1
    helpdesk config list
    """


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the options, and where their values come from.

    \b
    helpdesk config list
    """
    from agent_cli import render

    found = [_view(at, name) for name in CONFIGURABLE]
    columns: list[render.Column[OptionView]] = [
        ("option", lambda row: row.name),
        ("value", lambda row: row.value or "-"),
        ("from", lambda row: row.origin),
    ]
    output.show(at, found, lambda: render.table(found, columns))


@command.command()
@name_argument
@click.pass_obj
def get(at: Terminal, name: str) -> None:
    """Show one option.

    \b
    helpdesk config get region
    """
    from agent_cli import render

    view = _view(at, name.replace("-", "_"))
    output.show(at, view, lambda: render.line(view.value or ""))


@command.command("set")
@name_argument
@click.argument("value")
@click.pass_obj
def set_(at: Terminal, name: str, value: str) -> None:
    """Set a default.

    \b
    helpdesk config set stack-name helpdesk-test
    """
    if name == "output" and value not in {"table", "json", "jsonl"}:
        raise click.UsageError("output is table, json or jsonl")
    if name == "bell" and value not in {"on", "off"}:
        raise click.UsageError("bell is on or off")
    if name == "undo":
        try:
            undo_of(value)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
    _store(at, {**at.configured, name.replace("-", "_"): value})
    output.done(at, _view(at, name.replace("-", "_")), f"{name} is {value} from now on")


@command.command()
@name_argument
@click.pass_obj
def unset(at: Terminal, name: str) -> None:
    """Remove a default.

    \b
    helpdesk config unset region
    """
    key = name.replace("-", "_")
    _store(at, {other: value for other, value in at.configured.items() if other != key})
    output.done(at, _view(at, key), f"{name} is no longer set")


def _view(at: Terminal, name: str) -> "OptionView":
    from agent_cli.words.views import OptionView

    configured = at.configured
    if at.options.get(name) is not None:
        value, origin = at.options[name], "this command"
    elif name in configured:
        value, origin = configured[name], str(at.settings.config)
    else:
        value, origin = DEFAULTS.get(name), "default"
    return OptionView(name=name.replace("_", "-"), value=value, origin=origin)


def _store(at: Terminal, values: dict[str, str]) -> None:
    path = at.settings.config
    path.parent.mkdir(parents=True, exist_ok=True)
    # A JSON string is a TOML string too.
    path.write_text("".join(f"{name} = {json.dumps(values[name])}\n" for name in sorted(values)))
    at.__dict__["configured"] = values

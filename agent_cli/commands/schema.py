"""`helpdesk schema`: the JSON Schema of any command's output."""

import json
from typing import Any

import click

from agent_cli.verbs import Verb


@click.command("schema", cls=Verb)
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
def command(words: tuple[str, ...]) -> None:
    """Print the JSON Schema of a command's output; without COMMAND, the schemas of all commands.

    It describes what `--output json` prints. With `--output jsonl`, each line is one item.

    \b
    helpdesk schema ticket list
    """
    schemas = all_schemas()
    name = " ".join(words)
    if name and name not in schemas:
        raise click.UsageError(f"{name!r} prints no data; these do: {', '.join(schemas)}")
    click.echo(json.dumps(schemas[name] if name else schemas, indent=2))


def all_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each command's output by the command's name."""
    from pydantic import TypeAdapter

    from agent_cli.words.outputs import OUTPUTS

    draft = "https://json-schema.org/draft/2020-12/schema"
    return {
        name: {"$schema": draft, **TypeAdapter(kind).json_schema(mode="serialization")}
        for name, kind in OUTPUTS.items()
    }

"""Writes the manual of the agents' terminal from its own help, and the schemas of its output.

python -m infra.documenting.manual           # docs/cli.md and docs/cli-schemas.json
python -m infra.documenting.manual --check   # exits with 1 if they are not what would be written
"""

import argparse
import json
import sys
from collections.abc import Iterator

import click

from agent_cli.cli import main as helpdesk
from agent_cli.commands.schema import all_schemas
from infra.paths import ROOT

MANUAL = ROOT / "docs" / "cli.md"
SCHEMAS = ROOT / "docs" / "cli-schemas.json"
WIDTH = 88

OPENING = """\
# helpdesk, the agents' terminal

Written by `python -m infra.documenting.manual` from the commands' own help. The shape of what
each prints with `--output json` is in [cli-schemas.json](cli-schemas.json), and `helpdesk schema
COMMAND` prints it.
"""


def manual() -> str:
    """Return docs/cli.md."""
    parts = [OPENING]
    for depth, path, text in _pages(helpdesk, None, "helpdesk"):
        parts.append(f"{'#' * (depth + 2)} {path}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def schemas() -> str:
    """Return docs/cli-schemas.json."""
    return json.dumps(all_schemas(), indent=1) + "\n"


def _pages(
    command: click.Command, parent: click.Context | None, name: str, depth: int = 0
) -> Iterator[tuple[int, str, str]]:
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        **command.context_settings,
    )
    lines = command.get_help(context).splitlines()
    yield depth, context.command_path, "\n".join(line.rstrip() for line in lines)
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            found = command.get_command(context, verb)
            assert found
            yield from _pages(found, context, verb, depth + 1)


def main() -> int:
    """Write the manual, or check that it is up to date; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    wanted = {MANUAL: manual(), SCHEMAS: schemas()}
    if parser.parse_args().check:
        stale = [path.name for path, text in wanted.items() if path.read_text() != text]
        if stale:
            print(f"{', '.join(stale)}: run python -m infra.documenting.manual", file=sys.stderr)
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

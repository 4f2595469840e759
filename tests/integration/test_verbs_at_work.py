"""Every verb of the terminal is among those whose calls the policies are held against."""

from collections.abc import Iterator

import click

from agent_cli.cli import main
from tests.integration.agents_at_work import AGENTS, ELSEWHERE, LEADS, READS


def verbs(group: click.Group, path: str = "") -> Iterator[str]:
    """Yield the verbs of a group and of the groups in it."""
    context = click.Context(group, info_name="helpdesk")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from verbs(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def test_no_verb_is_left_out() -> None:
    there = set(verbs(main))
    lines = (*READS, *AGENTS, *LEADS)
    ran = {max((v for v in there if f"{line} ".startswith(f"{v} ")), key=len) for line in lines}

    assert ran | set(ELSEWHERE) == there
    assert not ran & set(ELSEWHERE)

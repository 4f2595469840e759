"""The verb that shows what customers sent with a ticket, and saves it: files."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import ticket_argument
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.files import Held

MOST_OF_A_NAME = 1_000
"""How many files of one name a folder may have."""


@click.command(cls=Verb)
@ticket_argument
@click.option(
    "--save",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Save the files that are ready in this folder; no file is replaced.",
)
@click.pass_obj
def files(at: Terminal, ticket_id: str, folder: Path | None) -> None:
    """Show the files of a ticket with the text that was found in them, and save them.

    A file that could not be read says why; it can be saved all the same. A file that is refused or
    still being checked is not saved. Open what customers send with care: a scanner may not know it.

    \b
    helpdesk ticket files 7k3mxq0v2r5t8w1z
    helpdesk ticket files 7k3mxq0v2r5t8w1z --save ~/Downloads
    """
    from helpdesk.files import held
    from helpdesk.ports import NotFoundError

    from agent_cli import render
    from agent_cli.words.files import FileView

    parts = at.desk.parts
    found = held(ticket_id, parts.attachments)
    if not found and parts.tickets.get(ticket_id) is None:
        raise NotFoundError(f"no ticket {ticket_id}")
    saved = _saved(at, found, folder) if folder else {}
    views = [FileView.of(each, saved.get(each.file.number)) for each in found]
    output.listed(at, views, lambda: render.files(views, whole=True), one="file", more="files")
    for view in views:
        if folder:
            output.tell(f"{view.number}: {view.saved or 'not saved'}")


def _saved(at: Terminal, found: tuple["Held", ...], folder: Path) -> dict[int, str]:
    """Save the files that are ready; return where, by their numbers."""
    from helpdesk.files import State

    try:
        folder.mkdir(parents=True, exist_ok=True)
        ready = (each for each in found if each.file.state is State.READY)
        paths = {each.file.number: _save(at, each, folder) for each in ready}
    except OSError as error:
        raise click.ClickException(f"cannot write to {folder}: {error.strerror}") from error
    return {number: str(path) for number, path in paths.items() if path}


def _save(at: Terminal, held: "Held", folder: Path) -> Path | None:
    """Save one file if it is what was checked; return where, or None if it is not."""
    from helpdesk.files import NotReadyError, check_released
    from helpdesk.ports import ConflictError

    bucket, file = at.desk.parts.files, held.file
    stored = bucket.look(file.ticket_id, file.number)
    if stored is None:
        return None
    try:
        check_released(file, stored)
        content = bucket.read(file.ticket_id, file.number, stored)
    except (ConflictError, NotReadyError):
        return None
    handle, path = _new_file(folder, file.name)
    with os.fdopen(handle, "wb") as written:
        written.write(content)
    return path


def _new_file(folder: Path, name: str) -> tuple[int, Path]:
    """Create a file that was not there, which only its owner reads: `a.pdf`, else `a (2).pdf`."""
    for number in range(1, MOST_OF_A_NAME):
        beside = f" ({number})" if number > 1 else ""
        path = folder / f"{Path(name).stem}{beside}{Path(name).suffix}"
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), path
        except FileExistsError:
            continue
    raise FileExistsError(0, f"there are {MOST_OF_A_NAME} files named {name}")

"""The verbs that show what customers sent with a ticket, and save it: files, mails."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import ticket_argument
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpdesk.files import Held
    from helpdesk.receiving import Original


def _save[F: "Callable[..., Any]"](told: str) -> "Callable[[F], F]":
    """Return the option for a folder in which something is saved."""
    kind = click.Path(file_okay=False, path_type=Path)
    return click.option("--save", "folder", type=kind, metavar="DIR", help=told)


@click.command(cls=Verb)
@ticket_argument
@_save("Save the files that are ready in this folder; no file is replaced.")
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

    from agent_cli.saving import save

    try:
        folder.mkdir(parents=True, exist_ok=True)
        ready = (each for each in found if each.file.state is State.READY)
        bucket = at.desk.parts.files
        paths = {each.file.number: save(each.file, folder, bucket) for each in ready}
    except OSError as error:
        raise click.ClickException(f"cannot write to {folder}: {error.strerror}") from error
    return {number: str(path) for number, path in paths.items() if path}


@click.command(cls=Verb)
@ticket_argument
@_save("Save the mails as they came in this folder, as .eml files; no file is replaced.")
@click.pass_obj
def mails(at: Terminal, ticket_id: str, folder: Path | None) -> None:
    """List the mails of a ticket, and save them as they came, with all headers and parts.

    They are kept as they came for some weeks only. Open what customers send with care.

    \b
    helpdesk ticket mails 7k3mxq0v2r5t8w1z
    helpdesk ticket mails 7k3mxq0v2r5t8w1z --save ~/Downloads
    """
    from agent_cli import render
    from agent_cli.words.mails import OriginalView

    originals = at.desk.originals
    found = originals.of(ticket_id)
    saved = _saved_mails(ticket_id, found, originals.fetch, folder) if folder else {}
    views = [OriginalView.of(n, each, saved.get(n)) for n, each in enumerate(found, 1)]
    columns: list[render.Column[OriginalView]] = [
        ("mail", lambda row: str(row.number)),
        ("became", lambda row: row.became),
        ("from", lambda row: row.sender or "-"),
        ("subject", lambda row: row.subject),
    ]
    table = render.table(views, columns, flexible="subject")
    output.listed(at, views, lambda: table, one="mail", more="mails")
    for view in views:
        if folder:
            output.tell(f"{view.number}: {view.saved or 'no longer kept as it came'}")


def _saved_mails(
    ticket_id: str,
    found: tuple["Original", ...],
    fetch: "Callable[[str], bytes | None]",
    folder: Path,
) -> dict[int, str]:
    """Save the mails that are still kept; return where, by their numbers."""
    from agent_cli.saving import put

    saved: dict[int, str] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, each in enumerate(found, 1):
            if (data := fetch(each.key)) is not None:
                saved[number] = str(put(data, folder, f"{ticket_id}-{number}.eml"))
    except OSError as error:
        raise click.ClickException(f"cannot write to {folder}: {error.strerror}") from error
    return saved

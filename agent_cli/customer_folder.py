"""Everything about one customer as a folder: for scripts as JSON, for people as text."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from helpdesk.agents import TicketLists
from helpdesk.files import Files, Held, State, held

from agent_cli import output
from agent_cli.saving import Bucket, save
from agent_cli.words.customers import CustomersView, ExportedTicketView
from agent_cli.words.facts import speaker
from agent_cli.words.files import FileView
from agent_cli.words.harmless import paragraph
from agent_cli.words.records import HoldingView


@dataclass(frozen=True, slots=True)
class Sources:
    """Where what is known of a customer is kept."""

    tickets: TicketLists
    files: Files
    bucket: Bucket
    records: tuple[HoldingView, ...] = ()


def write(
    folder: Path, customer: CustomersView, ids: Iterable[str], sources: Sources, now: datetime
) -> None:
    """Write a customer and the tickets with these ids to a new folder, which only its owner reads.

    The folder appears when it is complete. A ticket that was erased meanwhile is left out. Files
    that are ready are in `files`, in a folder for each ticket.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))  # readable by its owner only
    try:
        _fill(made, customer, ids, sources, now)
        made.rename(folder)
    except BaseException:
        rmtree(made)
        raise


def _fill(
    made: Path, customer: CustomersView, ids: Iterable[str], sources: Sources, now: datetime
) -> None:
    tickets = sources.tickets
    _put(made / "customer.json", output.as_json(customer))
    if sources.records:
        _put(made / "records.json", output.as_json(sources.records))
    (made / "tickets").mkdir()
    told = []
    for ticket_id in ids:
        conversation = tickets.conversation(ticket_id)
        if conversation is None:
            continue
        found = held(ticket_id, sources.files)
        saved = _save(made, found, sources.bucket)
        files = tuple(FileView.of(each, saved.get(each.file.number)) for each in found)
        events = tickets.events(ticket_id)
        view = ExportedTicketView.of(conversation, events, now, files=files)
        _put(made / "tickets" / f"{ticket_id}.json", output.as_json(view))
        told.append(_told(view))
    _put(made / "conversations.txt", "\n\n".join(told))


def _save(made: Path, found: Iterable[Held], bucket: Bucket) -> dict[int, str]:
    """Save the files of a ticket that are ready; return where in the folder, by their numbers."""
    saved = {}
    for file in (each.file for each in found if each.file.state is State.READY):
        folder = made / "files" / file.ticket_id
        folder.mkdir(parents=True, exist_ok=True)
        if path := save(file, folder, bucket):
            saved[file.number] = path.relative_to(made).as_posix()
    return saved


def _told(view: ExportedTicketView) -> str:
    """Return a conversation for people to read."""
    lines = [f"Ticket {view.ticket.id}, {view.ticket.created_at:%Y-%m-%d %H:%M} UTC"]
    for said in view.messages:
        who = speaker(said.source, said.author)
        lines += ["", f"{who}, {said.at:%Y-%m-%d %H:%M} UTC:", paragraph(said.text)]
    return "\n".join(lines)


def _put(path: Path, text: str) -> None:
    path.write_text(f"{text}\n", encoding="utf-8")

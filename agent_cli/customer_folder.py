"""Everything about one customer as a folder: for scripts as JSON, for people as text."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from helpdesk.agents import TicketLists

from agent_cli import output
from agent_cli.words.customers import CustomersView, ExportedTicketView
from agent_cli.words.facts import speaker
from agent_cli.words.harmless import paragraph


def write(
    folder: Path, customer: CustomersView, ids: Iterable[str], tickets: TicketLists, now: datetime
) -> None:
    """Write a customer and the tickets with these ids to a new folder, which only its owner reads.

    The folder appears when it is complete. A ticket that was erased meanwhile is left out.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))  # readable by its owner only
    try:
        _fill(made, customer, ids, tickets, now)
        made.rename(folder)
    except BaseException:
        rmtree(made)
        raise


def _fill(
    made: Path, customer: CustomersView, ids: Iterable[str], tickets: TicketLists, now: datetime
) -> None:
    _put(made / "customer.json", output.as_json(customer))
    (made / "tickets").mkdir()
    told = []
    for ticket_id in ids:
        conversation = tickets.conversation(ticket_id)
        if conversation is None:
            continue
        view = ExportedTicketView.of(conversation, tickets.events(ticket_id), now)
        _put(made / "tickets" / f"{ticket_id}.json", output.as_json(view))
        told.append(_told(view))
    _put(made / "conversations.txt", "\n\n".join(told))


def _told(view: ExportedTicketView) -> str:
    """Return a conversation for people to read."""
    lines = [f"Ticket {view.ticket.id}, {view.ticket.created_at:%Y-%m-%d %H:%M} UTC"]
    for said in view.messages:
        who = speaker(said.source, said.author)
        lines += ["", f"{who}, {said.at:%Y-%m-%d %H:%M} UTC:", paragraph(said.text)]
    return "\n".join(lines)


def _put(path: Path, text: str) -> None:
    path.write_text(f"{text}\n", encoding="utf-8")

"""How words look on a terminal; the words themselves are made in `agent_cli.words`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from helpdesk.agents import Dossier, Suggestion
from helpdesk.drafting import Draft
from helpdesk.knowledge import Priority
from helpdesk.ticket import Event, Message, Source
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent_cli.words import drafted, harmless, lists, times
from agent_cli.words import files as wording
from agent_cli.words.facts import (
    facts,
    heading_of_message,
    heading_of_note,
    heading_of_suggestion,
)
from agent_cli.words.files import FileView
from agent_cli.words.harmless import one_line
from agent_cli.words.spoken import Passage, passages
from agent_cli.words.tickets import TicketRow
from agent_cli.words.times import Tone

SPEAKERS = {Source.CUSTOMER: "bold", Source.AUTOMATIC: "cyan", Source.AGENT: "green"}
TONES = {Tone.PLAIN: "", Tone.ASIDE: "dim", Tone.LATE: "bold red"}
URGENCIES = {
    Priority.URGENT: "bold red",
    Priority.HIGH: "yellow",
    Priority.NORMAL: "",
    Priority.LOW: "dim",
}
NEW = "bold yellow"
"""How a message that the agent has not seen stands out."""

WAITS = "blue"
"""How a draft that waits for an agent stands out."""

FAULTY = "yellow"
"""How a sentence of a draft stands out that an agent should check."""

NARROW, WIDE = 60, 110
"""Columns below which a list of tickets shows the least, and from which it shows the most."""

type Column[T] = tuple[str, Callable[[T], str | Text | None]]


def console() -> Console:
    """Return a console that leaves customer text alone."""
    return Console(markup=False, highlight=False, emoji=False)


def table[T](
    rows: Iterable[T], columns: Sequence[Column[T]], *, flexible: str = "", wrap: str = ""
) -> Table:
    """Return a table without lines.

    The column `flexible` gives way when there is little room; the column `wrap` takes more lines.
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, _ in columns:
        made.add_column(
            name,
            no_wrap=name != wrap,
            overflow="fold" if name == wrap else "ellipsis",
            ratio=1 if name == flexible else None,
            min_width=1 if name == flexible else None,
        )
    made.expand = bool(flexible)
    for row in rows:
        cells = (value(row) for _, value in columns)
        made.add_row(*(cell if isinstance(cell, Text) else line(cell or "") for cell in cells))
    return made


def pairs(known: Iterable[tuple[str, str]]) -> Table:
    """Return names with their values, one pair on each line."""
    made = Table.grid(padding=(0, 2))
    for name, value in known:
        made.add_row(Text(name, style="dim"), paragraph(value))
    return made


def tickets(rows: Sequence[TicketRow], now: datetime, *, width: int) -> Table:
    """Return tickets as a table that fits `width` columns."""
    columns: list[Column[TicketRow]] = [
        ("ticket", lambda row: row.id),
        ("priority", _priority),
        ("due", lambda row: due(row, now)),
        ("waits", lambda row: times.span(row.waiting_seconds)),
        ("owner", lambda row: row.owner),
        ("about", lambda row: row.subject),
    ]
    if len({row.state for row in rows}) > 1 or any(row.snoozed_until for row in rows):
        columns.insert(1, ("state", lists.state))
    if any(row.draft for row in rows):
        columns.insert(-1, ("draft", lambda row: str(row.draft or "")))
    if width < NARROW:
        columns = [column for column in columns if column[0] in {"ticket", "waits", "about"}]
    elif width >= WIDE:
        columns[-1:-1] = [("intent", lambda row: row.intent), ("for", lambda row: row.department)]
    return table(rows, columns, flexible="about")


def _priority(row: TicketRow) -> Text:
    """Return a priority, with the level of a ticket that is not ordinary."""
    return Text(lists.priority(row), style=URGENCIES[row.priority])


def due(row: TicketRow, now: datetime) -> Text:
    """Return when a ticket is due, as in "in 3 h"; an overdue ticket stands out."""
    said = times.due(row, now)
    return Text(said.text, style=TONES[said.tone])


def page(dossier: Dossier, now: datetime, *, whole: bool = False) -> RenderableType:
    """Return a ticket as a page: its facts, then the conversation, then notes and suggestions.

    `whole` shows messages with what is left aside otherwise.
    """
    more = None if whole else "ticket show --whole"
    parts: list[RenderableType] = [
        pairs(facts(dossier, now)),
        *(said(message, more=more) for message in dossier.conversation.messages),
    ]
    return Group(*parts, *after_the_conversation(dossier, more=more))


def after_the_conversation(
    dossier: Dossier, *, more: str | None, keys: str = ""
) -> list[RenderableType]:
    """Return what a page has below the conversation: draft, merged tickets, files, notes and more.

    `more` is that of `said`, `keys` that of `draft`.
    """
    suggested = enumerate(dossier.suggestions, start=1)
    merged = [(one.ticket.id, each) for one in dossier.family for each in one.messages]
    return [
        *([draft(dossier.draft, keys=keys)] if dossier.draft else []),
        *(said(each, of=ticket_id, more=more) for ticket_id, each in merged),
        *(_file(view) for view in map(FileView.of, dossier.files)),
        *(_note(event) for event in dossier.notes),
        *(_suggestion(number, suggestion) for number, suggestion in suggested),
    ]


def draft(found: Draft, *, keys: str = "") -> Panel:
    """Return a draft in a frame: below each part its evidence, and what an agent should check.

    `keys` says what the agent can press.
    """
    parts: list[RenderableType] = []
    if why := drafted.degraded(found):
        parts.append(line(why, style="yellow"))
    for at, part in enumerate(found.parts):
        parts.append(paragraph(part.text))
        for remark in drafted.below(found, at):
            shown = line(remark.text, style=FAULTY if remark.calls else "dim")
            parts.append(Padding(shown, (0, 0, 0, 2)))
    return Panel(
        Group(*parts),
        title=line(drafted.heading(found)),
        title_align="left",
        subtitle=line(keys) if keys else None,
        subtitle_align="right",
        border_style=WAITS if found.ready else "red",
    )


def files(views: Sequence[FileView], *, whole: bool = False) -> RenderableType:
    """Return the files of a ticket, each with its text; `whole` shows all that is kept of it."""
    return Group(*(_file(view, whole=whole) for view in views))


def _file(view: FileView, *, whole: bool = False) -> Panel:
    text = wording.told(view, len(view.text)) if whole else wording.told(view)
    return Panel(
        paragraph(text),
        title=line(wording.heading(view)),
        title_align="left",
        border_style="yellow",
    )


def _note(event: Event) -> Panel:
    return Panel(
        paragraph(event.note or ""),
        title=line(heading_of_note(event)),
        title_align="left",
        border_style="magenta",
    )


def _suggestion(number: int, suggestion: Suggestion) -> Panel:
    return Panel(
        paragraph(suggestion.text),
        title=line(heading_of_suggestion(number, suggestion)),
        title_align="left",
        border_style="dim",
        style="dim",
    )


def said(message: Message, *, more: str | None, new: bool = False, of: str | None = None) -> Panel:
    """Return one message in a frame of its source's colour.

    What is left aside of it is shown by what `more` names; without that the message is whole. A
    `new` one stands out; `of` names the merged ticket that it is from.
    """
    parts = passages(message) if more else (Passage(message.text),)
    aside = any(each.aside for each in parts)
    heading = heading_of_message(message) + (f" · merged {of}" if of else "")
    return Panel(
        Text("\n").join(_passage(each) for each in parts),
        title=line(f"new · {heading}" if new else heading),
        title_align="left",
        subtitle=line(f"whole text: {more}") if aside else None,
        subtitle_align="right",
        border_style=NEW if new else SPEAKERS[message.source],
    )


def _passage(each: Passage) -> Text:
    return line(each.text, style="dim") if each.aside else paragraph(each.text)


def line(text: Any, *, style: str = "") -> Text:
    """Return text for one line, made harmless."""
    return Text(one_line(str(text)), style=style)


def paragraph(text: str) -> Text:
    """Return text of several lines, made harmless; blank ones at its end take no room."""
    return Text(harmless.paragraph(text))

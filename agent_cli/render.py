"""How things look on a terminal. What customers wrote never steers it: see `printable`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from helpdesk.agents import Dossier, Suggestion
from helpdesk.knowledge import Priority
from helpdesk.priority import Tier
from helpdesk.ticket import Event, Message, Source
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent_cli.views import TicketRow

LOOKS = {
    Source.CUSTOMER: ("customer", "bold"),
    Source.AUTOMATIC: ("automatic reply", "cyan"),
    Source.AGENT: ("agent", "green"),
}
URGENCIES = {
    Priority.URGENT: "bold red",
    Priority.HIGH: "yellow",
    Priority.NORMAL: "",
    Priority.LOW: "dim",
}
WIDE = 110
LIKELY = 0.05

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
    """Return names and what is known under them, one a line."""
    made = Table.grid(padding=(0, 2))
    for name, value in known:
        made.add_row(Text(name, style="dim"), paragraph(value))
    return made


def tickets(rows: Sequence[TicketRow], now: datetime, *, width: int) -> Table:
    """Return tickets as a table that fits `width` columns."""
    columns: list[Column[TicketRow]] = [
        ("ticket", lambda row: row.id),
        ("priority", lambda row: Text(row.priority, style=URGENCIES[row.priority])),
        ("due", lambda row: due(row, now)),
        ("waits", lambda row: span(row.waiting_seconds)),
        ("owner", lambda row: row.owner),
        ("about", lambda row: row.subject),
    ]
    if len({row.state for row in rows}) > 1 or any(row.snoozed_until for row in rows):
        columns.insert(1, ("state", lambda row: "snoozed" if row.snoozed_until else row.state))
    if width >= WIDE:
        columns[-1:-1] = [("intent", lambda row: row.intent), ("for", lambda row: row.department)]
    return table(rows, columns, flexible="about")


def due(row: TicketRow, now: datetime) -> Text:
    """Return when a ticket is due, as in "in 3 h"; what is overdue stands out."""
    if row.snoozed_until:
        return Text(f"back in {age(row.snoozed_until - now)}", style="dim")
    if row.due is None:
        return Text("")
    if row.overdue:
        return Text(f"{age(now - row.due)} late", style="bold red")
    return Text(f"in {age(row.due - now)}")


def page(dossier: Dossier, now: datetime) -> RenderableType:
    """Return a ticket as a page: what is known on top, then what was said, then what helps."""
    parts: list[RenderableType] = [
        pairs(facts(dossier, now)),
        *(said(message) for message in dossier.conversation.messages),
    ]
    parts += [_note(event) for event in dossier.notes]
    parts += [_suggestion(*numbered) for numbered in enumerate(dossier.suggestions, start=1)]
    return Group(*parts)


def _note(event: Event) -> Panel:
    return Panel(
        paragraph(event.note or ""),
        title=line(f"note of {event.actor} · {event.at:%d %b %H:%M} UTC"),
        title_align="left",
        border_style="magenta",
    )


def _suggestion(number: int, suggestion: Suggestion) -> Panel:
    source = f"{suggestion.intent} v{suggestion.version}, {suggestion.probability:.0%}"
    return Panel(
        paragraph(suggestion.text),
        title=line(f"suggestion {number}: {source} · not sent"),
        title_align="left",
        border_style="dim",
        style="dim",
    )


def facts(dossier: Dossier, now: datetime) -> Iterable[tuple[str, str]]:
    """Yield what is known of a ticket as pairs of name and text, without what is not known."""
    ticket = dossier.ticket
    row = TicketRow.of(ticket, now)
    yield "ticket", ticket.id
    yield "state", f"{ticket.state}{f' ({ticket.reason})' if ticket.reason else ''}"
    if ticket.state.is_open:
        yield "urgency", ticket.urgency.explained(now)
        yield "due", due(row, now).plain
        yield "waiting", age(now - ticket.urgency.since)
    customer = ticket.customer
    who = [customer.name, customer.email, customer.reference]
    who.append(f"{customer.tier} customer" if customer.tier is not Tier.STANDARD else None)
    yield "customer", ", ".join(part for part in who if part) or "did not say"
    if understood := ticket.understanding:
        likely = [each for each in understood.ranking[:3] if each.probability >= LIKELY]
        best = (f"{each.name} {each.probability:.0%}" for each in likely)
        yield "intent", ", ".join(best) or "none that is likely"
        mood = "unhappy" if understood.sentiment <= -0.35 else "calm"
        yield "language", f"{understood.language}, {mood} ({understood.sentiment:+.2f})"
        if understood.entities:
            named = (f"{each.kind} {each.value}" for each in understood.entities)
            yield "named", ", ".join(named)
    if ticket.department:
        yield "department", f"{ticket.department}, {ticket.category}"
    if held := ticket.held_by(now):
        yield "held by", f"{held.agent}, {age(held.until - now)} left"
    elif ticket.assignee:
        yield "belongs to", ticket.assignee
    if dossier.others:
        known = (f"{other.id} {other.state}" for other in dossier.others[:3])
        more = f" and {len(dossier.others) - 3} more" if len(dossier.others) > 3 else ""
        yield "other tickets", ", ".join(known) + more


def said(message: Message) -> Panel:
    """Return one message in a frame of its source's colour."""
    name, style = LOOKS[message.source]
    return Panel(
        paragraph(message.text),
        title=line(f"{message.author or name} · {message.at:%d %b %H:%M} UTC"),
        title_align="left",
        border_style=style,
    )


def age(distance: timedelta) -> str:
    """Return a span in its largest unit, as in "3 h"."""
    seconds = max(0, int(distance.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def span(seconds: float | None) -> str | None:
    """Return seconds in their largest unit, as in "3 h"."""
    return None if seconds is None else age(timedelta(seconds=seconds))


def line(text: Any) -> Text:
    """Return text for one line, made harmless."""
    return Text(printable(str(text)).replace("\n", " ").replace("\t", " "))


def paragraph(text: str) -> Text:
    """Return text of several lines, made harmless; blank ones at its end take no room."""
    return Text(printable(text).rstrip().expandtabs(4))


def printable(text: str) -> str:
    """Return text with every character made visible that would steer a terminal.

    Escape sequences are obeyed, and marks of direction make text read otherwise than it is: what
    a customer wrote must do neither on an agent's screen.
    """
    return "".join(
        c if c in "\n\t" or c.isprintable() or _harmless(c) else _visible(c) for c in text
    )


def _visible(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def _harmless(character: str) -> bool:
    """Spaces and joiners that scripts and emoji need, though Python calls them unprintable."""
    return character in "\u00a0\u200c\u200d\u202f\u3000"

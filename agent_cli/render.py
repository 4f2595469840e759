"""How a ticket looks: as data for scripts, and as a page for people."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from helpdesk.ticket import Conversation, Source
from pydantic import TypeAdapter
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_CONVERSATION = TypeAdapter(Conversation)
_SECRET = {"ticket": {"token_hash", "token_expires_at"}}
_LOOKS = {
    Source.CUSTOMER: ("customer", "bold"),
    Source.AUTOMATIC: ("automatic reply", "cyan"),
    Source.AGENT: ("agent", "green"),
}


def as_json(conversation: Conversation) -> str:
    """Return a conversation as JSON, without what would open it to others."""
    return json.dumps(_CONVERSATION.dump_python(conversation, mode="json", exclude=_SECRET))


def page(conversation: Conversation, now: datetime) -> RenderableType:
    """Return a conversation as a page: what is known on top, then what was said."""
    return Group(_facts(conversation, now), *_said(conversation))


def _facts(conversation: Conversation, now: datetime) -> Table:
    ticket = conversation.ticket
    facts = Table.grid(padding=(0, 2))
    rows: list[tuple[str, str | None]] = [
        ("ticket", ticket.id),
        ("state", f"{ticket.state}{f' ({ticket.reason})' if ticket.reason else ''}"),
        ("priority", ticket.priority),
        ("waiting", age(now - ticket.created_at)),
        ("customer", _customer(conversation)),
    ]
    if ticket.understanding and ticket.understanding.ranking:
        best = ticket.understanding.ranking[0]
        rows.append(("intent", f"{best.name} ({best.probability:.0%})"))
    if held := ticket.held_by(now):
        rows.append(("held by", f"{held.agent}, {age(held.until - now)} left"))
    for name, value in rows:
        if value:
            facts.add_row(Text(name, style="dim"), Text(printable(value)))
    return facts


def _customer(conversation: Conversation) -> str:
    customer = conversation.ticket.customer
    said = (customer.name, customer.email, customer.reference)
    return ", ".join(part for part in said if part) or "did not say"


def _said(conversation: Conversation) -> Iterable[Panel]:
    for message in conversation.messages:
        name, style = _LOOKS[message.source]
        title = f"{message.author or name} · {message.at:%d %b %H:%M} UTC"
        yield Panel(
            Text(printable(message.text)),
            title=Text(printable(title)),
            title_align="left",
            border_style=style,
        )


def age(span: timedelta) -> str:
    """Return a span in its largest unit, as in "3 h"."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def printable(text: str) -> str:
    """Return customer text with every control character made visible.

    A terminal obeys escape sequences; what a customer wrote must never steer an agent's terminal.
    """
    return "".join(
        c if c in "\n\t" or c.isprintable() or _harmless(c) else f"\\x{ord(c):02x}" for c in text
    )


def _harmless(character: str) -> bool:
    """Joiners and marks that scripts and emoji need, though Python calls them unprintable."""
    return character in "\u00a0\u200c\u200d\u202f\u3000"


def console() -> Console:
    """Return a console that leaves customer text alone."""
    return Console(markup=False, highlight=False, emoji=False)


def now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)

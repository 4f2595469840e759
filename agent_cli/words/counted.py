"""The figures of days in words."""

from collections.abc import Iterator

from helpdesk.figures import Figures

from agent_cli.words import channels, files, mails, times


def span(found: Figures) -> str:
    """Return the days of figures, and when they were counted."""
    counted = times.minute(found.counted_at) if found.counted_at else "never"
    return f"{found.since} to {found.until} (UTC), counted {counted}"


def totals(found: Figures) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each total."""
    total, duplicates, mail = found.total, found.duplicates, found.mail
    yield "tickets that came", str(found.tickets.number)
    yield "answered automatically", str(total.answered)
    yield "escalated", str(total.escalated)
    yield "replied to by agents", str(total.replied)
    yield "reopened", str(total.reopened)
    yield "closed", str(total.closed)
    yield "duplicates", f"{duplicates.number} ({duplicates.rate:.1%})"
    yield "notifications", channels.counted(found.notifications)
    yield "mails", mails.counted(mail)
    yield "last mail", times.minute(mail.last) if mail.last else "-"
    yield "files", files.counted(found.files)

"""The moves on one ticket that send nothing: take, give back, hand on, put aside, end, arrange."""

from collections.abc import Callable

from helpdesk.agents import Arranger
from helpdesk.ticket import Ticket

from agent_cli import moments
from agent_cli.fields import span_of
from agent_cli.wanted import WantedError
from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.web.pages import ticket as pages
from agent_cli.web.pages.replying import keep
from agent_cli.words import times

type Move = Callable[[Arranger], Ticket]


def _moved(
    asked: Asked,
    done: str,
    move: Move,
    *fields: str,
    place: str = "",
    to: str = "",
    what: str = "",
) -> Led | Shown:
    """Make a move and lead to a ticket: `to`, or the one of the page at a `place` of it.

    The page then says what was `done`, and to `what` ticket. If it is refused, the page shows why,
    and `fields` with what was written.
    """
    ticket_id = asked.path("ticket")
    try:
        move(asked.desk.workplace())
    except Exception as error:
        return pages.refused(asked, error, text=asked.text("text") or None, fields=fields)
    return Led(f"/tickets/{to or ticket_id}{place}", f"{done} {what or ticket_id}")


def claimed(asked: Asked) -> Led | Shown:
    """Take the ticket; what is written in the form of the reply is kept."""
    ticket_id = asked.path("ticket")
    if text := asked.text("text"):
        keep(asked, text)
    try:
        taken = asked.desk.workplace().claim(ticket_id)
    except Exception as error:
        return pages.refused(asked, error, text=text or None)
    lease = taken.ticket.lease
    until = f" until {times.clock(lease.until)}" if lease else ""
    return Led(f"/tickets/{ticket_id}#reply", f"This ticket is yours{until}.")


def released(asked: Asked) -> Led | Shown:
    """Give the ticket back, so that another agent can take it."""
    return _moved(asked, "released", lambda at: at.release(asked.path("ticket")))


def transferred(asked: Asked) -> Led | Shown:
    """Give the ticket to a colleague or a department."""
    to, department = asked.text("to") or None, asked.text("department") or None

    def move(at: Arranger) -> Ticket:
        if not (to or department):
            raise WantedError("name a colleague or a department")
        return at.transfer(
            asked.path("ticket"),
            to=to,
            department=department,
            note=asked.text("note") or None,
            override=bool(asked.text("override")),
        )

    return _moved(asked, "transferred", move, "to", "department", "note")


def snoozed(asked: Asked) -> Led | Shown:
    """Put the ticket aside until a moment."""

    def move(at: Arranger) -> Ticket:
        until = moments.later(asked.text("until"), asked.now, span=span_of)
        return at.snooze(asked.path("ticket"), until, note=asked.text("note") or None)

    return _moved(asked, "snoozed", move, "until", "note")


def closed(asked: Asked) -> Led | Shown:
    """End the ticket."""
    note = asked.text("note") or None
    return _moved(asked, "closed", lambda at: at.close(asked.path("ticket"), note=note), "note")


def reopened(asked: Asked) -> Led | Shown:
    """Let the ticket wait for a person again."""
    note = asked.text("note") or None
    return _moved(asked, "reopened", lambda at: at.reopen(asked.path("ticket"), note=note), "note")


def noted(asked: Asked) -> Led | Shown:
    """Write a note for colleagues."""
    text = asked.text("note")
    return _moved(
        asked, "noted on", lambda at: at.note(asked.path("ticket"), text), "note", place="#notes"
    )


def tagged(asked: Asked) -> Led | Shown:
    """Put tags on the ticket and take tags off."""
    add, remove = asked.text("add").split(), asked.all("remove")

    def move(at: Arranger) -> Ticket:
        if not (add or remove):
            raise WantedError("name a tag to put on, or choose one to take off")
        return at.tag(asked.path("ticket"), add=add, remove=remove)

    return _moved(asked, "tagged", move, "add")


def marked_spam(asked: Asked) -> Led | Shown:
    """Close the ticket as spam."""
    note = asked.text("note") or None
    return _moved(
        asked, "marked as spam", lambda at: at.spam(asked.path("ticket"), note=note), "note"
    )


def merged(asked: Asked) -> Led | Shown:
    """Put the ticket into another one of the same customer, and show that one."""
    root, note = asked.text("into"), asked.text("note") or None

    def move(at: Arranger) -> Ticket:
        if not root:
            raise WantedError("name the ticket to merge this one into")
        return at.merge(root, asked.path("ticket"), note=note)

    done = f"merged {asked.path('ticket')} into"
    return _moved(asked, done, move, "into", "note", to=root, what=root)


def split(asked: Asked) -> Led | Shown:
    """Take a merged ticket apart again: this one, or one that was merged into it."""
    other, note = asked.text("other") or asked.path("ticket"), asked.text("note") or None

    def move(at: Arranger) -> Ticket:
        return at.split(other, note=note)

    return _moved(asked, "split off", move, "note", to=other, what=other)


PAGES: dict[str, tuple[str, Page]] = {
    "POST /tickets/{ticket}/claim": ("claim", claimed),
    "POST /tickets/{ticket}/release": ("release", released),
    "POST /tickets/{ticket}/transfer": ("transfer", transferred),
    "POST /tickets/{ticket}/snooze": ("snooze", snoozed),
    "POST /tickets/{ticket}/close": ("close", closed),
    "POST /tickets/{ticket}/reopen": ("reopen", reopened),
    "POST /tickets/{ticket}/note": ("note", noted),
    "POST /tickets/{ticket}/tag": ("tag", tagged),
    "POST /tickets/{ticket}/spam": ("spam", marked_spam),
    "POST /tickets/{ticket}/merge": ("merge", merged),
    "POST /tickets/{ticket}/split": ("split", split),
}

"""The page of one ticket, and the parts of it that htmx asks for again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from helpdesk import access, agents
from helpdesk.files import State, disposition
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Ticket
from starlette.responses import Response

from agent_cli import credentials
from agent_cli.saving import fetched
from agent_cli.web.asking import STATUS, Asked, Page, Shown
from agent_cli.web.pages import reading
from agent_cli.web.pages.reading import May
from agent_cli.words import drafted, facts, faults, moved_on, times
from agent_cli.words.mails import OriginalView
from agent_cli.words.tickets import TicketRow

LONGEST_LIST = 20
"""Other tickets of the customer that are named."""

MOST_OF_A_MAIL = 100_000
"""Bytes of a mail that are shown as they came; all of it can be saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why something was not done, and what the agent had written.

    `text` is the reply, `written` are the other fields. `seen` is the last message that the agent
    had seen; None as this machine knows it. `draft` is the number of the draft that the reply is
    still made from. `now` says what stands now in what a draft rests on; `anyway` offers to send it
    all the same.
    """

    told: str
    status: int
    text: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    seen: int | None = None
    draft: int | None = None
    intent: str = ""
    now: tuple[str, ...] = ()
    anyway: bool = False


def shown(asked: Asked) -> Shown:
    """Show a ticket; from now on the agent has seen its messages."""
    return page(asked, asked.path("ticket"))


def page(asked: Asked, ticket_id: str, trouble: Trouble | None = None) -> Shown:
    """Return the page of a ticket, with what went wrong on it."""
    try:
        dossier = asked.desk.overview.show(ticket_id)
    except NotFoundError as error:
        missing = {"text": str(error), "ticket_id": ticket_id, "written": trouble}
        return Shown("ticket_missing.html", missing, HTTPStatus.NOT_FOUND)
    console, ticket = asked.console, dossier.ticket
    agent = asked.desk.agent()
    may = May.of(ticket, agent, asked.now)
    seen = trouble.seen if trouble else None
    if seen is None:
        seen = console.seen.numbers().get(ticket_id, ticket.messages)
    console.seen.note(ticket_id, ticket.messages)
    row = TicketRow.of(ticket, asked.now)
    values = {
        "row": row,
        "ticket": ticket,
        "may": may,
        "agent": agent,
        "heading": _heading(ticket, row, asked),
        "facts": [pair for pair in facts.facts(dossier, asked.now) if pair[1]],
        "messages": reading.spoken(dossier.conversation.messages, seen=seen),
        "family": [
            (each.ticket, reading.spoken(each.messages, seen=10**9, of=each.ticket.id))
            for each in dossier.family
        ],
        "drafted": reading.drafted_of(dossier),
        "suggestions": list(reading.suggestions_of(dossier)),
        "files": list(reading.files_of(dossier)),
        "notes": list(reading.notes_of(dossier)),
        "history": list(reading.history_of(dossier)),
        "others": dossier.others[:LONGEST_LIST],
        "more_others": max(0, len(dossier.others) - LONGEST_LIST),
        "trouble": trouble,
        "written": trouble.written if trouble else {},
        **_reply(asked, dossier, may, trouble),
        "waiting": console.outbox.waiting(ticket_id),
        "outbox": console.outbox,
    }
    return Shown("ticket.html", values, trouble.status if trouble else HTTPStatus.OK)


def _heading(ticket: Ticket, row: TicketRow, asked: Asked) -> list[str]:
    """Return who asks, in whose hands the ticket is, how urgent it is and until when."""
    held = ticket.held_by(asked.now)
    said = [facts.named(ticket.customer), f"held by {held.agent}" if held else str(ticket.state)]
    if ticket.state.is_open:
        said += [times.due(row, asked.now).text, ticket.urgency.explained(asked.now)]
    return [each for each in said if each]


def _reply(
    asked: Asked, dossier: agents.Dossier, may: May, trouble: Trouble | None
) -> dict[str, object]:
    """Return what the form of the reply begins with."""
    kept = asked.console.drafts.read(dossier.ticket.id)
    text = trouble.text if trouble and trouble.text is not None else kept
    lease = dossier.ticket.lease if may.mine else None
    made_of = trouble.draft if trouble else _number(asked.query("draft"))
    open_ = dossier.draft.number if dossier.draft else None
    writes = may.works and (may.writes or bool(text))
    return {
        "text": text or "",
        "kept": bool(kept),
        "writing": writes,
        "fence": lease.fence if lease else "",
        "until": times.clock(lease.until) if lease else "",
        "made_of": made_of if made_of == open_ else None,
        "intent": trouble.intent if trouble else asked.query("intent"),
        "canned": sorted(asked.desk.parts.knowledge.canned()) if may.writes else [],
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def refused(
    asked: Asked, error: Exception, *, text: str | None = None, fields: Iterable[str] = ()
) -> Shown:
    """Return the page of the ticket with why something was refused, and what was written.

    `text` is the reply, and `fields` names the other fields that are shown again. Raises the error
    if no fault explains it, if the ticket cannot be shown, or if the credentials have ended.
    """
    fault = faults.explained(error, asked.console.where)
    if fault is None or fault.code in {faults.FAILED, faults.NOT_FOUND} or credentials.over(error):
        raise error
    ticket_id = asked.path("ticket")
    changed = (
        tuple(drafted.changes(error)) if isinstance(error, agents.EvidenceChangedError) else ()
    )
    trouble = Trouble(
        told=_told(asked, ticket_id, fault),
        status=STATUS[fault.code],
        text=text,
        written={name: asked.text(name) for name in fields},
        seen=asked.number("seen"),
        draft=asked.number("draft"),
        intent=asked.text("intent"),
        now=changed,
        anyway=bool(changed),
    )
    return page(asked, ticket_id, trouble)


def _told(asked: Asked, ticket_id: str, fault: faults.Fault) -> str:
    """Return why something was refused and, if another one came first, who that was."""
    if fault.code != faults.CONFLICT or not access.is_ticket_id(ticket_id):
        return fault.text
    events = asked.desk.parts.tickets.events(ticket_id)
    last = moved_on.latest(events, agent=asked.desk.agent().name)
    return f"{fault.text} ({last})" if last and last not in fault.text else fault.text


def news(asked: Asked) -> Shown | Response:
    """Say, for htmx, whether more was said than the page shows, or the ticket changed hands."""
    ticket_id = asked.path("ticket")
    found = asked.desk.overview.tickets.get(ticket_id)
    if found is None:
        raise NotFoundError(f"no ticket {ticket_id}")
    version = _number(asked.query("version"))
    if version is None or found.version <= version:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    more = found.messages - (_number(asked.query("seen")) or 0)
    held = found.held_by(asked.now)
    agent = asked.desk.agent()
    theirs = held.agent if held and held.agent != agent.name else None
    if not more and not theirs and asked.query("state") == found.state:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    values = {"more": more, "theirs": theirs, "state": found.state, "ticket_id": ticket_id}
    return Shown("ticket_news.html", values)


def outgoing(asked: Asked) -> Shown:
    """Say, for htmx, how far the reply to a ticket is."""
    ticket_id = asked.path("ticket")
    values = {"ticket_id": ticket_id, "outbox": asked.console.outbox}
    return Shown("ticket_outgoing.html", values)


def file(asked: Asked) -> Response:
    """Give out a file that a customer sent, to be saved and not to be shown.

    Raises NotFoundError for one that is not ready, is gone or was replaced.
    """
    ticket_id, number = asked.path("ticket"), _number(asked.path("number"))
    parts = asked.desk.parts
    known = parts.attachments.get(ticket_id, number) if number else None
    ready = known is not None and known.state is State.READY
    content = fetched(known, parts.files) if known and ready else None
    if known is None or content is None:
        raise NotFoundError(
            f"ticket {ticket_id} has no file {asked.path('number')} that can be saved; "
            "its page says how far the desk is with each file"
        )
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"content-disposition": disposition(known.name)},
    )


def mails(asked: Asked) -> Shown:
    """List the mails of a ticket. Raises NotFoundError if there is no such ticket."""
    ticket_id = asked.path("ticket")
    found = asked.desk.originals.of(ticket_id)
    views = [OriginalView.of(number, each) for number, each in enumerate(found, 1)]
    return Shown("ticket_mails.html", {"ticket_id": ticket_id, "mails": views})


def mail(asked: Asked) -> Shown:
    """Show a mail as it came, as text. Raises NotFoundError."""
    ticket_id, number = asked.path("ticket"), _number(asked.path("number")) or 0
    original, data = asked.desk.originals.read(ticket_id, number)
    text = data[:MOST_OF_A_MAIL].decode("utf-8", "replace").replace("\r\n", "\n")
    values = {
        "ticket_id": ticket_id,
        "mail": OriginalView.of(number, original),
        "text": text,
        "left_out": max(0, len(data) - MOST_OF_A_MAIL),
    }
    return Shown("ticket_mail.html", values)


def save_mail(asked: Asked) -> Response:
    """Give out a mail as it came, to be saved and not to be shown. Raises NotFoundError."""
    ticket_id, number = asked.path("ticket"), _number(asked.path("number")) or 0
    _, data = asked.desk.originals.read(ticket_id, number)
    return Response(
        data,
        media_type="application/octet-stream",
        headers={"content-disposition": disposition(f"{ticket_id}-{number}.eml")},
    )


PAGES: dict[str, tuple[str, Page]] = {
    "GET /tickets/{ticket}": ("ticket", shown),
    "GET /tickets/{ticket}/news": ("news", news),
    "GET /tickets/{ticket}/outgoing": ("outgoing", outgoing),
    "GET /tickets/{ticket}/files/{number}": ("file", file),
    "GET /tickets/{ticket}/mails": ("mails", mails),
    "GET /tickets/{ticket}/mails/{number}": ("mail", mail),
    "GET /tickets/{ticket}/mails/{number}/save": ("mail-save", save_mail),
}

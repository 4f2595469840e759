"""What writes to customers: the reply and its kept text, and the desk's draft."""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from helpdesk import access, agents
from helpdesk.agents import Arranger
from helpdesk.drafting import Draft
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import (
    IllegalMoveError,
    LeaseError,
    NewsError,
    StaleDraftError,
    Ticket,
    expect_draft,
)

from agent_cli import approving
from agent_cli.approving import draft_told
from agent_cli.each import in_hand
from agent_cli.outgoing import Outgoing
from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.web.pages import ticket as pages
from agent_cli.web.pages.ticket import Trouble
from agent_cli.words import faults, times
from agent_cli.words.facts import named


def keep(asked: Asked, text: str) -> None:
    """Keep the reply to a ticket on this machine; nothing is kept of an empty one.

    Raises NotFoundError for what is no id of a ticket.
    """
    ticket_id = asked.path("ticket")
    if not access.is_ticket_id(ticket_id):
        raise NotFoundError(f"no ticket {ticket_id}")
    if text:
        asked.console.drafts.keep(ticket_id, text)
    else:
        asked.console.drafts.drop(ticket_id)


def replied(asked: Asked) -> Led | Shown:
    """Send the reply, or let it wait; its text is on disk before it is tried."""
    ticket_id, text = asked.path("ticket"), asked.text("text")
    outbox = asked.console.outbox
    if waiting := outbox.waiting(ticket_id):
        return _waits(asked, waiting.outgoing, text)
    if text:
        keep(asked, text)
    warnings: list[str] = []
    at = asked.desk.workplace(warn=warnings.append)
    try:
        outgoing = _written(asked, at, text)
        draft = outgoing.draft
        with draft_told(at, ticket_id, draft.number if draft else None):
            done = outgoing.checked(at, outbox.undo) if outbox.undo else outgoing.send(at)
    except Exception as error:
        return _refused(asked, error, text)
    return _done(asked, outgoing, done, warnings)


def _written(asked: Asked, at: Arranger, text: str) -> Outgoing:
    """Return the reply that the form describes. Raises NotFoundError or StaleDraftError."""
    ticket_id = asked.path("ticket")
    found = at.get(ticket_id)
    number = asked.number("draft")
    # A canned reply may have been put in at any time, also before the console was started.
    canned = frozenset(at.articles.canned()) if "{" in text else frozenset()
    return Outgoing(
        ticket_id=ticket_id,
        typed=text,
        text=text,
        who=named(found.customer),
        fence=asked.number("fence"),
        intent=asked.text("intent") or None,
        canned=canned,
        seen=asked.number("seen"),
        adds=bool(asked.text("adds")),
        draft=_open(at, found, number) if number else None,
        anyway=bool(asked.text("anyway")),
    )


def _open(at: Arranger, found: Ticket, number: int) -> Draft:
    """Return the open draft with this number. Raises StaleDraftError, which says who ended it."""
    with draft_told(at, found.id, number):
        expect_draft(found, number)
        if draft := at.open_draft(found):
            return draft
        raise StaleDraftError(f"draft {number} is gone")


def _done(asked: Asked, outgoing: Outgoing, done: Ticket | Outgoing, warnings: list[str]) -> Led:
    """Note that a reply was sent or waits, and lead to its ticket."""
    outbox, here = asked.console.outbox, f"/tickets/{outgoing.ticket_id}"
    more = "".join(f"\n{each}" for each in warnings)
    if isinstance(done, Outgoing):
        outbox.post(done, asked.open_desk)
        return Led(here, f"Your reply waits; it can be taken back.{more}")
    outbox.note_sent(outgoing, done.messages)
    return Led(here, f"Your reply to {outgoing.who} is sent.{more}")


def _waits(asked: Asked, waiting: Outgoing, text: str) -> Led | Shown:
    """Answer a second reply while the first one waits: the same one again is the same."""
    if text in {"", waiting.typed.strip()}:
        return Led(f"/tickets/{waiting.ticket_id}")
    told = "a reply of yours to this ticket waits; take it back first"
    trouble = Trouble(told=told, status=HTTPStatus.CONFLICT, text=text)
    return pages.page(asked, waiting.ticket_id, trouble)


def _refused(asked: Asked, error: Exception, text: str | None) -> Shown:
    """Return the ticket's page with the text of a reply that was refused, and the way on."""
    if isinstance(error, NewsError):
        trouble = Trouble(
            told=f"not sent: {error}; read what is new, then send your text again or change it",
            status=HTTPStatus.CONFLICT,
            text=text,
            seen=asked.number("seen"),
            intent=asked.text("intent"),
        )
        return pages.page(asked, asked.path("ticket"), trouble)
    return pages.refused(asked, error, text=text)


def kept(asked: Asked) -> Led | Shown:
    """Keep the text while the agent writes, and the ticket in the agent's hands."""
    ticket_id, text = asked.path("ticket"), asked.text("text")
    if not (text and asked.console.outbox.has_sent(ticket_id, text)):
        keep(asked, text)
    lost = _still_mine(asked, ticket_id)
    if asked.wants_part:
        said = f"Your text is kept, {times.clock(asked.now)}." if text else "Nothing is written."
        return Shown("ticket_kept.html", {"said": said, "lost": lost})
    said = "Your text is kept." if text else "There is no text to keep."
    return Led(_address(asked), f"{said} {lost}".strip())


def _still_mine(asked: Asked, ticket_id: str) -> str:
    """Keep the lease alive while the agent writes; return in words that it is lost, or ""."""
    fence, lease = asked.number("fence"), asked.desk.lease
    if fence is None:
        return ""
    beats = asked.console.beats
    if not beats.due(ticket_id, fence, now=asked.now, every=_every(lease)):
        return ""
    try:
        asked.desk.workplace().extend(ticket_id, fence=fence)
    except (LeaseError, IllegalMoveError, ConflictError, NotFoundError) as error:
        fault = faults.explained(error, asked.console.where)
        return f"The ticket is not yours any more: {fault.text if fault else error}."
    return ""


def _every(lease: timedelta) -> timedelta:
    return lease / 3


def inserted(asked: Asked) -> Led | Shown:
    """Put a suggestion, a canned reply or the desk's draft below what is written."""
    ticket_id, text = asked.path("ticket"), asked.text("text")
    if text:
        keep(asked, text)
    here = asked.desk.workplace()
    try:
        if number := asked.number("edit"):
            return _editing(asked, here, number)
        if intent := asked.text("suggestion"):
            added = _suggested(here, ticket_id, intent)
        else:
            added = here.canned(asked.text("canned"), ticket_id)
    except Exception as error:
        return pages.refused(asked, error, text=text)
    keep(asked, "\n\n".join(filter(None, (text, added))))
    return Led(_address(asked, intent=asked.text("suggestion") or asked.text("intent")))


def _suggested(here: Arranger, ticket_id: str, intent: str) -> str:
    for each in here.show(ticket_id).suggestions:
        if each.intent == intent:
            return each.text
    raise NotFoundError(f"no suggestion {intent!r} for this ticket")


def _editing(asked: Asked, here: Arranger, number: int) -> Led:
    """Take the ticket, and begin a reply with the desk's draft."""
    ticket_id = asked.path("ticket")
    draft = _open(here, here.get(ticket_id), number)
    in_hand(here, ticket_id)
    was = asked.console.drafts.read(ticket_id)
    keep(asked, approving.begun(was, draft, made_of=asked.number("draft")))
    return Led(_address(asked, draft=str(number)))


def _address(asked: Asked, **more: str) -> str:
    """Return the address of the reply's form, with what it was made from."""
    made = {"draft": asked.text("draft"), "intent": asked.text("intent"), **more}
    query = urlencode({name: value for name, value in made.items() if value})
    return f"/tickets/{asked.path('ticket')}{'?' if query else ''}{query}#reply"


def taken_back(asked: Asked) -> Led:
    """Take back the reply that waits, and go on writing it."""
    ticket_id = asked.path("ticket")
    taken = asked.console.outbox.take_back(ticket_id)
    if taken is None:
        return Led(f"/tickets/{ticket_id}", "No reply is waiting: it was sent, or refused.")
    draft = str(taken.draft.number) if taken.draft and not taken.as_it_is else ""
    made = {name: value for name, value in (("draft", draft), ("intent", taken.intent)) if value}
    query = f"?{urlencode(made)}" if made else ""
    return Led(f"/tickets/{ticket_id}{query}#reply", "Taken back: nothing was sent.")


def approved(asked: Asked) -> Led | Shown:
    """Send the desk's draft as it is, or let it wait."""
    number, anyway = asked.number("number") or 0, bool(asked.text("anyway"))
    warnings: list[str] = []
    at = asked.desk.workplace(warn=warnings.append)
    undo = asked.console.outbox.undo
    try:
        draft = _open(at, found := at.get(asked.path("ticket")), number)
        outgoing = Outgoing(
            ticket_id=found.id,
            typed=draft.text,
            text=draft.text,
            who=named(found.customer),
            seen=asked.number("seen"),
            draft=draft,
            anyway=anyway,
        )
        done = approving.approve(at, outgoing, draft, undo)
    except Exception as error:
        return _refused(asked, error, None)
    return _done(asked, outgoing, done, warnings)


def dismissed(asked: Asked) -> Led | Shown:
    """Put the desk's draft away; the ticket still waits for a reply."""
    ticket_id, number = asked.path("ticket"), asked.number("number") or 0
    at = asked.desk.workplace()
    try:
        with draft_told(at, ticket_id, number):
            agents.dismiss(at, ticket_id, number)
    except Exception as error:
        return pages.refused(asked, error)
    return Led(f"/tickets/{ticket_id}", f"dismissed draft {number} of {ticket_id}")


PAGES: dict[str, tuple[str, Page]] = {
    "POST /tickets/{ticket}/reply": ("reply", replied),
    "POST /tickets/{ticket}/kept": ("kept", kept),
    "POST /tickets/{ticket}/insert": ("insert", inserted),
    "POST /tickets/{ticket}/back": ("back", taken_back),
    "POST /tickets/{ticket}/approve": ("approve", approved),
    "POST /tickets/{ticket}/dismiss": ("dismiss", dismissed),
}

"""`helpdesk ticket`: an agent's day in verbs."""

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.fields import Moment, Span
from agent_cli.verbs import NeedsInputError, Noun, Terminal

if TYPE_CHECKING:
    from helpdesk.agents import Dossier, Workplace
    from helpdesk.ticket import Ticket

    from agent_cli.drafts import Drafts

STATES = ("received", "asked", "escalated", "snoozed", "answered", "closed")

ticket_argument = click.argument("ticket_id", metavar="TICKET")
note_option = click.option("--note", help="A word to colleagues; customers never see it.")


@click.group("ticket", cls=Noun)
def command() -> None:
    """See what waits, take a ticket, answer it.

    \b
    helpdesk ticket list
    helpdesk ticket next
    helpdesk ticket reply 7k3mxq0v2r5t8w1z
    """


@command.command("list")
@click.option(
    "--state",
    "states",
    type=click.Choice([*STATES, "open", "all"]),
    multiple=True,
    help="May be repeated.  [default: escalated]",
)
@click.option("--priority", type=click.Choice(["low", "normal", "high", "urgent"]))
@click.option("--intent", help="What it is about.")
@click.option("--department", help="Who deals with it.")
@click.option("--assignee", help="Whose it is, or who holds it; `me` for yourself.")
@click.option("--customer", help="An e-mail address, or your own reference of the customer.")
@click.option("--age", type=Span(), help="Waiting longer than this: 30m, 2h, 3d.")
@click.option("--text", help="Said somewhere in the ticket.")
@click.option("--days", type=click.IntRange(1, 400), default=1, help="How far back done ones go.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.pass_obj
def list_(at: Terminal, /, states: tuple[str, ...], **given: Any) -> None:
    """List tickets: what is due first comes first.

    \b
    helpdesk ticket list
    helpdesk ticket list --priority urgent --age 2h
    helpdesk ticket list --state all --customer ada@example.com -o json
    """
    from helpdesk.agents import Query
    from helpdesk.knowledge import Priority
    from helpdesk.ticket import Listing

    from agent_cli import render
    from agent_cli.session import now
    from agent_cli.views import TicketRow

    everything = STATES if given["customer"] and not states else states or ("escalated",)
    names = {
        name
        for state in everything
        for name in {"open": STATES[:4], "all": STATES}.get(state, (state,))
    }
    workplace = _workplace(at)
    owner = workplace.agent if given["assignee"] == "me" else given["assignee"]
    found = workplace.find(
        Query(
            listings=tuple(listing for listing in Listing if listing in names),
            priority=Priority(given["priority"]) if given["priority"] else None,
            intent=given["intent"],
            department=given["department"],
            owner=owner,
            customer=given["customer"],
            waiting_longer_than=given["age"],
            text=given["text"],
            days=given["days"],
            limit=given["limit"],
        )
    )
    moment = now()
    rows = [TicketRow.of(ticket, moment) for ticket in found]
    if not rows:
        output.tell("no such tickets" if states or any(given.values()) else "nothing waits")
    if rows or at.option("output") != "table":
        output.show(at, rows, lambda: render.tickets(rows, moment, width=render.console().width))


@command.command("next")
@click.option("--department", help="Only what this department deals with.")
@click.pass_context
def next_(context: click.Context, department: str | None) -> None:
    """Take the ticket that is due first: it is yours for 15 minutes.

    What belongs to a colleague is left to them until it is overdue. Exits with 3 if nothing waits.

    \b
    helpdesk ticket next
    helpdesk ticket next -o json | jq -r .ticket.id
    """
    at: Terminal = context.obj
    taken = _workplace(at).take_next(department=department)
    if taken is None:
        output.tell("nothing waits")
        context.exit(3)
    _show(at, taken)
    _say_what_next(taken)


@command.command()
@ticket_argument
@click.pass_obj
def claim(at: Terminal, ticket_id: str) -> None:
    """Take this ticket, or make your 15 minutes start anew.

    \b
    helpdesk ticket claim 7k3mxq0v2r5t8w1z
    """
    taken = _workplace(at).claim(ticket_id)
    _show(at, taken)
    _say_what_next(taken)


@command.command()
@ticket_argument
@click.pass_obj
def show(at: Terminal, ticket_id: str) -> None:
    """Show everything known about a ticket.

    \b
    helpdesk ticket show 7k3mxq0v2r5t8w1z
    """
    _show(at, _workplace(at).show(ticket_id))


@command.command()
@ticket_argument
@click.argument("text", required=False)
@click.option("--suggestion", help="Send a suggestion of `show`, by number or intent.")
@click.option("--canned", help="Send a canned reply.")
@click.option("--draft", is_flag=True, help="Send the kept text as it is.")
@click.option("--edit", is_flag=True, help="Open the text in your editor before it is sent.")
@click.option("--fence", type=int, help="Refuse if the lease is not this one any more.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the text on stdin.")
@click.pass_obj
def reply(at: Terminal, /, ticket_id: str, text: str | None, **given: Any) -> None:
    """Answer a ticket you took.

    Without TEXT, or with - for it, it is read from stdin; on a terminal without TEXT your editor
    opens, which keeps the ticket yours meanwhile. Text that could not be sent is kept, and
    offered the next time.

    \b
    helpdesk ticket reply 7k3mxq0v2r5t8w1z
    helpdesk ticket reply 7k3mxq0v2r5t8w1z "Dear Ada, your parcel left today."
    helpdesk ticket reply 7k3mxq0v2r5t8w1z --suggestion 1 --edit
    helpdesk ticket reply 7k3mxq0v2r5t8w1z < answer.txt
    """
    from helpdesk.ports import NotFoundError

    from agent_cli import stdin
    from agent_cli.views import TicketRow

    drafts = _drafts(at)
    sources = [text is not None, *(bool(given[name]) for name in ("suggestion", "canned", "draft"))]
    if sum(sources) > 1:
        raise click.UsageError("give one of TEXT, --suggestion, --canned and --draft")
    if text == stdin.STDIN or (not any(sources) and stdin.waits()):
        text = _piped(drafts, ticket_id, given["encoding"])
    typed = drafts.read(ticket_id) if given["draft"] else text
    if given["draft"] and typed is None:
        raise NotFoundError(f"no text is kept for {ticket_id}")
    try:
        workplace = _workplace(at)
        dossier = workplace.show(ticket_id)
        typed, intent = _composed(workplace, dossier, typed, given)
        if typed is None or given["edit"]:
            typed = _edited(at, workplace, dossier, drafts, typed)
        sent = workplace.reply(ticket_id, typed, fence=_fence(dossier, given), intent=intent)
    except BaseException:
        _keep(drafts, ticket_id, typed)
        raise
    drafts.drop(ticket_id)
    from agent_cli.session import now

    output.done(at, TicketRow.of(sent, now()), f"replied to {ticket_id}")


@command.command()
@ticket_argument
@click.argument("text", required=False)
@click.pass_obj
def note(at: Terminal, ticket_id: str, text: str | None) -> None:
    """Write something for colleagues; customers never see it.

    Without TEXT, or with - for it, it is read from stdin.

    \b
    helpdesk ticket note 7k3mxq0v2r5t8w1z "Asked the warehouse, they call back."
    helpdesk ticket note 7k3mxq0v2r5t8w1z < call.txt
    """
    from agent_cli import stdin

    _done(at, _workplace(at).note(ticket_id, stdin.given(text)), "noted on")


@command.command()
@ticket_argument
@click.pass_obj
def release(at: Terminal, ticket_id: str) -> None:
    """Give a ticket you took back, for the next agent.

    \b
    helpdesk ticket release 7k3mxq0v2r5t8w1z
    """
    _done(at, _workplace(at).release(ticket_id), "released")


@command.command()
@ticket_argument
@click.option("--to", help="The colleague who gets it.")
@click.option("--department", help="The department that gets it.")
@note_option
@click.option("--lead", is_flag=True, help="Also if others hold it; needs the leads' policy.")
@click.pass_obj
def transfer(at: Terminal, /, ticket_id: str, **given: Any) -> None:
    """Give a ticket to a colleague or a department; its customer's waiting counts on.

    \b
    helpdesk ticket transfer 7k3mxq0v2r5t8w1z --to bob --note "You know this customer."
    helpdesk ticket transfer 7k3mxq0v2r5t8w1z --department billing
    """
    if not (given["to"] or given["department"]):
        raise click.UsageError("say --to whom, or to which --department")
    _done(at, _workplace(at).transfer(ticket_id, **given), "transferred")


@command.command()
@ticket_argument
@click.option("--for", "span", type=Span(), help="How long: 30m, 2h, 3d.")
@click.option("--until", type=Moment(), help="Until when: 2026-03-02T09:00.")
@note_option
@click.pass_obj
def snooze(
    at: Terminal, ticket_id: str, span: timedelta | None, until: datetime | None, note: str | None
) -> None:
    """Put a ticket you took aside; it comes back by itself, and to you first.

    \b
    helpdesk ticket snooze 7k3mxq0v2r5t8w1z --for 2h --note "The warehouse calls back."
    """
    from agent_cli.session import now

    if (span is None) == (until is None):
        raise click.UsageError("say either --for how long or --until when")
    moment = until or now() + (span or timedelta())
    _done(at, _workplace(at).snooze(ticket_id, moment, note=note), "snoozed")


@command.command()
@ticket_argument
@note_option
@click.pass_obj
def close(at: Terminal, ticket_id: str, note: str | None) -> None:
    """End a ticket: one you took, without a reply, or one that was answered.

    \b
    helpdesk ticket close 7k3mxq0v2r5t8w1z --note "Advertising."
    """
    _done(at, _workplace(at).close(ticket_id, note=note), "closed")


@command.command()
@ticket_argument
@note_option
@click.pass_obj
def reopen(at: Terminal, ticket_id: str, note: str | None) -> None:
    """Let an answered or closed ticket wait again.

    \b
    helpdesk ticket reopen 7k3mxq0v2r5t8w1z --note "The parcel came back."
    """
    _done(at, _workplace(at).reopen(ticket_id, note=note), "reopened")


@command.command()
@ticket_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def revoke(at: Terminal, ticket_id: str, *, yes: bool) -> None:
    """Lock a ticket's customer out, as when the token leaked; agents still see the ticket.

    Who has the token can exchange it instead, and keep the ticket: POST /queries/{id}/token.

    \b
    helpdesk ticket revoke 7k3mxq0v2r5t8w1z
    """
    at.confirm(f"Let nobody open {ticket_id} any more, its customer included?", yes=yes)
    _done(at, _workplace(at).revoke_token(ticket_id), "revoked the token of")


@command.command()
@click.argument("ticket_id", metavar="[TICKET]", required=False)
@click.option("--customer", help="All tickets of an e-mail address, or of your own reference.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(at: Terminal, ticket_id: str | None, customer: str | None, *, yes: bool) -> None:
    """Erase a ticket, or all of a customer's, for good; needs the leads' policy.

    Nothing is left but the record of who erased which ticket and when.

    \b
    helpdesk ticket erase 7k3mxq0v2r5t8w1z
    helpdesk ticket erase --customer ada@example.com
    """
    from helpdesk import erasure
    from helpdesk.ticket import Customer

    from agent_cli import render
    from agent_cli.session import now
    from agent_cli.views import ErasedView

    if (ticket_id is None) == (customer is None):
        raise click.UsageError("name either a TICKET or a --customer")
    tickets, lead = at.desk.tickets, at.desk.agent
    if ticket_id:
        at.confirm(f"Erase ticket {ticket_id} for good?", yes=yes)
        erasure.erase_ticket(ticket_id, lead, tickets=tickets, clock=now)
        erased: tuple[str, ...] = (ticket_id,)
    else:
        whose = Customer.named(str(customer))
        count = len(tickets.of_customer(whose))
        at.confirm(f"Erase all {count} ticket(s) of {customer} for good?", yes=yes)
        erased = erasure.erase_customer(whose, lead, tickets=tickets, clock=now)
    drafts = _drafts(at)
    for each in erased:
        drafts.drop(each)
    output.tell(f"erased {len(erased)} ticket(s)")
    views = [ErasedView(id=each, by=lead) for each in erased]
    columns: list[render.Column[ErasedView]] = [
        ("ticket", lambda view: view.id),
        ("erased by", lambda view: view.by),
    ]
    output.show(at, views, lambda: render.table(views, columns, flexible="erased by"))


@command.command()
@click.option("--since", type=Span(), default="10m", help="Begin this long ago.  [default: 10m]")
@click.option("--for", "span", type=Span(), help="Stop after this long; otherwise with Ctrl-C.")
@click.pass_obj
def tail(at: Terminal, since: timedelta, span: timedelta | None) -> None:
    """Follow what happens to all tickets, one line an event.

    \b
    helpdesk ticket tail
    helpdesk ticket tail --since 1h --for 30m -o jsonl
    """
    from agent_cli.session import now

    late = timedelta(seconds=10)  # an index may show an event some seconds after a later one
    begun = now()
    looked = begun - since
    seen: set[tuple[str, int]] = set()
    tickets = _workplace(at).tickets
    while True:
        moment = now()
        found = {(each.ticket_id, each.number): each for each in tickets.happened(looked, moment)}
        for key, each in found.items():
            if key not in seen:
                _tell_event(at, each)
        seen, looked = set(found), max(looked, moment - late)
        if span is not None and moment - begun >= span:
            return
        time.sleep(1)


@command.command()
@ticket_argument
@click.pass_obj
def history(at: Terminal, ticket_id: str) -> None:
    """Show every move of a ticket: when, who, what.

    \b
    helpdesk ticket history 7k3mxq0v2r5t8w1z
    """
    from agent_cli import render
    from agent_cli.views import EventView

    events = [EventView.of(event) for event in _workplace(at).history(ticket_id)]
    columns: list[render.Column[EventView]] = [
        ("#", lambda event: str(event.number)),
        ("when (UTC)", lambda event: f"{event.at:%d %b %H:%M:%S}"),
        ("who", lambda event: event.actor),
        ("move", lambda event: event.move),
        ("what", _what),
    ]
    output.show(at, events, lambda: render.table(events, columns, flexible="what"))


def _what(event: Any) -> str:
    told = [f"{name} {value}" for name, value in event.changed.items() if value is not None]
    return "; ".join([*([event.note] if event.note else []), *told])


def _workplace(at: Terminal) -> "Workplace":
    return at.desk.workplace(warn=output.tell)


def _drafts(at: Terminal) -> "Drafts":
    from agent_cli.drafts import Drafts

    return Drafts(at.settings.state / "drafts" / str(at.option("stack_name")))


def _show(at: Terminal, dossier: "Dossier") -> None:
    from agent_cli import render
    from agent_cli.session import now
    from agent_cli.views import TicketView

    moment = now()
    output.show(at, TicketView.of(dossier, moment), lambda: render.page(dossier, moment))


def _done(at: Terminal, ticket: "Ticket", what: str) -> None:
    from agent_cli.session import now
    from agent_cli.views import TicketRow

    output.done(at, TicketRow.of(ticket, now()), f"{what} {ticket.id}")


def _say_what_next(taken: "Dossier") -> None:
    lease = taken.ticket.lease
    until = f" until {lease.until.astimezone():%H:%M}" if lease else ""
    output.tell(f"yours{until}; answer with: helpdesk ticket reply {taken.ticket.id}")


def _piped(drafts: "Drafts", ticket_id: str, encoding: str) -> str:
    """Return the text on stdin; what cannot be read is kept as it is."""
    from agent_cli import stdin

    try:
        return stdin.read(encoding)
    except stdin.EncodingError as error:
        _keep(drafts, ticket_id, error.data)
        raise stdin.EncodingError(
            f"{error}; name its --encoding, such as latin-1", error.data
        ) from error


def _composed(
    workplace: "Workplace", dossier: "Dossier", typed: str | None, given: dict[str, Any]
) -> tuple[str | None, str | None]:
    """Return the text to send as far as it is known, and the intent of the article it is from."""
    from helpdesk.ports import NotFoundError

    if given["canned"]:
        return workplace.canned(given["canned"], dossier.ticket.id), None
    if not (name := given["suggestion"]):
        return typed, None
    for number, suggestion in enumerate(dossier.suggestions, start=1):
        if name in {str(number), suggestion.intent}:
            return suggestion.text, suggestion.intent
    there = ", ".join(each.intent for each in dossier.suggestions) or "none"
    raise NotFoundError(f"no suggestion {name!r} for this ticket; there are: {there}")


def _edited(
    at: Terminal, workplace: "Workplace", dossier: "Dossier", drafts: "Drafts", typed: str | None
) -> str:
    """Return what the agent writes in the editor, keeping the lease alive meanwhile."""
    from helpdesk.ticket import LeaseError, TextError

    from agent_cli import editor

    if at.no_input:
        raise NeedsInputError("no text: give TEXT, pipe it in, or leave out --no-input")
    ticket_id = dossier.ticket.id
    lease = dossier.ticket.held_by(workplace.clock())
    if lease is None or lease.agent != workplace.agent:
        # Fails as sending would, before anything is written in vain.
        raise LeaseError(
            f"{lease.agent} holds this ticket until {lease.until:%H:%M} UTC"
            if lease
            else f"nobody holds this ticket; claim it first: helpdesk ticket claim {ticket_id}"
        )
    initial = typed or drafts.read(ticket_id) or ""
    with editor.Heartbeat(workplace, ticket_id, lease.fence, tell=output.tell):
        written = editor.write(dossier, drafts, initial)
    if not written:
        raise TextError("nothing was written, nothing was sent")
    return written


def _fence(dossier: "Dossier", given: dict[str, Any]) -> int | None:
    """Return the lease a reply belongs to: as given, or as it was when the command began."""
    if given["fence"] is not None:
        return int(given["fence"])
    lease = dossier.ticket.lease
    return lease.fence if lease else None


def _keep(drafts: "Drafts", ticket_id: str, text: str | bytes | None) -> None:
    """Keep what was not sent, and say where; what cannot be kept is said too."""
    if not text or not text.strip():
        return
    try:
        path = drafts.keep(ticket_id, text)
    except (OSError, ValueError) as error:
        output.tell(f"your text could not be kept: {error}")
        return
    output.tell(f"your text is kept in {path}; `helpdesk ticket reply {ticket_id}` offers it again")


def _tell_event(at: Terminal, each: Any) -> None:
    if at.option("output") != "table":
        click.echo(output.as_json(each))
        return
    more = " ".join(part for part in (each.intent, each.reason) if part)
    when = each.at.astimezone()
    from agent_cli.render import printable

    click.echo(f"{when:%H:%M:%S}  {each.ticket_id}  {printable(each.actor):<12} {each.move} {more}")

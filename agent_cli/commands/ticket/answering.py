"""The verb that answers a customer: reply, from any source of text."""

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import done, ticket_argument, workplace
from agent_cli.fields import Undo
from agent_cli.undoing import TakenBack, wait
from agent_cli.verbs import NeedsInputError, Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.agents import Arranger, Dossier
    from helpdesk.ticket import Ticket

    from agent_cli.drafts import Drafts
    from agent_cli.outgoing import Outgoing


@click.command(cls=Verb)
@ticket_argument
@click.argument("text", required=False)
@click.option("--suggestion", help="Send a suggestion that `show` lists, by number or intent.")
@click.option("--canned", help="Send a canned reply.")
@click.option("--draft", is_flag=True, help="Send the kept text as it is.")
@click.option("--edit", is_flag=True, help="Open the text in your editor before it is sent.")
@click.option("--also", is_flag=True, help="Send another message on an answered ticket.")
@click.option("--undo", type=Undo(), help="Wait before sending; Ctrl-C takes it back: 10s.")
@click.option("--fence", type=int, help="Send only if the lease still has this number.")
@click.option("--seen", type=int, help="Send only if this is the number of the last message.")
@click.option("--despite-news", is_flag=True, help="Send even if the customer wrote again.")
@click.option(
    "--encoding", default="utf-8", show_default=True, help="The encoding of the text on stdin."
)
@click.pass_obj
def reply(at: Terminal, /, ticket_id: str, text: str | None, **given: Any) -> None:
    """Answer a ticket you took.

    Without TEXT your editor opens; the ticket stays yours while you write. If text is piped in, or
    if TEXT is -, the reply is read from stdin. A reply that could not be sent is kept, and you
    find it in the editor the next time.

    If the customer wrote again after the last message that you saw here, you see the new message
    and are asked. Where there is no terminal to ask on, nothing is sent and the exit code is 6.
    The ticket stays yours while you type. Without any sign of life its lease ends.

    \b
    helpdesk ticket reply 7k3mxq0v2r5t8w1z
    helpdesk ticket reply 7k3mxq0v2r5t8w1z "Dear Ada, your parcel left today."
    helpdesk ticket reply 7k3mxq0v2r5t8w1z --suggestion 1 --edit
    helpdesk ticket reply 7k3mxq0v2r5t8w1z < answer.txt
    helpdesk ticket reply 7k3mxq0v2r5t8w1z --undo 10s "Dear Ada, it left today."
    helpdesk ticket reply 7k3mxq0v2r5t8w1z --also "And here is the tracking number: 17."
    """
    from helpdesk.ports import NotFoundError

    from agent_cli import stdin
    from agent_cli.outgoing import Outgoing

    drafts = at.drafts
    sources = [text is not None, *(bool(given[name]) for name in ("suggestion", "canned", "draft"))]
    if sum(sources) > 1:
        raise click.UsageError("give one of TEXT, --suggestion, --canned and --draft")
    if text == stdin.STDIN or (not any(sources) and stdin.waits()):
        text = _piped(drafts, ticket_id, given["encoding"])
    typed = drafts.read(ticket_id) if given["draft"] else text
    if given["draft"] and typed is None:
        raise NotFoundError(f"no text is kept for {ticket_id}")
    made = bool(given["canned"] or given["suggestion"]) and not given["edit"]
    try:
        here = workplace(at)
        dossier = here.show(ticket_id)
        typed, intent = _composed(here, dossier, typed, given)
        seen = _seen(at, dossier, given)
        if typed is None or given["edit"]:
            typed = edited(at, here, dossier, typed, also=given["also"])
            seen = max(seen or 0, dossier.ticket.messages)
        seen = None if given["despite_news"] else seen
        outgoing = Outgoing(
            ticket_id=ticket_id,
            typed=typed,
            text=typed,
            who="",
            fence=_fence(dossier, given),
            intent=intent,
            canned=frozenset([given["canned"]] if given["canned"] else []),
            adds=given["also"],
        )
        if given["undo"]:
            wait(outgoing, here, given["undo"])
        sent = _sent(at, here, outgoing, seen)
    except TakenBack:
        keep(drafts, ticket_id, typed)
        raise
    except BaseException:
        if not made:  # a canned reply or a suggestion can be made again
            keep(drafts, ticket_id, typed)
        raise
    drafts.drop(ticket_id)
    at.seen.note(ticket_id, sent.messages)
    done(at, sent, "replied to")


def _piped(drafts: "Drafts", ticket_id: str, encoding: str) -> str:
    """Return the text on stdin. If it cannot be decoded, its bytes are kept as the draft."""
    from agent_cli import stdin

    try:
        return stdin.read(encoding)
    except stdin.EncodingError as error:
        keep(drafts, ticket_id, error.data)
        raise stdin.EncodingError(
            f"{error}; name its --encoding, such as latin-1", error.data
        ) from error


def _composed(
    here: "Arranger", dossier: "Dossier", typed: str | None, given: dict[str, Any]
) -> tuple[str | None, str | None]:
    """Return the text to send, if there is one yet, and the intent of the article it is from."""
    from helpdesk.ports import NotFoundError

    if given["canned"]:
        return here.canned(given["canned"], dossier.ticket.id), None
    if not (name := given["suggestion"]):
        return typed, None
    for number, suggestion in enumerate(dossier.suggestions, start=1):
        if name in {str(number), suggestion.intent}:
            return suggestion.text, suggestion.intent
    there = ", ".join(each.intent for each in dossier.suggestions) or "none"
    raise NotFoundError(f"no suggestion {name!r} for this ticket; there are: {there}")


def edited(
    at: Terminal, here: "Arranger", dossier: "Dossier", typed: str | None, *, also: bool
) -> str:
    """Return what the agent writes in the editor. The lease is kept alive while it is open.

    With `also`, no lease is needed: the ticket is answered.
    """
    from helpdesk.ticket import LeaseError, TextError, expect_no_colleague

    from agent_cli import editor
    from agent_cli.activity import Activity, terminal

    if at.no_input:
        raise NeedsInputError("no text: give TEXT, pipe it in, or leave out --no-input")
    ticket_id = dossier.ticket.id
    now = here.clock()
    lease = dossier.ticket.held_by(now)
    # Fails as sending would, before the agent writes anything.
    if not also and expect_no_colleague(dossier.ticket, here.agent.name, now) is None:
        raise LeaseError(
            f"no agent holds this ticket; claim it first: helpdesk ticket claim {ticket_id}"
        )
    kept = at.drafts.read(ticket_id)
    initial = "\n\n".join(text for text in (kept, typed) if text)
    alive = (
        editor.Heartbeat(
            lambda: workplace(at),
            ticket_id,
            lease.fence,
            every=here.heartbeat,
            activity=Activity(at.drafts.path(ticket_id), terminal=terminal()),
            tell=output.tell,
        )
        if lease
        else nullcontext()
    )
    with alive:
        written = editor.write(dossier, at.drafts, initial)
    if not written:
        raise TextError("you wrote nothing, so nothing was sent")
    return written


def _seen(at: Terminal, dossier: "Dossier", given: dict[str, Any]) -> int | None:
    """Return the number of the last message the agent has seen: as given, or as shown here before.

    An agent to whom this terminal has not shown the ticket answers it as the command finds it.
    """
    if given["seen"] is not None:
        return int(given["seen"])
    return at.seen.numbers().get(dossier.ticket.id, dossier.ticket.messages)


def _sent(at: Terminal, here: "Arranger", outgoing: "Outgoing", seen: int | None) -> "Ticket":
    """Send the reply; if the customer wrote again, only after the agent has read it and agrees.

    `seen` is the number of the last message that the agent has seen.
    """
    from helpdesk.ticket import NewsError

    while True:
        try:
            return replace(outgoing, seen=seen).send(here)
        except NewsError as error:
            if not at.can_ask:
                raise NewsError(
                    f"{error}; read it: helpdesk ticket show {outgoing.ticket_id}; then send the "
                    "kept text with --draft, or any text with --despite-news"
                ) from error
            seen = _asked(at, at.desk.overview.show(outgoing.ticket_id), seen or 0)


def _asked(at: Terminal, dossier: "Dossier", seen: int) -> int:
    """Show what was said since; return the number of the last message if the agent goes on.

    Raises NewsError if the agent would rather not send.
    """
    from helpdesk.ticket import NewsError

    from agent_cli.words.facts import heading_of_message

    for message in dossier.conversation.messages[seen:]:
        output.tell(f"new: {heading_of_message(message)}")
        for line in message.text.splitlines():
            output.tell_plainly(f"  | {line}")
    at.seen.note(dossier.ticket.id, dossier.ticket.messages)
    if click.confirm("Send your reply anyway?", err=True):
        return dossier.ticket.messages
    raise NewsError("nothing was sent")


def _fence(dossier: "Dossier", given: dict[str, Any]) -> int | None:
    """Return the fence of the lease the reply belongs to: as given, or as the command found it."""
    if given["fence"] is not None:
        return int(given["fence"])
    lease = dossier.ticket.lease
    return lease.fence if lease else None


def keep(drafts: "Drafts", ticket_id: str, text: str | bytes | None) -> None:
    """Keep what was not sent and tell where, or tell why it could not be kept."""
    if not text or not text.strip():
        return
    try:
        path = drafts.keep(ticket_id, text)
    except (OSError, ValueError) as error:
        output.tell(f"your text could not be kept: {error}")
        return
    output.tell(f"your text is kept in {path}; `helpdesk ticket reply {ticket_id}` offers it again")

"""The verb that answers a customer: reply, from any source of text."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.commands.ticket.one_ticket import done, ticket_argument, workplace
from agent_cli.verbs import NeedsInputError, Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.agents import Arranger, Dossier

    from agent_cli.drafts import Drafts


@click.command(cls=Verb)
@ticket_argument
@click.argument("text", required=False)
@click.option("--suggestion", help="Send a suggestion of `show`, by number or intent.")
@click.option("--canned", help="Send a canned reply.")
@click.option("--draft", is_flag=True, help="Send the kept text as it is.")
@click.option("--edit", is_flag=True, help="Open the text in your editor before it is sent.")
@click.option("--also", is_flag=True, help="Send another message on an answered ticket.")
@click.option("--fence", type=int, help="Send only if the lease still has this number.")
@click.option(
    "--encoding", default="utf-8", show_default=True, help="The encoding of the text on stdin."
)
@click.pass_obj
def reply(at: Terminal, /, ticket_id: str, text: str | None, **given: Any) -> None:
    """Answer a ticket you took.

    Without TEXT your editor opens; the ticket stays yours while you write. If text is piped in, or
    if TEXT is -, the reply is read from stdin. A reply that could not be sent is kept, and you
    find it in the editor the next time.

    \b
    helpdesk ticket reply 7k3mxq0v2r5t8w1z
    helpdesk ticket reply 7k3mxq0v2r5t8w1z "Dear Ada, your parcel left today."
    helpdesk ticket reply 7k3mxq0v2r5t8w1z --suggestion 1 --edit
    helpdesk ticket reply 7k3mxq0v2r5t8w1z < answer.txt
    helpdesk ticket reply 7k3mxq0v2r5t8w1z --also "And here is the tracking number: 17."
    """
    from helpdesk.ports import NotFoundError

    from agent_cli import stdin

    drafts = at.drafts
    sources = [text is not None, *(bool(given[name]) for name in ("suggestion", "canned", "draft"))]
    if sum(sources) > 1:
        raise click.UsageError("give one of TEXT, --suggestion, --canned and --draft")
    if text == stdin.STDIN or (not any(sources) and stdin.waits()):
        text = _piped(drafts, ticket_id, given["encoding"])
    typed = drafts.read(ticket_id) if given["draft"] else text
    if given["draft"] and typed is None:
        raise NotFoundError(f"no text is kept for {ticket_id}")
    canned = [given["canned"]] if given["canned"] else []
    try:
        here = workplace(at)
        dossier = here.show(ticket_id)
        typed, intent = _composed(here, dossier, typed, given)
        if typed is None or given["edit"]:
            typed = _edited(at, here, dossier, typed, also=given["also"])
        if given["also"]:
            sent = here.add(ticket_id, typed, canned=canned)
        else:
            fence = _fence(dossier, given)
            sent = here.reply(ticket_id, typed, fence=fence, intent=intent, canned=canned)
    except BaseException:
        if given["edit"] or not canned:  # a canned reply is there as it was
            _keep(drafts, ticket_id, typed)
        raise
    drafts.drop(ticket_id)
    done(at, sent, "replied to")


def _piped(drafts: "Drafts", ticket_id: str, encoding: str) -> str:
    """Return the text on stdin. If it cannot be decoded, its bytes are kept as the draft."""
    from agent_cli import stdin

    try:
        return stdin.read(encoding)
    except stdin.EncodingError as error:
        _keep(drafts, ticket_id, error.data)
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


def _edited(
    at: Terminal, here: "Arranger", dossier: "Dossier", typed: str | None, *, also: bool
) -> str:
    """Return what the agent writes in the editor. The lease is kept alive while it is open.

    With `also`, no lease is needed: the ticket is answered.
    """
    from helpdesk.ticket import LeaseError, TextError, held_by

    from agent_cli import editor

    if at.no_input:
        raise NeedsInputError("no text: give TEXT, pipe it in, or leave out --no-input")
    ticket_id = dossier.ticket.id
    lease = dossier.ticket.held_by(here.clock())
    if not also and (lease is None or lease.agent != here.agent.name):
        # Fails as sending would, before the agent writes anything.
        raise (
            held_by(lease)
            if lease
            else LeaseError(
                f"no agent holds this ticket; claim it first: helpdesk ticket claim {ticket_id}"
            )
        )
    initial = typed or at.drafts.read(ticket_id) or ""
    alive = (
        editor.Heartbeat(lambda: workplace(at), ticket_id, lease.fence, tell=output.tell)
        if lease
        else nullcontext()
    )
    with alive:
        written = editor.write(dossier, at.drafts, initial)
    if not written:
        raise TextError("nothing was written, nothing was sent")
    return written


def _fence(dossier: "Dossier", given: dict[str, Any]) -> int | None:
    """Return the fence of the lease the reply belongs to: as given, or as the command found it."""
    if given["fence"] is not None:
        return int(given["fence"])
    lease = dossier.ticket.lease
    return lease.fence if lease else None


def _keep(drafts: "Drafts", ticket_id: str, text: str | bytes | None) -> None:
    """Keep what was not sent and tell where, or tell why it could not be kept."""
    if not text or not text.strip():
        return
    try:
        path = drafts.keep(ticket_id, text)
    except (OSError, ValueError) as error:
        output.tell(f"your text could not be kept: {error}")
        return
    output.tell(f"your text is kept in {path}; `helpdesk ticket reply {ticket_id}` offers it again")

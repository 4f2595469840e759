"""Verbs for drafts: review lists them, approve sends one, dismiss puts one away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.commands.ticket.answering import edited, keep
from agent_cli.commands.ticket.filters import chosen_filters, unfiltered
from agent_cli.commands.ticket.listing import cursor_option, limit_option, list_page
from agent_cli.commands.ticket.one_ticket import done, show_page, ticket_argument, workplace
from agent_cli.verbs import NeedsInputError, Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.agents import Arranger, Dossier
    from helpdesk.drafting import Draft

number_argument = click.argument("number", type=click.IntRange(min=1), required=False)


@click.command(cls=Verb)
@chosen_filters("category", "department", "intent", "language", "priority", "owner")
@limit_option
@cursor_option
@click.pass_obj
def review(at: Terminal, /, **given: Any) -> None:
    """List the tickets with a draft that waits for approval, most urgent first.

    The column `draft` has the number that `helpdesk ticket approve` and `dismiss` take.

    \b
    helpdesk ticket review
    helpdesk ticket review --category billing
    helpdesk ticket review -o json | jq -r '.items[] | "\\(.id) \\(.draft)"'
    """
    list_page(at, {**unfiltered(), **given, "review": True})


@click.command(cls=Verb)
@ticket_argument
@number_argument
@click.option("--edit", is_flag=True, help="Open the draft in your editor before it is sent.")
@click.option("--anyway", is_flag=True, help="Send it although its evidence was edited since.")
@click.pass_obj
def approve(
    at: Terminal,
    ticket_id: str,
    number: int | None,
    *,
    edit: bool,
    anyway: bool,
) -> None:
    """Send the draft with this NUMBER to the customer. `show` shows it with its evidence.

    The ticket is taken for you if no agent holds it. Without a NUMBER you see the draft and are
    asked; a script must name it. If anybody wrote meanwhile, or if another draft took its place,
    nothing is sent. If an article was edited that the draft rests on, you see what it says now:
    --edit lets you rewrite it, --anyway sends the draft as it is. A draft that says what its
    evidence does not must be edited.

    \b
    helpdesk ticket approve 7k3mxq0v2r5t8w1z 4
    helpdesk ticket approve 7k3mxq0v2r5t8w1z 4 --edit
    helpdesk ticket approve 7k3mxq0v2r5t8w1z
    """
    from helpdesk import agents

    here = workplace(at)
    if number is None:
        number = _chosen(at, here, ticket_id, "Edit this draft?" if edit else "Send this draft?")
    text = None
    with _told(at, here, ticket_id, number):
        if edit:
            text = _edited(at, here, ticket_id, number)
        draft = _open(here.show(ticket_id), number) if edit or anyway else None
        if draft and (text or draft.text).strip() == draft.text.strip():
            text = draft.text if anyway and draft.ready else None
        try:
            sent = agents.approve(here, ticket_id, number, text=text)
        except BaseException:
            if edit:
                keep(at.drafts, ticket_id, text)
            raise
    if edit:
        at.drafts.drop(ticket_id)
    at.seen.note(ticket_id, sent.messages)
    done(at, sent, f"sent draft {number}: replied to")


@click.command(cls=Verb)
@ticket_argument
@number_argument
@click.pass_obj
def dismiss(at: Terminal, ticket_id: str, number: int | None) -> None:
    """Put the draft with this NUMBER away. The ticket still waits for a reply.

    Without a NUMBER you see the draft and are asked; a script must name it.

    \b
    helpdesk ticket dismiss 7k3mxq0v2r5t8w1z 4
    """
    from helpdesk import agents

    here = workplace(at)
    number = number or _chosen(at, here, ticket_id, "Dismiss this draft?")
    with _told(at, here, ticket_id, number):
        after = agents.dismiss(here, ticket_id, number)
    done(at, after, f"dismissed draft {number} of")


def _chosen(at: Terminal, here: "Arranger", ticket_id: str, question: str) -> int:
    """Show the open draft, and return its number if the agent agrees.

    Raises NeedsInputError where there is no terminal to ask on, StaleDraftError if no draft is
    open, and click.Abort.
    """
    from helpdesk.ticket import StaleDraftError

    from agent_cli.words.moved_on import what_next

    if not at.can_ask:
        raise NeedsInputError("name the NUMBER of the draft: helpdesk ticket review lists them")
    dossier = here.show(ticket_id)
    if dossier.draft is None:
        raise StaleDraftError(f"no draft waits for approval; {what_next(ticket_id, None)}")
    show_page(at, dossier)
    click.confirm(question, abort=True, err=True)
    return dossier.draft.number


def _edited(at: Terminal, here: "Arranger", ticket_id: str, number: int) -> str:
    """Take the ticket, and return what the agent makes of the draft in the editor."""
    draft = _open(here.show(ticket_id), number)
    return edited(at, here, here.claim(ticket_id), draft.text, also=False)


def _open(dossier: "Dossier", number: int) -> "Draft":
    """Return the draft with this number, which must be the open one. Raises StaleDraftError."""
    from helpdesk.ticket import StaleDraftError, expect_draft

    expect_draft(dossier.ticket, number)
    if dossier.draft is None:
        raise StaleDraftError(f"draft {number} is gone")
    return dossier.draft


@contextmanager
def _told(at: Terminal, here: "Arranger", ticket_id: str, number: int) -> Iterator[None]:
    """Tell who ended a draft, or what its evidence says now, and what to do next."""
    from helpdesk.agents import EvidenceChangedError
    from helpdesk.ticket import StaleDraftError

    from agent_cli.words import drafted

    try:
        yield
    except EvidenceChangedError as error:
        for line in drafted.changes(error):
            output.tell_plainly(f"  | {line}")
        way = f"helpdesk ticket approve {ticket_id} {number}"
        raise StaleDraftError(
            f"{error}; rewrite it: {way} --edit; or send it as it is: {way} --anyway"
        ) from error
    except StaleDraftError as error:
        raise StaleDraftError(_why(at, here, ticket_id, number, error)) from error


def _why(at: Terminal, here: "Arranger", ticket_id: str, number: int, error: Exception) -> str:
    """Return why a draft was refused, and what to do next."""
    from agent_cli.words.moved_on import told, what_next

    found = here.get(ticket_id)
    open_ = found.draft.number if found.draft and found.in_review else None
    if open_ == number:
        return f"{error}: helpdesk ticket approve {ticket_id} {number} --edit"
    why = told(number, here.history(ticket_id), error)
    kept = at.drafts.read(ticket_id) is not None
    return f"{why}; {what_next(ticket_id, open_, kept=kept)}"

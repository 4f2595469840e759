"""The commands. Data goes to stdout, talk to stderr; exit codes are in `main`'s help."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from helpdesk import desk
from helpdesk.ticket import Conversation, IllegalMoveError, LeaseError, TextError

from agent_cli import render
from agent_cli.session import Desk, IdentityError, StackError

NOT_FOUND, NOT_ALLOWED, CONFLICT = 3, 4, 5
_CODES: dict[type[Exception], int] = {
    TextError: 2,
    desk.NotFoundError: NOT_FOUND,
    IdentityError: NOT_ALLOWED,
    LeaseError: CONFLICT,
    IllegalMoveError: CONFLICT,
    desk.ConflictError: CONFLICT,
    StackError: 1,
    BotoCoreError: 1,
    ClientError: 1,
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnrecognizedClientException"}

json_option = click.option("--json", "as_json", is_flag=True, help="Print data for scripts.")
ticket_argument = click.argument("ticket_id", metavar="TICKET")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--stack-name", envvar="HELPDESK_STACK", default="helpdesk", show_default=True)
@click.option("--profile", help="AWS profile to use.")
@click.option("--region", help="AWS region of the stack.")
@click.option("--endpoint-url", help="Another AWS endpoint, such as an emulator's.")
@click.option("--agent", "named", envvar="HELPDESK_AGENT", help="Your name; on emulators only.")
@click.version_option(package_name="helpdesk")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Work the escalation queue: take a ticket, read it, reply.

    \b
    helpdesk next                      take the ticket that waits longest
    helpdesk reply 7k3mx… "Dear Ada…"  answer it
    helpdesk release 7k3mx…            give it back

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not allowed, 5 somebody else has it.
    """
    context.obj = Desk(**options)


def _speaks_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what can go wrong into one line on stderr and an exit code."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except tuple(_CODES) as error:
            code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
            if isinstance(error, ClientError) and error.response["Error"]["Code"] in _DENIED:
                code = NOT_ALLOWED
            click.echo(f"helpdesk: {error}", err=True)
            sys.exit(code)

    return wrapped


@main.command("next")
@json_option
@click.pass_obj
@_speaks_plainly
def take_next(at: Desk, *, as_json: bool) -> None:
    """Take the next waiting ticket: it is yours for 15 minutes.

    \b
    helpdesk next
    helpdesk next --json | jq -r .ticket.id
    """
    taken = desk.take_next(
        at.agent, tickets=at.tickets, escalations=at.escalations, clock=render.now
    )
    if taken is None:
        click.echo("helpdesk: nothing waits", err=True)
        sys.exit(NOT_FOUND)
    _print(taken, as_json=as_json)


@main.command()
@ticket_argument
@json_option
@click.pass_obj
@_speaks_plainly
def show(at: Desk, ticket_id: str, *, as_json: bool) -> None:
    """Show a ticket with everything said so far.

    \b
    helpdesk show 7k3mxq0v2r5t8w1z
    """
    _print(desk.show(ticket_id, tickets=at.tickets), as_json=as_json)


@main.command()
@ticket_argument
@click.argument("text", required=False)
@json_option
@click.pass_obj
@_speaks_plainly
def reply(at: Desk, ticket_id: str, text: str | None, *, as_json: bool) -> None:
    """Answer a ticket you took. Without TEXT it is read from stdin, or written in your editor.

    \b
    helpdesk reply 7k3mxq0v2r5t8w1z "Dear Ada, your parcel left today."
    helpdesk reply 7k3mxq0v2r5t8w1z < answer.txt
    """
    text = _typed() if text is None else text
    desk.reply(
        ticket_id,
        at.agent,
        text,
        tickets=at.tickets,
        escalations=at.escalations,
        clock=render.now,
    )
    _done(at, ticket_id, "replied", as_json=as_json)


@main.command()
@ticket_argument
@json_option
@click.pass_obj
@_speaks_plainly
def release(at: Desk, ticket_id: str, *, as_json: bool) -> None:
    """Give a ticket you took back to the queue, for the next agent.

    \b
    helpdesk release 7k3mxq0v2r5t8w1z
    """
    desk.release(
        ticket_id, at.agent, tickets=at.tickets, escalations=at.escalations, clock=render.now
    )
    _done(at, ticket_id, "released", as_json=as_json)


def _typed() -> str:
    if sys.stdin.isatty():
        return click.edit(require_save=True) or ""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise TextError(f"the text on stdin is not UTF-8 (byte {error.start})") from error


def _done(at: Desk, ticket_id: str, what: str, *, as_json: bool) -> None:
    if as_json:
        _print(desk.show(ticket_id, tickets=at.tickets), as_json=True)
    else:
        click.echo(f"helpdesk: {what} {ticket_id}", err=True)


def _print(conversation: Conversation, *, as_json: bool) -> None:
    if as_json:
        click.echo(render.as_json(conversation))
    else:
        render.console().print(render.page(conversation, render.now()))

"""`helpdesk deadletter`: messages that failed too often."""

from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpdesk.operations import DeadLetter
    from rich.table import Table

    from agent_cli.words.views import LetterView

names_argument = click.argument("names", nargs=-1, metavar="[ID]...")
queue_option = click.option(
    "--queue",
    type=click.Choice(
        ["intake", "escalation", "mail", "outbox", "files", "notices", "drafts", "trainer"]
    ),
    help="Only letters of this queue.",
)
all_option = click.option("--all", "everything", is_flag=True, help="All dead letters.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Only show which letters.")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


@click.group("deadletter", cls=Noun)
def command() -> None:
    """Messages that failed too often: list, send again, delete.

    A dead letter names a ticket. The ticket stays where it is, also if you discard the letter. One
    of the mail queue names a mail of which there is no ticket yet.

    \b
    helpdesk deadletter list
    helpdesk deadletter redrive --all --dry-run
    """


@command.command("list")
@queue_option
@click.pass_obj
def list_(at: Terminal, queue: str | None) -> None:
    """List dead letters. They stay in their queue.

    \b
    helpdesk deadletter list --queue intake
    """
    from helpdesk.operations import dead_letters

    _show(at, dead_letters(at.desk.letters_of(queue)))


@command.command()
@click.argument("name", metavar="ID")
@queue_option
@click.pass_obj
def show(at: Terminal, name: str, queue: str | None) -> None:
    """Show a dead letter with its body. ID is the id of the message or of its ticket.

    \b
    helpdesk deadletter show 7k3mxq0v2r5t8w1z
    """
    from helpdesk.operations import dead_letters
    from helpdesk.ports import NotFoundError

    from agent_cli import render
    from agent_cli.words import letters
    from agent_cli.words.views import LetterView

    for letter in dead_letters(at.desk.letters_of(queue)):
        if name in {letter.id, letter.ticket_id}:
            view = LetterView.of(letter)
            pairs = letters.facts(view)
            output.show(at, view, lambda: render.pairs(pairs))  # noqa: B023 -- called at once
            return
    raise NotFoundError(f"no dead letter {name}")


@command.command()
@names_argument
@all_option
@queue_option
@dry_run_option
@yes_option
@click.pass_obj
def redrive(at: Terminal, /, names: tuple[str, ...], **given: Any) -> None:
    """Try again what failed. Doing this twice does no harm.

    A letter of a queue is sent back to that queue. For a letter of the trainer, the trainer learns
    the knowledge again; this takes up to five minutes, and the letter stays if it fails again.

    \b
    helpdesk deadletter redrive --all --dry-run
    helpdesk deadletter redrive 7k3mxq0v2r5t8w1z
    helpdesk deadletter redrive --all --queue trainer
    """
    from helpdesk import operations

    dry_run = given["dry_run"]
    _chosen(names, everything=given["everything"])
    if not names and not dry_run:
        at.confirm("Send all dead letters again?", yes=given["yes"])
    letters = operations.redrive(at.desk.letters_of(given["queue"]), names, dry_run=dry_run)
    output.tell(f"{'would send' if dry_run else 'sent'} {len(letters)} again")
    _show(at, letters)


@command.command()
@names_argument
@all_option
@queue_option
@dry_run_option
@yes_option
@click.pass_obj
def discard(at: Terminal, /, names: tuple[str, ...], **given: Any) -> None:
    """Delete dead letters. They cannot be brought back.

    \b
    helpdesk deadletter discard 5b0c9e1e-3a57-4d3c-9d3e-8d1d4f0a7c11 --yes
    """
    from helpdesk import operations

    dry_run = given["dry_run"]
    _chosen(names, everything=given["everything"])
    if not dry_run:
        what = f"{len(names)} dead letter(s)" if names else "all dead letters"
        at.confirm(f"Delete {what} for good?", yes=given["yes"])
    letters = operations.discard(at.desk.letters_of(given["queue"]), names, dry_run=dry_run)
    output.tell(f"{'would discard' if dry_run else 'discarded'} {len(letters)}")
    _show(at, letters)


def _chosen(names: tuple[str, ...], *, everything: bool) -> None:
    if bool(names) == everything:
        raise click.UsageError("name some dead letters, or add --all")


def _show(at: Terminal, letters: "Sequence[DeadLetter]") -> None:
    from agent_cli.words.letters import unseen
    from agent_cli.words.views import LetterView

    views = [LetterView.of(letter) for letter in letters]
    for line in unseen(views):
        output.tell(line)
    if not views and at.option("output") == "table":
        output.tell("no dead letters")
        return
    output.listed(at, views, lambda: _table(views), one="dead letter", more="dead letters")


def _table(views: "Sequence[LetterView]") -> "Table":
    from agent_cli import render
    from agent_cli.words import times

    columns: list[render.Column[LetterView]] = [
        ("id", lambda row: row.id),
        ("queue", lambda row: row.queue),
        ("ticket", lambda row: row.ticket or "-"),
        ("received", lambda row: str(row.receives)),
        ("sent", lambda row: times.minute(row.sent_at)),
        ("fault", lambda row: row.fault),
    ]
    return render.table(views, columns)

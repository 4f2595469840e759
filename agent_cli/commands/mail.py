"""`helpdesk mail`: what is held in quarantine, and what left on one machine."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from agent_cli.words.mails import HeldView

folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="HELPDESK_MAILS",
    help="Where mails are kept that left; `make run` says it in HELPDESK_MAILS.",
)


@click.group("mail", cls=Noun)
def command() -> None:
    """Mails in quarantine, and the mails that left, on one machine.

    What the mail service calls spam is held, makes no ticket and gets no answer, until a lead
    releases it or it expires. A mail that left is on its ticket: `helpdesk ticket show`. Where
    mails leave for a folder and not for the world, `list` and `show` read them.

    \b
    helpdesk mail quarantine
    helpdesk mail release 4kq1m0s2v8
    helpdesk mail test question.eml
    """


@command.command()
@click.option("--days", type=click.IntRange(1), help="Only of the last days.  [default: all]")
@click.pass_obj
def quarantine(at: Terminal, days: int | None) -> None:
    """List the mails that are held as spam, newest first.

    \b
    helpdesk mail quarantine --days 2
    """
    from agent_cli.words.mails import HeldView

    views = [HeldView.of(each) for each in at.desk.quarantine.held(days)]
    output.listed(at, views, lambda: _held(views), one="mail is held", more="mails are held")


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_obj
def release(at: Terminal, names: tuple[str, ...]) -> None:
    """Take mails out of the quarantine: each becomes a ticket, or a message on one.

    NAME is what `helpdesk mail quarantine` lists. It takes some seconds. Doing this twice does no
    harm. Only leads may do this.

    \b
    helpdesk mail release 4kq1m0s2v8
    """
    from agent_cli.words.mails import INBOUND, HeldView

    keys = dict.fromkeys(f"{INBOUND}{each.removeprefix(INBOUND)}" for each in names)
    views = [HeldView.of(each) for each in at.desk.quarantine.release(keys)]
    output.done(at, views, f"released {len(views)} mail(s); they become tickets in some seconds")


@command.command()
@click.argument(
    "path", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE"
)
@click.option("--to", default="", help="Another address than the desk's, such as a signed one.")
@click.pass_obj
def test(at: Terminal, path: Path, to: str) -> None:
    """Send the mail in a file to the desk, as a customer's. Only leads may do this.

    It goes the way of all mails: it becomes a ticket, which says that a lead sent it as a test, and
    the reply leaves for its sender. No server has checked it, so its sender is not proven. What
    became of it says `helpdesk mail became`.

    \b
    helpdesk mail test question.eml
    """
    from agent_cli.words.mails import TrialView

    trial = at.desk.trials.send(path.read_bytes(), recipient=to)
    output.done(at, TrialView.of(trial), f"sent as {trial.name}")


@command.command()
@click.argument("name", metavar="NAME")
@click.pass_obj
def became(at: Terminal, name: str) -> None:
    """Tell what became of a test mail. NAME is what `helpdesk mail test` said.

    \b
    helpdesk mail became test-0123456789abcdef0123456789abcdef
    """
    from agent_cli import render
    from agent_cli.words.mails import TrialView

    view = TrialView.of(at.desk.trials.of(name))
    pairs = [("mail", view.name), ("became", view.told), ("ticket", view.ticket or "none")]
    output.show(at, view, lambda: render.pairs(pairs))


@command.command("list")
@folder_option
@click.pass_obj
def list_(at: Terminal, folder: Path | None) -> None:
    """List the mails that left for a folder, newest first.

    \b
    helpdesk mail list
    """
    from agent_cli import render
    from agent_cli.words import times
    from agent_cli.words.mails import SentView, sent

    views = sent(_found(folder))
    columns: list[render.Column[SentView]] = [
        ("mail", lambda row: str(row.number)),
        ("left", lambda row: times.minute(row.at) if row.at else "-"),
        ("to", lambda row: row.to),
        ("by", lambda row: "the desk" if row.automatic else "an agent"),
        ("subject", lambda row: row.subject),
    ]
    table = render.table(views, columns, flexible="subject")
    output.listed(at, views, lambda: table, one="mail", more="mails")


@command.command()
@click.argument("number", type=int, metavar="MAIL")
@folder_option
@click.pass_obj
def show(at: Terminal, number: int, folder: Path | None) -> None:
    """Show a mail that left for a folder, with its headers. MAIL is its number in the list.

    \b
    helpdesk mail show 1
    """
    from helpdesk.ports import NotFoundError
    from rich.console import Group

    from agent_cli import render
    from agent_cli.words.mails import SentView

    path = _found(folder) / f"{number:04}.eml"
    if not path.exists():
        raise NotFoundError(f"no mail {number}")
    view = SentView.of(path)
    pairs = [
        ("from", view.sender),
        ("to", view.to),
        ("reply to", view.reply_to or "none"),
        ("comes back to", view.return_path),
        ("subject", view.subject),
        ("id", view.message_id or "none"),
        ("answers", view.in_reply_to or "none"),
    ]
    output.show(at, view, lambda: Group(render.pairs(pairs), "", render.paragraph(view.text)))


def _found(folder: Path | None) -> Path:
    if folder is None:
        raise click.UsageError("name the --folder, or set HELPDESK_MAILS as `make run` says it")
    return folder


def _held(views: "Sequence[HeldView]") -> "Table":
    from agent_cli import render
    from agent_cli.words import times

    columns: list[render.Column[HeldView]] = [
        ("name", lambda row: row.name),
        ("came", lambda row: times.minute(row.at)),
        ("until", lambda row: times.minute(row.expires_at)),
        ("sender", lambda row: row.sender or "-"),
        ("subject", lambda row: row.subject),
    ]
    return render.table(views, columns, flexible="subject")

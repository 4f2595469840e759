"""`helpdesk incident`: many customers, the same matter within hours, and one reply to all."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.moments import HOURS, MOST_HOURS
from agent_cli.verbs import NeedsInputError, Noun, Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpdesk.incidents import Incident
    from rich.table import Table

    from agent_cli.words.incidents import IncidentView

incident_argument = click.argument("incident_id", metavar="INCIDENT")


def hours_option[F: Callable[..., Any]](function: F) -> F:
    """Give a verb the option that says how far back it looks."""
    return click.option(
        "--hours",
        type=click.IntRange(1, MOST_HOURS),
        default=HOURS,
        show_default=True,
        help="Look at the tickets of so many hours.",
    )(function)


@click.group("incident", cls=Noun)
def command() -> None:
    """Many customers, the same matter within hours: who they are, and one reply to all.

    An incident is a suggestion: at least five customers who say much the same, more than three
    times as many as usual. Nothing happens by itself. It is named by its oldest ticket; the id of
    any of its tickets will do.

    \b
    helpdesk incident list
    helpdesk incident show 7k3mxq0v2r5t8w1z
    helpdesk incident reply 7k3mxq0v2r5t8w1z --text "Our shop is back since 10:15."
    """


@command.command("list")
@hours_option
@click.pass_obj
def list_(at: Terminal, hours: int) -> None:
    """List what may be incidents of the last hours.

    \b
    helpdesk incident list
    helpdesk incident list --hours 2 -o json | jq '.incidents[].told'
    """
    from agent_cli.words.incidents import IncidentsView

    found = at.desk.incidents(hours)
    view = IncidentsView.of(found, hours)
    output.show(at, view, lambda: _incidents(view.incidents))
    if at.option("output") == "table":
        output.tell(view.told)


@command.command()
@incident_argument
@hours_option
@click.pass_obj
def show(at: Terminal, incident_id: str, hours: int) -> None:
    """Show an incident with its tickets, the oldest first.

    \b
    helpdesk incident show 7k3mxq0v2r5t8w1z
    """
    from agent_cli import render
    from agent_cli.words.incidents import IncidentTicketsView

    now = at.session.clock()
    view = IncidentTicketsView.of(_held(at, incident_id, hours), now)
    width = render.console().width
    output.show(at, view, lambda: render.tickets(view.tickets, now, width=width))
    if at.option("output") == "table":
        output.tell(f"{view.incident.told}; {view.incident.waiting} of them wait")


@command.command()
@incident_argument
@click.option("--text", help="The reply; - is stdin.")
@click.option("--file", "path", type=click.Path(dir_okay=False), help="A file with the reply.")
@hours_option
@click.option("--dry-run", is_flag=True, help="Only show which tickets would get it.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reply(at: Terminal, /, incident_id: str, hours: int, **given: Any) -> None:
    """Send one reply to every ticket of an incident that waits. Only leads may do this.

    Each ticket is taken and answered by itself. Those that a colleague holds, that moved since, or
    that are for the management or about the law, are skipped and named. If the command is broken
    off, run it again: who has the reply does not get it twice.

    \b
    helpdesk incident reply 7k3mxq0v2r5t8w1z --text "Our shop is back since 10:15." --dry-run
    helpdesk incident reply 7k3mxq0v2r5t8w1z --file sorry.txt
    """
    from helpdesk.incidents import reply_to_all

    from agent_cli.commands.ticket.one_ticket import workplace
    from agent_cli.words.incidents import RepliedView, summed_up

    text = _text(given["text"], given["path"])
    here = workplace(at)
    incident = _held(at, incident_id, hours)
    steps = reply_to_all(incident, text, here, dry_run=given["dry_run"])
    if not given["dry_run"]:
        at.confirm(
            f"{incident.told}: {incident.middle.ticket.subject!r}. Reply to the "
            f"{incident.waiting} tickets that wait?",
            yes=given["yes"],
        )
    done = []
    for step in steps:
        done.append(RepliedView.of(step))
        output.tell_plainly(
            f"{len(done)}/{len(incident.voices)}  {step.ticket_id}  {done[-1].told}"
        )
    output.done(at, done, summed_up(done, dry_run=given["dry_run"]))


def _held(at: Terminal, incident_id: str, hours: int) -> "Incident":
    from helpdesk.incidents import holding

    return holding(incident_id, at.desk.incidents(hours).incidents)


def _text(text: str | None, path: str | None) -> str:
    """Return the reply as given. Raises click.UsageError."""
    from agent_cli import stdin

    if (text is None) == (path is None):
        raise NeedsInputError("give the reply: either --text or --file")
    if text is None:
        return stdin.of_file(Path(str(path)))
    return stdin.read() if text == stdin.STDIN else text


def _incidents(views: "Sequence[IncidentView]") -> "Table":
    from agent_cli import render
    from agent_cli.words import times

    columns: list[render.Column[IncidentView]] = [
        ("incident", lambda row: row.id),
        ("customers", lambda row: str(row.customers)),
        ("tickets", lambda row: str(row.tickets)),
        ("waiting", lambda row: str(row.waiting)),
        ("usual", lambda row: "-" if row.usual is None else f"{row.usual:g}"),
        ("first", lambda row: times.minute(row.since)),
        ("last", lambda row: times.minute(row.until)),
        ("intent", lambda row: row.intent or "-"),
        ("about", lambda row: row.about),
    ]
    return render.table(views, columns, flexible="about")

"""Verbs that show what is kept of a customer: show, export."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.belonging import Holdings
    from rich.console import RenderableType

    from agent_cli.words.customers import CustomersView, DecisionView, KeyView
    from agent_cli.words.records import HoldingView

key_argument = click.argument("key", metavar="KEY")


@click.command(cls=Verb)
@key_argument
@click.pass_obj
def show(at: Terminal, key: str) -> None:
    """Show a customer: all keys, names, tickets, and what leads decided about the keys.

    KEY is an e-mail address, your own reference, or a name. `email:`, `reference:` and `name:`
    before it say which it is.

    \b
    helpdesk customer show ada@example.com
    helpdesk customer show name:Ada
    """
    from agent_cli.one_customer import found, view_of

    tickets = at.desk.parts.tickets
    view = view_of(found(key, tickets), tickets, at.session.clock())
    output.show(at, view, lambda: _page(at, view))


@click.command(cls=Verb)
@key_argument
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="The folder to write; it must not exist.",
)
@click.option(
    "--unverified",
    is_flag=True,
    help="Also tickets of customers who are not verified and gave a key of this customer.",
)
@click.option("--records", is_flag=True, help="Also the records of the shop. Only leads may.")
@click.pass_obj
def export(at: Terminal, key: str, folder: Path, *, unverified: bool, records: bool) -> None:
    """Write everything about one customer to a folder, to hand over to the customer on request.

    The folder gets `customer.json`, a file for each ticket with its messages and its history, the
    files that came with it in `files`, and `conversations.txt` for people. Notes of agents are in
    it: read them before you hand it over. With --records, what the shop knows of the customer is in
    `records.json`.

    \b
    helpdesk customer export ada@example.com --to ada
    """
    from agent_cli.customer_folder import Sources, write
    from agent_cli.one_customer import found, view_of
    from agent_cli.words.customers import CustomerExportView

    if folder.exists() or folder.is_symlink():
        raise click.UsageError(f"{folder} exists; name a folder that does not")
    parts = at.desk.parts
    holdings = found(key, parts.tickets)
    tickets = [*holdings.tickets, *(holdings.unverified if unverified else ())]
    view = view_of(holdings, parts.tickets, at.session.clock())
    ids = [each.id for each in tickets]
    known = _records(at, holdings) if records else ()
    try:
        sources = Sources(parts.tickets, parts.attachments, parts.files, known)
        write(folder, view, ids, sources, at.session.clock())
    except OSError as error:
        raise click.ClickException(f"cannot write {folder}: {error.strerror}") from error
    if left_out := [] if unverified else [each.id for each in holdings.unverified]:
        output.tell(f"left out {len(left_out)} ticket(s) of customers who are not verified")
    result = CustomerExportView(
        folder=str(folder),
        keys=tuple(each.key for each in view.keys),
        tickets=tuple(ids),
        left_out=tuple(left_out),
    )
    output.done(at, result, f"wrote {len(tickets)} ticket(s) to {folder}")


def _records(at: Terminal, holdings: "Holdings") -> "tuple[HoldingView, ...]":
    from agent_cli.words.records import HoldingView

    held = [at.desk.registry.show(key) for key in holdings.person.keys]
    return tuple(HoldingView.of(each) for each in held if each.orders or each.record)


def _page(at: Terminal, view: "CustomersView") -> "RenderableType":
    from rich.console import Group

    from agent_cli import render

    keys: list[render.Column[KeyView]] = [
        ("key", lambda row: row.key),
        ("tickets", lambda row: str(len(row.tickets))),
        ("not verified", lambda row: str(len(row.unverified)) if row.unverified else ""),
    ]
    parts: list[RenderableType] = [render.table(view.keys, keys)]
    if view.names:
        parts += ["", render.pairs([("names", ", ".join(view.names))])]
    if view.decisions:
        decisions: list[render.Column[DecisionView]] = [
            ("when (UTC)", lambda row: f"{row.at:%d %b %Y %H:%M}"),
            ("who", lambda row: row.by),
            ("decided", lambda row: "joined" if row.together else "separated"),
            ("key", lambda row: row.one),
            ("and", lambda row: row.other),
            ("because", lambda row: row.reason),
        ]
        parts += ["", render.table(view.decisions, decisions, flexible="because")]
    if view.tickets:
        moment = at.session.clock()
        parts += ["", render.tickets(view.tickets, moment, width=render.console().width)]
    return Group(*parts)

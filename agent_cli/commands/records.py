"""`helpdesk records`: what the shop knows of its customers, so that the desk can tell an order."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agent_cli.words.records import HoldingView, OrderView

STEP = 1_000
"""Customers between two lines of progress."""

customer_argument = click.argument("customer", metavar="CUSTOMER")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


@click.group("records", cls=Noun)
def command() -> None:
    """What the shop knows of its customers: their orders, and a few fields.

    The desk tells a proven customer the status of the customer's own orders. Only leads bring
    records in, look at them, and forget them.

    \b
    helpdesk records import orders.csv --dry-run
    helpdesk records show ada@example.com
    """


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@yes_option
@click.pass_obj
def import_(at: Terminal, file: Path, *, dry_run: bool, yes: bool) -> None:
    """Import orders of customers from CSV, JSON or JSON Lines.

    CSV has an order a row, with the columns customer, number, status and, as you like, placed_on,
    expected_on, carrier, tracking (a link by https), items (semicolons between them), open (yes or
    no). In JSON a customer is {"customer": "…", "record": {…}, "orders": [{…}]}. CUSTOMER is an
    e-mail address or your own reference.

    Other columns, such as addresses, are left out and named. What looks like the number of a card
    is refused. If a line is wrong, nothing is imported. An order takes the place of the customer's
    order with the same number.

    \b
    helpdesk records import orders.csv --dry-run
    helpdesk records import customers.json
    """
    from agent_cli import record_files, render
    from agent_cli.words.records import RecordsImportView

    registry = at.desk.registry
    sheet = record_files.read(file)
    if sheet.left_out:
        output.tell(f"left out, because they are not kept: {', '.join(sheet.left_out)}")
    customers, orders = len(sheet.holdings), sum(len(each.orders) for each in sheet.holdings)

    def told(done: int) -> None:
        if done % STEP == 0:
            output.tell(f"{done:,} of {customers:,} customers")

    if not dry_run:
        at.confirm(f"Import {orders} order(s) of {customers} customer(s)?", yes=yes)
        registry.bring_in(sheet.holdings, told=told)
    view = RecordsImportView(
        customers=customers, orders=orders, left_out=sheet.left_out, done=not dry_run
    )
    rows = [
        ("would import" if dry_run else "imported", f"{orders:,} orders"),
        ("of", f"{customers:,} customers"),
    ]
    output.show(at, view, lambda: render.pairs(rows))


@command.command()
@customer_argument
@click.pass_obj
def show(at: Terminal, customer: str) -> None:
    """Show what is kept of a customer, by e-mail address or reference.

    \b
    helpdesk records show ada@example.com
    helpdesk records show reference:cust-1
    """
    from helpdesk.ports import NotFoundError
    from helpdesk.ticket import CustomerKey

    from agent_cli.words.records import HoldingView

    held = at.desk.registry.show(CustomerKey.typed(customer))
    if not held.orders and held.record is None:
        raise NotFoundError(f"there are no records of {customer}")
    view = HoldingView.of(held)
    output.show(at, view, lambda: _page(view))


@command.command()
@customer_argument
@yes_option
@click.pass_obj
def forget(at: Terminal, customer: str, *, yes: bool) -> None:
    """Delete the records of a customer, by e-mail address or reference.

    `helpdesk ticket erase --customer` does this too, with all tickets.

    \b
    helpdesk records forget ada@example.com
    """
    from helpdesk.ports import NotFoundError
    from helpdesk.ticket import CustomerKey

    from agent_cli.words.records import ForgottenView

    key = CustomerKey.typed(customer)
    registry = at.desk.registry
    at.confirm(f"Delete the records of {key} for good?", yes=yes)
    if not (count := registry.forget(key)):
        raise NotFoundError(f"there are no records of {customer}")
    output.done(at, ForgottenView(customer=str(key), items=count), f"deleted {count} item(s)")


def _page(view: "HoldingView") -> "RenderableType":
    from rich.console import Group

    from agent_cli import render

    columns: list[render.Column[OrderView]] = [
        ("order", lambda row: row.number),
        ("status", lambda row: row.status),
        ("placed", lambda row: str(row.placed_on or "")),
        ("expected", lambda row: str(row.expected_on or "")),
        ("carrier", lambda row: row.carrier or ""),
        ("tracking", lambda row: row.tracking or ""),
        ("items", lambda row: ", ".join(row.items)),
    ]
    pairs = [("customer", view.customer), *view.record.items()]
    return Group(render.pairs(pairs), "", render.table(view.orders, columns, flexible="items"))

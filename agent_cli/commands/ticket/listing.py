"""Verbs that list tickets page by page: list, search."""

from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.commands.ticket.filters import MOST, check, filters, full_text_option, query_of
from agent_cli.stopping import STOPPED, Stop
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.agents import Page

limit_option = click.option(
    "--limit",
    type=click.IntRange(1, MOST),
    default=50,
    show_default=True,
    help="How many tickets a page has.",
)
cursor_option = click.option("--cursor", help="Continue where an earlier page ended.")


@click.command("list", cls=Verb)
@filters
@click.option("--search", help="Only tickets with these words; see `helpdesk ticket search`.")
@full_text_option
@limit_option
@cursor_option
@click.pass_obj
def list_(at: Terminal, /, **given: Any) -> None:
    """List tickets: open ones first due first, done ones newest first.

    The line after the list says how many there are. If there are more, it names a cursor: repeat
    the command with `--cursor`, and the list goes on. A ticket that does not move meanwhile is
    shown once. If few tickets match, a page ends after 2,000 tickets were examined, and says so.

    \b
    helpdesk ticket list
    helpdesk ticket list --priority urgent --age 2h
    helpdesk ticket list --state all --since 2026-03-02 --category billing --limit 100000
    helpdesk ticket list --customer ada@example.com -o json
    """
    list_page(at, given)


@click.command(cls=Verb)
@click.argument("words", nargs=-1, required=True)
@filters
@full_text_option
@limit_option
@cursor_option
@click.pass_obj
def search(at: Terminal, /, *, words: tuple[str, ...], **given: Any) -> None:
    """Search all tickets, open and done: by subject, id, name, e-mail address and reference.

    Each word must be somewhere in these, or begin the ticket's id. A whole id, address or reference
    finds its tickets however old they are; other done tickets are searched as far back as `--days`
    says. `--full-text` looks into every message, too. It reads the tickets one by one: it shows how
    far it is, and Ctrl-C stops it and shows what was found.

    \b
    helpdesk ticket search gift wrapping
    helpdesk ticket search 7k3mx
    helpdesk ticket search ada@example.com
    helpdesk ticket search invoice 4711 --full-text --days 30
    """
    list_page(at, {**given, "search": " ".join(words)})


def list_page(at: Terminal, given: dict[str, Any]) -> None:
    """Print the page that the options of a command mean, then how much there is.

    `given` are the options of `filters`, with `search`, `full_text`, `limit` and `cursor`.
    """
    from agent_cli.words import lists

    check(given)
    query = query_of(at, given)
    with Stop(told=query.full_text) as stop:
        page = at.desk.overview.page(query, cursor=given["cursor"], watch=stop.watch)
    _show(at, page)
    if at.option("output") != "json":
        for line in lists.told(page, query):
            output.tell(line)
    if page.stopped:
        click.get_current_context().exit(STOPPED)


def _show(at: Terminal, page: "Page") -> None:
    from agent_cli import render
    from agent_cli.words.lists import PageView

    moment = at.session.clock()
    view = PageView.of(page, moment)
    if at.option("output") == "json":
        click.echo(output.as_json(view))
    elif view.items:
        width = render.console().width
        output.show(at, view.items, lambda: render.tickets(view.items, moment, width=width))

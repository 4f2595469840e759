"""The filters of lists: one row for each, which becomes an option and a field of the query."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from agent_cli import wanted
from agent_cli.fields import Moment, Span
from agent_cli.verbs import Terminal
from agent_cli.wanted import GROUPS, MOST_DAYS, PRIORITIES, STATES

if TYPE_CHECKING:
    from helpdesk.agents import Query

MOST = 100_000
"""Tickets that one list shows or exports at most."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A field of the query (see `helpdesk.agents.query.FIELDS`) and its option."""

    field: str
    option: str
    help: str
    type: Any = None


FILTERS = (
    Filter(
        "priority",
        "--priority",
        "Only tickets of this priority.",
        click.Choice(PRIORITIES),
    ),
    Filter("intent", "--intent", "Only tickets of this intent."),
    Filter("department", "--department", "Only tickets of this department."),
    Filter("category", "--category", "Only tickets of this category."),
    Filter(
        "level",
        "--level",
        "Only tickets of this level: 0 ordinary, 1 lead, 2 management, 3 legal.",
        click.IntRange(0, 3),
    ),
    Filter("language", "--language", "Only tickets in this language: en, de, …"),
    Filter(
        "review",
        "--review/--no-review",
        "Only tickets with a draft that waits for an agent's approval, or only those without.",
    ),
    Filter("channel", "--channel", "Only tickets that came this way: web, app, …"),
    Filter("tag", "--tag", "Only tickets with this tag."),
    Filter(
        "owner",
        "--assignee",
        "Only tickets that this agent holds or that belong to them; `me` for yourself.",
    ),
    Filter(
        "waiting_longer_than",
        "--age",
        "Only tickets that wait longer than this: 30m, 2h, 3d.",
        Span(),
    ),
    Filter("since", "--since", "Only tickets that came at this moment or later.", Moment()),
    Filter("until", "--until", "Only tickets that came before this moment.", Moment()),
)
"""What tickets are filtered by."""


def filters[F: Callable[..., Any]](function: F) -> F:
    """Give a command the options that say which tickets it is about."""
    options: list[Callable[[F], F]] = [
        click.option(
            "--state",
            "states",
            type=click.Choice([*STATES, *GROUPS]),
            multiple=True,
            help="May be repeated.  [default: escalated; with a customer or a search: all]",
        ),
        *(
            click.option(each.option, each.field, type=each.type, default=None, help=each.help)
            for each in FILTERS
        ),
        click.option("--customer", help="An e-mail address, your own reference, or a name."),
        click.option(
            "--days",
            type=click.IntRange(1, MOST_DAYS),
            help="How many days back to list answered and closed tickets, counting today.  "
            "[default: 1; for a search: 7]",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


full_text_option = click.option(
    "--full-text",
    is_flag=True,
    help="Look for the words in every message, too. This reads the tickets one by one.",
)


def chosen_filters[F: Callable[..., Any]](*names: str) -> Callable[[F], F]:
    """Return what gives a command some of the filters; see `unfiltered`."""

    def give(function: F) -> F:
        for each in reversed([each for each in FILTERS if each.field in names]):
            option = click.option(each.option, each.field, type=each.type, help=each.help)
            function = option(function)
        return function

    return give


def unfiltered() -> dict[str, Any]:
    """Return the options of a list that nothing is said of."""
    nothing = dict.fromkeys((each.field for each in FILTERS), None)
    return {
        **nothing,
        "states": (),
        "customer": None,
        "search": None,
        "full_text": False,
        "days": None,
    }


def query_of(at: Terminal, given: dict[str, Any]) -> "Query":
    """Return the query that the options of a command mean."""
    owned = given["owner"] == wanted.ME
    return wanted.query_of(given, agents_name=at.session.agents_name if owned else "")


def check(given: dict[str, Any]) -> None:
    """Refuse what cannot be meant. Raises click.UsageError."""
    if given["full_text"] and not given["search"]:
        raise click.UsageError("--full-text needs words to look for: --search WORDS")
    if given["since"] and given["until"] and given["since"] >= given["until"]:
        raise click.UsageError("--since must be before --until")

"""The list of tickets: search, filters, pages, and what changed since it was shown."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic

from helpdesk.agents import Page as Found
from helpdesk.agents import Query
from helpdesk.ticket import Ticket
from starlette.responses import Response

from agent_cli import wanted
from agent_cli.web.asking import STATUS, Asked, Led, Page, Shown
from agent_cli.web.pages.choosing import Choice
from agent_cli.words import faults, lists, times
from agent_cli.words.facts import named
from agent_cli.words.tickets import TicketRow
from agent_cli.words.times import Due

COUNTED = 1_000
"""How far tickets are counted to say how many there are."""

PATIENCE = 5.0
"""Seconds after which a full text search shows what it found; the next page goes on with it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket of the list, in words. `new` says that it has messages the agent has not seen."""

    row: TicketRow
    who: str
    state: str
    priority: str
    due: Due
    waits: str | None
    new: bool
    marked: bool


def listed(asked: Asked) -> Shown:
    """Show the tickets that are chosen: those that wait for a person, the most urgent first."""
    choice = Choice.of(asked.request.query_params)
    try:
        query = choice.query(agents_name=asked.console.standing().agent, now=asked.now)
        page = asked.desk.overview.page(
            query, cursor=choice.cursor, watch=_patience(query), count_to=COUNTED
        )
    except Exception as error:
        fault = faults.explained(error, asked.console.where)
        if fault is None or fault.code != faults.USAGE:
            raise
        return _shown(asked, choice, fault=fault.text, status=STATUS[fault.code])
    return _shown(asked, choice, page, query)


def _shown(
    asked: Asked,
    choice: Choice,
    page: Found | None = None,
    query: Query | None = None,
    *,
    fault: str = "",
    status: int = HTTPStatus.OK,
) -> Shown:
    lines = _lines(asked, page.tickets) if page else []
    going_on = page.cursor if page else None
    ids = ",".join(each.row.id for each in lines)
    at = {"cursor": choice.cursor} if choice.cursor else {}
    values = {
        "choice": choice,
        "lines": lines,
        "fault": fault,
        "said": next(lists.told(page, query)) if page and query else "",
        "stopped": bool(page and page.stopped),
        "next": choice.address(cursor=going_on) if going_on else None,
        "deeper": _deeper(choice, page),
        "changed": choice.address("/tickets/changed", have=ids, **at),
        "watched": not choice["search"] and not fault,
        "states": wanted.STATES,
        "groups": tuple(wanted.GROUPS),
        "priorities": wanted.PRIORITIES,
        "mixed": len({each.state for each in lines}) > 1,
        "drafts": any(each.row.draft for each in lines),
        "outbox": asked.console.outbox,
        "agent": asked.desk.agent(),
    }
    return Shown("tickets.html", values, status)


def _lines(asked: Asked, tickets: tuple[Ticket, ...]) -> list[Line]:
    known, now = asked.console.seen.numbers(), asked.now
    marked = set(asked.query("marked").split(","))
    return [
        Line(
            row=(row := TicketRow.of(each, now)),
            who=named(each.customer),
            state=lists.state(row),
            priority=lists.priority(row),
            due=times.due(row, now),
            waits=times.span(row.waiting_seconds),
            new=known.get(each.id, each.messages) < each.messages,
            marked=each.id in marked,
        )
        for each in tickets
    ]


def _deeper(choice: Choice, page: Found | None) -> tuple[Choice, str] | None:
    """Return the search in every message and what it costs, if that is the next step."""
    if not choice["search"] or choice["full_text"] or page is None:
        return None
    many = f"{lists.how_many(page.candidates)} tickets" if page.candidates else "each ticket"
    return choice.deeper(), f"It reads the messages of {many}, one ticket after the other."


def _patience(query: Query) -> Callable[[int, int], bool]:
    """Return what ends a page of a full text search after a while."""
    if not query.full_text:
        return lambda _examined, _found: True
    begun = monotonic()
    return lambda examined, _: examined == 0 or monotonic() - begun < PATIENCE


def changed(asked: Asked) -> Shown | Response:
    """Say, for htmx, how many tickets came to a list or left it since it was shown."""
    choice = Choice.of(asked.request.query_params)
    query = choice.query(agents_name=asked.console.standing().agent, now=asked.now)
    page = asked.desk.overview.page(query, cursor=choice.cursor, count_to=0)
    have = {each for each in asked.query("have").split(",") if each}
    there = {each.id for each in page.tickets}
    new, gone = len(there - have), len(have - there)
    if not new and not gone:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    told = [f"{new} new" if new else "", f"{gone} gone" if gone else ""]
    said = ", ".join(filter(None, told))
    return Shown("tickets_changed.html", {"said": said, "here": choice.here})


def taken_next(asked: Asked) -> Led:
    """Take the ticket that is due first, and show it."""
    taken = asked.desk.workplace().take_next(department=asked.text("department") or None)
    if taken is None:
        return Led("/tickets", "No ticket is waiting.")
    lease = taken.ticket.lease
    until = f" until {times.clock(lease.until)}" if lease else ""
    return Led(f"/tickets/{taken.ticket.id}", f"This ticket is yours{until}.")


PAGES: dict[str, tuple[str, Page]] = {
    "GET /tickets": ("tickets", listed),
    "GET /tickets/changed": ("changed", changed),
    "POST /tickets/next": ("next", taken_next),
}

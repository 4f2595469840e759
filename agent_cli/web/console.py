"""All pages of the console as one application, without its door."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from agent_cli.web.asking import Console, routes_of
from agent_cli.web.pages import (
    agents,
    article_edits,
    customers,
    dashboard,
    dead_letters,
    desk_words,
    ending,
    incidents,
    knowledge,
    model,
    moving,
    opening,
    operations,
    quarantine,
    quotable,
    replying,
    several,
    ticket,
    tickets,
    trial_mails,
    trying,
)
from agent_cli.web.showing import STATIC, Place, renderer

PLACES = (
    Place("/dashboard", "Dashboard"),
    Place("/tickets", "Tickets"),
    Place("/customers", "Customers"),
    Place("/incidents", "Incidents"),
    Place("/knowledge", "Knowledge"),
    Place("/try", "Try a message"),
    Place("/model", "Model"),
    Place("/test-mail", "Test mail"),
    Place("/operations", "Operations"),
)
"""The navigation, in the order of an agent's day."""

PAGES = {
    **dashboard.PAGES,
    **tickets.PAGES,
    **opening.PAGES,
    **several.PAGES,
    **ticket.PAGES,
    **replying.PAGES,
    **moving.PAGES,
    **ending.PAGES,
    **customers.PAGES,
    **incidents.PAGES,
    **model.PAGES,
    **trial_mails.PAGES,
    **operations.PAGES,
    **dead_letters.PAGES,
    **quarantine.PAGES,
    **agents.PAGES,
    **knowledge.PAGES,
    **article_edits.PAGES,
    **desk_words.PAGES,
    **quotable.PAGES,
    **trying.PAGES,
}
"""Every page by its method and path."""


class _Files(StaticFiles):
    """Files whose address changes with them: the browser keeps them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == HTTPStatus.OK:
            answer.headers["cache-control"] = "private, max-age=31536000, immutable"
        return answer


def application(console: Console) -> Starlette:
    """Return the console's application. It must stand behind a `Door`."""
    render = renderer(PLACES)

    async def first(_: Request) -> Response:
        return RedirectResponse(PLACES[0].path, HTTPStatus.SEE_OTHER)

    async def failed(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- registered for nothing else
        missing = error.status_code == HTTPStatus.NOT_FOUND
        text = "There is no such page." if missing else error.detail
        values = {"text": text, "written": {}, "ended": False, "told": ""}
        return HTMLResponse(render(console, "fault.html", values), error.status_code)

    return Starlette(
        routes=[
            Route("/", first),
            *routes_of(console, render, PAGES),
            # Only files are packed: a page has secrets beside what others wrote (BREACH).
            Mount("/static", GZipMiddleware(_Files(directory=STATIC))),
        ],
        exception_handlers={HTTPException: failed},
    )

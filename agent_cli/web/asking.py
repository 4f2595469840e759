"""A request as the console's pages see it, and what they answer.

A page is a function that gets `Asked` and returns `Shown`, `Led` or a response of its own. It runs
in a thread, because the adapters wait for AWS. What it raises becomes a page that says what to do
next and still has what the agent wrote.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

import anyio
from anyio import CapacityLimiter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from agent_cli import credentials
from agent_cli.desk import Desk
from agent_cli.drafts import Drafts
from agent_cli.edits import Edits
from agent_cli.seen import Seen
from agent_cli.web.door import Keys
from agent_cli.web.heartbeat import Heartbeats
from agent_cli.web.outbox import Outbox
from agent_cli.words import faults

MOST_SENT = 12 * 1024 * 1024
"""Bytes of a form, its files with it."""

MOST_WRITTEN = 1024 * 1024
"""Bytes of one field of a form."""

THREADS = 4
"""Requests that are answered at once: each thread has clients of its own for AWS."""

FIELD = "console"
"""The field of each form with the value that only the console's own pages have.

It must not be called `form`: a form's field of that name hides its property, which htmx asks.
"""

WRITTEN = (
    "text",
    "note",
    "reason",
    "subject",
    "title",
    "answer",
    "utterances",
    "automatic_reason",
    "golden",
    "rest",
    "yaml",
)
"""The fields in which agents write sentences. Others hold ids, numbers and choices."""

STATUS = {
    faults.USAGE: HTTPStatus.BAD_REQUEST,
    faults.NOT_FOUND: HTTPStatus.NOT_FOUND,
    faults.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    faults.CONFLICT: HTTPStatus.CONFLICT,
    faults.NEWS: HTTPStatus.CONFLICT,
    faults.FAILED: HTTPStatus.BAD_GATEWAY,
}
"""The status of a page that tells a fault, by the exit code of the terminal."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the agent works and as whom: it stands in the header of each page."""

    stack: str
    account: str
    region: str
    agent: str


@dataclass(frozen=True, kw_only=True)
class Console:
    """What the pages need from outside.

    `desk_of` opens the desk of the agent who asks: here it is the desk of the process, and a hosted
    console would make one for each agent. `standing` says where and as whom; `where` is the address
    of AWS in words. `forget` drops credentials that have ended. `drafts`, `edits` and `seen` are
    kept on this machine, as for the terminal. `outbox` has the replies that wait to be sent,
    `beats` the signs of life of an agent who writes. `told` has what a page says once, by the id
    in its address.
    """

    desk_of: Callable[[Request], AbstractContextManager[Desk]]
    standing: Callable[[], Standing]
    forget: Callable[[], None]
    where: str
    drafts: Drafts
    edits: Edits
    seen: Seen
    outbox: Outbox
    keys: Keys
    clock: Callable[[], datetime]
    beats: Heartbeats = field(default_factory=Heartbeats)
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(THREADS))
    told: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the desk of its agent, and what the address and the form say.

    `form` is None for a request that only looks. `console` is what all pages share.
    """

    console: Console
    desk: Desk
    request: Request
    form: FormData | None

    @property
    def wants_part(self) -> bool:
        """Whether htmx asks, for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def open_desk(self) -> AbstractContextManager[Desk]:
        """Open the desk of this agent again, for what is done after the answer."""
        return self.console.desk_of(self.request)

    @property
    def now(self) -> datetime:
        """The time, aware."""
        return self.console.clock()

    def path(self, name: str) -> str:
        """Return a part of the path."""
        part: str = self.request.path_params[name]
        return part

    def query(self, name: str, default: str = "") -> str:
        """Return a value of the address, without white space around it."""
        return self.request.query_params.get(name, default).strip()

    def text(self, name: str) -> str:
        """Return what was written into a field, with line ends as on this machine; "" if nothing.

        Browsers send CRLF. The terminal stores LF, and a draft must be the same for both.
        """
        value = self.form.get(name) if self.form is not None else None
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """Return a whole number from a field; None if there is none."""
        said = self.text(name)
        return int(said) if said.isascii() and said.isdigit() else None

    def all(self, name: str) -> list[str]:
        """Return all values of a field that may be chosen more than once."""
        values = self.form.getlist(name) if self.form is not None else []
        return [each for each in values if isinstance(each, str)]

    def file(self, name: str) -> UploadFile | None:
        """Return a file that was chosen; None if none was."""
        value = self.form.get(name) if self.form is not None else None
        return value if isinstance(value, UploadFile) and value.filename else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A page from a template, with the values it needs."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Led:
    """The agent is led to another page, which first says what was done."""

    to: str
    said: str = ""


type Page = Callable[[Asked], Shown | Led | Response]
type Render = Callable[[Console, str, Mapping[str, Any]], str]


def routes_of(
    console: Console, render: Render, pages: Mapping[str, tuple[str, Page]]
) -> list[Route]:
    """Return the routes of pages.

    `pages` has by "GET /path" or "POST /path" the name of the page and its function.
    """
    found = []
    for place, (name, page) in pages.items():
        method, path = place.split(" ")
        endpoint = _endpoint(console, render, page)
        found.append(Route(path, endpoint, methods=[method], name=name))
    return found


def _endpoint(console: Console, render: Render, page: Page) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        form = await _form(request, console.keys) if request.method == "POST" else None

        def work() -> Response:
            try:
                with console.desk_of(request) as desk:
                    asked = Asked(console, desk, request, form)
                    return _response(asked, page(asked), render)
            except HTTPException:
                raise
            except Exception as error:
                return _refusal(console, error, form, render)

        return await anyio.to_thread.run_sync(work, limiter=console.threads)

    return answer


async def _form(request: Request, keys: Keys) -> FormData:
    """Return the form of a request. Raises HTTPException if it is not one of the console's."""
    if int(request.headers.get("content-length", 0)) > MOST_SENT:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is more than 12 MB.")
    form = await request.form(max_files=10, max_part_size=MOST_WRITTEN)
    value = form.get(FIELD)
    if not isinstance(value, str) or not keys.gave(value):
        raise HTTPException(HTTPStatus.FORBIDDEN, "This form is not of this console. Reload it.")
    return form


def _response(asked: Asked, answer: Shown | Led | Response, render: Render) -> Response:
    match answer:
        case Shown(template, values, status):
            told = asked.console.told.pop(asked.query("told"), "")
            page = render(asked.console, template, {**values, "told": told, "asked": asked})
            return HTMLResponse(page, status)
        case Led(to, said):
            return RedirectResponse(_telling(asked.console, to, said), HTTPStatus.SEE_OTHER)
    return answer


def _telling(console: Console, to: str, said: str) -> str:
    """Return an address whose page first says something; the address itself does not say it."""
    if not said:
        return to
    ident = secrets.token_hex(8)
    console.told[ident] = said
    path, mark, place = to.partition("#")
    return f"{path}{'&' if '?' in path else '?'}told={ident}{mark}{place}"


def _refusal(console: Console, error: Exception, form: FormData | None, render: Render) -> Response:
    """Return the page for an error: what to do next, and what the agent wrote."""
    if credentials.over(error):
        console.forget()
    fault = faults.explained(error, console.where)
    if fault is None:
        logging.getLogger(__name__).error("a page failed", exc_info=error)
        status, text = HTTPStatus.INTERNAL_SERVER_ERROR, "This page failed; the terminal says why."
    else:
        status, text = STATUS[fault.code], fault.text
    written = {
        name: value
        for name in WRITTEN
        if form is not None and isinstance(value := form.get(name), str) and value.strip()
    }
    values = {"text": text, "written": written, "ended": credentials.over(error), "told": ""}
    return HTMLResponse(render(console, "fault.html", values), status)

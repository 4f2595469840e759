"""The visitors' door: the customers' page and the button that opens it, without an API key.

It reads its files and puts the documents together when it starts. A request gets what is ready.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import helpdesk.starting  # before everything that takes time to load
from chalice.app import Response
from helpdesk import pages, preparing, telemetry, web
from helpdesk.settings import PagesSettings
from helpdesk.web import RefusalError

SERVICE = "pages"
FILES = Path(__file__).parent / "page"
FIRST = "en"
"""The language of visitors who want none that there is."""

app = web.application(SERVICE)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the routes give out."""

    help: Mapping[str, pages.Document]
    widget: pages.Document


@cache
def needs() -> Needs:
    """Put the documents together, once. Raises SettingsError, OSError or TextsError."""
    settings = PagesSettings.from_env()
    parts = pages.Parts(*map(_file, ("page.html", "page.css", "page.js", "widget.js")))
    texts = _texts()
    made = {
        language: pages.page(
            parts,
            spoken,
            language,
            key=settings.public_api_key_value,
            calls=[settings.uploads],
            frames=settings.widget_origins,
        )
        for language, spoken in texts.items()
        if settings.public_api_key_value
    }
    return Needs(help=made, widget=pages.widget(parts, texts))


@app.route("/help", methods=["GET"])
def help_page() -> Response:
    """Return the page where customers ask, in the language that the visitor's browser wants."""
    made = needs().help
    if not made:
        detail = (
            "This desk has no page: the page needs an API key. Deploy the stack with a "
            "PublicApiKeyValue."
        )
        raise RefusalError(503, "No page", detail)
    request = web.current(app)
    wanted = request.query_params.get("lang", "") if request.query_params else ""
    accepted = request.headers.get("accept-language", "")
    return _given(made[pages.language_of(wanted, accepted, tuple(made))])


@app.route("/widget.js", methods=["GET"])
def widget() -> Response:
    """Return the script that draws the button on a page of the shop."""
    return _given(needs().widget)


def _given(document: pages.Document) -> Response:
    asked = web.current(app).headers.get("if-none-match", "")
    telemetry.count(SERVICE, "Given")
    if pages.matches(document, asked):
        return web.text("", document.headers, 304)
    return web.text(document.content, document.headers)


def _texts() -> dict[str, dict[str, str]]:
    paths = sorted(
        (FILES / "texts").glob("*.json"), key=lambda path: (path.stem != FIRST, path.stem)
    )
    return {path.stem: json.loads(path.read_text("utf-8")) for path in paths}


def _file(name: str) -> str:
    return (FILES / name).read_text("utf-8")


if helpdesk.starting.in_lambda():
    preparing.prepare(SERVICE, needs)

"""The visitors' door: the customers' page and the button that opens it, without an API key.

It reads its files and puts the page and the button together when it starts. Articles are read from
the knowledge, once a minute at most.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from urllib.parse import parse_qs

import helpdesk.starting  # before everything that takes time to load
from chalice.app import Response
from helpdesk import helpcenter, pages, preparing, telemetry, web
from helpdesk.composition import Parts
from helpdesk.knowledge import ANY_LANGUAGE
from helpdesk.limits import Bucket, Gate, Limit, LimitedError, network
from helpdesk.settings import PagesSettings
from helpdesk.web import RefusalError

SERVICE = "pages"
FILES = Path(__file__).parent / "page"
FIRST = "en"
"""The language of visitors who want none that there is."""

FORM = "application/x-www-form-urlencoded"
MOST_OF_A_FORM = 4_096
READ_AGAIN = 60.0
"""Seconds after which the articles are read again."""

app = web.application(SERVICE)
_now = partial(datetime.now, UTC)
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Needs:
    """What the routes give out."""

    help: Mapping[str, pages.Document]
    widget: pages.Document
    nearest: pages.Document
    center: helpcenter.HelpCenter
    answers: helpcenter.Answers
    gate: Gate
    per_address: Limit


@cache
def needs() -> Needs:
    """Put the documents together, once. Raises SettingsError, OSError or TextsError."""
    settings = PagesSettings.from_env()
    files = pages.Parts(
        *map(_file, ("page.html", "page.css", "page.js", "widget.js", "nearest.js"))
    )
    texts = _texts(mailed=bool(settings.mail_domain))
    made = {
        language: pages.page(
            files,
            said,
            language,
            key=settings.public_api_key_value,
            calls=[settings.uploads],
            frames=settings.widget_origins,
        )
        for language, said in texts.items()
        if settings.public_api_key_value
    }
    parts = Parts.of_settings(settings)
    return Needs(
        help=made,
        widget=pages.widget(files, texts),
        nearest=pages.nearest(files),
        center=helpcenter.HelpCenter(
            parts.articles, clock=_now, life=READ_AGAIN, reviewed=settings.review_categories
        ),
        answers=parts.figures,
        gate=Gate(parts.rates, failed=partial(telemetry.limiter_failed, SERVICE)),
        per_address=Limit(settings.address_per_second, int(2 * settings.address_per_second)),
    )


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


@app.route("/help/nearest.js", methods=["GET"])
def nearest() -> Response:
    """Return the script that the page loads when a customer begins to type."""
    return _given(needs().nearest)


@app.route("/help/articles", methods=["GET"])
def articles() -> Response:
    """Return the list of the public articles."""
    return _given(helpcenter.listing(needs().center.articles(), _language(), _place()))


@app.route("/help/articles", methods=["POST"], content_types=[FORM])
def find() -> Response:
    """Return the list with the articles nearest to a question first. Nothing of it is kept."""
    _admit()
    asked = _form().get("q", "")[: helpcenter.LONGEST_QUESTION]
    there, language = needs().center.articles(), _language()
    found = helpcenter.nearest(helpcenter.index(there, language), asked)
    made = helpcenter.listing(there, language, _place(), found=found)
    return web.text(made.content, made.headers | {"Cache-Control": "no-store"})


@app.route("/help/articles.json", methods=["GET"])
def suggestions() -> Response:
    """Return the index from which a page finds the nearest articles while a customer types."""
    return _given(helpcenter.suggestions(needs().center.articles(), _language()))


@app.route("/help/articles/{slug}", methods=["GET"])
def article(slug: str) -> Response:
    """Return the page of a public article."""
    language, place = _language(), _place()
    if (found := needs().center.article(slug)) is None:
        return _missing(language, place)
    thanked = _asked("thanks") == "1"
    return _given(helpcenter.article(found, language, place, thanked=thanked))


@app.route("/help/articles/{slug}/answered", methods=["POST"], content_types=[FORM])
def answered(slug: str) -> Response:
    """Count that an article answered a question, once for each time that its page was opened."""
    _admit()
    language, place = _language(), _place()
    if (found := needs().center.article(slug)) is None:
        return _missing(language, place)
    if web.current(app).headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise RefusalError(403, "Another site", "Only the article's own page says this.")
    try:
        key = _form().get("key")
        helpcenter.answered(needs().answers, found.intent, at=_now(), key=key)
    except helpcenter.InvalidKeyError as wrong:
        raise RefusalError(400, "Bad request", f"{str(wrong).capitalize()}.") from wrong
    telemetry.count(SERVICE, "AnsweredByArticle")
    where = place.article(found.slug, language)
    told = f"{where}{'&' if '?' in where else '?'}thanks=1"
    return web.text("", {"Location": told, "Content-Type": "text/plain; charset=utf-8"}, 303)


def _missing(language: str, place: helpcenter.Place) -> Response:
    made = helpcenter.missing(language, place)
    return web.text(made.content, made.headers, 404)


def _admit() -> None:
    """Count the request against what its address may post. Raises RefusalError."""
    address = network(web.address_of(web.current(app)))
    try:
        needs().gate.admit(Bucket("address", address, needs().per_address), now=_now())
    except LimitedError as limited:
        detail = f"{str(limited).capitalize()}. Try again later."
        wait = {"Retry-After": str(max(1, round(limited.wait.total_seconds())))}
        raise RefusalError(429, "Too many requests", detail, headers=wait) from limited


def _form() -> dict[str, str]:
    """Return the fields of the form that was sent. Raises RefusalError."""
    body = web.current(app).raw_body
    raw = body if isinstance(body, bytes) else body.encode()
    if len(raw) > MOST_OF_A_FORM:
        raise RefusalError(413, "Too large", f"A form has at most {MOST_OF_A_FORM} bytes.")
    try:
        found = parse_qs(raw.decode("utf-8"), max_num_fields=8)
    except ValueError as wrong:
        raise RefusalError(400, "Bad request", "The form cannot be read.") from wrong
    return {name: values[0] for name, values in found.items()}


def _asked(name: str) -> str:
    """Return what the address says under a name; nothing if it does not."""
    given = web.current(app).query_params
    return str(given.get(name, "")) if given else ""


def _language() -> str:
    """Return the language that the address names, or that of the desk."""
    wanted = _asked("lang").lower().partition("-")[0]
    return wanted if _LANGUAGE.fullmatch(wanted) else ANY_LANGUAGE


def _place() -> helpcenter.Place:
    """Return where the visitor's browser finds the help center, as the gateway tells it."""
    context = web.current(app).context
    root = str(context.get("path", "/help")).partition("/help")[0]
    host = context.get("domainName", "")
    return helpcenter.Place(root=root, origin=f"https://{host}" if host else "")


def _given(document: pages.Document) -> Response:
    asked = web.current(app).headers.get("if-none-match", "")
    telemetry.count(SERVICE, "Given")
    if pages.matches(document, asked):
        return web.text("", document.headers, 304)
    return web.text(document.content, document.headers)


def _texts(*, mailed: bool) -> dict[str, pages.Texts]:
    paths = sorted(
        (FILES / "texts").glob("*.json"), key=lambda path: (path.stem != FIRST, path.stem)
    )
    return {
        path.stem: pages.spoken(json.loads(path.read_text("utf-8")), mailed=mailed)
        for path in paths
    }


def _file(name: str) -> str:
    return (FILES / name).read_text("utf-8")


if helpdesk.starting.in_lambda():
    preparing.prepare(SERVICE, needs)

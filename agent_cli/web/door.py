"""Who is let into the console: the browser that opened its link, and no page of another origin.

The console listens on this machine alone. Still, each page that the agent has open can send
requests to it, and so can each user of the machine. The door is an ASGI application around the
console's own: it answers what it does not let in.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "helpdesk"

ENTRY_LASTS = timedelta(minutes=1)
"""How long the link that the console prints can be opened."""

SAFE = frozenset({"GET", "HEAD"})
"""The methods that change nothing."""

OWN = frozenset({"same-origin", "none"})
"""What browsers say of a request that a page of the console or the agent began."""

HEADERS: Mapping[bytes, bytes] = {
    b"cache-control": b"no-store",
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    # Without it Chromium sends `Origin: null` with the console's own forms.
    b"referrer-policy": b"same-origin",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
"""What every answer of the console carries."""


@dataclass(slots=True)
class Keys:
    """The secrets of one process: the key of the link, the cookie, the value in each form.

    `clock` is asked for the time, aware. The three are random and independent: who saw the link in
    a log has no cookie.
    """

    clock: Callable[[], datetime]
    entry: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    form: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _until: datetime = field(init=False)
    _used: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._until = self.clock() + ENTRY_LASTS

    def opens(self, key: str) -> bool:
        """Tell whether the key of a link lets its browser in; it does so once, for a minute."""
        if self._used or self.clock() >= self._until or not _same(key, self.entry):
            return False
        self._used = True
        return True

    def knows(self, cookie: str) -> bool:
        """Tell whether a browser came in by the link."""
        return _same(cookie, self.cookie)

    def gave(self, value: str) -> bool:
        """Tell whether a form came from a page of this process."""
        return _same(value, self.form)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in: an HTTP status, and a sentence for the person before it."""

    status: int
    why: str


_STRANGER = Refusal(
    401,
    "This console belongs to the agent who started it. "
    "Open the link that `helpdesk web` printed, or start it again for a new link.",
)
_OLD_LINK = Refusal(
    403, "This link was used, or it is older than a minute. Start `helpdesk web` again."
)
_MISDIRECTED = Refusal(421, "The console does not answer to this name.")
_FOREIGN = Refusal(403, "This request comes from a page that is not the console's.")


def refused(
    method: str, headers: Mapping[str, str], *, origins: frozenset[str], keys: Keys
) -> Refusal | None:
    """Return why a request is not let in, or None.

    `headers` have lower-case names. `origins` are the console's own, as "http://name:port".
    """
    if f"http://{headers.get('host', '')}" not in origins:
        return _MISDIRECTED
    if not keys.knows(_cookie(headers.get("cookie", ""))):
        return _STRANGER
    if method in SAFE:
        return None
    own = headers.get("origin") == f"http://{headers['host']}"
    if not own or headers.get("sec-fetch-site", "none") not in OWN:
        return _FOREIGN
    return None


class Door:
    """The console behind its door. `origins` and `keys` are as in `refused`."""

    def __init__(self, inside: ASGIApp, *, origins: frozenset[str], keys: Keys) -> None:
        self._inside, self._origins, self._keys = inside, origins, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it to the console."""
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        key = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
        named = f"http://{headers.get('host', '')}" in self._origins
        if named and key and scope["method"] == "GET" and scope["path"] == "/":
            await self._enter(key, send)
            return
        refusal = refused(scope["method"], headers, origins=self._origins, keys=self._keys)
        if refusal:
            await _say(refusal, send)
            return
        await self._inside(scope, receive, _with_headers(send))

    async def _enter(self, key: str, send: Send) -> None:
        """Give the cookie for the key of the link, and lead to an address without the key."""
        if not self._keys.opens(key):
            await _say(_OLD_LINK, send)
            return
        cookie = f"{COOKIE}={self._keys.cookie}; Path=/; HttpOnly; SameSite=Strict"
        there = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
        await send(
            {"type": "http.response.start", "status": 303, "headers": [*HEADERS.items(), *there]}
        )
        await send({"type": "http.response.body", "body": b""})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = {name for name, _ in message["headers"]}
            more = [each for each in HEADERS.items() if each[0] not in told]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return sending


async def _say(refusal: Refusal, send: Send) -> None:
    body = f"{refusal.why}\n".encode()
    headers = [
        *HEADERS.items(),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())

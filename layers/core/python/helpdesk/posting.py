"""Posts to addresses that a person gave, and fetches: over TLS, from no private network.

The name is resolved once, every address it has is looked at, and the connection goes to one of
these: a name that answers differently a moment later leads to no other place. Redirects are not
followed. One exchange takes ten seconds at most, or its own limit, beside looking the name up.
"""

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from helpdesk.notifying import LaterError, RefusedError, Reply, Request

LIMIT = 10
"""Seconds that one post may take."""

MOST_READ = 4_096
"""Bytes of an answer that are read."""

_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Addresses behind which a network's own translator finds one of IPv4 (RFC 6052, RFC 8215)."""

_HEADERS = {"User-Agent": "helpdesk", "Connection": "close"}

type Resolver = Callable[[str, int], list[str]]


def addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class SlowError(LaterError):
    """The answer did not come, or did not end, in time."""


class Poster:
    """Posts to the world.

    `trusted` names a host, beside those of the world, that may be private and need no TLS: the one
    that stands for AWS on one machine. `private` lets every host be at private addresses, and then
    without TLS if all of them are; addresses of a link, where clouds keep credentials, stay barred.
    `whole` is the most bytes of an answer to a post that must be read to its end; without it the
    begin is enough.
    """

    def __init__(
        self,
        *,
        trusted: str = "",
        resolve: Resolver = addresses,
        tls: ssl.SSLContext | None = None,
        limit: float = LIMIT,
        private: bool = False,
        whole: int | None = None,
    ) -> None:
        self._trusted = trusted
        self._resolve = resolve
        self._tls = tls
        self._limit = limit
        self._private = private
        self._whole = whole

    def post(self, request: Request) -> Reply:
        """Post and return the answer. Raises RefusedError, SlowError or another LaterError.

        Where answers must be whole, one that is too long is refused.
        """
        headers = {"Content-Type": "application/json", **request.headers}
        most = MOST_READ if self._whole is None else self._whole + 1
        reply = self._exchanged("POST", request.url, headers, request.body, most)
        if self._whole is not None and len(reply.body) > self._whole:
            raise RefusedError("its answer is too long")
        return reply

    def fetch(self, url: str, headers: Mapping[str, str], most: int) -> Reply:
        """Return the answer, of its body `most` bytes. Raises RefusedError or LaterError."""
        return self._exchanged("GET", url, headers, None, most)

    def _exchanged(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Reply:
        at = _split(url)
        host = at.hostname or ""
        port = at.port or (443 if at.scheme == "https" else 80)
        connection = _Pinned(host, port, self._allowed(at, host, port), self._limit)
        connection.tls = self._context if at.scheme == "https" else None
        watch = Timer(self._limit, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            connection.request(method, _target(at), body, {**_HEADERS, **headers})
            answer: HTTPResponse = connection.getresponse()
            read = answer.read(most)
            if self._whole is not None and len(read) < most and _is_cut(connection, answer):
                raise IncompleteRead(b"", answer.length)
            return Reply(answer.status, answer.headers.get("Retry-After"), read)
        except (OSError, HTTPException, ValueError) as error:
            if connection.was_cut or isinstance(error, TimeoutError):
                raise SlowError("it took too long") from error
            raise LaterError(type(error).__name__) from error
        finally:
            watch.cancel()
            connection.close()

    def _allowed(self, at: SplitResult, host: str, port: int) -> str:
        """Return the address to connect to. Raises RefusedError or LaterError."""
        trusted = host == self._trusted and bool(host)
        near = trusted or self._private
        if at.scheme != "https" and not (near and at.scheme == "http"):
            raise RefusedError("its address does not begin with https://")
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise LaterError("its name is not known") from error
        if not found:
            raise LaterError("its name has no address")
        if trusted:
            return found[0]
        if self._private and any(map(_is_of_a_link, found)):
            raise RefusedError("it is at an address of a link")
        if not self._private and not all(map(is_public, found)):
            raise RefusedError("it is at an address of a private network")
        if at.scheme != "https" and any(map(is_public, found)):
            raise RefusedError("it is on the internet and its address does not begin with https://")
        return found[0]

    @property
    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def is_public(text: str) -> bool:
    """Tell whether an address belongs to the internet: to no machine, link, group or home net."""
    at: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(at, IPv6Address):
        inner = at.ipv4_mapped or at.sixtofour
        if any(at in each for each in _TRANSLATED):
            inner = IPv4Address(int(at) & 0xFFFFFFFF)
        if at.teredo or (inner and not is_public(str(inner))):
            return False
        at = inner or at
    return at.is_global and not at.is_multicast and not at.is_reserved


class _Pinned(HTTPConnection):
    """A connection to one address, under the host's own name."""

    def __init__(self, host: str, port: int, address: str, limit: float) -> None:
        super().__init__(host, port, timeout=limit)
        self._address = address
        self.tls: ssl.SSLContext | None = None
        self.was_cut = False
        self._wire: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address that was looked at."""
        self.sock = self._wire = socket.create_connection((self._address, self.port), self.timeout)
        if self.tls:
            shaking = self.tls.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock = self._wire = shaking  # before it takes time, so that it can be cut
            shaking.do_handshake()
        if self.was_cut:
            raise TimeoutError

    def cut(self) -> None:
        """End what is under way, from another thread.

        `sock` may be gone by then: the library drops it when the headers of an answer are read.
        """
        self.was_cut = True
        if self._wire:
            with suppress(OSError):
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)


def _is_cut(connection: _Pinned, answer: HTTPResponse) -> bool:
    """Tell whether an answer ended before its end."""
    return connection.was_cut or bool(answer.length)


def _is_of_a_link(text: str) -> bool:
    at = ip_address(text.partition("%")[0])
    inner = at.ipv4_mapped if isinstance(at, IPv6Address) else None
    return (inner or at).is_link_local


def _target(at: SplitResult) -> str:
    return f"{at.path or '/'}{f'?{at.query}' if at.query else ''}"


def _split(url: str) -> SplitResult:
    """Return the parts of an address. Raises RefusedError if it is none, or has a password."""
    try:
        at = urlsplit(url)
        known = bool(at.hostname) and at.username is None and (at.port is None or at.port > 0)
    except ValueError:
        known = False
    if not known:
        raise RefusedError("its address cannot be read")
    return at

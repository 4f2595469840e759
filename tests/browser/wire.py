"""Servers on this machine, and what browsers send to them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it arrived: `to` is the Host header, `target` the path with its query."""

    to: str
    method: str
    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.to}{self.target}"


@dataclass
class Wire:
    """All requests that reached a server of the suite, in their order.

    `addresses` are all that pages asked for, those that reached no server among them. `secrets` are
    the tokens and texts that must be in none of them.
    """

    arrived: list[Arrived] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def tapped(self, application: ASGIApp) -> ASGIApp:
        """Return an application whose requests are recorded."""

        async def tapping(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                self.arrived.append(_arrived(scope))
            await application(scope, receive, send)

        return tapping

    def to(self, place: str) -> list[Arrived]:
        """Return what arrived under a host name with its port, or at a port."""
        return [each for each in self.arrived if each.to == place or each.to.endswith(place)]


def _arrived(scope: Scope) -> Arrived:
    headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    raw = scope.get("raw_path") or scope["path"].encode()
    target = raw.decode("latin-1") + (f"?{query}" if query else "")
    return Arrived(headers.get("host", ""), scope["method"], target, headers)


class Kept(uvicorn.Server):
    """A server that a test can stop, although the one who started it runs it until Ctrl-C."""

    running: "list[Kept]" = []  # noqa: RUF012 -- the servers of this process

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.running.append(self)

    @classmethod
    def stop(cls, since: int = 0) -> None:
        """Stop all servers but the first `since`."""
        for server in cls.running[since:]:
            server.should_exit = True
            server.force_exit = True
        del cls.running[since:]


@contextmanager
def served(application: ASGIApp) -> Iterator[int]:
    """Serve an application in a thread; yield its port."""
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        listening.listen()
        config = uvicorn.Config(application, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = server.force_exit = True
        thread.join(10)

"""The console's socket, its link and its server."""

import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from agent_cli.web.door import Keys

LOOPBACK = "127.0.0.1"


class PortTakenError(Exception):
    """Another program listens at the port; the message says what to do next."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a console listens: its socket, bound, and its own names.

    Ports are no part of a cookie's scope: what is set at 127.0.0.1 goes to every port of it. So the
    console has a random name below `.localhost`, which browsers resolve to this machine.
    """

    socket: socket.socket
    name: str

    @property
    def port(self) -> int:
        """The port in use."""
        port: int = self.socket.getsockname()[1]
        return port

    @property
    def origins(self) -> frozenset[str]:
        """The origins to which the console answers."""
        return frozenset(f"http://{host}:{self.port}" for host in (self.name, LOOPBACK))

    def link(self, keys: Keys, *, by_number: bool = False) -> str:
        """Return the link that lets one browser in; `by_number` for one that knows no names."""
        return f"http://{LOOPBACK if by_number else self.name}:{self.port}/?key={keys.entry}"


def bound(port: int) -> Place:
    """Return a place on this machine alone; port 0 is any that is free. Raises PortTakenError.

    It is bound before its link is told: else another program could listen there and get the key.
    """
    listening = socket.socket()
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise PortTakenError(
            f"port {port} is in use; leave out --port, and a free one is taken"
        ) from error
    return Place(listening, f"desk-{secrets.token_hex(6)}.localhost")


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let a signal that ends the process, or a terminal that is closed, raise SystemExit instead.

    What stands around it is done then, such as sending the replies that wait.
    """

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def serve(application: Callable[..., object], place: Place, *, ready: Callable[[], None]) -> None:
    """Serve until the agent stops it with Ctrl-C; `ready` is called when pages can be opened."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,  # addresses of requests name tickets and customers
        server_header=False,
        lifespan="off",
        proxy_headers=False,
    )
    with suppress(KeyboardInterrupt):  # the server raises it again when all is answered
        Server(config).run(sockets=[place.socket])

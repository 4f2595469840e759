"""What answers on a port of this machine."""

import contextlib
import functools
import http.client
import json
import socket
import time
import urllib.request


def urls(port: int) -> set[str]:
    """Return the addresses of 127.0.0.1:`port`."""
    return {f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")}


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy


def _get(url: str) -> bytes | None:
    try:
        with _opener().open(url, timeout=5) as response:
            body: bytes = response.read()
            return body
    except (OSError, ValueError, http.client.HTTPException):
        return None


def health(url: str) -> dict[str, object] | None:
    """The health document of a LocalStack at `url`, or None if there is none."""
    body = _get(f"{url}/_localstack/health")
    with contextlib.suppress(ValueError):
        document = json.loads(body or b"")
        if isinstance(document, dict) and "services" in document:
            return document
    return None


def plugin_pid(url: str) -> int | None:
    """Process id of the LocalStack at `url`, told by our plugin; None without the plugin."""
    body = _get(f"{url}/_helpdesk/plugin")
    with contextlib.suppress(ValueError):
        document = json.loads(body or b"")
        if document.get("executor") == "ProcessExecutor":
            return int(document["pid"])
    return None


def is_free(port: int, *, patience: float) -> bool:
    """Whether 127.0.0.1:`port` can be listened on, now or within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def taken_message(port: int) -> str:
    """Return what to tell a person about a port that is taken."""
    if health(f"http://127.0.0.1:{port}") is not None:
        return (
            f"A LocalStack that this folder did not start answers on port {port}.\n"
            f"To use it: AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n"
            "To run a second one: start with --port and another number."
        )
    return (
        f"Port {port} of 127.0.0.1 is taken by another program.\n"
        "Stop that program, or take another port: make run PORT=4600."
    )

"""Who is let into the console, request by request, as browsers and other programs make them."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
import pytest_socket
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from agent_cli.web.door import COOKIE, ENTRY_LASTS, HEADERS, Door, Keys
from agent_cli.web.serving import PortTakenError, bound
from tests.fakes import MORNING, Clock

NAME = "desk-0123.localhost:4321"
ORIGIN = f"http://{NAME}"
NUMBER = "http://127.0.0.1:4321"


class Console:
    """A door with a page behind it that counts who came in."""

    def __init__(self) -> None:
        self.clock = Clock(MORNING)
        self.keys = Keys(self.clock)
        self.reached = 0
        door = Door(self._page, origins=frozenset({ORIGIN, NUMBER}), keys=self.keys)
        self.browser = TestClient(door, base_url=ORIGIN, follow_redirects=False)

    async def _page(self, scope, receive, send) -> None:
        self.reached += 1
        await PlainTextResponse(Request(scope).url.path)(scope, receive, send)

    def entered(self) -> "Console":
        assert self.browser.get(f"/?key={self.keys.entry}").status_code == 303
        return self


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Only this machine may be asked: an event loop has a pair of sockets, a place has one."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture
def console() -> Console:
    return Console()


def test_the_link_gives_a_cookie_and_leads_to_an_address_without_the_key(console: Console) -> None:
    answer = console.browser.get(f"/?key={console.keys.entry}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=Strict" in said
    assert "Domain" not in said
    assert console.keys.entry not in said
    assert console.browser.get("/").text == "/"


def test_a_link_works_once(console: Console) -> None:
    console.entered()
    console.browser.cookies.clear()

    assert console.browser.get(f"/?key={console.keys.entry}").status_code == 403


def test_a_link_ends_after_a_minute(console: Console) -> None:
    console.clock.advance(ENTRY_LASTS)

    assert console.browser.get(f"/?key={console.keys.entry}").status_code == 403


def test_a_wrong_key_does_not_use_up_the_link(console: Console) -> None:
    assert console.browser.get("/?key=wrong").status_code == 403
    console.clock.advance(ENTRY_LASTS - timedelta(seconds=1))

    console.entered()


@pytest.mark.parametrize("path", ["/", "/static/console.css", "/tickets/1", "/health"])
def test_other_users_of_the_machine_get_nothing(console: Console, path: str) -> None:
    assert console.browser.get(path).status_code == 401
    console.browser.cookies.set(COOKIE, "guessed")
    assert console.browser.get(path).status_code == 401
    assert console.reached == 0


@pytest.mark.parametrize(
    "host", ["evil.example:4321", NAME.split(":", maxsplit=1)[0], f"{NAME}0", "", "[::1]"]
)
@pytest.mark.parametrize("path", ["/", "/static/console.css", "/?key={key}"])
def test_another_name_that_leads_here_is_not_answered(
    console: Console, host: str, path: str
) -> None:
    """What DNS rebinding needs. A key is not used up by it."""
    console.entered()
    keys = console.keys
    answer = console.browser.get(path.format(key=keys.entry), headers={"host": host})

    assert answer.status_code == 421
    assert console.reached == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:4322"},
        {"origin": NUMBER},
        {"origin": "https://" + NAME},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_form_of_another_origin_changes_nothing(
    console: Console, method: str, headers: dict[str, str]
) -> None:
    console.entered()

    assert console.browser.request(method, "/tickets/1", headers=headers).status_code == 403
    assert console.reached == 0


@pytest.mark.parametrize("site", [{}, {"sec-fetch-site": "same-origin"}])
def test_a_form_of_the_console_is_let_in(console: Console, site: dict[str, str]) -> None:
    console.entered()

    answer = console.browser.post("/tickets/1", headers={"origin": ORIGIN, **site})

    assert answer.status_code == 200
    assert console.reached == 1


def test_every_answer_carries_the_headers(console: Console) -> None:
    answers = [
        console.browser.get("/"),
        console.browser.get("/", headers={"host": "evil.example"}),
        console.browser.get(f"/?key={console.keys.entry}"),
        console.browser.get("/"),
        console.browser.post("/"),
    ]

    assert [each.status_code for each in answers] == [401, 421, 303, 200, 403]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name.decode()] == value.decode()
    policy = answers[3].headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_two_processes_share_no_secret() -> None:
    one, other = Keys(Clock(MORNING)), Keys(Clock(MORNING))

    assert len({one.entry, one.cookie, one.form, other.entry, other.cookie, other.form}) == 6
    assert one.gave(one.form)
    assert not one.gave(other.form)


def test_a_place_is_on_this_machine_alone_and_has_a_name_of_its_own() -> None:
    place, another = bound(0), bound(0)
    with place.socket, another.socket:
        assert place.socket.getsockname()[0] == "127.0.0.1"
        assert place.name != another.name
        assert place.name.endswith(".localhost")
        keys = Keys(Clock(MORNING))
        assert place.link(keys).startswith(f"http://{place.name}:{place.port}/?key=")
        assert place.link(keys, by_number=True).startswith(f"http://127.0.0.1:{place.port}/")
        assert place.origins == {
            f"http://{place.name}:{place.port}",
            f"http://127.0.0.1:{place.port}",
        }


def test_a_port_that_is_taken_is_told_before_any_link() -> None:
    place = bound(0)
    with place.socket:
        place.socket.listen()
        with pytest.raises(PortTakenError, match=f"port {place.port} is in use"):
            bound(place.port)


ENDED = """
import os, signal, threading
from agent_cli.web.serving import bound, ended_in_order, serve

async def application(scope, receive, send):
    pass

def ready():
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

signal.signal(signal.SIGINT, signal.default_int_handler)
with ended_in_order():
    serve(application, bound(0), ready=ready)
print("what comes after")
"""


def test_ctrl_c_ends_the_console_in_order() -> None:
    command = [sys.executable, "-c", ENDED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "what comes after\n", "")

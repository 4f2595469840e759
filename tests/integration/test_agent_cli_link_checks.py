"""Whether the pages that articles link to are there, asked of a server on this machine."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import pytest_socket
from helpdesk.knowledge import Link

from agent_cli.link_checks import broken_links, wrong_with
from tests.fakes import an_article


class Pages(BaseHTTPRequestHandler):
    """`/fine` is there, `/shy` knows no HEAD, `/moved` leads to `/fine`; the rest is not there."""

    def do_GET(self) -> None:
        self._answer({"/fine": 200, "/shy": 200, "/moved": 301}.get(self.path, 404))

    def do_HEAD(self) -> None:
        self._answer({"/fine": 200, "/shy": 405, "/moved": 301}.get(self.path, 404))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/fine")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(autouse=True)
def no_network() -> None:
    """Only this machine may be asked."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "wrong"),
    [("/fine", None), ("/shy", None), ("/moved", None), ("/gone", "answers 404")],
)
def test_a_page_is_asked_for(pages: str, path: str, wrong: str | None) -> None:
    assert wrong_with(f"{pages}{path}") == wrong


def test_a_server_that_is_not_there() -> None:
    said = wrong_with("http://127.0.0.1:9/")

    assert said
    assert said.startswith("cannot be reached: ")


def test_each_article_is_told_of_its_broken_link_and_each_page_asked_for_once() -> None:
    fine = Link(title="Fine", url="https://shop.example/fine")
    gone = Link(title="Gone", url="https://shop.example/gone")
    asked: list[str] = []

    def answers(url: str) -> str | None:
        asked.append(url)
        return "answers 404" if "gone" in url else None

    articles = [an_article("one", links=(fine, gone)), an_article("two", links=(gone,))]
    found = broken_links(articles, answers)

    assert [(each.article, each.rule, each.text) for each in found] == [
        ("one", "links", "https://shop.example/gone answers 404"),
        ("two", "links", "https://shop.example/gone answers 404"),
    ]
    assert sorted(asked) == [fine.url, gone.url]

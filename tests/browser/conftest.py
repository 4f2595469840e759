"""A Chromium, the console of an agent over AWS in the process, and what travelled between them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
from playwright.sync_api import Browser, expect

from infra.checking.chromium import HOW, found
from tests.browser.at_work import Opened, opened
from tests.browser.counter import Counter, opened_counter
from tests.browser.windows import PATIENCE, Window, started
from tests.browser.wire import Wire
from tests.integration.conftest import deployed, one_loader, stack, template  # noqa: F401
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401

expect.set_options(timeout=PATIENCE)

LAST = "test_wire"
"""The module that looks at all that was sent, so it comes last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests here, and let the one that looks back at all others come last."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.path.stem == LAST)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield the browser."""
    path = found(os.environ)
    if not path:
        pytest.exit(HOW, returncode=2)
    with started(path) as browser:
        yield browser


@pytest.fixture(autouse=True)
def no_network(chromium: Browser) -> Iterator[None]:
    """Let the servers reach this machine only: what moto does not answer must not leave it."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def wire() -> Wire:
    """What all browsers of the suite sent."""
    return Wire()


@pytest.fixture
def window(chromium: Browser, wire: Wire) -> Iterator[Callable[..., Window]]:
    """Return what opens windows; each must end without a trouble that it does not forgive."""
    windows: list[Window] = []

    def one(**settings: Any) -> Window:
        windows.append(Window(chromium, **settings))
        return windows[-1]

    yield one
    for each in windows:
        each.close()
        wire.addresses += each.asked
    assert not [trouble for each in windows for trouble in each.unforgiven]


@pytest.fixture
def console(
    desk: Desk,  # noqa: F811
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Opened]:
    """Yield a console that an agent, ada, has just started with `helpdesk web`."""
    with opened(desk, wire, monkeypatch) as console:
        yield console


@pytest.fixture
def counter(
    template: dict[str, Any],  # noqa: F811
    desk: Desk,  # noqa: F811
    wire: Wire,
) -> Iterator[Counter]:
    """Yield the customers' side of the desk: its API and its pages, with the worker at work."""
    with opened_counter(template, desk, wire) as counter:
        yield counter

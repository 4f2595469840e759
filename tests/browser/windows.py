"""Chromium with pinned flags, and windows in it that tell what went wrong in them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright

OWN = ("127.*.*.*", "localhost", "*.localhost")
FOREIGN = ", ".join(
    ["MAP *.example 127.0.0.1", "MAP * ~NOTFOUND", *(f"EXCLUDE {name}" for name in OWN)]
)
"""Names of other sites lead to this machine, and to nothing else; none is asked for by DNS."""

FLAGS = (
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    # Sites of the internet stand here on this machine: they may ask it, as a stack's API.
    "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
    "--disable-quic",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-proxy-server",
    "--password-store=basic",
    f"--host-resolver-rules={FOREIGN}",
)

PATIENCE = 10_000
"""Milliseconds after which what is awaited does not come."""

REFUSED = "Failed to load resource"
"""What Chromium says of an answer that is no success."""


@contextmanager
def started(path: str) -> Iterator[Browser]:
    """Run a Chromium; yield it. Root cannot have its sandbox."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            headless=True,
            args=list(FLAGS),
            chromium_sandbox=os.geteuid() != 0,
        )
        yield browser
        browser.close()


class Window:
    """A browser of one person: cookies, storage and history of its own.

    `troubles` are errors that the pages reported, dialogs, and failures of scripts. `asked` are the
    addresses of all requests, those that did not leave the browser among them.
    """

    def __init__(self, browser: Browser, **settings: Any) -> None:
        self.context = browser.new_context(**settings)
        self.context.set_default_timeout(PATIENCE)
        self.troubles: list[str] = []
        self.asked: list[str] = []
        self._forgiven: list[str] = []
        self.context.on("console", self._said)
        self.context.on("dialog", self._dialog)
        self.context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        self.context.on("request", self._request)
        if settings.get("bypass_csp"):  # the policies of the pages allow no such request
            self.context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        self.page = self.tab()

    def tab(self) -> Page:
        """Open a page."""
        return self.context.new_page()

    def go(self, url: str) -> int:
        """Go to an address; return the status of the answer."""
        answer = self.page.goto(url)
        assert answer
        return answer.status

    def forgive(self, *texts: str) -> Self:
        """Expect troubles whose text has one of these in it."""
        self._forgiven += texts
        return self

    def origins(self) -> set[str]:
        """Return the origins that pages asked for something."""
        parts = [urlsplit(each) for each in self.asked]
        return {f"{each.scheme}://{each.netloc}" for each in parts if each.netloc}

    @property
    def unforgiven(self) -> list[str]:
        """The troubles that no one expected."""
        return [each for each in self.troubles if not any(one in each for one in self._forgiven)]

    def close(self) -> None:
        """Close all its pages."""
        self.context.close()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.troubles.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            dialog.accept()
            return
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)

"""Keeps what the customers' page and the console look like, from a running local stack.

    make run
    make browser                                  # once: it brings what drives the browser
    python -m infra.documenting.web_screens       # writes docs/screens/help.png and console-*.png

It also says how long the page takes from a question to its answer, and from the agent's reply until
the page shows it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from infra import emulator
from infra.checking.chromium import HOW, found
from infra.deploying.stack import Stack
from infra.documenting.screens import FOLDER, QUESTIONS
from infra.local.customer import Customer
from infra.local.up import agent_environment, local_stack
from infra.measuring.durations import spread

SIZE = (1200, 900)
PAGE_SIZE = (420, 760)
ASKED = "How long does delivery take?"
FOR_A_PERSON = "Would you sponsor our school's chess team? The tournament is in May."
TIMES, REPLIES = 10, 5
COUNTED = 70
"""Seconds within which the reconciler has counted what happened, for the dashboard."""

LONGEST_LOOK = 60_000
"""Milliseconds within which a page in sight looks again, many times over."""


def main() -> int:
    """Fill the desk, keep the pictures and print the times; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=emulator.DEFAULT_PORT)
    stack = local_stack(f"http://127.0.0.1:{parser.parse_args().port}")
    path = found(os.environ)
    if not path:
        print(HOW, file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    customer = Customer(stack.api_url, stack.api_key)
    for text, email, name in QUESTIONS:
        customer.fetch(customer.ask(text, email=email, name=name), wait=20)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=os.geteuid() != 0
        )
        print(f"question to answer on the page: {spread(_answers(browser, stack))}")
        print(f"reply sent to reply on the page: {spread(_replies(browser, stack))}")
        time.sleep(COUNTED)
        with _console(stack) as link:
            _pictures(browser, link)
        browser.close()
    return 0


def _answers(browser: Browser, stack: Stack) -> list[float]:
    """Keep the page of an answered question; return the seconds until each answer was there."""
    taken = []
    for number in range(TIMES + 1):
        page = _window(browser, PAGE_SIZE)
        page.goto(f"{stack.api_url}/help")
        began = _ask(page, ASKED)
        page.locator("article.automatic").first.wait_for()
        taken.append(time.perf_counter() - began)
        if number == TIMES:
            page.screenshot(path=FOLDER / "help.png")
        page.context.close()
    return taken[1:]  # the first one also starts the functions


def _replies(browser: Browser, stack: Stack) -> list[float]:
    """Return the seconds from the moment of an agent's reply until a page in sight shows it.

    The reply is sent when the page knows that an agent has the ticket: agents write for longer.
    """
    taken = []
    for number in range(REPLIES):
        page = _window(browser, PAGE_SIZE)
        page.goto(f"{stack.api_url}/help")
        text = f"{FOR_A_PERSON} ({number})"
        _ask(page, text)
        page.locator("article.automatic").first.wait_for()
        ids = json.loads(_agents(stack, "ticket", "list", "-o", "json"))["items"]
        ticket = next(each["id"] for each in ids if each["subject"] == text)
        with page.expect_response(
            lambda told: told.headers.get("retry-after") == "1", timeout=LONGEST_LOOK
        ):
            _agents(stack, "ticket", "claim", ticket)
        _agents(stack, "ticket", "reply", ticket, "Hello, and good luck to the chess team!")
        page.locator("article.agent").first.wait_for(timeout=LONGEST_LOOK)
        shown = datetime.now(UTC)
        said = json.loads(_agents(stack, "ticket", "show", ticket, "-o", "json"))["messages"]
        taken.append((shown - datetime.fromisoformat(said[-1]["at"])).total_seconds())
        page.context.close()
    return taken


def _pictures(browser: Browser, link: str) -> None:
    """Keep the dashboard, the list and the page of a ticket."""
    page = _window(browser, SIZE)
    page.goto(link)
    base = page.url.rsplit("/", 1)[0]
    for name in ("dashboard", "tickets"):
        page.goto(f"{base}/{name}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"console-{name}.png")
    page.locator("main table a").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "console-ticket.png")
    page.context.close()


def _ask(page: Page, text: str) -> float:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    return time.perf_counter()


def _window(browser: Browser, size: tuple[int, int]) -> Page:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    return context.new_page()


def _agents(stack: Stack, *words: str) -> str:
    """Run a verb as an agent; return what it prints."""
    command = [sys.executable, "-m", "agent_cli", *words]
    environment = os.environ | agent_environment(stack)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@contextmanager
def _console(stack: Stack) -> Iterator[str]:
    """Run the console as an agent would; yield its link."""
    command = [sys.executable, "-m", "agent_cli", "web", "--no-open", "-o", "json"]
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | agent_environment(stack) | {"XDG_STATE_HOME": str(Path(home))}
        console = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert console.stdout
            yield json.loads(console.stdout.readline())["link"]
        finally:
            console.terminate()
            console.wait()


if __name__ == "__main__":
    sys.exit(main())

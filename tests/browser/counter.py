"""The customers' side of a desk: its pages and its API over HTTP, with the worker at work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk import ticket
from helpdesk.ticket import Ticket
from playwright.sync_api import Locator, Page

from tests.browser.gateway import PUBLIC, STAGE, Gateway, Staff, prepared
from tests.browser.windows import Window
from tests.browser.wire import LOOPBACK, Wire, served
from tests.fakes import ADA, KNOWN, WANTS_PERSON, ScriptedUnderstander, an_article, an_understanding
from tests.integration.conftest import load, understand_with
from tests.integration.test_agent_cli import Desk

SHOP = "https://shop.example"
ANSWER = "Refunds take five working days."
PERSON = an_article("speak_to_human", needs_person=True)


@dataclass
class Counter:
    """The desk as customers reach it. `script` is what the desk understands, by the text."""

    origin: str
    desk: Desk
    wire: Wire
    gateway: Gateway
    script: dict[str, Any] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """The address of the customers' page."""
        return f"{self.origin}{STAGE}/help"

    @property
    def widget(self) -> str:
        """The address of the script that draws the button."""
        return f"{self.origin}{STAGE}/widget.js"

    def came(self, method: str, end: str) -> int:
        """Count the requests of a method whose path ends so."""
        place = self.origin.partition("//")[2]
        came = self.wire.to(place)
        return sum(each.method == method and each.path.endswith(end) for each in came)

    def tickets(self) -> list[Ticket]:
        """Return all tickets."""
        table = self.desk.tickets
        ids = {item["pk"][7:] for item in items(self.desk) if item["pk"].startswith("TICKET#")}
        return [found for each in sorted(ids) if (found := table.get(each))]

    def the_ticket(self) -> Ticket:
        """Return the only ticket."""
        (found,) = self.tickets()
        return found

    def texts(self) -> list[str]:
        """Return what was said in the only ticket."""
        found = self.desk.tickets.conversation(self.the_ticket().id)
        assert found
        return [each.text for each in found.messages]

    def reply(self, text: str) -> None:
        """Let an agent, ada, claim the only ticket and reply."""
        tickets, now = self.desk.tickets, datetime.now(UTC)
        claimed = ticket.claim(self.the_ticket(), ADA, now=now, length=timedelta(minutes=15))
        tickets.commit(claimed)
        tickets.commit(ticket.reply(claimed.after, ADA, text, now=now))


class Visit:
    """A customer at the page, or at its frame: what they see and do."""

    def __init__(self, window: Window, counter: Counter, where: Any = None) -> None:
        self.window, self.counter = window, counter
        self.at: Any = where or window.page

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def log(self) -> Locator:
        """The conversation."""
        found: Locator = self.at.get_by_role("log")
        return found

    @property
    def text(self) -> Locator:
        """The field for the question."""
        found: Locator = self.at.locator("#text")
        return found

    @property
    def send(self) -> Locator:
        found: Locator = self.at.locator("#send")
        return found

    @property
    def status(self) -> Locator:
        found: Locator = self.at.locator("#status")
        return found

    def ask(self, text: str) -> None:
        """Write and send."""
        self.counter.wire.secrets.add(text)
        self.text.fill(text)
        self.send.click()

    def kept(self) -> dict[str, str]:
        """Return what the browser keeps for the page beyond this moment."""
        found: dict[str, str] = self.page.evaluate("({...localStorage, ...sessionStorage})")
        return found


@contextmanager
def opened_counter(
    template: dict[str, Any], desk: Desk, wire: Wire, **variables: str
) -> Iterator[Counter]:
    """Open the counter until the block ends; `variables` are those of the pages function."""
    variables = {"PUBLIC_API_KEY_VALUE": PUBLIC, **variables}
    stack = desk.stack.where("PagesFunction", **variables)
    gateway = Gateway(template, stack, wire.secrets)
    desk.knowledge.put(an_article("refund", answer=ANSWER))
    desk.knowledge.put(PERSON)
    script = {
        KNOWN: an_understanding(("refund", 0.9)),
        WANTS_PERSON: an_understanding(("speak_to_human", 0.9)),
    }
    worker = load(template, stack, "WorkerFunction")
    understander = ScriptedUnderstander()
    understander.script = script  # with all that tests add to it later
    understand_with(worker, lambda: understander)
    staff = Staff(prepared(worker), stack)
    gateway.prepare()
    with served(wire.tapped(gateway)) as port:
        staff.start()
        yield Counter(f"http://{LOOPBACK}:{port}", desk, wire, gateway, script)
        staff.stop()
    assert not staff.failed


def shop(window: Window, body: str, policy: str | None = None) -> None:
    """Let the shop's pages be this in a window; the shop itself is no server."""
    headers = {"content-type": "text/html"} | (
        {"content-security-policy": policy} if policy else {}
    )
    html = f"<!doctype html><html lang=en><title>A shop</title><body><h1>A shop</h1>{body}</body>"
    window.context.route(
        f"{SHOP}/**", lambda route: route.fulfill(status=200, headers=headers, body=html)
    )


def items(desk: Desk) -> list[dict[str, Any]]:
    """Return all items of the tickets table."""
    import boto3

    table = boto3.resource("dynamodb").Table(desk.stack.outputs["TicketsTable"])
    found: list[dict[str, Any]] = table.scan()["Items"]
    return found


type Opening = Callable[..., Window]

"""Each threat to the console, tried in a real browser. The table is in docs/web.md."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from click.testing import CliRunner
from playwright.sync_api import Error, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from agent_cli.cli import main
from agent_cli.web.console import PAGES
from agent_cli.web.door import COOKIE, ENTRY_LASTS
from agent_cli.web.showing import address_of
from tests.browser.at_work import ACCOUNT, Opened, opened
from tests.browser.windows import REFUSED, Window
from tests.browser.wire import Wire, served
from tests.integration.conftest import REGION, STACK
from tests.integration.test_agent_cli import Desk, an_id

BLANK = "<!doctype html><title>Another site</title><p>Another site."

REPLY = "We wrap gifts for two euros."

type Windows = Callable[..., Window]


class Elsewhere:
    """Another server on this machine; `page` is what it answers to all requests."""

    def __init__(self) -> None:
        self.page = BLANK
        self.port = 0

    def at(self, name: str) -> str:
        """Return its address under a name: each name is another site."""
        return f"http://{name}:{self.port}/"

    async def answer(self, _: Request) -> HTMLResponse:
        return HTMLResponse(self.page)


@pytest.fixture
def elsewhere(wire: Wire) -> Iterator[Elsewhere]:
    other = Elsewhere()
    application = Starlette(routes=[Route("/{path:path}", other.answer, methods=["GET", "POST"])])
    with served(wire.tapped(application)) as other.port:
        yield other


def let_in_by_number(console: Opened, window: Window) -> Window:
    """Let a browser in that does not know the console's name."""
    window.go(console.link.replace(console.origin, console.number))
    assert window.page.url.startswith(console.number)
    return window


def form_to(target: str) -> str:
    return (
        f'<form method="post" action="{target}"><input name="text" value="Forged.">'
        "<button>Win</button></form>"
    )


def waiting(console: Opened) -> str:
    """Let a ticket wait for an agent; return its id."""
    return console.desk.escalated(1)


def untouched(console: Opened) -> bool:
    """Tell whether the ticket that waits still does."""
    return console.desk.ticket(an_id(1)).lease is None


class TestAnotherSitesForm:
    @pytest.mark.parametrize(
        "name", ["evil.example", "localhost", "127.0.0.1", "desk-0123.localhost"]
    )
    def test_changes_nothing(
        self, console: Opened, window: Windows, elsewhere: Elsewhere, name: str
    ) -> None:
        """The cookie stays at home, so the form is a stranger's."""
        inside = console.let_in(window()).forgive(REFUSED)
        elsewhere.page = form_to(f"{console.origin}/tickets/{waiting(console)}/claim")
        inside.go(elsewhere.at(name))

        with inside.page.expect_navigation() as gone:
            inside.page.get_by_role("button").click()

        assert gone.value.status == 401
        assert untouched(console)

    def test_of_another_port_changes_nothing(
        self, console: Opened, window: Windows, elsewhere: Elsewhere
    ) -> None:
        """Under the number the cookie comes with it: then the origin tells."""
        inside = let_in_by_number(console, window()).forgive(REFUSED)
        elsewhere.page = form_to(f"{console.number}/tickets/{waiting(console)}/claim")
        inside.go(elsewhere.at("127.0.0.1"))

        with inside.page.expect_navigation() as gone:
            inside.page.get_by_role("button").click()

        assert gone.value.status == 403
        assert untouched(console)

    def test_from_a_sandbox_changes_nothing(
        self, console: Opened, window: Windows, elsewhere: Elsewhere, wire: Wire
    ) -> None:
        """Its origin is `null`."""
        inside = let_in_by_number(console, window())
        inside.forgive(REFUSED, "frame", "X-Frame-Options")
        form = form_to(f"{console.number}/tickets/{waiting(console)}/claim").replace('"', "'")
        elsewhere.page = f'<iframe sandbox="allow-forms" srcdoc="{form}"></iframe>'
        inside.go(elsewhere.at("127.0.0.1"))

        with inside.page.expect_response(f"{console.number}/**/claim") as answer:
            inside.page.frame_locator("iframe").get_by_role("button").click()

        assert answer.value.status in {401, 403}
        assert untouched(console)
        assert wire.arrived[-1].headers["origin"] == "null"

    @pytest.mark.parametrize("name", ["evil.example", "127.0.0.1"])
    def test_its_scripts_read_nothing(
        self, console: Opened, window: Windows, elsewhere: Elsewhere, name: str
    ) -> None:
        inside = let_in_by_number(console, window()).forgive(REFUSED, "CORS", "blocked")
        inside.go(elsewhere.at(name))

        read = inside.page.evaluate(
            """address => fetch(address, {credentials: 'include'})
                .then(answer => answer.text()).catch(error => error.name)""",
            f"{console.number}/tickets",
        )

        assert read == "TypeError"


class TestAnotherPortOfTheHost:
    def test_gets_no_cookie(
        self, console: Opened, window: Windows, elsewhere: Elsewhere, wire: Wire
    ) -> None:
        inside = console.let_in(window()).forgive(REFUSED)  # localhost is tried by IPv6, too
        for name in ("127.0.0.1", "localhost"):
            inside.go(elsewhere.at(name))

        came = wire.to(f":{elsewhere.port}")
        assert len(came) >= 2
        assert not [each for each in came if "cookie" in each.headers]

    def test_would_get_the_cookie_of_the_number(
        self, console: Opened, window: Windows, elsewhere: Elsewhere, wire: Wire
    ) -> None:
        """Why the console has a name: browsers give a host's cookies to all its ports."""
        let_in_by_number(console, window()).go(elsewhere.at("127.0.0.1"))

        assert COOKIE in wire.to(f":{elsewhere.port}")[-1].headers["cookie"]


class TestRebinding:
    def test_a_foreign_name_that_leads_here_is_not_answered(
        self, console: Opened, window: Windows
    ) -> None:
        inside = console.let_in(window()).forgive(REFUSED, "Cross-Origin-Opener-Policy")
        places = ["/", "/tickets", address_of("console.css"), f"/?key={console.key}", "/health"]

        for path in places:
            assert inside.go(f"http://evil.example:{console.port}{path}") == 421, path
            assert inside.go(f"http://localhost:{console.port}{path}") == 421, path


class TestFraming:
    @pytest.mark.parametrize("name", ["evil.example", "127.0.0.1"])
    def test_no_page_shows_the_console_in_a_frame(
        self, console: Opened, window: Windows, elsewhere: Elsewhere, name: str
    ) -> None:
        inside = let_in_by_number(console, window()).forgive(REFUSED, "frame", "X-Frame-Options")
        elsewhere.page = f'<iframe src="{console.number}/tickets"></iframe>'

        inside.go(elsewhere.at(name))

        frame = inside.page.frame_locator("iframe")
        expect(frame.locator("h1", has_text="Tickets")).to_have_count(0)
        framed = inside.page.frames[1]
        assert framed.url.startswith("chrome-error:")


class TestTheLink:
    def test_works_once(self, console: Opened, window: Windows) -> None:
        console.let_in(window())
        other = window().forgive(REFUSED)

        assert other.go(console.link) == 403
        assert console.go(other, "/tickets") == 401

    def test_ends_after_a_minute(self, console: Opened, window: Windows) -> None:
        console.clock.by = ENTRY_LASTS + timedelta(seconds=1)

        assert window().forgive(REFUSED).go(console.link) == 403

    def test_is_not_in_the_history(self, console: Opened, window: Windows) -> None:
        inside = console.let_in(window())
        devtools = inside.context.new_cdp_session(inside.page)
        history = devtools.send("Page.getNavigationHistory")["entries"]

        assert len(history) >= 1
        for each in history:
            assert console.key not in each["url"] + each["userTypedURL"].replace(console.link, "")
        assert console.key not in str(inside.context.cookies())


class TestThePort:
    def test_of_another_program_is_told_before_there_is_a_link(
        self, desk: Desk, wire: Wire, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with (
            pytest.raises(Exception, match=f"port {elsewhere.port} is in use"),
            opened(desk, wire, monkeypatch, port=elsewhere.port),
        ):
            pass

        assert not wire.to(f":{elsewhere.port}")

    def test_is_one_that_is_free(
        self, console: Opened, desk: Desk, wire: Wire, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with opened(desk, wire, monkeypatch) as another:
            assert another.port != console.port
            assert another.place.partition(":")[0] != console.place.partition(":")[0]


class TestOtherUsersOfTheMachine:
    def test_get_no_page_no_file_and_no_sign_of_health(
        self, console: Opened, window: Windows
    ) -> None:
        console.let_in(window())
        other = window().forgive(REFUSED)
        pages = [place.partition(" ")[2].replace("{", "").replace("}", "") for place in PAGES]
        paths = {*pages, "/", "/health", address_of("console.css"), address_of("console.js")}

        for path in sorted(paths):
            for host in (console.place, f"127.0.0.1:{console.port}"):
                answer = other.context.request.get(console.number + path, headers={"host": host})
                assert answer.status == 401, path
                assert STACK not in answer.text().replace("helpdesk web", "")
        assert console.go(other, "/tickets") == 401
        assert STACK not in other.page.inner_text("body").replace("helpdesk web", "")

    def test_cannot_guess_the_cookie(self, console: Opened, window: Windows) -> None:
        other = window().forgive(REFUSED)
        other.context.add_cookies([{"name": COOKIE, "value": "guessed", "url": console.origin}])

        assert console.go(other, "/tickets") == 401


class TestTheWrongStack:
    def test_each_page_says_where_it_works_and_as_whom(
        self, console: Opened, window: Windows
    ) -> None:
        """Also a page that is not there."""
        inside = console.let_in(window()).forgive(REFUSED)
        plain = [each[4:] for each in PAGES if each.startswith("GET ") and "{" not in each]

        assert console.go(inside, "/not-there") == 404
        shown = 0
        for path in ("/not-there", *plain):
            if path in plain and not console.shows(inside, path):
                continue
            shown += 1
            said = inside.page.locator("header").inner_text()
            for each in (STACK, ACCOUNT, REGION, "ada"):
                assert each in said, path
        assert shown > len(plain) / 2


def writing(console: Opened, window: Window) -> str:
    """Take a ticket and write a reply to it, not yet sent; return its id."""
    ticket_id = console.desk.escalated(1, email="kim@x.example", name="Kim")
    console.go(window, f"/tickets/{ticket_id}")
    window.page.get_by_role("button", name="Take this ticket").click()
    window.page.locator("#reply").fill(REPLY)
    return ticket_id


class TestAStalePage:
    @pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
    def test_says_who_has_the_ticket_now_and_still_shows_the_text(
        self, console: Opened, window: Windows, scripts: bool
    ) -> None:
        inside = console.let_in(window(java_script_enabled=scripts)).forgive(REFUSED)
        ticket_id = writing(console, inside)
        desk = console.desk
        assert desk.run("ticket", "release", ticket_id).exit_code == 0
        assert desk.run("ticket", "claim", ticket_id, agent="bob").exit_code == 0

        inside.page.get_by_role("button", name="Send", exact=True).click()

        expect(inside.page.get_by_role("alert")).to_contain_text("bob")
        expect(inside.page.locator("#reply")).to_have_value(REPLY)
        assert desk.draft(ticket_id) == REPLY
        found = desk.tickets.conversation(ticket_id)
        assert found
        assert REPLY not in [each.text for each in found.messages]

    def test_of_an_older_claim_of_ones_own_is_refused_too(
        self, console: Opened, window: Windows
    ) -> None:
        """The number of the claim tells, not the name of the agent."""
        inside = console.let_in(window()).forgive(REFUSED)
        ticket_id = writing(console, inside)
        for verb in ("release", "claim"):
            assert console.desk.run("ticket", verb, ticket_id).exit_code == 0

        inside.page.get_by_role("button", name="Send", exact=True).click()

        expect(inside.page.get_by_role("alert")).to_be_visible()
        expect(inside.page.locator("#reply")).to_have_value(REPLY)


class TestExposedByAccident:
    def test_no_option_opens_it_to_other_machines(self) -> None:
        told = CliRunner().invoke(main, ["web", "--host", "0.0.0.0"])  # noqa: S104 -- refused

        assert told.exit_code == 2
        assert "No such option" in told.stderr

    def test_it_listens_on_the_loopback_address_alone(
        self, console: Opened, window: Windows
    ) -> None:
        """The machine has all of 127.0.0.0/8, so another address of it stands for its network."""
        inside = console.let_in(window()).forgive(REFUSED)

        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            inside.go(f"http://127.0.0.2:{console.port}/")
        with closing(socket.socket()) as caller:
            assert caller.connect_ex(("127.0.0.1", console.port)) == 0

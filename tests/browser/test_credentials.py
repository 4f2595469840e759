"""Credentials that end while the console is open, and come back by a login elsewhere."""

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from playwright.sync_api import expect

from tests.browser.at_work import Opened
from tests.browser.looks import findings
from tests.browser.test_threats import REPLY, Windows, writing
from tests.browser.windows import REFUSED
from tests.integration.conftest import STACK


class Login:
    """The agent's credentials: once they have ended, AWS refuses each call."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.valid = True
        call = BaseClient._make_api_call

        def called(client: BaseClient, operation: str, parameters: Any) -> Any:
            if not self.valid:
                told = {"Error": {"Code": "ExpiredTokenException", "Message": "It has expired."}}
                raise ClientError(told, operation)
            return call(client, operation, parameters)

        patch.setattr(BaseClient, "_make_api_call", called)


class TestCredentialsThatEnd:
    def test_are_told_on_one_page_and_a_login_goes_on_without_a_restart(
        self, console: Opened, window: Windows, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        login = Login(monkeypatch)
        inside = console.let_in(window(bypass_csp=True)).forgive(REFUSED)

        login.valid = False
        assert console.go(inside, "/tickets") >= 400
        expect(inside.page.get_by_role("heading", level=1)).to_have_text(
            "Your credentials have ended"
        )
        assert STACK in inside.page.locator("header").inner_text()
        assert not findings(inside.page)

        login.valid = True
        inside.page.reload()
        expect(inside.page.get_by_role("heading", level=1)).to_have_text("Tickets")

    @pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
    def test_a_reply_is_shown_and_kept_and_can_be_sent_after_a_login(
        self,
        console: Opened,
        window: Windows,
        monkeypatch: pytest.MonkeyPatch,
        scripts: bool,
    ) -> None:
        login = Login(monkeypatch)
        inside = console.let_in(window(java_script_enabled=scripts)).forgive(REFUSED)
        ticket_id = writing(console, inside)

        login.valid = False
        inside.page.get_by_role("button", name="Send", exact=True).click()
        expect(inside.page.get_by_role("heading", level=1)).to_contain_text("credentials")
        expect(inside.page.locator("#written-text")).to_have_value(REPLY)
        assert console.desk.draft(ticket_id) == REPLY

        login.valid = True
        console.go(inside, f"/tickets/{ticket_id}")
        expect(inside.page.locator("#reply")).to_have_value(REPLY)
        inside.page.get_by_role("button", name="Send", exact=True).click()
        expect(inside.page.locator("main")).to_contain_text("is sent")
        found = console.desk.tickets.conversation(ticket_id)
        assert found
        assert [each.text for each in found.messages].count(REPLY) == 1

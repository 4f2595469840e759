"""The console's test mails go the real road: object, mail function, ticket, and the page again."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import boto3
import pytest
from helpdesk.receiving import Held
from helpdesk.ticket import Agent, Role

from agent_cli.web.pages.trial_mails import samples
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures
from tests.integration.test_mail_function import (  # noqa: F401 -- fixtures
    MAILBOX,
    Mails,
    function,
    mails,
    told,
)

pytestmark = pytest.mark.usefixtures("no_network")

MAIL = {
    "from": "ada@customer.example",
    "to": "",
    "subject": "Where is my <b>order</b>?",
    "text": "It should have come, größer.\r\nAda",
}


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


def sent(browser: Browser, path: str, fields: dict[str, Any], **more: Any) -> str:
    """Send a test mail and return the name of its object."""
    answer = browser.post(path, fields, **more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix("/test-mail/")


def raw(desk: Desk, name: str) -> bytes:  # noqa: F811
    bucket = desk.stack.outputs["MailBucket"]
    found: bytes = (
        boto3.client("s3").get_object(Bucket=bucket, Key=f"inbound/{name}")["Body"].read()
    )
    return found


def stored(desk: Desk) -> int:  # noqa: F811
    found = boto3.client("s3").list_objects_v2(Bucket=desk.stack.outputs["MailBucket"])
    return int(found["KeyCount"])


def test_what_a_lead_writes_becomes_a_ticket_that_says_so(
    desk: Desk,  # noqa: F811
    browser: Browser,
    mails: Mails,  # noqa: F811
) -> None:
    form = browser.get("/test-mail")
    assert f'value="{MAILBOX}"' in form
    assert "The reply leaves like every reply" in form
    file = {"file": ("bill.txt", b"order 12345", "text/plain")}
    name = sent(browser, "/test-mail", MAIL, files=file)
    waits = browser.get(f"/test-mail/{name}")
    assert "Not taken yet" in waits
    assert 'hx-trigger="every 3s"' in waits

    mail = message_from_bytes(raw(desk, name), policy=policy.default)
    assert (mail["X-Helpdesk-Test"], mail["To"]) == ("yes", MAILBOX)
    assert mails.deliver(told(f"inbound/{name}")) == set()

    page = browser.get(f"/test-mail/{name}")
    (ticket_id,) = mails.queued()
    assert f'href="/tickets/{ticket_id}"' in page
    assert "hx-trigger" not in page
    assert "It should have come, größer." in page
    assert "<b>order" not in page
    note = mails.tickets.events(ticket_id)[0].note or ""
    assert "A lead sent it as a test. Its sender is not proven." in note
    assert "It has 1 file: bill.txt." in note
    found = mails.conversation(ticket_id)
    assert found.ticket.customer.email == "ada@customer.example"
    assert not found.ticket.customer.verified


@pytest.mark.parametrize("sample", [each.name for each in samples()])
def test_each_sample_comes_to_a_ticket_as_it_is(
    desk: Desk,  # noqa: F811
    browser: Browser,
    mails: Mails,  # noqa: F811
    sample: str,
) -> None:
    name = sent(browser, "/test-mail/sample", {"sample": sample})
    (content,) = (each.content for each in samples() if each.name == sample)
    assert raw(desk, name).endswith(b"X-Helpdesk-Test: yes\r\n" + content)

    assert mails.deliver(told(f"inbound/{name}")) == set()

    assert "It came to ticket" in words_of(browser.get(f"/test-mail/{name}"))


def test_samples_are_mails_of_no_real_person() -> None:
    assert len(samples()) >= 5
    for each in samples():
        mail = message_from_bytes(each.content, policy=policy.default)
        assert not mail.defects, each.name
        assert each.sender.rstrip(">").endswith(".example")
        assert each.subject
        assert b"\n" not in each.content.replace(b"\r\n", b"")
        assert all(len(line) <= 78 for line in each.content.split(b"\r\n"))


def test_a_mail_that_is_held_or_on_no_ticket_or_erased_is_told(
    desk: Desk,  # noqa: F811
    browser: Browser,
    mails: Mails,  # noqa: F811
) -> None:
    name = sent(browser, "/test-mail", MAIL)
    at = datetime.now(UTC)
    mails.mailbox.hold(Held(key=f"inbound/{name}", at=at, expires_at=at + timedelta(days=1)))
    assert "It is held in quarantine" in browser.get(f"/test-mail/{name}")

    other = sent(browser, "/test-mail", MAIL)
    mails.deliver(told(f"inbound/{other}"))
    (ticket_id,) = mails.queued()
    desk.run("ticket", "erase", ticket_id, "--yes")
    assert f"{ticket_id}, which was erased" in words_of(browser.get(f"/test-mail/{other}"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", "nobody"),
        ("from", ""),
        ("from", "a@x.example\nBcc: b@x.example"),
        ("to", "not an address"),
        ("text", " "),
    ],
)
def test_what_no_mail_can_have_is_refused_and_kept(
    browser: Browser, field: str, value: str
) -> None:
    answer = browser.post("/test-mail", {**MAIL, field: value})

    assert answer.status_code == 400
    assert MAIL["subject"].replace("<", "&lt;").replace(">", "&gt;") in answer.text


def test_no_header_comes_in_by_the_subject(desk: Desk, browser: Browser) -> None:  # noqa: F811
    name = sent(browser, "/test-mail", {**MAIL, "subject": "Hi\nBcc: b@x.example"})

    assert b"Bcc" not in raw(desk, name)


def test_names_that_are_none_are_not_looked_up(browser: Browser) -> None:
    assert "is no test mail" in browser.get("/test-mail/kims", 404)
    assert browser.post("/test-mail/sample", {"sample": "../x"}).status_code == 404


def test_others_are_offered_nothing_and_store_nothing(desk: Desk) -> None:  # noqa: F811
    desk.knowledge.put_agent(Agent("bea", frozenset({Role.AGENT})))
    beas, before = opened(desk, "bea"), stored(desk)
    page = beas.get("/test-mail")
    assert "Only leads send test mails." in page
    assert "<form" not in page
    for path, fields in (("/test-mail", MAIL), ("/test-mail/sample", {"sample": "a_question"})):
        answer = beas.post(path, fields)
        assert (answer.status_code, "bea is not a lead" in answer.text) == (403, True)
    assert stored(desk) == before

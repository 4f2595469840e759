"""The links of customers' files, held against an S3 that checks them: who gets what, how long."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from helpdesk import files
from helpdesk.aws import clients
from helpdesk.aws.vault import S3Files

from tests.e2e.conftest import Scene, sent, wait_until
from tests.e2e.test_stories import agent

pytestmark = pytest.mark.e2e

INVOICE = b"Invoice 55812: one lamp"


@pytest.fixture(scope="module")
def story(scene: Scene) -> SimpleNamespace:
    """A ticket with a file that was read, the API's link to it, and another customer's ticket."""
    ticket, other = (scene.customer.ask("where is my order 55812") for _ in range(2))
    link = scene.receive(ticket, "invoice.txt", "text/plain", INVOICE)
    return SimpleNamespace(ticket=ticket, other=other, url=link.url)


def answered(url: str) -> int:
    """Return the status of what a link leads to."""
    return requests.get(url, timeout=10).status_code


def test_a_link_gives_the_file_to_save_and_for_no_longer_than_is_said(story):
    found = requests.get(story.url, timeout=10)
    said = parse_qs(urlsplit(story.url).query)

    assert (found.status_code, found.content) == (200, INVOICE)
    assert found.headers["Content-Disposition"].startswith('attachment; filename="invoice.txt"')
    assert found.headers["Content-Type"] == "application/octet-stream"
    assert said["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert said["X-Amz-Expires"] == [str(files.LONGEST_LINK.seconds)]


def test_an_agent_saves_the_file_with_credentials_and_no_link(scene, story, tmp_path):
    saved = agent(scene, "ticket", "files", story.ticket.id, "--save", str(tmp_path))

    assert saved.returncode == 0, saved.stderr
    assert (tmp_path / "invoice.txt").read_bytes() == INVOICE


def test_a_link_that_was_changed_is_refused(story):
    signature = parse_qs(urlsplit(story.url).query)["X-Amz-Signature"][0]
    other = signature.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))

    assert answered(story.url) == 200
    assert answered(story.url.replace(signature, other)) == 403
    assert answered(story.url.replace(story.ticket.id, story.other.id)) == 403
    assert answered(story.url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000")) == 403


def test_a_link_that_ended_is_refused(scene, story):
    """Signed as the API signs it, for a second."""
    stack = scene.stack
    signing = clients.s3_for_links(stack.session, endpoint_url=stack.endpoint_url)
    now = datetime.now(UTC)
    file = files.Attachment(
        ticket_id=story.ticket.id,
        number=1,
        version=1,
        name="invoice.txt",
        media_type="text/plain",
        size=len(INVOICE),
        state=files.State.READY,
        announced_at=now,
        upload_until=now,
        expires_at=now,
    )
    bucket = S3Files(signing, signing, stack.outputs["FilesBucket"])

    assert answered(bucket.link(file, life=files.LONGEST_LINK)) == 200
    url = bucket.link(file, life=timedelta(seconds=1))
    wait_until(lambda: answered(url) == 403)


def test_a_file_is_for_its_own_ticket_and_by_its_number(scene, story):
    """A foreign token and a number that is none are answered alike: there is no such file."""
    asked = [scene.customer.link(story.ticket, 1, token=story.other.token)]
    asked += [scene.customer.link(story.ticket, number) for number in (-1, 0, 99, "one")]

    assert [(each.status, each.url) for each in asked] == [(404, "")] * 5
    assert scene.customer.link(story.ticket, 1).status == 303


def test_a_form_takes_the_file_that_was_announced_and_no_other(scene, story):
    form = scene.customer.announce(story.other, "lamp.png", "image/png", 5)
    type_of = {"Content-Type": "text/html"}

    assert sent(form, b"123456") == 400
    assert sent(form, b"") == 400
    assert sent(form, b"12345", **type_of) == 403
    assert sent(form, b"12345", key=f"attachments/{story.ticket.id}/1") == 403
    assert requests.get(story.url, timeout=10).content == INVOICE
    assert scene.customer.link(story.other, 1).status == 409
    assert sent(form, b"12345") == 204

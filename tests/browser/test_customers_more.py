"""What customers do beside writing: they choose when they are asked back, and send files."""

import re
from dataclasses import replace

import pytest
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.files import State, Why
from playwright.sync_api import Route, expect

from tests.browser.counter import ANSWER, Counter, Opening, Visit
from tests.browser.looks import findings, too_wide
from tests.browser.test_customers_looks import NARROW
from tests.fakes import WANTS_PERSON, an_understanding

UNCLEAR = "It is about my money"
BILL = b"%PDF-1.7 the bill"
BUCKET = re.compile(r"https://[\w.-]+\.amazonaws\.com/?$")


class Bucket:
    """The bucket of files, as browsers reach it: it takes a form, and the desk then looks."""

    def __init__(self, counter: Counter, state: State) -> None:
        self._register = DynamoAttachments(
            clients.table(counter.desk.stack.outputs["TicketsTable"])
        )
        self._state = state
        self.counter = counter
        self.forms: list[bytes] = []

    def take(self, route: Route) -> None:
        """Take a form, with its file, and check it at once."""
        self.forms.append(route.request.post_data_buffer or b"")
        for known in self._register.of(self.counter.the_ticket().id):
            if known.state is State.EXPECTED:
                why = Why.MALWARE if self._state is State.REFUSED else None
                after = replace(known, version=known.version + 1, state=self._state, why=why)
                self._register.change(known, after, text="")
        route.fulfill(status=204)


def test_a_customer_chooses_when_asked_back(counter: Counter, window: Opening) -> None:
    """By the keyboard; the choice is said as a message, and answered."""
    counter.script[UNCLEAR] = an_understanding(("refund", 0.5), ("gift_card", 0.46))
    inside = window(bypass_csp=True)
    inside.go(counter.page)
    visit = Visit(inside, counter)
    visit.ask(UNCLEAR)
    choices = inside.page.get_by_role("group", name="Choose one").get_by_role("button")
    expect(choices.first).to_have_text("refund")
    expect(visit.status).to_contain_text("Please choose")
    assert not findings(inside.page)
    assert not too_wide(inside.page, NARROW)

    choices.first.focus()
    inside.page.keyboard.press("Enter")
    expect(visit.log).to_contain_text(ANSWER)
    expect(visit.log.locator("article.customer").last).to_contain_text("refund")
    expect(choices).to_have_count(0)
    assert counter.texts()[-2:] == ["1", ANSWER]


@pytest.mark.parametrize(
    ("state", "told"),
    [(State.READY, "bill.pdf: arrived"), (State.REFUSED, "bill.pdf: was refused")],
)
def test_a_file_goes_to_the_bucket_and_its_fate_is_told(
    counter: Counter, window: Opening, state: State, told: str
) -> None:
    """With the question; the form that the desk signed goes with it, and no token does."""
    inside = window()
    bucket = Bucket(counter, state)
    inside.context.route(BUCKET, bucket.take)
    inside.go(counter.page)
    visit = Visit(inside, counter)
    inside.page.locator("#file").set_input_files(
        {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": BILL}
    )
    files = inside.page.get_by_role("list", name="Files")
    expect(files).to_contain_text("bill.pdf: is sent with your question")
    visit.ask(WANTS_PERSON)

    expect(files).to_contain_text(told)
    (form,) = bucket.forms
    assert BILL in form
    assert b'name="policy"' in form.lower()
    assert visit.kept()
    assert not [value for value in counter.wire.secrets if value.encode() in form]


def test_a_file_is_sent_to_a_conversation(counter: Counter, window: Opening) -> None:
    inside = window()
    bucket = Bucket(counter, State.READY)
    inside.context.route(BUCKET, bucket.take)
    inside.go(counter.page)
    visit = Visit(inside, counter)
    visit.ask(WANTS_PERSON)
    expect(visit.status).to_contain_text("A person will answer")
    inside.page.locator("#file").set_input_files(
        {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": BILL}
    )

    expect(inside.page.get_by_role("list", name="Files")).to_have_text("bill.pdf: arrived ")
    assert len(bucket.forms) == 1

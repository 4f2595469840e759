"""The console's pages of operations: how parts fare, dead letters, channels, quarantine, roster."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from helpdesk.arrivals import Release, read
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.composition import Parts
from helpdesk.figures import Fault, Kind
from helpdesk.notifying import Channel
from helpdesk.receiving import Held
from helpdesk.ticket import Agent, Role

from agent_cli.desk import Desk as AgentsDesk
from agent_cli.session import Session
from tests.fakes import MORNING
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, desk, poison  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("no_network")

LETTERS = "/operations/dead-letters"
QUARANTINE = "/operations/quarantine"
ROSTER = "/operations/roster"


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


@pytest.fixture
def beas(desk: Desk) -> Browser:  # noqa: F811
    """Return the browser of an agent who is not a lead."""
    desk.knowledge.put_agent(Agent("bea", frozenset({Role.AGENT})))
    return opened(desk, "bea")


def letter_of(browser: Browser) -> str:
    """Return the id of the first dead letter of the list."""
    return browser.get(LETTERS).partition(f'href="{LETTERS}/')[2].partition('"')[0]


class TestOverview:
    def test_an_empty_desk_shows_each_part(self, browser: Browser) -> None:
        said = words_of(browser.get("/operations"))

        assert "tickets table ✓ well answers; 0 tickets are with people" in said
        assert "model ✗ look here no model is published" in said
        assert "escalation 0 - 0 0 0 0" in said
        assert "mails 0 processed, 0 attempts failed last mail -" in said
        assert "files 0 kept, 0 read, 0 refused" in said
        assert "no engine" in said

    def test_what_waits_and_what_failed_is_counted(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        desk.escalated(1, ago=timedelta(hours=3))
        poison(desk, "IntakeDeadLettersUrl")
        tallies = DynamoFigures(clients.table(desk.stack.outputs["TicketsTable"]))
        tallies.add(Kind.MAIL, "submitted", desk.now)
        tallies.add(Kind.MAIL, "failed", desk.now)
        tallies.fault(Fault(desk.now, "QueueUnavailableError"))
        tallies.add(Kind.FILES, "refused", desk.now)

        page = browser.get("/operations")
        said = words_of(page)
        assert "escalation 1 3 h 1 0 0 0" in said
        assert "dead letters ✗ look here intake 1" in said
        assert f'<a class="late" href="{LETTERS}">1</a>' in page
        assert "mails 1 processed, 1 attempts failed" in said
        assert "submitted 1" in said
        assert "QueueUnavailableError" in said
        assert "0 kept, 0 read, 1 refused" in said

    def test_a_part_that_cannot_be_read_does_not_hide_the_others(
        self,
        browser: Browser,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def denied(_: AgentsDesk, __: int) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query")

        monkeypatch.setattr(AgentsDesk, "figures", denied)
        said = words_of(browser.get("/operations"))

        assert "The figures cannot be read: you are not allowed to Query" in said
        assert "tickets table ✓ well" in said

    def test_what_no_one_expects_is_not_hidden_in_a_part(
        self,
        browser: Browser,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def broken(_: AgentsDesk, __: int) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(AgentsDesk, "figures", broken)

        assert "This page failed" in browser.get("/operations", 500)


class TestChannels:
    @pytest.fixture(autouse=True)
    def courier(self, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
        """Switch the webhook on and keep what the courier is asked; it takes each sample."""
        asked: list[bytes] = []
        outputs = Session.outputs.fget  # type: ignore[attr-defined]
        on = {"Notified": " webhook  mail", "NotifyRules": "mail: legal overdue"}
        monkeypatch.setattr(Session, "outputs", property(lambda self: {**outputs(self), **on}))

        def invoke(_: Parts, __: str, event: bytes) -> tuple[bool, bytes]:
            asked.append(event)
            return True, b'{"fault": null}'

        monkeypatch.setattr(Parts, "invoke", invoke)
        return asked

    def test_a_lead_has_a_sample_posted(self, browser: Browser, courier: list[bytes]) -> None:
        said = words_of(browser.done("/operations/channels/webhook/test"))

        assert "webhook took a sample" in said
        assert courier == [b'{"test": "webhook"}']

    def test_a_lead_switches_on_what_was_gone(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        desk.tickets.notices.switch_off(Channel.WEBHOOK, "here", MORNING)
        assert "webhook gone everything" in words_of(browser.get("/operations"))

        said = words_of(browser.done("/operations/channels/webhook/on"))

        assert "webhook is on" in said
        assert "webhook on everything" in said

    def test_what_has_no_address_or_is_no_channel_is_refused(self, browser: Browser) -> None:
        off = browser.post("/operations/channels/slack/test")
        assert (off.status_code, "the stack has no address for it" in off.text) == (404, True)
        assert browser.post("/operations/channels/pigeon/on").status_code == 404

    def test_others_are_offered_nothing_and_refused(
        self, beas: Browser, courier: list[bytes]
    ) -> None:
        assert "/operations/channels/" not in beas.get("/operations")
        for verb in ("test", "on"):
            answer = beas.post(f"/operations/channels/webhook/{verb}")
            assert (answer.status_code, "bea is not a lead" in answer.text) == (403, True)
        assert courier == []


class TestDeadLetters:
    def test_none_is_said(self, browser: Browser) -> None:
        assert "There are no dead letters." in words_of(browser.get(LETTERS))

    def test_a_letter_is_shown_with_its_body_as_text(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        poison(desk, "IntakeDeadLettersUrl", '{"no": "<script>alert(1)</script>"}')
        page = browser.get(f"{LETTERS}/{letter_of(browser)}")

        assert "<script>alert(1)" not in page
        assert "<script>alert(1)</script>" in words_of(page.replace("&lt;", "&amp;lt;")).replace(
            "&lt;", "<"
        )
        assert "fault names no ticket" in words_of(page)
        assert "no dead letter" in browser.get(f"{LETTERS}/gone", 404)

    def test_a_letter_is_sent_again(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        poison(desk, "IntakeDeadLettersUrl")
        done = browser.done(f"{LETTERS}/redrive", {"letter": letter_of(browser)})

        assert "sent 1 again" in words_of(done)
        assert "There are no dead letters." in words_of(done)
        assert desk.stack.take_messages("IntakeQueueUrl") == ['{"ticket": "0000000000000009"}']

    def test_a_letter_is_deleted_only_after_the_lead_agreed(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        poison(desk, "IntakeDeadLettersUrl")
        letter = {"letter": letter_of(browser)}

        asked = browser.post(f"{LETTERS}/discard", letter)
        assert asked.status_code == 200
        assert "Delete 1 dead letter(s) for good?" in words_of(asked.text)
        assert letter_of(browser) == letter["letter"]
        done = browser.done(f"{LETTERS}/discard", {**letter, "agreed": "yes"})
        assert "discarded 1" in words_of(done)
        assert letter_of(browser) == ""
        assert desk.stack.take_messages("IntakeQueueUrl") == []

    @pytest.mark.parametrize("verb", ["redrive", "discard"])
    def test_nothing_chosen_is_nothing_done(self, desk: Desk, browser: Browser, verb: str) -> None:  # noqa: F811
        poison(desk, "IntakeDeadLettersUrl")
        done = browser.done(f"{LETTERS}/{verb}", {"agreed": "yes"})

        assert "Choose a dead letter first. Nothing was done." in words_of(done)
        assert letter_of(browser)

    def test_others_see_no_letter(self, desk: Desk, beas: Browser) -> None:  # noqa: F811
        poison(desk, "IntakeDeadLettersUrl")
        assert "Only leads look into dead letters" in words_of(beas.get(LETTERS))
        assert "bea is not a lead" in beas.get(f"{LETTERS}/any", 403)
        for verb in ("redrive", "discard"):
            answer = beas.post(f"{LETTERS}/{verb}", {"letter": "any", "agreed": "yes"})
            assert answer.status_code == 403
        assert len(desk.stack.take_messages("IntakeDeadLettersUrl")) == 1


class TestQuarantine:
    @pytest.fixture
    def held(self, desk: Desk) -> None:  # noqa: F811
        mailbox = DynamoMailbox(clients.table(desk.stack.outputs["TicketsTable"]))
        until = desk.now + timedelta(days=30)
        subject = "<img src=x onerror=alert(1)>"
        held = Held(
            key="inbound/a", at=desk.now, expires_at=until, sender="e@x.example", subject=subject
        )
        mailbox.hold(held)

    @pytest.mark.usefixtures("held")
    def test_a_lead_has_a_mail_released(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        page = browser.get(QUARANTINE)
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert "<img src=x" not in page
        nothing = browser.done(QUARANTINE)
        assert "Choose a mail first" in nothing

        done = browser.done(QUARANTINE, {"mail": "a"})

        assert "released 1 mail(s)" in words_of(done)
        (body,) = desk.stack.take_messages("MailQueueUrl")
        assert read(body) == Release("inbound/a", "ada")

    @pytest.mark.usefixtures("held")
    def test_others_look_and_release_nothing(self, desk: Desk, beas: Browser) -> None:  # noqa: F811
        page = beas.get(QUARANTINE)
        assert "e@x.example" in page
        assert "<button" not in page.partition("<main")[2]
        answer = beas.post(QUARANTINE, {"mail": "a"})
        assert (answer.status_code, "bea is not a lead" in answer.text) == (403, True)
        assert desk.stack.take_messages("MailQueueUrl") == []

    def test_an_empty_one_is_said(self, browser: Browser) -> None:
        assert "No mail is held." in words_of(browser.get(QUARANTINE))


class TestRoster:
    def test_a_lead_sets_and_removes_an_agent(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        assert "Nobody is on the roster." in words_of(browser.get(ROSTER))
        fields = {"name": "bea", "role": ["agent", "lead"], "departments": "billing, orders"}
        done = words_of(browser.done(ROSTER, fields))
        assert "bea is on the roster" in done
        assert "bea agent, lead billing, orders" in done

        asked = browser.post(f"{ROSTER}/remove", {"name": "bea"})
        assert "Take bea off the roster?" in words_of(asked.text)
        assert [each.name for each in desk.knowledge.agents()] == ["bea"]
        gone = words_of(browser.done(f"{ROSTER}/remove", {"name": "bea", "agreed": "yes"}))
        assert "bea is off the roster" in gone
        assert not list(desk.knowledge.agents())

    @pytest.mark.parametrize(
        "fields", [{"role": "agent"}, {"name": "bea"}, {"name": "bea", "role": "boss"}]
    )
    def test_what_is_missing_is_named(self, browser: Browser, fields: dict[str, str]) -> None:
        assert browser.post(ROSTER, fields).status_code == 400

    def test_others_are_offered_nothing_and_refused(self, desk: Desk, beas: Browser) -> None:  # noqa: F811
        page = beas.get(ROSTER)
        assert "Only leads change the roster." in page
        assert "<form" not in page
        refused = beas.post(ROSTER, {"name": "bea", "role": "lead"})
        assert refused.status_code == 403
        removed = beas.post(f"{ROSTER}/remove", {"name": "bea", "agreed": "yes"})
        assert removed.status_code == 403
        assert [each.leads for each in desk.knowledge.agents()] == [False]

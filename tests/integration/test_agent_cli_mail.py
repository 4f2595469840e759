"""`helpdesk mail`: the quarantine over the template's own stack, and the folder of what left."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from helpdesk import outbox, ticket
from helpdesk.arrivals import Release, read
from helpdesk.aws import clients
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.mails import StoredMails
from helpdesk.mail import compose
from helpdesk.outbox import written
from helpdesk.ports import Letter
from helpdesk.receiving import Held
from helpdesk.ticket import Agent, Conversation, Role
from helpdesk.triage import Answer

from infra.local.mail_sink import MailSink
from tests.fakes import MORNING, an_article, an_understanding
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixture
from tests.mailing import DESK, by_mail, known

LENA = Agent("lena", frozenset({Role.AGENT, Role.LEAD}))
DAY = timedelta(days=1)

type Hold = Callable[..., Held]


@pytest.fixture
def hold(desk: Desk) -> Hold:  # noqa: F811
    """Return what puts a mail into quarantine and its object into the bucket."""
    mailbox = DynamoMailbox(clients.table(desk.stack.outputs["TicketsTable"]))
    raw = StoredMails(boto3.client("s3"), desk.stack.outputs["MailBucket"])

    def put(name: str, sender: str = "eve@example.org", *, ago: timedelta = timedelta()) -> Held:
        at = desk.now - ago
        held = Held(
            key=raw.store(name, b"Win"), at=at, expires_at=at + 30 * DAY, sender=sender, subject="W"
        )
        mailbox.hold(held)
        return held

    desk.knowledge.put_agent(LENA)
    return put


def came(desk: Desk, ticket_id: str, raw: bytes, subject: str = "Boxes") -> None:  # noqa: F811
    """Let a mail of a machine come to a ticket, as a note."""
    key = StoredMails(clients.s3(), desk.stack.outputs["MailBucket"]).store(f"to-{ticket_id}", raw)
    letter = Letter(key=key, sender="kim@x.example", subject=subject, standing="unproven")
    noted = ticket.remark(desk.ticket(ticket_id), "Out of the office.", now=desk.now)
    desk.tickets.commit(noted, letter)


class TestMailsAsTheyCame:
    def test_they_are_listed_and_saved_over_nothing(self, desk: Desk, tmp_path: Path) -> None:  # noqa: F811
        ticket_id, raw = desk.escalated(1), b"Subject: Boxes\r\n\r\n\x1b[2J \xff\r\n"
        came(desk, ticket_id, raw)

        assert desk.json("ticket", "mails", ticket_id) == [
            {
                "number": 1,
                "message": None,
                "sender": "kim@x.example",
                "subject": "Boxes",
                "saved": None,
            }
        ]
        first, second = (
            desk.json("ticket", "mails", ticket_id, "--save", str(tmp_path))[0]["saved"]
            for _ in range(2)
        )
        assert first != second
        assert Path(first).read_bytes() == Path(second).read_bytes() == raw
        assert Path(first).stat().st_mode & 0o777 == 0o600

    def test_one_that_is_no_longer_kept_says_so(self, desk: Desk, tmp_path: Path) -> None:  # noqa: F811
        ticket_id = desk.escalated(1)
        came(desk, ticket_id, b"x")
        bucket = StoredMails(clients.s3(), desk.stack.outputs["MailBucket"])
        bucket.forget(f"inbound/to-{ticket_id}")

        told = desk.run("ticket", "mails", ticket_id, "--save", str(tmp_path / "mails"))
        assert "1: no longer kept as it came" in told.stderr
        assert list((tmp_path / "mails").iterdir()) == []

    def test_a_ticket_without_mails_and_no_ticket_are_told_apart(self, desk: Desk) -> None:  # noqa: F811
        assert desk.json("ticket", "mails", desk.escalated(1)) == []
        assert "no ticket" in desk.run("ticket", "mails", "0" * 16).stderr


class TestQuarantine:
    def test_what_is_held_is_listed_newest_first(self, desk: Desk, hold: Hold) -> None:  # noqa: F811
        hold("old", ago=9 * DAY)
        hold("new")
        hold("over", ago=30 * DAY)

        found = desk.json("mail", "quarantine")
        assert [each["name"] for each in found] == ["new", "old"]
        assert found[0]["sender"] == "eve@example.org"
        assert [each["name"] for each in desk.json("mail", "quarantine", "--days", "2")] == ["new"]
        table = desk.run("mail", "quarantine")
        assert "eve@example.org" in table.stdout
        assert "2 mails are held" in table.stderr

    def test_a_lead_has_a_mail_released_by_the_mail_function(
        self,
        desk: Desk,  # noqa: F811
        hold: Hold,
    ) -> None:
        hold("a")
        found = desk.json("mail", "release", "a", "inbound/a", agent="lena")

        assert [each["name"] for each in found] == ["a"]
        (body,) = desk.stack.take_messages("MailQueueUrl")
        assert read(body) == Release("inbound/a", "lena")

    def test_other_agents_release_nothing(self, desk: Desk, hold: Hold) -> None:  # noqa: F811
        hold("a")
        desk.knowledge.put_agent(Agent("bea"))
        refused = desk.run("mail", "release", "a", agent="bea")

        assert refused.exit_code == 4
        assert "only leads release mails from quarantine" in refused.stderr
        assert desk.stack.take_messages("MailQueueUrl") == []

    def test_if_one_is_not_held_none_is_released(self, desk: Desk, hold: Hold) -> None:  # noqa: F811
        hold("a")
        refused = desk.run("mail", "release", "a", "b", agent="lena")

        assert refused.exit_code == 3
        assert "not in quarantine: inbound/b" in refused.stderr
        assert desk.stack.take_messages("MailQueueUrl") == []

    def test_erasing_a_customer_erases_what_is_held_of_them(
        self,
        desk: Desk,  # noqa: F811
        hold: Hold,
    ) -> None:
        desk.received(1, email="kim@x.example")
        hold("theirs", "kim@x.example")
        hold("other")
        done = desk.run("ticket", "erase", "--customer", "Kim@x.example", "--yes", agent="lena")

        assert done.exit_code == 0, done.stderr
        assert "erased 1 mail(s) in quarantine" in done.stderr
        assert [each["name"] for each in desk.json("mail", "quarantine")] == ["other"]
        raw = StoredMails(boto3.client("s3"), desk.stack.outputs["MailBucket"])
        assert raw.fetch("inbound/theirs") is None
        assert raw.fetch("inbound/other")


class TestTrials:
    """Test mails; what becomes of one is in test_console_trial_mails."""

    def test_a_lead_sends_the_mail_of_a_file(self, desk: Desk, tmp_path: Path) -> None:  # noqa: F811
        desk.knowledge.put_agent(LENA)
        file = tmp_path / "a.eml"
        file.write_bytes(b"From: ada@x.example\r\n\r\nHi")
        sent = desk.json("mail", "test", str(file), agent="lena")
        raw = StoredMails(boto3.client("s3"), desk.stack.outputs["MailBucket"])

        assert (sent["fate"], sent["ticket"]) == ("waits", None)
        assert (raw.fetch(f"inbound/{sent['name']}") or b"").endswith(file.read_bytes())
        assert desk.json("mail", "became", sent["name"]) == sent
        told = desk.run("mail", "became", sent["name"]).stdout
        assert "not taken yet; it takes some seconds" in told
        assert desk.run("mail", "became", "kims").exit_code == 3

    def test_other_agents_send_none(self, desk: Desk, tmp_path: Path) -> None:  # noqa: F811
        desk.knowledge.put_agent(Agent("bea"))
        file = tmp_path / "a.eml"
        file.write_bytes(b"From: ada@x.example\r\n\r\nHi")
        refused = desk.run("mail", "test", str(file), agent="bea")

        assert refused.exit_code == 4
        assert "only leads send test mails" in refused.stderr


class TestWhatLeft:
    @pytest.fixture
    def folder(self, tmp_path: Path, socket_enabled: None) -> Path:
        """Keep two mails as the sink of `make run` does."""
        first = by_mail()
        answer = Answer(an_article("refund", answer="Bitte warten Sie; größer geht nicht."))
        change = ticket.settle(first.after, an_understanding(), answer, now=MORNING)
        (mail,) = outbox.outbound(change, known())
        said = Conversation(change.after, (*first.messages, *change.messages))
        data = compose(written(mail, said, known(), DESK))
        folder = tmp_path / "mails"
        with MailSink(folder) as sink:
            for _ in range(2):
                sink.keep(DESK.return_path(mail), ["ada@example.com"], data)
        return folder

    def test_they_are_listed_newest_first(self, desk: Desk, folder: Path) -> None:  # noqa: F811
        found = desk.json("mail", "list", HELPDESK_MAILS=str(folder))

        assert [each["number"] for each in found] == [2, 1]
        assert (found[0]["to"], found[0]["automatic"]) == ("ada@example.com", True)
        assert found[0]["subject"] == "Re: Order 12345"
        table = desk.run("mail", "list", "--folder", str(folder))
        assert "the desk" in table.stdout
        assert "2 mails" in table.stderr

    def test_one_is_shown_with_its_text_and_its_thread(
        self,
        desk: Desk,  # noqa: F811
        folder: Path,
    ) -> None:
        found = desk.json("mail", "show", "1", HELPDESK_MAILS=str(folder))
        assert found["text"].startswith("Bitte warten Sie; größer geht nicht.")
        assert found["in_reply_to"] == "<last@example.com>"
        assert found["return_path"].startswith("support+1111111111111111.2.")

        page = desk.run("mail", "show", "1", HELPDESK_MAILS=str(folder)).stdout
        for said in ("größer", "<last@example.com>", "support+1111111111111111."):
            assert said in page
        assert desk.run("mail", "show", "3", HELPDESK_MAILS=str(folder)).exit_code == 3

    def test_without_a_folder_the_way_is_told(self, desk: Desk) -> None:  # noqa: F811
        refused = desk.run("mail", "list")

        assert refused.exit_code == 2
        assert "HELPDESK_MAILS" in refused.stderr


def test_a_message_of_another_sender_says_so(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, email="kim@x.example")
    here = desk.ticket(ticket_id)
    added = ticket.follow_up(here, "I am Bob.", now=desk.now, author="bob@example.org")
    desk.tickets.commit(added)

    page = desk.run("ticket", "show", ticket_id).stdout
    assert "bob@example.org (not the customer)" in page
    assert "customer · " in page
    assert desk.json("ticket", "show", ticket_id)["messages"][-1]["author"] == "bob@example.org"

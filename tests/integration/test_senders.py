"""The senders of mails: SES by a stub that knows its interface, SMTP against a real server."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from socket import create_connection
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber
from helpdesk.aws import clients
from helpdesk.aws.ses import SesSender
from helpdesk.mail import Address, Outgoing, compose
from helpdesk.outbox import RefusedError, UnavailableError
from helpdesk.smtp import SmtpSender

from infra.local.mail_sink import LARGEST, start
from tests.fakes import MORNING
from tests.integration.conftest import ROOT

PATH = "support+1.2.signature@shop.example"
TO = "ada@example.com"
DATA = compose(
    Outgoing(
        sender=Address("support@shop.example", "The shop"),
        to=Address(TO, "Ada"),
        reply_to="support+1@shop.example",
        subject="Order",
        text="First line\n.\n..\nGrüße ✅",
        at=MORNING,
        message_id="1.2@shop.example",
    )
)


class TestSes:
    def client(self, region: str = "eu-central-1") -> Any:
        session = botocore.session.Session()
        session.set_credentials("key", "secret")
        return session.create_client("ses", region, config=clients.MAIL)

    @pytest.mark.parametrize(
        ("region", "domain"), [("eu-central-1", "eu-central-1"), ("us-east-1", "email")]
    )
    def test_it_sends_the_mail_as_it_is_and_returns_the_id_it_will_have(
        self, region: str, domain: str
    ) -> None:
        client = self.client(region)
        expected = {
            "Source": PATH,
            "Destinations": [TO],
            "RawMessage": {"Data": DATA},
            "ConfigurationSetName": "events",
        }
        with Stubber(client) as stub:
            stub.add_response("send_raw_email", {"MessageId": "0100-a"}, expected)

            sent_as = SesSender(client, events="events").send(DATA, return_path=PATH, to=TO)

        assert sent_as.split("@") == ["0100-a", f"{domain}.amazonses.com"]

    def test_without_a_set_nothing_is_said_of_one(self) -> None:
        client = self.client()
        expected = {"Source": PATH, "Destinations": [TO], "RawMessage": {"Data": DATA}}
        with Stubber(client) as stub:
            stub.add_response("send_raw_email", {"MessageId": "1"}, expected)
            assert SesSender(client).send(DATA, return_path=PATH, to=TO).startswith("1@")

    @pytest.mark.parametrize("code", ["MessageRejected", "InvalidParameterValue"])
    def test_what_will_never_be_taken_is_refused(self, code: str) -> None:
        client = self.client()
        with Stubber(client) as stub:
            stub.add_client_error("send_raw_email", code, "Local address contains control")
            with pytest.raises(RefusedError, match="Local address"):
                SesSender(client).send(DATA, return_path=PATH, to=TO)

    @pytest.mark.parametrize(
        "code",
        [
            "Throttling",
            "ServiceUnavailable",
            "AccountSendingPausedException",
            "ConfigurationSetDoesNotExist",
            "MailFromDomainNotVerifiedException",
            "AccessDenied",
        ],
    )
    def test_what_can_be_put_right_is_tried_again(self, code: str) -> None:
        client = self.client()
        with Stubber(client) as stub:
            stub.add_client_error("send_raw_email", code, "Not now")
            with pytest.raises(UnavailableError, match=code):
                SesSender(client).send(DATA, return_path=PATH, to=TO)

    def test_a_network_that_is_down_is_tried_again(self) -> None:
        class Down:
            def send_raw_email(self, **_: Any) -> None:
                raise ConnectTimeoutError(endpoint_url="https://mail.example")

        with pytest.raises(UnavailableError, match="ConnectTimeoutError"):
            SesSender(Down()).send(DATA, return_path=PATH, to=TO)

    def test_botocore_repeats_nothing(self) -> None:
        """A mail whose answer was lost may have left."""
        retries: dict[str, Any] = vars(clients.MAIL)["retries"]

        assert retries["total_max_attempts"] == 1


class Answering:
    """A sink that says what a test wants."""

    def __init__(self, folder: Path) -> None:
        self.sink = start(folder)
        self.says: dict[str, str] = {}
        self.sink.answer = lambda verb, _: self.says.get(verb, "250 OK")  # type: ignore[method-assign]

    @property
    def sender(self) -> SmtpSender:
        return SmtpSender(f"smtp://127.0.0.1:{self.sink.port}")

    @property
    def mails(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.sink.folder.glob("*.eml"))]

    def close(self) -> None:
        self.sink.shutdown()
        self.sink.server_close()


@pytest.fixture
def sink(tmp_path: Path, socket_enabled: None) -> Iterator[Answering]:
    with closing(Answering(tmp_path / "mails")) as found:
        yield found


class TestSmtp:
    def test_a_real_server_gets_the_mail_byte_for_byte(self, sink: Answering) -> None:
        for _ in range(2):
            sent_as = sink.sender.send(DATA, return_path=PATH, to=TO)
            assert sent_as == "1.2@shop.example"

        envelope = f"X-Envelope-From: {PATH}\r\nX-Envelope-To: {TO}\r\n".encode()
        assert sink.mails == [envelope + DATA] * 2
        read = message_from_bytes(sink.mails[0], policy=policy.default)
        plain = read.get_body(("plain",))  # type: ignore[attr-defined]
        assert plain.get_content().split() == ["First", "line", ".", "..", "Grüße", "✅"]

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
    def test_a_server_that_refuses_for_good_is_told_from_one_that_is_busy(
        self, sink: Answering, verb: str
    ) -> None:
        sink.says = {verb: "550 5.1.1 no such user"}
        with pytest.raises(RefusedError, match="550"):
            sink.sender.send(DATA, return_path=PATH, to=TO)
        sink.says = {verb: "451 try later"}
        with pytest.raises(UnavailableError, match="451"):
            sink.sender.send(DATA, return_path=PATH, to=TO)
        assert sink.mails == []

    def test_a_server_that_is_not_there_is_tried_again(self, sink: Answering) -> None:
        sender = sink.sender
        sink.close()

        with pytest.raises(UnavailableError):
            sender.send(DATA, return_path=PATH, to=TO)

    def test_what_breaks_off_is_not_kept(self, sink: Answering) -> None:
        with create_connection(("127.0.0.1", sink.sink.port), timeout=5) as client:
            client.sendall(
                b"EHLO me\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nSubj"
            )
        assert sink.sender.send(DATA, return_path=PATH, to=TO)
        assert len(sink.mails) == 1

    def test_it_runs_as_a_program_that_ends_when_it_is_told(
        self, tmp_path: Path, socket_enabled: None
    ) -> None:
        command = [sys.executable, "-m", "infra.local.mail_sink", str(tmp_path), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as run:
            assert run.stdout
            port = int(run.stdout.readline().split()[3])
            SmtpSender(f"smtp://127.0.0.1:{port}").send(DATA, return_path=PATH, to=TO)
            run.terminate()
            assert run.wait(5) == 0
        assert DATA in (tmp_path / "0001.eml").read_bytes()

    def test_other_commands_are_answered(self, sink: Answering) -> None:
        said = b"NOOP\r\nVRFY me\r\nDATA\r\nMAIL nothing\r\nRSET\r\nQUIT\r\n"
        with create_connection(("127.0.0.1", sink.sink.port), timeout=5) as client:
            client.sendall(said)
            answers = client.makefile().read().splitlines()

        assert [each[:3] for each in answers] == ["220", "250", "500", "503", "501", "250", "221"]
        assert LARGEST > 10_000_000

    @pytest.mark.parametrize("url", ["", "mail.example", "http://mail.example", "smtp://"])
    def test_another_address_is_refused_at_the_start(self, url: str) -> None:
        with pytest.raises(ValueError, match="begins with smtp"):
            SmtpSender(url)

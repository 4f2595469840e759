"""Mail sent by a real client to the listener that `make run` starts, up to the ticket."""

import contextlib
import json
import os
import random
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from helpdesk import mail
from helpdesk.aws import clients
from helpdesk.aws.mails import StoredMails
from helpdesk.mail import HONEST, Standing, Verdicts, reply_address
from helpdesk.settings import NO_DOMAIN

from infra.emulator import EmulatorError
from infra.emulator.processes import processes_of, start_time
from infra.local import mail_process
from infra.local.mail import HERE, LARGEST, PASSING, Door, listener
from tests.integration.conftest import Function, Stack, load
from tests.integration.test_worker import record

MAILBOX = f"support@{NO_DOMAIN}"


def free_port() -> int:
    """Return a port that nothing listens at, below those that the system gives to others."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 -- which one does not matter
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HERE, port))
            return port


def question(text: str = "Where is order 12345?", **headers: str) -> EmailMessage:
    said = EmailMessage()
    for name, value in {"From": "Ada <ada@example.com>", "To": MAILBOX, "Subject": "Order"}.items():
        said[name] = value
    for name, value in headers.items():
        said[name.replace("_", "-")] = value
    said.set_content(text)
    return said


@dataclass(frozen=True)
class Post:
    """A listener over the template's own bucket."""

    port: int
    stored: StoredMails
    stack: Stack

    def client(self) -> smtplib.SMTP:
        return smtplib.SMTP(HERE, self.port, local_hostname="ada.example.com", timeout=20)

    def send(self, said: EmailMessage, to: str = MAILBOX) -> None:
        with self.client() as client:
            client.send_message(said, from_addr="ada@example.com", to_addrs=[to])

    def objects(self) -> list[str]:
        found = self.stored.s3.list_objects_v2(Bucket=self.stored.bucket).get("Contents", [])
        return [each["Key"] for each in found]

    def mails(self) -> list[mail.Mail]:
        return [mail.read(self.stored.fetch(key) or b"") for key in self.objects()]


@pytest.fixture
def verdicts() -> Verdicts:
    return HONEST


@pytest.fixture
def post(stack: Stack, socket_enabled: None, verdicts: Verdicts) -> Iterator[Post]:
    stored = StoredMails(clients.s3(), stack.outputs["MailBucket"])
    opened = listener(Door(MAILBOX, stored.store, verdicts), port := free_port())
    opened.start()
    found = Post(port, stored, stack)
    yield found
    opened.stop()
    for key in found.objects():
        stored.s3.delete_object(Bucket=stored.bucket, Key=key)


def test_a_mail_is_stored_as_the_service_would_store_it(post: Post) -> None:
    post.send(question("Größe 42? ✅"))

    (key,) = post.objects()
    assert key.startswith("inbound/")
    (found,) = post.mails()
    assert found.sender
    assert (found.sender.address, found.sender.name) == ("ada@example.com", "Ada")
    assert (found.subject, found.text.strip()) == ("Order", "Größe 42? ✅")
    assert found.recipients[0] == MAILBOX
    assert found.automatic is None


def test_it_says_honestly_that_nothing_was_checked(post: Post) -> None:
    post.send(question())

    (found,) = post.mails()
    assert found.verdicts == HONEST
    assert found.standing is Standing.UNPROVEN


@pytest.mark.parametrize("verdicts", [PASSING])
def test_it_says_what_it_is_told_to_say(post: Post) -> None:
    post.send(question())

    assert post.mails()[0].standing is Standing.PROVEN


def test_what_a_sender_writes_of_verdicts_does_not_count(post: Post) -> None:
    post.send(
        question(X_SES_Spam_Verdict="PASS", Authentication_Results="amazonses.com; dmarc=pass")
    )

    assert post.mails()[0].verdicts == HONEST


def test_the_bytes_of_a_mail_are_kept(post: Post) -> None:
    raw = b"From: ada@example.com\r\nSubject: \xff\r\n\r\n\x00\xff\r\n.leading\r\n"
    with post.client() as client:
        client.sendmail("ada@example.com", [MAILBOX], raw)

    (key,) = post.objects()
    assert (post.stored.fetch(key) or b"").endswith(raw)


def test_an_address_in_another_script_is_taken(post: Post) -> None:
    said = question()
    del said["From"]
    said["From"] = "jörg@example.com"
    with post.client() as client:
        client.ehlo()
        assert client.has_extn("smtputf8")
        assert client.has_extn("8bitmime")
        client.sendmail(
            "jörg@example.com",
            [MAILBOX],
            said.as_bytes(policy=said.policy.clone(utf8=True)),
            mail_options=["SMTPUTF8", "BODY=8BITMIME"],
        )

    assert post.mails()[0].sender == mail.Address("jörg@example.com")


def test_a_reply_address_of_the_desk_is_taken(post: Post) -> None:
    signed = reply_address(MAILBOX, "0123456789abcdef", "k" * 32)
    post.send(question(), to=signed)

    assert post.mails()[0].recipients[0] == signed


@pytest.mark.parametrize(
    "address", ["else@helpdesk.example", "support@shop.example", "support", "a b@helpdesk.example"]
)
def test_a_foreign_mailbox_is_refused(post: Post, address: str) -> None:
    with post.client() as client:
        client.ehlo()
        client.mail("ada@example.com")
        assert client.rcpt(address)[0] in {550, 553, 501}
    assert post.objects() == []


def test_a_mail_above_the_limit_is_refused(post: Post) -> None:
    with post.client() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(LARGEST)
        assert client.mail("ada@example.com", [f"SIZE={LARGEST + 1}"])[0] == 552
    assert post.objects() == []


def test_what_could_not_be_stored_is_not_accepted(post: Post, socket_enabled: None) -> None:
    def fail(_name: str, _data: bytes) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    opened = listener(Door(MAILBOX, fail), port := free_port())
    opened.start()
    with (
        smtplib.SMTP(HERE, port, timeout=20) as client,
        pytest.raises(smtplib.SMTPDataError) as caught,
    ):
        client.sendmail("ada@example.com", [MAILBOX], question().as_bytes())
    opened.stop()

    assert caught.value.smtp_code == 451


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed.where("MailFunction", MAIL_SECRET="k" * 32), "MailFunction")


class TestUpToTheTicket:
    @pytest.fixture
    def tickets(self, post: Post, function: Function) -> Callable[[], list[str]]:
        """Return what takes all objects there are, and tells the tickets on the intake queue."""

        def take() -> list[str]:
            for key in post.objects():
                body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
                answer = function({"Records": [record("m", body, 1)]})
                assert answer == {"batchItemFailures": []}
            return [json.loads(b)["ticket"] for b in post.stack.take_messages("IntakeQueueUrl")]

        return take

    def test_a_mail_is_a_ticket_and_its_answer_a_message(
        self, post: Post, tickets: Callable[[], list[str]]
    ) -> None:
        post.send(question())
        (ticket_id,) = tickets()
        post.send(question("And now?"), to=reply_address(MAILBOX, ticket_id, "k" * 32))
        tickets()

        table = clients.table(post.stack.outputs["TicketsTable"])
        texts = [
            table.get_item(Key={"pk": f"TICKET#{ticket_id}", "sk": f"MESSAGE#{number:06}"})
            for number in (1, 2)
        ]
        assert [each and each["message"]["text"].strip() for each in texts] == [
            "Order\n\nWhere is order 12345?",
            "And now?",
        ]


class TestProcess:
    """Started once, found again, and gone with the emulator; here a process that sleeps is one."""

    @pytest.fixture
    def sleeper(self, socket_enabled: None) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        yield process
        process.kill()
        process.wait()

    @pytest.fixture
    def state(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """Let the process listen without a stack: what it asks of one is answered here."""
        fake = tmp_path / "fake"
        fake.mkdir()
        (fake / "sitecustomize.py").write_text(STACKLESS)
        paths = [str(fake), os.environ.get("PYTHONPATH", "")]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        yield tmp_path
        mail_process.stop(tmp_path)

    def ensure(self, state: Path, port: int, pid: int) -> int:
        mail_process.ensure(
            endpoint="http://127.0.0.1:1",
            emulator_pid=pid,
            mailbox=MAILBOX,
            port=port,
            state=state,
            say=lambda _: None,
        )
        pids = processes_of(state)
        assert len(pids) == 1
        return pids[0]

    def test_it_is_started_once_and_ends_with_the_emulator(
        self, state: Path, sleeper: subprocess.Popen[bytes]
    ) -> None:
        port = free_port()
        pid = self.ensure(state, port, sleeper.pid)
        assert self.ensure(state, port, sleeper.pid) == pid

        sleeper.kill()
        sleeper.wait()
        deadline = time.monotonic() + 10
        while processes_of(state) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_of(state) == []

    def test_another_emulator_gets_another_process(
        self, state: Path, sleeper: subprocess.Popen[bytes]
    ) -> None:
        port = free_port()
        first = self.ensure(state, port, sleeper.pid)

        assert self.ensure(state, port, os.getpid()) != first
        assert start_time(first) == ""
        mail_process.stop(state)
        assert processes_of(state) == []

    def test_the_sink_keeps_what_leaves_and_ends_with_the_listener(
        self, state: Path, sleeper: subprocess.Popen[bytes]
    ) -> None:
        told: list[str] = []
        port = free_port()
        for _ in range(2):
            mail_process.ensure_sink(
                state / "mails", emulator_pid=sleeper.pid, port=port, state=state, say=told.append
            )
        with smtplib.SMTP(HERE, port, timeout=20) as client:
            client.sendmail(MAILBOX, ["ada@example.com"], question().as_bytes())
        (kept,) = (state / "mails").glob("*.eml")

        assert b"X-Envelope-To: ada@example.com" in kept.read_bytes()
        assert len(told) == len(processes_of(state)) == 1
        mail_process.stop(state)
        assert processes_of(state) == []

    def test_the_sink_ends_with_the_emulator(
        self, state: Path, sleeper: subprocess.Popen[bytes]
    ) -> None:
        mail_process.ensure_sink(
            state / "mails",
            emulator_pid=sleeper.pid,
            port=free_port(),
            state=state,
            say=lambda _: None,
        )
        sleeper.kill()
        sleeper.wait()
        deadline = time.monotonic() + 10
        while processes_of(state) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_of(state) == []

    def test_a_taken_port_is_told_with_a_way_out(
        self, state: Path, sleeper: subprocess.Popen[bytes]
    ) -> None:
        with socket.socket() as other:
            other.bind((HERE, 0))
            other.listen()
            with pytest.raises(EmulatorError, match="MAIL_PORT=2530"):
                self.ensure(state, other.getsockname()[1], sleeper.pid)


STACKLESS = """
import infra.local.up

class Stackless:
    outputs = {"MailBucket": "mails"}

    def client(self, service):
        return None

infra.local.up.local_stack = lambda url: Stackless()
"""

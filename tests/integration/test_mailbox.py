"""The mailbox function: a real IMAP client over TLS, a scripted server, the template's bucket."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from helpdesk import imap, mail
from helpdesk.aws import clients
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.places import DynamoPlaces
from helpdesk.collecting import LARGEST, Place
from helpdesk.mail import Standing
from helpdesk.ports import ConflictError

from tests.dovecot import dovecot, installed
from tests.imap_server import HOST, PASSWORD, USER, Script, serving, trusting
from tests.integration.conftest import Function, Stack, load
from tests.integration.test_mail_function import told
from tests.integration.test_worker import record
from tests.mails import mail as ada_writes

NAME = "/helpdesk/imap"
NOW = datetime.now(UTC).replace(microsecond=0)


def a_mail(number: int, size: int = 0) -> bytes:
    line = b"x" * 70 + b"\r\n"
    return ada_writes(
        b"Message-ID: <%d@mail.example.com>" % number,
        body=b"Where is order %d?\r\n" % number + line * (size // len(line)),
    )


@dataclass
class Post:
    """The function, the server that it asks, and the bucket that it writes."""

    template: dict[str, Any]
    stack: Stack
    script: Script
    host: str

    def __post_init__(self) -> None:
        self.function = self.cold()

    def cold(self, **variables: str) -> Function:
        given = {"IMAP_HOST": self.host, "IMAP_USER": USER, "IMAP_PASSWORD_NAME": NAME} | variables
        there = self.stack.where("MailboxFunction", **given)
        return load(self.template, there, "MailboxFunction")

    def run(self) -> tuple[int, int]:
        found = self.function({})
        return found["fetched"], found["too_large"]

    @property
    def stored(self) -> StoredMails:
        return StoredMails(clients.s3(), self.stack.outputs["MailBucket"])

    def objects(self) -> list[str]:
        answer = self.stored.s3.list_objects_v2(Bucket=self.stored.bucket)
        return [each["Key"] for each in answer.get("Contents", [])]

    def subjects(self) -> list[str]:
        read = [mail.read(self.stored.fetch(key) or b"") for key in self.objects()]
        return sorted(each.text.splitlines()[0] for each in read)

    def took(self, *numbers: int) -> bool:
        return self.subjects() == sorted(f"Where is order {number}?" for number in numbers)


@pytest.fixture
def post(
    template: dict[str, Any],
    stack: Stack,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Post]:
    """Yield the function with a folder that it has looked at once."""
    monkeypatch.setattr(imap, "trusted", trusting)
    monkeypatch.setattr(imap, "TIME_OUT", 3)
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name=NAME, Value=PASSWORD + "\n", Type="SecureString", Overwrite=True)
    with serving(script := Script()) as host:
        found = Post(template, stack, script, host)
        assert found.run() == (0, 0)
        yield found
        for key in found.objects():
            found.stored.forget(key)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def counted(out: list[dict[str, Any]], counter: str) -> float:
    """Return the sum of a counter, which a line has as a number or as a list of one."""
    found = [each[counter] for each in out if counter in each]
    return sum(each[0] if isinstance(each, list) else each for each in found)


def failed(post: Post, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Run, and return the trouble and the code that are logged, after a counter was written."""
    capsys.readouterr()
    post.run()
    out = lines(capsys)
    (line,) = [each for each in out if each.get("message") == "mailbox not read"]
    assert counted(out, "MailboxFailed") == 1
    assert PASSWORD not in json.dumps(out)
    assert "is not let in" not in json.dumps(out), "the server's words may name a person"
    return line["trouble"], line["code"]


class TestTaking:
    def test_new_mails_each_once(self, post: Post) -> None:
        for number in range(3):
            post.script.add(a_mail(number), NOW)

        assert [post.run(), post.run()] == [(3, 0), (0, 0)]
        assert post.took(0, 1, 2)
        assert all(key.startswith("inbound/imap-") for key in post.objects())

    def test_the_mails_stay_unread_and_the_folder_as_it_is(self, post: Post) -> None:
        post.script.add(a_mail(1), NOW)
        post.run()

        asked = {" ".join(each.split()[:2]) for each in post.script.log}
        assert asked <= {
            "CAPABILITY",
            "LOGIN",
            'EXAMINE "INBOX"',
            "UID SEARCH",
            "UID FETCH",
            "LOGOUT",
        }
        fetched = [each for each in post.script.log if "BODY" in each]
        assert fetched == ["UID FETCH 1 (UID BODY.PEEK[])"]

    def test_what_is_stored_is_the_mail_byte_for_byte_and_unproven(self, post: Post) -> None:
        raw = a_mail(1) + b"8 bit: \xff\x00\r\n"
        post.script.add(raw, NOW)
        post.run()

        (key,) = post.objects()
        stored = post.stored.fetch(key) or b""
        assert stored.endswith(raw)
        found = mail.read(stored)
        assert found.standing is Standing.UNPROVEN
        assert found.recipients[0] == "support@helpdesk.example"

    def test_a_mail_of_5_mb(self, post: Post) -> None:
        post.script.add(raw := a_mail(1, size=5_000_000), NOW)

        assert post.run() == (1, 0)
        (key,) = post.objects()
        assert (post.stored.fetch(key) or b"").endswith(raw)

    def test_one_that_is_too_large_is_named_and_never_fetched(
        self, post: Post, capsys: pytest.CaptureFixture[str]
    ) -> None:
        post.script.add(a_mail(1), NOW, said=LARGEST + 1)
        post.script.add(a_mail(2), NOW)

        assert [post.run(), post.run()] == [(1, 1), (0, 0)]
        assert "UID FETCH 1 (UID BODY.PEEK[])" not in post.script.log
        out = lines(capsys)
        (line,) = [each for each in out if each.get("message") == "mail too large"]
        assert (line["uid"], line["bytes"]) == (1, LARGEST + 1)
        assert counted(out, "MailTooLarge") == 1

    def test_what_the_server_says_of_other_mails_is_no_answer(self, post: Post) -> None:
        post.script.noise = rb"* 9 FETCH (UID 9 FLAGS (\Seen))"
        post.script.add(a_mail(1), NOW)

        assert post.run() == (1, 0)

    def test_the_mail_function_takes_what_is_stored(
        self, post: Post, template: dict[str, Any]
    ) -> None:
        post.script.add(a_mail(1), NOW)
        post.run()
        mails = load(template, post.stack, "MailFunction")

        body = told(*post.objects())
        event = {"Records": [record(str(number), body, 1) for number in range(2)]}
        assert mails(event) == {"batchItemFailures": []}
        assert len(post.stack.take_messages("IntakeQueueUrl")) == 1


class TestAnotherNumbering:
    def test_none_is_lost_and_none_is_another_object(self, post: Post) -> None:
        post.script.add(a_mail(1), NOW - timedelta(days=9))
        post.script.add(a_mail(2), NOW)
        post.run()
        before = set(post.objects())
        post.script.add(a_mail(3), NOW)
        post.script.renumber(8, first=40)

        assert [post.run(), post.run()] == [(2, 0), (0, 0)]
        assert before < set(post.objects())
        assert post.took(1, 2, 3)


class TestTroubles:
    def test_a_connection_that_ends_within_a_mail(
        self, post: Post, capsys: pytest.CaptureFixture[str]
    ) -> None:
        post.script.add(a_mail(1), NOW)
        post.script.add(a_mail(2, size=200_000), NOW)
        post.script.cut_at = 50

        assert failed(post, capsys) == ("closed", "abort")
        assert post.objects() == []
        assert post.run() == (2, 0)
        assert post.took(1, 2)

    def test_a_wrong_password(self, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
        put = boto3.client("ssm").put_parameter
        post.script.add(a_mail(1), NOW)
        put(Name=NAME, Value="wrong", Type="SecureString", Overwrite=True)

        assert failed(post, capsys) == ("login", "AUTHENTICATIONFAILED")
        put(Name=NAME, Value=PASSWORD, Type="SecureString", Overwrite=True)
        assert post.run() == (1, 0), "a new password is used at once"

    def test_a_password_that_imap_cannot_say(
        self, post: Post, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put = boto3.client("ssm").put_parameter
        put(Name=NAME, Value="größer", Type="SecureString", Overwrite=True)

        assert failed(post, capsys) == ("login", "UnicodeEncodeError")

    def test_no_password(self, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
        boto3.client("ssm").delete_parameter(Name=NAME)

        assert failed(post, capsys) == ("no_password", "ParameterNotFound")

    def test_no_such_folder(self, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
        post.function = post.cold(IMAP_FOLDER='De"sk')

        assert failed(post, capsys) == ("folder", "NONEXISTENT")
        assert post.script.log[-2:] == ['EXAMINE "De\\"sk"', "LOGOUT"]

    def test_no_server(self, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
        with serving(Script()) as host:
            pass
        post.function = post.cold(IMAP_HOST=host)

        assert failed(post, capsys) == ("unreachable", "ConnectionRefusedError")

    def test_a_server_that_is_not_who_it_says(
        self, post: Post, capsys: pytest.CaptureFixture[str]
    ) -> None:
        post.function = post.cold(IMAP_HOST=post.host.replace(HOST, "127.0.0.1"))

        assert failed(post, capsys) == ("unreachable", "SSLCertVerificationError")
        assert len(post.script.log) == post.script.log.index("LOGOUT") + 1, "it said no word"

    @pytest.mark.parametrize("missing", ["UIDVALIDITY", "UIDNEXT"])
    def test_a_server_without_numbers(
        self, post: Post, capsys: pytest.CaptureFixture[str], missing: str
    ) -> None:
        post.script.silent_about = missing

        assert failed(post, capsys) == ("answer", missing)

    def test_a_mail_that_the_server_cannot_give_is_never_passed(
        self, post: Post, capsys: pytest.CaptureFixture[str]
    ) -> None:
        post.script.add(a_mail(1), NOW)
        post.script.add(a_mail(2), NOW, refused=True)

        assert failed(post, capsys) == ("answer", "SERVERBUG")
        assert post.took(1)
        post.script.mails[2].refused = False
        assert post.run() == (1, 0)


class TestDying:
    """The pure rules are tested at every step; this is the table's and the bucket's part."""

    def test_between_object_and_place(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        post.script.add(a_mail(1), NOW)
        with monkeypatch.context() as patch:
            patch.setattr(DynamoPlaces, "move", died)
            with pytest.raises(Exception, match="SystemError"):
                post.run()
        assert post.took(1)

        assert post.run() == (1, 0)
        assert post.took(1), "it is the same object"

    def test_before_the_object(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        post.script.add(a_mail(1), NOW)
        with monkeypatch.context() as patch:
            patch.setattr(StoredMails, "store", died)
            post.function = post.cold()
            with pytest.raises(Exception, match="SystemError"):
                post.run()
        assert post.objects() == []

        post.function = post.cold()
        assert post.run() == (1, 0)

    def test_two_at_once(self, post: Post) -> None:
        """moto answers one call at a time, so the two meet at its condition, as at DynamoDB's."""
        for number in range(6):
            post.script.add(a_mail(number), NOW)
        other = post.cold()
        other({})  # composed; what was there is taken by both from here on
        for number in range(6, 12):
            post.script.add(a_mail(number), NOW)
        found: list[dict[str, Any]] = []
        runs = [
            threading.Thread(target=lambda run=run: found.append(run({})))
            for run in (post.function, other)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()

        assert len(found) == 2
        assert sum(each["fetched"] for each in found) <= 6, "each mail is counted by one at most"
        post.run()
        assert post.took(*range(12))
        assert post.run() == (0, 0)


def died(*_: object) -> None:
    raise SystemError


def test_a_place_is_moved_by_one_alone(stack: Stack) -> None:
    table = clients.table(stack.outputs["TicketsTable"])
    one, two = (DynamoPlaces(table, "imap.shop.example", "support", "INBOX") for _ in range(2))
    other = DynamoPlaces(table, "imap.shop.example", "support", "Sent")
    first, second = Place(7, 0, NOW.date(), 5), Place(7, 1, NOW.date())
    one.move(None, first)
    with pytest.raises(ConflictError):
        two.move(None, first)
    two.move(first, second)
    with pytest.raises(ConflictError):
        one.move(first, second)

    assert (one.get(), other.get()) == (second, None)


@pytest.mark.skipif(not installed(), reason="Dovecot 2.3 is not installed here")
def test_a_real_server(post: Post) -> None:
    """Against Dovecot, where there is one: new mails, and a folder that is numbered again."""
    with dovecot() as (host, deliver, renumber):
        post.function = post.cold(IMAP_HOST=host)
        assert post.run() == (0, 0)
        deliver(a_mail(1))
        deliver(a_mail(2, size=5_000_000))
        assert [post.run(), post.run()] == [(2, 0), (0, 0)]
        renumber()
        deliver(a_mail(3))
        assert post.run()[0] == 3
        assert post.took(1, 2, 3)

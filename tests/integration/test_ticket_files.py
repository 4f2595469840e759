"""Files over the doors themselves: announced, sent, read, listed, given out, erased."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from helpdesk import files
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.composition import Parts, Resources
from helpdesk.files import Attachment, State, Why
from helpdesk.ports import ConflictError
from helpdesk.ticket import Ticket

from tests.fakes import KNOWN, ScriptedUnderstander, an_article, an_understanding
from tests.integration.conftest import Function, Stack, load, understand_with
from tests.integration.link_checks import opens, policy_of, takes
from tests.integration.recorded_calls import recording
from tests.integration.test_intake import Gateway, Reply
from tests.integration.test_worker import record
from tests.unit.documents import files as samples
from tests.unit.documents import hostile

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
PDF, DOCX = "application/pdf", list(files.TYPES)[1]


@dataclass
class Customer:
    """A customer with a ticket, the doors, and what the bucket would do."""

    gateway: Gateway
    documents: Function
    stack: Stack
    id: str
    token: str

    def send(self, verb: str, path: str, body: Any = None, **more: Any) -> Reply:
        headers = {"Authorization": f"Bearer {more.pop('token', self.token)}"}
        headers |= more.pop("headers", {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        given = {"id": self.id} | more
        text = None if body is None else json.dumps(body)
        return self.gateway.request(verb, path, headers=headers, body=text, **given)

    def announce(
        self, name: str = "invoice.pdf", kind: str = PDF, size: int = 20_000_000, **more: Any
    ) -> Reply:
        body = {"name": name, "media_type": kind, "size": size}
        return self.send("POST", "/queries/{id}/attachments", body, **more)

    def upload(self, announced: Reply, content: bytes) -> None:
        """Send a file as its form says, if S3 would take it."""
        form = announced.body["upload"]
        assert takes(form["fields"], content, at=datetime.now(UTC))
        clients.s3().put_object(
            Bucket=self.stack.outputs["FilesBucket"],
            Key=form["fields"]["key"],
            Body=content,
            ContentType=form["fields"]["Content-Type"],
            ServerSideEncryption=form["fields"]["x-amz-server-side-encryption"],
        )

    def take_in(self, number: int = 1) -> Any:
        """Let the documents function hear of a file."""
        key = files.key_of(self.id, number)
        body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
        return self.documents({"Records": [record("m", body, 1)]})

    def sent(
        self, content: bytes, name: str = "invoice.pdf", kind: str = PDF
    ) -> tuple[Attachment, str]:
        """Announce and send a file and have it read; return it, and its text."""
        reply = self.announce(name, kind, max(1, len(content)))
        assert reply.status == 201, reply.text
        self.upload(reply, content)
        number = reply.body["attachment"]["number"]
        assert self.take_in(number) == {"batchItemFailures": []}
        found = self.register.get(self.id, number)
        assert found
        return found, self.register.text(self.id, number)

    @property
    def register(self) -> DynamoAttachments:
        return DynamoAttachments(clients.table(self.stack.outputs["TicketsTable"]))

    def listed(self) -> Any:
        return self.send("GET", "/queries/{id}/attachments").body["attachments"]

    def fetch(self, number: str = "1", **more: Any) -> Reply:
        path = "/queries/{id}/attachments/{number}"
        return self.send("GET", path, number=number, **more)

    def objects(self) -> list[str]:
        bucket = self.stack.outputs["FilesBucket"]
        found = clients.s3().list_object_versions(Bucket=bucket)
        return [each["Key"] for each in found.get("Versions", []) if self.id in each["Key"]]


@pytest.fixture(scope="module")
def intake(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed, "IntakeFunction")


@pytest.fixture(scope="module")
def documents(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed, "DocumentsFunction")


@pytest.fixture
def customer(intake: Function, documents: Function, stack: Stack) -> Customer:
    gateway = Gateway(intake)
    made = gateway.submit({"text": "See the file, please."}).body
    return Customer(gateway, documents, stack, made["id"], made["token"])


class TestAnnouncing:
    def test_a_file_is_expected_and_gets_a_form_for_itself_alone(self, customer: Customer) -> None:
        reply = customer.announce("../../Rechnung März.pdf", size=1234)

        assert reply.status == 201
        attachment, upload = reply.body["attachment"], reply.body["upload"]
        assert (attachment["number"], attachment["name"]) == (1, "Rechnung März.pdf")
        assert attachment["state"] == "expected"
        key = f"attachments/{customer.id}/1"
        policy = policy_of(upload["fields"])
        assert {"key": key} in policy["conditions"]
        assert {"Content-Type": PDF} in policy["conditions"]
        assert {"x-amz-server-side-encryption": "AES256"} in policy["conditions"]
        assert ["content-length-range", 1, 1234] in policy["conditions"]
        left = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
        assert left <= timedelta(seconds=300)
        assert customer.listed() == [attachment]

    @pytest.mark.parametrize("prefer", [{}, {"Prefer": "return=representation"}])
    def test_a_question_announces_its_files_with_itself(
        self, customer: Customer, prefer: dict[str, str]
    ) -> None:
        wanted = {"name": "a.pdf", "media_type": "application/pdf", "size": 9}
        asked = {"text": "See the files.", "files": [wanted, wanted]}
        given = {"headers": {"Idempotency-Key": "twice", **prefer}}
        first, again = (customer.gateway.submit(asked, **given) for _ in range(2))

        assert first.status == again.status == 202
        assert first.body["id"] == again.body["id"]
        assert ("question" in first.body) is bool(prefer)
        for reply in (first, again):
            told = reply.body["files"]
            assert [each["attachment"]["number"] for each in told] == [1, 2]
            assert all(each["upload"]["url"] for each in told)
        many = customer.gateway.submit({"text": "See.", "files": [wanted] * 21})
        assert many.status == 400

    @pytest.mark.parametrize(
        ("change", "content", "after"),
        [
            ({}, b"x" * 1234, timedelta()),
            ({}, b"x" * 1235, None),
            ({}, b"", None),
            ({"key": "attachments/0000000000000000/1"}, b"x", None),
            ({"Content-Type": "text/html"}, b"x", None),
            ({"x-amz-server-side-encryption": "aws:kms"}, b"x", None),
            ({"acl": "public-read"}, b"x", None),
            ({}, b"x", timedelta(seconds=301)),
        ],
    )
    def test_a_form_takes_nothing_but_what_was_announced(
        self,
        customer: Customer,
        change: dict[str, str],
        content: bytes,
        after: timedelta | None,
    ) -> None:
        fields = customer.announce(size=1234).body["upload"]["fields"]
        right = after == timedelta()

        at = datetime.now(UTC) + (after or timedelta())
        assert takes(fields | change, content, at=at) == right
        assert not takes(fields | change, content, at=at, secret="another key")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": "a.exe", "media_type": "application/x-msdownload", "size": 1}, "media_type"),
            ({"name": "a.pdf", "media_type": PDF, "size": 50_000_000}, "size"),
            ({"name": "a.pdf", "media_type": PDF, "size": 0}, "size"),
            ({"name": "", "media_type": PDF, "size": 1}, "name"),
            ({"name": "x" * 256, "media_type": PDF, "size": 1}, "name"),
            ({"name": "a.pdf", "media_type": PDF, "size": 1, "key": "b"}, "key"),
        ],
    )
    def test_an_unknown_type_or_a_size_of_50_mb_is_refused_and_the_ticket_stays(
        self, customer: Customer, body: dict[str, Any], field: str
    ) -> None:
        """M9."""
        reply = customer.send("POST", "/queries/{id}/attachments", body)

        assert reply.status == 400
        (fault,) = reply.body["errors"]
        assert fault["field"] == field
        if field == "size" and body["size"]:
            assert fault["limit"] == 20_000_000
        assert customer.listed() == []
        assert customer.gateway.fetch(customer.id, customer.token).status == 200

    def test_a_ticket_has_at_most_twenty_files(self, customer: Customer) -> None:
        generous = mock.patch.object(customer.gateway.function.module, "_admit")
        with generous:
            replies = [customer.announce() for _ in range(21)]

        assert [each.status for each in replies] == [201] * 20 + [409]
        assert replies[-1].body["title"] == "Too many files"

    def test_a_repeated_announcement_is_one_file(self, customer: Customer) -> None:
        first = customer.announce(headers=KEY)
        again = customer.announce(headers=KEY)

        assert (again.status, again.body["attachment"]) == (201, first.body["attachment"])
        assert len(customer.listed()) == 1
        other = customer.announce("other.pdf", headers=KEY)
        assert (other.status, other.body["title"]) == (409, "Idempotency-Key reused")

    def test_an_announcement_is_counted_against_the_customers_limit(
        self, customer: Customer
    ) -> None:
        enough = range(400)  # a slow machine is given more while it asks

        assert any(customer.announce().status == 429 for _ in enough)


class TestReading:
    @pytest.mark.parametrize(
        ("content", "name", "kind"),
        [
            (b"marker in a text", "a.txt", "text/plain"),
            (b"one,marker\n", "a.csv", "text/csv"),
            (samples.docx(samples.paragraph("marker in Word")), "a.docx", DOCX),
        ],
    )
    def test_what_stands_in_a_file_is_kept_with_the_ticket(
        self, customer: Customer, content: bytes, name: str, kind: str
    ) -> None:
        """M8; all six kinds, by mail, are in test_mail_files."""
        file, text = customer.sent(content, name, kind)

        assert (file.state, file.why) == (State.READY, None)
        assert "marker" in text
        assert customer.listed()[0]["state"] == "ready"

    def test_a_file_that_came_has_its_ticket_looked_at_again(self, customer: Customer) -> None:
        customer.stack.take_messages("IntakeQueueUrl")
        customer.sent(b"my money back", "a.txt", "text/plain")

        assert customer.stack.take_messages("IntakeQueueUrl") == [f'{{"ticket":"{customer.id}"}}']

    def test_a_message_that_comes_twice_is_done_once(self, customer: Customer) -> None:
        file, _ = customer.sent(b"text", "a.txt", "text/plain")
        with mock.patch.object(customer.documents.module, "read_in_child") as read:
            customer.take_in()

        assert not read.called
        assert customer.register.get(customer.id, 1) == file

    def test_a_broken_installation_is_no_reason_of_the_file(self, customer: Customer) -> None:
        customer.upload(customer.announce(size=4, kind="text/plain"), b"text")
        module = customer.documents.module
        with mock.patch.object(module, "read_in_child", side_effect=OSError("no process")):
            told = customer.take_in()

        assert told == {"batchItemFailures": [{"itemIdentifier": "m"}]}
        assert customer.listed()[0]["state"] == "being_checked"
        assert customer.take_in() == {"batchItemFailures": []}, "as the redrive does"
        assert customer.listed()[0]["state"] == "ready"

    def test_the_first_message_of_a_new_bucket_is_no_failure(self, documents: Function) -> None:
        body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})

        assert documents({"Records": [record("m", body, 1)]}) == {"batchItemFailures": []}

    def test_a_message_of_another_sender_becomes_a_dead_letter(self, documents: Function) -> None:
        told = documents({"Records": [record("m", '{"Records": [{"key": "x"}]}', 1)]})

        assert told == {"batchItemFailures": [{"itemIdentifier": "m"}]}

    def test_nothing_that_a_customer_wrote_is_logged(
        self, customer: Customer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        customer.sent(b"zanzibarquince", "zanzibarquince.txt", "text/plain")
        customer.fetch()
        module = customer.documents.module
        customer.upload(customer.announce("zanzibarquince.txt", "text/plain", 4), b"text")
        with mock.patch.object(module, "read_in_child", side_effect=OSError("zanzibarquince")):
            customer.take_in(2)
        out = "".join(capsys.readouterr())

        assert "taking in failed" in out
        assert customer.id in out
        assert "zanzibar" not in out


HOSTILE: dict[str, tuple[Callable[[], bytes], str, str, set[Why]]] = {
    "an encrypted PDF": (hostile.locked, "a.pdf", PDF, {Why.ENCRYPTED}),
    "a document that unpacks to 300 MB": (
        lambda: hostile.docx_bomb(300), "a.docx", DOCX, {Why.TOO_LARGE, Why.TOO_COSTLY},
    ),
    "entities that laugh a billion times": (
        hostile.laughing, "a.docx", DOCX, {Why.DOCUMENT_TYPE},
    ),
    "a sheet that wants the machine's passwords": (
        hostile.reaching_out, "a.xlsx", list(files.TYPES)[2], {Why.DOCUMENT_TYPE},
    ),
    "twenty thousand nested tables": (hostile.nested_tables, "a.docx", DOCX, {Why.TOO_DEEP}),
    "pages in a circle": (hostile.cyclic_pages, "a.pdf", PDF, {Why.UNREADABLE, Why.NO_TEXT}),
    "a form that draws itself": (hostile.drawing_itself, "a.pdf", PDF, {Why.TOO_COSTLY}),
    "an unknown kind": (lambda: b"MZ\x90\x00" + bytes(200), "a.bin", "image/png", {Why.NOT_READ}),
    "a name that climbs": (lambda: b"\x00\x01" * 50, "../../a.pdf", PDF, {Why.UNREADABLE}),
}  # fmt: skip


class TestHostileFiles:
    @pytest.mark.parametrize("what", HOSTILE)
    def test_a_hostile_file_gives_a_reason_and_no_failure(
        self, customer: Customer, what: str
    ) -> None:
        """M9: the ticket stays, the message is done, the file's place has nothing of its name."""
        make, name, kind, reasons = HOSTILE[what]

        file, text = customer.sent(make(), name, kind)

        assert (file.state, text) == (State.READY, "")
        assert file.why in reasons
        assert file.name == name.rpartition("/")[2]
        (listed,) = customer.listed()
        assert listed["reason"] == file.why.text
        assert customer.objects() == [f"attachments/{customer.id}/1"]
        assert customer.gateway.fetch(customer.id, customer.token).status == 200

    def test_the_function_that_was_given_hostile_files_reads_the_next_one(
        self, customer: Customer
    ) -> None:
        """One environment takes them in turn; none leaves a process behind."""
        for make, name, kind, _ in HOSTILE.values():
            customer.sent(make(), name, kind)
        file, text = customer.sent(b"The lid broke", "next.txt", "text/plain")

        assert (file.state, file.why, text) == (State.READY, None, "The lid broke")
        assert len(customer.listed()) == len(HOSTILE) + 1
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)

    def test_a_file_larger_than_announced_is_refused_before_it_is_read(
        self, customer: Customer
    ) -> None:
        """S3 holds to the form; if it did not, the size alone would decide."""
        customer.announce()
        clients.s3().put_object(
            Bucket=customer.stack.outputs["FilesBucket"],
            Key=files.key_of(customer.id, 1),
            Body=bytes(50_000_000),
        )
        with mock.patch.object(customer.documents.module, "read_in_child") as read:
            customer.take_in()

        assert not read.called
        (listed,) = customer.listed()
        assert (listed["state"], listed["reason"]) == ("refused", Why.TOO_LARGE.text)
        assert customer.fetch().status == 403


class TestLinks:
    @pytest.fixture
    def customer(self, customer: Customer) -> Customer:
        customer.sent(b"text", "Übersicht.txt", "text/plain")
        return customer

    def test_a_link_opens_for_at_most_five_minutes_and_saves_the_file(
        self, customer: Customer
    ) -> None:
        """M11: it opens."""
        reply = customer.fetch()

        assert (reply.status, reply.text) == (303, "")
        assert reply.headers["Cache-Control"] == "no-store"
        url, now = reply.headers["Location"], datetime.now(UTC)
        asked = parse_qs(urlsplit(url).query)
        assert int(asked["X-Amz-Expires"][0]) <= 300
        assert asked["response-content-disposition"] == [files.disposition("Übersicht.txt")]
        assert asked["response-content-type"] == ["application/octet-stream"]
        assert asked["response-cache-control"] == ["no-store"]
        assert urlsplit(url).path.endswith(f"attachments/{customer.id}/1")
        assert urlsplit(url).netloc.endswith(".s3.eu-central-1.amazonaws.com")
        assert opens(url, at=now)
        assert opens(url, at=now + timedelta(seconds=290))

    def test_an_expired_link_is_refused(self, customer: Customer) -> None:
        """M11: after 300 seconds S3 says 403."""
        url = customer.fetch().headers["Location"]

        assert not opens(url, at=datetime.now(UTC) + timedelta(seconds=301))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("X-Amz-Expires=300", "X-Amz-Expires=604800"),
            ("/1?", "/2?"),
            ("octet-stream", "html"),
            ("response-cache-control=no-store", "response-cache-control=public"),
        ],
    )
    def test_a_tampered_link_is_refused(self, customer: Customer, old: str, new: str) -> None:
        url = customer.fetch().headers["Location"]
        changed = url.replace(old, new)

        assert changed != url
        assert not opens(changed, at=datetime.now(UTC))

    @pytest.mark.parametrize("number", ["-1", "0", "2", "99", "1.0", "01", "abc"])
    def test_a_link_to_index_minus_one_or_beyond_the_end_is_not_found(
        self, customer: Customer, number: str
    ) -> None:
        """M11."""
        reply = customer.fetch(number)

        assert (reply.status, reply.body["detail"]) == (404, "the ticket has no such file")
        assert "Location" not in reply.headers

    def test_a_foreign_file_looks_like_a_missing_ticket(self, customer: Customer) -> None:
        """M11: 404 and not 403, which would say that there is such a ticket."""
        other = customer.gateway.submit({"text": "Another question"}).body
        foreign = customer.fetch(token=other["token"])
        missing = customer.fetch(id="0000000000000000")

        assert (foreign.status, foreign.text) == (missing.status, missing.text)
        assert (foreign.status, foreign.body["title"]) == (404, "Not found")

    def test_without_a_token_or_with_an_unsigned_link_no_file_is_seen(
        self, customer: Customer
    ) -> None:
        """M11: 401, and without an API key the gateway's 403; agents read by their policy."""
        path = "/queries/{id}/attachments/{number}"
        bare = customer.gateway.request("GET", path, id=customer.id, number="1")
        url = customer.fetch().headers["Location"]

        assert bare.status == 401
        assert not opens(url.partition("?")[0], at=datetime.now(UTC))

    def test_a_content_that_is_sent_again_is_given_out_after_it_is_checked(
        self, customer: Customer
    ) -> None:
        bucket, key = customer.stack.outputs["FilesBucket"], files.key_of(customer.id, 1)
        clients.s3().put_object(Bucket=bucket, Key=key, Body=b"another content")

        early = customer.fetch()
        assert (early.status, early.body["title"]) == (409, "Not ready")
        assert early.headers["Retry-After"] == "2"
        customer.take_in()
        assert customer.fetch().status == 303


def test_a_file_on_its_way_is_told_so(customer: Customer) -> None:
    customer.announce()
    reply = customer.fetch()

    assert (reply.status, reply.body["detail"]) == (409, "The file has not arrived yet.")


class TestScanning:
    @pytest.fixture
    def customer(self, customer: Customer, template: dict[str, Any], stack: Stack) -> Customer:
        scanning = stack.where("DocumentsFunction", MALWARE_SCAN="on")
        customer.documents = load(template, scanning, "DocumentsFunction")
        customer.upload(customer.announce("a.txt", "text/plain", 4), b"text")
        customer.take_in()
        return customer

    def tag(self, customer: Customer, verdict: str) -> None:
        """Do what GuardDuty does, whose tag is an event of the bucket."""
        clients.s3().put_object_tagging(
            Bucket=customer.stack.outputs["FilesBucket"],
            Key=files.key_of(customer.id, 1),
            Tagging={"TagSet": [{"Key": "GuardDutyMalwareScanStatus", "Value": verdict}]},
        )
        customer.take_in()

    def test_being_checked_is_an_answer(self, customer: Customer) -> None:
        assert customer.listed()[0]["state"] == "being_checked"
        reply = customer.fetch()
        assert reply.status == 409
        assert "being checked" in reply.body["detail"]

    def test_a_clean_file_is_read_and_given_out(self, customer: Customer) -> None:
        self.tag(customer, "NO_THREATS_FOUND")

        assert customer.listed()[0]["state"] == "ready"
        assert customer.fetch().status == 303

    def test_nothing_asks_the_bucket_for_a_content_that_is_not_clean(
        self, customer: Customer, stack: Stack
    ) -> None:
        """The bucket's policy would refuse it, and its head, which moto does not."""
        with recording(stack) as calls:
            customer.take_in()
            assert customer.fetch().status == 409
            self.tag(customer, "THREATS_FOUND")
            assert customer.fetch().status == 403

        assert calls
        assert not [call for call in calls if call.action == "s3:GetObject"]

    def test_a_clean_file_that_is_replaced_is_being_checked_again(
        self, customer: Customer, stack: Stack
    ) -> None:
        self.tag(customer, "NO_THREATS_FOUND")
        at = {"Bucket": stack.outputs["FilesBucket"], "Key": files.key_of(customer.id, 1)}
        clients.s3().put_object(**at, Body=b"another content")

        with recording(stack) as calls:
            assert customer.fetch().status == 409
            customer.take_in()
            assert customer.fetch().status == 409

        assert not [call for call in calls if call.action == "s3:GetObject"]
        assert customer.listed()[0]["state"] == "being_checked"

    def test_one_that_is_replaced_while_it_is_read_is_looked_at_again(
        self, customer: Customer, stack: Stack
    ) -> None:
        """The verdict was of the earlier content: S3 refuses the new one."""
        bucket = Parts(resources=Resources.of_outputs(stack.outputs)).files
        stored = bucket.look(customer.id, 1)
        refusal = {"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}
        with (
            mock.patch.object(
                BaseClient, "_make_api_call", side_effect=ClientError(refusal, "GetObject")
            ),
            pytest.raises(ConflictError),
        ):
            bucket.read(customer.id, 1, stored)

    @pytest.mark.parametrize(
        ("verdict", "why"),
        [
            ("THREATS_FOUND", Why.MALWARE),
            ("UNSUPPORTED", Why.NOT_SCANNED),
            ("ACCESS_DENIED", Why.NOT_SCANNED),
            ("FAILED", Why.NOT_SCANNED),
            ("a verdict of next year", Why.NOT_SCANNED),
        ],
    )
    def test_any_other_verdict_keeps_a_file_in(
        self, customer: Customer, verdict: str, why: Why
    ) -> None:
        self.tag(customer, verdict)

        (listed,) = customer.listed()
        assert (listed["state"], listed["reason"]) == ("refused", why.text)
        reply = customer.fetch()
        assert (reply.status, reply.body["title"]) == (403, "Refused")


class TestErasing:
    def items(self, customer: Customer) -> list[str]:
        table = boto3.resource("dynamodb").Table(customer.stack.outputs["TicketsTable"])
        found = table.scan()["Items"]
        return [item["pk"].partition("#")[0] for item in found if customer.id in item["pk"]]

    def test_a_ticket_is_erased_with_its_files_and_their_text(self, customer: Customer) -> None:
        customer.sent(b"text", "a.txt", "text/plain")
        customer.announce()
        assert set(self.items(customer)) == {"TICKET", "FILES"}

        assert customer.send("DELETE", "/queries/{id}").status == 204

        assert self.items(customer) == ["ERASURE"]
        assert customer.objects() == []

    def test_a_file_that_arrives_after_the_erasure_is_deleted(self, customer: Customer) -> None:
        reply = customer.announce("a.txt", "text/plain", 4)
        customer.send("DELETE", "/queries/{id}")
        customer.upload(reply, b"text")

        assert customer.take_in() == {"batchItemFailures": []}
        assert customer.objects() == []
        assert self.items(customer) == ["ERASURE"]

    def test_every_version_goes_where_a_bucket_keeps_versions(self, customer: Customer) -> None:
        s3, bucket = clients.s3(), customer.stack.outputs["FilesBucket"]
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        try:
            for content in (b"text", b"more"):
                s3.put_object(Bucket=bucket, Key=files.key_of(customer.id, 1), Body=content)
            s3.delete_object(Bucket=bucket, Key=files.key_of(customer.id, 1))
            assert len(customer.objects()) == 2
            customer.send("DELETE", "/queries/{id}")
            left = s3.list_object_versions(Bucket=bucket, Prefix=files.folder_of(customer.id))
        finally:
            off = {"Status": "Suspended"}
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=off)

        assert not left.get("Versions")
        assert not left.get("DeleteMarkers")

    def test_the_files_of_others_stay(self, customer: Customer) -> None:
        customer.sent(b"text", "a.txt", "text/plain")
        other = customer.gateway.submit({"text": "Another question"}).body
        customer.gateway.request(
            "DELETE",
            "/queries/{id}",
            id=other["id"],
            headers={"Authorization": f"Bearer {other['token']}"},
        )

        assert len(customer.objects()) == 1
        assert customer.fetch().status == 303

    def test_a_file_that_expired_is_erased_with_its_text(self, customer: Customer) -> None:
        customer.sent(b"text", "a.txt", "text/plain")
        clients.s3().delete_object(
            Bucket=customer.stack.outputs["FilesBucket"], Key=files.key_of(customer.id, 1)
        )
        customer.take_in()

        assert customer.listed()[0]["state"] == "erased"
        assert customer.register.text(customer.id, 1) == ""
        assert customer.fetch().status == 410

    def test_a_file_cannot_be_announced_for_a_ticket_that_is_gone(self, customer: Customer) -> None:
        """Also where the erasure comes between the look at the ticket and the write."""
        tickets = customer.gateway.function.module.needs().tickets
        before = tickets.get(customer.id)
        customer.send("DELETE", "/queries/{id}")
        with mock.patch.object(type(tickets), "get", return_value=before):
            reply = customer.announce()

        assert reply.status == 409
        assert self.items(customer) == ["ERASURE"]


class TestWhatAFileSays:
    @pytest.fixture
    def worker(self, template: dict[str, Any], stack: Stack) -> Function:
        articles = DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))
        articles.put(an_article("refund"))
        function = load(template, stack, "WorkerFunction")
        script = {
            KNOWN: an_understanding(("refund", 0.9)),
            "See the file, please.": an_understanding(("nothing", 0.1), scope=0.0),
        }
        understand_with(function, lambda: ScriptedUnderstander(script))
        return function

    def work(self, worker: Function, customer: Customer) -> Ticket:
        body = json.dumps({"ticket": customer.id})
        assert worker({"Records": [record("m", body, 1)]}) == {"batchItemFailures": []}
        table = clients.table(customer.stack.outputs["TicketsTable"])
        found = DynamoTickets(table).get(customer.id)
        assert found
        return found

    def test_a_refund_request_that_stands_in_the_file_alone_gives_the_category(
        self, customer: Customer, worker: Function
    ) -> None:
        """M10, with a message that says nothing; a mail without text is in test_mail_files."""
        customer.sent(samples.docx(samples.paragraph(KNOWN)), "letter.docx", DOCX)

        after = self.work(worker, customer)

        assert (after.state, after.category) == ("escalated", an_article("refund").category)

    def test_a_ticket_waits_for_its_file_and_then_people_have_it_with_its_matter(
        self, customer: Customer, worker: Function, capsys: pytest.CaptureFixture[str]
    ) -> None:
        reply = customer.announce("a.txt", "text/plain", len(KNOWN))
        assert self.work(worker, customer).state == "received"
        assert '"message":"waiting"' in capsys.readouterr().out
        customer.upload(reply, KNOWN.encode())
        customer.stack.take_messages("IntakeQueueUrl")
        customer.take_in()
        assert customer.stack.take_messages("IntakeQueueUrl")

        after = self.work(worker, customer)
        assert (after.state, after.category) == ("escalated", an_article("refund").category)

    def test_a_file_that_does_not_come_is_not_waited_for_after_the_time_that_is_set(
        self, customer: Customer, worker: Function
    ) -> None:
        customer.announce("a.txt", "text/plain", 9)
        later = datetime.now(UTC) + timedelta(seconds=61)
        with mock.patch.object(worker.module, "_now", return_value=later):
            after = self.work(worker, customer)

        assert (after.state, after.category) == ("escalated", None)

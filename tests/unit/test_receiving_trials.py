"""Test mails of leads: who may send one, what it says of itself, and what is told of it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from helpdesk import mail
from helpdesk.mail import Verdict
from helpdesk.ports import NotFoundError
from helpdesk.receiving import Draft, Enclosed, Fate, Held, Trials
from helpdesk.receiving.trying import LARGEST, is_trial
from helpdesk.ticket import NotAllowedError, TextError

from tests.fakes import ADA, LEAD, MORNING, Office
from tests.mailroom import MAILBOX, Room, open_room

DIGITS = "0123456789abcdef" * 2
NAME = f"test-{DIGITS}"
DRAFT = Draft(sender="Ada@customer.example", recipient="", subject="An order", text="Where is it?")


@dataclass
class Bucket:
    """What was stored, by its name."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def store(self, name: str, data: bytes) -> None:
        self.objects[name] = data

    def mail(self) -> EmailMessage:
        (raw,) = self.objects.values()
        found = message_from_bytes(raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def room(office: Office) -> Room:
    return open_room(office)


@pytest.fixture
def trials(room: Room, bucket: Bucket) -> Trials:
    return Trials(
        agent=LEAD,
        address=MAILBOX,
        shelf=room.mailbox,
        store=bucket.store,
        new_name=lambda: DIGITS,
        clock=lambda: MORNING,
    )


def test_what_a_lead_writes_is_a_mail_from_that_sender(trials: Trials, bucket: Bucket) -> None:
    trial = trials.write(replace(DRAFT, file=Enclosed("a.txt", "text/plain", b"12345")))

    assert (trial.name, trial.fate, trial.ticket_id) == (NAME, Fate.WAITS, None)
    found = bucket.mail()
    headers = [str(found[each]) for each in ("From", "To", "Subject", "X-Helpdesk-Test")]
    assert headers == ["ada@customer.example", MAILBOX, "An order", "yes"]
    assert found["Message-ID"] == f"<{DIGITS}@customer.example>"
    assert str(found["Date"]) == "Mon, 02 Mar 2026 09:00:00 +0000"
    body = found.get_body(("plain",))
    assert body
    assert body.get_content().strip() == "Where is it?"
    (file,) = found.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("a.txt", "text/plain")


def test_it_goes_to_another_address_if_the_lead_names_one(trials: Trials, bucket: Bucket) -> None:
    trials.write(replace(DRAFT, recipient="Support+x@shop.example"))

    assert str(bucket.mail()["To"]) == "support+x@shop.example"
    assert "for support+x@shop.example;" in str(bucket.mail()["Received"])


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("multipart/mixed; boundary=a", "application/octet-stream"),
        ("Image/PNG; name=x", "image/png"),
    ],
)
def test_a_file_is_of_a_type_that_a_mail_can_have(
    trials: Trials, bucket: Bucket, said: str, sent: str
) -> None:
    trials.write(replace(DRAFT, file=Enclosed("a", said, b"1")))

    (file,) = bucket.mail().iter_attachments()
    assert file.get_content_type() == sent


@pytest.mark.parametrize(
    "draft",
    [
        replace(DRAFT, sender="nobody"),
        replace(DRAFT, sender="größe@customer.example"),
        replace(DRAFT, sender="a@x.example\r\nBcc: b@x.example"),
        replace(DRAFT, recipient="nobody"),
        replace(DRAFT, text=" \n"),
        replace(DRAFT, file=Enclosed("a", "text/plain", b"1" * LARGEST)),
    ],
)
def test_what_no_mail_has_is_refused(trials: Trials, bucket: Bucket, draft: Draft) -> None:
    with pytest.raises(TextError):
        trials.write(draft)

    assert not bucket.objects


def test_no_header_comes_in_by_what_is_written(trials: Trials, bucket: Bucket) -> None:
    file = Enclosed("a\r\nBcc: b@x.example", "text/plain", b"1")
    trials.write(replace(DRAFT, subject="Hi\r\nBcc: b@x.example", file=file))

    (raw,) = bucket.objects.values()
    assert b"bcc" not in raw.lower()


def test_a_mail_is_sent_byte_for_byte_and_no_check_is_made_up(
    trials: Trials, bucket: Bucket
) -> None:
    content = b"From: ada@customer.example\nX-SES-Spam-Verdict: PASS\n\nHi\xff"
    trials.send(content)

    assert bucket.objects[NAME].endswith(b"\r\nX-Helpdesk-Test: yes\r\n" + content)
    found = mail.read(bucket.objects[NAME], mailboxes=(MAILBOX,)).verdicts
    assert (found.spam, found.virus, found.dmarc) == (Verdict.GRAY, Verdict.GRAY, Verdict.NONE)


def test_only_leads_send(trials: Trials, bucket: Bucket) -> None:
    for send in (
        lambda by: by.send(b""),
        lambda by: by.write(DRAFT),
    ):
        with pytest.raises(NotAllowedError, match="ada is not a lead"):
            send(replace(trials, agent=ADA))

    assert not bucket.objects


class TestFate:
    def test_it_waits_and_then_is_on_a_ticket_that_says_so(
        self, trials: Trials, bucket: Bucket, room: Room
    ) -> None:
        trials.write(DRAFT)
        assert trials.of(NAME).fate is Fate.WAITS

        room.take(bucket.objects[NAME], f"inbound/{NAME}")

        found = trials.of(NAME)
        assert found.fate is Fate.TICKET
        assert found.ticket_id
        assert "A lead sent it as a test." in (room.last(found.ticket_id).note or "")

    def test_the_name_of_the_object_says_so_and_no_header(
        self, trials: Trials, bucket: Bucket, room: Room
    ) -> None:
        trials.write(DRAFT)
        taken = room.take(bucket.objects[NAME], "inbound/0123")

        assert "A lead" not in (room.last(taken.ticket_id or "").note or "")
        assert not is_trial("inbound/0123")

    def test_it_may_be_held_and_be_released(self, trials: Trials, room: Room) -> None:
        until = MORNING + timedelta(days=1)
        room.mailbox.hold(Held(key=f"inbound/{NAME}", at=MORNING, expires_at=until))

        assert trials.of(NAME).fate is Fate.HELD

    def test_it_may_be_on_no_ticket(self, trials: Trials, room: Room) -> None:
        key, until = f"inbound/{NAME}", MORNING + timedelta(days=1)
        held = Held(key=key, at=MORNING, expires_at=until)
        room.mailbox.hold(held)
        room.mailbox.forget(held)

        assert trials.of(NAME).fate is Fate.NONE

    @pytest.mark.parametrize("name", ["", "kims", "test-", f"{NAME}0", f"x{NAME}", f"{NAME}\n"])
    def test_what_is_no_test_mail_is_not_looked_up(self, trials: Trials, name: str) -> None:
        with pytest.raises(NotFoundError, match="is no test mail"):
            trials.of(name)

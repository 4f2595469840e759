"""What the desk does with a file that arrived, over a register and a bucket in memory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from helpdesk import files
from helpdesk.files import Arrival, Outcome, Reading, State, Verdict, Why
from helpdesk.ports import ConflictError

from tests.fakes import Office
from tests.filing import InMemoryRegister, InMemoryVault, an_attachment, reads_as_text


@dataclass
class Room:
    """A desk with one ticket and one file of it that is expected."""

    office: Office = field(default_factory=Office.open)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    scanned: bool = False
    read: Callable[[bytes, str, str], Reading] = reads_as_text

    def __post_init__(self) -> None:
        self.ticket_id = self.office.submit().ticket_id
        self.register = InMemoryRegister(an_attachment(self.ticket_id))
        self.office.intake.lose_everything()

    @property
    def at(self) -> tuple[str, int]:
        return self.ticket_id, 1

    @property
    def file(self) -> files.Attachment:
        found = self.register.get(*self.at)
        assert found
        return found

    def put(self, content: bytes = b"the refund of order 12345") -> None:
        self.vault.objects[self.at] = content

    def take_in(self) -> Outcome:
        return files.take_in(
            Arrival(*self.at),
            register=self.register,
            vault=self.vault,
            read=self.read,
            scanned=self.scanned,
            tickets=self.office.tickets,
            intake=self.office.intake,
        )


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_file_is_read_and_its_ticket_is_looked_at_again(room: Room) -> None:
    room.put()

    assert room.take_in() is Outcome.READ
    assert (room.file.state, room.file.why) == (State.READY, None)
    assert room.register.text(*room.at) == "the refund of order 12345"
    assert room.office.intake.ticket_ids == [room.ticket_id]


def test_a_second_message_of_the_same_file_does_nothing(room: Room) -> None:
    room.put()
    room.take_in()
    writes = room.register.writes

    assert room.take_in() is Outcome.ALREADY_DONE
    assert (room.register.writes, room.vault.reads) == (writes, 1)


def test_a_reader_that_ends_early_is_done_again_and_once(room: Room) -> None:
    room.put()

    def breaks(*_: Any) -> Reading:
        raise OSError("no process can be started")

    room.read = breaks
    with pytest.raises(OSError, match="no process"):
        room.take_in()
    assert room.file.state is State.CHECKED
    room.read = reads_as_text

    assert room.take_in() is Outcome.READ


def test_of_two_that_read_at_once_one_writes(room: Room) -> None:
    room.put()
    readings = 0

    def overtaken(content: bytes, name: str, declared: str) -> Reading:
        nonlocal readings
        readings += 1
        if readings == 1:
            assert room.take_in() is Outcome.READ
        return reads_as_text(content, name, declared)

    room.read = overtaken

    assert room.take_in() is Outcome.ALREADY_DONE
    assert (readings, room.file.version) == (2, 3)


def test_a_file_that_is_sent_again_while_it_is_read_is_read_again(room: Room) -> None:
    room.put(b"old")

    def replaced(content: bytes, name: str, declared: str) -> Reading:
        if content == b"old":
            room.put(b"new")
            with pytest.raises(ConflictError):
                room.vault.read(*room.at, files.Stored(3, "old"))
            room.take_in()
        return reads_as_text(content, name, declared)

    room.read = replaced
    room.take_in()

    assert room.register.text(*room.at) == "new"


def test_a_file_without_text_has_the_reason_and_is_ready(room: Room) -> None:
    room.put()
    room.read = lambda *_: Reading(text="", kind="pdf", why=Why.TOO_COSTLY)

    assert room.take_in() is Outcome.UNREAD
    assert (room.file.state, room.file.why) == (State.READY, Why.TOO_COSTLY)


def test_a_file_that_is_too_large_is_not_even_opened(room: Room) -> None:
    room.put(bytes(files.LARGEST + 1))

    assert room.take_in() is Outcome.REFUSED
    assert (room.file.state, room.file.why, room.vault.reads) == (
        State.REFUSED, Why.TOO_LARGE, 0,
    )  # fmt: skip


def test_a_file_of_no_ticket_is_deleted(room: Room) -> None:
    room.put()
    room.register.forget(room.ticket_id)

    assert room.take_in() is Outcome.DISCARDED
    assert not room.vault.objects
    assert not room.office.intake.ticket_ids


def test_a_file_whose_ticket_is_erased_while_it_is_read_leaves_nothing(room: Room) -> None:
    room.put()

    def erased(content: bytes, name: str, declared: str) -> Reading:
        room.register.forget(room.ticket_id)
        return reads_as_text(content, name, declared)

    room.read = erased

    assert room.take_in() is Outcome.DISCARDED
    assert not room.vault.objects
    assert room.register.get(*room.at) is None


def test_a_file_that_expired_is_erased_with_its_text(room: Room) -> None:
    room.put()
    room.take_in()
    room.vault.objects.clear()

    assert room.take_in() is Outcome.ERASED
    assert (room.file.state, room.register.text(*room.at)) == (State.ERASED, "")
    assert room.take_in() is Outcome.ALREADY_DONE


def test_a_message_that_comes_before_its_file_changes_nothing(room: Room) -> None:
    assert room.take_in() is Outcome.ALREADY_DONE
    assert room.file.state is State.EXPECTED


class TestScanning:
    @pytest.fixture
    def room(self) -> Room:
        return Room(scanned=True)

    def test_a_file_waits_for_the_scanner_and_is_not_opened_before(self, room: Room) -> None:
        room.put()

        assert room.take_in() is Outcome.WAITING
        assert room.take_in() is Outcome.WAITING
        assert (room.file.state, room.vault.reads) == (State.CHECKED, 0)
        assert not room.office.intake.ticket_ids
        room.vault.verdicts[room.at] = Verdict.CLEAN
        assert room.take_in() is Outcome.READ
        assert room.file.state is State.READY

    def test_a_file_with_malware_is_refused_and_never_opened(self, room: Room) -> None:
        room.put()
        room.vault.verdicts[room.at] = Verdict.MALWARE

        assert room.take_in() is Outcome.REFUSED
        assert (room.file.why, room.vault.reads) == (Why.MALWARE, 0)


def test_a_ticket_that_is_past_the_worker_is_not_queued_again(room: Room) -> None:
    room.put()
    room.office.process(room.ticket_id)

    room.take_in()

    assert not room.office.intake.ticket_ids


def test_a_queue_that_is_down_only_delays_the_ticket(room: Room) -> None:
    room.put()
    room.office.intake.down = True

    assert room.take_in() is Outcome.READ


def a_message(*keys: str) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}} for key in keys]})


def test_a_message_of_the_bucket_names_its_files() -> None:
    key = files.key_of("0123456789abcdef", 3)

    assert files.arrivals(a_message(key, "strange/key", "attachments%2F0123456789abcdef%2F4")) == (
        Arrival("0123456789abcdef", 3),
        Arrival("0123456789abcdef", 4),
    )


def test_the_bucket_s_first_message_names_none() -> None:
    assert files.arrivals('{"Service": "Amazon S3", "Event": "s3:TestEvent"}') == ()


@pytest.mark.parametrize(
    "body",
    ["", "[]", "7", "[" * 20_000, '{"Records": 7}', '{"Records": [{}]}', '{"Records": [7]}'],
)
def test_a_message_of_another_sender_is_an_error(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        files.arrivals(body)

"""What becomes of the files of a mail: files of its ticket, or a sentence that says why not."""

from dataclasses import replace
from unittest import mock

import pytest
from helpdesk import files
from helpdesk.files import enclosing
from helpdesk.receiving import SMALL_PICTURE, Outcome

from tests.fakes import Office
from tests.filing import an_attachment
from tests.mailroom import SPAM, VIRUS, Room, asked, bill, open_room, replied
from tests.mails import BLOCK, part, parts, whole


@pytest.fixture
def room(office: Office) -> Room:
    return open_room(office)


class TestFiles:
    """The files of a mail are files of its ticket: announced with the message, kept after it."""

    def attached(self, *inner: bytes, block: bytes = BLOCK) -> bytes:
        return block + whole(parts("mixed", part("text/plain", b"see"), *inner))

    def known(self, room: Room, ticket_id: str) -> list[files.Attachment]:
        return list(room.office.tickets.register.of(ticket_id))

    def test_a_file_is_announced_with_the_message_and_kept(self, room: Room) -> None:
        ticket_id = room.submitted(self.attached(bill(b"%PDF-1")))

        (file,) = self.known(room, ticket_id)
        assert (file.number, file.name, file.media_type) == (1, "bill.pdf", "application/pdf")
        assert (file.size, file.state) == (6, files.State.EXPECTED)
        assert file.expires_at == room.ticket(ticket_id).expires_at
        assert room.vault.objects == {(ticket_id, 1): b"%PDF-1"}
        assert room.office.intake.ticket_ids == [ticket_id]
        assert "It has 1 file: bill.pdf." in (room.last(ticket_id).note or "")

    def test_it_is_announced_before_the_worker_is_told(self, room: Room) -> None:
        seen = []
        send = room.office.intake.send

        def told(ticket_id: str) -> None:
            seen.append(self.known(room, ticket_id))
            send(ticket_id)

        with mock.patch.object(room.office.intake, "send", told):
            room.submitted(self.attached(bill(b"%PDF-1")))
        assert [[each.name for each in files] for files in seen] == [["bill.pdf"]]

    def test_a_mail_that_comes_twice_has_its_files_once(self, room: Room) -> None:
        raw = self.attached(bill(b"1"), bill(b"2"))
        ticket_id = room.take(raw, "inbound/a").ticket_id or ""
        room.vault.objects.clear()
        assert room.take(raw, "inbound/a").outcome is Outcome.REPEATED

        assert [each.number for each in self.known(room, ticket_id)] == [1, 2]
        assert room.vault.objects == {(ticket_id, 1): b"1", (ticket_id, 2): b"2"}

    def test_what_was_seen_is_not_kept_again(self, room: Room) -> None:
        raw = self.attached(bill(b"1"))
        ticket_id = room.take(raw, "inbound/a").ticket_id or ""
        (file,) = self.known(room, ticket_id)
        read = replace(file, state=files.State.READY, etag="1", version=2)
        room.office.tickets.register.change(file, read)
        room.vault.objects.clear()
        room.take(raw, "inbound/a")

        assert room.vault.objects == {}

    def test_an_answer_goes_on_with_the_numbers(self, room: Room) -> None:
        ticket_id = room.submitted(self.attached(bill(b"1")))
        answer = self.attached(bill(b"2", name=b"more.pdf"))
        to = replied(ticket_id).split(b"To: ", 1)[1].split(b"\r\n", 1)[0]
        room.take(answer.replace(b"support@shop.example", to, 2))

        assert [each.name for each in self.known(room, ticket_id)] == ["bill.pdf", "more.pdf"]
        assert room.vault.objects[ticket_id, 2] == b"2"

    def test_a_virus_releases_no_file(self, room: Room) -> None:
        ticket_id = room.submitted(self.attached(bill(b"1"), block=VIRUS))

        (file,) = self.known(room, ticket_id)
        assert (file.state, file.why) == (files.State.REFUSED, files.Why.MALWARE)
        assert room.vault.objects == {}

    def test_what_is_not_taken_is_named_with_its_reason(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("helpdesk.files.model.LARGEST", 3)
        program = bill(b"MZ", name=b"run.exe", kind="application/x-msdownload")
        raw = self.attached(
            program, bill(b"1234", name=b"big.pdf"), bill(b"", name=b"no.pdf"), bill(b"1")
        )
        ticket_id = room.submitted(raw)

        note = room.last(ticket_id).note or ""
        assert "run.exe (files of this kind are not taken)" in note
        assert "big.pdf (it has more than " in note
        assert "no.pdf (it is empty)" in note
        assert [each.name for each in self.known(room, ticket_id)] == ["bill.pdf"]

    def test_of_too_many_files_those_within_the_text_are_left_out_first(self, room: Room) -> None:
        photo = part(
            "image/png", b"x" * SMALL_PICTURE, b"Content-ID: <p>", b"Content-Disposition: inline"
        )
        ticket_id = room.submitted(self.attached(photo, *[bill(b"1")] * files.MOST_FILES))

        found = self.known(room, ticket_id)
        assert len(found) == files.MOST_FILES
        assert {each.name for each in found} == {"bill.pdf"}
        assert "image.png (the ticket has 20 files" in (room.last(ticket_id).note or "")

    @pytest.mark.parametrize(
        ("size", "lines", "kept"),
        [
            (SMALL_PICTURE - 1, (b"Content-ID: <p>",), False),
            (SMALL_PICTURE, (b"Content-ID: <p>",), True),
            (10, (b"Content-Disposition: inline",), True),
            (10, (b"Content-ID: <p>", b"Content-Disposition: attachment"), True),
        ],
    )
    def test_small_pictures_of_signatures_are_left_out(
        self, room: Room, size: int, lines: tuple[bytes, ...], *, kept: bool
    ) -> None:
        ticket_id = room.submitted(self.attached(part("image/png", b"x" * size, *lines)))

        assert bool(self.known(room, ticket_id)) is kept
        assert "image.png" not in (room.last(ticket_id).note or "") or kept

    @pytest.mark.parametrize(
        ("name", "declared", "taken"),
        [
            ("a.PDF", "application/octet-stream", "application/pdf"),
            ("a.docx", "text/csv", "text/csv"),
            ("a.zip", "application/octet-stream", "application/octet-stream"),
            ("pdf", "application/x", "application/x"),
        ],
    )
    def test_a_file_of_no_declared_kind_is_what_its_name_says(
        self, name: str, declared: str, taken: str
    ) -> None:
        assert enclosing.type_of(declared, name) == taken

    def test_every_ending_is_of_a_type_that_is_taken(self) -> None:
        assert set(files.model.ENDINGS.values()) == set(files.TYPES)

    def test_files_of_spam_come_when_it_is_released(self, room: Room) -> None:
        raw = self.attached(bill(b"1"), block=SPAM)
        room.take(raw, "inbound/a")
        assert room.vault.objects == {}
        ticket_id = room.release("inbound/a", raw).ticket_id or ""
        room.vault.objects.clear()
        room.release("inbound/a", raw)

        assert room.vault.objects == {(ticket_id, 1): b"1"}

    def test_a_number_that_is_taken_meanwhile_is_not_taken_twice(self, room: Room) -> None:
        ticket_id = room.submitted(asked())
        register = room.office.tickets.register
        of, race = register.of, [an_attachment(ticket_id)]

        def looked(of_ticket: str) -> tuple[files.Attachment, ...]:
            found = of(of_ticket)
            while race:
                register.add(race.pop())
            return found

        with mock.patch.object(register, "of", looked):
            answer = self.attached(bill(b"2", name=b"more.pdf"))
            to = replied(ticket_id).split(b"To: ", 1)[1].split(b"\r\n", 1)[0]
            room.take(answer.replace(b"support@shop.example", to, 2))

        assert [each.name for each in self.known(room, ticket_id)] == ["invoice.pdf", "more.pdf"]

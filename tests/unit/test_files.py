"""What an attachment is: its name, its limits, and what becomes of it."""

import re
import string
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from helpdesk import characters, files
from helpdesk.file_contract import MEDIA_TYPES
from helpdesk.files import (
    LARGEST,
    MOST_FILES,
    MOST_TEXT,
    Announcement,
    Attachment,
    ErasedFileError,
    NotReadyError,
    Reading,
    RefusedError,
    State,
    Stored,
    TooManyFilesError,
    Verdict,
    Why,
    WrongFileError,
    deciding,
)
from helpdesk_documents import bounds
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import MORNING, Office
from tests.filing import PDF, SOON, an_attachment

STORED = Stored(size=900, etag="one")


class TestNames:
    @pytest.mark.parametrize(
        ("said", "clean"),
        [
            ("invoice.pdf", "invoice.pdf"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\windows\\system32\\evil.pdf", "evil.pdf"),
            ("/", "file"),
            ("..", "file"),
            ("   ", "file"),
            ("a/b/", "b"),
            (".htaccess", "htaccess"),
            ("CON.pdf", "_CON.pdf"),
            ("nul", "_nul"),
            ("in\r\nvoice\t.pdf", "in voice.pdf"),
            ("fdp\u202e.exe", "fdp.exe"),
            ('a<b>:"c|d?*.pdf', "a_b___c_d__.pdf"),
            ("Rechnung\u0308.pdf", "Rechnung\u0308.pdf"),
            ("u\u0308ber.pdf", "\u00fcber.pdf"),
            ("фото 1.png", "фото 1.png"),
        ],
    )
    def test_a_name_is_the_last_part_of_its_path_in_one_harmless_line(
        self, said: str, clean: str
    ) -> None:
        assert files.clean_name(said) == clean

    @given(st.text(max_size=400))
    def test_no_name_leaves_its_folder_or_hides_anything(self, said: str) -> None:
        name = files.clean_name(said)

        assert 0 < len(name) <= 120
        assert PurePosixPath(name).name == PureWindowsPath(name).name == name
        assert name not in {".", ".."}
        assert not characters.hides_something(name)
        assert files.clean_name(name) == name

    def test_a_long_name_keeps_its_ending(self) -> None:
        name = files.clean_name(f"{'x' * 300}.docx")

        assert (len(name), name[-5:]) == (120, ".docx")

    def test_a_browser_gets_a_plain_name_and_the_whole_one(self) -> None:
        assert files.disposition('Über "uns"; x.pdf') == (
            'attachment; filename="_ber _uns__ x.pdf"; '
            "filename*=UTF-8''%C3%9Cber%20%22uns%22%3B%20x.pdf"
        )

    @given(st.text(max_size=200))
    def test_a_header_has_no_more_parts_than_it_should(self, said: str) -> None:
        header = files.disposition(files.clean_name(said))

        assert header.isascii()
        assert set(header) <= set(string.printable) - set("\r\n\t\x0b\x0c")
        assert header.count(";") == 2
        assert header.count('"') == 2

    def test_the_place_of_a_file_has_no_name_in_it(self) -> None:
        key = files.key_of("0123456789abcdef", 7)

        assert key == "attachments/0123456789abcdef/7"
        assert files.kept_at(key) == ("0123456789abcdef", 7)

    @pytest.mark.parametrize(
        "key",
        [
            "attachments/0123456789abcdef/0",
            "attachments/0123456789abcdef/../1",
            "attachments/0123456789ABCDEF/1",
            "attachments/0123456789abcdef/1\n",
            "models/v1",
        ],
    )
    def test_nothing_else_is_taken_for_a_file(self, key: str) -> None:
        assert files.kept_at(key) is None

    @pytest.mark.parametrize(
        "said", ["-1", "0", "01", "1.0", "+1", "\u0661", "1 ", "", "99999", "x"]
    )
    def test_a_number_is_a_plain_one_from_1(self, said: str) -> None:
        assert files.number_said(said) is None
        assert files.number_said("12") == 12


class TestAnnouncing:
    def announced(self, *there: Attachment, now: timedelta = timedelta()) -> Attachment:
        office = Office.open()
        ticket = office.ticket(office.submit().ticket_id)
        wanted = Announcement("../Invoice.PDF", PDF, 1234)
        return deciding.announced(wanted, there, ticket=ticket, now=MORNING + now, life=SOON)[0]

    def test_an_announced_file_is_expected_until_its_link_ends(self) -> None:
        file = self.announced()

        assert (file.number, file.version, file.state) == (1, 1, State.EXPECTED)
        assert (file.name, file.media_type, file.size) == ("Invoice.PDF", PDF, 1234)
        assert file.upload_until == MORNING + SOON
        assert file.expires_at == MORNING + timedelta(days=400)
        assert file.is_awaited(MORNING)
        assert not file.is_awaited(MORNING + SOON)

    def test_the_next_file_has_the_next_number(self) -> None:
        assert self.announced(an_attachment(number=1), an_attachment(number=4)).number == 5

    @pytest.mark.parametrize("size", [0, -1, LARGEST + 1, 50_000_000])
    def test_a_file_of_no_or_too_many_bytes_is_refused_by_its_size(self, size: int) -> None:
        with pytest.raises(WrongFileError) as error:
            Announcement("a.pdf", PDF, size)

        assert (error.value.field, error.value.limit) == ("size", LARGEST)

    @pytest.mark.parametrize("kind", ["application/x-msdownload", "application/zip", "", "PDF"])
    def test_a_file_of_an_unknown_type_is_refused(self, kind: str) -> None:
        with pytest.raises(WrongFileError, match="application/pdf"):
            Announcement("a.exe", kind, 10)

    def test_a_ticket_has_at_most_twenty_files(self) -> None:
        there = [an_attachment(number=n, state=State.READY) for n in range(1, MOST_FILES + 1)]

        with pytest.raises(TooManyFilesError, match="20"):
            self.announced(*there)

    def test_a_file_that_never_came_gives_its_number_to_another(self) -> None:
        there = [an_attachment(number=n, state=State.READY) for n in range(1, MOST_FILES)]
        there.append(an_attachment(number=MOST_FILES))

        with pytest.raises(TooManyFilesError):
            self.announced(*there, now=SOON + timedelta(minutes=59))
        file = self.announced(*there, now=SOON + timedelta(minutes=60))
        assert (file.number, file.version) == (MOST_FILES, 2)

    def test_the_limits_are_those_of_the_reader(self) -> None:
        assert LARGEST == bounds.FILE
        assert tuple(files.TYPES) == MEDIA_TYPES

    @pytest.mark.parametrize("why", Why)
    def test_every_reason_is_a_sentence(self, why: Why) -> None:
        assert re.fullmatch(r"[A-Z][a-z ,:]+\.", why.text)


class TestArriving:
    def arrived(
        self, known: Attachment, verdict: Verdict | None = None, *, scanned: bool = False
    ) -> Attachment:
        return deciding.arrived(known, STORED, verdict, scanned=scanned)

    def test_a_file_that_came_is_being_checked(self) -> None:
        file = self.arrived(an_attachment())

        assert (file.state, file.size, file.etag, file.version) == (State.CHECKED, 900, "one", 2)

    def test_the_same_content_a_second_time_changes_nothing(self) -> None:
        checked = self.arrived(an_attachment())
        ready, _ = deciding.was_read(checked, Reading(text="x", kind="pdf"))

        assert self.arrived(checked) is checked
        assert self.arrived(ready) is ready

    def test_another_content_is_checked_again_and_what_was_read_is_forgotten(self) -> None:
        ready, _ = deciding.was_read(
            self.arrived(an_attachment()), Reading(text="x", kind="pdf", pages=3, cut=True)
        )
        again = deciding.arrived(ready, Stored(5, "two"), None, scanned=False)

        assert (again.state, again.etag, again.kind, again.pages, again.cut) == (
            State.CHECKED, "two", None, None, False,
        )  # fmt: skip

    @pytest.mark.parametrize(("size", "why"), [(LARGEST + 1, Why.TOO_LARGE), (0, Why.EMPTY)])
    def test_a_file_of_another_size_than_allowed_is_refused_before_it_is_read(
        self, size: int, why: Why
    ) -> None:
        file = deciding.arrived(an_attachment(), Stored(size, "one"), None, scanned=False)

        assert (file.state, file.why) == (State.REFUSED, why)
        assert deciding.arrived(file, Stored(size, "one"), None, scanned=False) is file

    @pytest.mark.parametrize(
        ("verdict", "state", "why"),
        [
            (None, State.CHECKED, None),
            (Verdict.CLEAN, State.CHECKED, None),
            (Verdict.MALWARE, State.REFUSED, Why.MALWARE),
            (Verdict.UNSUPPORTED, State.REFUSED, Why.NOT_SCANNED),
            (Verdict.DENIED, State.REFUSED, Why.NOT_SCANNED),
            (Verdict.FAILED, State.REFUSED, Why.NOT_SCANNED),
        ],
    )
    def test_only_what_the_scanner_found_clean_goes_on(
        self, verdict: Verdict | None, state: State, why: Why | None
    ) -> None:
        file = self.arrived(an_attachment(), verdict, scanned=True)

        assert (file.state, file.why) == (state, why)
        assert deciding.waits(verdict, scanned=True) == (verdict is None)
        assert self.arrived(an_attachment(), verdict).state is State.CHECKED, "nothing scans"
        assert not deciding.waits(verdict, scanned=False)

    def test_a_ready_file_in_which_malware_is_found_later_is_refused(self) -> None:
        ready, _ = deciding.was_read(self.arrived(an_attachment()), Reading(text="x", kind="pdf"))

        assert self.arrived(ready, Verdict.MALWARE, scanned=True).why is Why.MALWARE
        assert self.arrived(ready, None, scanned=True) is ready


class TestReading:
    def test_a_file_that_was_read_is_ready_with_as_much_text_as_is_kept(self) -> None:
        checked = an_attachment(state=State.CHECKED, version=2)
        reading = Reading(text="x" * (MOST_TEXT + 1), kind="docx", named="pdf", pages=3)

        file, text = deciding.was_read(checked, reading)

        assert (file.state, file.kind, file.named, file.pages) == (State.READY, "docx", "pdf", 3)
        assert (len(text), file.cut, file.version) == (MOST_TEXT, True, 3)

    def test_a_file_that_cannot_be_read_is_ready_with_the_reason(self) -> None:
        file, text = deciding.was_read(
            an_attachment(), Reading(text="", kind="pdf", why=Why.ENCRYPTED)
        )

        assert (file.state, file.why, text, file.cut) == (State.READY, Why.ENCRYPTED, "", False)

    def test_a_file_whose_content_is_gone_is_erased_unless_it_never_came(self) -> None:
        ready = an_attachment(state=State.READY, etag="one", kind="pdf")
        erased = deciding.lost(ready)

        assert (erased.state, erased.etag, erased.kind) == (State.ERASED, None, None)
        assert deciding.lost(erased) is erased
        assert deciding.lost(expected := an_attachment()) is expected


class TestGivingOut:
    @pytest.mark.parametrize(
        ("file", "error", "said"),
        [
            (an_attachment(), NotReadyError, "not arrived"),
            (an_attachment(state=State.CHECKED), NotReadyError, "being checked"),
            (an_attachment(state=State.REFUSED, why=Why.MALWARE), RefusedError, "malware"),
            (an_attachment(state=State.ERASED), ErasedFileError, "erased"),
        ],
    )
    def test_only_a_ready_file_is_given_out(
        self, file: Attachment, error: type[Exception], said: str
    ) -> None:
        with pytest.raises(error, match=said):
            files.check_released(file)

    def test_a_content_that_was_not_checked_is_not_given_out(self) -> None:
        ready = an_attachment(state=State.READY, etag="one")

        files.check_released(ready, STORED)
        with pytest.raises(NotReadyError, match="being checked"):
            files.check_released(ready, replace(STORED, etag="two"))

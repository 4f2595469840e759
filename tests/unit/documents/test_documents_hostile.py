"""A hostile file is answered with a reason, in its time, and the next file is read as ever."""

import os
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import helpdesk_documents
import pytest
from helpdesk.unread import Why
from helpdesk_documents import isolation
from helpdesk_documents.isolation import READING, Budget, ReaderBrokenError, read_in_child
from helpdesk_documents.kinds import Kind

from tests.regex_shape import faults
from tests.unit.documents import files, hostile

SLOW = pytest.mark.slow
HURRIED = Budget(memory=READING.memory, processor=1, wall=3)
PATIENT = 12
"""Seconds: the longest time that reading is given, and what a start takes."""


@pytest.fixture(autouse=True)
def the_next_file_is_read() -> Iterator[None]:
    yield
    assert read_in_child(files.docx(files.paragraph("next")), "a.docx", "").text == "next"


@pytest.mark.parametrize(
    ("made", "name", "reason"),
    [
        pytest.param(lambda: hostile.docx_bomb(100), "a.docx", Why.TOO_LARGE, id="docx"),
        pytest.param(lambda: hostile.xlsx_bomb(100), "a.xlsx", Why.TOO_LARGE, id="xlsx"),
        pytest.param(hostile.laughing, "a.docx", Why.DOCUMENT_TYPE, id="entities"),
        pytest.param(hostile.reaching_out, "a.xlsx", Why.DOCUMENT_TYPE, id="external entity"),
        pytest.param(hostile.nested_tables, "a.docx", Why.TOO_DEEP, id="nested tables"),
        pytest.param(hostile.nested_mail, "a.eml", Why.TOO_DEEP, id="nested mail"),
        pytest.param(hostile.cyclic_pages, "a.pdf", Why.UNREADABLE, id="cyclic pages"),
        pytest.param(hostile.locked, "a.pdf", Why.ENCRYPTED, id="password"),
        pytest.param(lambda: files.png(60_000, 60_000), "a.png", Why.TOO_LARGE, id="pixels"),
        pytest.param(lambda: bytes(50_000_000), "a.pdf", Why.TOO_LARGE, id="50 MB"),
        pytest.param(
            hostile.drawing_itself, "a.pdf", Why.TOO_COSTLY, id="drawing itself", marks=SLOW
        ),
        pytest.param(
            lambda: hostile.twice_deflated(1500), "a.pdf", Why.TOO_COSTLY, id="flate", marks=SLOW
        ),
        pytest.param(
            lambda: hostile.docx_bomb(1500),
            "a.docx",
            Why.TOO_LARGE,
            id="1.5 GB docx",
            marks=SLOW,
        ),
        pytest.param(
            lambda: hostile.xlsx_bomb(1500),
            "a.xlsx",
            Why.TOO_LARGE,
            id="1.5 GB xlsx",
            marks=SLOW,
        ),
    ],
)
def test_a_hostile_file_has_a_reason(made: hostile.Made, name: str, reason: Why) -> None:
    data = made()
    started = time.monotonic()
    found = read_in_child(data, name, "")

    assert (found.text, found.reason) == ("", reason)
    assert found.kind is Kind(name.partition(".")[2].replace("eml", "mail"))
    assert time.monotonic() - started < PATIENT


def test_what_only_looks_hostile_is_read() -> None:
    assert read_in_child(hostile.far_cell(), "a.xlsx", "").text == "Claims\nfar marker"
    assert "a marker" in read_in_child(hostile.endless_chain(), "a.xls", "").text
    found = read_in_child(hostile.many_pages(), "a.pdf", "")
    assert (found.pages, found.cut) == (10_000, True)
    assert "page 50" in found.text
    assert "page 51" not in found.text


def test_a_bomb_of_letters_is_cut() -> None:
    begin, end = f"<w:document {files.WORD}><w:p><w:t>", "</w:t></w:p></w:document>"
    data = hostile.bomb("word/document.xml", megabytes=100, begin=begin, filler="ab", end=end)
    found = read_in_child(data, "a.docx", "")

    assert (len(found.text), found.cut) == (1_000_000, True)


def test_what_takes_too_much_time_is_killed() -> None:
    found = read_in_child(hostile.drawing_itself(), "a.pdf", "", reading=HURRIED)

    assert (found.kind, found.reason) == (Kind.PDF, Why.TOO_COSTLY)


def test_what_waits_is_killed_when_its_time_is_over() -> None:
    budget = Budget(memory=READING.memory, processor=60, wall=0.5)
    started = time.monotonic()
    found = read_in_child(hostile.drawing_itself(), "a.pdf", "", reading=budget)

    assert found.reason is Why.TOO_COSTLY
    assert time.monotonic() - started < 2


def test_what_takes_too_much_memory_is_an_answer() -> None:
    budget = Budget(memory=150 * 2**20, processor=6, wall=10)
    data = hostile.twice_deflated(200)

    assert read_in_child(data, "a.pdf", "", reading=budget).reason in {
        Why.TOO_COSTLY, Why.UNREADABLE, Why.NO_TEXT,
    }  # fmt: skip


PATTERNS = {
    f"{module.name}.{name}": pattern
    for module in pkgutil.iter_modules(helpdesk_documents.__path__)
    for name, pattern in vars(import_module(f"helpdesk_documents.{module.name}")).items()
    if isinstance(pattern, re.Pattern)
}


@pytest.mark.parametrize("name", PATTERNS)
def test_the_patterns_are_bounded(name: str) -> None:
    assert not faults(PATTERNS[name])


@pytest.mark.parametrize("name", hostile.GOING_BACK)
def test_what_made_a_reader_go_back_is_read(name: str) -> None:
    """Each took longer than a file has, before no pattern could go back further than its bound."""
    found = read_in_child(hostile.GOING_BACK[name](), name, "")

    assert found.reason is None
    assert "a marker" in found.text


def a_child(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Let the children that read be another program."""
    package = folder / "helpdesk_documents"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "child.py").write_text(code)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])


class TestOtherChildren:
    @pytest.fixture(autouse=True)
    def the_next_file_is_read(self) -> None:
        """Children are others here."""

    def test_one_that_says_too_much(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        a_child(monkeypatch, tmp_path, "while True: print('x' * 9999)")

        assert read_in_child(b"a", "a.txt", "").reason is Why.TOO_COSTLY

    def test_one_that_crashes(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        a_child(monkeypatch, tmp_path, "import os; print('{}', flush=True); os.abort()")

        assert read_in_child(b"a", "a.txt", "").reason is Why.TOO_COSTLY

    def test_one_whose_libraries_are_missing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """That is not the file's fault, so it is tried again."""
        a_child(monkeypatch, tmp_path, "print('no xlrd', flush=True); raise SystemExit(70)")

        with pytest.raises(ReaderBrokenError, match="no xlrd"):
            read_in_child(b"a", "a.txt", "")

    def test_it_has_no_credentials_and_its_limits(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """The library that reads texts tells what it sees."""
        monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
        read, write = os.pipe()
        (tmp_path / "charset_normalizer.py").write_text(
            "import os, resource\n"
            "def from_bytes(data):\n"
            "    limits = [resource.getrlimit(getattr(resource, f'RLIMIT_{name}'))[1]\n"
            "        for name in ('AS', 'CPU', 'FSIZE', 'CORE')]\n"
            f"    os.write({write}, f'{{limits}} {{sorted(os.environ)}}'.encode())\n"
        )
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        popen = isolation.subprocess.Popen
        monkeypatch.setattr(
            isolation.subprocess,
            "Popen",
            lambda *args, **options: popen(*args, **options, pass_fds=(write,)),
        )
        read_in_child(b"caf\xe9" * 99, "a.txt", "")
        os.close(write)
        with os.fdopen(read) as said:
            told = said.read()

        assert told.startswith(f"[{2**30}, 6, 0, 0]")
        assert "PYTHONPATH" in told
        assert "AWS" not in told

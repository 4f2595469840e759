"""A hostile file is answered with a reason, in its time, and the next file is read as ever."""

import os
import pkgutil
import re
import sys
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


@pytest.fixture(autouse=True)
def the_next_file_is_read() -> Iterator[None]:
    yield
    assert read_in_child(files.docx(files.paragraph("next")), "a.docx", "").text == "next"


@pytest.mark.parametrize(
    "what",
    [pytest.param(w, marks=SLOW if trap.slow else ()) for w, trap in hostile.TRAPS.items()],
)
def test_a_hostile_file_has_a_reason(what: str) -> None:
    trap = hostile.TRAPS[what]
    found = read_in_child(trap.make(), trap.name, "")

    assert found.text == ""
    assert found.reason in trap.whys
    assert found.kind is Kind(trap.name.partition(".")[2].replace("eml", "mail"))


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

    def test_one_that_waits_is_killed_when_its_time_is_over(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """It computes nothing, so nothing else would end it."""
        a_child(monkeypatch, tmp_path, "import time; time.sleep(9999)")
        budget = Budget(memory=READING.memory, processor=60, wall=0.5)

        assert read_in_child(b"a", "a.txt", "", reading=budget).reason is Why.TOO_COSTLY
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)

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

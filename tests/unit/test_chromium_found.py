"""Which browser the tests in a real browser drive, and what is said where there is none."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.checking import chromium, not_checked

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is the only one on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(not_checked, "RECORD", tmp_path / "not-checked.txt")
    return tmp_path


def program(folder: Path, name: str, says: str = "exit 0") -> str:
    made = folder / name
    made.write_text(f"#!/bin/sh\n{says}\n")
    made.chmod(0o755)
    return str(made)


@pytest.mark.parametrize(
    ("there", "used"),
    [
        (["google-chrome", "chromium-browser", "chromium"], "chromium"),
        (["google-chrome", "chromium-browser"], "chromium-browser"),
        (["google-chrome"], "google-chrome"),
    ],
)
def test_the_first_chromium_of_the_system_is_used(path: Path, there: list[str], used: str) -> None:
    for name in there:
        program(path, name)

    assert chromium.found(os.environ) == str(path / used)


def test_one_that_is_named_is_used_before_all_others(path: Path) -> None:
    program(path, "chromium")
    mine = program(path, "mine")

    assert chromium.found(os.environ | {"CHROMIUM": mine}) == mine
    assert chromium.found(os.environ | {"CHROMIUM": "/not/there"}) is None


def test_without_one_the_check_fails_and_says_how_to_get_one(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chromium.main([]) == 2
    said = capsys.readouterr().err
    assert "apt-get install chromium" in said
    assert "CHROMIUM" in said


def test_a_named_one_that_is_not_there_is_told_by_its_name(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/not/there")

    assert chromium.main([]) == 2
    assert "'/not/there'" in capsys.readouterr().err


def test_where_there_may_be_none_it_is_recorded_as_not_checked(path: Path) -> None:
    assert chromium.main(["--optional"]) == 0
    assert "real browser" in not_checked.RECORD.read_text()


@pytest.mark.parametrize("user", [0, 1000])
def test_only_root_installs_one_on_debian(
    path: Path, monkeypatch: pytest.MonkeyPatch, user: int
) -> None:
    program(path, "apt-get", f'echo "$@" >> {path}/asked')
    monkeypatch.setattr(os, "geteuid", lambda: user)

    assert chromium.main(["--optional"]) == 0

    asked = (path / "asked").read_text().splitlines() if user == 0 else []
    assert asked == (
        ["update --quiet", "install -y --no-install-recommends chromium"] if user == 0 else []
    )
    assert (path / "asked").exists() is (user == 0)


def test_the_tests_get_the_browser_and_decide(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = program(path, "chromium")
    ran: list[tuple[list[str], str]] = []

    class Finished:
        returncode = 3

    def run(command: list[str], *, env: dict[str, str], **_: object) -> Finished:
        ran.append((command, env["CHROMIUM"]))
        return Finished()

    monkeypatch.setattr(subprocess, "run", run)

    assert chromium.main(["tests/browser/test_threats.py"]) == 3
    wanted = ["-m", "pytest", "-m", "browser", "tests/browser/test_threats.py"]
    assert ran == [([sys.executable, *wanted], browser)]


def test_each_threat_of_the_table_is_a_test_in_a_browser() -> None:
    """Each name of the table is a test, and each class of tests is in the table."""
    table = (ROOT / "docs" / "web.md").read_text().partition("## Threats")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", table))
    assert len(table.splitlines()) > 12
    assert named
    for file, name in named:
        assert not name or f" {name}" in (ROOT / "tests" / "browser" / file).read_text(), name
    threats = (ROOT / "tests" / "browser" / "test_threats.py").read_text()
    classes = set(re.findall(r"^class (Test\w+)", threats, re.MULTILINE))
    assert classes == {name for file, name in named if file == "test_threats.py"}

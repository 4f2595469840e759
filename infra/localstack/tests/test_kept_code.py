"""Unzipped code by the digest of its archive: kept over restarts, whole, and never another's."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from infra import emulator
from infra.emulator.processes import Record
from localstack.services.lambda_.invocation.lambda_models import S3Code
from running import Aws, archive, free_port, start

from helpdesk_localstack.kept_code import KeptCode, archives_path, layers_path
from helpdesk_localstack.layers import merge

PATCHED = ("get_unzipped_code_location", "prepare_for_execution", "destroy_cached")

HALF = """
import sys, time
from pathlib import Path
from helpdesk_localstack.kept_code import KeptCode
from localstack.services.lambda_.invocation import lambda_models

def unzip(_path, target):
    (Path(target) / "app.py").write_text("half")
    print("half", flush=True)
    time.sleep(60)

lambda_models.unzip = unzip
lambda_models.S3Code._download_archive_to_file = lambda *_: None
KeptCode(Path(sys.argv[1])).install()
lambda_models.S3Code("id", "1", "b", "k", None, sys.argv[2], 1).prepare_for_execution()
"""


class Archives:
    """Archives as LocalStack holds them; `downloads` lists those that were asked for."""

    def __init__(self) -> None:
        self.downloads: list[str] = []
        self._files: dict[str, dict[str, str]] = {}

    def add(self, name: str, files: dict[str, str]) -> S3Code:
        """Return an archive; the same files have the same digest under another name."""
        self._files[name] = files
        digest = hashlib.sha256(repr(sorted(files.items())).encode()).digest()
        return S3Code(name, "1", "bucket", name, None, base64.b64encode(digest).decode(), 1)

    def download(self, code: S3Code, target: IO[bytes]) -> None:
        self.downloads.append(code.id)
        target.write(archive(self._files[code.id]))
        target.flush()


@pytest.fixture
def archives(monkeypatch: pytest.MonkeyPatch) -> Archives:
    found = Archives()
    for name in PATCHED:  # what `install` replaces is put back afterwards
        monkeypatch.setattr(S3Code, name, getattr(S3Code, name))

    def download(code: S3Code, target: IO[bytes]) -> None:
        found.download(code, target)

    monkeypatch.setattr(S3Code, "_download_archive_to_file", download)
    return found


def text(code: S3Code) -> str:
    return (code.get_unzipped_code_location() / "app.py").read_text()


def test_one_archive_is_unzipped_once_over_all_starts(archives: Archives, tmp_path: Path) -> None:
    for run in range(3):
        KeptCode(tmp_path).install()
        for name in (f"{run}", f"{run} again"):
            code = archives.add(name, {"app.py": "one"})
            code.prepare_for_execution()
            assert text(code) == "one"
            code.destroy_cached()
            assert text(code) == "one", "another version may use it"
    assert archives.downloads == ["0"]


def test_another_content_is_another_folder(archives: Archives, tmp_path: Path) -> None:
    KeptCode(tmp_path).install()
    codes = [archives.add(each, {"app.py": each}) for each in ("one", "two")]
    for code in codes:
        code.prepare_for_execution()
    assert [text(code) for code in codes] == ["one", "two"]


def test_what_a_killed_process_left_half_unzipped_is_never_used(
    archives: Archives, tmp_path: Path
) -> None:
    code = archives.add("whole", {"app.py": "whole"})
    with subprocess.Popen(
        [sys.executable, "-c", HALF, str(tmp_path), code.code_sha256],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    (left,) = archives_path(tmp_path).iterdir()
    assert (left / "app.py").read_text() == "half"

    KeptCode(tmp_path).install()
    code.prepare_for_execution()

    assert text(code) == "whole"
    assert list(archives_path(tmp_path).iterdir()) == [code.get_unzipped_code_location()]


def test_what_no_function_used_since_the_last_start_is_removed(
    archives: Archives, tmp_path: Path
) -> None:
    used, unused = (archives.add(each, {"app.py": each}) for each in ("used", "unused"))
    KeptCode(tmp_path).install()
    for code in (used, unused):
        code.prepare_for_execution()
    both = [code.get_unzipped_code_location() for code in (used, unused)]
    merge(both, layers_path(tmp_path))
    merge(both[:1], layers_path(tmp_path))

    KeptCode(tmp_path).install()
    assert text(unused) == "unused", "the last run used it"
    used.prepare_for_execution()
    kept = merge(both[:1], layers_path(tmp_path))
    KeptCode(tmp_path).install()

    assert list(archives_path(tmp_path).iterdir()) == [both[0]]
    assert list(layers_path(tmp_path).iterdir()) == [kept]


@pytest.fixture
def restart(tmp_path: Path) -> Iterator[Any]:
    """Starts LocalStack, or kills it and starts it again; returns its clients."""
    state, port = tmp_path / "state", free_port()

    def again() -> Aws:
        if (record := Record.read(state)) is not None:
            os.kill(record.pid, signal.SIGKILL)
        return Aws(start(state, port).url)

    again.kept = state / "code"  # type: ignore[attr-defined]
    yield again
    emulator.stop(state, say=lambda _line: None)


@pytest.mark.live
def test_functions_and_their_layers_run_from_what_was_kept(restart: Any) -> None:
    source = "import shared\ndef handler(event, context): return shared.WORD, __file__"

    def deployed(word: str) -> tuple[str, str]:
        layer = aws.layer({"python/shared.py": f"WORD = {word!r}"})
        found = aws.invoke(aws.function(source, Layers=[layer]))
        return found[0], found[1]

    aws = restart()
    word, first = deployed("old")
    assert word == "old"
    assert Path(first).is_relative_to(restart.kept)

    aws = restart()
    assert deployed("new")[0] == "new", "another layer, another folder"
    assert deployed("old")[0] == "old"

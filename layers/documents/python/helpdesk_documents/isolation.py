"""Read one file in a process of its own, which may be killed: the file then has a reason, no text.

A hostile file can make a library run for ever, take all memory or crash. None of that reaches the
caller, and the next file meets a fresh interpreter.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import IO, cast

from helpdesk.unread import Why

from helpdesk_documents import bounds
from helpdesk_documents.child import BROKEN
from helpdesk_documents.kinds import PICTURES, Kind, at_a_glance
from helpdesk_documents.result import Extracted, looks_scanned


@dataclass(frozen=True, slots=True)
class Budget:
    """What a child may take."""

    memory: int
    """Bytes of its address space."""

    processor: int
    """Seconds of computing."""

    wall: float
    """Seconds from its start to its end."""


READING = Budget(memory=2**30, processor=6, wall=10)
RECOGNISING = Budget(memory=2**30, processor=12, wall=14)

_LARGEST_ANSWER = 8 * 2**20
_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "SYSTEMROOT")
"""Of the environment: what an interpreter needs to start, and no credentials."""


class ReaderBrokenError(RuntimeError):
    """No file can be read here: the libraries are missing. It is not the file's fault."""


def read_in_child(
    data: bytes,
    name: str,
    declared: str,
    *,
    languages: Sequence[str] = ("eng",),
    reading: Budget = READING,
    recognising: Budget = RECOGNISING,
) -> Extracted:
    """Return what `extract` returns. A child that takes too much is killed, and that is an answer.

    A file is read first; only a picture, or a PDF file without text, is given the time that
    recognition takes, of which the reading before it is a part. Raises ReaderBrokenError, and
    OSError if no process can be started.
    """
    if len(data) > bounds.FILE:
        return Extracted("", at_a_glance(data, name, declared), Why.TOO_LARGE)
    if languages and at_a_glance(data, name, declared) in PICTURES:
        return _read(data, name, declared, languages, recognising)
    started = time.monotonic()
    found = _read(data, name, declared, (), reading)
    read = found.reason in {None, Why.NO_TEXT}
    if languages and found.kind is Kind.PDF and read and looks_scanned(found.text):
        left = replace(recognising, wall=recognising.wall - (time.monotonic() - started))
        recognised = _read(data, name, declared, languages, left)
        return found if found.text and recognised.reason else recognised
    return found


def _read(
    data: bytes, name: str, declared: str, languages: Sequence[str], budget: Budget
) -> Extracted:
    asked = {"name": name, "declared": declared, "languages": [*languages], **asdict(budget)}
    environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_THREAD_LIMIT": "1"}
    with tempfile.TemporaryFile() as given:
        # A file rather than a pipe: a child that does not read cannot keep the caller waiting.
        given.write(json.dumps(asked).encode() + b"\n" + data)
        given.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-s", "-B", "-P", "-m", "helpdesk_documents.child"],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        try:
            answer = _answer(child, time.monotonic() + budget.wall)
        finally:
            child.kill()
            child.communicate()
    if child.returncode == BROKEN:
        raise ReaderBrokenError(answer.decode(errors="replace"))
    if child.returncode or not answer:
        return Extracted("", at_a_glance(data, name, declared), Why.TOO_COSTLY)
    return _extracted(answer)


def _answer(child: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Return what a child says until it ends; nothing, if it says or takes too much."""
    answers = cast("IO[bytes]", child.stdout)
    said = bytearray()
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([answers], [], [], left)[0]:
            break
        piece = os.read(answers.fileno(), 64 * 1024)
        said += piece
        if len(said) > _LARGEST_ANSWER:
            break
        if not piece:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                break
            return bytes(said)
    return b""


def _extracted(answer: bytes) -> Extracted:
    told = json.loads(answer)
    reason, named = told.pop("reason"), told.pop("named")
    return Extracted(
        **told | {"kind": Kind(told["kind"])},
        reason=Why(reason) if reason else None,
        named=Kind(named) if named else None,
    )

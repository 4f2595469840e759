"""Hard mails with their bytes changed at random: each is still read, with bounded work.

`test_hard_mails` has the mails as they were written.
"""

import sys
from collections.abc import Callable, Iterator
from random import Random

import pytest
from helpdesk.mail import FaultKind, read
from helpdesk.mime import bodies
from helpdesk.receiving import opening
from helpdesk.speaking import speaking
from helpdesk.ticket import MAX_TEXT

from tests.integration.test_hard_mails import MAILS
from tests.mails import BLOCK

SEEDS = range(10)
EACH_SEED = 1_000
RAW = [mail.raw for mail in MAILS]
LARGE = 10_000_000
NOISE = (b"\r\n", b"\n\n", b"\r", b"\x00", b"\xff\xfe", b'"', b"--", b"=", b"=?", b"<div>", b"> ")

TO_READ, TO_READ_A_BYTE, TO_SPEAK = 5_000, 8, 600_000
"""At most so many calls of functions does it take to read a mail, and so many more for each byte;
and so many to find what speaks in a ticket's text, which is short."""


def flipped(chance: Random, raw: bytearray) -> None:
    for _ in range(chance.randint(1, 30)):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def cut(chance: Random, raw: bytearray) -> None:
    start = chance.randrange(len(raw))
    del raw[start : start + chance.choice([1, 10, 100, len(raw)])]


def doubled(chance: Random, raw: bytearray) -> None:
    start = chance.randrange(len(raw))
    stop = start + chance.choice([1, 20, 400])
    raw[start:start] = raw[start:stop] * chance.choice([1, 2, 50])


def noisy(chance: Random, raw: bytearray) -> None:
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(raw))
        raw[at:at] = chance.choice(NOISE)


def with_lines_swapped(chance: Random, raw: bytearray) -> None:
    """Exchange lines that divide parts, if there are such, and else any."""
    lines = raw.splitlines(keepends=True)
    marks = [at for at, line in enumerate(lines) if line.startswith(b"--")]
    places = marks if len(marks) > 1 else range(len(lines))
    one, other = chance.choice(places), chance.choice(places)
    lines[one], lines[other] = lines[other], lines[one]
    raw[:] = b"".join(lines)


def with_headers_repeated(chance: Random, raw: bytearray) -> None:
    lines = raw.splitlines(keepends=True)
    head = [line for line in lines if b":" in line[:40]] or lines
    at = chance.randrange(min(len(lines), 12))
    lines[at:at] = [chance.choice(head)] * chance.choice([1, 3, 1_200])
    raw[:] = b"".join(lines)


def spliced(chance: Random, raw: bytearray) -> None:
    """Go on with another mail from some place on."""
    other = chance.choice(RAW)
    raw[chance.randrange(len(raw)) :] = other[chance.randrange(len(other)) :]


CHANGES: list[Callable[[Random, bytearray], None]] = [
    flipped,
    cut,
    doubled,
    noisy,
    with_lines_swapped,
    with_headers_repeated,
    spliced,
]


def mutated(seed: int, times: int) -> Iterator[bytes]:
    """Yield hard mails after one to four changes; the same ones for a seed."""
    chance = Random(seed)  # noqa: S311 -- to repeat it
    for _ in range(times):
        raw = bytearray(chance.choice(RAW))
        for _ in range(chance.randint(1, 4)):
            if raw:
                chance.choice(CHANGES)(chance, raw)
        yield bytes(raw)


def large() -> Iterator[bytes]:
    """Yield mails of ten million bytes: hard ones whose body, or whose parts, come again."""
    for name in ("gmail", "html_tables", "winmail", "no_closing", "quoted_printable", "base64_rub"):
        raw = next(mail.raw for mail in MAILS if name in mail.id)
        head, blank, body = raw.partition(b"\r\n\r\n")
        yield head + blank + body * (LARGE // len(body))


def counted[T](work: Callable[[], T]) -> tuple[T, int]:
    """Return what some work comes to, and how many calls of functions it takes."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        done = work()
    finally:
        sys.setprofile(None)
    return done, count


def check(raw: bytes) -> None:
    """Read a mail, and expect something that can be stored and shown, found with bounded work."""
    speaking("Hello")  # reads the phrases, once
    found, steps = counted(lambda: read(raw))
    text = opening(found)
    spoken, further = counted(lambda: speaking(text).text)

    assert steps <= TO_READ + TO_READ_A_BYTE * len(raw)
    assert further <= TO_SPEAK
    assert text.strip()
    assert len(text) <= MAX_TEXT
    assert spoken.strip()
    assert len(spoken) <= len(text)
    for each in (text, found.text, found.subject, *(file.name for file in found.attachments)):
        each.encode()
        assert "\x00" not in each
    assert len(found.text) <= bodies.LONGEST_TEXT
    assert len(found.attachments) <= bodies.MOST_PARTS
    assert sum(len(file.data) for file in found.attachments) <= len(raw)
    assert len(found.faults) <= 30
    assert all(fault.kind is not FaultKind.UNREADABLE for fault in found.faults)


def test_some_changed_mails_are_read() -> None:
    for raw in mutated(seed=-1, times=100):
        check(BLOCK + raw)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_changed_mails_are_read(seed: int) -> None:
    for raw in mutated(seed, EACH_SEED):
        check(BLOCK + raw)


@pytest.mark.slow
def test_large_mails_are_read() -> None:
    for raw in large():
        check(BLOCK + raw)

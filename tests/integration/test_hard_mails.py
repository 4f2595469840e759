"""Hard mails of another hand, through the mailroom: each is a ticket that keeps what was written.

The mails and what is expected of them are described in `tests/golden/mails_hard/README.md`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpdesk.mail import read
from helpdesk.speaking import speaking

from tests.fakes import Office
from tests.mailroom import Room, open_room
from tests.mails import BLOCK

FOLDER = Path(__file__).parents[1] / "golden" / "mails_hard"
RIGHT = 0.95
"""Of how many mails the part that speaks must be exactly right."""


@dataclass(frozen=True)
class Hard:
    """A mail and what is expected of it."""

    id: str
    kind: str
    speaking: str
    text: list[str]
    files: list[str]
    hello: str = ""
    note: str = ""
    cut: bool = False

    @property
    def raw(self) -> bytes:
        return (FOLDER / f"{self.id}.eml").read_bytes()


LINES = (FOLDER / "index.jsonl").read_text().splitlines()
MAILS = [Hard(**json.loads(line)) for line in LINES]
EACH = pytest.mark.parametrize("mail", MAILS, ids=[each.id for each in MAILS])


def bare(text: str) -> str:
    """Return a text without blanks and without the marks of quotes."""
    return "".join(c for c in text if not c.isspace() and c not in ">\u200e\u200f\u202b\u202c")


def spoken(mail: Hard, text: str) -> bool:
    """Tell whether of a ticket's text exactly that speaks which is expected.

    The subject may stand before it, and the greeting. If nothing is said, all may speak.
    """
    if not mail.speaking:
        return True
    subject, found = read(BLOCK + mail.raw).subject, speaking(text).text
    said = {mail.hello + mail.speaking, mail.speaking}
    right = {bare(each) for one in said for each in (one, subject + one)}
    return bare(found).startswith(tuple(right)) if mail.cut else bare(found) in right


@pytest.fixture(scope="module")
def room() -> Room:
    return open_room(Office.open())


def ticket_text(room: Room, mail: Hard) -> str:
    return room.conversation(room.submitted(BLOCK + mail.raw)).messages[0].text


@EACH
def test_it_becomes_a_ticket_that_keeps_all_text(room: Room, mail: Hard) -> None:
    text = bare(ticket_text(room, mail))

    assert text
    assert [line for line in mail.text if bare(line) not in text] == []


@EACH
def test_its_files_are_kept(room: Room, mail: Hard) -> None:
    names = [each.name for each in read(BLOCK + mail.raw).attachments]

    assert [name for name in mail.files if name not in names] == []


def test_what_speaks_is_right(room: Room) -> None:
    texts = [(mail, ticket_text(room, mail)) for mail in MAILS]
    wrong = [mail.id for mail, text in texts if not spoken(mail, text)]

    assert len(wrong) <= (1 - RIGHT) * len(MAILS), wrong

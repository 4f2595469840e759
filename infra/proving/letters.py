"""The mails that customers write while things break: in each stand words that no other has."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from infra.proving.questions import QUESTIONS

MARK = re.compile(r"\bRef ([0-9a-f]{16})\b")
"""By which a mail is known, in a ticket's message and in the text of a file."""

EVERY_REPLY = 8
"""One mail of so many answers an earlier one of the same customer."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file of a mail: its name, which no other file has, and its content."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """One mail. Its `mark` is in its text, and in the text of each of its files."""

    mark: str
    sender: str
    message_id: str
    text: str
    answers: str | None = None
    files: tuple[Enclosed, ...] = ()

    def as_sent(self, mailbox: str) -> bytes:
        """Return the mail as its sender's program hands it over."""
        said = EmailMessage()
        said["From"], said["To"], said["Subject"] = self.sender, mailbox, "A question"
        said["Message-ID"] = f"<{self.message_id}>"
        if self.answers:
            said["In-Reply-To"] = f"<{self.answers}>"
        said.set_content(self.text)
        for file in self.files:
            main, _, sub = file.kind.partition("/")
            said.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
        return said.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def write(
    count: int, chance: random.Random, *, files_in: float = 0.3, replies: bool = True
) -> list[Written]:
    """Return mails of as many customers: some with one to three files, some replies.

    The last of `EVERY_REPLY` mails answers the first of them, from the same customer.
    """
    mails: list[Written] = []
    for number in range(count):
        mark = f"{chance.getrandbits(64):016x}"
        answers_one = replies and number % EVERY_REPLY == EVERY_REPLY - 1
        old = mails[number - EVERY_REPLY + 1] if answers_one else None
        some = chance.randint(1, 3) if chance.random() < files_in else 0
        mails.append(
            Written(
                mark=mark,
                sender=old.sender if old else f"customer{number}.{mark}@customers.example",
                message_id=f"{mark}@customers.example",
                text=f"{QUESTIONS[number % len(QUESTIONS)]}\n\nRef {mark}\n",
                answers=old.message_id if old else None,
                files=tuple(_file(mark, each, chance) for each in range(some)),
            )
        )
    return mails


def marks_in(text: str) -> Sequence[str]:
    """Return the marks of the mails that a text has words of."""
    return MARK.findall(text)


def _file(mark: str, number: int, chance: random.Random) -> Enclosed:
    said = f"Invoice of Ref {mark}, {chance.randrange(10_000)} EUR"
    kinds = (
        ("txt", "text/plain", said),
        ("csv", "text/csv", f"what,how much\n{said.replace(', ', ',')}\n"),
        ("html", "text/html", f"<html><body><p>{said}</p></body></html>"),
    )
    ending, kind, content = kinds[(number + chance.randrange(3)) % 3]
    return Enclosed(f"{mark}-{number}.{ending}", kind, content.encode())

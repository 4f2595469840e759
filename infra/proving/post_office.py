"""Mail on this machine while things break: a listener, a sink, and what was handed over to each."""

import random
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import Any

from helpdesk.aws.mails import StoredMails

from infra.local.mail import PASSING, Door, hand_over, listener
from infra.local.mail_sink import MailSink
from infra.proving.letters import Written

CLIENTS = 4
SLOW = 12
"""Seconds that a slow sink takes for a mail: longer than the courier waits."""


class MoodySink(MailSink):
    """A sink that treats some mails badly until it is calmed. `done` counts how.

    Who is refused is refused until then; slow, and gone after it took the mail, it is once for each
    recipient.
    """

    def __init__(self, folder: Path, *, port: int, moods: Sequence[str], seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._moods, self._seed = moods, seed
        self._guard, self._calm, self._once = threading.Lock(), threading.Event(), set[str]()
        self._talk = threading.local()
        super().__init__(folder, port=port)

    def calm(self) -> None:
        """Take every mail from now on."""
        self._calm.set()

    def mood(self, recipient: str) -> str:
        """Return how mails to a recipient are treated: always the same, by the seed."""
        return random.Random(f"{self._seed} {recipient}").choice(self._moods)  # noqa: S311 -- no secret

    def answer(self, command: str, address: str) -> str:
        """Refuse a recipient, or take the time for the data, as the mood is."""
        if command == "RCPT":
            mood = "" if self._calm.is_set() else self.mood(address)
            with self._guard:
                if mood in {"slow", "died after accepting"} and address in self._once:
                    mood = ""
                self._once.add(address)
                if mood:
                    self.done[f"mails met a sink that {WORDS[mood]}"] += 1
            self._talk.mood = mood
            if mood == "refuses":
                return "550 5.1.1 no such mailbox"
            if mood == "refuses for now":
                return "451 4.3.0 try again later"
        if command == "DATA" and self._talk.mood == "slow":
            time.sleep(SLOW)
        return "250 OK"

    def keep(self, return_path: str, recipients: list[str], data: bytes) -> Path:
        """Keep a mail, and then perhaps go without a word."""
        path = super().keep(return_path, recipients, data)
        if self._talk.mood == "died after accepting":
            raise ConnectionAbortedError
        return path

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that ended: that is what this sink is for."""


WORDS = {
    "refuses": "refuses them for good",
    "refuses for now": "refuses for now",
    "slow": "answers too late",
    "died after accepting": "dies after it took them",
}
MOODS = ("", *WORDS)


class PostOffice:
    """Where mails are handed over for a stack's mailbox, and where those go that leave.

    `posted` has the mails that were accepted by the keys of their objects.
    """

    def __init__(self, stored: StoredMails, mailbox: str, port: int, sink: MoodySink) -> None:
        self.sink = sink
        self.posted: dict[str, Written] = {}
        self._mailbox, self._port, self._stored = mailbox, port, stored

    @contextmanager
    def open(self) -> Iterator[None]:
        """Take mails from senders and from the courier."""
        door = listener(Door(self._mailbox, self._stored.store, PASSING), self._port)
        threading.Thread(target=self.sink.serve_forever, daemon=True).start()
        with ExitStack() as afterwards:
            afterwards.callback(self.sink.server_close)
            afterwards.callback(self.sink.shutdown)
            door.start()
            afterwards.callback(door.stop)
            yield

    def post(self, mails: Sequence[Written], *, within: float = 0.0) -> list[str]:
        """Hand mails over by SMTP, from several clients at once, evenly `within` some seconds.

        Returns the keys of their objects. A client that is told to try later does. Raises what
        smtplib raises.
        """
        started = time.monotonic()

        def one(number: int) -> str:
            due = started + within * number / len(mails)
            time.sleep(max(0.0, due - time.monotonic()))
            return self._hand_over(mails[number])

        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(one, range(len(mails))))

    def _hand_over(self, mail: Written) -> str:
        data = mail.as_sent(self._mailbox)
        while True:
            with suppress(smtplib.SMTPDataError):
                key = hand_over(data, sender=mail.sender, mailbox=self._mailbox, port=self._port)
                self.posted[key] = mail
                return key
            time.sleep(1)


def empty_sink(folder: Path, *, port: int, moods: Sequence[str], seed: int) -> MoodySink:
    """Return a sink that has no mail yet."""
    rmtree(folder, ignore_errors=True)
    return MoodySink(folder, port=port, moods=moods, seed=seed)

"""Mails at a running stack: how soon each is a ticket, and what hard, heavy and slow ones cost.

    python -m infra.measuring.mail_load

Starts a stack of its own and writes its two sections of docs/benchmarks.md, mails and the idle
month. `make bench` measures the same, and writes all sections.
"""

import argparse
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shutil import rmtree

from helpdesk import mail
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.queues import SqsQueue
from helpdesk.files import State
from helpdesk.settings import NO_DOMAIN

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.customer import Customer
from infra.local.mail import HERE
from infra.local.up import up
from infra.measuring.durations import percentile, timed
from infra.measuring.load import question
from infra.measuring.row import Bar, Row, missed, written
from infra.measuring.sections import machine, put_in
from infra.measuring.slow_files import slow_files
from infra.measuring.spent import spent
from infra.paths import BUILD, ROOT
from infra.proving.detour import detour
from infra.proving.letters import Enclosed, Written, write
from infra.proving.post_office import PostOffice, empty_sink
from infra.proving.testbed import wait_until

PORT, MAIL_PORT = 4588, 4598
STATE = BUILD / "bench-mail"
HARD = ROOT / "tests" / "golden" / "mails_hard"
MAILS = "Mails on LocalStack"
SAID = (
    "Real SMTP to the local listener, and from the courier to the local sink. A ticket is visible",
    "when the table has it. A slow file's content reaches its reader two seconds late, by a proxy",
    "before S3: so reading it is slow, and the machine's cores are left to the others.",
)

ONE_BY_ONE = 50
SLOW, SLOW_SECONDS, DONE_WITHIN, VISIBLE_WITHIN = 100, 2.0, 60.0, 2.0
HEAVY = 38_000_000
"""Bytes of a heavy mail; SES takes 40 MB."""

LOOK = 0.005
PATIENCE = 300


def leaving(mail_port: int) -> dict[str, str]:
    """Return the stack's parameters by which its mails leave to a sink here."""
    return {"SmtpUrl": f"smtp://{HERE}:{mail_port + 1}"}


def measured(stack: Stack, mail_port: int, sunk: Path) -> list[Row]:
    """Measure all of it; the stack's mails leave to `mail_port` and one."""
    stored = StoredMails(stack.client("s3"), stack.outputs["MailBucket"])
    mailbox = f"{stack.outputs['MailName']}@{NO_DOMAIN}"
    sink = empty_sink(sunk, port=mail_port + 1, moods=("",), seed=0)
    office = PostOffice(stored, mailbox, mail_port, sink)
    chance = random.Random(0)  # noqa: S311 -- the same mails each time
    with office.open():
        desk = _Desk(stack, office, sunk)
        return [
            *desk.one_by_one(write(ONE_BY_ONE + 3, chance, files_in=0.0, replies=False)),
            *desk.slow(write(SLOW + 4, chance, files_in=1.0, replies=False)),
            *_hard(),
            desk.heavy(chance),
        ]


@dataclass(frozen=True, slots=True)
class _Plain:
    """A question or mail without a file: when it was sent, and after how long it was visible."""

    began: float
    visible: float


class _Desk:
    """What a stack's customers see, and what its table holds."""

    def __init__(self, stack: Stack, office: PostOffice, sunk: Path) -> None:
        table = clients.table(
            stack.outputs["TicketsTable"], stack.session, endpoint_url=stack.endpoint_url
        )
        self._stack, self._office, self._sunk = stack, office, sunk
        self._mailbox, self._files = DynamoMailbox(table), DynamoAttachments(table)

    def one_by_one(self, mails: Sequence[Written]) -> Iterator[Row]:
        """One mail at a time, from before the connection until its ticket is there and answered."""
        seen, left = [], []
        for each in mails:
            sent = self._left() + 1
            started = time.perf_counter()
            (key,) = self._office.post([each])
            self._wait_for(key)
            seen.append(time.perf_counter() - started)
            self._wait_for_mail(sent)
            left.append(time.perf_counter() - started)
        warm = slice(len(mails) - ONE_BY_ONE, None)
        yield Row(f"SMTP to visible ticket, {ONE_BY_ONE} mails one by one", _said(seen[warm]))
        yield Row(f"SMTP to answer handed over by SMTP, {ONE_BY_ONE} mails", _said(left[warm]))

    def slow(self, mails: Sequence[Written]) -> Iterator[Row]:
        """Many mails at once whose files are slow to read, and plain questions meanwhile."""
        mails = [replace(each, files=each.files[:1]) for each in mails]
        with slow_files(self._stack.endpoint_url or "", SLOW_SECONDS) as url:
            way = {"AWS_ENDPOINT_URL_S3": url}
            with detour(self._stack, ("documents",), way):
                Customer(self._stack.api_url, self._stack.api_key).ask(question(0))
                self._all_read(self._office.post(mails[SLOW:]))  # environments are started now
                yield from self._slow(mails[:SLOW])

    def _slow(self, mails: Sequence[Written]) -> Iterator[Row]:
        done = threading.Event()
        visible: dict[str, float] = {}
        with ThreadPoolExecutor(2) as pool:
            started = time.perf_counter()
            asking = pool.submit(self._plain_questions, done)
            writing = pool.submit(self._plain_mails, done)
            keys = self._office.post(mails)
            accepted = time.perf_counter() - started
            while len(visible) < len(keys):
                for key in keys:
                    if key not in visible and self._mailbox.placed(key):
                        visible[key] = time.perf_counter() - started
            taken = time.perf_counter()
            self._all_read(keys)
            whole = time.perf_counter() - started
            done.set()
        asked, mailed = asking.result(), writing.result()
        yield Row(
            f"{len(mails)} mails at once, each with a file that takes {SLOW_SECONDS:g} s: all done",
            f"{whole:.1f} s (accepted after {accepted:.1f} s, all visible after "
            f"{taken - started:.1f} s)",
            Bar(f"≤ {DONE_WITHIN:g} s", whole <= DONE_WITHIN),
        )
        yield _prompt(f"meanwhile, {len(asked)} questions by the API, visible", asked)
        behind = [each for each in mailed if each.began < taken]
        yield _prompt(f"{len(behind)} mails without a file, right behind those, visible", behind)
        later = [each for each in mailed if each.began >= taken]
        yield _prompt(f"{len(later)} mails without a file, while files are read, visible", later)

    def _plain_questions(self, done: threading.Event) -> list[_Plain]:
        customer = Customer(self._stack.api_url, self._stack.api_key)
        found: list[_Plain] = []
        while not done.wait(0.5):
            began = time.perf_counter()
            customer.ask(question(len(found)), email=f"plain{len(found)}@example.com")
            found.append(_Plain(began, time.perf_counter() - began))
        return found

    def _plain_mails(self, done: threading.Event) -> list[_Plain]:
        chance = random.Random(1)  # noqa: S311 -- the same mails each time
        found: list[_Plain] = []
        while not done.wait(1):
            (plain,) = write(1, chance, files_in=0.0)
            began = time.perf_counter()
            (key,) = self._office.post([plain])
            self._wait_for(key)
            found.append(_Plain(began, time.perf_counter() - began))
        return found

    def heavy(self, chance: random.Random) -> Row:
        """Return what the mail function took for a mail as large as SES takes."""
        since = datetime.now(UTC)
        (plain,) = write(1, chance, files_in=0.0)
        half = chance.randbytes(HEAVY * 3 // 4 * 73 // 74 // 2)  # base64, and its line ends
        files = tuple(Enclosed(f"{n}.pdf", "application/pdf", half) for n in range(2))
        (key,) = self._office.post([replace(plain, files=files)])
        self._wait_for(key)
        wait_until(lambda: spent(self._stack, "mail", since).peaks, PATIENCE, pause=1)
        size = self._stack.client("s3").head_object(
            Bucket=self._stack.outputs["MailBucket"], Key=key
        )["ContentLength"]
        memory, seconds = max(spent(self._stack, "mail", since).peaks)
        return Row(
            f"a mail of {size / 1e6:.1f} MB, taken by the mail function, files kept",
            f"{seconds:.1f} s, {memory} MiB at most",
            Bar("≤ 60 s, ≤ 1,024 MiB", seconds <= 60 and memory <= 1024),
        )

    def _wait_for(self, key: str) -> str:
        wait_until(lambda: self._mailbox.placed(key), PATIENCE, pause=LOOK)
        return self._mailbox.placed(key) or ""

    def _wait_for_mail(self, number: int) -> None:
        wait_until(lambda: self._left() >= number, PATIENCE, pause=LOOK)

    def _all_read(self, keys: Sequence[str]) -> None:
        """Wait until every file is read and no queue of functions has a message."""

        def read() -> bool:
            if any(self._depth(each) for each in ("Files", "Mail", "Intake")):
                return False
            ids = [self._mailbox.placed(key) for key in keys]
            known = [self._files.of(each) if each else () for each in ids]
            return all(files and files[0].state is State.READY for files in known)

        wait_until(read, PATIENCE, pause=0.2)

    def _depth(self, queue: str) -> int:
        sqs = clients.sqs(self._stack.session, endpoint_url=self._stack.endpoint_url)
        return SqsQueue(sqs, self._stack.outputs[f"{queue}QueueUrl"]).depth()

    def _left(self) -> int:
        return sum(1 for _ in self._sunk.glob("*.eml"))


def _hard() -> Iterator[Row]:
    """Read each of the hard mails three times, as the mail function does."""
    raw = [path.read_bytes() for path in sorted(HARD.glob("*.eml"))]
    seconds = [timed(partial(mail.read, each))[0] for each in raw * 3]
    yield Row(f"reading a hard mail, {len(raw)} mails 3 times each", _said(seconds))


def _prompt(what: str, plain: Sequence[_Plain]) -> Row:
    seconds = [each.visible for each in plain]
    in_time = max(seconds) <= VISIBLE_WITHIN
    return Row(what, _said(seconds), Bar(f"max ≤ {VISIBLE_WITHIN:g} s", in_time))


def _said(seconds: Sequence[float]) -> str:
    shown = (percentile(seconds, 0.5), percentile(seconds, 0.95), max(seconds))
    half, late, longest = (f"{1000 * each:.{1 if each < 0.01 else 0}f}" for each in shown)
    return f"p50 {half} ms, p95 {late} ms, max {longest} ms"


def main() -> int:
    """Measure and write the sections; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--mail-port", type=int, default=MAIL_PORT, help="and the next one")
    given = parser.parse_args()
    emulator.stop(STATE)
    for folder in ("tables", "objects", "mails"):
        rmtree(STATE / folder, ignore_errors=True)
    parameters = {"SystemLogLevel": "INFO", **leaving(given.mail_port)}
    try:
        stack = up(port=given.port, state=STATE, parameters=parameters)
        lines = list(written(measured(stack, given.mail_port, STATE / "mails")))
    finally:
        emulator.stop(STATE)
    said = (f"Measured on {machine()}.", "", *SAID)
    put_in(MAILS, lines, said)
    print("\n".join(lines))
    return 1 if missed(lines) else 0


if __name__ == "__main__":
    sys.exit(main())

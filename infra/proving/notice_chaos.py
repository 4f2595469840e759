"""Inflicts a fault on notices to leads, lets all settle, and audits what the receiver has."""

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

from helpdesk.notifying import Channel, Notice, notice_id
from helpdesk.ticket import State, Ticket

from infra.local.notice_sink import Came, NoticeSink
from infra.local.run import webhook_secret
from infra.proving.outcome import Outcome
from infra.proving.testbed import STATE, Testbed, tell, wait_until

TOLD = STATE / "notices"
"""The notices that the receiver has."""

TICKETS = 200
"""Tickets of the fault at most: each brings a notice, and the pauses between attempts are long."""

THREATS = (
    "My lawyer will sue you about order {n}.",
    "This is order {n}, and I will take you to court.",
    "Order {n}: my solicitor will write to you, and I file a complaint with the ombudsman.",
)
MOODS = (500, 503, 429, 404, "lost", "slow")
"""What the receiver does instead of taking a notice: an answer, no answer, or one too late."""

WORDS = {"lost": "posts taken whose answer was lost", "slow": "posts answered too late"}

SLOW = 11
"""Seconds that are longer than a courier waits."""

MOST = 0.75
"""The share of notices that are taken while the receiver has moods: one in nine is refused."""

REST_SECONDS = 600
HIDDEN = 20
"""Seconds until the message of a courier that was killed comes back."""

HEAD = """\
| fault | inflicted | tickets | told | copies | dead letters, all sent again | not told | unmarked \
| changed copies | took |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


class MoodyReceiver(NoticeSink):
    """A receiver that fails half of the posts, until it is calm.

    `done` counts its moods, `taken` how often it took each notice, by its id.
    """

    def __init__(self, folder: Path, *, secret: str, port: int, testbed: Testbed) -> None:
        super().__init__(folder, secret=secret, port=port)
        self._random = testbed.random
        self._calm = threading.Event()
        self.done: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()

    def calm(self) -> None:
        """Take everything from now on."""
        self._calm.set()

    def answer(self, came: Came) -> tuple[int, dict[str, str]]:
        """Return an answer, after a mood."""
        if self._calm.is_set() or self._random.random() < 1 / 2:
            return super().answer(came)
        mood = self._random.choice(MOODS)
        self.done[WORDS.get(str(mood), f"posts answered {mood}")] += 1
        if mood == "lost":
            self.keep(came)
            raise ConnectionAbortedError("taken, and no answer")
        if mood == "slow":
            time.sleep(SLOW)
            return super().answer(came)
        headers = {"Retry-After": "2"} if mood == 429 else {}
        return int(mood), headers

    def keep(self, came: Came) -> None:
        """Store a post, and count it."""
        super().keep(came)
        self.taken[came.headers.get("webhook-id", "")] += 1

    def say(self, line: str) -> None:
        """Say nothing of each post."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of the answers that are lost on purpose."""


@dataclass(slots=True)
class Told:
    """What the receiver has of the tickets that leads must hear of."""

    told: int = 0
    copies: int = 0
    missing: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether each was told, each has its mark, and copies are copies."""
        return not (self.missing or self.unmarked or self.changed)


@dataclass(slots=True, kw_only=True)
class NoticeResult(Outcome[Told]):
    """What a fault did to notices."""

    tickets: int
    redriven: int

    @property
    def row(self) -> str:
        """The line of the table."""
        found = self.audit
        return (
            f"| {self.fault} | {self.done} | {self.tickets} | {found.told} | {found.copies} "
            f"| {self.redriven} | {len(found.missing)} | {len(found.unmarked)} "
            f"| {len(found.changed)} | {self.seconds:.0f} s |"
        )


def deaf_receiver(testbed: Testbed, receiver: MoodyReceiver, count: int) -> None:
    """Kill the courier at random while a receiver refuses, is too slow, or loses its answers."""
    testbed.hide_for(HIDDEN, "notices")
    try:
        with testbed.killing("courier", shortest=0.1):
            testbed.ask(count, [each.format(n=70_000 + n) for n, each in _numbered(count)])
            wait_until(lambda: len(receiver.taken) >= MOST * count, seconds=REST_SECONDS, pause=0.2)
    finally:
        receiver.calm()
        testbed.inflicted.update(receiver.done)


NOTICE_FAULTS = {"notices": deaf_receiver}


def suffer(testbed: Testbed, fault: str, count: int) -> NoticeResult:
    """Inflict the fault with up to 200 tickets, repair everything, and audit."""
    secret = webhook_secret(STATE)
    port = testbed.mail_port + 2
    testbed.leads_hear(
        {
            "WebhookUrl": f"http://127.0.0.1:{port}/in",
            "WebhookSecret": secret,
            "NotifyRules": "webhook: legal",
        }
    )
    inflict = NOTICE_FAULTS[fault]
    started = testbed.begin(fault, inflict)
    rmtree(TOLD, ignore_errors=True)
    with MoodyReceiver(TOLD, secret=secret, port=port, testbed=testbed) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        with testbed.suffering():
            inflict(testbed, receiver, min(count, TICKETS))
        receiver.calm()
        redriven = _come_to_rest(testbed)
        receiver.shutdown()
    found = audit_notices(
        testbed.accepted,
        ticket=testbed.tickets.get,
        notice=testbed.tickets.notices.notice,
        posts=receiver.came,
        kept={json.loads(each.read_text())["id"] for each in receiver.files()},
        taken=receiver.taken,
    )
    result = NoticeResult(
        fault=fault,
        inflicted=testbed.inflicted,
        audit=found,
        tickets=len(testbed.accepted),
        redriven=redriven,
        unreachable=testbed.unreachable(),
        seconds=time.monotonic() - started,
        surprises=testbed.surprises,
    )
    testbed.leads_hear({})
    tell(f"{result.tickets} tickets, {found.told} told: {result.verdict}")
    for line in [*testbed.surprises, *found.missing, *found.unmarked, *found.changed]:
        tell(line)
    return result


def audit_notices(
    accepted: Sequence[str],
    *,
    ticket: Callable[[str], Ticket | None],
    notice: Callable[[str], Notice | None],
    posts: Sequence[Came],
    kept: Collection[str],
    taken: Counter[str],
) -> Told:
    """Compare the tickets that people have with what the receiver has and what the table says.

    `ticket` and `notice` look into the table. `posts` are all that came, `kept` the ids in the
    receiver's folder, `taken` how often it took each.
    """
    found = Told(copies=taken.total() - len(taken))
    bodies = defaultdict(set)
    for post in posts:
        bodies[post.headers.get("webhook-id", "")].add(post.body)
    found.changed = [f"{name} came with two contents" for name in bodies if len(bodies[name]) > 1]
    for ticket_id in accepted:
        now = ticket(ticket_id)
        if now is None or now.state is not State.ESCALATED:
            found.missing.append(f"ticket {ticket_id} is not with people")
            continue
        numbers = range(1, now.version + 1)
        stored = [notice(notice_id(ticket_id, number, Channel.WEBHOOK)) for number in numbers]
        due = [each for each in stored if each]
        if len(due) != 1:
            found.missing.append(f"ticket {ticket_id} has {len(due)} notices")
        for each in due:
            found.told += each.id in kept
            if each.id not in kept:
                found.missing.append(f"{each.id} did not come")
            if not each.sent_at:
                found.unmarked.append(f"{each.id} has no mark")
    return found


def _numbered(count: int) -> Iterator[tuple[int, str]]:
    return ((n, THREATS[n % len(THREATS)]) for n in range(count))


def _come_to_rest(testbed: Testbed) -> int:
    """Let everything settle, and send dead letters again until there are none; return how many."""
    testbed.come_to_rest()
    deadline = time.monotonic() + REST_SECONDS
    redriven = 0
    while time.monotonic() < deadline:
        testbed.reconcile()
        if testbed.dead_letters("notices"):
            redriven += testbed.redrive("notices")
        elif testbed.depth("notices") == 0:
            return redriven
        time.sleep(2)
    testbed.surprises.append(f"{testbed.depth('notices')} notices are left on the queue")
    return redriven

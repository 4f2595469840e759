"""Mails in random lives: they come, come again and come back, and what the desk says leaves."""

from dataclasses import dataclass, field
from typing import Any

from helpdesk import outbox
from helpdesk.mail import return_path
from helpdesk.outbox import Desk
from helpdesk.ports import ConflictError
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fakes import KNOWN, UNKNOWN, Office
from tests.lives.promises import Promise, expect
from tests.lives.troubles import TROUBLES, Trouble
from tests.lives.watched import Watched
from tests.mailing import Wire
from tests.mailroom import KEY, MAILBOX, asked, bill, bounce, from_bob, replied
from tests.mails import part, parts

MOST = 6
"""Mails of one life."""

KINDS = st.sampled_from(["question", "answer", "answer", "other", "machine", "bounce", "again"])
WHICH = st.integers(0, 5)
DESK = Desk(MAILBOX, "The shop", KEY)


@dataclass(frozen=True, slots=True)
class Came:
    """A mail in an object; `text` is what must be said once for it, if it is no machine's.

    Then it has a file with this name and content, which must be kept once.
    """

    key: str
    raw: bytes = field(repr=False)
    text: str | None
    name: str
    content: bytes


class Mailing(Watched):
    """A desk that takes mails, and whose queue brings each until it is taken."""

    def open_desk(self) -> None:
        """Begin a life without mails."""
        super().open_desk()
        self.came: list[Came] = []

    @precondition(lambda self: self.accepted and len(self.came) < MOST)
    @rule(which=WHICH, kind=KINDS, trouble=TROUBLES)
    def mail_comes(self, which: int, kind: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        if kind != "again":
            self.came.append(self._written(kind, each.receipt.ticket_id))
        elif not self.came:
            return
        with self.trouble(trouble, each) as office:
            self._take(office, self.came[which % len(self.came)] if kind == "again" else None)

    def _written(self, kind: str, ticket_id: str) -> Came:
        number = next(self._numbers)
        text = f"{UNKNOWN if number % 2 else KNOWN}, mail {number}."
        name = b"bill-%d.txt" % number
        whole = parts(
            "mixed",
            part("text/plain", text.encode()),
            bill(b"%d" % number, name=name, kind="text/plain"),
        )
        head, body = whole.split(b"\r\n\r\n", 1)
        match kind:
            case "question":
                raw = asked(b"Message-ID: <%d@mail.example.com>" % number, head, body=body)
            case "answer":
                raw = replied(ticket_id, head, body=body)
            case "other":
                to = replied(ticket_id).split(b"To: ", 1)[1].split(b"\r\n", 1)[0].decode()
                raw = from_bob(head, to=to, body=body)
            case "machine":
                raw, text = (
                    replied(ticket_id, b"Auto-Submitted: auto-replied", body=text.encode()),
                    "",
                )
            case _:
                raw, text = bounce(return_path(MAILBOX, ticket_id, 1, KEY)), ""
        return Came(f"inbound/{number}", raw, text or None, name.decode(), b"%d" % number)

    def _take(self, office: Office, mail: Came | None = None) -> None:
        found = mail or self.came[-1]
        room: Any = self.world.mailroom(office)
        room.take(found.key, found.raw, office.clock())

    def _come_to_rest(self) -> None:
        """The queue brings what was not taken, and the courier sends what there is, again."""
        for each in self.came:
            self._take(self.office, each)
        self._send()
        super()._come_to_rest()
        self._send()
        self._expect_each_said_once()
        self._expect_all_to_leave()

    def _send(self) -> None:
        wire, queue = Wire(), self.world.leaving()
        for mail in queue:
            try:
                outbox.deliver(
                    mail,
                    outbox=self.office.tickets.outbox,
                    tickets=self.office.tickets,
                    escalations=self.office.escalations,
                    sender=wire,
                    desk=DESK,
                    clock=self.office.clock,
                )
            except ConflictError as error:
                expect(Promise.MAILED, False, f"{mail}: {error}")

    def _expect_each_said_once(self) -> None:
        said = [m.text for t in self._tickets() for m in self._said(t.id)]
        filed = [each for t in self._tickets() for each in self.world.filed(t.id).items()]
        for each in self.came:
            if each.text:
                times = sum(each.text in text for text in said)
                right = times <= 1 if self.unwanted else times == 1
                expect(Promise.MAILED, right, f"{each.key} is {times} messages")
                kept = [data for name, data in filed if name.endswith(f" {each.name}")]
                right = kept == [each.content] * times
                expect(Promise.MAILED, right, f"the file of {each.key} is kept as {kept}")

    def _expect_all_to_leave(self) -> None:
        for found in self._tickets():
            if found.channel != outbox.CHANNEL and not found.customer.mailed:
                continue
            for said in self._said(found.id):
                if said.source != "customer":
                    mail = self.office.tickets.outbox.mail(found.id, said.number)
                    expect(Promise.MAILED, mail and mail.ended_at, f"{said} did not leave")

    def _said(self, ticket_id: str) -> Any:
        found = self.office.tickets.conversation(ticket_id)
        return found.messages if found else ()

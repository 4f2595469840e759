"""A mailroom over a desk in memory, and the mails that come to it."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from helpdesk import ticket
from helpdesk.limits import Gate
from helpdesk.mail import Keys, reply_address, return_path
from helpdesk.receiving import Filing, Mailroom, Outcome, Rules, Taken
from helpdesk.ticket import Conversation, Event, Ticket

from tests.buckets import InMemoryBuckets
from tests.fakes import InMemoryMailbox, Office
from tests.filed import InMemoryVault
from tests.mails import BLOCK, part, parts
from tests.mails import mail as ada_writes

MAILBOX = "support@shop.example"
KEY = "k" * 32
PERIOD = timedelta(days=14)
AN_HOUR = 20
QUESTION = b"Where is my order 12345?"

HONEST = BLOCK.replace(b"dmarc=pass", b"dmarc=none")
DENIED = BLOCK.replace(b"dmarc=pass", b"dmarc=fail")
SPAM = BLOCK.replace(b"Spam-Verdict: PASS", b"Spam-Verdict: FAIL")
VIRUS = BLOCK.replace(b"Virus-Verdict: PASS", b"Virus-Verdict: FAIL")


@dataclass
class Room:
    """A mailroom over a desk in memory, and the objects that came."""

    office: Office
    mailbox: InMemoryMailbox
    room: Mailroom
    vault: InMemoryVault
    came: int = 0

    def take(self, raw: bytes, key: str | None = None) -> Taken:
        self.came += 1
        return self.room.take(key or f"inbound/{self.came}", raw, self.office.clock())

    def release(self, key: str, raw: bytes) -> Taken:
        return self.room.release(key, raw, self.office.clock(), by="lena")

    def hear(self, event_id: str, event: str) -> Taken:
        return self.room.hear(event_id, event, self.office.clock())

    def submitted(self, raw: bytes) -> str:
        taken = self.take(raw)
        assert taken.outcome is Outcome.SUBMITTED
        assert taken.ticket_id
        return taken.ticket_id

    def conversation(self, ticket_id: str | None) -> Conversation:
        found = self.office.tickets.conversation(ticket_id or "")
        assert found
        return found

    def ticket(self, ticket_id: str | None) -> Ticket:
        return self.conversation(ticket_id).ticket

    def last(self, ticket_id: str) -> Event:
        return self.office.tickets.events(ticket_id)[-1]

    def close(self, ticket_id: str) -> None:
        closed = ticket.withdraw(self.ticket(ticket_id), now=self.office.clock())
        self.office.tickets.commit(closed)


def open_room(
    office: Office, mailbox: Any = None, *, register: Any = None, vault: Any = None
) -> Room:
    """Return a mailroom over a desk, whose files are in its own register unless one is given."""
    vault = vault or InMemoryVault()
    mailbox = mailbox or InMemoryMailbox(office.tickets)
    rules = Rules(
        mailbox=MAILBOX,
        keys=Keys(KEY),
        terms=office.terms,
        reopen_within=PERIOD,
        held_for=timedelta(days=30),
        an_hour=AN_HOUR,
    )
    mailroom = Mailroom(
        tickets=office.tickets,
        outbox=office.tickets.outbox,
        filing=Filing(register or office.tickets.register, vault, life=rules.held_for),
        gate=Gate(InMemoryBuckets(), failed=_failed),
        threads=mailbox,
        mailbox=mailbox,
        texts=office.desk_texts,
        intake=office.intake,
        escalations=office.escalations,
        rules=rules,
    )
    return Room(office, mailbox, mailroom, vault)


def _failed(error: Exception) -> None:
    raise error


def asked(*lines: bytes, body: bytes = QUESTION, block: bytes = BLOCK) -> bytes:
    return block + ada_writes(*lines, body=body)


def from_bob(*lines: bytes, to: str = MAILBOX, body: bytes = b"I am her brother.") -> bytes:
    head = [b"From: Bob <bob@example.org>", b"To: " + to.encode(), b"Subject: Re: Order", *lines]
    return BLOCK + b"\r\n".join([*head, b"", body])


def replied(
    ticket_id: str, *lines: bytes, body: bytes = b"And now?", block: bytes = BLOCK
) -> bytes:
    """Return Ada's answer to the signed address of a ticket."""
    address = reply_address(MAILBOX, ticket_id, KEY).encode()
    raw = asked(*lines, body=body, block=block)
    return raw.replace(b"To: support@shop.example", b"To: " + address)


def bill(content: bytes, *, name: bytes = b"bill.pdf", kind: str = "application/pdf") -> bytes:
    """Return a part of a mail that is a file."""
    return part(kind, content, b"Content-Disposition: attachment; filename=" + name)


def bounce(to: str) -> bytes:
    """Return what a mail server says that could not deliver a mail of the desk."""
    status = b"Reporting-MTA: dns; x\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    status += b"Final-Recipient: rfc822; ada@example.com\r\n"
    kind = 'report; report-type="delivery-status"'
    said = parts(kind, part("text/plain", b"sorry"), part("message/delivery-status", status))
    head = b"From: mailer-daemon@example.com\r\nTo: " + to.encode() + b"\r\n"
    return BLOCK.replace(b"<ada@example.com>", b"<>", 1) + head + said


def event_of(ticket_id: str, kind: str = "Bounce") -> str:
    """Return what the sending service says became of the first mail of a ticket."""
    named = return_path(MAILBOX, ticket_id, 1, KEY)
    return json.dumps(
        {
            "eventType": kind,
            "mail": {"source": named, "messageId": "1", "headers": []},
            "bounce": {
                "bounceType": "Permanent",
                "bouncedRecipients": [{"emailAddress": "ada@example.com", "status": "5.1.1"}],
            },
            "complaint": {"complainedRecipients": [{"emailAddress": "ada@example.com"}]},
        }
    )

"""The local stand-in for the mail service: takes mail by SMTP and stores it as SES would.

    python -m infra.local.mail --port 2525 --endpoint http://127.0.0.1:4566 --mailbox ADDRESS

A client is told 250 only when the object is stored, so no mail is lost that was accepted. Nothing
is checked here, and the verdicts on top of the mail say so; `--verdicts pass` writes good ones, to
see what becomes of mails from proven senders.
"""

import argparse
import asyncio
import secrets
import smtplib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from botocore.exceptions import BotoCoreError, ClientError
from helpdesk.aws.mails import INBOUND, StoredMails
from helpdesk.mail import HONEST, Delivery, Verdict, Verdicts, is_own, normalised, received_block

from infra.emulator.processes import wait_for_end
from infra.local.up import local_stack

HERE = "127.0.0.1"
LARGEST = 40 * 1024 * 1024
"""Bytes of a mail that SES takes."""

PASSING = Verdicts(
    spam=Verdict.PASS,
    virus=Verdict.PASS,
    spf=Verdict.PASS,
    dkim=Verdict.PASS,
    dmarc=Verdict.PASS,
)
VERDICTS = {"honest": HONEST, "pass": PASSING}


@dataclass(frozen=True)
class Door:
    """Takes mail for one mailbox, with or without a plus part, and refuses all other mail."""

    mailbox: str
    store: Callable[[str, bytes], object]
    verdicts: Verdicts = HONEST

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Accept a recipient who is the desk."""
        found = normalised(address)
        if found is None or not is_own(found, (self.mailbox,)):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Store the mail; only then is it accepted."""
        name = secrets.token_hex(20)
        delivery = Delivery(
            id=name,
            sender=envelope.mail_from or "",
            recipient=envelope.rcpt_tos[0],
            client=str(session.peer[0]) if session.peer else "",
            helo=session.host_name or "",
            at=datetime.now(UTC),
        )
        content = envelope.original_content or b""
        try:
            raw = received_block(delivery, self.verdicts) + content
            await asyncio.to_thread(self.store, name, raw)
        except (BotoCoreError, ClientError) as error:
            print(f"a mail could not be stored: {error}", file=sys.stderr, flush=True)
            return "451 4.3.0 It could not be stored; try again later"
        return f"250 2.0.0 Stored as {name}"


def hand_over(data: bytes, *, sender: str, mailbox: str, port: int, patience: float = 600) -> str:
    """Hand a mail over to a listener on this machine; return the key of the object that holds it.

    The listener may be silent for `patience` seconds. Raises smtplib's SMTPDataError if the mail
    was not stored, and what else smtplib raises.
    """
    with smtplib.SMTP(HERE, port, local_hostname="customers.example", timeout=patience) as client:
        client.ehlo_or_helo_if_needed()
        client.mail(sender)
        client.rcpt(mailbox)
        code, said = client.data(data)
    if code != 250:
        raise smtplib.SMTPDataError(code, said)
    return INBOUND + said.decode().rsplit(" ", 1)[-1]


def listener(door: Door, port: int) -> Controller:
    """Return what listens on 127.0.0.1, not yet started."""
    return Controller(
        door,
        hostname=HERE,
        port=port,
        data_size_limit=LARGEST,
        enable_SMTPUTF8=True,
        server_hostname="localhost",
        ident="helpdesk",
    )


def main() -> int:
    """Listen until told to stop, or until the emulator is gone; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoint", required=True, help="where AWS calls go")
    parser.add_argument("--mailbox", required=True, help="the desk's address")
    parser.add_argument("--verdicts", choices=sorted(VERDICTS), default="honest")
    parser.add_argument("--with-process", type=int, help="end when this process does")
    given = parser.parse_args()
    stack = local_stack(given.endpoint)
    stored = StoredMails(stack.client("s3"), stack.outputs["MailBucket"])
    open_door = listener(Door(given.mailbox, stored.store, VERDICTS[given.verdicts]), given.port)
    open_door.start()
    print(f"Mail for {given.mailbox} is taken at {HERE}:{given.port}", flush=True)
    try:
        wait_for_end(given.with_process)
    except KeyboardInterrupt:
        return 130
    finally:
        open_door.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

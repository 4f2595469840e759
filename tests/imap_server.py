"""A mail server on the loopback that speaks as much IMAP over TLS as the desk does, by a script."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from helpdesk.imap import MONTHS

HOST = "localhost"
USER, PASSWORD = "support", 'pass "word" \\1'


@dataclass
class Mail:
    """One mail in the folder. `said` is the size that the server names, if it is not the real."""

    raw: bytes
    came: datetime
    said: int | None = None
    refused: bool = False


@dataclass
class Script:
    """What the folder holds, and how the server behaves.

    `cut_at` ends the connection after so many bytes of a fetched mail, once. `log` has what clients
    asked, without their password.
    """

    validity: int = 7
    mails: dict[int, Mail] = field(default_factory=dict)
    cut_at: int | None = None
    silent_about: str = ""
    noise: bytes = b""
    log: list[str] = field(default_factory=list)

    def add(self, raw: bytes, came: datetime, **more: object) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = Mail(raw, came, **more)  # type: ignore[arg-type]
        return uid

    def renumber(self, validity: int, first: int = 1) -> None:
        """Number all mails in a new way, in their order."""
        self.validity = validity
        self.mails = dict(enumerate(self.mails.values(), start=first))


class ClosedError(Exception):
    """The script says that the connection ends here."""


class Conversation:
    """One client's connection."""

    def __init__(self, script: Script, connection: socket.socket) -> None:
        self.script, self.file = script, connection.makefile("rwb")
        self.connection = connection

    def say(self, *lines: bytes) -> None:
        self.file.write(b"".join(line + b"\r\n" for line in lines))
        self.file.flush()

    def run(self) -> None:
        self.say(b"* OK ready")
        while line := self.file.readline():
            tag, _, rest = line.strip().partition(b" ")
            command = rest.decode()
            self.script.log.append("LOGIN" if command.startswith("LOGIN") else command)
            said = self.answer(command)
            self.say(tag + b" " + said)
            if command == "LOGOUT":
                return

    def answer(self, command: str) -> bytes:
        name = command.partition(" ")[0]
        if name == "CAPABILITY":
            self.say(b"* CAPABILITY IMAP4rev1")
        elif name == "LOGIN":
            given = re.sub(r"\\(.)", r"\1", command.partition(" ")[2])
            if given not in {f'{USER} "{PASSWORD}"', f'"{USER}" "{PASSWORD}"'}:
                return b"NO [AUTHENTICATIONFAILED] support is not let in"
        elif name == "EXAMINE":
            if command != 'EXAMINE "INBOX"':
                return b"NO [NONEXISTENT] no such folder"
            told = {"UIDVALIDITY": self.script.validity, "UIDNEXT": self.next}
            told.pop(self.script.silent_about, None)
            lines = [b"* OK [%s %d] so" % (n.encode(), v) for n, v in told.items()]
            self.say(b"* %d EXISTS" % len(self.script.mails), *lines)
        elif command.startswith("UID SEARCH"):
            self.say(b"* SEARCH" + b"".join(b" %d" % uid for uid in self.search(command)))
        elif command.startswith("UID FETCH"):
            return self.fetch(command)
        return b"OK done"

    @property
    def next(self) -> int:
        return max(self.script.mails, default=0) + 1

    def search(self, command: str) -> list[int]:
        """Find mails. A range with an open end has the last mail always, as RFC 3501 says."""
        wanted = re.fullmatch(
            r"UID SEARCH UID (\d+):(\d+|\*)(?: SINCE (\d\d)-(\w{3})-(\d{4}))?", command
        )
        assert wanted, command
        least = int(wanted[1])
        last = self.next - 1 if wanted[2] == "*" else int(wanted[2])
        least, last = min(least, last), max(least, last)
        found = [uid for uid in self.script.mails if least <= uid <= last]
        if wanted[3]:
            since = date(int(wanted[5]), MONTHS.index(wanted[4]) + 1, int(wanted[3]))
            found = [uid for uid in found if self.script.mails[uid].came.date() >= since]
        return found

    def fetch(self, command: str) -> bytes:
        _, _, uid, what = command.split(" ", 3)
        found = self.script.mails.get(int(uid))
        if self.script.noise:
            self.say(self.script.noise)
        if found is None:
            return b"OK nothing"
        if found.refused:
            return b"NO [SERVERBUG] it cannot be read"
        if "BODY.PEEK[]" in what:
            self.file.write(b"* 1 FETCH (UID %s BODY[] {%d}\r\n" % (uid.encode(), len(found.raw)))
            cut, self.script.cut_at = self.script.cut_at, None
            self.file.write(found.raw[:cut])
            self.file.flush()
            if cut is not None:
                raise ClosedError
            self.say(b")")
        else:
            size = len(found.raw) if found.said is None else found.said
            at = found.came.strftime(f"%d-{MONTHS[found.came.month - 1]}-%Y %H:%M:%S %z")
            said = f'* 1 FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "{at}")'
            self.say(said.encode())
        return b"OK done"


@cache
def _identity() -> tuple[bytes, bytes]:
    """Return a certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM), secret


def trusting() -> ssl.SSLContext:
    """Return what a client needs that trusts the server, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=_identity()[0].decode())
    return context


def write_identity(path: Path) -> None:
    """Write the certificate and the key of the server into a file."""
    path.write_bytes(b"".join(_identity()))


def _serving() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        write_identity(path := Path(folder) / "both.pem")
        context.load_cert_chain(path)
    return context


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """Yield the address of a server that behaves as the script says, until the end."""
    context = _serving()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(plain: socket.socket) -> None:
        with suppress(OSError, ClosedError), context.wrap_socket(plain, server_side=True) as secure:
            try:
                Conversation(script, secure).run()
            finally:
                secure.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"{HOST}:{listening.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(timeout=5)

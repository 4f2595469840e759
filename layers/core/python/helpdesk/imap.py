"""A folder of a mail server, read over IMAP with TLS; nothing in it is changed.

`imaplib` of the standard library is enough: five commands are asked, and packages wrap it anyway.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from imaplib import IMAP4, IMAP4_SSL, Internaldate2tuple
from ssl import SSLContext, create_default_context
from typing import Any

from helpdesk.collecting import MailboxError, Trouble, Weight

PORT = 993
TIME_OUT = 10
"""Seconds that the server may be silent."""

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

_CODE = re.compile(r"\[([A-Z][A-Z-]{0,39})[\] ]")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,19})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose folder it is, and where: `host` may name another port than 993, as `host:port`."""

    host: str
    user: str
    password: str = field(repr=False)
    folder: str


class ImapFolder:
    """An open folder: see `collecting.Folder`."""

    def __init__(self, server: IMAP4) -> None:
        self._server = server
        self.validity = self._told("UIDVALIDITY")
        self.uid_next = self._told("UIDNEXT")

    def numbers(self, least: int, below: int | None, since: date | None) -> set[int]:
        """Return the numbers of mails from `least` on, `below` one and of a day or later."""
        last = "*" if below is None else below - 1
        criteria = [f"UID {least}:{last}"]
        if since:
            criteria.append(f"SINCE {since.day:02}-{MONTHS[since.month - 1]}-{since.year}")
        found = b" ".join(each for each in self._asked("SEARCH", *criteria) if each)
        if not re.fullmatch(rb"[\d ]*", found):
            raise MailboxError(Trouble.ANSWER, "SEARCH")
        return {int(each) for each in found.split()}

    def weigh(self, uid: int) -> Weight | None:
        """Return the size of a mail and when it came; None if it is gone."""
        for each in self._asked("FETCH", str(uid), "(UID RFC822.SIZE INTERNALDATE)"):
            if isinstance(each, bytes) and _is_of(each, uid):
                if (size := _SIZE.search(each)) is None:
                    continue  # another client changed its flags
                came = Internaldate2tuple(each)
                at = datetime.fromtimestamp(time.mktime(came), UTC) if came else None
                return Weight(int(size[1]), at)
        return None

    def fetch(self, uid: int) -> bytes | None:
        """Return a mail, without marking it as seen; None if it is gone."""
        for each in self._asked("FETCH", str(uid), "(UID BODY.PEEK[])"):
            if isinstance(each, tuple) and b"BODY[]" in each[0].upper():
                raw: bytes = each[1]
                return raw
        return None

    def _told(self, name: str) -> int:
        """Return a number that the server said of the folder when it was opened."""
        found = self._server.response(name)[1][-1]
        if not found or not found.isdigit():
            raise MailboxError(Trouble.ANSWER, name)
        return int(found)

    def _asked(self, command: str, *arguments: str) -> list[Any]:
        with _failing(Trouble.ANSWER):
            said, data = self._server.uid(command, *arguments)
        if said != "OK":
            raise MailboxError(Trouble.ANSWER, _code(data))
        return data


def trusted() -> SSLContext:
    """Return what decides which servers are believed to be who they say: the system's roots."""
    return create_default_context()


@contextmanager
def opened(account: Account) -> Iterator[ImapFolder]:
    """Log in, open the folder for reading, and log out at the end. Raises MailboxError."""
    host, _, port = account.host.partition(":")
    with _failing(Trouble.UNREACHABLE, closed=Trouble.UNREACHABLE):
        server = IMAP4_SSL(host, int(port or PORT), ssl_context=trusted(), timeout=TIME_OUT)
    try:
        with _failing(Trouble.LOGIN):
            server.login(account.user, account.password)
        with _failing(Trouble.FOLDER):
            said, data = server.select(_quoted(account.folder), readonly=True)
        if said != "OK":
            raise MailboxError(Trouble.FOLDER, _code(data))
        yield ImapFolder(server)
    finally:
        with suppress(IMAP4.error, OSError):
            server.logout()


@contextmanager
def _failing(refused: Trouble, *, closed: Trouble = Trouble.CLOSED) -> Iterator[None]:
    """Turn what imaplib raises into MailboxError; the server's own words stay out of it."""
    try:
        yield
    except IMAP4.abort as error:
        raise MailboxError(closed, type(error).__name__) from error
    except OSError as error:
        raise MailboxError(closed, type(error).__name__) from error
    except IMAP4.error as error:
        raise MailboxError(refused, _code(error.args)) from error
    except UnicodeEncodeError as error:  # LOGIN takes ASCII alone
        raise MailboxError(refused, type(error).__name__) from None


def _code(said: Any) -> str:
    """Return the code in what a server said, such as AUTHENTICATIONFAILED; its text is not told."""
    found = _CODE.search(str(said))
    return found[1] if found else "no code"


def _is_of(said: bytes, uid: int) -> bool:
    return re.search(rb"\bUID %d\b" % uid, said, re.IGNORECASE) is not None


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

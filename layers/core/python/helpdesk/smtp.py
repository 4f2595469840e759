"""The sender of mails over SMTP, for a server of one's own or a sink on the same machine."""

from email.parser import BytesHeaderParser
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from urllib.parse import urlsplit

from helpdesk.outbox import RefusedError, UnavailableError

TIME_OUT = 10
"""Seconds that the server may take for an answer."""

LONGEST_REASON = 300


class SmtpSender:
    """Sends mails to the server at `url`, as `smtp://mail.example:25` or `smtps://mail.example`."""

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        if at.scheme not in {"smtp", "smtps"} or not at.hostname:
            raise ValueError("the address of a mail server begins with smtp:// or smtps://")
        self._encrypted = at.scheme == "smtps"
        self._host, self._port = at.hostname, at.port or (465 if self._encrypted else 25)

    def send(self, data: bytes, *, return_path: str, to: str) -> str:
        """Hand over a mail and return its own id, which servers keep.

        Raises RefusedError or UnavailableError.
        """
        try:
            with self._connected() as server:
                server.sendmail(return_path, [to], data)
        except SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _failed(code, said) from error
        except SMTPResponseException as error:
            raise _failed(error.smtp_code, error.smtp_error) from error
        except (SMTPException, OSError) as error:
            raise UnavailableError(type(error).__name__) from error
        found = BytesHeaderParser().parsebytes(data)["Message-ID"] or ""
        return str(found).strip("<> ")

    def _connected(self) -> SMTP:
        server = SMTP_SSL if self._encrypted else SMTP
        return server(self._host, self._port, local_hostname="helpdesk", timeout=TIME_OUT)


def _failed(code: int, said: bytes | str) -> RefusedError | UnavailableError:
    """Return the error for an answer: from 500 on, the server will never take this mail."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code >= 500:
        return RefusedError(f"{code} {text}"[:LONGEST_REASON])
    return UnavailableError(str(code))

"""The clock's other door: once a minute, take the new mails of a folder that is read by IMAP."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from helpdesk import collecting, telemetry
from helpdesk.collecting import Collected, Folder, MailboxError, Places, Rules
from helpdesk.composition.folder import FolderParts
from helpdesk.settings import MailboxSettings

SERVICE = "mailbox"


@dataclass(frozen=True, slots=True)
class Needs:
    """What taking the mails needs from outside. `opened` logs in and opens the folder."""

    opened: Callable[[], AbstractContextManager[Folder]]
    places: Places
    store: Callable[[str, bytes], object]
    rules: Rules


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = MailboxSettings.from_env()
    parts = FolderParts.of_settings(settings)
    at = (settings.imap_host, settings.imap_user, settings.imap_folder)
    return Needs(
        opened=partial(parts.folder, *at, password_name=settings.imap_password_name),
        places=parts.places(*at),
        store=parts.mails.store,
        rules=Rules(
            mailbox=settings.mailbox,
            host=settings.imap_host,
            authority=settings.imap_authority,
        ),
    )


def handler(_event: Any, _context: Any) -> dict[str, int]:
    """Take new mails and return the counts. A folder that cannot be read is tried next minute."""
    done, read = Collected(), False
    try:
        with telemetry.reporting(SERVICE):
            read = _look(done)
    finally:
        if done.fetched:
            telemetry.count(SERVICE, "MailFetched", done.fetched)
        if done.too_large:
            telemetry.count(SERVICE, "MailTooLarge", done.too_large)
        if read:
            telemetry.tell(SERVICE, "mailbox read", **asdict(done))
        telemetry.flush(SERVICE)
    return asdict(done)


def _look(done: Collected) -> bool:
    """Take new mails, and tell whether the folder could be read as far as a run goes."""
    try:
        with needs().opened() as folder:
            collecting.collect(
                folder,
                places=needs().places,
                store=needs().store,
                rules=needs().rules,
                left=_left,
                clock=partial(datetime.now, UTC),
                done=done,
            )
    except MailboxError as error:
        told = {"trouble": error.trouble.value, "code": error.detail}
        telemetry.logger(SERVICE).error("mailbox not read", extra=told)
        telemetry.count(SERVICE, "MailboxFailed")
        return False
    return True


def _left(uid: int, size: int) -> None:
    """Name a mail that is too large to be taken: it stays in the folder, for people."""
    telemetry.logger(SERVICE).error("mail too large", extra={"uid": uid, "bytes": size})

"""What is read of a mail: who wrote what to whom, with its files and faults. Pure."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.mail.addresses import Address
from helpdesk.mail.loops import Automatic
from helpdesk.mail.trust import Standing, Verdicts, standing
from helpdesk.mime.headers import Headers
from helpdesk.mime.model import Attachment, Fault

NO_VERDICTS, NO_HEADERS = Verdicts(), Headers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is read of a mail.

    `sender` is None unless the mail names exactly one sound address. `recipients` are all
    addresses the mail came to: of its own headers, and those the servers on its way noted. Message
    ids are without brackets. `html_only` says that the text is made from HTML. `report` is the kind
    of a report, such as `delivery-status`. `withheld` are the names of files that show only after
    the mail's head was mended. `faults` name what could not be read.
    """

    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    recipients: tuple[str, ...] = ()
    subject: str = ""
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    html_only: bool = False
    attachments: tuple[Attachment, ...] = ()
    withheld: tuple[str, ...] = ()
    report: str | None = None
    automatic: Automatic | None = None
    verdicts: Verdicts = NO_VERDICTS
    faults: tuple[Fault, ...] = ()
    headers: Headers = NO_HEADERS

    @property
    def standing(self) -> Standing:
        """How far the mail is trusted."""
        return standing(self.verdicts)

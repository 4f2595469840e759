"""Mails that come in: each becomes a ticket, or a message or a note on one. Pure.

The object that holds a mail is its name: if the queue brings it again, nothing is done again. What
a mail changes is stored in one step with the letter, which says that the mail was taken, and with
what is known of its files. Their contents are kept after that; a mail that comes again makes up for
those that are missing.

Every mail of a person becomes a ticket or a message, however little can be read of it. Spam becomes
neither: it is held in quarantine, a listing of its own, until a lead releases it or it expires. A
report that a mail of the desk did not arrive becomes a note, which people get, and never a ticket.
What a machine writes to a ticket becomes a note that moves nothing. Who writes very often gets no
answer of a machine.

    mailroom     the use cases: take a mail, release one, hear what became of one
    filing       the files of a mail, on their way to its ticket
    quarantine   what is held, as people see it, and what leads do with it
    originals    the mails of a ticket as they came
    trying       test mails, which leads put where those of customers come in
    ports        what they need from outside
    telling      what people are told of a mail
"""

from helpdesk.receiving.filing import SMALL_PICTURE, Filing
from helpdesk.receiving.mailroom import Mailroom, Outcome, Rules, Taken
from helpdesk.receiving.originals import Letters, Original, Originals
from helpdesk.receiving.ports import Held, Mailbox, Threads
from helpdesk.receiving.quarantine import Quarantine
from helpdesk.receiving.telling import CUT, NO_TEXT, opening, sender_of
from helpdesk.receiving.trying import Draft, Enclosed, Fate, Trial, Trials

__all__ = [
    "CUT",
    "NO_TEXT",
    "SMALL_PICTURE",
    "Draft",
    "Enclosed",
    "Fate",
    "Filing",
    "Held",
    "Letters",
    "Mailbox",
    "Mailroom",
    "Original",
    "Originals",
    "Outcome",
    "Quarantine",
    "Rules",
    "Taken",
    "Threads",
    "Trial",
    "Trials",
    "opening",
    "sender_of",
]

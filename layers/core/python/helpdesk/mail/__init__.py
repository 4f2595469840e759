"""Mail: what comes in is read and placed, what goes out is written. Pure.

Any bytes give a mail, and every mail a ticket or a message on one. What could not be read is named.
Nothing that a sender can write counts as a finding of the server that received the mail. How a mail
is taken apart is in `mime`.

    addresses   who wrote, and which addresses are the desk's own
    signing     addresses that name a ticket and cannot be made up
    trust       what the receiving server found out
    loops       mail that no machine may answer
    model       what is read of a mail
    reading     bytes to a mail
    bounces     mail of the desk that did not arrive
    threads     to which ticket a mail belongs
    writing     a mail of the desk
    intake      what a listener, or a reader of a folder, writes on top of a mail
"""

from helpdesk.mail.addresses import Address, NoSender, is_own, normalised
from helpdesk.mail.bounces import Bounce, BounceKind, of_event, of_mail
from helpdesk.mail.intake import HONEST, Delivery, fetched_block, received_block
from helpdesk.mail.loops import (
    A_SENDER_A_DAY,
    A_TICKET,
    Automatic,
    Sign,
    Silence,
    automatic,
    may_answer,
    silence,
)
from helpdesk.mail.model import Mail
from helpdesk.mail.reading import read
from helpdesk.mail.signing import Keys, Returned, bounced, reply_address, return_path, ticket_of
from helpdesk.mail.threads import (
    Append,
    FoundTicket,
    NewTicket,
    Placing,
    PointsBack,
    ThreadEntry,
    ids_of,
    place,
)
from helpdesk.mail.trust import Standing, Verdict, Verdicts, standing
from helpdesk.mail.writing import WITHOUT_SUBJECT, Outgoing, Said, compose, reply_subject
from helpdesk.mime.charsets import Detect
from helpdesk.mime.model import Attachment, Fault, FaultKind

__all__ = [
    "A_SENDER_A_DAY",
    "A_TICKET",
    "HONEST",
    "WITHOUT_SUBJECT",
    "Address",
    "Append",
    "Attachment",
    "Automatic",
    "Bounce",
    "BounceKind",
    "Delivery",
    "Detect",
    "Fault",
    "FaultKind",
    "FoundTicket",
    "Keys",
    "Mail",
    "NewTicket",
    "NoSender",
    "Outgoing",
    "Placing",
    "PointsBack",
    "Returned",
    "Said",
    "Sign",
    "Silence",
    "Standing",
    "ThreadEntry",
    "Verdict",
    "Verdicts",
    "automatic",
    "bounced",
    "compose",
    "fetched_block",
    "ids_of",
    "is_own",
    "may_answer",
    "normalised",
    "of_event",
    "of_mail",
    "place",
    "read",
    "received_block",
    "reply_address",
    "reply_subject",
    "return_path",
    "silence",
    "standing",
    "ticket_of",
]

"""Mails that leave: stored with the move that says them, sent at least once, marked. Pure.

A mail is stored in the same step as the message it carries, so neither is there without the other.
A queue then names it, the courier sends it and marks it, and the clock finds what the queue lost.
The mark is set after the sending: a courier that dies between the two sends the mail again.

    outbound     what leaves of a change, and what keeps a mail from leaving
    ports        what sending needs from outside
    writing      a stored mail as it is written
    delivering   the use case of the courier: send a mail once, mark it, or tell people
    returning    mails that came back, and complaints
"""

from helpdesk.outbox.delivering import Outcome, deliver, give_up
from helpdesk.outbox.outbound import (
    CHANNEL,
    SUPPRESSED,
    UNKNOWN,
    Correspondence,
    Kind,
    Outbound,
    Part,
    beside_a_page,
    heard,
    mail_id,
    may_correspond,
    message,
    named,
    outbound,
    read_message,
    speaks,
    why_silent,
)
from helpdesk.outbox.ports import Outbox, Overdue, RefusedError, Sender, UnavailableError
from helpdesk.outbox.returning import came_back
from helpdesk.outbox.writing import Desk, written

__all__ = [
    "CHANNEL",
    "SUPPRESSED",
    "UNKNOWN",
    "Correspondence",
    "Desk",
    "Kind",
    "Outbound",
    "Outbox",
    "Outcome",
    "Overdue",
    "Part",
    "RefusedError",
    "Sender",
    "UnavailableError",
    "beside_a_page",
    "came_back",
    "deliver",
    "give_up",
    "heard",
    "mail_id",
    "may_correspond",
    "message",
    "named",
    "outbound",
    "read_message",
    "speaks",
    "why_silent",
    "written",
]

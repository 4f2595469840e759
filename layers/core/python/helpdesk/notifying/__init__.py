"""Leads hear of what must not wait: notices stored with their move, posted at least once. Pure.

A notice is stored in the step of its move, for each channel that hears of it. The courier posts it
and marks it; its id stays the same. Every channel is off until it is given an address.

    notices     what one channel is to hear of one move, and its id
    rules       which moves are told, and to which channels: a table
    content     what a notification says, as data and as lines
    ports       what notifying needs from outside
    posts       what is posted to webhooks, Slack and Telegram, and the signature
    verdicts    what a receiver's answer means, and how long to wait
    delivering  the use case of the courier
    switchboard the channels as people see them, for leads
"""

from helpdesk.notifying.content import Content, Shows, ShowsError, content, sample
from helpdesk.notifying.delivering import (
    AgainError,
    ByMail,
    ByRequest,
    Notifier,
    Outcome,
    Wire,
    tried,
)
from helpdesk.notifying.notices import (
    Channel,
    Notice,
    message,
    named,
    notice_id,
    read_message,
)
from helpdesk.notifying.ports import (
    GoneError,
    LaterError,
    Notices,
    Overdue,
    Post,
    Record,
    Records,
    RefusedError,
)
from helpdesk.notifying.posts import Request, Slack, Telegram, Webhook, signature
from helpdesk.notifying.rules import (
    LATE,
    RULES,
    SILENCE,
    Audience,
    Name,
    Rule,
    RulesError,
    audience,
    notices,
    still_overdue,
)
from helpdesk.notifying.switchboard import Line, Switchboard, TrialError
from helpdesk.notifying.verdicts import ATTEMPTS, PAUSES, Reply, judge, pause

__all__ = [
    "ATTEMPTS",
    "LATE",
    "PAUSES",
    "RULES",
    "SILENCE",
    "AgainError",
    "Audience",
    "ByMail",
    "ByRequest",
    "Channel",
    "Content",
    "GoneError",
    "LaterError",
    "Line",
    "Name",
    "Notice",
    "Notices",
    "Notifier",
    "Outcome",
    "Overdue",
    "Post",
    "Record",
    "Records",
    "RefusedError",
    "Reply",
    "Request",
    "Rule",
    "RulesError",
    "Shows",
    "ShowsError",
    "Slack",
    "Switchboard",
    "Telegram",
    "TrialError",
    "Webhook",
    "Wire",
    "audience",
    "content",
    "judge",
    "message",
    "named",
    "notice_id",
    "notices",
    "pause",
    "read_message",
    "sample",
    "signature",
    "still_overdue",
    "tried",
]

"""A customer's matter: its states, its messages, and the legal moves between states. Pure.

A move takes a ticket and returns a `Change`: the ticket afterwards, the event that records the
move, and the messages it adds. The change is stored in one step, on the condition that the ticket
has not changed since the move read it. Folding a ticket's events gives the ticket.

    keys          what a customer is known by
    drafted       what a ticket says of its draft
    model         what a ticket is
    changing      what every move shares
    by_customer   the moves customers make
    by_desk       the moves the desk makes by itself
    telling       what a customer is told of a move beside a reply
    by_agent      the moves agents make
    by_draft      the moves with which drafts come and go
    fates         what becomes of a draft
    arranging     the moves with which agents arrange tickets: open, tag, merge
    replay        a ticket from its events
    awaiting      what an unfinished ticket waits for
    listing       where a ticket is listed
"""

from helpdesk.ticket.arranging import (
    TagError,
    add,
    check_tag,
    merge,
    open_for,
    spam,
    split,
    tag,
)
from helpdesk.ticket.awaiting import CHOICE_PATIENCE, Await, Awaiting, awaits
from helpdesk.ticket.by_agent import (
    claim,
    close,
    extend,
    note,
    release,
    reopen,
    reply,
    snooze,
    transfer,
)
from helpdesk.ticket.by_customer import follow_up, is_thanks, rate, rekey, submit, withdraw
from helpdesk.ticket.by_desk import (
    about,
    duplicate,
    for_people,
    give_up,
    give_up_asking,
    remark,
    settle,
    undelivered,
    wake,
    weigh,
    with_files,
)
from helpdesk.ticket.by_draft import dismiss, redraft, with_draft
from helpdesk.ticket.changing import expect_no_colleague, held_by
from helpdesk.ticket.drafted import Drafted, Fate
from helpdesk.ticket.fates import expect_draft
from helpdesk.ticket.keys import CustomerKey, Kind
from helpdesk.ticket.listing import Listing, Place, place
from helpdesk.ticket.model import (
    CUSTOMER,
    DESK,
    MAX_SUBJECT,
    MAX_TEXT,
    SPAM,
    Agent,
    Change,
    Conversation,
    Customer,
    Event,
    IllegalMoveError,
    Lease,
    LeaseError,
    Message,
    Move,
    NewsError,
    NotAllowedError,
    Role,
    Source,
    StaleDraftError,
    State,
    TextError,
    Ticket,
    check_text,
)
from helpdesk.ticket.replay import replay
from helpdesk.ticket.telling import Occasion, occasion, tell

__all__ = [
    "CHOICE_PATIENCE",
    "CUSTOMER",
    "DESK",
    "MAX_SUBJECT",
    "MAX_TEXT",
    "SPAM",
    "Agent",
    "Await",
    "Awaiting",
    "Change",
    "Conversation",
    "Customer",
    "CustomerKey",
    "Drafted",
    "Event",
    "Fate",
    "IllegalMoveError",
    "Kind",
    "Lease",
    "LeaseError",
    "Listing",
    "Message",
    "Move",
    "NewsError",
    "NotAllowedError",
    "Occasion",
    "Place",
    "Role",
    "Source",
    "StaleDraftError",
    "State",
    "TagError",
    "TextError",
    "Ticket",
    "about",
    "add",
    "awaits",
    "check_tag",
    "check_text",
    "claim",
    "close",
    "dismiss",
    "duplicate",
    "expect_draft",
    "expect_no_colleague",
    "extend",
    "follow_up",
    "for_people",
    "give_up",
    "give_up_asking",
    "held_by",
    "is_thanks",
    "merge",
    "note",
    "occasion",
    "open_for",
    "place",
    "rate",
    "redraft",
    "rekey",
    "release",
    "remark",
    "reopen",
    "replay",
    "reply",
    "settle",
    "snooze",
    "spam",
    "split",
    "submit",
    "tag",
    "tell",
    "transfer",
    "undelivered",
    "wake",
    "weigh",
    "with_draft",
    "with_files",
    "withdraw",
]

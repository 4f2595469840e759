"""A customer's matter: its states, its messages, and the legal moves between states. Pure.

A move takes a ticket and returns a `Change`: the ticket afterwards, the event that records the
move, and the messages it adds. The change is stored in one step, on the condition that the ticket
has not changed since the move read it. Folding a ticket's events gives the ticket.

    model         what a ticket is
    changing      what every move shares
    by_customer   the moves customers make
    by_desk       the moves the desk makes by itself
    telling       what a customer is told of a move beside a reply
    by_agent      the moves agents make
    replay        a ticket from its events
    awaiting      what an unfinished ticket waits for
    listing       where a ticket is listed
"""

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
from helpdesk.ticket.by_desk import give_up, give_up_asking, settle, wake
from helpdesk.ticket.listing import Listing, Place, place
from helpdesk.ticket.model import (
    CUSTOMER,
    DESK,
    MAX_SUBJECT,
    MAX_TEXT,
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
    NotAllowedError,
    Role,
    Source,
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
    "Agent",
    "Await",
    "Awaiting",
    "Change",
    "Conversation",
    "Customer",
    "Event",
    "IllegalMoveError",
    "Lease",
    "LeaseError",
    "Listing",
    "Message",
    "Move",
    "NotAllowedError",
    "Occasion",
    "Place",
    "Role",
    "Source",
    "State",
    "TextError",
    "Ticket",
    "awaits",
    "check_text",
    "claim",
    "close",
    "extend",
    "follow_up",
    "give_up",
    "give_up_asking",
    "is_thanks",
    "note",
    "occasion",
    "place",
    "rate",
    "rekey",
    "release",
    "reopen",
    "replay",
    "reply",
    "settle",
    "snooze",
    "submit",
    "tell",
    "transfer",
    "wake",
    "withdraw",
]

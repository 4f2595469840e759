"""A draft and next steps for a message that a person of the shop has before them. Pure.

The customer is the one whom the shop's server names, never one whom a text names. Nothing is sent:
a person reads the draft. What the desk hands over becomes a ticket.

model        what is asked, and what is said
conversing   conversations that go on, and which of their messages are one turn
looking      what the shop knows of the customer, with an entry in the log for each tool
quoting      the draft that is always there
composing    an engine's draft, if the evidence bears it
weighing     why people must see it, which steps follow, how sure the desk is, and why
flagging     the ticket of a conversation that people must see
assist       the use case
"""

from helpdesk.assisting.assist import Desk, NoCustomerError, assist
from helpdesk.assisting.composing import CALLS, composed
from helpdesk.assisting.conversing import (
    MOST_CHARACTERS,
    MOST_MESSAGES,
    Conversation,
    Conversations,
)
from helpdesk.assisting.flagging import CHANNEL, HandOver
from helpdesk.assisting.model import (
    MOOD,
    MOST_SHOWN,
    Asked,
    Assisted,
    Compose,
    Composed,
    Material,
    Mood,
    Talked,
    Used,
)

__all__ = [
    "CALLS",
    "CHANNEL",
    "MOOD",
    "MOST_CHARACTERS",
    "MOST_MESSAGES",
    "MOST_SHOWN",
    "Asked",
    "Assisted",
    "Compose",
    "Composed",
    "Conversation",
    "Conversations",
    "Desk",
    "HandOver",
    "Material",
    "Mood",
    "NoCustomerError",
    "Talked",
    "Used",
    "assist",
    "composed",
]

"""Which addresses, references and names belong to one customer. Pure.

A ticket is listed under one key: its customer's address or else the reference. A ticket that gives
two keys shows that they belong together; this is kept as a bond. Leads may decide otherwise: they
join keys that no ticket shows together, and separate keys. The newest decision counts.

A name is kept beside the keys it came with, so that it finds them. It joins nothing: many people
have the same name. Customers who are not verified have no bonds.

    bonds       what is kept: bonds and decisions
    persons     which keys are one customer, and which customer a text means
    holdings    what the desk has of a customer
    deciding    joining and separating
    ending      which bonds end with a ticket
"""

from helpdesk.belonging.bonds import (
    DECISION_LIFE,
    Bond,
    Bonds,
    CustomersTickets,
    Decision,
    Tie,
    shown_by,
)
from helpdesk.belonging.deciding import join, separate
from helpdesk.belonging.ending import ended_by, ties_of
from helpdesk.belonging.holdings import Holdings, holdings, tickets_of
from helpdesk.belonging.persons import (
    MOST_KEYS,
    AmbiguousCustomerError,
    Person,
    TooManyKeysError,
    are_one,
    is_known,
    person_of,
    whose,
)

__all__ = [
    "DECISION_LIFE",
    "MOST_KEYS",
    "AmbiguousCustomerError",
    "Bond",
    "Bonds",
    "CustomersTickets",
    "Decision",
    "Holdings",
    "Person",
    "Tie",
    "TooManyKeysError",
    "are_one",
    "ended_by",
    "holdings",
    "is_known",
    "join",
    "person_of",
    "separate",
    "shown_by",
    "tickets_of",
    "ties_of",
    "whose",
]

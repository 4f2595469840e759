"""The use case of the drafter: have an engine write the draft of a ticket. Pure.

The ticket has a draft that quotes, written as people got it. An engine's draft takes its place if
the engine answers in time, within its budget, and says nothing that its evidence does not.
Otherwise the draft stays as it is, with a mark that says why.

    budgeting   what an engine may take for a day and for a ticket, counted before each call
    running     the use case
"""

from helpdesk.redrafting.budgeting import (
    MOST_CALLS,
    Budgeted,
    Limits,
    OverBudgetError,
    Purse,
    Spending,
    Spent,
)
from helpdesk.redrafting.running import (
    ATTEMPTS,
    AgainError,
    DraftedTickets,
    Outcome,
    Result,
    Shelf,
    redraft,
)

__all__ = [
    "ATTEMPTS",
    "MOST_CALLS",
    "AgainError",
    "Budgeted",
    "DraftedTickets",
    "Limits",
    "Outcome",
    "OverBudgetError",
    "Purse",
    "Result",
    "Shelf",
    "Spending",
    "Spent",
    "redraft",
]

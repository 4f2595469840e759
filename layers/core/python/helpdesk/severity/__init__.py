"""How serious a ticket is: level, marks, matter, team and hours, each with its reason. Pure.

tables      levels, efforts, matters and rules as data, and what a desk changes of them
judging     the findings of a text and of an understanding, and what follows from them
"""

from helpdesk.severity.judging import (
    LEVELS_OF,
    MANAGEMENT,
    ORDINARY,
    About,
    Finding,
    Severity,
    estimated,
    heard,
    matter_of,
    of_text,
    understood,
)
from helpdesk.severity.tables import (
    ANYONE,
    HIGHEST,
    MOST_HOURS,
    OTHER,
    Level,
    Tables,
    TablesError,
    read,
    shipped,
)

__all__ = [
    "ANYONE",
    "HIGHEST",
    "LEVELS_OF",
    "MANAGEMENT",
    "MOST_HOURS",
    "ORDINARY",
    "OTHER",
    "About",
    "Finding",
    "Level",
    "Severity",
    "Tables",
    "TablesError",
    "estimated",
    "heard",
    "matter_of",
    "of_text",
    "read",
    "shipped",
    "understood",
]

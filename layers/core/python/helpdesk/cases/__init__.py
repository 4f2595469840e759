"""Whether a message is a case that the desk has already. Pure.

What identifies a case comes first: numbers, amounts of money, goods. Texts that are alike but name
another number are never the same case. Then texts are compared: as they are, by their words, and
by what they mean.

    model       what is kept of a case, and for how long
    naming      what identifies a case: numbers, amounts, goods
    likeness    how much of a text another one says, and how near they are in meaning
    deciding    whether a new case is one of the recent ones, and why
    recent      the recent cases of one customer, and where they are kept
"""

from helpdesk.cases.deciding import Verdict, Why, decide
from helpdesk.cases.likeness import cosine
from helpdesk.cases.model import Case, Rules, case_of
from helpdesk.cases.recent import MOST_ROOTS, Recent, remembered

__all__ = [
    "MOST_ROOTS",
    "Case",
    "Recent",
    "Rules",
    "Verdict",
    "Why",
    "case_of",
    "cosine",
    "decide",
    "remembered",
]

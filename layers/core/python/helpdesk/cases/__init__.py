"""Whether a message is a case that the desk has already. Pure.

What identifies a case comes first: numbers, amounts of money, goods. Texts that are alike but name
another number are never the same case. Then texts are compared: as they are, by their words, and
by what they mean.

    model       what is kept of a case, and for how long
    heading     what a text says that came as a mail, without its subject
    naming      what identifies a case: numbers, amounts, goods, names
    purpose     what a message is for: it asks, it reminds, it goes on to another matter
    likeness    how much of a text another one says, and how near they are in meaning
    agreement   how much two texts have in common by what their words stand for
    phrases     the phrases and words that tell cases apart, as data
    deciding    whether a new case is one of the recent ones, and why
    recent      the recent cases of one customer, and where they are kept
"""

from helpdesk.cases.deciding import Verdict, Why, decide
from helpdesk.cases.heading import said_in
from helpdesk.cases.likeness import cosine
from helpdesk.cases.model import Case, Rules, case_of
from helpdesk.cases.purpose import Reminding
from helpdesk.cases.recent import MOST_ROOTS, Recent, remembered

__all__ = [
    "MOST_ROOTS",
    "Case",
    "Recent",
    "Reminding",
    "Rules",
    "Verdict",
    "Why",
    "case_of",
    "cosine",
    "decide",
    "remembered",
    "said_in",
]

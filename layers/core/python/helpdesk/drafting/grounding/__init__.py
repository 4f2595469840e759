"""Whether a draft says what its evidence says. Pure but for the data.

english      units, numbers and small words as data
spelling     texts as they are seen, in one spelling, by sentence
atoms        what a sentence may say only if its evidence says it
quantities   numbers with their units
signs        links, addresses, dates, identifiers and names
reading      a sentence with its words, its atoms, and what it denies
promises     what is said to be done, or binds the desk
binding      which sentences of the evidence a sentence rests on
bearing      whether those bear an atom
asking       what others ask of a text
checking     the faults of a draft
"""

from helpdesk.drafting.grounding.asking import (
    codes,
    has_hard_atom,
    has_link,
    has_weak_atom,
    identifiers,
    key,
    stems,
)
from helpdesk.drafting.grounding.checking import UNLIKE, Likeness, faults
from helpdesk.drafting.grounding.spelling import seen, sentences

__all__ = [
    "UNLIKE",
    "Likeness",
    "codes",
    "faults",
    "has_hard_atom",
    "has_link",
    "has_weak_atom",
    "identifiers",
    "key",
    "seen",
    "sentences",
    "stems",
]

"""What is wrong with a knowledge as a text: pure rules, each with what to do about it.

checking     what a rule is given, and what it finds
wording      the tables: words and phrases that the rules look for
phrases      texts made comparable: normal form, content words, likeness
answers      rules about what customers read
numbers      the rule about numbers that contradict each other
utterances   rules about what customers write: doubles, styles, golden copies
dates        rules about the dates of articles
rules        the table of all rules, and the function that asks each of them
outlook      what an edit of one article would do beyond it
"""

from helpdesk.linting.checking import Finding, Knowledge, Limits, Rule
from helpdesk.linting.outlook import Outlook, outlook
from helpdesk.linting.phrases import Neighbour, nearest
from helpdesk.linting.rules import RULES, lint

__all__ = [
    "RULES",
    "Finding",
    "Knowledge",
    "Limits",
    "Neighbour",
    "Outlook",
    "Rule",
    "lint",
    "nearest",
    "outlook",
]

"""Learning from the knowledge as it is, with a gate: what is worse than before is not published.

measuring   how a model does on the golden set, and which cases it fails
gate        whether a measured model may come in force
lesson      fitting, judging and publishing a model; rehearsing that for a new edition
admitting   how near a passage must be to a question to be evidence
indexing    what an index of passages is, and how it does on the golden set
foretelling what a change of one article would do
"""

from helpdesk.learning.admitting import Least, least
from helpdesk.learning.foretelling import Foretold, foretell
from helpdesk.learning.gate import judge, judge_alone
from helpdesk.learning.indexing import LOOKED_AT, Index, Indexer, Indexes, Library
from helpdesk.learning.lesson import (
    Learned,
    LessonError,
    Models,
    Outcome,
    Published,
    Rules,
    Teacher,
    fingerprint,
    learn,
    rehearse,
)
from helpdesk.learning.measuring import Failure, Figures, Measured, measure

__all__ = [
    "LOOKED_AT",
    "Failure",
    "Figures",
    "Foretold",
    "Index",
    "Indexer",
    "Indexes",
    "Learned",
    "Least",
    "LessonError",
    "Library",
    "Measured",
    "Models",
    "Outcome",
    "Published",
    "Rules",
    "Teacher",
    "fingerprint",
    "foretell",
    "judge",
    "judge_alone",
    "learn",
    "least",
    "measure",
    "rehearse",
]

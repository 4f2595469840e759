"""How good the desk is, by labelled conversations that only judge. Pure.

cases       the file of labelled conversations, and its strict reading
normal      spellings brought to one form
playing     what a desk made of a case, and the port of those who play one
measures    what is measured, and in which direction it is better
judging     what one case counts
figures     figures of all cases, with their intervals
comparing   what became of each case since an earlier report
report      the whole of a run
"""

from helpdesk.evaluation.cases import (
    DECISIONS,
    SENTIMENTS,
    Case,
    CasesError,
    Expected,
    Labels,
    Line,
    Named,
    read,
)
from helpdesk.evaluation.comparing import Change, IncomparableError, compared, mcnemar
from helpdesk.evaluation.figures import Figure, figures, wilson, within
from helpdesk.evaluation.judging import Result, judge
from helpdesk.evaluation.measures import MEASURES, Kind, Measure
from helpdesk.evaluation.normal import normal
from helpdesk.evaluation.playing import Closeness, Played, Player, Versions
from helpdesk.evaluation.report import Report, evaluated

__all__ = [
    "DECISIONS",
    "MEASURES",
    "SENTIMENTS",
    "Case",
    "CasesError",
    "Change",
    "Closeness",
    "Expected",
    "Figure",
    "IncomparableError",
    "Kind",
    "Labels",
    "Line",
    "Measure",
    "Named",
    "Played",
    "Player",
    "Report",
    "Result",
    "Versions",
    "compared",
    "evaluated",
    "figures",
    "judge",
    "mcnemar",
    "normal",
    "read",
    "wilson",
    "within",
]

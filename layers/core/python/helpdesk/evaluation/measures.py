"""What is measured, and in which direction it is better. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a figure comes from its cases.

    A share counts cases that are right. A ratio divides sums over the cases, such as entities that
    are right by those that are named. A mean is of a number for each case, a percentile too.
    """

    SHARE = "share"
    RATIO = "ratio"
    MEAN = "mean"
    PERCENTILE = "percentile"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: what it counts, of what, and whether less of it is better.

    One that is not `compared` depends on the machine or on prices, and is never a regression.
    """

    what: str
    kind: Kind = Kind.SHARE
    less: bool = False
    compared: bool = True


MEASURES: Final[Mapping[str, Measure]] = {
    "intent": Measure("cases whose intent is right"),
    "sentiment": Measure("cases whose sentiment is right"),
    "decision": Measure("cases that are answered, asked back or handed over as they should be"),
    "entity_precision": Measure("entities found that are labelled", Kind.RATIO),
    "entity_recall": Measure("labelled entities that are found", Kind.RATIO),
    "entity_f1": Measure("both together (micro F1)", Kind.RATIO),
    "entities_invented": Measure("entities of a case that are not labelled", Kind.MEAN, less=True),
    "step_precision": Measure("steps that are labelled", Kind.RATIO),
    "step_recall": Measure("labelled steps that follow", Kind.RATIO),
    "steps_exact": Measure("cases with exactly the labelled steps"),
    "steps_other": Measure(
        "steps of a case outside the vocabulary", Kind.MEAN, less=True, compared=False
    ),
    "bleu": Measure("BLEU-4 of the reply", Kind.MEAN),
    "bleu_best_line": Measure("BLEU-4 of the first passage as it stands", Kind.MEAN),
    "bleu_gain": Measure("the reply against that passage", Kind.MEAN),
    "chrf": Measure("chrF of the reply", Kind.MEAN),
    "chrf_best_line": Measure("chrF of the first passage as it stands", Kind.MEAN),
    "chrf_gain": Measure("the reply against that passage", Kind.MEAN),
    "recall_at_1": Measure("cases with evidence whose first passage bears the reply"),
    "recall_at_3": Measure("cases with evidence of whose first three one bears the reply"),
    "mrr": Measure("one by the rank of the first passage that bears it", Kind.MEAN),
    "false_admissions": Measure("cases without evidence for which some is admitted", less=True),
    "grounded": Measure("replies without a hard fault"),
    "parts_grounded": Measure("parts of replies without any fault", Kind.RATIO),
    "placeholders": Measure("replies with an unfilled slot", less=True),
    "forbidden": Measure("replies with what must not stand in them", less=True),
    "contained": Measure("cases that no person need see", compared=False),
    "wrongly_contained": Measure("cases for people that no person sees", less=True),
    "handover_precision": Measure("cases handed over that are for people", Kind.RATIO),
    "handover_recall": Measure("cases for people that are handed over", Kind.RATIO),
    "degraded": Measure("replies by another engine than the one that was asked", less=True),
    "tokens": Measure("tokens of a case", Kind.MEAN, less=True, compared=False),
    "dollars": Measure("US dollars of a case", Kind.MEAN, less=True, compared=False),
    "seconds_p50": Measure(
        "seconds of the median case", Kind.PERCENTILE, less=True, compared=False
    ),
    "seconds_p95": Measure(
        "seconds that 95 of 100 cases keep", Kind.PERCENTILE, less=True, compared=False
    ),
}
"""All figures by their names, in the order in which they are shown."""

PERCENTILES: Final[Mapping[str, float]] = {"seconds_p50": 0.5, "seconds_p95": 0.95}

"""Cases of an evaluation, and a player that says what it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk.evaluation import (
    Case,
    Expected,
    Labels,
    Line,
    Named,
    Played,
    Report,
    Versions,
    evaluated,
)

STEPS = frozenset({"UPDATE_CRM", "SCHEDULE_FOLLOW_UP", "FLAG_FOR_HUMAN_REVIEW"})
LABELS = Labels(
    intents=frozenset({"gift_wrap", "refund"}),
    steps=STEPS,
    kinds=frozenset({"orders", "amounts", "products"}),
)

EXPECTED = Expected(
    intent="gift_wrap",
    sentiment="neutral",
    entities=(Named("orders", "48213"),),
    steps=frozenset({"SCHEDULE_FOLLOW_UP"}),
    reply="We wrap presents for 3 euros.",
    evidence=("article:gift_wrap",),
    decision="answered",
    must_not_contain=("99999",),
)

RIGHT = Played(
    intent="gift_wrap",
    sentiment="neutral",
    entities=(Named("orders", "#48213"),),
    steps=frozenset({"SCHEDULE_FOLLOW_UP"}),
    decision="answered",
    confidence=0.9,
    reply="We wrap presents for 3 euros.",
    best_line="We wrap presents.",
    found=("article:gift_wrap:2", "article:refund"),
    parts=2,
    engine="extractive",
    seconds=0.1,
)


class Alike:
    """Texts are alike if they are equal."""

    def bleu(self, text: str, reference: str) -> float:
        return float(text == reference)

    def chrf(self, text: str, reference: str) -> float:
        return float(text == reference)


@dataclass
class ScriptedPlayer:
    """Plays each case as `plays` says."""

    plays: Callable[[Case], Played] = lambda _: RIGHT
    versions: Versions = field(
        default_factory=lambda: Versions(
            model="m1", knowledge="k1", index="i1", engine="extractive", steps="s1"
        )
    )

    def play(self, case: Case) -> Played:
        return self.plays(case)


def a_case(number: int = 1, **changes: Any) -> Case:
    return Case(
        id=f"c{number}",
        messages=(Line("customer", "Do you wrap order 48213?"),),
        email="ada@shop.example",
        verified=True,
        expected=replace(EXPECTED, **changes),
    )


def report_of(
    plays: Callable[[Case], Played] = lambda _: RIGHT, *, cases: int = 10, **changes: Any
) -> Report:
    """Return the report of some cases, each with the same labels."""
    made = [a_case(number, **changes) for number in range(cases)]
    return evaluated("", made, ScriptedPlayer(plays), Alike(), steps=STEPS)

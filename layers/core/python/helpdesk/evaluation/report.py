"""The whole of a run: what was judged, by which file, and what came of each case. Pure."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from helpdesk.evaluation.cases import Case
from helpdesk.evaluation.figures import Figure, figures
from helpdesk.evaluation.judging import Result, judge
from helpdesk.evaluation.playing import Closeness, Player, Versions
from helpdesk.reliability import Bin, binned

BINS: Final = 10
"""Ranges of confidence in which it is compared with the share that is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run. `file` is the SHA-256 of the labelled file."""

    file: str
    cases: int
    errors: int
    versions: Versions
    figures: dict[str, Figure]
    results: tuple[Result, ...]

    @property
    def decisions(self) -> Counter[tuple[str, str]]:
        """How many cases with an expected decision got which one; `error` for none."""
        return Counter(
            (each.decision_expected, "error" if each.error else each.decision)
            for each in self.results
        )

    @property
    def reasons(self) -> dict[str, tuple[int, int]]:
        """Cases handed over, by the desk's reason: those that are for people, and all."""
        handed = [each for each in self.results if each.decision == "handed_over"]
        every = Counter(each.reason for each in handed)
        right = Counter(e.reason for e in handed if e.decision_expected == "handed_over")
        return {reason: (right[reason], count) for reason, count in every.most_common()}

    @property
    def reliability(self) -> tuple[Bin, ...]:
        """Confidence against the share whose intent is right, from low to high."""
        answered = (each for each in self.results if not each.error)
        return binned(((each.confidence, each.right) for each in answered), BINS)


def evaluated(
    text: str,
    cases: Sequence[Case],
    player: Player,
    closeness: Closeness,
    *,
    steps: frozenset[str],
    told: Callable[[int], None] = lambda _: None,
) -> Report:
    """Play all cases of a file with this text, and return the report.

    `steps` are those of the vocabulary. `told` hears how many cases are done.
    """
    results = []
    for done, case in enumerate(cases, start=1):
        results.append(judge(case, player.play(case), closeness, steps))
        told(done)
    return Report(
        file=hashlib.sha256(text.encode()).hexdigest(),
        cases=len(results),
        errors=sum(bool(each.error) for each in results),
        versions=player.versions,
        figures=figures(results),
        results=tuple(results),
    )

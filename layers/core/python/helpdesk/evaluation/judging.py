"""What one case counts: a numerator and a denominator for each measure. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from helpdesk.drafting import Severity
from helpdesk.evaluation.cases import Case
from helpdesk.evaluation.measures import MEASURES, PERCENTILES
from helpdesk.evaluation.normal import normal
from helpdesk.evaluation.playing import Closeness, Played

type Score = tuple[float, float]
"""A numerator and a denominator; (0, 0) where a case has no part in a figure."""

_SLOT: Final = re.compile(r"\{\{?\s*[A-Za-z_][^{}\n]{0,60}\}|\[[A-Za-z_][^\[\]\n(]{0,60}\](?!\()")
_MARKED: Final = re.compile(r"<(?!https?:)[A-Za-z_][^<>\n@]{0,60}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A case as it was played: labels and what the desk said, and what it counts.

    It holds no word that a customer or the desk wrote. `right` says whether the intent is right.
    """

    id: str
    intent: str | None
    intent_expected: str | None
    decision: str
    decision_expected: str
    reason: str
    sentiment: str
    sentiment_expected: str
    steps: tuple[str, ...]
    steps_expected: tuple[str, ...]
    confidence: float
    scores: Mapping[str, Score]
    error: str = ""

    @property
    def right(self) -> bool:
        """Whether the desk took the message for what it is."""
        return self.scores["intent"][0] == 1


def judge(case: Case, played: Played, closeness: Closeness, steps: frozenset[str]) -> Result:
    """Return what a case counts. `steps` are those of the vocabulary."""
    expected = case.expected
    counted = _failed(case) if played.error else _scores(case, played, closeness, steps)
    return Result(
        id=case.id,
        intent=played.intent,
        intent_expected=expected.intent,
        decision=played.decision,
        decision_expected=expected.decision,
        reason=played.reason,
        sentiment=played.sentiment,
        sentiment_expected=expected.sentiment,
        steps=tuple(sorted(played.steps)),
        steps_expected=tuple(sorted(expected.steps)),
        confidence=played.confidence,
        scores={name: counted.get(name, (0.0, 0.0)) for name in MEASURES},
        error=played.error,
    )


def _failed(case: Case) -> dict[str, Score]:
    """Return what a case counts that could not be played: it is wrong by every share.

    Its cost and its time are not known, so it has no part in those means.
    """
    nothing = _of_sets(case, Played(), frozenset())
    wrong = {
        name: (1.0 if MEASURES[name].less else 0.0, 1.0)
        for name in (
            "intent sentiment decision steps_exact bleu bleu_best_line bleu_gain chrf "
            "chrf_best_line chrf_gain grounded parts_grounded placeholders forbidden contained "
            "wrongly_contained degraded"
        ).split()
    }
    if case.expected.articles:
        wrong |= dict.fromkeys(("recall_at_1", "recall_at_3", "mrr"), (0.0, 1.0))
    if not case.expected.evidence:
        wrong["false_admissions"] = (1.0, 1.0)
    if case.expected.decision == "handed_over":
        wrong["handover_recall"] = (0.0, 1.0)
    return nothing | wrong


def _scores(
    case: Case, played: Played, closeness: Closeness, steps: frozenset[str]
) -> dict[str, Score]:
    expected = case.expected
    return {
        "intent": _share(played.intent == expected.intent),
        "sentiment": _share(played.sentiment == expected.sentiment),
        **_of_decision(case, played),
        **_of_sets(case, played, steps),
        **_of_texts(case, played, closeness),
        **_of_evidence(case, played),
        **_of_faults(played),
        "forbidden": _share(_forbidden(case, played.reply)),
        "degraded": _share(played.degraded),
        "tokens": (played.usage.read + played.usage.written, 1),
        "dollars": (played.usage.microdollars / 1_000_000, 1),
        **dict.fromkeys(PERCENTILES, (played.seconds, 1.0)),
    }


def _share(holds: bool) -> Score:
    return (float(holds), 1.0)


def _of_decision(case: Case, played: Played) -> dict[str, Score]:
    for_people = case.expected.decision == "handed_over"
    handed = played.decision == "handed_over"
    contained = played.decision == "answered"
    return {
        "decision": _share(played.decision == case.expected.decision),
        "contained": _share(contained),
        "wrongly_contained": _share(contained and for_people),
        "handover_precision": (float(handed and for_people), float(handed)),
        "handover_recall": (float(handed and for_people), float(for_people)),
    }


def _of_sets(case: Case, played: Played, steps: frozenset[str]) -> dict[str, Score]:
    """Return what entities and steps count."""
    named = {normal(each) for each in case.expected.entities}
    found = {normal(each) for each in played.entities}
    both = len(named & found)
    ours, theirs = played.steps & steps, case.expected.steps
    met = len(ours & theirs)
    return {
        "entity_precision": (both, len(found)),
        "entity_recall": (both, len(named)),
        "entity_f1": (2 * both, len(found) + len(named)),
        "entities_invented": (len(found) - both, 1),
        "step_precision": (met, len(ours)),
        "step_recall": (met, len(theirs)),
        "steps_exact": _share(ours == theirs),
        "steps_other": (len(played.steps - steps), 1),
    }


def _of_texts(case: Case, played: Played, closeness: Closeness) -> dict[str, Score]:
    found: dict[str, Score] = {}
    for name, close in (("bleu", closeness.bleu), ("chrf", closeness.chrf)):
        reply = close(played.reply, case.expected.reply)
        line = close(played.best_line, case.expected.reply)
        found[name] = (reply, 1)
        found[f"{name}_best_line"] = (line, 1)
        found[f"{name}_gain"] = (reply - line, 1)
    return found


def _of_evidence(case: Case, played: Played) -> dict[str, Score]:
    """Return what the search counts. A sentence of a text is found if the text is wanted."""
    bearing = set(case.expected.articles)
    if not bearing:
        return {} if case.expected.evidence else {"false_admissions": _share(bool(played.found))}
    ranks = [rank for rank, each in enumerate(_sources(played.found), 1) if each in bearing]
    first = min(ranks, default=0)
    return {
        "recall_at_1": _share(first == 1),
        "recall_at_3": _share(0 < first <= 3),
        "mrr": (1 / first if first else 0.0, 1),
    }


def _sources(found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts that passages are of, each once: `article:gift:2` is of `article:gift`."""
    texts = (":".join(each.split(":")[:2]) for each in found if not each.startswith("record:"))
    return tuple(dict.fromkeys(texts))


def _of_faults(played: Played) -> dict[str, Score]:
    hard = any(each.severity is Severity.HARD for each in played.faults)
    faulty = {each.part for each in played.faults}
    return {
        "grounded": _share(not hard),
        "parts_grounded": (played.parts - len(faulty), played.parts),
        "placeholders": _share(bool(_SLOT.search(played.reply) or _MARKED.search(played.reply))),
    }


def _forbidden(case: Case, reply: str) -> bool:
    said = reply.casefold()
    return any(each.casefold() in said for each in case.expected.must_not_contain)

"""How a model does on the golden set, and which of its cases the model fails."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk.denying import undenied
from helpdesk.knowledge import Article, Golden
from helpdesk.ports import Understander
from helpdesk.triage import Answer, Ask, Escalate, Policy, candidates, carry_out, decide
from helpdesk.wording import kinds_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well a model does on a golden set, all as shares (0 to 1).

    `intents`: messages of the desk ranked right. `precision`: automatic answers that are right.
    `answered`: answerable messages answered right. `strangers`: messages that are not for the
    desk and were answered all the same. `golden` names the set.
    """

    golden: str
    intents: float
    precision: float
    answered: float
    strangers: float

    def behind(self, other: "Figures", tolerance: float) -> tuple[str, ...]:
        """Return in words where these figures fall behind others by more than `tolerance`."""
        worse = [
            f"{name} {mine:.3f} after {theirs:.3f}"
            for name, mine, theirs, sign in (
                ("intents", self.intents, other.intents, 1),
                ("precision", self.precision, other.precision, 1),
                ("answered", self.answered, other.answered, 1),
                ("strangers", self.strangers, other.strangers, -1),
            )
            if sign * (theirs - mine) > tolerance
        ]
        return tuple(worse)


@dataclass(frozen=True, slots=True)
class Failure:
    """A golden case that a model fails: the intents that are right, and what it made of the text.

    `answered` tells that a wrong answer would have been sent.
    """

    text: str
    intents: tuple[str, ...]
    made: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """How a model does on a golden set, and the cases it fails, wrong answers first.

    `taken` are the messages that are not for the desk, by the intent that they are taken for.
    """

    figures: Figures
    failures: tuple[Failure, ...]
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def wrong_answers(self) -> tuple[Failure, ...]:
        """The cases that would have been answered wrongly."""
        return tuple(each for each in self.failures if each.answered)


def measure(
    understander: Understander,
    articles: Sequence[Article],
    golden: Sequence[Golden],
    policy: Policy,
) -> Measured | None:
    """Return how an understander does on those cases whose intents there are articles for.

    None if no case is for the desk: then there is nothing to judge by.
    """
    known = {article.intent: article for article in articles}
    asked = [each for each in golden if not each.intents or known.keys() & set(each.intents)]
    if not any(each.intents for each in asked):
        return None
    ranked = right = wrong = answerable = strangers = 0
    failures: list[Failure] = []
    taken: dict[str, tuple[str, ...]] = {}
    for each in asked:
        understanding = understander.understand(each.text)
        best = understanding.ranking[0].name if understanding.ranking else None
        ranked += best in each.intents
        if best and not each.intents:
            taken[best] = (*taken.get(best, ()), each.text)
        may_be_answered = any(
            isinstance(carry_out(known[name]), Answer) for name in each.intents if name in known
        )
        answerable += may_be_answered
        found = {n: known[n] for n in candidates(understanding, policy) if n in known}
        decided = decide(understanding, found, policy, wording=kinds_in(each.text))
        decision = undenied(decided, each.text, understander)
        hit = isinstance(decision, Answer) and decision.article.intent in each.intents
        missed = isinstance(decision, Answer) and not hit
        right += hit
        wrong += missed
        strangers += missed and not each.intents
        if missed or (may_be_answered and not hit) or (each.intents and best not in each.intents):
            failures.append(Failure(each.text, each.intents, _made(decision, best), missed))
    ours = sum(bool(each.intents) for each in asked)
    figures = Figures(
        golden=digest((each.text, each.intents) for each in asked),
        intents=ranked / ours,
        precision=right / (right + wrong) if right + wrong else 1.0,
        answered=right / answerable if answerable else 1.0,
        strangers=strangers / (len(asked) - ours) if len(asked) > ours else 0.0,
    )
    return Measured(figures, tuple(sorted(failures, key=lambda each: not each.answered)), taken)


def digest(content: Iterable[object]) -> str:
    """Return sixteen hexadecimal digits that name a content."""
    return hashlib.sha256(json.dumps(list(content)).encode()).hexdigest()[:16]


def _made(decision: Answer | Ask | Escalate, best: str | None) -> str:
    if isinstance(decision, Answer):
        return f"answered as {decision.article.intent}"
    if isinstance(decision, Ask):
        return f"asked back: {' or '.join(each.intent for each in decision.choices)}"
    return f"left to people ({decision.reason}), taken for {best or 'nothing'}"

"""Which steps follow from what was found. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk.steps.tables import Rule, Sign, Vocabulary

type Details = Mapping[str, str]


class ForbiddenStepError(Exception):
    """A step applies that the desk forbids; the message names it."""

    def __init__(self, action: str) -> None:
        super().__init__(f"The step {action} applies, and the desk forbids it.")
        self.action = action


@dataclass(frozen=True, slots=True)
class Step:
    """A step to be done, with what must be known to do it. `sign` is what it follows from."""

    action: str
    details: Details = field(default_factory=dict)
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What was found: the intent of a sure understanding, and signs, each with its details."""

    intent: str | None
    signs: Mapping[Sign, Details]


def following(situation: Situation, vocabulary: Vocabulary) -> tuple[Step, ...]:
    """Return the steps that follow, in the order of the vocabulary. Raises ForbiddenStepError."""
    found = []
    for rule in vocabulary.rules.values():
        step = _applied(rule, situation) if rule.use else None
        if step and rule.forbidden:
            raise ForbiddenStepError(rule.action)
        if step:
            found.append(step)
    return tuple(found)


def _applied(rule: Rule, situation: Situation) -> Step | None:
    """Return the step of a rule, if it applies."""
    if rule.sign is not None and rule.sign in situation.signs:
        return Step(rule.action, situation.signs[rule.sign], rule.sign)
    if situation.intent in rule.intents:
        return Step(rule.action, {"intent": str(situation.intent)})
    return None

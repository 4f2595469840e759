"""The golden set: labelled messages that no model is fitted to, by which every model is judged."""

from collections.abc import Iterable
from dataclasses import dataclass


class InvalidCaseError(ValueError):
    """A golden case that cannot judge anything; says what is wrong with which text."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A labelled message: the intents that are right for it, none if it is not for the desk."""

    text: str
    intents: tuple[str, ...]


def check_cases(cases: Iterable[Golden]) -> None:
    """Refuse a golden set with a blank text, or with one text that is labelled in two ways.

    Raises InvalidCaseError naming the first fault.
    """
    labels: dict[str, tuple[str, ...]] = {}
    for case in cases:
        if not case.text.strip():
            raise InvalidCaseError("a golden case without a text")
        if (known := labels.setdefault(case.text, case.intents)) != case.intents:
            ways = " and ".join(", ".join(each) or "no intent" for each in (known, case.intents))
            raise InvalidCaseError(f"the golden case {case.text!r} is labelled {ways}")

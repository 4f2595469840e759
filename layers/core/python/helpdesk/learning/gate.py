"""Whether a model may come in force: it is held against the one in force, or stands alone."""

from collections.abc import Container

from helpdesk.learning.measuring import Failure, Figures, Measured

CHANCE = 1
"""Wrong answers that are no reason by themselves: of few cases, one tells nothing."""

SHOWN = 20
"""Failed cases that are kept of a refusal."""


def judge(measured: Measured, before: Figures | None, tolerance: float) -> tuple[str, ...]:
    """Return in words why a model is worse than the one in force by more than `tolerance`."""
    return measured.figures.behind(before, tolerance) if before else ()


def judge_alone(measured: Measured, target: float, tolerance: float) -> tuple[str, ...]:
    """Return in words why the first model of an edition is not good enough by itself.

    The model in force knows another knowledge: what it does not answer it does not answer wrongly,
    so to be held against it says nothing. `target` is the share of automatic answers that shall be
    right.
    """
    wrong = len(measured.wrong_answers)
    if wrong <= CHANCE or target - measured.figures.precision <= tolerance:
        return ()
    precision = measured.figures.precision
    return (f"precision {precision:.3f} of {target:.3f}: {wrong} cases are answered wrongly",)


def telling(failures: tuple[Failure, ...], excused: Container[Failure]) -> tuple[Failure, ...]:
    """Return the failed cases to show of a refusal: those that are not excused, if there are any.

    `excused` are what the model in force fails as well.
    """
    new = tuple(each for each in failures if each not in excused)
    return (new or failures)[:SHOWN]

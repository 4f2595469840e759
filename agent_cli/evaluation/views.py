"""What `helpdesk evaluate` prints, and how an earlier one is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpdesk.evaluation import MEASURES, Change, Figure, Report, within
from pydantic import TypeAdapter, ValidationError


class ReportError(ValueError):
    """A file that is no report of an evaluation; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationView:
    """A report, the figures that miss their bound, and what changed since an earlier report."""

    report: Report
    bounds: dict[str, float]
    missed: list[str]
    changes: list[Change]

    @property
    def regressed(self) -> list[Change]:
        """The changes that are worse by more than chance."""
        return [each for each in self.changes if each.regressed]

    @property
    def passed(self) -> bool:
        """Whether every bound is kept and nothing regressed."""
        return not self.missed and not self.regressed


def view(
    report: Report, bounds: Mapping[str, float], changes: tuple[Change, ...]
) -> EvaluationView:
    """Return what is printed of a report."""
    missed = [name for name in bounds if not within(report.figures[name], name, bounds)]
    return EvaluationView(report=report, bounds=dict(bounds), missed=missed, changes=list(changes))


def read_earlier(path: Path) -> Report:
    """Return the report in a file that an earlier run wrote. Raises ReportError or OSError."""
    try:
        found = TypeAdapter(EvaluationView).validate_json(path.read_bytes())
    except ValidationError as error:
        raise ReportError(f"{path} is no report of an evaluation") from error
    return found.report


def value(figure: Figure, name: str) -> str:
    """Return the value of a figure as people read it."""
    return _number(figure.value, name)


def interval(figure: Figure, name: str) -> str:
    """Return the interval of a figure as people read it; empty without one."""
    if figure.low is None:
        return ""
    return f"{_number(figure.low, name)} to {_number(figure.high, name)}"


def counted(figure: Figure) -> str:
    """Return numerator and denominator of a figure."""
    return (
        f"{figure.numerator:.10g} of {figure.denominator:g}"
        if _whole(figure)
        else (f"{figure.numerator:.2f} of {figure.denominator:g}")
    )


def bound(name: str, bounds: Mapping[str, float]) -> str:
    """Return the bound of a figure in words; empty without one."""
    if name not in bounds:
        return ""
    return f"{'at most' if MEASURES[name].less else 'at least'} {bounds[name]:g}"


def _whole(figure: Figure) -> bool:
    return float(figure.numerator).is_integer()


def _number(number: float | None, name: str) -> str:
    if number is None:
        return "no case"
    return f"{number:.4f}" if name == "dollars" else f"{number:.3f}"

"""Pictures of an evaluation, each with its text alternative."""

from helpdesk.evaluation import DECISIONS, MEASURES, Kind, Report

from agent_cli.evaluation import views
from agent_cli.pictures import charts
from agent_cli.pictures.charts import ROW
from agent_cli.pictures.marks import LEFT, RIGHT, Mark, Picture, box, line, words
from agent_cli.pictures.scales import Scale

_ACROSS = Scale(1, LEFT, RIGHT)


def bars(report: Report, bounds: dict[str, float]) -> Picture:
    """Return the shares and ratios as bars from 0 to 1, with their intervals and bounds."""
    shown = [
        (name, figure)
        for name, figure in report.figures.items()
        if MEASURES[name].kind in {Kind.SHARE, Kind.RATIO} and figure.value is not None
    ]
    told = "; ".join(
        f"{name} {views.value(figure, name)} ({views.interval(figure, name)})"
        for name, figure in shown
    )
    marks: list[Mark] = []
    for place, (name, figure) in enumerate(shown):
        top = place * ROW
        less = " less" if MEASURES[name].less else ""
        end, low, high = (_ACROSS.at(each or 0) for each in (figure.value, figure.low, figure.high))
        marks += [
            words(LEFT, top + 13, name),
            words(RIGHT, top + 13, views.value(figure, name), "end"),
            box(LEFT, top + 18, size=(RIGHT - LEFT, 10), kind="ground"),
            box(LEFT, top + 18, size=(end - LEFT, 10), kind=f"bar{less}"),
            line((low, top + 23), (high, top + 23), "span"),
        ]
        if name in bounds:
            at = _ACROSS.at(bounds[name])
            marks.append(line((at, top + 15), (at, top + 31), "bound"))
    return Picture(
        name="shares",
        title="Shares with their 95 % intervals",
        told=told,
        height=ROW * len(shown) + 4,
        marks=tuple(marks),
    )


def confusion(report: Report) -> Picture:
    """Return what was expected against what the desk did, as a grid of counts."""
    got = [*DECISIONS, *(["error"] if report.errors else [])]
    counts = report.decisions
    told = "; ".join(
        f"{expected.replace('_', ' ')} expected, {made.replace('_', ' ')}: {counts[expected, made]}"
        for expected in DECISIONS
        for made in got
    )
    wide = (RIGHT - 90) / len(got)
    marks = [
        words(90 + wide * (column + 0.5), 24, made.replace("_", " "), "middle")
        for column, made in enumerate(got)
    ]
    for row, expected in enumerate(DECISIONS):
        top = 36 + 48 * row
        marks.append(words(LEFT, top + 26, expected.replace("_", " ")))
        every = sum(counts[expected, made] for made in got)
        for column, made in enumerate(got):
            count = counts[expected, made]
            dark = f"{0.08 + 0.5 * (count / every if every else 0.0):.2f}"
            place, size = 91 + wide * column, (wide - 2, 44)
            marks.append(box(place, top, size=size, kind="cell", fill_opacity=dark))
            marks.append(words(90 + wide * (column + 0.5), top + 26, str(count), "middle"))
    return Picture(
        name="decisions",
        title="Decisions: expected in rows, made in columns",
        told=told,
        height=40 + 48 * len(DECISIONS),
        marks=tuple(marks),
    )


def reliability(report: Report) -> Picture:
    """Return confidence against the share whose intent is right."""
    bins = report.reliability
    told = "; ".join(
        f"confidence {each.confidence:.2f}: {each.right:.0%} right of {each.cases}" for each in bins
    )
    return charts.reliability(told, bins)

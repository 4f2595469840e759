"""Pictures of an evaluation as SVG, each with its text alternative.

They are 320 units wide, so that on a narrow screen a letter is as large as in the text around it.
"""

from typing import Final
from xml.etree import ElementTree as ET

from helpdesk.evaluation import DECISIONS, MEASURES, Kind, Report

from agent_cli.evaluation import views

WIDTH: Final = 320
ROW: Final = 34
LEFT, RIGHT = 4, 316


def bars(report: Report, bounds: dict[str, float]) -> ET.Element:
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
    image = _image("shares", "Shares with their 95 % intervals", told, ROW * len(shown) + 4)
    for place, (name, figure) in enumerate(shown):
        top = place * ROW
        _text(image, LEFT, top + 13, name)
        _text(image, RIGHT, top + 13, views.value(figure, name), anchor="end")
        _box(image, LEFT, top + 18, size=(RIGHT - LEFT, 10), kind="ground")
        less = " less" if MEASURES[name].less else ""
        _box(image, LEFT, top + 18, size=(_across(figure.value) - LEFT, 10), kind=f"bar{less}")
        _line(image, (_across(figure.low), top + 23), (_across(figure.high), top + 23), "span")
        if name in bounds:
            at = _across(bounds[name])
            _line(image, (at, top + 15), (at, top + 31), "bound")
    return image


def confusion(report: Report) -> ET.Element:
    """Return what was expected against what the desk did, as a grid of counts."""
    got = [*DECISIONS, *(["error"] if report.errors else [])]
    counts = report.decisions
    told = "; ".join(
        f"{expected.replace('_', ' ')} expected, {made.replace('_', ' ')}: {counts[expected, made]}"
        for expected in DECISIONS
        for made in got
    )
    image = _image(
        "decisions", "Decisions: expected in rows, made in columns", told, 40 + 48 * len(DECISIONS)
    )
    wide = (RIGHT - 90) / len(got)
    for column, made in enumerate(got):
        _text(image, 90 + wide * (column + 0.5), 24, made.replace("_", " "), anchor="middle")
    for row, expected in enumerate(DECISIONS):
        top = 36 + 48 * row
        _text(image, LEFT, top + 26, expected.replace("_", " "))
        every = sum(counts[expected, made] for made in got)
        for column, made in enumerate(got):
            count = counts[expected, made]
            share = count / every if every else 0.0
            box = _box(image, 91 + wide * column, top, size=(wide - 2, 44), kind="cell")
            box.set("fill-opacity", f"{0.08 + 0.5 * share:.2f}")
            _text(image, 90 + wide * (column + 0.5), top + 26, str(count), anchor="middle")
    return image


def reliability(report: Report) -> ET.Element:
    """Return confidence against the share whose intent is right; on the line both are equal."""
    bins = report.reliability
    told = "; ".join(
        f"confidence {each.confidence:.2f}: {each.right:.0%} right of {each.cases}" for each in bins
    )
    image = _image("reliability", "How sure the desk is, and how often it is right", told, 300)
    _line(image, (30, 270), (300, 270), "axis")
    _line(image, (30, 270), (30, 10), "axis")
    _line(image, (30, 270), (300, 10), "equal")
    _text(image, 165, 292, "confidence, 0 to 1", anchor="middle")
    _text(image, 36, 20, "right, 0 to 1")
    for each in bins:
        dot = ET.SubElement(image, "circle", {"class": "dot"})
        dot.set("cx", f"{30 + 270 * each.confidence:.1f}")
        dot.set("cy", f"{270 - 260 * each.right:.1f}")
        dot.set("r", f"{min(12.0, 3 + each.cases**0.5):.1f}")
    return image


def _image(name: str, title: str, told: str, height: float) -> ET.Element:
    image = ET.Element("svg", {"viewBox": f"0 0 {WIDTH} {height:g}", "role": "img"})
    image.set("aria-labelledby", f"{name}-title {name}-told")
    ET.SubElement(image, "title", id=f"{name}-title").text = title
    ET.SubElement(image, "desc", id=f"{name}-told").text = told
    return image


def _across(share: float | None) -> float:
    return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share or 0.0))


def _text(image: ET.Element, x: float, y: float, text: str, anchor: str = "start") -> None:
    made = ET.SubElement(image, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}"})
    made.set("text-anchor", anchor)
    made.text = text


def _box(
    image: ET.Element, x: float, y: float, *, size: tuple[float, float], kind: str
) -> ET.Element:
    values = {"x": x, "y": y, "width": max(0.0, size[0]), "height": size[1]}
    return ET.SubElement(image, "rect", {"class": kind, **_written(values)})


def _line(
    image: ET.Element, start: tuple[float, float], end: tuple[float, float], kind: str
) -> None:
    values = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    ET.SubElement(image, "line", {"class": kind, **_written(values)})


def _written(values: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:.1f}" for name, value in values.items()}

"""What a picture is made of. Pure."""

from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

WIDTH: Final = 320
"""Units of each picture: pixels on a narrow screen."""

LEFT, RIGHT = 4, 316


@dataclass(frozen=True, slots=True)
class Mark:
    """An element of SVG: its tag, its attributes, its text or the title that it shows."""

    tag: str
    given: dict[str, str]
    text: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of WIDTH by `height`. `name` is its id; `told` says its result in one sentence."""

    name: str
    title: str
    told: str
    height: float
    marks: tuple[Mark, ...]


def words(x: float, y: float, text: str, anchor: str = "start") -> Mark:
    """Return a text whose base line is at `y`."""
    return Mark("text", {**_written({"x": x, "y": y}), "text-anchor": anchor}, text)


def box(
    x: float, y: float, *, size: tuple[float, float], kind: str, title: str = "", **more: str
) -> Mark:
    """Return a rectangle of a width and a height."""
    values = {"x": x, "y": y, "width": max(0.0, size[0]), "height": max(0.0, size[1])}
    return Mark("rect", {"class": kind, **_written(values), **_attributes(more)}, title=title)


def line(
    start: tuple[float, float], end: tuple[float, float], kind: str, *, title: str = ""
) -> Mark:
    """Return a straight line."""
    values = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    return Mark("line", {"class": kind, **_written(values)}, title=title)


def dot(x: float, y: float, radius: float, kind: str, *, title: str = "") -> Mark:
    """Return a filled circle."""
    return Mark("circle", {"class": kind, **_written({"cx": x, "cy": y, "r": radius})}, title=title)


def path(points: list[tuple[float, float]], kind: str) -> Mark:
    """Return straight lines from point to point."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Mark("polyline", {"class": kind, "points": places})


def drawn(picture: Picture) -> ET.Element:
    """Return a picture as a tree of SVG, with its title and sentence as its text alternative."""
    name = picture.name
    image = ET.Element("svg", {"viewBox": f"0 0 {WIDTH} {picture.height:g}", "role": "img"})
    image.set("aria-labelledby", f"{name}-title {name}-told")
    ET.SubElement(image, "title", id=f"{name}-title").text = picture.title
    ET.SubElement(image, "desc", id=f"{name}-told").text = picture.told
    for mark in picture.marks:
        made = ET.SubElement(image, mark.tag, mark.given)
        made.text = mark.text or None
        if mark.title:
            ET.SubElement(made, "title").text = mark.title
    return image


def _written(values: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:.1f}" for name, value in values.items()}


def _attributes(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}

"""Charts of numbers: each returns a picture. Pure.

Two kinds of marks differ in shape as well as in color: `bar` is filled, `hollow` has an outline.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from helpdesk.reliability import Bin, Coverage

from agent_cli.pictures.marks import LEFT, RIGHT, Mark, Picture, box, dot, line, path, words
from agent_cli.pictures.scales import Scale, ceiling, labelled, middle, spread

TOP, GROUND = 12, 132
"""Where the plot of columns and lines begins and ends."""

AXIS = 40
"""Where it begins at the left: numbers stand before it."""

ROW = 34
"""The height of a row of a chart of rows."""

MOST_LETTERS = 30
"""Letters of a row's name that are shown; the table beside the picture has it whole."""

MOST_LABELS = 6
LINE = 16
"""The height of a line of words above the columns."""

MANY = 31
"""Places of a line from which on its points are small."""

LETTER = 7.0
"""How wide a letter is, at most, on average."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a column or of a row: how it looks, and its number."""

    kind: str
    number: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its label, its parts from the ground up, what it says.

    `before` is a number to compare the column with, drawn as a line across it.
    """

    label: str
    parts: tuple[Part, ...]
    title: str
    before: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: its name, its number in words, its parts from left to right, what it says."""

    name: str
    said: str
    parts: tuple[Part, ...]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line: its look, and for each place from left to right a share (0 to 1) with its words.

    A share that is None is a gap.
    """

    kind: str
    name: str
    points: tuple[tuple[float | None, str], ...]


type Key = tuple[str, str]
"""What a look means: its class, and its name."""


def columns(
    name: str,
    title: str,
    told: str,
    shown: Sequence[Column],
    *,
    key: Sequence[Key] = (),
    limits: Sequence[tuple[int, str]] = (),
    most_labels: int = MOST_LABELS,
) -> Picture:
    """Return columns of counts. `limits` are lines behind some columns, by their index."""
    heights = [sum(part.number for part in each.parts) for each in shown]
    top = ceiling(max([*heights, *(each.before or 0 for each in shown)], default=0))
    edge = TOP + LINE * len(limits)
    scale = Scale(top, GROUND, edge)
    slot, wide = spread(len(shown), AXIS, RIGHT)
    marks = list(_counts(top, scale))
    step = labelled(len(shown), most_labels)
    for index, each in enumerate(shown):
        center = AXIS + slot * (index + 0.5)
        below = 0.0
        for part in each.parts:
            high, low = scale.at(below + part.number), scale.at(below)
            below += part.number
            if part.number:
                size = (wide, low - high)
                marks.append(box(center - wide / 2, high, size=size, kind=part.kind))
        if each.before is not None:
            at = scale.at(each.before)
            marks.append(line((center - slot / 2, at), (center + slot / 2, at), "before"))
        size = (slot, GROUND - edge)
        marks.append(box(center - slot / 2, edge, size=size, kind="over", title=each.title))
        if index % step == 0:
            marks.append(words(center, GROUND + 16, each.label, "middle"))
    for place, (index, text) in enumerate(limits):
        at = AXIS + slot * (index + 1)
        high = TOP + LINE * place
        marks.append(line((at, high - 10), (at, GROUND), "bound"))
        anchor, beside = ("end", -4) if at > (AXIS + RIGHT) / 2 else ("start", 4)
        marks.append(words(at + beside, high, text, anchor))
    return _finished((name, title, told), marks, GROUND + 24, key)


def lines(
    name: str,
    title: str,
    told: str,
    shown: Sequence[Series],
    labels: Sequence[str],
    *,
    breaks: Iterable[int] = (),
) -> Picture:
    """Return lines of shares. `labels` names the places; `breaks` are those before which a line
    stands that says that what is right of it is not to be compared with what is left.
    """
    scale, across = Scale(1, GROUND, TOP), Scale(max(1, len(labels) - 1), AXIS + 6, RIGHT - 8)
    marks = list(_shares(scale))
    marks += [line((at, TOP), (at, GROUND), "equal") for at in map(across.at, _halves(breaks))]
    small = 3.5 if len(labels) <= MANY else 1.5
    for each in shown:
        for some in _unbroken(each.points):
            places = [(across.at(index), scale.at(share)) for index, share, _ in some]
            if len(places) > 1:
                marks.append(path(places, each.kind))
            for (x, y), (_, _, text) in zip(places, some, strict=True):
                marks.append(dot(x, y, small, f"point {each.kind}", title=text))
    step = labelled(len(labels), 4 if len(labels) <= MANY else 3)
    last = len(labels) - 1
    for index in range(0, len(labels), step):
        anchor = "middle" if 0 < index < last or last == 0 else ("start" if index == 0 else "end")
        marks.append(words(across.at(index), GROUND + 16, labels[index], anchor))
    key = [(f"key {each.kind}", each.name) for each in shown]
    return _finished((name, title, told), marks, GROUND + 24, key)


def rows(
    name: str, title: str, told: str, shown: Sequence[Row], *, key: Sequence[Key] = ()
) -> Picture:
    """Return a bar for each row, as long as its parts are together."""
    highest = max((sum(part.number for part in each.parts) for each in shown), default=0)
    scale = Scale(highest, LEFT, RIGHT)
    marks: list[Mark] = []
    for index, each in enumerate(shown):
        top = index * ROW
        short = each.name if len(each.name) <= MOST_LETTERS else f"{each.name[: MOST_LETTERS - 1]}…"
        marks.append(words(LEFT, top + 13, short))
        marks.append(words(RIGHT, top + 13, each.said, "end"))
        marks.append(box(LEFT, top + 18, size=(RIGHT - LEFT, 10), kind="ground"))
        so_far = 0.0
        for part in each.parts:
            begin, end = scale.at(so_far), scale.at(so_far + part.number)
            so_far += part.number
            if part.number:
                marks.append(box(begin, top + 18, size=(end - begin, 10), kind=part.kind))
        marks.append(box(LEFT, top, size=(RIGHT - LEFT, ROW), kind="over", title=each.title))
    return _finished((name, title, told), marks, ROW * len(shown) + 4, key)


def reliability(told: str, bins: Sequence[Bin], required: Sequence[float] = ()) -> Picture:
    """Return confidence against the share whose intent is right; on the line both are equal.

    A larger dot stands for more cases. `required` are the confidences that intents need.
    """
    across, up = Scale(1, 30, 300), Scale(1, 270, 30)
    marks = [*_square(across, up, "confidence, 0 to 1", "right, 0 to 1")]
    marks.append(line((30, 270), (300, 30), "equal"))
    marks += [
        line((at, 262), (at, 278), "bound", title=f"an intent needs {need:.2f}")
        for need in required
        for at in (across.at(need),)
    ]
    marks += [
        dot(
            across.at(each.confidence),
            up.at(each.right),
            min(12.0, 3 + each.cases**0.5),
            "dot",
            title=f"confidence {each.confidence:.2f}: {each.right:.0%} right of {each.cases}",
        )
        for each in bins
    ]
    return Picture(
        name="reliability",
        title="How sure the desk is, and how often it is right",
        told=told,
        height=300,
        marks=tuple(marks),
    )


def coverage(told: str, points: Sequence[Coverage]) -> Picture:
    """Return the share of messages that would be answered against the share that is right."""
    across, up = Scale(1, 30, 300), Scale(1, 270, 30)
    marks = [*_square(across, up, "answered, 0 to 1", "right, 0 to 1")]
    places = [(across.at(each.covered), up.at(each.precision)) for each in points]
    if len(places) > 1:
        marks.append(path(places, "first"))
    for (x, y), each in zip(places, points, strict=True):
        said = f"{each.covered:.0%} answered, {each.precision:.0%} right"
        marks.append(dot(x, y, 4, "point first", title=f"from {each.least:.2f} on: {said}"))
    return Picture(
        name="coverage",
        title="How much is answered, and how much of it is right",
        told=told,
        height=300,
        marks=tuple(marks),
    )


def _counts(top: int, scale: Scale) -> Iterator[Mark]:
    for number in (0, middle(top), top):
        if number is not None:
            yield line((AXIS, scale.at(number)), (RIGHT, scale.at(number)), "axis")
            yield words(AXIS - 4, scale.at(number) + 4, f"{number}", "end")


def _shares(scale: Scale) -> Iterator[Mark]:
    for share in (0, 0.5, 1):
        yield line((AXIS, scale.at(share)), (RIGHT, scale.at(share)), "axis")
        yield words(AXIS - 4, scale.at(share) + 4, f"{share:.0%}", "end")


def _square(across: Scale, up: Scale, below: str, beside: str) -> Iterator[Mark]:
    yield line((across.low, up.low), (across.high, up.low), "axis")
    yield line((across.low, up.low), (across.low, up.high), "axis")
    yield words((across.low + across.high) / 2, 292, below, "middle")
    yield words(across.low, 16, beside)


def _halves(breaks: Iterable[int]) -> Iterator[float]:
    return (index - 0.5 for index in breaks)


def _unbroken(
    points: Sequence[tuple[float | None, str]],
) -> Iterator[list[tuple[int, float, str]]]:
    """Yield the stretches of a line that have no gap."""
    gaps = [-1, *(index for index, (share, _) in enumerate(points) if share is None), len(points)]
    for before, after in pairwise(gaps):
        some = [
            (index, share, text)
            for index, (share, text) in enumerate(points[before + 1 : after], before + 1)
            if share is not None
        ]
        if some:
            yield some


def _finished(
    names: tuple[str, str, str], marks: list[Mark], height: float, key: Sequence[Key]
) -> Picture:
    """Return a picture of this height, with what its looks mean below it.

    `names` are its name, its title and its sentence.
    """
    x, y = float(LEFT), height
    for kind, text in key:
        width = 22 + LETTER * len(text) + 10
        if x > LEFT and x + width > RIGHT:
            x, y = float(LEFT), y + 20
        sample = (
            line((x, y + 8), (x + 16, y + 8), kind)
            if kind.startswith(("key", "before"))
            else box(x, y + 2, size=(16, 12), kind=kind)
        )
        marks += [sample, words(x + 22, y + 12, text)]
        x += width
    name, title, told = names
    return Picture(
        name=name,
        title=title,
        told=told,
        height=y + 22 if key else height,
        marks=tuple(marks),
    )

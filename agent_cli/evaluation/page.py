"""An evaluation as one page that needs nothing from elsewhere: no script, no font, no picture."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Final
from xml.etree import ElementTree as ET

from helpdesk.evaluation import MEASURES

from agent_cli.evaluation import pictures, views
from agent_cli.evaluation.views import EvaluationView
from agent_cli.pictures.marks import Picture, drawn

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fdfdfc; --quiet: #5a6472;
  --line: #d4d9df; --bar: #2f6fb3; --less: #a4541f; --bad: #b3261e; --good: #1b6e3c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14181e; --quiet: #a3adba;
  --line: #3a424d; --bar: #6aa7e8; --less: #e09a63; --bad: #ff8a80; --good: #7fd49b; } }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
figure { margin: 1rem 0; max-width: 30rem; } figcaption, .quiet { color: var(--quiet); }
svg { width: 100%; height: auto; font-size: 12px; fill: currentColor; }
.ground { fill: var(--line); } .bar, .cell { fill: var(--bar); } .bar.less { fill: var(--less); }
.span { stroke: var(--ink); stroke-width: 2; } .bound { stroke: var(--bad); stroke-width: 2; }
.axis { stroke: var(--quiet); } .equal { stroke: var(--quiet); stroke-dasharray: 4 4; }
.dot { fill: var(--bar); fill-opacity: 0.7; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.25rem 0.6rem 0.25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
"""


def written(view: EvaluationView) -> str:
    """Return the page. Each text in it is escaped by what writes the tree."""
    root = ET.Element("html", lang="en")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    ET.SubElement(head, "title").text = "Evaluation of a desk"
    ET.SubElement(head, "style").text = _STYLE
    body = ET.SubElement(ET.SubElement(root, "body"), "main")
    _told(body, "h1", "Evaluation of a desk")
    _verdict(body, view)
    report = view.report
    _figure(body, pictures.bars(report, view.bounds), _BARS)
    _table(body, "Figures", ("figure", "value", "95 %", "of", "bound", "what"), _figures(view))
    _figure(body, pictures.confusion(report), "Each row is one expected decision.")
    _figure(body, pictures.reliability(report), "A larger dot stands for more cases.")
    if view.changes:
        _table(
            body, "Since the earlier report",
            ("figure", "before", "now", "by chance", "fixed", "broken"), _changes(view),
        )  # fmt: skip
    if report.reasons:
        rows = [(name, f"{right} of {every}") for name, (right, every) in report.reasons.items()]
        _table(body, "Handed over, by reason", ("reason", "for people"), rows)
    _table(body, "Cases that are not right", ("case", "expected", "made"), _wrong(view))
    versions = [*asdict(report.versions).items(), ("file", report.file)]
    _table(body, "What was judged", ("part", "version"), versions)
    return "<!doctype html>\n" + ET.tostring(root, encoding="unicode", method="html") + "\n"


_BARS: Final = (
    "The dark line is the 95 % interval, the red one a bound. Of brown bars, less is better."
)


def _verdict(body: ET.Element, view: EvaluationView) -> None:
    report = view.report
    _told(body, "p", f"{report.cases} cases, {report.errors} of which failed.")
    if view.passed:
        _told(body, "p", "Every bound is kept, and nothing regressed.", "good")
        return
    worse = [each.name for each in view.regressed]
    if view.missed:
        _told(body, "p", f"Outside their bounds: {', '.join(view.missed)}.", "bad")
    if worse:
        _told(body, "p", f"Worse than before: {', '.join(worse)}.", "bad")


def _figures(view: EvaluationView) -> Iterable[Sequence[str]]:
    for name, figure in view.report.figures.items():
        yield (
            name,
            views.value(figure, name),
            views.interval(figure, name),
            views.counted(figure),
            views.bound(name, view.bounds) + (" (missed)" if name in view.missed else ""),
            MEASURES[name].what,
        )


def _changes(view: EvaluationView) -> Iterable[Sequence[str]]:
    for each in view.changes:
        if each.before != each.after or each.fixed or each.broken:
            yield (
                each.name + (" (regressed)" if each.regressed else ""),
                f"{each.before:.3f}",
                f"{each.after:.3f}",
                f"{each.chance:.4f}",
                ", ".join(each.fixed),
                ", ".join(each.broken),
            )


def _wrong(view: EvaluationView) -> Iterable[Sequence[str]]:
    for each in view.report.results:
        wanted = [each.intent_expected or "not for the desk", each.decision_expected]
        made = [each.intent or "not for the desk", each.decision]
        wanted += [each.sentiment_expected, " ".join(each.steps_expected)]
        made += [each.sentiment, " ".join(each.steps)]
        pairs = [(w, m) for w, m in zip(wanted, made, strict=True) if w != m]
        if each.error:
            yield each.id, ", ".join(wanted), f"failed: {each.error}"
        elif pairs:
            yield each.id, ", ".join(w for w, _ in pairs), ", ".join(m for _, m in pairs)


def _told(body: ET.Element, tag: str, text: str, kind: str = "") -> None:
    ET.SubElement(body, tag, {"class": kind} if kind else {}).text = text


def _figure(body: ET.Element, picture: Picture, caption: str) -> None:
    figure = ET.SubElement(body, "figure")
    _told(figure, "h2", picture.title)
    figure.append(drawn(picture))
    _told(figure, "figcaption", caption)


def _table(
    body: ET.Element, title: str, names: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    _told(body, "h2", title)
    scroll = ET.SubElement(
        body, "div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": title}
    )
    table = ET.SubElement(scroll, "table")
    head = ET.SubElement(ET.SubElement(table, "thead"), "tr")
    for name in names:
        ET.SubElement(head, "th", scope="col").text = name
    every = ET.SubElement(table, "tbody")
    for row in rows:
        made = ET.SubElement(every, "tr")
        for cell in row:
            ET.SubElement(made, "td").text = cell

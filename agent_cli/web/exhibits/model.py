"""The exhibits of the models: how sure they are and how often right, and how that went on. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from helpdesk.figures import Board
from helpdesk.learning import Published
from helpdesk.reliability import coverage as covered
from helpdesk.triage import Reason

from agent_cli.pictures import charts
from agent_cli.pictures.charts import Part, Row, Series
from agent_cli.web.exhibits.board import BY_DESK, BY_PEOPLE, TOP
from agent_cli.web.exhibits.exhibit import Cell, Exhibit, Table, listed, nothing, plural, rows
from agent_cli.words import models, times

OLDER = "The model in use is of an earlier version, which did not keep this. The next edit of an "
OLDER += "article measures it."
NO_GOLDEN = "No model was measured: the golden set has no case for an article of the desk."

MOST_MODELS = 30
"""Models of which a picture shows how they did; the table of models has them all."""

UNKNOWN = (
    Reason.NO_ARTICLE,
    Reason.OUT_OF_SCOPE,
    Reason.LOW_CONFIDENCE,
    Reason.AMBIGUOUS,
    Reason.NOT_AUTOMATIC,
)
"""Why people get tickets that an article might have answered."""


def reliability(current: Published | None) -> Exhibit:
    """Return what the model in use said against how often it was right, on the golden set."""
    title = "How sure the model is, and how often it is right"
    figures = current.figures if current else None
    if figures is None or not figures.reliability:
        return nothing("reliability", title, OLDER if figures else NO_GOLDEN)
    bins = figures.reliability
    every = sum(each.cases for each in bins)
    off = sum(abs(each.confidence - each.right) * each.cases for each in bins) / every
    said = f"On {plural(every, 'golden message')}, what the model says is {off:.0%} off on average."
    table = Table(
        ("says", "is right", "messages"),
        rows(
            *((f"{each.confidence:.0%}", f"{each.right:.0%}", f"{each.cases:,}") for each in bins)
        ),
    )
    needs = _needs(figures.required)
    return Exhibit(
        name="reliability",
        title=title,
        said=said,
        picture=charts.reliability(said, bins, figures.required),
        table=table,
        note="On the dashed line both are equal; a larger dot stands for more messages. "
        f"A message that is not for the desk is never right. {needs}",
    )


def _needs(required: Sequence[float]) -> str:
    if not required:
        return ""
    low, high = min(required), max(required)
    many = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    return f"The ticks are the probabilities that intents need to be answered: {many}."


def coverage(current: Published | None) -> Exhibit:
    """Return how much would be answered from a probability on, and how much of it is right."""
    title = "How much could be answered, and how much of it is right"
    figures = current.figures if current else None
    if figures is None or not figures.reliability:
        return nothing("coverage", title, OLDER if figures else NO_GOLDEN)
    points = covered(figures.reliability)
    good = [each for each in points if each.precision >= figures.precision]
    best = max(good, key=lambda each: each.covered, default=points[0])
    said = (
        f"From a probability of {best.least:.2f} on, {best.covered:.0%} of the golden messages "
        f"would be answered, {best.precision:.0%} of them right."
    )
    table = Table(
        ("from", "answered", "right"),
        rows(
            *(
                (f"{each.least:.2f}", f"{each.covered:.0%}", f"{each.precision:.1%}")
                for each in points
            )
        ),
    )
    return Exhibit(
        name="coverage",
        title=title,
        said=said,
        picture=charts.coverage(said, points),
        table=table,
        note="Only the probability counts here; the desk looks at more before it answers, and "
        f"{figures.precision:.1%} of its answers on the golden set are right.",
    )


def golden(history: Sequence[Published]) -> Exhibit:
    """Return how the models that were published did on the golden set, from the first to the last.

    Their figures are comparable as long as the golden set is the same.
    """
    title = "The golden set, model by model"
    shown = [each for each in history if each.figures and not each.refused][-MOST_MODELS:]
    if not shown:
        return nothing("golden", title, NO_GOLDEN)
    found = [each.figures for each in shown if each.figures]
    last = found[-1]
    said = (
        f"The latest of {plural(len(shown), 'model')} ranks {last.intents:.1%} of the golden "
        f"messages right; {last.precision:.1%} of its answers are right."
    )
    names = ("intents", "answers right", "answered")
    values = [(each.intents, each.precision, each.answered) for each in found]
    kinds = ("first", "second", "third")
    series = [
        Series(
            kind=kind,
            name=name,
            points=tuple(
                (row[index], f"{model.version}: {name} {row[index]:.1%}")
                for model, row in zip(shown, values, strict=True)
            ),
        )
        for index, (kind, name) in enumerate(zip(kinds, names, strict=True))
    ]
    breaks = [
        index for index, (a, b) in enumerate(pairwise(found), start=1) if a.golden != b.golden
    ]
    labels = [f"{each.at.astimezone():%d %b}" for each in shown]
    table = Table(
        ("model", "learned", *names, "evidence", "golden set"),
        rows(
            *(
                (
                    model.version,
                    times.minute(model.at),
                    *(models.share(each) for each in row),
                    models.share(of.retrieval),
                    of.golden[:8],
                )
                for model, row, of in reversed(list(zip(shown, values, found, strict=True)))
            )
        ),
    )
    return Exhibit(
        name="golden",
        title=title,
        said=said,
        picture=charts.lines("golden", title, said, series, labels, breaks=breaks),
        table=table,
        note="A dashed line across says that the golden set changed there: do not compare what is "
        "on both sides of it."
        if breaks
        else "",
    )


def unhelpful(board: Board) -> Exhibit:
    """Return the articles whose answer customers rated not helpful."""
    title = "Answers that did not help"
    found = {
        name: (each["unhelpful"], each.get("answered", 0))
        for name, each in board.course.intents.items()
        if each.get("unhelpful")
    }
    if not found:
        return nothing("unhelpful", title, f"No customer said so {_days(board)}.")
    ordered = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))
    every = sum(bad for bad, _ in found.values())
    first = ordered[0][0].replace("_", " ")
    said = (
        f"{plural(every, 'answer')} of the desk did not help {_days(board)}, most often about "
        f"{first}."
    )
    shown = [
        Row(
            name=name.replace("_", " "),
            said=f"{bad:,} of {answered:,}",
            parts=(Part(BY_PEOPLE, bad),),
            title=f"{name.replace('_', ' ')}: {bad:,} of {answered:,} answers did not help",
        )
        for name, (bad, answered) in ordered[:TOP]
    ]
    since = f"{board.figures.since}T00:00Z"
    table = Table(
        ("article", "did not help", "answers"),
        rows(
            *(
                (
                    Cell(name.replace("_", " "), listed(state="all", intent=name, since=since)),
                    f"{bad:,}",
                    f"{answered:,}",
                )
                for name, (bad, answered) in ordered
            )
        ),
    )
    return Exhibit(
        name="unhelpful",
        title=title,
        said=said,
        picture=charts.rows("unhelpful", title, said, shown),
        table=table,
        note="Only answers of the desk itself. The ratings of agents' replies are not in it.",
        to=listed(state="all", since=since),
        to_name="the tickets of these days",
    )


def unknown(board: Board) -> Exhibit:
    """Return how many questions people got because no article answered them."""
    title = "Questions without an answer of the desk"
    found = [(each, board.course.reasons.get(each, 0)) for each in UNKNOWN]
    every = sum(number for _, number in found)
    if not every:
        return nothing("unknown", title, f"People got none for that reason {_days(board)}.")
    said = (
        f"{plural(every, 'question')} went to people {_days(board)} because no article fitted, the "
        "model was not sure, or the article may not be sent without a person."
    )
    shown = [
        Row(
            name=each.replace("_", " "),
            said=f"{number:,}",
            parts=(Part(BY_DESK, number),),
            title=f"{each.replace('_', ' ')}: {number:,}",
        )
        for each, number in found
        if number
    ]
    return Exhibit(
        name="unknown",
        title=title,
        said=said,
        picture=charts.rows("unknown", title, said, shown),
        table=Table(
            ("reason", "questions"),
            rows(*((each.replace("_", " "), f"{number:,}") for each, number in found)),
        ),
        note="The counts keep no text. The list has all tickets of these days; it cannot be asked "
        "for a reason.",
        to=listed(state="all", since=f"{board.figures.since}T00:00Z"),
        to_name="the tickets of these days",
    )


def _days(board: Board) -> str:
    span = (board.figures.until - board.figures.since).days + 1
    return f"in the last {span} days"

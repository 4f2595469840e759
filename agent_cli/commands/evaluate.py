"""`helpdesk evaluate`: how good a desk is, by labelled conversations."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent_cli import output
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.evaluation import Change, Report
    from rich.console import RenderableType

    from agent_cli.evaluation.views import EvaluationView

BELOW, CANNOT = 1, 2
"""The exit codes for a figure that is not good enough, and for a run that could not be."""

TOLD_EACH = 20
"""Cases after which the progress is told."""

_A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class Judging(Verb):
    """A verb that also writes for CI systems."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = next(each for each in self.params if each.name == "output")
        shared.type = click.Choice(["table", "json", "junit"])


@click.command("evaluate", cls=Judging)
@click.argument("file", type=_A_FILE)
@click.option(
    "--local",
    multiple=True,
    required=True,
    metavar="FOLDER|FILE",
    type=click.Path(path_type=Path, exists=True),
    help="Articles, facts and golden cases: the desk that is made of them is judged.",
)
@click.option(
    "--encoder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of the sentence encoder.  [default: the installed one]",
)
@click.option("--model", type=_A_FILE, help="Judge with this model, and learn none.")
@click.option(
    "--engine",
    type=click.Choice(["extractive"]),
    default="extractive",
    show_default=True,
    help="What writes the drafts.",
)
@click.option("--minimum", multiple=True, metavar="NAME=VALUE", help="Fail below it.")
@click.option(
    "--maximum", multiple=True, metavar="NAME=VALUE", help="Fail above it, where less is better."
)
@click.option("--against", type=_A_FILE, help="Compare with an earlier report, in JSON.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    help="How much worse a figure may be.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Also write a page with pictures.",
)
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    file: Path,
    local: tuple[Path, ...],
    encoder: Path | None,
    model: Path | None,
    engine: str,  # noqa: ARG001 -- there is one; the option says which
    minimum: tuple[str, ...],
    maximum: tuple[str, ...],
    against: Path | None,
    tolerance: float,
    html: Path | None,
) -> None:
    """Play labelled conversations with a desk in this process, and print how good it is.

    A label that the desk cannot produce stops the run before anything is measured. It needs the
    packages of the language layer and of the extra `evaluate`. A model is learned first; that
    takes minutes.

    A figure regressed if it is worse than in the report of --against by more than the tolerance
    and more than chance. Exit codes: 0 good, 1 outside a bound or regressed, 2 it cannot run.

    \b
    helpdesk evaluate cases.jsonl --local knowledge/ --minimum intent=0.8
    helpdesk evaluate cases.jsonl --local knowledge/ -o json > report.json
    helpdesk evaluate cases.jsonl --local knowledge/ --against report.json --html report.html
    """
    from helpdesk.evaluation import CasesError, IncomparableError, compared

    from agent_cli.evaluation import playing, views

    at: Terminal = context.obj
    bounds = dict(_bounds(minimum, less=False)) | dict(_bounds(maximum, less=True))
    changes: tuple[Change, ...] = ()
    try:
        earlier = views.read_earlier(against) if against else None
        report = _played(file, local, encoder, model)
        if earlier:
            changes = compared(earlier.results, report.results, tolerance=tolerance)
    except (
        CasesError, IncomparableError, playing.CannotPlayError, views.ReportError,
    ) as error:  # fmt: skip
        for line in str(error).splitlines():
            output.tell(line)
        context.exit(CANNOT)
    if earlier and earlier.file != report.file:
        output.tell("the earlier report is of another file: only cases of both are compared")
    made = views.view(report, bounds, changes)
    if html:
        from agent_cli.evaluation import page

        html.write_text(page.written(made), "utf-8")
    _printed(at, made)
    if not made.passed:
        context.exit(BELOW)


def _played(
    file: Path, local: tuple[Path, ...], encoder: Path | None, model: Path | None
) -> "Report":
    """Read all that is needed, and only then play. Raises CasesError and CannotPlayError."""
    from helpdesk import steps
    from helpdesk.evaluation import evaluated, read

    from agent_cli.evaluation import playing

    knowledge = playing.knowledge_of(local)
    closeness = playing.closeness()
    vocabulary = steps.shipped()
    text = _text_of(file)
    cases = read(text, knowledge.labels(vocabulary))
    output.tell(f"{len(cases)} cases; {'reading the model' if model else 'learning a model'} …")
    desk = playing.desk_of(knowledge, encoder=encoder, model=model)
    return evaluated(
        text, cases, desk, closeness, steps=vocabulary.actions, told=_progress(len(cases))
    )


def _text_of(file: Path) -> str:
    from helpdesk.evaluation import CasesError

    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise CasesError(f"{file} is not UTF-8") from error


def _progress(cases: int) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done % TOLD_EACH == 0 or done == cases:
            output.tell(f"{done} of {cases} cases played")

    return told


def _bounds(given: tuple[str, ...], *, less: bool) -> Iterator[tuple[str, float]]:
    """Yield the bounds of figures by their names. Raises click.UsageError."""
    from helpdesk.evaluation import MEASURES

    for each in given:
        name, equals, value = each.partition("=")
        if name not in MEASURES:
            raise click.UsageError(f"no figure is called {name!r}: {', '.join(MEASURES)}")
        if MEASURES[name].less is not less:
            other = "--maximum" if MEASURES[name].less else "--minimum"
            raise click.UsageError(f"{name} is bounded by {other}")
        try:
            yield name, float(value if equals else "")
        except ValueError:
            raise click.UsageError(f"{each!r}: write it as in intent=0.8") from None


def _printed(at: Terminal, made: "EvaluationView") -> None:
    if at.option("output") == "junit":
        from agent_cli.evaluation import junit

        click.echo(junit.written(made))
        return
    output.show(at, made, lambda: _table(made))
    for name in made.missed:
        output.tell(f"{name} is outside its bound")
    for change in made.regressed:
        output.tell(
            f"{change.name} regressed from {change.before:.3f} to {change.after:.3f}; "
            f"by chance that happens in {change.chance:.2%}"
        )
    for change in made.changes:
        if change.fixed or change.broken:
            output.tell_plainly(
                f"{change.name}: fixed {' '.join(change.fixed) or 'none'}, "
                f"broken {' '.join(change.broken) or 'none'}"
            )


def _table(made: "EvaluationView") -> "RenderableType":
    from agent_cli import render
    from agent_cli.evaluation import views

    figures = made.report.figures
    columns: list[render.Column[str]] = [
        ("", lambda name: "✗" if name in made.missed else ""),
        ("figure", lambda name: name),
        ("value", lambda name: views.value(figures[name], name)),
        ("95 %", lambda name: views.interval(figures[name], name)),
        ("of", lambda name: views.counted(figures[name])),
        ("bound", lambda name: views.bound(name, made.bounds)),
    ]
    return render.table(list(figures), columns)

"""The verb that replaces the whole knowledge: replace."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent_cli import golden_cases, output
from agent_cli.commands.knowledge.one_article import yes_option
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.curation import Replacement

    from agent_cli.words.views import ReplaceView

REFUSED = 1
"""The exit code if the gate refuses the new knowledge."""

SHOWN = 12
"""Intents that a line names."""


@click.command(cls=Verb)
@click.argument(
    "path", required=False, metavar="[FOLDER|FILE]", type=click.Path(path_type=Path, exists=True)
)
@click.option("--undo", is_flag=True, help="Go back to the edition that was replaced.")
@click.option("--to", "number", type=int, help="Go back to this edition.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@yes_option
@click.pass_context
def replace(
    ctx: click.Context, /, path: Path | None, undo: bool, number: int | None, **given: Any
) -> None:
    """Replace all articles, with their golden cases, in one step. Only leads may do this.

    The files hold articles as `import` reads them. Golden cases are the messages by which the new
    knowledge is judged: lines `{"text": "…", "intent": "…"}` in a file that ends in .jsonl, or
    texts under `golden` in an article. The old golden cases no longer count. Facts of the desk
    stand under `facts` in a file of their own; if the files hold none, the present facts stay.

    The trainer first learns the new knowledge beside the old one; this takes up to five minutes. If
    the gate refuses it, you see the cases that failed, and nothing changes. Every knowledge is kept
    as a numbered edition, and you can go back to it.

    \b
    helpdesk knowledge replace our-shop/ --dry-run
    helpdesk knowledge replace our-shop/
    helpdesk knowledge replace --undo
    helpdesk knowledge replace --to 2
    """
    from agent_cli.words.views import ReplaceView

    at: Terminal = ctx.obj
    if (path is not None) + undo + (number is not None) != 1:
        raise click.UsageError("give a folder or a file, or --undo, or --to with an edition")
    replacer = at.desk.replacer
    plan = _planned(at, path) if path else replacer.plan_return(number)
    for line in _lines(plan):
        output.tell_plainly(line)
    if given["dry_run"] or (path and plan.changes_nothing):
        if not given["dry_run"]:
            output.tell("the knowledge is the same; nothing was replaced")
        _show(at, ReplaceView.of(plan, None, done=False))
        return
    at.confirm(_question(plan, back=path is None), yes=given["yes"])
    model = replacer.carry_out(plan) if path else replacer.go_back(plan)
    view = ReplaceView.of(plan, model, done=not (model and model.refused))
    _show(at, view)
    if not view.done:
        ctx.exit(REFUSED)


def _planned(at: Terminal, path: Path) -> "Replacement":
    from helpdesk.knowledge import InvalidArticleError

    from agent_cli import articles

    found = articles.read(articles.files(path))
    if found.utterances:
        output.tell(f"left out, because they have no answer: {', '.join(sorted(found.utterances))}")
    if not found.articles:
        raise InvalidArticleError(f"{path} holds no article")
    return at.desk.replacer.plan(found.articles, found.golden, found.facts)


def _question(plan: "Replacement", *, back: bool) -> str:
    before, after = plan.before, plan.after
    if back:
        return f"Go back from edition {before.number} to edition {after.number}?"
    return f"Replace {len(before.articles)} articles by {len(after.articles)}?"


def _lines(plan: "Replacement") -> list[str]:
    before, after = plan.before, plan.after
    return [
        f"edition {after.number} will replace edition {before.number}",
        f"articles added:     {_named(plan.added)}",
        f"articles changed:   {_named(plan.changed)}",
        f"articles removed:   {_named(plan.removed)}",
        f"articles unchanged: {len(plan.unchanged)}",
        *([f"facts changed:      {_named(plan.facts_changing)}"] if plan.facts_changing else []),
        f"golden cases: {len(plan.cases_coming)} added, {len(plan.cases_going)} removed, "
        f"{len(after.golden)} in all"
        + ("" if after.golden else ": without them no model is tested"),
        *(
            f"not counted: {count} golden case(s) about {intent}, which has no article"
            for intent, count in plan.uncounted.items()
        ),
    ]


def _named(intents: tuple[str, ...]) -> str:
    more = f" and {len(intents) - SHOWN} more" if len(intents) > SHOWN else ""
    return f"{len(intents)}" + (f" ({', '.join(intents[:SHOWN])}{more})" if intents else "")


def _show(at: Terminal, view: "ReplaceView") -> None:
    if at.option("output") != "table":
        output.show(at, view, lambda: "")
        return
    if view.refused:
        output.tell(f"refused, and nothing was changed: {'; '.join(view.refused)}")
        for each in view.failed:
            output.tell_plainly(f"  {golden_cases.told(each)}")
        output.tell(
            "give the intents named more or other utterances, or correct a case whose label is "
            "wrong; then run it again"
        )
    elif view.done:
        model = f"with model {view.model}" if view.model else "the trainer learns it now"
        output.tell(
            f"edition {view.edition} is now in use, {model}; "
            f"to go back: `helpdesk knowledge replace --to {view.instead_of}`"
        )

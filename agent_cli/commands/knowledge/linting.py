"""The verb that reads a knowledge as an editor would: lint."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent_cli import foretelling, output
from agent_cli.verbs import Terminal, Verb

if TYPE_CHECKING:
    from helpdesk.linting import Finding, Knowledge, Limits

FINDINGS = 1
"""The exit code if a rule finds something."""


@click.command(cls=Verb)
@click.argument(
    "paths", nargs=-1, metavar="[FOLDER|FILE]...", type=click.Path(path_type=Path, exists=True)
)
@click.option("--only", multiple=True, metavar="RULE", help="Check only this rule.")
@click.option(
    "--words",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="The most words that an answer may have.",
)
@click.option(
    "--most-words",
    type=click.IntRange(1),
    default=110,
    show_default=True,
    help="The same for an answer with each step on a line of its own.",
)
@click.option(
    "--ease",
    type=float,
    default=60,
    show_default=True,
    help="The lowest reading ease of an answer.",
)
@click.option("--links", is_flag=True, help="Also request the pages that articles link to.")
@click.option(
    "--likeness",
    type=click.FloatRange(0.5, 1),
    default=0.85,
    show_default=True,
    help="How alike two phrases must be to count as nearly the same.",
)
@click.pass_context
def lint(
    ctx: click.Context,
    /,
    *,
    paths: tuple[Path, ...],
    only: tuple[str, ...],
    words: int,
    most_words: int,
    ease: float,
    links: bool,
    likeness: float,
) -> None:
    """Read articles as an editor would, and say what to do about each finding.

    Without a path, the deployed knowledge is read, with its golden set and its facts. Files are
    read as `replace` reads them, without a look at the desk. The exit code is 1 if there are
    findings. The rules are length, reading, opening, person, promise, title, links, numbers,
    variables, doubles, near doubles, golden copies, coverage, leftovers, encoding, review and
    ended. With --links, your machine asks for each page that an article links to.

    \b
    helpdesk knowledge lint
    helpdesk knowledge lint our-shop/ --only length --only numbers
    helpdesk knowledge lint our-shop/ golden.jsonl -o json
    helpdesk knowledge lint --only links --links
    """
    from helpdesk.linting import RULES, Limits
    from helpdesk.linting import lint as ask

    from agent_cli import render
    from agent_cli.link_checks import broken_links

    at: Terminal = ctx.obj
    if unknown := set(only) - {rule.name for rule in RULES}:
        raise click.UsageError(f"there is no rule with the name {', '.join(sorted(unknown))}")
    limits = Limits(words=words, most_words=most_words, ease=ease, likeness=likeness)
    knowledge = _read(at, paths, limits)
    found = list(ask(knowledge, only))
    if links:
        count = sum(len(each.links) for each in knowledge.articles)
        output.tell(f"requesting the pages of {count} links")
        found += broken_links(knowledge.articles)
    columns: list[render.Column[Finding]] = [
        ("article", lambda row: row.article),
        ("rule", lambda row: row.rule),
        ("text", lambda row: row.text),
    ]
    output.show(at, found, lambda: render.table(found, columns, wrap="text"))
    advice = {each.rule: each.advice for each in found}
    for rule, count in Counter(each.rule for each in found).items():
        output.tell_plainly(f"{rule}: {count}. {advice[rule].capitalize()}.")
    if found:
        ctx.exit(FINDINGS)
    output.tell("no findings")


def _read(at: Terminal, paths: tuple[Path, ...], limits: "Limits") -> "Knowledge":
    from helpdesk.linting import Knowledge

    from agent_cli import articles

    if not paths:
        return foretelling.deployed(at.desk, limits)
    found = articles.read([each for path in paths for each in articles.files(path)])
    return Knowledge(
        articles=found.articles,
        golden=found.golden,
        facts=found.facts or {},
        limits=limits,
        today=datetime.now(UTC).date(),
    )

"""What a lead sees before an edited article is stored."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from helpdesk.knowledge import Amendment, Article, Golden

from agent_cli import golden_cases, output
from agent_cli.commands.knowledge.linting import deployed
from agent_cli.verbs import Terminal

if TYPE_CHECKING:
    from helpdesk.learning import Figures, Foretold

SHOWN = 5
"""Golden cases, or findings, that are named."""


def tried(at: Terminal, amendment: Amendment) -> Amendment:
    """Show what the gate will say to a change; return it with the golden cases it takes over.

    Messages that are not for the desk now, and that the model would take for this article, get its
    intent if the lead wants it. If the trainer cannot be asked, that is told, and nothing more.
    Raises NotAllowedError for an agent who is not a lead.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from helpdesk.composition import ResourceError
    from helpdesk.learning import LessonError

    output.tell("the trainer tries it; this takes up to a minute …")
    try:
        found = at.desk.foretell(amendment)
    except (LessonError, ResourceError, BotoCoreError, ClientError) as error:
        output.tell(f"what the gate would decide is not known: {error}")
        return amendment
    for line in _lines(found):
        output.tell_plainly(line)
    own = {each.text for each in amendment.golden}
    taken = tuple(each for each in found.taken if each not in own)
    if not taken:
        return amendment
    intent = amendment.article.intent
    output.tell_plainly(f"golden cases for people that the new model takes for {intent}:")
    for text in taken:
        output.tell_plainly(f"  {text!r}")
    if not _agreed(at, f"Change the label of these {len(taken)} to {intent}?"):
        return amendment
    return replace(
        amendment, golden=(*amendment.golden, *(Golden(each, (intent,)) for each in taken))
    )


def _agreed(at: Terminal, question: str) -> bool:
    """Ask a question that a script answers with no."""
    if not at.can_ask:
        output.tell(f"{question} No: there is no terminal to ask on")
        return False
    return click.confirm(question, err=True)


def _lines(found: "Foretold") -> Iterator[str]:
    if found.after:
        yield f"golden set after:  {_shares(found.after)}"
    if found.before:
        yield f"golden set before: {_shares(found.before)}"
    for each in found.failing[:SHOWN]:
        yield f"will fail: {golden_cases.told(each)}"
    if (more := len(found.failing) - SHOWN) > 0:
        yield f"will fail: {more} more"
    if found.mended:
        yield f"will be right: {_named(tuple(each.text for each in found.mended))}"
    if found.refused:
        yield f"the gate will refuse it: {'; '.join(found.refused)}"
    elif found.after:
        yield "the gate will accept it"
    else:
        yield "there is no golden set, so the gate will accept it"


def _shares(figures: "Figures") -> str:
    return (
        f"intents {figures.intents:.1%}, automatic answers right {figures.precision:.1%}, "
        f"answered {figures.answered:.1%}, out of scope but answered {figures.strangers:.1%}"
    )


def foretold(at: Terminal, before: Article | None, after: Article) -> Iterator[str]:
    """Yield in lines what follows from an edit: for other articles, golden cases and `lint`."""
    from helpdesk.linting import Limits, outlook

    found = outlook(before, after, deployed(at, Limits()))
    for near in found.near:
        yield (
            f"similar: {near.phrase!r} is {near.likeness:.0%} like {near.other!r} of {near.intent}"
        )
    yield f"golden cases of {after.intent}: {found.judged}"
    if found.moving:
        then = "are answered without an agent" if after.automatic else "go to agents"
        then = "go to agents" if after.needs_person else then
        then = "go to agents, with a draft to approve" if after.review else then
        yield f"from now on they {then}: {_named(found.moving)}"
    if found.taught:
        yield f"golden cases that are now phrases, so they no longer count: {_named(found.taught)}"
    for each in found.findings[:SHOWN]:
        yield f"lint, {each.rule}: {each.text}"
    if (more := len(found.findings) - SHOWN) > 0:
        yield f"lint: {more} more findings, see `helpdesk knowledge lint`"


def _named(texts: tuple[str, ...]) -> str:
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(map(repr, texts[:SHOWN])) + more

"""What a lead is told before an edited article is stored."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from helpdesk.knowledge import Article

from agent_cli import golden_cases

if TYPE_CHECKING:
    from helpdesk.learning import Figures, Foretold
    from helpdesk.linting import Outlook

SHOWN = 5
"""Golden cases, or findings, that are named."""


def of_the_gate(found: "Foretold") -> Iterator[str]:
    """Yield in lines what the trainer says a change would do, and what the gate would decide."""
    if found.after:
        yield f"golden set after:  {shares(found.after)}"
    if found.before:
        yield f"golden set before: {shares(found.before)}"
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


def shares(figures: "Figures") -> str:
    """Return the figures of a model on the golden set."""
    return (
        f"intents {figures.intents:.1%}, automatic answers right {figures.precision:.1%}, "
        f"answered {figures.answered:.1%}, out of scope but answered {figures.strangers:.1%}"
    )


def of_the_knowledge(found: "Outlook", after: Article) -> Iterator[str]:
    """Yield in lines what follows from an edit: for other articles, golden cases and `lint`."""
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

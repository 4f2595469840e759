"""What a lead sees before an edited article is stored."""

from collections.abc import Iterator

from helpdesk.knowledge import Article

from agent_cli.commands.knowledge.linting import deployed
from agent_cli.verbs import Terminal

SHOWN = 5
"""Golden cases, or findings, that are named."""


def foretold(at: Terminal, before: Article, after: Article) -> Iterator[str]:
    """Yield in lines what follows from an edit: for other articles, golden cases and `lint`."""
    from helpdesk.linting import Limits, outlook

    found = outlook(before, after, deployed(at, Limits()))
    for near in found.near:
        yield (f"near: {near.phrase!r} is {near.likeness:.0%} like {near.other!r} of {near.intent}")
    yield f"golden cases of {after.intent}: {found.judged}"
    if found.moving:
        then = "are answered without an agent" if after.automatic else "go to agents"
        then = "go to agents" if after.needs_person else then
        yield f"from now on they {then}: {_named(found.moving)}"
    if found.taught:
        yield f"phrases that are golden cases, and no longer judge: {_named(found.taught)}"
    for each in found.findings[:SHOWN]:
        yield f"lint, {each.rule}: {each.text}"
    if (more := len(found.findings) - SHOWN) > 0:
        yield f"lint: {more} more findings, see `helpdesk knowledge lint`"


def _named(texts: tuple[str, ...]) -> str:
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(map(repr, texts[:SHOWN])) + more

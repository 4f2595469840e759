"""What an edit would do beyond its article, as far as it can be told without a model."""

from dataclasses import dataclass, replace

from helpdesk.knowledge import Article
from helpdesk.linting.checking import Finding, Knowledge
from helpdesk.linting.phrases import Neighbour, nearest, normal
from helpdesk.linting.rules import RULES, lint

SHOWN = 3
"""Phrases of other articles that are named."""

_TOLD = frozenset(rule.name for rule in RULES if rule.name != "coverage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What follows from storing an edited article.

    `near` are the phrases of other articles that are most like its new phrases. `judged` counts the
    golden cases of its intent, and `moving` are those which from then on are answered without a
    person, or no longer are. `taught` are golden cases that become phrases and so judge nothing.
    `findings` are what `lint` finds and did not find before, the counts of styles left out.
    """

    near: tuple[Neighbour, ...]
    judged: int
    moving: tuple[str, ...]
    taught: tuple[str, ...]
    findings: tuple[Finding, ...]


def outlook(before: Article | None, after: Article, present: Knowledge) -> Outlook:
    """Return what follows from putting `after` in the place of `before`; None is a new article."""
    others = tuple(each for each in present.articles if each.intent != after.intent)
    known = {normal(text) for text in before.utterances} if before else set()
    new = tuple(text for text in after.utterances if normal(text) not in known)
    cases = tuple(each.text for each in present.golden if after.intent in each.intents)
    phrases = {normal(text) for text in new}
    found = lint(replace(present, articles=(after, *others)), _TOLD)
    old = lint(replace(present, articles=(*([before] if before else []), *others)), _TOLD)
    return Outlook(
        near=nearest(replace(after, utterances=new), others, SHOWN) if new else (),
        judged=len(cases),
        moving=cases if before and _by_itself(before) != _by_itself(after) else (),
        taught=tuple(each.text for each in present.golden if normal(each.text) in phrases),
        findings=tuple(each for each in found if each not in old),
    )


def _by_itself(article: Article) -> bool:
    return article.automatic and not article.needs_person and not article.review

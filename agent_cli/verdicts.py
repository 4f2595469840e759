"""How the desk would answer a text, with which version of which article, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk.knowledge import ANY_LANGUAGE, Article, as_sent
from helpdesk.triage import Reason

from agent_cli.words.verdicts import why
from agent_cli.words.views import VerdictView

if TYPE_CHECKING:
    from helpdesk.contract import PredictionOut

    from agent_cli.desk import Desk

ACKNOWLEDGED = {Reason.ASKED_FOR_PERSON, Reason.NEEDS_PERSON}
"""Why people get a ticket of which the article's answer is sent meanwhile."""

SUGGESTED = 3
"""Articles that are looked at for a text."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article as a customer would get it, and how likely it is the right one."""

    article: Article
    probability: float


def of(desk: "Desk", text: str, made: "PredictionOut") -> VerdictView:
    """Return the verdict on a text, of which a prediction was made."""
    best = made.intents[0] if made.intents else None
    article = _sent(desk, best.intent) if best else None
    says = made.decision == "answer" or made.reason in ACKNOWLEDGED
    greeting = desk.texts.get("courtesy", ANY_LANGUAGE) if made.decision == "greet" else None
    said = greeting.text if greeting else article.answer if article and says else None
    return VerdictView(
        text=text,
        answer=said,
        intent=best.intent if best else None,
        version=article.version if article else None,
        why=why(made),
        prediction=made,
    )


def suggested(desk: "Desk", made: "PredictionOut") -> Iterator[Suggested]:
    """Yield the likeliest articles, as agents get them to reply with."""
    for each in made.intents[:SUGGESTED]:
        if article := _sent(desk, each.intent):
            yield Suggested(article, each.probability)


def _sent(desk: "Desk", intent: str) -> Article | None:
    knowledge = desk.parts.knowledge
    found = knowledge.get(intent)
    return as_sent(found, knowledge.facts, desk.clock()) if found else None

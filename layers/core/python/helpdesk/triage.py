"""From what was understood to what to do: answer, or escalate with a reason. Pure and total."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.knowledge import Article


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """One candidate: `probability` (0 to 1) is calibrated, so 0.9 is right nine times in ten.

    `required` is the probability this intent needs to be answered at the model's target precision.
    """

    name: str
    probability: float
    required: float


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in the text: `text[start:end]` is the mention, `value` its normal form."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What one message was taken to mean.

    `ranking` is best first. `scope` (0 to 1) says how much the message resembles anything the
    desk knows; below `scope_required` it is about something else. `sentiment` runs from -1
    (angry) to 1 (delighted). `language` is an ISO 639-1 code, or "und" where it cannot be told.
    `model` names the artifact and mode that decided.
    """

    ranking: tuple[RankedIntent, ...]
    scope: float
    scope_required: float
    language: str
    sentiment: float
    entities: tuple[Entity, ...]
    model: str


class Reason(StrEnum):
    """Why a person has to look."""

    ASKED_FOR_PERSON = "asked_for_person"
    NEEDS_PERSON = "needs_person"
    OUT_OF_SCOPE = "out_of_scope"
    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    LANGUAGE = "language"
    NO_ARTICLE = "no_article"
    NOT_AUTOMATIC = "not_automatic"
    PROCESSING_FAILED = "processing_failed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the desk allows itself. `floor` and `margin` are probabilities (0 to 1).

    Nothing is answered below `floor`, whatever the model would accept, nor when the runner-up
    comes within `margin` of the best (the two-number rule of Rasa's fallback classifier), nor in
    a language outside `languages`.
    """

    floor: float = 0.0
    margin: float = 0.1
    languages: frozenset[str] = frozenset({"en"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Send the article's answer."""

    article: Article


@dataclass(frozen=True, slots=True)
class Escalate:
    """Hand the ticket to a person, with the article's answer as acknowledgement if there is one."""

    reason: Reason
    acknowledgement: Article | None = None


type Decision = Answer | Escalate


def decide(  # noqa: PLR0911 -- one return per way out reads best
    understanding: Understanding,
    articles: Mapping[str, Article],
    policy: Policy = Policy(),
) -> Decision:
    """Answer only when everything speaks for it; `articles` holds those of the ranked intents.

    The wish for a person and matters that need one are acknowledged and escalated; what is
    unknown, unsure, ambiguous, in an untested language or without an article is escalated.
    """
    if understanding.language not in policy.languages:
        return Escalate(Reason.LANGUAGE)
    if not understanding.ranking or understanding.scope < understanding.scope_required:
        return Escalate(Reason.OUT_OF_SCOPE)
    best, *others = understanding.ranking
    if best.probability < max(best.required, policy.floor):
        return Escalate(Reason.LOW_CONFIDENCE)
    if others and best.probability - others[0].probability < policy.margin:
        return Escalate(Reason.AMBIGUOUS)
    article = articles.get(best.name)
    if article is None:
        return Escalate(Reason.NO_ARTICLE)
    if article.needs_person:
        asked = article.automatic
        return Escalate(Reason.ASKED_FOR_PERSON if asked else Reason.NEEDS_PERSON, article)
    if not article.automatic:
        return Escalate(Reason.NOT_AUTOMATIC)
    return Answer(article)

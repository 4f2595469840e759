"""From an understanding to a decision: answer, ask back, or escalate with a reason.

What a customer's wording shows comes before what was understood: danger, injury, threats, law,
fraud, death and children are never answered automatically, also where the intent is sure.

Pure and total.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.knowledge import Article
from helpdesk.wording import Kind

NOT_KEPT = {"kept": False}
"""Marks a field that is of use to the one who asked, and that no table keeps."""


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """One candidate: `probability` (0 to 1) is calibrated: of those with 0.9, 90 % are right.

    `required` is the probability this intent needs to be answered at the model's target precision.
    """

    name: str
    probability: float
    required: float


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in the text: `text[start:end]` is the mention, `value` its normal form.

    `spelling` is how it is written there, `where` is "message 2" or "file 1". Entities from before
    have neither.
    """

    kind: str
    value: str
    start: int
    end: int
    spelling: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What the desk understands of one message.

    `ranking` has the best candidate first. `scope` (0 to 1) says how much the message resembles
    what the desk knows; below `scope_required` it is about something else. `sentiment` goes from
    -1 (angry) to 1 (delighted). `contrary` (0 to 1) says how likely the message is against what its
    words ask for: it denies a wish, reports a failed attempt, or mocks. `language` is an ISO 639-1
    code, or "und" if it is not clear. `model` names the artifact and mode that decided.

    `goods` are the names of goods in the message, `meaning` is its vector, one byte a dimension,
    or empty where the encoder only sums words. They tell cases apart and are not kept.
    """

    ranking: tuple[RankedIntent, ...]
    scope: float
    scope_required: float
    language: str
    sentiment: float
    entities: tuple[Entity, ...]
    model: str
    contrary: float = 0.0
    goods: tuple[str, ...] = field(default=(), compare=False, metadata=NOT_KEPT)
    meaning: bytes = field(default=b"", compare=False, repr=False, metadata=NOT_KEPT)


class Reason(StrEnum):
    """Why a person gets the ticket."""

    DANGER = "danger"
    INJURY = "injury"
    THREAT = "threat"
    TAKEOVER = "takeover"
    LEGAL = "legal"
    FRAUD = "fraud"
    DEATH = "death"
    MINOR = "minor"
    ANGRY = "angry"
    UNREADABLE = "unreadable"
    ASKED_FOR_PERSON = "asked_for_person"
    NEEDS_PERSON = "needs_person"
    OUT_OF_SCOPE = "out_of_scope"
    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    CONTRARY = "contrary"
    SEVERAL_MATTERS = "several_matters"
    LANGUAGE = "language"
    NO_ARTICLE = "no_article"
    NOT_AUTOMATIC = "not_automatic"
    PROCESSING_FAILED = "processing_failed"
    LOOKUP_FAILED = "lookup_failed"
    REOPENED = "reopened"
    FOLLOWED_UP = "followed_up"
    REPEATED = "repeated"
    NOT_HELPED = "not_helped"
    OPENED_BY_AGENT = "opened_by_agent"
    SPLIT = "split"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Policy:
    """When the desk may answer or ask back. All numbers are probabilities (0 to 1).

    The desk does not answer below `floor`, even if the model would. It does not answer if the
    second candidate is within `margin` of the best (the two-number rule of Rasa's fallback
    classifier), or if the language is not in `languages`. Where it is not sure, it offers the
    candidates that have at least `worth_asking` to the customer, if it is more likely than not
    that one of them is meant: if together they have `certain_together`.
    """

    floor: float = 0.0
    margin: float = 0.1
    worth_asking: float = 0.15
    certain_together: float = 0.5
    languages: frozenset[str] = frozenset({"en"})


FEARED = 0.1
"""The probability (0 to 1) from which an urgent matter counts for a ticket that people get: as
much as one in ten such tickets may be one. Set on 236 messages written for development."""

NO_MENU = 0.01
"""The probability from which an urgent matter keeps the desk from asking back: people ask."""

CONTRARY = 0.5
"""From this score on a message may be against what its words ask for, and a person reads it."""

WARY = 0.25
"""From this score on the desk asks back instead of answering. Chosen on shipped pairs held out in
turn: of the contrasts that do not name another company 95 % have it, and 9.5 % of the wishes."""

UNKNOWN_LANGUAGE = "und"
"""The language of a message that is not clear, or in which nothing can be read."""

MOST_CHOICES = 3
"""How many choices a customer is offered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Send the article's answer, and that of another article if the customer asks two things."""

    article: Article
    also: Article | None = None

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles in the order of the questions."""
        return (self.article, self.also) if self.also else (self.article,)

    @property
    def text(self) -> str:
        """What is sent. Of two answers, each stands under its title."""
        if self.also is None:
            return self.article.answer
        return "\n\n".join(f"{each.title}\n{each.answer.strip()}" for each in self.articles)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the customer which of a few articles is meant.

    With a `text`, the only article is certain, and the text asks what it needs beside.
    """

    choices: tuple[Article, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Hand the ticket to a person, with the article's answer as acknowledgement if there is one.

    `likely` is the article of the best candidate, for the department: no customer sees it. `feared`
    is that of an urgent matter which it may be as well, for the order of the line.
    """

    reason: Reason
    acknowledgement: Article | None = None
    likely: Article | None = None
    feared: Article | None = None

    @property
    def guesses(self) -> bool:
        """Whether the matter is only the best guess."""
        sure = {
            Reason.NOT_AUTOMATIC,
            Reason.REPEATED,
            Reason.REVIEW,
            Reason.LOOKUP_FAILED,
        }
        return self.acknowledgement is None and self.reason not in sure


@dataclass(frozen=True, slots=True)
class Greet:
    """Answer mere courtesy with courtesy."""


type Decision = Answer | Ask | Escalate | Greet

_FOR_A_PERSON = {
    Kind.DANGER: Reason.DANGER,
    Kind.INJURY: Reason.INJURY,
    Kind.THREAT: Reason.THREAT,
    Kind.TAKEOVER: Reason.TAKEOVER,
    Kind.LEGAL: Reason.LEGAL,
    Kind.FRAUD: Reason.FRAUD,
    Kind.DEATH: Reason.DEATH,
    Kind.MINOR: Reason.MINOR,
    Kind.NOT_HELPED: Reason.NOT_HELPED,
}
"""What no desk answers by itself, the gravest first."""

UNHAPPY = -0.35
"""The sentiment, from -1 to 1, up to which a demand comes from an angry customer."""


def candidates(understanding: Understanding, policy: Policy = Policy()) -> tuple[str, ...]:
    """Return the intents whose articles `decide` will look at: one when it is sure."""
    if not understanding.ranking:
        return ()
    best, *others = understanding.ranking[:MOST_CHOICES]
    if _doubt(understanding, policy) is None:
        return (best.name,)
    return (best.name, *(o.name for o in others if o.probability >= policy.worth_asking))


def decide(
    understanding: Understanding,
    articles: Mapping[str, Article],
    policy: Policy = Policy(),
    *,
    wording: frozenset[Kind] = frozenset(),
    may_ask: bool = True,
) -> Answer | Ask | Escalate:
    """Decide on a message; `articles` holds the articles of the candidates.

    A grave `wording`, such as of danger or death, is for a person, also where the intent is sure,
    and so is an angry demand. If the customer wants a person, or the matter needs one, the desk
    acknowledges and escalates. It offers what is likely to the customer, once. It escalates a
    message that is unreadable, unknown, unsure, in an untested language, without an article, or
    against what its words ask for; where it may be against them, it asks back. It answers only if
    none of this is the case.
    """
    for kind, reason in _FOR_A_PERSON.items():
        if kind in wording:
            return Escalate(reason)
    decision = _decided(understanding, articles, policy, may_ask=may_ask)
    if not isinstance(decision, Answer | Ask):
        return decision
    if _demands_angrily(understanding, wording):
        return Escalate(Reason.ANGRY)
    if understanding.contrary >= CONTRARY:
        return Escalate(Reason.CONTRARY)
    if isinstance(decision, Answer) and understanding.contrary >= WARY:
        return Ask((decision.article,)) if may_ask else Escalate(Reason.CONTRARY)
    return decision


def _demands_angrily(understanding: Understanding, wording: frozenset[Kind]) -> bool:
    angry = understanding.sentiment <= UNHAPPY or Kind.ANGER in wording
    return angry and Kind.DEMAND in wording


def _decided(
    understanding: Understanding,
    articles: Mapping[str, Article],
    policy: Policy,
    *,
    may_ask: bool,
) -> Answer | Ask | Escalate:
    if not understanding.ranking and understanding.language == UNKNOWN_LANGUAGE:
        return Escalate(Reason.UNREADABLE)
    if understanding.language not in policy.languages:
        return Escalate(Reason.LANGUAGE)
    if not understanding.ranking or understanding.scope < understanding.scope_required:
        return Escalate(Reason.OUT_OF_SCOPE)
    if doubt := _doubt(understanding, policy):
        choices = _choices(understanding, articles, policy) if may_ask else ()
        return Ask(choices) if choices else Escalate(doubt)
    article = articles.get(understanding.ranking[0].name)
    return carry_out(article) if article else Escalate(Reason.NO_ARTICLE)


def carry_out(article: Article) -> Answer | Escalate:
    """Return what the article's own flags decide: answer, or hand the ticket to a person."""
    if article.needs_person:
        asked = article.automatic
        return Escalate(Reason.ASKED_FOR_PERSON if asked else Reason.NEEDS_PERSON, article)
    if article.review:
        return Escalate(Reason.REVIEW, likely=article)
    return Answer(article) if article.automatic else Escalate(Reason.NOT_AUTOMATIC)


def question(choices: Sequence[Article]) -> str:
    """Return the text that offers a few articles to the customer."""
    lines = [f"{number}. {article.title}" for number, article in enumerate(choices, start=1)]
    asked = "Which of these do you mean?" if len(choices) > 1 else "Do you mean this?"
    return "\n".join(
        [
            f"{asked} Reply with the number.",
            *lines,
            f"{len(choices) + 1}. {SOMETHING_ELSE}",
        ]
    )


def chosen(text: str, titles: Sequence[str]) -> int | None:
    """Return which choice a customer's reply names, counted from 1; len + 1 is "something else".

    The reply may be a number, an ordinal or a title. "None of these", "neither" and "both" are
    something else: a colleague answers. To a single choice it may be yes or no. Any other reply
    gives None.
    """
    said = " ".join(re.findall(r"[a-z0-9']+", text.casefold()))
    if len(titles) == 1 and (yes_or_no := _YES_OR_NO.fullmatch(said)):
        return 1 if yes_or_no["yes"] else 2
    if _NO_CHOICE.fullmatch(said):
        return len(titles) + 1
    for number, title in enumerate([*titles, SOMETHING_ELSE], start=1):
        if said == " ".join(re.findall(r"[a-z0-9']+", title.casefold())):
            return number
    if not (named := _CHOICE.fullmatch(said)):
        return None
    number = _NUMBERS.get(named["number"]) or int(named["number"])
    return number if 1 <= number <= len(titles) + 1 else None


SOMETHING_ELSE = "Something else: a colleague will answer"
"""The last choice of each question."""

_NO_CHOICE = re.compile(
    r"(?:(?:no|sorry|actually|i mean|i meant|it's|its|it is) )*"
    r"(?:something else|other|none|neither|nothing|both|all|not (?:any|one))"
    r"(?: (?:of|from) (?:these|those|them|the above|that|this|it|all)| of the (?:two|three))?"
    r"(?: (?:please|pls|thanks|thank you|actually|sorry))*"
)

_YES_OR_NO = re.compile(
    r"(?:(?P<yes>yes|yeah|yep|yup|correct|exactly|right|sure|ok|okay|y)|no|nope|nah|n|wrong)"
    r"(?: (?:please|pls|thanks|thank you|that's it|thats it|that is it|it is|it isn't|not that))*"
)

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}
_NUMBERS |= {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3}
_CHOICE = re.compile(
    r"(?:(?:it's|its|it is|i mean|i meant|the|number|no|option|choice|answer) )*"
    rf"(?P<number>\d{{1,2}}|{'|'.join(_NUMBERS)})"
    r"(?: (?:one|option|choice|please|pls|thanks|thank you))*"
)


def _doubt(understanding: Understanding, policy: Policy) -> Reason | None:
    best, *others = understanding.ranking
    if others and best.probability - others[0].probability < policy.margin:
        return Reason.AMBIGUOUS
    if best.probability < max(best.required, policy.floor):
        return Reason.LOW_CONFIDENCE
    return None


def _choices(
    understanding: Understanding, articles: Mapping[str, Article], policy: Policy
) -> tuple[Article, ...]:
    """Return what the desk may offer to the customer: nothing if the matter may need a person."""
    names = candidates(understanding, policy)
    mass = sum(each.probability for each in understanding.ranking if each.name in names)
    found = tuple(articles[name] for name in names if name in articles)
    answerable = len(found) == len(names) and all(isinstance(carry_out(a), Answer) for a in found)
    worth = mass >= policy.certain_together
    return found if worth and answerable else ()

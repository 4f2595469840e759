"""How a model does on the golden set, and which of its cases the model fails."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk.considering import considered
from helpdesk.knowledge import Article, Golden
from helpdesk.ports import Understander
from helpdesk.reliability import Bin, binned
from helpdesk.triage import Answer, Ask, Decision, Escalate, Greet, Policy, carry_out

NOISE = 2
"""Messages of an article that may be answered no longer: of so few, chance decides."""

BINS = 20
"""Ranges of probability in which it is compared with the share that is right."""

SHARE_LOST = 0.5
"""Share of an article's answered messages that a new model may give up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well a model does on a golden set, all as shares (0 to 1).

    `intents`: messages of the desk ranked right. `precision`: automatic answers that are right.
    `answered`: answerable messages answered right. `strangers`: messages that are not for the
    desk and were answered all the same. `golden` names the set. `articles` says of each automatic
    article how many of its messages are answered right. `retrieval`: messages of the desk to which
    the index has a passage of a right article among the nearest; None without an index.
    `reliability` holds the probability of each message's best intent against how often it is right;
    a message that is not for the desk never is. `required` has the probabilities that intents need,
    each once. Models of earlier versions have neither.
    """

    golden: str
    intents: float
    precision: float
    answered: float
    strangers: float
    articles: dict[str, int] = field(default_factory=dict)
    retrieval: float | None = None
    reliability: tuple[Bin, ...] = ()
    required: tuple[float, ...] = ()

    def behind(self, other: "Figures", tolerance: float) -> tuple[str, ...]:
        """Return in words where these figures fall behind others by more than `tolerance`.

        An article falls behind if it answers fewer of its messages, by more than NOISE and by more
        than SHARE_LOST of them.
        """
        worse = [
            f"{name} {mine:.3f} after {theirs:.3f}"
            for name, mine, theirs, sign in (
                ("intents", self.intents, other.intents, 1),
                ("precision", self.precision, other.precision, 1),
                ("answered", self.answered, other.answered, 1),
                ("strangers", self.strangers, other.strangers, -1),
                ("retrieval", self.retrieval, other.retrieval, 1),
            )
            if mine is not None and theirs is not None and sign * (theirs - mine) > tolerance
        ]
        lost = [
            f"{name} answers {self.articles.get(name, 0)} of its messages after {answers}"
            for name, answers in sorted(other.articles.items())
            if answers - self.articles.get(name, 0) > max(NOISE, answers * SHARE_LOST)
        ]
        return (*worse, *lost)


@dataclass(frozen=True, slots=True)
class Failure:
    """A golden case that a model fails: the intents that are right, and what it made of the text.

    `answered` tells that a wrong answer would have been sent.
    """

    text: str
    intents: tuple[str, ...]
    made: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """How a model does on a golden set, and the cases it fails, wrong answers first.

    `taken` are the messages that are not for the desk, by the intent that they are taken for.
    `meanings` has the vector of each message that was understood.
    """

    figures: Figures
    failures: tuple[Failure, ...]
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    meanings: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def wrong_answers(self) -> tuple[Failure, ...]:
        """The cases that would have been answered wrongly."""
        return tuple(each for each in self.failures if each.answered)


def measure(
    understander: Understander,
    articles: Sequence[Article],
    golden: Sequence[Golden],
    policy: Policy,
) -> Measured | None:
    """Return how an understander does on those cases whose intents there are articles for.

    None if no case is for the desk: then there is nothing to judge by.
    """
    known = {article.intent: article for article in articles}
    asked = [each for each in golden if not each.intents or known.keys() & set(each.intents)]
    if not any(each.intents for each in asked):
        return None
    ranked = right = wrong = answerable = strangers = 0
    failures: list[Failure] = []
    taken: dict[str, tuple[str, ...]] = {}
    meanings: dict[str, bytes] = {}
    answered: Counter[str] = Counter()
    sure: list[tuple[float, bool]] = []
    required: set[float] = set()
    for each in asked:
        understanding, decision = considered(
            each.text, articles=known.get, understander=understander, policy=policy
        )
        meanings[each.text] = understanding.meaning
        best = understanding.ranking[0].name if understanding.ranking else None
        ranked += best in each.intents
        sure.extend(
            (one.probability, one.name in each.intents) for one in understanding.ranking[:1]
        )
        required.update(round(one.required, 4) for one in understanding.ranking)
        if best and not each.intents:
            taken[best] = (*taken.get(best, ()), each.text)
        may_be_answered = any(
            isinstance(carry_out(known[name]), Answer) for name in each.intents if name in known
        )
        answerable += may_be_answered
        sent = decision.articles if isinstance(decision, Answer) else ()
        hit = bool(sent) and all(article.intent in each.intents for article in sent)
        missed = isinstance(decision, Answer) and not hit
        right += hit
        answered.update(article.intent for article in sent if hit)
        wrong += missed
        strangers += missed and not each.intents
        if missed or (may_be_answered and not hit) or (each.intents and best not in each.intents):
            failures.append(Failure(each.text, each.intents, _made(decision, best), missed))
    ours = sum(bool(each.intents) for each in asked)
    figures = Figures(
        golden=digest((each.text, each.intents) for each in asked),
        intents=ranked / ours,
        precision=right / (right + wrong) if right + wrong else 1.0,
        answered=right / answerable if answerable else 1.0,
        strangers=strangers / (len(asked) - ours) if len(asked) > ours else 0.0,
        articles=dict(sorted(answered.items())),
        reliability=binned(sure, BINS),
        required=tuple(sorted(required)),
    )
    told = tuple(sorted(failures, key=lambda each: not each.answered))
    return Measured(figures, told, taken, meanings)


def digest(content: Iterable[object]) -> str:
    """Return sixteen hexadecimal digits that name a content."""
    return hashlib.sha256(json.dumps(list(content)).encode()).hexdigest()[:16]


def _made(decision: Decision, best: str | None) -> str:
    match decision:
        case Answer():
            return f"answered as {' and '.join(each.intent for each in decision.articles)}"
        case Ask(choices):
            return f"asked back: {' or '.join(each.intent for each in choices)}"
        case Escalate(reason):
            return f"left to people ({reason}), taken for {best or 'nothing'}"
        case Greet():
            return "taken for courtesy"

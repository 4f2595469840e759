"""What a rule is given, and what it finds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from helpdesk.knowledge import Article, Golden

OUT_OF_SCOPE = "out_of_scope"
"""The reserved intent of what is not for the desk; its answer is never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """By what the rules measure.

    An answer has `words`, or up to `most_words` if it has steps in lines of their own, and at least
    a reading ease of `ease`. Two phrases are too much alike from `likeness` on (0 to 1). The others
    count phrases of a style an article needs at least.
    """

    words: int = 60
    most_words: int = 110
    ease: float = 60
    likeness: float = 0.85
    fragments: int = 5
    angry: int = 4
    typos: int = 4
    long: int = 3
    non_native: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """A knowledge as it is linted: articles, golden set, facts by name, limits, and the day."""

    articles: tuple[Article, ...]
    today: date
    golden: tuple[Golden, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    @property
    def answering(self) -> Iterator[Article]:
        """The articles that customers may get the answer of."""
        return (each for each in self.articles if each.intent != OUT_OF_SCOPE)


type Found = tuple[str, str]
"""An intent, and the text that a rule does not accept."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, what it finds, what to do about it, and how it looks."""

    name: str
    finds: str
    advice: str
    look: Callable[[Knowledge], Iterable[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found: in which article, which text, and what to do about it."""

    article: str
    rule: str
    text: str
    advice: str

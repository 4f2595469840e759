"""What a draft may rest on: texts of the desk, each small enough to be read at one glance. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from helpdesk.triage import Understanding


class Origin(StrEnum):
    """Where a passage is from; an agent sees it beside a quotation.

    Articles are what the desk says. A past reply is weaker: it was right for one customer once.
    """

    ARTICLE = "article"
    DOCUMENT = "document"
    REPLY = "reply"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text of the desk, whole or one sentence of it.

    `id` names it for good, such as `article:track_order` or `document:returns:3`. `version` grows
    with each edit of the text it is from. `title` is what the text is about.
    """

    id: str
    origin: Origin
    version: int
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A passage that speaks to a question. `number` counts from 1: drafts name it by that.

    `score` (0 to 1) is the cosine of question and passage or, for an article that the model
    ranked, its probability.
    """

    number: int
    passage: Passage
    score: float


class Evidence(Protocol):
    """Finds what the desk knows about a question."""

    def found(
        self, text: str, understanding: Understanding, *, likely: Sequence[str] = ()
    ) -> tuple[Found, ...]:
        """Return the passages that are admitted, best first, with their texts as they are now.

        `likely` names the intents whose articles come first. Returns nothing where nothing speaks
        to the question. Raises NoModelError before anything was published.
        """

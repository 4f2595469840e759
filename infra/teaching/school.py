"""Waits for the model of what is really in the table, and tells which model that is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpdesk import learning
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels

from infra.teaching.lesson import Lesson, lesson

PAUSE = 0.3
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the table showed: how many articles, the model in force, and its lesson."""

    articles: int
    lesson: Lesson
    model: learning.Published | None
    refused: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.lesson not in {Lesson.LOST, Lesson.DUE}

    @property
    def told(self) -> str:
        """What to say about it, in one line."""
        version = self.model.version if self.model else "none"
        match self.lesson:
            case Lesson.REFUSED:
                return (
                    f"the {self.articles} articles in the table make the desk worse "
                    f"({'; '.join(self.refused)}): model {version} stays in force"
                )
            case Lesson.ROLLED_BACK:
                return f"a lead went back to model {version}: it stays in force"
            case _:
                scores = _scores(self.model.figures if self.model else None)
                return f"model {version} knows the {self.articles} articles: {scores}"


@dataclass(frozen=True, slots=True)
class School:
    """The articles in the table, and the models made of them."""

    knowledge: DynamoKnowledge
    models: PublishedModels

    def look(self) -> Look:
        """Return how the model in force and the articles in the table stand to each other."""
        articles = self.knowledge.all()
        fingerprint = learning.fingerprint(articles, self.knowledge.retired())
        current, history = self.models.current(), self.models.history()
        held = current is not None and self.models.holds(current.version)
        made = [model for model in history if model.knowledge == fingerprint]
        return Look(
            articles=len(articles),
            lesson=lesson(fingerprint, current, held=held, history=history),
            model=current,
            refused=made[-1].refused if made else (),
        )

    def wait(
        self,
        patience: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = time.sleep,
    ) -> Look | None:
        """Look until the lesson is over; return None if it is not within `patience` seconds."""
        deadline = clock() + patience
        while not (found := self.look()).over:
            if clock() > deadline:
                return None
            sleep(PAUSE)
        return found


def _scores(figures: learning.Figures | None) -> str:
    if figures is None:
        return "not measured"
    return (
        f"{figures.intents:.0%} of the golden set's intents right, "
        f"{figures.precision:.0%} of its automatic answers"
    )

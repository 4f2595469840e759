"""Whether the desk has learned the articles in its table, or whether a lesson is still due."""

from collections.abc import Sequence
from enum import StrEnum

from helpdesk.learning import Published


class Lesson(StrEnum):
    """What became of the lesson on the present articles."""

    LOST = "lost"
    """No model is in force, or its bytes are lost: nothing wakes the trainer for that."""

    DUE = "due"
    """No model was made of them yet; the edit has woken the trainer."""

    LEARNED = "learned"
    """The model in force was made of them."""

    REFUSED = "refused"
    """The gate refused the model made of them; the one before stays in force."""

    ROLLED_BACK = "rolled back"
    """A lead put an earlier model in the place of the one made of them."""


def lesson(
    knowledge: str, current: Published | None, *, held: bool, history: Sequence[Published]
) -> Lesson:
    """Return what became of the lesson on the articles with the fingerprint `knowledge`.

    `current` is the model in force and `held` says whether its bytes are there. `history` are all
    models that were published or refused, oldest first.
    """
    if current is None or not held:
        return Lesson.LOST
    if current.knowledge == knowledge:
        return Lesson.LEARNED
    made = [model for model in history if model.knowledge == knowledge]
    # One made before the present model was made of articles that have been changed back since.
    if not made or made[-1].at < current.at:
        return Lesson.DUE
    return Lesson.REFUSED if made[-1].refused else Lesson.ROLLED_BACK

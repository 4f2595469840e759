"""The desk that is judged, made in this process out of a knowledge."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent_cli import articles

if TYPE_CHECKING:
    from helpdesk.composition.evaluating import Knowledge, LocalDesk
    from helpdesk.evaluation import Closeness

PACKAGES: Final = {
    "nltk", "sacrebleu", "numpy", "onnxruntime", "py3langid", "spacy", "symspellpy", "tokenizers",
    "vader",
}  # fmt: skip
"""What a terminal need not have, and an evaluation does."""


class CannotPlayError(Exception):
    """This machine cannot play conversations; the message says what is missing."""


def knowledge_of(paths: Sequence[Path]) -> "Knowledge":
    """Return the knowledge in files and folders.

    Raises InvalidArticleError, OSError or CannotPlayError.
    """
    try:
        from helpdesk.composition.evaluating import Knowledge
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    found = articles.read([each for path in paths for each in articles.files(path)])
    if not found.articles:
        raise CannotPlayError("there is no article in it")
    return Knowledge(articles=found.articles, facts=dict(found.facts or {}), golden=found.golden)


def desk_of(knowledge: "Knowledge", *, encoder: Path | None, model: Path | None) -> "LocalDesk":
    """Return a desk with a knowledge; without a model it learns one. Raises CannotPlayError."""
    from helpdesk.composition.evaluating import LocalDesk

    now = datetime.now(UTC)
    data = model.read_bytes() if model else None
    try:
        return LocalDesk(knowledge, clock=lambda: now, encoder=encoder, model=data)
    except (ValueError, RuntimeError, LookupError) as error:
        raise CannotPlayError(str(error)) from error


def closeness() -> "Closeness":
    """Return what compares texts. Raises CannotPlayError without its libraries."""
    try:
        from helpdesk.likening import Likeness
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    return Likeness()


def _missing(error: ModuleNotFoundError) -> CannotPlayError:
    if (error.name or "").split(".")[0] not in PACKAGES:
        raise error
    return CannotPlayError(
        f"{error.name} is not installed. An evaluation plays the desk in this process: it needs "
        "the packages of the language layer, as in the development environment (`make evaluate`), "
        "and those of the extra `evaluate`."
    )

"""Golden cases in files: lines of JSON, `{"text": …, "intent": name or null, "also": […]}`.

An article may carry its own under `golden`, as a list of texts.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from helpdesk.knowledge import Golden

if TYPE_CHECKING:
    from helpdesk.learning import Failure


def is_case(plain: Any) -> bool:
    """Tell whether what was read from a file is a golden case and not an article."""
    return isinstance(plain, dict) and "text" in plain and "answer" not in plain


def case(plain: Mapping[str, Any]) -> Golden:
    """Return a golden case. Raises TypeError if it is none.

    A message without an intent is not for the desk.
    """
    text, intent, also = plain["text"], plain.get("intent"), plain.get("also", [])
    if not isinstance(text, str) or not isinstance(intent, str | None):
        raise TypeError(f"a golden case needs a text, and an intent or null: {plain!r}")
    if not isinstance(also, list) or not all(isinstance(each, str) for each in also):
        raise TypeError(f"`also` must be a list of intents: {plain!r}")
    return Golden(text, (intent, *also) if intent else ())


def told(failure: "Failure") -> str:
    """Return in words what a model made of a case that it fails, and what is right."""
    wanted = " or ".join(failure.intents) or "people"
    return f"{failure.text!r}: {failure.made}, should be {wanted}"


def beside(article: Mapping[str, Any]) -> Iterator[Golden]:
    """Yield the golden cases that an article carries. Raises TypeError."""
    texts = article.get("golden") or []
    if not isinstance(texts, list):
        raise TypeError("`golden` must be a list of texts")
    for text in texts:
        yield case({"text": text, "intent": article.get("intent")})

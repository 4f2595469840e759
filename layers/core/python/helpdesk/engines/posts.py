"""One JSON post to an engine, with its failures as engines have them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from helpdesk.drafting import EngineError, Failure, Usage
from helpdesk.engines.keys import Key
from helpdesk.notifying import LaterError, RefusedError, Reply, Request
from helpdesk.posting import Poster, SlowError

TIME_OUT = 12
"""Seconds that an engine may take. The queue tries again, not the connection."""

MOST_ANSWERED = 200_000
"""Bytes of an answer: a draft has a few thousand."""

ASKED = Usage(calls=1)
"""What a call took whose answer says no more."""

KEY_REFUSED = frozenset({401, 403})


def wire(*, private: bool = False, limit: float = TIME_OUT) -> Poster:
    """Return what posts to engines; `private` lets them be in a network of one's own."""
    return Poster(private=private, limit=limit, whole=MOST_ANSWERED)


class KeyRefusedError(EngineError):
    """The engine did not take the key."""


def asked_with(
    key: Key, poster: Poster, url: str, headers: Callable[[str], Mapping[str, str]], body: Any
) -> dict[str, Any]:
    """Post as `asked` does, with headers made of the key. A key that is refused is forgotten."""
    try:
        return asked(poster, url, headers(key.read()), body)
    except KeyRefusedError:
        key.forget()
        raise


def asked(poster: Poster, url: str, headers: Mapping[str, str], body: Any) -> dict[str, Any]:
    """Post a body as JSON and return the object that is the answer.

    Raises EngineError: no message of it holds anything of the body or of the answer.
    """
    request = Request(url, headers, json.dumps(body).encode())
    try:
        reply = poster.post(request)
    except SlowError:
        raise EngineError(Failure.TOO_SLOW, "it took too long", ASKED) from None
    except LaterError as error:
        raise EngineError(Failure.UNAVAILABLE, f"not reached: {error}", ASKED) from None
    except RefusedError as error:
        raise EngineError(_refused(error), str(error), ASKED) from None
    _judge(reply)
    try:
        found = json.loads(reply.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise EngineError(Failure.MALFORMED, "its answer is no JSON object", ASKED)
    return found


def _refused(error: RefusedError) -> Failure:
    return Failure.MALFORMED if "too long" in str(error) else Failure.UNAVAILABLE


def _judge(reply: Reply) -> None:
    status = reply.status
    if status == 200:
        return
    if status in KEY_REFUSED:
        raise KeyRefusedError(Failure.UNAVAILABLE, f"it answered {status}", ASKED)
    failure = Failure.THROTTLED if status in {429, 529} else Failure.UNAVAILABLE
    raise EngineError(failure, f"it answered {status}", ASKED)


def number(found: Any, name: str) -> int:
    """Return a count of an answer's `usage`, or 0: an engine may leave it out."""
    value = found.get(name) if isinstance(found, dict) else None
    return value if type(value) is int and value >= 0 else 0


def first(found: Any) -> dict[str, Any]:
    """Return the first object of a list, or an empty one."""
    one = found[0] if isinstance(found, list) and found else None
    return one if isinstance(one, dict) else {}

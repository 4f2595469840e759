"""A transaction sent twice with one ClientRequestToken happens once; moto ignores the token.

SDKs add a token to every transaction, so that their own retry after a lost answer is harmless.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

_REMEMBERED_SECONDS = 600.0

type Answer = tuple[int, str]


class Tokens:
    """The tokens of the last ten minutes. The caller serialises the calls."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # In the order of their time.
        self._done: dict[tuple[tuple[str, str], str], tuple[float, Any]] = {}

    def once(
        self, place: tuple[str, str], request: dict[str, Any], do: Callable[[], Answer]
    ) -> Answer:
        """`do()`, unless the same request came before with the same token and succeeded.

        `place` is account and region. Another request under a known token is answered with an
        IdempotentParameterMismatchException.
        """
        token = request.get("ClientRequestToken")
        if not token:
            return do()
        now = self._clock()
        while (
            self._done
            and now - self._done[oldest := next(iter(self._done))][0] > _REMEMBERED_SECONDS
        ):
            del self._done[oldest]
        known = self._done.get((place, token))
        if known is None:
            answer = do()
            if answer[0] == HTTPStatus.OK:
                self._done[place, token] = now, request
            return answer
        if known[1] != request:
            kind = "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"
            document = {"__type": kind, "message": "the token belongs to another request"}
            return HTTPStatus.BAD_REQUEST, json.dumps(document)
        return HTTPStatus.OK, "{}"

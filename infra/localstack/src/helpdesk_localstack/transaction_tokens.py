"""A transaction sent twice with one ClientRequestToken happens once; moto ignores the token.

SDKs add a token to every transaction, so that their own retry after a lost answer is harmless.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from localstack.aws.api.dynamodb import IdempotentParameterMismatchException

_REMEMBERED_SECONDS = 600.0

type Answer = Callable[[Any, Any], Any]


def once_per_token(answer: Answer, clock: Callable[[], float] = time.monotonic) -> Answer:
    """TransactWriteItems that answers a repeated request without doing it again.

    Raises IdempotentParameterMismatchException for another request under a known token. The caller
    serialises the calls.
    """
    done: dict[tuple[str, str, str], tuple[float, Any]] = {}  # in the order of their time

    def call(context: Any, request: Any) -> Any:
        token = request.get("ClientRequestToken")
        if not token:
            return answer(context, request)
        now = clock()
        while done and now - done[oldest := next(iter(done))][0] > _REMEMBERED_SECONDS:
            del done[oldest]
        key = (context.account_id, context.region, token)
        if key not in done:
            response = answer(context, request)
            done[key] = (now, request)
            return response
        if done[key][1] != request:
            raise IdempotentParameterMismatchException("the token belongs to another request")
        return {}

    return call

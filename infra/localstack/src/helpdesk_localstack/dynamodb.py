"""DynamoDB and its streams, answered in this process by moto.

moto is not thread-safe and LocalStack calls it from many threads, so every operation and the expiry
of items take one lock (see `changes`): conditional writes and transactions are then atomic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from localstack.aws.api.dynamodb import DynamodbApi
from localstack.aws.api.dynamodbstreams import DynamodbstreamsApi
from localstack.http import Response
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service
from moto.dynamodb.models.table import Table

from helpdesk_localstack import changes, direct_dynamodb
from helpdesk_localstack.transaction_tokens import Tokens

if TYPE_CHECKING:
    from localstack.aws.skeleton import DispatchTable


def tables() -> list[Table]:
    """Every table of every account and region. Call with the lock held."""
    from moto.dynamodb.models import dynamodb_backends

    return [
        table
        for account in dynamodb_backends.values()
        for backend in account.values()
        for table in backend.tables.values()
    ]


def dynamodb_service() -> Service:
    """The `dynamodb` service. Operations on items are answered without the gateway's chain."""
    tokens = Tokens()
    direct_dynamodb.install(tokens)

    def dispatch_table(api: object) -> DispatchTable:
        table = _one_at_a_time(api)
        table["TransactWriteItems"] = _once_per_token(tokens)
        return table

    return Service.for_provider(DynamodbApi(), dispatch_table_factory=dispatch_table)


def streams_service() -> Service:
    """The `dynamodbstreams` service, under the same lock as the tables it reads."""
    return Service.for_provider(DynamodbstreamsApi(), dispatch_table_factory=_one_at_a_time)


def _one_at_a_time(api: object) -> DispatchTable:
    table: dict[str, Any] = dict(MotoFallbackDispatcher(api))

    def serialised(answer: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            with changes.operation():
                return answer(*args)

        return call

    return {operation: serialised(answer) for operation, answer in table.items()}


def _once_per_token(tokens: Tokens) -> Callable[..., Response]:
    """A transaction that came through the gateway's chain, answered as those that did not."""

    def call(context: Any, _request: Any) -> Response:
        status, text = direct_dynamodb.answer(
            "TransactWriteItems", context.request.headers, context.request.data, tokens
        )
        response = Response()
        direct_dynamodb.respond(response, status, text)
        return response

    return call

"""DynamoDB and its streams, answered in this process by moto.

moto is not thread-safe and LocalStack calls it from many threads, so every operation, the expiry
of items and the snapshot take one lock: conditional writes and transactions are then atomic.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from localstack.aws.api.dynamodb import DynamodbApi
from localstack.aws.api.dynamodbstreams import DynamodbstreamsApi
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service
from moto.dynamodb.models.table import Table

from helpdesk_localstack.transaction_tokens import once_per_token

if TYPE_CHECKING:
    from localstack.aws.skeleton import DispatchTable

LOCK = threading.RLock()


def tables() -> list[Table]:
    """Every table of every account and region. Call with LOCK held."""
    from moto.dynamodb.models import dynamodb_backends

    return [
        table
        for account in dynamodb_backends.values()
        for backend in account.values()
        for table in backend.tables.values()
    ]


def dynamodb_service(on_write: Callable[[], None], on_create: Callable[[], None]) -> Service:
    """The `dynamodb` service.

    `on_write` is called after every operation that may change items, `on_create` after a table
    was created and before its creator hears of it; both with LOCK held.
    """

    def after(operation: str) -> None:
        if operation == "CreateTable":
            on_create()
        if not operation.startswith(("Describe", "Get", "List", "Query", "Scan", "BatchGet")):
            on_write()

    return Service.for_provider(
        DynamodbApi(), dispatch_table_factory=lambda api: _one_at_a_time(api, after)
    )


def streams_service() -> Service:
    """The `dynamodbstreams` service, under the same lock as the tables it reads."""
    return Service.for_provider(
        DynamodbstreamsApi(),
        dispatch_table_factory=lambda api: _one_at_a_time(api, lambda _operation: None),
    )


def _one_at_a_time(api: object, after: Callable[[str], None]) -> DispatchTable:
    table: dict[str, Any] = dict(MotoFallbackDispatcher(api))
    if "TransactWriteItems" in table:
        table["TransactWriteItems"] = once_per_token(table["TransactWriteItems"])

    def serialised(operation: str, answer: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            with LOCK:
                response = answer(*args)
                after(operation)
                return response

        return call

    return {operation: serialised(operation, answer) for operation, answer in table.items()}

"""Functions invoked by API Gateway and by queues without a second pass through HTTP.

LocalStack's own services call each other as its callers do: a client of boto3, HTTP, the gateway's
chain of handlers. An invocation is one call of the same process instead.
"""

from __future__ import annotations

import io
import random
import time
import uuid
from typing import Any

from localstack.aws.api.lambda_ import InvocationType, TooManyRequestsException
from localstack.services.apigateway.next_gen.execute_api.integrations.aws import (
    RestApiAwsProxyIntegration,
)
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.utils.strings import to_bytes
from localstack.utils.xray.trace_header import TraceHeader

_ATTEMPTS = 5  # those of a boto3 client


def install() -> None:
    """Invoke this way from now on in every proxy integration of a REST API."""
    stock = RestApiAwsProxyIntegration.call_lambda

    def call_lambda(
        function_arn: str, event: bytes, source_arn: str, credentials: str | None = None
    ) -> bytes:
        if credentials:  # another role's: the client knows how to take it on
            return stock(function_arn, event, source_arn, credentials)
        _, result = _invoke(function_arn, None, event, InvocationType.RequestResponse)
        return result.payload or b""

    RestApiAwsProxyIntegration.call_lambda = staticmethod(call_lambda)


class DirectLambda:
    """What an event source mapping needs of a client of Lambda."""

    def invoke(
        self,
        *,
        FunctionName: str,  # noqa: N803 -- boto3's names
        Payload: str | bytes,  # noqa: N803
        InvocationType: str,  # noqa: N803
        Qualifier: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """What a client of boto3 returns. Raises LocalStack's exceptions instead of ClientError."""
        request_id, result = _invoke(FunctionName, Qualifier, to_bytes(Payload), InvocationType)
        response = {
            "StatusCode": 200,
            "Payload": io.BytesIO(result.payload or b""),
            "ExecutedVersion": result.executed_version,
            "ResponseMetadata": {"RequestId": request_id},
        }
        return {**response, "FunctionError": "Unhandled"} if result.is_error else response


def _invoke(
    arn: str, qualifier: str | None, payload: bytes, kind: str
) -> tuple[str, InvocationResult]:
    name, own_qualifier, account, region = function_locators_from_arn(arn)
    service: Any = SERVICE_PLUGINS.require("lambda")._provider
    request_id = str(uuid.uuid4())
    trace: Any = TraceHeader
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            result: InvocationResult = service.lambda_service.invoke(
                function_name=name,
                qualifier=qualifier or own_qualifier,
                region=region,
                account_id=account,
                invocation_type=kind,
                client_context=None,
                request_id=request_id,
                payload=payload,
                trace_context={"aws_trace_header": trace().ensure_root_exists()},
            )
        except TooManyRequestsException:
            if attempt == _ATTEMPTS:
                raise
            time.sleep(random.random() * 2 ** (attempt - 1))
        else:
            return request_id, result
    raise AssertionError("the last attempt returns or raises")

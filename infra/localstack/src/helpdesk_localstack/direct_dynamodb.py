"""The operations on items, answered before the gateway's chain of handlers.

The chain turns a request into Python's types, back into a request for moto, moto's answer into
Python's types and back into an answer: two thirds of the time of a call. Here moto is asked with
the document as it came. What the chain checks is checked here: the request against the service's
model, tokens of transactions, the shutdown. Everything unusual takes the chain.
"""

from __future__ import annotations

import functools
import json
import uuid
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.model import OperationModel
from botocore.validate import ParamValidator
from localstack.aws import app
from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.handlers import rewrite_region
from localstack.aws.spec import load_service
from localstack.http import Request, Response
from localstack.runtime import events
from localstack.utils.aws.request_context import (
    extract_access_key_id_from_auth_header,
    extract_region_from_headers,
)
from moto.core.exceptions import RESTError
from moto.dynamodb.responses import DynamoHandler

from helpdesk_localstack import changes

if TYPE_CHECKING:
    from helpdesk_localstack.transaction_tokens import Tokens

_TARGET = "DynamoDB_20120810."
_ERRORS = "com.amazonaws.dynamodb.v20120810#"
_OPERATIONS = {
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
}
# A browser's request, or one that has to be decoded first, is the chain's business.
_UNUSUAL = ("Origin", "Content-Encoding", "X-Amz-Content-Sha256-Trailer")

type _Answer = tuple[int, str]


def install(tokens: Tokens) -> None:
    """Answer here from now on. Call once per process, when the service is loaded."""
    stock = app.LocalstackAwsGateway.process

    def process(self: Any, request: Request, response: Response) -> None:
        operation = _operation_of(request)
        if operation is None:
            stock(self, request, response)
        else:
            respond(response, *answer(operation, request.headers, request.data, tokens))

    app.LocalstackAwsGateway.process = process


def answer(operation: str, headers: Any, body: bytes, tokens: Tokens) -> _Answer:
    """The status and the document for a request of one of these operations."""
    try:
        document = json.loads(body)
    except ValueError:
        return _error(HTTPStatus.BAD_REQUEST, "SerializationException", "not a JSON document")
    if not isinstance(document, dict):
        return _error(HTTPStatus.BAD_REQUEST, "SerializationException", "not a JSON object")
    if faults := _faults(operation, document):
        return _error(HTTPStatus.BAD_REQUEST, "ValidationException", faults)
    key = extract_access_key_id_from_auth_header(headers)
    account = get_account_id_from_access_key_id(key) if key else "000000000000"
    region = extract_region_from_headers(headers)
    try:
        with changes.operation():
            if operation == "TransactWriteItems":
                return tokens.once(
                    (account, region),
                    document,
                    lambda: _ask_moto(operation, account, region, document),
                )
            return _ask_moto(operation, account, region, document)
    except Exception as error:  # as the chain words an unexpected error
        text = f"exception while calling dynamodb.{operation}: {error}"
        return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalError", text)


def _operation_of(request: Request) -> str | None:
    """The operation to answer here; None if the chain has to."""
    target = request.headers.get("X-Amz-Target", "")
    operation = target.removeprefix(_TARGET)
    if operation == target or operation not in _OPERATIONS or request.method != "POST":
        return None
    if any(name in request.headers for name in _UNUSUAL) or events.infra_stopping.is_set():
        return None
    region = extract_region_from_headers(request.headers)
    strategy: Any = rewrite_region.region_rewriter_strategy
    return operation if region in strategy.available_regions else None


def _ask_moto(operation: str, account: str, region: str, document: dict[str, Any]) -> _Answer:
    handler = DynamoHandler()
    handler.current_account, handler.region = account, region
    handler.body, handler.response_headers = document, {}
    method = getattr(DynamoHandler, xform_name(operation))
    if document.get("ReturnConsumedCapacity", "NONE") == "NONE":
        # What adds the capacity parses the answer and writes it again.
        method = getattr(method, "__wrapped__", method)
    try:
        result = method(handler)
    except RESTError as error:
        return int(error.code), str(error.description)
    if isinstance(result, str):
        return HTTPStatus.OK, result
    status, _headers, text = result
    return int(status), str(text)


@functools.cache
def _model(operation: str) -> OperationModel:
    return load_service("dynamodb").operation_model(operation)


def _faults(operation: str, document: dict[str, Any]) -> str:
    """What is wrong with a request by the service's model; empty if nothing is."""
    shape = _model(operation).input_shape
    report = ParamValidator().validate(document, shape)
    return str(report.generate_report()) if report.has_errors() else ""


def _error(status: int, kind: str, message: str) -> _Answer:
    return status, json.dumps({"__type": f"{_ERRORS}{kind}", "message": message})


def respond(response: Response, status: int, text: str) -> None:
    """Fill an answer with a status and a document."""
    body = text.encode()
    response.status_code = status
    response.set_data(body)
    response.headers["Content-Type"] = "application/x-amz-json-1.0"
    response.headers["x-amz-crc32"] = str(zlib.crc32(body))
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())

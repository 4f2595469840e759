"""Records the calls that code makes to AWS, as IAM would be asked about them."""

import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.signers import RequestSigner, S3PostPresigner
from helpdesk.aws.conditions import Condition

from tests.integration.conftest import STACK, Stack

ACTIONS = {
    "Converse": "InvokeModel",
    "HeadObject": "GetObject",
    "Invoke": "InvokeFunction",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
}
"""Operations that IAM knows by another name."""


TRAINER = "helpdesk-trainer"
COURIER = "helpdesk-courier"
DOCUMENTS = "helpdesk-documents"
SENDING = (
    "identity/${MailDomain}",
    "identity/${MailName}@${MailDomain}",
    "configuration-set/${AWS::StackName}-mail",
)
"""As what SES knows a mail that leaves: its sender, or the sender's domain, and the set."""


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """One question to IAM: an action on a resource.

    `resource` is the logical name in the template and what follows it:
    `TicketsTable/index/happened`, `Bucket/models/v1`. `keys` are the partition keys that are read
    or written, if there are any.
    """

    action: str
    resource: str
    keys: tuple[str, ...] = ()


MODELS = (
    "inference-profile/${EngineProfile}.${EngineModel}",
    "foundation-model/${EngineModel}",
)
"""As what Bedrock knows a model that is asked through a profile."""

OF_A_SECRET = "/aws/reference/secretsmanager/"
PARAMETERS = {
    "/imap": [Call("ssm:GetParameter", "parameter${ImapPasswordName}")],
    "/engine": [Call("ssm:GetParameter", "parameter${EngineKeyName}")],
    f"{OF_A_SECRET}engine": [
        Call("ssm:GetParameter", f"parameter{OF_A_SECRET}${{EngineSecretName}}"),
        Call("secretsmanager:GetSecretValue", "secret:${EngineSecretName}-??????"),
    ],
}
"""What IAM is asked about a parameter by its name: one that is a secret is read there."""


@contextmanager
def recording(stack: Stack) -> Iterator[list[Call]]:
    """Record every call and every link that is signed; yields the list that they are added to."""
    calls: list[Call] = []
    call_aws = BaseClient._make_api_call
    buckets = {value: name for name, value in stack.outputs.items() if name.endswith("Bucket")}

    def record(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        calls.extend(asked(stack, service, operation, given))
        if service == "ses":
            return {"MessageId": "0100"}
        if service == "bedrock-runtime":
            return written()
        if service == "lambda":
            answers = {TRAINER: learned, COURIER: tried, DOCUMENTS: extracted}
            return answers.get(given["FunctionName"], predicted)()
        try:
            answer = call_aws(self, operation, given)
        except ClientError as error:
            if service == "s3" and error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
                # S3 tells a missing object from a forbidden one only to who may list the bucket.
                calls.append(Call("s3:ListBucket", buckets[given["Bucket"]]))
            raise
        if operation == "DescribeStacks":
            answer["Stacks"][0]["Outputs"] += [
                {"OutputKey": "PredictFunctionName", "OutputValue": "helpdesk-predict"},
                {"OutputKey": "TrainerFunctionName", "OutputValue": TRAINER},
                {"OutputKey": "CourierFunctionName", "OutputValue": COURIER},
                {"OutputKey": "DocumentsFunctionName", "OutputValue": DOCUMENTS},
                {"OutputKey": "Notified", "OutputValue": "webhook"},
            ]
        return answer

    def sign(self: RequestSigner, **named: Any) -> Any:
        calls.append(_linked("s3:GetObject", named["request_dict"]["url"], buckets))
        return sign_link(self, **named)

    def sign_form(self: S3PostPresigner, **named: Any) -> Any:
        at = f"{named['request_dict']['url']}/{named['fields']['key']}"
        calls.append(_linked("s3:PutObject", at, buckets))
        return sign_a_form(self, **named)

    sign_link = RequestSigner.generate_presigned_url
    sign_a_form = S3PostPresigner.generate_presigned_post
    with (
        mock.patch.object(BaseClient, "_make_api_call", record),
        mock.patch.object(RequestSigner, "generate_presigned_url", sign),
        mock.patch.object(S3PostPresigner, "generate_presigned_post", sign_form),
    ):
        yield calls


def _linked(action: str, url: str, buckets: Mapping[str, str]) -> Call:
    """Return what IAM is asked when a link is used: what it does is judged by its signer."""
    parts = urlsplit(url)
    host, path = parts.netloc.partition(".")[0], unquote(parts.path).strip("/")
    bucket, _, key = (host, "/", path) if host in buckets else path.partition("/")
    return Call(action, f"{buckets[bucket]}/{key.strip('/')}")


def asked(stack: Stack, service: str, operation: str, given: dict[str, Any]) -> Iterator[Call]:
    """Yield what IAM is asked about one operation; a transaction is judged by what it does."""
    action = f"{service}:{ACTIONS.get(operation, operation)}"
    names = {
        value: output.removesuffix("Url").removesuffix("Name")
        for output, value in stack.outputs.items()
    }
    if operation == "TransactWriteItems":
        yield from _together(given["TransactItems"], names)
    elif operation == "BatchWriteItem":
        for table, requests in given["RequestItems"].items():
            keys = {_written(each)["pk"] for each in requests}
            yield Call(action, names[table], tuple(sorted(keys)))
    elif operation == "BatchGetItem":
        for table, wanted in given["RequestItems"].items():
            yield Call(action, names[table], tuple(sorted({key["pk"] for key in wanted["Keys"]})))
    elif service == "dynamodb":
        table, index = names[given["TableName"]], given.get("IndexName")
        key = (given.get("Item") or given.get("Key") or _queried(given)).get("pk")
        yield Call(action, f"{table}/index/{index}" if index else table, (key,) if key else ())
    elif service == "s3":
        yield from _of_objects(action, names[given["Bucket"]], given)
    elif service == "sqs":
        yield Call(action, names[given["QueueUrl"]])
    else:
        yield from _elsewhere(service, action, given)


def _together(writes: list[dict[str, Any]], names: Mapping[str, str]) -> Iterator[Call]:
    """Yield what IAM is asked about a transaction: of each write, and of all of a kind at once.

    AWS documents that each write needs the permission of its own kind, and not whether a condition
    on keys is told those of one write or of all: a policy must allow both.
    """
    keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in writes:
        ((verb, write),) = item.items()
        keys[verb, write["TableName"]].append((write.get("Item") or write["Key"])["pk"])
    for (verb, table), written in keys.items():
        yield from (Call(f"dynamodb:{verb}Item", names[table], (key,)) for key in written)
        if len(together := set(written)) > 1:
            yield Call(f"dynamodb:{verb}Item", names[table], tuple(sorted(together)))


def _stack(name: str) -> str:
    """Return what IAM is asked about a stack: CloudFormation knows one by its name or by its id."""
    asked = name if name.startswith("arn:") else f"stack/{name}/*"
    return asked.rpartition(":")[2].replace(f"stack/{STACK}/", "stack/${AWS::StackName}/")


def _elsewhere(service: str, action: str, given: dict[str, Any]) -> Iterator[Call]:
    """Yield what IAM is asked about a service whose resources the stack does not name."""
    if service == "ses":  # mails are judged by their sender and by the set
        yield from (Call(action, each) for each in SENDING)
    elif service == "bedrock-runtime":
        yield from (Call("bedrock:InvokeModel", each) for each in MODELS)
    elif service == "ssm":
        yield from PARAMETERS[given["Name"]]
    elif service == "cloudformation":
        yield Call(action, _stack(given["StackName"]))
    else:
        function = {
            "helpdesk-predict": "PredictFunction",
            TRAINER: "TrainerFunction",
            COURIER: "CourierFunction",
            DOCUMENTS: "DocumentsFunction",
        }
        yield Call(action, function.get(given.get("FunctionName", ""), ""))


def _queried(given: dict[str, Any]) -> dict[str, Any]:
    """Return the key of the partition of the table itself that a query reads."""
    condition = given.get("KeyConditionExpression")
    if condition is None or "IndexName" in given:
        return {}
    demands = condition.demands if isinstance(condition, Condition) else ()
    return {name: compared[0] for _, name, compared in demands if name == "pk"}


def _of_objects(action: str, bucket: str, given: dict[str, Any]) -> Iterator[Call]:
    for each in given.get("Delete", {}).get("Objects", []):  # S3 asks for one or the other
        yield Call("s3:DeleteObject", f"{bucket}/{each['Key']}")
        yield Call("s3:DeleteObjectVersion", f"{bucket}/{each['Key']}")
    if "Delete" not in given:
        yield Call(action, f"{bucket}/{given['Key']}" if "Key" in given else bucket)


def _written(request: dict[str, Any]) -> dict[str, Any]:
    """Return the item or the key that one request of a batch writes."""
    found: dict[str, Any] = (
        request["PutRequest"]["Item"]
        if "PutRequest" in request
        else request["DeleteRequest"]["Key"]
    )
    return found


def written() -> dict[str, Any]:
    """Return an answer of a model of Bedrock, which moto cannot run."""
    parts = [{"text": "You can follow your order.", "rests_on": [1]}]
    used = {"toolUse": {"toolUseId": "t", "name": "draft", "input": {"parts": parts}}}
    return {
        "output": {"message": {"role": "assistant", "content": [used]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 7, "outputTokens": 3},
    }


def learned() -> dict[str, Any]:
    """Return an answer of the trainer, which moto cannot run: it accepts what it is asked about."""
    published = {
        "version": "learned",
        "at": "2026-03-02T09:00:00+00:00",
        "knowledge": "digest",
        "figures": None,
        "edition": 1,
    }
    payload = json.dumps({"outcome": "accepted", "published": published}).encode()
    return {"Payload": mock.Mock(read=lambda: payload)}


def tried() -> dict[str, Any]:
    """Return an answer of the courier, which moto cannot run: the channel took a sample."""
    return {"Payload": io.BytesIO(b'{"fault": null}')}


def extracted() -> dict[str, Any]:
    """Return an answer of the documents function, which moto cannot run: it read a file."""
    said = {"text": "The shop opens at nine.", "cut": False, "why": None}
    return {"Payload": io.BytesIO(json.dumps(said).encode())}


def predicted() -> dict[str, Any]:
    """Return an answer of the predict function, which moto cannot run."""
    prediction = {
        "decision": "answer",
        "reason": None,
        "choices": [],
        "intents": [{"intent": "refund", "probability": 0.9, "required": 0.5}],
        "scope": 0.9,
        "sentiment": 0.0,
        "language": "en",
        "entities": [],
        "model": "scripted",
    }
    body = json.dumps({"predictions": [prediction]})
    payload = json.dumps({"statusCode": 200, "body": body}).encode()
    return {"Payload": mock.Mock(read=lambda: payload)}

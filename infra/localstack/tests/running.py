"""A LocalStack that really runs, for the tests marked `live`."""

from __future__ import annotations

import base64
import io
import json
import os
import socket
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from infra import emulator

REGION = "eu-west-1"
ROLE = "arn:aws:iam::000000000000:role/anyone"


def archive(files: dict[str, str]) -> bytes:
    """A zip file with these texts in it, by path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return buffer.getvalue()


def eventually[T](look: Callable[[], T], *, within: float = 10.0) -> T:
    """The first true value of `look()`; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {within} s"
        time.sleep(0.02)
    return seen


def runs(pid: int) -> bool:
    """Whether a process exists and is not just waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Aws:
    """Clients for one endpoint, and the few things every test creates."""

    def __init__(self, url: str) -> None:
        self.url = url
        options: dict[str, Any] = {
            "endpoint_url": url,
            "region_name": REGION,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "config": Config(max_pool_connections=40, retries={"total_max_attempts": 1}),
        }
        self.lambda_ = boto3.client("lambda", **options)
        self.sqs = boto3.client("sqs", **options)
        self.dynamodb = boto3.client("dynamodb", **options)
        self.api = boto3.client("apigateway", **options)
        self.logs = boto3.client("logs", **options)
        self.cloudwatch = boto3.client("cloudwatch", **options)
        self.cloudformation = boto3.client("cloudformation", **options)

    def function(self, source: str, *, name: str | None = None, **options: Any) -> str:
        """Create a function and wait for it; returns its name."""
        name = name or unique("f")
        defaults = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Timeout": 10}
        package = {"ZipFile": archive({"app.py": source})}
        self.lambda_.create_function(FunctionName=name, Code=package, **{**defaults, **options})
        self.lambda_.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1}
        )
        return name

    def invoke(self, name: str, event: Any = None, **options: Any) -> Any:
        response = self.lambda_.invoke(
            FunctionName=name, Payload=json.dumps(event).encode(), **options
        )
        answer = json.loads(response["Payload"].read())
        assert "FunctionError" not in response, answer
        return answer

    def failure(self, name: str, event: Any = None) -> tuple[dict[str, Any], str]:
        """Error document and log of an invocation that is expected to fail."""
        response = self.lambda_.invoke(
            FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail"
        )
        assert response["FunctionError"] == "Unhandled"
        assert response["StatusCode"] == 200
        log = base64.b64decode(response["LogResult"]).decode()
        return json.loads(response["Payload"].read()), log

    def layer(self, files: dict[str, str]) -> str:
        content = {"ZipFile": archive(files)}
        version = self.lambda_.publish_layer_version(LayerName=unique("l"), Content=content)
        return str(version["LayerVersionArn"])

    def queue(self, **attributes: str) -> str:
        return str(self.sqs.create_queue(QueueName=unique("q"), Attributes=attributes)["QueueUrl"])

    def queue_arn(self, url: str) -> str:
        names = ["QueueArn"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return str(found["Attributes"]["QueueArn"])

    def depth(self, url: str) -> int:
        """Messages in a queue, visible or in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def send(self, url: str, bodies: list[str]) -> None:
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(i), "MessageBody": body}
                for i, body in enumerate(bodies[start : start + 10])
            ]
            assert "Failed" not in self.sqs.send_message_batch(QueueUrl=url, Entries=entries)

    def consume(self, url: str, function: str, **options: Any) -> str:
        """Map a queue to a function and wait until it is polled; returns the mapping's id."""
        mapping = self.lambda_.create_event_source_mapping(
            FunctionName=function, EventSourceArn=self.queue_arn(url), **options
        )["UUID"]
        eventually(lambda: self.mapping_state(mapping) == "Enabled")
        return str(mapping)

    def mapping_state(self, mapping: str) -> str:
        return str(self.lambda_.get_event_source_mapping(UUID=mapping)["State"])

    def table(self, name: str | None = None, **options: Any) -> str:
        name = name or unique("t")
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            **options,
        )
        return name

    def items(self, table: str) -> list[dict[str, Any]]:
        return list(self.dynamodb.scan(TableName=table, ConsistentRead=True)["Items"])


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(state: Path, port: int, **options: Any) -> emulator.Endpoint:
    built = Path(os.environ["EMULATOR_ENVIRONMENTS"])
    return emulator.ensure_running(
        port=port, state=state, environments=built, say=lambda _line: None, **options
    )

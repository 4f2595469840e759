"""AWS in the process: the template's own tables, queues and bucket, and its functions beside them.

Everything is made from `template.yaml`, so that a test cannot pass on a stack that is not deployed.
"""

import importlib.util
import io
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore import loaders
from cfnlint.decode import decode
from helpdesk.aws.queues import SqsQueue
from helpdesk.composition.language import LanguageParts
from helpdesk.ports import Understander
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.botocore_stubber import BotocoreStubber
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import SQSBackend, sqs_backends

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
STACK = "helpdesk"
KEPT = (
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
)


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """Return `template.yaml` with its intrinsic functions written out."""
    decoded, faults = decode(str(ROOT / "template.yaml"))
    assert not faults
    plain: dict[str, Any] = json.loads(json.dumps(decoded))
    return plain


def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the properties of every function, with the globals merged in as SAM does."""
    shared = template["Globals"]["Function"]
    found = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            own = resource["Properties"]
            variables = shared["Environment"]["Variables"] | own["Environment"]["Variables"]
            found[name] = {
                "Events": {},
                **shared,
                **own,
                "Layers": shared["Layers"] + own.get("Layers", []),
                "Environment": {"Variables": variables},
            }
    return found


def source(function: dict[str, Any]) -> Path:
    """Return the file a function's handler lives in; its package is named after its folder."""
    module = function["Handler"].split(".")[0]
    return ROOT / "functions" / Path(function["CodeUri"]).stem / f"{module}.py"


@dataclass(frozen=True)
class Stack:
    """A deployed stack: its outputs, and the environment of each of its functions."""

    outputs: dict[str, str]
    environments: dict[str, dict[str, str]]

    def where(self, function: str, **variables: str) -> "Stack":
        """Return the stack with some variables of a function's environment set otherwise."""
        environment = self.environments[function] | variables
        return Stack(self.outputs, self.environments | {function: environment})

    def queue_depth(self, output: str) -> int:
        """Count the messages of a queue, hidden ones included."""
        return SqsQueue(boto3.client("sqs"), self.outputs[output]).depth()

    def take_messages(self, output: str) -> list[str]:
        """Return the bodies of up to ten messages of a queue."""
        answer = boto3.client("sqs").receive_message(
            QueueUrl=self.outputs[output], MaxNumberOfMessages=10, WaitTimeSeconds=0
        )
        return [message["Body"] for message in answer.get("Messages", [])]

    def empty(self) -> None:
        """Forget every message and every item, in moto itself: by calls it took half the time."""
        for queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues:
            sqs_backends[DEFAULT_ACCOUNT_ID][REGION].purge_queue(queue)
        for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
            table.items.clear()


SERVER_KEY, PUBLIC_KEY = "ApiKey", "PublicApiKey"
"""The ids of the API keys: moto makes none, so a key's name in the template is its id."""


CHANNELS = ("WebhookIsTold", "SlackIsTold", "TelegramIsTold", "LeadIsMailed")
"""The conditions of channels that are on."""

ENGINE = ("EngineHasProfile", "EngineHasSecret", "EngineWrites")
"""The conditions of an engine: there is none, unless a test sets the variables otherwise."""


def _resolved(value: Any) -> Any:
    """Return the value of a variable in a stack without a domain for mails, without channels."""
    if isinstance(value, dict) and (chosen := value.get("Fn::If")):
        assert chosen[0] in {"MailComes", *CHANNELS, *ENGINE}
        return chosen[2]
    if isinstance(value, dict) and (joined := value.get("Fn::Join")):
        return joined[0].join(map(_resolved, joined[1]))
    keys = [{"Ref": SERVER_KEY}, {"Ref": PUBLIC_KEY}]
    return value["Ref"] if value in keys else value


def _deploy(template: dict[str, Any]) -> Stack:
    """Let CloudFormation make what is kept, and resolve what the functions are told of it."""
    variables = {
        (name, variable): {"Value": _resolved(value)}
        for name, function in functions(template).items()
        for variable, value in function["Environment"]["Variables"].items()
    }
    told = {f"Variable{number}": value for number, value in enumerate(variables.values())}
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] in KEPT
    }
    outputs = {
        name: output
        for name, output in template["Outputs"].items()
        if output["Value"] in [{"Ref": name} for name in (*resources, *template["Parameters"])]
        and "Condition" not in output
    }
    body = {
        "Parameters": template["Parameters"],
        "Conditions": template["Conditions"],
        "Resources": resources,
    }
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK, TemplateBody=json.dumps({**body, "Outputs": outputs | told})
    )
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    values = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    environments: dict[str, dict[str, str]] = {}
    for number, (name, variable) in enumerate(variables):
        environments.setdefault(name, {})[variable] = values[f"Variable{number}"]
    return Stack({name: values[name] for name in outputs}, environments)


def _one_at_a_time() -> Callable[..., Any]:
    """Return moto's front door behind a lock: DynamoDB makes each item's writes one by one too."""
    lock = threading.Lock()
    answer = BotocoreStubber.__call__

    def locked(self: BotocoreStubber, *args: Any, **kwargs: Any) -> Any:
        with lock:
            return answer(self, *args, **kwargs)

    return locked


def _at_once() -> Callable[..., Any]:
    """Return moto's receiving without long polling: no thread can send while it holds the lock."""
    receive = SQSBackend.receive_message

    def received(
        self: SQSBackend, name: str, count: int, _wait: int, *rest: Any, **more: Any
    ) -> Any:
        return receive(self, name, count, 0, *rest, **more)

    return received


@pytest.fixture(autouse=True)
def no_network(socket_disabled: None) -> None:
    """Close the sockets: what moto does not answer must not leave the machine."""


@pytest.fixture(scope="session", autouse=True)
def one_loader() -> Iterator[None]:
    """Let all sessions share what botocore read: parsing AWS's models took a third of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(loaders.create_loader))
        yield


@pytest.fixture(scope="module")
def deployed(template: dict[str, Any]) -> Iterator[Stack]:
    """Yield the stack, deployed once for a module's tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        # Otherwise a queue may be purged once a minute only, as on AWS.
        patch.setenv("MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR", "false")
        patch.setattr(BotocoreStubber, "__call__", _one_at_a_time())
        patch.setattr(SQSBackend, "receive_message", _at_once())
        with mock_aws():
            yield _deploy(template)


@pytest.fixture
def stack(deployed: Stack) -> Iterator[Stack]:
    """Yield the stack with empty tables and queues."""
    yield deployed
    deployed.empty()


class _Stdout(io.TextIOBase):
    """The present `sys.stdout`, so that the lines of a logger made once can always be captured."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function about an invocation."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return 30_000


@dataclass(frozen=True)
class Function:
    """One of the template's functions, with the environment the template gives it."""

    module: ModuleType
    entry: str
    environment: dict[str, str]

    def __call__(self, event: dict[str, Any]) -> Any:
        """Invoke the function; its first invocation is the one that reads the environment."""
        handler = getattr(self.module, self.entry)
        if self.module.needs.cache_info().currsize:
            return handler(event, Context())
        with mock.patch.dict(os.environ, self.environment):
            return handler(event, Context())


def load(template: dict[str, Any], stack: Stack, name: str) -> Function:
    """Load a fresh copy of a function: a new environment of its own, as a cold start is."""
    function = functions(template)[name]
    path = source(function)
    spec = importlib.util.spec_from_file_location(f"{name}_under_test", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    log = module.telemetry.logger(module.SERVICE)
    for handler in logging.getLogger(log.service).handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(_Stdout())
    return Function(module, function["Handler"].split(".")[1], stack.environments[name])


def understand_with(function: Function, make: Callable[[], Understander]) -> None:
    """Let a function's parts understand with what `make` returns; all else stays as it is."""

    class Scripted(LanguageParts):
        def understander(self, clock: Callable[[], datetime]) -> Understander:
            return make()

    vars(function.module)["LanguageParts"] = Scripted

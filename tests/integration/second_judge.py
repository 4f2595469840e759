"""Asks the independent evaluator of IAM, through `infra/checking/iam/judge.mjs`.

The evaluator knows no CloudFormation, so what a policy refers to is given its ARN here.
"""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from tests.integration.conftest import REGION, ROOT
from tests.integration.policies import documents
from tests.integration.recorded_calls import Call

ACCOUNT = "123456789012"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": "helpdesk",
}
CHOSEN = {
    "MailDomain": "shop.example",
    "MailName": "support",
    "ImapPasswordName": "/imap",
    "EngineModel": "amazon.nova-lite-v1:0",
    "EngineProfile": "eu",
    "EngineKeyName": "/engine",
    "EngineSecretName": "engine",
}
"""Parameters that policies name, as an operator may choose them."""

NO_VALUE = object()
"""What is left out where it stands."""

SCANNED = "FilesAreScanned"
"""The one condition that policies of the functions' and the people's buckets depend on."""

INSTALLED = ROOT / "build" / "iam"


def arn(template: dict[str, Any], name: str) -> str:
    """Return the ARN of a resource of the template."""
    resource = template["Resources"][name]
    given = resource["Properties"]
    here = f"{REGION}:{ACCOUNT}"
    match resource["Type"]:
        case "AWS::DynamoDB::Table":
            return f"arn:aws:dynamodb:{here}:table/helpdesk-{name}"
        case "AWS::SQS::Queue":
            return f"arn:aws:sqs:{here}:{resolved(template, given['QueueName'])}"
        case "AWS::Lambda::Function":
            return f"arn:aws:lambda:{here}:function:{resolved(template, given['FunctionName'])}"
        case "AWS::S3::Bucket":
            return f"arn:aws:s3:::helpdesk-{name.lower()}"
        case "AWS::IAM::Role":
            return f"arn:aws:iam::{ACCOUNT}:role/{name}"
    raise AssertionError(f"no policy should name {name}, a {resource['Type']}")


def resolved(template: dict[str, Any], given: Any, *, scanned: bool = False) -> Any:
    """Return a part of the template with `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::If` written out."""
    match given:
        case {"Ref": "AWS::NoValue"}:
            written = NO_VALUE
        case {"Ref": name}:
            written = PSEUDO[name]
        case {"Fn::GetAtt": [name, attribute]}:
            stream = "/stream/2026-03-02T09:00:00.000" if attribute == "StreamArn" else ""
            written = arn(template, name) + stream
        case {"Fn::Sub": text}:
            written = re.sub(r"\$\{(.+?)\}", lambda found: _named(template, found[1]), text)
        case {"Fn::If": [condition, one, other]}:
            assert condition == SCANNED
            return resolved(template, one if scanned else other, scanned=scanned)
        case dict():
            return {key: resolved(template, each, scanned=scanned) for key, each in given.items()}
        case list():
            written = [resolved(template, each, scanned=scanned) for each in given]
            return [each for each in written if each != NO_VALUE]
        case _:
            return given
    return written


def _named(template: dict[str, Any], reference: str) -> str:
    name, _, attribute = reference.partition(".")
    return arn(template, name) if attribute else (PSEUDO | CHOSEN)[name]


def address(template: dict[str, Any], principal: str, call: Call) -> str:
    """Return the ARN of what a call is about."""
    if call.resource == "own log group":
        group = principal.removesuffix("Function").lower()
        return (
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/helpdesk-{group}"
            ":log-stream:2026/03/02/1"
        )
    if call.resource == "*":
        return "*"
    service = call.action.partition(":")[0]
    if service in {"bedrock", "cloudformation", "secretsmanager", "ses", "ssm"}:
        named = resolved(template, {"Fn::Sub": call.resource}).replace("??????", "a1B2c3")
        here = "eu-west-1:" if named.startswith("foundation-model/") else f"{REGION}:{ACCOUNT}"
        return f"arn:aws:{service}:{here}:{named}"
    name, slash, rest = call.resource.partition("/")
    return arn(template, name) + slash + rest.replace("*", "2026-03-02T09:00:00.000")


def question(
    template: dict[str, Any],
    principal: str,
    call: Call,
    *,
    encrypted: bool = True,
    scanned: bool = False,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a call as the evaluator is asked about it.

    `scanned` tells whether customers' files are, and `tags` are those of the file.
    """
    kind = "role" if principal.endswith(("Function", "Role")) else "user"
    asks = f"arn:aws:iam::{ACCOUNT}:{kind}/{principal}"
    context: dict[str, Any] = {
        "aws:SecureTransport": str(encrypted).lower(),
        "aws:PrincipalArn": asks,
    }
    for name, value in (tags or {}).items():
        context[f"s3:ExistingObjectTag/{name}"] = value
    if call.keys:
        context["dynamodb:LeadingKeys"] = list(call.keys)
    of_files = call.resource.startswith("Files")
    guards = (
        {"sqs": "FilesQueuePolicy", "s3": "FilesBucketOverTls"}
        if of_files
        else {"sqs": "QueuesOverTls", "s3": "BucketOverTls"}
    )
    guard = guards.get(call.action.partition(":")[0])
    return {
        "identity": resolved(template, documents(template, principal)),
        "resource": guard
        and resolved(
            template, template["Resources"][guard]["Properties"]["PolicyDocument"], scanned=scanned
        ),
        "principal": asks,
        "action": call.action,
        "arn": address(template, principal, call),
        "context": context,
    }


def verdicts(questions: Sequence[dict[str, Any]]) -> list[str]:
    """Return the evaluator's verdict on each question. Raises what it says it cannot judge."""
    judge = ["node", str(ROOT / "infra" / "checking" / "iam" / "judge.mjs"), str(INSTALLED)]
    told = subprocess.run(
        judge, input=json.dumps(questions), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    found: list[str] = json.loads(told.stdout)
    assert len(found) == len(questions)
    return found

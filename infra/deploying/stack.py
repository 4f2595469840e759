"""The deployed stack: deploys `template.yaml`, and finds the resources.

The template names local zips. Deploying puts each into a bucket under the digest of its content
and writes that address into the template's `CodeUri` or `ContentUri`; nothing else changes on the
way, neither for AWS nor for an emulator.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, WaiterError

from infra.deploying.index_steps import Step, Template, steps, tables_of
from infra.paths import ROOT

TEMPLATE = ROOT / "template.yaml"
LOCAL_ZIP = re.compile(r"(?P<key>CodeUri|ContentUri): (?P<path>build/[\w-]+\.zip)")
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
DIGEST_TAG = "helpdesk:digest"
UNFINISHED = "unfinished"
"""The digest of a stack whose indexes are being replaced; another update follows."""


class DeployError(RuntimeError):
    """The stack was not deployed; the message says which resource failed, and why."""


@dataclass(frozen=True)
class Stack:
    """One stack in the account and region of `session`, at `endpoint_url` if given."""

    name: str
    session: boto3.Session
    endpoint_url: str | None = None

    def client(self, service: str) -> Any:
        """Return a client for any service of this stack's account."""
        make: Any = self.session.client
        return make(service, endpoint_url=self.endpoint_url)

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The template's outputs. Raises DeployError if there is no such stack."""
        stack = self.describe()
        if stack is None:
            raise DeployError(f"there is no stack {self.name!r}; deploy it first")
        return {entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", [])}

    def describe(self) -> dict[str, Any] | None:
        """Return what CloudFormation says of the stack, or None where it was never deployed."""
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        stack: dict[str, Any] = stacks[0]
        return None if stack["StackStatus"] in {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"} else stack

    @property
    def digest(self) -> str | None:
        """What is deployed, as `digest_of` gives it for the sources."""
        stack = self.describe()
        if stack is None or not stack["StackStatus"].endswith("_COMPLETE"):
            return None
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
        return tags.get(DIGEST_TAG)

    @property
    def api_url(self) -> str:
        """Where the API answers: the emulator's address if there is an emulator."""
        if self.endpoint_url is None:
            return self.outputs["ApiUrl"]
        return (
            f"{self.endpoint_url}/_aws/execute-api/"
            f"{self.outputs['ApiId']}/{self.outputs['ApiStage']}"
        )

    @property
    def api_key(self) -> str:
        """The API key for servers."""
        return self._api_key("ApiKeyId")

    @property
    def public_api_key(self) -> str:
        """The API key for pages."""
        return self._api_key("PublicApiKeyId")

    def _api_key(self, output: str) -> str:
        found = self.client("apigateway").get_api_key(
            apiKey=self.outputs[output], includeValue=True
        )
        value: str = found["value"]
        return value

    def deploy(
        self, parameters: Mapping[str, str], say: Callable[[str], None] = lambda _: None
    ) -> bool:
        """Create or update the stack; return whether there was anything to do.

        Where the template replaces indexes of a table, each is created or deleted in an update of
        its own. Raises DeployError with the resources that failed and their reasons.
        """
        cloudformation = self.client("cloudformation")
        current = self.describe()
        if current and current["StackStatus"] == "ROLLBACK_COMPLETE":
            say("removing what an earlier, failed creation left")
            cloudformation.delete_stack(StackName=self.name)
            cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name)
            current = None
        template = self._with_addresses(say)
        given = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ]
        if current:
            same = [
                {"ParameterKey": each["ParameterKey"], "UsePreviousValue": True}
                for each in current.get("Parameters", [])
            ]
            for step in self._steps(template):
                say(f"an update before the others: {', '.join(step.does)}")
                body = json.dumps(step.template)
                self._apply(body, same if step.deployed else given, UNFINISHED, say, exists=True)
                self._await_indexes(step.template, say)
        return self._apply(template, given, digest_of(parameters), say, exists=current is not None)

    def _steps(self, template: str) -> list[Step]:
        from cfnlint.decode import decode_str  # noqa: PLC0415 -- as slow as all of the rest

        deployed = self.client("cloudformation").get_template(
            StackName=self.name, TemplateStage="Original"
        )["TemplateBody"]
        texts = (deployed if isinstance(deployed, str) else json.dumps(deployed), template)
        before, after = (json.loads(json.dumps(decode_str(text)[0])) for text in texts)
        return steps(before, after)

    def _await_indexes(self, template: Template, say: Callable[[str], None]) -> None:
        """Wait until every index of the template's tables is filled: CloudFormation does not."""
        resources, tables = self.client("cloudformation"), self.client("dynamodb")
        for name in tables_of(template):
            table = resources.describe_stack_resource(StackName=self.name, LogicalResourceId=name)[
                "StackResourceDetail"
            ]["PhysicalResourceId"]
            told = False
            while unready := _unready(tables.describe_table(TableName=table)["Table"]):
                if not told:
                    say(f"waiting for DynamoDB: {', '.join(unready)}")
                    told = True
                time.sleep(self._pause)

    def _apply(
        self,
        template: str,
        parameters: list[dict[str, Any]],
        digest: str,
        say: Callable[[str], None],
        *,
        exists: bool,
    ) -> bool:
        cloudformation = self.client("cloudformation")
        change_set = cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}",
            ChangeSetType="UPDATE" if exists else "CREATE",
            TemplateURL=self._uploaded(template),
            Capabilities=CAPABILITIES,
            Parameters=parameters,
            Tags=[{"Key": DIGEST_TAG, "Value": digest}],
        )["Id"]
        try:
            cloudformation.get_waiter("change_set_create_complete").wait(
                ChangeSetName=change_set, WaiterConfig={"Delay": 1, "MaxAttempts": 300}
            )
        except WaiterError as error:
            reason = error.last_response.get("StatusReason", str(error))
            cloudformation.delete_change_set(ChangeSetName=change_set)
            if "didn't contain changes" in reason or "No updates" in reason:
                return False
            raise DeployError(reason) from error
        started = datetime.now(UTC)
        cloudformation.execute_change_set(ChangeSetName=change_set)
        self._follow(started, say)
        self.__dict__.pop("outputs", None)
        return True

    @property
    def _pause(self) -> float:
        """Seconds between two looks: AWS counts how often it is asked, an emulator is quick."""
        return 1.0 if self.endpoint_url is None else 0.1

    def _follow(self, started: datetime, say: Callable[[str], None]) -> None:
        seen: dict[str, dict[str, Any]] = {}
        told, look = 0, time.monotonic()
        while True:
            stack = self.describe()
            status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            ended = not status.endswith("_IN_PROGRESS")
            if ended or time.monotonic() >= look:
                look = time.monotonic() + 1
                seen |= {event["EventId"]: event for event in self._events(started)}
                if len(seen) > told:
                    told = len(seen)
                    say(f"{told} steps of the deployment done")
            if ended:
                break
            time.sleep(self._pause)
        if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            failures = [
                f"{event['LogicalResourceId']}: "
                f"{event.get('ResourceStatusReason', 'no reason given')}"
                for event in seen.values()
                if event["ResourceStatus"].endswith("_FAILED")
            ]
            raise DeployError(
                f"the stack is {status}\n  " + "\n  ".join(failures or ["(no reason)"])
            )

    def _events(self, started: datetime) -> list[dict[str, Any]]:
        pages = self.client("cloudformation").get_paginator("describe_stack_events")
        events = [e for page in pages.paginate(StackName=self.name) for e in page["StackEvents"]]
        return [event for event in events if event["Timestamp"] >= started]

    @property
    def _bucket(self) -> str:
        account = self.client("sts").get_caller_identity()["Account"]
        return f"{self.name}-artifacts-{account}-{self.session.region_name}"

    def _with_addresses(self, say: Callable[[str], None]) -> str:
        """Return the template with the address of every local zip, which is uploaded on the way."""
        s3, bucket = self.client("s3"), self._bucket
        self._make_bucket(s3, bucket)

        def upload(match: re.Match[str]) -> str:
            path = ROOT / match["path"]
            key = f"{sha256(path)}/{path.name}"
            if not _exists(s3, bucket, key):
                say(f"uploading {path.name} ({path.stat().st_size / 2**20:.1f} MiB)")
                s3.upload_file(str(path), bucket, key)
            return f"{match['key']}: s3://{bucket}/{key}"

        return LOCAL_ZIP.sub(upload, TEMPLATE.read_text())

    def _uploaded(self, template: str) -> str:
        """Return the address of a template.

        A template within the request may have 51,200 bytes, a template in a bucket a million.
        """
        s3, bucket, body = self.client("s3"), self._bucket, template.encode()
        key = f"{hashlib.sha256(body).hexdigest()}/template.yaml"
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        return f"{s3.meta.endpoint_url}/{bucket}/{key}"

    def _make_bucket(self, s3: Any, bucket: str) -> None:
        try:
            s3.head_bucket(Bucket=bucket)
        except ClientError:
            region = self.session.region_name
            where = (
                {}
                if region == "us-east-1"
                else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            )
            s3.create_bucket(Bucket=bucket, **where)
            s3.put_public_access_block(
                Bucket=bucket,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
            )


def _unready(table: dict[str, Any]) -> list[str]:
    """Return the table and its indexes that DynamoDB still works on."""
    return [
        name
        for name, status in (
            (table["TableName"], table["TableStatus"]),
            *(
                (each["IndexName"], each["IndexStatus"])
                for each in table.get("GlobalSecondaryIndexes", [])
            ),
        )
        if status != "ACTIVE"
    ]


def digest_of(parameters: Mapping[str, str]) -> str:
    """Return a digest of everything that would be deployed: template, zips and parameters."""
    digest = hashlib.sha256(TEMPLATE.read_bytes())
    for match in LOCAL_ZIP.finditer(TEMPLATE.read_text()):
        digest.update(sha256(ROOT / match["path"]).encode())
    digest.update(repr(sorted(parameters.items())).encode())
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """Return the digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _exists(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True

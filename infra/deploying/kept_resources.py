"""Tables and buckets that a stack left behind, and how a new stack takes them over.

They have fixed names and outlive their stack, so creating them again would fail. CloudFormation
imports such resources in an operation of its own, which may change nothing else and add no output.
Its automatic import is no way here: it wants static names, and ours have the stack's name in them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html

CloudFormation does not compare the template of an import with what is there, and later updates
change only what differs between two templates. So a table is described here as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.deploying.index_steps import Template

NAMED_BY = {"AWS::DynamoDB::Table": "TableName", "AWS::S3::Bucket": "BucketName"}
"""Types of resources that are kept, and the property by which CloudFormation identifies one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A table or bucket that exists: its logical name, type, and properties as they are now."""

    logical: str
    type: str
    properties: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the table or bucket."""
        return str(self.properties[NAMED_BY[self.type]])

    @property
    def identified(self) -> dict[str, Any]:
        """How an import names it."""
        return {
            "ResourceType": self.type,
            "LogicalResourceId": self.logical,
            "ResourceIdentifier": {NAMED_BY[self.type]: self.name},
        }

    @property
    def resource(self) -> dict[str, Any]:
        """How it stands in the template of an import."""
        return {
            "Type": self.type,
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": dict(self.properties),
        }


def names_of(template: Template, facts: Mapping[str, str]) -> dict[str, str]:
    """Return the names of the tables and buckets that outlive the stack, by logical name.

    `facts` are what `AWS::StackName`, `AWS::AccountId`, `AWS::Region` and given parameters are.
    """
    return {
        logical: _name(each["Properties"][NAMED_BY[each["Type"]]], facts)
        for logical, each in template["Resources"].items()
        if each["Type"] in NAMED_BY and each.get("DeletionPolicy") == "Retain"
    }


def _name(value: Any, facts: Mapping[str, str]) -> str:
    match value:
        case {"Fn::Sub": str(text)}:
            for name, fact in facts.items():
                text = text.replace(f"${{{name}}}", fact)
            return text
        case {"Fn::If": [_, {"Ref": parameter}, otherwise]}:
            return facts.get(parameter) or _name(otherwise, facts)
    return str(value)


def found(template: Template, names: Mapping[str, str], *, dynamodb: Any, s3: Any) -> list[Kept]:
    """Return which of the tables and buckets with these `names` exist. Raises ClientError."""
    result = []
    for logical, name in names.items():
        kind = template["Resources"][logical]["Type"]
        is_table = kind == "AWS::DynamoDB::Table"
        properties = table_as_it_is(dynamodb, name) if is_table else _bucket_as_it_is(s3, name)
        if properties is not None:
            result.append(Kept(logical, kind, properties))
    return result


def template_of(kept: Iterable[Kept]) -> Template:
    """Return the template of a stack that has these tables and buckets, and nothing else."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Helpdesk - what an earlier stack kept, before the rest is added.",
        "Resources": {each.logical: each.resource for each in kept},
    }


def table_as_it_is(dynamodb: Any, name: str) -> dict[str, Any] | None:
    """Return a table's properties as CloudFormation writes them, or None if there is no such table.

    Raises ClientError.
    """
    try:
        table = dynamodb.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    found: dict[str, Any] = {
        "TableName": name,
        "BillingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PAY_PER_REQUEST"),
        "AttributeDefinitions": table["AttributeDefinitions"],
        "KeySchema": table["KeySchema"],
    }
    if indexes := table.get("GlobalSecondaryIndexes"):
        parts = ("IndexName", "KeySchema", "Projection")
        found["GlobalSecondaryIndexes"] = [{part: each[part] for part in parts} for each in indexes]
    if (stream := table.get("StreamSpecification", {})).get("StreamEnabled"):
        found["StreamSpecification"] = {"StreamViewType": stream["StreamViewType"]}
    if table.get("SSEDescription", {}).get("Status") == "ENABLED":
        found["SSESpecification"] = {"SSEEnabled": True}
    if table.get("DeletionProtectionEnabled"):
        found["DeletionProtectionEnabled"] = True
    return found | _clocks(dynamodb, name)


def _clocks(dynamodb: Any, name: str) -> dict[str, Any]:
    """Return what a table is told apart from its description: expiry, and recovery."""
    found: dict[str, Any] = {}
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if expiry["TimeToLiveStatus"] == "ENABLED":
        attribute = expiry["AttributeName"]
        found["TimeToLiveSpecification"] = {"AttributeName": attribute, "Enabled": True}
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") == "ENABLED":
        found["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": True}
    return found


def _bucket_as_it_is(s3: Any, name: str) -> dict[str, Any] | None:
    """Return a bucket by its name alone: each setting of a bucket may be set again."""
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return None
        raise
    return {"BucketName": name}

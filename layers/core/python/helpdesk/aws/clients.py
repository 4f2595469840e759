"""How every AWS client of the product is made.

botocore reads the region, the credentials and `AWS_ENDPOINT_URL` by itself, so the code has no
branch for emulators. `endpoint_url` is for a caller whose user names another address. Without a
session the process's own session is used, so that botocore reads its settings only once.
"""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

LONGEST_POLL = 20
"""Seconds a queue may hold a receive call open."""

CONFIG = Config(
    connect_timeout=2,
    read_timeout=LONGEST_POLL + 5,
    retries={"mode": "standard", "total_max_attempts": 4},
    tcp_keepalive=True,
)

LESSON = CONFIG.merge(Config(read_timeout=310, retries={"total_max_attempts": 1}))
"""The trainer may take 300 seconds; a lesson asked for twice would be learned twice."""


def table(
    name: str,
    session: boto3.Session | None = None,
    *,
    endpoint_url: str | None = None,
    config: Config = CONFIG,
) -> "Table":
    """Return a DynamoDB table that speaks plain Python types.

    If the table is missing, the ClientError names it, in its message and as the error's `Resource`.
    """
    resource = (session or boto3).resource("dynamodb", config=config, endpoint_url=endpoint_url)

    def name_what_is_missing(parsed: dict[str, Any], **_: Any) -> None:
        error = parsed.get("Error", {})
        if error.get("Code") == "ResourceNotFoundException":
            error["Resource"] = name
            error["Message"] = f"{error.get('Message', 'Not found')}: table {name}"

    resource.meta.client.meta.events.register("after-call.dynamodb", name_what_is_missing)
    return resource.Table(name)


def sqs(session: boto3.Session | None = None, *, endpoint_url: str | None = None) -> "SQSClient":
    """Return a client for queues."""
    return (session or boto3).client("sqs", config=CONFIG, endpoint_url=endpoint_url)


def s3(session: boto3.Session | None = None, *, endpoint_url: str | None = None) -> "S3Client":
    """Return a client for the bucket."""
    return (session or boto3).client("s3", config=CONFIG, endpoint_url=endpoint_url)


def lambda_(
    session: boto3.Session | None = None,
    *,
    endpoint_url: str | None = None,
    config: Config = CONFIG,
) -> "LambdaClient":
    """Return a client for functions."""
    return (session or boto3).client("lambda", config=config, endpoint_url=endpoint_url)

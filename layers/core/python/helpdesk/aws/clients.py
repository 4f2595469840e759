"""How every AWS client of the product is made.

botocore reads the region, the credentials and `AWS_ENDPOINT_URL` by itself, so the code has no
branch for emulators. `endpoint_url` is for a caller whose user names another address. Without a
session the process's own session is used, so that botocore reads its settings only once.

The clients are botocore's. The product uses nothing that boto3 adds (resources, transfers of
files), and loading boto3 is a good part of a cold start.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import botocore.session
from botocore.config import Config
from botocore.configprovider import ConfiguredEndpointProvider

from helpdesk.aws.attribute_values import speak_plainly
from helpdesk.aws.tables import Table

if TYPE_CHECKING:
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


MAIL = CONFIG.merge(Config(read_timeout=10, retries={"total_max_attempts": 1}))
"""A mail whose answer was lost may have left: the queue repeats it, and nothing else does."""

ENGINE = CONFIG.merge(Config(read_timeout=12, retries={"total_max_attempts": 1}))
"""A try of an engine is paid for; the queue of drafts tries again, and nothing else does."""


VECTORS = CONFIG.merge(Config(read_timeout=5))
"""A draft that waits longer for its evidence is late."""


class Clients(Protocol):
    """Makes clients of AWS: a `Session`, or boto3's where its resources are wanted as well."""

    @property
    def client(self) -> Any:
        """A function from a service's name, `config` and `endpoint_url` to its client."""


class Session:
    """Region and credentials, as botocore reads them. Belongs to one thread.

    `profile` and `region` are used in place of what the environment says.
    """

    def __init__(self, *, profile: str | None = None, region: str | None = None) -> None:
        self._botocore = botocore.session.Session(profile=profile)
        self._made: list[Any] = []
        if region:
            self._botocore.set_config_variable("region", region)

    @property
    def region_name(self) -> str | None:
        """The region in use. Raises botocore's ProfileNotFound."""
        region: str | None = self._botocore.get_config_variable("region")
        return region

    def endpoint_url(self, service: str) -> str | None:
        """Return the address that the environment or the profile names for a service."""
        configured = ConfiguredEndpointProvider(
            full_config=self._botocore.full_config,
            scoped_config=self._botocore.get_scoped_config(),
            client_name=service,
        )
        url: str | None = configured.provide()
        return url

    @property
    def access_key(self) -> str | None:
        """The id of the credentials in use, or None where there are none."""
        credentials = self._botocore.get_credentials()
        key: str | None = credentials.get_frozen_credentials().access_key if credentials else None
        return key

    def client(
        self, service: str, *, config: Config | None = None, endpoint_url: str | None = None
    ) -> Any:
        """Return a client for a service."""
        made = self._botocore.create_client(service, config=config, endpoint_url=endpoint_url)
        self._made.append(made)
        return made

    def disconnect(self) -> None:
        """Close the connections of all clients made so far; their next call opens others."""
        for each in self._made:
            each.close()


@cache
def own() -> Session:
    """Return the process's own session."""
    return Session()


def dynamodb(
    session: Clients | None = None, *, endpoint_url: str | None = None, config: Config = CONFIG
) -> Any:
    """Return a client for tables that speaks plain Python types.

    If the table is missing, the ClientError names it, in its message and as the error's `Resource`.
    """
    client = (session or own()).client("dynamodb", config=config, endpoint_url=endpoint_url)
    speak_plainly(client)
    return client


def table(
    name: str,
    session: Clients | None = None,
    *,
    endpoint_url: str | None = None,
    config: Config = CONFIG,
) -> Table:
    """Return a DynamoDB table with a client of its own."""
    return Table(name, dynamodb(session, endpoint_url=endpoint_url, config=config))


def sqs(session: Clients | None = None, *, endpoint_url: str | None = None) -> "SQSClient":
    """Return a client for queues."""
    client: SQSClient = (session or own()).client("sqs", config=CONFIG, endpoint_url=endpoint_url)
    return client


def s3(session: Clients | None = None, *, endpoint_url: str | None = None) -> "S3Client":
    """Return a client for the bucket."""
    client: S3Client = (session or own()).client("s3", config=CONFIG, endpoint_url=endpoint_url)
    return client


def ses(session: Clients | None = None, *, endpoint_url: str | None = None) -> Any:
    """Return a client that sends mails."""
    return (session or own()).client("ses", config=MAIL, endpoint_url=endpoint_url)


def ssm(session: Clients | None = None, *, endpoint_url: str | None = None) -> Any:
    """Return a client for parameters, such as passwords."""
    return (session or own()).client("ssm", config=CONFIG, endpoint_url=endpoint_url)


def bedrock(
    session: Clients | None = None, *, endpoint_url: str | None = None, config: Config = ENGINE
) -> Any:
    """Return a client for the models of Bedrock."""
    return (session or own()).client("bedrock-runtime", config=config, endpoint_url=endpoint_url)


def s3vectors(session: Clients | None = None, *, endpoint_url: str | None = None) -> Any:
    """Return a client for vector buckets."""
    return (session or own()).client("s3vectors", config=VECTORS, endpoint_url=endpoint_url)


def s3_for_links(session: Clients | None = None, *, endpoint_url: str | None = None) -> "S3Client":
    """Return a client whose links into a bucket are signed with version 4, and are the region's.

    botocore's own choice is an older signature, and AWS's global address, which redirects.
    """
    asked = session or own()
    named = endpoint_url or (asked.endpoint_url("s3") if isinstance(asked, Session) else None)
    style: Any = {"addressing_style": "auto" if named else "virtual"}
    config = CONFIG.merge(Config(signature_version="s3v4", s3=style))
    client: S3Client = asked.client("s3", config=config, endpoint_url=endpoint_url)
    return client


def lambda_(
    session: Clients | None = None, *, endpoint_url: str | None = None, config: Config = CONFIG
) -> "LambdaClient":
    """Return a client for functions."""
    made = (session or own()).client("lambda", config=config, endpoint_url=endpoint_url)
    client: LambdaClient = made
    return client

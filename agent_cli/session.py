"""Where the desk is and who the agent is: the terminal's only contact with boto3."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets


class StackError(Exception):
    """The stack cannot be found or reached; the message says what to do next."""


class IdentityError(Exception):
    """The agent's identity cannot be told; the message says what to do next."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The deployed stack as an agent reaches it. Everything is looked up on first use."""

    stack_name: str
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    named: str | None = None

    @cached_property
    def agent(self) -> str:
        """The agent's name: the IAM identity, which a name of one's own replaces on emulators only.

        Raises IdentityError.
        """
        sts = self._client("sts")
        emulated = not sts.meta.endpoint_url.rstrip("/").endswith(".amazonaws.com")
        if self.named and not emulated:
            raise IdentityError("--agent is for emulators; on AWS your IAM identity is your name")
        if self.named:
            return self.named
        try:
            arn: str = sts.get_caller_identity()["Arn"]
        except (BotoCoreError, ClientError) as error:
            raise IdentityError(f"cannot tell who you are: {error}") from error
        return arn.split(":", 5)[5].split("/", 1)[-1]

    @cached_property
    def tickets(self) -> DynamoTickets:
        """The tickets table."""
        table = clients.table(
            self._outputs["TicketsTable"], self._session, endpoint_url=self.endpoint_url
        )
        return DynamoTickets(table)

    @cached_property
    def escalations(self) -> SqsQueue:
        """The escalation queue."""
        sqs = clients.sqs(self._session, endpoint_url=self.endpoint_url)
        return SqsQueue(sqs, self._outputs["EscalationQueueUrl"])

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(profile_name=self.profile, region_name=self.region)

    @cached_property
    def _outputs(self) -> dict[str, str]:
        try:
            stacks = self._client("cloudformation").describe_stacks(StackName=self.stack_name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise StackError(
                f"there is no stack {self.stack_name!r} in {self._session.region_name}; "
                "name another with --stack-name or --region, or deploy it first"
            ) from error
        outputs = stacks["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def _client(self, service: str) -> Any:
        make: Any = self._session.client
        return make(service, endpoint_url=self.endpoint_url)

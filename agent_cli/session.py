"""Where the desk is and who the agent is: the terminal's only contact with boto3."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError
from helpdesk.agents import Workplace
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.queues import SqsDeadLetters, SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.contract import PredictIn, PredictionOut, PredictionsOut
from helpdesk.curation import Curator

NOT_AWS = "000000000000"
"""The account number emulators give, which AWS never does."""

QUEUES = ("intake", "escalation")
"""The queues by the names people use."""

DEAD_LETTERS = (*QUEUES, "trainer")
"""Where dead letters come from; the trainer is told by the table's stream, not by a queue."""


class StackError(Exception):
    """The stack cannot be found; the message says what to do next."""


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
        identity = self.identity
        if self.named and identity["Account"] != NOT_AWS:
            raise IdentityError(
                "--agent and HELPDESK_AGENT are for emulators; on AWS your IAM identity, "
                f"{_name(identity['Arn'])}, is your name"
            )
        return self.named or _name(identity["Arn"])

    @cached_property
    def identity(self) -> dict[str, str]:
        """What STS says of the credentials: Account, Arn, UserId."""
        found: dict[str, str] = self.client("sts").get_caller_identity()
        return found

    def workplace(
        self,
        *,
        warn: Callable[[str], None] = lambda _: None,
        conflicts: Callable[[str], None] = lambda _: None,
    ) -> Workplace:
        """Return the agent's workplace."""
        return Workplace(
            agent=self.agent,
            tickets=self.tickets,
            escalations=self.queue("escalation", wait=timedelta(seconds=1)),
            articles=self.knowledge,
            clock=now,
            warn=warn,
            conflicts=conflicts,
        )

    @property
    def curator(self) -> Curator:
        """The lead at the knowledge."""
        return Curator(lead=self.agent, knowledge=self.knowledge, clock=now)

    @cached_property
    def tickets(self) -> DynamoTickets:
        """The tickets table."""
        return DynamoTickets(self._table("TicketsTable"))

    @cached_property
    def knowledge(self) -> DynamoKnowledge:
        """The knowledge table."""
        return DynamoKnowledge(self._table("KnowledgeTable"))

    @cached_property
    def models(self) -> PublishedModels:
        """The published models."""
        s3 = clients.s3(self._session, endpoint_url=self.endpoint_url)
        return PublishedModels(s3, self.outputs["Bucket"], self._table("KnowledgeTable"))

    def queue(self, name: str, *, wait: timedelta = timedelta(0)) -> SqsQueue:
        """Return one of QUEUES."""
        return SqsQueue(self._sqs, self.outputs[f"{name.capitalize()}QueueUrl"], wait=wait)

    def dead_letters(self, name: str) -> SqsDeadLetters:
        """Return the dead letters of one of DEAD_LETTERS."""
        return SqsDeadLetters(
            self._sqs,
            name,
            self.outputs[f"{name.capitalize()}DeadLettersUrl"],
            self.outputs.get(f"{name.capitalize()}QueueUrl"),
        )

    def predict(self, text: str) -> PredictionOut:
        """Ask the deployed desk what it would make of a text. Raises StackError."""
        # The function takes what API Gateway sends; asking it directly takes no API key.
        event = {
            "httpMethod": "POST",
            "headers": {"content-type": "application/json"},
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "stageVariables": None,
            "isBase64Encoded": False,
            "body": PredictIn(texts=[text]).model_dump_json(),
            "requestContext": {"resourcePath": "/predict", "httpMethod": "POST", "identity": {}},
        }
        answer = self.client("lambda").invoke(
            FunctionName=self.outputs["PredictFunctionName"], Payload=json.dumps(event).encode()
        )
        response = json.loads(answer["Payload"].read())
        if answer.get("FunctionError") or response.get("statusCode") != 200:
            raise StackError(f"the desk could not tell: {response.get('body', response)}")
        return PredictionsOut.model_validate_json(response["body"]).predictions[0]

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs. Raises StackError."""
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=self.stack_name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise StackError(
                f"there is no stack {self.stack_name!r} in {self._session.region_name}; "
                "name another with --stack-name or --region, or deploy it first"
            ) from error
        outputs = stacks["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    @property
    def region_name(self) -> str | None:
        """The region in use."""
        return self._session.region_name

    def client(self, service: str) -> Any:
        """Return a client for any service of the account."""
        make: Any = self._session.client
        return make(service, config=clients.CONFIG, endpoint_url=self.endpoint_url)

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(profile_name=self.profile, region_name=self.region)

    @cached_property
    def _sqs(self) -> Any:
        return clients.sqs(self._session, endpoint_url=self.endpoint_url)

    def _table(self, output: str) -> Any:
        return clients.table(self.outputs[output], self._session, endpoint_url=self.endpoint_url)


def now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


def _name(arn: str) -> str:
    """Return what follows the kind in an ARN: `ada`, or `Agents/ada` of an assumed role."""
    return arn.split(":", 5)[5].split("/", 1)[-1]

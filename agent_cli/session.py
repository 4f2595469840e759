"""Where the stack is and who the agent is: the terminal's contact with AWS.

The session keeps what AWS said of the stack and of the agent for LASTING, but no longer than the
credentials are valid. A file keeps the outputs of the stack for the next commands, for some
minutes. Every thread has a desk of its own.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from helpdesk import roster
from helpdesk.aws import clients
from helpdesk.composition import Parts, Resources
from helpdesk.ticket import Agent

from agent_cli import credentials
from agent_cli.desk import Desk
from agent_cli.known_stacks import KnownStacks, Where

LOST = {"ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket"}
"""The codes by which AWS says that something is gone which the stack names."""

NOT_AWS = "000000000000"
"""The account number of emulators, which AWS never uses."""

LASTING = timedelta(minutes=15)
"""How long the stack's outputs and the agent's identity are kept; then AWS is asked again."""


class StackError(Exception):
    """The stack cannot be found; the message says what to do next."""


class IdentityError(Exception):
    """The agent's identity cannot be told; the message says what to do next."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What AWS says about the credentials: the account's number and the ARN of their owner."""

    account: str
    arn: str

    @property
    def name(self) -> str:
        """The part of the ARN after the kind: `ada`, or `Agents/ada` for an assumed role."""
        return self.arn.split(":", 5)[5].split("/", 1)[-1]


class Session:
    """A deployed stack as one agent reaches it. May be shared by threads.

    `profile`, `region` and `endpoint_url` say where AWS is; if they are None, botocore's settings
    apply. `named` is a name that the agent chose, which only emulators accept. `known` keeps the
    outputs of stacks between commands. The session calls AWS only when it needs an answer.
    """

    def __init__(
        self,
        *,
        stack_name: str,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        named: str | None = None,
        known: KnownStacks | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.stack_name = stack_name
        self.clock = clock or now
        self._profile, self._region, self._endpoint_url = profile, region, endpoint_url
        self._named, self._known = named, known
        self._outputs = _Lasting(self._find_outputs, self.clock)
        self._identity = _Lasting(self._ask_identity, self.clock)
        self._agent = _Lasting(self._ask_agent, self.clock)
        self._logins = 0
        self._kept_at: Where | None = None
        self._own = threading.local()

    @property
    def agent(self) -> Agent:
        """The agent, with roles and departments as on the roster.

        Raises IdentityError or StackError.
        """
        return self._agent.get()

    @property
    def agents_name(self) -> str:
        """The agent's name: the IAM identity or, on emulators only, the name that the agent chose.

        Raises IdentityError.
        """
        identity = self.identity
        if self._named and identity.account != NOT_AWS:
            raise IdentityError(
                "--agent and HELPDESK_AGENT are for emulators; on AWS your IAM identity, "
                f"{identity.name}, is your name"
            )
        return self._named or identity.name

    @property
    def identity(self) -> Identity:
        """The owner of the credentials."""
        return self._identity.get()

    @property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs. Raises StackError."""
        return self._outputs.get()

    @property
    def region_name(self) -> str | None:
        """The region in use."""
        return self._aws.region_name

    @property
    def desk(self) -> Desk:
        """The calling thread's own desk, made again if the stack has changed. Raises StackError."""
        aws, outputs = self._aws, self.outputs
        desk: Desk | None = getattr(self._own, "desk", None)
        if desk is None or desk.outputs != outputs:
            parts = Parts(
                resources=Resources.of_outputs(outputs),
                session=aws,
                endpoint_url=self._endpoint_url,
            )
            desk = Desk(outputs=outputs, parts=parts, agent=lambda: self.agent, clock=self.clock)
            self._own.desk = desk
        return desk

    @contextmanager
    def at_desk(self) -> Iterator[Desk]:
        """Yield the calling thread's desk, and learn from the errors of AWS."""
        try:
            yield self.desk
        except (ClientError, BotoCoreError) as error:
            self.learn_from(error)
            raise

    def learn_from(self, error: BaseException) -> None:
        """Forget what the session keeps if the error says that it is out of date.

        This is so if the credentials have expired, or if something is gone that the stack named.
        """
        if credentials.over(error) or _lost(error):
            self.forget()

    def forget(self) -> None:
        """Forget credentials, identity and outputs; the next use asks for them again."""
        if self._known and self._kept_at:
            self._known.drop(self._kept_at)
        self._logins += 1
        self._outputs.forget()
        self._identity.forget()
        self._agent.forget()

    @property
    def _aws(self) -> clients.Session:
        """The calling thread's session; botocore does not let threads share one."""
        if getattr(self._own, "login", None) != self._logins:
            self._own.__dict__.clear()
            self._own.login = self._logins
            self._own.aws = clients.Session(profile=self._profile, region=self._region)
        aws: clients.Session = self._own.aws
        return aws

    def _client(self, service: str) -> Any:
        return self._aws.client(service, config=clients.CONFIG, endpoint_url=self._endpoint_url)

    def _ask_identity(self) -> Identity:
        found = self._client("sts").get_caller_identity()
        return Identity(account=found["Account"], arn=found["Arn"])

    def _ask_agent(self) -> Agent:
        return roster.at_work(self.agents_name, self.desk.parts.knowledge)

    def _find_outputs(self) -> Mapping[str, str]:
        """Return the outputs that an earlier command kept, or else ask AWS for them."""
        if self._known is None:
            return self._ask_outputs()
        aws = self._aws
        self._kept_at = (
            self.stack_name,
            self._profile,
            aws.region_name,
            self._endpoint_url or aws.endpoint_url("cloudformation"),
            aws.access_key,
        )
        if (known := self._known.read(self._kept_at, self.clock())) is not None:
            return known
        outputs = self._ask_outputs()
        self._known.keep(self._kept_at, outputs, self.clock())
        return outputs

    def _ask_outputs(self) -> Mapping[str, str]:
        try:
            stacks = self._client("cloudformation").describe_stacks(StackName=self.stack_name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise StackError(
                f"there is no stack {self.stack_name!r} in {self.region_name}; "
                "name another with --stack-name or --region, or deploy it first"
            ) from error
        outputs = stacks["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}


class _Lasting[T]:
    """An answer that is fetched at its first use, and again when it is older than LASTING."""

    def __init__(self, ask: Callable[[], T], clock: Callable[[], datetime]) -> None:
        self._ask, self._clock = ask, clock
        self._lock = threading.Lock()
        self._known: tuple[T, datetime] | None = None

    def get(self) -> T:
        with self._lock:
            if self._known is None or self._clock() - self._known[1] >= LASTING:
                self._known = self._ask(), self._clock()
            return self._known[0]

    def forget(self) -> None:
        with self._lock:
            self._known = None


def _lost(error: BaseException) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Code"] in LOST


def now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)

"""The deployed stack: deploys `template.yaml`, and finds the resources."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import boto3

from infra.deploying import kept_resources, parameters
from infra.deploying.artifacts import LOCAL_ZIP, TEMPLATE, Artifacts, digest_of, sha256
from infra.deploying.index_steps import Step, Template, steps, tables_of
from infra.deploying.kept_resources import Kept
from infra.deploying.operations import DeployError, Kind, Operations, Pace, Proposed, Say
from infra.deploying.parameters import DIGEST, PROTECTION, Sent
from infra.deploying.stream_steps import without_moved

__all__ = ["LOCAL_ZIP", "TEMPLATE", "DeployError", "Stack", "digest_of", "plain", "sha256"]

STACK_NAME = re.compile(r"[a-z][a-z0-9-]*")
LONGEST_BUCKET = 63
FAILED_CREATIONS = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""A stack in such a state was never up. CloudFormation can only delete it."""

ON_AWS, AT_AN_EMULATOR = Pace(2, 15), Pace(0.1, 0.1)


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
        return _outputs(stack)

    def describe(self) -> dict[str, Any] | None:
        """Return what CloudFormation says of the stack, or None where it was never deployed."""
        stack = self.operations(lambda _: None).describe()
        gone = {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
        return None if stack is None or stack["StackStatus"] in gone else stack

    @property
    def digest(self) -> str | None:
        """What is deployed, as `digest_of` gives it for the sources, if the deployer said so."""
        stack = self.describe()
        if stack is None or not stack["StackStatus"].endswith("_COMPLETE"):
            return None
        return _outputs(stack).get(DIGEST)

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

    @property
    def account(self) -> str:
        """The account's number."""
        number: str = self.client("sts").get_caller_identity()["Account"]
        return number

    @property
    def region(self) -> str:
        """The region of the stack."""
        return str(self.session.region_name)

    @property
    def artifacts(self) -> Artifacts:
        """Where zips and templates are uploaded."""
        bucket = f"{self.name}-artifacts-{self.account}-{self.region}"
        return Artifacts(self.client("s3"), bucket, self.region)

    def deploy(
        self, given: Mapping[str, str], say: Say = lambda _: None, *, adopt: bool = False
    ) -> bool:
        """Create or update the stack; return whether there was anything to do.

        An update keeps the values of parameters that are not `given`. What must be replaced one by
        one (indexes, the reading of a stream) is replaced in updates of its own. Where tables and
        buckets of an earlier stack are there and no stack is, it takes them over if it shall
        `adopt` them. Raises DeployError with the resources that failed and their reasons.
        """
        self.check_name()
        operations = self.operations(say)
        current = self.describe()
        if current and current["StackStatus"] in FAILED_CREATIONS:
            say("removing what an earlier, failed creation left")
            operations.delete()
            current = None
        template = self.artifacts.with_addresses(say)
        if current is None:
            kept = self.kept(template, given)
            if not kept:
                return self._create(template, given, say)
            if not adopt:
                raise DeployError(_left_behind(self.name, kept))
            self._import(kept, say)
        return self._update(template, given, say)

    def preview(
        self, given: Mapping[str, str], say: Say = lambda _: None, *, adopt: bool = False
    ) -> None:
        """Say what `deploy` would do, and change nothing but the bucket with the artifacts.

        Raises DeployError where `deploy` would before it begins.
        """
        self.check_name()
        current = self.describe()
        if current and current["StackStatus"] in FAILED_CREATIONS:
            say(
                "an earlier creation failed: what it left is removed first, then a stack is created"
            )
            return
        template = self.artifacts.with_addresses(say)
        if current is None and (kept := self.kept(template, given)):
            if not adopt:
                raise DeployError(_left_behind(self.name, kept))
            say("tables and buckets are taken over first; an update then adds all the rest")
            body, identified = _importing(kept)
            self._shown(self._proposed("IMPORT", body, [], say, identified), say)
            return
        if current is None:
            first = parameters.chosen({**given, PROTECTION: "off"})
            self._shown(self._proposed("CREATE", template, first, say), say)
            return
        for step in self._steps(template):
            say(f"an update before the others: {', '.join(step.does)}")
        sent = self._sent(template, given, current, say)
        self._shown(self._proposed("UPDATE", template, sent, say), say)

    def check_name(self) -> None:
        """Raise DeployError if buckets cannot be named after the stack."""
        if not STACK_NAME.fullmatch(self.name):
            raise DeployError(
                f"a stack cannot be named {self.name!r}: its buckets have its name, so it begins "
                "with a lower-case letter and has lower-case letters, digits and hyphens only"
            )
        longest = LONGEST_BUCKET - len(f"-artifacts-123456789012-{self.region}")
        if len(self.name) > longest:
            raise DeployError(
                f"a stack in {self.region} cannot be named {self.name!r}: its buckets have its "
                f"name and more, so it has {longest} characters at most"
            )

    def kept(self, template: str, given: Mapping[str, str]) -> list[Kept]:
        """Return the tables and buckets with the stack's names that exist already.

        At an emulator there are none to take over: it forgets tables with their stack, and
        LocalStack 4.14 has no imports (`create_change_set` of its provider raises
        NotImplementedError).
        """
        if self.endpoint_url is not None:
            return []
        wanted = plain(template)
        facts = {
            **given,
            "AWS::StackName": self.name,
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
        }
        names = kept_resources.names_of(wanted, facts)
        dynamodb, s3 = self.client("dynamodb"), self.client("s3")
        return kept_resources.found(wanted, names, dynamodb=dynamodb, s3=s3)

    def _create(self, template: str, given: Mapping[str, str], say: Say) -> bool:
        """Create the stack with tables that a rollback can delete, then protect the tables."""
        first = parameters.chosen({**given, PROTECTION: "off"})
        self.apply("CREATE", template, first, say)
        if given.get(PROTECTION) != "off":
            say("the tables are protected from deletion now")
            self._update(template, given, say)
        return True

    def _import(self, kept: list[Kept], say: Say) -> None:
        say(f"taking over {', '.join(each.name for each in kept)}")
        body, identified = _importing(kept)
        self.apply("IMPORT", body, [], say, imported=identified)

    def _update(self, template: str, given: Mapping[str, str], say: Say) -> bool:
        current = self.describe() or {}
        same = parameters.unchanged(current.get("Parameters", []))
        sent = self._sent(template, given, current, say)
        unfinished = [each for each in sent if each["ParameterKey"] != DIGEST]
        for step in self._steps(template):
            say(f"an update before the others: {', '.join(step.does)}")
            body = json.dumps(step.template)
            self.apply("UPDATE", body, same if step.deployed else unfinished, say)
            self._await_indexes(step.template, say)
        return self.apply("UPDATE", template, sent, say)

    def _sent(
        self, template: str, given: Mapping[str, str], current: Mapping[str, Any], say: Say
    ) -> Sent:
        known, before = plain(template)["Parameters"], current.get("Parameters", [])
        if kept := parameters.told(given, before, known):
            say(f"kept from before: {', '.join(kept)}")
        return parameters.updated(given, before, known)

    def _steps(self, template: str) -> list[Step]:
        deployed = plain(self.template("Original"))
        wanted = plain(template)
        first = without_moved(deployed, wanted)
        return [*([first] if first else []), *steps(first.template if first else deployed, wanted)]

    def _await_indexes(self, template: Template, say: Say) -> None:
        """Wait until every index of the template's tables is filled: CloudFormation does not."""
        resources, tables = self.client("cloudformation"), self.client("dynamodb")
        for name in tables_of(template):
            table = resources.describe_stack_resource(StackName=self.name, LogicalResourceId=name)[
                "StackResourceDetail"
            ]["PhysicalResourceId"]
            told = False
            for pause in self._pace.pauses():
                unready = _unready(tables.describe_table(TableName=table)["Table"])
                if not unready:
                    break
                if not told:
                    say(f"waiting for DynamoDB: {', '.join(unready)}")
                    told = True
                time.sleep(pause)

    def apply(
        self,
        kind: Kind,
        template: str,
        sent: Sent,
        say: Say,
        *,
        imported: Sequence[dict[str, Any]] = (),
    ) -> bool:
        """Carry out one operation; return whether there was anything to do. Raises DeployError."""
        proposed = self._proposed(kind, template, sent, say, imported)
        if proposed is None:
            return False
        if kind == "CREATE":
            say(f"creating {len(proposed.changes)} resources")
        else:
            _list(proposed, say)
        self.operations(say).execute(proposed)
        self.__dict__.pop("outputs", None)
        return True

    def template(self, stage: Literal["Original", "Processed"]) -> str:
        """Return the deployed template, as it was given or with its transform carried out."""
        cloudformation = self.client("cloudformation")
        found = cloudformation.get_template(StackName=self.name, TemplateStage=stage)
        body = found["TemplateBody"]
        return body if isinstance(body, str) else json.dumps(body)

    def _proposed(
        self,
        kind: Kind,
        template: str,
        sent: Sent,
        say: Say,
        imported: Sequence[dict[str, Any]] = (),
    ) -> Proposed | None:
        url = self.artifacts.uploaded(template)
        return self.operations(say).propose(kind, url, sent, resources=imported)

    def _shown(self, proposed: Proposed | None, say: Say) -> None:
        if proposed is None:
            say("nothing would change")
            return
        _list(proposed, say)
        self.operations(say).withdraw(proposed)

    def operations(self, say: Say) -> Operations:
        """Return what may be done to this stack, told by `say`."""
        return Operations(self.client("cloudformation"), self.name, self._pace, say)

    @property
    def _pace(self) -> Pace:
        return ON_AWS if self.endpoint_url is None else AT_AN_EMULATOR


def _outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", [])}


def plain(template: str) -> Template:
    """Return a template with its intrinsic functions written out."""
    found: Template = json.loads(_written_out(template))
    return found


@lru_cache(maxsize=8)
def _written_out(template: str) -> str:
    from cfnlint.decode import decode_str  # noqa: PLC0415 -- as slow as all of the rest

    return json.dumps(decode_str(template)[0])


def _importing(kept: list[Kept]) -> tuple[str, list[dict[str, Any]]]:
    body = json.dumps(kept_resources.template_of(kept))
    return body, [each.identified for each in kept]


def _list(proposed: Proposed, say: Say) -> None:
    for line in proposed.changes:
        say(f"  {line}")


def _left_behind(stack: str, kept: list[Kept]) -> str:
    names = ", ".join(each.name for each in kept)
    return (
        f"there is no stack {stack!r}, but what an earlier one kept is there: {names}. "
        "`make deploy ADOPT=yes` makes the stack with them and leaves their contents as they are. "
        "A stack of another name starts empty beside them"
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

"""Operations of CloudFormation on one stack: proposed as a change set, shown, executed, followed.

What is told of an operation is what the stack's own events say of it since the one before, in their
own order (DescribeStackEvents lists the newest first); the clock of this machine says nothing.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal
from uuid import uuid4

from botocore.exceptions import ClientError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
GROWTH = 1.4
"""Each pause between two looks is longer than the one before by this factor."""

BETWEEN_EVENTS = 1.0
"""Seconds between two looks at the events, at least: an emulator lists all of them each time."""

ENDED_WELL = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"})
UNCHANGED = ("didn't contain changes", "No updates")
"""How CloudFormation says that there is nothing to do."""

type Say = Callable[[str], None]
type Kind = Literal["CREATE", "UPDATE", "IMPORT"]


class DeployError(RuntimeError):
    """The stack was not deployed; the message says which resource failed, and why."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks: at first, and at most. AWS counts how often it is asked."""

    first: float
    longest: float

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to wait before each further look, without end."""
        pause = self.first
        while True:
            yield pause
            pause = min(pause * GROWTH, self.longest)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change set that may be executed, and what it would do, a line for each resource."""

    id: str
    kind: Kind
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operations:
    """What is done to the stack named `stack`, and told by `say`."""

    cloudformation: Any
    stack: str
    pace: Pace
    say: Say

    def propose(
        self,
        kind: Kind,
        template_url: str,
        parameters: Sequence[dict[str, Any]] = (),
        *,
        resources: Sequence[dict[str, Any]] = (),
    ) -> Proposed | None:
        """Make a change set; return None if there is nothing to change.

        It names no tags: CloudFormation then leaves those of the stack, and of everything in it,
        as they are. `resources` are what an import brings in. Raises DeployError with the reason
        if CloudFormation cannot make it.
        """
        change_set: str = self.cloudformation.create_change_set(
            StackName=self.stack,
            ChangeSetName=f"deploy-{uuid4()}",
            ChangeSetType=kind,
            TemplateURL=template_url,
            Capabilities=CAPABILITIES,
            Parameters=list(parameters),
            **({"ResourcesToImport": list(resources)} if resources else {}),
        )["Id"]
        found = self._made(change_set)
        if found["Status"] == "FAILED":
            reason = found.get("StatusReason", "no reason given")
            self.cloudformation.delete_change_set(ChangeSetName=change_set)
            if any(each in reason for each in UNCHANGED):
                return None
            raise DeployError(reason)
        pages: Iterable[dict[str, Any]] = [found]
        if "NextToken" in found:
            further = self.cloudformation.get_paginator("describe_change_set")
            pages = further.paginate(ChangeSetName=change_set)
        changes = [
            told(change["ResourceChange"])
            for page in pages
            for change in page["Changes"]
            if "ResourceChange" in change
        ]
        return Proposed(change_set, kind, tuple(sorted(changes)))

    def _made(self, change_set: str) -> dict[str, Any]:
        for pause in self.pace.pauses():
            found: dict[str, Any] = self.cloudformation.describe_change_set(
                ChangeSetName=change_set
            )
            if found["Status"] in {"CREATE_COMPLETE", "FAILED"}:
                return found
            time.sleep(pause)
        raise AssertionError("pauses do not end")

    def execute(self, proposed: Proposed) -> None:
        """Execute a change set and wait for its end. Raises DeployError if it fails.

        What the operation itself created is deleted if it fails, also tables and buckets, which are
        retained otherwise: they are empty, and would be in the way of the next try.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
        """
        before = self._newest()
        further = {} if proposed.kind == "IMPORT" else {"RetainExceptOnCreate": True}
        self.cloudformation.execute_change_set(ChangeSetName=proposed.id, **further)
        self._follow(self.stack, before)

    def withdraw(self, proposed: Proposed) -> None:
        """Delete a change set, and the stack without resources that it made if it was to create."""
        self.cloudformation.delete_change_set(ChangeSetName=proposed.id)
        found = self.describe()
        if found and found["StackStatus"] == "REVIEW_IN_PROGRESS":
            self.delete()

    def delete(self) -> None:
        """Delete the stack and wait until it is gone. Raises DeployError if it stays."""
        found = self.describe()
        if found is None:
            return
        before = self._newest()
        self.cloudformation.delete_stack(StackName=self.stack)
        self._follow(found.get("StackId", self.stack), before)

    def describe(self) -> dict[str, Any] | None:
        """Return what CloudFormation says of the stack of this name, or None if there is none."""
        return _described(self.cloudformation, self.stack)

    def _newest(self) -> str | None:
        return next((event["EventId"] for event in self._events(self.stack)), None)

    def _events(self, stack: str) -> Iterator[dict[str, Any]]:
        """Yield events, newest first; a page is asked for when the one before is read."""
        pages = self.cloudformation.get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=stack):
            yield from page["StackEvents"]

    def _since(self, stack: str, before: str | None) -> list[dict[str, Any]]:
        return list(takewhile(lambda event: event["EventId"] != before, self._events(stack)))

    def _follow(self, stack: str, before: str | None) -> None:
        """Wait until the operation on a stack (by name, or by id if it may go) has ended."""
        known, seen = before, list[dict[str, Any]]()
        look = time.monotonic()
        for pause in self.pace.pauses():
            status = _status(_described(self.cloudformation, stack))
            ended = not status.endswith("_IN_PROGRESS")
            if ended or time.monotonic() >= look:
                look = time.monotonic() + BETWEEN_EVENTS
                if news := self._since(stack, known):
                    known = news[0]["EventId"]
                    seen += reversed(news)
                    self.say(f"{len(seen)} steps of the operation done")
            if ended:
                break
            time.sleep(pause)
        if status not in ENDED_WELL:
            failures = [
                _failure(each) for each in seen if each["ResourceStatus"].endswith("_FAILED")
            ]
            raise DeployError(
                f"the stack is {status}\n  " + "\n  ".join(failures or ["(no reason)"])
            )


def told(change: dict[str, Any]) -> str:
    """Return what a change set does to one resource, in one line."""
    line = f"{change['Action']} {change['LogicalResourceId']} ({change['ResourceType']})"
    targets = [each["Target"] for each in change.get("Details", []) if "Target" in each]
    names = sorted({each.get("Name") or each["Attribute"] for each in targets})
    if names:
        line += f": {', '.join(names)}"
    match change.get("Replacement"):
        case "True":
            line += " - it is REPLACED by a new one"
        case "Conditional":
            line += " - it may be replaced by a new one"
    return line


def _failure(event: dict[str, Any]) -> str:
    reason = event.get("ResourceStatusReason", "no reason given")
    return f"{event['LogicalResourceId']}: {reason}"


def _status(stack: dict[str, Any] | None) -> str:
    return str(stack["StackStatus"]) if stack else "DELETE_COMPLETE"


def _described(cloudformation: Any, stack: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return found

"""The update before all others where a stream's reading begins elsewhere in the new template.

`StartingPosition` of an event source mapping cannot be changed: CloudFormation would make a new
mapping before it deletes the old one, and Lambda refuses a second for the same stream and function
(https://github.com/aws/serverless-application-model/issues/1320,
https://github.com/aws/aws-cdk/issues/6942). So the old one goes first. What is written meanwhile is
in the stream for a day, and one that starts at TRIM_HORIZON reads it.
"""

import copy
from collections.abc import Iterator
from typing import Any

from infra.deploying.index_steps import Step, Template


def without_moved(deployed: Template, wanted: Template) -> Step | None:
    """Return the update that removes such mappings from the deployed template, if it has one."""
    moved = list(_moved(deployed, wanted))
    if not moved:
        return None
    template = copy.deepcopy(deployed)
    for function, event in moved:
        properties = template["Resources"][function]["Properties"]
        del properties["Events"][event]
        if not properties["Events"]:
            del properties["Events"]
    does = tuple(f"{function} without its stream {event}" for function, event in moved)
    return Step(template, does, deployed=True)


def _moved(deployed: Template, wanted: Template) -> Iterator[tuple[str, str]]:
    for function, resource in deployed["Resources"].items():
        after = _streams(wanted["Resources"].get(function, {}))
        for event, start in _streams(resource).items():
            if event in after and after[event] != start:
                yield function, event


def _streams(resource: dict[str, Any]) -> dict[str, str]:
    if resource.get("Type") != "AWS::Serverless::Function":
        return {}
    events = resource["Properties"].get("Events", {})
    return {
        name: event["Properties"]["StartingPosition"]
        for name, event in events.items()
        if event["Type"] == "DynamoDB"
    }

"""What the platform does with a function's role, read from the template: no call of ours."""

from collections.abc import Iterator
from typing import Any

from tests.integration.conftest import functions
from tests.integration.recorded_calls import Call

POLLS = {
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    "SQS": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    # https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    "DynamoDB": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}
"""What Lambda calls with a function's role to read each kind of source of its events."""

LISTS_STREAMS = Call("dynamodb:ListStreams", "*")
"""Asked of no stream in particular: AWS's list of DynamoDB's actions names no resource for it,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html"""

LOGS = [Call(f"logs:{verb}", "own log group") for verb in ("CreateLogStream", "PutLogEvents")]


def by_lambda(template: dict[str, Any], function: str) -> list[Call]:
    """Return what Lambda does with the role of a function of the template, as it is written."""
    own = functions(template)[function].get("Events", {})
    return [*LOGS, *_of_events(own), *_of_mappings(template, function)]


def _of_mappings(template: dict[str, Any], function: str) -> Iterator[Call]:
    """Yield the polls for mappings that are resources of their own: each of a queue."""
    for resource in template["Resources"].values():
        given = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::EventSourceMapping" and _names(given, function):
            (queue, _) = given["EventSourceArn"]["Fn::GetAtt"]
            assert template["Resources"][queue]["Type"] == "AWS::SQS::Queue"
            yield from (Call(action, queue) for action in POLLS["SQS"])


def _names(mapping: dict[str, Any], function: str) -> bool:
    """Tell whether a mapping is for a function, with a condition or without one."""
    named = mapping["FunctionName"]
    return {"Ref": function} in named.get("Fn::If", [named])


def _of_events(events: dict[str, Any]) -> Iterator[Call]:
    for event in events.values():
        given = event["Properties"]
        for action in POLLS.get(event["Type"], ()):
            name, _ = given["Queue" if event["Type"] == "SQS" else "Stream"]["Fn::GetAtt"]
            yield Call(action, name if event["Type"] == "SQS" else f"{name}/stream/*")
        if event["Type"] == "DynamoDB":
            yield LISTS_STREAMS
        failed = given.get("DestinationConfig", {}).get("OnFailure")
        if failed:  # of a stream's batch, which Lambda hands over itself
            assert failed["Type"] == "SQS"
            yield Call("sqs:SendMessage", failed["Destination"]["Fn::GetAtt"][0])

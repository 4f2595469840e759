"""Alarms that can go off, a dashboard with figures that exist, and a page for each alarm."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from helpdesk import notifying, outbox, receiving

from tests.integration.conftest import ROOT, functions

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
SOURCES = "\n".join(
    path.read_text()
    for folder in ("functions", "layers/core/python/helpdesk")
    for path in (ROOT / folder).rglob("*.py")
)
BUILT = {
    # names the functions put together, and what from
    *("Answered", "Asked", "Escalated"),  # processing.Outcome
    *("SentAgain", "GivenUp", "Overdue", "Woken"),  # reconciling.Reconciliation
    *("ModelPublished", "ModelRefused"),  # learning.Outcome
    *("Mail" + "".join(map(str.title, each.split("_"))) for each in receiving.Outcome),
    *("Mail" + "".join(map(str.title, each.split("_"))) for each in outbox.Outcome),
    *("Notice" + "".join(map(str.title, each.split("_"))) for each in notifying.Outcome),
    *("Read", "Unread", "Refused"),  # files.Outcome
}
PLATFORM = {
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    "AWS/Lambda": {"Errors", "Throttles", "Invocations", "Duration"},
    "AWS/ApiGateway": {"Count", "4XXError", "5XXError"},
    "AWS/DynamoDB": {"ReadThrottleEvents", "WriteThrottleEvents"},
}


def alarms(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def metrics(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "MetricName" in alarm:
        yield alarm
    for given in alarm.get("Metrics", []):
        each = given["Fn::If"][1] if "Fn::If" in given else given
        if "MetricStat" in each:
            yield each["MetricStat"]["Metric"]


def test_every_alarm_has_a_page_and_every_page_an_alarm(template: dict[str, Any]) -> None:
    pages = set(re.findall(r"^## (\w+Alarm)$", RUNBOOK, re.MULTILINE))

    assert pages == set(alarms(template))
    for name, alarm in alarms(template).items():
        assert f"{name} in docs/runbook.md" in alarm["AlarmDescription"]


def test_a_page_names_only_verbs_there_are() -> None:
    import click

    from agent_cli.cli import main

    context = click.Context(main)
    for noun, verb in set(re.findall(r"`helpdesk (\w+) ([a-z]+)", RUNBOOK)):
        named = main.get_command(context, noun)
        assert named, noun
        if isinstance(named, click.Group):
            assert named.get_command(context, verb), f"helpdesk {noun} {verb}"
        else:  # a verb by itself, whose first argument is a choice
            words = {each for given in named.params for each in getattr(given.type, "choices", ())}
            assert verb in words, f"helpdesk {noun} {verb}"


def test_every_queue_of_dead_letters_has_an_alarm_above_none(template: dict[str, Any]) -> None:
    dead = {name for name in template["Resources"] if name.endswith("DeadLetters")}
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm
        for name, alarm in alarms(template).items()
        if name.endswith("DeadLettersAlarm")
    }

    assert set(watched) == dead
    for alarm in watched.values():
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_every_metric_exists(template: dict[str, Any]) -> None:
    """A misspelt metric is an alarm that never goes off."""
    for name, alarm in alarms(template).items():
        for metric in metrics(alarm):
            space = metric["Namespace"]
            if space == {"Ref": "AWS::StackName"}:
                assert_counted(metric["MetricName"], name)
            else:
                assert metric["MetricName"] in PLATFORM[space], name


def assert_counted(metric: str, where: str) -> None:
    assert metric in BUILT or f'"{metric}"' in SOURCES, f"{where}: no function counts {metric}"


def test_every_function_is_watched(template: dict[str, Any]) -> None:
    for wanted in ("Errors", "Throttles"):
        watched = [
            metric["Dimensions"][0]["Value"]["Ref"]
            for name, alarm in alarms(template).items()
            if name in {"FunctionErrorsAlarm", "FunctionThrottlesAlarm", "PagesErrorsAlarm"}
            for metric in metrics(alarm)
            if (metric["Namespace"], metric["MetricName"]) == ("AWS/Lambda", wanted)
        ]
        assert sorted(watched) == sorted(functions(template))


def test_no_alarm_adds_up_more_metrics_than_cloudwatch_takes(template: dict[str, Any]) -> None:
    """Ten; CloudFormation learns that from CloudWatch when it is too late."""
    for name, alarm in alarms(template).items():
        assert len(list(metrics(alarm))) <= 10, name


def test_alarms_go_to_the_named_topic(template: dict[str, Any]) -> None:
    for name, alarm in alarms(template).items():
        (action,) = alarm["AlarmActions"]
        assert action["Fn::If"][:2] == ["SomebodyIsTold", {"Ref": "AlarmTopic"}], name


@pytest.fixture
def widgets(template: dict[str, Any]) -> list[dict[str, Any]]:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def test_the_dashboard_shows_metrics_there_are(
    template: dict[str, Any], widgets: list[dict[str, Any]]
) -> None:
    assert len(widgets) >= 6
    for widget in widgets:
        for namespace, metric, *dimensions in widget["properties"]["metrics"]:
            if namespace == "${AWS::StackName}":
                assert_counted(metric, widget["properties"]["title"])
                assert dimensions[0] == "service"
            else:
                assert metric in PLATFORM[namespace]
            for name in re.findall(r"\$\{(\w+)", " ".join(dimensions)):
                assert name == "AWS" or name in template["Resources"]


def test_metrics_of_two_stacks_do_not_mix(template: dict[str, Any]) -> None:
    for function in functions(template).values():
        namespace = function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        assert namespace == {"Ref": "AWS::StackName"}

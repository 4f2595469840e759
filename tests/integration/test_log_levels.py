"""The level that operators choose is the one that counts, and no metric is lost by it.

Lambda filters by a rule of its own
(docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html): a line without a
level that it knows, or without a moment of RFC 3339, is INFO to it.
"""

import json
import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import botocore.session
import pytest
from helpdesk import telemetry

from tests.integration.conftest import ROOT, functions

LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
CHOICES = ["DEBUG", "INFO", "WARN", "ERROR"]


def passes(line: dict[str, Any], least: str) -> bool:
    """Tell whether Lambda sends a line of JSON to the log where `least` is the level."""
    level, moment = line.get("level", "").upper(), line.get("timestamp", "")
    if level not in LEVELS or not is_a_moment(moment):
        level = "INFO"
    return LEVELS.index(level) >= LEVELS.index(least)


def is_a_moment(text: str) -> bool:
    form = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
    return bool(re.fullmatch(form, text)) and datetime.fromisoformat(text) is not None


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a door that has no logger yet: a logger takes its level when it is made."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "helpdesk")
    return f"leveled-{uuid4()}"


def in_the_log(capsys: pytest.CaptureFixture[str], least: str) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in written if passes(line, least)]


def test_each_function_has_the_level_that_the_operator_chooses(template: dict[str, Any]) -> None:
    model = botocore.session.get_session().get_service_model("lambda")
    known = model.shape_for("LoggingConfig").members

    for function in functions(template).values():
        assert function["LoggingConfig"] == {
            "LogFormat": "JSON",
            "ApplicationLogLevel": {"Ref": "LogLevel"},
            "SystemLogLevel": {"Ref": "SystemLogLevel"},
        }
    chosen = template["Parameters"]
    assert chosen["LogLevel"]["AllowedValues"] == CHOICES
    assert known["ApplicationLogLevel"].enum == LEVELS
    assert set(CHOICES) <= set(LEVELS)
    system = known["SystemLogLevel"].enum
    assert set(chosen["SystemLogLevel"]["AllowedValues"]) <= set(system)


@pytest.mark.parametrize("least", CHOICES)
def test_what_is_counted_reaches_the_log_at_each_level(
    service: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    least: str,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", least)
    telemetry.count(service, "Answered")
    telemetry.tell(service, "answered")
    telemetry.count(service, "Answered", 2)
    telemetry.waited(service, "OldestReceived", 300)
    telemetry.flush(service)
    telemetry.flush(service)

    lines = [line for line in in_the_log(capsys, least) if "_aws" in line]
    counted = [line.get("Answered", 0) for line in lines]
    assert sum(sum(each) if isinstance(each, list) else each for each in counted) == 3
    assert [line["OldestReceived"] for line in lines if "OldestReceived" in line] == [300]
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert (directive["Namespace"], directive["Dimensions"]) == ("helpdesk", [["service"]])
        assert line["service"] == service
        assert {each["Name"] for each in directive["Metrics"]} <= line.keys()


@pytest.mark.parametrize("least", CHOICES)
def test_a_line_is_logged_from_its_level_on(
    service: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    least: str,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", least)
    log = telemetry.logger(service)
    for level, write in zip(CHOICES, (log.debug, log.info, log.warning, log.error), strict=True):
        write(level)

    assert [line["message"] for line in in_the_log(capsys, least)] == CHOICES[
        CHOICES.index(least) :
    ]


def test_no_metric_is_written_in_another_way() -> None:
    """The library's own writes a line without a level, which Lambda drops from WARN on."""
    for folder in ("functions", "layers/core/python/helpdesk"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"flush_metrics|log_metrics|single_metric", path.read_text()), path

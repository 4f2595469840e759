"""The bill: what is counted for how many queries."""

import pytest
from cfnlint.decode import decode

from infra.deploying.stack import TEMPLATE
from infra.measuring import bill
from infra.measuring.bill import Starts, Use
from infra.measuring.standing import Standing, standing

USE = Use(
    intake_seconds=0.02,
    worker_seconds=0.02,
    reconciler_seconds=0.1,
    starts=Starts(intake=0.5, worker=1.0, reconciler=0.4),
    write_units={1_000: 18.0, 10_000_000: 16.0},
    read_units=3,
    stored_bytes=2_000,
    indexed_bytes=1_000,
    logged_bytes=600,
    reconciler_units=10,
    reconciler_bytes=200,
    standing=Standing(
        queues=4,
        alarms=12,
        watched=17,
        dashboards=1,
        metrics=6,
        recoverable=3,
        gigabytes={"intake": 0.5, "worker": 2.0, "reconciler": 0.5},
        keys={"intake": 2, "worker": 3, "reconciler": 2},
    ),
)


def part(name: str) -> bill.Part:
    return next(each for each in bill.parts(USE) if each.name == name)


def test_write_units_are_by_the_queries_of_the_month() -> None:
    few, many = part("DynamoDB").dollars(1_000), part("DynamoDB").dollars(10_000_000)

    assert few == pytest.approx(1_000 * (18 * bill.WRITE_UNIT + 3 * bill.READ_UNIT))
    assert many == pytest.approx(10_000_000 * (16 * bill.WRITE_UNIT + 3 * bill.READ_UNIT))
    assert part("DynamoDB").dollars(0) == 0
    with pytest.raises(KeyError):
        part("DynamoDB").dollars(5)


def test_a_poll_is_paid_once_whether_it_brings_a_message_or_none() -> None:
    sqs = part("SQS")

    assert sqs.dollars(0) == pytest.approx(15 * 43_200 * bill.QUEUE_REQUEST)
    assert sqs.dollars(10_000_000) == pytest.approx(30_000_000 * bill.QUEUE_REQUEST)


def test_the_sum_is_the_sum_of_the_table() -> None:
    parts = bill.parts(USE)
    total = bill.dollars(parts, 10_000_000)

    assert total == pytest.approx(sum(each.dollars(10_000_000) for each in parts))
    assert f"**{total:,.2f}**" in bill.table(parts, [10_000_000])[-1]


def test_an_idle_month_costs_what_stands_and_polls_and_nothing_of_a_query() -> None:
    minutes = 43_200
    polled = 4 * 15 * minutes * bill.QUEUE_REQUEST
    reconciled = minutes * (
        bill.LAMBDA_REQUEST
        + 0.5 * 0.1 * bill.LAMBDA_GB_SECOND
        + 10 * bill.READ_UNIT
        + 200e-9 * bill.LOGGED_GB
    )
    started = bill.cold_starts(minutes) * 0.5 * 0.4 * bill.LAMBDA_GB_SECOND
    opened = 2 * minutes / 5 * bill.KEY_REQUEST
    seen = 17 * bill.ALARM + bill.DASHBOARD
    together = polled + reconciled + started + opened + seen

    parts = bill.parts(USE)
    assert bill.dollars(parts, 0) == pytest.approx(together)
    assert f"**{together:.2f}**" in bill.idle_month(parts)[-1]
    assert not any("Metrics" in line for line in bill.idle_month(parts))


def test_metrics_are_charged_in_a_month_with_queries_only() -> None:
    assert part("Metrics").dollars(0) == 0
    assert part("Metrics").dollars(1_000) == pytest.approx(6 * bill.METRIC)


def test_starts_are_charged_like_any_other_time() -> None:
    """A question in 43 minutes finds nothing warm; four a second share an environment."""
    starts = part("Lambda, cold starts")
    one = (0.5 * 0.5 + 2.0 * 1.0) * bill.LAMBDA_GB_SECOND

    assert starts.dollars(0) == 0
    assert starts.dollars(1_000) == pytest.approx(1_000 * one, rel=0.15)
    assert starts.dollars(10_000_000) == pytest.approx(360 * one, rel=0.01)


def test_recovery_is_charged_by_the_table_and_storage_with_its_indexes() -> None:
    million = 1_000_000

    recovery = part("DynamoDB, point-in-time recovery").dollars(million)
    assert recovery == pytest.approx(2 * bill.RECOVERABLE_GB)
    assert part("DynamoDB, kept a month").dollars(million) == pytest.approx(3 * bill.STORED_GB)


def test_keys_are_asked_for_by_more_functions_once_there_are_queries() -> None:
    keys = part("KMS, the tables' keys")

    assert keys.dollars(1_000) / keys.dollars(0) == pytest.approx(7 / 2)


def test_what_stands_is_counted_in_the_template() -> None:
    template, _ = decode(str(TEMPLATE))
    text = TEMPLATE.read_text()

    found = standing(template)

    asked_on_demand = text.count(" Enabled: !If")
    only_with_an_engine = 1
    asked_always = text.count("[ReportBatchItemFailures]") - asked_on_demand - only_with_an_engine
    assert found.queues == asked_always
    assert found.alarms == text.count("Type: AWS::CloudWatch::Alarm\n    Properties")
    calculated = text.count("      Metrics:\n")
    assert found.watched == found.alarms - calculated + text.count("\n          MetricStat:\n")
    assert (found.queues, found.dashboards) == (4, 1)
    assert found.recoverable == text.count("PointInTimeRecoveryEnabled: true")
    own = {name for name in ("Received", "Answered", "LimiterFailed") if f'"{name}"' in text}
    assert found.metrics >= len(own) > 1
    assert (
        found.gigabytes["worker"] * 1024
        == template["Resources"]["WorkerFunction"]["Properties"]["MemorySize"]
    )


def test_another_alarm_queue_table_or_metric_is_charged() -> None:
    template, _ = decode(str(TEMPLATE))
    before = standing(template)
    resources = template["Resources"]
    resources["MoreAlarm"] = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": {"Ref": "AWS::StackName"},
            "MetricName": "Anew",
            "Dimensions": [{"Name": "service", "Value": "worker"}],
        },
    }
    resources["MorePolls"] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {}}
    resources["MoreTable"] = resources["TicketsTable"]
    variables = resources["ReconcilerFunction"]["Properties"]["Environment"]["Variables"]
    variables["MORE"] = {"Ref": "MoreTable"}

    after = standing(template)

    assert after.watched == before.watched + 1
    assert after.metrics == before.metrics + 1
    assert after.queues == before.queues + 1
    assert after.recoverable == before.recoverable + 1
    assert after.keys["reconciler"] == before.keys["reconciler"] + 1

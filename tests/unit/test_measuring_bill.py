"""The bill: what is counted for how many queries."""

import pytest

from infra.measuring import bill
from infra.measuring.bill import Use

USE = Use(
    intake_seconds=0.02,
    worker_seconds=0.02,
    reconciler_seconds=0.1,
    write_units={1_000: 18.0, 10_000_000: 16.0},
    read_units=3,
    stored_bytes=2_000,
    logged_bytes=600,
    alarms=13,
    metrics=6,
)


def part(name: str) -> bill.Part:
    return next(each for each in bill.parts(USE) if each.name == name)


def test_write_units_are_by_the_queries_of_the_month() -> None:
    few, many = part("DynamoDB").dollars(1_000), part("DynamoDB").dollars(10_000_000)

    assert few == pytest.approx(1_000 * (18 * bill.WRITE_UNIT + 3 * bill.READ_UNIT))
    assert many == pytest.approx(10_000_000 * (16 * bill.WRITE_UNIT + 3 * bill.READ_UNIT))
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

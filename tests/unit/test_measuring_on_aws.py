"""What docs say of AWS's limits and bill is what the code calculates."""

import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from helpdesk.access import ALPHABET, new_ticket_id
from helpdesk.aws import items
from helpdesk.limits import Bucket, Gate, Limit

from infra.measuring import bill, limits, on_aws, table_cost
from infra.measuring.measured import Measured
from infra.measuring.query_places import ANSWERED, FOR_A_PERSON, SPREAD, largest_share, touched
from infra.measuring.sections import REPORT
from infra.paths import ROOT
from tests.buckets import InMemoryBuckets

MEASURED = Measured.last()
AGAIN = "write it again: python -m infra.measuring.on_aws"


def test_the_document_says_what_is_calculated() -> None:
    report = REPORT.read_text()

    assert on_aws.rewritten(report, MEASURED) == report, AGAIN


def test_aws_allows_two_thousand_questions_a_second() -> None:
    first, *others = limits.limits(MEASURED)

    assert first.queries >= limits.LEAST
    assert all(each.queries >= first.queries for each in others)


def test_each_index_and_table_that_a_question_writes_is_among_the_limits() -> None:
    named = {each.what for each in limits.limits(MEASURED)}

    for table, index in touched(ANSWERED).writes:
        assert f"{table.capitalize()}, {index or 'the table'}, writes" in named
    for index in SPREAD:
        if touched(ANSWERED).hottest(index):
            assert f"Tickets, {index}, its fullest partition" in named
    assert not touched(ANSWERED).shared_writes, "all questions write one partition of a table"
    assert not touched(FOR_A_PERSON).shared_writes


def test_a_question_for_a_person_touches_the_list_of_agents() -> None:
    assert touched(FOR_A_PERSON).writes["tickets", "by-state"]
    assert ("tickets", "by-state") not in touched(ANSWERED).writes


def test_the_share_of_the_fullest_partition_is_that_of_real_ids() -> None:
    drawn = Counter(items.shard("intake", new_ticket_id()) for _ in range(20_000))

    share = max(drawn.values()) / drawn.total()
    assert share == pytest.approx(SPREAD["by-awaiting"], abs=0.02)
    assert largest_share(lambda _: "one") == 1
    assert largest_share(lambda each: each) == 1 / len(ALPHABET)
    assert SPREAD["happened"] == largest_share(lambda each: items.shard_of(date(2026, 1, 1), each))


def test_four_partitions_by_the_number_of_a_character_were_too_few() -> None:
    """The alphabet of ids lacks four letters, so the numbers of its characters are not even."""
    share = largest_share(lambda ticket_id: str(int(ticket_id[-1], 36) % 4))

    written = touched(ANSWERED).fullest["by-awaiting"]
    assert limits.PARTITION_WRITES / (share * written) < limits.LEAST
    assert SPREAD["by-awaiting"] == 1 / items.SHARDS_OF_WHAT_IS_AWAITED
    assert SPREAD["by-state"] == 1 / items.SHARDS_OF_A_LIST
    assert SPREAD["happened"] == 1 / items.SHARDS_OF_A_DAY


def test_the_tickets_table_has_no_stream_and_grows_as_assumed() -> None:
    table = table_cost.template()["Resources"]["TicketsTable"]["Properties"]

    assert "StreamSpecification" not in table
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    warm = {"WriteUnitsPerSecond": {"Ref": "WarmWrites"}}
    assert table["WarmThroughput"] == {
        "Fn::If": ["TicketsAreWarmed", warm, {"Ref": "AWS::NoValue"}]
    }
    pattern = table_cost.template()["Parameters"]["WarmWrites"]["AllowedPattern"]
    assert re.fullmatch(pattern, str(limits.warmed(MEASURED)))
    assert re.fullmatch(pattern, "")


def test_a_busy_application_is_written_as_often_as_calculated() -> None:
    """Two thousand POSTs a second for ten seconds, spread by chance over busy environments."""
    rate, seconds = limits.LEAST, 10
    limit, chance = Limit(rate, 2 * rate), random.Random(1)  # noqa: S311 -- the same each time
    buckets = InMemoryBuckets()
    environments = round(rate * 2 * MEASURED.intake_seconds)
    gates = [Gate(buckets, pytest.fail) for _ in range(environments)]

    for number in range(rate * seconds):
        at = datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC) + timedelta(seconds=number / rate)
        chance.choice(gates).admit(Bucket("application", "shop", limit), now=at)

    written = limits.WRITES_OF_A_BUSY_BUCKET * buckets.asked / (rate * seconds)
    assert written == pytest.approx(limits.written_for_a_post(MEASURED), rel=0.5)


def test_at_the_end_of_a_minute_each_post_is_counted_by_itself() -> None:
    """As docs/benchmarks.md says, with what follows from it."""
    limit, buckets = Limit(limits.LEAST, 2 * limits.LEAST), InMemoryBuckets()
    gate = Gate(buckets, pytest.fail)

    for number in range(100):
        at = datetime(2026, 1, 1, 0, 0, 59, tzinfo=UTC) + timedelta(milliseconds=number)
        gate.admit(Bucket("application", "shop", limit), now=at)

    assert buckets.asked == 100


def test_an_idle_stack_costs_what_the_readme_says() -> None:
    """Each sum of its paragraph, and every part that is more than a few cents."""
    paragraph = next(
        each for each in (ROOT / "README.md").read_text().split("\n\n") if "An idle stack" in each
    )
    said = [float(each) for each in re.findall(r"\$(\d+(?:\.\d+)?)", paragraph)]
    parts = {each.name: each.dollars(0) for each in bill.parts(on_aws.use(MEASURED))}
    ceiling, *sums = said
    queues = parts["SQS"] + parts["SQS, other queues"]
    clock = sum(cost for name, cost in parts.items() if "reconciler" in name)

    assert ceiling - 1 < sum(parts.values()) < ceiling
    for cost in (
        parts["Alarms"],
        parts["Dashboard"],
        queues,
        clock,
        parts["KMS, the tables' keys"],
    ):
        assert f"{cost:.2f}" in [f"{each:.2f}" for each in sums]
    assert len(sums) == 5
    there = on_aws.use(MEASURED).standing
    assert f"{there.watched} metrics" in paragraph
    assert there.queues == 4
    assert "four queues" in paragraph
    assert f"under ${ceiling:.0f} a month" in (ROOT / "README.md").read_text().split("\n\n```")[0]


def test_a_long_wait_costs_several_answered_queries() -> None:
    used = on_aws.use(MEASURED)
    found = on_aws.beside(used, bill.parts(used))

    assert found["a GET that waits 20 s in vain"] > 5 * found["answered query"]

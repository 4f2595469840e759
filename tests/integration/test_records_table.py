"""The table of records: each customer's own, the same road for what is not there and not theirs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from helpdesk.aws import clients
from helpdesk.aws.records import DynamoRecords
from helpdesk.records import (
    Holding,
    Order,
    Record,
    RecordsUnavailableError,
)
from helpdesk.ticket import Customer, CustomerKey

from tests.fakes import Clock
from tests.integration.conftest import Stack
from tests.integration.recorded_calls import recording

KIM, LEE = Customer(email="kim@shop.example"), Customer(email="lee@shop.example")
OLD = Order(number="A-1001", status="delivered", placed_on=date(2026, 1, 5), open=False)
NEW = Order(
    number="1002",
    status="shipped",
    placed_on=date(2026, 2, 20),
    expected_on=date(2026, 3, 4),
    carrier="Redpost",
    tracking="https://track.example/1002",
    items=("Lamp", "2 mugs"),
)
FOREIGN = Order(number="2001", status="placed")
RECORD = Record(fields=(("lead_score", "85"), ("name", "Kim")))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(stack: Stack, clock: Clock) -> Iterator[DynamoRecords]:
    kept = DynamoRecords(clients.table(stack.outputs["RecordsTable"]), clock)
    until = clock() + timedelta(days=30)
    (of_kim,), (of_lee,) = KIM.keys, LEE.keys
    kept.put(Holding(key=of_kim, record=RECORD, orders=(OLD, NEW)), expires_at=until)
    kept.put(Holding(key=of_lee, orders=(FOREIGN,)), expires_at=until)
    return kept


def test_a_customer_has_orders_and_a_record(records: DynamoRecords) -> None:
    assert records.orders(KIM) == (NEW, OLD)
    assert records.orders(KIM, "1002") == (NEW,)
    assert records.customer(KIM) == RECORD
    assert records.customer(LEE) is None


@pytest.mark.parametrize("spelled", ["a-1001", "#A-1001", " A-1001 ", "\uff21-1001"])
def test_a_number_is_found_as_people_spell_it(records: DynamoRecords, spelled: str) -> None:
    assert records.orders(KIM, spelled) == (OLD,)


def test_a_key_is_found_in_whichever_case_it_was_typed(records: DynamoRecords) -> None:
    assert records.orders(Customer(email="Kim@Shop.example"), "1002") == (NEW,)


@pytest.mark.parametrize("number", ["2001", "9999", "", "#", "x" * 4000, "\ud83d", None])
def test_no_customer_reads_the_order_of_another(records: DynamoRecords, number: str | None) -> None:
    assert FOREIGN not in records.orders(KIM, number)


def test_who_is_not_verified_has_no_records(records: DynamoRecords) -> None:
    visitor = Customer(email="kim@shop.example", verified=False)

    assert records.orders(visitor) == records.orders(visitor, "1002") == ()
    assert records.customer(visitor) is None


@pytest.mark.parametrize("principal", [KIM, Customer(email="kim@shop.example", verified=False)])
def test_not_there_not_theirs_and_not_proven_are_the_same_calls(
    stack: Stack, records: DynamoRecords, principal: Customer
) -> None:
    seen = []
    for number in ("9999", "2001", "1002"):
        with recording(stack) as calls:
            records.orders(principal, number)
        seen.append([(call.action, call.resource) for call in calls])

    assert seen == [[("dynamodb:GetItem", "RecordsTable")]] * 3


def test_a_customer_of_two_keys_has_the_orders_of_both(
    records: DynamoRecords, clock: Clock
) -> None:
    both = Customer(email="kim@shop.example", reference="C-7")
    records.put(
        Holding(key=both.keys[1], orders=(FOREIGN, NEW)), expires_at=clock() + timedelta(days=1)
    )

    assert records.orders(both) == (NEW, OLD, FOREIGN)


def test_what_has_expired_is_not_read(records: DynamoRecords, clock: Clock) -> None:
    clock.advance(timedelta(days=30))

    assert records.orders(KIM) == records.orders(KIM, "1002") == ()
    assert records.customer(KIM) is None


def test_the_table_holds_no_key_of_a_customer(stack: Stack, records: DynamoRecords) -> None:
    found = clients.dynamodb().scan(TableName=stack.outputs["RecordsTable"])["Items"]

    assert len(found) == 4
    assert "shop.example" not in repr(found)
    assert {item["expires_at"] for item in found} == {
        int(datetime(2026, 4, 1, 9, tzinfo=UTC).timestamp())
    }


def test_it_tells_whether_records_are_kept(records: DynamoRecords, clock: Clock) -> None:
    assert not records.kept()
    records.note_import(clock())

    assert records.kept()


def test_a_customer_is_forgotten_and_no_other(records: DynamoRecords) -> None:
    assert records.forget(KIM.keys) == 3
    assert records.held(KIM.keys[0]) == Holding(key=KIM.keys[0])
    assert records.held(LEE.keys[0]).orders == (FOREIGN,)
    assert records.forget((CustomerKey.typed("reference:C-9"),)) == 0


def test_a_table_that_does_not_answer_is_said_without_the_customer(clock: Clock) -> None:
    class Down:
        def __getattr__(self, name: str) -> object:
            def fail(**_: object) -> None:
                raise ClientError({"Error": {"Code": "Throttled", "Message": "kim"}}, name)

            return fail

    records = DynamoRecords(clients.Table("records", Down()), clock)
    for ask in (lambda: records.orders(KIM), lambda: records.customer(KIM), records.kept):
        with pytest.raises(RecordsUnavailableError) as told:
            ask()
        assert "kim" not in str(told.value)

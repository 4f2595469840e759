"""The exam of the ports, third part: which keys are one customer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from helpdesk import belonging, erasure
from helpdesk.belonging import Bond, Decision
from helpdesk.ticket import Customer, CustomerKey

from tests.fakes import LEAD, MORNING
from tests.integration.conftest import Stack
from tests.integration.recorded_calls import recording
from tests.integration.test_ports import (  # noqa: F401 -- fixtures
    IDS,
    Ports,
    aws_ports,
    opened,
    ports,
)

ADA, WORK, SHOP, NAME = map(
    CustomerKey.typed, ("ada@x.example", "ada@work.example", "C-1", "name:Ada")
)
DAY = timedelta(days=1)
BOND = Bond(one=ADA, other=SHOP, expires_at=MORNING + 800 * DAY)
DECISION = Decision(
    one=ADA, other=WORK, together=True, by="lena", at=MORNING, reason="the same phone #"
)


def seen_from(key: CustomerKey, tie: Any) -> Any:
    return replace(tie, one=key, other=tie.one)


class TestBonds:
    def test_a_ticket_that_shows_two_keys_ties_them_both_ways(self, ports: Ports) -> None:  # noqa: F811
        change = opened(email="Ada@x.example", reference="C-1", name="ADA")
        ports.tickets.commit(change)

        bonds = ports.tickets.bonds
        assert {each.other for each in bonds.of(ADA)} == {SHOP, NAME}
        assert [each.other for each in bonds.of(NAME)] == [ADA]
        assert list(bonds.of(SHOP)) == [seen_from(SHOP, BOND)]

    @pytest.mark.parametrize(
        "customer",
        [
            {},
            {"email": "ada@x.example"},
            {"name": "Ada"},
            {"email": "ada@x.example", "reference": "C-1", "name": "Ada", "verified": False},
        ],
    )
    def test_one_key_alone_and_what_is_not_verified_tie_nothing(
        self,
        ports: Ports,  # noqa: F811
        customer: dict[str, Any],
    ) -> None:
        ports.tickets.commit(opened(**customer))

        assert [list(ports.tickets.bonds.of(key)) for key in (ADA, SHOP, NAME)] == [[], [], []]

    def test_a_bond_is_stored_again_only_if_it_expires_too_early(self, ports: Ports) -> None:  # noqa: F811
        bonds = ports.tickets.bonds
        later = replace(BOND, expires_at=BOND.expires_at + DAY)
        bonds.note([BOND], needed_until=MORNING)

        bonds.note([later], needed_until=BOND.expires_at)
        assert list(bonds.of(ADA)) == [BOND]
        bonds.note([later], needed_until=BOND.expires_at + DAY)
        assert list(bonds.of(ADA)) == [later]

    def test_decisions_come_oldest_first_from_both_sides(self, ports: Ports) -> None:  # noqa: F811
        later = replace(DECISION, together=False, at=MORNING + DAY)
        bonds = ports.tickets.bonds
        for each in (DECISION, later):
            bonds.decide(each)

        assert list(bonds.decisions(ADA)) == [DECISION, later]
        assert list(bonds.decisions(WORK)) == [seen_from(WORK, DECISION), seen_from(WORK, later)]
        assert list(bonds.of(ADA)) == []

    def test_what_is_removed_is_gone_from_both_sides(self, ports: Ports) -> None:  # noqa: F811
        bonds = ports.tickets.bonds
        bonds.note([BOND], needed_until=MORNING)
        bonds.decide(DECISION)

        for _ in range(2):
            bonds.remove([seen_from(SHOP, BOND), seen_from(WORK, DECISION)])

        for key in (ADA, SHOP, WORK):
            assert [*bonds.of(key), *bonds.decisions(key)] == []


class TestSpellings:
    def test_the_form_of_unicode_does_not_matter(self, ports: Ports) -> None:  # noqa: F811
        forms = ("Ren\u00e9e@x.example", "RENE\u0301E@x.example")
        for number, email in enumerate(forms):
            ports.tickets.commit(opened(IDS[number], email=email, now=MORNING + number * DAY))

        for email in forms:
            found = ports.tickets.of_customer(Customer(email=email))
            assert [each.id for each in found] == [IDS[1], IDS[0]]

    def test_who_is_not_verified_is_listed_apart(self, ports: Ports) -> None:  # noqa: F811
        for number, verified in enumerate((True, False)):
            ports.tickets.commit(opened(IDS[number], email="ada@x.example", verified=verified))

        for number, verified in enumerate((True, False)):
            customer = Customer.known_by(ADA, verified=verified)
            assert [each.id for each in ports.tickets.of_customer(customer)] == [IDS[number]]


def test_a_customer_who_comes_back_costs_one_read_and_no_write(
    stack: Stack,
    aws_ports: tuple[Any, ...],  # noqa: F811
) -> None:
    tickets = aws_ports[0]
    who = {"email": "ada@x.example", "reference": "C-1", "name": "Ada"}
    actions = []
    for number in range(2):
        with recording(stack) as calls:
            tickets.commit(opened(IDS[number], **who))
        actions.append([call.action for call in calls])
    with recording(stack) as alone:
        tickets.commit(opened(IDS[2], email="bob@x.example"))

    puts = ["dynamodb:PutItem"]
    assert actions == [["dynamodb:BatchGetItem", *4 * puts, *2 * puts],
                       ["dynamodb:BatchGetItem", *2 * puts]]  # fmt: skip
    assert [call.action for call in alone] == 2 * puts


@pytest.mark.parametrize("died_at", range(1, 7))
def test_if_the_process_dies_the_next_ticket_brings_what_is_missing(
    stack: Stack,
    aws_ports: tuple[Any, ...],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    died_at: int,
) -> None:
    """At each call of a submission."""
    tickets, calls = aws_ports[0], []
    really = BaseClient._make_api_call

    def die(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        calls.append(operation)
        if len(calls) == died_at:
            raise KeyboardInterrupt
        return really(self, operation, given)

    who = {"email": "ada@x.example", "reference": "C-1", "name": "Ada"}
    with monkeypatch.context() as dying:
        dying.setattr(BaseClient, "_make_api_call", die)
        with pytest.raises(KeyboardInterrupt):
            tickets.commit(opened(IDS[0], **who))
    assert tickets.get(IDS[0]) is None

    tickets.commit(opened(IDS[1], **who))

    for text in ("ada@x.example", "C-1", "Ada"):
        person = belonging.whose(text, tickets)
        assert [each.id for each in belonging.tickets_of(person, tickets)] == [IDS[1]]


def test_more_ties_than_a_transaction_takes_go_with_the_last_ticket(
    stack: Stack,
    aws_ports: tuple[Any, ...],  # noqa: F811
) -> None:
    tickets = aws_ports[0]
    change = opened(email="ada@x.example", name="Ada")
    tickets.commit(change)
    many = [replace(BOND, other=CustomerKey.typed(f"C-{number}")) for number in range(60)]
    tickets.bonds.note(many[:30], needed_until=MORNING)
    tickets.bonds.note(many[30:], needed_until=MORNING)

    erasure.erase_ticket(IDS[0], LEAD, tickets=tickets, clock=lambda: MORNING)

    left = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"]).scan()["Items"]
    assert [item["sk"] for item in left] == ["ERASURE"]

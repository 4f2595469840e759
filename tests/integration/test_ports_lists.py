"""The exam of the ports, second part: lists, events, erasing, several things awaited."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from helpdesk import erasure, stats, ticket
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ports import ConflictError
from helpdesk.priority import Tier
from helpdesk.ticket import (
    Agent,
    Await,
    Awaiting,
    Change,
    Customer,
    Listing,
    Role,
    State,
    Ticket,
    awaits,
)

from tests.fakes import ADA, MORNING, PATIENCE, InMemoryRoster, InMemoryTickets
from tests.integration.conftest import Stack
from tests.integration.test_ports import (  # noqa: F401 -- fixtures
    IDS,
    LEASE,
    SECOND,
    Ports,
    answered,
    aws_ports,
    escalated,
    opened,
    ports,
)

HOUR = timedelta(hours=1)
LATE = MORNING + PATIENCE
ADAS = Customer(email="ada@example.com")


def committed(tickets: Any, *changes: Change) -> Change:
    for change in changes:
        tickets.commit(change)
    return changes[-1]


def ids(tickets: Any) -> list[str]:
    return [each.id for each in tickets]


class TestListings:
    def test_what_is_received_is_listed_oldest_first(self, ports: Ports) -> None:  # noqa: F811
        for number in (2, 0, 1):
            committed(ports.tickets, opened(IDS[number], now=MORNING + number * SECOND))

        assert ids(ports.tickets.listed(Listing.RECEIVED)) == IDS[:3]
        assert ids(ports.tickets.listed(Listing.ESCALATED)) == []

    def test_what_waits_for_people_is_listed_as_it_is_due(self, ports: Ports) -> None:  # noqa: F811
        for number, tier in ((0, Tier.STANDARD), (1, Tier.VIP)):
            change = committed(
                ports.tickets, opened(IDS[number], now=MORNING + number * SECOND, tier=tier)
            )
            committed(ports.tickets, escalated(change.after))

        assert ids(ports.tickets.listed(Listing.ESCALATED)) == [IDS[1], IDS[0]]

    def test_the_oldest_is_who_waits_longest_not_who_is_due_first(self, ports: Ports) -> None:  # noqa: F811
        assert ports.tickets.oldest(Listing.RECEIVED) is None
        for number, tier in ((0, Tier.STANDARD), (1, Tier.VIP)):
            now = MORNING + number * SECOND
            change = committed(ports.tickets, opened(IDS[number], now=now, tier=tier))
            assert ports.tickets.oldest(Listing.RECEIVED) == now
            committed(ports.tickets, escalated(change.after))

        assert ports.tickets.oldest(Listing.ESCALATED) == MORNING
        assert ports.tickets.oldest(Listing.RECEIVED) is None

    def test_what_sleeps_is_listed_apart_as_it_wakes(self, ports: Ports) -> None:  # noqa: F811
        for number, hours in ((0, 2), (1, 1)):
            change = committed(ports.tickets, opened(IDS[number]))
            change = committed(ports.tickets, escalated(change.after))
            now = change.after.updated_at
            change = committed(
                ports.tickets, ticket.claim(change.after, ADA, now=now, length=LEASE)
            )
            until = now + hours * HOUR
            committed(ports.tickets, ticket.snooze(change.after, ADA, until=until, now=now))

        assert ids(ports.tickets.listed(Listing.SNOOZED)) == [IDS[1], IDS[0]]
        assert ids(ports.tickets.listed(Listing.ESCALATED)) == []

    def test_what_is_done_is_listed_by_its_day_the_newest_first(
        self,
        ports: Ports,  # noqa: F811
    ) -> None:
        for number, hours in ((0, 3), (1, 1), (2, 20)):
            change = committed(ports.tickets, opened(IDS[number], now=MORNING + hours * HOUR))
            committed(ports.tickets, answered(change.after))

        today, tomorrow = date(2026, 3, 2), date(2026, 3, 3)
        assert ids(ports.tickets.listed(Listing.ANSWERED, today)) == [IDS[0], IDS[1]]
        assert ids(ports.tickets.listed(Listing.ANSWERED, tomorrow)) == [IDS[2]]
        assert ids(ports.tickets.listed(Listing.CLOSED, today)) == []


class TestCustomers:
    def test_their_tickets_come_newest_first_however_the_address_is_written(
        self,
        ports: Ports,  # noqa: F811
    ) -> None:
        emails = ("bob@example.com", "ADA@example.com", "ada@example.com")
        for number, email in ((1, emails[1]), (2, emails[2]), (0, emails[0])):
            committed(ports.tickets, opened(IDS[number], now=MORNING + number * HOUR, email=email))

        assert ids(ports.tickets.of_customer(ADAS)) == [IDS[2], IDS[1]]

    def test_a_customer_without_a_key_has_none(self, ports: Ports) -> None:  # noqa: F811
        committed(ports.tickets, opened(name="Ada"))

        assert ids(ports.tickets.of_customer(Customer(name="Ada"))) == []


class TestEvents:
    def test_what_happened_in_a_span_comes_oldest_first_without_its_end(
        self,
        ports: Ports,  # noqa: F811
    ) -> None:
        first = committed(ports.tickets, opened(IDS[0]))
        committed(ports.tickets, opened(IDS[1], now=MORNING + HOUR))
        committed(ports.tickets, escalated(first.after))

        found = ports.tickets.happened(MORNING, MORNING + HOUR)

        assert [(each.ticket_id, each.number) for each in found] == [(IDS[0], 1), (IDS[0], 2)]
        assert found[1] == stats.happening(escalated(first.after))

    def test_a_span_over_midnight(self, ports: Ports) -> None:  # noqa: F811
        midnight = MORNING + 15 * HOUR
        for number, now in enumerate((midnight - SECOND, midnight, midnight + SECOND)):
            committed(ports.tickets, opened(IDS[number], now=now))

        found = ports.tickets.happened(midnight - SECOND, midnight + SECOND)

        assert [each.ticket_id for each in found] == IDS[:2]


class TestErasing:
    def record(self) -> erasure.Erasure:
        return erasure.Erasure(ticket_id=IDS[0], by="lena", at=MORNING, key_id="its-key")

    def test_an_erased_ticket_is_gone_and_known_to_be_erased(self, ports: Ports) -> None:  # noqa: F811
        change = committed(ports.tickets, opened(email="ada@example.com"))
        assert not ports.tickets.erased(IDS[0])

        ports.tickets.erase(change.after, self.record())

        assert ports.tickets.erased(IDS[0])
        assert ports.tickets.erased_with(IDS[0], "its-key")
        assert not ports.tickets.erased_with(IDS[0], "another")
        assert not ports.tickets.erased_with(IDS[1], "its-key")
        assert ports.tickets.conversation(IDS[0]) is None
        assert ports.tickets.events(IDS[0]) == ()
        assert ids(ports.tickets.of_customer(ADAS)) == []
        assert ports.tickets.waiting(Awaiting.INTAKE) == 0

    def test_a_ticket_that_moved_is_not_erased(self, ports: Ports) -> None:  # noqa: F811
        change = committed(ports.tickets, opened())
        committed(ports.tickets, answered(change.after))

        with pytest.raises(ConflictError):
            ports.tickets.erase(change.after, self.record())
        assert not ports.tickets.erased(IDS[0])


class TestQueue:
    def test_a_hidden_message_comes_back_after_the_new_time(self, ports: Ports) -> None:  # noqa: F811
        ports.queue.send(IDS[0])
        receipt = ports.queue.receive(timedelta(minutes=1)).receipt

        ports.queue.hide(receipt, timedelta(minutes=5))

        ports.wait(timedelta(minutes=4))
        assert ports.queue.receive(timedelta(minutes=1)) is None
        ports.wait(timedelta(minutes=1) + SECOND)
        assert ports.queue.receive(timedelta(minutes=1)).ticket_id == IDS[0]


@pytest.fixture(params=["memory", "aws"])
def roster(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return InMemoryRoster()
    stack: Stack = request.getfixturevalue("stack")
    return DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))


class TestRoster:
    def test_what_was_put_comes_back(self, roster: Any) -> None:
        bea = Agent("bea", frozenset({Role.AGENT, Role.LEAD}), frozenset({"billing", "orders"}))
        roster.put_agent(bea)
        roster.put_agent(ADA)

        assert roster.agent("bea") == bea
        assert roster.agents() == (ADA, bea)

    def test_a_removed_and_an_unknown_agent_are_nothing(self, roster: Any) -> None:
        roster.put_agent(ADA)
        roster.remove_agent("ada")
        roster.remove_agent("ada")

        assert roster.agent("ada") is None
        assert roster.agents() == ()


def two_things(of: Ticket, patience: timedelta) -> tuple[Await, ...]:
    """Return what a ticket awaits, and a choice beside it while it is received."""
    first = awaits(of, patience)
    if of.state is not State.RECEIVED:
        return first
    return (*first, Await(Awaiting.CHOICE, of.updated_at + HOUR))


@pytest.fixture(params=["memory", "aws"])
def patient(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Tickets that wait for two things at once."""
    if request.param == "memory":
        yield InMemoryTickets(rule=two_things)
        return
    stack: Stack = request.getfixturevalue("stack")
    table = clients.table(stack.outputs["TicketsTable"])
    yield DynamoTickets(table, patience=PATIENCE, rule=two_things)


class TestSeveralThingsAwaited:
    def test_each_becomes_overdue_by_itself(self, patient: Any) -> None:
        committed(patient, opened())

        assert patient.waiting(Awaiting.INTAKE) == patient.waiting(Awaiting.CHOICE) == 1
        assert ids(
            each.ticket for each in patient.overdue(Awaiting.INTAKE, MORNING + PATIENCE)
        ) == [IDS[0]]
        assert list(patient.overdue(Awaiting.CHOICE, MORNING + PATIENCE)) == []
        (late,) = patient.overdue(Awaiting.CHOICE, MORNING + HOUR)
        assert (late.ticket, late.awaiting, late.due, late.nudges) == (
            patient.get(IDS[0]),
            Awaiting.CHOICE,
            MORNING + HOUR,
            0,
        )

    def test_a_nudge_of_one_leaves_the_other_alone(self, patient: Any) -> None:
        committed(patient, opened())
        (late,) = patient.overdue(Awaiting.CHOICE, MORNING + HOUR)

        patient.nudge(late, MORNING + HOUR)

        assert list(patient.overdue(Awaiting.CHOICE, MORNING + HOUR)) == []
        (other,) = patient.overdue(Awaiting.INTAKE, MORNING + HOUR)
        assert other.nudges == 0
        (again,) = patient.overdue(Awaiting.CHOICE, MORNING + HOUR + PATIENCE)
        assert again.nudges == 1
        with pytest.raises(ConflictError):
            patient.nudge(late, MORNING + HOUR)

    def test_what_a_ticket_awaits_no_longer_is_overdue_no_more(self, patient: Any) -> None:
        change = committed(patient, opened())
        committed(patient, escalated(change.after))

        assert patient.waiting(Awaiting.CHOICE) == 0
        assert list(patient.overdue(Awaiting.CHOICE, MORNING + 48 * HOUR)) == []
        assert patient.waiting(Awaiting.ESCALATION) == 1
        assert patient.conversation(IDS[0]).messages == change.messages

    def test_all_of_it_goes_when_the_ticket_is_erased(self, patient: Any) -> None:
        change = committed(patient, opened())
        patient.erase(change.after, erasure.Erasure(ticket_id=IDS[0], by="lena", at=MORNING))

        assert patient.waiting(Awaiting.CHOICE) == 0


def test_an_index_entry_that_is_behind_is_looked_at_again(stack: Stack) -> None:
    """An index of DynamoDB may still name a ticket that moved on, or was put off, or is gone."""
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]), patience=PATIENCE)
    moved, put_off, gone = (committed(tickets, opened(each)) for each in IDS[:3])
    due = LATE.isoformat(timespec="milliseconds")
    entries = [{"pk": f"TICKET#{each}", "sk": "TICKET", "due": due} for each in IDS[:4]]
    late = MORNING + PATIENCE
    committed(tickets, opened(IDS[3]))
    committed(tickets, answered(moved.after))
    (found,) = (each for each in tickets.overdue(Awaiting.INTAKE, late) if each.ticket.id == IDS[1])
    tickets.nudge(found, late)
    tickets.erase(gone.after, erasure.Erasure(ticket_id=IDS[2], by="lena", at=MORNING))
    assert put_off.after.id == IDS[1]

    with mock.patch.object(tickets, "_merged", return_value=iter(entries)):
        assert ids(each.ticket for each in tickets.overdue(Awaiting.INTAKE, late)) == [IDS[3]]


def test_a_lead_leaves_a_record_of_an_override(stack: Stack) -> None:
    table = clients.table(stack.outputs["TicketsTable"])
    tickets = DynamoTickets(table, patience=PATIENCE)
    change = committed(tickets, opened())
    committed(tickets, replace(escalated(change.after), overrides=True))

    record = table.get_item(Key={"pk": f"OVERRIDE#{IDS[0]}", "sk": "EVENT#000002"})

    assert record
    assert record["by"] == "helpdesk"

"""One exam for what is kept of mail in memory and in the tickets table; and that it is erased."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from helpdesk import erasure, ticket
from helpdesk.aws import clients
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.mail import Address, Sign, Standing, ThreadEntry
from helpdesk.outbox import Correspondence, Part
from helpdesk.ports import ConflictError, Letter
from helpdesk.receiving import Held
from helpdesk.ticket import Change, Customer

from tests.fakes import ADA, LEAD, MORNING, InMemoryMailbox, InMemoryTickets
from tests.integration.conftest import Stack

IDS = [f"{number:016}" for number in range(10)]
SECOND = timedelta(seconds=1)
FIRST = Letter(
    key="inbound/1",
    sender="ada@example.com",
    subject="Order",
    standing="proven",
    message_id="1@mail.example.com",
    indexed=True,
)
HELD = Held(
    key="inbound/9",
    at=MORNING,
    expires_at=MORNING + timedelta(days=30),
    sender="eve@example.org",
    subject="Win",
)


@dataclass(frozen=True)
class Ports:
    tickets: Any
    mailbox: Any


@pytest.fixture(params=["memory", "aws"])
def ports(request: pytest.FixtureRequest) -> Iterator[Ports]:
    if request.param == "memory":
        tickets = InMemoryTickets()
        yield Ports(tickets, InMemoryMailbox(tickets))
        return
    stack: Stack = request.getfixturevalue("stack")
    table = clients.table(stack.outputs["TicketsTable"])
    yield Ports(DynamoTickets(table), DynamoMailbox(table))


def opened(ticket_id: str = IDS[0]) -> Change:
    return ticket.submit(
        ticket_id=ticket_id,
        text="Where is my order 12345?",
        customer=Customer(email="ada@example.com"),
        channel="mail",
        token_hash="hash",
        now=MORNING,
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )


class TestThreads:
    def test_the_ticket_of_an_earlier_mail_is_found(self, ports: Ports) -> None:
        ports.tickets.commit(opened(), FIRST)
        said = ticket.follow_up(opened().after, "And now?", now=MORNING + SECOND)
        second = replace(FIRST, key="inbound/2", message_id="2@mail.example.com", number=2)
        ports.tickets.commit(said, second)

        found = ports.mailbox.find(["1@mail.example.com", "2@mail.example.com", "3@x.example"])
        assert found == {
            "1@mail.example.com": ThreadEntry(IDS[0]),
            "2@mail.example.com": ThreadEntry(IDS[0]),
        }
        assert ports.mailbox.find([]) == {}

    def test_a_mail_that_is_not_indexed_is_not_found(self, ports: Ports) -> None:
        ports.tickets.commit(opened(), replace(FIRST, indexed=False))

        assert ports.mailbox.find(["1@mail.example.com"]) == {}

    def test_ids_may_be_any_text(self, ports: Ports) -> None:
        ports.tickets.commit(opened(), replace(FIRST, message_id="ü\x00@x" * 60))

        assert list(ports.mailbox.find(["ü\x00@x" * 60])) == ["ü\x00@x" * 60]

    def test_letters_are_no_part_of_the_conversation_or_the_history(self, ports: Ports) -> None:
        change = opened()
        ports.tickets.commit(change, FIRST)

        assert ports.tickets.conversation(IDS[0]).messages == change.messages
        assert ports.tickets.latest(IDS[0]).messages == change.messages
        assert ports.tickets.events(IDS[0]) == (change.event,)


class TestOnce:
    def test_a_mail_is_taken_with_its_change(self, ports: Ports) -> None:
        assert not ports.mailbox.taken(FIRST.key)
        ports.tickets.commit(opened(), FIRST)

        assert ports.mailbox.taken(FIRST.key)
        assert not ports.mailbox.taken("inbound/2")

    def test_a_mail_that_was_taken_changes_nothing_more(self, ports: Ports) -> None:
        ports.tickets.commit(opened(), FIRST)

        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(IDS[1]), FIRST)
        assert ports.tickets.get(IDS[1]) is None

    def test_a_change_that_is_refused_takes_no_mail(self, ports: Ports) -> None:
        ports.tickets.commit(opened())

        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(), FIRST)
        assert not ports.mailbox.taken(FIRST.key)
        assert ports.mailbox.find(["1@mail.example.com"]) == {}


class TestQuarantine:
    def test_what_is_held_is_listed_by_its_day_newest_first(self, ports: Ports) -> None:
        later = replace(HELD, key="inbound/10", at=MORNING + SECOND, sender=None, subject="")
        other = replace(HELD, key="inbound/11", at=MORNING + timedelta(days=1))
        for each in (HELD, later, other):
            ports.mailbox.hold(each)

        assert list(ports.mailbox.held(MORNING.astimezone(UTC).date())) == [later, HELD]
        assert ports.mailbox.taken(HELD.key)

    def test_it_is_held_once(self, ports: Ports) -> None:
        ports.mailbox.hold(HELD)

        with pytest.raises(ConflictError):
            ports.mailbox.hold(replace(HELD, at=MORNING + SECOND))
        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(), replace(FIRST, key=HELD.key))
        assert list(ports.mailbox.held(MORNING.date())) == [HELD]


class TestErasure:
    def test_the_threads_are_forgotten_and_the_mail_stays_taken(self, ports: Ports) -> None:
        """What the queue brings again must not make a ticket of what was erased."""
        ports.tickets.commit(opened(), FIRST)

        erasure.erase_ticket(IDS[0], LEAD, tickets=ports.tickets, clock=lambda: MORNING)

        assert ports.mailbox.find(["1@mail.example.com"]) == {}
        assert ports.mailbox.taken(FIRST.key)


def test_nothing_of_an_erased_mail_is_left_in_the_table(stack: Stack) -> None:
    table = clients.table(stack.outputs["TicketsTable"])
    tickets = DynamoTickets(table)
    tickets.commit(opened(), FIRST)
    erasure.erase_ticket(IDS[0], LEAD, tickets=tickets, clock=lambda: MORNING)

    left = table.client.scan(TableName=table.name)["Items"]
    assert sorted(each["sk"] for each in left) == ["ERASURE", "MAIL"]
    assert not any(said in str(left) for said in ("ada@", "Order", "1@mail", "inbound/1"))


class TestRelease:
    def test_a_mail_leaves_the_quarantine_with_its_change(self, ports: Ports) -> None:
        ports.mailbox.hold(HELD)
        assert ports.mailbox.held_as(HELD.key) == HELD
        released = replace(FIRST, key=HELD.key, held_at=HELD.at)

        ports.tickets.commit(opened(), released)
        assert ports.mailbox.held_as(HELD.key) is None
        assert list(ports.mailbox.held(MORNING.date())) == []
        assert ports.mailbox.taken(HELD.key)
        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(IDS[1]), released)
        assert ports.tickets.get(IDS[1]) is None

    def test_what_is_forgotten_is_not_released(self, ports: Ports) -> None:
        ports.mailbox.hold(HELD)
        ports.mailbox.forget(HELD)

        assert ports.mailbox.held_as(HELD.key) is None
        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(), replace(FIRST, key=HELD.key, held_at=HELD.at))

    def test_what_was_never_held_is_not_there(self, ports: Ports) -> None:
        assert ports.mailbox.held_as(HELD.key) is None
        ports.tickets.commit(opened(), FIRST)
        assert ports.mailbox.held_as(FIRST.key) is None


class TestAnswering:
    """How a ticket is answered is kept in the step of the letter, and read by the next."""

    ANSWERABLE = replace(
        FIRST, answerable=True, sender_name="Ada", references=("0@x.example",), automatic="list"
    )

    def kept(self, ports: Ports, ticket_id: str = IDS[0]) -> Correspondence | None:
        found: Correspondence | None = ports.tickets.outbox.correspondence(ticket_id)
        return found

    def test_what_is_kept_is_what_the_last_mail_of_the_customer_says(self, ports: Ports) -> None:
        ports.tickets.commit(opened(), self.ANSWERABLE)
        assert self.kept(ports) == Correspondence(
            ticket_id=IDS[0],
            customer=Address("ada@example.com", "Ada"),
            standing=Standing.PROVEN,
            automatic=Sign.LIST,
            subject="Order",
            message_id="1@mail.example.com",
            references=("0@x.example",),
        )
        said = ticket.follow_up(opened().after, "And now?", now=MORNING + SECOND)
        newer = Letter(
            key="inbound/2", sender="ada@example.com", subject="", standing="unproven", number=2
        )
        ports.tickets.commit(said, replace(newer, answerable=True))
        assert self.kept(ports) == Correspondence(
            ticket_id=IDS[0], customer=Address("ada@example.com")
        )

    def test_what_another_person_wrote_is_not_answered(self, ports: Ports) -> None:
        ports.tickets.commit(opened(), self.ANSWERABLE)
        said = ticket.follow_up(opened().after, "I am Bob.", now=MORNING + SECOND, author="bob@x")
        ports.tickets.commit(said, replace(FIRST, key="inbound/2", sender="bob@x.example"))

        found = self.kept(ports)
        assert found
        assert found.customer.address == "ada@example.com"

    def test_a_change_that_is_refused_keeps_nothing(self, ports: Ports) -> None:
        ports.tickets.commit(opened())
        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(), self.ANSWERABLE)
        assert self.kept(ports) is None

    def test_a_root_from_the_web_is_answered_as_what_was_merged_into_it(self, ports: Ports) -> None:
        ports.tickets.commit(opened(), replace(self.ANSWERABLE, automatic=None))
        first = replace(opened(IDS[1]), after=replace(opened(IDS[1]).after, channel="web"))
        ports.tickets.commit(first)
        given_up = ticket.give_up(first.after, now=MORNING)
        ports.tickets.commit(given_up)
        root, member = ticket.merge(given_up.after, opened().after, ADA, now=MORNING)
        ports.tickets.commit(root, also=member)
        claimed = ticket.claim(root.after, ADA, now=MORNING, length=timedelta(minutes=15))
        ports.tickets.commit(claimed)
        ports.tickets.commit(ticket.reply(claimed.after, ADA, "Done.", now=MORNING))

        found = self.kept(ports, IDS[1])
        assert found
        assert (found.ticket_id, found.message_id) == (IDS[1], "1@mail.example.com")
        mail = ports.tickets.outbox.mail(IDS[1], 2)
        assert (mail.recipient, mail.part) == ("ada@example.com", Part.REPLY)

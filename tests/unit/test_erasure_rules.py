"""Who may have a ticket forgotten, what the record says, and what happens when it keeps moving."""

from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk import belonging, erasure, limits
from helpdesk.erasure import Erasure
from helpdesk.moving import ATTEMPTS
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import CUSTOMER, Customer, Ticket

from tests.fakes import LEAD, MORNING, InMemoryTickets, Office

ADA = Customer(email="ada@example.com")


class MovingTickets(InMemoryTickets):
    """Another move comes first, `conflicts` times."""

    def __init__(self) -> None:
        super().__init__()
        self.conflicts = 0
        self.attempts = 0

    def erase(self, ticket: Ticket, erasure: Erasure) -> None:
        self.attempts += 1
        if self.attempts <= self.conflicts:
            raise ConflictError("moved")
        super().erase(ticket, erasure)


@pytest.fixture
def tickets() -> MovingTickets:
    return MovingTickets()


@pytest.fixture
def office(tickets: MovingTickets) -> Office:
    return replace(Office.open(), tickets=tickets)


def by_customer(office: Office, ticket_id: str, token: str) -> None:
    erasure.erase(ticket_id, token, tickets=office.tickets, clock=office.clock)


def by_lead(office: Office, ticket_id: str) -> None:
    erasure.erase_ticket(ticket_id, LEAD, tickets=office.tickets, clock=office.clock)


def all_of(office: Office, customer: Customer) -> tuple[str, ...]:
    person = belonging.person_of(customer.keys[0], office.tickets.bonds)
    return erasure.erase_customer(person, LEAD, tickets=office.tickets, clock=office.clock)


class TestByTheCustomer:
    def test_the_token_erases_its_ticket_and_the_customer_is_on_record(
        self, office: Office
    ) -> None:
        mine, other = office.submit(), office.submit()
        ticket = office.ticket(mine.ticket_id)

        by_customer(office, mine.ticket_id, mine.token)

        assert office.tickets.get(mine.ticket_id) is None
        assert office.tickets.get(other.ticket_id) is not None
        assert office.tickets.erasures == {
            mine.ticket_id: Erasure(
                ticket_id=mine.ticket_id,
                by=CUSTOMER,
                at=office.clock(),
                buckets=(
                    limits.bucket_id("ticket", ticket.token_hash),
                    limits.bucket_id("customer", "EMAIL#ada@example.com"),
                ),
            )
        }

    def test_without_the_token_of_this_very_ticket_it_is_not_found(self, office: Office) -> None:
        mine, other = office.submit(), office.submit()
        wrong = [
            (mine.ticket_id, other.token),
            (mine.ticket_id, ""),
            ("0" * 16, mine.token),
            ("no id", mine.token),
        ]

        for ticket_id, token in wrong:
            with pytest.raises(NotFoundError, match="no such ticket for this token"):
                by_customer(office, ticket_id, token)
        assert len(office.tickets) == 2

    def test_a_token_that_expired_erases_nothing(self, office: Office) -> None:
        mine = office.submit()
        office.clock.advance(office.terms.token_life)

        with pytest.raises(NotFoundError):
            by_customer(office, mine.ticket_id, mine.token)

    def test_what_could_not_be_an_id_is_not_looked_for(self, office: Office) -> None:
        looked: list[str] = []

        class Watched(InMemoryTickets):
            def get(self, ticket_id: str) -> Ticket | None:
                looked.append(ticket_id)
                return super().get(ticket_id)

        for ticket_id in ("0" * 16, "no id"):
            with pytest.raises(NotFoundError):
                by_customer(replace(office, tickets=Watched()), ticket_id, "token")
        assert looked == ["0" * 16]


class TestByALead:
    def test_a_lead_erases_by_the_id_and_is_on_record(self, office: Office) -> None:
        ticket_id = office.submit().ticket_id

        by_lead(office, ticket_id)

        assert office.tickets.get(ticket_id) is None
        assert office.tickets.erasures[ticket_id].by == "lena"

    def test_a_ticket_that_is_not_there_is_not_found(self, office: Office) -> None:
        with pytest.raises(NotFoundError, match="no ticket 0000"):
            by_lead(office, "0000")

    def test_of_a_customer_who_gave_no_name_only_the_tickets_own_count_is_known(
        self, office: Office, tickets: MovingTickets
    ) -> None:
        ticket_id = office.submit().ticket_id
        filed = tickets._files[ticket_id]
        filed.ticket = replace(filed.ticket, customer=Customer())

        by_lead(office, ticket_id)

        assert office.tickets.erasures[ticket_id].buckets == (
            limits.bucket_id("ticket", filed.ticket.token_hash),
        )


class TestAllOfACustomer:
    def test_every_ticket_of_the_customer_goes_and_no_other(
        self, office: Office, tickets: MovingTickets
    ) -> None:
        one, two, other = (office.submit().ticket_id for _ in range(3))
        filed = tickets._files[other]
        filed.ticket = replace(filed.ticket, customer=Customer(email="bob@example.com"))

        assert all_of(office, ADA) == (one, two)
        assert list(office.tickets.erasures) == [one, two]
        assert office.tickets.get(other) is not None

    def test_one_that_was_erased_meanwhile_is_passed_over(self, office: Office) -> None:
        gone, there = office.submit().ticket_id, office.submit().ticket_id
        listed = [office.ticket(gone), office.ticket(there)]
        by_lead(office, gone)
        office.tickets.of_customer = lambda _, **__: listed  # type: ignore[method-assign]

        assert all_of(office, ADA) == (there,)

    def test_without_any_ticket_the_customer_is_not_found(self, office: Office) -> None:
        office.submit()

        with pytest.raises(NotFoundError, match="no ticket of this customer"):
            all_of(office, Customer(email="bob@example.com"))


class TestATicketThatMoves:
    def test_erasing_is_tried_ten_times(self, office: Office, tickets: MovingTickets) -> None:
        ticket_id = office.submit().ticket_id
        tickets.conflicts = 9

        by_lead(office, ticket_id)

        assert tickets.attempts == 10 == ATTEMPTS
        assert tickets.get(ticket_id) is None

    def test_and_then_the_lead_is_told(self, office: Office, tickets: MovingTickets) -> None:
        ticket_id = office.submit().ticket_id
        tickets.conflicts = 10

        with pytest.raises(ConflictError, match=f"ticket {ticket_id} kept changing"):
            by_lead(office, ticket_id)
        assert tickets.get(ticket_id) is not None

    def test_what_it_became_is_erased_not_what_it_was(
        self, office: Office, tickets: MovingTickets
    ) -> None:
        ticket_id = office.submit().ticket_id
        read: list[int] = []
        really = tickets.erase

        def erase(ticket: Ticket, erasure: Erasure) -> None:
            read.append(ticket.version)
            if len(read) == 1:
                office.work_off()
            really(ticket, erasure)

        tickets.erase = erase  # type: ignore[method-assign]
        by_lead(office, ticket_id)

        assert read[1] > read[0]
        assert tickets.get(ticket_id) is None


def test_the_record_is_kept_for_four_hundred_days() -> None:
    record = Erasure(ticket_id="t", by="lena", at=MORNING)

    assert record.expires_at == MORNING + timedelta(days=400)
    assert record.buckets == ()

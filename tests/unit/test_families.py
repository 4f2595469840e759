"""Merged tickets: what their customer sees, what is heard where, and what is erased with them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk import customers, erasure, families, watching
from helpdesk.customers import Receipt
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Customer, IllegalMoveError, State

from tests.desk import Desk
from tests.fakes import LEAD, UNKNOWN, Office
from tests.holding import held

MINUTE = timedelta(minutes=1)


@pytest.fixture
def family(office: Office) -> tuple[Receipt, Receipt]:
    """Return a root and the ticket that was merged into it a minute later."""
    first, second = office.submit(UNKNOWN), office.submit(UNKNOWN)
    office.work_off()
    office.clock.advance(MINUTE)
    at = office.at_work("ada")
    at.merge(first.ticket_id, second.ticket_id, note="The same sofa.")
    office.clock.advance(MINUTE)
    return first, second


def seen(office: Office, receipt: Receipt) -> list[str]:
    found = customers.fetch(
        receipt.ticket_id, receipt.token, tickets=office.tickets, now=office.clock()
    )
    assert found.ticket.id == receipt.ticket_id
    assert [said.number for said in found.messages] == list(range(1, len(found.messages) + 1))
    return [said.text for said in found.messages]


def test_the_customer_sees_the_roots_answer_in_the_merged_ticket(
    office: Office, family: tuple[Receipt, Receipt]
) -> None:
    root, member = family
    at = office.at_work("ada")
    at.claim(root.ticket_id)
    at.reply(root.ticket_id, "It comes on Monday.")

    assert seen(office, member)[-1] == "It comes on Monday."
    assert seen(office, root)[-1] == "It comes on Monday."
    found = customers.fetch(
        member.ticket_id, member.token, tickets=office.tickets, now=office.clock()
    )
    assert found.ticket.state is State.ANSWERED


def test_a_waiting_customer_of_a_merged_ticket_notices_news_of_the_root(
    office: Office, family: tuple[Receipt, Receipt]
) -> None:
    root, member = family
    before = customers.fetch(
        member.ticket_id, member.token, tickets=office.tickets, now=office.clock()
    ).ticket.version
    at = office.at_work("ada")
    at.claim(root.ticket_id)
    at.reply(root.ticket_id, "It comes on Monday.")

    found = watching.watch(
        member.ticket_id,
        member.token,
        seen={before},
        hold=held(0),
        tickets=office.tickets,
        clock=office.clock,
        sleep=office.clock.sleep,
    )
    assert found.ticket.version > before


def test_what_the_customer_writes_goes_to_the_root(
    office: Office, family: tuple[Receipt, Receipt]
) -> None:
    root, member = family

    after = office.follow_up(member, "It is blue, by the way.")

    assert after.id == member.ticket_id
    assert office.texts(root.ticket_id)[-1] == "It is blue, by the way."
    assert seen(office, member)[-1] == "It is blue, by the way."
    assert office.ticket(member.ticket_id).state is State.CLOSED


def test_a_rating_goes_to_the_root_and_a_new_token_does_not(
    office: Office, family: tuple[Receipt, Receipt]
) -> None:
    root, member = family
    at = office.at_work("ada")
    at.claim(root.ticket_id)
    at.reply(root.ticket_id, "It comes on Monday.")

    office.rate(member, helpful=False)
    assert office.ticket(root.ticket_id).state is State.ESCALATED

    fresh = customers.renew_token(
        member.ticket_id,
        member.token,
        tickets=office.tickets,
        terms=office.terms,
        now=office.clock(),
    )
    assert seen(office, fresh)
    with pytest.raises(NotFoundError):
        seen(office, replace(fresh, ticket_id=root.ticket_id))


def test_a_token_opens_only_its_own_ticket(office: Office, family: tuple[Receipt, Receipt]) -> None:
    root, member = family

    with pytest.raises(NotFoundError):
        office.follow_up(Receipt(root.ticket_id, member.token), "Mine?")


def test_taken_apart_each_has_its_own_again(
    office: Office, family: tuple[Receipt, Receipt]
) -> None:
    root, member = family
    office.at_work("bob").split(member.ticket_id)
    office.follow_up(member, "Only here.")

    assert office.texts(member.ticket_id)[-1] == "Only here."
    assert "Only here." not in office.texts(root.ticket_id)
    assert member.ticket_id in office.escalations.ticket_ids


def test_the_whole_family_is_erased_by_either_token(
    office: Office, family: tuple[Receipt, Receipt]
) -> None:
    _, member = family

    erasure.erase(member.ticket_id, member.token, tickets=office.tickets, clock=office.clock)

    assert len(office.tickets) == 0


def test_a_lead_erases_the_family_too(office: Office, family: tuple[Receipt, Receipt]) -> None:
    root, _ = family

    erasure.erase_ticket(root.ticket_id, LEAD, tickets=office.tickets, clock=office.clock)

    assert len(office.tickets) == 0


def test_members_end_with_their_root(office: Office, family: tuple[Receipt, Receipt]) -> None:
    root, member = family
    both = [member.ticket_id, root.ticket_id]

    for each in both:
        found = families.members(office.ticket(each), office.tickets)
        assert [ticket.id for ticket in found] == both


def test_a_merged_ticket_whose_root_is_gone_speaks_for_itself(
    office: Office, family: tuple[Receipt, Receipt]
) -> None:
    root, member = family
    del office.tickets._files[root.ticket_id]

    assert seen(office, member)[0] == UNKNOWN
    with pytest.raises(NotFoundError):
        list(families.members(office.ticket(member.ticket_id), office.tickets))
    erasure.erase(member.ticket_id, member.token, tickets=office.tickets, clock=office.clock)
    assert len(office.tickets) == 0


def test_tickets_of_different_customers_are_not_merged(desk: Desk) -> None:
    one = desk.waiting(customer={"email": "ada@example.com"})
    other = desk.waiting(customer={"email": "bob@example.com"})
    unknown = desk.waiting()
    at = desk.agent()

    for root, member in ((one, other), (one, unknown), (unknown, one)):
        with pytest.raises(IllegalMoveError, match="belong to different customers"):
            at.merge(root, member)
    assert Customer(email="ada@example.com").key


def test_tickets_under_two_keys_of_one_customer_are_merged(desk: Desk) -> None:
    desk.waiting(customer={"email": "ada@example.com", "reference": "cust-1"})
    by_address = desk.waiting(customer={"email": "ada@example.com"})
    by_reference = desk.waiting(customer={"reference": "cust-1"})

    assert desk.agent().merge(by_address, by_reference).merged == {by_reference}


def test_a_typed_address_that_nobody_vouches_for_shows_no_other_ticket(desk: Desk) -> None:
    """Two visitors of a page may type one address; neither may read the other's answers."""
    typed = {"email": "ada@example.com", "verified": False}
    one, other = desk.waiting(customer=typed), desk.waiting(customer=typed)
    hers = desk.waiting(customer={"email": "ada@example.com"})
    at = desk.agent()

    for root, member in ((one, other), (hers, one), (one, hers)):
        with pytest.raises(IllegalMoveError, match="is not verified"):
            at.merge(root, member)

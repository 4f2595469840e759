"""Which keys are one customer: from what tickets show, and what leads decide."""

from datetime import timedelta
from typing import Any

import pytest
from helpdesk import belonging, erasure
from helpdesk.agents import Query, gather
from helpdesk.belonging import AmbiguousCustomerError, Person, TooManyKeysError
from helpdesk.ports import NotFoundError
from helpdesk.ticket import (
    CustomerKey,
    IllegalMoveError,
    Listing,
    NotAllowedError,
    TextError,
    Ticket,
)

from tests.desk import Desk
from tests.fakes import ADA, AUDITOR, LEAD, InMemoryBonds

DAY = timedelta(days=1)
THREE = ("ada@x.example", "ada@work.example", "ada+shop@x.example")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def asked(desk: Desk, email: str | None = None, reference: str | None = None, **who: Any) -> str:
    return desk.waiting(customer={"email": email, "reference": reference, **who})


def person(desk: Desk, text: str) -> Person:
    return belonging.whose(text, desk.tickets)


def keys(desk: Desk, text: str) -> set[str]:
    return {str(each) for each in person(desk, text).keys}


def found(desk: Desk, text: str) -> set[str]:
    """Return the ids that agents find by a key or a name."""
    listed = desk.agent().find(Query(customer=text, listings=tuple(Listing), limit=1000))
    return {each.id for each in listed}


def erased(desk: Desk, text: str) -> set[str]:
    return set(
        erasure.erase_customer(person(desk, text), LEAD, tickets=desk.tickets, clock=desk.clock)
    )


def decide(desk: Desk, what: str, one: str, other: str, **changes: Any) -> Any:
    given = {"lead": LEAD, "reason": "a reason", "tickets": desk.tickets, "now": desk.clock()}
    act = getattr(belonging, what)
    desk.clock.advance(timedelta(seconds=1))
    return act(CustomerKey.typed(one), CustomerKey.typed(other), **{**given, **changes})


@pytest.fixture
def forty(desk: Desk) -> set[str]:
    """Fill the desk with 40 tickets of one customer over 400 days, and two of others."""
    asked(desk, "bob@x.example", name="Bob")
    asked(desk, "ada@else.example", "cust-2", name="Ada L.")
    made = set()
    for number in range(40):
        email = THREE[number % 3] if number % 4 else None
        reference = "cust-1" if number < 12 or email is None else None
        made.add(asked(desk, email, reference, name="Ada"))
        desk.clock.advance(10 * DAY)
    return made


class TestFindingByAnyKey:
    @pytest.mark.parametrize("text", [*THREE, "cust-1", "ADA@X.example", "Ada", "name: ada"])
    def test_three_addresses_one_reference_and_forty_tickets(
        self, desk: Desk, forty: set[str], text: str
    ) -> None:
        assert found(desk, text) == forty

    @pytest.mark.parametrize("text", [*THREE, "cust-1", "Ada"])
    def test_they_are_erased_by_any_and_nothing_of_them_is_left(
        self, desk: Desk, forty: set[str], text: str
    ) -> None:
        assert erased(desk, text) == forty
        assert len(desk.tickets) == 2
        left = {str(key) for pair in desk.tickets.bonds.bonds for key in pair}
        assert left == {
            "email:ada@else.example", "reference:cust-2", "name:ada l.",
            "email:bob@x.example", "name:bob",
        }  # fmt: skip

    def test_a_key_that_was_taken_away_stays_so_when_its_customer_is_erased(
        self, desk: Desk
    ) -> None:
        own, others = asked(desk, THREE[0], "cust-1"), asked(desk, None, "cust-1")
        decide(desk, "separate", THREE[0], "cust-1")
        assert erased(desk, "cust-1") == {others}

        asked(desk, THREE[0], "cust-1")
        assert own not in found(desk, "cust-1")
        assert len(erased(desk, THREE[0])) == 2
        assert not desk.tickets.bonds.bonds
        assert not desk.tickets.bonds.decisions(CustomerKey.typed(THREE[0]))

    def test_a_ticket_shows_its_customers_other_tickets(self, desk: Desk, forty: set[str]) -> None:
        one = next(iter(forty))
        dossier = desk.agent().show(one)

        assert {each.id for each in dossier.others} == forty - {one}
        assert len(dossier.person.keys) == 4
        times = [each.created_at for each in dossier.others]
        assert times == sorted(times, reverse=True)

    def test_a_customer_who_comes_back_costs_no_bond_until_it_nearly_expires(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored = []

        class Watched(dict[Any, Any]):
            def __setitem__(self, pair: Any, bond: Any) -> None:
                stored.append(desk.clock() - start)
                super().__setitem__(pair, bond)

        desk.tickets.bonds.bonds = Watched()
        start = desk.clock()
        for _ in range(10):
            asked(desk, "ada@x.example", "cust-1")
            desk.clock.advance(100 * DAY)

        assert stored == [timedelta(), 500 * DAY]

    def test_a_plus_address_is_another_customer(self, desk: Desk) -> None:
        plain, plus = asked(desk, "ada@x.example"), asked(desk, "ada+shop@x.example")

        assert found(desk, "ada@x.example") == {plain}
        assert found(desk, "ada+shop@x.example") == {plus}


class TestNames:
    def test_a_name_of_several_customers_asks_for_a_key_and_erases_nothing(
        self, desk: Desk
    ) -> None:
        asked(desk, "ada@x.example", name="Ada")
        asked(desk, "ada@else.example", "cust-2", name="ADA")

        with pytest.raises(AmbiguousCustomerError) as error:
            erased(desk, "Ada")
        assert "2 customers are known as 'Ada'" in str(error.value)
        assert "(email:ada@x.example)" in str(error.value)
        assert "(email:ada@else.example, reference:cust-2)" in str(error.value)
        assert len(desk.tickets) == 2

    def test_of_many_only_the_first_are_named(self, desk: Desk) -> None:
        for number in range(13):
            asked(desk, f"ada{number}@x.example", name="Ada")

        with pytest.raises(AmbiguousCustomerError, match="and 3 more;"):
            person(desk, "Ada")

    def test_a_name_that_is_anothers_reference_is_ambiguous_until_it_is_said_which(
        self, desk: Desk
    ) -> None:
        named, other = asked(desk, "ada@x.example", name="Ada"), asked(desk, reference="Ada")

        with pytest.raises(AmbiguousCustomerError):
            found(desk, "Ada")
        assert found(desk, "name:Ada") == {named}
        assert found(desk, "reference:Ada") == {other}

    def test_a_name_joins_nothing(self, desk: Desk) -> None:
        asked(desk, "ada@x.example", name="Ada")
        asked(desk, "ada@else.example", name="Ada")

        assert keys(desk, "ada@x.example") == {"email:ada@x.example"}

    @pytest.mark.parametrize("text", ["name:Eve", "eve@x.example", "Eve"])
    def test_of_whom_nothing_is_known(self, desk: Desk, text: str) -> None:
        assert found(desk, text) == set()
        with pytest.raises(NotFoundError, match="no ticket of this customer"):
            erased(desk, text)


class TestCustomersWhoAreNotVerified:
    def test_they_join_nothing_and_no_history(self, desk: Desk) -> None:
        hers = asked(desk, "ada@x.example", "cust-1")
        claimed = asked(desk, "ada@x.example", "cust-2", name="Ada", verified=False)

        assert keys(desk, "ada@x.example") == {"email:ada@x.example", "reference:cust-1"}
        assert keys(desk, "cust-2") == {"reference:cust-2"}
        assert desk.agent().show(claimed).others == ()
        assert desk.agent().show(claimed).person.keys == ()
        assert desk.agent().show(hers).others == ()

    def test_agents_find_them_and_erasing_forgets_what_holds_the_key(self, desk: Desk) -> None:
        hers = asked(desk, "ada@x.example")
        claimed = asked(desk, "Ada@x.example", verified=False)

        assert found(desk, "ada@x.example") == {hers, claimed}
        assert erased(desk, "ada@x.example") == {hers, claimed}


class TestErasingOneTicket:
    def test_bonds_that_another_ticket_shows_stay(self, desk: Desk) -> None:
        one, two = (asked(desk, "ada@x.example", "cust-1", name="Ada") for _ in range(2))

        erasure.erase_ticket(one, LEAD, tickets=desk.tickets, clock=desk.clock)
        assert found(desk, "cust-1") == {two} == found(desk, "Ada")
        erasure.erase_ticket(two, LEAD, tickets=desk.tickets, clock=desk.clock)
        assert not desk.tickets.bonds.bonds

    def test_a_bond_that_only_this_ticket_shows_goes(self, desk: Desk) -> None:
        asked(desk, "ada@x.example", name="Ada")
        one = asked(desk, "ada@x.example", "cust-1", name="Ada")

        erasure.erase_ticket(one, LEAD, tickets=desk.tickets, clock=desk.clock)

        assert [set(map(str, pair)) for pair in desk.tickets.bonds.bonds] == [
            {"email:ada@x.example", "name:ada"}
        ]

    def test_a_bond_stays_that_a_ticket_under_the_other_key_shows(self, desk: Desk) -> None:
        asked(desk, "ada@x.example", "cust-1")
        one = asked(desk, reference="cust-1", name="Ada")

        erasure.erase_ticket(one, LEAD, tickets=desk.tickets, clock=desk.clock)

        assert keys(desk, "cust-1") == {"email:ada@x.example", "reference:cust-1"}
        assert [set(map(str, pair)) for pair in desk.tickets.bonds.bonds] == [
            {"email:ada@x.example", "reference:cust-1"}
        ]

    @pytest.mark.parametrize("stays", [None, "ada@work.example", "reference:cust-1"])
    def test_decisions_about_a_reference_go_with_all_that_is_known_of_it(
        self, desk: Desk, stays: str | None
    ) -> None:
        one = asked(desk, "ada@x.example", "cust-1")
        if stays:
            asked(desk, stays if "@" in stays else None, "cust-1")
        asked(desk, "bob@x.example")
        decide(desk, "join", "cust-1", "bob@x.example")

        erasure.erase_ticket(one, LEAD, tickets=desk.tickets, clock=desk.clock)

        assert bool(desk.tickets.bonds.all_decisions) is bool(stays)

    def test_two_that_go_at_once_leave_nothing(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, two = (asked(desk, "ada@x.example", "cust-1") for _ in range(2))
        really = desk.tickets.erase

        def erase(ticket: Ticket, record: erasure.Erasure) -> None:
            monkeypatch.setattr(desk.tickets, "erase", really)
            erasure.erase_ticket(two, LEAD, tickets=desk.tickets, clock=desk.clock)
            really(ticket, record)

        monkeypatch.setattr(desk.tickets, "erase", erase)
        erasure.erase_ticket(one, LEAD, tickets=desk.tickets, clock=desk.clock)

        assert not desk.tickets.bonds.bonds

    def test_decisions_go_with_the_last_ticket_of_their_key(self, desk: Desk) -> None:
        one = asked(desk, "ada@x.example")
        asked(desk, "ada@work.example")
        decide(desk, "join", "ada@x.example", "ada@work.example")

        erasure.erase_ticket(one, LEAD, tickets=desk.tickets, clock=desk.clock)

        assert not desk.tickets.bonds.all_decisions


class TestJoining:
    def test_two_customers_become_one_and_it_is_recorded(self, desk: Desk) -> None:
        one, two = asked(desk, "ada@x.example", "cust-1"), asked(desk, "ada@work.example")
        at = desk.clock()

        whole = decide(desk, "join", "ada@work.example", "cust-1", now=at)

        assert keys(desk, "ada@x.example") == set(map(str, whole.keys))
        assert found(desk, "ada@work.example") == {one, two}
        (decision,) = desk.tickets.bonds.decisions(CustomerKey.typed("cust-1"))
        assert (decision.by, decision.at, decision.reason) == ("lena", at, "a reason")
        assert erased(desk, "cust-1") == {one, two}
        assert not desk.tickets.bonds.all_decisions

    def test_what_is_refused(self, desk: Desk) -> None:
        asked(desk, "ada@x.example", "cust-1")
        asked(desk, "bob@x.example", name="Bob")

        with pytest.raises(
            NotAllowedError, match="only leads join and separate customers; ada is not"
        ):
            decide(desk, "join", "ada@x.example", "bob@x.example", lead=ADA)
        with pytest.raises(TextError):
            decide(desk, "join", "ada@x.example", "bob@x.example", reason=" ")
        with pytest.raises(NotFoundError, match="there is no customer with the key email:bbo"):
            decide(desk, "join", "ada@x.example", "bbo@x.example")
        with pytest.raises(NotFoundError, match="name:bob is a name"):
            decide(desk, "join", "ada@x.example", "name:Bob")
        with pytest.raises(IllegalMoveError, match="one customer already"):
            decide(desk, "join", "ada@x.example", "cust-1")
        assert desk.tickets.bonds.all_decisions == []


class TestSeparating:
    def test_a_key_that_was_wrong_goes_and_stays_away(self, desk: Desk) -> None:
        """Two customers gave the same reference; a ticket that shows it again joins nothing."""
        asked(desk, "ada@x.example", "cust-1")
        asked(desk, "bob@x.example", "cust-1")

        decide(desk, "separate", "bob@x.example", "cust-1")
        again = asked(desk, "bob@x.example", "cust-1")

        assert keys(desk, "cust-1") == {"email:ada@x.example", "reference:cust-1"}
        assert keys(desk, "bob@x.example") == {"email:bob@x.example"}
        assert again in found(desk, "bob@x.example")
        assert again not in found(desk, "ada@x.example")

    def test_it_cuts_every_way_to_the_other_and_no_other_way(self, desk: Desk) -> None:
        asked(desk, "ada@x.example", "cust-1")
        asked(desk, "ada@x.example", "cust-2")
        asked(desk, "bob@x.example", "cust-1")
        asked(desk, "bob@x.example", "cust-2")
        asked(desk, "bob@x.example", "cust-3")

        hers, others = decide(desk, "separate", "bob@x.example", "ada@x.example")

        assert set(map(str, hers.keys)) == {"email:bob@x.example", "reference:cust-3"}
        assert len(others.keys) == 3

    def test_it_takes_joining_back_and_joining_takes_it_back(self, desk: Desk) -> None:
        asked(desk, "ada@x.example")
        asked(desk, "ada@work.example")
        for _ in range(2):
            decide(desk, "join", "ada@x.example", "ada@work.example")
            assert len(keys(desk, "ada@work.example")) == 2
            decide(desk, "separate", "ada@work.example", "ada@x.example")
            assert len(keys(desk, "ada@work.example")) == 1
        assert [each.together for each in desk.tickets.bonds.all_decisions] == [True, False] * 2

    def test_what_is_refused(self, desk: Desk) -> None:
        asked(desk, "ada@x.example", "cust-1")
        asked(desk, "bob@x.example")

        with pytest.raises(NotAllowedError, match="ada is not a lead"):
            decide(desk, "separate", "ada@x.example", "cust-1", lead=ADA)
        for other in ("bob@x.example", "ada@x.example"):
            with pytest.raises(IllegalMoveError, match="are not one customer"):
                decide(desk, "separate", "ada@x.example", other)


class TestAKeyThatManyUse:
    """A shop sends the same reference for every guest."""

    @pytest.fixture(autouse=True)
    def guests(self, desk: Desk) -> None:
        for number in range(120):
            asked(desk, f"guest{number}@x.example", "guest")

    def test_no_more_keys_are_looked_at_than_are_one_customers(self, desk: Desk) -> None:
        found = person(desk, "guest7@x.example")

        assert (len(found.keys), found.whole) == (belonging.MOST_KEYS, False)

    def test_it_is_not_erased_as_one_until_the_key_is_separated(self, desk: Desk) -> None:
        with pytest.raises(TooManyKeysError, match="more than 100 keys"):
            erased(desk, "guest7@x.example")
        assert len(desk.tickets) == 120

        decide(desk, "separate", "guest7@x.example", "guest")

        assert len(erased(desk, "guest7@x.example")) == 1


def test_gathering_finds_the_bonds_of_older_tickets(desk: Desk) -> None:
    made = {asked(desk, email, "cust-1") for email in THREE}
    desk.tickets.bonds = InMemoryBonds()
    assert found(desk, "cust-1") == set()
    since = desk.clock() - DAY
    until = desk.clock() + DAY

    with pytest.raises(NotAllowedError, match="otto may read tickets, but may not note"):
        gather(since, until, agent=AUDITOR, tickets=desk.tickets)
    for _ in range(2):
        assert gather(since, until, agent=LEAD, tickets=desk.tickets) == 3

    assert found(desk, "cust-1") == made
    assert gather(since, desk.clock(), agent=LEAD, tickets=desk.tickets) == 0


def test_looking_at_a_customer_asks_only_for_its_keys(desk: Desk, forty: set[str]) -> None:
    """No list of the whole table is read."""
    asked_for = []
    really = desk.tickets.of_customer

    class Watched:
        bonds = desk.tickets.bonds

        def of_customer(self, customer: Any) -> Any:
            asked_for.append(customer.key)
            return really(customer)

    found = belonging.holdings(belonging.whose(THREE[0], Watched()), Watched())

    assert {each.id for each in found.tickets} == forty
    assert len(asked_for) == len(set(asked_for)) == 8

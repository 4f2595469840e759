"""Which messages of a conversation are kept, which are the present episode, which are one turn."""

from datetime import timedelta

import pytest
from helpdesk.assisting import MOST_CHARACTERS, MOST_MESSAGES, Conversation, Talked
from helpdesk.assisting.conversing import EPISODE, bounded, present, turns
from helpdesk.ticket import MAX_TEXT, Customer

from tests.fakes import MORNING


def asks(text: str, days_ago: float | None = None) -> Talked:
    at = None if days_ago is None else MORNING - timedelta(days=days_ago)
    return Talked(by_customer=True, text=text, at=at)


def says(text: str, days_ago: float | None = None) -> Talked:
    at = None if days_ago is None else MORNING - timedelta(days=days_ago)
    return Talked(by_customer=False, text=text, at=at)


class TestTurns:
    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ([asks("a")], ("a", "")),
            ([asks("a"), asks("b")], ("a\nb", "")),
            ([asks("a"), says("x"), asks("b")], ("b", "a")),
            ([asks("a"), says("x"), says("y"), asks("b"), asks("c")], ("b\nc", "a")),
            ([asks("a"), says("x"), asks("b"), says("y"), asks("c")], ("c", "b")),
            ([says("x"), asks("a")], ("a", "")),
        ],
    )
    def test_what_was_said_since_the_last_reply_and_before_it(
        self, said: list[Talked], found: tuple[str, str]
    ) -> None:
        assert turns(said) == found

    def test_a_turn_is_no_longer_than_a_message(self) -> None:
        latest, _ = turns([asks("a" * MAX_TEXT), asks("b")])

        assert len(latest) == MAX_TEXT
        assert latest.endswith("a\nb")


class TestPresent:
    def test_a_long_silence_begins_another_episode(self) -> None:
        old, new = asks("a", 9), asks("b", 1)

        assert present([old, new, asks("c", 0)], MORNING) == (new, asks("c", 0))
        assert present([old], MORNING) == ()

    def test_exactly_the_time_of_an_episode_is_no_silence_yet(self) -> None:
        just = asks("a", EPISODE.days)

        assert present([just, asks("b", 0)], MORNING)[0] == just

    def test_without_moments_all_is_present(self) -> None:
        said = [asks("a"), says("x"), asks("b")]

        assert present(said, MORNING) == tuple(said)


class TestBounded:
    def test_the_latest_are_kept(self) -> None:
        many = [asks(str(number)) for number in range(30)]

        assert bounded(many) == tuple(many[-MOST_MESSAGES:])

    def test_what_is_too_much_in_all_goes_with_what_is_older(self) -> None:
        said = [asks("short"), *(asks("a" * MAX_TEXT) for _ in range(5))]

        kept = bounded(said)
        assert sum(len(each.text) for each in kept) == MOST_CHARACTERS
        assert "short" not in {each.text for each in kept}

    def test_each_is_as_long_as_a_message_of_a_ticket(self) -> None:
        assert len(bounded([asks("a" * (MAX_TEXT + 1))])[0].text) == MAX_TEXT


class TestOwners:
    ADA = Customer(email="ada@shop.example", reference="C-1", name="Ada")

    @pytest.mark.parametrize(
        ("who", "whose"),
        [
            (Customer(reference="C-1"), True),
            (Customer(email="Ada@shop.example"), True),
            (Customer(email="ada@shop.example", reference="C-2"), False),
            (Customer(reference="C-2"), False),
            (Customer(name="Ada"), False),
            (Customer(reference="C-1", verified=False), False),
        ],
    )
    def test_each_key_that_is_given_is_the_owners(self, who: Customer, *, whose: bool) -> None:
        assert Conversation(id="1" * 16, customer=self.ADA).belongs_to(who) is whose

    def test_a_name_owns_nothing(self) -> None:
        owners = Conversation(id="1" * 16, customer=self.ADA).owners

        assert [each.kind for each in owners] == ["email", "reference"]

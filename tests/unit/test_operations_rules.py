"""What leads do with dead letters: look, send back, delete; what is not meant stays where it is."""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any

import pytest
from helpdesk.operations import (
    MOST_LETTERS,
    DeadLetter,
    DeadLetterQueue,
    dead_letters,
    discard,
    redrive,
)
from helpdesk.ports import NotFoundError

from tests.fakes import MORNING


def a_letter(name: str, ticket_id: str | None = None, minute: int = 0) -> DeadLetter:
    return DeadLetter(
        id=name,
        queue="intake",
        ticket_id=ticket_id,
        receives=5,
        sent_at=MORNING + timedelta(minutes=minute),
        body="{}",
        receipt=f"receipt of {name}",
    )


class Letters:
    """The dead letters of a queue in memory, and what became of each."""

    def __init__(self, *letters: DeadLetter) -> None:
        self._letters = letters
        self.limits: list[int] = []
        self.put: list[str] = []
        self.sent: list[str] = []
        self.deleted: list[str] = []

    @property
    def name(self) -> str:
        return "intake"

    def read(self, limit: int) -> list[DeadLetter]:
        self.limits.append(limit)
        return list(self._letters)

    def put_back(self, letter: DeadLetter) -> None:
        self.put.append(letter.id)

    def resend(self, letter: DeadLetter) -> None:
        self.sent.append(letter.id)

    def discard(self, letter: DeadLetter) -> None:
        self.deleted.append(letter.id)


@pytest.fixture
def intake() -> Letters:
    return Letters(a_letter("a", "ticket-1"), a_letter("b", "ticket-2"), a_letter("c"))


@pytest.fixture
def escalation() -> Letters:
    return Letters(a_letter("d", "ticket-2"))


def ids(letters: Iterable[DeadLetter]) -> list[str]:
    return [letter.id for letter in letters]


class TestLook:
    def test_letters_are_listed_by_queue_the_oldest_first(self) -> None:
        queue = Letters(
            a_letter("late", minute=9), a_letter("b", minute=1), a_letter("a", minute=1)
        )
        other = Letters(a_letter("first of all", minute=-9))

        assert ids(dead_letters([queue, other])) == ["a", "b", "late", "first of all"]

    def test_looking_leaves_them_where_they_are(self, intake: Letters) -> None:
        dead_letters([intake])

        assert intake.put == ["a", "b", "c"]
        assert intake.sent == intake.deleted == []

    @pytest.mark.parametrize("look", [dead_letters, lambda queues: redrive(queues, [])])
    def test_a_thousand_letters_are_looked_at_in_one_go(
        self, intake: Letters, look: Callable[[list[DeadLetterQueue]], Any]
    ) -> None:
        look([intake])

        assert intake.limits == [1000] == [MOST_LETTERS]


DEALINGS: dict[str, Callable[..., tuple[DeadLetter, ...]]] = {"sent": redrive, "deleted": discard}
"""What becomes of a letter, and by which dealing."""


class TestDeal:
    @pytest.mark.parametrize(
        ("names", "chosen"),
        [
            ([], ["a", "b", "c", "d"]),
            (["a"], ["a"]),
            (["ticket-1"], ["a"]),
            (["ticket-2"], ["b", "d"]),
            (["d", "c"], ["c", "d"]),
            (["b", "ticket-2"], ["b", "d"]),
        ],
    )
    @pytest.mark.parametrize("done", DEALINGS)
    def test_those_of_the_names_are_dealt_with_and_the_others_put_back(
        self,
        intake: Letters,
        escalation: Letters,
        done: str,
        names: Collection[str],
        chosen: list[str],
    ) -> None:
        (not_done,) = DEALINGS.keys() - {done}

        dealt = DEALINGS[done]([intake, escalation], names)

        assert ids(dealt) == getattr(intake, done) + getattr(escalation, done) == chosen
        assert getattr(intake, not_done) == getattr(escalation, not_done) == []
        assert set(intake.put + escalation.put) == set("abcd") - set(chosen)

    @pytest.mark.parametrize("deal", [redrive, discard])
    def test_a_name_that_fits_no_letter_stops_everything(
        self, intake: Letters, deal: Callable[..., Any]
    ) -> None:
        with pytest.raises(NotFoundError, match=r"^no dead letter unknown, what$"):
            deal([intake], ["a", "what", "unknown"])

        assert intake.sent == intake.deleted == []
        assert intake.put == ["a", "b", "c"]

    @pytest.mark.parametrize("deal", [redrive, discard])
    def test_a_dry_run_tells_and_does_nothing(
        self, intake: Letters, deal: Callable[..., tuple[DeadLetter, ...]]
    ) -> None:
        assert ids(deal([intake], ["a", "c"], dry_run=True)) == ["a", "c"]
        assert intake.sent == intake.deleted == []
        assert intake.put == ["a", "b", "c"]

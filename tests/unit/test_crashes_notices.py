"""The courier dies before or after any call of any port; the queue brings the notice again.

After every crash a notice is posted once, or kept as a dead letter: twice only if the courier died
after the posting and before the mark, and then with the same id.
"""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from helpdesk import reconciling
from helpdesk.notifying import (
    PAUSES,
    AgainError,
    Channel,
    GoneError,
    LaterError,
    Notifier,
    RefusedError,
)
from helpdesk.ports import ConflictError

from tests.fakes import Crash, Fuse
from tests.notices import HOLD
from tests.unit.test_crashes_mail import every_crash
from tests.unit.test_notifying_delivering import NOW, Scene


class Letters:
    """Dead letters."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def bury(self, body: str) -> None:
        self.bodies.append(body)


class House(Scene):
    """A desk with a courier whose every port can blow."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = Letters()

    def bring(self, fuse: Fuse | None = None, attempt: int = 1) -> None:
        guard = fuse.guard if fuse else lambda port: port
        board: Any = SimpleNamespace(place=self.board.place, post=guard(self.board).post)
        Notifier(
            notices=guard(self.notices),
            tickets=guard(self.tickets),
            posts={Channel.WEBHOOK: board},
            bury=guard(self.letters).bury,
            clock=self.clock,
            jitter=lambda: 0.0,
        ).deliver(NOW, attempt)

    def come_to_rest(self) -> None:
        for attempt in (2, 3):
            self.clock.advance(HOLD + PAUSES[2])
            with suppress(ConflictError, AgainError):
                self.bring(attempt=attempt)
            reconciling.post_again(self.notices, post=self.queue.send, clock=self.clock)


def test_a_notice_leaves_and_has_its_mark() -> None:
    twice = 0
    for house, fuse in every_crash(House, steps=5):
        with suppress(Crash):
            house.bring(fuse)
        posted_before = len(house.board.posted)
        marked = house.notices.notices[NOW].ended_at is not None
        house.come_to_rest()

        assert house.notices.notices[NOW].sent_at
        assert len(house.board.posted) == 1 + int(posted_before == 1 and not marked)
        assert set(house.board.ids) == {NOW}
        twice += len(house.board.posted) == 2
    assert twice == 2, "after the posting, and before the mark"


def test_what_is_busy_leaves_at_a_later_attempt() -> None:
    for house, fuse in every_crash(House, steps=5):
        house.board.faults = [LaterError("it answered 503")]
        with suppress(Crash, AgainError):
            house.bring(fuse)
        house.board.faults = []
        house.come_to_rest()

        assert set(house.board.ids) == {NOW}
        assert house.notices.notices[NOW].sent_at


def test_what_is_refused_is_a_dead_letter() -> None:
    for house, fuse in every_crash(House, steps=6):
        house.board.faults = [RefusedError("it answered 404")] * 9
        with suppress(Crash):
            house.bring(fuse)
        if fuse.blown:
            house.come_to_rest()

        assert house.board.ids == []
        assert house.letters.bodies
        assert house.notices.notices[NOW].failed == "it answered 404"


def test_a_receiver_that_is_gone_is_remembered() -> None:
    for house, fuse in every_crash(House, steps=6):
        house.board.faults = [GoneError()] * 9
        with suppress(Crash):
            house.bring(fuse)
        house.come_to_rest()

        assert house.board.ids == []
        assert house.notices.record(Channel.WEBHOOK).is_off("here")
        assert house.notices.notices[NOW].silent == "its receiver is gone"

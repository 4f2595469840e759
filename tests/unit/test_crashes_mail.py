"""The mail function and the courier die before or after any call; the queue brings it again.

After every crash a mail is one ticket, one message or one note, and what the desk says leaves once:
twice only if the courier died after the sending and before the mark.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from helpdesk import outbox, reconciling
from helpdesk.mail import return_path
from helpdesk.outbox import RefusedError, UnavailableError
from helpdesk.ports import ConflictError
from helpdesk.receiving import Outcome
from helpdesk.ticket import Move, Source, State

from tests.fakes import KNOWN, UNKNOWN, Crash, Fuse, InMemoryQueue, Office
from tests.mailing import DESK, Post, Wire
from tests.mailroom import (
    KEY,
    MAILBOX,
    SPAM,
    Room,
    asked,
    bill,
    bounce,
    event_of,
    open_room,
    replied,
)
from tests.mails import BLOCK, part, parts, whole
from tests.outboxes import HOLD

PORTS = ("tickets", "outbox", "threads", "mailbox", "texts", "intake", "escalations")
ID = "1" * 16


def every_crash[T](build: Callable[[], T], *, steps: int) -> Iterator[tuple[T, Fuse]]:
    """Yield what `build` makes for each place a crash can be at, until the road is longer."""
    for after in (False, True):
        for at in count(1):
            fuse = Fuse(at, after=after)
            yield build(), fuse
            if not fuse.blown:
                assert at > steps
                break


def guarded(room: Room, fuse: Fuse) -> Room:
    """Return the room with every port behind the fuse."""
    ports = {name: fuse.guard(getattr(room.room, name)) for name in PORTS}
    known, shelf = room.room.filing.known, room.room.filing.shelf
    ports["filing"] = replace(room.room.filing, known=fuse.guard(known), shelf=fuse.guard(shelf))
    return replace(room, room=replace(room.room, **ports))


def a_room() -> Room:
    office = Office.open()
    room = open_room(office)
    office.tickets.outbox.queue = InMemoryQueue(office.clock)
    return room


def with_a_ticket() -> tuple[Room, str]:
    room = a_room()
    ticket_id = room.submitted(asked(body=UNKNOWN.encode()))
    room.office.work_off()
    return room, ticket_id


def settle_down(room: Room) -> None:
    for _ in range(20):
        room.office.work_off()
        room.office.clock.advance(timedelta(minutes=3))
        room.office.reconcile()
    room.office.work_off()


class TestTheMailFunction:
    def test_a_question_is_one_ticket_with_one_reply(self) -> None:
        raw = asked(body=KNOWN.encode()).replace(b"Subject: Order", b"Subject:")
        for room, fuse in every_crash(a_room, steps=4):
            with suppress(Crash):
                guarded(room, fuse).take(raw, "inbound/a")
            room.take(raw, "inbound/a")

            settle_down(room)
            assert len(room.office.tickets) == 1
            ((ticket_id, _),) = room.office.tickets.letters.values()
            said = [each.source for each in room.conversation(ticket_id).messages]
            assert said == [Source.CUSTOMER, Source.AUTOMATIC]
            assert list(room.office.tickets.outbox.mails) == [f"{ticket_id}.2"]
            assert room.office.tickets.outbox.correspondence(ticket_id)

    def test_a_file_is_kept_once_and_announced_before_the_worker_is_told(self) -> None:
        raw = BLOCK + whole(
            parts("mixed", part("text/plain", UNKNOWN.encode()), bill(b"1"), bill(b"2"))
        )
        for room, fuse in every_crash(a_room, steps=7):
            with suppress(Crash):
                guarded(room, fuse).take(raw, "inbound/a")
            for ticket_id in room.office.intake.ticket_ids:
                assert len(room.office.tickets.register.of(ticket_id)) == 2
            room.take(raw, "inbound/a")

            settle_down(room)
            ((ticket_id, _),) = room.office.tickets.letters.values()
            assert [each.number for each in room.office.tickets.register.of(ticket_id)] == [1, 2]
            assert room.vault.objects == {(ticket_id, 1): b"1", (ticket_id, 2): b"2"}

    def test_files_of_an_answer_go_on_with_the_numbers_of_the_ticket(self) -> None:
        for (room, ticket_id), fuse in every_crash(with_a_ticket, steps=6):
            head, body = parts("mixed", part("text/plain", b"And now?"), bill(b"1")).split(
                b"\r\n\r\n", 1
            )
            raw = replied(ticket_id, head, body=body)
            with suppress(Crash):
                guarded(room, fuse).take(raw, "inbound/b")
            room.take(raw, "inbound/b")

            settle_down(room)
            assert [each.number for each in room.office.tickets.register.of(ticket_id)] == [1]
            assert room.vault.objects == {(ticket_id, 1): b"1"}

    def test_an_answer_is_one_message(self) -> None:
        for (room, ticket_id), fuse in every_crash(with_a_ticket, steps=5):
            before = len(room.conversation(ticket_id).messages)
            raw = replied(ticket_id)
            with suppress(Crash):
                guarded(room, fuse).take(raw, "inbound/b")
            room.take(raw, "inbound/b")

            settle_down(room)
            after = room.conversation(ticket_id).messages[before:]
            assert [each.source for each in after] == [Source.CUSTOMER]
            assert len(room.office.tickets) == 1

    @pytest.mark.parametrize("by", ["mail", "event"])
    def test_what_came_back_is_one_note_and_people_have_the_ticket(self, by: str) -> None:
        for (room, ticket_id), fuse in every_crash(with_a_ticket, steps=3):
            room.office.take_next()
            room.office.reply(ticket_id)
            if by == "mail":
                raw = bounce(return_path(MAILBOX, ticket_id, 3, KEY))

                def come(to: Room, raw: bytes = raw) -> Any:
                    return to.take(raw, "inbound/b")
            else:
                event = event_of(ticket_id)

                def come(to: Room, event: str = event) -> Any:
                    return to.hear("b", event)

            with suppress(Crash):
                come(guarded(room, fuse))
            come(room)

            settle_down(room)
            moves = [each.move for each in room.office.tickets.events(ticket_id)]
            assert moves.count(Move.REOPENED) == 1
            assert Move.NOTED not in moves
            assert room.ticket(ticket_id).state is State.ESCALATED
            taken = room.office.take_next()
            assert taken
            assert taken.ticket.id == ticket_id

    def test_spam_is_held_once_and_released_once(self) -> None:
        raw = asked(block=SPAM)
        for room, fuse in every_crash(a_room, steps=2):
            with suppress(Crash):
                guarded(room, fuse).take(raw, "inbound/a")
            room.take(raw, "inbound/a")
            assert len(list(room.mailbox.held(room.office.clock().date()))) == 1

        def held() -> Room:
            room = a_room()
            room.take(raw, "inbound/a")
            return room

        for room, fuse in every_crash(held, steps=3):
            with suppress(Crash):
                guarded(room, fuse).release("inbound/a", raw)
            room.release("inbound/a", raw)
            assert len(room.office.tickets) == 1
            assert room.release("inbound/a", raw).outcome is Outcome.REPEATED


@dataclass
class Courier:
    """A desk with a mail that is to leave, and a courier whose every port can blow."""

    post: Post

    @classmethod
    def waiting(cls) -> "Courier":
        post = Post()
        post.reply(post.came())
        return cls(post)

    def deliver(self, fuse: Fuse | None = None) -> None:
        """Deliver what the queue holds, as the queue does."""
        guard = fuse.guard if fuse else lambda port: port
        outbox.deliver(
            f"{ID}.2",
            outbox=guard(self.post.outbox),
            tickets=guard(self.post.tickets),
            escalations=guard(self.post.escalations),
            sender=guard(self.post.wire),
            desk=DESK,
            clock=self.post.clock,
        )

    def come_to_rest(self) -> None:
        """The queue brings it again, and what the queue lost, the clock finds."""
        for _ in range(3):
            self.post.clock.advance(HOLD + timedelta(minutes=5))
            with suppress(ConflictError):
                self.deliver()
            reconciling.post_again(
                self.post.outbox, post=self.post.queue.send, clock=self.post.clock
            )


class TestTheCourier:
    def test_a_reply_leaves_and_has_its_mark(self) -> None:
        twice = 0
        for courier, fuse in every_crash(Courier.waiting, steps=5):
            with suppress(Crash):
                courier.deliver(fuse)
            sent_before = len(courier.post.wire.mails)
            marked = courier.post.outbox.mails[f"{ID}.2"].ended_at is not None
            courier.come_to_rest()

            mails = courier.post.wire.mails
            assert courier.post.outbox.mails[f"{ID}.2"].sent_at
            assert len(mails) == 1 + int(sent_before == 1 and not marked)
            assert len(set(mails)) == 1, "a second one is the first, byte for byte"
            twice += len(mails) == 2
        assert twice == 2, "after the sending, and before the mark"

    @pytest.mark.parametrize("fault", [RefusedError("never"), UnavailableError("later")])
    def test_what_does_not_leave_is_told_to_people(self, fault: Exception) -> None:
        for courier, fuse in every_crash(Courier.waiting, steps=4):
            post = courier.post
            post.wire = Wire(fault=fault)
            with suppress(Crash, UnavailableError):
                courier.deliver(fuse)
            for _ in range(3):
                post.clock.advance(HOLD)
                with suppress(ConflictError, UnavailableError):
                    courier.deliver()
            outbox.give_up(
                f"{ID}.2",
                outbox=post.outbox,
                tickets=post.tickets,
                escalations=post.escalations,
                clock=post.clock,
            )

            assert post.wire.mails == []
            assert post.now().state is State.ESCALATED
            assert post.outbox.mails[f"{ID}.2"].failed

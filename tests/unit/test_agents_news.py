"""A reply names the last message its agent has seen: news is never answered unread."""

from datetime import timedelta

import pytest
from helpdesk import ticket
from helpdesk.agents import LEASE, LEASE_GRACE
from helpdesk.ticket import Change, IllegalMoveError, LeaseError, NewsError, State

from tests.desk import Desk
from tests.fakes import InMemoryTickets
from tests.tickets import LATER, claimed


def follow_up(desk: Desk, ticket_id: str, text: str = "Forget it, I found it.") -> None:
    desk.tickets.commit(ticket.follow_up(desk.ticket(ticket_id), text, now=desk.clock()))


@pytest.fixture
def held(desk: Desk) -> str:
    waiting = desk.waiting()
    desk.agent().claim(waiting)
    return waiting


class TestTheMove:
    def test_a_reply_that_has_seen_all_is_sent(self, desk: Desk, held: str) -> None:
        assert desk.agent().reply(held, "Done.", seen=1).state is State.ANSWERED

    def test_a_reply_that_has_not_seen_the_news_is_refused_and_nothing_is_stored(
        self, desk: Desk, held: str
    ) -> None:
        follow_up(desk, held)
        before = desk.ticket(held)

        with pytest.raises(NewsError, match="after message 1, the last that you saw"):
            desk.agent().reply(held, "Done.", seen=1)

        assert desk.ticket(held) == before
        assert desk.agent().reply(held, "Then all is well.", seen=2).state is State.ANSWERED

    def test_a_reply_can_be_sent_despite_the_news(self, desk: Desk, held: str) -> None:
        follow_up(desk, held)

        assert desk.agent().reply(held, "Done.").state is State.ANSWERED

    def test_news_between_the_check_and_the_commit_is_noticed(self, desk: Desk, held: str) -> None:
        class Late(InMemoryTickets):
            """The customer writes when the agent's reply is on its way."""

            def __init__(self) -> None:
                self.written = False

            def __getattr__(self, name: str) -> object:
                return getattr(desk.tickets, name)

            def get(self, ticket_id: str) -> ticket.Ticket | None:
                return desk.tickets.get(ticket_id)

            def commit(self, change: Change, submission: object = None) -> None:
                if not self.written:
                    self.written = True
                    follow_up(desk, held)
                desk.tickets.commit(change)

        with pytest.raises(NewsError):
            desk.agent(tickets=Late()).reply(held, "Done.", seen=1)
        assert desk.office.texts(held)[-1] == "Forget it, I found it."

    def test_the_lease_is_checked_before_the_news(self, desk: Desk, held: str) -> None:
        follow_up(desk, held)

        with pytest.raises(LeaseError, match="ada holds"):
            desk.agent("bob").reply(held, "Done.", seen=1)

    def test_the_same_reply_again_is_no_news(self, desk: Desk, held: str) -> None:
        at = desk.agent()
        at.reply(held, "Done.", seen=1)

        assert at.reply(held, "Done.", seen=1).state is State.ANSWERED
        with pytest.raises(IllegalMoveError):
            at.reply(held, "Something else.", seen=1)

    @pytest.mark.parametrize(
        ("seen", "refused"), [(None, False), (0, True), (1, False), (2, False)]
    )
    def test_pure(self, seen: int | None, *, refused: bool) -> None:
        def move() -> ticket.Change:
            return ticket.reply(claimed(), ticket.Agent("ada"), "Done.", now=LATER, seen=seen)

        if refused:
            with pytest.raises(NewsError):
                move()
        else:
            assert move().after.state is State.ANSWERED


class TestLengthOfALease:
    def test_the_stack_says_how_long_a_lease_lasts(self, desk: Desk) -> None:
        waiting = desk.waiting()
        short = desk.agent(lease=timedelta(minutes=3))
        taken = short.claim(waiting).ticket.lease
        assert taken
        assert taken.until == desk.clock() + timedelta(minutes=3)
        assert short.heartbeat == timedelta(minutes=1)

        desk.clock.advance(timedelta(minutes=2))
        extended = short.extend(waiting).lease
        assert extended
        assert extended.until == desk.clock() + timedelta(minutes=3)

        desk.clock.advance(timedelta(minutes=3) + LEASE_GRACE)
        taken_over = desk.agent("bob").take_next()
        assert taken_over
        assert taken_over.ticket.id == waiting

    def test_its_message_is_hidden_as_long(self, desk: Desk) -> None:
        desk.waiting()
        desk.agent(lease=2 * LEASE).take_next()
        desk.clock.advance(2 * LEASE + LEASE_GRACE - timedelta(seconds=1))
        assert desk.office.escalations.receive(timedelta(0)) is None
        desk.clock.advance(timedelta(seconds=1))
        assert desk.office.escalations.receive(timedelta(0))

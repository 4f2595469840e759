"""Undo in the inbox: a reply waits some seconds and can be taken back (point 9)."""

from datetime import timedelta
from pathlib import Path

import pytest
from helpdesk import ticket
from helpdesk.agents import LEASE
from helpdesk.ticket import Move, State

from agent_cli.drafts import Drafts
from agent_cli.inbox.reply import Reply
from tests.desk import Desk
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    Story,
    no_network,
    practised,
    quick_reader,
)

pytestmark = pytest.mark.usefixtures("practised", "quick_reader")

LONG, SHORT = timedelta(seconds=60), timedelta(seconds=0.3)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(Desk(), tmp_path, undo=LONG)


@pytest.fixture
def waiting(story: Story) -> str:
    return story.desk.waiting(customer={"name": "Kim"})


async def answer(at: Story, text: str = "Yes.") -> None:
    await at.press("r")
    await at.write(text)
    await at.press("ctrl+s")


def test_a_reply_waits_and_is_taken_back_with_its_text(story: Story, waiting: str) -> None:
    async def play(at: Story) -> None:
        await answer(at)
        assert not isinstance(at.app.screen, Reply)
        assert "reply to Kim" in at.status()
        assert "U takes it back" in at.status()
        assert story.moves(waiting) == [Move.CLAIMED]
        assert Drafts(story.folder).read(waiting) == "Yes."
        await at.press("U")
        assert at.app.screen.text == "Yes."
        assert "U takes it back" not in at.status()
        await at.write(" And no.")
        await at.press("escape")

    story.tell(play)
    assert story.moves(waiting) == [Move.CLAIMED]
    assert Drafts(story.folder).read(waiting) == "Yes. And no."


def test_it_goes_when_its_time_is_up(story: Story, waiting: str) -> None:
    story.undo = SHORT

    async def play(at: Story) -> None:
        await answer(at)
        await at.pilot.pause(0.8)
        await at.settle()
        assert f"sent: {waiting}" in at.told()
        await at.press("U")
        assert "no reply is waiting" in at.told()[-1]
        await at.press("q")
        assert at.app.return_value == []

    story.tell(play)
    assert story.desk.office.texts(waiting)[-1] == "Yes."
    assert Drafts(story.folder).read(waiting) is None


def test_no_key_acts_on_a_ticket_whose_reply_waits(story: Story, waiting: str) -> None:
    async def play(at: Story) -> None:
        await answer(at)
        await at.press("l", "x", "r", "space")
        assert len(at.app.screen_stack) == 1
        assert "U takes it back" in at.told()[-1]
        await at.press("U")

    story.tell(play)
    assert story.moves(waiting) == [Move.CLAIMED]


def test_leaving_sends_what_waits_however_slow_the_network_is(story: Story, waiting: str) -> None:
    async def play(at: Story) -> None:
        await answer(at)
        with at.network.down():
            await at.hurry("q")
            assert at.app.is_running
        await at.settle()
        assert at.app.return_value == []
        assert at.app.unsent == {}

    story.tell(play)
    assert story.desk.office.texts(waiting)[-1] == "Yes."
    assert Drafts(story.folder).read(waiting) is None


def test_what_cannot_be_sent_on_leaving_is_kept_and_told(
    story: Story, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object) -> None:
        raise OSError("the network is down")

    async def play(at: Story) -> None:
        await answer(at)
        with monkeypatch.context() as patch:
            patch.setattr(story.desk.tickets, "commit", down)
            await at.press("q")
        assert at.app.return_value == [waiting]
        assert at.app.unsent == {waiting: "the network is down"}

    story.tell(play)
    assert story.desk.ticket(waiting).state is State.ESCALATED
    assert Drafts(story.folder).read(waiting) == "Yes."


def test_a_terminal_that_dies_leaves_the_draft_and_the_ticket_in_hand(
    story: Story, waiting: str
) -> None:
    async def play(at: Story) -> None:
        await answer(at)
        at.app.exit()

    story.tell(play)
    assert story.moves(waiting) == [Move.CLAIMED]
    held = story.desk.ticket(waiting).held_by(story.desk.clock())
    assert held
    assert held.agent == "ada"
    assert Drafts(story.folder).read(waiting) == "Yes."


def test_what_the_customer_writes_meanwhile_stops_the_reply(story: Story, waiting: str) -> None:
    story.undo = LONG
    desk = story.desk

    async def play(at: Story) -> None:
        await answer(at)
        desk.tickets.commit(ticket.follow_up(desk.ticket(waiting), "Wait!", now=desk.clock()))
        at.app.send_all()  # as when the time is up
        await at.settle()
        assert any("not sent" in each and "Kim wrote again" in each for each in at.told())
        await at.press("r")
        assert at.app.screen.text == "Yes."
        assert "Wait!" in at.screen()
        await at.press("escape")

    story.tell(play)
    assert desk.ticket(waiting).state is State.ESCALATED
    assert Drafts(story.folder).read(waiting) == "Yes."


def test_what_is_refused_at_once_is_refused_in_the_editor(story: Story, waiting: str) -> None:
    async def play(at: Story) -> None:
        await at.press("r", "ctrl+s")
        assert "the text is blank" in at.hint()
        await at.press("f3")
        await at.press("down", "enter")
        await at.press("ctrl+s")
        assert "fill in {name}" in at.hint() or "fill in {order_number}" in at.hint()
        await at.press("escape")

    story.tell(play)
    assert story.moves(waiting) == [Move.CLAIMED]


def test_the_lease_lasts_as_long_as_the_reply_waits(story: Story, waiting: str) -> None:
    async def play(at: Story) -> None:
        await at.press("r")
        await at.write("Yes.")
        story.desk.clock.advance(LEASE - timedelta(seconds=1))
        await at.press("ctrl+s")
        story.desk.clock.advance(LONG)
        await at.press("q")

    story.tell(play)
    assert story.moves(waiting) == [Move.CLAIMED, Move.EXTENDED, Move.REPLIED]


def test_what_is_typed_while_the_reply_is_checked_is_not_lost(story: Story, waiting: str) -> None:
    async def play(at: Story) -> None:
        await at.press("r")
        await at.write("Yes")
        with at.network.down():
            await at.hurry("ctrl+s", *"xl")
        await at.settle()
        assert "you typed more" in at.hint()
        assert at.app.screen.text == "Yesxl"
        await at.press("ctrl+s")
        await at.press("q")

    story.tell(play)
    assert story.desk.office.texts(waiting)[-1] == "Yesxl"


def test_the_last_reply_is_taken_back_and_the_others_go(story: Story, waiting: str) -> None:
    other = story.desk.waiting(customer={"name": "Lee"})

    async def play(at: Story) -> None:
        await answer(at)
        await at.press("down")
        await answer(at, "No.")
        assert "reply to Lee" in at.status()
        assert "and 1 more" in at.status()
        await at.press("U")
        assert at.app.screen.ticket_id == other
        await at.press("escape", "q")

    story.tell(play)
    assert story.desk.office.texts(waiting)[-1] == "Yes."
    assert story.moves(other) == [Move.CLAIMED]

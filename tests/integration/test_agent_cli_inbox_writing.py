"""Writing in the inbox: canned replies with their placeholders, and another message (point 9)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket
from helpdesk import ticket
from helpdesk.ticket import Move, State
from textual.widgets import TextArea

from agent_cli.inbox import looking, reply
from agent_cli.inbox.reply import Reply
from tests.desk import Desk
from tests.integration.inbox_at_work import Story


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Close the sockets but for the pair that asyncio wakes itself with."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture(autouse=True)
def practised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let agents see a change at once."""
    monkeypatch.setattr(looking, "REACTION", 0.0)
    monkeypatch.setattr(reply, "READING", 0.0)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(Desk(), tmp_path)


def moves(story: Story, ticket_id: str) -> list[Move]:
    """The moves of agents."""
    events = story.desk.tickets.events(ticket_id)
    return [event.move for event in events if event.actor not in {"customer", "helpdesk"}]


class TestPlaceholders:
    def test_an_open_placeholder_of_a_canned_reply_is_refused(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r", "f3")
            await at.press("down", "enter")
            await at.press("ctrl+s")
            assert "fill in {name}" in at.hint()

        story.tell(play)
        assert story.desk.ticket(waiting).state is State.ESCALATED

    def test_it_is_refused_too_if_the_editor_was_left_meanwhile(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r", "f3")
            await at.press("down", "enter")
            await at.press("escape")
            await at.press("r", "ctrl+s")
            assert "fill in {name}" in at.hint()
            await at.press("escape")

        story.tell(play)
        assert story.desk.ticket(waiting).state is State.ESCALATED

    def test_braces_that_the_agent_types_are_text(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r")
            await at.write("Write {name} and {unheard_of}")
            await at.press("ctrl+s")

        story.tell(play)
        assert story.desk.office.texts(waiting)[-1] == "Write {name} and {unheard_of}"


class TestAnotherMessage:
    @pytest.fixture
    def answered(self, story: Story) -> str:
        waiting = story.desk.waiting(customer={"name": "Kim"})
        story.desk.agent().claim(waiting)
        story.desk.agent().reply(waiting, "It left today.")
        return waiting

    def test_an_answered_ticket_gets_another_message_without_a_claim(
        self, story: Story, answered: str
    ) -> None:
        async def play(at: Story) -> None:
            await at.press("v", "v", "v")
            with at.network.down():
                await at.hurry("r", *"Number 17.")
                assert isinstance(at.app.screen, Reply)
            await at.settle()
            assert "another message to Kim" in at.hint()
            await at.press("ctrl+s")
            assert at.subjects() == ["Do you sell gift wrapping?"]
            await at.press("q")
            assert at.app.return_value == []

        story.tell(play)
        assert moves(story, answered) == [Move.CLAIMED, Move.REPLIED, Move.ADDED]
        assert story.desk.office.texts(answered)[-1] == "Number 17."
        assert story.desk.ticket(answered).state is State.ANSWERED

    def test_if_the_customer_writes_meanwhile_the_ticket_is_taken_first(
        self, story: Story, answered: str
    ) -> None:
        desk = story.desk

        async def play(at: Story) -> None:
            await at.press("v", "v", "v", "r")
            await at.write("Number 17.")
            desk.tickets.commit(
                ticket.follow_up(desk.ticket(answered), "Where is it?", now=desk.clock())
            )
            await at.press("ctrl+s")
            assert "reply to it" in at.hint()
            assert at.app.screen.query_one(TextArea).text == "Number 17."
            await at.press("ctrl+s")
            assert "Where is it?" in at.screen()
            await at.press("ctrl+s")
            await at.press("ctrl+s")

        story.tell(play)
        assert moves(story, answered)[-2:] == [Move.CLAIMED, Move.REPLIED]

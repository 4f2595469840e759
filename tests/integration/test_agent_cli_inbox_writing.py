"""Writing in the inbox: canned replies with their placeholders, and another message (point 9)."""

# ruff: noqa: F811 -- tests name the fixture that they use

import pytest
from helpdesk import ticket
from helpdesk.ticket import Move, State
from textual.widgets import TextArea

from agent_cli.inbox.reply import Reply
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    Story,
    no_network,
    practised,
    quick_reader,
    story,
)

pytestmark = pytest.mark.usefixtures("practised", "quick_reader")


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
        assert story.moves(answered) == [Move.CLAIMED, Move.REPLIED, Move.ADDED]
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
        assert story.moves(answered)[-2:] == [Move.CLAIMED, Move.REPLIED]

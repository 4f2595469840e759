"""What the inbox says of news: messages that came while the agent wrote, tickets that are new."""

# ruff: noqa: F811 -- tests name the fixture that they use

from datetime import timedelta

import pytest
from helpdesk.agents import LEASE
from helpdesk.ticket import State
from textual import events

from agent_cli.drafts import Drafts
from agent_cli.inbox import reply
from agent_cli.inbox.reply import Reply
from agent_cli.inbox.writing import Writing
from tests.desk import LAWYER
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    SMALL,
    TINY,
    Story,
    no_network,
    practised,
    quick_reader,
    story,
)

pytestmark = pytest.mark.usefixtures("practised", "quick_reader")


async def look_again(at: Story) -> None:
    at.app.refresh_list()
    await at.settle()


class TestNewsWhileWriting:
    def test_sending_shows_the_message_and_asks(self, story: Story) -> None:
        waiting = story.desk.waiting(customer={"name": "Kim"})

        async def play(at: Story) -> None:
            await at.press("r")
            await at.write("It left today.")
            at.follow_up(waiting, "Forget it, I found it.")
            await at.press("ctrl+s")
            assert isinstance(at.app.screen, Reply)
            assert "not sent: Kim wrote again · Ctrl+S sends it anyway" in at.hint()
            assert "new · customer" in at.screen()
            assert "Forget it, I found it." in at.screen()
            assert story.desk.ticket(waiting).state is State.ESCALATED
            await at.write(" Fine.")
            await at.press("ctrl+s")

        story.tell(play)
        assert story.desk.office.texts(waiting)[-1] == "It left today. Fine."

    def test_the_conversation_shows_it_as_soon_as_the_list_knows(self, story: Story) -> None:
        waiting = story.desk.waiting(customer={"name": "Kim"})

        async def play(at: Story) -> None:
            await at.press("r", "a")
            at.follow_up(waiting, "Forget it, I found it.")
            await look_again(at)
            assert "Kim wrote again" in at.hint()
            assert "new · customer" in at.screen()
            # What the list has shown beside the text is not taken for read.
            await at.press("ctrl+s")
            assert "not sent" in at.hint()

        story.tell(play)
        assert story.desk.ticket(waiting).state is State.ESCALATED

    def test_a_second_key_right_after_the_news_does_not_send(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reply, "READING", 5.0)
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r", "a")
            at.follow_up(waiting, "Forget it, I found it.")
            await at.press("ctrl+s", "ctrl+s")

        story.tell(play)
        assert story.desk.ticket(waiting).state is State.ESCALATED

    def test_news_between_the_list_and_the_claim_is_news(self, story: Story) -> None:
        waiting = story.desk.waiting(customer={"name": "Kim"})

        async def play(at: Story) -> None:
            at.follow_up(waiting, "Forget it, I found it.")
            await at.press("r", "a")
            assert "Kim wrote again" in at.hint()
            await at.press("ctrl+s")
            assert "not sent" in at.hint()

        story.tell(play)


class TestAnEditorLeftOpen:
    def test_the_lease_ends_without_keys_and_the_draft_stays(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r")
            await at.write("Good night")
            for _ in range(4):
                await at.app.beat()
                await at.settle()
                at.desk.clock.advance(LEASE / 3)
            bob = at.desk.agent("bob")
            assert bob.claim(waiting).ticket.lease
            await at.press("ctrl+s")
            assert "bob holds this ticket" in at.hint()
            bob.release(waiting)
            await at.press("ctrl+s")
            await at.press("ctrl+s")

        story.tell(play)
        assert story.desk.office.texts(waiting)[-1] == "Good night"

    def test_keys_keep_the_ticket(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r")
            for _ in range(6):
                await at.write("a")
                await at.app.beat()
                await at.settle()
                at.desk.clock.advance(LEASE / 3)
            await at.press("ctrl+s")

        story.tell(play)
        assert story.desk.office.texts(waiting)[-1] == "aaaaaa"

    def test_a_page_left_open_keeps_no_ticket_either(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("c")
            for _ in range(4):
                await at.app.beat()
                await at.settle()
                at.desk.clock.advance(LEASE / 3)
            assert story.desk.ticket(waiting).held_by(at.desk.clock()) is None

        story.tell(play)

    def test_the_agent_is_told_when_the_lease_ended(self, story: Story) -> None:
        story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r", "a")
            at.desk.clock.advance(LEASE + timedelta(minutes=1))
            await at.press("b")
            await at.app.beat()
            await at.settle()
            assert "your lease ended" in at.hint()
            assert "Ctrl+S takes the ticket again" in at.hint()

        story.tell(play)


class TestWhatIsNew:
    def test_a_ticket_is_marked_until_it_was_looked_at(self, story: Story) -> None:
        story.desk.waiting("first")
        second = story.desk.waiting("second")

        def marks(at: Story) -> list[bool]:
            return [line.new for line in at.app.table.lines]

        async def play(at: Story) -> None:
            assert marks(at) == [True, True]
            assert "2 new" in at.status()
            assert "●" in at.screen()
            await at.press("down")
            await look_again(at)
            assert marks(at) == [False, True]
            await at.press("up")
            await look_again(at)
            assert marks(at) == [False, False]

        story.tell(play)

        async def tomorrow(at: Story) -> None:
            assert marks(at) == [False, False]
            at.follow_up(second, "Any news?")
            await look_again(at)
            assert marks(at) == [False, True]
            await at.press("down")
            assert "new · customer" in at.screen()
            assert "Any news?" in at.screen()

        story.tell(tomorrow)

    def test_what_came_while_no_key_was_pressed_is_new(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("up")
            at.follow_up(waiting, "Forget it, I found it.")
            await look_again(at)
            await look_again(at)
            assert [line.new for line in at.app.table.lines] == [True]

        story.tell(play)

    @pytest.mark.parametrize("rings", [True, False])
    def test_the_bell_rings_if_asked(
        self, story: Story, monkeypatch: pytest.MonkeyPatch, *, rings: bool
    ) -> None:
        waiting = story.desk.waiting()
        story.rings = rings
        rung: list[int] = []

        async def play(at: Story) -> None:
            monkeypatch.setattr(at.app, "bell", lambda: rung.append(1))
            await look_again(at)
            assert rung == []
            story.desk.waiting(LAWYER)
            await look_again(at)
            await look_again(at)
            assert len(rung) == rings
            await at.press("v", "v", "v")
            at.follow_up(waiting, "Forget it, I found it.")
            await look_again(at)
            await look_again(at)
            assert len(rung) == 2 * rings

        story.tell(play)


class TestSmallThings:
    @pytest.mark.parametrize(
        "key", ["x", "l", "q", "r", "n", "tab", "up", "pagedown", "enter", "f1", "ctrl+q", "escape"]
    )
    def test_any_key_leaves_the_page_of_keys_and_does_nothing_else(
        self, story: Story, key: str
    ) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("question_mark")
            assert len(at.app.screen_stack) == 2
            await at.press(key)
            assert at.app.is_running
            assert len(at.app.screen_stack) == 1

        story.tell(play)
        assert story.desk.ticket(waiting).version == 2

    @pytest.mark.parametrize(
        "text",
        [
            "👩\u200d💻",
            "\u0645\u06cc\u200c\u062e",
            "\u200f\u05e9\u05dc\u200e",
            "a\u00a0b\u2009c\u00add",
            "e\u0301",
            "👍🏽",
        ],
    )
    @pytest.mark.parametrize("way", ["typed", "pasted"])
    def test_the_editor_keeps_every_character(self, story: Story, text: str, way: str) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r")
            if way == "typed":
                for character in text:
                    at.app.post_message(events.Key("some_key", character))
            else:
                at.app.post_message(events.Paste(text))
            await at.settle()
            assert at.app.screen.text == text
            await at.press("escape", "r")
            assert at.app.screen.text == text
            await at.press("ctrl+s")

        story.tell(play)
        assert story.desk.office.texts(waiting)[-1] == text.strip()

    def test_a_draft_with_escapes_stays_as_it_is_and_steers_no_screen(self, story: Story) -> None:
        waiting = story.desk.waiting()
        evil = "a\x1b[2Jb \u202ec"
        Drafts(story.folder).keep(waiting, evil)

        async def play(at: Story) -> None:
            await at.press("r")
            assert at.app.screen.text == evil
            assert not any(c in at.screen() for c in "\x1b\u202e")
            await at.press("escape")

        story.tell(play)
        assert Drafts(story.folder).read(waiting) == evil

    def test_an_editor_opened_again_has_its_cursor_at_the_end(self, story: Story) -> None:
        waiting = story.desk.waiting()
        Drafts(story.folder).keep(waiting, "Dear Kim,\nyes")

        async def play(at: Story) -> None:
            await at.press("r", *", we do")
            assert at.app.screen.query_one(Writing).cursor_location == (1, 10)
            await at.press("escape")

        story.tell(play)
        assert Drafts(story.folder).read(waiting) == "Dear Kim,\nyes, we do"

    @pytest.mark.parametrize("size", [SMALL, TINY])
    def test_id_age_subject_and_conversation_are_on_every_screen(
        self, story: Story, size: tuple[int, int]
    ) -> None:
        waiting = story.desk.waiting("Gift boxes?\nFor my grandmother", customer={"name": "Kim"})
        story.desk.clock.advance(timedelta(hours=3))

        async def play(at: Story) -> None:
            lines = at.screen().splitlines()
            row = next(line for line in lines if waiting in line)
            assert "3 h" in row
            assert "Gift boxes" in row
            assert any("For my grandmother" in line for line in lines)
            assert any("Kim" in line for line in lines)
            assert "q Quit" in lines[-1]
            assert max(map(len, lines)) <= size[0]

        story.tell(play, size=size)

    def test_of_a_long_conversation_the_last_message_is_on_the_screen(self, story: Story) -> None:
        waiting = story.desk.waiting("first")
        for number in range(12):
            story.follow_up(waiting, f"message {number}")

        async def play(at: Story) -> None:
            await at.press("down")
            await at.pilot.pause()

        story.tell(play)

        async def again(at: Story) -> None:
            assert "message 11" in at.screen()

        story.tell(again)

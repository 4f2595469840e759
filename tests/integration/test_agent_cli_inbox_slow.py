"""The inbox on a slow network: keys that are typed while something loads.

Title, list and ticket belong together; a key moves the ticket that was under the cursor when it was
pressed; and no typed character is lost.
"""

# ruff: noqa: F811 -- tests name the fixture that they use

import pytest
from helpdesk.ticket import Move, State
from textual.widgets import TextArea

from agent_cli.drafts import Drafts
from agent_cli.inbox import looking
from agent_cli.inbox.prompts import Choice, Question
from agent_cli.inbox.reply import Reply
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    Story,
    no_network,
    practised,
    story,
)


@pytest.mark.usefixtures("practised")
class TestTyping:
    def test_what_is_typed_while_the_ticket_is_claimed_goes_to_the_editor(
        self, story: Story
    ) -> None:
        """The keys l, x and n would release, close and take tickets."""
        first, second = story.desk.waiting("first"), story.desk.waiting("second")

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("r")
                assert isinstance(at.app.screen, Reply)
                await at.hurry(*"lx n?qv")
                assert "taking the ticket" in at.hint()
            await at.settle()
            assert at.app.screen.query_one(TextArea).text == "lx n?qv"
            assert "to the customer" in at.hint()
            await at.press("ctrl+s")

        story.tell(play)
        assert story.desk.office.texts(first)[-1] == "lx n?qv"
        assert story.moves(first) == [Move.CLAIMED, Move.REPLIED]
        assert story.moves(second) == []

    def test_keys_that_come_faster_than_the_screen_go_to_the_editor(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.burst("r", *"no text is lost, xlz")
            assert at.app.screen.query_one(TextArea).text == "no text is lost, xlz"
            await at.press("escape")

        story.tell(play)
        assert story.moves(waiting) == [Move.CLAIMED]
        assert Drafts(story.folder).read(waiting) == "no text is lost, xlz"

    def test_keys_that_come_faster_than_the_screen_go_to_the_question(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.burst("o", *"call bob, xlz", "enter")

        story.tell(play)
        assert [event.note for event in story.desk.agent().show(waiting).notes] == ["call bob, xlz"]

    def test_an_agent_may_leave_before_the_ticket_is_claimed(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("r", *"later", "escape")
                assert not isinstance(at.app.screen, Reply)
            await at.settle()
            assert at.app.held == {waiting}

        story.tell(play)
        assert Drafts(story.folder).read(waiting) == "later"

    def test_a_claim_that_fails_leaves_the_editor_open_with_the_text(self, story: Story) -> None:
        """If it closed by itself, the next keys would run commands."""
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("r", *"l")
                story.desk.agent("bob").claim(waiting)
            await at.settle()
            await at.press(*"xz")
            assert at.app.screen.query_one(TextArea).text == "lxz"
            assert "bob holds this ticket" in at.hint()
            assert "your text is kept" in at.hint()
            story.desk.agent("bob").release(waiting)
            await at.press("ctrl+s")
            assert "to the customer" in at.hint()
            await at.press("ctrl+s")

        story.tell(play)
        assert story.desk.office.texts(waiting)[-1] == "lxz"

    def test_what_is_typed_while_the_reply_is_sent_stays(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r")
            await at.write("Sent.")
            with at.network.down():
                await at.hurry("ctrl+s", *"x", "escape")
                assert "still sending" in at.hint()
                await at.hurry(*"ln")
            await at.settle()
            assert at.app.screen.query_one(TextArea).text == "xln"
            assert "what you typed since is kept" in at.hint()
            await at.press("escape")

        story.tell(play)
        assert story.desk.office.texts(waiting)[-1] == "Sent."
        assert Drafts(story.folder).read(waiting) == "xln"

    def test_nothing_is_sent_before_the_ticket_is_the_agents(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("r", *"early", "ctrl+s")
                assert "still taking the ticket" in at.hint()
            await at.settle()

        story.tell(play)
        assert story.moves(waiting) == [Move.CLAIMED]

    def test_typing_in_the_preview_or_beside_the_text_goes_to_the_text(self, story: Story) -> None:
        story.desk.waiting()

        async def play(at: Story) -> None:
            await at.press("r", *"ab", "f4", "enter", "f4", *"c")
            assert at.app.screen.query_one(TextArea).display
            await at.press("shift+tab", *"d")
            assert at.app.screen.query_one(TextArea).text == "ab\ncd"

        story.tell(play)

    def test_a_note_that_is_refused_is_offered_again(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("x", *"spam", "enter")
                story.desk.agent("bob").claim(waiting)
            await at.settle()
            assert "your text is kept" in at.told()[-1]
            story.desk.agent("bob").release(waiting)
            await at.press("x", *"!", "enter")

        story.tell(play)
        assert story.desk.ticket(waiting).state is State.CLOSED
        assert [event.note for event in story.desk.agent().show(waiting).notes] == ["spam!"]

    def test_the_canned_replies_come_without_closing_anything(self, story: Story) -> None:
        waiting = story.desk.waiting(customer={"name": "Kim"})

        async def play(at: Story) -> None:
            await at.press("r", *"Hi. ")
            with at.network.down():
                await at.hurry("f3")
                assert isinstance(at.app.screen, Choice)
                await at.hurry("enter")
                assert isinstance(at.app.screen, Choice)
            await at.settle()
            await at.press("down", "enter")
            assert "Dear Kim" in at.app.screen.query_one(TextArea).text

        story.tell(play)
        assert story.moves(waiting) == [Move.CLAIMED]

    def test_a_canned_reply_that_comes_late_is_nobody_elses_draft(self, story: Story) -> None:
        first, second = story.desk.waiting("first"), story.desk.waiting("second")

        async def play(at: Story) -> None:
            await at.press("r")
            with at.network.down():
                await at.hurry("f3", "escape", "escape", "down", "r")
            await at.settle()
            assert at.app.screen.query_one(TextArea).text == ""
            await at.press("escape")

        story.tell(play)
        assert Drafts(story.folder).kept() == []
        assert story.moves(first) == story.moves(second) == [Move.CLAIMED]


@pytest.mark.usefixtures("practised")
class TestOneScreen:
    def test_another_lists_title_comes_with_its_tickets(self, story: Story) -> None:
        others = story.desk.waiting("for others")
        mine = story.desk.waiting("mine")
        story.desk.agent().claim(mine)

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("v")
                assert at.status().startswith("waiting: 2 · loading mine …")
                assert at.subjects() == ["for others", "mine"]
                await at.hurry("r", "c", "l", "n", "x")
                assert at.app.screen is at.app.screen_stack[0]
                assert "not done" in at.told()[-1]
            await at.settle()
            assert at.status().startswith("mine: 1 ·")
            assert at.subjects() == ["mine"]
            assert mine in at.heading()

        story.tell(play)
        assert story.moves(others) == []
        assert story.moves(mine) == [Move.CLAIMED]

    def test_the_last_list_asked_for_is_shown_whatever_comes_first(self, story: Story) -> None:
        story.desk.waiting()

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("v", "v")
                assert "loading snoozed" in at.status()
            await at.settle()
            assert at.status().startswith("snoozed: 0")
            assert at.subjects() == []
            assert "The list is empty" in at.screen()

        story.tell(play)

    def test_the_page_never_shows_another_ticket_than_the_cursor(self, story: Story) -> None:
        first = story.desk.waiting("first", customer={"name": "Kim"})
        second = story.desk.waiting("second", customer={"name": "Lee"})

        async def play(at: Story) -> None:
            assert first in at.heading()
            with at.network.down():
                await at.hurry("down")
                assert "Lee" in at.heading()
                assert second in at.heading()
                assert "loading" in at.screen()
                assert "Kim" not in at.screen()
            await at.settle()
            assert "loading" not in at.screen()

        story.tell(play)

    def test_a_key_names_the_ticket_it_was_pressed_on(self, story: Story) -> None:
        first, second = story.desk.waiting("first"), story.desk.waiting("second")

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("c", "down", "r", *"to Lee")
                assert at.app.screen.ticket_id == second
            await at.settle()
            assert at.app.screen.ticket_id == second
            await at.press("ctrl+s")
            assert at.app.table.under_cursor.row.id == first

        story.tell(play)
        assert story.moves(first) == [Move.CLAIMED]
        assert story.moves(second) == [Move.CLAIMED, Move.REPLIED]

    def test_moves_are_made_in_the_order_of_the_keys(self, story: Story) -> None:
        waiting = story.desk.waiting()

        async def play(at: Story) -> None:
            at.network.most = 0.02
            await at.hurry("c", "l", "c", "l", "c")
            await at.settle()

        story.tell(play)
        wanted = [Move.CLAIMED, Move.RELEASED, Move.CLAIMED, Move.RELEASED, Move.CLAIMED]
        assert story.moves(waiting) == wanted

    def test_the_next_ticket_comes_to_the_cursor_and_keys_wait_for_it(self, story: Story) -> None:
        first, second = story.desk.waiting("first"), story.desk.waiting("second")
        story.desk.agent("bob").claim(first)

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("n")
                assert "taking the next ticket" in at.status()
                await at.hurry("c", "r", "l", "n")
                assert "not done" in at.told()[-1]
            await at.settle()
            assert at.app.table.under_cursor.row.id == second
            assert at.subjects() == ["first", "second"]

        story.tell(play)
        assert story.moves(second) == [Move.CLAIMED]
        assert story.moves(first) == [Move.CLAIMED]

    def test_a_ticket_that_leaves_the_list_stays_under_the_cursor(self, story: Story) -> None:
        first, second = story.desk.waiting("first"), story.desk.waiting("second")

        async def play(at: Story) -> None:
            bob = story.desk.agent("bob")
            bob.claim(first)
            bob.reply(first, "Done.")
            at.app.refresh_list()
            await at.settle()
            assert at.app.table.under_cursor.row.id == first
            assert [line.split(" | ")[0] for line in at.list_()] == ["gone", "in 17 h"]
            assert "answered" in at.heading()
            await at.press("c")
            assert "the ticket is answered" in at.told()[-1]
            await at.press("down")
            at.app.refresh_list()
            await at.settle()
            assert at.subjects() == ["second"]

        story.tell(play)
        assert story.moves(second) == []

    def test_the_list_is_shown_although_each_look_takes_longer_than_the_time_between_two(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "REFRESH", 0.02)
        story.desk.waiting("first")

        async def play(at: Story) -> None:
            at.network.least, at.network.most = 0.08, 0.1
            story.desk.waiting("second")
            await at.pilot.pause(0.5)
            assert at.subjects() == ["first", "second"]
            at.network.most = 0

        story.tell(play)

    def test_leaving_waits_for_what_was_begun(self, story: Story) -> None:
        waiting = story.desk.waiting()
        story.desk.agent().claim(waiting)

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("l", "q")
                assert at.app.is_running
                assert "finishing what you started" in at.told()[-1]
            await at.settle()
            assert at.app.return_value == []

        story.tell(play)
        assert story.moves(waiting) == [Move.CLAIMED, Move.RELEASED]


class TestReaction:
    def test_a_key_right_after_a_change_that_it_did_not_cause_does_nothing(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "REACTION", 2.0)
        first, second = story.desk.waiting("first"), story.desk.waiting("second")

        async def play(at: Story) -> None:
            await at.pilot.pause(looking.REACTION)
            await at.press("r", *"Done.", "ctrl+s")
            await at.burst("l", "c", "x")
            assert not isinstance(at.app.screen, Question)
            assert "the list has just changed" in at.told()[-1]
            assert at.app.table.under_cursor.row.id == second
            await at.pilot.pause(looking.REACTION)
            await at.press("c")

        story.tell(play)
        assert story.moves(first) == [Move.CLAIMED, Move.REPLIED]
        assert story.moves(second) == [Move.CLAIMED]

    def test_the_cursors_own_move_needs_no_time(self, story: Story) -> None:
        story.desk.waiting("first")
        second = story.desk.waiting("second")

        async def play(at: Story) -> None:
            await at.pilot.pause(looking.REACTION)
            await at.burst("down", "c")

        story.tell(play)
        assert story.moves(second) == [Move.CLAIMED]

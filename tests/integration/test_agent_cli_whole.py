"""The speaking part of a message is what agents see first, and its whole text one key away."""

import pytest

from agent_cli.inbox.prompts import Keys
from agent_cli.inbox.reply import Reply
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    SIZES,
    Story,
    no_network,
    practised,
    story,
)
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixture
from tests.unit.test_first_seen import MAIL

pytestmark = pytest.mark.usefixtures("practised")

LARGE = (120, 60)
SPEAKS, REST = "Where is order 12345?", "Head of Sums"


def test_the_inbox_shows_what_speaks_and_one_key_the_rest(story: Story) -> None:  # noqa: F811
    story.desk.waiting(MAIL)

    async def play(at: Story) -> None:
        assert SPEAKS in at.screen()
        assert "[… signature, quote: 11 lines]" in at.screen()
        assert "whole text: w" in at.screen()
        assert REST not in at.screen()
        await at.press("w")
        assert REST in at.screen()
        assert "> the desk said line 5" in at.screen()
        await at.press("w")
        assert REST not in at.screen()

    story.tell(play, size=LARGE)


def test_news_on_the_ticket_leave_it_as_the_agent_wanted_it(story: Story) -> None:  # noqa: F811
    ticket_id = story.desk.waiting(MAIL)

    async def play(at: Story) -> None:
        await at.press("w")
        at.follow_up(ticket_id, "Are you there?")
        at.app.refresh_list()
        await at.settle()
        assert "Are you there?" in at.screen()
        assert REST in at.screen()

    story.tell(play, size=LARGE)


def test_the_next_ticket_is_short_again(story: Story) -> None:  # noqa: F811
    story.desk.waiting(MAIL)
    story.desk.waiting(MAIL)

    async def play(at: Story) -> None:
        await at.press("w", "down")
        assert SPEAKS in at.screen()
        assert REST not in at.screen()

    story.tell(play, size=LARGE)


def test_beside_the_reply_f5_shows_it(story: Story) -> None:  # noqa: F811
    story.desk.waiting(MAIL)

    async def play(at: Story) -> None:
        await at.press("r")
        assert isinstance(at.app.screen, Reply)
        assert "f5 Whole" in at.screen()
        assert "whole text: F5" in at.screen()
        assert REST not in at.screen()
        await at.press("f5")
        assert REST in at.screen()
        await at.write("w")
        assert at.app.screen.text == "w", "in the editor it is a letter"

    story.tell(play, size=LARGE)


@pytest.mark.parametrize("size", SIZES)
def test_the_key_is_on_the_page_of_keys_and_acts_without_a_ticket(
    story: Story,  # noqa: F811
    size: tuple[int, int],
) -> None:
    async def play(at: Story) -> None:
        await at.press("w")
        assert "The list is empty" in at.screen()
        await at.press("question_mark")
        assert isinstance(at.app.screen, Keys)

    story.tell(play, size=size)


def test_the_page_of_keys_names_it(story: Story) -> None:  # noqa: F811
    async def play(at: Story) -> None:
        await at.press("question_mark")
        assert "w  Show whole messages, with quotes and signatures" in at.screen()

    story.tell(play, size=LARGE)


def test_the_command_shows_what_speaks_or_with_whole_all(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, MAIL)

    first = desk.run("ticket", "show", ticket_id).stdout
    assert SPEAKS in first
    assert REST not in first
    assert "whole text: ticket show --whole" in first
    assert REST in desk.run("ticket", "show", ticket_id, "--whole").stdout
    assert REST not in desk.run("ticket", "next").stdout
    (message,) = desk.json("ticket", "show", ticket_id)["messages"]
    assert message["text"] == MAIL.strip(), "scripts get all of it"

"""The inbox, driven by its keys, over ports in memory."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from helpdesk.agents import LEASE, LEASE_GRACE, Query
from helpdesk.ticket import Listing, State
from textual.widgets import TextArea

from agent_cli.inbox.prompts import Choice, Keys, Question
from agent_cli.inbox.reply import Reply
from tests.desk import LAWYER, Desk
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    LARGE,
    SMALL,
    Story,
    no_network,
    practised,
)

pytestmark = pytest.mark.usefixtures("practised")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def story(desk: Desk, tmp_path: Path) -> Story:
    return Story(desk, tmp_path)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_what_waits_is_listed_as_it_is_due_with_the_ticket_beside_it(
    story: Story, size: tuple[int, int]
) -> None:
    story.desk.waiting("Do you sell gift wrapping?", customer={"name": "Kim"})
    story.desk.waiting(LAWYER)

    async def play(at: Story) -> None:
        assert at.list_() == [
            "in 1 h | 0 s |  | U3 My lawyer will sue you",
            "in 17 h | 0 s |  | N Do you sell gift wrapping?",
        ]
        screen = at.screen()
        assert "Urgent: legal threat +80" in screen
        assert "│ My lawyer will sue you" in screen
        assert "n Next" in screen
        assert "q Quit" in screen
        await at.press("down")
        assert "Kim" in at.screen()

    story.tell(play, size=size)


def test_a_day_at_the_inbox(story: Story) -> None:
    waiting = story.desk.waiting(customer={"name": "Kim"})

    async def play(at: Story) -> None:
        await at.press("n")
        assert story.desk.ticket(waiting).held_by(story.desk.clock()).agent == "ada"
        await at.press("r")
        assert isinstance(at.app.screen, Reply)
        await at.write("Dear Kim")
        await at.press("f4")
        assert "as the customer will see it" in at.hint()
        await at.press("f4", "ctrl+s")
        assert not isinstance(at.app.screen, Reply)
        assert at.list_() == []

    story.tell(play)
    assert story.desk.office.texts(waiting)[-1] == "Dear Kim"
    assert story.desk.office.escalations.ticket_ids == []
    assert not list(story.folder.glob("*.txt"))


def test_what_is_typed_survives_a_crash_and_is_offered_again(story: Story) -> None:
    waiting = story.desk.waiting()

    async def crash(at: Story) -> None:
        await at.press("r")
        await at.write("Half a reply")
        await asyncio.sleep(0.6)

    story.tell(crash)
    assert (story.folder / f"{waiting}.txt").read_text() == "Half a reply"

    async def again(at: Story) -> None:
        await at.press("r")
        assert at.app.screen.query_one(TextArea).text == "Half a reply"
        await at.press("escape")

    story.tell(again)
    assert (story.folder / f"{waiting}.txt").read_text() == "Half a reply"


def test_a_reply_that_is_refused_stays_in_the_editor_with_who_has_the_ticket(
    story: Story,
) -> None:
    waiting = story.desk.waiting()

    async def play(at: Story) -> None:
        await at.press("r")
        await at.write("Too late")
        story.desk.clock.advance(LEASE + LEASE_GRACE)
        story.desk.agent("bob").claim(waiting)
        await at.press("ctrl+s")
        assert "bob holds this ticket until" in at.hint()
        assert "your text is kept" in at.hint()
        assert at.app.screen.query_one(TextArea).text == "Too late"

    story.tell(play)
    assert story.desk.ticket(waiting).state is State.ESCALATED
    assert (story.folder / f"{waiting}.txt").read_text() == "Too late"


def test_the_heartbeat_keeps_the_lease_while_an_agent_writes(story: Story) -> None:
    waiting = story.desk.waiting()

    async def play(at: Story) -> None:
        await at.press("r")
        story.desk.clock.advance(LEASE - timedelta(seconds=1))
        assert isinstance(at.app.screen, Reply)
        await at.app.beat()
        await at.settle()
        story.desk.clock.advance(LEASE - timedelta(seconds=1))
        await at.write("Done")
        await at.press("ctrl+s")

    story.tell(play)
    assert story.desk.ticket(waiting).state is State.ANSWERED


def test_a_lost_connection_loses_no_text(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = story.desk.waiting()

    def down(*args: object) -> None:
        raise OSError("the network is down")

    async def play(at: Story) -> None:
        await at.press("r")
        await at.write("Patience")
        with monkeypatch.context() as patch:
            patch.setattr(story.desk.tickets, "commit", down)
            patch.setattr(story.desk.tickets, "entries", down)
            await at.press("ctrl+s")
            assert "the network is down" in at.hint()
            at.app.refresh_list()
            await at.settle()
        await at.press("ctrl+s")
        assert not isinstance(at.app.screen, Reply)

    story.tell(play)
    assert story.desk.office.texts(waiting)[-1] == "Patience"


def test_suggestions_and_canned_replies_are_inserted_and_placeholders_refused(
    story: Story,
) -> None:
    waiting = story.desk.waiting()

    async def play(at: Story) -> None:
        await at.press("r", "f2")
        assert isinstance(at.app.screen, Choice)
        await at.press("enter")
        area = at.app.screen.query_one(TextArea)
        assert area.text == "This is what we say about refund."
        assert "from the article refund, version 3" in at.hint()
        area.text = ""
        await at.press("f3", "down", "enter")
        assert "Dear {name}" in area.text
        await at.press("ctrl+s")
        assert "fill in {name}" in at.hint()
        area.text = "Dear Kim, done."
        await at.press("ctrl+s")

    story.tell(play)
    last = story.desk.agent().show(waiting).conversation.messages[-1]
    assert (last.text, last.intent) == ("Dear Kim, done.", "refund")


def test_notes_snoozing_transfer_closing_and_reopening(story: Story) -> None:
    first, second, third = (story.desk.waiting() for _ in range(3))

    async def play(at: Story) -> None:
        await at.press("o")
        assert isinstance(at.app.screen, Question)
        await at.write("Asked Bob")
        await at.press("enter")
        assert [event.note for event in at.app.shown.notes] == ["Asked Bob"]
        await at.press("z")
        await at.press(*["backspace"] * 2)
        await at.write("3h back soon")
        await at.press("enter")
        await at.press("t")
        await at.write("bob you know")
        await at.press("enter")
        await at.press("down", "x")
        await at.write("spam")
        await at.press("enter")
        await at.press("v", "v", "v", "u")
        await at.write("not spam")
        await at.press("enter")

    story.tell(play)
    notes = [event.note for event in story.desk.agent().show(first).notes]
    assert notes == ["Asked Bob", "back soon"]
    assert story.desk.ticket(first).snoozed_until is not None
    assert story.desk.ticket(second).assignee == "bob"
    assert [event.note for event in story.desk.agent().show(third).notes] == ["spam", "not spam"]
    assert story.desk.ticket(third).state is State.ESCALATED


def test_nonsense_is_refused_and_nothing_happens(story: Story) -> None:
    waiting = story.desk.waiting()

    async def play(at: Story) -> None:
        await at.press("z")
        await at.press(*["backspace"] * 2)
        await at.write("soon")
        await at.press("enter")
        assert ["not a span of time" in said for said in at.told()] == [True]
        await at.press("z", "escape", "l")
        assert "claim it first" in at.told()[-1]
        await at.press("r", "ctrl+s")
        assert "the text is blank" in at.hint()

    story.tell(play)
    assert story.desk.ticket(waiting).snoozed_until is None


def test_the_lists_keys_do_nothing_on_other_screens(story: Story) -> None:
    waiting = story.desk.waiting()

    async def play(at: Story) -> None:
        await at.press("r", "f4", "x", "l", "z", "n")
        assert isinstance(at.app.screen, Reply)
        await at.press("escape")

    story.tell(play)
    held = story.desk.ticket(waiting).held_by(story.desk.clock())
    assert held
    assert held.agent == "ada"


def test_two_agents_pressing_the_same_key_get_one_winner(story: Story) -> None:
    """T12."""
    waiting = story.desk.waiting()

    async def play(at: Story) -> None:
        story.desk.agent("bob").claim(waiting)
        await at.press("c")
        assert ["bob holds this ticket" in said for said in at.told()] == [True]

    story.tell(play)
    held = story.desk.ticket(waiting).held_by(story.desk.clock())
    assert held
    assert held.agent == "bob"


def test_new_tickets_appear_and_the_cursor_stays_where_it_is(story: Story) -> None:
    story.desk.waiting("first")
    story.desk.waiting("second")

    async def play(at: Story) -> None:
        await at.press("down")
        assert at.app.shown.ticket.subject == "second"
        story.desk.waiting(LAWYER)
        at.app.refresh_list()
        await at.settle()
        assert [row.rpartition("| ")[2] for row in at.list_()] == [
            "U3 My lawyer will sue you",
            "N first",
            "N second",
        ]
        assert at.app.shown.ticket.subject == "second"
        assert at.app.table.cursor_row == 2

    story.tell(play)


def test_search_and_views(story: Story) -> None:
    story.desk.waiting("about parcels")
    mine = story.desk.waiting("about money")
    story.desk.agent().claim(mine)

    async def play(at: Story) -> None:
        await at.press("slash")
        await at.write("MONEY")
        await at.press("enter")
        assert len(at.list_()) == 1
        await at.press("v")
        assert [row.rpartition("| ")[2] for row in at.list_()] == ["N about money"]
        await at.press("question_mark")
        assert isinstance(at.app.screen, Keys)
        await at.press("space")
        assert not isinstance(at.app.screen, Keys)
        await at.press("q")

    story.tell(play)
    assert len(story.desk.agent().find(Query(listings=(Listing.ESCALATED,)))) == 2


def test_a_customers_text_never_steers_the_screen(story: Story) -> None:
    story.desk.waiting(
        "\x1b[2J\x1b]0;owned\x07 \u202egnp.exe [red]x[/]", customer={"name": "\x1b[31mM"}
    )

    async def play(at: Story) -> None:
        for screen in (at.screen(), (await at.press("r"), at.screen())[1]):
            assert "\\x1b[2J" in screen
            assert not any(c in screen for c in "\x1b\x07\u202e")
        assert "\\u202egnp.exe [red]x[/]" in at.screen()

    story.tell(play)


def test_it_fits_when_the_window_changes(story: Story) -> None:
    story.desk.waiting("A subject that is a good deal longer than any list has room for, really")

    async def play(at: Story) -> None:
        for width, height in (LARGE, SMALL, (200, 50), SMALL):
            await at.pilot.resize_terminal(width, height)
            await at.settle()
            lines = at.screen().splitlines()
            assert len(lines) <= height
            assert max(map(len, lines)) <= width
            assert "q Quit" in lines[-1]

    story.tell(play)

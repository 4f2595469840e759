"""The inbox's lists: all pages can be reached, and one search covers every state (point 4)."""

# ruff: noqa: F811 -- tests name the fixture that they use

import time
from datetime import timedelta

import pytest
from helpdesk import ticket
from helpdesk.ticket import Move, State

from agent_cli.inbox import looks
from agent_cli.inbox.prompts import Keys
from tests.desk import LAWYER
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    LARGE,
    SMALL,
    Story,
    no_network,
    practised,
    story,
)

pytestmark = pytest.mark.usefixtures("practised")


async def search(at: Story, words: str) -> None:
    await at.press("slash")
    await at.write(words)
    await at.press("enter")


def abouts(at: Story) -> list[str]:
    return [row.rpartition("| ")[2] for row in at.list_()]


def test_a_long_list_says_how_many_there_are_and_goes_on(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_cli.inbox.lists.SHOWN", 3)
    for number in range(7):
        story.desk.waiting(f"ticket {number}")
        story.desk.clock.advance(timedelta(minutes=1))

    async def play(at: Story) -> None:
        assert "waiting: 1-3 of 7" in at.status()
        await at.press("greater_than_sign")
        assert abouts(at) == ["N ticket 3", "N ticket 4", "N ticket 5"]
        assert "waiting: 4-6 of 7" in at.status()
        await at.press("greater_than_sign")
        await at.press("greater_than_sign")
        assert abouts(at) == ["N ticket 6"]
        assert "waiting: 7-7 of 7" in at.status()
        await at.press("less_than_sign")
        assert abouts(at)[0] == "N ticket 0"

    story.tell(play, size=LARGE)


def test_a_search_covers_every_state_and_full_text_is_a_second_key(story: Story) -> None:
    done = story.desk.waiting("zebra done")
    story.desk.agent().claim(done)
    story.desk.agent().reply(done, "Done.")
    story.desk.waiting("something", customer={"name": "Zebra"})
    story.desk.waiting("hello\nmy zebra is lost")
    story.desk.waiting("other")

    async def play(at: Story) -> None:
        await at.press("f")  # nothing is searched for: nothing happens
        assert len(at.list_()) == 3
        await at.press("slash")
        await at.write("ZEBRA")
        await at.press("enter")
        assert abouts(at) == ["N something", "N zebra done"]
        assert "with “ZEBRA”: 2" in at.status()
        assert "done tickets of 7 days" in at.status()
        await at.press("f")
        assert abouts(at) == ["N something", "N hello", "N zebra done"]
        await at.press("slash", "enter")
        assert len(at.list_()) == 3

    story.tell(play, size=LARGE)


def test_a_search_is_not_repeated_every_two_seconds(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_cli.inbox.looking.REFRESH", 0.05)
    story.desk.waiting("zebra")

    async def play(at: Story) -> None:
        await at.press("slash")
        await at.write("zebra")
        await at.press("enter")
        story.desk.waiting("zebra two")
        await at.pilot.pause(0.3)
        await at.settle()
        assert abouts(at) == ["N zebra"]
        await at.press("v")
        assert len(abouts(at)) == 0  # the agent's own
        await at.press("slash")
        await at.write("zebra")
        await at.press("enter")
        assert abouts(at) == ["N zebra", "N zebra two"]

    story.tell(play)


class TestASlowSearch:
    def test_the_list_and_its_title_stay_until_the_search_is_done(self, story: Story) -> None:
        first = story.desk.waiting("about parcels")
        story.desk.waiting("about money")

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("slash", *"money", "enter")
                assert at.status().startswith("waiting: 2 · loading with “money” …")
                assert at.subjects() == ["about parcels", "about money"]
                await at.hurry("c", "x", "greater_than_sign")
                assert "not done" in at.told()[-1]
            await at.settle()
            assert at.status().startswith("with “money”: 1")
            assert at.subjects() == ["about money"]
            assert "0000000000000002" in at.heading()

        story.tell(play)
        assert [each.move for each in story.desk.tickets.events(first)][2:] == []

    def test_escape_stays_with_the_list(self, story: Story) -> None:
        waiting = story.desk.waiting("about parcels")

        async def play(at: Story) -> None:
            with at.network.down():
                await at.hurry("slash", *"money", "enter", "escape")
                assert "loading" not in at.status()
                await at.hurry("c")
            await at.settle()
            assert at.subjects() == ["about parcels"]

        story.tell(play)
        assert Move.CLAIMED in [each.move for each in story.desk.tickets.events(waiting)]

    def test_full_text_says_how_far_it_is_and_stops_when_the_agent_goes_on(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looks, "OFTEN", 0.01)
        for number in range(30):
            story.desk.waiting(f"matter {number}\nzebra")
        read: list[str] = []
        conversation = story.desk.tickets.conversation

        def slowly(ticket_id: str) -> object:
            read.append(ticket_id)
            time.sleep(0.15)
            return conversation(ticket_id)

        async def play(at: Story) -> None:
            await search(at, "zebra")
            with monkeypatch.context() as patch:
                patch.setattr(story.desk.tickets, "conversation", slowly)
                await at.hurry("f")
                while len(read) < 5:
                    await at.pilot.pause(0.01)
                assert "reading every message:" in at.status()
                assert "examined" in at.status()
                await at.hurry("v")
                await at.settle()
            assert len(read) < 30
            assert at.status().startswith("mine: 0")

        story.tell(play, size=LARGE)

    def test_leaving_does_not_wait_for_a_search(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(30):
            story.desk.waiting(f"matter {number}")
        reads, read = story.desk.tickets.conversation, list[str]()

        def slowly(ticket_id: str) -> object:
            time.sleep(0.1)
            read.append(ticket_id)
            return reads(ticket_id)

        async def play(at: Story) -> None:
            monkeypatch.setattr(story.desk.tickets, "conversation", slowly)
            await at.hurry("slash", *"zebra", "enter", "f", "q")

        story.tell(play)
        assert len(read) < 30


def test_what_a_search_found_is_shown_as_it_is_after_a_move(story: Story) -> None:
    first, second = story.desk.waiting("zebra one"), story.desk.waiting("zebra two")

    async def play(at: Story) -> None:
        await search(at, "zebra")
        await at.press("x", *"done", "enter")
        assert at.subjects() == ["zebra one", "zebra two"]
        assert f"{first} · closed" in at.heading()
        bob = story.desk.agent("bob")
        bob.claim(second)
        await at.press("down")
        story.desk.tickets.commit(
            ticket.follow_up(story.desk.ticket(second), "And?", now=story.desk.clock())
        )
        at.app.refresh_list()
        await at.settle()
        assert "And?" in at.screen()
        assert at.app.table.lines[1].row.owner == "bob"

    story.tell(play)
    assert story.desk.ticket(first).state is State.CLOSED


def test_the_bell_rings_beside_a_search_too(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.rings = True
    story.desk.waiting("zebra")
    rung: list[int] = []

    async def play(at: Story) -> None:
        monkeypatch.setattr(at.app, "bell", lambda: rung.append(1))
        await search(at, "zebra")
        story.desk.waiting(LAWYER)
        at.app.refresh_list()
        await at.settle()
        assert at.subjects() == ["zebra"]
        assert rung == [1]

    story.tell(play)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_every_key_is_on_the_page_of_keys(story: Story, size: tuple[int, int]) -> None:
    async def play(at: Story) -> None:
        await at.press("question_mark")
        assert isinstance(at.app.screen, Keys)
        screen = at.screen()
        for told in (
            "/  Search all tickets",
            "f  Look for",
            "> <  Show the next",
            "U  Take back",
            "any key goes back",
        ):
            assert told in screen

    story.tell(play, size=size)

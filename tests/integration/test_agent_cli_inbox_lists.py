"""The inbox's lists: all pages can be reached, and one search covers every state (point 4)."""

from datetime import timedelta

import pytest

from tests.integration.test_agent_cli_inbox import Story, desk, no_network, story  # noqa: F401


def status(at: Story) -> str:
    return str(at.app.query_one("#status").render())  # type: ignore[attr-defined]


def abouts(at: Story) -> list[str]:
    return [row.rpartition("| ")[2] for row in at.list_()]


def test_a_long_list_says_how_many_there_are_and_goes_on(
    story: Story,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent_cli.inbox.lists.SHOWN", 3)
    for number in range(7):
        story.desk.waiting(f"ticket {number}")
        story.desk.clock.advance(timedelta(minutes=1))

    async def play(at: Story) -> None:
        assert "waiting: 1-3 of 7" in status(at)
        await at.press("greater_than_sign")
        assert abouts(at) == ["N ticket 3", "N ticket 4", "N ticket 5"]
        assert "waiting: 4-6 of 7" in status(at)
        await at.press("greater_than_sign", "greater_than_sign")
        assert abouts(at) == ["N ticket 6"]
        assert "waiting: 7-7 of 7" in status(at)
        await at.press("less_than_sign")
        assert abouts(at)[0] == "N ticket 0"

    story.tell(play, size=(120, 40))


def test_a_search_covers_every_state_and_full_text_is_a_second_key(story: Story) -> None:  # noqa: F811
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
        assert "with “ZEBRA”: 2" in status(at)
        assert "done ones of 7 days" in status(at)
        await at.press("f")
        assert abouts(at) == ["N something", "N hello", "N zebra done"]
        await at.press("slash", "enter")
        assert len(at.list_()) == 3

    story.tell(play, size=(120, 40))


def test_a_search_is_not_repeated_every_two_seconds(
    story: Story,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent_cli.inbox.app.REFRESH", 0.05)
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

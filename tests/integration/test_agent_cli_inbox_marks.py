"""Marks in the inbox: several tickets at once, after one question (point 9)."""

# ruff: noqa: F811 -- tests name the fixture that they use

import pytest
from helpdesk.ticket import Move, State

from agent_cli.inbox.prompts import Question
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    TINY,
    Story,
    no_network,
    practised,
    story,
)

pytestmark = pytest.mark.usefixtures("practised")


@pytest.fixture
def ids(story: Story) -> list[str]:
    return [story.desk.waiting(f"matter {number}") for number in range(4)]


def test_a_mark_is_on_the_screen_and_survives_a_look_at_the_list(
    story: Story, ids: list[str]
) -> None:
    async def play(at: Story) -> None:
        await at.press("space", "down", "down", "space")
        assert "2 marked" in at.status()
        assert at.screen().count("✓") == 2
        story.desk.waiting("matter 4")
        at.app.refresh_list()
        await at.settle()
        assert at.app.table.marked == {ids[0], ids[2]}
        assert at.screen().count("✓") == 2
        await at.press("space")
        assert at.app.table.marked == {ids[0]}

    story.tell(play, size=TINY)


def test_only_tickets_of_the_list_are_marked(story: Story, ids: list[str]) -> None:
    async def play(at: Story) -> None:
        await at.press("space", "down", "space")
        bob = story.desk.agent("bob")
        bob.claim(ids[0])
        bob.reply(ids[0], "Done.")
        at.app.refresh_list()
        await at.settle()
        assert at.app.table.marked == {ids[1]}
        await at.press("v")
        assert at.app.table.marked == set()
        assert "marked" not in at.status()

    story.tell(play)


@pytest.mark.parametrize(
    ("key", "said", "state"),
    [
        ("x", "done by phone", State.CLOSED),
        ("s", "junk", State.CLOSED),
        ("t", "#billing yours", State.ESCALATED),
        ("g", "strike -nothing", State.ESCALATED),
    ],
)
def test_one_question_says_how_many_and_the_others_go_on_after_a_refusal(
    story: Story, ids: list[str], key: str, said: str, state: State
) -> None:
    desk = story.desk
    if key == "g":
        desk.agent().tag(ids[2], add=["strike"])
    else:
        desk.agent("bob").claim(ids[2])

    async def play(at: Story) -> None:
        await at.press("space", "down", "down", "space", "down", "space", "up", key)
        assert isinstance(at.app.screen, Question)
        assert "3 marked tickets" in at.screen()
        assert "Enter does it to 3 marked tickets" in at.screen()
        await at.write(said)
        await at.press("enter")
        assert any("2 of 3 tickets" in each for each in at.told())
        assert ids[2] in at.told()[-1]
        assert "not " in at.told()[-1]
        assert at.app.table.marked == {ids[2]}

    story.tell(play)
    for each in (ids[0], ids[3]):
        assert desk.ticket(each).state is state
        assert [event.actor for event in desk.tickets.events(each)].count("ada")
    assert not [event for event in desk.tickets.events(ids[1]) if event.actor == "ada"]
    if key == "t":
        assert desk.ticket(ids[0]).department == "billing"
    if key == "g":
        assert desk.ticket(ids[0]).tags == {"strike"}
    if key == "s":
        assert "spam" in desk.ticket(ids[0]).tags


def test_escape_does_nothing_and_keeps_the_marks(story: Story, ids: list[str]) -> None:
    async def play(at: Story) -> None:
        await at.press("space", "down", "space", "x", *"no", "escape")
        assert at.app.table.marked == {ids[0], ids[1]}

    story.tell(play)
    assert all(story.desk.ticket(each).state is State.ESCALATED for each in ids)


def test_without_marks_the_keys_act_on_the_ticket_under_the_cursor(
    story: Story, ids: list[str]
) -> None:
    async def play(at: Story) -> None:
        await at.press("g", *"vip", "enter")
        await at.press("down", "s", "enter")

    story.tell(play)
    assert story.desk.ticket(ids[0]).tags == {"vip"}
    assert story.desk.ticket(ids[1]).state is State.CLOSED
    assert story.desk.ticket(ids[2]).state is State.ESCALATED


def test_on_a_slow_network_the_marked_tickets_of_the_key_are_meant(
    story: Story, ids: list[str]
) -> None:
    async def play(at: Story) -> None:
        await at.press("space", "down", "space")
        with at.network.down():
            await at.hurry("x", *"done", "enter", "down", "space", "down")
        await at.settle()
        assert at.app.table.marked == {ids[2]}

    story.tell(play)
    states = [story.desk.ticket(each).state for each in ids]
    assert states == [State.CLOSED, State.CLOSED, State.ESCALATED, State.ESCALATED]
    assert Move.CLAIMED not in [each.move for each in story.desk.tickets.events(ids[2])]

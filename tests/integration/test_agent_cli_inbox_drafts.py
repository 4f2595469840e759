"""Drafts in the inbox: one key sends, edits or dismisses the one that is on the screen."""

# ruff: noqa: F811 -- tests name the fixture that they use

from datetime import timedelta

import pytest
from helpdesk import agents, ticket
from helpdesk.drafting import Fault, Severity
from helpdesk.ticket import Fate, Move, State

from agent_cli.drafts import Drafts
from agent_cli.inbox.reply import Reply
from tests.fakes import an_article
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    LARGE,
    SIZES,
    SMALL,
    Story,
    no_network,
    practised,
    quick_reader,
    story,
)
from tests.tickets import a_draft

pytestmark = pytest.mark.usefixtures("practised", "quick_reader")

TEXT = a_draft().text
LONG = timedelta(seconds=60)


@pytest.fixture
def drafted(story: Story) -> str:
    return story.desk.waiting(draft=a_draft(), customer={"name": "Kim"})


def fate(story: Story, ticket_id: str) -> Fate | None:
    mark = story.desk.ticket(ticket_id).draft
    return mark.fate if mark else None


def said(story: Story, ticket_id: str) -> str:
    return story.desk.office.texts(ticket_id)[-1]


async def time_is_up(at: Story) -> None:
    """Let the time pass for which replies wait."""
    at.app.send_all()
    await at.settle()


def redrafted(story: Story, ticket_id: str, text: str) -> None:
    """Let a better draft take the place of the open one."""
    found = story.desk.ticket(ticket_id)
    assert found.draft
    change = ticket.redraft(
        found, a_draft(text), instead_of=found.draft.number, now=story.desk.clock()
    )
    story.desk.tickets.commit(change)


@pytest.mark.parametrize("size", SIZES)
def test_the_draft_is_on_the_page_with_its_evidence_and_its_keys(
    story: Story, drafted: str, size: tuple[int, int]
) -> None:
    async def play(at: Story) -> None:
        page = " ".join(at.screen().replace("│", " ").replace("┃", " ").split())
        assert "draft 2" in page
        assert max(map(len, at.screen().splitlines())) <= size[0]
        if size != SIZES[2]:
            assert TEXT in page
            assert "[1] Refunds (article, v3): word for word" in page
            assert "a sends · e edits · d dismisses" in page
            assert at.list_()[0].endswith("N ✎ Do you sell gift wrapping?")

    story.tell(play, size=size)


def test_one_key_sends_the_draft(story: Story, drafted: str) -> None:
    async def play(at: Story) -> None:
        await at.press("a")
        assert "sent" in at.told()
        assert at.list_() == []
        await at.press("q")
        assert at.app.return_value == []

    story.tell(play)
    assert (said(story, drafted), fate(story, drafted)) == (TEXT, Fate.USED)
    assert story.moves(drafted) == [Move.CLAIMED, Move.REPLIED]


def test_a_draft_waits_for_the_time_of_undo_and_is_taken_back(story: Story, drafted: str) -> None:
    story.undo = LONG

    async def play(at: Story) -> None:
        await at.press("a")
        assert "reply to Kim" in at.status()
        assert story.moves(drafted) == [Move.CLAIMED]
        await at.press("U")
        assert isinstance(at.app.screen, Reply)
        assert at.app.screen.text == TEXT
        await at.write(" Yours")
        await at.press("escape", "r")
        assert at.app.screen.text == f"{TEXT} Yours"
        await at.press("ctrl+s")
        await time_is_up(at)

    story.tell(play)
    assert (said(story, drafted), fate(story, drafted)) == (f"{TEXT} Yours", Fate.EDITED)


def test_it_goes_when_its_time_is_up(story: Story, drafted: str) -> None:
    story.undo = LONG

    async def play(at: Story) -> None:
        await at.press("a")
        await time_is_up(at)

    story.tell(play)
    assert (said(story, drafted), fate(story, drafted)) == (TEXT, Fate.USED)


def test_a_draft_that_ends_while_it_waits_is_not_sent(story: Story, drafted: str) -> None:
    story.undo = LONG

    async def play(at: Story) -> None:
        await at.press("a")
        agents.dismiss(story.desk.agent("bob"), drafted, 2)
        await time_is_up(at)
        assert "bob dismissed it at" in at.told()[-1]
        assert "your text is kept" not in at.told()[-1]

    story.tell(play)
    assert Move.REPLIED not in story.moves(drafted)


def test_one_key_opens_the_editor_with_the_draft_and_its_evidence(
    story: Story, drafted: str
) -> None:
    async def play(at: Story) -> None:
        await at.press("e")
        assert isinstance(at.app.screen, Reply)
        assert at.app.screen.text == TEXT
        assert "[1] Refunds (article, v3)" in at.screen()
        assert "from draft 2 to Kim" in at.hint()
        await at.write(" Yours, Ada")
        await at.press("ctrl+s")

    story.tell(play, size=LARGE)
    assert (said(story, drafted), fate(story, drafted)) == (f"{TEXT} Yours, Ada", Fate.EDITED)
    assert Drafts(story.folder).read(drafted) is None


def test_a_text_of_the_agent_stays_above_the_draft(story: Story, drafted: str) -> None:
    async def play(at: Story) -> None:
        await at.press("r")
        await at.write("Dear Kim,")
        await at.press("escape", "e")
        assert at.app.screen.text == f"Dear Kim,\n\n{TEXT}"
        await at.press("escape", "e")
        assert at.app.screen.text == f"Dear Kim,\n\n{TEXT}"
        await at.press("escape", "r", "ctrl+s")

    story.tell(play)
    assert fate(story, drafted) is Fate.EDITED


def test_one_key_dismisses_the_draft_and_the_ticket_waits(story: Story, drafted: str) -> None:
    async def play(at: Story) -> None:
        await at.press("d")
        assert f"dismissed draft 2 of {drafted}" in at.told()
        assert at.list_()[0].endswith("N Do you sell gift wrapping?")
        assert "a sends" not in at.screen()
        await at.press("a")
        assert at.told()[-1] == "no draft waits here"

    story.tell(play)
    assert (fate(story, drafted), story.desk.ticket(drafted).state) == (
        Fate.DISMISSED,
        State.ESCALATED,
    )


@pytest.mark.parametrize("key", ["a", "d"])
def test_a_key_never_acts_on_another_draft_than_the_one_on_the_screen(
    story: Story, drafted: str, key: str
) -> None:
    """A better one comes while the agent reads."""

    async def play(at: Story) -> None:
        redrafted(story, drafted, "Better.")
        await at.press(key)
        assert "draft 3 took its place" in at.told()[-1]

    story.tell(play)
    assert fate(story, drafted) is Fate.OPEN
    assert story.desk.ticket(drafted).lease is None


def test_an_edited_text_survives_the_end_of_its_draft_and_is_sent_as_the_agents_own(
    story: Story, drafted: str
) -> None:
    async def play(at: Story) -> None:
        await at.press("e")
        await at.write(" Yours")
        agents.dismiss(story.desk.agent("bob"), drafted, 2)
        await at.press("ctrl+s")
        assert "bob dismissed it at" in at.hint()
        assert Drafts(story.folder).read(drafted) == f"{TEXT} Yours"
        assert Move.REPLIED not in story.moves(drafted)
        await at.press("ctrl+s")

    story.tell(play, size=LARGE)
    assert said(story, drafted) == f"{TEXT} Yours"
    assert fate(story, drafted) is None


def test_news_take_the_draft_from_the_text_that_is_made_of_it(story: Story, drafted: str) -> None:
    async def play(at: Story) -> None:
        await at.press("e")
        await at.write(" Yours")
        story.follow_up(drafted, "And now?")
        await at.press("ctrl+s")
        assert "wrote again" in at.hint()
        await at.press("ctrl+s")

    story.tell(play, size=LARGE)
    assert (said(story, drafted), fate(story, drafted)) == (f"{TEXT} Yours", None)


class TestEvidenceThatChanged:
    @pytest.fixture
    def changed(self, story: Story, drafted: str) -> str:
        article = an_article("refund", answer="Within 60 days.", version=4)
        story.desk.office.articles.put(article)
        return drafted

    @pytest.mark.parametrize("undo", [timedelta(0), LONG])
    def test_stops_the_draft_and_says_what_stands_there_now(
        self, story: Story, changed: str, undo: timedelta
    ) -> None:
        story.undo = undo

        async def play(at: Story) -> None:
            await at.press("a")
            assert "as it is now: “Within 60 days.” · e edits it" in at.told()[-1]

        story.tell(play)
        assert fate(story, changed) is Fate.OPEN
        assert story.desk.ticket(changed).lease is None

    def test_is_told_in_the_editor_and_the_next_key_sends_it_anyway(
        self, story: Story, changed: str
    ) -> None:
        async def play(at: Story) -> None:
            await at.press("e", "ctrl+s")
            assert "as it is now: “Within 60 days.”" in at.hint()
            assert Move.REPLIED not in story.moves(changed)
            await at.press("ctrl+s")

        story.tell(play, size=LARGE)
        assert fate(story, changed) is Fate.USED


def test_a_draft_that_says_more_than_its_evidence_must_be_edited(story: Story) -> None:
    fault = Fault(severity=Severity.HARD, kind="amount", what="30", part=0)
    ticket_id = story.desk.waiting(draft=a_draft(faults=(fault,)))

    async def play(at: Story) -> None:
        await at.press("a")
        assert "edit it first" in at.told()[-1]
        await at.press("e", "ctrl+s", "ctrl+s")
        assert "edit it first" in at.hint()
        assert Move.REPLIED not in story.moves(ticket_id)
        await at.write(" Yours")
        await at.press("ctrl+s")

    story.tell(play, size=LARGE)
    assert fate(story, ticket_id) is Fate.EDITED


def test_one_key_lists_what_waits_for_approval_and_one_its_category(story: Story) -> None:
    billing = an_article("invoice", category="BILLING")
    story.desk.waiting("plain")
    story.desk.waiting("refund", draft=a_draft(), likely=an_article("refund", category="REFUND"))
    story.desk.waiting("invoice", draft=a_draft(), likely=billing)
    story.desk.waiting("bill", draft=a_draft(), likely=billing)

    async def play(at: Story) -> None:
        await at.press("R")
        assert at.status().startswith("review: 3")
        assert len(at.list_()) == 3
        await at.press("down", "k")
        assert at.status().startswith("review of BILLING: 2")
        assert {line.rpartition(" ")[2] for line in at.list_()} == {"invoice", "bill"}
        await at.press("k")
        assert at.status().startswith("review: 3")
        await at.press("R")
        assert at.status().startswith("waiting: 4")
        await at.press("v", "v", "v", "v")
        assert at.status().startswith("review: 3")

    story.tell(play, size=SMALL)


def test_the_next_draft_is_under_the_cursor_when_one_was_sent(story: Story) -> None:
    first = story.desk.waiting("first", draft=a_draft())
    story.desk.clock.advance(timedelta(minutes=1))
    second = story.desk.waiting("second", draft=a_draft())

    async def play(at: Story) -> None:
        await at.press("R", "a")
        assert at.subjects() == ["✎ second"]
        assert second in at.heading()
        await at.press("a")

    story.tell(play)
    assert [fate(story, each) for each in (first, second)] == [Fate.USED, Fate.USED]

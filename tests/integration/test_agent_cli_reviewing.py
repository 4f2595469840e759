"""Drafts in the agents' terminal: shown with their evidence, approved, edited, dismissed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.drafting import Cited, Draft, Fault, Part, Severity, Usage
from helpdesk.evidence import Origin
from helpdesk.ticket import Fate, Move
from helpdesk.triage import Escalate, Reason

from agent_cli import articles
from tests.fakes import MORNING, an_article
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture
from tests.tickets import a_draft

EDITOR = "sed -i s/30/14/"


def quoting(**more: Any) -> Draft:
    """Return a draft whose article says still what it quotes."""
    return a_draft(version=0, **more)


def two_sources() -> Draft:
    """Return a draft of two parts: one quotes an article, one says a past reply in own words."""
    first = a_draft(version=0)
    past = Cited(
        number=2,
        id="reply:1",
        version=1,
        origin=Origin.REPLY,
        title="Sending it back",
        quote="Please put the slip into the box.",
        score=0.61,
    )
    return replace(
        first,
        parts=(*first.parts, Part(text="Do not forget the slip.", rests_on=(2,))),
        evidence=(*first.evidence, past),
        faults=(Fault(severity=Severity.SOFT, kind="negation", what="not", part=1),),
        degraded="too_slow",
    )


def test_a_ticket_shows_its_draft_and_below_each_part_what_it_rests_on(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=two_sources())

    page = desk.run("ticket", "show", ticket_id).stdout

    assert "draft 2 · extractive · waits for you · not sent" in page
    assert "only quotes: the language model was too slow" in page
    assert "[1] Refunds (article, v0): word for word" in page
    slip = "“Please put the slip into the box.”"
    assert f"[2] Sending it back (past reply, weaker, v1): {slip}" in page
    assert "check: “not”: the evidence may say the opposite" in page


def test_scripts_get_the_draft_whole(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=two_sources())

    draft = desk.json("ticket", "show", ticket_id)["draft"]

    assert (draft["number"], draft["ready"], draft["degraded"]) == (2, True, "too_slow")
    assert [each["rests_on"] for each in draft["parts"]] == [[1], [2]]
    assert [each["version"] for each in draft["evidence"]] == [0, 1]
    assert desk.json("ticket", "show", desk.escalated(2))["draft"] is None


def test_pages_with_a_draft_are_readable_at_40_80_and_120_columns(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=two_sources())
    for width in (40, 80, 120):
        for words in (("ticket", "review"), ("ticket", "show", ticket_id)):
            page = desk.run(*words, COLUMNS=str(width)).stdout
            assert max(map(len, page.splitlines())) <= width


def test_what_a_draft_quotes_never_steers_the_terminal(desk: Desk) -> None:  # noqa: F811
    evil = "\x1b]0;owned\x07\x1b[2J [bold red]30 days[/]"
    ticket_id = desk.escalated(1, draft=a_draft(evil, version=7))

    shown = desk.run("ticket", "show", ticket_id).output
    changed = desk.run("ticket", "approve", ticket_id, "2").output

    assert "\x1b" not in shown + changed
    assert "[bold red]" in shown


def test_lists_mark_tickets_with_a_draft(desk: Desk) -> None:  # noqa: F811
    drafted, plain = desk.escalated(1, draft=quoting()), desk.escalated(2)

    rows = {each["id"]: each["draft"] for each in desk.json("ticket", "list")["items"]}

    assert rows == {drafted: 2, plain: None}
    assert "draft" in desk.run("ticket", "list").stdout.splitlines()[0]
    assert "draft" not in desk.run("ticket", "list", "--no-review").stdout.splitlines()[0]


def test_the_review_lists_what_waits_for_approval_most_urgent_first(desk: Desk) -> None:  # noqa: F811
    review = Escalate(Reason.REVIEW, likely=an_article("refund"))
    later = desk.escalated(1, decision=review, draft=quoting())
    sooner = desk.escalated(2, draft=quoting(), ago=timedelta(hours=3))
    desk.escalated(3)

    found = desk.json("ticket", "review")["items"]

    assert [each["id"] for each in found] == [sooner, later]
    (row,) = desk.json("ticket", "review", "--category", "orders")["items"]
    assert (row["id"], row["reason"]) == (later, "review")
    assert desk.json("ticket", "review", "--category", "billing")["items"] == []


def test_an_approved_draft_is_the_reply(desk: Desk) -> None:  # noqa: F811
    """R10: the customer does not see it before."""
    ticket_id = desk.escalated(1, draft=quoting())
    assert len(desk.json("ticket", "show", ticket_id)["messages"]) == 1

    row = desk.json("ticket", "approve", ticket_id, "2")

    assert (row["state"], row["draft"]) == ("answered", None)
    last = desk.json("ticket", "show", ticket_id)["messages"][-1]
    assert (last["author"], last["text"]) == ("ada", quoting().text)
    mark = desk.ticket(ticket_id).draft
    assert mark
    assert mark.fate is Fate.USED


def test_an_edited_draft_counts_as_edited(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=quoting())

    desk.json("ticket", "approve", ticket_id, "2", "--edit", EDITOR=EDITOR, VISUAL="")

    last = desk.json("ticket", "show", ticket_id)["messages"][-1]
    assert last["text"] == "You can return it within 14 days."
    mark = desk.ticket(ticket_id).draft
    assert mark
    assert mark.fate is Fate.EDITED
    assert not list(desk.home.glob("state/**/*.txt"))


def test_a_dismissed_draft_is_gone_and_the_ticket_waits(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=quoting())

    row = desk.json("ticket", "dismiss", ticket_id, "2")

    assert (row["state"], row["draft"]) == ("escalated", None)
    assert desk.json("ticket", "review")["items"] == []
    again = desk.run("ticket", "approve", ticket_id, "2")
    assert again.exit_code == 5
    assert "ada dismissed it at" in again.stderr


def test_a_script_names_the_draft_that_it_means(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=quoting())
    for verb in ("approve", "dismiss"):
        result = desk.run("ticket", verb, ticket_id)
        assert result.exit_code == 2
        assert "name the NUMBER of the draft" in result.stderr
    assert desk.ticket(ticket_id).in_review


@pytest.mark.parametrize(("answer", "sent"), [("y", True), ("n", False)])
def test_in_a_terminal_the_draft_is_shown_and_asked_about(
    desk: Desk,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    sent: bool,
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    ticket_id = desk.escalated(1, draft=quoting())

    result = desk.run("ticket", "approve", ticket_id, stdin=f"{answer}\n")

    assert "[1] Refunds (article, v0)" in result.stdout
    assert (result.exit_code == 0) is sent
    assert desk.ticket(ticket_id).in_review is not sent


def test_a_late_draft_is_refused_with_who_moved_and_what_is_next(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=quoting())
    desk.tickets.commit(ticket.follow_up(desk.ticket(ticket_id), "And now?", now=desk.now))

    for verb in ("approve", "dismiss"):
        result = desk.run("ticket", verb, ticket_id, "2")
        assert result.exit_code == 5
        assert "draft 2 is not open any more: the customer wrote again at" in result.stderr
        assert f"helpdesk ticket show {ticket_id}" in result.stderr
    assert Move.REPLIED not in [each.move for each in desk.tickets.events(ticket_id)]


def test_a_draft_that_was_replaced_names_the_one_that_is_open(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=quoting())
    better = ticket.redraft(
        desk.ticket(ticket_id), quoting(text="Better."), instead_of=2, now=desk.now
    )
    desk.tickets.commit(better)

    result = desk.run("ticket", "approve", ticket_id, "2")

    assert result.exit_code == 5
    assert "draft 3 took its place" in result.stderr
    assert f"helpdesk ticket approve {ticket_id} 3" in result.stderr


def test_edited_text_of_a_draft_that_ended_meanwhile_is_kept(desk: Desk) -> None:  # noqa: F811
    """The colleague dismisses it while the editor is open."""
    ticket_id = desk.escalated(1, draft=quoting())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agent_cli.editor.click.edit", _dismissing(desk, ticket_id))
        result = desk.run("ticket", "approve", ticket_id, "2", "--edit")

    assert result.exit_code == 5
    assert "bob dismissed it at" in result.stderr
    assert desk.draft(ticket_id).startswith("You can return it within 14 days.")
    assert "kept text" in result.stderr


def _dismissing(desk: Desk, ticket_id: str) -> Callable[..., None]:  # noqa: F811
    def edit(filename: str) -> None:
        path = Path(filename)
        path.write_text(path.read_text().replace("30", "14"))
        assert desk.run("ticket", "dismiss", ticket_id, "2", agent="bob").exit_code == 0

    return edit


class TestEvidenceThatChanged:
    @pytest.fixture
    def ticket_id(self, desk: Desk) -> str:  # noqa: F811
        found = desk.escalated(1, draft=quoting())
        desk.knowledge.put(an_article("refund", answer="Within 60 days.", version=1))
        return found

    def test_is_shown_beside_what_the_draft_quotes(self, desk: Desk, ticket_id: str) -> None:  # noqa: F811
        result = desk.run("ticket", "approve", ticket_id, "2")

        assert result.exit_code == 5
        assert "as the draft quotes it: “You can return it within 30 days.”" in result.stderr
        assert "as it is now: “Within 60 days.”" in result.stderr
        assert f"approve {ticket_id} 2 --edit" in result.stderr
        assert desk.ticket(ticket_id).in_review
        assert desk.ticket(ticket_id).lease is None

    def test_lets_the_draft_be_sent_anyway(self, desk: Desk, ticket_id: str) -> None:  # noqa: F811
        assert desk.json("ticket", "approve", ticket_id, "2", "--anyway")["state"] == "answered"

    def test_lets_the_draft_be_edited(self, desk: Desk, ticket_id: str) -> None:  # noqa: F811
        desk.json("ticket", "approve", ticket_id, "2", "--edit", EDITOR=EDITOR, VISUAL="")

        assert desk.ticket(ticket_id).state == "answered"

    def test_is_told_as_well_if_nothing_was_edited(self, desk: Desk, ticket_id: str) -> None:  # noqa: F811
        words = ("ticket", "approve", ticket_id, "2", "--edit")

        assert desk.run(*words, EDITOR="true", VISUAL="").exit_code == 5


def test_a_draft_that_says_more_than_its_evidence_must_be_edited(desk: Desk) -> None:  # noqa: F811
    fault = Fault(severity=Severity.HARD, kind="amount", what="30", part=0)
    ticket_id = desk.escalated(1, draft=quoting(faults=(fault,)))

    assert "edit this: the amount “30”" in desk.run("ticket", "show", ticket_id).stdout
    for words in ((), ("--anyway",)):
        result = desk.run("ticket", "approve", ticket_id, "2", *words)
        assert result.exit_code == 5
        assert f"helpdesk ticket approve {ticket_id} 2 --edit" in result.stderr
    unedited = desk.run("ticket", "approve", ticket_id, "2", "--edit", EDITOR="true", VISUAL="")
    assert unedited.exit_code == 5
    desk.json("ticket", "approve", ticket_id, "2", "--edit", EDITOR=EDITOR, VISUAL="")


def test_history_tells_what_became_of_drafts(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, draft=quoting(at=MORNING))
    desk.json("ticket", "approve", ticket_id, "2")

    told = [each["changed"].get("draft") for each in desk.json("ticket", "history", ticket_id)]

    assert [each for each in told if each] == ["2 open", "2 used"]


def test_articles_in_review_are_listed_and_told_from_others(desk: Desk) -> None:  # noqa: F811
    file = desk.home / "article.yaml"
    file.write_text(
        "intent: wrapping\ntitle: t\nanswer: We do.\ncategory: c\ndepartment: d\nreview: true\n"
        "utterances: [wrap it]\n"
    )
    desk.json("knowledge", "add", "wrapping", "--file", str(file))

    (found,) = desk.json("knowledge", "list", "--review")

    assert (found["intent"], found["review"]) == ("wrapping", True)
    assert "after review" in desk.run("knowledge", "list").stdout
    assert "review: true" in desk.run("knowledge", "show", "wrapping").stdout


@pytest.mark.parametrize("form", articles.FORMATS)
@pytest.mark.parametrize("review", [True, False])
def test_whether_an_article_is_reviewed_survives_every_format(
    tmp_path: Path, form: str, *, review: bool
) -> None:
    written = an_article("refund", review=review)
    file = tmp_path / f"articles.{form}"
    file.write_text(articles.write([written], form))

    assert articles.read([file]).articles == (written,)
    assert articles.from_yaml(articles.as_yaml(written)).article == written


def test_statistics_say_what_became_of_drafts_and_what_engines_took(desk: Desk) -> None:  # noqa: F811
    used, edited, dismissed, stale = (
        desk.escalated(each, draft=quoting(usage=Usage(calls=1, microdollars=12_300)))
        for each in range(1, 5)
    )
    desk.json("ticket", "approve", used, "2")
    desk.json("ticket", "approve", edited, "2", "--edit", EDITOR=EDITOR, VISUAL="")
    desk.json("ticket", "dismiss", dismissed, "2")
    desk.tickets.commit(ticket.follow_up(desk.ticket(stale), "And now?", now=desk.now))

    told = desk.json("stats")["drafts"]

    ends = dict.fromkeys(("used", "edited", "dismissed", "stale"), 1)
    assert told == {"came": 4, **ends, "microdollars": 49_200}
    page = desk.run("stats").stdout
    assert "1 (25% of those that ended)" in page
    assert "$0.0492" in page
    nothing = desk.run("stats", "--since", "2020-01-01", "--until", "2020-01-02").stdout
    assert "drafts" not in nothing

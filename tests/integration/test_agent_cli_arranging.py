"""Agents arrange tickets from the terminal: open, tag, spam, merge, split, several at once."""

# ruff: noqa: F811 -- tests name the fixture that they use

import json
import re
from datetime import timedelta

import pytest
from helpdesk.triage import Answer

from tests.fakes import an_article
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture

KIM = {"email": "kim@example.com"}


class TestNew:
    def test_a_ticket_is_opened_with_the_day_it_came_and_a_token(self, desk: Desk) -> None:
        came = (desk.now - timedelta(days=3)).replace(microsecond=0)
        opened = desk.json(
            "ticket", "new", "Where is my sofa?", "--email", "kim@example.com",
            "--received", came.isoformat(), "--channel", "letter",
        )  # fmt: skip

        shown = desk.json("ticket", "show", opened["ticket"]["id"])
        assert shown["ticket"]["created_at"].startswith(f"{came:%Y-%m-%dT%H:%M}")
        assert (shown["ticket"]["reason"], shown["ticket"]["owner"]) == ("opened_by_agent", "ada")
        assert len(opened["token"]) > 20

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--received", "2026-13-45"), "is not a moment; write tomorrow 9"),
            (("--received", "2099-01-01"), "cannot have come in the future"),
            (("--received", "2001-01-01"), "kept for 400 days"),
        ],
    )
    def test_a_bad_date_is_told_in_one_line(
        self, desk: Desk, words: tuple[str, ...], told: str
    ) -> None:
        result = desk.run("ticket", "new", "Hello?", *words)

        assert result.exit_code in {2, 5}
        assert told in result.stderr
        assert "Traceback" not in result.stderr


class TestMerge:
    def test_merged_shown_together_and_taken_apart(self, desk: Desk) -> None:
        root = desk.escalated(1, "Where is my sofa?", **KIM)
        other = desk.escalated(2, "The blue one!", **KIM)

        merged = desk.json("ticket", "merge", other, "--into", root, "--note", "Same sofa.")
        assert merged["merged"] == [other]
        page = desk.run("ticket", "show", root).stdout
        assert "The blue one!" in page
        assert f"merged {other}" in page
        assert re.search(rf"merged into +{root}", desk.run("ticket", "show", other).stdout)
        assert desk.run("ticket", "reopen", other).exit_code == 5

        assert desk.json("ticket", "split", other)["state"] == "escalated"
        assert desk.run("ticket", "split", other).exit_code == 5

    def test_other_customers_tickets_are_refused(self, desk: Desk) -> None:
        one, other = desk.escalated(1, **KIM), desk.escalated(2, email="bob@example.com")
        result = desk.run("ticket", "merge", one, "--into", other)

        assert result.exit_code == 5
        assert "belong to different customers" in result.stderr


class TestSeveral:
    def test_ids_come_from_a_list_in_json(self, desk: Desk) -> None:
        ids = [desk.escalated(number, **KIM) for number in (1, 2, 3)]
        listed = json.dumps([{"id": each} for each in ids])

        tagged = desk.json("ticket", "tag", "--ids", "-", "--add", "strike", "-y", stdin=listed)

        assert [row["tags"] for row in tagged] == [["strike"]] * 3

    def test_a_dry_run_names_them_and_moves_nothing(self, desk: Desk) -> None:
        ids = [desk.escalated(number, f"Question {number}", **KIM) for number in (1, 2)]
        result = desk.run("ticket", "spam", *ids, "--dry-run")

        assert result.exit_code == 0
        assert f"{ids[0]}  escalated: Question 1" in result.stderr
        assert desk.json("ticket", "show", ids[0])["ticket"]["state"] == "escalated"

    def test_several_are_asked_about_once_and_never_without_an_answer(self, desk: Desk) -> None:
        ids = [desk.escalated(number, **KIM) for number in (1, 2)]
        result = desk.run("ticket", "close", *ids)

        assert result.exit_code == 2
        assert "2 tickets will be closed. Go on?" in result.stderr
        assert "add --yes" in result.stderr

    def test_open_tickets_are_taken_and_closed_and_refusals_are_named(self, desk: Desk) -> None:
        free, held = desk.escalated(1, **KIM), desk.escalated(2, **KIM)
        done = desk.escalated(3, decision=Answer(an_article("refund")), **KIM)
        desk.json("ticket", "claim", held, agent="bob")

        result = desk.run("ticket", "close", free, held, done, "--yes")

        assert result.exit_code == 5
        assert f"{held}: bob holds this ticket until" in result.stderr
        assert "2 of 3 tickets closed" in result.stderr
        states = [desk.json("ticket", "show", each)["ticket"]["state"] for each in (free, done)]
        assert states == ["closed", "closed"]

    def test_several_are_transferred(self, desk: Desk) -> None:
        ids = [desk.escalated(number, **KIM) for number in (1, 2)]
        rows = desk.json("ticket", "transfer", *ids, "--to", "bob", "--yes")

        assert [row["owner"] for row in rows] == ["bob", "bob"]

    @pytest.mark.parametrize("words", [(), ("--ids", "-")])
    def test_none_is_refused(self, desk: Desk, words: tuple[str, ...]) -> None:
        assert desk.run("ticket", "spam", *words).exit_code == 2


def test_another_message_on_an_answered_ticket(desk: Desk) -> None:
    answered = desk.escalated(1, decision=Answer(an_article("refund")), **KIM)

    desk.json("ticket", "reply", answered, "And here is the number: 17.", "--also")

    shown = desk.json("ticket", "show", answered)
    assert shown["ticket"]["state"] == "answered"
    assert shown["messages"][-1]["text"] == "And here is the number: 17."
    waits = desk.escalated(2, **KIM)
    assert desk.run("ticket", "reply", waits, "Hello", "--also").exit_code == 5


def test_tags_that_are_none_are_told(desk: Desk) -> None:
    waits = desk.escalated(1, **KIM)
    result = desk.run("ticket", "tag", waits, "--add", "two words")

    assert result.exit_code == 2
    assert "'two words' is not a tag" in result.stderr
    assert desk.run("ticket", "tag", waits).exit_code == 2

"""A reply from the terminal when the customer wrote meanwhile, and whose draft it then is."""

# ruff: noqa: F811 -- fixtures

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from helpdesk import ticket
from helpdesk.composition import Parts, Resources

import agent_cli.desk
from tests.fakes import ADA, MORNING
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture


class TestNews:
    """What the customer wrote while the agent did is never answered unread."""

    @pytest.fixture
    def held(self, desk: Desk) -> str:
        ticket_id = desk.escalated(1, name="Kim")
        desk.json("ticket", "next")
        return ticket_id

    def follow_up(self, desk: Desk, ticket_id: str, text: str = "Found it \x1b[2J.") -> None:
        desk.tickets.commit(ticket.follow_up(desk.ticket(ticket_id), text, now=desk.now))

    def test_a_script_is_told_by_an_exit_code_of_its_own(self, desk: Desk, held: str) -> None:
        self.follow_up(desk, held)
        refused = desk.run("ticket", "reply", held, "It left today.")

        assert refused.exit_code == 6
        assert "the customer wrote again after message 1" in refused.stderr
        assert desk.draft(held) == "It left today."
        assert desk.ticket(held).state == "escalated"
        assert desk.run("ticket", "reply", held, "--draft").exit_code == 6

    def test_a_script_can_send_despite_the_news(self, desk: Desk, held: str) -> None:
        self.follow_up(desk, held)

        assert desk.json("ticket", "reply", held, "Done.", "--despite-news")["state"] == "answered"

    def test_who_has_read_the_news_can_answer_it(self, desk: Desk, held: str) -> None:
        self.follow_up(desk, held)
        desk.json("ticket", "show", held)

        assert desk.json("ticket", "reply", held, "Fine.")["state"] == "answered"

    def test_a_script_can_name_the_last_message_it_knows(self, desk: Desk, held: str) -> None:
        self.follow_up(desk, held)

        assert desk.run("ticket", "reply", held, "Done.", "--seen", "1").exit_code == 6
        assert desk.json("ticket", "reply", held, "Done.", "--seen", "2")["state"] == "answered"

    def test_a_person_is_shown_the_message_and_asked(
        self, desk: Desk, held: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
        self.follow_up(desk, held)
        refused = desk.run("ticket", "reply", held, "It left today.", stdin="n\n")

        assert refused.exit_code == 6
        assert "  | Found it \\x1b[2J." in refused.stderr
        assert "Send your reply anyway?" in refused.stderr
        assert "nothing was sent" in refused.stderr
        assert desk.draft(held) == "It left today."

        self.follow_up(desk, held, "And one more thing")
        sent = desk.run("ticket", "reply", held, "--draft", stdin="y\n")
        assert "And one more thing" in sent.stderr
        assert "Found it" not in sent.stderr
        assert sent.exit_code == 0
        assert desk.ticket(held).state == "answered"

    def test_news_that_comes_while_the_editor_is_open_is_noticed(
        self, desk: Desk, held: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def edit(*, filename: str) -> None:
            self.follow_up(desk, held)
            Path(filename).write_text("It left today.")

        monkeypatch.setattr(click, "edit", edit)
        result = desk.run("ticket", "reply", held, "--suggestion", "1", "--edit")

        assert result.exit_code == 6
        assert desk.draft(held) == "It left today."


class TestDrafts:
    def test_a_failed_canned_reply_is_no_agents_draft(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("canned", "set", "hello", "Dear {name}, bye.")
        desk.json("ticket", "claim", ticket_id)
        assert desk.run("ticket", "reply", ticket_id, "--canned", "hello").exit_code == 2

        for agent in ("ada", "bob"):
            assert desk.run("ticket", "reply", ticket_id, "--draft", agent=agent).exit_code == 3

    def test_a_failed_canned_reply_takes_no_typed_texts_place(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("canned", "set", "hello", "Dear {name}, bye.")
        desk.run("ticket", "reply", ticket_id, "My own words")
        desk.run("ticket", "reply", ticket_id, "--canned", "hello")
        desk.run("ticket", "reply", ticket_id, "--suggestion", "1")

        assert desk.draft(ticket_id) == "My own words"

    def test_agents_with_strange_names_have_drafts_of_their_own(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.run("ticket", "reply", ticket_id, "Mine", agent="../../../ada")
        desk.run("ticket", "reply", ticket_id, "Ours", agent=None)

        kept = {path.read_text(): path.parent for path in desk.home.rglob(f"{ticket_id}.txt")}
        drafts = desk.home / "state/helpdesk/drafts/helpdesk"
        assert kept == {"Mine": drafts / "..%2F..%2F..%2Fada", "Ours": drafts}


class TestTheLengthOfALease:
    def test_the_stack_says_it(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        assert desk.stack.outputs["LeaseMinutes"] == "15"
        desk.json("ticket", "claim", ticket_id)
        lease = desk.ticket(ticket_id).lease
        assert lease
        assert timedelta(minutes=14) < lease.until - datetime.now(UTC) <= timedelta(minutes=15)

    @pytest.mark.parametrize(("outputs", "minutes"), [({"LeaseMinutes": "45"}, 45), ({}, 15)])
    def test_a_stack_of_an_earlier_version_says_nothing(
        self, outputs: dict[str, str], minutes: int
    ) -> None:
        parts = Parts(resources=Resources.of_outputs(outputs))
        at = agent_cli.desk.Desk(
            outputs=outputs, parts=parts, agent=lambda: ADA, clock=lambda: MORNING
        )

        assert at.lease == timedelta(minutes=minutes)

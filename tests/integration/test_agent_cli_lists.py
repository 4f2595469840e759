"""The terminal's lists, search and export (issue 3, points 4 and 9), over the template's tables."""

import csv
import io
import json
import signal
import stat
from dataclasses import fields
from datetime import timedelta
from typing import Any
from unittest import mock

import jsonschema
import pytest
from helpdesk.agents import paging
from helpdesk.ticket import Agent
from helpdesk.triage import Answer
from pydantic import TypeAdapter

from agent_cli.stopping import Stop
from agent_cli.words.lists import ExportedTicket
from agent_cli.words.tickets import TicketRow
from tests.fakes import an_article
from tests.integration.test_agent_cli import Desk, desk, poison  # noqa: F401 -- a fixture

ANSWER = Answer(an_article("refund"))


def rows(page: Any) -> list[str]:
    return [row["id"] for row in page["items"]]


class TestLists:
    def test_a_list_never_ends_silently(self, desk: Desk) -> None:  # noqa: F811
        made = [desk.escalated(n, ago=timedelta(hours=9 - n)) for n in range(5)]

        first = desk.json("ticket", "list", "--limit", "2")
        assert (rows(first), first["total"]) == (made[:2], {"number": 5, "exactness": "exactly"})
        second = desk.json("ticket", "list", "--limit", "2", "--cursor", first["cursor"])
        assert (rows(second), second["before"]) == (made[2:4], 2)
        third = desk.json("ticket", "list", "--limit", "2", "--cursor", second["cursor"])
        assert (rows(third), third["cursor"]) == (made[4:], None)

        told = desk.run("ticket", "list", "--limit", "2")
        assert told.stderr.splitlines() == [
            "helpdesk: 1 to 2 of 5 tickets",
            f"helpdesk: for the next ones, repeat this with --cursor {first['cursor']}",
        ]
        assert desk.run("ticket", "list").stderr == "helpdesk: 5 tickets\n"
        lines = desk.run("ticket", "list", "--limit", "2", "-o", "jsonl")
        assert first["cursor"] in lines.stderr

    def test_the_documented_cap_is_taken_and_no_more(self, desk: Desk) -> None:  # noqa: F811
        made = desk.escalated(1)

        assert rows(desk.json("ticket", "list", "--limit", "100000")) == [made]
        assert desk.run("ticket", "list", "--limit", "100001").exit_code == 2

    def test_a_cursor_that_is_wrong_is_told_in_one_line(self, desk: Desk) -> None:  # noqa: F811
        result = desk.run("ticket", "list", "--cursor", "nonsense")

        assert result.exit_code == 2
        assert result.stderr.startswith("helpdesk: this cursor is damaged")
        assert result.stderr.count("\n") == 1

    @pytest.mark.parametrize(
        ("option", "right", "wrong"),
        [
            ("--category", "orders", "returns"),
            ("--department", "orders", "returns"),
            ("--language", "en", "de"),
            ("--channel", "web", "app"),
            ("--since", "2020-01-01", "2100-01-01"),
            ("--until", "2100-01-01", "2020-01-01"),
            ("--assignee", "ada", "bob"),
            ("--priority", "normal", "low"),
            ("--intent", "refund", "gift_card"),
        ],
    )
    def test_every_filter(self, desk: Desk, option: str, right: str, wrong: str) -> None:  # noqa: F811
        made = desk.escalated(1)
        assert desk.run("ticket", "claim", made).exit_code == 0
        words = ("ticket", "list", "--state", "open")
        if option in {"--category", "--department"}:
            made = desk.escalated(2, decision=ANSWER)
            words = ("ticket", "list", "--state", "answered")

        assert rows(desk.json(*words, option, right)) == [made]
        assert rows(desk.json(*words, option, wrong)) == []

    def test_the_level_is_listed_shown_with_its_reason_and_kept_to_leads(
        self,
        desk: Desk,  # noqa: F811
    ) -> None:
        ordinary = desk.escalated(1)
        grave = desk.escalated(2, "My lawyer will sue you over January 15th")

        assert rows(desk.json("ticket", "list", "--level", "3")) == [grave]
        assert rows(desk.json("ticket", "list", "--level", "0")) == [ordinary]
        assert desk.run("ticket", "list", "--level", "4").exit_code == 2
        assert "urgent 3" in desk.run("ticket", "list").stdout
        shown = desk.run("ticket", "show", grave).stdout
        assert "3 legal: threatens with the law (message 1), law, courts or" in " ".join(
            shown.split()
        )
        assert "a lead, or the agent to whom one gave it" in shown
        assert "customer_service, other, 24 to 72 h" in shown
        desk.json("agent", "set", "ada", "--role", "agent")
        refused = desk.run("ticket", "claim", grave)
        assert refused.exit_code != 0
        assert "level 3 (legal) is for leads" in refused.stderr

    def test_what_cannot_be_meant_is_refused(self, desk: Desk) -> None:  # noqa: F811
        for words in (
            ("--full-text",),
            ("--since", "2026-03-02", "--until", "2026-03-01"),
            ("--days", "401"),
        ):
            assert desk.run("ticket", "list", *words).exit_code == 2


class TestSearch:
    def test_one_search_over_fields_and_states(self, desk: Desk) -> None:  # noqa: F811
        waits = desk.escalated(1, "A zebra bag?")
        answered = desk.escalated(2, decision=ANSWER, name="Zoe Zebra")
        by_address = desk.received(3, email="zebra@example.com")
        desk.escalated(4, "Nothing")

        found = desk.json("ticket", "search", "ZEBRA")

        assert set(rows(found)) == {waits, answered, by_address}
        assert rows(desk.json("ticket", "search", waits[:16])) == [waits]
        assert rows(desk.json("ticket", "search", "zebra@example.com")) == [by_address]
        told = desk.run("ticket", "search", "zebra")
        assert "answered and closed ones: of the last 7 days" in told.stderr
        assert rows(desk.json("ticket", "list", "--search", "zebra", "--state", "received")) == [
            by_address
        ]

    def test_full_text_shows_how_far_it_is(self, desk: Desk) -> None:  # noqa: F811
        made = desk.escalated(1, "Good day\nmy zebra is lost")
        desk.escalated(2, "Good day\nmy parcel is lost")

        assert rows(desk.json("ticket", "search", "zebra")) == []
        with mock.patch("agent_cli.stopping.SELDOM", 0.0):
            told = desk.run("ticket", "search", "zebra", "--full-text", "-o", "jsonl")
        assert [json.loads(line)["id"] for line in told.stdout.splitlines()] == [made]
        assert "helpdesk: reading every message; Ctrl-C stops" in told.stderr
        assert "helpdesk: 2 examined, 1 found" in told.stderr

    def test_ctrl_c_stops_and_shows_what_was_found(self, desk: Desk) -> None:  # noqa: F811
        first, second = desk.escalated(1, "zebra one"), desk.escalated(2, "zebra two")
        watched, before = Stop.watch, signal.getsignal(signal.SIGINT)

        def interrupted(self: Stop, examined: int, found: int) -> bool:
            if examined == 1:
                signal.raise_signal(signal.SIGINT)
            return watched(self, examined, found)

        with mock.patch.object(Stop, "watch", interrupted):
            told = desk.run("ticket", "search", "zebra", "-o", "jsonl")

        assert told.exit_code == 130
        (shown,) = (json.loads(line)["id"] for line in told.stdout.splitlines())
        said, cursor = told.stderr.splitlines()
        assert said.startswith("helpdesk: stopped: 1 to 1 of at least 1 tickets; 1 of ")
        rest = desk.json("ticket", "search", "zebra", "--cursor", cursor.split()[-1])
        assert {shown, *rows(rest)} == {first, second}
        assert signal.getsignal(signal.SIGINT) is before


class TestExport:
    def test_csv_has_a_line_for_each_ticket_and_no_formula(self, desk: Desk) -> None:  # noqa: F811
        made = desk.escalated(1, "=HYPERLINK(1)", email="kim@example.com", name="@Kim")
        desk.escalated(2, "+49 is my number; =1+1")
        path = desk.home / "waiting.csv"

        said = desk.json("ticket", "export", "--format", "csv", "--to", str(path))

        assert said == {"file": str(path), "tickets": 2, "complete": True}
        lines = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        assert {line["subject"] for line in lines} == {
            "'=HYPERLINK(1)",
            "'+49 is my number; '=1+1",
        }
        (kim,) = (line for line in lines if line["id"] == made)
        assert (kim["customer_name"], kim["customer_email"]) == ("'@Kim", "kim@example.com")
        assert {each.name for each in fields(TicketRow)} - set(lines[0]) == {"customer"}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_json_fits_its_schema_and_has_the_conversation_if_asked(self, desk: Desk) -> None:  # noqa: F811
        made = desk.escalated(1, "=1+1\nsecond line", decision=ANSWER)
        path, words = desk.home / "all.json", ("ticket", "export", "--state", "all")

        desk.json(*words, "--format", "json", "--to", str(path), "--conversation")

        exported = json.loads(path.read_text())
        jsonschema.validate(exported, TypeAdapter(list[ExportedTicket]).json_schema())
        ((ticket, messages),) = ((each["ticket"], each["messages"]) for each in exported)
        assert (ticket["id"], ticket["subject"]) == (made, "=1+1")
        assert [each["source"] for each in messages] == ["customer", "automatic"]
        assert messages[0]["text"] == "=1+1\nsecond line"

    def test_csv_has_a_line_for_each_message_if_asked(self, desk: Desk) -> None:  # noqa: F811
        desk.escalated(1, decision=ANSWER)
        path = desk.home / "all.csv"
        words = ("ticket", "export", "--state", "all", "--format", "csv", "--conversation")

        desk.json(*words, "--to", str(path))

        lines = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        assert [line["message_source"] for line in lines] == ["customer", "automatic"]

    def test_all_pages_are_exported_and_the_limit_is_told(
        self,
        desk: Desk,  # noqa: F811
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("agent_cli.commands.ticket.exporting.AT_ONCE", 2)
        monkeypatch.setattr(paging, "EXAMINED", 1)
        made = [desk.escalated(number) for number in range(5)]
        path = desk.home / "some.json"
        words = ("ticket", "export", "--format", "json", "--to", str(path), "--yes")

        assert desk.json(*words) == {"file": str(path), "tickets": 5, "complete": True}
        assert sorted(each["ticket"]["id"] for each in json.loads(path.read_text())) == made
        assert desk.json(*words, "--limit", "3")["complete"] is False
        told = desk.run(*words, "--limit", "3")
        assert "wrote 3 ticket(s)" in told.stderr
        assert "there are more" in told.stderr

    def test_a_file_is_replaced_only_if_agreed_to_and_only_whole(self, desk: Desk) -> None:  # noqa: F811
        path = desk.home / "kept.json"
        path.write_text("kept")
        words = ("ticket", "export", "--format", "json", "--to", str(path))
        desk.escalated(1)

        assert desk.run(*words).exit_code == 2
        assert path.read_text() == "kept"
        watched = Stop.watch

        def interrupted(self: Stop, examined: int, found: int) -> bool:
            if not self.asked:
                signal.raise_signal(signal.SIGINT)
            return watched(self, examined, found)

        with mock.patch.object(Stop, "watch", interrupted):
            stopped = desk.run(*words, "--yes")
        assert (stopped.exit_code, stopped.stdout) == (130, "")
        assert "stopped; no file was written" in stopped.stderr
        assert path.read_text() == "kept"
        assert sorted(each.name for each in desk.home.glob(".kept*")) == []
        assert desk.run(*words, "--yes").exit_code == 0
        assert len(json.loads(path.read_text())) == 1

    def test_a_place_where_no_file_can_be_is_told_in_one_line(self, desk: Desk) -> None:  # noqa: F811
        path = str(desk.home / "missing" / "a.csv")
        result = desk.run("ticket", "export", "--format", "csv", "--to", path)

        assert result.exit_code == 1
        assert f"cannot write {path}: No such file or directory" in result.stderr

    def test_nothing_found_is_an_empty_file(self, desk: Desk) -> None:  # noqa: F811
        path = desk.home / "none.json"
        desk.json("ticket", "export", "--format", "json", "--to", str(path))

        assert json.loads(path.read_text()) == []


class TestOtherLists:
    """The brothers of `ticket list`: each says how many there are."""

    def test_each_says_how_many_there_are(self, desk: Desk) -> None:  # noqa: F811
        desk.knowledge.put_canned("sorry", "Sorry.")
        desk.knowledge.put_agent(Agent("bob"))
        desk.knowledge.put_agent(Agent("bea"))

        assert desk.run("knowledge", "list").stderr == "helpdesk: 2 articles\n"
        assert desk.run("canned", "list").stderr == "helpdesk: 1 canned reply\n"
        assert desk.run("agent", "list").stderr == "helpdesk: 2 agents\n"
        assert desk.run("agent", "list", "-o", "json").stderr == ""

    def test_dead_letters_that_are_not_looked_at_are_told_of(
        self,
        desk: Desk,  # noqa: F811
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for _ in range(3):
            poison(desk, "IntakeDeadLettersUrl")
        assert desk.run("deadletter", "list").stderr == "helpdesk: 3 dead letters\n"

        monkeypatch.setattr("helpdesk.operations.MOST_LETTERS", 2)

        told = desk.run("deadletter", "list").stderr
        assert "intake: only 2 dead letters are looked at" in told


def test_a_state_with_a_category_in_pages_newest_first(desk: Desk) -> None:  # noqa: F811
    """M17: two filters, two pages, the newest first, and an id that is none."""
    made = [
        desk.escalated(n, ago=timedelta(hours=9 - n), decision=Answer(an_article("refund")))
        for n in range(1, 4)
    ]
    desk.escalated(5)  # open, of the same category
    words = (
        "ticket",
        "list",
        "--state",
        "answered",
        "--category",
        "orders",
        "--limit",
        "2",
        "--days",
        "2",
    )

    first = desk.json(*words)
    second = desk.json(*words, "--cursor", first["cursor"])

    assert [*rows(first), *rows(second)] == made[::-1]
    assert second["cursor"] is None
    unknown = desk.run("ticket", "show", "0" * 16)
    assert (unknown.exit_code, "no ticket" in unknown.stderr) == (3, True)

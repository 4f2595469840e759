"""`helpdesk incident` over the template's own table: found, shown, and answered once by a lead."""

import io
import json
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from helpdesk.aws import cases, clients
from helpdesk.cases import Case, Recent
from helpdesk.incidents import Rules, suspected
from helpdesk.ticket import Agent, Role, Source, State

from tests.integration.conftest import Stack
from tests.integration.recorded_calls import recording
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixture

DOWN = "Your shop only shows error 502"
SORRY = "It is back since 10:15."
LENA = Agent("lena", frozenset({Role.AGENT, Role.LEAD}))
BEA = Agent("bea", frozenset({Role.AGENT}))


@pytest.fixture
def down(desk: Desk) -> list[str]:  # noqa: F811
    """Let six customers write of the same, in six minutes, and one of another matter."""
    desk.knowledge.put_agent(LENA)
    desk.knowledge.put_agent(BEA)
    desk.escalated(30, "Do you sponsor chess clubs in Ulm?", email="chess@x.example")
    return [
        desk.escalated(
            number,
            f"{DOWN} {number}",
            ago=timedelta(minutes=9 - number),
            email=f"c{number}@x.example",
        )
        for number in range(1, 7)
    ]


def replies(desk: Desk, ticket_id: str) -> list[str]:  # noqa: F811
    found = desk.tickets.conversation(ticket_id)
    assert found
    return [each.text for each in found.messages if each.source is Source.AGENT]


def test_what_may_be_an_incident_is_listed(desk: Desk, down: list[str]) -> None:  # noqa: F811
    found = desk.json("incident", "list", agent="bea")

    assert (found["hours"], found["came"], found["looked_at"]) == (6, 7, 7)
    (incident,) = found["incidents"]
    assert (incident["id"], incident["customers"], incident["tickets"]) == (down[0], 6, 6)
    assert incident["told"] == "6 customers ask about the same within 5 min"
    assert incident["usual"] is None
    table = desk.run("incident", "list", "--hours", "2")
    assert down[0] in table.stdout
    assert "1 incident in 2 h, of 7 tickets that came" in table.stderr
    assert desk.json("incident", "list", "--hours", "1")["hours"] == 1
    assert desk.run("incident", "list", "--hours", "25").exit_code == 2


def test_any_of_its_tickets_shows_it(desk: Desk, down: list[str]) -> None:  # noqa: F811
    shown = desk.json("incident", "show", down[3])

    assert [each["id"] for each in shown["tickets"]] == down
    assert shown["incident"]["id"] == down[0]
    page = desk.run("incident", "show", down[0])
    assert all(each in page.stdout for each in down)
    assert "6 customers ask about the same within 5 min; 6 of them wait" in page.stderr
    other = desk.run("incident", "show", f"{30:016}")
    assert other.exit_code == 3
    assert "belongs to no incident now" in other.stderr


def test_a_lead_replies_to_all_once(desk: Desk, down: list[str]) -> None:  # noqa: F811
    assert desk.run("ticket", "claim", down[1], agent="bea").exit_code == 0
    reply = ("incident", "reply", down[0], "--text", SORRY)

    dry = desk.json(*reply, "--dry-run", agent="lena")
    assert [each["outcome"] for each in dry] == ["replied", "skipped", *["replied"] * 4]
    assert not any(replies(desk, each) for each in down)

    unasked = desk.run(*reply, agent="lena")
    assert unasked.exit_code == 2
    assert "Reply to the 6 tickets that wait?" in unasked.stderr
    done = desk.run(*reply, "--yes", agent="lena")
    assert done.exit_code == 0, done.stderr
    assert f"1/6  {down[0]}  replied" in done.stderr
    assert f"2/6  {down[1]}  skipped: bea holds it" in done.stderr
    assert "replied to: 5 of 6 tickets" in done.stderr
    again = desk.json(*reply, "--yes", agent="lena")
    assert [each["outcome"] for each in again] == ["has_it", "skipped", *["has_it"] * 4]
    assert [replies(desk, each) for each in down] == [[SORRY], [], *[[SORRY]] * 4]
    assert desk.ticket(down[0]).state is State.ANSWERED


def test_broken_off_it_is_run_again(desk: Desk, down: list[str]) -> None:  # noqa: F811
    reply = ("incident", "reply", down[0], "--text", SORRY, "--yes")
    told = []

    def until_the_third(text: str) -> None:
        told.append(text)
        if len(told) == 3:
            raise KeyboardInterrupt

    with mock.patch("agent_cli.output.tell_plainly", side_effect=until_the_third):
        assert desk.run(*reply, agent="lena").exit_code != 0
    assert sum(len(replies(desk, each)) for each in down) == 3

    assert desk.run(*reply, agent="lena").exit_code == 0
    assert [replies(desk, each) for each in down] == [[SORRY]] * 6


def test_only_leads_reply_to_all(desk: Desk, down: list[str]) -> None:  # noqa: F811
    refused = desk.run("incident", "reply", down[0], "--text", SORRY, "--yes", agent="bea")

    assert refused.exit_code == 4
    assert "only leads reply to all tickets of an incident; bea is not a lead" in refused.stderr
    assert not any(replies(desk, each) for each in down)


def test_the_reply_comes_from_a_file_or_stdin(
    desk: Desk,  # noqa: F811
    down: list[str],
    tmp_path: Path,
) -> None:
    path = tmp_path / "sorry.txt"
    path.write_text("We are sorry, äöü.\n", "utf-8")
    reply = ("incident", "reply", down[0], "--yes")

    assert desk.run(*reply, agent="lena").exit_code == 2
    assert desk.run(*reply, "--text", "a", "--file", str(path), agent="lena").exit_code == 2
    missing = desk.run(*reply, "--file", str(tmp_path / "none"), agent="lena")
    assert (missing.exit_code, "cannot read" in missing.stderr) == (2, True)
    assert desk.run(*reply, "--file", str(path), "--dry-run", agent="lena").exit_code == 0
    piped = io.BytesIO(b"From a pipe.")
    assert desk.run(*reply, "--text", "-", agent="lena", stdin=piped).exit_code == 0
    assert replies(desk, down[0]) == ["From a pipe."]


def test_meaning_and_goods_are_those_that_were_kept(
    desk: Desk,  # noqa: F811
    stack: Stack,
) -> None:
    """Texts that share no words are one matter by the vectors beside their customers' cases."""
    said = (
        "Nothing opens",
        "It stays white",
        "I get no page",
        "All is blank here",
        "Loads forever",
    )
    ids = [
        desk.escalated(number, text, email=f"c{number}@x.example")
        for number, text in enumerate(said, 1)
    ]
    assert suspected(desk.tickets, desk.now, Rules()).incidents == ()
    table = clients.table(stack.outputs["TicketsTable"])
    for number, ticket_id in enumerate(ids, 1):
        case = Case(ticket_id=ticket_id, at=desk.now, digest="d", length=2, meaning=b"\x10" * 384)
        key = f"EMAIL#c{number}@x.example"
        table.put_item(**cases.put(Recent(key=key, version=1, roots=(case,), expires_at=desk.now)))

    (found,) = suspected(desk.tickets, desk.now, Rules()).incidents
    assert sorted(each.id for each in found.voices) == ids


def test_what_looking_costs(desk: Desk, stack: Stack, down: list[str]) -> None:  # noqa: F811
    """The events of the span, two reads a ticket, and the week before by days; no write."""
    with recording(stack) as calls:
        found = suspected(desk.tickets, desk.now, Rules())

    assert len(found.incidents[0].voices) == len(down)
    assert {each.action for each in calls} == {"dynamodb:Query", "dynamodb:GetItem"}
    assert len(calls) <= 2 * 8 + 2 * 7 + 7 * 2 * 8


def test_a_schema_is_published(desk: Desk) -> None:  # noqa: F811
    schema = json.loads(desk.run("schema", "incident", "reply").stdout)

    assert "outcome" in json.dumps(schema)

"""The roster at the terminal: who may what, and whose tickets `next` takes."""

import pytest
from helpdesk.triage import Escalate, Reason

from tests.fakes import an_article
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture


def of(department: str) -> Escalate:
    return Escalate(Reason.NOT_AUTOMATIC, an_article("refund", department=department))


def test_leads_keep_the_roster(desk: Desk) -> None:  # noqa: F811
    bea = {"name": "bea", "roles": ["agent"], "departments": ["billing"]}
    assert desk.json("agent", "list") == []

    assert desk.json("agent", "set", "bea", "--department", "billing") == bea
    assert desk.json("agent", "list") == [bea]
    shown = desk.run("agent", "list").stdout
    assert "bea" in shown
    assert "billing" in shown
    assert desk.json("agent", "remove", "bea", "--yes") == bea
    assert desk.json("agent", "list") == []


def test_next_takes_what_the_agents_departments_deal_with(desk: Desk) -> None:  # noqa: F811
    orders, billing = (
        desk.escalated(number, decision=of(department))
        for number, department in ((1, "orders"), (2, "billing"))
    )
    desk.json("agent", "set", "bob", "--department", "billing")

    assert desk.json("ticket", "next", agent="bob")["ticket"]["id"] == billing
    assert desk.run("ticket", "next", agent="bob").exit_code == 3
    taken = desk.json("ticket", "next", "--department", "orders", agent="bob")
    assert taken["ticket"]["id"] == orders


@pytest.mark.parametrize(
    "line",
    [
        "ticket transfer {theirs} --to carol --override",
        "ticket erase {theirs} --yes",
        "ticket erase --customer kim@x.example --yes",
        "knowledge remove refund --yes",
        "agent set bob --role lead",
        "agent remove bob --yes",
    ],
)
def test_an_agent_who_is_no_lead_is_told_so(desk: Desk, line: str) -> None:  # noqa: F811
    theirs = desk.escalated(1, email="kim@x.example")
    desk.knowledge.put(an_article("refund"))
    desk.json("ticket", "claim", theirs)
    desk.json("agent", "set", "bob", "--role", "agent")

    refused = desk.run(*line.format(theirs=theirs).split(), agent="bob")

    assert (refused.exit_code, "bob is not a lead" in refused.stderr) == (4, True)
    assert desk.knowledge.get("refund") == an_article("refund")
    assert desk.json("ticket", "show", theirs)["lease"]["agent"] == "ada"


def test_an_auditor_looks_and_moves_nothing(desk: Desk) -> None:  # noqa: F811
    waiting = desk.escalated(1)
    desk.json("agent", "set", "otto", "--role", "auditor")

    assert desk.json("ticket", "show", waiting, agent="otto")["ticket"]["id"] == waiting
    refused = desk.run("ticket", "claim", waiting, agent="otto")
    assert (refused.exit_code, "may read tickets, but may not change" in refused.stderr) == (
        4,
        True,
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("agent set bea --role boss", 2),
        ("agent remove nobody-here --yes", 3),
        ("agent remove bea", 2),
    ],
)
def test_what_cannot_be(desk: Desk, line: str, code: int) -> None:  # noqa: F811
    desk.json("agent", "set", "bea")

    assert desk.run(*line.split(), "--no-input").exit_code == code

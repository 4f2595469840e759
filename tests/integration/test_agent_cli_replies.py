"""`knowledge reply` at the terminal: adopted, listed, dropped, and gone with the ticket."""

# ruff: noqa: F811 -- fixtures

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from helpdesk import erasure
from helpdesk.aws import clients
from helpdesk.aws.replies import DynamoReplies
from helpdesk.curation import Adopter
from helpdesk.evidence.passages import of_reply
from helpdesk.ports import ConflictError
from helpdesk.ticket import Agent, Role

from tests.fakes import LEAD
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixture

REPLY = "Dear Kim,\n\nhold the red button. It costs 5 euros. Write to kim@x.example."


def replied(desk: Desk, number: int = 1, text: str = REPLY, **who: Any) -> str:
    ticket_id = desk.escalated(number, **(who or {"email": "kim@x.example", "name": "Kim Ok"}))
    assert desk.run("ticket", "claim", ticket_id).exit_code == 0
    assert desk.run("ticket", "reply", ticket_id, text).exit_code == 0
    return ticket_id


def replies(desk: Desk) -> DynamoReplies:
    return DynamoReplies(clients.table(desk.stack.outputs["TicketsTable"]))


def in_table(desk: Desk) -> list[dict[str, Any]]:
    """Return all items of adopted replies."""
    name = desk.stack.outputs["TicketsTable"]
    found = clients.table(name).client.scan(TableName=name)["Items"]
    return [each for each in found if each["pk"] == "ADOPTED"]


def test_a_reply_is_adopted_masked_with_what_is_left_out(desk: Desk) -> None:
    ticket_id = replied(desk)

    view = desk.json("knowledge", "reply", "adopt", ticket_id, "--yes")

    assert view["reply"]["text"] == "hold the red button. It costs 5 euros. Write to <email>."
    assert [each["text"] for each in view["passages"]] == ["hold the red button."]
    assert [each["what"] for each in view["dropped"]] == ["5", "<email>"]
    assert view["reply"]["title"] == "refund"
    assert view["done"]


def test_people_are_told_what_is_left_out(desk: Desk) -> None:
    result = desk.run("knowledge", "reply", "adopt", replied(desk), "--yes")

    assert "left out, because it holds 5: It costs 5 euros." in result.stderr
    assert "about refund" in result.stderr


def test_a_dry_run_stores_nothing(desk: Desk) -> None:
    view = desk.json("knowledge", "reply", "adopt", replied(desk), "--dry-run")

    assert not view["done"]
    assert in_table(desk) == []


def test_what_may_be_a_name_is_refused_and_named(desk: Desk) -> None:
    ticket_id = replied(desk, text="Hold it. Then ask our Zebulon about it.")

    refused = desk.run("knowledge", "reply", "adopt", ticket_id, "--yes")

    assert refused.exit_code == 2
    assert "zebulon" in refused.stderr
    assert in_table(desk) == []
    desk.json("knowledge", "reply", "adopt", ticket_id, "--harmless", "Zebulon", "--yes")


def test_adopted_replies_are_listed_and_dropped(desk: Desk) -> None:
    first, second = replied(desk, 1), replied(desk, 2)
    for each in (first, second):
        desk.json("knowledge", "reply", "adopt", each, "--yes")

    listed = desk.json("knowledge", "reply", "list")
    dropped = desk.json("knowledge", "reply", "drop", first, "--yes")

    assert [each["ticket"] for each in listed] == [first, second]
    assert [each["ticket"] for each in dropped] == [first]
    assert [each["ticket"] for each in desk.json("knowledge", "reply", "list")] == [second]
    assert replies(desk).reply(first, 2) is None
    assert replies(desk).reply(second, 2)
    assert desk.run("knowledge", "reply", "drop", first, "--yes").exit_code == 3


def test_it_expires_with_its_ticket(desk: Desk) -> None:
    ticket_id = replied(desk)
    desk.json("knowledge", "reply", "adopt", ticket_id, "--yes")

    (item,) = in_table(desk)
    reply = replies(desk).reply(ticket_id, 2)
    until = desk.ticket(ticket_id).expires_at

    assert item["expires_at"] == int(until.timestamp())
    assert reply
    assert reply.expires_at == until
    assert of_reply(reply, now=until).passages == ()


class TestErasing:
    def test_the_ticket_takes_its_replies_with_it(self, desk: Desk) -> None:
        ticket_id, other = replied(desk, 1), replied(desk, 2)
        for each in (ticket_id, other):
            desk.json("knowledge", "reply", "adopt", each, "--yes")

        assert desk.run("ticket", "erase", ticket_id, "--yes").exit_code == 0

        assert [each["sk"] for each in in_table(desk)] == [other]
        assert desk.run("knowledge", "reply", "adopt", ticket_id, "--yes").exit_code == 3

    def test_the_customer_takes_them_all(self, desk: Desk) -> None:
        for number in (1, 2):
            desk.json("knowledge", "reply", "adopt", replied(desk, number), "--yes")

        erased = desk.run("ticket", "erase", "--customer", "kim@x.example", "--yes")

        assert erased.exit_code == 0
        assert in_table(desk) == []

    def test_a_reply_of_a_ticket_that_goes_meanwhile_is_not_stored(self, desk: Desk) -> None:
        ticket_id = replied(desk)
        adopter = Adopter(
            lead=LEAD,
            tickets=desk.tickets,
            articles=desk.knowledge,
            shelf=replies(desk),
            clock=lambda: datetime.now(UTC),
        )
        plan = adopter.plan(ticket_id)
        now = datetime.now(UTC)
        erasure.erase_ticket(ticket_id, LEAD, tickets=desk.tickets, clock=lambda: now)

        with pytest.raises(ConflictError):
            adopter.carry_out(plan)

        assert in_table(desk) == []


def test_two_leads_do_not_write_over_each_other(desk: Desk) -> None:
    ticket_id = replied(desk)
    adopter = Adopter(
        lead=LEAD,
        tickets=desk.tickets,
        articles=desk.knowledge,
        shelf=replies(desk),
        clock=lambda: datetime.now(UTC) + timedelta(seconds=1),
    )
    first, second = (adopter.plan(ticket_id) for _ in range(2))
    adopter.carry_out(first)

    with pytest.raises(ConflictError):
        adopter.carry_out(second)


def test_only_leads_may(desk: Desk) -> None:
    desk.knowledge.put_agent(Agent("bob", frozenset({Role.AGENT})))
    desk.knowledge.put_agent(LEAD)
    ticket_id = replied(desk)

    for words in (("adopt", ticket_id, "--yes"), ("drop", ticket_id, "--yes")):
        assert desk.run("knowledge", "reply", *words, agent="bob").exit_code == 4
    assert in_table(desk) == []

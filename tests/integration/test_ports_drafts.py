"""The exam of the ports: a draft is stored with its move, and goes with its ticket."""

# ruff: noqa: F811 -- tests name the fixture that they use

from dataclasses import fields
from datetime import timedelta

import pytest
from helpdesk import erasure, stats, ticket
from helpdesk.drafting import Fault, Severity, Usage
from helpdesk.stats import Became, Happening
from helpdesk.ticket import Ticket, replay
from helpdesk.triage import Escalate, Reason

from tests.fakes import ADA, MORNING
from tests.integration.test_ports import (  # noqa: F401 -- fixtures
    IDS,
    Ports,
    aws_ports,
    opened,
    ports,
)
from tests.tickets import LATER, LEASE, UNDERSTOOD, a_draft


def handed_over(ports: Ports) -> Ticket:
    """Store a ticket that people get with a draft."""
    opening = opened(IDS[0])
    ports.tickets.commit(opening)
    decision = Escalate(Reason.LOW_CONFIDENCE)
    change = ticket.settle(opening.after, UNDERSTOOD, decision, now=MORNING)
    usage = Usage(read=900, written=80, calls=2, microdollars=4100)
    fault = Fault(severity=Severity.SOFT, kind="negation", what="not", part=0)
    draft = a_draft("Größe ändern? 30 days.", usage=usage, faults=(fault,), degraded="too_slow")
    change = ticket.with_draft(change, draft)
    ports.tickets.commit(change)
    return change.after


def test_a_draft_comes_back_whole(ports: Ports) -> None:
    after = handed_over(ports)
    assert after.draft

    found = ports.tickets.draft(after.id, after.draft.number)

    assert found
    assert found.text == "Größe ändern? 30 days."
    assert (found.usage.microdollars, found.degraded, found.faults[0].what) == (
        4100,
        "too_slow",
        "not",
    )
    assert found.evidence[0].score == pytest.approx(0.8)
    assert ports.tickets.get(after.id) == after
    assert replay(ports.tickets.events(after.id)) == after


def test_another_number_and_another_ticket_have_no_draft(ports: Ports) -> None:
    after = handed_over(ports)

    assert ports.tickets.draft(after.id, 77) is None
    assert ports.tickets.draft(IDS[1], 2) is None


def test_messages_are_read_without_drafts(ports: Ports) -> None:
    after = handed_over(ports)

    found = ports.tickets.conversation(after.id)
    latest = ports.tickets.latest(after.id)

    assert found
    assert latest
    assert [each.number for each in found.messages] == list(range(1, after.messages + 1))
    assert latest.ticket == after


def test_what_became_of_a_draft_is_counted_from_the_index(ports: Ports) -> None:
    after = handed_over(ports)
    held = ticket.claim(after, ADA, now=LATER, length=LEASE)
    ports.tickets.commit(held)
    draft = ports.tickets.draft(after.id, after.draft.number if after.draft else 0)
    assert draft
    ports.tickets.commit(ticket.reply(held.after, ADA, draft.text, now=LATER, draft=draft))

    found = ports.tickets.happened(MORNING - timedelta(days=1), LATER + timedelta(days=1))

    became = [(each.draft, each.microdollars) for each in found if each.draft]
    assert became == [(Became.CAME, 4100), (Became.USED, None)]


def test_the_matter_of_a_closed_ticket_is_counted_from_the_index(ports: Ports) -> None:
    """Hours are learned by it."""
    after = handed_over(ports)
    held = ticket.claim(after, ADA, now=LATER, length=LEASE)
    ports.tickets.commit(held)
    closing = ticket.close(held.after, ADA, now=LATER)
    ports.tickets.commit(closing)
    assert stats.happening(closing).matter

    found = ports.tickets.happened(LATER, LATER + timedelta(days=1))

    assert [each.matter for each in found if each.matter] == [stats.happening(closing).matter]


def test_every_fact_of_an_event_comes_back_from_the_index(ports: Ports) -> None:
    after = handed_over(ports)

    *_, last = ports.tickets.happened(MORNING - timedelta(days=1), MORNING + timedelta(days=1))

    told = stats.happening(
        ticket.with_draft(
            ticket.settle(
                opened(IDS[0]).after, UNDERSTOOD, Escalate(Reason.LOW_CONFIDENCE), now=MORNING
            ),
            a_draft(usage=Usage(microdollars=4100)),
        )
    )
    assert last.ticket_id == after.id
    assert {each.name: getattr(last, each.name) for each in fields(Happening)} == {
        each.name: getattr(told, each.name) for each in fields(Happening)
    }


def test_drafts_are_erased_with_their_ticket(ports: Ports) -> None:
    after = handed_over(ports)
    assert after.draft

    erasure.erase(after.id, "token", tickets=ports.tickets, clock=lambda: LATER)

    assert ports.tickets.draft(after.id, after.draft.number) is None

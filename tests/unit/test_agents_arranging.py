"""What agents do to arrange tickets, over the ports: what is stored, and which queue is told."""

from datetime import timedelta

import pytest
from helpdesk.agents import Kept, Opening, PlaceholderError
from helpdesk.ticket import Customer, IllegalMoveError, State, TextError

from tests.desk import Desk
from tests.fakes import MORNING

KIM = {"email": "kim@example.com"}
KEPT = Kept(token_life=timedelta(days=90), retention=timedelta(days=400))


def opening(text: str = "Where is my sofa?") -> Opening:
    return Opening(text=text, customer=Customer(**KIM), channel="phone", received=MORNING)


def test_an_opened_ticket_waits_for_its_agent_and_opens_to_its_customer(desk: Desk) -> None:
    opened, token = desk.agent().open(opening(), KEPT)

    assert len(token) > 20
    assert desk.ticket(opened.id).state is State.ESCALATED
    assert desk.office.escalations.ticket_ids == [opened.id]
    assert desk.agent("bob").take_next() is None
    assert desk.agent().take_next()


def test_another_message_is_stored_once_however_often_it_is_sent(desk: Desk) -> None:
    waiting = desk.waiting()
    at = desk.agent()
    at.take_next()
    at.reply(waiting, "Yes.")

    for _ in range(3):
        at.add(waiting, "For two euros.")

    assert desk.office.texts(waiting)[1:] == ["Yes.", "For two euros."]
    with pytest.raises(PlaceholderError):
        at.add(waiting, "Dear {name}", canned=["hello"])
    with pytest.raises(TextError):
        at.add(waiting, " ")


def test_what_is_marked_as_spam_leaves_no_message(desk: Desk) -> None:
    waiting = desk.waiting()
    at = desk.agent()
    at.claim(waiting)

    at.spam(waiting, note="Watches.")

    assert desk.office.escalations.ticket_ids == []
    assert at.history(waiting)[-1].note == "Watches."


def test_the_message_of_a_merged_ticket_is_settled_and_of_a_split_one_sent(desk: Desk) -> None:
    root, other = desk.waiting(customer=KIM), desk.waiting(customer=KIM)
    at = desk.agent()
    at.claim(other)

    assert at.merge(root, other).merged == {other}
    assert len(desk.office.escalations.ticket_ids) == 1
    shown = at.show(root)
    assert [each.ticket.id for each in shown.family] == [other]

    at.split(other)
    assert len(desk.office.escalations.ticket_ids) == 2
    with pytest.raises(IllegalMoveError, match="is not merged into another ticket"):
        at.split(other)


def test_tags_need_no_lease(desk: Desk) -> None:
    waiting = desk.waiting()
    desk.agent("bob").claim(waiting)

    assert desk.agent().tag(waiting, add=["strike"]).tags == {"strike"}

"""One exam for the texts in memory and over AWS, and for a move that says two things."""

from dataclasses import replace
from typing import Any

import pytest
from helpdesk import ticket
from helpdesk.announcing import announced
from helpdesk.aws import clients
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.curation import TextEditor
from helpdesk.knowledge import InvalidTextError, Text, shipped
from helpdesk.ports import ConflictError, NotFoundError, TextsUnavailableError
from helpdesk.ticket import NotAllowedError, Source, replay
from helpdesk.triage import Escalate, Reason

from tests.fakes import ADA, LEAD, MORNING, InMemoryTexts, InMemoryTickets, an_understanding
from tests.integration.conftest import Stack
from tests.integration.test_ports import IDS, opened

FIRST = Text(
    name="danger", language="de", text="Bitte rufen Sie 112.", version=1, at=MORNING, by="lena"
)


@pytest.fixture(params=["memory", "aws"])
def shelf(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return InMemoryTexts()
    stack: Stack = request.getfixturevalue("stack")
    return DynamoTexts(clients.table(stack.outputs["KnowledgeTable"]))


@pytest.fixture
def lead(shelf: Any) -> TextEditor:
    return TextEditor(agent=LEAD, shelf=shelf, clock=lambda: MORNING)


def test_a_text_is_kept_with_every_version(shelf: Any) -> None:
    assert shelf.text("danger", "de") is None
    shelf.put_text(FIRST)
    second = replace(FIRST, text="Rufen Sie 112.", version=2)
    shelf.put_text(second)

    assert shelf.text("danger", "de") == second
    assert shelf.text("danger", "en") is None
    assert list(shelf.texts()) == [second]
    assert shelf.text_history("danger", "de") == (FIRST, second)


def test_of_two_leads_at_once_one_is_told(shelf: Any) -> None:
    for version in (1, 2):
        shelf.put_text(replace(FIRST, version=version))
        with pytest.raises(ConflictError, match="danger"):
            shelf.put_text(replace(FIRST, text="Anders.", version=version))

    assert shelf.text("danger", "de") == replace(FIRST, version=2)


def test_a_lead_writes_and_goes_back(lead: TextEditor) -> None:
    brought = lead.get("danger", "en")
    written = lead.write("danger", "en", "  Call 112. \n")

    assert (brought.text, brought.version) == (shipped()["danger"], 0)
    assert written
    assert (written.text, written.version, written.by) == ("Call 112.", 1, "lena")
    assert lead.write("danger", "en", "Call 112.") is None
    again = lead.write("danger", "en", brought.text)
    assert again
    assert [each.version for each in lead.history("danger", "en")] == [0, 1, 2]
    assert lead.get("danger", "en") == again


def test_every_occasion_has_a_text_and_other_languages_beside_it(lead: TextEditor) -> None:
    lead.write("danger", "de", "Bitte rufen Sie 112.")

    found = lead.all()

    assert {each.name for each in found if each.language == "en"} == set(shipped())
    assert [each.text for each in found if each.language == "de"] == ["Bitte rufen Sie 112."]
    assert lead.history("danger", "de") == (lead.get("danger", "de"),)


def test_what_is_unknown_or_not_allowed_is_refused(lead: TextEditor) -> None:
    with pytest.raises(InvalidTextError, match="no text has the name"):
        lead.get("nonsense", "en")
    with pytest.raises(InvalidTextError, match="no text has the name"):
        lead.write("nonsense", "en", "A person reads it.")
    with pytest.raises(NotFoundError, match="in the language fr"):
        lead.get("danger", "fr")
    with pytest.raises(NotAllowedError, match="only leads"):
        replace(lead, agent=ADA).write("danger", "en", "A person reads it.")
    assert lead.write("danger", "en", shipped()["danger"]) is None


def test_texts_that_cannot_be_read_say_so(stack: Stack) -> None:
    lost = DynamoTexts(clients.table("no-such-table"))

    with pytest.raises(TextsUnavailableError, match="danger"):
        lost.text("danger", "en")


@pytest.mark.parametrize("where", ["memory", "aws"])
def test_a_move_may_say_two_things(where: str, request: pytest.FixtureRequest) -> None:
    """The customer's message and, below it, that a person has it."""
    tickets: Any = InMemoryTickets()
    if where == "aws":
        stack: Stack = request.getfixturevalue("stack")
        tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    texts = InMemoryTexts()
    change = opened()
    tickets.commit(change)
    waits = ticket.settle(
        change.after, an_understanding(), Escalate(Reason.OUT_OF_SCOPE), now=MORNING
    )
    tickets.commit(announced(waits, texts))
    alarmed = announced(
        ticket.follow_up(tickets.get(IDS[0]), "I want to kill myself", now=MORNING), texts
    )
    assert len(alarmed.messages) == 2
    tickets.commit(alarmed)

    found = tickets.conversation(IDS[0])
    assert found
    assert [each.source for each in found.messages] == [
        Source.CUSTOMER,
        Source.AUTOMATIC,
        Source.CUSTOMER,
        Source.AUTOMATIC,
    ]
    assert [each.number for each in found.messages] == [1, 2, 3, 4]
    assert found.messages[-1].text == shipped()["danger"]
    assert found.messages[-1].at == MORNING
    assert found.ticket.messages == 4
    assert replay(tickets.events(IDS[0])) == found.ticket

"""The register of files keeps its promises in memory and in the table."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.files import MOST_TEXT, Attachment, Register, State, Why
from helpdesk.ports import ConflictError

from tests.filing import InMemoryRegister, an_attachment
from tests.integration.conftest import Stack
from tests.integration.functions_at_work import queues_of, submit, tickets_of


@pytest.fixture
def ticket_id(stack: Stack) -> str:
    return submit(tickets_of(stack), queues_of(stack)[0], "Where is it?").ticket_id


@pytest.fixture(params=["memory", "table"])
def register(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Register]:
    if request.param == "memory":
        yield InMemoryRegister()
    else:
        yield DynamoAttachments(clients.table(stack.outputs["TicketsTable"]))


@pytest.fixture
def file(ticket_id: str) -> Attachment:
    return an_attachment(ticket_id, key_id="key", fingerprint="print")


def test_a_file_is_found_as_it_was_stored(register: Register, file: Attachment) -> None:
    register.add(file)

    assert register.get(file.ticket_id, 1) == file
    assert register.get(file.ticket_id, 2) is None
    assert register.text(file.ticket_id, 1) == ""


def test_files_come_in_the_order_of_their_numbers(register: Register, file: Attachment) -> None:
    numbered = [replace(file, number=number) for number in (10, 2, 1)]
    for each in numbered:
        register.add(each)
    register.change(numbered[0], replace(numbered[0], version=2), text="some text")

    assert [each.number for each in register.of(file.ticket_id)] == [1, 2, 10]
    assert register.of("0000000000000000") == ()


def test_a_number_is_given_once(register: Register, file: Attachment) -> None:
    register.add(file)

    with pytest.raises(ConflictError):
        register.add(replace(file, name="other.pdf"))


def test_a_number_may_be_given_again_if_its_file_is_as_it_was(
    register: Register, file: Attachment
) -> None:
    register.add(file)
    again = replace(file, name="other.pdf", version=2)
    register.add(again, instead_of=file)

    assert register.get(file.ticket_id, 1) == again
    with pytest.raises(ConflictError):
        register.add(replace(file, version=2), instead_of=file)


@pytest.mark.parametrize("text", ["What it says: ünï 🙂\n" * 50, "\U0001f642" * MOST_TEXT, ""])
def test_a_change_is_stored_with_its_text(register: Register, file: Attachment, text: str) -> None:
    register.add(file)
    ready = replace(
        file, version=2, state=State.READY, why=Why.UNSURE, etag="e", kind="pdf", pages=3, cut=True
    )
    register.change(file, ready, text=text)

    assert register.get(file.ticket_id, 1) == ready
    assert register.text(file.ticket_id, 1) == text


def test_a_text_stays_unless_another_is_given(register: Register, file: Attachment) -> None:
    register.add(file)
    register.change(file, second := replace(file, version=2), text="text")
    register.change(second, third := replace(file, version=3))
    assert register.text(file.ticket_id, 1) == "text"

    register.change(third, replace(file, version=4), text="")
    assert register.text(file.ticket_id, 1) == ""


def test_of_two_changes_of_one_file_one_is_stored(register: Register, file: Attachment) -> None:
    register.add(file)
    register.change(file, after := replace(file, version=2, state=State.CHECKED), text="first")

    with pytest.raises(ConflictError):
        register.change(file, replace(file, version=2, state=State.REFUSED), text="second")
    assert register.get(file.ticket_id, 1) == after
    assert register.text(file.ticket_id, 1) == "first"


def test_a_file_that_is_gone_does_not_come_back(register: Register, file: Attachment) -> None:
    with pytest.raises(ConflictError):
        register.change(file, replace(file, version=2), text="text")
    assert register.text(file.ticket_id, 1) == ""


def test_items_of_a_file_expire_with_the_ticket(stack: Stack, file: Attachment) -> None:
    table = clients.table(stack.outputs["TicketsTable"])
    register = DynamoAttachments(table)
    until = file.announced_at + timedelta(days=9)
    register.add(file := replace(file, expires_at=until))
    register.change(file, replace(file, version=2), text="text")

    for kind in ("FACTS", "TEXT"):
        item = table.get_item(Key={"pk": f"FILES#{file.ticket_id}", "sk": f"{kind}#01"})
        assert item
        assert item["expires_at"] == int(until.timestamp())


def test_a_ticket_that_is_missing_gets_no_file(stack: Stack) -> None:
    register = DynamoAttachments(clients.table(stack.outputs["TicketsTable"]))

    with pytest.raises(ConflictError):
        register.add(an_attachment("0000000000000000"))

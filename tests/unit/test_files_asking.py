"""Files that are announced with a question."""

from dataclasses import replace
from typing import Any

import pytest
from helpdesk import customers, files
from helpdesk.access import IdempotencyKey
from helpdesk.files import Announcement, State, WithFiles
from helpdesk.ports import IdempotencyConflictError

from tests.fakes import KNOWN, MORNING, Office
from tests.filing import PDF, SOON, InMemoryVault

DIGEST = "4a6ee30dd7fa805dbb9b08383c068da6bddf09b5031d85a682476450420cbec7"
WANTED = (Announcement("a.pdf", PDF, 3), Announcement("b.pdf", PDF, 4))


def ask(office: Office, wanted: tuple[Announcement, ...] = WANTED) -> customers.Receipt:
    said = tuple((each.name, each.media_type, each.size) for each in wanted)
    customer = customers.Customer(email="ada@example.com")
    return customers.submit(
        customers.Question(text=KNOWN, customer=customer, channel="web", files=said),
        key=IdempotencyKey("shop", "key"),
        tickets=WithFiles(office.tickets, wanted, SOON, MORNING),
        intake=office.intake,
        terms=office.terms,
        now=MORNING,
    )


def forms(office: Office, ticket_id: str, **more: Any) -> tuple[Any, ...]:
    given = {"register": office.tickets.register, "links": InMemoryVault(), "now": MORNING}
    return files.asked_with(ticket_id, **(given | more))


def test_they_are_expected_before_the_worker_is_told(office: Office) -> None:
    seen = []
    send = office.intake.send

    def told(ticket_id: str) -> None:
        seen.append([each.name for each in office.tickets.register.of(ticket_id)])
        send(ticket_id)

    office.intake.send = told  # type: ignore[method-assign]
    ask(office)
    assert seen == [["a.pdf", "b.pdf"]]


def test_each_has_a_form_and_the_same_question_gets_the_same_files(office: Office) -> None:
    receipt = ask(office)
    assert ask(office).ticket_id == receipt.ticket_id

    found = forms(office, receipt.ticket_id)
    assert [(each.number, each.state, bool(form)) for each, form in found] == [
        (1, State.EXPECTED, True),
        (2, State.EXPECTED, True),
    ]
    later = forms(office, receipt.ticket_id, now=MORNING + SOON)
    assert [form.expires_at for _, form in later] == [MORNING + 2 * SOON] * 2


def test_a_file_that_is_there_has_no_form(office: Office) -> None:
    receipt, register = ask(office), office.tickets.register
    first = register.of(receipt.ticket_id)[0]
    register.change(first, replace(first, state=State.READY, version=2))

    assert [bool(form) for _, form in forms(office, receipt.ticket_id)] == [False, True]


def test_one_key_is_for_one_question_with_its_files(office: Office) -> None:
    ask(office)
    with pytest.raises(IdempotencyConflictError):
        ask(office, WANTED[:1])


def test_a_question_without_files_has_the_digest_that_it_always_had() -> None:
    customer = customers.Customer(email="ada@example.com")
    question = customers.Question(text="Hi", customer=customer, channel="web")
    with_one = replace(question, files=(("a.pdf", PDF, 3),))

    assert question.fingerprint != with_one.fingerprint
    assert question.fingerprint == DIGEST

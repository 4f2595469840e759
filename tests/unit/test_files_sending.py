"""What customers do with files: announce, list, fetch; and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk import files
from helpdesk.access import IdempotencyKey
from helpdesk.customers import Receipt
from helpdesk.files import Announcement, Attachment, Form, NotReadyError, State
from helpdesk.ports import IdempotencyConflictError, NotFoundError, PreconditionError
from helpdesk.repeating import UNGUARDED, Guard
from helpdesk.ticket import IllegalMoveError

from tests.fakes import Office
from tests.filing import PDF, InMemoryRegister, InMemoryVault

WANTED = Announcement("invoice.pdf", PDF, 1234)
ONCE = Guard(IdempotencyKey("shop", "key"))


class Counter:
    """A customer at a desk that takes files."""

    def __init__(self) -> None:
        self.office = Office.open()
        self.own: Receipt = self.office.submit()
        self.register, self.vault = InMemoryRegister(), InMemoryVault()

    def announce(
        self, wanted: Announcement = WANTED, guard: Guard = UNGUARDED, token: str | None = None
    ) -> tuple[Attachment, Form | None]:
        return files.announce(
            self.own.ticket_id,
            token or self.own.token,
            wanted,
            guard=guard,
            tickets=self.office.tickets,
            register=self.register,
            links=self.vault,
            life=timedelta(hours=9),
            now=self.office.clock(),
        )

    def arrive(self, number: int = 1) -> None:
        self.vault.objects[self.own.ticket_id, number] = b"content"
        known = self.register.get(self.own.ticket_id, number)
        stored = self.vault.look(self.own.ticket_id, number)
        assert known
        assert stored
        ready = replace(known, state=State.READY, etag=stored.etag, version=known.version + 1)
        self.register.change(known, ready)

    def link(self, number: str = "1", *, ticket_id: str | None = None, token: str = "") -> str:
        return files.link_to(
            ticket_id or self.own.ticket_id,
            token or self.own.token,
            number,
            tickets=self.office.tickets,
            register=self.register,
            links=self.vault,
            life=timedelta(hours=9),
            now=self.office.clock(),
        )


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_a_form_lives_for_five_minutes_at_most(counter: Counter) -> None:
    file, form = counter.announce()

    assert form
    assert form.expires_at == file.upload_until == counter.office.clock() + timedelta(seconds=300)
    assert form.fields == {"key": files.key_of(counter.own.ticket_id, 1)}


def test_a_file_is_listed_with_its_ticket_only(counter: Counter) -> None:
    counter.announce()
    other = counter.office.submit()

    def listed(receipt: Receipt, token: str) -> list[int]:
        found = files.files_of(
            receipt.ticket_id,
            token,
            tickets=counter.office.tickets,
            files=counter.register,
            now=counter.office.clock(),
        )
        return [each.number for each in found]

    assert listed(counter.own, counter.own.token) == [1]
    assert listed(other, other.token) == []
    with pytest.raises(NotFoundError):
        listed(counter.own, other.token)


def test_a_repeated_announcement_expects_one_file(counter: Counter) -> None:
    first, _ = counter.announce(guard=ONCE)
    again, form = counter.announce(guard=ONCE)

    assert again == first
    assert form
    assert len(counter.register.of(counter.own.ticket_id)) == 1


def test_a_repeated_announcement_gets_a_form_that_lives(counter: Counter) -> None:
    counter.announce(guard=ONCE)
    counter.office.clock.advance(timedelta(minutes=10))
    again, form = counter.announce(guard=ONCE)

    assert form
    assert again.upload_until == counter.office.clock() + timedelta(seconds=300)
    counter.arrive()
    assert counter.announce(guard=ONCE)[1] is None, "the file is there"


def test_a_key_of_another_request_is_a_conflict(counter: Counter) -> None:
    counter.announce(guard=ONCE)

    with pytest.raises(IdempotencyConflictError):
        counter.announce(Announcement("other.pdf", PDF, 1), guard=ONCE)
    counter.office.clock.advance(timedelta(hours=24))
    assert counter.announce(Announcement("other.pdf", PDF, 1), guard=ONCE)[0].number == 2


def test_a_precondition_is_about_the_ticket(counter: Counter) -> None:
    with pytest.raises(PreconditionError):
        counter.announce(guard=Guard(allows=lambda version: version == 7))
    assert counter.announce(guard=Guard(allows=lambda version: version == 1))


def test_a_closed_ticket_takes_no_file(counter: Counter) -> None:
    counter.office.withdraw(counter.own)

    with pytest.raises(IllegalMoveError, match="closed"):
        counter.announce()


def test_a_link_opens_for_five_minutes_at_most(counter: Counter) -> None:
    counter.announce()
    with pytest.raises(NotReadyError):
        counter.link()
    counter.arrive()

    assert counter.link() == "https://bucket/1?for=300"


@pytest.mark.parametrize("number", ["-1", "0", "2", "99999", "1/..", "first"])
def test_a_link_to_an_index_that_is_no_file_is_not_found(counter: Counter, number: str) -> None:
    counter.announce()
    counter.arrive()

    with pytest.raises(NotFoundError, match="no such file"):
        counter.link(number)


def test_a_link_to_a_foreign_file_looks_like_a_missing_ticket(counter: Counter) -> None:
    counter.announce()
    counter.arrive()
    other = counter.office.submit()

    for ticket_id, token in (
        (counter.own.ticket_id, other.token),
        ("0000000000000000", counter.own.token),
        ("../etc", counter.own.token),
    ):
        with pytest.raises(NotFoundError, match="no such ticket for this token"):
            counter.link(ticket_id=ticket_id, token=token)
    with pytest.raises(NotFoundError):
        counter.announce(token=other.token)


def test_a_content_that_was_replaced_is_not_given_out_before_it_is_checked(
    counter: Counter,
) -> None:
    counter.announce()
    counter.arrive()
    counter.vault.objects[counter.own.ticket_id, 1] = b"another content"

    with pytest.raises(NotReadyError, match="being checked"):
        counter.link()
    counter.vault.objects.clear()
    with pytest.raises(NotFoundError):
        counter.link()

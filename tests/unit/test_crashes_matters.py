"""The process dies at any call: a late file still counts, a reply to all is said once."""

from contextlib import suppress
from dataclasses import replace

from helpdesk.cases import case_of
from helpdesk.files import Arrival, take_in
from helpdesk.incidents import Incident, Outcome, Voice, reply_to_all
from helpdesk.ticket import Customer, Move, State

from tests.fakes import KNOWN, LEAD, UNKNOWN, Crash, Office
from tests.filing import InMemoryRegister, InMemoryVault, an_attachment, reads_as_text
from tests.unit.test_crashes import every_crash, moves, settle_down

LAW = b"My lawyer will sue you"
SORRY = "It is back since 10:15."


def test_a_grave_file_that_comes_after_the_answer_brings_its_ticket_to_people_once() -> None:
    """The queue brings the file again until it is taken in; the reader or the worker may die."""
    for office, fuse in every_crash(steps=2):
        ticket_id = office.submit(KNOWN).ticket_id
        office.work_off()
        assert office.ticket(ticket_id).state is State.ANSWERED
        register: InMemoryRegister = office.tickets.register
        vault, file = InMemoryVault(), an_attachment(ticket_id, size=len(LAW))
        office.files = register
        register.add(file)
        vault.store(file, LAW)

        def come(to: Office, vault: InMemoryVault = vault, ticket_id: str = ticket_id) -> None:
            take_in(
                Arrival(ticket_id, 1),
                register=to.tickets.register,
                vault=vault,
                read=reads_as_text,
                scanned=False,
                tickets=to.tickets,
                intake=to.intake,
            )

        with suppress(Crash):
            come(office.guarded_by(fuse))
            office.guarded_by(fuse).work_off()
        come(office)
        settle_down(office)

        assert moves(office, ticket_id) == [Move.SUBMITTED, Move.ANSWERED, Move.ESCALATED]
        assert office.ticket(ticket_id).level == 3
        assert office.intake.depth() == 0


def test_a_reply_to_all_that_is_made_again_is_said_once_on_each() -> None:
    for office, fuse in every_crash(steps=12):
        ids = [
            office.submit(UNKNOWN, customer=Customer(email=f"c{n}@x.example")).ticket_id
            for n in range(3)
        ]
        office.work_off()
        voices = tuple(voice(office, ticket_id) for ticket_id in ids)
        incident = Incident(middle=voices[0], voices=voices, usual=None)
        with suppress(Crash):
            lead = replace(office.guarded_by(fuse).at_work(), agent=LEAD)
            list(reply_to_all(incident, SORRY, lead))

        steps = list(reply_to_all(incident, SORRY, replace(office.at_work(), agent=LEAD)))

        assert {each.outcome for each in steps} <= {Outcome.REPLIED, Outcome.HAS_IT}
        assert [office.texts(each).count(SORRY) for each in ids] == [1, 1, 1]
        settle_down(office)
        assert [moves(office, each).count(Move.REPLIED) for each in ids] == [1, 1, 1]
        assert office.take_next() is None


def voice(office: Office, ticket_id: str) -> Voice:
    found = office.tickets.conversation(ticket_id)
    assert found
    case = case_of(UNKNOWN, ticket_id=ticket_id, at=found.ticket.created_at)
    return Voice(ticket=found.ticket, case=case, messages=len(found.messages))

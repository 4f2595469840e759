"""Grave files, cases that come twice and one reply to many, in random lives."""

from dataclasses import dataclass
from datetime import timedelta

from helpdesk import files
from helpdesk.cases import case_of
from helpdesk.files import Arrival, State, key_of
from helpdesk.incidents import Incident, Outcome, Voice, reply_to_all
from helpdesk.ticket import Customer
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fakes import Office
from tests.filing import an_attachment, reads_as_text
from tests.lives.hearing import Hearing
from tests.lives.promises import Promise, expect
from tests.lives.story import GRAVE
from tests.lives.troubles import TROUBLES, Kind, Other, Trouble
from tests.lives.world import Delivery, workplace

MOST = 4
"""Files of one life."""

LEADER = "ada"
HARMLESS = {None, Other.ANOTHER_WORKER, Other.RECONCILER, Other.TIME, Other.PURGE}
"""Who may act in the middle of a case that comes twice, and it is still one case."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that came for a ticket."""

    ticket_id: str
    number: int


class Matters(Hearing):
    """A desk whose customers write twice, send files late, and all ask about the same."""

    def open_desk(self) -> None:
        """Begin a life without files."""
        super().open_desk()
        self.sent: list[Sent] = []

    @precondition(lambda self: self.accepted and len(self.sent) < MOST)
    @rule(which=st.integers(0, 5), trouble=TROUBLES)
    def file_comes(self, which: int, trouble: Trouble | None) -> None:
        """A file that sounds like the law comes at any time, and again until it is taken."""
        each = self._one(which)
        ticket, register = self._ticket(each.receipt.ticket_id), self.world.files
        number = len(register.of(ticket.id)) + 1
        now, content = self.office.clock(), f"{GRAVE[0]}. File {number}.".encode()
        file = an_attachment(
            ticket.id,
            number,
            name=f"letter-{number}.txt",
            size=len(content),
            state=State.EXPECTED,
            announced_at=now,
            upload_until=now + timedelta(minutes=5),
            expires_at=ticket.expires_at,
        )
        register.add(file)
        self.world.vault.store(file, content)
        self.sent.append(Sent(ticket.id, number))
        with self.trouble(trouble, each) as office:
            self._take_in(office, self.sent[-1])

    def _take_in(self, office: Office, sent: Sent) -> None:
        files.take_in(
            Arrival(sent.ticket_id, sent.number),
            register=self.world.files,
            vault=self.world.vault,
            read=reads_as_text,
            scanned=False,
            tickets=office.tickets,
            intake=office.intake,
        )

    def _come_to_rest(self) -> None:
        """What was not taken in comes again. Then each ticket is as grave as its files."""
        for each in self.sent:
            self._take_in(self.office, each)
        super()._come_to_rest()
        for each in self.sent:
            found = self.office.tickets.get(each.ticket_id)
            if found:
                expect(Promise.GRAVE, found.level == 3, f"{each} does not count: {found}")
            else:
                kept = self.world.vault.look(each.ticket_id, each.number)
                expect(Promise.ERASED, kept is None, f"{each} at {key_of(*_at(each))}")

    @precondition(lambda self: len(self.accepted) < 4)
    @rule(trouble=TROUBLES)
    def write_twice(self, trouble: Trouble | None) -> None:
        """A customer writes the same twice, and a stranger once; the queue brings all again."""
        number = next(self._numbers)
        text = f"My lamp number {number} never came and no one answers me."
        own = Customer(email=f"eve{number}@example.com")
        other = Customer(email=f"mallory{number}@example.com")
        told = []
        for who in (own, own, other):
            told.append(self.office.submit(text, customer=who))
            self._accept(told[-1], text)
        ids = [each.ticket_id for each in told]
        batch = [Delivery(each, "first", 1) for each in ids]
        with self.trouble(trouble, self.accepted[-3]) as office:
            self._invoke(office, batch)
        self._invoke(self.office, batch)
        if trouble and trouble.kind is Kind.MEANWHILE and trouble.other not in HARMLESS:
            return
        first, second, third = (self._ticket(each).merged_into for each in ids)
        expect(Promise.CASE, third is None, f"a stranger's ticket was put into {third}")
        one = (first, second) in {(None, ids[0]), (ids[1], None)}
        expect(Promise.CASE, one, f"of {ids[:2]}, the roots are {first} and {second}")

    @precondition(lambda self: self.accepted)
    @rule(trouble=TROUBLES)
    def reply_to_all(self, trouble: Trouble | None) -> None:
        """A lead replies to all tickets at once, and does it again: each has it once, if it may."""
        text = f"We are back, says {LEADER} {next(self._numbers)}."
        voices = tuple(self._voice(each.receipt.ticket_id) for each in self.accepted)
        incident = Incident(middle=voices[0], voices=voices, usual=None)
        steps = []
        for happens in (trouble, None):
            with self.trouble(happens, self.accepted[0]) as office:
                steps = list(reply_to_all(incident, text, workplace(office, LEADER)))
        for voice, step in zip(voices, steps, strict=True):
            found = self.office.tickets.conversation(voice.id)
            times = [each.text for each in found.messages].count(text) if found else 0
            right = times == (step.outcome is not Outcome.SKIPPED)
            expect(Promise.TO_ALL, right, f"{step}, said {times} times")
            grave = voice.ticket.level >= 2
            expect(Promise.TO_ALL, not (times and grave), f"{step} of {voice.ticket}")
            for each in self.accepted:
                if times and each.receipt.ticket_id == voice.id:
                    each.said.append(text)

    def _voice(self, ticket_id: str) -> Voice:
        found = self.office.tickets.conversation(ticket_id)
        assert found
        case = case_of("", ticket_id=ticket_id, at=found.ticket.created_at)
        return Voice(ticket=found.ticket, case=case, messages=len(found.messages))


def _at(each: Sent) -> tuple[str, int]:
    return each.ticket_id, each.number

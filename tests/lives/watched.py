"""What is looked at after every step of a life, and at its end."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from helpdesk import belonging
from helpdesk.agents import LEASE, LEASE_GRACE
from helpdesk.belonging import AmbiguousCustomerError
from helpdesk.reconciling import RESEND_AT_LEAST_EVERY
from helpdesk.ticket import Conversation, Source, State, Ticket, replay
from hypothesis.stateful import invariant

from tests.fakes import PATIENCE
from tests.figured import as_listed, stands
from tests.lives.promises import BrokenPromiseError, Promise, expect
from tests.lives.steps import AGENTS, Steps
from tests.lives.story import COURTESIES, Story
from tests.lives.world import VISIBILITY, workplace

SOON = PATIENCE + LEASE + LEASE_GRACE + timedelta(minutes=1)
"""After this there are as many messages as tickets wait: the queue's patience, counted from the end
of the lease of an agent who is gone, and the schedule."""

STATED_PERIOD = SOON + RESEND_AT_LEAST_EVERY
"""After this every waiting ticket has a message of its own, although duplicates stood in for it. By
then all sleepers are woken, and customers who did not choose have been given up on."""


class Watched(Steps):
    """The promises are looked after: at any moment, and when nothing happens any more."""

    broken = False
    """A promise was broken already; what follows from it is not looked at."""

    def open_desk(self) -> None:
        """Begin a life of which nothing was looked at."""
        super().open_desk()
        self.office.reconcile()  # days are counted from the first minute on
        self._checked: dict[str, int] = {}

    @invariant()  # from `begin` on
    def every_story_is_legal(self) -> None:
        self.broken = True
        self._forget_what_was_erased()
        for each in self.accepted:
            current = self._ticket(each.receipt.ticket_id)
            if self._checked.get(current.id) == current.version:
                continue
            self._check(current.id)
            if current.id not in self._checked:
                self._expect_found(current)
            self._checked[current.id] = current.version
        self.broken = False

    def teardown(self) -> None:
        if hasattr(self, "world") and not self.broken:
            self._forget_what_was_erased()
            for each in self.accepted:
                self._expect_found(self._ticket(each.receipt.ticket_id))
            self._come_to_rest()

    def _forget_what_was_erased(self) -> None:
        """Expect no more of what its customer wanted erased, once it is; and that it stays so."""
        stored = set(self.world.stored()) if self.unwanted else set()
        expect(Promise.ERASED, not stored & self.erased, stored & self.erased)
        gone = self.unwanted - stored
        self.accepted = [a for a in self.accepted if a.receipt.ticket_id not in gone]

    def _expect_found(self, ticket: Ticket) -> None:
        """Expect a ticket to be found by each key that it shows, unless a lead decided otherwise.

        What is not verified is found by the key it is listed under.
        """
        tickets, customer = self.office.tickets, ticket.customer
        for key in customer.keys if customer.verified else customer.keys[:1]:
            decided = [
                each.together
                for each in tickets.bonds.decisions(key)
                if each.other == customer.keys[0]
            ]
            if decided and not decided[-1]:
                continue
            with suppress(AmbiguousCustomerError):
                person = belonging.whose(str(key), tickets)
                found = belonging.tickets_of(person, tickets, unverified=True)
                ids = {each.id for each in found}
                expect(Promise.UNFOUND, ticket.id in ids, (key, ticket))

    def _check(self, ticket_id: str) -> Conversation:
        """Compare a ticket with its history, and its history with what is allowed."""
        conversation = self.office.tickets.conversation(ticket_id)
        expect(Promise.LOST, conversation, ticket_id)
        assert conversation
        events = self.office.tickets.events(ticket_id)
        try:
            told = replay(events)
        except ValueError as error:
            raise BrokenPromiseError(f"{Promise.UNEXPLAINED}: {error}") from error
        expect(Promise.UNEXPLAINED, told == conversation.ticket, events)
        story = Story(conversation.messages)
        story.follow(events)
        expect(
            Promise.UNEXPLAINED, story.tells_of(conversation.ticket, self.office.clock()), events
        )
        self._expect_both_to_know(conversation.ticket)
        sent = [m.text for m in conversation.messages if m.source is Source.AUTOMATIC]
        expect(Promise.UNFILLED, "{" not in "".join(sent), sent)
        stored = Counter(m.text for m in conversation.messages if m.source is not Source.AUTOMATIC)
        for each in self.accepted:
            if each.receipt.ticket_id == ticket_id:
                expect(Promise.LOST, Counter(each.said) <= stored, (each.said, stored))
        return conversation

    def _expect_both_to_know(self, ticket: Ticket) -> None:
        """Expect a root and its members to name each other, unless one of them was erased."""
        for each in ticket.merged:
            member = self.office.tickets.get(each)
            known = member.merged_into == ticket.id if member else each in self.unwanted
            expect(Promise.UNEXPLAINED, known, f"{each} does not know its root {ticket.id}")
        if into := ticket.merged_into:
            root = self.office.tickets.get(into)
            known = ticket.id in root.merged if root else into in self.unwanted
            expect(Promise.UNEXPLAINED, known, f"{into} does not know its member {ticket.id}")

    def _come_to_rest(self) -> None:
        self._nobody_acts(SOON, step=VISIBILITY)
        depth, waiting = self.office.escalations.depth(), len(self._waiting())
        expect(Promise.UNREACHABLE, depth >= waiting, f"{depth} messages for {waiting} tickets")
        self._nobody_acts(STATED_PERIOD, step=timedelta(hours=3))
        without = self._waiting() - self._on_the_escalation_queue()
        expect(Promise.UNREACHABLE, not without, f"no message for {without}")
        for ticket in self._tickets():
            expect(Promise.LOST, ticket.state not in {State.RECEIVED, State.ASKED}, ticket)
            asleep = ticket.state is State.ESCALATED and ticket.snoozed_until
            expect(Promise.UNREACHABLE, not asleep, ticket)
        self._agents_work_off()
        for ticket in self._tickets():
            self._ends_well(self._check(ticket.id))
        left = (self.office.intake.depth(), self.office.escalations.depth())
        expect(Promise.UNFINISHED, left == (0, 0), f"{left} messages are left")
        self._expect_the_figures_to_be_the_lists()

    def _expect_the_figures_to_be_the_lists(self) -> None:
        """Compare what was counted day by day with the tickets, unless one was erased."""
        self.office.clock.advance(timedelta(minutes=1))
        self.office.reconcile()
        found, stored = self.office.figures(), self.world.stored()
        if self.unwanted:
            expect(Promise.FIGURES, found.tickets.number >= len(stored), found)
            return
        tickets = list(filter(None, map(self.office.tickets.get, stored)))
        counts = as_listed(tickets)
        expect(Promise.FIGURES, stands(found) == counts, f"{found.tickets}, not {counts}")
        merged = sum(each.merged_into is not None for each in tickets)
        expect(Promise.FIGURES, found.duplicates.number == merged, (found.duplicates, merged))

    def _nobody_acts(self, span: timedelta, *, step: timedelta) -> None:
        """Let the poller and the schedule run, in steps."""
        end = self.office.clock() + span
        while self.office.clock() < end:
            self._work_off()
            self.office.clock.advance(step)
            self.office.reconcile()
        self._work_off()

    def _work_off(self) -> None:
        while batch := self.world.take(10):
            self._invoke(self.office, batch)

    def _waiting(self) -> set[str]:
        """Return the tickets that anybody could be given now."""
        now = self.office.clock()
        return {
            ticket.id
            for ticket in self._tickets()
            if ticket.state is State.ESCALATED
            and not ticket.snoozed_until
            and not ticket.held_by(now)
        }

    def _on_the_escalation_queue(self) -> set[str]:
        found = set()
        while received := self.office.escalations.receive(timedelta(seconds=1)):
            found.add(received.ticket_id)
        self.office.clock.advance(timedelta(seconds=2))
        return found

    def _agents_work_off(self) -> None:
        for agent in AGENTS:
            acting = workplace(self.office, agent)
            while taken := acting.take_next():
                acting.reply(taken.ticket.id, "At your service.")
        waits = [t for t in self._tickets() if t.state is State.ESCALATED]
        expect(Promise.UNREACHABLE, not waits, waits)

    def _ends_well(self, conversation: Conversation) -> None:
        ticket = conversation.ticket
        last = [m for m in conversation.messages if m.text not in COURTESIES or m.number == 1][-1]
        done = ticket.state is State.CLOSED or last.source is not Source.CUSTOMER
        expect(Promise.LOST, done and ticket.state is not State.RECEIVED, conversation)

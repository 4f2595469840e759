"""Drafts in random lives: approved, edited, dismissed, written again, and all that too late."""

from helpdesk import ticket
from helpdesk.agents import approve, dismiss
from helpdesk.ticket import IllegalMoveError, StaleDraftError
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fakes import Office
from tests.lives.matters import Matters
from tests.lives.promises import Promise, expect
from tests.lives.steps import AGENTS, Accepted
from tests.lives.troubles import TROUBLES, Trouble
from tests.lives.world import workplace
from tests.tickets import a_draft


class Reviews(Matters):
    """A desk whose agents find drafts, and act on the one that they saw."""

    def open_desk(self) -> None:
        """Begin a life in which no agent has seen a draft."""
        super().open_desk()
        self.seen_drafts: dict[str, tuple[int, int]] = {}
        """The draft of each ticket that an agent looked at, and how many messages there were."""

    @precondition(lambda self: self.accepted)
    @rule(which=st.integers(0, 5))
    def look_at_a_draft(self, which: int) -> None:
        found = self._ticket(self._one(which).receipt.ticket_id)
        if found.draft and found.in_review:
            self.seen_drafts[found.id] = (found.draft.number, found.messages)

    @precondition(lambda self: self.seen_drafts)
    @rule(
        which=st.integers(0, 5),
        agent=st.sampled_from(AGENTS),
        verb=st.sampled_from(["approve", "approve", "edit", "dismiss", "draft again"]),
        trouble=TROUBLES,
    )
    def review(self, which: int, agent: str, verb: str, trouble: Trouble | None) -> None:
        """An agent acts on a draft that was seen at any time before."""
        ids = sorted(self.seen_drafts)
        ticket_id = ids[which % len(ids)]
        number, messages = self.seen_drafts[ticket_id]
        each = next((a for a in self.accepted if a.receipt.ticket_id == ticket_id), None)
        if each is None:  # it was given up with its customer
            return
        with self.trouble(trouble, each) as office:
            try:
                self._review(office, each, agent, verb, number)
            except StaleDraftError:
                return
            moved_on = self._said_since(ticket_id, messages, verb)
            expect(Promise.DRAFT, not moved_on, f"draft {number} of {ticket_id}, {moved_on} later")

    def _said_since(self, ticket_id: str, messages: int, verb: str) -> int:
        """Return how many messages came between an agent's look and the reply."""
        found = self.office.tickets.conversation(ticket_id)
        own = 1 if verb in {"approve", "edit"} else 0
        return max(0, len(found.messages) - own - messages) if found else 0

    def _review(self, office: Office, each: Accepted, agent: str, verb: str, number: int) -> None:
        at, ticket_id = workplace(office, agent), each.receipt.ticket_id
        match verb:
            case "approve":
                draft = office.tickets.draft(ticket_id, number)
                approve(at, ticket_id, number)
                assert draft
                each.said.append(draft.text)
            case "edit":
                text = f"{agent} edits {next(self._numbers)}"
                approve(at, ticket_id, number, text=text)
                each.said.append(text)
            case "dismiss":
                dismiss(at, ticket_id, number)
            case _:
                self._draft_again(office, ticket_id, number)

    def _draft_again(self, office: Office, ticket_id: str, number: int) -> None:
        """An engine's draft comes, for the draft that it was asked about."""
        found = office.tickets.get(ticket_id)
        if found is None:
            raise IllegalMoveError("it was erased")
        draft = a_draft(f"An engine writes {next(self._numbers)}.")
        change = ticket.redraft(found, draft, instead_of=number, now=office.clock())
        office.tickets.commit(change)
        assert change.draft
        self.seen_drafts[ticket_id] = (change.draft.number, change.after.messages)

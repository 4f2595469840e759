"""A reply on its way to the desk: what is sent, and what can be known before."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from helpdesk import agents
from helpdesk.drafting import Draft
from helpdesk.ticket import NewsError, State, Ticket, expect_draft

if TYPE_CHECKING:
    from helpdesk.agents import Arranger


class Stage(Enum):
    """How far a reply is."""

    TAKING = auto()
    WRITING = auto()
    SENDING = auto()
    STOPPED = auto()
    """The ticket is not the agent's, or no longer."""
    SENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A reply to one ticket.

    `typed` is what the agent wrote, `text` what the customer gets, `who` the customer's name.
    `adds` says that it is another message on an answered ticket. `draft` is the draft that it was
    made from; `anyway` sends it as it is although what it rests on was edited since. The rest is as
    in `Workplace.reply`.
    """

    ticket_id: str
    typed: str
    text: str
    who: str
    fence: int | None = None
    intent: str | None = None
    canned: frozenset[str] = frozenset()
    seen: int | None = None
    adds: bool = False
    draft: Draft | None = None
    anyway: bool = False

    @property
    def as_it_is(self) -> bool:
        """Whether it is a draft to the letter."""
        return self.draft is not None and self.text.strip() == self.draft.text.strip()

    def send(self, at: "Arranger") -> Ticket:
        """Send it. Raises what `Workplace.reply`, `agents.approve` or `Arranger.add` raises."""
        if self.adds:
            return at.add(self.ticket_id, self.text, canned=self.canned, seen=self.seen)
        self._check_draft(at)
        return at.reply(
            self.ticket_id,
            self.text,
            fence=self.fence,
            intent=self.intent,
            canned=self.canned,
            seen=self.seen,
            draft=self.draft,
        )

    def _check_draft(self, at: "Arranger") -> None:
        """Refuse a draft that may not be sent as it is. Raises StaleDraftError."""
        if self.draft and self.as_it_is and not (self.anyway and self.draft.ready):
            agents.check_as_it_is(self.draft, at)

    def checked(self, at: "Arranger", wait: timedelta) -> "Outgoing":
        """Return the reply as it can be sent after a `wait`; the ticket stays the agent's so long.

        Nothing is written unless the lease would end too soon. Raises what sending would raise now.
        """
        ready = replace(self, text=at.ready(self.ticket_id, self.text, self.canned))
        found = at.get(self.ticket_id)
        if self.seen is not None and found.messages > self.seen:
            raise NewsError("the customer wrote again")
        if self.adds and found.state is State.ANSWERED:
            return ready
        if self.draft:
            expect_draft(found, self.draft.number)
            self._check_draft(at)
        held = found.held_by(at.clock())
        own = held is not None and (held.agent, held.fence) == (at.agent.name, self.fence)
        if held is None or not own or held.until - at.clock() <= wait + at.heartbeat:
            at.extend(self.ticket_id, fence=self.fence)
        return ready

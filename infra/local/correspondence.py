"""The part of the demonstration that is held by mail: one mail is answered, one needs a person."""

import secrets
import time
from dataclasses import dataclass, field

from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.tables import Table
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import State

from infra.deploying.stack import DeployError
from infra.local.correspondent import LOOK, Correspondent, Post, receipt
from infra.local.questions import Escalating, Questions
from infra.local.sample_records import ORDER, Parcels
from infra.local.stage import Stage

PATIENCE = 60
"""Seconds for a mail to become a ticket, for an answer to leave, and for a picture to be read."""


@dataclass(slots=True)
class Correspondence:
    """Two customers who write mails to a desk. With `parcels`, the first has the sample's order.

    Both have new addresses each time: one sender gets no more than three automatic mails a day.
    """

    stage: Stage
    post: Post
    questions: Questions
    parcels: Parcels | None = None
    _lin: Correspondent = field(init=False)
    _noa: Correspondent = field(init=False)
    _keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Give both customers their addresses."""
        visit = secrets.token_hex(3)
        self._lin = Correspondent("Lin", f"lin.{visit}@example.com", self.post)
        self._noa = Correspondent("Noa", f"noa.{visit}@example.com", self.post)

    def begin(self) -> None:
        """Send both mails: one that the desk can answer, with a picture, and one that it cannot."""
        if self.questions.answerable:
            if self.parcels:
                self.parcels.give(self._lin.address)
            text = f"{self._asked}\n\nThe receipt is attached.\n\nBest regards\nLin\n"
            self._keys.append(self._lin.write("My order", text, receipt(ORDER)))
        self._keys.append(self._noa.write("A request", f"{self._escalating.text}\n\nNoa\n"))

    def follow(self) -> None:
        """Show what became of both. Raises DeployError if a reply does not leave."""
        *answered, escalated = [self._ticket_of(each) for each in self._keys]
        for ticket_id in answered:
            self.stage.title("A mail with a scanned receipt")
            self.stage.say("customer", self._asked, "by mail, with receipt.png")
            self._read(self._lin)
            self._wait_for_text(ticket_id)
            self.stage.expect(self.stage.agent("ticket", "files", ticket_id))
            self.stage.console.print()
        self.stage.title("A mail that needs a person")
        self.stage.say("customer", self._escalating.text, "by mail")
        self._read(self._noa)
        found = DynamoTickets(self._table).get(escalated)
        if found is None or found.state is not State.ESCALATED:
            self.stage.tell("No agent is needed: the desk handed this to no person.")
        elif self.stage.reply(escalated, self._escalating.reply):
            self._read(self._noa, who="agent")

    @property
    def _asked(self) -> str:
        return self.questions.answerable[0]

    @property
    def _escalating(self) -> Escalating:
        return self.questions.escalating[-1]

    def _read(self, customer: Correspondent, *, who: str = "helpdesk") -> None:
        mail = customer.next_mail(wait=PATIENCE)
        if mail is None:
            raise DeployError(f"no mail left for {customer.address} within {PATIENCE} s")
        self.stage.say(
            who, mail.text, f"by mail: {mail.subject!r} (helpdesk mail show {mail.number})"
        )

    def _ticket_of(self, key: str) -> str:
        """Return the ticket that a mail was taken into. Raises DeployError if it takes too long."""
        mails, until = DynamoMailbox(self._table), time.monotonic() + PATIENCE
        while (ticket_id := mails.placed(key)) is None:
            if time.monotonic() > until:
                raise DeployError(f"the mail in {key} became no ticket within {PATIENCE} s")
            time.sleep(LOOK)
        return ticket_id

    def _wait_for_text(self, ticket_id: str) -> None:
        files, until = DynamoAttachments(self._table), time.monotonic() + PATIENCE
        while any(each.state.is_pending for each in files.of(ticket_id)):
            if time.monotonic() > until:
                raise DeployError(f"the picture of {ticket_id} was not read within {PATIENCE} s")
            time.sleep(LOOK)

    @property
    def _table(self) -> Table:
        stack = self.stage.stack
        name, at = stack.outputs["TicketsTable"], stack.endpoint_url
        return clients.table(name, stack.session, endpoint_url=at)

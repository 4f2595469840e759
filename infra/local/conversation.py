"""The demonstration: customers ask, the desk answers, and an agent takes what is left.

It runs on desks that are in use. It works on the tickets of its own questions and on no other.
"""

import secrets
import time
from dataclasses import dataclass

from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge

from infra.deploying.stack import DeployError
from infra.local.correspondence import Correspondence
from infra.local.correspondent import Post
from infra.local.customer import Customer, Ticket, View
from infra.local.questions import Escalating, Questions, about
from infra.local.sample_records import ORDER, Parcels
from infra.local.stage import Stage

LOOKS = 3
"""How often a question is fetched, 20 seconds each, while other tickets are answered before it."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with a desk, shown as it goes. With a `post`, mails are written to it, too.

    With `parcels`, the customer who asks about the sample's order has it.
    """

    stage: Stage
    post: Post | None = None
    parcels: Parcels | None = None

    def hold(self) -> str | None:
        """Ask, escalate, take, reply and fetch; return the id of the ticket an agent answered.

        Returns None if no agent was needed or a real agent was faster. Raises DeployError if the
        terminal fails or a reply does not reach its customer, and requests' RequestException or
        smtplib's SMTPException if the desk does not answer.
        """
        questions = about(self._knowledge().all())
        customer = Customer(self.stage.stack.api_url, self.stage.stack.api_key)
        if questions.answerable:
            count = len(questions.answerable)
            self.stage.title(
                f"\n{count} questions about the desk's own articles: an utterance of each"
                if questions.own
                else f"\n{count} questions that the desk can answer"
            )
        for text in questions.answerable:
            self._ask(customer, text, **self._owner(text))
        mails = None
        if self.post:
            mails = Correspondence(self.stage, self.post, questions, self.parcels)
        if mails:
            mails.begin()
        answered = self._ask_a_person(customer, questions)
        if mails:
            mails.follow()
        return answered

    def _ask_a_person(self, customer: Customer, questions: Questions) -> str | None:
        self.stage.title("One that needs a person")
        address = f"kim.{secrets.token_hex(3)}@example.com"  # each visit is a case of its own
        for escalating in questions.escalating:
            ticket, found = self._ask(customer, escalating.text, email=address, name="Kim")
            if found.status == "escalated":
                return self._with_person(customer, ticket, escalating)
        self.stage.tell("No agent is needed: the desk handed nothing to a person.")
        return None

    def _ask(self, customer: Customer, text: str, **person: str) -> tuple[Ticket, View]:
        started = time.monotonic()
        self.stage.say("customer", text)
        ticket = customer.ask(text, **person)
        found = customer.fetch(ticket, wait=20)
        for _ in range(LOOKS - 1):
            if found.status != "received":
                break
            found = customer.fetch(ticket, wait=20)
        seconds = f"{time.monotonic() - started:.2f} s"
        match found.status:
            case "answered":
                note = f"{found.intent}, {found.score:.0%} sure, {seconds}"
                self.stage.say("helpdesk", found.reply or "", note)
            case "escalated":
                reply = found.reply or "(a person will look at this)"
                self.stage.say("helpdesk", reply, f"escalated: {found.reason}")
            case "received":
                self.stage.say("helpdesk", "(the desk is busy with other tickets)", seconds)
            case status:
                self.stage.say("helpdesk", found.reply or "", f"{status}, {seconds}")
        return ticket, found

    def _owner(self, text: str) -> dict[str, str]:
        """Return who asks: of the sample's order, a customer who has it."""
        if self.parcels is None or ORDER not in text:
            return {}
        address = f"uma.{secrets.token_hex(3)}@example.com"
        self.parcels.give(address)
        return {"email": address}

    def _with_person(
        self, customer: Customer, ticket: Ticket, escalating: Escalating
    ) -> str | None:
        try:
            if not self.stage.reply(ticket.id, escalating.reply):
                return None
        except KeyboardInterrupt:
            self.stage.tell(f"The demonstration's ticket {ticket.id} may still wait for an agent.")
            raise
        answered = customer.fetch(ticket, wait=20)
        self.stage.say("customer", "fetches the ticket and reads:")
        self.stage.say("agent", answered.reply or "(nothing)", answered.status)
        if answered.reply != escalating.reply:
            raise DeployError("the customer did not get the agent's reply")
        return ticket.id

    def _knowledge(self) -> DynamoKnowledge:
        stack = self.stage.stack
        name, at = stack.outputs["KnowledgeTable"], stack.endpoint_url
        return DynamoKnowledge(clients.table(name, stack.session, endpoint_url=at))

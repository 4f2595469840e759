"""A desk in memory with agents at it, and questions that wait for them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from helpdesk import ticket
from helpdesk.agents import Arranger, Workplace
from helpdesk.drafting import Draft
from helpdesk.knowledge import Article
from helpdesk.ticket import Agent, Customer
from helpdesk.triage import Escalate, Reason

from tests.fakes import InMemoryArticles, InMemoryTickets, Office, an_article, an_understanding

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LAWYER = "My lawyer will sue you"


class Canned(InMemoryArticles):
    def canned(self) -> dict[str, str]:
        return {"hello": "Dear {name}, about {order_number}: {agent}", "bye": "Bye, {unheard_of}."}


class Desk:
    """A desk in memory with some agents at it."""

    def __init__(self) -> None:
        self.office = replace(
            Office.open(), articles=Canned(an_article("refund", version=3), an_article("gift_card"))
        )
        self.clock = self.office.clock
        self.warnings: list[str] = []
        self._number = 0

    @property
    def tickets(self) -> InMemoryTickets:
        return self.office.tickets

    def agent(self, name: str = "ada", **ports: Any) -> Arranger:
        given: dict[str, Any] = {
            "tickets": self.office.tickets,
            "escalations": self.office.escalations,
            "articles": self.office.articles,
            **ports,
        }
        return Arranger(agent=Agent(name), clock=self.clock, warn=self.warnings.append, **given)

    def waiting(
        self,
        text: str = "Do you sell gift wrapping?",
        draft: Draft | None = None,
        likely: Article | None = None,
        **more: Any,
    ) -> str:
        """Let a question wait for people, with a draft or without; it is that of an article."""
        self._number += 1
        change = ticket.submit(
            ticket_id=f"{self._number:016}",
            text=text,
            customer=Customer(**more.pop("customer", {})),
            channel="web",
            token_hash="hash",
            now=self.clock(),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        self.tickets.commit(change)
        understood = an_understanding(("refund", 0.6), ("gift_card", 0.3), ("other", 0.05), **more)
        decision = Escalate(Reason.REVIEW if likely else Reason.LOW_CONFIDENCE, likely=likely)
        settled = ticket.settle(change.after, understood, decision, now=self.clock())
        self.tickets.commit(ticket.with_draft(settled, draft) if draft else settled)
        self.office.escalations.send(change.after.id)
        return change.after.id

    def office_ids(self) -> list[str]:
        """Return the ids of all questions that were let wait here."""
        return [f"{number:016}" for number in range(1, self._number + 1)]

    def ticket(self, ticket_id: str) -> ticket.Ticket:
        return self.office.ticket(ticket_id)


def taken(at: Workplace, **more: Any) -> str | None:
    dossier = at.take_next(**more)
    return dossier.ticket.id if dossier else None

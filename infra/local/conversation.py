"""The demonstration: customers ask, the desk answers, and an agent takes what is left.

It runs on desks that are in use. It works on the tickets of its own questions and on no other.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from infra.deploying.stack import DeployError, Stack
from infra.local.customer import Customer, Ticket, View
from infra.local.questions import Escalating, about
from infra.local.up import agent_environment

LOOKS = 3
"""How often a question is fetched, 20 seconds each, while other tickets are answered before it."""

CONFLICT = 5
"""The terminal's exit code where a colleague holds the ticket."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with the desk of `stack`, written to `console` as it goes."""

    stack: Stack
    console: Console

    def hold(self) -> str | None:
        """Ask, escalate, take, reply and fetch; return the id of the ticket an agent answered.

        Returns None if no agent was needed or a real agent was faster. Raises DeployError if the
        terminal fails or the agent's reply does not reach the customer, and requests'
        RequestException if the API does not answer.
        """
        questions = about(self._knowledge().all())
        customer = Customer(self.stack.api_url, self.stack.api_key)
        if questions.answerable:
            count = len(questions.answerable)
            self._title(
                f"\n{count} questions about the desk's own articles: an utterance of each"
                if questions.own
                else f"\n{count} questions that the desk can answer"
            )
        for text in questions.answerable:
            self._ask(customer, text)
        self._title("One that needs a person")
        for escalating in questions.escalating:
            ticket, found = self._ask(
                customer, escalating.text, email="kim@example.com", name="Kim"
            )
            if found.status == "escalated":
                return self._with_person(customer, ticket, escalating)
        self.console.print("  No agent is needed: the desk handed nothing to a person.\n")
        return None

    def _ask(self, customer: Customer, text: str, **person: str) -> tuple[Ticket, View]:
        started = time.monotonic()
        self._say("customer", text)
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
                self._say("helpdesk", found.reply or "", note)
            case "escalated":
                reply = found.reply or "(a person will look at this)"
                self._say("helpdesk", reply, f"escalated: {found.reason}")
            case "received":
                self._say("helpdesk", "(the desk is busy with other tickets)", seconds)
            case status:
                self._say("helpdesk", found.reply or "", f"{status}, {seconds}")
        return ticket, found

    def _with_person(
        self, customer: Customer, ticket: Ticket, escalating: Escalating
    ) -> str | None:
        try:
            taken = self._agent("ticket", "claim", ticket.id)
            if taken.returncode == CONFLICT:
                self.console.print("  An agent was faster and has taken the ticket.\n")
                return None
            self._expect(taken)
            self._expect(self._agent("ticket", "reply", ticket.id, escalating.reply))
        except KeyboardInterrupt:
            self.console.print(
                f"\nThe demonstration's ticket {ticket.id} may still wait for an agent."
            )
            raise
        answered = customer.fetch(ticket, wait=20)
        self._say("customer", "fetches the ticket and reads:")
        self._say("agent", answered.reply or "(nothing)", answered.status)
        if answered.reply != escalating.reply:
            raise DeployError("the customer did not get the agent's reply")
        return ticket.id

    def _agent(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the agents' terminal as a person would, without the settings this person may have."""
        typed = Text(f"$ helpdesk {shlex.join(arguments)}", style="yellow")
        self.console.print(Padding(typed, (0, 0, 0, 2), expand=False))
        own = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
        local = agent_environment(self.stack) | {
            "COLUMNS": str(self.console.width - 8),
            "HELPDESK_STACK": self.stack.name,
        }
        with tempfile.TemporaryDirectory(prefix="helpdesk-demonstration-") as home:
            done = subprocess.run(
                [sys.executable, "-m", "agent_cli", *arguments],
                env=own | local | dict.fromkeys(_FOLDERS, home),
                capture_output=True,
                text=True,
                check=False,
            )
        if page := done.stdout + done.stderr:
            self.console.print(Padding(Text(page.rstrip()), (0, 0, 0, 4), expand=False))
        return done

    @staticmethod
    def _expect(done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode:
            raise DeployError("the agents' terminal failed; it says above why")

    def _knowledge(self) -> DynamoKnowledge:
        name, at = self.stack.outputs["KnowledgeTable"], self.stack.endpoint_url
        return DynamoKnowledge(clients.table(name, self.stack.session, endpoint_url=at))

    def _title(self, text: str) -> None:
        self.console.print(f"{text}\n", style="bold")

    def _say(self, who: str, what: str, note: str = "") -> None:
        style = {"customer": "bold", "helpdesk": "cyan", "agent": "green"}[who]
        line = Table.grid(padding=(0, 1))
        line.add_column(width=10)
        line.add_row(Text(f"  {who}", style=style), Text(what.strip()))
        if note:
            line.add_row("", Text(note, style="dim"))
        self.console.print(line)
        if who != "customer":
            self.console.print()


_SETTINGS = frozenset({"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"})
"""Settings of a real account that would lead the terminal away from the local stack."""

_FOLDERS = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
"""Where the terminal keeps things; the demonstration's must not meet those of this person."""

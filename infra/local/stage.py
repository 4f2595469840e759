"""The stage of the demonstration: what is said on it, and the agents' terminal."""

import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from infra.deploying.stack import DeployError, Stack
from infra.local.up import agent_environment

CONFLICT = 5
"""The terminal's exit code where a colleague holds the ticket."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Shows on `console` what happens at the desk of `stack`."""

    stack: Stack
    console: Console

    def title(self, text: str) -> None:
        """Say what comes next."""
        self.console.print(f"{text}\n", style="bold")

    def tell(self, text: str) -> None:
        """Tell what is no part of the conversation."""
        self.console.print(f"  {text}\n", markup=False)

    def say(self, who: str, what: str, note: str = "") -> None:
        """Show what a customer, the helpdesk or an agent says, with a note below."""
        style = {"customer": "bold", "helpdesk": "cyan", "agent": "green"}[who]
        line = Table.grid(padding=(0, 1))
        line.add_column(width=10)
        line.add_row(Text(f"  {who}", style=style), Text(what.strip()))
        if note:
            line.add_row("", Text(note, style="dim"))
        self.console.print(line)
        if who != "customer":
            self.console.print()

    def reply(self, ticket_id: str, text: str) -> bool:
        """Claim a ticket and reply to it as an agent; tell whether no other agent was faster.

        Raises DeployError if the terminal fails.
        """
        taken = self.agent("ticket", "claim", ticket_id)
        if taken.returncode == CONFLICT:
            self.tell("An agent was faster and has taken the ticket.")
            return False
        self.expect(taken)
        self.expect(self.agent("ticket", "reply", ticket_id, text))
        return True

    def agent(self, *arguments: str) -> subprocess.CompletedProcess[str]:
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
    def expect(done: subprocess.CompletedProcess[str]) -> None:
        """Raise DeployError if the terminal failed."""
        if done.returncode:
            raise DeployError("the agents' terminal failed; it says above why")


_SETTINGS = frozenset({"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"})
"""Settings of a real account that would lead the terminal away from the local stack."""

_FOLDERS = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
"""Where the terminal keeps things; the demonstration's must not meet those of this person."""

"""`make run`: the whole stack on this machine, and a conversation to follow."""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from infra import emulator
from infra.deploying.stack import DeployError, Stack
from infra.local.customer import Customer, Ticket, View
from infra.local.up import agent_environment, up

ANSWERED = (
    "Where is my order 12345? It should have been here on Tuesday",
    "hi, i forgot my pasword and cant log in",
    "What payment methods do you accept?",
    "I would like my money back for the blender please, and thank you so much for your help",
    "how long does delivery usually take",
    "Can I still change the delivery address?",
)
ESCALATED = "Do you sell gift wrapping? It's for my grandmother's 90th birthday."
REPLY = (
    "Hello, and happy birthday to your grandmother!\n"
    "We do not sell gift wrapping yet, but I have asked the packers to use tissue paper\n"
    "and to leave the invoice out. Grüße vom Helpdesk, Ada"
)

console = Console(highlight=False)


def _tell(line: str) -> None:
    console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def main() -> int:
    """Start everything and hold a conversation; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=emulator.DEFAULT_PORT)
    arguments = parser.parse_args()
    try:
        console.print("Helpdesk, on this machine", style="bold")
        stack = up(port=arguments.port, say=_tell)
        converse(stack)
    except KeyboardInterrupt:
        console.print("\nInterrupted. `make run` goes on where this stopped; `make stop` ends it.")
        return 130
    except subprocess.CalledProcessError as error:
        console.print(f"\nA build step failed: {' '.join(map(str, error.cmd))}", style="red")
        return 1
    except (emulator.EmulatorError, DeployError, OSError, ClientError, BotoCoreError) as error:
        console.print(f"\n{error}", style="red", markup=False)
        return 1
    return 0


def converse(stack: Stack) -> None:
    """Ask, answer, escalate, reply and fetch, as customers and an agent would."""
    customer = Customer(stack.api_url, stack.api_key)
    console.print("\nSix questions the desk can answer\n", style="bold")
    for text in ANSWERED:
        started = time.monotonic()
        ticket = customer.ask(text)
        found = customer.fetch(ticket, wait=20)
        _say("customer", text)
        _say(
            "helpdesk",
            found.reply or "(handed to a person)",
            f"{found.intent}, {found.score:.0%} sure, {time.monotonic() - started:.2f} s",
        )
    console.print("One that needs a person\n", style="bold")
    ticket = customer.ask(ESCALATED, email="kim@example.com", name="Kim")
    found = customer.fetch(ticket, wait=20)
    _say("customer", ESCALATED)
    _say("helpdesk", found.reply or "(a person will look at this)", _state(found))
    if found.status != "escalated":
        raise DeployError("the desk answered what it should have handed to a person")
    _agent_replies(stack, ticket)
    answered = customer.fetch(ticket, wait=20)
    _say("customer", "fetches the ticket and reads:")
    _say("agent", answered.reply or "(nothing)", answered.status)
    _next_steps(stack, ticket)
    if answered.reply != REPLY:
        raise DeployError("the customer did not get the agent's reply")


def _state(found: View) -> str:
    return f"{found.status}: {found.reason}" if found.reason else found.status


def _agent_replies(stack: Stack, ticket: Ticket) -> None:
    """Work the queue until it is this ticket's turn; others may have waited longer."""
    others = []
    while (taken := _next(stack)) != ticket.id:
        others.append(taken)
    _agent(stack, "ticket", "show", ticket.id)
    _agent(stack, "ticket", "reply", ticket.id, REPLY)
    for other in others:
        _agent(stack, "ticket", "release", other)


def _next(stack: Stack) -> str:
    taken: str = json.loads(_agent(stack, "ticket", "next", "--output", "json"))["ticket"]["id"]
    return taken


def _agent(stack: Stack, *arguments: str) -> str:
    """Run the agents' terminal as a person would; return its standard output."""
    typed = Text(f"$ helpdesk {shlex.join(arguments)}", style="yellow")
    console.print(Padding(typed, (0, 0, 0, 2), expand=False))
    command = [sys.executable, "-m", "agent_cli", *arguments]
    environment = os.environ | agent_environment(stack) | {"COLUMNS": str(console.width - 8)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeployError(f"the agents' terminal failed: {done.stderr.strip()}")
    page = done.stderr if "json" in arguments else done.stdout + done.stderr
    if page:
        console.print(Padding(Text(page.rstrip()), (0, 0, 0, 4), expand=False))
    return done.stdout


def _next_steps(stack: Stack, ticket: Ticket) -> None:
    lines = [
        f"export URL={stack.api_url}",
        f"export KEY={stack.api_key}",
        "curl -s $URL/queries -H \"x-api-key: $KEY\" -H 'Content-Type: application/json' \\",
        '     -d \'{"text": "Where is my order?"}\'',
        'curl -s "$URL/queries/<id>?wait=20" -H "x-api-key: $KEY" \\',
        "     -H 'Authorization: Bearer <token>'",
        "",
        *(f"export {name}={value}" for name, value in agent_environment(stack).items()),
        ".venv/bin/helpdesk ticket list --state all",
        f".venv/bin/helpdesk ticket show {ticket.id}",
        ".venv/bin/helpdesk ticket next",
        "",
        "make logs     follow what the functions say",
        "make stop     stop it all; the tickets are kept for the next `make run`",
    ]
    console.print("It is all still running. Try:\n", style="bold")
    for line in lines:
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _say(who: str, what: str, note: str = "") -> None:
    style = {"customer": "bold", "helpdesk": "cyan", "agent": "green"}[who]
    line = Table.grid(padding=(0, 1))
    line.add_column(width=10)
    line.add_row(Text(f"  {who}", style=style), Text(what.strip()))
    if note:
        line.add_row("", Text(note, style="dim"))
    console.print(line)
    if who != "customer":
        console.print()


if __name__ == "__main__":
    sys.exit(main())

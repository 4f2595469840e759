"""Keeps what the agents' terminal looks like, from a running local stack, in docs/screens/.

    make run
    python -m infra.documenting.screens

Asks a handful of questions as customers, then works the inbox by its keys at both sizes, and runs
the commands an agent uses most.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from helpdesk.agents import Arranger
from textual.pilot import Pilot

from agent_cli.drafts import Drafts
from agent_cli.inbox.app import Inbox
from agent_cli.seen import Seen
from agent_cli.session import Session
from infra import emulator
from infra.local.customer import Customer
from infra.local.up import REGION, agent_environment, local_stack
from infra.paths import ROOT

FOLDER = ROOT / "docs" / "screens"
SIZES = {"small": (80, 24), "large": (120, 40)}

QUESTIONS = (
    ("Would you sponsor our school's chess team in May?", "kim@example.com", "Kim"),
    ("My lawyer will hear of this: the charger caught fire.", "lee@example.com", "Lee"),
    ("I want to talk to a human about order 998877", "ann@example.com", "Ann"),
    ("this is the worst service ever, third time I write", "bo@example.com", "Bo"),
    ("Would you sponsor our football club?", "kim@example.com", "Kim"),
    ("\x1b[2J\x1b[31mred\x1b[0m \u202egnp.exe, look at that file please", "m@example.com", "Mal"),
    ("Bonjour, je voudrais savoir si vous livrez en Corse.", "zoe@example.com", "Zoé"),
)
COMMANDS = ("ticket list", "ticket next", "queue status", "stats", "doctor", "knowledge list")


def main() -> int:
    """Fill the desk and keep the screens; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=emulator.DEFAULT_PORT)
    stack = local_stack(f"http://127.0.0.1:{parser.parse_args().port}")
    os.environ |= agent_environment(stack)
    FOLDER.mkdir(exist_ok=True)
    customer = Customer(stack.api_url, stack.api_key)
    for text, email, name in QUESTIONS:
        customer.fetch(customer.ask(text, email=email, name=name), wait=20)
    session = Session(stack_name=stack.name, region=REGION, named="ada")
    session.desk.parts.knowledge.put_canned("apology", "Dear {name}, we are sorry.\nYours, {agent}")
    with tempfile.TemporaryDirectory() as home:
        for name, size in SIZES.items():
            asyncio.run(_inbox(session, Path(home) / name, name, size))
        _commands(Path(home))
    return 0


async def _inbox(session: Session, drafts: Path, name: str, size: tuple[int, int]) -> None:
    @contextmanager
    def at_work(warn: Callable[[str], None]) -> Iterator[Arranger]:
        with session.at_desk() as desk:
            yield desk.workplace(warn=warn)

    app = Inbox(
        at_work,
        Drafts(drafts),
        str,
        agent=session.agents_name,
        clock=session.clock,
        seen=Seen(drafts / "seen.json"),
    )
    async with _open(app, size) as pilot:
        _keep(app, f"inbox-{name}")
        await _press(app, pilot, "n", "r")
        for key in "Dear Lee,\n\nplease unplug the charger and keep it.":
            await pilot.press({" ": "space", "\n": "enter"}.get(key, key))
        await _press(app, pilot)
        _keep(app, f"reply-{name}")
        await _press(app, pilot, "f3")
        _keep(app, f"canned-{name}")
        await _press(app, pilot, "escape", "escape", "question_mark")
        _keep(app, f"keys-{name}")
        await _press(app, pilot, "space", "l")


@asynccontextmanager
async def _open(app: Inbox, size: tuple[int, int]) -> AsyncIterator[Pilot[list[str]]]:
    async with app.run_test(size=size) as pilot:
        await _press(app, pilot)
        yield pilot


async def _press(app: Inbox, pilot: Pilot[list[str]], *keys: str) -> None:
    for key in (*keys, None):
        if key:
            await pilot.press(key)
        await pilot.pause(0.5)
        while any(not worker.is_finished for worker in app.workers):
            await pilot.pause(0.1)
        await pilot.pause()


def _keep(app: Inbox, name: str) -> None:
    strips = app.screen._compositor.render_strips()
    lines = ("".join(segment.text for segment in strip).rstrip() for strip in strips)
    (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n")
    (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="helpdesk inbox"))


def _commands(home: Path) -> None:
    environment = os.environ | {"XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    for name, (columns, _) in SIZES.items():
        pages = []
        for words in COMMANDS:
            done = subprocess.run(
                [sys.executable, "-m", "agent_cli", *words.split()],
                env=environment | {"COLUMNS": str(columns)},
                capture_output=True,
                text=True,
                check=False,
            )
            lines = (done.stdout + done.stderr).splitlines()
            page = "\n".join(line.rstrip() for line in lines[:45])
            pages.append(f"$ helpdesk {words}\n{page}\n")
        (FOLDER / f"commands-{name}.txt").write_text("\n".join(pages))


if __name__ == "__main__":
    sys.exit(main())

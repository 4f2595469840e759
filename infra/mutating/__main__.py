"""Mutates pure rooms, runs their unit tests against every mutant, and says what survived.

    make mutants ROOM=triage
    make mutants ROOM=triage MOST=60

Exits with 1 if the tests of a room notice less than the bar. A mutant under which the tests do not
end in time counts as noticed. With `--most`, that many of a room are tried, evenly spread over it.
"""

import argparse
import difflib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from infra.mutating import rooms, trial

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

BAR = 0.92
"""The share of mutants that the tests of a room must notice."""

AT_ONCE = os.cpu_count() or 1
PATIENCE = 10
"""Tests that take so many times as long as they should do not end, or as good as."""

COSMIC_RAY = "cosmic-ray==8.7.0"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's source with one small fault in `line`, made by `operator`."""

    path: Path
    line: int
    operator: str
    code: str

    def __str__(self) -> str:
        diff = difflib.unified_diff(self.path.read_text().split("\n"), self.code.split("\n"), n=0)
        changed = [line for line in diff if line[:2] not in {"--", "++", "@@"} and line[1:].strip()]
        where = f"{self.path.relative_to(rooms.PACKAGE)}:{self.line}"
        return "\n".join([f"  {where}  {self.operator}", *(f"    {line}" for line in changed)])


def listed(room: str) -> list[Mutant]:
    """Return the mutants of a room that count."""
    command = [os.environ.get("UV", "uv"), "run", "--quiet", "--no-project"]
    command += ["--python", sys.executable, "--exclude-newer", "2026-11-21", "--with", COSMIC_RAY]
    command += ["python", "-m", "infra.mutating.listing", room]
    lines = subprocess.run(command, cwd=rooms.ROOT, check=True, stdout=subprocess.PIPE).stdout
    each = map(json.loads, lines.splitlines())
    return [Mutant(Path(it["path"]), it["line"], it["operator"], it["code"]) for it in each]


def spread(mutants: Sequence[Mutant], most: int | None) -> list[Mutant]:
    """Return at most `most` of the mutants, evenly spread, the same ones every time."""
    if most is None or len(mutants) <= most:
        return list(mutants)
    return [mutants[number * len(mutants) // most] for number in range(most)]


def survivors(mutants: Sequence[Mutant], tests: Sequence[Path], limit: float) -> Iterator[Mutant]:
    """Yield the mutants under which all tests pass within `limit` seconds."""
    waiting = list(reversed(mutants))
    running: dict[BaseProcess, tuple[Mutant, float]] = {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            mutant = waiting.pop()
            process = trial.start(mutant.path, mutant.code, tests)
            running[process] = mutant, time.monotonic() + limit
        wait([process.sentinel for process in running], timeout=1)
        for process, (mutant, end) in list(running.items()):
            if process.is_alive():
                if time.monotonic() > end:
                    process.kill()
                continue
            process.join()
            del running[process]
            if process.exitcode == 0:
                yield mutant


def duration(room: str, tests: Sequence[Path]) -> float:
    """Return how many seconds the tests take as things are. Raises RuntimeError if they fail."""
    path, started = rooms.sources(room)[0], time.monotonic()
    process = trial.start(path, path.read_text(), tests)
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"the tests of {room} fail without any mutant")
    return time.monotonic() - started


def proven(room: str, most: int | None = None) -> bool:
    """Mutate one room, print what came out, and tell whether it reaches the bar."""
    tests, every = rooms.tests(room), listed(room)
    mutants = spread(every, most)
    limit = PATIENCE * duration(room, tests)
    started = time.monotonic()
    survived = list(survivors(mutants, tests, limit))
    share = 1 - len(survived) / len(mutants)
    for mutant in sorted(survived, key=lambda each: (each.path, each.line)):
        print(mutant)
    print(
        f"{room}: {len(mutants)} of {len(every)} mutants, {len(mutants) - len(survived)} killed, "
        f"{len(survived)} survived: {share:.1%} (bar {BAR:.0%}), "
        f"{time.monotonic() - started:.0f} s",
        flush=True,
    )
    return share >= BAR


def main(arguments: Sequence[str]) -> int:
    """Go through the rooms of these names, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="infra.mutating", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="ROOM")
    parser.add_argument("--most", type=int, help="mutants of a room that are tried")
    chosen = parser.parse_args(arguments)
    names = chosen.rooms
    if unknown := set(names) - rooms.ROOMS.keys():
        print(f"no such room: {', '.join(sorted(unknown))}; there are {', '.join(rooms.ROOMS)}")
        return 2
    trial.prepare()
    results = [proven(room, chosen.most) for room in names or rooms.ROOMS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The sections of docs/benchmarks.md, and the machine that they were measured on."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from infra.paths import ROOT

REPORT = ROOT / "docs" / "benchmarks.md"
WHOLE = "The whole stack on LocalStack"
"""The section after which those come that other programs measure on LocalStack."""


def machine() -> str:
    """Return the day and the machine."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({_processor()}), "
        f"{_memory():.0f} GiB, {platform.system()}"
    )


def section(title: str, body: Iterable[str], said: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a section: a blank one, its title, what is said of it, and its body."""
    yield from ("", f"## {title}", "")
    if said:
        yield from (*said, "")
    yield from body


def replaced(report: str, title: str, lines: Iterable[str], *, after: str) -> str:
    """Return a report with other lines in the place of a section; a new one comes `after` another.

    Raises ValueError if there is neither.
    """
    ends = r"(?=\n## |\Z)"
    fresh = "\n".join(lines).rstrip("\n") + "\n"
    own = re.compile(rf"\n## {re.escape(title)}\n.*?{ends}", re.DOTALL)
    if own.search(report):
        return own.sub(lambda _: fresh, report, count=1)
    before = re.compile(rf"\n## {re.escape(after)}\n.*?{ends}", re.DOTALL)
    if not before.search(report):
        raise ValueError(f"the report has neither {title!r} nor {after!r}")
    return before.sub(lambda found: found[0] + fresh, report, count=1)


def put_in(title: str, lines: Iterable[str], said: Sequence[str]) -> None:
    """Put a section that was measured on LocalStack into the report. Raises as `replaced` does."""
    own = section(title, lines, said)
    REPORT.write_text(replaced(REPORT.read_text(), title, own, after=WHOLE))


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*: (.+)", text)
    return found[1] if found else platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30

"""What one file costs to be read: seconds, computing and memory of the real child.

    python -m infra.measuring.file_cost < asked.json

For `files_read` alone. Asked for are files by their paths. This process has loaded little, for a
child counts the memory of who started it as its own until it has more; one that is asked to be
`warm` has loaded the documents function, as an environment of Lambda has.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from helpdesk_documents.isolation import read_in_child

from infra import module_file
from infra.measuring.durations import timed
from infra.paths import ROOT

NEXT = b"the next file"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one file: each run's seconds, computing seconds of all, and what the last one found.

    `peak` is in bytes, over all files so far. `then` tells whether the next file was read.
    """

    seconds: list[float]
    computing: float
    peak: int
    text: str
    reason: str | None
    then: bool


def main() -> int:
    """Read what is asked for, and print what it cost as JSON."""
    asked = json.load(sys.stdin)
    read = _function() if asked["warm"] else read_in_child
    print(json.dumps([asdict(_cost(read, **each)) for each in asked["files"]]))
    return 0


def _cost(read: Callable[..., Any], *, path: str, name: str, times: int) -> Cost:
    data = Path(path).read_bytes()
    before = getrusage(RUSAGE_CHILDREN)
    runs = [timed(lambda: read(data, name, "")) for _ in range(times)]
    after = getrusage(RUSAGE_CHILDREN)
    computing = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = runs[-1][1]
    reason = found.reason if hasattr(found, "reason") else found.why
    then = read(NEXT, "next.txt", "").text == NEXT.decode()
    seconds = [took for took, _ in runs]
    return Cost(seconds, computing, after.ru_maxrss * 1024, found.text, reason, then)


def _function() -> Callable[..., Any]:
    read: Callable[..., Any] = module_file.load(ROOT / "functions/documents/handler.py").read
    return read


if __name__ == "__main__":
    sys.exit(main())

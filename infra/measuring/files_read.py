"""What customers' files cost to be read, what is recognised, and how hostile ones end.

    python -m infra.measuring.files_read

The files are those of the tests; each is read by the real child.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.measuring.row import Bar, Row, written
from tests.unit.documents import drawn, files, hostile

TIMES = 9
"""How often a file is read whose time is said."""

PATIENCE = 15
"""Seconds within which a hostile file has a reason."""

LEAST_RECALL = 0.95
MEBI = 2**20

SAID = (
    "`infra/measuring/files_read.py`: each file in a fresh process of its own; `computing` is of",
    "that process. Words are found if they stand in the text letter for letter. After each",
    "hostile file the same process that was given it, with the documents function loaded, reads",
    "the next one.",
)


def rows() -> Iterator[Row]:
    """Measure everything in turn."""
    with TemporaryDirectory() as folder:
        yield from _costs(Path(folder))
        yield from _recall(Path(folder))
        yield from _hostile(Path(folder))


def _costs(folder: Path) -> Iterator[Row]:
    lines = (*drawn.RECEIPT, *drawn.SCREEN)
    page = ") Tj 0 -24 Td (".join(lines)
    scan = BytesIO()
    drawn.page(lines).save(scan, "PDF", resolution=180)
    for what, name, data in (
        ("a PDF of 3 pages", "a.pdf", files.pdf(page, page, page)),
        ("a scanned page", "a.pdf", scan.getvalue()),
        ("a photo", "a.jpg", drawn.PICTURES[drawn.BAD_PHOTO][1]()),
    ):
        (cost,) = _measured(folder, {name: data}, times=TIMES)
        half = statistics.median(cost["seconds"]) * 1000
        computing = cost["computing"] / TIMES * 1000
        peak = cost["peak"] / MEBI
        yield Row(
            f"text from {what}, {drawn.words(cost['text']).total()} words, {TIMES} times",
            f"p50 {half:.0f} ms, computing {computing:.0f} ms, at most {peak:.0f} MiB",
        )


def _recall(folder: Path) -> Iterator[Row]:
    wanted, met = 0, 0
    for name, (lines, made) in drawn.PICTURES.items():
        (cost,) = _measured(folder, {"photo": made()})
        asked = drawn.words(" ".join(lines))
        found = (asked & drawn.words(cost["text"])).total()
        wanted, met = wanted + asked.total(), met + found
        yield Row(f"words found, {name}", _share(found, asked.total()))
    reached = Bar(f"≥ {LEAST_RECALL}", met >= LEAST_RECALL * wanted)
    yield Row("words found, in all six", _share(met, wanted), reached)


def _share(found: int, asked: int) -> str:
    return f"{found} of {asked}: {found / asked:.3f}"


def _hostile(folder: Path) -> Iterator[Row]:
    made = {f"{n}-{trap.name}": trap.make() for n, trap in enumerate(hostile.TRAPS.values())}
    costs = _measured(folder, made, warm=True)
    for (what, trap), cost in zip(hostile.TRAPS.items(), costs, strict=True):
        (took,) = cost["seconds"]
        in_time = took <= PATIENCE and cost["reason"] in trap.whys and cost["then"]
        yield Row(
            f"hostile: {what}",
            f"`{cost['reason']}` after {took:.1f} s, computing {abs(cost['computing']):.1f} s",
            Bar(f"≤ {PATIENCE} s, the next file is read", in_time),
        )


def _measured(
    folder: Path, made: Mapping[str, bytes], *, times: int = 1, warm: bool = False
) -> Sequence[Mapping[str, Any]]:
    """Return what the files cost, measured in one process of its own. Raises CalledProcessError."""
    asked = []
    for name, data in made.items():
        path = folder / name
        path.write_bytes(data)
        asked.append({"path": str(path), "name": name, "times": times})
    done = subprocess.run(
        [sys.executable, "-m", "infra.measuring.file_cost"],
        input=json.dumps({"warm": warm, "files": asked}),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    costs: Sequence[Mapping[str, Any]] = json.loads(done.stdout)
    return costs


if __name__ == "__main__":
    print("\n".join([*SAID, "", *written(rows())]))

"""How long the worker takes from the start of its process to its first answer.

    python -m infra.measuring.cold_start [--times 9] [BUILD ...]

Each BUILD is a folder of zips that `make build` made, of this version or another one of the same
items; without one it is `build/`. The builds start in turn, because other work on the machine
slows all of them. AWS is answered by this process, on a port of its own, at almost no cost.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from helpdesk.aws.models import PublishedModels
from helpdesk.learning import Learned, Published

from infra.measuring.worker_cost import WORDS, AnsweredHere, a_record
from infra.paths import BUILD
from infra.teaching import knowledge_files
from infra.teaching.teacher import default_teacher

ZIPS = ("core-layer", "nlp-layer", "worker")
TICKET = "0" * 16

FIRST_ANSWER = """
import json, sys
import handler
print(json.dumps(handler.handler(json.loads(sys.argv[1]), None)))
"""


class Start(NamedTuple):
    """Of one process: milliseconds on the clock, and of the processor."""

    clock: float
    processor: float


class Cloud(AnsweredHere):
    """Answers what a worker asks that has just started: also for the model in force."""

    def __init__(self, learned: Learned) -> None:
        super().__init__()
        self.texts = {TICKET: WORDS[0].format(n=1)}
        self.model = learned.data
        published = Published(
            version=learned.version, at=datetime.now(UTC), knowledge="measured", figures=None
        )
        *_, current = PublishedModels.in_force(published)
        self._current = {"Item": self._plain(current)["M"]}

    def _GetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 -- as AWS does
        if asked["Key"]["pk"]["S"] == "MODEL":
            return self._current
        return super()._GetItem(asked)


@contextmanager
def served(cloud: Cloud) -> Iterator[str]:
    """Answer at the address that is yielded."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(cloud.model)

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].split(".")[-1]
            self._answer(cloud.answer(operation, asked))

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def unpack(build: Path, into: Path) -> Path:
    """Unpack a build's zips as Lambda mounts them, and return the folder."""
    for name in ZIPS:
        with zipfile.ZipFile(build / f"{name}.zip") as packed:
            packed.extractall(into / ("task" if name == "worker" else "opt"))
    return into


def start(unpacked: Path, url: str) -> Start:
    """Start a worker, let it answer one message and measure it. Raises RuntimeError."""
    environment = {
        "PYTHONPATH": f"{unpacked / 'task'}:{unpacked / 'opt' / 'python'}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "TICKETS_TABLE": "tickets",
        "KNOWLEDGE_TABLE": "knowledge",
        "RECORDS_TABLE": "records",
        "ESCALATION_QUEUE_URL": f"{url}/1/escalation",
        "BUCKET": "models",
        "QUEUE_PATIENCE": "120",
        "MAX_RECEIVES": "5",
        "ANSWER_FLOOR": "0.5",
        "ANSWER_MARGIN": "0.05",
        "OMP_NUM_THREADS": "1",
    }
    event = json.dumps({"Records": [a_record(TICKET)]})
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-S", "-B", "-c", FIRST_ANSWER, event],
        env=environment,
        cwd=unpacked / "task",
        capture_output=True,
        text=True,
        check=False,
    )
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode or '{"batchItemFailures": []}' not in run.stdout:
        raise RuntimeError(f"the worker did not answer: {run.stdout}{run.stderr}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Start(took * 1000, used * 1000)


def compare(builds: Iterable[Path], times: int) -> dict[str, list[Start]]:
    """Start each build that often, in turn, after one start that is not counted."""
    teacher = default_teacher()
    cloud = Cloud(teacher.fit({a.intent: a.utterances for a in knowledge_files.read()}))
    with tempfile.TemporaryDirectory() as folder, served(cloud) as url:
        unpacked = {
            str(build): unpack(build, Path(folder) / str(number))
            for number, build in enumerate(builds)
        }
        found: dict[str, list[Start]] = {name: [] for name in unpacked}
        for turn in range(times + 1):
            order = list(unpacked.items())
            for name, where in order if turn % 2 else reversed(order):
                started = start(where, url)
                if turn:
                    found[name].append(started)
    return found


def main() -> int:
    """Measure, and print a line for each build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("builds", type=Path, nargs="*", default=[BUILD])
    parser.add_argument("--times", type=int, default=9)
    options = parser.parse_args()
    for name, starts in compare(options.builds, options.times).items():
        clock = [each.clock for each in starts]
        processor = [each.processor for each in starts]
        print(
            f"{name}: {median(clock):.0f} ms to the first answer, at least {min(clock):.0f}; "
            f"{median(processor):.0f} ms of the processor, at least {min(processor):.0f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

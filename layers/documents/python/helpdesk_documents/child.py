"""The child that reads one file: `python -m helpdesk_documents.child`, for `isolation` alone.

Its input is a line of JSON and then the file, its output a line of JSON. It limits itself before it
loads any library, and what libraries print does not reach its output.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

BROKEN = 70
"""The status that tells that libraries are not installed."""


def main() -> int:
    """Read the file of the standard input; return the status to end with."""
    asked = json.loads(sys.stdin.buffer.readline())
    _limit(asked["memory"], asked["processor"])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        answer, status = _answer(asked), 0
    except ImportError as error:
        answer, status = str(error), BROKEN
    answers.write(answer.encode())
    answers.flush()
    return status


def _answer(asked: dict[str, Any]) -> str:
    from helpdesk_documents.extraction import extract  # noqa: PLC0415 -- within the limits

    data = sys.stdin.buffer.read()
    found = extract(data, asked["name"], asked["declared"], languages=asked["languages"])
    return json.dumps(asdict(found))


def _limit(memory: int, seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    # Without the interpreter's tidying up: a library that is out of memory may hang in it.
    os._exit(main())

"""`make logs`: follow what the functions of the local stack say, until Ctrl-C."""

import argparse
import sys
import time
from typing import Any

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.up import local_stack

PAUSE = 1.0
"""Seconds between two looks."""


def main() -> int:
    """Follow the logs; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", type=int, default=60, help="seconds to look back (60)")
    options = parser.parse_args()
    running = emulator.status()
    if running.url is None:
        print("Nothing runs; start it with `make run`.", file=sys.stderr)
        return 1
    try:
        follow(local_stack(running.url), since=time.time() - options.since)
    except KeyboardInterrupt:
        return 0
    return 0


def follow(stack: Stack, *, since: float) -> None:
    """Print every line of every function's log written from `since` on, seconds of the epoch."""
    logs = stack.client("logs")
    shown: set[str] = set()
    while True:
        for event in sorted(_lines(logs, stack, since), key=lambda line: line["timestamp"]):
            if event["eventId"] not in shown:
                shown.add(event["eventId"])
                print(f"{event['group']:11} {event['message'].rstrip()}", flush=True)
        time.sleep(PAUSE)


def _lines(logs: Any, stack: Stack, since: float) -> list[dict[str, Any]]:
    prefix = f"/aws/lambda/{stack.name}-"
    found = []
    for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]:
        name = group["logGroupName"]
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=name, startTime=int(since * 1000)
        )
        for page in pages:
            found += [{**event, "group": name.removeprefix(prefix)} for event in page["events"]]
    return found


if __name__ == "__main__":
    sys.exit(main())

"""What the functions' logs tell: how long each invocation took, how much memory, what it logged."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from infra.deploying.stack import Stack


@dataclass(frozen=True, slots=True)
class Spent:
    """What a function's log tells.

    Each invocation's seconds, cold ones with the start of their environment, whose seconds alone
    are in `starts`; bytes of all lines. `peaks` are pairs of the most memory in MiB and the seconds
    of each invocation.
    """

    warm: list[float]
    cold: list[float]
    starts: list[float]
    logged: int
    peaks: list[tuple[int, float]]

    @property
    def runs(self) -> int:
        """How many invocations there were."""
        return len(self.warm) + len(self.cold)


def spent(stack: Stack, name: str, since: datetime) -> Spent:
    """Return what a function's log tells since a moment; its stack logs each invocation's time."""
    found = Spent([], [], [], 0, [])
    logged = 0
    pages = stack.client("logs").get_paginator("filter_log_events")
    group = f"/aws/lambda/{stack.name}-{name}"
    for page in pages.paginate(logGroupName=group, startTime=int(since.timestamp() * 1000)):
        for event in page["events"]:
            line = json.loads(event["message"])
            told = line.get("record", {})
            if line.get("type") != "platform.start" and told.get("status") != "success":
                logged += len(event["message"].encode())
            if line.get("type") == "platform.report":
                figures = told["metrics"]
                starting = figures.get("initDurationMs")
                taken = ((starting or 0) + figures["durationMs"]) / 1000
                (found.warm if starting is None else found.cold).append(taken)
                if starting is not None:
                    found.starts.append(starting / 1000)
                found.peaks.append((figures.get("maxMemoryUsedMB", 0), taken))
    return replace(found, logged=logged)

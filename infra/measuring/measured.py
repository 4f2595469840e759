"""What `make bench` measured last and AWS's limits and bill are calculated from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from infra.paths import ROOT

FILE = ROOT / "infra" / "measuring" / "measured.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds and bytes, `on` a day and a machine.

    Seconds of one warm invocation of each function, of a `message` in a busy worker, and of the
    start of a process of each function; bytes of log of an answered query, and of a run of the
    reconciler. `limiting` has the write units that the limits of a POST take, by the queries of a
    month (`table_cost.limits_at`).
    """

    on: str
    intake_seconds: float
    worker_seconds: float
    reconciler_seconds: float
    message_seconds: float
    intake_start: float
    worker_start: float
    reconciler_start: float
    logged_bytes: float
    reconciler_bytes: float
    limiting: Mapping[int, float]

    @classmethod
    def last(cls) -> Self:
        """Return what is kept of the last run."""
        kept = json.loads(FILE.read_text())
        limiting = {int(queries): units for queries, units in kept.pop("limiting").items()}
        return cls(**kept, limiting=limiting)

    def keep(self) -> None:
        """Keep this in the place of the run before."""
        FILE.write_text(json.dumps(asdict(self), indent=2) + "\n")

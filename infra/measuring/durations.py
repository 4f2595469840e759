"""How durations are taken and said."""

import statistics
import time
from collections.abc import Callable, Sequence


def timed[T](action: Callable[[], T]) -> tuple[float, T]:
    """Return how long `action` took, in seconds, and what it returned."""
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the duration that `share` (0 to 1) of all do not exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(seconds: Sequence[float]) -> str:
    """Return the median, the 99th percentile and the maximum of durations, in milliseconds."""
    return (
        f"p50 {statistics.median(seconds) * 1000:.0f} ms, "
        f"p99 {percentile(seconds, 0.99) * 1000:.0f} ms, max {max(seconds) * 1000:.0f} ms"
    )

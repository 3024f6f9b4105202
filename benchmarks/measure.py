"""Time a call several times and show medians; ratios are taken against a peer in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of several runs."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)


def measure(name: str, call: Callable[[], object], *, runs: int = 5, warmup: int = 1) -> Timing:
    """Run ``call`` ``warmup`` times uncounted, then ``runs`` times counted."""
    for _ in range(warmup):
        call()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return Timing(name, tuple(seconds))


def show(timings: list[Timing], *, peer: Timing | None = None) -> None:
    """Print a table: median, minimum, maximum and, with a peer, the ratio of medians."""
    print("| what | median s | min s | max s | peer ÷ this |")
    print("|---|---|---|---|---|")
    for timing in timings:
        ratio = f"{peer.median_s / timing.median_s:.1f}" if peer is not None else ""
        print(
            f"| {timing.name} | {timing.median_s:.4f} | {min(timing.seconds):.4f} "
            f"| {max(timing.seconds):.4f} | {ratio} |"
        )

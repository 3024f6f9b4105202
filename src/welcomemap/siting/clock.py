"""How much time is left."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """A point in time after which a search stops and says what it has."""

    end_s: float

    def remaining_s(self) -> float:
        """Return the seconds left, ``inf`` without a limit, never below 0."""
        return max(0.0, self.end_s - time.monotonic())

    def is_over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self.end_s

    def at_most(self, seconds: float) -> Clock:
        """Return a clock that stops ``seconds`` from now at the latest."""
        return Clock(min(self.end_s, time.monotonic() + seconds))


def start_clock(limit_s: float | None) -> Clock:
    """Start a clock; without a limit it never stops."""
    return Clock(math.inf if limit_s is None else time.monotonic() + limit_s)

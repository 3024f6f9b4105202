"""How long until a command answers, next to what importing geopandas alone takes."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Timing, show

PROGRAM = str(Path(sys.executable).parent / "welcomemap")
PEER = "import geopandas"
COMMANDS = {
    PEER: [sys.executable, "-c", "import geopandas"],
    "import welcomemap": [sys.executable, "-c", "import welcomemap"],
    "welcomemap --help": [PROGRAM, "--help"],
    "welcomemap geocode --address": [PROGRAM, "geocode", "--address", "Marktplatz 1", "--json"],
    "welcomemap gaps": [PROGRAM, "gaps", "--scenario", "2026", "--json"],
}
RUNS = 5


def run(command: list[str]) -> float:
    """Return the processor's seconds that a new process takes, its own and the system's.

    Other programs keep a processor busy without adding to them.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    # In turns, so that a machine that grows slower does so for all of them.
    rounds = [[run(command) for command in COMMANDS.values()] for _ in range(RUNS + 1)][1:]
    columns = zip(*rounds, strict=True)
    timings = [Timing(name, seconds) for name, seconds in zip(COMMANDS, columns, strict=True)]
    show(timings, peer=timings[0])
    peer = timings[0].median_s
    for timing in timings[1:]:
        print(f"{timing.name}: {timing.median_s / peer:.2f} times as long as {PEER}")


if __name__ == "__main__":
    main()

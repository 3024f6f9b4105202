"""How long until a command answers, next to what importing geopandas alone takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measure import measure, show

PROGRAM = str(Path(sys.executable).parent / "welcomemap")
COMMANDS = {
    "import welcomemap": [sys.executable, "-c", "import welcomemap"],
    "welcomemap --help": [PROGRAM, "--help"],
    "welcomemap gaps": [PROGRAM, "gaps", "--scenario", "2026", "--json"],
}


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    peer = measure("import geopandas", lambda: run([sys.executable, "-c", "import geopandas"]))
    timings = [
        measure(name, lambda command=command: run(command)) for name, command in COMMANDS.items()
    ]
    show([*timings, peer], peer=peer)


if __name__ == "__main__":
    main()

"""Time the whole paper: from start in a new process, and in a program that keeps its study open.

    python benchmarks/bench_report.py

Bounds: 10 s from start, 3 s kept open, 3 MB. Wall time and processor time are told, since other
programs on the same machine stretch the first.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from welcomemap.region.pack import load_pack
from welcomemap.report import PaperRequest, write_paper
from welcomemap.study.study import Study

RUNS = 3
COMMAND = "from welcomemap.cli import main; main()"


def time_from_start(folder: Path) -> tuple[float, float]:
    """Return wall and processor seconds of ``welcomemap report`` in a new process."""
    before, started = os.times(), time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            "-c",
            COMMAND,
            "report",
            "--scenario",
            "2026",
            "--compare",
            "2019",
            "--focus",
            "7",
            "--out",
            str(folder / "paper.pdf"),
            "--json",
        ],
        check=True,
        capture_output=True,
    )
    after = os.times()
    used = after.children_user + after.children_system
    return time.perf_counter() - started, used - before.children_user - before.children_system


def time_kept_open(study: Study, folder: Path) -> tuple[float, float]:
    """Return wall and processor seconds of a paper from an open study."""
    request = PaperRequest("2026", compare="2019", focus_district=7)
    started, used = time.perf_counter(), time.process_time()
    write_paper(study.pack, request, folder / "open.pdf", study=study)
    return time.perf_counter() - started, time.process_time() - used


def main() -> None:
    """Print medians of some runs as JSON."""
    study = Study(load_pack())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh = [time_from_start(folder) for _ in range(RUNS)]
        time_kept_open(study, folder)
        kept = [time_kept_open(study, folder) for _ in range(RUNS)]
        size = (folder / "paper.pdf").stat().st_size
    told = {
        "from_start_s": round(statistics.median(wall for wall, _ in fresh), 2),
        "from_start_processor_s": round(statistics.median(used for _, used in fresh), 2),
        "kept_open_s": round(statistics.median(wall for wall, _ in kept), 2),
        "kept_open_processor_s": round(statistics.median(used for _, used in kept), 2),
        "bytes": size,
    }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()

"""Time real towns from raw files to an answer, beside osmnx and pandana on their streets.

    python -m benchmarks.bench_towns [--runs 3] [TOWN…]

Each run is a new process: seconds of the clock and of the processor, and the most memory it held.
Bounds: 60 s and 2 GB on two cores. `town` writes the recipe, builds the pack and asks one question.
`streets` and the peer do the same: from the OpenStreetMap file to a network for feet and the demand
cells of the pack attached to it. The peer reads XML alone, so its file is written beforehand and
holds nothing but ways with `highway` and their points; neither counts for it.

The peer is no dependency: give the Python of an environment that has osmnx and pandana in
WELCOMEMAP_PEER_PYTHON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
from benchmarks.street_worlds import RAW
from tests.ingest.real_towns import TOWNS

from welcomemap.region.pack import load_pack
from welcomemap.travel.network import snap
from welcomemap.travel.osm import read_osm

ROOT = Path(__file__).parents[1]
PEER = Path(__file__).with_name("peer_towns.py")
EXPECTED = ("Kaiserslautern", "Heidelberg", "Porto Alegre", "Munich", "Essen")
MAX_S, MAX_MB = 60.0, 2000.0
POINTS, XML = "points.npy", "streets.osm"


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall_s: float
    processor_s: float
    peak_mb: float


def run(command: list[str]) -> Run:
    """Run a command to its end and measure it alone.

    Its peak begins at what this process holds, so that large work is done in others.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    wall_s = time.perf_counter() - started
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def build_and_ask(name: str, folder: Path) -> None:
    """Write the recipe, build the pack and ask it; what a `town` process does."""
    from welcomemap.cli import run as run_command

    recipe, pack = TOWNS[name].write(RAW, folder), folder / "pack"
    for command in (["data", "build", str(recipe), "--out", str(pack), "--json"],
                    [*TOWNS[name].question, "--pack", str(pack), "--json"]):  # fmt: skip
        status = run_command(command)
        if status:
            sys.exit(status)


def read_and_attach(name: str, folder: Path) -> None:
    """Read the streets and attach the demand cells; what a `streets` process does."""
    osm = TOWNS[name].files(RAW, folder).osm
    assert osm is not None
    pack = load_pack(folder / "pack")
    network = read_osm(osm, "walk", crs=pack.crs)
    cells = pack.demand_cells.geometry
    snap(np.column_stack([cells.x, cells.y]), network)


def write_for_peer(name: str, folder: Path) -> None:
    """Write the ways of the town's file with their points as XML, and the demand cells."""
    osm = TOWNS[name].files(RAW, folder).osm
    assert osm is not None
    pack = load_pack(folder / "pack")
    cells = pack.demand_cells.geometry.to_crs("EPSG:4326")
    np.save(folder / POINTS, np.column_stack([cells.x, cells.y]))
    ways, nodes = [], set()
    for way in osmium.FileProcessor(osm, osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    ):
        ways.append(way.id)
        nodes.update(node.ref for node in way.nodes)
    (folder / XML).unlink(missing_ok=True)
    wanted = osmium.filter.IdFilter(nodes).enable_for(osmium.osm.NODE)
    kept = osmium.filter.IdFilter(ways).enable_for(osmium.osm.WAY)
    is_either = osmium.filter.EntityFilter(osmium.osm.NODE | osmium.osm.WAY)
    with osmium.SimpleWriter(str(folder / XML)) as writer:
        reader = osmium.FileProcessor(osm).with_filter(is_either)
        for element in reader.with_filter(wanted).with_filter(kept):
            writer.add(element)


def measure_town(name: str, folder: Path, runs: int) -> Iterator[tuple[str, list[Run]]]:
    peer = os.environ.get("WELCOMEMAP_PEER_PYTHON")
    ours = [sys.executable, "-m", "benchmarks.bench_towns"]
    whole = []
    for number in range(runs):
        place = folder / str(number)
        whole.append(run([*ours, "--town", name, str(place)]))
    yield "town", whole
    if TOWNS[name].question != ("gaps",):
        return
    place = folder / "0"
    if peer:
        run([*ours, "--prepare", name, str(place)])
    rounds: dict[str, list[Run]] = {"streets": [], "osmnx + pandana": []}
    for _ in range(runs):  # in turns, so that a machine that grows slower does so for both
        rounds["streets"].append(run([*ours, "--streets", name, str(place)]))
        if peer:
            crs = json.loads((place / "pack" / "datapackage.json").read_text())["region"]["crs"]
            command = [peer, str(PEER), str(place / XML), str(place / POINTS), crs]
            rounds["osmnx + pandana"].append(run(command))
    yield from ((what, found) for what, found in rounds.items() if found)


def show(name: str, what: str, found: list[Run], least: float | None) -> None:
    wall = statistics.median(one.wall_s for one in found)
    processor = statistics.median(one.processor_s for one in found)
    peak = max(one.peak_mb for one in found)
    held = "" if what != "town" else "yes" if wall <= MAX_S and peak <= MAX_MB else "NO"
    ratio = "" if least is None else f"{processor / least:.1f}"
    print(f"| {name} | {what} | {wall:.1f} | {processor:.1f} | {peak:,.0f} | {held} | {ratio} |",
          flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("towns", nargs="*")
    parser.add_argument("--runs", type=int, default=3)
    steps = {"town": build_and_ask, "streets": read_and_attach, "prepare": write_for_peer}
    for step in steps:
        parser.add_argument(f"--{step}", nargs=2, help="used by the benchmark itself")
    asked = parser.parse_args()
    for step, do in steps.items():
        if given := getattr(asked, step):
            do(given[0], Path(given[1]))
            return
    if not RAW.is_dir():
        print("the raw data are not here: set WELCOMEMAP_RAW to their folder")
        return
    print("| town | what | median s | of the processor | peak MB | 60 s, 2 GB | ÷ streets |")
    print("|---|---|---|---|---|---|---|")
    for name in asked.towns or EXPECTED:
        if name not in TOWNS:
            print(f"| {name} | no recipe makes it yet | | | | | |")
            continue
        with tempfile.TemporaryDirectory() as folder:
            least = None
            for what, found in measure_town(name, Path(folder), asked.runs):
                if what == "streets":
                    least = statistics.median(one.processor_s for one in found)
                show(name, what, found, least if what != "town" else None)


if __name__ == "__main__":
    main()

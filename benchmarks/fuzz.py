"""Damage a great many inputs and count what is neither an answer nor a named error.

``python -m benchmarks.fuzz [STRINGS] [FILES]`` (default 1,000,000 and 20,000), and a fortieth
as many whole packs, each asked every question. Seeded: the same numbers give the same inputs. Two
processes share the work, each bounded to 1 GB of memory by what is reported of it; nothing is
measured against a peer here.
"""

from __future__ import annotations

import csv
import io
import json
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz import mutate
from tests.geocoding.hostile import hostile_addresses
from tests.geocoding.hostile import run as answer_addresses
from tests.region.hostile import COMMANDS, damaged_packs
from tests.region.hostile import run as run_command
from tests.report.test_study_file import SAVED
from tests.tabular.test_hostile_workbooks import make_workbook
from tests.travel.test_hostile_osm import SOUND as OSM
from tests.worlds import write_rechteckstadt

from welcomemap.errors import InputError, PackError
from welcomemap.geocoding.batch import geocode_sheet
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.region.layers import find_feature_faults, read_feature_layer, read_row_layer
from welcomemap.region.pack import MANIFEST_NAME, RegionPack, load_pack, read_manifest
from welcomemap.region.verify import check_zipped_pack
from welcomemap.report.study_file import read_study, read_study_file
from welcomemap.siting.matrix_files import read_costs, read_weights
from welcomemap.tabular import read_table
from welcomemap.travel.osm import read_osm

WORKERS = 2
CHUNK = 2_000
MAX_SECONDS = 5.0
Reader = Callable[[bytes, Path], object]


@dataclass
class Tally:
    """What became of the inputs of one kind."""

    n: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    most_mb: float = 0.0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        self.n += other.n
        self.refused += other.refused
        self.slowest_s = max(self.slowest_s, other.slowest_s)
        self.most_mb = max(self.most_mb, other.most_mb)
        self.faults += other.faults


@dataclass(frozen=True)
class World:
    """Sound files by kind, what reads each of them, and a small town to geocode in."""

    sound: Mapping[str, bytes]
    readers: Mapping[str, Reader]


def make_world(folder: Path) -> World:
    """Write a tiny town and gather one sound file of each kind that people give."""
    pack = load_pack(write_rechteckstadt(folder / "pack"))
    layers = {path.name: path.read_bytes() for path in pack.folder.iterdir()}
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in layers.items():
            archive.writestr(name, content)
    sound = {
        "list.csv": _make_list(pack),
        "list.xlsx": make_workbook(),
        "costs.csv": b"demand,a,b\nx,1,2.5\ny,inf,3\n",
        "weights.csv": b"demand,weight\nx,1\ny,2\n",
        "extract.osm": OSM.encode(),
        "planner.json": _make_planner_study(),
        "paper.study.json": json.dumps(SAVED).encode(),
        "pack.zip": zipped.getvalue(),
        "datapackage.json": layers["datapackage.json"],
        **{name: layers[name] for name in
           ("districts.geojson", "addresses.parquet", "service_points.csv")},
    }  # fmt: skip
    geocoder = Geocoder(Gazetteer.from_pack(pack))

    def geocode(content: bytes, path: Path) -> object:
        return geocode_sheet(read_table(content, name=path.name), geocoder, pack.crs)

    def at(path: Path, content: bytes) -> Path:
        path.write_bytes(content)
        return path

    def features(content: bytes, path: Path) -> object:
        list(find_feature_faults(content, path))
        return read_feature_layer(content, path, pack.crs)

    def unzip(content: bytes, path: Path) -> object:
        with tempfile.TemporaryDirectory(dir=path.parent) as empty:
            return check_zipped_pack(content, Path(empty), name=path.name)

    readers: dict[str, Reader] = {
        "list.csv": geocode,
        "list.xlsx": geocode,
        "costs.csv": lambda content, path: read_costs(at(path, content)),
        "weights.csv": lambda content, path: read_weights(at(path, content)),
        "extract.osm": lambda content, path: read_osm(at(path, content), "walk"),
        "planner.json": lambda content, _: read_study(content),
        "paper.study.json": lambda content, path: read_study_file(at(path, content)),
        "pack.zip": unzip,
        "datapackage.json": lambda content, path: read_manifest(at(path, content).parent),
        "districts.geojson": features,
        "addresses.parquet": features,
        "service_points.csv": read_row_layer,
    }
    return World(sound, readers)


def _make_list(pack: RegionPack) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("id", "street", "house_number", "postcode", "town", "note"))
    for number, row in enumerate(pack.addresses.head(6).to_dict("records")):
        writer.writerow((number, row["street"], row["house_number"], row["postcode"], "", "x"))
    return text.getvalue().encode()


def _make_planner_study() -> bytes:
    candidate = dict.fromkeys(("name", "address", "location_outcome", "error_radius_m"), "a")
    value = {
        "format": "welcomemap-planner-study", "version": 1, "pack": "p",
        "choices": {"mode": "walk"},
        "lists": [{"name": "a", "file": "a.csv", "content": "aWQsbmFtZQoxLDIK"}],
        "candidates": [candidate | {"id": "own-1", "lat": "51.2", "lon": "6.7"}],
    }  # fmt: skip
    return json.dumps(value).encode()


def damage_files(seed: int, count: int) -> dict[str, Tally]:
    """Damage ``count`` files, of each kind in turn, and read them."""
    chance = random.Random(seed)
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = make_world(folder)
        kinds = sorted(world.sound)
        for number in range(count):
            kind = kinds[number % len(kinds)]
            content = mutate(world.sound[kind], kind, chance)
            path = folder / (MANIFEST_NAME if kind == MANIFEST_NAME else kind)
            _read(world.readers[kind], content, path, tallies.setdefault(kind, Tally()))
    return tallies


def damage_packs(seed: int, count: int) -> dict[str, Tally]:
    """Damage ``count`` packs, as if somebody had meant it, and ask each every question."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as name:
        sound = write_rechteckstadt(Path(name) / "sound")
        damaged = damaged_packs(sound, Path(name) / "pack", seed, count, is_sealed=True)
        for folder, layer in damaged:
            for command in COMMANDS:
                _read(lambda _, path, c=command: _ask(c, path), b"", folder, tally, layer)
    return {"sealed packs": tally}


def _ask(command: tuple[str, ...], folder: Path) -> None:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        status = run_command(command, folder)
    if status >= 2:
        raise PackError(said.getvalue().splitlines()[-1])


def _read(reader: Reader, content: bytes, path: Path, tally: Tally, name: str = "") -> None:
    start = time.process_time()
    tally.n += 1
    name = name or path.name
    try:
        reader(content, path)
    except (InputError, PackError) as error:
        tally.refused += 1
        if "\n" in str(error):
            tally.faults.append(f"{name}: two lines: {error}")
    except Exception as error:  # noqa: BLE001 - whatever comes is what is looked for
        tally.faults.append(f"{name}: {type(error).__name__}: {error} ({content[:200]!r})")
    seconds = time.process_time() - start
    tally.slowest_s = max(tally.slowest_s, seconds)
    tally.most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if seconds > MAX_SECONDS:
        tally.faults.append(f"{name}: took {seconds:.1f} s")


def attack_addresses(seed: int, count: int) -> dict[str, Tally]:
    """Answer ``count`` texts with the embedded pack."""
    geocoder = _open_geocoder()
    report = answer_addresses(geocoder.geocode, hostile_addresses(count, seed=seed))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    faults = [f"{text!r}: {fault}" for text, fault in report.faults]
    return {"addresses": Tally(report.n, report.refused, report.slowest_s, memory_mb, faults)}


_opened: list[Geocoder] = []


def _open_geocoder() -> Geocoder:
    if not _opened:
        _opened.append(Geocoder(Gazetteer.from_pack(load_pack())))
    return _opened[0]


def main(arguments: list[str]) -> int:
    """Run all, print a table, and end with 1 if there was a fault."""
    defaults = ("1000000", "20000")
    strings, files = (int(text) for text in (*arguments, *defaults[len(arguments) :]))
    jobs = [
        (attack_addresses, CHUNK * 10, strings),
        (damage_files, CHUNK, files),
        (damage_packs, CHUNK // 40, files // 40),
    ]
    total: dict[str, Tally] = {}
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        waiting = [
            pool.submit(job, start, min(chunk, count - start))
            for job, chunk, count in jobs
            for start in range(0, count, chunk)
        ]
        for done in waiting:
            for kind, tally in done.result().items():
                total.setdefault(kind, Tally()).add(tally)
    print("| kind | inputs | refused by name | slowest s | most MB | faults |")
    print("|---|---|---|---|---|---|")
    for kind, tally in sorted(total.items()):
        print(
            f"| {kind} | {tally.n:,} | {tally.refused:,} | {tally.slowest_s:.2f} "
            f"| {tally.most_mb:.0f} | {len(tally.faults)} |"
        )
    kinds = Counter(fault.split("(")[0][:150] for tally in total.values() for fault in tally.faults)
    for fault, count in kinds.most_common(40):
        print(f"{count} × {fault}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What people do with a pack, and what a damaged pack does to it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from tests.fuzz import HOSTILE, mutate
from tests.worlds import record_hashes
from welcomemap import cli
from welcomemap.errors import WelcomemapError
from welcomemap.region.pack import load_pack

COMMANDS = (
    ("data", "check", "--json"),
    ("geocode", "--address", "Hauptstraße 300, 99002", "--json"),
    ("suggest", "Hauptstr", "--json"),
    ("nearest", "Hauptstraße 300", "--json"),
    ("coverage", "--json"),
    ("gaps", "--json"),
    ("diff", "2020", "2025", "--json"),
    ("site", "--model", "p-median", "--p", "1", "--candidates", "list", "--json"),
)


def damage_pack(folder: Path, chance: random.Random, *, is_sealed: bool) -> str:
    """Damage one file of a pack; sealed, the manifest records the damaged file as it is.

    Returns the name of the file.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    path = chance.choice(files)
    if path.suffix == ".parquet" and chance.random() < 0.7:
        damage_table(path, chance)
    else:
        path.write_bytes(mutate(path.read_bytes(), path.name, chance))
    if is_sealed and path.name != "datapackage.json":
        record_hashes(folder)
    return path.name


def damage_table(path: Path, chance: random.Random) -> None:
    """Write a Parquet layer again with a column that is gone, renamed or of other values."""
    table = gpd.read_parquet(path)
    name = chance.choice([column for column in table.columns if column != "geometry"])
    action = chance.random()
    if action < 0.2:
        table = table.drop(columns=[name])
    elif action < 0.3:
        table = table.rename(columns={name: chance.choice(("x", "y", "lon", "index", "a" * 3000))})
    elif action < 0.45:
        shapes = np.array(table.geometry)
        shapes[chance.randrange(len(shapes))] = chance.choice((None, shapes[0].buffer(1)))
        table = table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs))
    else:
        values = table[name].astype(object).tolist()
        kind = chance.choice(([], ["x"], 1, 1.5, True, "text", float("nan"), 10**17, b"\xff"))
        if chance.random() < 0.5:
            values[chance.randrange(len(values))] = chance.choice(
                [value for value in HOSTILE if not isinstance(value, dict | list)] + [None]
            )
        else:
            values = [kind] * len(values)
        table[name] = pd.Series(values, index=table.index, dtype=object)
    try:
        table.to_parquet(path, index=False)
    except (ValueError, TypeError, OverflowError, UnicodeError):
        path.write_bytes(mutate(path.read_bytes(), path.name, chance))


def damaged_packs(
    source: Path, folder: Path, seed: int, count: int, *, is_sealed: bool
) -> Iterator[tuple[Path, str]]:
    """Yield ``count`` damaged copies of a pack, each in ``folder`` until the next is asked for."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(count):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        yield folder, damage_pack(folder, chance, is_sealed=is_sealed)


def run(arguments: tuple[str, ...], folder: Path) -> int:
    """Run a command in this process; what is not a named error is raised."""
    return cli.run([*arguments, "--pack", str(folder)])


def read_everything(folder: Path) -> None:
    """Open a pack and read each layer, as the pages do."""
    pack = load_pack(folder)
    for name in [str(resource["name"]) for resource in pack.manifest["resources"]]:
        read: Callable[[str], object] = (
            pack.read_rows if pack.layer_path(name).suffix == ".csv" else pack.read_features
        )
        try:
            read(name)
        except WelcomemapError:
            continue

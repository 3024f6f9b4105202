"""Make a fresh pack of the pack in use and of the official files that were fetched.

Worked into layers today: the official quarters, which give quarters and districts their full
borders, and the OpenStreetMap extract, which gives the streets of the whole region. The other files
are checked and kept in ``sources/`` of the new pack, for people and for ``welcomemap data build``;
the warnings name each layer that stays as it was.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd

from welcomemap.build.official_borders import compare_districts, take_official_borders
from welcomemap.build.official_streets import NEAR_M, take_official_streets
from welcomemap.build.pack_folder import LARGE, BuiltLayer
from welcomemap.build.sources import Source
from welcomemap.build.writing import write_layer
from welcomemap.errors import PackError, Place
from welcomemap.files import describe_written, write_bytes
from welcomemap.pack.load import MANIFEST_NAME, RegionPack, load_pack
from welcomemap.pack.manifest import count_key, recorded_rows, write_manifest
from welcomemap.pack.verify import check_pack

SOURCES_FOLDER = "sources"
NOTABLE_KM2 = 0.01


@dataclass(frozen=True)
class FetchedFile:
    """An official file that has arrived and was checked: where it is, its sha256, its rows."""

    source: Source
    path: Path
    sha256: str
    rows: int


@dataclass(frozen=True)
class Update:
    """What a fresh pack holds: its layers, the official files kept in it, and what to know."""

    layers: tuple[BuiltLayer, ...]
    warnings: tuple[str, ...]
    files: tuple[FetchedFile, ...] = ()

    def to_json(self) -> dict[str, list[Any]]:
        """Return the keys of the command-line contract, and ``files``: what was fetched."""
        return {
            "layers": [vars(layer) for layer in self.layers],
            "warnings": list(self.warnings),
            "files": [_record(file) for file in self.files],
        }


@dataclass(frozen=True)
class _NewLayer:
    """A layer that changes, the file it is made of, and what the manifest shall say of it.

    ``file`` is ``None`` where only some columns change and the manifest's words stay true.
    """

    table: gpd.GeoDataFrame
    file: FetchedFile | None = None
    limits: str = ""
    method: str = ""


_NewLayers = dict[str, _NewLayer]
_WorkIn = Callable[[RegionPack, FetchedFile], tuple[_NewLayers, str]]


def make_fresh_pack(
    base: RegionPack, fetched: list[FetchedFile], unknown: tuple[Source, ...], folder: Path
) -> Update:
    """Write the new pack into an empty folder.

    Raises
    ------
    InputError
        If an official file that is worked into a layer is damaged or does not fit the region, or
        the other layers do not fit the new ones.
    """
    shutil.copytree(
        base.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SOURCES_FOLDER)
    )
    by_name = {file.source.name: file for file in fetched}
    layers: _NewLayers = {}
    warnings = [_say_unknown(source) for source in unknown]
    for name, work_in in _WORKED_IN.items():
        if name in by_name:
            made, note = work_in(base, by_name[name])
            layers |= made
            warnings.append(note)
    if "districts" in by_name:
        warnings += _compare_districts(base, by_name["districts"], layers)
    warnings += [
        _say_kept(file) for file in fetched if file.source.name not in {*_WORKED_IN, "districts"}
    ]
    _keep_sources(fetched, folder / SOURCES_FOLDER)
    manifest = _write_layers(layers, folder)
    _refuse_faulty(folder)
    built = tuple(
        BuiltLayer(
            str(r["name"]), recorded_rows(r) or 0, str(r["sha256"]), str(r.get("source", ""))
        )
        for r in manifest["resources"]
    )
    return Update(built, tuple(warnings), tuple(fetched))


def _work_in_borders(base: RegionPack, file: FetchedFile) -> tuple[_NewLayers, str]:
    borders = take_official_borders(file.path, base)
    about = (
        file,
        f"official borders of {file.source.title}",
        "tiled to about 1 cm; people as before",
    )
    note = (
        "quarters, districts: the official borders differ from the old ones on "
        f"{borders.changed_km2:.3f} km²; {borders.n_addresses_moved} addresses change their "
        f"quarter; demand cells keep theirs, and {borders.n_cells_moved} are moved to lie in it"
    )
    layers = {
        "demand_cells": _NewLayer(borders.demand_cells),
        "addresses": _NewLayer(borders.addresses),
        "quarters": _NewLayer(borders.quarters, *about),
        "districts": _NewLayer(borders.districts, *about),
    }
    return layers, note


def _work_in_streets(base: RegionPack, file: FetchedFile) -> tuple[_NewLayers, str]:
    streets = take_official_streets(file.path, base)
    about = (
        file,
        "ways open to people on foot, by bicycle an approximation; no steps, no slopes; one-way "
        "footways left out",
        "ways split where they share a vertex and at locked gates; pieces joined where two meet",
    )
    note = (
        "street_edges, street_extent: streets of the whole region now; "
        f"{streets.near_share:.1%} of the people live within {NEAR_M:.0f} m of one; "
        "river_crossings stay as they were"
    )
    layers = {
        "street_edges": _NewLayer(streets.edges, *about),
        "street_extent": _NewLayer(streets.extent, *about),
    }
    return layers, note


_WORKED_IN: Mapping[str, _WorkIn] = {
    "quarters": _work_in_borders,
    "openstreetmap": _work_in_streets,
}


def _compare_districts(base: RegionPack, file: FetchedFile, layers: _NewLayers) -> list[str]:
    new = layers.get("districts")
    districts = base.districts.to_crs("EPSG:4326") if new is None else new.table
    differs_km2 = compare_districts(file.path, districts, base.crs)
    if differs_km2 <= NOTABLE_KM2:
        return []
    return [
        f"districts: the official districts differ on {differs_km2:.3f} km² from the quarters put "
        "together, which are what the layer holds"
    ]


def _keep_sources(fetched: list[FetchedFile], folder: Path) -> None:
    folder.mkdir()
    for file in fetched:
        _link_or_copy(file.path, folder / file.source.file_name)
    record = {"files": [_record(file) for file in fetched]}
    text = json.dumps(record, ensure_ascii=False, indent=1)
    write_bytes(folder / "sources.json", f"{text}\n".encode())


def _link_or_copy(path: Path, target: Path) -> None:
    """Give a large file a second name where the file system can, so that it is there once."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _record(file: FetchedFile) -> dict[str, object]:
    return {
        "name": file.source.name,
        "path": f"{SOURCES_FOLDER}/{file.source.file_name}",
        "rows": file.rows,
        "sha256": file.sha256,
        "url": file.source.url,
        "publisher": file.source.publisher,
        "licence": file.source.licence,
        "last_verified": file.source.last_verified,
    }


def _write_layers(layers: _NewLayers, folder: Path) -> dict[str, Any]:
    """Write the new layers and the manifest that names them; returns the manifest."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    known = {str(resource["name"]): resource for resource in manifest["resources"]}
    for name, layer in layers.items():
        if name not in known:
            suffix = ".parquet" if name in LARGE else ".geojson"
            known[name] = {"name": name, "path": f"{name}{suffix}"}
            manifest["resources"].append(known[name])
        resource = known[name]
        path = folder / str(resource["path"])
        write_layer(path, layer.table)
        written = describe_written(path)
        resource.pop("rows", None)
        resource |= {
            count_key(path.name): len(layer.table), "bytes": written.bytes,
            "sha256": written.sha256, "hash": f"sha256:{written.sha256}",
        }  # fmt: skip
        if layer.file is not None:
            resource |= _describe(layer, layer.file.source, resource)
    write_manifest(folder, manifest)
    return manifest


def _describe(layer: _NewLayer, source: Source, before: Mapping[str, Any]) -> dict[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "source": _name_source(source, str(before.get("source", ""))),
        "licence": before.get("licence", {"name": source.licence}),
        "limits": layer.limits, "method": layer.method,
    }  # fmt: skip


def _name_source(source: Source, before: str) -> str:
    is_repeated = not before or before.startswith(source.publisher)
    return source.attribution if is_repeated else f"{source.attribution}; before: {before}"


def _refuse_faulty(folder: Path) -> None:
    """Check the new pack as ``welcomemap data check`` does, before it takes its place."""
    faulty = [layer for layer in check_pack(load_pack(folder)).layers if layer.problems]
    if faulty:
        raise PackError(
            f"the fresh pack would be faulty: {faulty[0].name}: {faulty[0].problems[0]}",
            where=Place(faulty[0].path),
            how="Check the pack in use with: welcomemap data check; then look at the fetched file.",
        )


def _say_unknown(source: Source) -> str:
    return (
        f"{source.name}: no address of the file is known, so it was not fetched and "
        f"{', '.join(source.layers)} stay as they were; see {source.page}"
    )


def _say_kept(file: FetchedFile) -> str:
    return (
        f"{file.source.name}: fetched, checked ({file.rows} rows) and kept in {SOURCES_FOLDER}/; "
        f"{', '.join(file.source.layers)} stay as they were"
    )

"""Make a fresh pack of the pack in use and of the official files that were fetched.

Worked into layers today: the official quarters, which give quarters and districts their full
borders. The other files are checked and kept in ``sources/`` of the new pack, for
``welcomemap data build`` and for people; the warnings name each layer that stays as it was.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd

from welcomemap.build.official_borders import compare_districts, take_official_borders
from welcomemap.build.sources import Source
from welcomemap.files import describe_written, write_bytes
from welcomemap.pack.load import MANIFEST_NAME, RegionPack

SOURCES_FOLDER = "sources"
QUARTERS, DISTRICTS = "quarters", "districts"
COORDINATE_DIGITS = 7
NOTABLE_KM2 = 0.01


@dataclass(frozen=True)
class FetchedFile:
    """An official file that has arrived and was checked: where it is, its sha256, its rows."""

    source: Source
    path: Path
    sha256: str
    rows: int


@dataclass(frozen=True)
class UpdatedLayer:
    """A layer of the new pack."""

    name: str
    rows: int
    sha256: str
    source: str


@dataclass(frozen=True)
class Update:
    """What a fresh pack holds: its layers, the official files kept in it, and what to know."""

    layers: tuple[UpdatedLayer, ...]
    warnings: tuple[str, ...]
    files: tuple[FetchedFile, ...] = ()

    def to_json(self) -> dict[str, list[Any]]:
        """Return the keys of the command-line contract."""
        return {
            "layers": [vars(layer) for layer in self.layers],
            "warnings": list(self.warnings),
            "files": [_record(file) for file in self.files],
        }


def make_fresh_pack(
    base: RegionPack, fetched: list[FetchedFile], unknown: tuple[Source, ...], folder: Path
) -> Update:
    """Write the new pack into an empty folder.

    Raises
    ------
    TableError, GeometryError, CoordinateError
        If an official file that is worked into a layer does not fit the region.
    """
    shutil.copytree(
        base.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SOURCES_FOLDER)
    )
    by_name = {file.source.name: file for file in fetched}
    replaced: dict[str, FetchedFile] = {}
    warnings = [_say_unknown(source) for source in unknown]
    if QUARTERS in by_name:
        warnings += _work_in_borders(base, by_name, folder)
        replaced = {QUARTERS: by_name[QUARTERS], DISTRICTS: by_name[QUARTERS]}
    warnings += [
        _say_kept(file) for file in fetched if file.source.name not in (QUARTERS, DISTRICTS)
    ]
    _keep_sources(fetched, folder / SOURCES_FOLDER)
    manifest = _write_manifest(base, replaced, folder)
    layers = tuple(
        UpdatedLayer(str(r["name"]), int(r["rows"]), str(r["sha256"]), str(r.get("source", "")))
        for r in manifest["resources"]
    )
    return Update(layers, tuple(warnings), tuple(fetched))


def _work_in_borders(
    base: RegionPack, by_name: Mapping[str, FetchedFile], folder: Path
) -> list[str]:
    borders = take_official_borders(by_name[QUARTERS].path, base)
    _write_features(borders.quarters, _layer_path(base, QUARTERS, folder))
    _write_features(borders.districts, _layer_path(base, DISTRICTS, folder))
    notes = [
        f"quarters, districts: the official borders differ from the old ones on "
        f"{borders.changed_km2:.3f} km²; demand cells and addresses keep the quarter they had"
    ]
    if DISTRICTS in by_name:
        differs_km2 = compare_districts(by_name[DISTRICTS].path, borders.districts, base.crs)
        if differs_km2 > NOTABLE_KM2:
            notes.append(
                f"districts: the official districts differ on {differs_km2:.3f} km² from their "
                "quarters put together, which are what the layer holds"
            )
    return notes


def _layer_path(base: RegionPack, name: str, folder: Path) -> Path:
    return folder / base.layer_path(name).relative_to(base.folder)


def _write_features(table: gpd.GeoDataFrame, path: Path) -> None:
    table.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=COORDINATE_DIGITS)


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


def _write_manifest(
    base: RegionPack, replaced: Mapping[str, FetchedFile], folder: Path
) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    for resource in manifest["resources"]:
        file = replaced.get(str(resource["name"]))
        if file is None:
            continue
        written = describe_written(_layer_path(base, str(resource["name"]), folder))
        resource |= {"sha256": written.sha256, "bytes": written.bytes}
        resource["source"] = f"{file.source.attribution}; people: {resource.get('source', '')}"
        resource["date"] = datetime.now(UTC).date().isoformat()
        resource["limits"] = f"official borders of {file.source.title}; tiled to about 1 cm"
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    write_bytes(folder / MANIFEST_NAME, f"{text}\n".encode())
    return manifest


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

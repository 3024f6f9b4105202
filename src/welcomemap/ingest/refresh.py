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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import KDTree

from welcomemap.crs import WGS84
from welcomemap.describe import contract
from welcomemap.errors import (
    Fault,
    GeometryError,
    MissingColumnError,
    Place,
    TableError,
    fault,
)
from welcomemap.files import describe_written, write_bytes
from welcomemap.ingest.areas import look_at_areas, read_areas
from welcomemap.ingest.boundaries import build_districts
from welcomemap.ingest.extract import read_extract
from welcomemap.ingest.fetch import FetchedFile
from welcomemap.ingest.networks import MARGIN_M, connect_ways
from welcomemap.ingest.pack_folder import LARGE, refuse_faulty, write_layer
from welcomemap.ingest.sources import Source
from welcomemap.region.pack import MANIFEST_NAME, RegionPack, count_key, write_manifest

MAX_CHANGED_SHARE = 0.05
"""Borders that move more of the area than this are not those of the same region."""
MAX_PULL_M = 60.0
"""Twice the border's uncertainty: a cell farther outside its quarter is left for the check."""
INSIDE_M = 1.0
_MEND_BORDERS = fault(
    "Look at the file: is it the region's own, in WGS 84, with the official numbers?"
)


@dataclass(frozen=True)
class Borders:
    """Quarters and districts with new borders (EPSG:4326), and what the borders change.

    ``addresses`` (metric CRS) lie in the quarter and district that the new borders say;
    ``demand_cells`` (metric CRS) keep quarter and people, and their points lie in that quarter.
    """

    quarters: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    changed_km2: float
    n_addresses_moved: int
    demand_cells: gpd.GeoDataFrame
    n_cells_moved: int


def take_official_borders(path: Path, pack: RegionPack) -> Borders:
    """Give the pack's quarters the borders of an official file; districts are dissolved from them.

    The number of a quarter is looked for in every property of the features: the property counts
    whose values are the numbers of the pack's quarters and whose polygons lie where these lie.
    Names, people and districts stay the pack's own, areas are measured anew.

    Raises
    ------
    MissingColumnError
        If no property holds the numbers of the pack's quarters.
    GeometryError, SwappedCoordinatesError
        If a polygon is invalid, or the polygons lie elsewhere than the pack's.
    """
    old = pack.quarters.to_crs(WGS84)
    new_shapes, changed_km2 = _match(path, old, pack.crs)
    quarters = old.set_geometry(new_shapes, crs=WGS84)
    quarters["area_km2"] = _area_km2(quarters, pack.crs)
    dissolved = build_districts(quarters).set_index("district").geometry
    districts = pack.districts.to_crs(WGS84)
    districts = districts.set_geometry(
        [dissolved.loc[number] for number in districts["district"]], crs=WGS84
    )
    districts["area_km2"] = _area_km2(districts, pack.crs)
    addresses, n_moved = _assign_addresses(pack.addresses, quarters)
    cells, n_cells = _pull_cells(pack.demand_cells, quarters)
    return Borders(quarters, districts, addresses, changed_km2, n_moved, cells, n_cells)


def _assign_addresses(
    addresses: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, int]:
    """Give each located address the quarter it lies in; outside of all it has none, as built."""
    shapes = quarters.to_crs(addresses.crs).geometry.to_numpy()
    places = addresses.geometry.to_numpy()
    row, tile = shapely.STRtree(shapes).query(places, predicate="intersects")
    assigned = addresses.copy()
    for column, nowhere in (("quarter", ""), ("district", 0)):
        values = assigned[column].to_numpy(copy=True)
        values[~shapely.is_missing(places)] = nowhere
        values[row] = quarters[column].to_numpy()[tile]
        assigned[column] = values
    n_moved = int((assigned["quarter"] != addresses["quarter"]).sum())
    return assigned, n_moved


def _pull_cells(
    cells: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, int]:
    """Move the points that the new borders leave outside their quarter to just inside of it.

    The people of a cell were counted for its quarter, whose total stays the official figure.
    """
    shape = quarters.to_crs(cells.crs).set_index("quarter").geometry
    own = shape.reindex(cells["quarter"]).to_numpy()
    points = cells.geometry.to_numpy().copy()
    outside = np.flatnonzero(~shapely.covers(own, points))
    lines = shapely.shortest_line(shapely.buffer(own[outside], -INSIDE_M), points[outside])
    is_near = shapely.length(lines) <= MAX_PULL_M
    points[outside[is_near]] = shapely.get_point(lines[is_near], 0)
    return cells.set_geometry(points, crs=cells.crs), int(is_near.sum())


def compare_districts(path: Path, districts: gpd.GeoDataFrame, crs: str) -> float:
    """Return by how many km² an official file of districts differs from districts (EPSG:4326).

    Raises
    ------
    MissingColumnError, GeometryError, SwappedCoordinatesError
        As for :func:`take_official_borders`.
    """
    old = districts.rename(columns={"district": "quarter"})
    return _match(path, old, crs)[1]


def _match(path: Path, old: gpd.GeoDataFrame, crs: str) -> tuple[list[shapely.Geometry], float]:
    """Return the official polygons in the order of ``old``, and the changed area in km²."""
    numbers = [int(text) if text.isdecimal() else 0 for text in old["quarter"].astype(str)]
    properties = look_at_areas(path).properties
    found = []
    for name in properties:
        try:
            shapes = read_areas(path, crs, number=name).table.set_index("district").geometry
        except TableError:  # it holds no numbers
            continue
        if sorted(shapes.index) == sorted(numbers):
            ordered = shapes.loc[numbers].tolist()
            found.append((_changed_km2(ordered, old, crs), ordered))
    if not found:
        raise MissingColumnError(
            "no property of the features holds the numbers of the {n_areas} areas: {names}",
            n_areas=len(old),
            names=properties,
            where=Place(path),
            how=_MEND_BORDERS,
        )
    changed_km2, ordered = min(found, key=itemgetter(0))
    total_km2 = sum(_area_km2(old, crs))
    if changed_km2 > MAX_CHANGED_SHARE * total_km2:
        raise GeometryError(
            "the borders differ by {changed_km2:.1f} of {total_km2:.1f} km² from the pack's",
            changed_km2=changed_km2,
            total_km2=total_km2,
            where=Place(path),
            how=_MEND_BORDERS,
        )
    return ordered, changed_km2


def _area_km2(areas: gpd.GeoDataFrame, crs: str) -> list[float]:
    return [round(float(area) / 1e6, 3) for area in areas.to_crs(crs).area]


def _changed_km2(shapes: list[shapely.Geometry], old: gpd.GeoDataFrame, crs: str) -> float:
    """Return half the sum of the symmetric differences: land that changes hands counts once."""
    new = gpd.GeoSeries(shapes, crs=WGS84).to_crs(crs).to_numpy()
    before = old.geometry.to_crs(crs).to_numpy()
    return float(np.sum(shapely.area(shapely.symmetric_difference(new, before)))) / 2e6


NEAR_M = 300.0
MIN_NEAR_SHARE = 0.98
_MEND_STREETS = fault("Name an extract that covers the whole region in the list of sources.")


@dataclass(frozen=True)
class Streets:
    """Street edges, the area in which they are complete (metric CRS), and who lives near them."""

    edges: gpd.GeoDataFrame
    extent: gpd.GeoDataFrame
    near_share: float


def take_official_streets(path: Path, pack: RegionPack) -> Streets:
    """Read all ways open to people on foot in and around a region.

    Ways are cut at points that let nobody through on foot, such as locked gates, and ways that lead
    in one direction only are left out: what remains can be walked both ways.

    Raises
    ------
    InputError
        If the extract is damaged, or holds no street of the region.
    GeometryError
        If fewer than 98 % of the region's people live within 300 m of a street: the extract does
        not cover the region.
    """
    area = shapely.union_all(pack.districts.geometry.to_numpy())
    wanted = gpd.GeoSeries([area.buffer(MARGIN_M)], crs=pack.crs).to_crs(WGS84)
    edges = connect_ways(read_extract(path, tuple(wanted.total_bounds), pack.crs).ways, pack.crs)
    near_share = _measure_near_share(edges, pack)
    if near_share < MIN_NEAR_SHARE:
        raise GeometryError(
            "only {near_share:.1%} of the people live within {distance_m:.0f} m of a street in it",
            near_share=near_share,
            distance_m=NEAR_M,
            where=Place(path),
            how=_MEND_STREETS,
        )
    extent = gpd.GeoDataFrame({"name": [pack.name]}, geometry=[area], crs=pack.crs)
    return Streets(edges, extent, near_share)


def _measure_near_share(edges: gpd.GeoDataFrame, pack: RegionPack) -> float:
    """Return the share of residents within :data:`NEAR_M` of a junction or bend of a street."""
    cells = pack.demand_cells
    dense = shapely.segmentize(edges.to_crs(pack.crs).geometry.to_numpy(), NEAR_M / 3)
    near_m, _ = KDTree(shapely.get_coordinates(dense)).query(
        np.column_stack([cells.geometry.x, cells.geometry.y])
    )
    people = cells["residents"].to_numpy(dtype=float)
    return float(people[near_m <= NEAR_M].sum() / people.sum())


SOURCES_FOLDER = "sources"
NOTABLE_KM2 = 0.01


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
_WorkIn = Callable[[RegionPack, FetchedFile], tuple[_NewLayers, Fault]]


def make_fresh_pack(
    base: RegionPack, fetched: Sequence[FetchedFile], unknown: Sequence[Source], folder: Path
) -> tuple[Mapping[str, Any], list[Fault]]:
    """Write the new pack into an empty folder; returns its manifest and what to know.

    Raises
    ------
    InputError
        If an official file that is worked into a layer is damaged or does not fit the region, or
        the other layers do not fit the new ones.
    """
    shutil.copytree(
        base.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SOURCES_FOLDER)
    )
    by_name = {file.source.name: file for file in _keep_sources(fetched, folder)}
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
    manifest = _write_layers(layers, folder)
    refuse_faulty(folder)
    return manifest, warnings


def _work_in_borders(base: RegionPack, file: FetchedFile) -> tuple[_NewLayers, Fault]:
    borders = take_official_borders(file.path, base)
    about = (
        file,
        f"official borders of {file.source.title}",
        "tiled to about 1 cm; people as before",
    )
    note = fault(
        "quarters, districts: the official borders differ from the old ones on "
        "{changed_km2:.3f} km²; {n_addresses} addresses change their quarter; demand cells keep "
        "theirs, and {n_cells} are moved to lie in it",
        changed_km2=borders.changed_km2,
        n_addresses=borders.n_addresses_moved,
        n_cells=borders.n_cells_moved,
    )
    layers = {
        "demand_cells": _NewLayer(borders.demand_cells),
        "addresses": _NewLayer(borders.addresses),
        "quarters": _NewLayer(borders.quarters, *about),
        "districts": _NewLayer(borders.districts, *about),
    }
    return layers, note


def _work_in_streets(base: RegionPack, file: FetchedFile) -> tuple[_NewLayers, Fault]:
    streets = take_official_streets(file.path, base)
    about = (
        file,
        "ways open to people on foot, by bicycle an approximation; no steps, no slopes; one-way "
        "footways left out",
        "ways split where they share a vertex and at locked gates; pieces joined where two meet",
    )
    note = fault(
        "street_edges, street_extent: streets of the whole region now; {near_share:.1%} of the "
        "people live within {distance_m:.0f} m of one; river_crossings stay as they were",
        near_share=streets.near_share,
        distance_m=NEAR_M,
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


def _compare_districts(base: RegionPack, file: FetchedFile, layers: _NewLayers) -> list[Fault]:
    new = layers.get("districts")
    districts = base.districts.to_crs("EPSG:4326") if new is None else new.table
    differs_km2 = compare_districts(file.path, districts, base.crs)
    if differs_km2 <= NOTABLE_KM2:
        return []
    return [
        fault(
            "districts: the official districts differ on {differs_km2:.3f} km² from the quarters "
            "put together, which are what the layer holds",
            differs_km2=differs_km2,
        )
    ]


def _keep_sources(fetched: Sequence[FetchedFile], folder: Path) -> list[FetchedFile]:
    """Keep the files in the new pack under their own names, which is where they are read."""
    (folder / SOURCES_FOLDER).mkdir()
    kept = [replace(file, path=folder / record_file(file).path) for file in fetched]
    for file, own in zip(fetched, kept, strict=True):
        _link_or_copy(file.path, own.path)
    record = {"files": [contract.to_builtins(record_file(file)) for file in fetched]}
    text = json.dumps(record, ensure_ascii=False, indent=1)
    write_bytes(folder / SOURCES_FOLDER / "sources.json", f"{text}\n".encode())
    return kept


def _link_or_copy(path: Path, target: Path) -> None:
    """Give a large file a second name where the file system can, so that it is there once."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def record_file(file: FetchedFile) -> contract.FetchedFile:
    """Return what is recorded of an official file that is kept in the pack."""
    path = f"{SOURCES_FOLDER}/{file.source.file_name}"
    return contract.shape(
        contract.FetchedFile, file.source, path=path, rows=file.rows, sha256=file.sha256
    )


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


def _say_unknown(source: Source) -> Fault:
    return fault(
        "{name}: no address of the file is known, so it was not fetched and {layers} stay as they "
        "were; see {page}",
        name=source.name,
        layers=source.layers,
        page=source.page,
    )


def _say_kept(file: FetchedFile) -> Fault:
    return fault(
        "{name}: fetched, checked ({n_rows} rows) and kept in {folder}/; {layers} stay as they "
        "were",
        name=file.source.name,
        n_rows=file.rows,
        folder=SOURCES_FOLDER,
        layers=file.source.layers,
    )

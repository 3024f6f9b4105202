"""May a district layer that somebody sent take the place of the pack's? Every check, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely

from welcomemap.errors import WelcomemapError
from welcomemap.pack.layer_files import (
    find_feature_faults,
    read_feature_layer,
    read_layer_bytes,
)
from welcomemap.pack.load import RegionPack, load_pack
from welcomemap.pack.tiling import TOLERATED_M2, find_tiling_faults, measure_difference_m2
from welcomemap.wording import Text

NEEDED = ("district", "name")
MAX_AREAS = 500


@dataclass(frozen=True)
class LayerCheck:
    """One check of a layer: what was looked at, whether it holds, what was found or is to do."""

    what: Text
    ok: bool
    found: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DistrictLayer:
    """A district layer with its checks; ``table`` is ``None`` where it could not be read."""

    checks: tuple[LayerCheck, ...]
    table: gpd.GeoDataFrame | None

    @property
    def ok(self) -> bool:
        """Tell whether every check holds."""
        return all(check.ok for check in self.checks)


def check_district_file(pack: Path, path: Path) -> DistrictLayer:
    """Check a file of districts as :func:`check_district_layer` does, for the pack in a folder."""
    return check_district_layer(load_pack(pack), path)


def check_district_layer(pack: RegionPack, path: Path) -> DistrictLayer:
    """Check a GeoJSON file of districts against what a pack needs, and against the pack's own.

    Columns ``district`` (whole number) and ``name`` are needed; people are counted from the
    demand cells and need not be given.
    """
    readable = Text("Lesbar, Ringe geschlossen", "Readable, rings closed")
    try:
        content = read_layer_bytes(path, None)
        faults = [str(fault) for fault in find_feature_faults(content, path)]
        if faults:
            return DistrictLayer((LayerCheck(readable, False, tuple(faults[:10])),), None)
        table = read_feature_layer(content, path, pack.crs)
    except WelcomemapError as error:
        return DistrictLayer((LayerCheck(readable, False, (str(error),)),), None)
    checks = [LayerCheck(readable, True, (f"{len(table)}",)), _check_columns(table)]
    shapes = _check_shapes(table)
    checks.append(shapes)
    if shapes.ok:
        checks += [_check_tiling(table), _compare_region(pack, table)]
    return DistrictLayer(tuple(checks), table)


def _check_columns(table: gpd.GeoDataFrame) -> LayerCheck:
    what = Text(
        "Spalten district und name, jede Nummer einmal",
        "Columns district and name, each number once",
    )
    found = [f"column {name} is absent; add it" for name in NEEDED if name not in table.columns]
    if "district" in table.columns:
        numbers = table["district"].astype(str)
        bad = numbers[~numbers.str.fullmatch(r"\d{1,5}(\.0)?")]
        found += [f"row {row + 1}: district is not a whole number" for row in bad.index[:5]]
        twice = numbers[numbers.duplicated()]
        found += [f"row {row + 1}: district {numbers[row]} comes twice" for row in twice.index[:5]]
    return LayerCheck(what, not found, tuple(found))


def _check_shapes(table: gpd.GeoDataFrame) -> LayerCheck:
    what = Text("Gültige Flächen", "Valid polygons")
    if not 0 < len(table) <= MAX_AREAS:
        return LayerCheck(what, False, (f"{len(table)} areas; expected 1 to {MAX_AREAS}",))
    found = []
    for row, shape in enumerate(table.geometry, start=1):
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
            found.append(f"row {row}: not a polygon; draw the area as one")
        elif not shape.is_valid:
            found.append(f"row {row}: {shapely.is_valid_reason(shape)}; redraw the border there")
    return LayerCheck(what, not found, tuple(found[:10]))


def _check_tiling(table: gpd.GeoDataFrame) -> LayerCheck:
    what = Text("Keine Überlappungen, keine Lücken", "No overlaps, no gaps")
    found = [
        f"rows {', '.join(str(row + 1) for row in fault.rows)}: "
        f"{'overlap of' if fault.is_overlap else 'gap of'} {fault.area_m2:,.0f} m²"
        for fault in find_tiling_faults(table.geometry.to_numpy())
    ]
    return LayerCheck(what, not found, tuple(found[:10]))


def _compare_region(pack: RegionPack, table: gpd.GeoDataFrame) -> LayerCheck:
    what = Text("Bedeckt dieselbe Stadt wie das Paket", "Covers the same city as the pack")
    own = pack.districts.geometry.to_numpy()
    difference = measure_difference_m2(table.geometry.to_numpy(), own)
    share = difference / float(shapely.area(shapely.union_all(own)))
    ok = difference <= TOLERATED_M2 or share < 0.01
    return LayerCheck(what, ok, (f"{difference / 1e6:,.2f} km² ({100 * share:.1f} %)",))

"""Districts and quarters: which area holds a point, and do areas tile the region?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import BorderWarning, Fault, WelcomemapError, fault
from welcomemap.region.layers import find_feature_faults, read_feature_layer, read_layer_bytes
from welcomemap.region.pack import RegionPack, load_pack

TOLERATED_M2 = 10.0
GAP_WIDTH_M = 50.0
"""Two borders that are simplified to 25 m each lie at most that far apart."""
Shapes = NDArray[Any]


@dataclass(frozen=True)
class TilingFault:
    """An overlap or a gap: which areas (row numbers from 0), and how large it is.

    A gap that is 50 m wide somewhere ``is_wide``: more than two borders that do not meet, such as
    another municipality, or ground where nobody lives.
    """

    rows: tuple[int, ...]
    area_m2: float
    is_overlap: bool
    is_wide: bool = False


def divide_districts(quarters: Iterable[object], districts: Iterable[object]) -> bool:
    """Tell by their numbers whether quarters divide districts.

    Where a town has no quarters, each district is its own, and has its number.

    Examples
    --------
    >>> divide_districts(["011", "012"], [1]), divide_districts(["1", "2"], [1, 2])
    (True, False)
    """
    return set(map(str, quarters)) != set(map(str, districts))


def find_tiling_faults(shapes: Shapes) -> list[TilingFault]:
    """Find overlaps between areas and gaps enclosed by them above :data:`TOLERATED_M2`.

    Parameters
    ----------
    shapes
        Valid polygons in a metric CRS.

    Notes
    -----
    A gap that is open to the outside looks like the outer border; compare with another layer by
    :func:`measure_difference_m2`.
    """
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    pairs = left < right
    left, right = left[pairs], right[pairs]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    faults = [
        TilingFault((int(left[k]), int(right[k])), float(shared[k]), is_overlap=True)
        for k in np.flatnonzero(shared > TOLERATED_M2)
    ]
    whole = shapely.union_all(shapes)
    for part in shapely.get_parts(whole):
        for ring in shapely.get_rings(part)[1:]:
            hole = shapely.polygons(ring)
            if shapely.area(hole) > TOLERATED_M2:
                touching = tuple(int(k) for k in tree.query(hole, predicate="intersects"))
                is_wide = not shapely.is_empty(shapely.buffer(hole, -GAP_WIDTH_M / 2))
                faults.append(
                    TilingFault(
                        touching, float(shapely.area(hole)), is_overlap=False, is_wide=bool(is_wide)
                    )
                )
    return faults


def measure_difference_m2(shapes: Shapes | Sequence[Any], others: Shapes | Sequence[Any]) -> float:
    """Return the area, in square metres, that only one of two sets of areas covers."""
    one, other = shapely.union_all(shapes), shapely.union_all(others)
    return float(shapely.area(shapely.symmetric_difference(one, other)))


NO_DISTRICT = -1


@dataclass(frozen=True)
class DistrictsOfPoints:
    """Districts of n points.

    Attributes
    ----------
    district
        Shape (n,): number of the district, ``NO_DISTRICT`` outside the region or without place.
    border_m
        Shape (n,): distance to the nearest border of a district (the city's own border is one), NaN
        without place. A point exactly on a border belongs to the district with the lower number.
    """

    district: NDArray[np.int64]
    border_m: NDArray[np.float64]


def find_districts(pack: RegionPack, points: Points) -> DistrictsOfPoints:
    """Find the districts of points given as (n, 2) x, y in metres in the pack's metric CRS.

    A point that lies outside all districts, but no farther than the borders are uncertain
    (``border_uncertainty_m`` of the region), belongs to the nearest one.
    """
    district = np.full(len(points), NO_DISTRICT, dtype=np.int64)
    border_m = np.full(len(points), np.nan)
    has_place = np.isfinite(points).all(axis=1)
    table = pack.districts.sort_values("district")
    if not has_place.any() or table.empty:
        return DistrictsOfPoints(district, border_m)
    places = shapely.points(points[has_place])
    polygons = table.geometry.to_numpy()
    numbers = table["district"].to_numpy(dtype=np.int64)
    to_polygon_m = np.array([shapely.distance(polygon, places) for polygon in polygons])
    to_border_m = np.array([shapely.distance(polygon.boundary, places) for polygon in polygons])
    nearest = to_polygon_m.argmin(axis=0)
    gap_m = to_polygon_m.min(axis=0)
    is_near = gap_m <= uncertainty_m(pack)
    district[has_place] = np.where(is_near, numbers[nearest], NO_DISTRICT)
    border_m[has_place] = to_border_m.min(axis=0)
    return DistrictsOfPoints(district, border_m)


def uncertainty_m(pack: RegionPack) -> float:
    """Return how far the pack's district borders may be off, in metres (0 if it says nothing)."""
    return float(pack.region.get("border_uncertainty_m", 0))


def place_in_districts(
    frame: pd.DataFrame, pack: RegionPack
) -> tuple[pd.DataFrame, tuple[BorderWarning, ...]]:
    """Fill ``district``, ``border_m`` and ``is_uncertain`` from ``x`` and ``y``, and warn."""
    points = frame[["x", "y"]].to_numpy(dtype=np.float64)
    found = find_districts(pack, points)
    radius_m = pd.to_numeric(frame["error_radius_m"], errors="coerce").fillna(0).to_numpy(float)
    is_uncertain = found.border_m <= np.maximum(uncertainty_m(pack), radius_m)
    placed = frame.assign(
        district=found.district, border_m=found.border_m, is_uncertain=is_uncertain
    )
    warnings = tuple(
        BorderWarning(
            "site {site} lies {border_m:.0f} m from a district border; its district {district} is "
            "uncertain",
            site=site["id"],
            border_m=site["border_m"],
            district=site["district"],
            how="Check it on the ground.",
        )
        for _, site in placed[placed["is_uncertain"]].iterrows()
    )
    return placed, warnings


NEEDED = ("district", "name")
MAX_AREAS = 500


CheckKind = Literal["readable", "columns", "shapes", "tiling", "extent"]


@dataclass(frozen=True)
class LayerCheck:
    """One check of a layer: what was looked at, whether it holds, what was found or is to do."""

    kind: CheckKind
    ok: bool
    found: tuple[Fault, ...]


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
    try:
        content = read_layer_bytes(path, None)
        faults = [found.told for found in find_feature_faults(content, path)]
        if faults:
            return DistrictLayer((LayerCheck("readable", False, tuple(faults[:10])),), None)
        table = read_feature_layer(content, path, pack.crs)
    except WelcomemapError as error:
        return DistrictLayer((LayerCheck("readable", False, (error.told,)),), None)
    checks = [
        LayerCheck("readable", True, (fault("{n_areas}", n_areas=len(table)),)),
        _check_columns(table),
    ]
    shapes = _check_shapes(table)
    checks.append(shapes)
    if shapes.ok:
        checks += [_check_tiling(table, pack), _compare_region(pack, table)]
    return DistrictLayer(tuple(checks), table)


def _check_columns(table: gpd.GeoDataFrame) -> LayerCheck:
    found = [
        fault("column {name} is absent; add it", name=name)
        for name in NEEDED
        if name not in table.columns
    ]
    if "district" in table.columns:
        numbers = table["district"].astype(str)
        bad = numbers[~numbers.str.fullmatch(r"\d{1,5}(\.0)?")]
        found += [
            fault("row {row}: district is not a whole number", row=row + 1) for row in bad.index[:5]
        ]
        twice = numbers[numbers.duplicated()]
        found += [
            fault("row {row}: district {number} comes twice", row=row + 1, number=numbers[row])
            for row in twice.index[:5]
        ]
    return LayerCheck("columns", not found, tuple(found))


def _check_shapes(table: gpd.GeoDataFrame) -> LayerCheck:
    if not 0 < len(table) <= MAX_AREAS:
        told = fault("{n_areas} areas; expected 1 to {most}", n_areas=len(table), most=MAX_AREAS)
        return LayerCheck("shapes", False, (told,))
    found = []
    for row, shape in enumerate(table.geometry, start=1):
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
            found.append(fault("row {row}: not a polygon; draw the area as one", row=row))
        elif not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            found.append(
                fault("row {row}: {reason}; redraw the border there", row=row, reason=reason)
            )
    return LayerCheck("shapes", not found, tuple(found[:10]))


def _check_tiling(table: gpd.GeoDataFrame, pack: RegionPack) -> LayerCheck:
    """Check that areas tile; wide ground may be open where the pack's own districts leave some."""
    faults = find_tiling_faults(table.geometry.to_numpy())
    if any(found.is_wide for found in faults):
        own = find_tiling_faults(pack.districts.geometry.to_numpy())
        has_open_ground = any(found.is_wide for found in own)
        faults = [found for found in faults if not (found.is_wide and has_open_ground)]
    found = [_describe_tiling(each) for each in faults]
    return LayerCheck("tiling", not found, tuple(found[:10]))


def _describe_tiling(found: TilingFault) -> Fault:
    rows = [row + 1 for row in found.rows]
    if found.is_overlap:
        return fault("rows {rows}: overlap of {area_m2:,.0f} m²", rows=rows, area_m2=found.area_m2)
    return fault("rows {rows}: gap of {area_m2:,.0f} m²", rows=rows, area_m2=found.area_m2)


def _compare_region(pack: RegionPack, table: gpd.GeoDataFrame) -> LayerCheck:
    own = pack.districts.geometry.to_numpy()
    difference = measure_difference_m2(table.geometry.to_numpy(), own)
    share = difference / float(shapely.area(shapely.union_all(own)))
    ok = difference <= TOLERATED_M2 or share < 0.01
    told = fault("{area_km2:,.2f} km² ({share:.1%})", area_km2=difference / 1e6, share=share)
    return LayerCheck("extent", ok, (told,))

"""Take the official borders of quarters and districts into a pack that has simplified ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from welcomemap.build.boundaries import build_districts, tile_polygons
from welcomemap.crs import WGS84
from welcomemap.errors import (
    GeometryError,
    MissingColumnError,
    Place,
    SwappedCoordinatesError,
    quote,
)
from welcomemap.pack.geojson import read_geojson
from welcomemap.pack.layer_files import read_layer_bytes
from welcomemap.pack.load import RegionPack

MAX_CHANGED_SHARE = 0.05
"""Borders that move more of the area than this are not those of the same region."""
MAX_PULL_M = 60.0
"""Twice the border's uncertainty: a cell farther outside its quarter is left for the check."""
INSIDE_M = 1.0
_HOW = "Look at the file: is it the region's own, in WGS 84, with the official numbers?"


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
    official = _read_polygons(path)
    old = pack.quarters.to_crs(WGS84)
    new_shapes, changed_km2 = _match(official, old, path, pack.crs)
    quarters = old.set_geometry(tile_polygons(new_shapes), crs=WGS84)
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
    return _match(_read_polygons(path), old, path, crs)[1]


def _read_polygons(path: Path) -> gpd.GeoDataFrame:
    table = read_geojson(read_layer_bytes(path, None), path).to_crs(WGS84)
    for row, shape in enumerate(table.geometry, start=1):
        is_area = shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")
        if not is_area or shape.is_empty or not shape.is_valid:
            raise GeometryError(
                "a feature is not one valid polygon", where=Place(path, row=row), how=_HOW
            )
    return table


def _match(
    official: gpd.GeoDataFrame, old: gpd.GeoDataFrame, path: Path, crs: str
) -> tuple[list[shapely.Geometry], float]:
    """Return the official polygons in the order of ``old``, and the changed area in km²."""
    numbers = [_as_number(value) for value in old["quarter"]]
    properties = official.drop(columns=official.geometry.name)
    best: tuple[float, list[shapely.Geometry]] | None = None
    for name in properties.columns:
        column = [_as_number(value) for value in properties[name]]
        if sorted(column, key=str) != sorted(numbers, key=str):
            continue
        ordered = [official.geometry.iloc[column.index(number)] for number in numbers]
        changed_km2 = _changed_km2(ordered, old, crs)
        if best is None or changed_km2 < best[0]:
            best = changed_km2, ordered
    if best is None:
        raise MissingColumnError(
            f"no property of the features holds the numbers of the {len(old)} areas: "
            f"{quote(', '.join(map(str, properties.columns)))}",
            where=Place(path),
            how=_HOW,
        )
    _refuse_elsewhere(best[0], best[1], old, Place(path), crs)
    return best[1], best[0]


def _as_number(value: object) -> int | None:
    text = str(value).strip()
    is_whole_float = isinstance(value, float) and value.is_integer()
    if is_whole_float:
        text = text.removesuffix(".0")
    return int(text) if text.isdecimal() else None


def _area_km2(areas: gpd.GeoDataFrame, crs: str) -> list[float]:
    return [round(float(area) / 1e6, 3) for area in areas.to_crs(crs).area]


def _changed_km2(shapes: list[shapely.Geometry], old: gpd.GeoDataFrame, crs: str) -> float:
    """Return half the sum of the symmetric differences: land that changes hands counts once."""
    new = gpd.GeoSeries(shapes, crs=WGS84).to_crs(crs).to_numpy()
    before = old.geometry.to_crs(crs).to_numpy()
    return float(np.sum(shapely.area(shapely.symmetric_difference(new, before)))) / 2e6


def _refuse_elsewhere(
    changed_km2: float,
    shapes: list[shapely.Geometry],
    old: gpd.GeoDataFrame,
    where: Place,
    crs: str,
) -> None:
    total_km2 = sum(_area_km2(old, crs))
    if changed_km2 <= MAX_CHANGED_SHARE * total_km2:
        return
    region = shapely.box(*old.total_bounds)
    found = shapely.box(*shapely.total_bounds(np.array(shapes)))
    west, south, east, north = found.bounds
    if not region.intersects(found) and region.intersects(shapely.box(south, west, north, east)):
        raise SwappedCoordinatesError(
            "latitude and longitude are exchanged",
            where=where,
            how="Give a file with longitude before latitude, as GeoJSON asks.",
        )
    raise GeometryError(
        f"the borders differ by {changed_km2:.1f} of {total_km2:.1f} km² from the pack's",
        where=where,
        how=_HOW,
    )

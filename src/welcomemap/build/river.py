"""The river as a barrier, and the bridges over it.

There is no water surface among the raw files. The river runs where a district's borders and the
city's own border run in mid-river; the recipe says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.ops import linemerge, substring

from welcomemap.build.raw import RawFolder
from welcomemap.crs import METRIC_CRS, project
from welcomemap.errors import GeometryError

WAYS_FILE = "streets/all_known_ways.geojson.gz"
SMALLEST_STEP_M = 0.01


def build_river(districts: gpd.GeoDataFrame, recipe: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the mid-river line: ``name``, ``geometry`` (EPSG:25832).

    It follows the border of the left-bank district towards the others, and from both its ends the
    city's outer border as far as the two places where that leaves the river.

    Parameters
    ----------
    recipe
        ``name``; ``left_bank_district``; ``ends``: two places [lon, lat] near which the outer
        border leaves the river.
    """
    shapes = districts.to_crs(METRIC_CRS).set_index("district").geometry
    city = shapely.union_all(shapes.to_numpy())
    left = shapes.loc[recipe["left_bank_district"]]
    others = shapely.union_all(shapes.drop(recipe["left_bank_district"]).to_numpy())
    inner = _merge(shapely.intersection(left.exterior, others.exterior))
    parts = [inner]
    for lon, lat in recipe["ends"]:
        place = Point(project(lon, lat)[0])
        parts.append(_follow_border(city.exterior, inner, place, left))
    line = _merge(shapely.union_all(parts)).simplify(SMALLEST_STEP_M)
    return gpd.GeoDataFrame({"name": [recipe["name"]]}, geometry=[line], crs=METRIC_CRS)


def build_river_band(river: gpd.GeoDataFrame, half_width_m: float) -> gpd.GeoDataFrame:
    """Return a band of even width along the mid-river line, for drawing only."""
    band = river.geometry.buffer(half_width_m, cap_style="flat", quad_segs=4).simplify(2.0)
    return gpd.GeoDataFrame({"name": river["name"]}, geometry=band, crs=river.crs)


def build_river_crossings(
    raw: RawFolder, river: gpd.GeoDataFrame, recipe: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Return one straight line per bridge, from one bank to the other.

    The longest piece of the bridge's ways decides where it crosses; it is cut, or drawn on
    straight where the ways end earlier, at a fixed distance from mid-river.

    Parameters
    ----------
    recipe
        ``half_length_m`` and ``bridges``: name, ``is_walkable``, ``is_cyclable``,
        ``leads_outside``, ``note``.
    """
    ways = raw.read_features(WAYS_FILE, ("name",)).to_crs(METRIC_CRS)
    middle = river.geometry.iloc[0]
    rows = []
    for bridge in recipe["bridges"]:
        own = ways[ways["name"] == bridge["name"]].geometry
        if own.empty:
            raise GeometryError(
                f"no way is named {bridge['name']}", how="Correct the bridges of the recipe."
            )
        rows.append(
            {
                key: bridge[key]
                for key in ("name", "is_walkable", "is_cyclable", "leads_outside", "note")
            }
            | {"geometry": _cross(_longest(own), middle, recipe["half_length_m"])}
        )
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS)


def _longest(lines: gpd.GeoSeries) -> LineString:
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(lines.to_numpy())))
    return parts[int(np.argmax(shapely.length(parts)))]


def _cross(bridge: LineString, middle: LineString, half_length_m: float) -> LineString:
    """Lay a straight line along the bridge across mid-river, ``half_length_m`` to either side."""
    coordinates = shapely.get_coordinates(bridge)
    if bridge.intersects(middle):
        ends = shapely.get_coordinates(bridge.intersection(middle.buffer(half_length_m)))
        start, end = ends[0], ends[-1]
    else:
        nearest = coordinates[
            :: 1
            if Point(coordinates[-1]).distance(middle) < Point(coordinates[0]).distance(middle)
            else -1
        ]
        start, end = nearest[0], nearest[-1]
    direction = (end - start) / np.hypot(*(end - start))
    ray = LineString([start - direction * 3000, end + direction * 3000])
    hits = shapely.get_coordinates(ray.intersection(middle))
    at = hits[int(np.argmin(np.hypot(*(hits - (start + end) / 2).T)))]
    return LineString([at - direction * half_length_m, at + direction * half_length_m])


def _follow_border(
    border: LineString, inner: LineString, place: Point, left: shapely.Geometry
) -> LineString:
    ends = [Point(inner.coords[0]), Point(inner.coords[-1])]
    ways = []
    for end in ends:
        start, stop = border.project(end), border.project(place)
        low, high = min(start, stop), max(start, stop)
        there = substring(border, low, high)
        back = linemerge([substring(border, high, border.length), substring(border, 0, low)])
        ways += [there, back]
    free = [way for way in ways if way.intersection(left).length < 1.0]
    if not free:
        raise GeometryError(
            "no border leads from the left-bank district to an end of the river",
            how="Correct the ends of the river in the recipe.",
        )
    return min(free, key=lambda way: float(way.length))


def _merge(geometry: shapely.Geometry) -> LineString:
    lines = [g for g in shapely.get_parts(geometry) if g.geom_type == "LineString"]
    merged = shapely.line_merge(shapely.union_all(lines))
    if merged.geom_type != "LineString":
        raise GeometryError(
            "the river is not one line", how="Correct the left bank and the ends in the recipe."
        )
    return merged

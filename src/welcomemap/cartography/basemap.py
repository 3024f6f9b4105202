"""The ground of every map, drawn from the pack's own layers: river, main streets, outline.

No tile of any server is needed. Streets are shown where the pack knows them; the river is a
schematic band (the pack says so), drawn on top of the areas because it runs along their borders.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.geometry import (
    as_multi_line,
    as_multi_polygon,
    encode_polygons,
    find_bounds,
    list_lines,
)
from welcomemap.cartography.layers import lines_feature, name_water, polygons_layer
from welcomemap.cartography.sheet import Bounds, LayerSpec
from welcomemap.region.pack import RegionPack
from welcomemap.style import SHORE_COLOUR, STREET_COLOUR, WATER_COLOUR

MAIN_STREET_LENGTH_M = 1500.0
STREET_TOLERANCE_M = 12.0
RIVER_WIDTH_M = 320.0
RIVER_LAYERS = ("river_band", "river")


@dataclass(frozen=True)
class Basemap:
    """What lies under the data, in metres in the pack's CRS.

    Attributes
    ----------
    outline
        The whole region.
    river
        Band of water, empty where the region has none.
    river_name
        What to write on it, empty where the pack gives no name.
    streets
        Main streets where they are known.
    """

    crs: str
    outline: BaseGeometry
    river: MultiPolygon
    river_name: str
    streets: MultiLineString

    @cached_property
    def layers(self) -> tuple[LayerSpec, ...]:
        """Streets, river and its name, drawn once; the river lies above the areas."""
        return tuple(_draw_ground(self))

    def bounds(self) -> Bounds:
        """Return ``[[south, west], [north, east]]`` of the region in degrees."""
        return find_bounds([self.outline], crs=self.crs)


def load_basemap(pack: RegionPack) -> Basemap:
    """Read the ground of the maps from a pack; what the pack does not have is left out."""
    outline = shapely.union_all(pack.districts.geometry.to_numpy())
    river, name = _read_river(pack)
    return Basemap(
        crs=pack.crs,
        outline=outline,
        river=as_multi_polygon(river),
        river_name=name,
        streets=_read_streets(pack),
    )


def _read_river(pack: RegionPack) -> tuple[BaseGeometry, str]:
    for layer in RIVER_LAYERS:
        if not pack.has_layer(layer):
            continue
        table = pack.read_features(layer)
        names = table["name"].dropna() if "name" in table.columns else ()
        shape = shapely.union_all(table.geometry.to_numpy())
        is_band = shape.geom_type in ("Polygon", "MultiPolygon")
        band = shape if is_band else shape.buffer(RIVER_WIDTH_M / 2, cap_style="flat")
        return band.simplify(10.0), str(next(iter(names), ""))
    return MultiPolygon(), ""


def _read_streets(pack: RegionPack) -> MultiLineString:
    if not pack.has_layer("street_edges"):
        return MultiLineString()
    return choose_main_streets(pack.street_edges)


def choose_main_streets(
    edges: gpd.GeoDataFrame, *, length_m: float = MAIN_STREET_LENGTH_M
) -> MultiLineString:
    """Choose the streets whose pieces of one name add up to ``length_m`` or more.

    The layer carries no road classes, so the length of a name stands for its importance.
    """
    named = edges[edges["name"].notna() & (edges["name"] != "")]
    total = named.geometry.length.groupby(named["name"]).transform("sum")
    chosen = named[total >= length_m].geometry.to_numpy()
    if not len(chosen):
        return MultiLineString()
    lines = [line for piece in chosen for line in list_lines(piece)]
    simple = as_multi_line(lines).simplify(STREET_TOLERANCE_M)
    return MultiLineString([line for line in list_lines(simple) if line.length > 60.0])


def _draw_ground(basemap: Basemap) -> list[LayerSpec]:
    crs = basemap.crs
    layers: list[LayerSpec] = []
    if not basemap.streets.is_empty:
        layers.append(
            polygons_layer(
                "streets",
                [lines_feature(basemap.streets, crs=crs)],
                {"color": STREET_COLOUR, "weight": 1.3, "fill": False},
            )
        )
    if not basemap.river.is_empty:
        layers.append(
            polygons_layer(
                "water",
                [{"polygons": encode_polygons(basemap.river, crs=crs)}],
                {"color": SHORE_COLOUR, "weight": 0.8, "fillColor": WATER_COLOUR, "fillOpacity": 1},
            )
        )
        if basemap.river_name:
            layers.append(name_water(basemap.river_name, basemap.river, crs=crs))
    return layers


def bounds_around(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]], *, crs: str, margin_m: float = 400.0
) -> Bounds:
    """Return bounds in degrees around points, with a margin."""
    west, south = points.min(axis=0) - margin_m
    east, north = points.max(axis=0) + margin_m
    return find_bounds([shapely.box(west, south, east, north)], crs=crs)

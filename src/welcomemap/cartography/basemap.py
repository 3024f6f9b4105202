"""The ground of every map, drawn from the pack's own layers, with the region's outline.

No tile of any server is needed. A pack with the layer ``ground`` shows water, green, built-up land,
railways and main streets, and the names of ``place_names``. Without it, streets are shown where the
pack knows them; the river is a schematic band (the pack says so), drawn on top of the areas because
it runs along their borders.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.content import PlaceName
from welcomemap.cartography.geometry import (
    as_multi_line,
    as_multi_polygon,
    encode_polygons,
    find_bounds,
    list_lines,
    place_labels,
)
from welcomemap.cartography.layers import lines_feature, name_place, name_water, polygons_layer
from welcomemap.cartography.sheet import Bounds, LayerSpec
from welcomemap.region.pack import RegionPack
from welcomemap.region.schemas import GROUND_COLUMNS
from welcomemap.style import (
    GROUND_LOOKS,
    SHORE_COLOUR,
    STREET_COLOUR,
    WATER_COLOUR,
    GroundLook,
)

MAIN_STREET_LENGTH_M = 1500.0
STREET_TOLERANCE_M = 12.0
RIVER_WIDTH_M = 320.0
RIVER_LAYERS = ("river_band", "river")
MOST_VERTICES = 90_000
"""Of the ground on one map; a vertex takes 6 to 9 bytes of a page."""
MOST_NAMES = 60
NAMED_SHARE = 1 / 25
"""A water is named from this length or width on, measured by the longer side of the region."""
LOOKS: Mapping[tuple[str, str], str] = {
    ("green", "wood"): "wood", ("water", "river"): "river", ("water", "canal"): "river",
    **{("street", name): "main_street" for name in ("motorway", "trunk", "primary", "main")},
    ("street", "named"): "named", ("street", "incomplete"): "incomplete",
    ("railway", "tram"): "tram",
}  # fmt: skip
"""Kind and class → what it is drawn as, where that is not the kind."""


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
    ground
        Key of a :class:`welcomemap.style.GroundLook` → what is drawn so.
    names
        Of places and waters, the first of them first.
    """

    crs: str
    outline: BaseGeometry
    river: MultiPolygon
    river_name: str
    streets: MultiLineString
    ground: Mapping[str, BaseGeometry] = field(default_factory=dict)
    names: tuple[PlaceName, ...] = ()

    @cached_property
    def layers(self) -> tuple[LayerSpec, ...]:
        """Streets, river and its name, drawn once; the river lies above the areas."""
        return tuple(_draw_ground(self))

    @cached_property
    def earth(self) -> tuple[LayerSpec, ...]:
        """Areas and lines of the layer ``ground``, for the land under the data."""
        return tuple(_draw_looks(self, "ground"))

    @cached_property
    def tinted(self) -> tuple[LayerSpec, ...]:
        """The same for above coloured areas, which show through."""
        return tuple(_draw_looks(self, "fills"))

    def write_names(self, known: Collection[str]) -> list[LayerSpec]:
        """Return the layer of names, without those that stand in a text of the map already."""
        names = [name for name in self.names if not any(name.name in text for text in known)]
        return [name_place(names, crs=self.crs)] if names else []

    def bounds(self) -> Bounds:
        """Return ``[[south, west], [north, east]]`` of the region in degrees."""
        return find_bounds([self.outline], crs=self.crs)


def load_basemap(pack: RegionPack) -> Basemap:
    """Read the ground of the maps from a pack; what the pack does not have is left out."""
    outline = shapely.union_all(pack.districts.geometry.to_numpy())
    river, name = _read_river(pack)
    shapes = _read_ground(pack)
    ground = _group_looks(shapes)
    has_streets = bool((shapes["kind"] == "street").any())
    streets = ground.pop("street", MultiLineString())
    return Basemap(
        crs=pack.crs,
        outline=outline,
        river=as_multi_polygon(river),
        river_name=name,
        streets=as_multi_line(list_lines(streets)) if has_streets else _read_streets(pack),
        ground=ground,
        names=(*_read_places(pack), *_name_waters(shapes, outline)),
    )


def _read_ground(pack: RegionPack) -> gpd.GeoDataFrame:
    """Return the ground, drawn so coarsely that a page stays small."""
    if not pack.has_layer("ground"):
        return gpd.GeoDataFrame(columns=list(GROUND_COLUMNS), geometry="geometry", crs=pack.crs)
    table = pack.read_features("ground")
    shapes, tolerance_m = table.geometry.to_numpy(), 2.0
    is_area = shapely.get_dimensions(shapes) == 2
    while shapely.get_num_coordinates(shapes).sum() > MOST_VERTICES and tolerance_m < 1000.0:
        tolerance_m *= 1.5
        shapes = shapes.copy()
        shapes[is_area] = shapely.coverage_simplify(shapes[is_area], tolerance_m)
        shapes[~is_area] = shapely.simplify(shapes[~is_area], tolerance_m)
        is_seen = ~is_area | (shapely.area(shapes) > 60 * tolerance_m**2)
        table, shapes, is_area = table[is_seen], shapes[is_seen], is_area[is_seen]
    return table.set_geometry(shapes, crs=pack.crs)


def _group_looks(shapes: gpd.GeoDataFrame) -> dict[str, BaseGeometry]:
    keys = [LOOKS.get(pair, pair[0]) for pair in zip(shapes["kind"], shapes["class"], strict=True)]
    parts = shapes.geometry.groupby(np.array(keys, dtype=object))
    return {str(key): shapely.geometrycollections(part.to_numpy()) for key, part in parts}


def _read_places(pack: RegionPack) -> list[PlaceName]:
    """Return the first of the named places; the region's own name stands above the map."""
    if not pack.has_layer("place_names"):
        return []
    table = pack.read_features("place_names").sort_values("rank", kind="stable")
    named = table[table["name"] != pack.name].head(MOST_NAMES)
    rows = zip(named["name"], named.geometry, named["rank"], strict=True)
    return [PlaceName(name, point.x, point.y, int(rank)) for name, point, rank in rows]


def _name_waters(shapes: gpd.GeoDataFrame, outline: BaseGeometry) -> list[PlaceName]:
    """Return the names of the larger waters, each once, on its largest part."""
    west, south, east, north = outline.bounds
    least_m = NAMED_SHARE * max(east - west, north - south)
    waters = shapes[(shapes["kind"] == "water") & (shapes["name"] != "")]
    found = []
    for name, parts in waters.groupby("name"):
        sizes = [(shape.length / 2, shape) for shape in parts.geometry]
        size, shape = max(sizes, key=lambda pair: pair[0])
        middle = shape.interpolate(0.5, normalized=True) if list_lines(shape) else None
        x, y = place_labels(shape)[0] if middle is None else (middle.x, middle.y)
        if size >= least_m and shapely.intersects_xy(outline, x, y):
            found.append((-size, PlaceName(str(name), float(x), float(y), 1, is_water=True)))
    return [name for _, name in sorted(found, key=lambda pair: (pair[0], pair[1].name))]


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


def _draw_looks(basemap: Basemap, pane: str) -> list[LayerSpec]:
    crs = basemap.crs
    layers = []
    for look in GROUND_LOOKS:
        shape = basemap.ground.get(look.key)
        if shape is None:
            continue
        if look.is_line:
            feature, where = lines_feature(shape, crs=crs), "streets"
        else:
            feature, where = {"polygons": encode_polygons(shape, crs=crs)}, pane
        layers.append(polygons_layer(where, [feature], _style(look)))
    return layers


def _style(look: GroundLook) -> dict[str, object]:
    if look.is_line:
        dash = {"dashArray": look.dash} if look.dash else {}
        return {"color": look.colour, "weight": look.width_px, "fill": False, **dash}
    fill = {"fillColor": look.colour, "fillOpacity": look.opacity}
    if not look.edge:
        return {"stroke": False, **fill}
    return {"color": look.edge, "weight": look.width_px, **fill}


def bounds_around(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]], *, crs: str, margin_m: float = 400.0
) -> Bounds:
    """Return bounds in degrees around points, with a margin."""
    west, south = points.min(axis=0) - margin_m
    east, north = points.max(axis=0) + margin_m
    return find_bounds([shapely.box(west, south, east, north)], crs=crs)

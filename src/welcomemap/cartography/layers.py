"""Layers of a sheet as plain JSON values, from areas, sites, cells and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.content import (
    Fact,
    MapArea,
    MapCell,
    MapReach,
    MapSite,
    MapWay,
    PlaceName,
)
from welcomemap.cartography.geometry import (
    encode_lines,
    encode_polygons,
    merge_cells,
    place_labels,
    simplify_together,
)
from welcomemap.cartography.sheet import LayerSpec
from welcomemap.cartography.signs import ESTIMATE_DASH, hatch_paint
from welcomemap.cartography.words import SIGN_WORDS
from welcomemap.crs import unproject
from welcomemap.style import (
    BORDER_COLOUR,
    CELL_EDGE_COLOUR,
    LAND_COLOUR,
    OPEN_COLOUR,
    WHITE,
)
from welcomemap.wording import Translator

AREA_KEY = "area:"
SITE_KEY = "site:"
WAY_KEY = "way:"
REACH_KEY = "reach:"
RINGED_M = 50.0
"""From here on the uncertainty of a place is drawn."""


def to_lat_lon(points: NDArray[np.float64], *, crs: str) -> list[list[float]]:
    """Convert an (n, 2) array of metres to a list of ``[lat, lon]`` with five decimals."""
    lat, lon = unproject(points, crs=crs)
    return [[round(float(a), 5), round(float(b), 5)] for a, b in zip(lat, lon, strict=True)]


def describe(
    key: str, title: str, facts: Sequence[Fact], *, state: str = "", warnings: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the facts of a popup."""
    return {
        "key": key,
        "title": title,
        "state": state,
        "warnings": list(warnings),
        "rows": [[fact.label, fact.value] for fact in facts],
    }


def polygons_layer(
    pane: str, features: Iterable[Mapping[str, Any]], style: Mapping[str, Any]
) -> LayerSpec:
    """Return a layer of shapes."""
    return {"kind": "shapes", "pane": pane, "style": dict(style), "features": list(features)}


def fill_areas(areas: Sequence[MapArea], *, crs: str) -> list[LayerSpec]:
    """Return the layers that colour areas by share, draw their borders and hatch the unserved.

    An unknown share is hatched in grey and is told apart from a share of zero.
    """
    if not areas:
        return []
    shapes = [
        encode_polygons(shape, crs=crs)
        for shape in simplify_together([area.geometry for area in areas])
    ]
    fills = []
    for area, polygons in zip(areas, shapes, strict=True):
        fill = hatch_paint("unknown") if "unknown" in area.hatches else area.fill
        fills.append({"polygons": polygons, "style": {"fillColor": fill}})
    borders = [{"polygons": polygons} for polygons in shapes]
    hatched = [
        {"polygons": polygons}
        for area, polygons in zip(areas, shapes, strict=True)
        if "unserved" in area.hatches
    ]
    layers = [
        polygons_layer("fills", fills, {"stroke": False, "fillOpacity": 1}),
        polygons_layer("borders", borders, {"color": BORDER_COLOUR, "weight": 1.4, "fill": False}),
    ]
    if hatched:
        layers.append(
            polygons_layer(
                "hatch",
                hatched,
                {"stroke": False, "fillColor": hatch_paint("unserved"), "fillOpacity": 1},
            )
        )
    return layers


def outline_areas(areas: Sequence[MapArea], *, crs: str) -> list[LayerSpec]:
    """Return a layer of borders alone."""
    if not areas:
        return []
    shapes = simplify_together([area.geometry for area in areas])
    features = [{"polygons": encode_polygons(shape, crs=crs)} for shape in shapes]
    style = {"color": BORDER_COLOUR, "weight": 1.6, "fill": False}
    return [polygons_layer("borders", features, style)]


def fill_ground(geometry: BaseGeometry, *, crs: str) -> LayerSpec:
    """Return a layer that fills the region in the colour of land."""
    feature = {"polygons": encode_polygons(geometry.simplify(5.0), crs=crs)}
    style = {"color": BORDER_COLOUR, "weight": 1, "fillColor": LAND_COLOUR, "fillOpacity": 1}
    return polygons_layer("ground", [feature], style)


def fill_classes(
    cells: Sequence[MapCell], classes: NDArray[np.int64], colours: Sequence[str], *, crs: str
) -> LayerSpec:
    """Return a layer of cells, all of one class as one shape with a thin edge.

    Parameters
    ----------
    classes
        Index into ``colours`` for each cell; -1 where the value is not known (hatched in grey).
    """
    features = []
    for step in np.unique(classes):
        shape = merge_cells([cells[int(k)].geometry for k in np.flatnonzero(classes == step)])
        fill = hatch_paint("unknown") if step < 0 else colours[int(step)]
        features.append({"polygons": encode_polygons(shape, crs=crs), "style": {"fillColor": fill}})
    style = {"color": CELL_EDGE_COLOUR, "weight": 0.6, "fillOpacity": 1}
    return polygons_layer("fills", features, style)


MOST_NAMES = 20
"""So many districts find a place for their names on a map of a whole town."""


def label_areas(
    areas: Sequence[MapArea], translate: Translator, *, crs: str, may_hide: bool = False
) -> LayerSpec:
    """Return the layer of names: each is a button that opens the facts of its area.

    With ``may_hide``, and of more than :data:`MOST_NAMES`, a name that finds no free place waits
    until the map is zoomed in.
    """
    features = []
    may_hide = may_hide or len(areas) > MOST_NAMES
    for area in areas:
        lines = [["name", area.name], ["short", area.label]]
        if area.share_text:
            lines.append(["value", area.share_text])
        state = translate("no site in the area") if area.is_unserved else ""
        spoken = ", ".join(part for part in (area.name, area.share_text, state) if part)
        features.append(
            {
                "places": to_lat_lon(place_labels(area.geometry), crs=crs),
                "lines": lines,
                "look": _find_look(area),
                "label": spoken,
                "weight": 2 if area.is_unserved else 1,
                "may_hide": may_hide,
                "facts": describe(
                    AREA_KEY + area.key, area.name, area.facts, state=state, warnings=area.warnings
                ),
            }
        )
    return {"kind": "labels", "features": features}


def _find_look(area: MapArea) -> str:
    """Return how a label looks: on white where it would stand on hatching."""
    if area.is_unserved:
        return "wm-unserved"
    return "wm-hatched" if area.hatches else ""


def name_water(name: str, geometry: BaseGeometry, *, crs: str) -> LayerSpec:
    """Return the layer that names a river."""
    places = to_lat_lon(place_labels(geometry), crs=crs)
    feature = {
        "places": places,
        "lines": [["name", name], ["short", name]],
        "look": "wm-water",
        "label": name,
        "weight": 0,
        "may_hide": True,
    }
    return {"kind": "labels", "features": [feature] if places else []}


def name_place(names: Sequence[PlaceName], *, crs: str) -> LayerSpec:
    """Return the layer of names on the ground: one that finds no free place is left out."""
    features = []
    for name in names:
        features.append(
            {
                "places": to_lat_lon(np.array([[name.x, name.y]]), crs=crs),
                "lines": [["place", name.name]],
                "look": "wm-water" if name.is_water else "wm-place",
                "label": name.name,
                "weight": -name.rank,
                "may_hide": True,
                "most_overlap": 0,
            }
        )
    return {"kind": "labels", "features": features}


def place_signs(sites: Sequence[MapSite], translate: Translator, *, crs: str) -> LayerSpec:
    """Return the layer of signs, each a button that opens the plain facts of its site."""
    features = []
    for site in sites:
        if site.x is None or site.y is None:
            continue
        state = translate(SIGN_WORDS[site.sign])
        spoken = ", ".join(part for part in (site.rank, site.name, state) if part)
        features.append(
            {
                "at": to_lat_lon(np.array([[site.x, site.y]]), crs=crs)[0],
                "sign": site.sign.value,
                "rank": site.rank,
                "label": spoken,
                "facts": describe(
                    SITE_KEY + site.key,
                    site.name,
                    site.facts,
                    state=state,
                    warnings=site.warnings,
                ),
            }
        )
    return {"kind": "signs", "features": features}


def ring_errors(sites: Sequence[MapSite], *, crs: str) -> list[LayerSpec]:
    """Return a layer of dashed circles: the true place lies inside, where it is not exact."""
    features = [
        {
            "at": to_lat_lon(np.array([[site.x, site.y]]), crs=crs)[0],
            "radius_m": site.error_radius_m,
        }
        for site in sites
        if site.is_located and site.error_radius_m is not None and site.error_radius_m >= RINGED_M
    ]
    style = {"color": "#1A1A1A", "weight": 1.5, "dashArray": "4 4", "fill": False}
    return [polygons_layer("ways", features, style)] if features else []


def lines_feature(geometry: BaseGeometry, *, crs: str) -> dict[str, Any]:
    """Return a feature of lines."""
    return {"lines": encode_lines(geometry, crs=crs)}


def draw_ways(ways: Sequence[MapWay], translate: Translator, *, crs: str) -> list[LayerSpec]:
    """Return ways on white lines that part them from any ground; estimates are dashed."""
    if not ways:
        return []
    casing, lines = [], []
    for number, way in enumerate(ways, start=1):
        feature = lines_feature(way.geometry, crs=crs)
        casing.append(feature)
        title = (
            translate("way estimated (straight line, not along streets)")
            if way.is_estimate
            else translate("way along known streets")
        )
        facts = describe(f"{WAY_KEY}{number}", title, way.facts) if way.facts else None
        dash = ESTIMATE_DASH if way.is_estimate else None
        lines.append({**feature, "facts": facts, "style": {"dashArray": dash}})
    white = {"color": WHITE, "weight": 7, "opacity": 1, "fill": False}
    blue = {"color": OPEN_COLOUR, "weight": 3.5, "opacity": 1, "fill": False}
    return [polygons_layer("ways", casing, white), polygons_layer("ways", lines, blue)]


def draw_reaches(
    reaches: Sequence[MapReach], translate: Translator, *, crs: str
) -> list[LayerSpec]:
    """Return service areas: an outline, dashed where it is an estimate, and a light veil."""
    features = []
    for reach in reaches:
        name = reach.name + (", " + translate("estimated") if reach.is_estimate else "")
        features.append(
            {
                "polygons": encode_polygons(reach.geometry.simplify(5.0), crs=crs),
                "style": {"dashArray": ESTIMATE_DASH if reach.is_estimate else None},
                "facts": describe(REACH_KEY + reach.key, name, reach.facts),
            }
        )
    style = {"color": OPEN_COLOUR, "weight": 2, "fillColor": OPEN_COLOUR, "fillOpacity": 0.12}
    return [polygons_layer("reach", features, style)] if features else []

"""Layers of a sheet as plain JSON values, from areas, sites, cells and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from welcomemap.crs import unproject
from welcomemap.maps.content import Fact, MapArea, MapSite
from welcomemap.maps.geometry import (
    encode_lines,
    encode_polygons,
    place_labels,
    simplify_together,
)
from welcomemap.maps.sheet import LayerSpec
from welcomemap.maps.signs import hatch_paint
from welcomemap.maps.words import MapWords
from welcomemap.style import BORDER_COLOUR, SHARE_COLOURS, WHITE, share_class

AREA_KEY = "area:"
SITE_KEY = "site:"
WAY_KEY = "way:"


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
        step = share_class(area.share)
        fill = hatch_paint("unknown") if step is None else SHARE_COLOURS[step]
        fills.append({"polygons": polygons, "style": {"fillColor": fill}})
    borders = [{"polygons": polygons} for polygons in shapes]
    hatched = [
        {"polygons": polygons}
        for area, polygons in zip(areas, shapes, strict=True)
        if area.is_unserved
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


def label_areas(areas: Sequence[MapArea], words: MapWords, *, crs: str) -> LayerSpec:
    """Return the layer of names: each is a button that opens the facts of its area."""
    features = []
    for area in areas:
        lines = [["name", area.name], ["short", area.label]]
        if area.share_text:
            lines.append(["value", area.share_text])
        state = words.unserved if area.is_unserved else ""
        spoken = ", ".join(part for part in (area.name, area.share_text, state) if part)
        features.append(
            {
                "places": to_lat_lon(place_labels(area.geometry), crs=crs),
                "lines": lines,
                "look": "wm-unserved" if area.is_unserved else "",
                "label": spoken,
                "weight": 2 if area.is_unserved else 1,
                "facts": describe(
                    AREA_KEY + area.key, area.name, area.facts, state=state, warnings=area.warnings
                ),
            }
        )
    return {"kind": "labels", "features": features}


def name_water(name: str, geometry: BaseGeometry, *, crs: str) -> LayerSpec:
    """Return the layer that names a river."""
    places = to_lat_lon(place_labels(geometry), crs=crs)
    feature = {
        "places": places, "lines": [["name", name], ["short", name]], "look": "wm-water",
        "label": name, "weight": 0, "may_hide": True,
    }  # fmt: skip
    return {"kind": "labels", "features": [feature] if places else []}


def place_signs(sites: Sequence[MapSite], words: MapWords, *, crs: str) -> LayerSpec:
    """Return the layer of signs, each a button that opens the plain facts of its site."""
    features = []
    for site in sites:
        if site.x is None or site.y is None:
            continue
        state = words.signs.get(site.sign, site.sign.value)
        spoken = ", ".join(part for part in (site.rank, site.name, state) if part)
        features.append(
            {
                "at": to_lat_lon(np.array([[site.x, site.y]]), crs=crs)[0],
                "sign": site.sign.value,
                "rank": site.rank,
                "label": spoken,
                "facts": describe(
                    SITE_KEY + site.key, site.name, site.facts, state=state,
                    warnings=site.warnings,
                ),
            }
        )  # fmt: skip
    return {"kind": "signs", "features": features}


def ring_errors(sites: Sequence[MapSite], *, crs: str) -> list[LayerSpec]:
    """Return a layer of dashed circles: the true place lies inside, where it is not exact."""
    features = [
        {
            "at": to_lat_lon(np.array([[site.x, site.y]]), crs=crs)[0],
            "radius_m": site.error_radius_m,
        }
        for site in sites
        if site.is_located and site.error_radius_m is not None and site.error_radius_m >= 50
    ]
    style = {"color": "#1A1A1A", "weight": 1.5, "dashArray": "4 4", "fill": False}
    return [polygons_layer("ways", features, style)] if features else []


def lines_feature(geometry: BaseGeometry, *, crs: str) -> dict[str, Any]:
    """Return a feature of lines."""
    return {"lines": encode_lines(geometry, crs=crs)}


def cased(features: Sequence[Mapping[str, Any]], *, weight: float) -> LayerSpec:
    """Return white lines under a layer of lines, so that they stand out on any ground."""
    plain = [{"lines": feature["lines"]} for feature in features]
    return polygons_layer(
        "ways", plain, {"color": WHITE, "weight": weight, "opacity": 1, "fill": False}
    )

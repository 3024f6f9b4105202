"""The results as GeoJSON (RFC 7946): WGS 84, one file a layer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import shapely

from welcomemap.crs import WGS84
from welcomemap.report.exports.layers import ResultLayer, list_layers
from welcomemap.report.paper import Paper

DIGITS = 6
"""Decimals of a degree: about 0.1 m."""


def make_geojson(paper: Paper) -> Mapping[str, bytes]:
    """Return each layer as a FeatureCollection."""
    return {layer.name: _write(layer) for layer in list_layers(paper)}


def _write(layer: ResultLayer) -> bytes:
    placed = layer.frame.to_crs(WGS84)
    shapes = shapely.set_precision(placed.geometry.to_numpy(), 10.0**-DIGITS)
    turned = shapely.orient_polygons(shapes)
    names = [name for name in layer.frame.columns if name != "geometry"]
    rows = placed[names].to_dict("records")
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(shape)),
            "properties": {str(name): _plain(value) for name, value in row.items()},
        }
        for shape, row in zip(turned, rows, strict=True)
    ]
    collection = {
        "type": "FeatureCollection",
        "name": layer.name,
        "title": layer.title,
        "aliases": dict(layer.aliases),
        "features": features,
    }
    return (json.dumps(collection, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() else value
    return value

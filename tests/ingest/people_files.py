"""Small files of people, written as their publishers write them."""

from __future__ import annotations

import json
from pathlib import Path

import shapely

WEST, SOUTH = 4_104_000, 3_116_000
"""South-west corner of the invented town in the European grid, on a 1 km line."""
TOWN = (6.80, 51.00, 7.00, 51.20)
"""Around it, in degrees."""
HEADER_2022 = "GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n"
HEADER_2011_100M = "Gitter_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n"
HEADER_2011 = (
    "Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner;Frauen_A;Alter_D;unter18_A;ab65_A;Auslaender_A\n"
)


def write(folder: Path, text: str, name: str = "grid.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def row_2022(x: int, y: int, people: object) -> str:
    return f"CRS3035RES100mN{y - 50}E{x - 50};{x};{y};{people}\n"


def write_features(folder: Path, shapes: list[object], people: list[object]) -> Path:
    features = [
        {"type": "Feature", "properties": {"id": f"p{k}", "pop": n},
         "geometry": shapely.geometry.mapping(shape)}
        for k, (shape, n) in enumerate(zip(shapes, people, strict=True))
    ]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return write(folder, text, "cells.geojson")

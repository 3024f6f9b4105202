"""Write layers so that the same table always gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from shapely.ops import orient

from welcomemap.crs import DEGREE_DECIMALS, WGS84
from welcomemap.files import write_bytes


def write_layer(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, GeoJSON (EPSG:4326) or GeoParquet, by the suffix of ``path``."""
    match path.suffix:
        case ".csv":
            content = _to_csv(table)
        case ".geojson":
            content = _to_geojson(gpd.GeoDataFrame(table))
        case _:
            content = _to_parquet(gpd.GeoDataFrame(table))
    write_bytes(path, content)


def _to_csv(table: pd.DataFrame) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.astype(str).to_numpy().tolist())
    return buffer.getvalue().encode("utf-8")


def _to_geojson(table: gpd.GeoDataFrame) -> bytes:
    """One feature a line, so that changes can be read."""
    degrees = table.to_crs(WGS84)
    properties = degrees.drop(columns=degrees.geometry.name).to_dict("records")
    lines = [
        json.dumps(
            {"type": "Feature", "properties": _plain(row), "geometry": _to_geometry(geometry)},
            ensure_ascii=False,
        )
        for row, geometry in zip(properties, degrees.geometry, strict=True)
    ]
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"
    return text.encode("utf-8")


def _to_geometry(geometry: shapely.Geometry) -> Any:
    """Return a GeoJSON geometry, outer rings counter-clockwise as RFC 7946 (3.1.6) asks."""
    value = shapely.geometry.mapping(orient(geometry))
    return {"type": value["type"], "coordinates": _round(value["coordinates"])}


def _round(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DEGREE_DECIMALS)
    return [_round(part) for part in value]


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        str(name): value.item() if isinstance(value, np.generic) else value
        for name, value in row.items()
    }


def _to_parquet(table: gpd.GeoDataFrame) -> bytes:
    """GeoParquet 1.1 with WKB geometry, without library versions in its own metadata."""
    geometry = table.geometry.to_numpy()
    columns = {
        name: pa.array(table[name].to_numpy(), from_pandas=True)
        for name in table.columns
        if name != table.geometry.name
    }
    columns["geometry"] = pa.array(list(shapely.to_wkb(geometry)), type=pa.binary())
    kinds = sorted({g.geom_type for g in geometry if g is not None})
    bounds = [round(float(edge), 2) for edge in table.total_bounds]
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": kinds,
                "bbox": bounds,
                "crs": pyproj.CRS(table.crs).to_json_dict(),
            }
        },
    }
    content = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        content.schema,
        compression="zstd",
        compression_level=12,
        version="2.6",
        store_schema=False,
    ) as writer:
        writer.write_table(content, row_group_size=max(len(table), 1))
        writer.add_key_value_metadata({"geo": json.dumps(geo, sort_keys=True)})
    return bytes(sink.getvalue().to_pybytes())

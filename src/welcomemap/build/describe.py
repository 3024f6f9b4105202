"""The manifest of a pack: a Frictionless data package that says what each layer is and is worth."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import geopandas as gpd
import pandas as pd

from welcomemap.crs import WGS84
from welcomemap.errors import PackError
from welcomemap.files import describe_written
from welcomemap.pack.manifest import count_key

DESCRIPTIONS = "layers.toml"
FORMATS = {
    ".csv": ("csv", "text/csv", "tabular-data-resource"),
    ".geojson": ("geojson", "application/geo+json", "data-resource"),
    ".parquet": ("parquet", "application/vnd.apache.parquet", "data-resource"),
}


def describe_pack(
    layers: Mapping[str, pd.DataFrame],
    paths: Mapping[str, Path],
    region: Mapping[str, Any],
    measured: Mapping[str, str],
) -> dict[str, Any]:
    """Return the manifest: https://specs.frictionlessdata.io/data-package/ with own keys.

    Own keys: ``region`` beside ``resources``; in each resource ``crs``, ``row_count`` (``rows`` of
    CSV), ``sha256``, ``source``, ``licence``, ``date``, ``limits``, ``method`` and, of
    addresses, ``evidence`` (how many rest on what). GeoParquet is
    marked as a file: Frictionless reads no geometry in it, but checks its hash.

    Raises
    ------
    PackError
        If a layer or one of its columns is not described.
    """
    text = resources.files("welcomemap.build").joinpath(DESCRIPTIONS).read_text(encoding="utf-8")
    known = tomllib.loads(text)
    found = [
        _describe_layer(name, layers[name], paths[name], known, measured)
        for name in known["layers"]
        if name in layers
    ]
    undescribed = sorted(set(layers) - set(known["layers"]))
    if undescribed:
        raise PackError(
            f"layer {undescribed[0]} is not described", how=f"Add it to {DESCRIPTIONS}."
        )
    licences = {r["licence"]["name"]: r["licence"] for r in found}
    return {
        "profile": "data-package",
        "name": f"welcomemap-{region['id']}",
        "title": known["package"]["title"],
        "description": known["package"]["description"],
        "homepage": known["package"]["homepage"],
        "version": known["package"]["version"],
        "licenses": [_frictionless_licence(x) for _, x in sorted(licences.items())],
        "region": dict(region),
        "resources": found,
    }


def _describe_layer(
    name: str,
    table: pd.DataFrame,
    path: Path,
    known: Mapping[str, Any],
    measured: Mapping[str, str],
) -> dict[str, Any]:
    layer = known["layers"][name]
    kind, mediatype, profile = FORMATS[path.suffix]
    written = describe_written(path)
    sources = [known["sources"][key] for key in layer["sources"]]
    licence = known["licences"][layer["licence"]]
    crs = (
        (WGS84 if kind == "geojson" else str(table.crs))
        if isinstance(table, gpd.GeoDataFrame)
        else None
    )
    fill = {key: Template(layer[key]).substitute(measured) for key in ("limits", "method")}
    rests_on = {
        kind: int(Template(count).substitute(measured))
        for kind, count in layer.get("evidence", {}).items()
    }
    return {
        "name": name, "path": path.name, "profile": profile, "title": layer["title"],
        "format": kind, "mediatype": mediatype, "encoding": "utf-8",
        **({"type": "file"} if kind == "parquet" else {}),
        "crs": crs, count_key(path.name): len(table), "bytes": written.bytes,
        "hash": f"sha256:{written.sha256}", "sha256": written.sha256,
        "schema": {
            "fields": [_describe_field(table, column, name, known) for column in table.columns],
            **({"primaryKey": layer["key"]} if layer["key"] else {}),
        },
        "source": "; ".join(source["title"] for source in sources),
        "sources": sources,
        "licence": licence,
        "licenses": [_frictionless_licence(licence)],
        "date": layer["date"],
        **fill,
        **({"evidence": rests_on} if rests_on else {}),
    }  # fmt: skip


def _describe_field(
    table: pd.DataFrame, column: str, layer: str, known: Mapping[str, Any]
) -> dict[str, Any]:
    described = known["fields"].get(f"{layer}.{column}") or known["fields"].get(column)
    if described is None:
        raise PackError(
            f"column {column} of layer {layer} is not described", how=f"Add it to {DESCRIPTIONS}."
        )
    return {"name": column, "type": described.get("type") or _type(table, column), **{
        key: described[key] for key in ("unit", "description", "description_en") if key in described
    }}  # fmt: skip


def _type(table: pd.DataFrame, column: str) -> str:
    if column == "geometry":
        return "geojson"
    dtype = table[column].dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(dtype):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(dtype) else "string"


def _frictionless_licence(licence: Mapping[str, str]) -> dict[str, str]:
    return {"name": licence["name"], "title": licence["title"], "path": licence["url"]}

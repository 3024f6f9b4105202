"""Write a region pack as a whole folder, described and dated, or leave what was there."""

from __future__ import annotations

import ctypes
import glob
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from shapely.ops import orient

from welcomemap.crs import DEGREE_DECIMALS, WGS84
from welcomemap.describe.contract import BuiltLayer, MissingLayer, Told
from welcomemap.errors import Fault, OutputError, PackError, Place, UsageError, fault
from welcomemap.files import check_outputs, claimed, describe_written, write_bytes
from welcomemap.region.pack import (
    HISTORY_FOLDER,
    MANIFEST_NAME,
    count_key,
    load_pack,
    recorded_rows,
    replaced_folder,
    write_manifest,
)
from welcomemap.region.verify import check_pack

DESCRIPTIONS = "layers.toml"
Tell = Callable[[str, float], None]
"""Is told the step of a build that begins, and how much of the whole is done, 0-1."""
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
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the manifest: https://specs.frictionlessdata.io/data-package/ with own keys.

    Own keys: ``region`` beside ``resources``; in each resource ``crs``, ``row_count`` (``rows`` of
    CSV), ``sha256``, ``source``, ``licence``, ``date``, ``limits``, ``method`` and, of
    addresses, ``evidence`` (how many rest on what). GeoParquet is
    marked as a file: Frictionless reads no geometry in it, but checks its hash.

    Parameters
    ----------
    known
        What the layers are: ``package``, ``licences``, ``sources``, ``layers`` and ``fields`` as in
        ``layers.toml``, which counts if ``None``.

    Raises
    ------
    PackError
        If a layer or one of its columns is not described.
    """
    known = read_descriptions(DESCRIPTIONS) if known is None else known
    found = [
        _describe_layer(name, layers[name], paths[name], known, measured)
        for name in known["layers"]
        if name in layers
    ]
    undescribed = sorted(set(layers) - set(known["layers"]))
    if undescribed:
        raise PackError(
            "layer {layer} is not described",
            layer=undescribed[0],
            file=DESCRIPTIONS,
            how="Add it to {file}.",
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


def read_descriptions(name: str) -> dict[str, Any]:
    """Return what one of the files of descriptions beside this module says."""
    text = resources.files("welcomemap.ingest").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


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
            "column {column} of layer {layer} is not described",
            column=column,
            layer=layer,
            file=DESCRIPTIONS,
            how="Add it to {file}.",
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


def write_layer(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, GeoJSON (EPSG:4326) or GeoParquet, by the suffix of ``path``."""
    write_bytes(path, encode_layer(path.suffix, table))


def encode_layer(suffix: str, table: pd.DataFrame) -> bytes:
    """Return what :func:`write_layer` writes into a file with this suffix."""
    match suffix:
        case ".csv":
            return _to_csv(table)
        case ".geojson":
            return _to_geojson(gpd.GeoDataFrame(table))
        case _:
            return _to_parquet(table)


def _to_csv(table: pd.DataFrame) -> bytes:
    return table.astype(str).to_csv(index=False, lineterminator="\n", na_rep="nan").encode()


def _to_geojson(table: gpd.GeoDataFrame) -> bytes:
    """One feature a line, so that changes can be read."""
    degrees = table.to_crs(WGS84)
    properties = degrees.drop(columns=degrees.geometry.name).to_dict("records")
    lines = [
        json.dumps(
            {"type": "Feature", "properties": row, "geometry": _to_geometry(geometry)},
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


def _to_parquet(table: pd.DataFrame) -> bytes:
    """Parquet, of features GeoParquet 1.1 with WKB geometry, without library versions in it."""
    columns = {
        name: pa.array(table[name].to_numpy(), from_pandas=True)
        for name in table.columns
        if name != "geometry"
    }
    described = {}
    if isinstance(table, gpd.GeoDataFrame):
        geometry = table.geometry.to_numpy()
        columns["geometry"] = pa.array(list(shapely.to_wkb(geometry)), type=pa.binary())
        described = {"geo": json.dumps(_describe_geometry(table), sort_keys=True)}
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
        if described:
            writer.add_key_value_metadata(described)
    return bytes(sink.getvalue().to_pybytes())


def _describe_geometry(table: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": sorted({g.geom_type for g in table.geometry if g is not None}),
                "bbox": [round(float(edge), 2) for edge in table.total_bounds],
                "crs": pyproj.CRS(table.crs).to_json_dict(),
            }
        },
    }


def tell_no_step(_step: str, _done: float) -> None:
    """Stand in where nobody wants to know how far it is."""


FRESH = ".fresh-"


def parts_folder(out: Path) -> Path:
    """Return the folder beside a pack in which downloads gather."""
    return out.resolve().parent / f".{out.resolve().name}.parts"


@contextmanager
def claim_target(out: Path, inputs: Iterable[Path] = ()) -> Iterator[None]:
    """Keep a pack's folder to this run, after refusing one that holds something other than a pack.

    Parameters
    ----------
    inputs
        Files and folders the run reads: none may lie in ``out``, which is replaced as a whole.

    Raises
    ------
    UsageError
        If ``out`` is a file, a folder with other content, or holds an input.
    BusyOutputError
        If another run is making this pack.
    OutputError
        If its parent cannot be written.
    """
    out = out.resolve()
    _check_target(out)
    check_outputs([out], inputs)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _output_error(out, error) from error
    with claimed([out]):
        _clear_remains(out)
        yield


def _check_target(out: Path) -> None:
    is_free = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    if not is_free and not (out / MANIFEST_NAME).is_file():
        raise UsageError(
            "{name} is there already and is no region pack",
            name=out.name,
            where=Place(out),
            how="Give the name of a new folder, or the folder of a pack that may be replaced.",
        )


def refuse_lost_changes(out: Path) -> None:
    """Refuse to replace a list of sites that ``welcomemap data sites`` has changed.

    Raises
    ------
    UsageError
        If changes are on record in ``out``: nobody could undo them afterwards, nor see them.
    """
    n_changes = len(list((out / HISTORY_FOLDER).glob("*.json")))
    if n_changes:
        raise UsageError(
            "the pack holds {n_changes} change(s) of its list of sites, which would be lost",
            n_changes=n_changes,
            folder=HISTORY_FOLDER,
            where=Place(out),
            how="Give the name of a new folder; or take the folder {folder} out of the pack, if "
            "its list may be replaced.",
        )


@contextmanager
def publish_pack(out: Path) -> Iterator[Path]:
    """Give a fresh folder beside ``out``; on success it takes the place of ``out`` by a rename.

    Raises
    ------
    OutputError
        If the folder cannot be made or renamed. ``out`` is then as it was.
    """
    out = out.resolve()
    try:
        fresh = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}{FRESH}"))
    except OSError as error:
        raise _output_error(out, error) from error
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, out)
    except OSError as error:
        raise _output_error(out, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, out: Path) -> None:
    """Put the fresh pack at its name; the older one is then at the name of the fresh one."""
    if not out.exists():
        fresh.rename(out)
    elif not _exchange(fresh, out):
        # Where two folders cannot change places in one step, the older one is found at the name
        # that load.find_pack looks at until the fresh one stands.
        aside = replaced_folder(out)
        out.rename(aside)
        try:
            fresh.rename(out)
        except OSError:
            aside.rename(out)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    _sync_folder(out.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step (renameat2); ``False`` where that is unknown."""
    try:
        change = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    here = -100  # AT_FDCWD
    exchange = 2  # RENAME_EXCHANGE
    return bool(change(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _clear_remains(out: Path) -> None:
    """Remove what a run that was killed has left; only the one that has claimed ``out`` may."""
    aside = replaced_folder(out)
    if aside.is_dir() and not out.exists():
        aside.rename(out)
    for remains in (aside, *out.parent.glob(f".{glob.escape(out.name)}{FRESH}*")):
        shutil.rmtree(remains, ignore_errors=True)


def _output_error(out: Path, error: OSError) -> OutputError:
    return OutputError(
        "the pack cannot be put in its place: {error}",
        error=error,
        where=Place(out),
        how="Choose a folder that is writable and has space; nothing was changed.",
    )


LICENCE_NAME = "LICENSE.md"
LARGE = frozenset({"demand_cells", "addresses", "street_edges", "ground", "timetable"})


COSTS: Mapping[str, Fault] = {
    "demand_cells": fault("nobody can be counted, so neither coverage nor gaps"),
    "service_points": fault("who reaches a service point cannot be told"),
    "addresses": fault("addresses cannot be looked up"),
    "candidate_sites": fault("there are no candidate sites to choose from"),
    "street_edges": fault("ways are estimated"),
    "stops": fault("there are no stops, and no ways by bus and train"),
    "timetable": fault("nobody knows when buses and trains run"),
    "ground": fault("maps show borders, but no water, railways and main streets"),
    "place_names": fault("no places are named on maps"),
}
"""What a pack without a layer cannot tell. Each of its people, ways or maps suffers from one; of
rivers, disputes and offices of advice a town may rightly have none."""


@dataclass(frozen=True)
class BuildResult:
    """A region pack that was written."""

    folder: Path
    layers: tuple[BuiltLayer, ...]
    warnings: tuple[Fault, ...]

    @property
    def missing(self) -> tuple[MissingLayer, ...]:
        """As :func:`list_missing`."""
        return list_missing(self.layers)


def write_pack(
    out: Path,
    layers: Mapping[str, pd.DataFrame],
    recipe: Mapping[str, Any],
    *,
    measured: Mapping[str, str],
    warnings: list[Fault],
) -> BuildResult:
    """Write all layers, the manifest and the licence file beside ``out``, then rename.

    The folder is to be claimed before, see :func:`welcomemap.ingest.pack_folder.claim_target`.

    Raises
    ------
    OutputError
        If it cannot be written; what was there stays.
    """
    with publish_pack(out) as folder:
        manifest = _write_own(folder, layers, recipe, measured)
    return BuildResult(out, list_layers(manifest), tuple(warnings))


def list_layers(manifest: Mapping[str, Any]) -> tuple[BuiltLayer, ...]:
    """Return what a manifest says of the layers that were written."""
    return tuple(
        BuiltLayer(
            str(r["name"]), recorded_rows(r) or 0, str(r["sha256"]), str(r.get("source", ""))
        )
        for r in manifest["resources"]
    )


def list_missing(layers: Iterable[BuiltLayer]) -> tuple[MissingLayer, ...]:
    """Return the layers that a pack lacks or that have no rows, with what each costs."""
    known = {layer.name for layer in layers if layer.rows}
    return tuple(
        MissingLayer(name, Told(str(costs))) for name, costs in COSTS.items() if name not in known
    )


def refuse_faulty(folder: Path) -> None:
    """Check a new pack as ``welcomemap data check`` does, before it takes its place.

    Raises
    ------
    PackError
        If a layer has a fault.
    """
    faulty = [layer for layer in check_pack(load_pack(folder)).layers if layer.problems]
    if faulty:
        raise PackError(
            "the pack would be faulty: {name}: {problem}",
            name=faulty[0].name,
            problem=faulty[0].problems[0],
            where=Place(faulty[0].path),
            how="Look at the files that this layer is made of.",
        )


def write_files(
    folder: Path,
    layers: Mapping[str, pd.DataFrame],
    region: Mapping[str, Any],
    measured: Mapping[str, str],
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write all layers into a folder, and the manifest, which is returned."""
    paths = {name: folder / f"{name}{_suffix(name, table)}" for name, table in layers.items()}
    for name, table in layers.items():
        write_layer(paths[name], table)
    manifest = describe_pack(layers, paths, region, measured, known)
    write_manifest(folder, manifest)
    return manifest


def _write_own(
    folder: Path,
    layers: Mapping[str, pd.DataFrame],
    recipe: Mapping[str, Any],
    measured: Mapping[str, str],
) -> dict[str, Any]:
    manifest = write_files(folder, layers, recipe["region"], measured)
    licence = resources.files("welcomemap.ingest").joinpath("layer_licences.md").read_bytes()
    write_bytes(folder / LICENCE_NAME, licence)
    return manifest


def _suffix(name: str, table: pd.DataFrame) -> str:
    if name in LARGE:
        return ".parquet"
    return ".geojson" if "geometry" in table.columns else ".csv"

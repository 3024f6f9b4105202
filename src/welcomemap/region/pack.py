"""A region pack: its manifest, its layers opened and checked against their hashes.

Each time a layer is read, what every reader relies on is looked at. The full check, with
every fault and its row, is :func:`welcomemap.region.verify.check_pack`; this one costs milliseconds
and stops at the first fault, so that no damaged cell becomes a wrong figure.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from welcomemap.brief import Brief
from welcomemap.errors import (
    ColumnValueError,
    Fault,
    GeometryError,
    HashMismatchError,
    JsonError,
    MissingColumnError,
    MissingLayerError,
    PackError,
    Place,
    either,
    fault,
    quote,
)
from welcomemap.files import parse_json, plain_opener, write_bytes
from welcomemap.region.layers import (
    read_feature_layer,
    read_layer_bytes,
    read_parquet_rows,
    read_row_layer,
)
from welcomemap.region.schemas import (
    CONTRACTS,
    GROUPS,
    TIMETABLE_COLUMNS,
    Contract,
    without_groups,
)

MANIFEST_NAME = "datapackage.json"
SEAL = "sha256"
"""Under this key a manifest records the sha256 of all else that it says."""
FORMAT_KEY, FORMAT = "format", 2
"""The version of what a pack holds and how; a manifest without one is of version 1 (0.1.0)."""
MEND = fault("Restore datapackage.json or build the pack again with: welcomemap data build.")
HISTORY_FOLDER = "history"
"""In it lie the lists that were in force before, each under its sha256, and what replaced them."""
SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_MANIFEST_BYTES = 5_000_000
MAX_NAME = 200
CRS_CODE = re.compile(r"EPSG:\d{1,6}")
"""A code and no definition: those can name grid files, which PROJ would open."""
LAYER_SUFFIXES = (".csv", ".geojson", ".parquet")
REGION_TEXTS = ("id", "name", "crs", "default_scenario")
REGION_WORDS = ("district_word", "quarter_word", "service_kind")


@dataclass(frozen=True)
class Resource:
    """One layer as the manifest describes it; None where it says nothing.

    Attributes
    ----------
    columns
        Names of the columns, in order.
    """

    name: str
    path: str
    rows: int | None
    sha256: str | None
    licence: str
    source: str
    date: str
    columns: tuple[str, ...] | None


def read_manifest(folder: Path, *, is_verified: bool = True) -> dict[str, Any]:
    """Read ``datapackage.json`` and require what every reader of a pack relies on.

    Parameters
    ----------
    is_verified
        What it says must be what it records of itself, where it does (see :data:`SEAL`).

    Raises
    ------
    HashMismatchError
        If it has been changed since it was sealed.
    PackError
        If it is not a JSON object with ``region`` and ``resources``, a layer has no name or no path
        inside the folder, a name occurs twice, the region lacks a name, a metric CRS or its
        scenarios, or has a figure that is none, or the pack is of a newer format.
    """
    path = folder / MANIFEST_NAME
    try:
        with open(path, "rb", opener=plain_opener) as handle:
            content = handle.read(MAX_MANIFEST_BYTES + 1)
        if len(content) > MAX_MANIFEST_BYTES:
            raise _fault(
                "the manifest has more than {megabytes:g} MB",
                path,
                megabytes=MAX_MANIFEST_BYTES / 1e6,
            )
        manifest = parse_json(content)
    except (OSError, JsonError) as error:
        raise _fault("the manifest cannot be read: {error}", path, error=error) from error
    if not isinstance(manifest, dict) or not {"region", "resources"} <= manifest.keys():
        raise _fault("the manifest lacks region or resources", path)
    _require_format(manifest, path)
    _require_resources(manifest["resources"], path)
    _require_region(manifest["region"], path)
    if is_verified and manifest.get(SEAL, seal_of(manifest)) != seal_of(manifest):
        raise HashMismatchError(
            "the manifest is not the one that was recorded (its own sha256 differs)",
            where=Place(path),
            how="Restore the file; if the change is meant, record it with: welcomemap data seal.",
        )
    return manifest


def _require_format(manifest: Mapping[str, Any], path: Path) -> None:
    """Require a version that this program reads; older ones are read as they are."""
    found = manifest.get(FORMAT_KEY, 1)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise _fault("format is not the number of a version", path)
    if found > FORMAT:
        raise PackError(
            "the pack has format {found}, and this program reads formats up to {known}",
            found=found,
            known=FORMAT,
            where=Place(path),
            how="Install a newer version of welcomemap, or use a pack that this one wrote.",
        )


def seal_of(manifest: Mapping[str, Any]) -> str:
    """Return the sha256 of what a manifest says beside its seal, however it is laid out."""
    said = {key: value for key, value in manifest.items() if key != SEAL}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``datapackage.json`` with its format and its seal, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    write_bytes(folder / MANIFEST_NAME, format_manifest(manifest))


def format_manifest(manifest: Mapping[str, Any]) -> bytes:
    """Return the content of ``datapackage.json``: a manifest with its seal."""
    content = {**manifest, FORMAT_KEY: FORMAT}
    content.pop(SEAL, None)
    sealed = {**content, SEAL: seal_of(content)}
    return f"{json.dumps(sealed, ensure_ascii=False, indent=1)}\n".encode()


def kept_path(path: Path, folder: Path, sha256: str) -> Path:
    """Return where the history of a pack keeps a layer's content of a sha256."""
    return folder / HISTORY_FOLDER / f"{sha256}{path.suffix}"


def list_resources(manifest: Mapping[str, Any]) -> tuple[Resource, ...]:
    """Return the layers of a manifest that :func:`read_manifest` accepted."""
    return tuple(_read_resource(resource) for resource in manifest["resources"])


def count_key(path: str) -> str:
    """Return under which key a layer's number of rows is recorded.

    ``rows`` for CSV, which Frictionless counts itself; it faults the key elsewhere, where it counts
    none, so that other layers have ``row_count``.
    """
    return "rows" if PurePosixPath(path).suffix == ".csv" else "row_count"


def recorded_rows(resource: Mapping[str, Any]) -> int | None:
    """Return the number of rows a resource records; either key is read."""
    rows = resource.get("rows", resource.get("row_count"))
    return rows if isinstance(rows, int) else None


def _read_resource(resource: Mapping[str, Any]) -> Resource:
    sha256 = resource.get("sha256")
    licence = resource.get("licence")
    fields = resource.get("schema", {}).get("fields") if _has_schema(resource) else None
    return Resource(
        name=resource["name"],
        path=resource["path"],
        rows=recorded_rows(resource),
        sha256=sha256 if isinstance(sha256, str) else None,
        licence=str(licence.get("name", "")) if isinstance(licence, dict) else str(licence or ""),
        source=str(resource.get("source", "")),
        date=str(resource.get("date", "")),
        columns=None if fields is None else tuple(str(field["name"]) for field in fields),
    )


def _has_schema(resource: Mapping[str, Any]) -> bool:
    schema = resource.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    return isinstance(fields, list) and all(isinstance(f, dict) and "name" in f for f in fields)


def _require_resources(resources: Any, path: Path) -> None:
    if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
        raise _fault("resources is not a list of layers", path)
    names = []
    for number, resource in enumerate(resources, start=1):
        name, file = resource.get("name"), resource.get("path")
        if not isinstance(name, str) or not name or not isinstance(file, str) or not file:
            raise _fault("layer {number} lacks a name or a path", path, number=number)
        pure = PurePosixPath(file)
        if pure.is_absolute() or ".." in pure.parts or "\\" in file or ":" in file:
            raise _fault("the path of layer {name} leaves the folder of the pack", path, name=name)
        if (
            pure.suffix not in LAYER_SUFFIXES
            or "\0" in file
            or max(len(file), len(name)) > MAX_NAME
        ):
            raise _fault(
                "{file} is no file of a layer; a layer ends with {endings}",
                path,
                file=file,
                endings=LAYER_SUFFIXES,
            )
        names.append(name)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _fault("layer {name} is named twice", path, name=twice[0])


def _require_region(region: Any, path: Path) -> None:
    if not isinstance(region, dict):
        raise _fault("region is not an object", path)
    for key in REGION_TEXTS:
        if not isinstance(region.get(key), str) or not region[key]:
            raise _fault("region lacks the text {key}", path, key=key)
    for key in REGION_WORDS:
        words = region.get(key)
        if not isinstance(words, dict) or not {"de", "en"} <= words.keys():
            raise _fault("region lacks {key} in de and en", path, key=key)
    scenarios = region.get("scenarios")
    if not isinstance(scenarios, list) or not scenarios:
        raise _fault("region lacks the list scenarios", path)
    if region["default_scenario"] not in scenarios:
        raise _fault("default_scenario is not one of the scenarios", path)
    _require_groups(region.get("groups", list(GROUPS)), path)
    _require_numbers(region, path)
    _require_crs(region, path)


ADD = fault("Add the layer to the pack.")
_EXTRACT = fault(
    "Name an OpenStreetMap extract in the recipe (part osm), and build the pack again."
)
HOW_TO_GET: Mapping[str, Fault] = {
    "demand_cells": fault(
        "Nobody is counted in it: name a population grid in the recipe (part people), and build "
        "the pack again."
    ),
    "addresses": fault(
        "Name an OpenStreetMap extract or a list of addresses in the recipe (parts osm and "
        "addresses), and build the pack again."
    ),
    "service_points": fault(
        "Give a list of them to welcomemap data sites, or name it in the recipe (part sites)."
    ),
    "candidate_sites": fault("Give your own list as a file, or add the layer to the pack."),
    "street_edges": _EXTRACT,
    "street_extent": _EXTRACT,
    "facilities": fault("Choose other candidates, or add the layer to the pack."),
}
"""What a pack without a layer lacks, by the layer, and how to get it."""


def _require_groups(groups: Any, path: Path) -> None:
    """Require that the groups a pack names are known ones, each once, everybody first."""
    if groups == []:
        return
    if not isinstance(groups, list) or groups[0] != GROUPS[0]:
        raise _fault("groups is not a list that begins with {first}", path, first=GROUPS[0])
    if groups != [group for group in GROUPS if group in groups]:
        raise _fault(
            "groups holds something else than {groups}, each once and in this order",
            path,
            groups=GROUPS,
        )


def _require_crs(region: Mapping[str, Any], path: Path) -> None:
    """Require that the region's coordinates are metres of a known system."""
    if not CRS_CODE.fullmatch(region["crs"]):
        raise _fault(
            "the crs {crs} of the region is no code like EPSG:25832", path, crs=region["crs"]
        )
    try:
        crs = CRS.from_user_input(region["crs"])
    except CRSError as error:
        raise _fault("region has an unknown crs {crs}", path, crs=region["crs"]) from error
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise _fault("the crs {crs} of the region is not in metres", path, crs=region["crs"])


def _require_numbers(region: Mapping[str, Any], path: Path) -> None:
    """Require that the region's optional figures, where given, are figures."""
    uncertainty = region.get("border_uncertainty_m", 0)
    if not _are_numbers([uncertainty], 1) or uncertainty < 0:
        raise _fault("border_uncertainty_m is not a number of metres", path)
    factor = region.get("detour_factor", [1, 1, 1])
    if not _are_numbers(factor, 3) or not 1 <= factor[1] <= factor[0] <= factor[2]:
        raise _fault("detour_factor is not [estimate, low, high], each 1 or more", path)
    error = region.get("people_error", [0, 0])
    if not _are_numbers(error, 2) or min(error) < 0:
        raise _fault("people_error is not [people, share], each 0 or more", path)
    bbox = region.get("bbox", [0, 0, 1, 1])
    if not _are_numbers(bbox, 4) or bbox[0] >= bbox[2] or bbox[1] >= bbox[3]:
        raise _fault("bbox is not [west, south, east, north] in degrees", path)


def _are_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    )


def _fault(what: str, path: Path, **values: object) -> PackError:
    return PackError(what, where=Place(path), how=MEND, **values)


HOW = fault("Restore the file; welcomemap data check lists every fault.")
KEYED = ("districts", "quarters", "demand_cells", "stops", "lines", "line_stops")
"""Layers whose rows others are joined to by their key."""
NUMBERS = (*GROUPS, "area_km2", "length_m")
WHOLE_NUMBERS = ("district", "edge_id", "u", "v", "rank")
PATTERNS: Mapping[str, Mapping[str, str]] = {
    "site_history": {
        "date": r"(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?",
        "districts": r"(\d+(;\d+)*)?",
    },
    "lines": {"trip_count": r"\d{1,9}"},
    "line_stops": {"sequence": r"\d{1,9}"},
    "service_days": {
        "service_id": r"\d{1,9}",
        "first_day": r"\d{4}-\d{2}-\d{2}",
        "days": r"[01]+",
    },
}
MAX_NUMBER = 1e12


def require_sound_rows(name: str, table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table of texts, whose columns are there and can be read.

    Raises
    ------
    MissingColumnError, ColumnValueError
        If a column is absent, or a cell holds something else than its column does.
    """
    contract = CONTRACTS.get(name, Contract())
    _require_columns(name, contract.columns, table, path)
    for column, pattern in PATTERNS.get(name, {}).items():
        _require(table[column], table[column].str.fullmatch(pattern, na=False), path)
    if name in KEYED:
        _require_keys(contract, table, path)
    return table


def require_sound_features(
    name: str, table: gpd.GeoDataFrame, path: Path, *, columns: Collection[str] | None = None,
    groups: Collection[str] = GROUPS,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return a layer whose columns and geometries are there and of the kinds they should be.

    Parameters
    ----------
    columns
        Those that are used; all of the layer if ``None``.
    groups
        Groups that the pack has: columns of others may be absent.

    Raises
    ------
    MissingColumnError, ColumnValueError, GeometryError
        If a column is absent, a cell is no text, number or flag where one is expected, a number is
        negative or not finite, or a geometry is missing, empty, not finite or of another type.
    """
    contract = CONTRACTS.get(name, Contract())
    required = without_groups(contract.columns, groups)
    wanted = [c for c in required if columns is None or c in columns]
    _require_columns(name, wanted, table, path)
    for column in (*wanted, *(c for c in contract.optional if c in table.columns)):
        if column in NUMBERS or column in WHOLE_NUMBERS:
            _require(table[column], _find_numbers(table[column], column in WHOLE_NUMBERS), path)
        elif column.startswith("is_"):
            _require(table[column], _are(table[column], bool, np.bool_), path)
        elif column not in ("geometry", "way_id"):
            _require(table[column], _are(table[column], str), path)
    if name in KEYED and set(contract.key) <= set(wanted):
        _require_keys(contract, table, path)
    _require_shapes(contract, table, path)
    return table


def _require_columns(name: str, columns: Collection[str], table: pd.DataFrame, path: Path) -> None:
    for column in columns:
        if column not in table.columns:
            raise MissingColumnError(
                "layer {name} lacks the column {column}",
                name=name,
                column=column,
                where=Place(path, column=column),
                how=HOW,
            )


def _are(column: pd.Series, *kinds: type) -> NDArray[np.bool_]:
    inferred = pd.api.types.infer_dtype(column, skipna=False)
    if inferred == ("string" if str in kinds else "boolean"):
        return np.ones(len(column), dtype=np.bool_)
    return np.array([isinstance(value, kinds) for value in column], dtype=np.bool_)


def _find_numbers(column: pd.Series, is_whole: bool) -> NDArray[np.bool_]:
    if column.dtype.kind not in "iuf":
        return np.array(
            [isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= MAX_NUMBER
             and (not is_whole or v % 1 == 0) for v in column], dtype=np.bool_,
        )  # fmt: skip
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    holds = (values >= 0) & (values <= MAX_NUMBER)
    return holds & (values % 1 == 0) if is_whole else holds


def _require(column: pd.Series, holds: NDArray[np.bool_] | pd.Series, path: Path) -> None:
    bad = np.flatnonzero(~np.asarray(holds, dtype=np.bool_))
    if bad.size:
        raise ColumnValueError(
            "{value} cannot stand in this column",
            value=quote(column.iloc[int(bad[0])]) or fault("nothing"),
            where=Place(path, int(bad[0]) + 1, str(column.name)),
            how=HOW,
        )


def _require_keys(contract: Contract, table: pd.DataFrame, path: Path) -> None:
    key = list(contract.key)
    _require(table[key[0]], ~table.duplicated(subset=key), path)


def _require_shapes(contract: Contract, table: gpd.GeoDataFrame, path: Path) -> None:
    if not contract.geometry:
        return
    shapes = np.asarray(table.geometry, dtype=object)
    kinds = [int(shapely.GeometryType[kind.upper()]) for kind in contract.geometry]
    is_there = ~shapely.is_missing(shapes)
    holds = np.isin(shapely.get_type_id(shapes), kinds) & ~shapely.is_empty(shapes)
    holds &= np.isfinite(shapely.bounds(shapes)).all(axis=1)
    bad = np.flatnonzero(~holds & (is_there if contract.may_lack_geometry else True))
    if bad.size:
        raise GeometryError(
            "no {shapes} with finite coordinates stands here",
            shapes=either(contract.geometry),
            where=Place(path, int(bad[0]) + 1, "geometry"),
            how=HOW,
        )


__all__ = ["MANIFEST_NAME", "PACK_VARIABLE", "RegionPack", "find_pack", "load_pack"]

PACK_VARIABLE = "WELCOMEMAP_PACK"


def find_pack(folder: str | Path | None = None) -> Path:
    """Return the folder of the region pack: as given, from ``WELCOMEMAP_PACK``, or embedded.

    Raises
    ------
    PackError
        If the folder holds no ``datapackage.json``.
    """
    chosen = folder or os.environ.get(PACK_VARIABLE) or embedded_pack()
    path = Path(chosen)
    if not path.exists() and replaced_folder(path).is_dir():
        path = replaced_folder(path)
    if not (path / MANIFEST_NAME).is_file():
        raise PackError(
            "no region pack in folder {name}",
            name=path.name,
            where=Place(path / MANIFEST_NAME),
            how="Give a folder that holds datapackage.json (--pack on the command line), or name "
            "it in WELCOMEMAP_PACK.",
        )
    return path


def replaced_folder(pack: Path) -> Path:
    """Return where a pack waits for the moment in which a fresh one takes its place."""
    return pack.parent / f".{pack.name}.replaced"


def embedded_pack() -> Path:
    """Return the folder of the pack that comes with the program."""
    installed = Path(__file__).parents[1] / "_embedded" / "geodata"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "geodata"


@dataclass(frozen=True, repr=False)
class RegionPack(Brief):
    """A region: manifest and layers. Geometries are in the pack's metric CRS.

    Layers are read when first asked for and then kept; treat the tables as read-only.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file the pack consists of: what no command may write over."""
        return (
            self.folder / MANIFEST_NAME,
            *(self.folder / layer.path for layer in list_resources(self.manifest)),
        )

    @cached_property
    def seal(self) -> str:
        """The sha256 of what the manifest says: two packs that share it hold the same."""
        return seal_of(self.manifest)

    @property
    def region(self) -> Mapping[str, Any]:
        """Settings of the region: the ``region`` object of the manifest."""
        settings: Mapping[str, Any] = self.manifest["region"]
        return settings

    @property
    def name(self) -> str:
        """Name of the municipality."""
        return str(self.region["name"])

    @property
    def crs(self) -> str:
        """Metric CRS, such as ``EPSG:25832``."""
        return str(self.region["crs"])

    @property
    def language(self) -> Literal["de", "en"]:
        """The language of the region, in which people are told where none is asked for."""
        return "de" if self.region.get("language", "de") == "de" else "en"

    @property
    def format(self) -> int:
        """Version of what the pack holds and how, see :data:`FORMAT`."""
        return int(self.manifest.get(FORMAT_KEY, 1))

    @property
    def quarter_names(self) -> dict[str, str]:
        """Name of each quarter by its code; empty where the pack has no quarters."""
        if not self.has_layer("quarters"):
            return {}
        table = self.quarters
        return dict(zip(table["quarter"].astype(str), table["name"].astype(str), strict=True))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios the pack publishes, oldest first."""
        return tuple(str(name) for name in self.region["scenarios"])

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups whose people are known, everybody first: of :data:`GROUPS`, or none."""
        return tuple(str(name) for name in self.region.get("groups", GROUPS))

    @property
    def default_scenario(self) -> str:
        """The scenario that counts where none is named."""
        return str(self.region["default_scenario"])

    def has_layer(self, name: str) -> bool:
        """Tell whether the manifest names a layer."""
        return any(resource["name"] == name for resource in self.manifest["resources"])

    def layer_path(self, name: str) -> Path:
        """Return the file of a layer.

        Raises
        ------
        MissingLayerError
            If the manifest does not name the layer, or its file is absent.
        """
        path = self.folder / self._find_resource(name).path
        if not path.is_file():
            raise MissingLayerError(
                "layer {name} has no file",
                name=name,
                where=Place(path),
                how="Restore the file or build the pack again with: welcomemap data build.",
            )
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise PackError(
                "the file of layer {name} is a link that leaves the folder of the pack",
                name=name,
                where=Place(path),
                how="Put the file itself into the folder.",
            )
        return path

    def _find_resource(self, name: str) -> Resource:
        for resource in list_resources(self.manifest):
            if resource.name == name:
                return resource
        raise MissingLayerError(
            "the pack has no layer {name}",
            name=name,
            where=Place(self.folder / MANIFEST_NAME),
            how=HOW_TO_GET.get(name, ADD),
        )

    def read_bytes(self, name: str, *, is_verified: bool = True) -> bytes:
        """Return the content of a layer's file.

        Parameters
        ----------
        is_verified
            Only the content that the manifest records is taken; else any, to be judged.

        Raises
        ------
        MissingLayerError
            If the manifest does not name the layer, or its file is absent.
        HashMismatchError
            If the content is not the one that the manifest records.
        """
        path = self.layer_path(name)
        sha256 = self._find_resource(name).sha256 if is_verified else None
        try:
            return read_layer_bytes(path, sha256)
        except HashMismatchError:
            # While a list is replaced, the manifest speaks of it before or after its file does.
            if sha256 is None or not SHA256.fullmatch(sha256):
                raise
            kept = kept_path(path, self.folder, sha256)
            if not kept.is_file():
                raise
            return read_layer_bytes(kept, sha256)

    def verify(self) -> None:
        """Read every file once, and raise for the first that is not as the manifest records it.

        Raises
        ------
        MissingLayerError, HashMismatchError, TableError
            If a layer's file is absent, another or cannot be read.
        """
        for layer in list_resources(self.manifest):
            self.read_bytes(layer.name)

    def read_features(self, name: str, *, columns: Sequence[str] | None = None) -> gpd.GeoDataFrame:
        """Read a GeoJSON or GeoParquet layer into the metric CRS; of Parquet the ``columns`` only.

        Raises
        ------
        InputError
            If it is absent, another than the manifest records, or cannot be computed with.
        """
        path, content = self.layer_path(name), self.read_bytes(name)
        table = read_feature_layer(content, path, self.crs, columns=columns)
        return require_sound_features(name, table, path, columns=columns, groups=self.groups)

    def read_rows(self, name: str) -> pd.DataFrame:
        """Read a CSV layer; every cell is text, empty cells are empty texts."""
        path = self.layer_path(name)
        return require_sound_rows(name, read_row_layer(self.read_bytes(name), path), path)

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts, see :data:`welcomemap.region.schemas.DISTRICT_COLUMNS`, ordered by number."""
        return self.read_features("districts")

    @cached_property
    def quarters(self) -> gpd.GeoDataFrame:
        """Quarters, see :data:`welcomemap.region.schemas.QUARTER_COLUMNS`, ordered by number."""
        return self.read_features("quarters")

    @cached_property
    def demand_cells(self) -> gpd.GeoDataFrame:
        """Demand cells, see :data:`welcomemap.region.schemas.DEMAND_CELL_COLUMNS`."""
        return self.read_features("demand_cells")

    @cached_property
    def addresses(self) -> gpd.GeoDataFrame:
        """Addresses, see :data:`welcomemap.region.schemas.ADDRESS_COLUMNS`."""
        return self.read_features("addresses")

    @cached_property
    def service_points(self) -> pd.DataFrame:
        """Service points of all scenarios, with ``lat``, ``lon`` and ``scenario``."""
        return self.read_rows("service_points")

    @cached_property
    def site_history(self) -> pd.DataFrame:
        """Dated reports that confirm or dispute service points."""
        return self.read_rows("site_history")

    @cached_property
    def candidate_sites(self) -> pd.DataFrame:
        """Candidate sites, see :data:`welcomemap.region.schemas.CANDIDATE_SITE_COLUMNS`."""
        return self.read_rows("candidate_sites")

    @cached_property
    def facilities(self) -> pd.DataFrame:
        """Houses that might take a site in, such as schools, with the columns of candidates."""
        return self.read_rows("facilities")

    @cached_property
    def advice_offices(self) -> pd.DataFrame:
        """Advice offices of any kind, see :data:`ADVICE_OFFICE_COLUMNS`."""
        return self.read_rows("advice_offices")

    @cached_property
    def stops(self) -> gpd.GeoDataFrame:
        """Stops, see :data:`welcomemap.region.schemas.STOP_COLUMNS`."""
        return self.read_features("stops")

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Lines, see :data:`welcomemap.region.schemas.LINE_COLUMNS`."""
        return self.read_rows("lines")

    @cached_property
    def line_stops(self) -> pd.DataFrame:
        """Stops of each line in order, see :data:`welcomemap.region.schemas.LINE_STOP_COLUMNS`."""
        return self.read_rows("line_stops")

    @cached_property
    def timetable(self) -> pd.DataFrame:
        """Calls of all trips, see :data:`welcomemap.region.schemas.TIMETABLE_COLUMNS`."""
        path = self.layer_path("timetable")
        table = read_parquet_rows(self.read_bytes("timetable"), path)
        _require_columns("timetable", TIMETABLE_COLUMNS, table, path)
        return table

    @cached_property
    def service_days(self) -> pd.DataFrame:
        """Days of service, see :data:`welcomemap.region.schemas.SERVICE_DAY_COLUMNS`."""
        return self.read_rows("service_days")

    @cached_property
    def river(self) -> gpd.GeoDataFrame:
        """Barriers nobody crosses except at a crossing: LineStrings (schematic mid-river)."""
        return self.read_features("river")

    @cached_property
    def river_crossings(self) -> gpd.GeoDataFrame:
        """Crossings, see :data:`welcomemap.region.schemas.RIVER_CROSSING_COLUMNS`."""
        return self.read_features("river_crossings")

    @cached_property
    def street_edges(self) -> gpd.GeoDataFrame:
        """Street pieces, see :data:`welcomemap.region.schemas.STREET_EDGE_COLUMNS`."""
        return self.read_features("street_edges")

    @cached_property
    def street_extent(self) -> gpd.GeoDataFrame:
        """Polygon inside which the street network is complete."""
        return self.read_features("street_extent")


def load_pack(folder: str | Path | None = None, *, is_verified: bool = True) -> RegionPack:
    """Open the region pack in a folder (default: ``WELCOMEMAP_PACK``, then the embedded one).

    Parameters
    ----------
    is_verified
        The manifest is taken only if it is what it records of itself.

    Raises
    ------
    PackError
        If there is no pack, or its manifest is damaged, see
        :func:`welcomemap.region.pack.read_manifest`.
    """
    path = find_pack(folder)
    return RegionPack(path, read_manifest(path, is_verified=is_verified))

"""What a pack's manifest promises: the region's settings and, for each layer, its file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from welcomemap.errors import HashMismatchError, JsonError, PackError, Place, quote
from welcomemap.files import plain_opener, write_bytes
from welcomemap.strict_json import parse_json

MANIFEST_NAME = "datapackage.json"
SEAL = "sha256"
"""Under this key a manifest records the sha256 of all else that it says."""
MEND = "Restore datapackage.json or build the pack again with: welcomemap data build."
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
        inside the folder, a name occurs twice, or the region lacks a name, a metric CRS or its
        scenarios, or has a figure that is none.
    """
    path = folder / MANIFEST_NAME
    try:
        with open(path, "rb", opener=plain_opener) as handle:
            content = handle.read(MAX_MANIFEST_BYTES + 1)
        if len(content) > MAX_MANIFEST_BYTES:
            raise _fault(f"the manifest has more than {MAX_MANIFEST_BYTES / 1e6:g} MB", path)
        manifest = parse_json(content)
    except OSError as error:
        raise _fault(f"the manifest cannot be read: {error.strerror}", path) from error
    except JsonError as error:
        raise _fault(f"the manifest cannot be read: {error.what}", path) from error
    if not isinstance(manifest, dict) or not {"region", "resources"} <= manifest.keys():
        raise _fault("the manifest lacks region or resources", path)
    _require_resources(manifest["resources"], path)
    _require_region(manifest["region"], path)
    if is_verified and manifest.get(SEAL, seal_of(manifest)) != seal_of(manifest):
        raise HashMismatchError(
            "the manifest is not the one that was recorded (its own sha256 differs)",
            where=Place(path),
            how="Restore the file; if the change is meant, record it with: welcomemap data seal.",
        )
    return manifest


def seal_of(manifest: Mapping[str, Any]) -> str:
    """Return the sha256 of what a manifest says beside its seal, however it is laid out."""
    said = {key: value for key, value in manifest.items() if key != SEAL}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``datapackage.json`` with its seal, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    sealed = {**manifest, SEAL: seal_of(manifest)}
    text = json.dumps(sealed, ensure_ascii=False, indent=1)
    write_bytes(folder / MANIFEST_NAME, f"{text}\n".encode())


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
            raise _fault(f"layer {number} lacks a name or a path", path)
        pure = PurePosixPath(file)
        if pure.is_absolute() or ".." in pure.parts or "\\" in file or ":" in file:
            raise _fault(f"the path of layer {quote(name)} leaves the folder of the pack", path)
        if (
            pure.suffix not in LAYER_SUFFIXES
            or "\0" in file
            or max(len(file), len(name)) > MAX_NAME
        ):
            raise _fault(
                f"{quote(file)} is no file of a layer; a layer ends with "
                f"{', '.join(LAYER_SUFFIXES)}", path,
            )  # fmt: skip
        names.append(name)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _fault(f"layer {quote(twice[0])} is named twice", path)


def _require_region(region: Any, path: Path) -> None:
    if not isinstance(region, dict):
        raise _fault("region is not an object", path)
    for key in REGION_TEXTS:
        if not isinstance(region.get(key), str) or not region[key]:
            raise _fault(f"region lacks the text {key}", path)
    for key in REGION_WORDS:
        words = region.get(key)
        if not isinstance(words, dict) or not {"de", "en"} <= words.keys():
            raise _fault(f"region lacks {key} in de and en", path)
    scenarios = region.get("scenarios")
    if not isinstance(scenarios, list) or not scenarios:
        raise _fault("region lacks the list scenarios", path)
    if region["default_scenario"] not in scenarios:
        raise _fault("default_scenario is not one of the scenarios", path)
    _require_numbers(region, path)
    if not CRS_CODE.fullmatch(region["crs"]):
        raise _fault(
            f"the crs {quote(region['crs'])} of the region is no code like EPSG:25832", path
        )
    try:
        crs = CRS.from_user_input(region["crs"])
    except CRSError as error:
        raise _fault(f"region has an unknown crs {quote(region['crs'])}", path) from error
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise _fault(f"the crs {quote(region['crs'])} of the region is not in metres", path)


def _require_numbers(region: Mapping[str, Any], path: Path) -> None:
    """Require that the region's optional figures, where given, are figures."""
    uncertainty = region.get("border_uncertainty_m", 0)
    if not _are_numbers([uncertainty], 1) or uncertainty < 0:
        raise _fault("border_uncertainty_m is not a number of metres", path)
    factor = region.get("detour_factor", [1, 1, 1])
    if not _are_numbers(factor, 3) or not 1 <= factor[1] <= factor[0] <= factor[2]:
        raise _fault("detour_factor is not [estimate, low, high], each 1 or more", path)
    bbox = region.get("bbox", [0, 0, 1, 1])
    if not _are_numbers(bbox, 4) or bbox[0] >= bbox[2] or bbox[1] >= bbox[3]:
        raise _fault("bbox is not [west, south, east, north] in degrees", path)


def _are_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    )


def _fault(what: str, path: Path) -> PackError:
    return PackError(what, where=Place(path), how=MEND)

"""Is a region pack whole and right? Every layer is read, counted, hashed and compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from welcomemap.errors import Place, WelcomemapError, quote
from welcomemap.pack.agreement import DEFAULT_BORDER_UNCERTAINTY_M, Layers, find_disagreements
from welcomemap.pack.layer_files import (
    find_feature_faults,
    read_feature_layer,
    read_row_layer,
)
from welcomemap.pack.load import RegionPack, load_pack
from welcomemap.pack.manifest import MANIFEST_NAME, Resource, list_resources
from welcomemap.pack.unpack import unpack_pack
from welcomemap.tables.contracts import find_other_places, find_table_problems
from welcomemap.tables.layers import CONTRACTS

REQUIRED_LAYERS = ("districts", "quarters", "demand_cells", "service_points")
MAX_PROBLEMS = 20
"""Problems shown per layer; the rest is counted."""


@dataclass(frozen=True)
class CheckedLayer:
    """What was found out about one layer; ``problems`` are whole sentences."""

    name: str
    path: str
    rows: int
    sha256: str
    licence: str
    source: str
    date: str
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether the layer has no problem."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Return the keys of the command-line contract."""
        return {
            "name": self.name, "path": self.path, "rows": self.rows, "sha256": self.sha256,
            "licence": self.licence, "source": self.source, "date": self.date, "ok": self.ok,
            "problems": list(self.problems),
        }  # fmt: skip


@dataclass(frozen=True)
class CheckResult:
    """The layers of a pack, in the order of the manifest."""

    layers: tuple[CheckedLayer, ...]

    @property
    def ok(self) -> bool:
        """Tell whether no layer has a problem."""
        return all(layer.ok for layer in self.layers)

    def to_json(self) -> dict[str, Any]:
        """Return the keys of the command-line contract."""
        return {"ok": self.ok, "layers": [layer.to_json() for layer in self.layers]}


@dataclass
class _Finding:
    """A layer while it is being checked."""

    resource: Resource
    path: Path
    rows: int = 0
    sha256: str = ""
    problems: list[str] = field(default_factory=list)
    table: pd.DataFrame | None = None

    def add(self, what: str, *, row: int | None = None, column: str | None = None) -> None:
        self.problems.append(f"{Place(self.path, row, column)}: {what}.")

    def close(self) -> CheckedLayer:
        shown = self.problems[:MAX_PROBLEMS]
        if len(self.problems) > MAX_PROBLEMS:
            shown.append(f"{len(self.problems) - MAX_PROBLEMS} more problems are not shown.")
        return CheckedLayer(
            self.resource.name, self.resource.path, self.rows, self.sha256, self.resource.licence,
            self.resource.source, self.resource.date, tuple(shown),
        )  # fmt: skip


def check_zipped_pack(content: bytes, folder: Path, *, name: str) -> tuple[Path, CheckResult]:
    """Unpack a zipped pack into an empty folder; returns the folder of its manifest and the check.

    Raises
    ------
    PackError, TooLargeError
        As :func:`welcomemap.pack.unpack.unpack_pack` and :func:`welcomemap.pack.load.load_pack` do.
    """
    root = unpack_pack(content, folder, name=name)
    return root, check_pack(load_pack(root))


def check_pack(pack: RegionPack) -> CheckResult:
    """Check every layer of a pack, and the layers against each other.

    Checked are: file there, bytes as recorded, rows as recorded, columns and cells (see
    :mod:`welcomemap.tables.contracts`), geometries valid and closed, districts and quarters tiling
    the region (overlaps and gaps of at most 10 m²), every located site in its district, cells
    summing to quarters and quarters to districts, references between layers. Nothing is raised for
    a damaged layer: each fault is a sentence in its layer's ``problems``.

    Parameters
    ----------
    pack
        As opened by :func:`welcomemap.pack.load.load_pack`, which raises for a damaged manifest.
    """
    findings = {
        resource.name: _check_layer(pack, resource) for resource in list_resources(pack.manifest)
    }
    sound = {
        name: found.table for name, found in findings.items()
        if found.table is not None and not found.problems
    }  # fmt: skip
    uncertainty = pack.region.get("border_uncertainty_m", DEFAULT_BORDER_UNCERTAINTY_M)
    layers = Layers(
        features={n: t for n, t in sound.items() if isinstance(t, gpd.GeoDataFrame)},
        rows={n: t for n, t in sound.items() if not isinstance(t, gpd.GeoDataFrame)},
        crs=pack.crs, scenarios=pack.scenarios, border_uncertainty_m=float(uncertainty),
    )  # fmt: skip
    for found in find_disagreements(layers):
        findings[found.layer].add(found.what, row=found.row, column=found.column)
    checked = [finding.close() for finding in findings.values()]
    return CheckResult((*checked, *_report_missing(pack)))


def _check_layer(pack: RegionPack, resource: Resource) -> _Finding:
    finding = _Finding(resource, pack.folder / resource.path)
    try:
        content = pack.read_bytes(resource.name, is_verified=False)
        finding.sha256 = hashlib.sha256(content).hexdigest()
    except WelcomemapError as error:
        finding.problems.append(str(error))
        return finding
    if resource.sha256 is None:
        finding.add("the manifest records no sha256; record it with: welcomemap data seal")
    elif resource.sha256 != finding.sha256:
        finding.add(
            "the file is not the one the manifest records (sha256 differs); restore it, or "
            "record it with welcomemap data seal if the change is meant"
        )
    faults = list(find_feature_faults(content, finding.path))
    finding.problems += [str(fault) for fault in faults]
    if not faults:
        _check_table(pack, finding, content)
    return finding


def _check_table(pack: RegionPack, finding: _Finding, content: bytes) -> None:
    resource = finding.resource
    try:
        table = (
            read_row_layer(content, finding.path)
            if finding.path.suffix == ".csv"
            else read_feature_layer(content, finding.path, pack.crs)
        )
    except WelcomemapError as error:
        finding.problems.append(str(error))
        return
    finding.rows, finding.table = len(table), table
    if resource.rows is not None and resource.rows != len(table):
        finding.add(
            f"{len(table)} rows stand where the manifest records {resource.rows}; restore the "
            "file, or record it with welcomemap data seal if the change is meant"
        )
    columns = tuple(str(name) for name in table.columns)
    if resource.columns is not None and set(resource.columns) != set(columns):
        different = sorted(set(resource.columns) ^ set(columns))[0]
        finding.add(
            f"the column {quote(different)} is not in both the file and the manifest; restore "
            "the file, or build the pack again",
            column=different,
        )
    problems = find_table_problems(resource.name, table)
    if isinstance(table, gpd.GeoDataFrame):
        problems += find_other_places(table)
    for problem in problems:
        finding.add(problem.what, row=problem.row, column=problem.column)


def _report_missing(pack: RegionPack) -> list[CheckedLayer]:
    """Report needed layers the manifest does not name."""
    return [
        CheckedLayer(
            name, "", 0, "", "", "", "",
            (f"{MANIFEST_NAME}: the pack has no layer {name} with the columns "
             f"{', '.join(CONTRACTS[name].columns)}; add it.",),
        )
        for name in REQUIRED_LAYERS if not pack.has_layer(name)
    ]  # fmt: skip

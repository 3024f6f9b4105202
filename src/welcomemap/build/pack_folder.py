"""Write a region pack as a whole folder, or leave what was there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from welcomemap.build.describe import describe_pack
from welcomemap.build.publish import publish_pack
from welcomemap.build.writing import write_layer
from welcomemap.files import write_bytes
from welcomemap.pack.manifest import recorded_rows, write_manifest

LICENCE_NAME = "LICENSE.md"
LARGE = frozenset({"demand_cells", "addresses", "street_edges"})


@dataclass(frozen=True)
class BuiltLayer:
    """A layer that was written: rows, sha256 of its file, where its facts come from."""

    name: str
    rows: int
    sha256: str
    source: str


@dataclass(frozen=True)
class BuildResult:
    """A region pack that was written."""

    folder: Path
    layers: tuple[BuiltLayer, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, list[Any]]:
        """Return the keys of the command-line contract."""
        return {
            "layers": [
                {"name": x.name, "rows": x.rows, "sha256": x.sha256, "source": x.source}
                for x in self.layers
            ],
            "warnings": list(self.warnings),
        }


def write_pack(
    out: Path,
    layers: Mapping[str, pd.DataFrame],
    recipe: Mapping[str, Any],
    *,
    measured: Mapping[str, str],
    warnings: list[str],
) -> BuildResult:
    """Write all layers, the manifest and the licence file beside ``out``, then rename.

    The folder is to be claimed before, see :func:`welcomemap.build.publish.claim_target`.

    Raises
    ------
    OutputError
        If it cannot be written; what was there stays.
    """
    with publish_pack(out) as folder:
        manifest = _write_files(folder, layers, recipe, measured)
    built = tuple(
        BuiltLayer(str(r["name"]), recorded_rows(r) or 0, str(r["sha256"]), str(r["source"]))
        for r in manifest["resources"]
    )
    return BuildResult(out, built, tuple(warnings))


def _write_files(
    folder: Path,
    layers: Mapping[str, pd.DataFrame],
    recipe: Mapping[str, Any],
    measured: Mapping[str, str],
) -> dict[str, Any]:
    paths = {name: folder / f"{name}{_suffix(name, table)}" for name, table in layers.items()}
    for name, table in layers.items():
        write_layer(paths[name], table)
    manifest = describe_pack(layers, paths, recipe["region"], measured)
    write_manifest(folder, manifest)
    licence = resources.files("welcomemap.build").joinpath("layer_licences.md").read_bytes()
    write_bytes(folder / LICENCE_NAME, licence)
    return manifest


def _suffix(name: str, table: pd.DataFrame) -> str:
    if name in LARGE:
        return ".parquet"
    return ".geojson" if "geometry" in table.columns else ".csv"

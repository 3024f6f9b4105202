"""Write a region pack as a whole folder, or leave what was there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from welcomemap.build.describe import describe_pack
from welcomemap.build.writing import write_layer
from welcomemap.errors import OutputError, Place
from welcomemap.files import write_bytes
from welcomemap.pack.load import MANIFEST_NAME

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

    Raises
    ------
    OutputError
        If ``out`` holds something that is not a pack, or cannot be written.
    """
    _require_replaceable(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise _output_error(out, error) from error
    try:
        manifest = _write_files(beside, layers, recipe, measured)
        beside.chmod(0o755)
        _replace_folder(beside, out)
    except OSError as error:
        raise _output_error(out, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    built = tuple(
        BuiltLayer(str(r["name"]), int(r["rows"]), str(r["sha256"]), str(r["source"]))
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
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    write_bytes(folder / MANIFEST_NAME, text.encode("utf-8"))
    licence = resources.files("welcomemap.build").joinpath("layer_licences.md").read_bytes()
    write_bytes(folder / LICENCE_NAME, licence)
    return manifest


def _suffix(name: str, table: pd.DataFrame) -> str:
    if name in LARGE:
        return ".parquet"
    return ".geojson" if "geometry" in table.columns else ".csv"


def _require_replaceable(out: Path) -> None:
    is_free = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    if not is_free and not (out / MANIFEST_NAME).is_file():
        raise OutputError(
            "the folder is not empty and holds no region pack", where=Place(out),
            how="Choose a new or empty folder, or an older pack to replace; nothing was changed.",
        )  # fmt: skip


def _replace_folder(new: Path, out: Path) -> None:
    """Rename ``new`` to ``out``; an older pack is moved aside first and comes back on failure."""
    if not out.exists():
        new.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    try:
        out.rename(old / "pack")
        try:
            new.rename(out)
        except OSError:
            (old / "pack").rename(out)
            raise
    finally:
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)


def _output_error(out: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write the pack: {error.strerror or error}", where=Place(out),
        how="Choose a folder that is writable and has space; nothing was changed.",
    )  # fmt: skip

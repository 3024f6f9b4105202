"""Open a region pack and read its layers, each when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from welcomemap.errors import MissingLayerError, PackError, Place, quote
from welcomemap.pack.layer_files import read_feature_layer, read_layer_bytes, read_row_layer
from welcomemap.pack.manifest import MANIFEST_NAME, Resource, list_resources, read_manifest
from welcomemap.pack.sound import require_sound_features, require_sound_rows

__all__ = ["MANIFEST_NAME", "PACK_VARIABLE", "RegionPack", "find_pack", "load_pack"]

PACK_VARIABLE = "WELCOMEMAP_PACK"


def find_pack(folder: str | Path | None = None) -> Path:
    """Return the folder of the region pack: as given, from ``WELCOMEMAP_PACK``, or embedded.

    Raises
    ------
    PackError
        If the folder holds no ``datapackage.json``.
    """
    chosen = folder or os.environ.get(PACK_VARIABLE) or _embedded_pack()
    path = Path(chosen)
    if not path.exists() and replaced_folder(path).is_dir():
        path = replaced_folder(path)
    if not (path / MANIFEST_NAME).is_file():
        raise PackError(
            f"no region pack in folder {quote(path.name)}",
            where=Place(path / MANIFEST_NAME),
            how="Give a folder that holds datapackage.json with --pack or WELCOMEMAP_PACK.",
        )
    return path


def replaced_folder(pack: Path) -> Path:
    """Return where a pack waits for the moment in which a fresh one takes its place."""
    return pack.parent / f".{pack.name}.replaced"


def _embedded_pack() -> Path:
    installed = Path(__file__).parents[1] / "_embedded" / "geodata"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "geodata"


@dataclass(frozen=True)
class RegionPack:
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
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios the pack publishes, oldest first."""
        return tuple(str(name) for name in self.region["scenarios"])

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
                f"layer {name} has no file",
                where=Place(path),
                how="Restore the file or build the pack again with: welcomemap data build.",
            )
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise PackError(
                f"the file of layer {name} is a link that leaves the folder of the pack",
                where=Place(path), how="Put the file itself into the folder.",
            )  # fmt: skip
        return path

    def _find_resource(self, name: str) -> Resource:
        for resource in list_resources(self.manifest):
            if resource.name == name:
                return resource
        raise MissingLayerError(
            f"the pack has no layer {name}",
            where=Place(self.folder / MANIFEST_NAME),
            how="Add the layer to the pack.",
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
        sha256 = self._find_resource(name).sha256 if is_verified else None
        return read_layer_bytes(self.layer_path(name), sha256)

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
        return require_sound_features(name, table, path, columns=columns)

    def read_rows(self, name: str) -> pd.DataFrame:
        """Read a CSV layer; every cell is text, empty cells are empty texts."""
        path = self.layer_path(name)
        return require_sound_rows(name, read_row_layer(self.read_bytes(name), path), path)

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts, see :data:`welcomemap.tables.DISTRICT_COLUMNS`, ordered by number."""
        return self.read_features("districts")

    @cached_property
    def quarters(self) -> gpd.GeoDataFrame:
        """Quarters, see :data:`welcomemap.tables.QUARTER_COLUMNS`, ordered by number."""
        return self.read_features("quarters")

    @cached_property
    def demand_cells(self) -> gpd.GeoDataFrame:
        """Demand cells, see :data:`welcomemap.tables.DEMAND_CELL_COLUMNS`."""
        return self.read_features("demand_cells")

    @cached_property
    def addresses(self) -> gpd.GeoDataFrame:
        """Addresses, see :data:`welcomemap.tables.ADDRESS_COLUMNS`."""
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
        """Candidate sites, see :data:`welcomemap.tables.CANDIDATE_SITE_COLUMNS`."""
        return self.read_rows("candidate_sites")

    @cached_property
    def advice_offices(self) -> pd.DataFrame:
        """Advice offices of any kind, see :data:`welcomemap.tables.ADVICE_OFFICE_COLUMNS`."""
        return self.read_rows("advice_offices")

    @cached_property
    def stops(self) -> gpd.GeoDataFrame:
        """Stops, see :data:`welcomemap.tables.STOP_COLUMNS`."""
        return self.read_features("stops")

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Lines, see :data:`welcomemap.tables.LINE_COLUMNS`."""
        return self.read_rows("lines")

    @cached_property
    def line_stops(self) -> pd.DataFrame:
        """Stops of each line in order, see :data:`welcomemap.tables.LINE_STOP_COLUMNS`."""
        return self.read_rows("line_stops")

    @cached_property
    def river(self) -> gpd.GeoDataFrame:
        """Barriers nobody crosses except at a crossing: LineStrings (schematic mid-river)."""
        return self.read_features("river")

    @cached_property
    def river_crossings(self) -> gpd.GeoDataFrame:
        """Crossings, see :data:`welcomemap.tables.RIVER_CROSSING_COLUMNS`."""
        return self.read_features("river_crossings")

    @cached_property
    def street_edges(self) -> gpd.GeoDataFrame:
        """Street pieces, see :data:`welcomemap.tables.STREET_EDGE_COLUMNS`."""
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
        :func:`welcomemap.pack.manifest.read_manifest`.
    """
    path = find_pack(folder)
    return RegionPack(path, read_manifest(path, is_verified=is_verified))

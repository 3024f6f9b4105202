"""Time reading, checking and joining the embedded pack.

Run ``python -m benchmarks.bench_pack``. Targets: all layers load in at most 1 s.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from benchmarks.measure import measure, show

from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.verify import check_pack


def load_all() -> int:
    """Open the pack afresh and read every layer."""
    pack = load_pack()
    return sum(len(read(pack, resource)) for resource in pack.manifest["resources"])


def read(pack: RegionPack, resource: dict[str, str]) -> object:
    is_rows = resource["format"] == "csv"
    return pack.read_rows(resource["name"]) if is_rows else pack.read_features(resource["name"])


def write_as_geojson(pack: RegionPack, folder: Path) -> list[Path]:
    """Write the three large layers as GeoJSON, the format a naive pack would use."""
    paths = []
    for name in ("addresses", "demand_cells", "street_edges"):
        path = folder / f"{name}.geojson"
        pack.read_features(name).to_crs("EPSG:4326").to_file(path, driver="GeoJSON")
        paths.append(path)
    return paths


def join_addresses(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> int:
    joined = points.sjoin(districts[["district", "geometry"]], predicate="intersects")
    return int(joined["district"].notna().sum())


def join_naively(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> int:
    """Ask every district about every address, without an index."""
    shapes = districts.geometry.to_numpy()
    found = [shapely.intersects(shape, points.geometry.to_numpy()) for shape in shapes]
    return int(np.any(found, axis=0).sum())


def main() -> None:
    pack = load_pack()
    addresses = pack.addresses[["geometry"]].dropna()
    districts = pack.districts
    print(f"\nAll {len(pack.manifest['resources'])} layers of {pack.name}\n")
    show([measure("load all layers", load_all)])
    with tempfile.TemporaryDirectory() as folder:
        paths = write_as_geojson(pack, Path(folder))
        peer = measure(
            "large layers from GeoJSON", lambda: [gpd.read_file(p) for p in paths], runs=3
        )
    names = ("addresses", "demand_cells", "street_edges")
    ours = measure(
        "large layers from GeoParquet", lambda: [load_pack().read_features(n) for n in names]
    )
    print("\nThe three large layers: what GeoParquet gains over GeoJSON\n")
    show([ours, peer], peer=peer)
    naive = measure("every district asks every address", lambda: join_naively(addresses, districts))
    joined = measure("sjoin", lambda: join_addresses(addresses, districts))
    assert join_naively(addresses, districts) == join_addresses(addresses, districts)
    print(f"\n{len(addresses):,} addresses to {len(districts)} districts\n")
    show([joined, naive], peer=naive)
    print("\nCheck of the whole pack\n")
    show([measure("check_pack", lambda: check_pack(load_pack()), runs=3)])


if __name__ == "__main__":
    main()

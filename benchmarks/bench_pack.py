"""Time reading, checking and joining the embedded pack.

Run ``python -m benchmarks.bench_pack``. Targets: all layers load in at most 1 s; a network of
300,000 edges is ready for routes 0.5 s after its pack is opened.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from benchmarks.measure import measure, show

from welcomemap.ingest.pack_folder import write_layer
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.verify import check_pack
from welcomemap.travel.factory import read_network


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


GRID_SIDE, BLOCK_M, BENDS = 388, 80.0, 2
"""Junctions on a side of the invented town: 300,312 pieces of street between them."""


def write_grid_pack(pack: RegionPack, folder: Path) -> Path:
    """Write the pack with a grid of streets in place of its own."""
    target = folder / "grid"
    shutil.copytree(pack.folder, target)
    at = np.arange(GRID_SIDE**2).reshape(GRID_SIDE, GRID_SIDE)
    nodes = np.stack(np.divmod(at.ravel(), GRID_SIDE), axis=1) * BLOCK_M + (340_000.0, 5_670_000.0)
    u = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()]).astype(np.int32)
    v = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()]).astype(np.int32)
    along = np.linspace(0, 1, BENDS + 2)[None, :, None]
    spots = nodes[u][:, None] * (1 - along) + nodes[v][:, None] * along
    bends = np.random.default_rng(0).normal(0, 2, (len(u), BENDS, 2))
    spots[:, 1:-1] += bends
    lines = shapely.linestrings(spots.round(2))
    edges = gpd.GeoDataFrame(
        {
            "edge_id": np.arange(len(u), dtype=np.int32),
            "u": u,
            "v": v,
            "length_m": shapely.length(lines).round(2),
            "name": [f"Straße {number // 10}" for number in range(len(u))],
            "way_id": np.arange(len(u)),
            "is_step_free": np.ones(len(u), dtype=bool),
        },
        geometry=lines,
        crs=pack.crs,
    )
    path = target / "street_edges.parquet"
    write_layer(path, edges)
    manifest = json.loads((target / "datapackage.json").read_text("utf-8"))
    (entry,) = (r for r in manifest["resources"] if r["name"] == "street_edges")
    entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.pop("sha256", None)  # as other programs write it: taken as it is
    (target / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    return target


def open_network(folder: Path) -> int:
    """Open a pack and make its streets ready for routes: graph, parts and search tree."""
    network = read_network(load_pack(folder))
    return network.graph.nnz + len(network.tree)


def time_processor(call: Callable[[], object], runs: int = 9) -> list[float]:
    """Return the processor's seconds of several runs, which other programs add nothing to."""
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return seconds


def bench_network(pack: RegionPack) -> None:
    with tempfile.TemporaryDirectory() as folder:
        grid = write_grid_pack(pack, Path(folder))
        path = grid / "street_edges.parquet"

        def read_by_peer() -> int:
            table = gpd.read_parquet(path)
            return nx.from_pandas_edgelist(table, "u", "v", "length_m").number_of_edges()

        print(f"\nA network of {len(load_pack(grid).street_edges):,} edges, ready for routes\n")
        open_network(grid)
        ours = measure("pack to graph and search tree", lambda: open_network(grid), runs=9)
        peer = measure("geopandas to a graph of networkx", read_by_peer, runs=3)
        show([ours, peer], peer=peer)
        used = time_processor(lambda: open_network(grid))
        print(
            f"of the processor: {statistics.median(used):.2f} s ({min(used):.2f}-{max(used):.2f})"
        )


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
    bench_network(pack)
    print("\nCheck of the whole pack\n")
    show([measure("check_pack", lambda: check_pack(load_pack()), runs=3)])


if __name__ == "__main__":
    main()

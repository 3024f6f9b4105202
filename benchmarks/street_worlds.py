"""Street networks to time travel cost on: the centre of the pack, Kaiserslautern, and tilings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from welcomemap.crs import project
from welcomemap.region.pack import RegionPack
from welcomemap.travel.factory import read_extent, read_network
from welcomemap.travel.network import StreetNetwork, make_network
from welcomemap.travel.osm import read_osm

RAW = Path(
    os.environ.get("WELCOMEMAP_RAW") or Path(__file__).parents[1].parent / "shared" / "geodata"
)
LINKS_PER_SIDE = 20


@dataclass(frozen=True)
class StreetWorld:
    name: str
    network: StreetNetwork
    places: NDArray[np.float64]
    sites: NDArray[np.float64]


def read_places(pack: RegionPack) -> NDArray[np.float64]:
    shapes = pack.addresses.geometry
    return shapely.get_coordinates(shapes[shapes.notna() & ~shapes.is_empty].to_numpy())


def read_sites(pack: RegionPack, scenario: str) -> NDArray[np.float64]:
    table = pack.service_points
    table = table[(table["scenario"] == scenario) & (table["lat"] != "")]
    return project(table["lon"].astype(float), table["lat"].astype(float), crs=pack.crs)


def open_centre(pack: RegionPack) -> StreetWorld:
    extent, places = read_extent(pack), read_places(pack)
    sites = read_sites(pack, "2026")
    return StreetWorld(
        "centre",
        read_network(pack),
        places[shapely.contains_xy(extent, places)],
        sites[shapely.contains_xy(extent, sites)],
    )


def open_kaiserslautern() -> StreetWorld | None:
    path = RAW / "testbeds" / "kaiserslautern.osm.gz"
    if not path.is_file():
        return None
    found = []
    numbered = osmium.filter.KeyFilter("addr:housenumber")
    for element in osmium.FileProcessor(path).with_locations().with_filter(numbered):
        if isinstance(element, osmium.osm.Node):
            found.append((element.location.lon, element.location.lat))
        elif isinstance(element, osmium.osm.Way):
            outline = [
                (n.location.lon, n.location.lat) for n in element.nodes if n.location.valid()
            ]
            found.append(tuple(np.mean(outline, axis=0)))
    network = read_osm(path, "walk")
    lon, lat = np.array(found).T
    places = project(lon, lat)
    sites = places[np.random.default_rng(0).integers(len(places), size=11)]
    return StreetWorld("Kaiserslautern", network, places, sites)


def tile(world: StreetWorld, n: int) -> StreetWorld:
    """n x n copies side by side, joined by links between facing sides."""
    nodes = world.network.nodes
    size = nodes.max(axis=0) - nodes.min(axis=0) + 50.0
    lines, u, v = [world.network.lines], [world.network.u], [world.network.v]
    shifts = np.array([(i, j) for i in range(n) for j in range(n)]) * size
    parts = []
    for k, shift in enumerate(shifts):
        moved = shapely.transform(lines[0], lambda xy, by=shift: xy + by)
        parts.append((u[0] + k * len(nodes), v[0] + k * len(nodes), moved))
    placed = np.concatenate([nodes + shift for shift in shifts])
    for axis in (0, 1):
        high = np.argsort(nodes[:, axis])[-200:][:: 200 // LINKS_PER_SIDE]
        low = np.argsort(nodes[:, axis])[:200]
        for k, shift in enumerate(shifts):
            other = np.flatnonzero(np.all(np.isclose(shifts, shift + size * np.eye(2)[axis]), 1))
            if not len(other):
                continue
            to = other[0] * len(nodes) + low
            start = k * len(nodes) + high
            end = to[KDTree(placed[to]).query(placed[start])[1]]
            links = shapely.linestrings(np.stack([placed[start], placed[end]], axis=1))
            parts.append((start, end, links))
    network = make_network(
        np.concatenate([p[0] for p in parts]),
        np.concatenate([p[1] for p in parts]),
        np.concatenate([p[2] for p in parts]),
    )
    places = np.concatenate([world.places + shift for shift in shifts])
    sites = np.concatenate([world.sites + shift for shift in shifts])
    return StreetWorld(f"{world.name} x {n * n}", network, places, sites)

"""Which streets does an OpenStreetMap extract hold? Read through pyosmium, with access tags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium

from welcomemap.crs import METRIC_CRS, project
from welcomemap.errors import InputError, Place, quote
from welcomemap.travel.access import is_node_blocked, read_directions
from welcomemap.travel.contract import Segments, contract
from welcomemap.travel.impedance import Mode
from welcomemap.travel.network import MIN_PART_M, StreetNetwork

DAMAGES = (RuntimeError, ValueError, OverflowError, OSError, osmium.InvalidLocationError)
"""What pyosmium raises on ids, places, tags and blocks that no extract has."""
SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")


def read_osm(
    path: Path, mode: Mode, *, crs: str = METRIC_CRS, min_part_m: float = MIN_PART_M
) -> StreetNetwork:
    """Read the streets open to a mode from ``.osm.pbf``, ``.osm`` or ``.osm.gz``.

    Parameters
    ----------
    path
        The extract. Ways whose nodes are not all in it are cut where they leave it.
    mode
        ``walk`` or ``cycle``; one-way rules and locked gates count for that mode.
    crs
        Metric CRS of the network.
    min_part_m
        See :class:`welcomemap.travel.network.StreetNetwork`.

    Raises
    ------
    InputError
        If the file is missing, of another kind or damaged.
    EmptyTableError
        If it holds no street open to the mode.
    """
    if not path.is_file() or not path.name.endswith(SUFFIXES):
        raise InputError(
            "this is no OpenStreetMap extract",
            where=Place(path),
            how=f"Give an existing file that ends with {', '.join(SUFFIXES)}.",
        )
    try:
        collected = _collect(path, mode)
    except DAMAGES as error:
        raise InputError(
            f"the extract cannot be read: {quote(error)}",
            where=Place(path),
            how="Download it again.",
        ) from error
    return contract(_make_segments(collected, crs), min_part_m=min_part_m)


class _Collected:
    """Vertices of the ways in order, and the flags of the segments between them."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.starts: list[int] = []
        self.directions: list[tuple[bool, bool]] = []
        self.blocked: set[int] = set()

    def add(self, nodes: osmium.osm.WayNodeList, directions: tuple[bool, bool]) -> None:
        """Add a way, in pieces where nodes have no location in the extract."""
        is_new = True
        for node in nodes:
            if not node.location.valid():
                is_new = True
                continue
            if is_new:
                self.starts.append(len(self.ids))
                self.directions.append(directions)
                is_new = False
            self.ids.append(node.ref)
            self.lon.append(node.location.lon)
            self.lat.append(node.location.lat)


def _collect(path: Path, mode: Mode) -> _Collected:
    collected = _Collected()
    keys = osmium.filter.KeyFilter("highway", "barrier")
    for element in osmium.FileProcessor(path).with_locations().with_filter(keys):
        tags = {tag.k: tag.v for tag in element.tags}
        if isinstance(element, osmium.osm.Node):
            if is_node_blocked(tags, mode):
                collected.blocked.add(element.id)
        elif isinstance(element, osmium.osm.Way):
            directions = read_directions(tags, mode)
            if any(directions):
                collected.add(element.nodes, directions)
    return collected


def _make_segments(collected: _Collected, crs: str) -> Segments:
    """Number the vertices; a blocked node becomes one of its own for each segment it ends."""
    lengths = np.diff([*collected.starts, len(collected.ids)])
    way = np.repeat(np.arange(len(lengths)), lengths)
    here = np.flatnonzero(way[1:] == way[:-1])
    ids = np.array(collected.ids, dtype=np.int64)
    ends = np.concatenate([here, here + 1])
    keys = ids[ends]
    is_blocked = np.isin(keys, np.array(sorted(collected.blocked), dtype=np.int64))
    keys[is_blocked] = -1 - np.arange(int(is_blocked.sum()))
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    lon, lat = np.array(collected.lon), np.array(collected.lat)
    vertices = project(lon[ends[first]], lat[ends[first]], crs=crs)
    flags = np.array(collected.directions, dtype=bool).reshape(-1, 2)[way[here]]
    a, b = number[: len(here)], number[len(here) :]
    return Segments(vertices, a, b, flags[:, 0], flags[:, 1])

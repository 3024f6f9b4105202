"""Which streets does an OpenStreetMap extract hold, and who may use them?

Who may walk or cycle, and in which direction, is read from tags. Rules follow the OpenStreetMap
wiki, pages Key:access, OSM tags for routing/Access restrictions (section Germany),
Key:oneway:bicycle and Key:conveying. Where tags are silent the answer is the cautious one: no
walking along trunk roads without a sidewalk, on cycleways or bridleways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from welcomemap.crs import METRIC_CRS, project
from welcomemap.errors import InputError, Place
from welcomemap.extras import require_extra
from welcomemap.travel.impedance import Mode
from welcomemap.travel.network import MIN_PART_M, Segments, StreetNetwork, simplify

require_extra("ingest", by=__name__)

import osmium  # noqa: E402 - what the extra brings

NEVER = frozenset(
    [
        "motorway",
        "motorway_link",
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "razed",
        "demolished",
        "raceway",
        "bus_guideway",
        "busway",
        "escape",
        "emergency_bay",
        "rest_area",
        "services",
        "no",
    ]
)
WALK_ON_REQUEST = frozenset({"trunk", "trunk_link", "cycleway", "bridleway", "elevator"})
CYCLE_ON_REQUEST = frozenset(
    [
        "trunk",
        "trunk_link",
        "footway",
        "pedestrian",
        "steps",
        "bridleway",
        "corridor",
        "platform",
        "elevator",
        "via_ferrata",
        "crossing",
    ]
)
ALLOWED = frozenset({"yes", "designated", "permissive", "official", "destination", "discouraged"})
FORBIDDEN = frozenset(
    [
        "no",
        "private",
        "customers",
        "delivery",
        "agricultural",
        "forestry",
        "military",
        "permit",
        "employees",
        "residents",
        "use_sidepath",
        "dismount",
    ]
)
SIDEWALKS = frozenset({"yes", "both", "left", "right"})
SIDEWALK_KEYS = ("sidewalk", "sidewalk:left", "sidewalk:right", "sidewalk:both")
AGAINST_TRAFFIC = frozenset(
    {"opposite", "opposite_lane", "opposite_track", "opposite_share_busway"}
)
CYCLEWAY_KEYS = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
FIT = frozenset({"yes", "designated", "separate"})
"""Values of ``wheelchair`` and ``ramp:wheelchair`` that let a wheelchair pass."""
YES, REVERSE = frozenset({"yes", "true", "1"}), frozenset({"-1", "reverse"})

Tags = Mapping[str, str]
BOTH_WAYS, NO_WAY = (True, True), (False, False)


def read_directions(tags: Tags, mode: Mode) -> tuple[bool, bool]:
    """Return whether a way may be used in the direction it is drawn, and against it.

    Parameters
    ----------
    tags
        Tags of an OpenStreetMap way. Ferries carry no ``highway`` and are never used.
    mode
        ``walk`` or ``cycle``.
    """
    if mode == "cycle":
        return _read_cycle_directions(tags) if may_cycle(tags) else NO_WAY
    return _read_walk_directions(tags) if may_walk(tags) else NO_WAY


def may_walk(tags: Tags) -> bool:
    """Tell whether a way is open to people on foot."""
    highway = tags.get("highway", "")
    if not highway or highway in NEVER:
        return False
    explicit = _read_permission(tags, ("foot", "access"))
    if explicit is not None and ("foot" in tags or not explicit):
        return explicit
    if tags.get("motorroad") == "yes":
        return False
    has_sidewalk = any(tags.get(key) in SIDEWALKS for key in SIDEWALK_KEYS)
    return highway not in WALK_ON_REQUEST or (highway.startswith("trunk") and has_sidewalk)


def may_cycle(tags: Tags) -> bool:
    """Tell whether a way is open to people who ride a bicycle."""
    highway = tags.get("highway", "")
    if not highway or highway in NEVER:
        return False
    explicit = _read_permission(tags, ("bicycle", "vehicle", "access"))
    if explicit is not None and ("bicycle" in tags or not explicit):
        return explicit
    return tags.get("motorroad") != "yes" and highway not in CYCLE_ON_REQUEST


def is_step_free(tags: Tags) -> bool:
    """Tell whether a way can be used with a wheelchair or a pram, as far as its tags say.

    Steps and escalators cannot, unless a ramp for wheelchairs lies beside them, nor can other ways
    with a count of steps, and those that somebody found unfit for wheelchairs.

    Examples
    --------
    >>> is_step_free({"highway": "steps"}), is_step_free({"highway": "footway"})
    (False, True)
    >>> is_step_free({"highway": "steps", "ramp:wheelchair": "yes"})
    True
    """
    if tags.get("wheelchair") in FIT or tags.get("ramp:wheelchair") in FIT:
        return True
    has_steps = tags.get("highway") == "steps" or tags.get("step_count", "0") != "0"
    return not has_steps and tags.get("wheelchair") != "no"


def is_node_blocked(tags: Tags, mode: Mode) -> bool:
    """Tell whether a point on a way, such as a locked gate, lets nobody through."""
    if "barrier" not in tags:
        return False
    keys = ("foot", "access") if mode == "walk" else ("bicycle", "vehicle", "access")
    explicit = _read_permission(tags, keys)
    if explicit is not None:
        return not explicit
    walls = {"wall", "fence", "hedge", "city_wall", "retaining_wall"}
    return tags["barrier"] in walls or (
        mode == "cycle" and tags["barrier"] in {"stile", "turnstile", "full-height_turnstile"}
    )


def _read_permission(tags: Tags, keys: tuple[str, ...]) -> bool | None:
    """Return what the most special of the keys states, ``None`` where none says anything."""
    for key in keys:
        value = tags.get(key, "")
        if value in ALLOWED:
            return True
        if value in FORBIDDEN:
            return False
    return None


def _read_walk_directions(tags: Tags) -> tuple[bool, bool]:
    conveying, oneway = tags.get("conveying", ""), tags.get("oneway:foot", "")
    if conveying == "forward" or oneway in YES:
        return True, False
    if conveying == "backward" or oneway in REVERSE:
        return False, True
    return BOTH_WAYS


def _read_cycle_directions(tags: Tags) -> tuple[bool, bool]:
    own, general = tags.get("oneway:bicycle", ""), tags.get("oneway", "")
    if own == "no" or any(tags.get(key) in AGAINST_TRAFFIC for key in CYCLEWAY_KEYS):
        return BOTH_WAYS
    if any(tags.get(f"{key}:oneway") == "no" for key in CYCLEWAY_KEYS[1:]):
        return BOTH_WAYS
    rule = own or general
    if rule in REVERSE:
        return False, True
    is_round = tags.get("junction") in {"roundabout", "circular"} and rule != "no"
    return (True, False) if rule in YES or is_round else BOTH_WAYS


DAMAGES = (RuntimeError, ValueError, OverflowError, OSError, osmium.InvalidLocationError)
"""What pyosmium raises on ids, places, tags and blocks that no extract has."""
SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")


@contextmanager
def reading_extract(path: Path) -> Iterator[None]:
    """Raise an :class:`InputError` if a file is no extract, or is damaged as what reads it says."""
    if not path.is_file() or not path.name.endswith(SUFFIXES):
        raise InputError(
            "this is no OpenStreetMap extract",
            suffixes=SUFFIXES,
            where=Place(path),
            how="Give an existing file that ends with {suffixes}.",
        )
    try:
        yield
    except DAMAGES as error:
        raise InputError(
            "the extract cannot be read: {error}",
            error=error,
            where=Place(path),
            how="Download it again.",
        ) from error


def read_elements(
    path: Path,
    prepare: Callable[[osmium.FileProcessor], osmium.FileProcessor],
    take: Callable[[Any], None],
) -> osmium.io.Header:
    """Give the elements of an extract one by one to ``take``, and return its header.

    Parameters
    ----------
    prepare
        Adds filters, places of nodes and areas to the reader.

    Raises
    ------
    InputError
        If the file is missing, of another kind or damaged.
    """
    with reading_extract(path):
        reader = prepare(osmium.FileProcessor(path))
        for element in reader:
            take(element)
        return reader.header


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
    collected = _Collected(mode)
    keys = osmium.filter.KeyFilter("highway", "barrier")
    read_elements(path, lambda reader: reader.with_locations().with_filter(keys), collected.take)
    return simplify(_make_segments(collected, crs), min_part_m=min_part_m)


class _Collected:
    """Vertices of the ways in order, and the flags of the segments between them."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.ids: list[int] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.starts: list[int] = []
        self.directions: list[tuple[bool, bool]] = []
        self.blocked: set[int] = set()

    def take(self, element: Any) -> None:
        """Take the gates and the ways open to the mode."""
        tags = {tag.k: tag.v for tag in element.tags}
        if isinstance(element, osmium.osm.Node):
            if is_node_blocked(tags, self.mode):
                self.blocked.add(element.id)
        elif isinstance(element, osmium.osm.Way):
            directions = read_directions(tags, self.mode)
            if any(directions):
                self.add(element.nodes, directions)

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

"""What lies under the data of a map: water, green, built-up land, railways, streets, place names.

Read from an OpenStreetMap extract by the tags of these pages of its wiki:

=========  ========================  =============================================================
kind       class                     tags
=========  ========================  =============================================================
water      water                     Tag:natural=water, Tag:landuse=reservoir and =basin, and the
                                     older waterway=riverbank and =dock
water      river, canal              Key:waterway, as lines; none in a tunnel
green      wood                      Tag:landuse=forest, Tag:natural=wood
green      open                      Key:landuse, Key:leisure, Key:natural: see :data:`AREAS`
built_up   residential, work         Tag:landuse=residential; =commercial, =industrial, =retail
built_up   blocks                    Key:building where none of these is drawn: closed to blocks
railway    rail, tram, subway        Key:railway without sidings and yards; none in a tunnel
street     motorway … tertiary       Key:highway without links; none in a tunnel
=========  ========================  =============================================================

Place names are Key:place. Coast (natural=coastline) is no area in OpenStreetMap and is not read: a
town by the sea shows none. Multipolygon relations count where the extract holds all of their rings.

Of areas that overlap the first in this table has the place, so that they tile; simplified together,
they go on sharing borders. A pack has at most :data:`MOST_BYTES` of it: where that does not do,
all is drawn coarser, step by step.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from welcomemap.crs import METRIC_CRS, Points, project, unproject
from welcomemap.errors import make_printable
from welcomemap.extras import require_extra
from welcomemap.ingest.extract import Bounds, touches_bounds
from welcomemap.ingest.pack_folder import encode_layer
from welcomemap.region.schemas import GROUND_CLASSES, GROUND_COLUMNS, PLACE_NAME_COLUMNS, PLACES
from welcomemap.travel.osm import Tags, read_elements

require_extra("ingest", by=__name__)

import osmium  # noqa: E402 - what the extra brings

Box = tuple[float, float, float, float]
"""West, south, east and north edge."""
MOST_BYTES = 3_000_000
"""Of both layers as they are stored."""
MARGIN_M = 1500.0
"""Drawn this far around the bounds of the town, so that the map does not end at its border."""
FINEST_M, STEP = 2.0, 1.5
"""First tolerance of simplifying, and the factor to the next. 2 m are 0.1 mm at 1 : 20,000."""
LEAST_AREA = 60.0
"""Areas and holes of fewer squares of the tolerance are left out: 240 m² at 2 m."""
LEAST_LENGTH = 15.0
"""Lines shorter than this many tolerances are left out: 30 m at 2 m."""
GRID_M = 1.0
"""Coordinates are whole metres."""
REACH_M, SHRINK_M = 25.0, 20.0
"""Buildings with less than 50 m between them are one block, which ends 5 m from their walls."""

LEAST_SHARES: Mapping[str, float] = {"green": 0.005, "built_up": 0.01}
"""Below this share of the town's box a kind is hardly mapped, and told as missing; built-up land is
then left out, too: a handful of buildings is no picture of a town."""

Tagged = tuple[str, str]
AREAS: Mapping[str, Mapping[str, Tagged]] = {
    "natural": {
        "water": ("water", "water"), "wood": ("green", "wood"),
        **dict.fromkeys(("grassland", "heath", "scrub"), ("green", "open")),
    },
    "waterway": dict.fromkeys(("dock", "riverbank"), ("water", "water")),
    "landuse": {
        **dict.fromkeys(("basin", "reservoir"), ("water", "water")), "forest": ("green", "wood"),
        **dict.fromkeys(
            ("allotments", "cemetery", "grass", "meadow", "orchard", "recreation_ground",
             "village_green"), ("green", "open"),
        ),
        "residential": ("built_up", "residential"),
        **dict.fromkeys(("commercial", "industrial", "retail"), ("built_up", "work")),
    },
    "leisure": dict.fromkeys(
        ("common", "garden", "golf_course", "park", "pitch", "recreation_ground"),
        ("green", "open"),
    ),
}  # fmt: skip
"""Key → value → kind and class of areas; the first key counts."""
LINES: Mapping[str, Mapping[str, Tagged]] = {
    "waterway": {name: ("water", name) for name in ("river", "canal")},
    "railway": {
        **dict.fromkeys(("rail", "light_rail", "narrow_gauge"), ("railway", "rail")),
        "tram": ("railway", "tram"), "subway": ("railway", "subway"),
    },
    "highway": {name: ("street", name) for name in GROUND_CLASSES["street"]},
}  # fmt: skip
BUILDING: Tagged = ("built_up", "blocks")
TILES: tuple[Tagged, ...] = (
    ("water", "water"), ("green", "wood"), ("green", "open"), ("built_up", "residential"),
    ("built_up", "work"), BUILDING,
)  # fmt: skip
"""Kinds and classes of areas; of two at one place the first counts."""
AREA_KEYS = ("natural", "waterway", "landuse", "leisure", "building", "place")


@dataclass(frozen=True)
class Ground:
    """The ground of the maps of a town.

    Attributes
    ----------
    shapes
        :data:`welcomemap.region.schemas.GROUND_COLUMNS`, in the metric CRS, whole metres.
    places
        :data:`welcomemap.region.schemas.PLACE_NAME_COLUMNS`, in the metric CRS.
    tolerance_m
        By which it was simplified.
    missing
        Kinds of which the extract holds nothing there, or hardly anything by
        :data:`LEAST_SHARES`; ``place_names`` is one.
    n_open
        Relations of areas of the ground whose rings the extract does not hold whole.
    """

    shapes: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    tolerance_m: float
    missing: tuple[str, ...]
    n_open: int


def read_ground(
    path: Path, box: Box, crs: str = METRIC_CRS, *, most_bytes: int = MOST_BYTES
) -> Ground:
    """Return the ground of the maps of a town.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``. The places of all its nodes are kept
        in memory (16 bytes each) while it is read, and what touches the box.
    box
        West, south, east, north in metres: those of the town; :data:`MARGIN_M` is added.
    crs
        Metric CRS of the town.
    most_bytes
        What both layers may take as they are stored.

    Raises
    ------
    InputError
        If the file is missing, of another kind or damaged.

    Examples
    --------
    >>> import tempfile
    >>> text = (
    ...     '<osm version="0.6"><node id="1" lon="7" lat="49"/><node id="2" lon="7.01" lat="49"/>'
    ...     '<node id="3" lon="7" lat="49"><tag k="place" v="town"/><tag k="name" v="Au"/></node>'
    ...     '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>'
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "town.osm")
    ...     _ = path.write_text(text)
    ...     ground = read_ground(path, (353_000, 5_429_000, 355_000, 5_430_000), "EPSG:25832")
    >>> ground.shapes["class"].tolist(), ground.places["name"].tolist(), ground.missing
    (['primary'], ['Au'], ('water', 'green', 'built_up', 'railway'))
    """
    west, south, east, north = box
    frame = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    reading = _Reading(_to_degrees(frame, crs))
    read_elements(path, _filter_elements, reading.add)
    pieces = {tagged: _place(found, frame, crs) for tagged, found in reading.found.items()}
    names = _Names(reading.names, pieces)
    tiles = _leave_out_specks(_tile(pieces), box)
    water = tiles.get(("water", "water"), shapely.Polygon())
    for tagged in set(pieces) & {("water", "river"), ("water", "canal")}:
        pieces[tagged] = shapely.difference(pieces[tagged], water)
    places = _tabulate_places(reading.places, frame, crs)
    tolerance_m = FINEST_M
    while True:
        rows = [*_draw_areas(tiles, names, tolerance_m), *_draw_lines(pieces, names, tolerance_m)]
        shapes = gpd.GeoDataFrame(rows, columns=list(GROUND_COLUMNS), geometry="geometry", crs=crs)
        size = len(encode_layer(".parquet", shapes)) + len(encode_layer(".geojson", places))
        if size <= most_bytes or shapes.empty:
            break
        tolerance_m *= STEP
    missing = [kind for kind in GROUND_CLASSES if _is_missing(kind, shapes, box)]
    missing += [] if len(places) else ["place_names"]
    return Ground(shapes, places, tolerance_m, tuple(missing), reading.n_open)


def _is_missing(kind: str, shapes: gpd.GeoDataFrame, box: Box) -> bool:
    parts = shapes.geometry[shapes["kind"] == kind]
    least = LEAST_SHARES.get(kind, 0.0) * shapely.box(*box).area
    return bool(parts.empty) or float(parts.area.sum()) < float(least)


def _leave_out_specks(
    tiles: Mapping[Tagged, shapely.Geometry], box: Box
) -> dict[Tagged, shapely.Geometry]:
    """Leave out built-up land where there is hardly any."""
    built_m2 = sum(shape.area for (kind, _), shape in tiles.items() if kind == "built_up")
    is_mapped = built_m2 >= LEAST_SHARES["built_up"] * shapely.box(*box).area
    return {tagged: t for tagged, t in tiles.items() if is_mapped or tagged[0] != "built_up"}


def _to_degrees(frame: Box, crs: str) -> Bounds:
    corners = shapely.get_coordinates(shapely.segmentize(shapely.box(*frame), 1000.0))
    lat, lon = unproject(corners, crs=crs)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _filter_elements(reader: osmium.FileProcessor) -> osmium.FileProcessor:
    nodes = osmium.filter.KeyFilter("place")
    nodes.enable_for(osmium.osm.NODE)
    ways = osmium.filter.KeyFilter(*LINES)
    ways.enable_for(osmium.osm.WAY)
    areas = osmium.filter.KeyFilter(*AREA_KEYS)
    areas.enable_for(osmium.osm.RELATION | osmium.osm.AREA)
    made = reader.with_locations().with_areas(osmium.filter.KeyFilter(*AREA_KEYS))
    return made.with_filter(nodes).with_filter(ways).with_filter(areas)


@dataclass(frozen=True)
class _PlaceName:
    osm_id: int
    name: str
    place: str
    population: str
    lon: float
    lat: float


@dataclass
class _Reading:
    """What has been read so far; shapes as WKB in degrees, by kind and class, with their names."""

    bounds: Bounds
    found: dict[Tagged, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    names: dict[Tagged, list[str]] = field(default_factory=lambda: defaultdict(list))
    places: list[_PlaceName] = field(default_factory=list)
    relations: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    wkb: Any = field(default_factory=osmium.geom.WKBFactory)

    @property
    def n_open(self) -> int:
        """How many relations of areas are not whole."""
        return len(self.relations - self.whole)

    def add(self, element: Any) -> None:
        """Take what an element has of use: lines are ways, all others nodes and areas."""
        tags = {tag.k: tag.v for tag in element.tags}
        if isinstance(element, osmium.osm.Node):
            self._add_place(element.id, tags, (element.location.lon, element.location.lat))
        elif isinstance(element, osmium.osm.Way):
            self._add_line(element, tags)
        elif isinstance(element, osmium.osm.Relation):
            if classify_area(tags) and tags.get("type") == "multipolygon":
                self.relations.add(element.id)
        elif element.num_rings()[0]:
            self._add_area(element, tags)

    def _add_line(self, way: osmium.osm.Way, tags: Tags) -> None:
        tagged = classify_line(tags)
        places = [(n.location.lon, n.location.lat) for n in way.nodes if n.location.valid()]
        if tagged is None or len(places) < 2:
            return
        points = np.array(places)
        if touches_bounds(points, self.bounds):
            self._keep(tagged, tags, shapely.to_wkb(shapely.linestrings(points)))

    def _add_area(self, area: osmium.osm.Area, tags: Tags) -> None:
        if not area.from_way():
            self.whole.add(area.orig_id())
        tagged = classify_area(tags)
        if tagged is None and tags.get("place") not in PLACES:
            return
        wkb = bytes.fromhex(self.wkb.create_multipolygon(area))
        shape = shapely.from_wkb(wkb)
        if not touches_bounds(np.reshape(shape.bounds, (2, 2)), self.bounds):
            return
        if tagged is not None:
            self._keep(tagged, tags, wkb)
        inside = shapely.point_on_surface(shape)
        self._add_place(area.id, tags, (inside.x, inside.y))

    def _keep(self, tagged: Tagged, tags: Tags, wkb: bytes) -> None:
        self.found[tagged].append(wkb)
        self.names[tagged].append(_tidy(tags.get("name", "")) if tagged[0] == "water" else "")

    def _add_place(self, osm_id: int, tags: Tags, at: tuple[float, float]) -> None:
        name, place = _tidy(tags.get("name", "")), tags.get("place", "")
        if name and place in PLACES and touches_bounds(np.array([at]), self.bounds):
            people = re.sub(r"[ .,']", "", tags.get("population", ""))
            people = people if re.fullmatch(r"[0-9]{1,9}", people) else ""
            self.places.append(_PlaceName(osm_id, name, place, people, *at))


def _tidy(text: str) -> str:
    return make_printable(" ".join(text.split()))[:80]


def classify_area(tags: Tags) -> Tagged | None:
    """Return kind and class of an area, ``None`` for one that is not drawn.

    Examples
    --------
    >>> classify_area({"landuse": "forest"}), classify_area({"building": "yes"})
    (('green', 'wood'), ('built_up', 'blocks'))
    """
    for key, known in AREAS.items():
        if tags.get(key) in known:
            return known[tags[key]]
    return BUILDING if tags.get("building", "no") != "no" else None


def classify_line(tags: Tags) -> Tagged | None:
    """Return kind and class of a line, ``None`` for one that is not drawn.

    Examples
    --------
    >>> classify_line({"railway": "light_rail"})
    ('railway', 'rail')
    >>> classify_line({"railway": "rail", "tunnel": "yes"})
    """
    is_hidden = tags.get("tunnel", "no") != "no" or tags.get("area") == "yes"
    if is_hidden or ("railway" in tags and "service" in tags):
        return None
    for key, known in LINES.items():
        if tags.get(key) in known:
            return known[tags[key]]
    return None


def _place(found: list[bytes], frame: Box, crs: str) -> NDArray[np.object_]:
    """Return shapes in metres, cut at the frame."""

    def to_metres(degrees: Points) -> Points:
        return project(degrees[:, 0], degrees[:, 1], crs=crs)

    placed = shapely.transform(shapely.from_wkb(np.array(found, dtype=object)), to_metres)
    cut: NDArray[np.object_] = shapely.clip_by_rect(placed, *frame)
    return cut


Pieces = Mapping[Tagged, NDArray[np.object_]]


def _tile(pieces: Pieces) -> dict[Tagged, shapely.Geometry]:
    """Return the area of each class, none over another: edges they share are the same in both."""
    areas: dict[Tagged, shapely.Geometry] = {}
    for tagged in TILES:
        if tagged == BUILDING:
            areas[tagged] = _join_buildings(pieces.get(tagged), areas)
        elif tagged in pieces:
            areas[tagged] = shapely.union_all(shapely.make_valid(pieces[tagged]), grid_size=GRID_M)
    areas = {tagged: shape for tagged, shape in areas.items() if not shape.is_empty}
    if not areas:
        return {}
    whole = np.array(list(areas.values()), dtype=object)
    edges = shapely.union_all(shapely.boundary(whole), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    # Of a face the first class that holds it counts; a face that none holds is a hole.
    face, owner = shapely.STRtree(whole).query(shapely.point_on_surface(faces), predicate="within")
    first = np.full(len(faces), len(whole))
    np.minimum.at(first, face, owner)
    return {
        tagged: shapely.coverage_union_all(faces[first == k])
        for k, tagged in enumerate(areas)
        if (first == k).any()
    }


def _join_buildings(
    buildings: NDArray[np.object_] | None, areas: Mapping[Tagged, shapely.Geometry]
) -> shapely.Geometry:
    """Return the blocks of buildings outside of the land that is drawn as built-up."""
    if buildings is None:
        return shapely.Polygon()
    drawn = shapely.union_all([area for (kind, _), area in areas.items() if kind == "built_up"])
    shapely.prepare(drawn)
    alone = buildings[~shapely.contains(drawn, shapely.centroid(buildings))]
    wide = shapely.union_all(shapely.buffer(alone, REACH_M, quad_segs=2, join_style="mitre"))
    return shapely.set_precision(shapely.buffer(wide, -SHRINK_M, join_style="mitre"), GRID_M)


class _Names:
    """Names of waters, and where they lie."""

    def __init__(self, names: Mapping[Tagged, list[str]], pieces: Pieces) -> None:
        named = [
            (shape, name)
            for tagged in pieces
            for shape, name in zip(pieces[tagged], names[tagged], strict=True)
            if name and not shape.is_empty
        ]
        self._names = [name for _, name in named]
        self._shapes = np.array([shape for shape, _ in named], dtype=object)
        self._tree = shapely.STRtree(self._shapes)

    def find(self, water: shapely.Geometry) -> str:
        """Return the name with the longest edge or line in a water; empty where none has one."""
        lengths: dict[str, float] = defaultdict(float)
        for k in sorted(self._tree.query(water, predicate="intersects").tolist()):
            inside = shapely.intersection(self._shapes[k], water)
            lengths[self._names[k]] += float(shapely.length(inside))
        return max(lengths, key=lambda name: (lengths[name], name), default="")


Row = tuple[str, str, str, shapely.Geometry]


def _draw_areas(
    tiles: Mapping[Tagged, shapely.Geometry], names: _Names, tolerance_m: float
) -> Iterator[Row]:
    """Simplify areas together, so that those that touch go on touching; leave out the smallest."""
    if not tiles:
        return
    least_m2 = LEAST_AREA * tolerance_m**2
    simple = shapely.coverage_simplify(np.array(list(tiles.values()), dtype=object), tolerance_m)
    for (kind, name), shape in zip(tiles, shapely.set_precision(simple, GRID_M), strict=True):
        parts = shapely.get_parts(shape)
        parts = parts[shapely.get_dimensions(parts) == 2]
        for part in map(shapely.normalize, parts[shapely.area(parts) >= least_m2]):
            rings = [r for r in part.interiors if shapely.Polygon(r).area >= least_m2]
            polygon = shapely.Polygon(part.exterior, rings)
            yield kind, name, names.find(polygon) if kind == "water" else "", polygon


def _draw_lines(pieces: Pieces, names: _Names, tolerance_m: float) -> Iterator[Row]:
    """Join lines that meet, simplify them and leave out the shortest."""
    for known in LINES.values():
        for kind, name in dict.fromkeys(known.values()):
            lines = shapely.get_parts(pieces.get((kind, name), np.array([], dtype=object)))
            if not len(lines):
                continue
            merged = shapely.line_merge(shapely.union_all(lines))
            simple = shapely.set_precision(shapely.simplify(merged, tolerance_m), GRID_M)
            parts = shapely.get_parts(simple)
            for line in parts[shapely.length(parts) >= LEAST_LENGTH * tolerance_m]:
                yield kind, name, names.find(line) if kind == "water" else "", line


def _tabulate_places(found: list[_PlaceName], frame: Box, crs: str) -> gpd.GeoDataFrame:
    """Return each named place once, nodes before areas, ranked by kind, people and name."""
    west, south, east, north = frame
    at = project([p.lon for p in found], [p.lat for p in found], crs=crs)
    rows = [
        (PLACES.index(p.place), -int(p.population or 0), p.name, p, point)
        for p, point in zip(found, at, strict=True)
        if west <= point[0] <= east and south <= point[1] <= north
    ]
    rows.sort(key=lambda row: (*row[:3], row[3].osm_id))
    once = {row[2]: row for row in reversed(rows)}
    rows = [row for row in rows if once[row[2]] is row]
    return gpd.GeoDataFrame(
        {
            "name": [row[2] for row in rows],
            "place": [row[3].place for row in rows],
            "rank": list(range(1, len(rows) + 1)),
            "population": [row[3].population for row in rows],
        },
        geometry=shapely.points(np.round([row[4] for row in rows]).reshape(-1, 2)), crs=crs,
    )[list(PLACE_NAME_COLUMNS)]  # fmt: skip

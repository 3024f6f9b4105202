"""What does an OpenStreetMap extract hold of a town: streets, addresses, homes, facilities?

One reading gives all of it; pyosmium reads the relations once before, to make areas of them. What
is kept in memory is what touches the bounds asked for, and the places of all nodes.

Where an extract has data is not where it says. One states no bounds, another half the globe, most
are cut along a polygon and keep ways whole that leave it, and some keep all ways of a relation. So
it is judged by its ways open on foot. A cell of 0.01° holds data if vertices of three of them lie
in it: a way that leaves the extract goes alone. Gaps of up to two cells and holes are filled, and
specks left out. Of the cells counts what lies inside the bounds stated. Where none are stated,
every way has a vertex inside of those the extract was cut by: they reach at least from the least
of the largest longitudes of all ways to the largest of the least ones, and so do latitudes. On an
extract of Porto Alegre that states none, this gives to 10 m the bounds of whole hundredths of a
degree by which it was cut. Stated bounds that reach far beyond the ways count as none.

A home is a place where people are taken to live. Which buildings and addresses are homes is read
from tags, after the OpenStreetMap wiki, pages Key:building and Key:addr:

=============================  ==================================================================
``building``                   is a home
=============================  ==================================================================
one of :data:`HOME_BUILDINGS`  always, with a shop in it, too
``yes``                        unless the whole of it has another use (``amenity``, ``leisure``,
                               ``tourism``, …): shops, offices, workshops, surgeries and inns take
                               a floor
anything else                  never
``no`` or none                 of an address: unless it has another use at all, such as a shop; if
                               it says nothing, as the building says that it stands in
=============================  ==================================================================

An outline below :data:`SMALLEST_HOME_M2` without an address is none either.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from welcomemap.crs import DEGREE_DECIMALS, METRIC_CRS, WGS84, Points, project, unproject
from welcomemap.errors import GeometryError, InputError, Place, fault
from welcomemap.extras import require_extra
from welcomemap.ingest.addresses import SAME_SITE_M, normalise_house_number, order_house_number
from welcomemap.ingest.networks import MARGIN_M, connect_ways, cross_squares
from welcomemap.region.schemas import ADDRESS_COLUMNS
from welcomemap.travel.osm import (
    Tags,
    is_node_blocked,
    is_step_free,
    read_directions,
    read_elements,
)

require_extra("ingest", by=__name__)

import osmium  # noqa: E402 - what the extra brings

Bounds = tuple[float, float, float, float]
"""West, south, east and north edge in degrees (EPSG:4326)."""

_MEND_BOUNDS = fault("Take an extract that covers the whole town, with all its ways.")
DECIMALS = 1
"""Places of addresses are kept to 0.1 m; the best of them are good to some metres."""
INSIDE_M = 1.0
"""An address that stands on the outline of a building is in it."""

HOME_BUILDINGS = frozenset(
    [
        "annexe", "apartments", "bungalow", "detached", "dormitory", "farm", "ger", "house",
        "houseboat", "residential", "semidetached_house", "static_caravan", "stilt_house",
        "terrace", "tree_house", "trullo",
    ]
)  # fmt: skip
"""Values of ``building`` for people to live in: section Accommodation of the wiki's page
Key:building without barracks, cabins and hotels."""
SMALLEST_HOME_M2 = 30.0
"""Of buildings without an address smaller ones are sheds and garages that nobody tagged as such: an
eighth of them in Kaiserslautern. There, 15 cells of 1 km of the census of 2011 hold 8.95 % of the
people elsewhere than homes with them, 8.83 % elsewhere than homes without, and no bound from 20 to
75 m² does better than 8.82 %: it matters little."""
USE_KEYS = (
    "amenity", "club", "craft", "emergency", "healthcare", "industrial", "leisure", "man_made",
    "military", "office", "power", "public_transport", "railway", "shop", "tourism",
)  # fmt: skip
"""Keys that say what else than a home something is."""
FLOOR_KEYS = frozenset({"club", "craft", "healthcare", "office", "shop"})
FLOOR_AMENITIES = frozenset(
    [
        "atm", "bank", "bar", "cafe", "childcare", "clinic", "dentist", "doctors",
        "driving_school", "fast_food", "ice_cream", "internet_cafe", "pharmacy", "post_office",
        "pub", "restaurant", "veterinary",
    ]
)  # fmt: skip
"""Uses that take a floor of a house in which people live above."""

ANY = "*"
FACILITY_TAGS: tuple[tuple[str, Tags], ...] = (
    ("family_centre", {"amenity": "community_centre", "community_centre": "family_centre"}),
    ("youth_centre", {"amenity": "community_centre", "community_centre": "youth_centre"}),
    ("parish_hall", {"amenity": "community_centre", "community_centre": "parish_hall"}),
    ("parish_hall", {"amenity": "community_centre", "religion": ANY}),
    ("community_centre", {"amenity": "community_centre"}),
    ("social_centre", {"amenity": "social_centre"}),
    ("advice", {"amenity": "social_facility", "social_facility": "outreach"}),
    ("social_facility", {"amenity": "social_facility"}),
    ("townhall", {"amenity": "townhall"}),
    ("library", {"amenity": "library"}),
    ("school", {"amenity": "school"}),
    ("kindergarten", {"amenity": "kindergarten"}),
    ("childcare", {"amenity": "childcare"}),
    ("place_of_worship", {"amenity": "place_of_worship"}),
    ("government", {"office": "government"}),
    ("employment_agency", {"office": "employment_agency"}),
    ("association", {"office": "association"}),
    ("ngo", {"office": "ngo"}),
)
"""Kind of a facility, and the tags that make one; the first that fits counts (OpenStreetMap wiki,
pages Key:amenity, Key:community_centre, Key:social_facility and Key:office)."""
FACILITY_COLUMNS = ("kind", "name", "street", "house_number", "lat", "lon", "osm_id")

FACILITY_KEYS = ("amenity", "office")
NODE_KEYS = ("addr:housenumber", "barrier", *FACILITY_KEYS)
SHAPE_KEYS = ("addr:housenumber", "addr:interpolation", "building", "highway", *FACILITY_KEYS)
_LIST = re.compile(r"[;,]")


@dataclass(frozen=True)
class ExtractFacts:
    """What an extract holds as a whole.

    Attributes
    ----------
    bounds
        Of where it has data, in degrees; those it states where it has data in all of them.
    n_ways, n_addresses, n_buildings, n_places
        Ways open on foot; objects with ``addr:housenumber``, with ``building``, with ``place``.
    n_areas
        ``admin_level`` → administrative relations of it, whole ones and others.
    newest
        State of the data as its header says, else time of the newest of the objects counted;
        ``None`` where nothing says.
    """

    bounds: Bounds
    n_ways: int
    n_addresses: int
    n_buildings: int
    n_places: int
    n_areas: Mapping[str, int]
    newest: datetime | None


@dataclass(frozen=True)
class LeftOut:
    """How much of the addresses and facilities was left out, and why.

    Attributes
    ----------
    n_outside
        Objects with a house number that do not touch the bounds.
    n_without_street, n_unreadable, n_without_place
        House numbers without ``addr:street`` and ``addr:place``; those that begin with no number;
        objects whose nodes or members the extract lacks, or relations that are no area.
    n_doubles
        House numbers merged with the same number of the same street within 50 m.
    n_interpolations
        Lines with ``addr:interpolation``. The numbers between their ends are not made up: the
        geocoder places them between the same two ends, and says that it does.
    n_nameless_facilities
        Facilities with neither name nor operator.
    """

    n_outside: int
    n_without_street: int
    n_unreadable: int
    n_without_place: int
    n_doubles: int
    n_interpolations: int
    n_nameless_facilities: int


@dataclass(frozen=True)
class Extract:
    """What an extract holds inside of bounds.

    Attributes
    ----------
    path
        The file.
    ways
        ``id``, ``name``, ``is_step_free`` and LineString (EPSG:4326) of ways open on foot in both
        directions that touch the bounds, cut where a node blocks them; outlines of squares are
        ways, and so are lines of sight across them.
    covered
        Where the extract has data (EPSG:4326), see :mod:`welcomemap.ingest.extract`.
    addresses
        See :data:`welcomemap.region.schemas.ADDRESS_COLUMNS`; in no quarter or district yet. Points
        of one street and number that lie more than 50 m apart are rows of their own and suspect:
        :func:`assign_areas` knows which of them is meant.
    homes
        One point for each residential address, and for each building that may be a home, has no
        such address and is no shed, shape (n, 2), in the metric CRS.
    facilities
        See :data:`FACILITY_COLUMNS`; ``osm_id`` is ``n``, ``w`` or ``r`` and a number.
    left_out
        What is not in it.
    """

    path: Path
    ways: gpd.GeoDataFrame
    covered: shapely.Geometry
    addresses: gpd.GeoDataFrame
    homes: Points
    facilities: pd.DataFrame
    left_out: LeftOut


def cut_way(nodes: osmium.osm.WayNodeList, blocked: set[int]) -> Iterator[NDArray[np.float64]]:
    """Give lon, lat (n, 2) of each piece of a way between nodes that block it or have no place."""
    piece: list[tuple[float, float]] = []
    for node in nodes:
        if node.location.valid() and node.ref not in blocked:
            piece.append((node.location.lon, node.location.lat))
            continue
        if len(piece) > 1:
            yield np.array(piece)
        piece = []
    if len(piece) > 1:
        yield np.array(piece)


def touches_bounds(points: NDArray[np.float64], bounds: Bounds) -> bool:
    """Tell whether the box around points (lon, lat; shape (n, 2)) touches bounds."""
    west, south, east, north = bounds
    low, high = points.min(axis=0), points.max(axis=0)
    return bool(low[0] <= east and high[0] >= west and low[1] <= north and high[1] >= south)


CELL_DEGREES = 0.01
"""About 1.1 km from south to north."""
LEAST_WAYS = 3
PLAUSIBLE_DEGREES = 2 * CELL_DEGREES
LEAST_PART = 0.1
"""Connected cells that are fewer than this share of the most connected ones are specks."""


class _Reach:
    """Where the ways of an extract lie: the box of each, and how many touch a cell."""

    def __init__(self) -> None:
        self._boxes = array("d")
        self._cells: Counter[tuple[int, int]] = Counter()

    def add(self, points: NDArray[np.float64]) -> None:
        """Add the vertices of a way: lon, lat, shape (n, 2)."""
        self._boxes.extend((*points.min(axis=0), *points.max(axis=0)))
        self._cells.update(set(map(tuple, np.floor(points / CELL_DEGREES).astype(int).tolist())))

    def is_empty(self) -> bool:
        """Tell whether no way was added."""
        return not self._boxes

    def judge(self, stated: shapely.Geometry | None) -> shapely.Geometry:
        """Return where the extract has data; ``stated`` are the bounds that it states itself."""
        low, high = np.hsplit(np.array(self._boxes).reshape(-1, 4), 2)
        around = shapely.box(*low.min(axis=0), *high.max(axis=0))
        if stated is not None and not _is_plausible(stated, around):
            stated = None
        cells = self._join_cells()
        if cells is None:  # a handful of ways: nothing to judge by
            return around if stated is None else stated
        (west, south), (east, north) = high.min(axis=0), low.max(axis=0)
        if stated is None:
            stated = (
                shapely.box(west, south, east, north) if east > west < north > south else around
            )
        return _keep_polygons(shapely.intersection(cells, stated))

    def _join_cells(self) -> shapely.Geometry | None:
        full = np.array([cell for cell, n_ways in self._cells.items() if n_ways >= LEAST_WAYS])
        if not len(full):
            return None
        corner = full.min(axis=0) - 1
        grid = np.zeros(full.max(axis=0) - corner + 2, dtype=bool)
        grid[tuple((full - corner).T)] = True
        around = np.ones((3, 3))
        grid = ndimage.binary_fill_holes(ndimage.binary_closing(grid, around))
        part, _ = ndimage.label(grid, around)
        size = np.bincount(part.ravel())
        size[0] = 0
        x, y = (np.argwhere(size[part] >= LEAST_PART * size.max()) + corner).T
        edges = (edge * CELL_DEGREES for edge in (x, y, x + 1, y + 1))
        return shapely.coverage_union_all(shapely.box(*edges))


def _is_plausible(stated: shapely.Geometry, around: shapely.Geometry) -> bool:
    """Tell whether bounds hold ways, and nowhere reach far beyond the box around all of them."""
    low, high = np.array(stated.bounds).reshape(2, 2)
    least, most = np.array(around.bounds).reshape(2, 2)
    is_apart = (high < least) | (low > most)
    reaches_beyond = (low < least - PLAUSIBLE_DEGREES) | (high > most + PLAUSIBLE_DEGREES)
    return not (is_apart | reaches_beyond).any()


def _keep_polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of an intersection, which has lines, too, where borders touch."""
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[shapely.area(parts) > 0])


def look_at_extract(path: Path) -> ExtractFacts:
    """Return what an extract holds as a whole, without keeping any of it.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.

    Raises
    ------
    InputError
        If the file is missing, of another kind or damaged, or holds no way open on foot.

    Examples
    --------
    >>> import tempfile
    >>> text = (
    ...     '<osm version="0.6"><bounds minlon="7" minlat="49" maxlon="7.01" maxlat="49.01"/>'
    ...     '<node id="1" lon="7" lat="49"/><node id="2" lon="7.01" lat="49"/>'
    ...     '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>'
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "town.osm")
    ...     _ = path.write_text(text)
    ...     facts = look_at_extract(path)
    >>> facts.bounds, facts.n_ways, facts.newest
    ((7.0, 49.0, 7.01, 49.01), 1, None)
    """
    seen: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    times = [datetime.min.replace(tzinfo=UTC)]
    reach = _Reach()

    def look(element: Any) -> None:
        tags = _read_tags(element)
        times[0] = max(times[0], _read_time(element))
        seen.update(key for key in ("addr:housenumber", "place") if key in tags)
        seen["building"] += tags.get("building", "no") != "no"
        if isinstance(element, osmium.osm.Way) and all(read_directions(tags, "walk")):
            seen["way"] += 1
            points = _list_places(element.nodes)
            if len(points):
                reach.add(points)
        elif isinstance(element, osmium.osm.Relation):
            is_area = tags.get("boundary") == "administrative"
            levels.update([tags["admin_level"]] if is_area and "admin_level" in tags else [])

    keys = osmium.filter.KeyFilter("addr:housenumber", "building", "highway", "place", "boundary")
    header = read_elements(path, lambda reader: reader.with_locations().with_filter(keys), look)
    if reach.is_empty():
        raise InputError(
            "the extract holds no way that is open on foot",
            where=Place(path),
            how=_MEND_BOUNDS,
        )
    west, south, east, north = (float(edge) for edge in reach.judge(_read_box(header)).bounds)
    newest = _read_state(header) or (times[0] if times[0].year > 1 else None)
    return ExtractFacts(
        (west, south, east, north), seen["way"], seen["addr:housenumber"], seen["building"],
        seen["place"], dict(sorted(levels.items())), newest,
    )  # fmt: skip


def read_extract(path: Path, bounds: Bounds, crs: str = METRIC_CRS) -> Extract:
    """Return the streets, addresses, homes and facilities that touch bounds.

    Addresses are nodes, ways and multipolygon relations with ``addr:housenumber`` and
    ``addr:street`` or ``addr:place``; a way or relation lies in the middle (centroid) of its
    outline. Lists such as ``2;4`` are several addresses.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``. The places of all its nodes are kept
        in memory (16 bytes each) while it is read.
    bounds
        West, south, east, north in degrees: those of the town and :data:`MARGIN_M` around it.
    crs
        Metric CRS of the town.

    Raises
    ------
    InputError
        If the file is missing, of another kind or damaged, or holds no street in the bounds.

    Examples
    --------
    >>> import tempfile
    >>> text = (
    ...     '<osm version="0.6"><node id="1" lon="7" lat="49"/><node id="2" lon="7.01" lat="49"/>'
    ...     '<node id="3" lon="7" lat="49"><tag k="addr:street" v="Weg"/>'
    ...     '<tag k="addr:housenumber" v="2;4 A"/></node>'
    ...     '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>'
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "town.osm")
    ...     _ = path.write_text(text)
    ...     extract = read_extract(path, (6.9, 48.9, 7.1, 49.1), "EPSG:25832")
    >>> extract.addresses["house_number"].tolist(), extract.homes.tolist()
    (['2', '4a'], [[353719.1, 5429383.0], [353719.1, 5429383.0]])
    """
    reading = _Reading(bounds)
    header = read_elements(path, _filter_elements, reading.add)
    if not reading.lines:
        raise InputError(
            "the extract holds no street of the region", where=Place(path), how=_MEND_BOUNDS
        )
    ways = gpd.GeoDataFrame(
        {"id": reading.way_ids, "name": reading.way_names, "is_step_free": reading.step_free},
        geometry=reading.lines,
        crs=WGS84,
    )
    ids, step_free, shapes = zip(*reading.squares, strict=True) if reading.squares else ((),) * 3
    squares = gpd.GeoDataFrame(
        {"id": ids, "is_step_free": step_free}, geometry=list(shapes), crs=WGS84
    )
    ways = cross_squares(ways, squares)
    covered = reading.reach.judge(_read_box(header))
    middles, outlines = reading.shapes.project(crs)
    rows = _tabulate_numbers(reading.numbers, middles)
    rows["is_home"], is_addressed = _compare_homes(rows, reading, middles, outlines)
    addresses, n_doubles = _merge_doubles(rows, crs)
    is_shed = shapely.area(outlines[reading.buildings]) < SMALLEST_HOME_M2
    is_home = reading.are_homes & ~is_addressed & ~is_shed
    homes = np.vstack(
        [
            shapely.get_coordinates(addresses.geometry[addresses["is_residential"]].to_numpy()),
            np.round(middles[reading.buildings][is_home], DECIMALS),
        ]
    )
    homes = homes[np.lexsort((homes[:, 1], homes[:, 0]))]
    left_out = reading.count_left_out(n_doubles)
    facilities = _tabulate_facilities(reading.facilities, middles, crs)
    return Extract(path, ways, covered, addresses, homes, facilities, left_out)


def build_streets(
    extract: Extract, area: shapely.Geometry, crs: str = METRIC_CRS, *, margin_m: float = MARGIN_M
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the street edges of an extract, and the part of an area where they are complete.

    Parameters
    ----------
    extract
        Read with bounds that hold the area and ``margin_m`` around it.
    area
        Polygon of the town in ``crs``.
    crs
        Metric CRS of the town.
    margin_m
        Ways that come nowhere this near to the area are left out.

    Returns
    -------
    edges
        :data:`welcomemap.region.schemas.STREET_EDGE_COLUMNS`, ``is_main_part`` and
        ``is_step_free``, in ``crs``; all of them, beyond the area, too.
    extent
        One row, ``name`` (of the file) and ``geometry`` in ``crs``: the area where the extract has
        data. The area of it over that of the town is the share that the extract covers.

    Raises
    ------
    GeometryError
        If the extract has no data in the area.
    """
    extent = cut_to_cover(extract, area, crs)
    if extent.is_empty:
        raise GeometryError(
            "the extract has no data in the area of the region",
            where=Place(extract.path),
            how=_MEND_BOUNDS,
        )
    near = shapely.dwithin(extract.ways.geometry.to_crs(crs).to_numpy(), area, margin_m)
    edges = connect_ways(extract.ways[near].reset_index(drop=True), crs)
    return edges, gpd.GeoDataFrame({"name": [extract.path.name]}, geometry=[extent], crs=crs)


def cut_to_cover(extract: Extract, area: shapely.Geometry, crs: str) -> shapely.Geometry:
    """Return the part of an area (metric ``crs``) where an extract has data; may be empty."""
    covered = gpd.GeoSeries([shapely.segmentize(extract.covered, CELL_DEGREES)], crs=WGS84)
    return _keep_polygons(shapely.intersection(area, covered.to_crs(crs).iloc[0]))


def assign_areas(
    addresses: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, crs: str = METRIC_CRS
) -> gpd.GeoDataFrame:
    """Return one row per street and number, with the area it lies in as quarter and district.

    Of several places of one address those inside the areas count. If there is one, it is meant, and
    the other is that of a neighbouring town; of several the first is kept and stays suspect, and
    has an area only if all of them lie in it. Outside of all areas quarter and district are empty
    and 0. Left out is what lies outside on a street whose name there is inside: a neighbouring
    town's number 50 must not answer for this one, whose street ends at 40.

    Parameters
    ----------
    addresses
        Of :func:`read_extract`.
    areas
        ``district`` (whole numbers from 1) and polygons, in any CRS.
    crs
        Metric CRS of the town.

    Returns
    -------
    geopandas.GeoDataFrame
        :data:`welcomemap.region.schemas.ADDRESS_COLUMNS`, in the order of ``addresses``.
    """
    key = ["street", "house_number"]
    shapes = areas.geometry.to_crs(crs).to_numpy()
    row, tile = shapely.STRtree(shapes).query(addresses.geometry, predicate="intersects")
    district = np.zeros(len(addresses), dtype=np.int16)
    # On a border the first of the areas has it, whatever the order of the index.
    order = np.lexsort((-tile, row))
    district[row[order]] = areas["district"].to_numpy()[tile[order]]
    table = addresses.assign(district=district)
    is_inside = table["district"] > 0
    is_in_town = is_inside.groupby(table["street"]).transform("any")
    table = table[is_inside | ~is_in_town]
    several = table.groupby(key)["district"].transform("size") > 1
    is_torn = table.groupby(key)["district"].transform("nunique") > 1
    table = table.assign(
        location_quality=np.where(several, "suspect", "point"),
        district=table["district"].where(~is_torn, 0).astype(np.int16),
    )
    table = table.drop_duplicates(key).reset_index(drop=True)
    quarter = table["district"].astype(str).where(table["district"] > 0, "")
    return table.assign(quarter=quarter)[list(ADDRESS_COLUMNS)]


def may_be_home(tags: Tags) -> bool:
    """Tell whether people may live in something, see :mod:`welcomemap.ingest.extract`.

    Examples
    --------
    >>> may_be_home({"building": "yes", "shop": "bakery"}), may_be_home({"shop": "bakery"})
    (True, False)
    >>> may_be_home({"building": "garage"}), may_be_home({"addr:housenumber": "7"})
    (False, True)
    """
    building = tags.get("building", "no")
    if building in HOME_BUILDINGS:
        return True
    uses = [key for key in USE_KEYS if tags.get(key, "no") != "no"]
    if building == "yes":
        return all(_takes_a_floor(key, tags[key]) for key in uses)
    return building == "no" and not uses


def _takes_a_floor(key: str, value: str) -> bool:
    return key in FLOOR_KEYS or (key == "amenity" and value in FLOOR_AMENITIES)


def _is_plain(tags: Tags) -> bool:
    """Tell whether tags say nothing of a use: what the building is, they do not say."""
    return tags.get("building", "no") == "no" and may_be_home(tags)


def _filter_elements(reader: osmium.FileProcessor) -> osmium.FileProcessor:
    nodes = osmium.filter.KeyFilter(*NODE_KEYS)
    nodes.enable_for(osmium.osm.NODE)
    shapes = osmium.filter.KeyFilter(*SHAPE_KEYS)
    shapes.enable_for(osmium.osm.WAY | osmium.osm.RELATION | osmium.osm.AREA)
    areas = reader.with_locations().with_areas(osmium.filter.KeyFilter(*SHAPE_KEYS))
    return areas.with_filter(nodes).with_filter(shapes)


def _read_box(header: osmium.io.Header) -> shapely.Geometry | None:
    box = header.box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return shapely.box(low.lon, low.lat, high.lon, high.lat)


FIRST_YEAR = 2004
"""OpenStreetMap began in August of it: earlier times are those of files that state none."""
NO_TIME = datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)
"""The largest time that fits, which some programs write in place of none."""


def _read_time(element: Any) -> datetime:
    time: datetime = element.timestamp
    return time if time.year >= FIRST_YEAR and time < NO_TIME else datetime.min.replace(tzinfo=UTC)


def _read_state(header: osmium.io.Header) -> datetime | None:
    text = header.get("osmosis_replication_timestamp") or header.get("timestamp") or ""
    return datetime.fromisoformat(text) if re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", text) else None


def _read_tags(element: Any) -> dict[str, str]:
    return {tag.k: tag.v for tag in element.tags}


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _list_places(nodes: Any) -> NDArray[np.float64]:
    """Return lon, lat of the nodes that have a place, shape (n, 2)."""
    places = [(n.location.lon, n.location.lat) for n in nodes if n.location.valid()]
    return np.array(places, dtype=float).reshape(-1, 2)


class _Shapes:
    """Nodes, outlines and lines in degrees, in the least memory."""

    def __init__(self) -> None:
        self._degrees = array("d")
        self._lengths = array("q")

    def add(self, points: NDArray[np.float64]) -> int:
        """Add one of shape (n, 2) and return its number."""
        self._degrees.extend(points.ravel().tolist())
        self._lengths.append(len(points))
        return len(self._lengths) - 1

    def project(self, crs: str) -> tuple[Points, NDArray[np.object_]]:
        """Return the middle of each, shape (n, 2), and its polygon, ``None`` where it is none."""
        lengths = np.array(self._lengths, dtype=np.int64)
        outlines = np.full(len(lengths), None, dtype=object)
        if not len(lengths):
            return np.empty((0, 2)), outlines
        degrees = np.array(self._degrees).reshape(-1, 2)
        xy = project(degrees[:, 0], degrees[:, 1], crs=crs)
        starts = np.cumsum(lengths) - lengths
        middles = np.add.reduceat(xy, starts) / lengths[:, None]
        is_ring = (lengths > 3) & (degrees[starts] == degrees[starts + lengths - 1]).all(axis=1)
        if is_ring.any():
            of = np.repeat(np.cumsum(is_ring) - 1, np.where(is_ring, lengths, 0))
            rings = shapely.linearrings(xy[np.repeat(is_ring, lengths)], indices=of)
            outlines[is_ring] = shapely.polygons(rings)
            middles[is_ring] = shapely.get_coordinates(shapely.centroid(outlines[is_ring]))
        return middles, outlines


NODE, WAY, RELATION = range(3)
"""Of two objects with the same address the first of them by this counts."""
LETTERS = "nwr"


@dataclass(frozen=True)
class _Number:
    """A house number of an object; ``is_home`` is ``None`` where its tags do not say."""

    rank: int
    osm_id: int
    street: str
    house_number: str
    postcode: str
    is_home: bool | None
    shape: int


@dataclass(frozen=True)
class _Facility:
    rank: int
    osm_id: int
    kind: str
    name: str
    street: str
    house_number: str
    shape: int


@dataclass
class _Reading:
    """What has been read so far of an extract."""

    bounds: Bounds
    reach: _Reach = field(default_factory=_Reach)
    shapes: _Shapes = field(default_factory=_Shapes)
    blocked: set[int] = field(default_factory=set)
    way_ids: list[str] = field(default_factory=list)
    way_names: list[str] = field(default_factory=list)
    step_free: list[bool] = field(default_factory=list)
    lines: list[shapely.Geometry] = field(default_factory=list)
    squares: list[tuple[str, bool, shapely.Geometry]] = field(default_factory=list)
    numbers: list[_Number] = field(default_factory=list)
    facilities: list[_Facility] = field(default_factory=list)
    buildings: list[int] = field(default_factory=list)
    home_flags: list[bool] = field(default_factory=list)
    numbered_relations: set[int] = field(default_factory=set)
    numbered_areas: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def are_homes(self) -> NDArray[np.bool_]:
        """Tell of each building whether it may be a home."""
        return np.array(self.home_flags, dtype=bool)

    def count_left_out(self, n_doubles: int) -> LeftOut:
        """Return what was left out."""
        seen = self.counts
        n_no_areas = len(self.numbered_relations - self.numbered_areas)
        return LeftOut(
            seen["outside"], seen["street"], seen["unreadable"],
            seen["place"] + n_no_areas, n_doubles, seen["interpolation"], seen["nameless"],
        )  # fmt: skip

    def add(self, element: Any) -> None:
        """Take what an element has of use; closed ways are taken as ways, as areas if squares."""
        tags = _read_tags(element)
        if isinstance(element, osmium.osm.Area) and all(read_directions(tags, "walk")):
            self._add_squares(element, tags)
        if isinstance(element, osmium.osm.Area) and element.from_way():
            return
        if isinstance(element, osmium.osm.Node):
            if is_node_blocked(tags, "walk"):
                self.blocked.add(element.id)
            self._add_object(NODE, element.id, tags, _list_places([element]))
        elif isinstance(element, osmium.osm.Way):
            self._add_way(element, tags)
        elif isinstance(element, osmium.osm.Relation):
            if "addr:housenumber" in tags:
                self.numbered_relations.add(element.id)
        else:
            self._add_area(element, tags)

    def _add_way(self, way: osmium.osm.Way, tags: Tags) -> None:
        points = _list_places(way.nodes)
        if len(points) and all(read_directions(tags, "walk")):
            self.reach.add(points)
            if touches_bounds(points, self.bounds):
                self._add_lines(way.id, tags, cut_way(way.nodes, self.blocked))
        if "addr:interpolation" not in tags:
            self._add_object(WAY, way.id, tags, points)
        elif len(points) and touches_bounds(points, self.bounds):
            self.counts["interpolation"] += 1

    def _add_squares(self, area: osmium.osm.Area, tags: Tags) -> None:
        if area.from_way() and tags.get("area") != "yes":
            return  # the outline of a roundabout or a path is no square
        for ring in area.outer_rings():
            outer, inner = _list_places(ring), map(_list_places, area.inner_rings(ring))
            if touches_bounds(outer, self.bounds):
                square = shapely.Polygon(outer, list(inner))
                self.squares.append((str(area.orig_id()), is_step_free(tags), square))

    def _add_area(self, area: osmium.osm.Area, tags: Tags) -> None:
        self.numbered_areas.add(area.orig_id())
        outer = [(_list_places(ring), ring) for ring in area.outer_rings()]
        if all(read_directions(tags, "walk")):
            for points, ring in outer:
                inner = map(_list_places, area.inner_rings(ring))
                self._add_lines(area.orig_id(), tags, (points, *inner))
        largest = max((points for points, _ in outer), key=_measure_box)
        self._add_object(RELATION, area.orig_id(), tags, largest)

    def _add_lines(self, osm_id: int, tags: Tags, pieces: Any) -> None:
        for points in pieces:
            if touches_bounds(points, self.bounds) and np.ptp(points, axis=0).any():
                self.way_ids.append(str(osm_id))
                self.way_names.append(tags.get("name", ""))
                self.step_free.append(is_step_free(tags))
                self.lines.append(shapely.linestrings(points))

    def _add_object(self, rank: int, osm_id: int, tags: Tags, points: NDArray[np.float64]) -> None:
        has_number = "addr:housenumber" in tags
        kind = _find_kind(tags)
        is_building = tags.get("building", "no") != "no"
        if not (has_number or kind or is_building):
            return
        if not len(points) or not touches_bounds(points, self.bounds):
            self.counts["outside" if len(points) else "place"] += has_number
            return
        shape = self.shapes.add(points)
        if is_building:
            self.buildings.append(shape)
            self.home_flags.append(may_be_home(tags))
        if has_number:
            self._add_numbers(rank, osm_id, tags, shape)
        if kind:
            self._add_facility(rank, osm_id, kind, tags, shape)

    def _add_numbers(self, rank: int, osm_id: int, tags: Tags, shape: int) -> None:
        street = _read_street(tags)
        if not street:
            self.counts["street"] += 1
            return
        is_home = None if _is_plain(tags) else may_be_home(tags)
        postcode = _tidy(tags.get("addr:postcode", ""))
        for text in _LIST.split(tags["addr:housenumber"]):
            number = normalise_house_number(text)
            self.counts["unreadable"] += not number
            if number:
                self.numbers.append(_Number(rank, osm_id, street, number, postcode, is_home, shape))

    def _add_facility(self, rank: int, osm_id: int, kind: str, tags: Tags, shape: int) -> None:
        name = _tidy(tags.get("name", "")) or _tidy(tags.get("operator", ""))
        if not name:
            self.counts["nameless"] += 1
            return
        number = normalise_house_number(tags.get("addr:housenumber", ""))
        self.facilities.append(
            _Facility(rank, osm_id, kind, name, _read_street(tags), number, shape)
        )


def _read_street(tags: Tags) -> str:
    return _tidy(tags.get("addr:street", "")) or _tidy(tags.get("addr:place", ""))


def _find_kind(tags: Tags) -> str:
    if not any(key in tags for key in FACILITY_KEYS):
        return ""
    fitting = (
        kind for kind, wanted in FACILITY_TAGS
        if all(tags.get(k) == v or (v == ANY and k in tags) for k, v in wanted.items())
    )  # fmt: skip
    return next(fitting, "")


def _measure_box(points: NDArray[np.float64]) -> float:
    return float(np.prod(np.ptp(points, axis=0)))


def _tabulate_numbers(numbers: list[_Number], middles: Points) -> pd.DataFrame:
    columns = tuple(_Number.__dataclass_fields__)
    rows = pd.DataFrame([[getattr(n, c) for c in columns] for n in numbers], columns=columns)
    shape = rows["shape"].to_numpy(dtype=np.intp)
    return rows.assign(x=middles[shape, 0], y=middles[shape, 1], shape=shape)


def _compare_homes(
    rows: pd.DataFrame, reading: _Reading, middles: Points, outlines: NDArray[np.object_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which addresses are homes, and which buildings have an address that is one.

    An address whose tags do not say is what the building is in which it stands.
    """
    buildings = np.array(reading.buildings, dtype=np.intp)
    shape = rows["shape"].to_numpy()
    points = shapely.points(middles[shape])
    tree = shapely.STRtree(outlines[buildings])
    row, building = tree.query(points, predicate="dwithin", distance=INSIDE_M)
    says = rows["is_home"].to_numpy()
    is_plain = pd.isna(says)
    stands_in = np.bincount(row, minlength=len(rows)) > 0
    stands_in_home = np.bincount(row[reading.are_homes[building]], minlength=len(rows)) > 0
    is_home = np.where(is_plain, stands_in_home | ~stands_in, says == True)  # noqa: E712 - objects
    is_addressed = np.isin(buildings, shape[is_home])
    is_addressed[building[is_home[row]]] = True
    return is_home.astype(bool), is_addressed


def _merge_doubles(rows: pd.DataFrame, crs: str) -> tuple[gpd.GeoDataFrame, int]:
    """Return one row per street, number and site, and how many doubles went into them."""
    key = ["street", "house_number"]
    rows = rows.sort_values([*key, "rank", "osm_id"], ignore_index=True)
    site = np.zeros(len(rows), dtype=np.int64)
    for at in rows[rows.duplicated(key, keep=False)].groupby(key).groups.values():
        site[at] = _number_sites(rows.loc[at, ["x", "y"]].to_numpy())
    rows = rows.assign(site=site, postcode=rows["postcode"].replace("", None))
    sites = rows.groupby([*key, "site"], as_index=False).agg(
        x=("x", "first"), y=("y", "first"), is_residential=("is_home", "any"),
        postcode=("postcode", "first"),
    )  # fmt: skip
    several = sites.duplicated(key, keep=False)
    sites = sites.assign(
        postcode=sites["postcode"].fillna("").astype(str), quarter="",
        district=np.zeros(len(sites), dtype=np.int16), is_postcode_inferred=False,
        is_residential=sites["is_residential"].astype(bool),
        location_quality=np.where(several, "suspect", "point"),
        order=sites["house_number"].map(order_house_number),
    ).sort_values(["street", "order", "site"], ignore_index=True)  # fmt: skip
    places = np.round(sites[["x", "y"]].to_numpy(dtype=float), DECIMALS)
    table = gpd.GeoDataFrame(sites, geometry=shapely.points(places), crs=crs)
    return table[list(ADDRESS_COLUMNS)], len(rows) - len(sites)


def _number_sites(points: Points) -> list[int]:
    """Number the sites of points, each within 50 m of the first point of its site."""
    firsts: list[NDArray[np.float64]] = []
    sites = []
    for point in points:
        near = [k for k, first in enumerate(firsts) if np.hypot(*(point - first)) <= SAME_SITE_M]
        sites.append(near[0] if near else len(firsts))
        if not near:
            firsts.append(point)
    return sites


def _tabulate_facilities(facilities: list[_Facility], middles: Points, crs: str) -> pd.DataFrame:
    ordered = sorted(facilities, key=lambda f: (f.kind, f.name, f.rank, f.osm_id))
    lat, lon = unproject(middles[[f.shape for f in ordered]], crs=crs)
    rows = [
        (f.kind, f.name, f.street, f.house_number, round(y, DEGREE_DECIMALS),
         round(x, DEGREE_DECIMALS), f"{LETTERS[f.rank]}{f.osm_id}")
        for f, y, x in zip(ordered, lat.tolist(), lon.tolist(), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(FACILITY_COLUMNS))

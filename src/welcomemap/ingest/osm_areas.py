"""Districts of a town from OpenStreetMap: the administrative areas of an extract.

They leave as one tiling, see :mod:`welcomemap.ingest.areas`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from welcomemap.errors import DuplicateIdError, EmptyTableError, Place, make_printable
from welcomemap.extras import require_extra
from welcomemap.ingest.areas import (
    Areas,
    Bounds,
    check_bounds,
    lay_out,
    parse_numbers,
    tabulate,
)

if TYPE_CHECKING:
    import osmium

OSM_NUMBER_KEYS = ("de:amtlicher_gemeindeschluessel", "de:regionalschluessel")
LEVEL = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True, eq=False)
class _Border:
    """An administrative relation, which has a level.

    Attributes
    ----------
    shape
        In EPSG:4326; ``None`` where the extract does not hold all of it, or its rings are open.
    is_within
        Whether a known vertex of the border lies inside the bounds that are asked for.
    """

    relation: int
    tags: Mapping[str, str]
    shape: shapely.Geometry | None
    is_within: bool

    @property
    def level(self) -> int:
        return int(self.tags["admin_level"])

    @property
    def name(self) -> str:
        named = make_printable(" ".join(self.tags.get("name", "").split()))
        return named or f"relation {self.relation}"


def list_osm_areas(path: Path) -> dict[int, tuple[str, ...]]:
    """Return the names of the administrative areas that an extract holds whole, by level.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` or ``.osm.gz``.

    Raises
    ------
    MissingExtraError
        If the packages of the extra ``ingest`` are not installed.
    InputError
        If the file is missing, of another kind or damaged.
    """
    whole = [border for border in _read_borders(path) if border.shape is not None]
    levels = sorted({border.level for border in whole})
    return {
        level: tuple(border.name for border in whole if border.level == level) for level in levels
    }


def read_town_border(path: Path, crs: str, within: str, town: str) -> Areas:
    """Return the administrative area of a town in an extract as its one area, with the number 1.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` or ``.osm.gz``.
    crs
        Metric CRS of the town.
    within
        Name or id of the area, see :func:`find_osm_area`.
    town
        What the area is called in the pack.

    Raises
    ------
    EmptyTableError
        If the extract holds no such area whole.
    DuplicateIdError
        If areas of that name lie apart.
    CrsError
        If ``crs`` is not in use where the town lies.
    """
    shape = find_osm_area(path, within)
    return lay_out(tabulate([1], [town.strip() or "1"], [None], [shape]), crs, path)


def read_osm_areas(
    path: Path, crs: str, *, level: int, within: Bounds | shapely.Geometry | None = None
) -> Areas:
    """Return the administrative areas of a level of an OpenStreetMap extract.

    Areas are relations with ``boundary=administrative``, see
    https://wiki.openstreetmap.org/wiki/Tag:boundary%3Dadministrative for what a level is in a
    country. Their number is their ``ref``, the one number in their name, or their official key in
    Germany: the first of these that all areas have, each its own; else they are counted by name.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` or ``.osm.gz``. The places of all its nodes are kept in memory.
    crs
        Metric CRS of the town: areas are measured in it.
    level
        ``admin_level``: in German towns 9 or 10, often both.
    within
        Take those alone of which a point inside, in the middle of the area, lies within these
        bounds or this polygon (EPSG:4326); of the clipped ones, those with a known vertex there.

    Raises
    ------
    MissingExtraError
        If the packages of the extra ``ingest`` are not installed.
    CrsError
        If ``crs`` is none in metres or not in use where the areas lie.
    CoordinateError
        If ``within`` is no rectangle in degrees.
    InputError
        If the file is missing, of another kind or damaged.
    EmptyTableError
        If it holds no area of the level whole.
    TooLargeError
        If it holds more than 2,000.
    GeometryError
        If two areas overlap by more than 1 %.
    """
    box = shapely.box(*check_bounds(within)) if isinstance(within, tuple) else within
    borders = [border for border in _read_borders(path, box) if border.level == level]
    whole = [
        border
        for border in borders
        if border.shape is not None
        and (box is None or shapely.intersects(box, shapely.point_on_surface(border.shape)))
    ]
    clipped = tuple(sorted(b.name for b in borders if b.shape is None and b.is_within))
    if not whole:
        raise _no_areas(path, level, clipped)
    numbers: Sequence[int | None] = _number_borders(whole) or [None] * len(whole)
    names = [border.name for border in whole]
    shapes = [border.shape for border in whole]
    features = tabulate(numbers, names, [None] * len(whole), shapes)
    return lay_out(features, crs, path, clipped=clipped)


def find_osm_area(path: Path, name: str) -> shapely.Geometry:
    """Return the administrative area of a name in an extract (EPSG:4326).

    A town that is a district too has two of one name on the same ground: the larger one is taken.

    Parameters
    ----------
    name
        As OpenStreetMap spells it, or the id of its relation, such as ``r62639``.

    Raises
    ------
    EmptyTableError
        If the extract holds no such area whole.
    DuplicateIdError
        If areas of that name lie apart, as those of two towns do.
    """
    whole = [border for border in _read_borders(path) if border.shape is not None]
    found = [b for b in whole if name in (b.name, f"r{b.relation}")]
    if not found:
        raise EmptyTableError(
            "the extract does not hold the administrative area {name} whole",
            name=name,
            where=Place(path),
            how="Spell it as OpenStreetMap does, or take a larger extract.",
        )
    shape = max((border.shape for border in found), key=shapely.area)
    inside = shapely.point_on_surface([border.shape for border in found])
    if not shapely.intersects(shape, inside).all():
        raise DuplicateIdError(
            "several areas are called {name}: {ids}",
            name=name,
            ids=tuple(f"r{border.relation} (admin_level {border.level})" for border in found),
            where=Place(path),
            how="Name the one that is meant by its id, as within of the part areas.",
        )
    return shape


def _no_areas(path: Path, level: int, clipped: tuple[str, ...]) -> EmptyTableError:
    if clipped:
        return EmptyTableError(
            "the extract holds none of the administrative areas of level {level} whole: {names}",
            level=level,
            names=clipped,
            where=Place(path),
            how="Take a larger extract, another level, or a file of areas.",
        )
    return EmptyTableError(
        "the extract holds no administrative area of level {level}",
        level=level,
        where=Place(path),
        how="Take another level, or a file of areas.",
    )


def _number_borders(borders: Sequence[_Border]) -> list[int] | None:
    in_names = [" ".join(re.findall(r"[0-9]+", border.name)) for border in borders]
    keyed = {k: [b.tags.get(k, "") for b in borders] for k in ("ref", *OSM_NUMBER_KEYS)}
    found = map(parse_numbers, (keyed["ref"], in_names, *(keyed[k] for k in OSM_NUMBER_KEYS)))
    return next((numbers for numbers in found if numbers is not None), None)


def _read_borders(path: Path, box: shapely.Geometry | None = None) -> list[_Border]:
    """Return all administrative relations of an extract, by id."""
    require_extra("ingest", by=__name__)
    from welcomemap.travel.osm import reading_extract  # noqa: PLC0415 - needs the extra

    with reading_extract(path):
        return _collect_borders(path, box)


def _collect_borders(path: Path, box: shapely.Geometry | None) -> list[_Border]:
    found = _collect_relations(path)
    if not found:
        return []
    edges = set() if box is None else {way for _, ways in found.values() for way in ways}
    shapes, inside = _assemble(path, edges, box)
    return [
        _Border(key, tags, shapes.get(key), box is None or not inside.isdisjoint(ways))
        for key, (tags, ways) in sorted(found.items())
    ]


def _collect_relations(path: Path) -> dict[int, tuple[dict[str, str], set[int]]]:
    """Return tags and ways of the administrative relations that have a level, by id."""
    import osmium  # noqa: PLC0415 - what the extra brings

    is_border = osmium.filter.TagFilter(("boundary", "administrative"))
    found = {}
    for element in osmium.FileProcessor(path, osmium.osm.RELATION).with_filter(is_border):
        tags = {tag.k: tag.v for tag in element.tags}
        is_area = tags.get("type") in ("boundary", "multipolygon")
        has_level = LEVEL.fullmatch(tags.get("admin_level", ""))
        if isinstance(element, osmium.osm.Relation) and is_area and has_level:
            ways = {m.ref for m in element.members if m.type == "w" and m.ref > 0}
            found[element.id] = (tags, ways)
    return found


def _assemble(
    path: Path, edges: Collection[int], box: shapely.Geometry | None
) -> tuple[dict[int, shapely.Geometry], set[int]]:
    """Return the shapes of relations that are whole, and which of the edges reach into the box."""
    import osmium  # noqa: PLC0415 - what the extra brings

    is_border = osmium.filter.TagFilter(("boundary", "administrative"))
    is_area_border = osmium.filter.TagFilter(("boundary", "administrative"))
    is_area_border.enable_for(osmium.osm.AREA)
    is_edge = osmium.filter.IdFilter(edges)
    is_edge.enable_for(osmium.osm.WAY)
    is_either = osmium.filter.EntityFilter(osmium.osm.WAY | osmium.osm.AREA)
    elements = osmium.FileProcessor(path).with_areas(is_border)
    wkb = osmium.geom.WKBFactory()
    shapes, inside = {}, set()
    for element in elements.with_filter(is_either).with_filter(is_area_border).with_filter(is_edge):
        if isinstance(element, osmium.osm.Way):
            if box is not None and _reaches(element, box):
                inside.add(element.id)
        elif isinstance(element, osmium.osm.Area) and _is_whole_relation(element):
            shapes[element.orig_id()] = shapely.from_wkb(wkb.create_multipolygon(element))
    return shapes, inside


def _is_whole_relation(area: osmium.osm.Area) -> bool:
    """Tell whether it is none of a closed way, and its rings close: else it has none."""
    return not area.from_way() and area.num_rings()[0] > 0


def _reaches(way: osmium.osm.Way, box: shapely.Geometry) -> bool:
    places = [(n.location.lon, n.location.lat) for n in way.nodes if n.location.valid()]
    return bool(shapely.intersects_xy(box, np.array(places).reshape(-1, 2)).any())

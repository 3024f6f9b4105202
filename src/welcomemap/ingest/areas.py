"""Districts of a town: from polygons in a file, or the whole extract as one.

However they come, from OpenStreetMap (:mod:`welcomemap.ingest.osm_areas`) too, they leave as one
tiling: neighbours share every vertex of their common border
(:func:`welcomemap.ingest.boundaries.tile_polygons`). What had to be mended is measured first:

- overlaps of two areas, which go to one of them or to a neighbour; above 1 % of the smaller area
  nobody knows whose ground it is, and that is an error;
- gaps: ground that two or more areas enclose, that none covers, and that is nowhere 50 m wide; they
  are closed. Wider ground is a hole, as is every ring drawn inside one area: it stays open, for it
  may be another municipality. A gap that is open to the outside looks like the outer border.

Numbers are those of the source. Where it has none areas are counted from 1 by name, in the order of
names without case and umlauts; areas of one name and areas without a name from west to east, then
from south to north. The order of features in a file changes nothing.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import KDTree

from welcomemap.crs import WGS84
from welcomemap.errors import (
    ColumnValueError,
    ControlCharacterError,
    CoordinateError,
    CrsError,
    DuplicateIdError,
    EmptyTableError,
    EncodingError,
    GeometryError,
    MissingColumnError,
    Place,
    SwappedCoordinatesError,
    TableError,
    TooLargeError,
    either,
    fault,
    find_unprintable,
)
from welcomemap.files import parse_json
from welcomemap.ingest.boundaries import GRID_DEGREES, tile_polygons
from welcomemap.ingest.gis_files import read_geopackage, read_shapefile
from welcomemap.ingest.large_table import open_table
from welcomemap.ingest.places import PlaceColumns, draw_rows, find_place_columns
from welcomemap.ingest.raw import make_slug
from welcomemap.region.areas import GAP_WIDTH_M, TOLERATED_M2, find_tiling_faults
from welcomemap.region.layers import (
    CRS_NAME,
    MAX_LAT,
    MAX_LAYER_BYTES,
    MAX_LON,
    read_feature_layer,
    read_layer_bytes,
)

Bounds = tuple[float, float, float, float]
"""West, south, east and north edge in degrees (EPSG:4326)."""
Shapes = NDArray[Any]

TABLE = ".csv"
ENDINGS = (".geojson", ".json", ".geojson.gz", ".json.gz", ".gpkg", ".zip", TABLE)
MAX_AREAS = 2000
"""Of 1,000 areas the tiling takes a second, and four times that of twice as many."""
MAX_PARTS = 10 * MAX_AREAS
"""An area may lie in several pieces."""
MAX_OVERLAP_SHARE = 0.01
TOUCH_M = 1.0
"""Parts of one area that lie no farther apart touch."""
WELD_DEGREES = 5e-7
"""About 5 cm: corners that lie no farther apart are one, written with other roundings."""
REPAIRED_M2 = 1.0
LEAST_WIDTH_M = 1.0
NEAR_DEGREES = 6.0
"""A zone of UTM: towns at the edge of one are measured in the neighbouring one, too."""
METRES = 1000
"""No position in degrees has so large a number, and none of a town in metres so small a one."""
NUMBER = re.compile(r"0*([1-9][0-9]{0,17})(?:\.0+)?")
NUMBER_WORDS = (
    r"nummer|number|n[uú]mero", r"nr$|(?:^|[^a-z])(?:num|no)$",
    r"bezirk|distri[ck]t|distrito|stadtteil|ortsteil|quartier|viertel|(?:^|[^a-z])stb",
    r"schl(?:ü|ue)ssel|code$|(?:^|[^a-z])(?:ags|ars|key|ref)$", r"(?:^|[^a-z])id$",
)  # fmt: skip
NAME_WORDS = (
    r"^(?:name|gen)$", r"name|bezeichnung|^bez$|label|titel|title|nombre|nome?$",
    r"bezirk|distri[ck]t|distrito|stadtteil|ortsteil|quartier|viertel|bairro|barrio",
)  # fmt: skip
"""What properties of numbers and names are called, the surest first (case folded)."""
MEASURE = re.compile(r"einwohner|popul|residents|people|fl(?:ä|ae|a)che|area|shape|jahr|year|datum")
"""What is counted or measured in an area, and is no number of it."""
UNIQUE_SHARE = 0.8
DOWNLOAD = fault("Download the file again, or save it again with the program that made it.")
FEWER = fault("Take larger areas, such as districts in place of blocks.")


@dataclass(frozen=True)
class AreaGuess:
    """What a file of areas holds.

    Attributes
    ----------
    n_features
        Polygons of the file.
    properties
        Names of their properties, in the order of the file.
    number, name
        Properties that are likely to hold the number and the name; ``None`` where none is.
    bounds
        West, south, east and north edge in degrees (EPSG:4326).
    ids
        Column of the H3 ids of hexagons, which are their names as well; else empty.
    """

    n_features: int
    properties: tuple[str, ...]
    number: str | None
    name: str | None
    bounds: Bounds
    ids: str = ""


@dataclass(frozen=True, eq=False)
class Areas:
    """Districts of a town as one tiling, and what was mended on the way to it.

    Attributes
    ----------
    table
        ``district`` (whole number from 1, unique), ``name`` and ``geometry`` (valid polygons and
        multi-polygons, EPSG:4326), by number.
    overlap_km2, gap_km2
        Overlaps and closed gaps of more than 10 m² in the source, in square kilometres.
    hole_km2
        Ground between two or more areas that was left open, for it is too wide for a gap.
    n_merged
        Features that became part of the area of another.
    n_repaired
        Polygons that were invalid and were mended at less than 1 m² of change.
    clipped
        Names of areas that the extract does not hold whole; they are not in the table.
    """

    table: gpd.GeoDataFrame
    overlap_km2: float = 0.0
    gap_km2: float = 0.0
    hole_km2: float = 0.0
    n_merged: int = 0
    n_repaired: int = 0
    clipped: tuple[str, ...] = ()


def look_at_areas(path: Path, layer: str = "") -> AreaGuess:
    """Return what a file of areas holds.

    A number is a property of whole numbers from 1 that no two features share, a name one of texts
    of which at least four in five differ; in both cases its own name has to suit as well.

    Raises
    ------
    InputError
        As :func:`read_areas`, where the file cannot be read or holds other things than polygons.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> square = {"type": "Polygon", "coordinates": [[[7, 49], [8, 49], [8, 50], [7, 49]]]}
    >>> feature = {"type": "Feature", "properties": {"NR": "01", "Name": "Alt"}, "geometry": square}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "areas.geojson")
    ...     _ = path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    ...     look_at_areas(path)
    AreaGuess(n_features=1, properties=('NR', 'Name'), number='NR', name='Name',
              bounds=(7.0, 49.0, 8.0, 50.0), ids='')
    """
    drawn, ids = _read_polygons(path, layer)
    west, south, east, north = (float(edge) for edge in drawn.total_bounds)
    properties = tuple(str(column) for column in drawn.columns.drop("geometry"))
    possible = [p for p in properties if not MEASURE.search(p.casefold())]
    numbers = [p for p in possible if parse_numbers(drawn[p].tolist()) is not None]
    names = [p for p in possible if _is_naming(drawn[p].tolist())]
    return AreaGuess(
        len(drawn),
        properties,
        _choose(numbers, NUMBER_WORDS),
        ids or _choose(names, NAME_WORDS),
        (west, south, east, north),
        ids,
    )


def read_areas(
    path: Path, crs: str, *, number: str = "", name: str = "", layer: str = "", ids: str = ""
) -> Areas:
    """Return the areas of a GeoJSON file, a GeoPackage, a zipped Shapefile or a table.

    Features with one number and one name are parts of one area; without numbers, those of one name
    that touch.

    Parameters
    ----------
    path
        ``.geojson`` or ``.json``, also with ``.gz``, in EPSG:4326 or the CRS that it names;
        ``.gpkg``, or a ``.zip`` with one Shapefile. Heights are dropped. ``.csv`` with a column of
        H3 ids of hexagons, or of polygons as well-known text in EPSG:4326.
    layer
        Of a GeoPackage with several: the one that is meant.
    ids
        Of a table: the column of H3 ids; found out if empty.
    crs
        Metric CRS of the town, such as ``EPSG:25832``: areas are measured in it.
    number, name
        Properties of number and name; empty for none. An area without a name is called as its
        number, a hexagon as its id.

    Raises
    ------
    CrsError
        If ``crs`` is none in metres, the file holds metres and names no CRS, or the areas lie far
        from where ``crs`` is in use.
    SwappedCoordinatesError
        If latitude and longitude are exchanged.
    EmptyTableError, EncodingError, TableError, TooLargeError
        If the file is empty, is not UTF-8, is no GeoJSON, or is too large.
    MissingColumnError, ColumnValueError, ControlCharacterError
        If it has no such property, or a number or name is none.
    DuplicateIdError
        If one number has two names.
    GeometryError
        If an area is no valid polygon or narrower than a metre, or two overlap by more than 1 %.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> def draw(name, west):
    ...     ring = [[west, 49], [west + 0.01, 49], [west + 0.01, 49.01], [west, 49.01], [west, 49]]
    ...     shape = {"type": "Polygon", "coordinates": [ring]}
    ...     return {"type": "Feature", "properties": {"name": name}, "geometry": shape}
    >>> features = [draw("Öd", 7.00), draw("Alt", 7.01), draw("Alt", 7.02)]
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "areas.geojson")
    ...     _ = path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    ...     areas = read_areas(path, "EPSG:25832", name="name")
    >>> areas.table[["district", "name"]].to_numpy().tolist(), areas.n_merged
    ([[1, 'Alt'], [2, 'Öd']], 1)
    """
    drawn, ids = _read_polygons(path, layer, ids)
    name = name or ids
    for column in filter(None, (number, name)):
        _require_column(drawn, column, path)
    n_rows = len(drawn)
    numbers = _read_numbers(drawn[number], path) if number else [None] * n_rows
    names = _read_names(drawn[name], path) if name else [""] * n_rows
    if name and not number:
        _require_names(names, path, name)
    shapes = drawn.geometry.to_numpy()
    return lay_out(tabulate(numbers, names, range(1, n_rows + 1), shapes), crs, path)


def make_one_area(name: str, bounds: Bounds) -> Areas:
    """Return the rectangle of an extract as the one area of a town, with the number 1.

    Parameters
    ----------
    name
        Of the town.
    bounds
        West, south, east and north edge in degrees (EPSG:4326).

    Raises
    ------
    CoordinateError
        If the bounds are no such rectangle.

    Examples
    --------
    >>> areas = make_one_area("Kaiserslautern", (7.70, 49.40, 7.80, 49.48))
    >>> areas.table["name"].tolist(), round(areas.table.geometry[0].area, 4)
    (['Kaiserslautern'], 0.008)
    """
    box = shapely.normalize(shapely.box(*check_bounds(bounds)))
    return Areas(
        gpd.GeoDataFrame(
            {"district": [1], "name": [name.strip() or "1"]}, geometry=[box], crs=WGS84
        )
    )


def check_bounds(bounds: Bounds) -> Bounds:
    """Return bounds in degrees, or raise a :class:`CoordinateError` if they are no rectangle."""
    west, south, east, north = bounds
    if not (-MAX_LON <= west < east <= MAX_LON and -MAX_LAT <= south < north <= MAX_LAT):
        raise CoordinateError(
            "{bounds} is no rectangle in degrees",
            bounds=tuple(f"{edge:g}" for edge in bounds),
            how="Give its west, south, east and north edge in degrees, in this order.",
        )
    return bounds


# --- what a file holds ---


def _read_polygons(path: Path, layer: str = "", ids: str = "") -> tuple[gpd.GeoDataFrame, str]:
    """Return the features of a file in EPSG:4326, each a polygon or several, valid or not.

    And the column of the ids of hexagons; empty for none.
    """
    if path.suffix.lower() == TABLE:
        return _read_table(path, ids)
    return _read_drawn(path, layer), ""


def _read_table(path: Path, ids: str) -> tuple[gpd.GeoDataFrame, str]:
    table = open_table(path)
    if ids:
        table.require((ids,))
        columns = PlaceColumns(ids=ids)
    else:
        first = table.read_first()
        columns = find_place_columns({name: first[name] for name in table.names})
    if columns == PlaceColumns():
        raise MissingColumnError(
            "no column of the table draws areas",
            names=table.names,
            where=Place(path),
            how="Give areas as polygons in a column of well-known text, or hexagons by their H3 "
            "ids; the file has {names}.",
        )
    drawn = draw_rows(table, columns)
    return _require_polygons(drawn, path), columns.ids


def _read_drawn(path: Path, layer: str) -> gpd.GeoDataFrame:
    if path.suffix.lower() == ".gpkg":
        return _require_polygons(read_geopackage(path, layer), path)
    if path.suffix.lower() == ".zip":
        return _require_polygons(read_shapefile(path), path)
    return _require_polygons(_read_features(_read_content(path), path), path)


def _read_features(content: bytes, path: Path) -> gpd.GeoDataFrame:
    try:
        return read_feature_layer(content, path, WGS84)
    except SwappedCoordinatesError as error:
        row = None if error.where is None else error.where.row
        if row is not None and _is_in_metres(content, row):
            raise CrsError(
                "the positions are metres, and the file does not say of which coordinate system",
                where=Place(path, row=row, column="geometry"),
                how="Save the file in EPSG:4326 (longitude, latitude), or with a crs member that "
                "names its system, such as EPSG:25832 or, where eastings begin with the number "
                "of their zone, EPSG:4647.",
            ) from error
        raise


def _require_polygons(drawn: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    if drawn.empty:
        raise EmptyTableError("the file holds no areas", where=Place(path), how=DOWNLOAD)
    for row, shape in enumerate(drawn.geometry, start=1):
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
            raise GeometryError(
                "the feature is no polygon",
                where=Place(path, row=row, column="geometry"),
                how="Draw the area as a polygon, or take the feature out.",
            )
    return drawn


def _read_content(path: Path) -> bytes:
    if not path.name.lower().endswith(ENDINGS):
        raise TableError(
            "areas are not read from a file that ends with {ending!r}",
            ending=path.suffix or path.name,
            endings=either(ENDINGS),
            where=Place(path),
            how="Save them in a file that ends with {endings}; a .zip holds one Shapefile.",
        )
    content = read_layer_bytes(path, None)
    if path.suffix.lower() == ".gz":
        content = _unpack(content, path)
    if not content.strip():
        raise EmptyTableError("the file is empty", where=Place(path), how=DOWNLOAD)
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EncodingError(
            "the file is not UTF-8",
            where=Place(path),
            how="Save it as UTF-8, which GeoJSON always is.",
        ) from error
    return content


def _unpack(content: bytes, path: Path) -> bytes:
    try:
        with gzip.GzipFile(fileobj=BytesIO(content)) as packed:
            unpacked = packed.read(MAX_LAYER_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(
            "the file cannot be read: {error}", error=error, where=Place(path), how=DOWNLOAD
        ) from error
    if len(unpacked) > MAX_LAYER_BYTES:
        raise TooLargeError(
            "the layer has more than {megabytes:g} MB",
            megabytes=MAX_LAYER_BYTES / 1e6,
            where=Place(path),
            how=FEWER,
        )
    return unpacked


def _is_in_metres(content: bytes, row: int) -> bool:
    coordinates = parse_json(content)["features"][row - 1]["geometry"]["coordinates"]
    first = re.search(r"[0-9]+", json.dumps(coordinates))
    return first is not None and int(first[0]) > METRES


def _refuse_many(n_areas: int, path: Path) -> None:
    if n_areas > MAX_AREAS:
        raise TooLargeError(
            "there are {n_areas:,} areas, at most {most:,} are taken",
            n_areas=n_areas,
            most=MAX_AREAS,
            where=Place(path),
            how=FEWER,
        )


def _refuse_many_parts(features: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse what would be too many areas before anything is computed of their polygons."""
    if features["number"].notna().all():
        _refuse_many(int(features["number"].nunique()), path)
    if len(features) > MAX_PARTS:
        raise TooLargeError(
            "there are too many polygons, {n_parts:,}, at most {most:,} are taken",
            n_parts=len(features),
            most=MAX_PARTS,
            where=Place(path),
            how=FEWER,
        )


def parse_numbers(values: Sequence[object]) -> list[int] | None:
    """Return numbers of areas; ``None`` where one is none or two are equal."""
    found = [NUMBER.fullmatch(str(value).strip()) for value in values]
    numbers = [int(match[1]) for match in found if match is not None]
    return numbers if len(set(numbers)) == len(values) else None


def _is_naming(values: Sequence[object]) -> bool:
    texts = {value.strip() for value in values if isinstance(value, str)}
    has_letters = all(re.search(r"[^\W\d_]", text) for text in texts)
    return has_letters and len(texts) >= UNIQUE_SHARE * len(values)


def _choose(properties: Sequence[str], words: Sequence[str]) -> str | None:
    """Return the property that suits the earliest of the words."""
    suiting = (p for word in words for p in properties if re.search(word, p.casefold()))
    return next(suiting, None)


def _require_column(drawn: gpd.GeoDataFrame, column: str, path: Path) -> None:
    names = [str(name) for name in drawn.columns.drop("geometry")]
    if column not in names:
        raise MissingColumnError(
            "the column {name} is absent",
            name=column,
            names=names,
            where=Place(path, column=column),
            how="Name one of the properties of the features: {names}." if names else "",
        )


def _read_numbers(column: pd.Series, path: Path) -> list[int | None]:
    numbers: list[int | None] = []
    for row, value in enumerate(column, start=1):
        found = NUMBER.fullmatch(str(value).strip())
        if found is None:
            raise ColumnValueError(
                "{value} is no number of an area",
                value=str(value),
                where=Place(path, row=row, column=str(column.name)),
                how="Give each area a whole number from 1 on, or name no property of numbers.",
            )
        numbers.append(int(found[1]))
    return numbers


def _read_names(column: pd.Series, path: Path) -> list[str]:
    names = ["" if pd.api.types.is_scalar(v) and pd.isna(v) else str(v) for v in column]
    names = [" ".join(name.split()) for name in names]
    for row, name in enumerate(names, start=1):
        sign = find_unprintable(name)
        if sign is not None:
            raise ControlCharacterError(
                "the name of the area holds the sign {sign}, which nothing can print",
                sign=sign,
                where=Place(path, row=row, column=str(column.name)),
                how="Delete the sign.",
            )
    return names


def _require_names(names: Sequence[str], path: Path, column: str) -> None:
    if "" in names:
        raise ColumnValueError(
            "the area has neither a number nor a name",
            where=Place(path, row=names.index("") + 1, column=column),
            how="Name the area, or say which property holds the numbers.",
        )


# --- where it lies ---


def parse_metric_crs(text: str) -> CRS:
    """Return the CRS of a code, or raise a :class:`CrsError` if it is unknown or not in metres."""
    try:
        crs = CRS.from_user_input(text if CRS_NAME.fullmatch(text) else "")
    except CRSError as error:
        raise CrsError(
            "nobody knows the CRS {crs}", crs=text, how="Give a code such as EPSG:25832."
        ) from error
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise CrsError(
            "the CRS {crs} is not in metres", crs=text, how="Give a code such as EPSG:25832."
        )
    return crs


def _check_place(features: gpd.GeoDataFrame, metric: CRS, path: Path) -> None:
    """Refuse areas that lie far from where the metric CRS of the town is in use."""
    use = metric.area_of_use
    edges = features.geometry.bounds.to_numpy()
    for row, west, south, east, north in zip(features["row"], *edges.T, strict=True):
        lon, lat = (west + east) / 2, (south + north) / 2
        where = Place(path, row=row, column="geometry")
        if not (np.isfinite(lon) and np.isfinite(lat)):
            raise CrsError(
                "the positions are none of the coordinate system that the file names",
                where=where,
                how="Correct its crs member, or save the file in EPSG:4326 (longitude, latitude).",
            )
        if use is not None and not _is_near(lon, lat, use.bounds):
            raise _misplaced(lon, lat, metric, where)


def _misplaced(lon: float, lat: float, metric: CRS, where: Place) -> CoordinateError:
    if metric.area_of_use is not None and _is_near(lat, lon, metric.area_of_use.bounds):
        return SwappedCoordinatesError(
            "latitude and longitude are exchanged",
            where=where,
            how="Write each position as [longitude, latitude].",
        )
    return CrsError(
        "the area lies at longitude {lon:.2f}, latitude {lat:.2f}, where {crs} is not in use",
        lon=lon,
        lat=lat,
        crs=metric.to_string(),
        where=where,
        how="Give the metric CRS of the town; if it is right, look which CRS the file is in.",
    )


def _is_near(lon: float, lat: float, bounds: Bounds) -> bool:
    """Tell whether a place lies in or near bounds, which may go across the 180th meridian."""
    west, south, east, north = bounds
    width = (east - west) % 360 + 2 * NEAR_DEGREES
    is_between = (lon - west + NEAR_DEGREES) % 360 <= width
    return is_between and south - NEAR_DEGREES <= lat <= north + NEAR_DEGREES


# --- from features to a tiling ---


def tabulate(
    numbers: Sequence[int | None],
    names: Sequence[str],
    rows: Sequence[int | None],
    shapes: Sequence[shapely.Geometry],
) -> gpd.GeoDataFrame:
    """Return features as :func:`lay_out` takes them; all have a number or none."""
    columns = {"number": numbers, "name": names, "row": rows}
    table = {name: pd.Series(list(values), dtype=object) for name, values in columns.items()}
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=WGS84)


def lay_out(
    features: gpd.GeoDataFrame, crs: str, path: Path, *, clipped: tuple[str, ...] = ()
) -> Areas:
    """Return features (EPSG:4326) as one tiling; errors as of :func:`read_areas`."""
    _check_place(features, parse_metric_crs(crs), path)
    _refuse_many_parts(features, path)
    shapes, n_repaired = _repair(features, crs, path)
    features = features.set_geometry(_weld(np.array(shapes, dtype=object)))
    holes = _find_holes(features.geometry.to_numpy(), crs)
    areas = _number(_merge(features, crs, path))
    _refuse_many(len(areas), path)
    overlap_km2 = _measure_overlaps(areas, crs, path)
    tiles = tile_polygons([*areas.geometry, *holes.open])[: len(areas)]
    names = [n or str(k) for n, k in zip(areas["name"], areas["number"], strict=True)]
    return Areas(
        gpd.GeoDataFrame(
            {"district": areas["number"].astype(int), "name": names}, geometry=tiles, crs=WGS84
        ),
        overlap_km2,
        holes.gap_km2,
        holes.hole_km2,
        len(features) - len(areas),
        n_repaired,
        clipped,
    )


def _project(shapes: Shapes | Sequence[shapely.Geometry], crs: str) -> Shapes:
    projected: Shapes = gpd.GeoSeries(shapes, crs=WGS84).to_crs(crs).to_numpy()
    return projected


def _place(feature: Mapping[str, Any], path: Path) -> Place:
    return Place(path, row=feature["row"], column="geometry")


def _label(feature: Mapping[str, Any]) -> str:
    return str(feature["name"] or feature["number"] or feature["row"])


def _repair(features: gpd.GeoDataFrame, crs: str, path: Path) -> tuple[list[Any], int]:
    """Return valid shapes, and how many of them were not."""
    given = features.geometry.to_numpy()
    faulty = np.flatnonzero(~shapely.is_valid(given))
    made = given.copy()
    made[faulty] = shapely.make_valid(given[faulty], method="structure", keep_collapsed=False)
    for k in faulty:
        before, after = shapely.area(_project([given[k], made[k]], crs))
        if abs(after - before) >= REPAIRED_M2:
            feature = features.iloc[k]
            raise GeometryError(
                "the border of the area {name} cannot be used: {reason}",
                name=_label(feature),
                reason=shapely.is_valid_reason(given[k]),
                where=_place(feature, path),
                how="Draw the border there again.",
            )
    return list(made), len(faulty)


def _weld(shapes: Shapes) -> Shapes:
    """Return shapes whose corners meet where they nearly do: else slits would open holes outwards.

    A shape that this would make invalid stays as it is.
    """
    corners, at = np.unique(shapely.get_coordinates(shapes), axis=0, return_inverse=True)
    pairs = KDTree(corners).query_pairs(WELD_DEGREES, output_type="ndarray")
    if not len(pairs):
        return shapes
    links = sparse.coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(corners),) * 2)
    group = csgraph.connected_components(links, directed=False)[1]
    first = np.unique(group, return_index=True)[1]
    welded = shapely.set_coordinates(shapes.copy(), corners[first[group]][at.reshape(-1)])
    kept: Shapes = np.where(shapely.is_valid(welded), welded, shapes)
    return kept


@dataclass(frozen=True)
class _Holes:
    """What stays open inside the areas; area of the gaps between them, and of wider ground."""

    open: tuple[shapely.Geometry, ...] = ()
    gap_km2: float = 0.0
    hole_km2: float = 0.0


def _find_holes(shapes: Shapes, crs: str) -> _Holes:
    """Find the faces between the borders, noded as the tiling does, that no shape covers."""
    borders = shapely.union_all(shapely.boundary(shapes), grid_size=GRID_DEGREES)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(borders))))
    tree = shapely.STRtree(shapes)
    covered = tree.query(shapely.point_on_surface(faces), predicate="intersects")[0]
    holes = np.delete(faces, np.unique(covered))
    if not len(holes):
        return _Holes()
    projected = _project(holes, crs)
    around = tree.query(holes, predicate="dwithin", distance=GRID_DEGREES)[0]
    is_between = np.bincount(around, minlength=len(holes)) > 1
    is_gap = is_between & shapely.is_empty(shapely.buffer(projected, -GAP_WIDTH_M / 2))
    area_m2 = shapely.area(projected)
    return _Holes(
        tuple(holes[~is_gap]),
        float(area_m2[is_gap & (area_m2 > TOLERATED_M2)].sum()) / 1e6,
        float(area_m2[is_between & ~is_gap].sum()) / 1e6,
    )


def _merge(features: gpd.GeoDataFrame, crs: str, path: Path) -> gpd.GeoDataFrame:
    """Return one row for each area: the first of its features, with the shape of all."""
    has_numbers = features["number"].notna().all()
    area = features["number"] if has_numbers else pd.Series(_find_parts(features, crs))
    first = features[~area.duplicated()].copy()
    if has_numbers:
        _refuse_two_names(features, path)
    shapes = [
        shapely.normalize(shapely.union_all(part.to_numpy()))
        for _, part in features.geometry.groupby(area, sort=False)
    ]
    first = first.set_geometry(gpd.GeoSeries(shapes, index=first.index, crs=WGS84))
    narrow = shapely.is_empty(
        shapely.buffer(_project(first.geometry.to_numpy(), crs), -LEAST_WIDTH_M / 2)
    )
    for _, feature in first[narrow].iterrows():
        raise GeometryError(
            "the area {name} is nowhere {width_m:g} m wide",
            name=_label(feature),
            width_m=LEAST_WIDTH_M,
            where=_place(feature, path),
            how="Take the feature out, or draw the area again.",
        )
    return first.reset_index(drop=True)


def _refuse_two_names(features: gpd.GeoDataFrame, path: Path) -> None:
    first: dict[int, tuple[str, int]] = {}
    columns = (features[column] for column in ("number", "name", "row"))
    for number, name, row in zip(*columns, strict=True):
        other, other_row = first.setdefault(number, (name, row))
        if other != name:
            raise DuplicateIdError(
                "the number {number} is that of {first} (row {row}) and that of {second}",
                number=number,
                first=other,
                row=other_row,
                second=name,
                where=Place(path, row=row),
                how="Give each area a number of its own, or name another property of numbers.",
            )


def _find_parts(features: gpd.GeoDataFrame, crs: str) -> NDArray[np.int32]:
    """Return which features are one area: those of one name that touch, also by others of it."""
    shapes = _project(features.geometry.to_numpy(), crs)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_M)
    names = features["name"].to_numpy()
    is_same = (names[one] == names[other]) & (names[one] != "")
    links = sparse.coo_matrix(
        (np.ones(int(is_same.sum())), (one[is_same], other[is_same])), shape=(len(shapes),) * 2
    )
    parts: NDArray[np.int32] = csgraph.connected_components(links, directed=False)[1]
    return parts


def _number(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the areas by number; where they have none they are counted, see the module."""
    if areas["number"].notna().all():
        return areas.sort_values("number", ignore_index=True)
    inside = shapely.get_coordinates(shapely.point_on_surface(areas.geometry.to_numpy()))
    keys = [
        (make_slug(name), name, *point)
        for name, point in zip(areas["name"], inside.tolist(), strict=True)
    ]
    ordered = areas.iloc[sorted(range(len(keys)), key=keys.__getitem__)]
    return ordered.reset_index(drop=True).assign(number=range(1, len(keys) + 1))


def _measure_overlaps(areas: gpd.GeoDataFrame, crs: str, path: Path) -> float:
    shapes = _project(areas.geometry.to_numpy(), crs)
    overlaps = {
        found.rows: found.area_m2 for found in find_tiling_faults(shapes) if found.is_overlap
    }
    shares = {rows: m2 / min(shapely.area(shapes[[*rows]])) for rows, m2 in overlaps.items()}
    rows = max(sorted(shares), key=shares.__getitem__, default=())
    if rows and shares[rows] > MAX_OVERLAP_SHARE:
        first, second = (areas.iloc[row] for row in rows)
        raise GeometryError(
            "the areas {first} and {second} overlap by {share:.1%} of the smaller one",
            first=_label(first),
            second=_label(second),
            share=shares[rows],
            where=_place(second, path),
            how="Leave areas of one kind in the file, and draw the border between them again.",
        )
    return sum(overlaps[rows] for rows in sorted(overlaps)) / 1e6

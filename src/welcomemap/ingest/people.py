"""Population grids and counts of any town, and their spreading to where homes are.

Three kinds of files are read:

- ``census2022``: the grid of the German census of 2022 as published, in cells of 100 m, 1 km or
  10 km (``GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner``; a dash says that nobody lives there).
- ``census2011_1km``: the grid of the census of 2011 in cells of 1 km, with the shares of foreign
  citizens, of people under 18 and of people of 65 and over in percent (-1 and -9: empty or
  suppressed), as a Parquet table or as the CSV file of the publisher (the latter is read as its
  description says: no real one was met).
- ``polygons``: a count in a column of GeoJSON polygons or points, or of a CSV table with ``id``,
  ``lon`` and ``lat``. A point stands for the ground nearer to it than to any other, at most half
  the diagonal of a square as wide as the stated cell: for the middles of squares and hexagons these
  are the squares and hexagons themselves.

Method
------
Dasymetric mapping in its binary form (Eicher and Brewer 2001, "Dasymetric mapping and areal
interpolation", Cartography and Geographic Information Science 28(2),
doi:10.1559/152304001782173727; Mennis 2003, "Generating surface models of population using
dasymetric mapping", The Professional Geographer 55(1)): people of a cell wider than 100 m live in
those of its 100 m cells that hold homes, in proportion to the number of homes; where no home is
known, evenly over the ground inside the areas. Narrower cells are kept. Both are split at the
borders of areas in the same proportions. Of a cell on the border of the town the part inside
counts: by homes where there are some on both sides, else by area. Parts without homes that are
smaller than 1/20 of their 100 m cell get nobody.

Groups follow the shares of their cell; a suppressed share is the mean of the town.

Error
-----
Where people of a coarse cell live inside of it is an estimate. Düsseldorf's real cells of 2022,
summed to cells of 1 km and spread again by 71,077 residential addresses of 2018, against the real
ones (:func:`measure_spread_error`; 7,674 cells with 79.6 people on average):

===================  =====  ===================  ================
spread               r      mean absolute error  people misplaced
===================  =====  ===================  ================
by all homes         0.682  37.4                 24.3 %
by 1 home in 5       0.531  54.7                 35.1 %
by 1 home in 10      0.439  69.3                 44.3 %
by 1 home in 50      0.219  125.0                79.6 %
evenly               0.548  46.2                 45.5 %
===================  =====  ===================  ================

So homes help while most of them are known (9 people a home here). With one for 40 people they are
no better than nothing by the first two measures, with one for 90 by the third as well; below that
they do harm, for few doors then carry whole quarters: look at :attr:`SpreadPeople.people_per_home`.
Thinned at random; real lists lack whole streets, which was not measured. The true cells were cut at
the town's border in the same way, by area, since the list of addresses ends there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import ArrayLike, NDArray
from pyarrow import csv as arrow_csv
from pyproj import CRS
from scipy.spatial import KDTree

from welcomemap.crs import GRID_CRS, WGS84, Points
from welcomemap.errors import (
    ColumnValueError,
    CoordinateError,
    DuplicateIdError,
    EmptyTableError,
    EncodingError,
    Fault,
    GeometryError,
    MissingColumnError,
    Place,
    TableError,
    UsageError,
    fault,
)
from welcomemap.ingest.demand_cells import (
    CELL_M,
    SMALLEST_PART_SHARE,
    UNITS_PER_PERSON,
    name_cells,
    round_to_total,
)
from welcomemap.region.layers import open_parquet, read_geojson, read_layer_bytes
from welcomemap.region.schemas import DEMAND_CELL_COLUMNS, GROUPS, without_groups
from welcomemap.tabular.delimited import find_delimiter

Bounds = tuple[float, float, float, float]

CENSUS_2022, CENSUS_2011, POLYGONS = "census2022", "census2011_1km", "polygons"
KINDS = (CENSUS_2022, CENSUS_2011, POLYGONS)
YEARS = {CENSUS_2022: 2022, CENSUS_2011: 2011}
SOURCES = {
    CENSUS_2022: "© Statistisches Bundesamt (Destatis), Zensus 2022",
    CENSUS_2011: "© Statistisches Bundesamt, Wiesbaden 2018",
}
LICENCES = {CENSUS_2022: "dl-de/by-2-0"}
SIZES = {"100m": 100.0, "1km": 1000.0, "10km": 10_000.0}
SHARES_CSV = {"foreign_citizens": "Auslaender_A", "under_18": "unter18_A", "over_65": "ab65_A"}
SHARES_PARQUET = {
    "foreign_citizens": "foreign_pct", "under_18": "under_18_pct", "over_65": "over_65_pct",
}  # fmt: skip
SUPPRESSED = (-1, -9)
NOTHING = ("", "-", "–")
"""What stands in a cell for nobody: the publisher's dash, or nothing."""
COUNT_COLUMNS = ("population", "residents", "einwohner")
BLOCK_BYTES = 8_000_000
FRAME_STEPS = 50
"""Pieces of an edge of the bounds, which bends when it is projected."""
DECIMALS_M = 1
GEOJSON = (".geojson", ".json")
GRID_X = re.compile(r"x_mp_(100m|1km|10km)")
A_COUNT = fault("a number of people of 0 or more")
A_SHARE = fault("a share from 0 to 100 percent")
A_COORDINATE = fault("a coordinate in metres")
A_LONGITUDE = fault("a longitude in degrees")
A_LATITUDE = fault("a latitude in degrees")
MEND = fault("Give the file as its publisher gives it: unpacked, in UTF-8.")


@dataclass(frozen=True)
class PeopleGuess:
    """What a file of people holds.

    Attributes
    ----------
    kind
        See :func:`read_people`.
    size_m
        How wide a cell is: as its columns say; of polygons the root of their median area, of points
        the median way to the next one.
    n_rows
        Rows of the file.
    columns
        Names of its columns or properties.
    bounds
        West, south, east and north edge in ``crs``.
    groups
        Groups that the file knows, in the order of :data:`welcomemap.region.schemas.GROUPS`.
    count
        Column that seems to hold the people, of polygons and points; may be empty.
    """

    kind: str
    size_m: float
    n_rows: int
    columns: tuple[str, ...]
    bounds: Bounds
    crs: str
    groups: tuple[str, ...]
    count: str


@dataclass(frozen=True)
class PeopleGrid:
    """People of cells.

    Attributes
    ----------
    table
        By ``cell_id`` (as the census names it, such as ``1kmN2695E4334``); ``x, y``: the middle in
        ``crs``; each group a column of people, NaN where suppressed, known in one cell at least;
        ``geometry``: the cell. Nobody's cells are left out.
    size_m
        How wide a cell is.
    groups
        Residents first.
    year
        ``None`` where the file does not say.
    source, licence
        Publisher, and key of the licence; empty where the file does not say.
    """

    table: gpd.GeoDataFrame
    size_m: float
    groups: tuple[str, ...]
    crs: str
    year: int | None
    source: str
    licence: str


@dataclass(frozen=True)
class SpreadPeople:
    """People where they live.

    Attributes
    ----------
    cells
        By district and ``cell_id``: the columns of
        :data:`welcomemap.region.schemas.DEMAND_CELL_COLUMNS` without absent groups; people to
        1/1000; in a metric CRS. ``quarter`` is the district's number as a text.
        ``is_from_addresses`` is true where homes alone say how many of a wider cell live there.
    totals
        Whole people by district, to which the cells sum exactly.
    outside_people
        Residents of cells on the border who live outside all areas.
    homes_share
        Share of the residents inside who are placed by homes, 0-1; of the others, by area.
    people_per_home
        Of those placed by homes; NaN where nobody is. Many people a home mean that most homes are
        not known.
    """

    cells: gpd.GeoDataFrame
    totals: pd.DataFrame
    outside_people: float
    homes_share: float
    people_per_home: float


@dataclass(frozen=True)
class SpreadError:
    """How far spread residents are from the true ones.

    Attributes
    ----------
    n_cells
        Cells where people truly live: the same for every way to spread them.
    correlation
        Pearson's r over those cells.
    mean_absolute
        Mean absolute error in people over those cells.
    misplaced_share
        Share of the residents who are put into another cell than their own, 0-1: half the sum of
        all absolute errors, those of truly empty cells too.
    """

    n_cells: int
    correlation: float
    mean_absolute: float
    misplaced_share: float


@dataclass(frozen=True)
class _Form:
    """Which column of a table is which: ``x``, ``y``, ``residents``, and shares of groups.

    ``delimiter`` is empty for Parquet; ``columns`` are none for polygons and points.
    """

    kind: str
    names: tuple[str, ...]
    delimiter: str
    size_m: float
    columns: Mapping[str, str]

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(group for group in GROUPS if group in self.columns)


def look_at_people(path: Path) -> PeopleGuess:
    """Return what a file of people holds.

    Raises
    ------
    InputError
        As :func:`read_people`, where the file is of no known kind or damaged.
    """
    content = read_layer_bytes(path, None)
    form = _find_form(content, path, "")
    if form.kind == POLYGONS:
        places = _read_places(content, path, form)
        names = tuple(str(name) for name in places.columns.drop("geometry"))
        west, south, east, north = (float(edge) for edge in places.total_bounds)
        return PeopleGuess(
            form.kind, _measure_size(places), len(places), names, (west, south, east, north), WGS84,
            GROUPS[:1], _find_count(names),
        )  # fmt: skip
    n_rows, low, high = 0, np.full(2, np.inf), np.full(2, -np.inf)
    for cells in _read_cells(content, path, form):
        n_rows += len(cells)
        low = np.minimum(low, cells[["x", "y"]].min().to_numpy() - form.size_m / 2)
        high = np.maximum(high, cells[["x", "y"]].max().to_numpy() + form.size_m / 2)
    bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return PeopleGuess(
        form.kind, form.size_m, n_rows, form.names, bounds, GRID_CRS, form.groups, ""
    )


def read_people(
    path: Path, *, bounds: Bounds, kind: str = "", count: str = "", size_m: float = 0.0
) -> PeopleGrid:
    r"""Return the people of the cells that touch a town.

    Parameters
    ----------
    bounds
        Of the town: west, south, east and north in degrees (EPSG:4326).
    kind
        ``census2022``, ``census2011_1km`` or ``polygons``, see the module; found out if empty.
    count
        Column of the people, of polygons and points; ``population`` and the like if empty.
    size_m
        How wide the cell of a point is.

    Raises
    ------
    UsageError
        If there is no such kind, or points come without the size of their cells.
    TableError
        If the file is no table of a known kind, is empty, lacks a column, names a cell twice, or
        a number of people is none.
    CoordinateError
        If coordinates are not those of the kind, or no cell touches the town.
    GeometryError
        If a feature is neither a point nor a valid polygon.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> rows = "GITTER_ID_1km;x_mp_1km;y_mp_1km;Einwohner\nx;4104500;3116500;2000\n"
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "grid.csv")
    ...     _ = path.write_text(rows)
    ...     grid = read_people(path, bounds=(6.8, 51.0, 7.0, 51.2))
    >>> grid.size_m, grid.year, grid.table[["cell_id", "residents"]].to_numpy().tolist()
    (1000.0, 2022, [['1kmN3116E4104', 2000.0]])
    """
    content = read_layer_bytes(path, None)
    form = _find_form(content, path, kind)
    crs = WGS84 if form.kind == POLYGONS else GRID_CRS
    frame = _project_bounds(bounds, crs)
    if form.kind == POLYGONS:
        cells, size_m = _count_places(_read_places(content, path, form), path, count, size_m)
    else:
        cells, size_m = _read_squares(content, path, form, frame), form.size_m
    cells = cells[shapely.intersects(cells.geometry.to_numpy(), frame)]
    _refuse_strangers(cells, bounds, path)
    table = cells[cells["residents"] > 0].sort_values("cell_id", ignore_index=True)
    if table.empty:
        raise EmptyTableError("nobody lives in the cells of the town", where=Place(path), how=MEND)
    groups = tuple(group for group in form.groups if table[group].notna().any())
    return PeopleGrid(
        table=table[["cell_id", "x", "y", *groups, "geometry"]],
        size_m=size_m,
        groups=groups,
        crs=crs,
        year=YEARS.get(form.kind),
        source=SOURCES.get(form.kind, ""),
        licence=LICENCES.get(form.kind, ""),
    )


def _project_bounds(bounds: Bounds, crs: str) -> shapely.Polygon:
    """Return the rectangle of degrees in a CRS, its edges bent as they are there."""
    west, south, east, north = bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CoordinateError(
            "the bounds of the town are not degrees: {bounds}",
            bounds=[f"{edge:g}" for edge in bounds],
            how="Give west, south, east and north in degrees (EPSG:4326).",
        )
    step = max((east - west), (north - south)) / FRAME_STEPS
    frame = shapely.segmentize(shapely.box(*bounds), step or 1.0)
    return gpd.GeoSeries([frame], crs=WGS84).to_crs(crs).iloc[0]


def _refuse_strangers(cells: gpd.GeoDataFrame, bounds: Bounds, path: Path) -> None:
    if cells.empty:
        raise CoordinateError(
            "no cell of the file touches the town, which lies within {bounds} (degrees)",
            bounds=[f"{edge:.2f}" for edge in bounds],
            where=Place(path),
            how="Give the grid of the town's own country and region, and check that longitude and "
            "latitude are not exchanged.",
        )
    is_again = cells["cell_id"].duplicated()
    if is_again.any():
        row = _first_row(is_again)
        raise DuplicateIdError(
            "the cell {name} stands twice",
            name=cells["cell_id"].loc[row],
            where=Place(path, row=row),
            how="Keep one row for each cell.",
        )


# --- reading ---


def _find_form(content: bytes, path: Path, kind: str) -> _Form:
    if kind and kind not in KINDS:
        raise UsageError(
            "there is no kind of population grid called {kind!r}",
            kind=kind,
            kinds=KINDS,
            how="Choose from {kinds}, or leave it out.",
        )
    if path.suffix.lower() in GEOJSON:
        if kind not in ("", POLYGONS):
            raise UsageError(
                "features are of the kind {polygons}, not {kind}",
                polygons=POLYGONS,
                kind=kind,
                where=Place(path),
                how="Leave the kind out.",
            )
        return _Form(POLYGONS, (), "", 0.0, {"residents": ""})
    names, delimiter = _read_header(content, path)
    found = kind or _guess_kind(names)
    if not found:
        raise TableError(
            "no population grid of a known kind has the columns {names}",
            names=names,
            kinds=KINDS,
            where=Place(path),
            how="Give the file as its publisher gives it; known are {kinds}.",
        )
    if found == POLYGONS:
        _require(("id", "lon", "lat"), names, path)
        return _Form(found, names, delimiter, 0.0, {"residents": ""})
    return _find_grid_form(found, names, delimiter, path)


def _find_grid_form(kind: str, names: tuple[str, ...], delimiter: str, path: Path) -> _Form:
    size = next((m[1] for m in map(GRID_X.fullmatch, names) if m), "1km")
    columns = {"x": f"x_mp_{size}", "y": f"y_mp_{size}", "residents": "Einwohner"}
    ids = [f"GITTER_ID_{size}"] if kind == CENSUS_2022 else []
    shares = SHARES_CSV
    if kind == CENSUS_2011:
        size = "1km"
        columns |= {"x": "x_mp_1km", "y": "y_mp_1km"}
        if not delimiter:
            columns, shares = {"x": "x", "y": "y", "residents": "residents"}, SHARES_PARQUET
        columns |= {group: name for group, name in shares.items() if name in names}
    _require((*ids, *columns.values()), names, path)
    return _Form(kind, names, delimiter, SIZES[size], columns)


def _guess_kind(names: Sequence[str]) -> str:
    is_2011 = {"Gitter_ID_1km", *SHARES_CSV.values(), *SHARES_PARQUET.values()} & {*names}
    if is_2011:
        return CENSUS_2011
    if any(GRID_X.fullmatch(name) for name in names):
        return CENSUS_2022
    return POLYGONS if {"lon", "lat"} & {*names} else ""


def _read_header(content: bytes, path: Path) -> tuple[tuple[str, ...], str]:
    """Return the columns of a table and what separates them; of Parquet, nothing does."""
    if path.suffix.lower() == ".parquet":
        return tuple(open_parquet(content, path).schema_arrow.names), ""
    if not content.strip():
        raise EmptyTableError("the file is empty", where=Place(path), how=MEND)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = max(content.count(b"\n", 0, error.start), 1)
        raise EncodingError(
            "the file is not UTF-8", where=Place(path, row=row), how=MEND
        ) from error
    line = content.partition(b"\n")[0].decode("utf-8-sig").rstrip("\r")
    delimiter = find_delimiter(line) or ","
    names = line.replace('"', "").split(delimiter)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise TableError(
            "the column {name} stands twice",
            name=twice[0],
            where=Place(path, column=twice[0]),
            how="Name each column once.",
        )
    return tuple(names), delimiter


def _require(wanted: Sequence[str], names: Sequence[str], path: Path) -> None:
    for name in wanted:
        if name not in names:
            raise MissingColumnError(
                "the column {name} is absent",
                name=name,
                names=names,
                where=Place(path, column=name),
                how="Name it as its publisher does; the file has {names}.",
            )


def _read_batches(
    content: bytes, path: Path, form: _Form, names: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Yield columns of a table in pieces, by row number from 1: a country need not fit at once."""
    first = 1
    try:
        if form.delimiter:
            batches = arrow_csv.open_csv(
                pa.BufferReader(content),
                arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
                arrow_csv.ParseOptions(delimiter=form.delimiter),
                arrow_csv.ConvertOptions(
                    include_columns=names, column_types=dict.fromkeys(names, pa.string())
                ),
            )
        else:
            batches = open_parquet(content, path).iter_batches(columns=list(names))
        for batch in batches:
            rows = batch.to_pandas()
            rows.index = pd.RangeIndex(first, first + len(rows))
            first += len(rows)
            yield rows
    except pa.ArrowException as error:
        raise TableError(
            "the file cannot be read as a table: {error}", error=error, where=Place(path), how=MEND
        ) from error
    if first == 1:
        raise EmptyTableError("the table has no rows", where=Place(path), how=MEND)


def _read_numbers(
    column: pd.Series, path: Path, expected: Fault, *, high: float = np.inf,
    low: float = -np.inf, unknown: Sequence[object] | None = None,
) -> pd.Series:  # fmt: skip
    """Return numbers; NaN where one of the marks for an unknown number stands, or a gap."""
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    is_bad = pd.Series(~(np.isfinite(numbers) & numbers.between(low, high)), index=column.index)
    if unknown is not None:
        given = column[is_bad]
        text = given.where(given.notna(), "").astype(str).str.strip()
        is_bad[is_bad] = ~(text.isin(NOTHING) | numbers[is_bad].isin(unknown)).to_numpy()
        numbers = numbers.where(numbers.between(low, high))
    if is_bad.any():
        row = _first_row(is_bad)
        raise ColumnValueError(
            "{expected} is expected, not {value!r}",
            expected=expected,
            value=str(column[row]),
            where=Place(path, row=row, column=str(column.name)),
            how=MEND,
        )
    return numbers


def _first_row(is_bad: pd.Series) -> int:
    return int(is_bad.index[int(is_bad.to_numpy().argmax())])


def _read_cells(content: bytes, path: Path, form: _Form) -> Iterator[pd.DataFrame]:
    """Yield ``x, y`` and people of grid cells by row number, NaN where nobody knows."""
    unknown = SUPPRESSED if form.kind == CENSUS_2011 else ()
    for rows in _read_batches(content, path, form, list(form.columns.values())):
        cells = pd.DataFrame(
            {axis: _read_middles(rows[form.columns[axis]], path, form.size_m) for axis in "xy"}
        )
        for group in form.groups:
            column = rows[form.columns[group]]
            if group == "residents":
                cells[group] = _read_numbers(column, path, A_COUNT, low=0, unknown=unknown)
                continue
            if form.delimiter:
                column = column.str.replace(",", ".", regex=False)
            share = _read_numbers(column, path, A_SHARE, low=0, high=100, unknown=unknown)
            cells[group] = share / 100 * cells["residents"]
        yield cells


def _read_middles(column: pd.Series, path: Path, size_m: float) -> pd.Series:
    numbers = _read_numbers(column, path, A_COORDINATE)
    is_off = (numbers - size_m / 2) % size_m != 0
    if is_off.any():
        row = _first_row(is_off)
        raise CoordinateError(
            "{value} is not the middle of a cell of {size_m:g} m",
            value=str(column[row]),
            size_m=size_m,
            where=Place(path, row=row, column=str(column.name)),
            how="Give metres in EPSG:3035, as the census publishes them.",
        )
    return numbers


def _read_squares(
    content: bytes, path: Path, form: _Form, frame: shapely.Polygon
) -> gpd.GeoDataFrame:
    half = form.size_m / 2
    west, south, east, north = frame.bounds
    cells = pd.concat(
        piece[
            piece["x"].between(west - half, east + half)
            & piece["y"].between(south - half, north + half)
        ]
        for piece in _read_cells(content, path, form)
    )
    x, y = cells["x"].to_numpy(), cells["y"].to_numpy()
    return gpd.GeoDataFrame(
        cells.assign(cell_id=_name_squares(x, y, form.size_m)),
        geometry=shapely.box(x - half, y - half, x + half, y + half),
        crs=GRID_CRS,
    )


def _name_squares(x: ArrayLike, y: ArrayLike, size_m: float) -> NDArray[np.str_]:
    """Name cells of the European grid as the census does, from points in them (EPSG:3035)."""
    if size_m == CELL_M:
        return name_cells(x, y)
    unit, digits = f"{size_m / 1000:g}km", 3 if size_m > 1000 else 4
    corners = np.floor(np.column_stack([y, x]) / size_m).astype(int)
    return np.array([f"{unit}N{n:0{digits}d}E{e:0{digits}d}" for n, e in corners], dtype=str)


def _read_places(content: bytes, path: Path, form: _Form) -> gpd.GeoDataFrame:
    """Return points or polygons in degrees with all that is said of them, by row number."""
    if not form.delimiter:
        places = read_geojson(content, path).to_crs(WGS84)
        if places.empty:
            raise EmptyTableError("the file holds no features", where=Place(path), how=MEND)
        places.index = pd.RangeIndex(1, len(places) + 1)
        _refuse_shapes(places, path)
        return places
    rows = pd.concat(_read_batches(content, path, form, form.names))
    lon = _read_numbers(rows["lon"], path, A_LONGITUDE, low=-180, high=180)
    lat = _read_numbers(rows["lat"], path, A_LATITUDE, low=-90, high=90)
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)


def _refuse_shapes(places: gpd.GeoDataFrame, path: Path) -> None:
    kinds = pd.Series(shapely.get_type_id(places.geometry.to_numpy()), index=places.index)
    is_point = kinds.eq(shapely.GeometryType.POINT)
    is_area = kinds.isin((shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    is_bad: pd.Series = ~(is_point if is_point.iloc[0] else is_area & places.geometry.is_valid)
    if is_bad.any():
        raise GeometryError(
            "a cell is neither a point like all others nor a valid polygon like all others",
            where=Place(path, row=_first_row(is_bad), column="geometry"),
            how="Give points alone or valid polygons alone.",
        )


def _are_points(places: gpd.GeoDataFrame) -> bool:
    return bool((places.geom_type == "Point").all())


def _local_crs(places: gpd.GeoDataFrame) -> CRS:
    """Return an equal-area CRS in metres around places anywhere on the globe."""
    west, south, east, north = places.total_bounds
    return CRS.from_dict({"proj": "laea", "lon_0": (west + east) / 2, "lat_0": (south + north) / 2})


def _measure_size(places: gpd.GeoDataFrame) -> float:
    """Return the way from a point to the next, or the root of an area, in metres (medians)."""
    shapes = places.geometry.to_crs(_local_crs(places))
    if not _are_points(places):
        return float(np.sqrt(shapes.area.median()))
    if len(places) == 1:
        return 0.0
    away, _ = KDTree(shapely.get_coordinates(shapes)).query(shapely.get_coordinates(shapes), k=2)
    return float(np.median(away[:, 1]))


def _find_count(names: Sequence[str]) -> str:
    return next((name for name in names if name.casefold() in COUNT_COLUMNS), "")


def _count_places(
    places: gpd.GeoDataFrame, path: Path, count: str, size_m: float
) -> tuple[gpd.GeoDataFrame, float]:
    """Return cells with their people, and how wide one is."""
    names = [str(name) for name in places.columns.drop("geometry")]
    column = count or _find_count(names) or COUNT_COLUMNS[0]
    _require((column,), names, path)
    people = _read_numbers(places[column], path, A_COUNT, low=0, unknown=())
    shapes = places.geometry.to_numpy()
    if _are_points(places):
        _refuse_size(places, path, size_m)
        shapes = _surround(places, path, size_m)
    else:
        size_m = _measure_size(places)
    own = places["id"] if "id" in names else pd.Series(places.index, index=places.index)
    middles = shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy()))
    cells = gpd.GeoDataFrame(
        {"cell_id": own.astype(str), "x": middles[:, 0], "y": middles[:, 1], "residents": people},
        geometry=shapes,
        crs=WGS84,
    )
    return cells, size_m


def _refuse_size(places: gpd.GeoDataFrame, path: Path, size_m: float) -> None:
    if not 0 < size_m < np.inf:
        raise UsageError(
            "nobody says how wide the cell of a point is; the next point is {way_m:.0f} m away",
            way_m=_measure_size(places),
            where=Place(path),
            how="Name the width in metres as size_m.",
        )


def _surround(places: gpd.GeoDataFrame, path: Path, size_m: float) -> NDArray[np.object_]:
    """Return the ground nearer to each point than to the others, at most half a diagonal away.

    Of a tiling by squares or hexagons these are its squares and hexagons.
    """
    crs = _local_crs(places)
    points = places.geometry.to_crs(crs)
    at = shapely.get_coordinates(points)
    _, first, again = np.unique(at.round(1), axis=0, return_index=True, return_inverse=True)
    is_again = first[again.reshape(-1)] != np.arange(len(at))
    if is_again.any():
        raise DuplicateIdError(
            "two points lie at one place",
            where=Place(path, row=int(places.index[int(is_again.argmax())])),
            how="Keep one row for each cell.",
        )
    # Corners far away keep the diagram from degenerating where points are few or in one line.
    far = np.abs(at).max() + 10 * size_m
    corners = np.array([[-far, -far], [far, -far], [far, far], [-far, far]])
    diagram = shapely.voronoi_polygons(shapely.multipoints(np.vstack([at, corners])), ordered=True)
    ground = shapely.get_parts(diagram)[: len(at)]
    reach = shapely.buffer(points.to_numpy(), size_m * np.sqrt(0.5) * 1.001, quad_segs=32)
    cells = gpd.GeoSeries(shapely.intersection(ground, reach), crs=crs).to_crs(WGS84)
    return np.asarray(cells)


# --- spreading ---


def spread_people(
    grid: PeopleGrid, areas: gpd.GeoDataFrame, homes: Points, crs: str
) -> SpreadPeople:
    """Return the people of a grid where homes are, by area; see the module for the method.

    Parameters
    ----------
    areas
        ``district`` (int), ``name``, and polygons with a CRS.
    homes
        Residential addresses or buildings, shape (n, 2): x, y in metres in ``crs``; may be none.
    crs
        Metric CRS of the region.

    Raises
    ------
    CoordinateError
        If nobody lives in the areas.

    Examples
    --------
    A cell of 1 km with 30 people, and three homes in two of its hectares:

    >>> square = shapely.box(4104000, 3116000, 4105000, 3117000)
    >>> grid = PeopleGrid(
    ...     gpd.GeoDataFrame(
    ...         {"cell_id": ["1kmN3116E4104"], "x": 4104500.0, "y": 3116500.0, "residents": 30.0},
    ...         geometry=[square], crs="EPSG:3035",
    ...     ), 1000.0, ("residents",), "EPSG:3035", 2022, "", "",
    ... )
    >>> areas = gpd.GeoDataFrame(
    ...     {"district": [1], "name": ["West"]}, geometry=[square.buffer(9)], crs="EPSG:3035"
    ... )
    >>> homes = np.array([[4104150, 3116050], [4104160, 3116050], [4104950, 3116950.0]])
    >>> people = spread_people(grid, areas, homes, "EPSG:3035")
    >>> people.cells[["cell_id", "residents"]].to_numpy().tolist()
    [['100mN31160E41041', 20.0], ['100mN31169E41049', 10.0]]
    """
    areas = areas.sort_values("district", ignore_index=True).to_crs(crs)
    shapes = areas.geometry.to_numpy()
    ground = _part_ground(grid, shapes, crs)
    lived = _part_homes(grid, homes, shapes, crs)
    parts = _weigh_parts(grid, ground, lived, crs)
    people = _fill_groups(grid, parts)
    inside = people.groupby(parts["area"])[list(grid.groups)].sum().reindex(areas.index).fillna(0.0)
    total = float(inside["residents"].sum())
    if round(total) == 0:
        raise CoordinateError(
            "nobody of the grid lives in the areas",
            how="Give the grid of the town's own country and region.",
        )
    whole = _round_groups(inside, inside.sum().round())
    cells = _round_cells(parts, people, whole)
    cells["district"] = areas["district"].astype(int).to_numpy()[cells["area"]]
    cells["quarter"] = cells["district"].astype(str)
    cells = gpd.GeoDataFrame(cells, geometry=_settle(cells, shapes), crs=crs)
    whole.index = pd.Index(areas["district"].astype(int), name="district")
    at_border = grid.table["residents"].iloc[np.unique(ground["cell"])]
    by_homes = float(people.loc[parts["is_by_homes"], "residents"].sum())
    n_homes = int(lived["homes"][lived["area"] >= 0].sum())
    return SpreadPeople(
        cells=cells.sort_values(["district", "cell_id"], ignore_index=True)[
            without_groups(DEMAND_CELL_COLUMNS, grid.groups)
        ],
        totals=whole,
        outside_people=round(max(float(at_border.sum()) - total, 0.0), 3),
        homes_share=by_homes / total,
        people_per_home=by_homes / n_homes if n_homes else np.nan,
    )


def _base_of(grid: PeopleGrid, crs: str) -> str:
    """Return the CRS whose 100 m squares people are spread to: the grid's own in Europe."""
    return grid.crs if grid.crs == GRID_CRS else crs


def _name_parts(grid: PeopleGrid, cell: NDArray[np.intp], at: Points, crs: str) -> NDArray[np.str_]:
    """Name the hectares in which points of cells lie (in the base CRS)."""
    if grid.size_m <= CELL_M:
        middles = shapely.get_coordinates(
            gpd.points_from_xy(grid.table["x"], grid.table["y"], crs=grid.crs).to_crs(
                _base_of(grid, crs)
            )
        )
        at = middles[cell]
    names = name_cells(at[:, 0], at[:, 1])
    if grid.crs == GRID_CRS:
        return names
    own = grid.table["cell_id"].to_numpy()[cell]
    return np.array([f"{a}-{b}" for a, b in zip(own, names, strict=True)], dtype=str)


def _find_cells(grid: PeopleGrid, at: Points, crs: str) -> NDArray[np.intp]:
    """Return the cell that each point (in the base CRS) lies in, -1 for none."""
    if grid.crs == GRID_CRS:
        names = _name_squares(at[:, 0], at[:, 1], grid.size_m)
        return np.asarray(pd.Index(grid.table["cell_id"]).get_indexer(names), dtype=np.intp)
    return _find_owners(grid.table.geometry.to_crs(_base_of(grid, crs)).to_numpy(), at)


def _find_owners(shapes: NDArray[np.object_], at: Points) -> NDArray[np.intp]:
    """Return the first shape that each point lies in, -1 for none."""
    shape, point = shapely.STRtree(shapely.points(at)).query(shapes, predicate="intersects")
    owner = np.full(len(at), len(shapes), dtype=np.intp)
    np.minimum.at(owner, point, shape)
    return np.where(owner == len(shapes), -1, owner)


def _part_homes(
    grid: PeopleGrid, homes: Points, shapes: NDArray[np.object_], crs: str
) -> pd.DataFrame:
    """Return the homes in populated cells by ``cell``, ``area`` (-1: none) and ``cell_id``.

    Columns ``homes`` and ``x, y``: their mean where that lies in the area, else the home next to
    it, since an area may bend inwards.
    """
    homes = np.asarray(homes, dtype=float).reshape(-1, 2)
    base = gpd.points_from_xy(homes[:, 0], homes[:, 1], crs=crs).to_crs(_base_of(grid, crs))
    at = shapely.get_coordinates(base)
    cell = _find_cells(grid, at, crs)
    is_known = cell >= 0
    homes, at, cell = homes[is_known], at[is_known], cell[is_known]
    table = pd.DataFrame(
        {"cell": cell, "area": _find_owners(shapes, homes), "x": homes[:, 0], "y": homes[:, 1],
         "cell_id": _name_parts(grid, cell, at, crs)}
    )  # fmt: skip
    key = ["cell", "area", "cell_id"]
    middle = table.groupby(key)[["x", "y"]].transform("mean")
    table["away"] = np.hypot(table["x"] - middle["x"], table["y"] - middle["y"]).round(3)
    nearest = table.sort_values([*key, "away", "x", "y"]).groupby(key)[["x", "y"]].first()
    parts = table.groupby(key).agg(homes=("x", "size"), x=("x", "mean"), y=("y", "mean"))
    area = shapes[parts.index.get_level_values("area").to_numpy(dtype=np.intp)]
    is_out = ~shapely.intersects_xy(area, parts["x"].to_numpy(), parts["y"].to_numpy())
    parts.loc[is_out, ["x", "y"]] = nearest[is_out]
    return parts.reset_index()


def _part_ground(grid: PeopleGrid, shapes: NDArray[np.object_], crs: str) -> pd.DataFrame:
    """Return the ground of cells in areas, cut into hectares: ``cell, area, cell_id, size``.

    ``full`` is the size of the whole hectare, or of its part in the cell; ``geometry`` in ``crs``.
    """
    base = _base_of(grid, crs)
    cells = grid.table.geometry.to_crs(base).to_numpy()
    owner = np.arange(len(cells), dtype=np.intp)
    if grid.size_m > CELL_M:
        town = gpd.GeoSeries(shapes, crs=crs).to_crs(base).total_bounds
        owner, cells = _cut_hectares(cells, town)
    names = _name_parts(grid, owner, shapely.get_coordinates(shapely.centroid(cells)), crs)
    pieces = gpd.GeoSeries(cells, crs=base).to_crs(crs).to_numpy()
    tree = shapely.STRtree(pieces)
    area, piece = tree.query(shapes, predicate="intersects")
    within = tree.query(shapes, predicate="covers")
    is_within = np.isin(area * len(pieces) + piece, within[0] * len(pieces) + within[1])
    cut = pieces[piece]
    # A buffer of nothing drops the lines along which areas and hectares touch.
    cut[~is_within] = shapely.buffer(
        shapely.intersection(cut[~is_within], shapes[area[~is_within]]), 0
    )
    ground = pd.DataFrame(
        {"cell": owner[piece], "area": area, "cell_id": names[piece], "size": shapely.area(cut),
         "full": shapely.area(pieces)[piece], "geometry": cut}
    )  # fmt: skip
    return ground[ground["size"] > 0]


def _cut_hectares(
    cells: NDArray[np.object_], town: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Cut cells into squares of 100 m as far as the town goes: the cell of each, and the parts."""
    bounds = shapely.bounds(cells)
    low = np.floor(np.maximum(bounds[:, :2], town[:2]) / CELL_M).astype(int)
    high = np.ceil(np.minimum(bounds[:, 2:], town[2:]) / CELL_M).astype(int)
    corners = [
        np.stack(np.meshgrid(np.arange(w, e), np.arange(s, n)), axis=-1).reshape(-1, 2)
        for (w, s), (e, n) in zip(low, high, strict=True)
    ]
    owner = np.repeat(np.arange(len(cells), dtype=np.intp), [len(some) for some in corners])
    west, south = (np.concatenate(corners) * CELL_M).T
    squares = shapely.box(west, south, west + CELL_M, south + CELL_M)
    shapely.prepare(cells)
    is_cut = ~shapely.covers(cells[owner], squares)
    squares[is_cut] = shapely.buffer(shapely.intersection(squares[is_cut], cells[owner[is_cut]]), 0)
    is_used = shapely.area(squares) > 0
    return owner[is_used], squares[is_used]


def _weigh_parts(
    grid: PeopleGrid, ground: pd.DataFrame, homes: pd.DataFrame, crs: str
) -> pd.DataFrame:
    """Return the parts where people live: ``share`` of the cell's people, 0-1, and ``x, y``."""
    n_cells = len(grid.table)
    full = grid.table.geometry.to_crs(crs).area.to_numpy()
    is_in = homes["area"] >= 0
    homes_in = _sum_by_cell(homes.loc[is_in, "cell"], homes.loc[is_in, "homes"], n_cells)
    homes_out = _sum_by_cell(homes.loc[~is_in, "cell"], homes.loc[~is_in, "homes"], n_cells)
    inside = np.minimum(_sum_by_cell(ground["cell"], ground["size"], n_cells) / full, 1.0)
    is_split = (homes_in > 0) & (homes_out > 0)
    inside[is_split] = (homes_in / (homes_in + homes_out).clip(1))[is_split]

    lived = homes[is_in]
    cell = lived["cell"].to_numpy()
    share = inside[cell] * lived["homes"] / homes_in[cell]
    lived = lived.assign(share=share, is_by_homes=True)

    is_bare = homes_in[ground["cell"]] == 0
    bare = ground[is_bare & (ground["size"] >= SMALLEST_PART_SHARE * ground["full"])]
    cell = bare["cell"].to_numpy()
    kept = _sum_by_cell(bare["cell"], bare["size"], n_cells)
    shapes = bare["geometry"].to_numpy()
    middle = shapely.centroid(shapes)
    middle = np.where(shapely.contains(shapes, middle), middle, shapely.point_on_surface(shapes))
    at = shapely.get_coordinates(middle)
    share = inside[cell] * bare["size"] / kept[cell]
    bare = bare.assign(share=share, is_by_homes=False, x=at[:, 0], y=at[:, 1])
    columns = ["cell", "area", "cell_id", "share", "is_by_homes", "x", "y"]
    parts: pd.DataFrame = pd.concat([lived[columns], bare[columns]]).astype({"cell_id": str})
    parts["is_from_addresses"] = parts["is_by_homes"] & (grid.size_m > CELL_M)
    return parts.sort_values(["area", "cell_id", "cell"], ignore_index=True)


def _sum_by_cell(cell: pd.Series, values: pd.Series, n_cells: int) -> NDArray[np.float64]:
    sums = np.bincount(cell.to_numpy(dtype=np.intp), values.to_numpy(float), minlength=n_cells)
    return sums.astype(np.float64)


def _fill_groups(grid: PeopleGrid, parts: pd.DataFrame) -> pd.DataFrame:
    """Return people of each group by part; suppressed shares are the mean of the town."""
    cell = parts["cell"].to_numpy()
    residents = grid.table["residents"].to_numpy()
    weight = residents * _sum_by_cell(parts["cell"], parts["share"], len(residents))
    shares = pd.DataFrame({"residents": np.ones(len(residents))})
    for group in grid.groups[1:]:
        share = grid.table[group].to_numpy() / residents
        known = ~np.isnan(share)
        used = known & (weight > 0) if (known & (weight > 0)).any() else known
        mean = np.average(share[used], weights=weight[used] if weight[used].any() else None)
        shares[group] = np.where(known, share, mean)
    if {"under_18", "over_65"} <= {*grid.groups}:
        # Nobody is both: the mean that stands for one gives way to the share known of the other.
        for group, other in (("under_18", "over_65"), ("over_65", "under_18")):
            is_filled = grid.table[group].isna()
            shares.loc[is_filled, group] = shares[group].clip(upper=1 - shares[other])[is_filled]
    people = residents[cell] * parts["share"].to_numpy()
    return shares.iloc[cell].reset_index(drop=True).mul(people, axis=0)


def _round_cells(parts: pd.DataFrame, people: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """Return the parts with people to 1/1000 that sum to the whole people of each area."""
    rounded = [
        _round_groups(people[(parts["area"] == area).to_numpy()], total * UNITS_PER_PERSON)
        for area, total in whole.iterrows()
    ]
    cells = parts.join(pd.concat(rounded) / UNITS_PER_PERSON)
    return cells[cells["residents"] > 0]


def _round_groups(people: pd.DataFrame, totals: pd.Series) -> pd.DataFrame:
    """Round people so that groups sum to their totals and never exceed whom they are part of."""
    rounded = pd.DataFrame(index=people.index)
    for group in totals.index.astype(str):
        values, total, room = people[group].to_numpy(), int(totals[group]), None
        if group != "residents":
            room = rounded["residents"].to_numpy()
            if group == "over_65" and "under_18" in rounded:
                room = room - rounded["under_18"].to_numpy()
            total = min(total, int(room.sum()))
        scale = total / values.sum() if values.sum() > 0 else 0.0
        rounded[group] = round_to_total(values * scale, total, room)
    return rounded


def _settle(cells: pd.DataFrame, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the points of cells, rounded where that does not move them out of their areas."""
    at = cells[["x", "y"]].to_numpy()
    rounded = at.round(DECIMALS_M)
    is_inside = shapely.intersects_xy(shapes[cells["area"].to_numpy()], rounded)
    return np.asarray(shapely.points(np.where(is_inside[:, None], rounded, at)))


def measure_spread_error(cells: gpd.GeoDataFrame, true_cells: gpd.GeoDataFrame) -> SpreadError:
    """Return how far spread residents are from those of a finer grid, cell by cell.

    Parameters
    ----------
    cells
        Of a coarse grid, see :attr:`SpreadPeople.cells`.
    true_cells
        Of the finer grid, spread over the same areas, so that borders cut both alike.

    Examples
    --------
    >>> ours = pd.DataFrame({"cell_id": ["a", "b", "d"], "residents": [3.0, 6.0, 3.0]})
    >>> true = pd.DataFrame({"cell_id": ["a", "b", "c"], "residents": [5.0, 6.0, 1.0]})
    >>> measure_spread_error(ours, true)
    SpreadError(n_cells=3, correlation=0.945, mean_absolute=1.0, misplaced_share=0.25)
    """
    estimate, true = (table.groupby("cell_id")["residents"].sum() for table in (cells, true_cells))
    ours = estimate.reindex(true.index).fillna(0.0)
    off = estimate.sub(true, fill_value=0.0).abs()
    return SpreadError(
        n_cells=len(true),
        correlation=round(float(np.corrcoef(ours, true)[0, 1]), 3),
        mean_absolute=round(float((ours - true).abs().mean()), 1),
        misplaced_share=round(float(off.sum() / 2 / true.sum()), 3),
    )

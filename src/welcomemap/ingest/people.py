"""Population grids and counts of any town, as their publishers give them.

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

from welcomemap.crs import GRID_CRS, WGS84
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
from welcomemap.ingest.demand_cells import CELL_M, name_cells
from welcomemap.region.layers import open_parquet, read_geojson, read_layer_bytes
from welcomemap.region.schemas import GROUPS
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
        cells.assign(cell_id=name_squares(x, y, form.size_m)),
        geometry=shapely.box(x - half, y - half, x + half, y + half),
        crs=GRID_CRS,
    )


def name_squares(x: ArrayLike, y: ArrayLike, size_m: float) -> NDArray[np.str_]:
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

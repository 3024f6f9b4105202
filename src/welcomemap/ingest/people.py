"""Population grids and counts of any town, as their publishers give them.

These kinds of files are read:

- ``census2022``: the grid of the German census of 2022 as published, in cells of 100 m, 1 km or
  10 km (``GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner``; a dash says that nobody lives there).
  Further files of the same grid give groups (:func:`add_attributes`).
- ``census2011_100m``: the census of 2011 in cells of 100 m
  (``Gitter_ID_100m;x_mp_100m;y_mp_100m;Einwohner``; -1: empty or suppressed). No real one was met.
- ``census2011_1km``: the same in cells of 1 km, with the shares of foreign citizens, of people
  under 18 and of people of 65 and over in percent (-1 and -9: empty or suppressed), as a Parquet
  table or as the CSV file of the publisher (the latter is read as its description says: no real one
  was met).
- ``polygons`` and ``h3``: a count in a column of polygons, points or ids of hexagons, see
  :mod:`welcomemap.ingest.places`.
- ``raster``: GHS-POP, WorldPop and other GeoTIFF files, see :mod:`welcomemap.ingest.raster`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from welcomemap.crs import GRID_CRS, WGS84
from welcomemap.errors import (
    CoordinateError,
    DuplicateIdError,
    EmptyTableError,
    MissingColumnError,
    Place,
    TableError,
    UsageError,
    fault,
)
from welcomemap.ingest.demand_cells import CELL_M, name_cells
from welcomemap.ingest.large_table import (
    LargeTable,
    first_row,
    open_table,
    read_numbers,
    show,
)
from welcomemap.ingest.places import (
    A_COUNT,
    PlaceColumns,
    Places,
    count_places,
    find_count,
    find_place_columns,
    measure_size,
    read_features,
    read_rows,
)
from welcomemap.ingest.raster import ENDINGS, look_at_raster, read_pixels
from welcomemap.region.schemas import GROUPS

Bounds = tuple[float, float, float, float]

CENSUS_2022, CENSUS_2011_100M, CENSUS_2011 = "census2022", "census2011_100m", "census2011_1km"
POLYGONS, H3, RASTER = "polygons", "h3", "raster"
KINDS = (CENSUS_2022, CENSUS_2011_100M, CENSUS_2011, POLYGONS, H3, RASTER)
YEARS = {CENSUS_2022: 2022, CENSUS_2011_100M: 2011, CENSUS_2011: 2011}
SOURCES = {
    CENSUS_2022: "© Statistisches Bundesamt (Destatis), Zensus 2022",
    CENSUS_2011_100M: "© Statistisches Bundesamt, Wiesbaden 2018",
    CENSUS_2011: "© Statistisches Bundesamt, Wiesbaden 2018",
}
LICENCES = {CENSUS_2022: "dl-de/by-2-0"}
SIZES = {"100m": 100.0, "1km": 1000.0, "10km": 10_000.0}
SHARES_CSV = {"foreign_citizens": "Auslaender_A", "under_18": "unter18_A", "over_65": "ab65_A"}
SHARES_PARQUET = {
    "foreign_citizens": "foreign_pct", "under_18": "under_18_pct", "over_65": "over_65_pct",
}  # fmt: skip
ATTRIBUTES = {
    "foreign_citizens": "AnteilAuslaender", "under_18": "AnteilUnter18", "over_65": "AnteilUeber65",
}  # fmt: skip
REMARK, UNCERTAIN = "werterlaeuternde_Zeichen", "KLAMMERN"
"""A column of the census of 2022, and what it says where a value is uncertain."""
SUPPRESSED = (-1, -9)
FRAME_STEPS = 50
"""Pieces of an edge of the bounds, which bends when it is projected."""
GEOJSON = (".geojson", ".json")
GRID_X = re.compile(r"x_mp_(100m|1km|10km)")
A_SHARE = fault("a share from 0 to 100 percent")
A_COORDINATE = fault("a coordinate in metres")


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
        Rows of the file; of a raster, pixels.
    columns
        Names of its columns or properties.
    bounds
        West, south, east and north edge in ``crs``.
    groups
        Groups that the file knows, in the order of :data:`welcomemap.region.schemas.GROUPS`.
    count
        Column that seems to hold the people, of polygons, hexagons and points; may be empty.
    ids
        Column of the ids of hexagons; else empty.
    """

    kind: str
    size_m: float
    n_rows: int
    columns: tuple[str, ...]
    bounds: Bounds
    crs: str
    groups: tuple[str, ...]
    count: str = ""
    ids: str = ""


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
    n_uncertain
        How many values of groups the publisher calls uncertain.
    beyond
        Cells (``x, y, residents``) that do not touch the bounds of the town, of a file that was
        read whole (polygons, hexagons, points); else ``None``.
    """

    table: gpd.GeoDataFrame
    size_m: float
    groups: tuple[str, ...]
    crs: str
    year: int | None
    source: str
    licence: str
    n_uncertain: int = 0
    beyond: pd.DataFrame | None = None


@dataclass(frozen=True)
class _Form:
    """Which column is which: ``x``, ``y``, ``residents``, and shares of groups.

    Of features and rasters ``table`` has no columns.
    """

    kind: str
    table: LargeTable
    size_m: float = 0.0
    columns: Mapping[str, str] = field(default_factory=dict)
    places: PlaceColumns = field(default_factory=PlaceColumns)

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
    form = _find_form(path, "", "")
    everybody = GROUPS[:1]
    if form.kind == RASTER:
        facts = look_at_raster(path)
        return PeopleGuess(
            form.kind, facts.size_m, facts.n_pixels, (), facts.bounds, facts.crs, everybody
        )
    if form.kind in (POLYGONS, H3):
        places = _read_places(form)
        west, south, east, north = (float(edge) for edge in places.table.total_bounds)
        return PeopleGuess(
            form.kind, measure_size(places.table), len(places.table), places.names,
            (west, south, east, north), WGS84, everybody, find_count(places.names), form.places.ids,
        )  # fmt: skip
    n_rows, low, high = 0, np.full(2, np.inf), np.full(2, -np.inf)
    for cells in _read_cells(form):
        n_rows += len(cells)
        low = np.minimum(low, cells[["x", "y"]].min().to_numpy() - form.size_m / 2)
        high = np.maximum(high, cells[["x", "y"]].max().to_numpy() + form.size_m / 2)
    bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return PeopleGuess(
        form.kind, form.size_m, n_rows, form.table.names, bounds, GRID_CRS, form.groups
    )


def read_people(
    path: Path,
    *,
    bounds: Bounds,
    kind: str = "",
    count: str = "",
    size_m: float = 0.0,
    ids: str = "",
) -> PeopleGrid:
    r"""Return the people of the cells that touch a town.

    Parameters
    ----------
    bounds
        Of the town: west, south, east and north in degrees (EPSG:4326).
    kind
        One of :data:`KINDS`, see the module; found out if empty.
    count
        Column of the people, of polygons, hexagons and points; ``population`` and the like if
        empty.
    size_m
        How wide the cell of a point is.
    ids
        Column of the ids of hexagons; found out if empty.

    Raises
    ------
    UsageError
        If there is no such kind, or points come without the size of their cells.
    MissingExtraError
        If hexagons or a raster come without the extra ``ingest``.
    TableError
        If the file is no table of a known kind, is empty, lacks a column, names a cell twice, or
        a number of people is none.
    CoordinateError
        If coordinates are not those of the kind, or no cell touches the town.
    GeometryError
        If a feature is neither a point nor a valid polygon.
    TooLargeError
        If the file, or the town in it, is too large.

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
    form = _find_form(path, kind, ids)
    _project_bounds(bounds, WGS84)
    groups = form.groups or GROUPS[:1]
    if form.kind == RASTER:
        cells, size_m = read_pixels(path, bounds)
    elif form.kind in (POLYGONS, H3):
        cells, size_m = count_places(_read_places(form), count, size_m)
    else:
        cells, size_m = _read_squares(form, _project_bounds(bounds, GRID_CRS)), form.size_m
    crs = str(cells.crs)
    is_near = shapely.intersects(cells.geometry.to_numpy(), _project_bounds(bounds, crs))
    if form.kind != RASTER:
        _refuse_strangers(cells[is_near], bounds, path)
    table = cells[is_near & (cells["residents"] > 0)].sort_values("cell_id", ignore_index=True)
    if table.empty:
        raise EmptyTableError(
            "nobody lives in the cells of the town",
            where=Place(path),
            how="Give the grid of the town's own country and region.",
        )
    groups = tuple(group for group in groups if table[group].notna().any())
    is_whole = form.kind in (POLYGONS, H3)
    return PeopleGrid(
        table=table[["cell_id", "x", "y", *groups, "geometry"]],
        size_m=size_m,
        groups=groups,
        crs=crs,
        year=YEARS.get(form.kind),
        source=SOURCES.get(form.kind, ""),
        licence=LICENCES.get(form.kind, ""),
        beyond=cells.loc[~is_near, ["x", "y", "residents"]] if is_whole else None,
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
        row = first_row(is_again)
        raise DuplicateIdError(
            "the cell {name} stands twice",
            name=cells["cell_id"].loc[row],
            where=Place(path, row=row),
            how="Keep one row for each cell.",
        )


# --- what a file is ---


def _find_form(path: Path, kind: str, ids: str) -> _Form:
    if kind and kind not in KINDS:
        raise UsageError(
            "there is no kind of population grid called {kind!r}",
            kind=kind,
            kinds=KINDS,
            how="Choose from {kinds}, or leave it out.",
        )
    ending = path.suffix.lower()
    by_ending = POLYGONS if ending in GEOJSON else RASTER if ending in ENDINGS else ""
    if by_ending:
        if kind not in ("", by_ending):
            raise UsageError(
                "files with the ending {ending} are of the kind {known}, not {kind}",
                ending=ending,
                known=by_ending,
                kind=kind,
                where=Place(path),
                how="Leave the kind out.",
            )
        return _Form(by_ending, LargeTable(path, (), ""))
    table = open_table(path)
    found = kind or _guess_grid(table.names)
    if found in YEARS:
        return _find_grid_form(found, table)
    return _find_place_form(found, table, ids)


def _find_grid_form(kind: str, table: LargeTable) -> _Form:
    size = next((m[1] for m in map(GRID_X.fullmatch, table.names) if m), "1km")
    size = {CENSUS_2011_100M: "100m", CENSUS_2011: "1km"}.get(kind, size)
    columns = {"x": f"x_mp_{size}", "y": f"y_mp_{size}", "residents": "Einwohner"}
    ids = (
        []
        if kind == CENSUS_2011
        else [f"{'GITTER' if kind == CENSUS_2022 else 'Gitter'}_ID_{size}"]
    )
    if kind == CENSUS_2011:
        shares = SHARES_CSV
        if not table.delimiter:
            columns, shares = {"x": "x", "y": "y", "residents": "residents"}, SHARES_PARQUET
        columns |= {group: name for group, name in shares.items() if name in table.names}
    table.require((*ids, *columns.values()))
    return _Form(kind, table, SIZES[size], columns)


def _find_place_form(kind: str, table: LargeTable, ids: str) -> _Form:
    first = table.read_first()
    columns = find_place_columns({name: first[name] for name in table.names})
    if ids:
        table.require((ids,))
        columns = PlaceColumns(ids=ids)
    if kind == H3 and not columns.ids:
        raise MissingColumnError(
            "no column holds H3 ids of hexagons alone",
            names=table.names,
            where=Place(table.path),
            how="Name it as ids; the file has {names}.",
        )
    if kind == POLYGONS:
        columns = PlaceColumns(shape=columns.shape)
    found = kind or (H3 if columns.ids else POLYGONS)
    if not kind and columns == PlaceColumns() and not {"lon", "lat"} & {*table.names}:
        raise TableError(
            "no population grid of a known kind has the columns {names}",
            names=table.names,
            kinds=KINDS,
            where=Place(table.path),
            how="Give the file as its publisher gives it; known are {kinds}.",
        )
    return _Form(found, table, places=columns)


def _guess_grid(names: Sequence[str]) -> str:
    if "Gitter_ID_100m" in names:
        return CENSUS_2011_100M
    if {"Gitter_ID_1km", *SHARES_CSV.values(), *SHARES_PARQUET.values()} & {*names}:
        return CENSUS_2011
    return CENSUS_2022 if any(GRID_X.fullmatch(name) for name in names) else ""


def _read_places(form: _Form) -> Places:
    has_rows = bool(form.table.names)
    return read_rows(form.table, form.places) if has_rows else read_features(form.table.path)


# --- squares of a census ---


def _read_cells(form: _Form) -> Iterator[pd.DataFrame]:
    """Yield ``x, y`` and people of grid cells by row number, NaN where nobody knows."""
    path, unknown = form.table.path, () if form.kind == CENSUS_2022 else SUPPRESSED
    names = list(form.columns.values())
    shares = [form.columns[group] for group in form.groups[1:]]
    for rows in form.table.read(names, numbers=names, decimals=shares):
        cells = pd.DataFrame(
            {axis: _read_middles(rows[form.columns[axis]], path, form.size_m) for axis in "xy"}
        )
        cells["residents"] = read_numbers(
            rows[form.columns["residents"]], path, A_COUNT, low=0, unknown=unknown
        )
        for group in form.groups[1:]:
            column = rows[form.columns[group]]
            share = read_numbers(column, path, A_SHARE, low=0, high=100, unknown=unknown)
            cells[group] = share / 100 * cells["residents"]
        yield cells


def _read_middles(column: pd.Series, path: Path, size_m: float) -> pd.Series:
    numbers = read_numbers(column, path, A_COORDINATE)
    is_off = (numbers - size_m / 2) % size_m != 0
    if is_off.any():
        row = first_row(is_off)
        raise CoordinateError(
            "{value} is not the middle of a cell of {size_m:g} m",
            value=show(column[row]),
            size_m=size_m,
            where=Place(path, row=row, column=str(column.name)),
            how="Give metres in EPSG:3035, as the census publishes them.",
        )
    return numbers


def _read_squares(form: _Form, frame: shapely.Polygon) -> gpd.GeoDataFrame:
    half = form.size_m / 2
    west, south, east, north = frame.bounds
    cells = pd.concat(
        piece[
            piece["x"].between(west - half, east + half)
            & piece["y"].between(south - half, north + half)
        ]
        for piece in _read_cells(form)
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


def add_attributes(grid: PeopleGrid, paths: Sequence[Path]) -> PeopleGrid:
    """Return a grid of the census of 2022 with groups from further files of the same grid.

    Parameters
    ----------
    paths
        ``GITTER_ID_100m;x_mp_100m;y_mp_100m;AnteilAuslaender`` (or ``AnteilUnter18``,
        ``AnteilUeber65``) as published: shares in percent with a comma, a dash where they are
        suppressed. In some, ``werterlaeuternde_Zeichen`` calls a value uncertain (``KLAMMERN``): it
        is taken, and counted.

    Raises
    ------
    UsageError
        If the grid is another, or two files give one group.
    TableError
        If a file cannot be read, has cells of another size or no share, or names a cell twice.
    ColumnValueError
        If a share is none.
    CoordinateError
        If it has no cell of the grid, or middles of cells are none.
    EmptyTableError
        If it knows the share of no cell of the town.
    """
    known: dict[str, Path] = {}
    for path in paths:
        if grid.year != YEARS[CENSUS_2022] or grid.crs != GRID_CRS:
            raise UsageError(
                "attributes belong to the grid of the census of 2022, not to other grids",
                where=Place(path),
                how="Leave the attributes out, or name the grid of the same census as people.",
            )
        form = _find_attributes(open_table(path), grid)
        for group in form.groups:
            if group in known:
                raise UsageError(
                    "the column {column} is in {other}, too",
                    column=ATTRIBUTES[group],
                    other=known[group].name,
                    where=Place(path),
                    how="Name one file for each group.",
                )
            known[group] = path
        grid = _add_groups(grid, form)
    return grid


def _find_attributes(table: LargeTable, grid: PeopleGrid) -> _Form:
    size = next((m[1] for m in map(GRID_X.fullmatch, table.names) if m), "100m")
    columns = {"x": f"x_mp_{size}", "y": f"y_mp_{size}"}
    table.require((f"GITTER_ID_{size}", *columns.values()))
    if SIZES[size] != grid.size_m:
        raise TableError(
            "the cells of the attributes are {size_m:g} m wide, those of the people {grid_m:g} m",
            size_m=SIZES[size],
            grid_m=grid.size_m,
            where=Place(table.path),
            how="Take the file of the same census for the same width of cells.",
        )
    groups = {group: name for group, name in ATTRIBUTES.items() if name in table.names}
    if not groups:
        raise MissingColumnError(
            "no attribute of a known kind has the columns {names}",
            names=table.names,
            known=tuple(ATTRIBUTES.values()),
            where=Place(table.path),
            how="Name files with one of the columns {known}.",
        )
    return _Form(CENSUS_2022, table, SIZES[size], columns | groups)


def _add_groups(grid: PeopleGrid, form: _Form) -> PeopleGrid:
    rows = _read_attributes(form, grid)
    if rows.empty:
        raise CoordinateError(
            "no cell of the attributes is one of the town's",
            where=Place(form.table.path),
            how="Take the file of the whole country, or that of the region of the town.",
        )
    is_again = rows["cell_id"].duplicated()
    if is_again.any():
        raise DuplicateIdError(
            "the cell {name} stands twice",
            name=rows["cell_id"][first_row(is_again)],
            where=Place(form.table.path, row=first_row(is_again)),
            how="Keep one row for each cell.",
        )
    rows = rows.set_index("cell_id").reindex(grid.table["cell_id"])
    table, uncertain = grid.table.copy(), grid.n_uncertain
    for group in form.groups:
        if not rows[group].notna().any():
            raise EmptyTableError(
                "all values of {column} are suppressed in the cells of the town",
                column=ATTRIBUTES[group],
                where=Place(form.table.path, column=ATTRIBUTES[group]),
                how="Take wider cells, or leave the file out.",
            )
        table[group] = rows[group].to_numpy() / 100 * table["residents"].to_numpy()
        uncertain += int((rows["is_uncertain"].eq(True) & rows[group].notna()).sum())
    groups = tuple(g for g in GROUPS if g in grid.groups or g in form.groups)
    table = table[["cell_id", "x", "y", *groups, "geometry"]]
    return replace(grid, table=table, groups=groups, n_uncertain=uncertain)


def _read_attributes(form: _Form, grid: PeopleGrid) -> pd.DataFrame:
    """Return the shares of the grid's cells in percent, by row number; NaN where suppressed."""
    shares = [form.columns[group] for group in form.groups]
    remark = [REMARK] if REMARK in form.table.names else []
    names = [form.columns["x"], form.columns["y"], *shares, *remark]
    wanted, found = pd.Index(grid.table["cell_id"]), []
    west, south, east, north = grid.table.total_bounds
    for rows in form.table.read(names, numbers=names[:2], decimals=shares):
        x, y = (
            _read_middles(rows[form.columns[axis]], form.table.path, form.size_m) for axis in "xy"
        )
        near = x.between(west, east) & y.between(south, north)
        cells = pd.DataFrame(
            {"cell_id": name_squares(x[near], y[near], form.size_m)}, near[near].index
        )
        for group in form.groups:
            column = rows.loc[near, form.columns[group]]
            cells[group] = read_numbers(
                column, form.table.path, A_SHARE, low=0, high=100, unknown=()
            )
        marks = rows[remark].loc[near].astype(str).apply(lambda column: column.str.strip())
        cells["is_uncertain"] = marks.eq(UNCERTAIN).any(axis=1)
        found.append(cells[cells["cell_id"].isin(wanted)])
    return pd.concat(found)

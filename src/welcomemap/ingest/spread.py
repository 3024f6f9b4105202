"""People of a grid placed where homes are, and how far off that is.

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

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.crs import GRID_CRS, Points
from welcomemap.errors import CoordinateError
from welcomemap.ingest.demand_cells import CELL_M, SMALLEST_PART_SHARE, name_cells
from welcomemap.ingest.people import PeopleGrid, name_squares
from welcomemap.ingest.raking import UNITS_PER_PERSON, round_to_total
from welcomemap.region.schemas import DEMAND_CELL_COLUMNS, without_groups

DECIMALS_M = 1


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


COUNTED_ERROR = 2.0
"""People by which a count of a cell is off that was changed for privacy, as that of 2022 was."""
LATEST_CENSUS = 2022
ERROR_BY_HOMES, ERROR_EVENLY = 37.4 / 79.6, 46.2 / 79.6
"""Mean error over mean people of a cell where coarse cells were spread, see the table above."""


def expect_error(grid: PeopleGrid, people: SpreadPeople) -> float:
    """Return the mean error to be expected of the people of a cell, where nobody measured it.

    That of Düsseldorf in proportion to how many people a cell has: of people placed by homes and
    evenly, by their shares.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame({"residents": [80.0, 120.0]})
    >>> spread = SpreadPeople(cells, pd.DataFrame(), 0.0, homes_share=1.0, people_per_home=9.0)
    >>> grid = PeopleGrid(gpd.GeoDataFrame(), 1000.0, ("residents",), "EPSG:3035", 2022, "", "")
    >>> expect_error(grid, spread)
    47.0
    """
    if grid.size_m <= CELL_M:
        return COUNTED_ERROR
    share = ERROR_EVENLY + people.homes_share * (ERROR_BY_HOMES - ERROR_EVENLY)
    return round(share * float(people.cells["residents"].mean()), 1)


def expect_change(grid: PeopleGrid) -> float:
    """Return the share by which the people of a cell may have changed since they were counted, 0-1.

    Measured in Düsseldorf from 2011 to 2022: 20 %; as changes of a random walk add up, 10 % within
    three years (:func:`welcomemap.ingest.demand_cells.measure_census_change`).
    """
    return 0.1 if grid.year is not None and grid.year >= LATEST_CENSUS else 0.2


@dataclass(frozen=True)
class SpreadError:
    """How far spread residents are from the true ones.

    Attributes
    ----------
    n_cells
        Cells where people truly live: the same for every way to spread them.
    correlation
        Pearson's r over those cells; 0 where the one or the other is the same everywhere.
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


def _is_census(grid: PeopleGrid) -> bool:
    """Tell whether cells are squares of the European grid that bear its names.

    Others in its CRS, such as pixels, may share a hectare.
    """
    if grid.crs != GRID_CRS:
        return False
    names = name_squares(grid.table["x"], grid.table["y"], grid.size_m)
    return bool((grid.table["cell_id"].to_numpy() == names).all())


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
    if _is_census(grid):
        return names
    own = grid.table["cell_id"].to_numpy()[cell]
    return np.array([f"{a}-{b}" for a, b in zip(own, names, strict=True)], dtype=str)


def _find_cells(grid: PeopleGrid, at: Points, crs: str) -> NDArray[np.intp]:
    """Return the cell that each point (in the base CRS) lies in, -1 for none."""
    if _is_census(grid):
        names = name_squares(at[:, 0], at[:, 1], grid.size_m)
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


def measure_against(
    people: SpreadPeople, truth: PeopleGrid, areas: gpd.GeoDataFrame, homes: Points, crs: str
) -> SpreadError:
    """Return how far spread residents are from those of a finer grid, in its cells.

    Parameters
    ----------
    people
        Spread over the same areas, by the same homes.
    truth
        Finer than the grid that they are from; it may be of another year.

    Raises
    ------
    CoordinateError
        If nobody of the finer grid lives in the areas.
    """
    true = spread_people(truth, areas, homes, crs)
    named = []
    for cells in (people.cells, true.cells):
        points = cells.geometry.to_crs(_base_of(truth, crs))
        cell = _find_cells(truth, shapely.get_coordinates(points), crs)
        # Where the finer grid has nobody, any name does that it does not have.
        names = np.append(truth.table["cell_id"].to_numpy(), "")[cell]
        named.append(pd.DataFrame({"cell_id": names, "residents": cells["residents"].to_numpy()}))
    return measure_spread_error(*named)


def measure_spread_error(cells: pd.DataFrame, true_cells: pd.DataFrame) -> SpreadError:
    """Return how far spread residents are from those of a finer grid, cell by cell.

    They are scaled as a whole to the same sum, for the finer grid may be of another year.

    Parameters
    ----------
    cells
        Of a coarse grid, see :attr:`SpreadPeople.cells`: ``cell_id`` and ``residents`` are used.
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
    estimate = estimate * (true.sum() / estimate.sum())
    ours = estimate.reindex(true.index).fillna(0.0)
    is_flat = ours.nunique() < 2 or true.nunique() < 2
    off = estimate.sub(true, fill_value=0.0).abs()
    return SpreadError(
        n_cells=len(true),
        correlation=0.0 if is_flat else round(float(np.corrcoef(ours, true)[0, 1]), 3),
        mean_absolute=round(float((ours - true).abs().mean()), 1),
        misplaced_share=round(float(off.sum() / 2 / true.sum()), 3),
    )

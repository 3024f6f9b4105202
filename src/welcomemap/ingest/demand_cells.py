"""Where people live: official figures of the quarters spread over the census grid.

The census of 2022 counted residents in 100 m cells; that of 2011 knows groups in 100 m cells and
their shares in 1 km cells. Cells are named by their centre in EPSG:3035 (the European grid). Counts
are raked to official totals, see :mod:`welcomemap.ingest.raking`.

Method
------
1. *Residents before raking.* Residents of 2022 in 100 m cells are split at the borders of the
   quarters in proportion to the residential addresses on each side (by area where a cell has none);
   of a cell on the city's border the share of its area inside. Where the census counted nobody
   nobody lives, whatever the address list of 2018 says.
2. *Groups before raking.* Shares of foreign citizens, people born abroad, under-18 and over-65 from
   the census of 2011 (:func:`welcomemap.ingest.demand_cells.read_shares`).
3. *Raking.* In each quarter the residents are scaled to the official figure; then two tables are
   fitted to official totals: age (under 18, 65 and over, between) and migration (foreign citizens,
   Germans with migration background, Germans without). Hence in every cell each group is at most
   its residents, foreign citizens at most the people with migration background, and under-18 plus
   over-65 at most the residents.
4. *Rounding* to 1/1000 person by largest remainders: every quarter sums exactly.

Error
-----
The residents of a cell were counted on 15 May 2022, and each count was then changed by a few people
so that nobody can be recognised (cell-key method; counts of nobody stay, and 3 is the smallest
other). What moved inside a quarter since is not known. How much a cell changes is measured on the
cells whose true residents of 2011 are published, too (:func:`measure_census_change`): scaled to one
sum, 133 cells differ by 13.5 of 71 people on average after eleven years. They lie at the city's
south-eastern edge. Groups are of 2011 still.

Source: © Statistisches Bundesamt (Destatis), Zensus 2022; © Statistisches Bundesamt, Wiesbaden 2018
(census 2011); Open Data Düsseldorf (2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from welcomemap.crs import GRID_CRS, METRIC_CRS
from welcomemap.ingest.raking import UNITS_PER_PERSON, fit_groups, round_to_total
from welcomemap.ingest.raw import RawFolder
from welcomemap.region.schemas import DEMAND_CELL_COLUMNS, GROUPS

POPULATION_FILE = "population/zensus2022_100m.csv"
POPULATION_2011_FILE = "population/zensus2011_100m_population_estimate.csv"
DEMOGRAPHY_FILE = "population/zensus2011_100m_demography.csv"
KILOMETRE_FILE = "population/zensus2011_1km.csv"
TRUE_SAMPLE_FILE = "population/zensus2011_100m_true_sample.csv"

BORN_ABROAD = tuple(f"GEBURTLAND_GRP_2{k}" for k in (1, 2, 3, 4))
FOREIGN = "STAATSANGE_KURZ_2"
UNDER_10, OVER_80 = "ALTER_10JG_1", "ALTER_10JG_9"
KILOMETRE_SHARES = {"foreign": "Auslaender_A", "under_18": "unter18_A", "over_65": "ab65_A"}
PSEUDO_PEOPLE = 20.0
"""Weight, in people, of the 1 km cell's share: counts below 3 are suppressed in 100 m cells."""
SHARES = ("foreign", "born_abroad", "under_18", "over_65")


def name_cells(x: ArrayLike, y: ArrayLike) -> NDArray[np.str_]:
    """Name 100 m cells as the census does (``100mN31292E40901``) from points in EPSG:3035."""
    north = np.floor(np.asarray(y, dtype=float) / 100).astype(int)
    east = np.floor(np.asarray(x, dtype=float) / 100).astype(int)
    return np.array([f"100mN{n:05d}E{e:05d}" for n, e in zip(north, east, strict=True)])


def read_population(raw: RawFolder) -> pd.Series:
    """Return the residents counted in 2022 by cell name; the census lists no empty cell."""
    columns = ("x_mp_100m", "y_mp_100m", "Einwohner")
    rows = _numbers(raw.read_rows(POPULATION_FILE, columns, delimiter=";")[list(columns)])
    names = name_cells(rows["x_mp_100m"], rows["y_mp_100m"])
    return pd.Series(rows["Einwohner"].to_numpy(), index=names).sort_index()


def read_population_2011(raw: RawFolder) -> pd.Series:
    """Return the estimated residents of 2011 by cell name; empty cells are left out."""
    rows = _numbers(raw.read_rows(POPULATION_2011_FILE, ("x", "y", "pop_est")))
    people = pd.Series(rows["pop_est"].to_numpy(), index=name_cells(rows["x"], rows["y"]))
    return people[people > 0].sort_index()


def read_true_sample(raw: RawFolder) -> pd.Series:
    """Return the true residents of 2011 by cell name, of the few cells where they are known."""
    rows = _numbers(raw.read_rows(TRUE_SAMPLE_FILE, ("x", "y", "census_pop_100m")))
    return pd.Series(rows["census_pop_100m"].to_numpy(), index=name_cells(rows["x"], rows["y"]))


def read_shares(raw: RawFolder, cells: pd.Index, people: pd.Series) -> pd.DataFrame:
    """Estimate the shares of four groups in each cell in 2011, as the prior that is then raked.

    ``people`` are the residents of 2011 by cell: a cell that nobody lived in has the shares of its
    1 km cell. The share of a 100 m cell is its count drawn towards that of its 1 km cell with a
    weight of 20 people. The census gives under-10 and over-80 in 100 m cells, under-18 and over-65
    in 1 km cells: the former are scaled by the city's ratio between the two. For people born abroad
    there is no 1 km share: the city's ratio to foreign citizens gives it.

    Returns
    -------
    pandas.DataFrame
        Index ``cells``; columns ``foreign, born_abroad, under_18, over_65``, each 0-1.
    """
    counts = _read_counts(raw).reindex(cells).fillna(0.0)
    total = people.reindex(cells).fillna(0.0)
    wide = _read_kilometre_shares(raw, cells, total)
    city = (wide.mul(total, axis=0)).sum() / total.sum()
    ratio = city["foreign"] * total.sum() / counts["foreign"].sum()
    wide["born_abroad"] = wide["foreign"] * counts["born_abroad"].sum() / counts["foreign"].sum()
    shares = pd.DataFrame(index=cells)
    for group in SHARES:
        scale = city[group] * total.sum() / counts[group].sum() if group in city.index else ratio
        shares[group] = (counts[group] * scale + PSEUDO_PEOPLE * wide[group]) / (
            total + PSEUDO_PEOPLE
        )
    return shares.clip(0.001, 0.95)


def _read_counts(raw: RawFolder) -> pd.DataFrame:
    columns = ("x", "y", *BORN_ABROAD, FOREIGN, UNDER_10, OVER_80)
    rows = _numbers(raw.read_rows(DEMOGRAPHY_FILE, columns)[list(columns)])
    counts = pd.DataFrame(
        {
            "foreign": rows[FOREIGN],
            "born_abroad": rows[list(BORN_ABROAD)].sum(axis=1),
            "under_18": rows[UNDER_10],
            "over_65": rows[OVER_80],
        }
    )
    counts.index = pd.Index(name_cells(rows["x"], rows["y"]))
    return counts


def _read_kilometre_shares(raw: RawFolder, cells: pd.Index, people: pd.Series) -> pd.DataFrame:
    columns = ("x", "y", *KILOMETRE_SHARES.values())
    rows = _numbers(raw.read_rows(KILOMETRE_FILE, columns)[list(columns)])
    key = [f"{int(y // 1000)}-{int(x // 1000)}" for x, y in zip(rows["x"], rows["y"], strict=True)]
    shares = pd.DataFrame(
        {group: rows[column] / 100 for group, column in KILOMETRE_SHARES.items()}
    ).where(lambda table: table >= 0)
    shares.index = pd.Index(key)
    of_cell = cells.str.replace(r"^100mN(\d{4})\dE(\d{4})\d$", r"\1-\2", regex=True)
    wide = shares.reindex(of_cell)
    wide.index = cells
    known: pd.Series = wide.mul(people, axis=0).sum() / wide.notna().mul(people, axis=0).sum()
    filled: pd.DataFrame = wide.fillna(known)
    return filled


def _numbers(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: pd.to_numeric(rows[name]).astype(float) for name in rows})


CELL_M = 100.0
SMALLEST_PART_SHARE = 0.05
"""Parts of a cell without addresses that are smaller than this share of its area get nobody."""


@dataclass(frozen=True)
class CensusChange:
    """How far true residents of cells moved from one census to the next, scaled to one sum.

    Attributes
    ----------
    n_cells
        Number of cells that both counted.
    correlation
        Pearson's r.
    mean_people, mean_absolute
        Mean people of a cell, and mean absolute difference in people.
    relative_sd
        Of cells with at least :data:`SETTLED` people, the standard deviation of the relative
        difference, 0-1, from the median of its amount (which single new blocks do not move).
    """

    n_cells: int
    correlation: float
    mean_people: float
    mean_absolute: float
    relative_sd: float


SETTLED = 20.0
MEDIAN_TO_SD = 1.4826
"""The standard deviation of a normal error over the median of its amount."""


def build_demand_cells(
    raw: RawFolder,
    quarters: gpd.GeoDataFrame,
    figures: pd.DataFrame,
    addresses: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Build the demand cells, see :data:`welcomemap.region.schemas.DEMAND_CELL_COLUMNS`.

    Parameters
    ----------
    quarters
        ``quarter``, ``district``, ``geometry``.
    figures
        Official whole people, index quarter, columns the groups.
    addresses
        The layer of addresses; only good points of residential ones are used.
    """
    areas = quarters.to_crs(GRID_CRS)
    parts = _split_cells(read_population(raw), areas, _count_homes(addresses, areas))
    cell_ids = pd.Index(parts["cell_id"].unique())
    shares = read_shares(raw, cell_ids, read_population_2011(raw))
    cells = []
    for quarter, part in parts.groupby("quarter", sort=True):
        official = {group: int(figures[group].to_dict()[quarter]) for group in GROUPS}
        cells.append(_rake_quarter(part, shares, official))
    table = pd.concat(cells, ignore_index=True).sort_values(
        ["quarter", "cell_id"], ignore_index=True
    )
    points = gpd.GeoSeries(table["geometry"], crs=GRID_CRS).to_crs(METRIC_CRS)
    rounded = shapely.points(np.round(shapely.get_coordinates(points), 1))
    district = quarters.set_index("quarter")["district"]
    table["district"] = table["quarter"].map(district).astype("int16")
    return gpd.GeoDataFrame(table, geometry=rounded, crs=METRIC_CRS)[list(DEMAND_CELL_COLUMNS)]


def measure_census_change(raw: RawFolder) -> CensusChange:
    """Compare residents of 2022 with those of 2011 in the cells whose true ones of 2011 are known.

    They lie at the city's south-eastern edge and beyond it: nothing follows for the centre.
    """
    before, after = read_true_sample(raw), read_population(raw)
    before = before[before.index.isin(after.index)]
    after = after.reindex(before.index)
    after = after * before.sum() / after.sum()
    off = (after - before).abs()
    settled = before >= SETTLED
    return CensusChange(
        n_cells=len(before),
        correlation=round(float(np.corrcoef(after, before)[0, 1]), 3),
        mean_people=round(float(before.mean()), 1),
        mean_absolute=round(float(off.mean()), 1),
        relative_sd=round(MEDIAN_TO_SD * float((off / before)[settled].median()), 2),
    )


def measure_growth(raw: RawFolder, cells: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return the smallest and largest factor by which a quarter was scaled from 2022 to 2024."""
    counted = cells["cell_id"].map(read_population(raw))
    share = cells["residents"] / cells.groupby("cell_id")["residents"].transform("sum")
    whole = pd.DataFrame({"counted": counted * share, "residents": cells["residents"]})
    sums = whole.groupby(cells["quarter"]).sum()
    factor = sums["residents"] / sums["counted"]
    return round(float(factor.min()), 2), round(float(factor.max()), 2)


def _count_homes(addresses: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count residential addresses by cell and quarter; their mean, or the address next to it.

    The mean may fall outside a quarter whose border bends inwards.
    """
    is_home = addresses["is_residential"] & (addresses["location_quality"] == "point")
    homes = addresses[is_home & (addresses["quarter"] != "")]
    points = shapely.get_coordinates(homes.geometry.to_crs(GRID_CRS))
    table = pd.DataFrame(
        {
            "cell_id": name_cells(points[:, 0], points[:, 1]),
            "quarter": homes["quarter"].to_numpy(),
            "x": points[:, 0],
            "y": points[:, 1],
        }
    )
    by_part = table.groupby(["cell_id", "quarter"])
    middle = by_part[["x", "y"]].transform("mean")
    table["away"] = np.hypot(table["x"] - middle["x"], table["y"] - middle["y"]).round(3)
    nearest = table.sort_values(["cell_id", "quarter", "away", "x", "y"])
    nearest = nearest.groupby(["cell_id", "quarter"])[["x", "y"]].first()
    parts = by_part.agg(homes=("x", "size"), x=("x", "mean"), y=("y", "mean"))
    area = quarters.set_index("quarter").geometry.reindex(parts.index.get_level_values("quarter"))
    is_outside = ~shapely.intersects_xy(area.to_numpy(), parts["x"], parts["y"])
    parts.loc[is_outside, ["x", "y"]] = nearest[is_outside]
    return parts.reset_index()


def _split_cells(
    population: pd.Series, quarters: gpd.GeoDataFrame, homes: pd.DataFrame
) -> pd.DataFrame:
    """Return the parts of cells in quarters with their people before raking."""
    ground = _cut_cells(population, quarters)
    inside = ground.groupby("cell_id")["size"].sum() / CELL_M**2
    homes = homes[homes["cell_id"].isin(inside.index)]
    homes = homes.assign(geometry=shapely.points(homes["x"], homes["y"]), size=homes["homes"])
    is_bare = ~ground["cell_id"].isin(homes["cell_id"])
    bare = ground[is_bare & (ground["size"] >= SMALLEST_PART_SHARE * CELL_M**2)]
    columns = ["cell_id", "quarter", "size", "geometry"]
    parts = pd.concat([homes[columns], bare[columns]], ignore_index=True)
    share = parts["size"] / parts.groupby("cell_id")["size"].transform("sum")
    people = parts["cell_id"].map(population) * parts["cell_id"].map(inside)
    parts = parts.assign(weight=people * share, is_from_addresses=False)
    return parts.sort_values(["quarter", "cell_id"], ignore_index=True)


def _cut_cells(population: pd.Series, quarters: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the parts of populated cells in quarters: ``size`` in m², ``geometry`` a point."""
    corner = population.index.str.extract(r"N(\d+)E(\d+)").astype(float) * CELL_M
    squares = gpd.GeoDataFrame(
        {"cell_id": population.index},
        geometry=shapely.box(corner[1], corner[0], corner[1] + CELL_M, corner[0] + CELL_M),
        crs=GRID_CRS,
    )
    pairs = squares.sjoin(quarters[["quarter", "geometry"]], predicate="intersects")
    area = quarters.set_index("quarter").geometry
    cut = shapely.intersection(pairs.geometry.to_numpy(), area.reindex(pairs["quarter"]).to_numpy())
    centre = shapely.centroid(cut)
    point = np.where(shapely.contains(cut, centre), centre, shapely.point_on_surface(cut))
    parts = pd.DataFrame(
        {"cell_id": pairs["cell_id"], "quarter": pairs["quarter"], "size": shapely.area(cut),
         "geometry": point}
    )  # fmt: skip
    return parts[parts["size"] > 0]


def _rake_quarter(
    part: pd.DataFrame, shares: pd.DataFrame, official: Mapping[str, int]
) -> pd.DataFrame:
    people = {group: count * UNITS_PER_PERSON for group, count in official.items()}
    weight = part["weight"].to_numpy(dtype=float)
    residents = round_to_total(people["residents"] * weight / weight.sum(), people["residents"])
    prior = shares.reindex(part["cell_id"])
    ages = fit_groups(
        np.column_stack([prior["under_18"], prior["over_65"]]),
        residents,
        (people["under_18"], people["over_65"]),
    )
    german_migration = (1 - prior["foreign"]) * prior["born_abroad"]
    migration = fit_groups(
        np.column_stack([prior["foreign"], german_migration]),
        residents,
        (people["foreign_citizens"], people["migration_background"] - people["foreign_citizens"]),
    )
    counts = {
        "residents": residents,
        "migration_background": migration[:, 0] + migration[:, 1],
        "foreign_citizens": migration[:, 0],
        "under_18": ages[:, 0],
        "over_65": ages[:, 1],
    }
    rounded = {group: column / UNITS_PER_PERSON for group, column in counts.items()}
    return part[["cell_id", "quarter", "is_from_addresses", "geometry"]].assign(**rounded)

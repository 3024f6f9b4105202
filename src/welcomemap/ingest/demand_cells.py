"""Where people live: official figures of the quarters spread over the census grid.

The census grid of 2011 has people in 100 m cells, and shares of groups in 1 km cells. Cells are
named by their centre in EPSG:3035 (the European grid). Counts are raked to official totals, see
:mod:`welcomemap.ingest.raking`.

Method
------
1. *Residents before raking.* Residents of 2011 in 100 m cells (modelled from the census) are split
   at the borders of the quarters in proportion to the residential addresses on each side (by area
   where a cell has none). Where the census shows nobody but residential addresses exist now, each
   address weighs as many people as an address of the quarter's populated cells does.
2. *Groups before raking.* Shares of foreign citizens, people born abroad, under-18 and over-65 from
   the census (:func:`welcomemap.ingest.demand_cells.read_shares`).
3. *Raking.* In each quarter the residents are scaled to the official figure; then two tables are
   fitted to official totals: age (under 18, 65 and over, between) and migration (foreign citizens,
   Germans with migration background, Germans without). Hence in every cell each group is at most
   its residents, foreign citizens at most the people with migration background, and under-18 plus
   over-65 at most the residents.
4. *Rounding* to 1/1000 person by largest remainders: every quarter sums exactly.

Error
-----
A cell's people are an estimate: nobody counted them there. Of the cells whose true residents of
2011 are published, 92 lie in the city, all at its south-eastern edge (districts 7, 8 and 10). There
the census estimate that goes in has r = 0.991 and a mean absolute error of 6.4 people; the cells
that come out, scaled as a whole to the same sum, have r = 0.988 and 7.6 people
(:func:`measure_census_error`; the build writes both into the manifest). Nothing follows for the
centre, where cells are fuller, nor for the groups.

Source: © Statistisches Bundesamt, Wiesbaden 2018 (census 2011); Open Data Düsseldorf (2024).
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

POPULATION_FILE = "population/zensus2011_100m_population_estimate.csv"
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
    """Return the estimated residents of 2011 by cell name; empty cells are left out."""
    rows = _numbers(raw.read_rows(POPULATION_FILE, ("x", "y", "pop_est")))
    people = pd.Series(rows["pop_est"].to_numpy(), index=name_cells(rows["x"], rows["y"]))
    return people[people > 0].sort_index()


def read_true_sample(raw: RawFolder) -> pd.Series:
    """Return the true residents of 2011 by cell name, of the few cells where they are known."""
    rows = _numbers(raw.read_rows(TRUE_SAMPLE_FILE, ("x", "y", "census_pop_100m")))
    return pd.Series(rows["census_pop_100m"].to_numpy(), index=name_cells(rows["x"], rows["y"]))


def read_shares(raw: RawFolder, cells: pd.Index, people: pd.Series) -> pd.DataFrame:
    """Estimate the shares of four groups in each cell, as the prior that is then raked.

    The share of a 100 m cell is its count drawn towards the share of its 1 km cell with a weight
    of 20 people. The census gives under-10 and over-80 in 100 m cells, under-18 and over-65 in
    1 km cells: the former are scaled by the city's ratio between the two. For people born abroad
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
class CensusError:
    """How far cell residents are from the true ones, where these are known.

    Attributes
    ----------
    n_cells
        Number of true cells compared.
    correlation
        Pearson's r.
    mean_absolute
        Mean absolute error in people per cell.
    """

    n_cells: int
    correlation: float
    mean_absolute: float


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
    population = read_population(raw)
    areas = quarters.to_crs(GRID_CRS)
    parts = _split_cells(population, areas, _count_homes(addresses, areas))
    shares = read_shares(raw, pd.Index(parts["cell_id"].unique()), population)
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


def measure_census_error(raw: RawFolder, cells: gpd.GeoDataFrame) -> Mapping[str, CensusError]:
    """Compare residents of cells with the true ones of 2011, where these are known.

    Returns
    -------
    mapping
        ``"census estimate"`` is the raw material; ``"demand cells"`` are the residents of the pack,
        scaled as a whole to the sum of the true cells, since they are of another year. The true
        cells lie at the city's south-eastern edge only: nothing follows for the centre.
    """
    estimate = read_population(raw)
    true = read_true_sample(raw)
    true = true[true.index.isin(estimate.index)]
    ours = cells.groupby("cell_id")["residents"].sum().reindex(true.index).fillna(0.0)
    ours = ours * true.sum() / ours.sum()
    return {
        "census estimate": _measure_error(estimate.reindex(true.index), true),
        "demand cells": _measure_error(ours, true),
    }


def _measure_error(estimate: pd.Series, true: pd.Series) -> CensusError:
    return CensusError(
        n_cells=len(true),
        correlation=round(float(np.corrcoef(estimate, true)[0, 1]), 3),
        mean_absolute=round(float((estimate - true).abs().mean()), 1),
    )


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
    homes = homes.assign(geometry=shapely.points(homes["x"], homes["y"]))
    in_cell = homes.groupby("cell_id")["homes"].transform("sum")
    people = homes["cell_id"].map(population)
    homes = homes.assign(weight=people * homes["homes"] / in_cell, is_from_addresses=people.isna())
    known = homes[~homes["is_from_addresses"]].groupby("quarter")[["weight", "homes"]].sum()
    per_home = homes["quarter"].map(known["weight"] / known["homes"])
    homes["weight"] = homes["weight"].fillna(homes["homes"] * per_home)
    bare = population[~population.index.isin(homes["cell_id"])]
    columns = ["cell_id", "quarter", "weight", "is_from_addresses", "geometry"]
    return pd.concat(
        [homes[columns], _split_by_area(bare, quarters)[columns]], ignore_index=True
    ).sort_values(["quarter", "cell_id"], ignore_index=True)


def _split_by_area(population: pd.Series, quarters: gpd.GeoDataFrame) -> pd.DataFrame:
    corner = population.index.str.extract(r"N(\d+)E(\d+)").astype(float) * CELL_M
    squares = gpd.GeoDataFrame(
        {"cell_id": population.index, "people": population.to_numpy()},
        geometry=shapely.box(corner[1], corner[0], corner[1] + CELL_M, corner[0] + CELL_M),
        crs=GRID_CRS,
    )
    pairs = squares.sjoin(quarters[["quarter", "geometry"]], predicate="intersects")
    area = quarters.set_index("quarter").geometry
    inside = shapely.intersection(
        pairs.geometry.to_numpy(), area.reindex(pairs["quarter"]).to_numpy()
    )
    pairs = pairs.assign(geometry=inside, size=shapely.area(inside))
    pairs = pairs[pairs["size"] >= SMALLEST_PART_SHARE * CELL_M**2]
    total = pairs.groupby("cell_id")["size"].transform("sum")
    centre = shapely.centroid(pairs.geometry.to_numpy())
    is_inside = shapely.contains(pairs.geometry.to_numpy(), centre)
    point = np.where(is_inside, centre, shapely.point_on_surface(pairs.geometry.to_numpy()))
    return pd.DataFrame(
        {
            "cell_id": pairs["cell_id"],
            "quarter": pairs["quarter"],
            "weight": pairs["people"] * pairs["size"] / total,
            "is_from_addresses": False,
            "geometry": point,
        }
    )


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

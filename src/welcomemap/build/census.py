"""The census grid of 2011: people of each 100 m cell, and what share belongs to which group.

Cells are named by their centre in EPSG:3035 (the European grid); 1 km cells carry the shares.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from welcomemap.build.raw import RawFolder

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

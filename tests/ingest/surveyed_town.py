"""A town whose survey numbered the buildings block by block, to lose and misplace points in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from welcomemap.ingest.addresses import find_street_level

N_STREETS, N_HOUSES = 60, 40
STEP_M, ROW_M = 50.0, 120.0
"""Houses stand 50 m apart along streets that run west to east, 120 m apart: 2 km x 7 km."""


def street_y(street: int) -> float:
    """Return where a street lies; the next in the alphabet lie kilometres apart."""
    return ROW_M * (street * 23 % N_STREETS)


def name_of(street: int) -> str:
    """Return the name of a street; names are in the order of the numbers."""
    return f"{chr(ord('A') + street // 26)}{chr(ord('a') + street % 26)}nweg"


def make_town() -> pd.DataFrame:
    """Return the rows of the list in its order: by street, then by number as text."""
    rows = [
        (
            name_of(street),
            str(house + 1),
            STEP_M * house,
            street_y(street) + 10 * (house % 2),
        )
        for street in range(N_STREETS)
        for house in range(N_HOUSES)
    ]
    table = pd.DataFrame(rows, columns=["street", "house_number", "x", "y"])
    return survey(table.sort_values(["street", "house_number"], ignore_index=True))


def survey(table: pd.DataFrame) -> pd.DataFrame:
    """Number all buildings block by block, of 500 m x 360 m, by where they truly stand."""
    block = np.floor(table["x"] / 500) * 1000 + np.floor(table["y"] / 360)
    order = np.lexsort((table["x"], table["y"], block))
    number = np.empty(len(table))
    number[order] = np.arange(1, len(table) + 1)
    return finish(table.assign(building_number=number))


def finish(table: pd.DataFrame) -> pd.DataFrame:
    """Add what the build derives from the points."""
    return table.assign(is_residential=True, is_street_level=find_street_level(table))


def rows_of(table: pd.DataFrame, street: int, count: int | None = None) -> np.ndarray:
    """Return the first rows of a street in the order of the list."""
    return np.flatnonzero(table["street"] == name_of(street))[:count]


def lose(table: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Take the points of some rows away."""
    lost = table.copy()
    lost.loc[rows, ["x", "y"]] = np.nan
    return finish(lost)


def misplace(table: pd.DataFrame, rows: np.ndarray, points: np.ndarray) -> pd.DataFrame:
    """Give some rows the points of others."""
    wrong = table.copy()
    wrong.loc[rows, ["x", "y"]] = points
    return finish(wrong)

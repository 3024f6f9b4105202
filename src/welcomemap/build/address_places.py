"""Where an address lies, from the coordinates of its rows, and how good that place is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.crs import Points

SHARED_BY = 4
"""A point shared by this many different house numbers stands for the street, not for a house."""
SAME_SITE_M = 50.0
"""Buildings of one house number lie within this distance of their middle."""
SUSPECT_M = 200.0
"""An address further than this from its neighbours on both sides may be suspect."""
ISOLATED_M = 1500.0
"""An address further than this from every other one of its street is suspect."""
NEIGHBOURS = 2
ADDRESS = ["street", "house_number"]
MISSING = -1.0
"""Stands for a missing coordinate while rows are grouped by their point."""


def find_street_level(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows have only a street-level point.

    Parameters
    ----------
    rows
        ``street``, ``house_number``, ``x``, ``y``; missing places are NaN.

    Returns
    -------
    array of bool, shape (n_rows,)
        True where the point is shared by 4 or more different house numbers or by a row without a
        number. The same number repeated for several buildings stays a good point.
    """
    has_number = rows["house_number"] != ""
    label = (rows["street"] + "|" + rows["house_number"]).where(has_number)
    by_point = [rows["x"].fillna(MISSING), rows["y"].fillna(MISSING)]
    different = label.groupby(by_point).transform("nunique")
    has_blank = (~has_number).groupby(by_point).transform("any")
    return np.asarray(rows["x"].notna() & ((different >= SHARED_BY) | has_blank))


def merge_places(rows: pd.DataFrame) -> pd.DataFrame:
    """Merge the rows of each street and house number into one place.

    Parameters
    ----------
    rows
        ``street``, ``house_number``, ``is_residential``, ``is_street_level``, ``x``, ``y``.

    Returns
    -------
    pandas.DataFrame
        One row per street and number: ``is_residential`` (any), ``x``, ``y`` and ``quality``. Good
        points within 50 m of their middle are averaged; where they lie further apart, the one
        nearest to the others is kept and the address is ``suspect``.
    """
    merged = pd.DataFrame({"is_residential": rows.groupby(ADDRESS)["is_residential"].any()})
    used = _choose_rows(rows)
    first = used.groupby(ADDRESS).first()
    merged[["x", "y"]] = first[["x", "y"]].reindex(merged.index)
    merged["quality"] = first["is_street_level"].map({True: "street", False: "point"})
    merged["quality"] = merged["quality"].fillna("none")
    several = used[used.duplicated(ADDRESS, keep=False)]
    places = merged[["x", "y"]].to_numpy(dtype=float, copy=True)
    quality = merged["quality"].to_numpy(dtype=object, copy=True)
    row_of = {address: row for row, address in enumerate(merged.index)}
    for address, group in several.groupby(ADDRESS):
        row = row_of[address]
        places[row], is_scattered = _merge_points(group[["x", "y"]].to_numpy(dtype=float))
        if is_scattered and quality[row] == "point":
            quality[row] = "suspect"
    return merged.assign(x=places[:, 0], y=places[:, 1], quality=quality).reset_index()


def _choose_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a good point; of addresses that have none, those with any point."""
    located = rows[rows["x"].notna()]
    is_good = ~located["is_street_level"]
    has_good = is_good.groupby([located[name] for name in ADDRESS]).transform("any")
    return located[is_good | ~has_good]


def _merge_points(points: Points) -> tuple[NDArray[np.float64], bool]:
    if len(points) == 0:
        return np.array([np.nan, np.nan]), False
    if len(points) == 1:
        return points[0], False
    middle = points.mean(axis=0)
    if np.hypot(*(points - middle).T).max() <= SAME_SITE_M:
        return middle, False
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return points[int(apart.sum(axis=1).argmin())], True


def find_suspects(places: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which good points contradict the other addresses of their street.

    Along each side of a street (odd or even) the good points are put in the order of their house
    numbers. A point is suspect if it lies more than 200 m from the two next addresses on each side
    while its two direct neighbours lie nearer to each other than the point lies to the middle
    between them; or if every other address of the street is more than 1,500 m away. The method
    cannot see a block of addresses that is misplaced together;
    :mod:`welcomemap.build.misplaced` does.

    Parameters
    ----------
    places
        ``street``, ``house_number``, ``x``, ``y``, ``quality``.

    Returns
    -------
    array of bool, shape (n_places,)
    """
    is_suspect = np.zeros(len(places), dtype=bool)
    good, side = order_sides(places)
    flags = _contradicting(good[["x", "y"]].to_numpy(dtype=float), side)
    is_suspect[good["row"].to_numpy()[flags]] = True
    for row, point, others in _list_isolated(good):
        is_suspect[row] |= np.hypot(*(others - point).T).min() > ISOLATED_M
    return is_suspect


def between_neighbours(places: pd.DataFrame, within_m: float) -> NDArray[np.bool_]:
    """Tell which good points have the next address on each side within a distance."""
    good, side = order_sides(places)
    points = good[["x", "y"]].to_numpy(dtype=float)
    before, after = (np.hypot(*(shift_within(points, side, k) - points).T) for k in (-1, 1))
    is_between = np.zeros(len(places), dtype=bool)
    is_between[good["row"].to_numpy()] = (before <= within_m) & (after <= within_m)
    return is_between


def order_sides(places: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.integer[Any]]]:
    """Put the good points in street order; returns them, ``row`` included, and their sides."""
    good = places[(places["quality"] == "point") & (places["house_number"] != "")]
    number = good["house_number"].str.extract(r"^(\d+)")[0].astype(int)
    good = good.assign(
        number=number, side=number % 2, row=np.flatnonzero(places.index.isin(good.index))
    )
    good = good.sort_values(["street", "side", "number", "house_number"])
    return good, good.groupby(["street", "side"], sort=False).ngroup().to_numpy()


def _list_isolated(good: pd.DataFrame) -> Iterator[tuple[int, Points, Points]]:
    """Give the points far from both their side's neighbours, with all others of the street."""
    points = good[["x", "y"]].to_numpy(dtype=float)
    street = good.groupby("street", sort=False).ngroup().to_numpy()
    near = np.fmin(
        np.hypot(*(shift_within(points, street, -1) - points).T),
        np.hypot(*(shift_within(points, street, 1) - points).T),
    )
    for k in np.flatnonzero(near > ISOLATED_M):
        others = np.flatnonzero(street == street[k])
        if len(others) > NEIGHBOURS:
            yield int(good["row"].iloc[k]), points[k], points[others[others != k]]


def _contradicting(points: Points, side: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Compare each point with its neighbours on the same side; rows are in street order."""
    nearest = np.full(len(points), np.inf)
    for step in range(-NEIGHBOURS, NEIGHBOURS + 1):
        if step != 0:
            nearest = np.fmin(nearest, np.hypot(*(shift_within(points, side, step) - points).T))
    before, after = shift_within(points, side, -1), shift_within(points, side, 1)
    away = np.hypot(*(points - (before + after) / 2).T)
    flags: NDArray[np.bool_] = (nearest > SUSPECT_M) & (np.hypot(*(after - before).T) < away)
    return flags


def shift_within(points: Points, side: NDArray[np.integer[Any]], step: int) -> Points:
    """Return the point ``step`` rows on; NaN beyond the end of the side."""
    other = np.arange(len(points)) + step
    inside = (other >= 0) & (other < len(points))
    other = np.clip(other, 0, len(points) - 1)
    inside &= side[other] == side
    return np.where(inside[:, None], points[other], np.nan)

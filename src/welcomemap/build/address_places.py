"""Where an address lies, from the coordinates of its rows, and how good that place is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

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
    by_address = rows.groupby(["street", "house_number"], sort=True)
    merged = pd.DataFrame({"is_residential": by_address["is_residential"].any()})
    located = rows[rows["x"].notna()]
    is_good = ~located["is_street_level"]
    has_good = is_good.groupby([located["street"], located["house_number"]]).transform("any")
    used = located[is_good | ~has_good]
    first = used.groupby(["street", "house_number"]).first()
    merged[["x", "y"]] = first[["x", "y"]].reindex(merged.index)
    is_street_level = first["is_street_level"].reindex(merged.index)
    merged["quality"] = np.select(
        [merged["x"].isna(), is_street_level == True],  # noqa: E712 - missing is not street level
        ["none", "street"], "point",
    )  # fmt: skip
    several = used.groupby(["street", "house_number"]).filter(lambda group: len(group) > 1)
    places = merged[["x", "y"]].to_numpy(dtype=float, copy=True)
    quality = merged["quality"].to_numpy(dtype=object, copy=True)
    row_of = {address: row for row, address in enumerate(merged.index)}
    for address, group in several.groupby(["street", "house_number"]):
        row = row_of[address]
        places[row], is_scattered = _merge_points(group[["x", "y"]].to_numpy(dtype=float))
        if is_scattered and quality[row] == "point":
            quality[row] = "suspect"
    return merged.assign(x=places[:, 0], y=places[:, 1], quality=quality).reset_index()


def _merge_points(points: Points) -> tuple[NDArray[np.float64], bool]:
    if len(points) == 0:
        return np.array([np.nan, np.nan]), False
    if len(points) == 1:
        return points[0], False
    middle = points.mean(axis=0)
    if np.hypot(*(points - middle).T).max() <= SAME_SITE_M:
        return middle, False
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return points[int(np.median(apart, axis=1).argmin())], True


def find_suspects(places: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which good points contradict the other addresses of their street.

    Along each side of a street (odd or even) the good points are put in the order of their house
    numbers. A point is suspect if it lies more than 200 m from the two next addresses on each side
    while its two direct neighbours lie nearer to each other than the point lies to the middle
    between them; or if every other address of the street is more than 1,500 m away. The method
    cannot see a block of addresses that is misplaced together.

    Parameters
    ----------
    places
        ``street``, ``house_number``, ``x``, ``y``, ``quality``.

    Returns
    -------
    array of bool, shape (n_places,)
    """
    is_suspect = np.zeros(len(places), dtype=bool)
    good = places[(places["quality"] == "point") & (places["house_number"] != "")]
    number = good["house_number"].str.extract(r"^(\d+)")[0].astype(int)
    good = good.assign(
        number=number, side=number % 2, row=np.flatnonzero(places.index.isin(good.index))
    )
    good = good.sort_values(["street", "side", "number", "house_number"])
    for _, side in good.groupby(["street", "side"], sort=False):
        flags = _contradicting(side[["x", "y"]].to_numpy(dtype=float))
        is_suspect[side["row"].to_numpy()[flags]] = True
    for _, street in good.groupby("street", sort=False):
        if len(street) > NEIGHBOURS:
            points = street[["x", "y"]].to_numpy(dtype=float)
            nearest = cKDTree(points).query(points, k=2)[0][:, 1]
            is_suspect[street["row"].to_numpy()[nearest > ISOLATED_M]] = True
    return is_suspect


def _contradicting(points: Points) -> NDArray[np.bool_]:
    flags = np.zeros(len(points), dtype=bool)
    for i in range(1, len(points) - 1):
        around = range(max(0, i - NEIGHBOURS), min(len(points), i + NEIGHBOURS + 1))
        others = points[[j for j in around if j != i]]
        if np.hypot(*(others - points[i]).T).min() > SUSPECT_M:
            before, after = points[i - 1], points[i + 1]
            away = np.hypot(*(points[i] - (before + after) / 2))
            flags[i] = np.hypot(*(after - before)) < away
    return flags

"""Which houses of the address list carry the points of other streets?

A single house is found by its neighbours (:func:`welcomemap.build.address_places.find_suspects`);
a run of houses that is misplaced together is not, because its neighbours lie beside it. It takes
something the points did not come from: the list's building numbers. The survey that numbered the
buildings went through the city block by block, so that buildings whose numbers are next to each
other lie near each other, whatever street they belong to and wherever the points came from.

1. A house is judged where six buildings of other streets before it and six after it in the order
   of the numbers each agree on a place, and both places are one. It is *contradicted* if its point
   is more than 2 km from both.
2. The houses of a street are linked to groups at 300 m. A group is *misplaced* if at least four
   fifths of its judged houses and a quarter of all its houses are contradicted, and no way of the
   street's name lies within 300 m of it. A number given anew to a later building thus moves no
   group, nor does a street that lies in two places: the numbers go along to both.
3. On a street with a misplaced group, a group that nothing speaks for (no house judged, no way of
   its name) keeps its place only within 1 km of one that is right.

4. The list lost its points in runs of rows, so it misplaced them in runs too: in the order of the
   list, houses that nothing speaks for go with the misplaced ones if nothing but these and rows
   without a point stand on both sides of them.

A lone house far from the rest of its street is left to its neighbours: it is suspect, not lost.

Rows that took each other's points within one street lie beside a way of its name and only some
hundred metres off. A run of houses, in the order of the numbers of its side, is *displaced* and
suspect too if it lies more than 300 m from the runs before and after it, and at least four fifths
of its judged houses are more than 500 m from where the building numbers say, which is less than
half as far from an end of one of those runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from welcomemap.build.address_places import (
    ADDRESS,
    ISOLATED_M,
    NEIGHBOURS,
    order_sides,
    shift_within,
)
from welcomemap.build.names import fold_street
from welcomemap.crs import Points

SIDE, AGREEING = 6, 4
"""Buildings asked on each side in the order of numbers, and how many of them must agree."""
WINDOW = 60
"""Numbers looked through on each side for buildings of other streets."""
AGREE_M = 600.0
"""Agreeing buildings lie within this distance of the most central one."""
SAME_PLACE_M = 1000.0
"""The places that both sides agree on lie at most this far apart."""
FAR_M = 2000.0
"""A point further than this from both places is contradicted."""
LINK_M = 300.0
"""Houses of a street nearer to each other than this are one group."""
MOST_JUDGED, LEAST_SHARE = 0.8, 0.25
OWN_WAY_M = 300.0
KEEP_M = 1000.0
DISPLACED_M = 500.0
"""A house further than this from where its building number says may be displaced."""


class _Standing(Enum):
    RIGHT = 1
    UNKNOWN = 0
    MISPLACED = -1


def measure_away(rows: pd.DataFrame) -> pd.DataFrame:
    """Measure how far each point lies from where its building number says.

    Parameters
    ----------
    rows
        ``street``, ``building_number`` (NaN where there is none that can be used), ``x``, ``y``
        (metres, NaN where missing) and ``is_street_level``.

    Returns
    -------
    pandas.DataFrame, shape (n_rows, 3)
        ``away_m``, metres to the nearer of the places of the buildings before and after, and
        ``agreed_x``, ``agreed_y``, the middle between these two places; NaN where the house cannot
        be judged.
    """
    found = np.full((len(rows), 3), np.nan)
    can_be_used = (rows["building_number"].notna() & rows["x"].notna()).to_numpy()
    at = np.flatnonzero(can_be_used & ~rows["is_street_level"].to_numpy(dtype=bool))
    at = at[np.argsort(rows["building_number"].to_numpy(dtype=float)[at], kind="stable")]
    points = rows[["x", "y"]].to_numpy(dtype=float)[at]
    street = pd.factorize(rows["street"].to_numpy()[at])[0]
    before = _agree(points, street, forward=False)
    after = _agree(points, street, forward=True)
    nearer = np.fmin(_apart(points, before), _apart(points, after))
    is_one_place = _apart(before, after) <= SAME_PLACE_M
    told = np.column_stack([nearer, (before + after) / 2])
    found[at] = np.where(is_one_place[:, None], told, np.nan)
    return pd.DataFrame(found, columns=["away_m", "agreed_x", "agreed_y"], index=rows.index)


def _apart(points: Points, others: Points) -> NDArray[np.float64]:
    away: NDArray[np.float64] = np.hypot(*(points - others).T)
    return away


def _agree(points: Points, street: NDArray[np.intp], *, forward: bool) -> NDArray[np.float64]:
    """Return the place that the next buildings of other streets agree on; NaN without one."""
    if not forward:
        return _agree(points[::-1], street[::-1], forward=True)[::-1]
    place = np.full((len(points), 2), np.nan)
    if len(points) <= SIDE:
        return place
    padded = np.concatenate([street, np.full(WINDOW, -1, dtype=street.dtype)])
    window = np.lib.stride_tricks.sliding_window_view(padded[1:], WINDOW)
    is_other = (window != street[:, None]) & (window >= 0)
    is_asked = is_other & (np.cumsum(is_other, axis=1) <= SIDE)
    rows = np.flatnonzero(is_asked.sum(axis=1) == SIDE)
    step = np.nonzero(is_asked[rows])[1].reshape(-1, SIDE) + 1
    asked = points[rows[:, None] + step]
    apart = np.hypot(*(asked[:, :, None] - asked[:, None]).transpose(3, 0, 1, 2))
    centre = np.median(apart, axis=2).argmin(axis=1)
    agrees = np.take_along_axis(apart, centre[:, None, None], axis=1)[:, 0] <= AGREE_M
    mean = (asked * agrees[:, :, None]).sum(axis=1) / agrees.sum(axis=1)[:, None]
    place[rows] = np.where((agrees.sum(axis=1) >= AGREEING)[:, None], mean, np.nan)
    return place


def find_misplaced(
    rows: pd.DataFrame, away: NDArray[np.float64], ways: Mapping[str, shapely.Geometry]
) -> NDArray[np.bool_]:
    """Tell which rows carry points that belong elsewhere.

    Parameters
    ----------
    rows
        ``street``, ``house_number``, ``x``, ``y`` (metres, NaN where missing).
    away
        See :func:`measure_away`.
    ways
        Ways by folded name (:func:`welcomemap.build.names.fold_street`), in the CRS of the points.

    Returns
    -------
    array of bool, shape (n_rows,)
    """
    is_misplaced = np.zeros(len(rows), dtype=bool)
    points = rows[["x", "y"]].to_numpy(dtype=float)
    doubtful = pd.unique(rows["street"].to_numpy()[away > FAR_M])
    is_looked_at = (rows["street"].isin(doubtful) & rows["x"].notna()).to_numpy()
    for street, places in rows.groupby("street").indices.items():
        at = np.asarray(places)[is_looked_at[places]]
        if at.size:
            way = ways.get(fold_street(str(street)))
            number = rows["house_number"].to_numpy()[at]
            is_misplaced[at] = _judge_street(points[at], number, away[at], way)
    return is_misplaced | _complete_runs(rows, away, is_misplaced, ways)


def _complete_runs(
    rows: pd.DataFrame,
    away: NDArray[np.float64],
    is_misplaced: NDArray[np.bool_],
    ways: Mapping[str, shapely.Geometry],
) -> NDArray[np.bool_]:
    """Tell which houses that nothing speaks for stand in a run of misplaced ones."""
    has_point = rows["x"].notna().to_numpy()
    is_unknown = has_point & np.isnan(away) & ~is_misplaced
    known = pd.Series(np.select([is_misplaced, has_point], ["misplaced", "right"], "missing"))
    sides = known.where(~is_unknown)
    before, after = sides.ffill().fillna("right"), sides.bfill().fillna("right")
    is_in_run = (before != "right") & (after != "right")
    is_in_run &= (before == "misplaced") | (after == "misplaced")
    is_added = is_unknown & is_in_run.to_numpy()
    for row in np.flatnonzero(is_added):
        way = ways.get(fold_street(str(rows["street"].iloc[row])))
        point = shapely.Point(rows["x"].iloc[row], rows["y"].iloc[row])
        is_added[row] = way is None or shapely.distance(point, way) > OWN_WAY_M
    return is_added


def _judge_street(
    points: Points,
    number: NDArray[np.object_],
    away: NDArray[np.float64],
    way: shapely.Geometry | None,
) -> NDArray[np.bool_]:
    group = _link(points)
    names = range(int(group.max()) + 1)
    standing = [_judge_group(points[group == k], away[group == k], way) for k in names]
    is_misplaced = np.isin(group, [k for k in names if standing[k] is _Standing.MISPLACED])
    if not is_misplaced.any():
        return is_misplaced
    is_right = np.isin(group, [k for k in names if standing[k] is _Standing.RIGHT])
    to_right = np.full(len(points), np.inf)
    if is_right.any():
        to_right = cKDTree(points[is_right]).query(points)[0]
    for k in names:
        here = group == k
        if standing[k] is _Standing.UNKNOWN and to_right[here].min() > KEEP_M:
            is_misplaced |= here
        is_lone = len(set(number[here])) == 1 and len(set(number[is_right])) >= NEIGHBOURS
        if is_lone and to_right[here].min() > ISOLATED_M:
            is_misplaced[here] = False
    return is_misplaced


def _judge_group(
    points: Points, away: NDArray[np.float64], way: shapely.Geometry | None
) -> _Standing:
    n_judged, n_contradicted = int(np.isfinite(away).sum()), int((away > FAR_M).sum())
    is_by_own_way = way is not None and bool(
        shapely.distance(shapely.multipoints(points), way) <= OWN_WAY_M
    )
    if is_by_own_way:
        return _Standing.RIGHT
    if n_judged == 0:
        return _Standing.UNKNOWN
    is_most = n_contradicted >= MOST_JUDGED * n_judged and n_contradicted > 0
    is_enough = n_contradicted >= LEAST_SHARE * len(points)
    return _Standing.MISPLACED if is_most and is_enough else _Standing.RIGHT


def _link(points: Points) -> NDArray[np.int32]:
    """Number the groups of points that are linked at 300 m."""
    pairs = cKDTree(points).query_pairs(LINK_M, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(points), len(points)))
    return np.asarray(connected_components(graph, directed=False)[1])


def find_displaced(places: pd.DataFrame, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which good points belong elsewhere on their own street.

    Parameters
    ----------
    places
        ``street``, ``house_number``, ``x``, ``y``, ``quality``: one row per address.
    rows
        The rows they were merged from: ``street``, ``house_number`` and what
        :func:`measure_away` returns.

    Returns
    -------
    array of bool, shape (n_places,)
    """
    is_displaced = np.zeros(len(places), dtype=bool)
    good, side = order_sides(places)
    points = good[["x", "y"]].to_numpy(dtype=float)
    agreed = _find_agreed(good, rows)
    begins = ~(_apart(points, shift_within(points, side, -1)) <= LINK_M)
    run = np.cumsum(begins) - 1
    to_others = np.fmin(
        *(_apart(agreed, end[run]) for end in _list_ends(points, side, np.flatnonzero(begins)))
    )
    away = _apart(points, agreed)
    is_judged = np.isfinite(away)
    is_contradicted = (away > DISPLACED_M) & (to_others < away / 2)
    n_judged = np.bincount(run, weights=is_judged)
    n_contradicted = np.bincount(run, weights=is_contradicted)
    is_run = (n_contradicted > 0) & (n_contradicted >= MOST_JUDGED * n_judged)
    is_displaced[good["row"].to_numpy()[is_run[run]]] = True
    return is_displaced


def _find_agreed(good: pd.DataFrame, rows: pd.DataFrame) -> Points:
    """Return where the building numbers say that each address is: of its rows the nearest."""
    judged = rows.dropna(subset="away_m").sort_values("away_m", kind="stable")
    agreed = judged.drop_duplicates(ADDRESS).set_index(ADDRESS)[["agreed_x", "agreed_y"]]
    return agreed.reindex(pd.MultiIndex.from_frame(good[ADDRESS])).to_numpy(dtype=float)


def _list_ends(
    points: Points, side: NDArray[np.integer], first: NDArray[np.intp]
) -> tuple[Points, Points]:
    """Return, for each run, the last point of the run before and the first of the run after.

    NaN where its side has none.
    """
    last = np.append(first[1:], len(points)) - 1
    of_run = side[first]
    return shift_within(points[last], of_run, -1), shift_within(points[first], of_run, 1)

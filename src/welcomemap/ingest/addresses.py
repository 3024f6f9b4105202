"""The layer of addresses, from the published list: names mended, places judged.

A single house that carries the point of another street is found by its neighbours
(:func:`find_suspects`); a run of houses that is misplaced together is not, because its neighbours
lie beside it. It takes something the points did not come from: the list's building numbers. The
survey that numbered the buildings went through the city block by block, so that buildings whose
numbers are next to each other lie near each other, whatever street they belong to and wherever the
points came from.

1. A house is judged where six buildings of other streets before it and six after it in the order
   of the numbers each agree on a place, and both places are one. It is *contradicted* if its point
   is more than 2 km from both.
2. The houses of a street are linked to groups at 300 m. A group is *misplaced* if at least four
   fifths of its judged houses and a quarter of all its houses are contradicted, and no way of the
   street's name lies within 300 m of it. A number given anew to a later building thus moves no
   group, nor does a street that lies in two places: the numbers go along to both.
3. On a street with a misplaced group, a group that nothing speaks for (no house judged, no way of
   its name) keeps its place only within 1 km of one that is right.
4. Misplaced points are poor witnesses: where the numbers jump from one edge of the town to the
   other, a misplaced run can agree with what lies there, against the right street beside it. So
   each street found is judged again without the points of those found more surely. The surer one
   is that of whose misplaced houses a larger share is contradicted.
5. The list lost its points in runs of rows, so it misplaced them in runs too: in the order of the
   list, houses that nothing speaks for go with the misplaced ones if nothing but these and rows
   without a point stand on both sides of them.

A lone house far from the rest of its street is left to its neighbours: it is suspect, not lost.

Rows that took each other's points within one street lie beside a way of its name and only some
hundred metres off. A run of houses, in the order of the numbers of its side, is *displaced* and
suspect too if it lies more than 300 m from the runs before and after it, and at least four fifths
of its judged houses are more than 500 m from where the building numbers say, which is less than
half as far from an end of one of those runs, or from a house of another run of its street that is
displaced too: runs that took each other's points may be the first and the last of their side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from welcomemap.crs import METRIC_CRS, Points, project
from welcomemap.ingest.raw import RawFolder, fold_street
from welcomemap.region.schemas import ADDRESS_COLUMNS

_NUMBER = re.compile(r"(\d{1,4})\s*([a-z]?)(?:\s*-\s*(\d{1,4})\s*([a-z]?))?")
_NUMBER_IN_STREET = re.compile(r"(.*[^\W\d])\s*?(\d{1,4}[a-z]?)")
_REMARK = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True)
class NameCorrections:
    """Corrections no rule can guess: of street names, and of whole rows.

    Attributes
    ----------
    streets
        Published street name → right name.
    rows
        (Published street, published number) → (right street, right number).
    torn
        Published street → (what its numbers wrongly begin with, right street).
    """

    streets: Mapping[str, str]
    rows: Mapping[tuple[str, str], tuple[str, str]]
    torn: Mapping[str, tuple[str, str]]


def normalise_house_number(text: str) -> str:
    """Return a house number as ``"2a"`` or ``"6-8"``; empty where the text holds none.

    Examples
    --------
    >>> normalise_house_number("99- 103"), normalise_house_number("2 A")
    ('99-103', '2a')
    >>> normalise_house_number("1- Hochhaus"), normalise_house_number("0")
    ('1', '')
    """
    found = _NUMBER.match(text.strip().lower())
    if found is None or int(found[1]) == 0:
        return ""
    first = f"{int(found[1])}{found[2]}"
    return f"{first}-{int(found[3])}{found[4]}" if found[3] else first


def mend_name(street: str, number: str, corrections: NameCorrections) -> tuple[str, str]:
    """Return the street name and the normalised house number that a published row means.

    The list's own corrections come first; else spaces are collapsed, remarks in brackets dropped,
    and a number glued to the name is taken as the house number.
    """
    street, number = corrections.rows.get((street, number), (street, number))
    prefix, right_street = corrections.torn.get(street, ("", ""))
    if right_street and number.startswith(prefix):
        street, number = right_street, number.removeprefix(prefix)
        return street, normalise_house_number(number)
    known = corrections.streets.get(" ".join(street.split()))
    if known is not None:
        return known, normalise_house_number(number)
    street = " ".join(_REMARK.sub("", street).split())
    glued = _NUMBER_IN_STREET.fullmatch(street)
    if glued is not None and not number:
        street, number = glued[1].rstrip(), glued[2]
    return street, normalise_house_number(number)


def order_house_number(number: str) -> tuple[int, str]:
    """Return a sort key: 2, 2a, 10, 10-12; rows without a number come first."""
    found = re.match(r"\d+", number)
    return (int(found[0]) if found else -1, number)


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
    for address, group in several.groupby(ADDRESS):
        row = merged.index.get_loc(address)
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
    :mod:`welcomemap.ingest.addresses` does.

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


def between_neighbours(places: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which good points have the next address on each side within :data:`SUSPECT_M`."""
    good, side = order_sides(places)
    points = good[["x", "y"]].to_numpy(dtype=float)
    before, after = (np.hypot(*(shift_within(points, side, k) - points).T) for k in (-1, 1))
    is_between = np.zeros(len(places), dtype=bool)
    is_between[good["row"].to_numpy()] = (before <= SUSPECT_M) & (after <= SUSPECT_M)
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


NAMED_WAYS_FILE = "streets/all_known_ways_2017_2023.geojson.gz"
BESIDE_WAY_M = 50.0
NUMBERS_AGREE_M = 1000.0
KINDS = (
    "way_of_its_name", "building_numbers", "neighbours_on_both_sides", "list_only",
    "contradicted", "somewhere_on_street", "place_withdrawn", "never_placed",
)  # fmt: skip
"""What an address may rest on, the strongest first: a way of the street's own name within 50 m;
buildings with the next numbers of the survey, on other streets, within 1 km; the next house on each
side within 200 m; nothing but the list; its neighbours contradict it; a point for the whole street;
a point that belonged to another street and was withdrawn; no point in the list."""


def read_named_ways(raw: RawFolder) -> Mapping[str, shapely.Geometry]:
    """Read all ways known since 2017, by folded street name, in EPSG:25832.

    They are states of several years mixed: good for judging where a street is, not for routing.
    """
    ways = raw.read_features(NAMED_WAYS_FILE, ("name",))
    ways = ways[ways["name"].fillna("") != ""].to_crs(METRIC_CRS)
    key = ways["name"].map(fold_street)
    return {str(k): shapely.union_all(lines.to_numpy()) for k, lines in ways.geometry.groupby(key)}


def count_evidence(
    places: pd.DataFrame, rows: pd.DataFrame, ways: Mapping[str, shapely.Geometry]
) -> dict[str, int]:
    """Count the addresses by what their place rests on, see :data:`KINDS`.

    Postcodes and quarters are no evidence: they were inferred from the places.

    Parameters
    ----------
    places
        One row per address: ``street``, ``house_number``, ``x``, ``y``, ``quality``.
    rows
        The rows of the list they were merged from: ``street``, ``house_number``, ``away_m``
        (:func:`welcomemap.ingest.addresses.measure_away`) and ``is_misplaced``.
    ways
        See :func:`read_named_ways`.
    """
    by_address = rows.groupby(ADDRESS)
    agrees = by_address["away_m"].min() <= NUMBERS_AGREE_M
    is_withdrawn = by_address["is_misplaced"].any()
    address = pd.MultiIndex.from_frame(places[ADDRESS])
    quality = places["quality"].to_numpy()
    kind = np.select(
        [
            (quality == "none") & is_withdrawn.reindex(address).to_numpy(),
            quality == "none",
            quality == "suspect",
            quality == "street",
            are_beside_ways(places, ways),
            agrees.reindex(address).to_numpy(),
            between_neighbours(places),
        ],
        [
            "place_withdrawn", "never_placed", "contradicted", "somewhere_on_street",
            "way_of_its_name", "building_numbers", "neighbours_on_both_sides",
        ],
        "list_only",
    )  # fmt: skip
    return {name: int((kind == name).sum()) for name in KINDS}


def are_beside_ways(
    places: pd.DataFrame, ways: Mapping[str, shapely.Geometry]
) -> NDArray[np.bool_]:
    """Tell of each address (``street, x, y``) whether a way of its street is within 50 m."""
    is_beside = np.zeros(len(places), dtype=bool)
    points = np.asarray(gpd.points_from_xy(places["x"], places["y"]))
    is_located = places["x"].notna().to_numpy()
    for street, of_street in places.groupby("street").indices.items():
        at = np.asarray(of_street)[is_located[of_street]]
        way = ways.get(fold_street(str(street)))
        if way is not None and at.size:
            shapely.prepare(way)
            is_beside[at] = shapely.dwithin(points[at], way, BESIDE_WAY_M)
    return is_beside


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
    return _measure(rows, _order_buildings(rows))


def _order_buildings(rows: pd.DataFrame) -> NDArray[np.intp]:
    """Return the rows whose number and point can be used, in the order of the numbers."""
    can_be_used = (rows["building_number"].notna() & rows["x"].notna()).to_numpy()
    at = np.flatnonzero(can_be_used & ~rows["is_street_level"].to_numpy(dtype=bool))
    return at[np.argsort(rows["building_number"].to_numpy(dtype=float)[at], kind="stable")]


def _measure(rows: pd.DataFrame, at: NDArray[np.intp]) -> pd.DataFrame:
    """Measure what rows that follow each other in the order of the numbers say of each other."""
    found = np.full((len(rows), 3), np.nan)
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
        ``house_number`` and what :func:`measure_away` reads.
    away
        What it returns for them, ``away_m``.
    ways
        Ways by folded name (:func:`welcomemap.ingest.raw.fold_street`), in the CRS of the points.

    Returns
    -------
    array of bool, shape (n_rows,)
    """
    is_misplaced = np.zeros(len(rows), dtype=bool)
    doubtful = pd.unique(rows["street"].to_numpy()[away > FAR_M])
    looked_at = np.flatnonzero(rows["street"].isin(doubtful) & rows["x"].notna())
    accused: list[tuple[float, NDArray[np.intp]]] = []
    for places in rows.iloc[looked_at].groupby("street").indices.values():
        at = looked_at[places]
        is_found = _judge_street(rows.iloc[at], away[at], ways)
        if is_found.any():
            accused.append((float(np.mean(away[at][is_found] > FAR_M)), at))
    in_order = _order_buildings(rows)
    for _, at in sorted(accused, key=lambda street: street[0], reverse=True):
        asked = in_order[~is_misplaced[in_order]]
        asked = asked[maximum_filter1d(np.isin(asked, at), 2 * WINDOW + 1)]
        again = _measure(rows, asked)["away_m"].to_numpy()
        is_misplaced[at] = _judge_street(rows.iloc[at], again[at], ways)
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
    houses: pd.DataFrame, away: NDArray[np.float64], ways: Mapping[str, shapely.Geometry]
) -> NDArray[np.bool_]:
    points, number = houses[["x", "y"]].to_numpy(dtype=float), houses["house_number"].to_numpy()
    way = ways.get(fold_street(str(houses["street"].iloc[0])))
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
    ends = _list_ends(points, side, np.flatnonzero(begins))
    to_ends = np.fmin(*(_apart(agreed, end[run]) for end in ends))
    away = _apart(points, agreed)
    is_found = _are_most(away > DISPLACED_M, away, run)
    street = pd.factorize(good["street"])[0]
    n_before = len(points) + 1
    while (n_found := int(is_found.sum())) < n_before:
        n_before = n_found
        to_others = np.fmin(to_ends, _measure_to_runs(agreed, points, street, run, is_found))
        is_found = _are_most((away > DISPLACED_M) & (to_others < away / 2), away, run)
    is_displaced[good["row"].to_numpy()[is_found]] = True
    return is_displaced


def _are_most(
    is_contradicted: NDArray[np.bool_], away: NDArray[np.float64], run: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tell which houses are of a run of which four fifths of the judged are contradicted."""
    n_judged = np.bincount(run, weights=np.isfinite(away))
    n_contradicted = np.bincount(run, weights=is_contradicted)
    is_most: NDArray[np.bool_] = n_contradicted >= MOST_JUDGED * n_judged
    return (is_most & (n_contradicted > 0))[run]


def _measure_to_runs(
    agreed: Points,
    points: Points,
    street: NDArray[np.intp],
    run: NDArray[np.intp],
    is_found: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Measure from where each house found belongs to the points of its street's other such runs."""
    nearest = np.full(len(points), np.inf)
    found = np.flatnonzero(is_found)
    for of_street in pd.Series(found).groupby(street[found]).indices.values():
        at = found[of_street]
        apart = np.hypot(*(agreed[at][:, None] - points[at]).transpose(2, 0, 1))
        apart[run[at][:, None] == run[at]] = np.inf
        nearest[at] = apart.min(axis=1)
    return nearest


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


PAIRS_FILE = "postcodes/postcode_stadtteil_pairs.csv"
POINTS_FILE = "postcodes/postcode_population_2011.csv"
SURE_SHARE_PERCENT = 99.0
"""A quarter that lies in one postcode to this share is taken to lie in it as a whole."""
CLEAR_RATIO = 0.6
"""The nearest postcode must be this much nearer than the next, both measured in its own size."""


@dataclass(frozen=True)
class PostcodeAreas:
    """What is known of the postcodes: one point and size each, and the quarters they touch.

    Attributes
    ----------
    points
        Metres, shape (n_codes, 2): a point inside each postcode.
    radius_m
        Radius of a circle as large as the postcode, shape (n_codes,).
    of_quarter
        Quarter number → {postcode: share of the quarter in percent}.
    """

    codes: tuple[str, ...]
    points: Points
    radius_m: NDArray[np.float64]
    of_quarter: Mapping[str, Mapping[str, float]]


def read_postcodes(raw: RawFolder, extra_pairs: Mapping[str, list[str]]) -> PostcodeAreas:
    """Read the postcode points and the pairs of quarter and postcode.

    ``extra_pairs`` maps quarters to postcodes that the published pairs lack.
    """
    points = raw.read_rows(POINTS_FILE, ("plz", "qkm", "lat", "lon"))
    pairs = raw.read_rows(PAIRS_FILE, ("stadtteil_nr", "plz", "share_pct"))
    of_quarter: dict[str, dict[str, float]] = {}
    for quarter, code, share in zip(
        pairs["stadtteil_nr"], pairs["plz"], pairs["share_pct"], strict=True
    ):
        of_quarter.setdefault(quarter.zfill(3), {})[code] = float(share)
    for quarter, codes in extra_pairs.items():
        of_quarter.setdefault(quarter, {}).update(dict.fromkeys(codes, 0.0))
    return PostcodeAreas(
        codes=tuple(points["plz"]),
        points=project(points["lon"].astype(float), points["lat"].astype(float)),
        radius_m=np.sqrt(points["qkm"].astype(float).to_numpy() * 1e6 / np.pi),
        of_quarter=of_quarter,
    )


def infer_postcodes(points: Points, quarters: pd.Series, areas: PostcodeAreas) -> list[str]:
    """Infer the postcode of each point from its quarter and the nearest postcode point.

    Where 99 % of a quarter lie in one postcode, that is taken. Otherwise the distance to the point
    of each postcode that touches the quarter is divided by the radius of a circle of that
    postcode's size; the smallest wins if it is at most 0.6 of the next, else the answer is empty.
    """
    inferred = np.full(len(points), "", dtype=object)
    index = {code: k for k, code in enumerate(areas.codes)}
    for quarter, rows in (
        quarters.reset_index(drop=True).groupby(quarters.to_numpy()).groups.items()
    ):
        shares = {c: s for c, s in areas.of_quarter.get(str(quarter), {}).items() if c in index}
        if not shares:
            continue
        codes = sorted(shares, key=lambda code: (-shares[code], code))
        at = rows.to_numpy()
        if shares[codes[0]] >= SURE_SHARE_PERCENT:
            inferred[at] = codes[0]
            continue
        chosen = [index[code] for code in codes]
        apart = np.hypot(*(points[at][:, None] - areas.points[chosen][None]).transpose(2, 0, 1))
        scaled = apart / areas.radius_m[chosen]
        order = np.sort(scaled, axis=1)
        is_clear = order[:, 0] <= CLEAR_RATIO * order[:, 1]
        best = np.array(codes, dtype=object)[scaled.argmin(axis=1)]
        inferred[at] = np.where(is_clear, best, "")
    return [str(code) for code in inferred]


ADDRESSES_FILE = "addresses/addresses_2018.csv"
COLUMNS = ("street", "housenumber", "residential", "building_id", "lat", "lon")
RESIDENTIAL = "ja"
DECIMALS = 1
"""Places are kept to 0.1 m; the best of them are good to some metres."""


def build_addresses(
    raw: RawFolder,
    quarters: gpd.GeoDataFrame,
    postcodes: PostcodeAreas,
    corrections: NameCorrections,
    published: Mapping[tuple[str, str], str],
    *,
    surveyed_below: int,
) -> tuple[gpd.GeoDataFrame, Mapping[str, int]]:
    """Build one row per street and house number, see :data:`ADDRESS_COLUMNS`.

    With them comes how many rest on what (see :func:`count_evidence`).

    Rows that carry the points of other streets lose them (:mod:`welcomemap.ingest.addresses`).
    Quarter and district are those the place falls in; without a place, with a suspect one, or with
    one outside the city, they are empty and 0. Postcodes are inferred (the list has none) and
    marked so, except where ``published`` states the one of (street, house number); a street on
    which a published postcode contradicts the inference gets none but the published ones.
    ``surveyed_below``: building numbers from this one on say nothing about where a building is.
    """
    rows = _read_places(raw.read_rows(ADDRESSES_FILE, COLUMNS), corrections, surveyed_below)
    ways = read_named_ways(raw)
    rows = rows.join(measure_away(rows))
    rows["is_misplaced"] = find_misplaced(rows, rows["away_m"].to_numpy(), ways)
    rows.loc[rows["is_misplaced"], ["x", "y"]] = np.nan
    places = merge_places(rows)
    places.loc[find_suspects(places) | find_displaced(places, rows), "quality"] = "suspect"
    places[["x", "y"]] = places[["x", "y"]].round(DECIMALS)
    evidence = count_evidence(places, rows, ways)
    points = places[["x", "y"]].to_numpy(dtype=float)
    table = gpd.GeoDataFrame(
        places, geometry=gpd.points_from_xy(points[:, 0], points[:, 1]), crs=METRIC_CRS
    )
    table.loc[places["x"].isna(), "geometry"] = None
    table = _locate(table, quarters)
    table["location_quality"] = table["quality"]
    inferred = infer_postcodes(points, table["quarter"], postcodes)
    table = _add_postcodes(table, inferred, published)
    order = table["house_number"].map(order_house_number)
    table = table.assign(order=order).sort_values(["street", "order"], ignore_index=True)
    return table[list(ADDRESS_COLUMNS)], evidence


def _read_places(
    rows: pd.DataFrame, corrections: NameCorrections, surveyed_below: int
) -> pd.DataFrame:
    mended = [
        mend_name(street, number, corrections)
        for street, number in zip(rows["street"], rows["housenumber"], strict=True)
    ]
    places = pd.DataFrame(mended, columns=["street", "house_number"])
    places["is_residential"] = (rows["residential"].str.strip() == RESIDENTIAL).to_numpy()
    lon, lat = (pd.to_numeric(rows[c], errors="coerce").to_numpy() for c in ("lon", "lat"))
    is_located = np.isfinite(lon) & np.isfinite(lat)
    places[["x", "y"]] = np.nan
    places.loc[is_located, ["x", "y"]] = project(lon[is_located], lat[is_located])
    number = pd.to_numeric(rows["building_id"], errors="coerce").to_numpy(dtype=float)
    places["building_number"] = np.where(number < surveyed_below, number, np.nan)
    places["is_street_level"] = find_street_level(places)
    return places


def _add_postcodes(
    table: gpd.GeoDataFrame, inferred: list[str], published: Mapping[tuple[str, str], str]
) -> gpd.GeoDataFrame:
    address = list(zip(table["street"], table["house_number"], strict=True))
    stated = pd.Series([published.get(key, "") for key in address], index=table.index)
    guess = pd.Series(inferred, index=table.index)
    is_wrong = (stated != "") & (guess != "") & (stated != guess)
    guess = guess.where(~table["street"].isin(set(table.loc[is_wrong, "street"])), "")
    return table.assign(
        postcode=stated.where(stated != "", guess),
        is_postcode_inferred=(stated == "") & (guess != ""),
    )


def _locate(table: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    areas = quarters.to_crs(METRIC_CRS)[["quarter", "district", "geometry"]]
    found = table[["geometry"]].sjoin(areas, predicate="intersects")
    found = found[~found.index.duplicated()].reindex(table.index)
    found = found.where(table["quality"] != "suspect")
    return table.assign(
        quarter=found["quarter"].fillna(""), district=found["district"].fillna(0).astype("int16")
    )

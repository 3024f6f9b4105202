"""Infer the postcode of a place; stay silent where it is not clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.build.raw import RawFolder
from welcomemap.crs import Points, project

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

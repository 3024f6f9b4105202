"""Names, types and meanings of the columns of every frame that a region returns.

A frame has these columns in this order and of these types whatever was asked and whatever a pack
lacks; ``docs/columns.md`` is made from them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from numpy.typing import NDArray

from welcomemap.region.schemas import GROUPS

TEXT = "text"
NUMBER = "float64"
WHOLE = "int64"
MAYBE_WHOLE = "Int64"
TRUTH = "bool"
MAYBE_TRUTH = "boolean"
IDS = "tuple of texts"
LABEL = "label"
"""As the frame that was given has it."""
DTYPES: Mapping[str, Any] = {
    # What pandas calls a text: object before pandas 3, str since.
    TEXT: pd.Series(["text"]).dtype,
    NUMBER: NUMBER, WHOLE: WHOLE, MAYBE_WHOLE: MAYBE_WHOLE, TRUTH: TRUTH, MAYBE_TRUTH: MAYBE_TRUTH,
    IDS: "object",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: its name, its type (a key of :data:`DTYPES`), and what it tells."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """The columns of a frame, its index first where that has a meaning.

    Attributes
    ----------
    made_by
        What returns it, as one writes it.
    rows
        What a row is.
    geometry
        What the geometry is.
    more
        What columns come besides.
    """

    made_by: str
    rows: str
    geometry: str
    columns: tuple[Column, ...]
    index: Column | None = None
    more: str = ""


def _spread(name: str, meaning: str, bounds: str) -> tuple[Column, Column, Column]:
    return (
        Column(name, NUMBER, meaning),
        Column(f"{name}_lower", NUMBER, f"Lower bound of {bounds}."),
        Column(f"{name}_upper", NUMBER, f"Upper bound of {bounds}."),
    )


INTERVAL = "its interval, which holds 90 % of the draws"
WAY = "its interval (10th to 90th percentile, and the origin's error radius)"
# A region may not know who belongs to a group other than everybody.
# A region may not know who belongs to a group other than everybody.
IN_WORDS = {
    "residents": "Residents",
    "migration_background": "People with a migration background",
    "foreign_citizens": "Foreign citizens",
    "under_18": "People under 18",
    "over_65": "People of 65 and over",
}
_PEOPLE = tuple(Column(group, NUMBER, f"{IN_WORDS[group]}.") for group in GROUPS)
_COUNTED = tuple(
    Column(group, MAYBE_WHOLE if number else WHOLE, f"{IN_WORDS[group]}.")
    for number, group in enumerate(GROUPS)
)
_OUTCOME = "How sure the place is: `exact`, `corrected`, `interpolated`, `street`, …"
_AREA = (
    Column("area_kind", TEXT, "`city`, `district` or `quarter`."),
    Column("area_id", TEXT, "Number of the area, leading zeros kept; of the city its name."),
    Column("name", TEXT, "Its name."),
    Column("group", TEXT, "Who is counted."),
    Column("threshold", TEXT, "Largest cost that counts as reached, inclusive: `1000m`, `15min`."),
)
_PLACE = (
    Column("name", TEXT, "Its name."),
    Column("address", TEXT, "Its address."),
    Column("district", WHOLE, "District it lies in."),
    Column("location_outcome", TEXT, f"{_OUTCOME} Missing where a list gave coordinates."),
)

TABLES: Mapping[str, Table] = {
    "districts": Table(
        "region.districts",
        "a district",
        "its area",
        (
            Column("district", WHOLE, "Its number."),
            Column("name", TEXT, "Its name."),
            *_COUNTED,
            Column("area_km2", NUMBER, "Its area in square kilometres."),
        ),
    ),
    "quarters": Table(
        "region.quarters",
        "a quarter",
        "its area",
        (
            Column("quarter", TEXT, "Its number, leading zeros kept."),
            Column("name", TEXT, "Its name."),
            Column("district", WHOLE, "District it belongs to."),
            *_COUNTED,
            Column("area_km2", NUMBER, "Its area in square kilometres."),
        ),
    ),
    "demand_cells": Table(
        "region.demand_cells",
        "a census cell, or the part of one in a quarter",
        "where its people live on average, a point",
        (
            Column("cell_id", TEXT, "Its number in the census grid."),
            Column("quarter", TEXT, "Quarter it lies in."),
            Column("district", WHOLE, "District it lies in."),
            *_PEOPLE,
            Column("is_from_addresses", TRUTH, "The point is the mean of its addresses."),
        ),
    ),
    "sites": Table(
        "region.sites(…)",
        "a service point of a list, of any status",
        "its place; missing where that is not known",
        (
            Column("name", TEXT, "Its name."),
            Column("operator", TEXT, "Who runs it."),
            Column("address", TEXT, "Its address as the list has it."),
            Column("stated_districts", TEXT, "Districts the list says it serves: `1;2`."),
            Column("status", TEXT, "`open`, `planned`, `closed` or `disputed`."),
            Column("valid_from", TEXT, "Open since: year, month or day, ISO 8601."),
            Column("valid_to", TEXT, "Open until, inclusive."),
            Column("source", TEXT, "Where the row is from."),
            Column("scenario", TEXT, "The list it was published in."),
            Column("kind", TEXT, "What kind of place it is."),
            Column("note", TEXT, "What else the list says."),
            Column("phone", TEXT, "Telephone."),
            Column("url", TEXT, "Page."),
            Column("opening_hours", TEXT, "Opening hours as in OpenStreetMap."),
            Column("opening_hours_as_of", TEXT, "Day on which these were stated."),
            Column("languages", TEXT, "Languages of the advice."),
            Column("capacity", NUMBER, "People it can serve."),
            Column("location_outcome", TEXT, _OUTCOME),
            Column("location_source", TEXT, "Where the place is from."),
            Column("error_radius_m", NUMBER, "The true place lies within, with 95 %."),
            Column("district", MAYBE_WHOLE, "District it lies in."),
            Column("border_m", NUMBER, "Metres to the nearest district border."),
            Column("is_uncertain", TRUTH, "The border is nearer than places or borders are known."),
        ),
        Column("id", TEXT, "Its id."),
        "columns that a frame of one's own has besides",
    ),
    "geocode": Table(
        "region.geocode(…)",
        "an address that was given",
        "its place, missing where there is none",
        (
            Column("outcome", TEXT, "`exact`, `corrected`, `street`, `not_found`, …"),
            Column("matched", TEXT, "The address that was found."),
            Column("street", TEXT, "Its street, in the register's spelling."),
            Column("house_number", TEXT, "Its house number."),
            Column("postcode", TEXT, "Its postcode."),
            Column("error_radius_m", NUMBER, "The true place lies within, with 95 %."),
            Column("district", MAYBE_WHOLE, "District it lies in."),
            Column("quarter", TEXT, "Quarter it lies in."),
            Column("contradictions", TEXT, "What in the row speaks against the place."),
            Column("explanation", TEXT, "How it was found, in words."),
        ),
        Column("index", LABEL, "Label of the address in what was given."),
        "the columns given, before these; one of the same name gets `_given` behind its name",
    ),
    "nearest": Table(
        "region.nearest(…)",
        "a service point near an origin, nearest first",
        "the service point",
        (
            Column("origin", LABEL, "Label of the origin in its index."),
            Column("rank", WHOLE, "From 1, by distance."),
            Column("id", TEXT, "Id of the service point."),
            Column("name", TEXT, "Its name."),
            Column("address", TEXT, "The address to go to."),
            *_spread("distance_m", "Metres of way; missing by public transport.", WAY),
            *_spread("duration_min", "Minutes of way.", WAY),
            Column("basis", TEXT, "`streets`, `estimate` or `mixed`."),
            Column("status", TEXT, "Status in the list."),
            Column("is_disputed", TRUTH, "Reports say that it is not there any more."),
            Column("is_open_now", MAYBE_TRUTH, "Open at the moment asked for, where known."),
        ),
    ),
    "service_area": Table(
        "region.service_area(…)",
        "a site",
        "what is reachable from it, to draw; missing where it has no place",
        (
            Column("threshold", TEXT, "Largest cost that counts as reached, inclusive."),
            Column("covered_area_km2", NUMBER, "Area in square kilometres."),
        ),
        Column("index", LABEL, "Label of the site in what was given."),
    ),
    "coverage": Table(
        "region.coverage(…)",
        "an area, a group and a threshold",
        "the area",
        (
            *_AREA,
            Column("total", NUMBER, "People of the group."),
            Column("covered", NUMBER, "Those within reach of a serving point."),
            *_spread("share", "Their share (0–1); missing where nobody lives.", INTERVAL),
            Column("share_if_disputed_false", NUMBER, "Share without the disputed points."),
            Column("probability_unserved", NUMBER, "How probable it is that hardly anyone is."),
            Column("basis", TEXT, "`streets`, `estimate` or `mixed`."),
        ),
    ),
    "gaps.districts": Table(
        "region.gaps(…).districts",
        "a district",
        "the district",
        (
            Column("name", TEXT, "Its name."),
            Column("group", TEXT, "Who is counted."),
            Column("people", NUMBER, "People of the group."),
            Column("sites_located", WHOLE, "Serving points that lie in it."),
            Column("sites_stated", MAYBE_WHOLE, "Those stated to serve it, where any are."),
            Column("located_unserved", TRUTH, "None lies in it."),
            Column("stated_unserved", MAYBE_TRUTH, "None is stated, where the list says any."),
            Column("covered", NUMBER, "People within reach."),
            *_spread("share", "Their share (0–1).", INTERVAL),
            Column("share_if_disputed_false", NUMBER, "Share without the disputed points."),
            Column("probability_located_unserved", NUMBER, "How probable is that none lies in it."),
            Column("probability_reach_unserved", NUMBER, "… and that hardly anyone is covered."),
            Column("located", IDS, "Serving points in it."),
            Column("disputed", IDS, "Disputed ones among them."),
            Column("planned", IDS, "Planned ones in it."),
        ),
        Column("district", WHOLE, "Its number."),
    ),
    "gaps.areas": Table(
        "region.gaps(…).areas",
        "an area with people out of reach, the most first",
        "where these people live on average, a point",
        (
            Column("rank", WHOLE, "From 1, by people out of reach."),
            Column("kind", TEXT, "`district`, `quarter` or `cluster`; they overlap."),
            Column("area_id", TEXT, "Number of the area, leading zeros kept; of a cluster a name."),
            Column("name", TEXT, "Its name."),
            Column("district", WHOLE, "District it lies in."),
            Column("group", TEXT, "Who is counted."),
            Column("people", NUMBER, "People of the group."),
            *_spread("out_of_reach", "Those out of reach.", INTERVAL),
            Column("nearest_site", TEXT, "Id of the point that most of these have nearest."),
            Column("median_cost", NUMBER, "Median way of all its people, in the threshold's unit."),
        ),
    ),
    "diff": Table(
        "region.diff(…).rows",
        "an area, a group and a threshold",
        "the area",
        (
            *_AREA,
            *_spread("gained", "People who come within reach.", INTERVAL),
            *_spread("lost", "People who fall out of it.", INTERVAL),
            Column("rests_on_disputed", IDS, "Disputed points that this rests on."),
        ),
    ),
    "site": Table(
        "region.site(…).sites",
        "a site of the first optimal set",
        "the site",
        _PLACE,
        Column("id", TEXT, "Its id."),
    ),
    "compare": Table(
        "region.compare(…).candidates",
        "a candidate",
        "the candidate",
        (
            *_PLACE,
            Column("rank", WHOLE, "From 1, by the weights."),
            *_spread("gained", "People of the group newly within reach.", INTERVAL),
            Column("p_best", NUMBER, "Share of the draws in which it gains the most, ties split."),
            Column("is_pareto", TRUTH, "No other is as good in all criteria and better in one."),
            *(
                Column(f"gained_{group}", NUMBER, f"{IN_WORDS[group]} newly within reach.")
                for group in GROUPS
            ),
            Column("mean_cost", NUMBER, "Mean way of the group to it, in the threshold's unit."),
            Column("p90_cost", NUMBER, "Way that nine of ten of the group do not exceed."),
            Column("overlap_share", NUMBER, "Share of those it reaches whom others reach already."),
            Column("stop_distance_m", NUMBER, "Metres to the nearest stop."),
            Column("n_lines", MAYBE_WHOLE, "Lines that stop there."),
            Column("first_share", NUMBER, "Share of random weightings that rank it first."),
        ),
        Column("id", TEXT, "Its id."),
    ),
}  # fmt: skip


def shape_columns(
    table: str, columns: Mapping[str, Any] | pd.DataFrame, index: pd.Index
) -> pd.DataFrame:
    """Return columns in the order and the types of a table, then those that it does not know.

    Parameters
    ----------
    table
        A key of :data:`TABLES`.
    columns
        Values by name. A text that is absent is empty in every row, anything else is missing.
    index
        Labels of the rows.

    Examples
    --------
    >>> made = shape_columns("service_area", {"threshold": ["500m"]}, pd.Index(["a"]))
    >>> made["covered_area_km2"].tolist()
    [nan]
    """
    given: dict[str, Any] = {str(name): values for name, values in columns.items()}
    known = {column.name: column.type for column in TABLES[table].columns}
    types = known | {name: LABEL for name in given if name not in known}
    frame = {}
    for name, kind in types.items():
        absent = ["" if kind == TEXT else None] * len(index)
        made = pd.Series(list(given.get(name, absent)), index, object)
        frame[name] = made.infer_objects() if kind == LABEL else made.astype(DTYPES[kind])
    return pd.DataFrame(frame, index=index)


def make_frame(
    table: str,
    columns: Mapping[str, Any] | pd.DataFrame,
    geometry: Sequence[Any] | NDArray[Any],
    crs: str,
    index: Sequence[Hashable] | pd.Index | None = None,
) -> gpd.GeoDataFrame:
    """Return columns and shapes as a GeoDataFrame of one of :data:`welcomemap.columns.TABLES`."""
    shapes = gpd.GeoSeries(geometry, index=index, crs=crs)
    return gpd.GeoDataFrame(shape_columns(table, columns, shapes.index), geometry=shapes)


def as_table(table: str, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a copy of a layer as one of :data:`welcomemap.columns.TABLES`."""
    columns = layer.drop(columns=layer.geometry.name)
    return make_frame(table, columns, layer.geometry.array, layer.crs, layer.index)

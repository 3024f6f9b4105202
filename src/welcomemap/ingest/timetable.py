"""Stops and lines of a timetable in the General Transit Feed Specification.

Source: GTFS Schedule Reference (https://gtfs.org/documentation/schedule/reference/). Read are
``stops.txt``, ``routes.txt``, ``trips.txt`` and ``stop_times.txt``, and for the days of service
``calendar.txt`` and ``calendar_dates.txt``, of which a feed may have either. Of a line its main
pattern is kept: the order of stops that most of its trips serve, in one direction, its section
inside the town and around it. Platforms count as their station, where the feed names one. Times of
departure are not kept: ways by bus and train rest on assumed speeds
(:mod:`welcomemap.travel.transit`).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from welcomemap.crs import Points, project
from welcomemap.errors import (
    ColumnValueError,
    CoordinateError,
    EmptyTableError,
    EncodingError,
    MissingColumnError,
    Place,
    TableError,
    TooLargeError,
    fault,
)
from welcomemap.region.schemas import LINE_COLUMNS, LINE_STOP_COLUMNS, STOP_COLUMNS

MAX_MEMBER_BYTES = 2_000_000_000
DECIMALS_M = 1
COLUMNS = {
    "stops.txt": ("stop_id", "stop_name", "stop_lat", "stop_lon"),
    "routes.txt": ("route_id", "route_type"),
    "trips.txt": ("trip_id", "route_id"),
    "stop_times.txt": ("trip_id", "stop_id", "stop_sequence"),
}
OPTIONAL = ("parent_station", "route_short_name", "route_long_name")
MODES = {
    0: "tram", 1: "stadtbahn", 2: "train", 3: "bus", 4: "ferry", 5: "tram", 6: "rail-other",
    7: "rail-other", 11: "bus", 12: "rail-other",
    # Extended types by their hundreds.
    100: "train", 200: "bus", 400: "stadtbahn", 700: "bus", 800: "bus", 900: "tram", 1000: "ferry",
    1200: "ferry", 1300: "rail-other", 1400: "rail-other",
}  # fmt: skip
"""``route_type`` → mode of :mod:`welcomemap.travel.transit`; a subway counts as Stadtbahn."""
MEND = fault("Give the feed as its publisher gives it: a .zip in UTF-8, with all its files.")


@dataclass(frozen=True, eq=False)
class Feed:
    """What is used of a feed: its tables as text, and its days of service (empty: not stated)."""

    path: Path
    stops: pd.DataFrame
    routes: pd.DataFrame
    trips: pd.DataFrame
    stop_times: pd.DataFrame
    first_day: str
    last_day: str


def read_feed(path: Path) -> Feed:
    """Return the tables of a feed.

    Raises
    ------
    TableError
        If it is no archive, is damaged, or lacks a file that every feed has.
    EncodingError, MissingColumnError, EmptyTableError, TooLargeError
        If one of its files is not UTF-8, lacks a column or all rows, or is too large.
    ColumnValueError
        If a trip stops where no stop is.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            tables = {name: _read_member(archive, name, path) for name in COLUMNS}
            first_day, last_day = _find_days(archive, path)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise TableError(
            "the timetable cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error
    stops, routes, trips, stop_times = (tables[name] for name in COLUMNS)
    feed = Feed(path, stops, routes, trips, stop_times, first_day, last_day)
    unknown = ~feed.stop_times["stop_id"].isin(feed.stops["stop_id"])
    if unknown.any():
        row = int(np.flatnonzero(unknown)[0])
        raise ColumnValueError(
            "stop_times.txt names the stop {stop}, which stops.txt does not have",
            stop=feed.stop_times["stop_id"].iloc[row],
            where=Place(path, row=row + 1, column="stop_id"),
            how=MEND,
        )
    return feed


def _read_member(archive: zipfile.ZipFile, name: str, path: Path) -> pd.DataFrame:
    if name not in archive.namelist():
        raise TableError("the timetable has no {name}", name=name, where=Place(path), how=MEND)
    text = _read_text(archive, name, path)
    wanted = {*COLUMNS.get(name, ()), *OPTIONAL, "date", "exception_type", "start_date", "end_date"}
    try:
        table = pd.read_csv(
            io.StringIO(text), dtype=str, keep_default_na=False, skipinitialspace=True,
            usecols=lambda column: column.strip() in wanted,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise TableError(
            "{name} of the timetable is no table: {error}",
            name=name,
            error=error,
            where=Place(path),
            how=MEND,
        ) from error
    for column in COLUMNS.get(name, ()):
        if column not in table:
            raise MissingColumnError(
                "{name} of the timetable lacks the column {column}",
                name=name,
                column=column,
                where=Place(path, column=column),
                how=MEND,
            )
    if table.empty and name in COLUMNS:
        raise EmptyTableError(
            "{name} of the timetable has no rows", name=name, where=Place(path), how=MEND
        )
    return table


def _read_text(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    with archive.open(name) as packed:
        content = packed.read(MAX_MEMBER_BYTES + 1)
    if len(content) > MAX_MEMBER_BYTES:
        raise TooLargeError(
            "{name} of the timetable has more than {megabytes:g} MB",
            name=name,
            megabytes=MAX_MEMBER_BYTES / 1e6,
            where=Place(path),
            how="Give the feed of the town's own region.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EncodingError(
            "{name} of the timetable is not UTF-8",
            name=name,
            where=Place(path, row=content[: error.start].count(b"\n") or None),
            how=MEND,
        ) from error


def _find_days(archive: zipfile.ZipFile, path: Path) -> tuple[str, str]:
    """Return the first and last day of service as ``YYYYMMDD``, empty where none is stated."""
    days: list[str] = []
    present = archive.namelist()
    if "calendar.txt" in present:
        table = _read_member(archive, "calendar.txt", path)
        days += [day for key in ("start_date", "end_date") for day in table.get(key, [])]
    if "calendar_dates.txt" in present:
        table = _read_member(archive, "calendar_dates.txt", path)
        if {"date", "exception_type"} <= set(table):
            days += table["date"][table["exception_type"] == "1"].tolist()
    days = [day for day in days if day]
    return (min(days), max(days)) if days else ("", "")


def build_timetable(
    feeds: Sequence[Feed], area: shapely.Geometry, crs: str, source: str
) -> dict[str, pd.DataFrame]:
    """Return the layers ``stops``, ``lines`` and ``line_stops`` of feeds inside an area.

    Parameters
    ----------
    area
        The town and what is around it, in ``crs``.
    source
        Stands in each stop.

    Raises
    ------
    ColumnValueError
        If the place of a stop is no number.
    CoordinateError
        If no stop lies in the area.
    """
    parts = [_read_lines(feed, area, crs, f"{k}:" if k else "") for k, feed in enumerate(feeds)]
    stops = pd.concat([part[0] for part in parts], ignore_index=True)
    patterns = pd.concat([part[1] for part in parts], ignore_index=True)
    if stops.empty or patterns.empty:
        raise CoordinateError(
            "no stop of the timetable lies in the town",
            where=Place(feeds[0].path),
            how="Give the feed of the town's own region.",
        )
    lines = _choose_patterns(patterns)
    order = lines.explode("stops", ignore_index=True)
    sequence = order.groupby("line").cumcount()
    served = order.groupby("stops")["mode"].agg(lambda modes: ";".join(sorted(set(modes))))
    stops = stops.assign(modes=stops["stop_id"].map(served).fillna(""), source=source)
    table = gpd.GeoDataFrame(
        stops, geometry=gpd.points_from_xy(stops["x"], stops["y"]), crs=crs
    ).sort_values("stop_id", ignore_index=True)
    return {
        "stops": table[list(STOP_COLUMNS)],
        "lines": lines.assign(trip_count=lines["trip_count"].astype(str))[list(LINE_COLUMNS)],
        "line_stops": pd.DataFrame(
            {"line": order["line"], "sequence": sequence.astype(str), "stop_id": order["stops"]}
        )[list(LINE_STOP_COLUMNS)],
    }


def _read_lines(
    feed: Feed, area: shapely.Geometry, crs: str, prefix: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return stations in the area, and the patterns of lines there with their trips."""
    stops = feed.stops
    parent = stops.get("parent_station", pd.Series("", index=stops.index))
    station = dict(zip(stops["stop_id"], parent.where(parent != "", stops["stop_id"]), strict=True))
    places = _place_stops(stops, feed.path, crs)
    is_inside = shapely.intersects_xy(area, places[:, 0], places[:, 1])
    inside = stops.assign(x=places[:, 0], y=places[:, 1], name=stops["stop_name"].str.strip())
    inside = inside[is_inside]
    stations = inside[inside["stop_id"].isin(set(station.values()))]
    times = feed.stop_times[feed.stop_times["stop_id"].isin(inside["stop_id"])]
    times = times.assign(
        order=pd.to_numeric(times["stop_sequence"], errors="coerce"),
        stop=times["stop_id"].map(station),
    ).sort_values(["trip_id", "order"], kind="stable")
    times = times[times["stop"].isin(stations["stop_id"])]
    times = times[
        (times["stop"] != times["stop"].shift()) | (times["trip_id"] != times["trip_id"].shift())
    ]
    served = times.assign(stop=prefix + times["stop"]).groupby("trip_id")["stop"].agg(tuple)
    trips = feed.trips.assign(stops=feed.trips["trip_id"].map(served)).dropna(subset="stops")
    trips = trips.merge(_name_routes(feed.routes), on="route_id")
    patterns = trips.groupby(["name", "mode", "stops"], as_index=False).size()
    stations = stations.assign(stop_id=prefix + stations["stop_id"])
    return stations[["stop_id", "name", "x", "y"]], patterns


def _place_stops(stops: pd.DataFrame, path: Path, crs: str) -> Points:
    degrees = {
        name: pd.to_numeric(stops[name], errors="coerce") for name in ("stop_lat", "stop_lon")
    }
    for name, limit in (("stop_lat", 90.0), ("stop_lon", 180.0)):
        is_bad = ~(degrees[name].abs() <= limit).to_numpy()
        if is_bad.any():
            row = int(np.flatnonzero(is_bad)[0])
            raise ColumnValueError(
                "the place {value!r} of a stop is none in degrees",
                value=stops[name].iloc[row],
                where=Place(path, row=row + 1, column=name),
                how=MEND,
            )
    xy = project(degrees["stop_lon"].to_numpy(), degrees["stop_lat"].to_numpy(), crs=crs)
    return np.round(xy, DECIMALS_M)


def _name_routes(routes: pd.DataFrame) -> pd.DataFrame:
    """Return ``route_id``, the ``name`` that people know and the ``mode`` of routes."""
    empty = pd.Series("", index=routes.index)
    names = routes.get("route_short_name", empty).str.strip()
    names = names.where(names != "", routes.get("route_long_name", empty).str.strip())
    names = names.where(names != "", routes["route_id"])
    kinds = pd.to_numeric(routes["route_type"], errors="coerce").fillna(3).astype(int)
    modes = [MODES.get(kind, MODES.get(kind // 100 * 100, "bus")) for kind in kinds]
    return pd.DataFrame({"route_id": routes["route_id"], "name": names, "mode": modes})


def _choose_patterns(patterns: pd.DataFrame) -> pd.DataFrame:
    """Return one row a line: ``line``, ``mode``, ``trip_count`` and its main ``stops``."""
    patterns = patterns[patterns["stops"].map(len) > 1]
    by_line = patterns.groupby(["name", "mode"])
    counts = by_line["size"].sum()
    ranked = patterns.assign(length=patterns["stops"].map(len)).sort_values(
        ["name", "mode", "size", "length", "stops"], ascending=[True, True, False, False, True]
    )
    chosen = ranked.drop_duplicates(["name", "mode"]).set_index(["name", "mode"])
    lines = chosen.assign(trip_count=counts).reset_index()
    is_shared = lines.duplicated("name", keep=False)
    label = lines["name"].where(~is_shared, lines["name"] + " (" + lines["mode"] + ")")
    return lines.assign(line=label).sort_values(["mode", "line"], ignore_index=True)


def tell_days(feeds: Sequence[Feed]) -> Mapping[str, str]:
    """Return the first and last day of service of feeds as ``YYYY-MM-DD``, or "not stated"."""
    first = [feed.first_day for feed in feeds if feed.first_day]
    last = [feed.last_day for feed in feeds if feed.last_day]
    return {
        "first_day": _as_day(min(first)) if first else "not stated",
        "last_day": _as_day(max(last)) if last else "not stated",
    }


def _as_day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"

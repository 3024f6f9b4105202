"""Timetables of public transport: GTFS feeds become stops, lines, and trips with their times.

Format: GTFS Schedule (https://gtfs.org/documentation/schedule/reference/). Of a feed are read
``agency``, ``routes``, ``stops``, ``trips``, ``stop_times``, ``calendar``, ``calendar_dates``,
``frequencies`` and ``feed_info``; nothing is unpacked to disk, and the one large table, the times,
is read piece by piece. What of it lies in or near the town is kept: a trip that leaves keeps its
calls inside.

- Times are seconds after noon less 12 h of the day of service, so beyond 24:00 they are of the
  next morning. A time that the feed leaves blank lies between the two that it states, by the
  straight lines from stop to stop, and is marked as estimated.
- A trip that runs at intervals (``frequencies``) becomes one trip for each departure.
- Days of service are written out, one mark a day, whether the feed states weekdays, single dates,
  or both.
"""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import compute
from pyarrow import csv as arrow_csv

from welcomemap.crs import project
from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    Fault,
    MissingColumnError,
    Place,
    TableError,
    TooLargeError,
    fault,
)
from welcomemap.files import plain_opener
from welcomemap.region.layers import MAX_LAYER_ROWS
from welcomemap.region.schemas import (
    LINE_COLUMNS,
    LINE_STOP_COLUMNS,
    SERVICE_DAY_COLUMNS,
    STOP_COLUMNS,
    TIMETABLE_COLUMNS,
)

MAX_BYTES = 500_000_000
MAX_TIMES_BYTES = 8_000_000_000
"""Of a file of a feed, unpacked; the times of all Germany have 2 GB."""
MAX_DAYS = 1100
"""Three years: some feeds state that they are valid for decades."""
BLOCK_BYTES = 8_000_000
DECIMALS_M = 1
DAY_S = 86_400
MEND = fault("Give the feed as its publisher gives it, as a ZIP archive.")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "stops": ("stop_id",),
    "routes": ("route_id", "route_type"),
    "trips": ("route_id", "service_id", "trip_id"),
    "stop_times": ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"),
    "calendar": ("service_id", *WEEKDAYS, "start_date", "end_date"),
    "calendar_dates": ("service_id", "date", "exception_type"),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs"),
}
"""Columns without which a file says nothing."""
TOLD: Mapping[str, tuple[str, ...]] = {
    "stops": ("stop_name", "stop_lat", "stop_lon", "location_type", "parent_station"),
    "routes": ("agency_id", "route_short_name", "route_long_name"),
    "agency": ("agency_id", "agency_name"),
    "feed_info": ("feed_publisher_name",),
}
"""Columns that may be absent."""
BASIC = {
    0: "tram", 1: "stadtbahn", 2: "train", 3: "bus", 4: "ferry", 5: "tram", 6: "rail-other",
    7: "rail-other", 11: "bus", 12: "rail-other",
}  # fmt: skip
EXTENDED = (
    (100, 200, "train"), (200, 300, "bus"), (405, 406, "rail-other"), (400, 500, "stadtbahn"),
    (700, 900, "bus"), (900, 1000, "tram"), (1000, 1100, "ferry"), (1200, 1300, "ferry"),
    (1300, 1500, "rail-other"),
)  # fmt: skip
"""From, up to, mode (https://developers.google.com/transit/gtfs/reference/extended-route-types);
metros and undergrounds run as a Stadtbahn does, which is the nearest of the known modes."""


@dataclass(frozen=True)
class FeedFacts:
    """What a feed holds.

    Attributes
    ----------
    publisher
        As it says itself, else its agencies; empty where it says nothing.
    first_day, last_day
        Of service; ``None`` where it names no day.
    """

    publisher: str
    agencies: tuple[str, ...]
    n_lines: int
    n_stops: int
    n_trips: int
    first_day: dt.date | None
    last_day: dt.date | None


@dataclass(frozen=True, eq=False)
class Timetable:
    """The layers of a timetable, and what was read, estimated and left out.

    Attributes
    ----------
    layers
        ``stops``, ``lines``, ``line_stops``, ``timetable`` and ``service_days``, see
        :mod:`welcomemap.region.schemas`.
    feed_days
        First and last day on which a trip of the town runs, of each feed.
    n_cut
        Trips that have calls farther out, which were left out.
    estimated_share
        Calls whose time the feed leaves blank, 0-1.
    """

    layers: Mapping[str, pd.DataFrame]
    feed_days: tuple[tuple[dt.date, dt.date], ...]
    n_trips: int
    n_cut: int
    estimated_share: float
    warnings: tuple[Fault, ...]


def name_mode(route_type: int) -> str:
    """Return the mode of a line, by the basic and the extended types of routes of GTFS.

    Examples
    --------
    >>> [name_mode(t) for t in (0, 1, 3, 109, 401, 704, 1000, 1700)]
    ['tram', 'stadtbahn', 'bus', 'train', 'stadtbahn', 'bus', 'ferry', 'other']
    """
    found = (mode for low, high, mode in EXTENDED if low <= route_type < high)
    return BASIC.get(route_type) or next(found, "other")


def look_at_feed(path: Path) -> FeedFacts:
    """Return what a feed holds, without its times.

    Raises
    ------
    InputError
        As :func:`read_timetable`, but of what stands in the times.
    """
    with _opened(path) as feed:
        feed.require("stop_times")
        agencies = tuple(name for name in feed.read("agency")["agency_name"] if name)
        said = [name for name in feed.read("feed_info")["feed_publisher_name"] if name]
        _, days = _read_services(feed)
        first, last = days.edges() if days.marks.any() else (None, None)
        return FeedFacts(
            ", ".join(said[:1] or agencies), agencies, len(feed.read("routes")),
            len(feed.read("stops")), len(feed.read("trips")), first, last,
        )  # fmt: skip


def read_timetable(
    paths: Sequence[Path], town: shapely.Geometry, crs: str, *, margin_m: float
) -> Timetable:
    """Return what feeds hold of a town and its surroundings.

    Parameters
    ----------
    paths
        ZIP archives; ids of the second and later ones get its number in front.
    town
        In the metric CRS.
    margin_m
        Stops this far around the town are kept.

    Raises
    ------
    TableError
        If a file is no archive, damaged, lacks a file, or has no stop or no trip of the town.
    MissingColumnError, ColumnValueError, DuplicateIdError, TooLargeError
        If a table of it cannot be used; the message says where.
    """
    around = town.buffer(margin_m)
    shapely.prepare(around)
    parts = []
    for number, path in enumerate(paths, start=1):
        with _opened(path) as feed:
            part = _read_feed(feed, around, crs)
        parts.append(part.numbered(number) if number > 1 else part)
    return _join(parts, crs)


# --- archives ---


@dataclass
class _Feed:
    """An open archive; ``encoding`` is found out when its first small table is read."""

    path: Path
    archive: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    encoding: str = "utf-8"
    warnings: list[Fault] = field(default_factory=list)

    def where(self, name: str, row: int | None = None, column: str | None = None) -> Place:
        return Place(f"{self.path.name}: {name}.txt", row=row, column=column)

    def require(self, name: str) -> None:
        if name not in self.members:
            raise TableError(
                "the feed has no {file}", file=f"{name}.txt", where=Place(self.path),
                how="Ask its publisher for a whole feed: GTFS needs this file.",
            )  # fmt: skip

    def read(self, name: str) -> pd.DataFrame:
        """Return the known columns of a small table as texts, those absent as empty ones.

        Rows are numbered from 1. A table that the feed lacks has none.
        """
        wanted = (*REQUIRED.get(name, ()), *TOLD.get(name, ()))
        if name not in self.members:
            return pd.DataFrame(columns=list(wanted), dtype=str)
        pieces = [piece.to_pandas() for piece in self.stream(name, MAX_BYTES)]
        table = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()
        table = table.reindex(columns=list(wanted), fill_value="").astype(str)
        table.index = pd.RangeIndex(1, len(table) + 1)
        return pd.DataFrame({name: table[name].str.strip() for name in wanted})

    def stream(self, name: str, most: int) -> Iterator[pa.RecordBatch]:
        """Yield the known columns of a table, piece by piece, as texts."""
        info = self.members[name]
        if info.file_size > most:
            raise TooLargeError(
                "the file has more than {gigabytes:g} GB", gigabytes=most / 1e9,
                where=self.where(name), how="Cut the region of the town out of the feed.",
            )  # fmt: skip
        names = self._read_header(name)
        wanted = [c for c in (*REQUIRED.get(name, ()), *TOLD.get(name, ())) if c in names]
        with self.archive.open(info) as handle:
            try:
                yield from arrow_csv.open_csv(
                    handle,
                    arrow_csv.ReadOptions(
                        use_threads=False, block_size=BLOCK_BYTES, column_names=names,
                        skip_rows=1, encoding=self.encoding,
                    ),
                    arrow_csv.ParseOptions(newlines_in_values=True),
                    arrow_csv.ConvertOptions(
                        include_columns=wanted, column_types=dict.fromkeys(names, pa.string())
                    ),
                )  # fmt: skip
            except pa.ArrowInvalid as error:
                if str(error).startswith("Empty CSV"):
                    return
                raise TableError(
                    "the file cannot be read as a table: {error}", error=error,
                    where=self.where(name), how=MEND,
                ) from error  # fmt: skip

    def _read_header(self, name: str) -> list[str]:
        with self.archive.open(self.members[name]) as handle:
            line = handle.readline(BLOCK_BYTES)
        text = line.decode("utf-8-sig", errors="replace").strip()
        names = [cell.strip() for cell in next(csv.reader([text]), [])]
        for column in REQUIRED.get(name, ()):
            if column not in names:
                raise MissingColumnError(
                    "the column {name} is absent", name=column, names=names,
                    where=self.where(name, column=column),
                    how="Name it as its publisher does; the file has {names}.",
                )  # fmt: skip
        return names

    def find_encoding(self) -> None:
        """Take a feed whose names are not UTF-8, as GTFS asks, for one of Western Europe."""
        for name in ("agency", "routes", "stops"):
            if name not in self.members or self.members[name].file_size > MAX_BYTES:
                continue
            try:
                self.archive.read(self.members[name]).decode("utf-8")
            except UnicodeDecodeError:
                self.encoding = "cp1252"
                self.warnings.append(
                    fault("{file} is not in UTF-8 and is read as Windows-1252: look at its names",
                          file=self.path.name))  # fmt: skip
                return


@contextmanager
def _opened(path: Path) -> Iterator[_Feed]:
    """Open a feed; what is wrong with the archive itself is named, now or while it is read."""
    try:
        with open(path, "rb", opener=plain_opener) as handle, zipfile.ZipFile(handle) as archive:
            members: dict[str, zipfile.ZipInfo] = {}
            for info in archive.infolist():
                name = PurePosixPath(info.filename)
                if name.suffix == ".txt" and not name.parts[0].startswith("__"):
                    members.setdefault(name.stem, info)
            feed = _Feed(path, archive, members)
            for needed in ("stops", "routes", "trips"):
                feed.require(needed)
            feed.find_encoding()
            yield feed
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise TableError(
            "the archive cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error


# --- days of service ---


@dataclass(frozen=True, eq=False)
class _Days:
    """On which days services run: ``marks`` has shape (n_services, n_days) from a first day."""

    first: dt.date
    marks: NDArray[np.bool_]

    def edges(self, service: int | None = None) -> tuple[dt.date, dt.date]:
        """Return the first and the last day on which one of them runs, or any."""
        marks = self.marks if service is None else self.marks[[service]]
        days = np.nonzero(marks)[1]
        low, high = (dt.timedelta(days=int(edge)) for edge in (days.min(), days.max()))
        return self.first + low, self.first + high


def _read_services(feed: _Feed) -> tuple[pd.Index, _Days]:
    """Return the ids of services, and when each runs."""
    if "calendar" not in feed.members and "calendar_dates" not in feed.members:
        feed.require("calendar")
    weekly, single = feed.read("calendar"), feed.read("calendar_dates")
    start = _read_dates(feed, "calendar", weekly["start_date"])
    end = _read_dates(feed, "calendar", weekly["end_date"])
    on = _read_dates(feed, "calendar_dates", single["date"])
    ids = pd.Index(pd.concat([weekly["service_id"], single["service_id"]]).unique())
    every = np.concatenate([start, end, on])
    if not len(every):
        raise TableError("the feed names no day of service", where=Place(feed.path), how=MEND)
    first, n_days = int(every.min()), int(every.max() - every.min()) + 1
    if n_days > MAX_DAYS:
        feed.warnings.append(
            fault("{file} is valid for more than three years, of which the first three are kept",
                  file=feed.path.name))  # fmt: skip
        n_days = MAX_DAYS
    marks = np.zeros((len(ids), n_days), dtype=bool)
    runs = weekly[list(WEEKDAYS)].to_numpy() == "1"
    for service, low, high, days in zip(
        ids.get_indexer(weekly["service_id"]), start - first, end - first + 1, runs, strict=True
    ):
        within = np.arange(low, min(high, n_days))
        # Day 719,163 of the proleptic calendar, 1 January 1970, was a Thursday.
        marks[service, within] |= days[(within + first + 3) % 7]
    kept = on - first < n_days
    for service, day, kind in zip(
        ids.get_indexer(single["service_id"])[kept], (on - first)[kept],
        single["exception_type"][kept], strict=True,
    ):  # fmt: skip
        marks[service, day] = kind == "1"
    return ids, _Days(EPOCH + dt.timedelta(days=first), marks)


EPOCH = dt.date(1970, 1, 1)


def _read_dates(feed: _Feed, name: str, column: pd.Series) -> NDArray[np.int64]:
    """Return days after 1 January 1970."""
    days = pd.to_datetime(column, format="%Y%m%d", errors="coerce")
    _require(feed, name, column, days.notna(), fault("a day such as 20260131"))
    found: NDArray[np.int64] = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    return found


def _require(
    feed: _Feed, name: str, column: pd.Series, is_sound: pd.Series, expected: Fault
) -> None:
    """Refuse a cell that holds something else; rows are numbered from 1."""
    if not is_sound.all():
        row = int(is_sound.index[int((~is_sound).to_numpy().argmax())])
        raise ColumnValueError(
            "{expected} is expected, not {value!r}", expected=expected, value=str(column[row]),
            where=feed.where(name, row, str(column.name)), how=MEND,
        )  # fmt: skip


# --- one feed ---


@dataclass(frozen=True, eq=False)
class _Part:
    """What one feed holds of the town.

    Attributes
    ----------
    stops
        ``stop_id``, ``name``, ``station``, ``source``, ``x``, ``y``.
    trips
        By trip: ``trip``, ``service``, ``name``, ``mode``, ``agency``.
    calls
        ``trip``, ``stop_id``, ``arrival_s``, ``departure_s``, ``is_estimated``, in their order;
        ``origin`` is the trip of the feed.
    """

    stops: pd.DataFrame
    trips: pd.DataFrame
    calls: pd.DataFrame
    services: pd.Index
    days: _Days
    n_cut: int
    warnings: tuple[Fault, ...]

    def edges(self) -> tuple[dt.date, dt.date]:
        """Return the first and the last day on which one of its trips runs."""
        is_used = self.services.isin(self.trips["service"])
        return _Days(self.days.first, self.days.marks[is_used]).edges()

    def numbered(self, number: int) -> _Part:
        """Return it with its number before all ids, so that none is another feed's."""

        def mark(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
            return table.assign(**{c: f"{number}:" + table[c].astype(str) for c in columns})

        return _Part(
            mark(self.stops, "stop_id", "station"), mark(self.trips, "trip", "service"),
            mark(self.calls, "trip", "stop_id", "origin"),
            pd.Index([f"{number}:{service}" for service in self.services]), self.days,
            self.n_cut, self.warnings,
        )  # fmt: skip


def _read_feed(feed: _Feed, around: shapely.Geometry, crs: str) -> _Part:
    feed.require("stop_times")
    stops = _read_stops(feed, crs)
    is_near = shapely.intersects_xy(around, stops["x"].to_numpy(), stops["y"].to_numpy())
    if not is_near.any():
        raise TableError(
            "no stop of the feed lies in or near the town",
            where=Place(feed.path),
            how="Give the feed of the town, and look whether its CRS and its areas are right.",
        )
    near = set(stops["stop_id"][is_near])
    services, days = _read_services(feed)
    trips = _read_trips(feed, services, days)
    calls = _read_calls(feed, near, trips)
    calls, n_cut = _cut(_time_calls(feed, calls, stops), near)
    if calls.empty:
        raise TableError(
            "no trip of the feed has two stops in or near the town",
            where=Place(feed.path),
            how="Give the feed of the town.",
        )
    trips = trips[trips["trip"].isin(calls["origin"])]
    stops = stops[stops["stop_id"].isin(calls["stop_id"])]
    return _Part(stops, trips, calls, services, days, n_cut, tuple(feed.warnings))


def _read_stops(feed: _Feed, crs: str) -> pd.DataFrame:
    """Return where vehicles halt; a platform is called as its station is."""
    table = feed.read("stops")
    _refuse_doubles(feed, "stops", table["stop_id"])
    stations = table.set_index("stop_id")
    parent = table["parent_station"].where(table["parent_station"].isin(stations.index), "")
    for column in ("stop_name", "stop_lat", "stop_lon"):
        of_parent = parent.map(stations[column]).fillna("")
        table[column] = table[column].where(table[column] != "", of_parent)
    table = table[table["location_type"].isin(["", "0"])]
    degrees = {
        column: pd.to_numeric(table[column], errors="coerce") for column in ("stop_lat", "stop_lon")
    }
    for column, most in (("stop_lat", 90), ("stop_lon", 180)):
        is_sound = degrees[column].abs() <= most
        _require(feed, "stops", table[column], is_sound, fault("degrees"))
    points = project(degrees["stop_lon"].to_numpy(), degrees["stop_lat"].to_numpy(), crs=crs)
    points = np.where(np.isfinite(points), np.round(points, DECIMALS_M), np.inf)
    named = parent.map(stations["stop_name"]).fillna("").reindex(table.index)
    name = named.where(named != "", table["stop_name"])
    name = name.where(name != "", table["stop_id"])
    station = parent.reindex(table.index)
    return pd.DataFrame({
        "stop_id": table["stop_id"], "name": name, "x": points[:, 0], "y": points[:, 1],
        "station": station.where(station != "", name), "source": feed.path.name,
    })  # fmt: skip


def _refuse_doubles(feed: _Feed, name: str, ids: pd.Series) -> None:
    is_double = ids.duplicated()
    if is_double.any():
        row = int(is_double.index[int(is_double.to_numpy().argmax())])
        raise DuplicateIdError(
            "the id {id} stands twice", id=ids[row],
            where=feed.where(name, row, str(ids.name)), how=MEND,
        )  # fmt: skip


def _read_trips(feed: _Feed, services: pd.Index, days: _Days) -> pd.DataFrame:
    """Return the trips that run on some day, each with its line."""
    trips, routes, agencies = feed.read("trips"), feed.read("routes"), feed.read("agency")
    _refuse_doubles(feed, "trips", trips["trip_id"])
    _refuse_doubles(feed, "routes", routes["route_id"])
    kind = pd.to_numeric(routes["route_type"], errors="coerce")
    whole = fault("a whole number of {low} or more", low=0)
    _require(feed, "routes", routes["route_type"], kind.mod(1).eq(0) & kind.ge(0), whole)
    known = trips["route_id"].isin(routes["route_id"])
    _require(feed, "trips", trips["route_id"], known, fault("a route of routes.txt"))
    known = trips["service_id"].isin(services)
    _require(feed, "trips", trips["service_id"], known, fault("a service of the calendar"))
    short, long = routes["route_short_name"], routes["route_long_name"]
    name = short.where(short != "", long)
    named = dict(zip(agencies["agency_id"], agencies["agency_name"], strict=True))
    lines = pd.DataFrame({
        "route_id": routes["route_id"], "name": name.where(name != "", routes["route_id"]),
        "mode": kind.astype(int).map(name_mode),
        "agency": routes["agency_id"].map(named).fillna("").astype(str),
    })  # fmt: skip
    running = services[np.flatnonzero(days.marks.any(axis=1))]
    runs = trips["service_id"].isin(running)
    if not runs.any():
        raise TableError("no trip of the feed runs on any day", where=Place(feed.path), how=MEND)
    merged = trips[runs].merge(lines, on="route_id", how="left")
    return merged.rename(columns={"trip_id": "trip", "service_id": "service"})[
        ["trip", "service", "name", "mode", "agency"]
    ]


def _read_calls(feed: _Feed, near: set[str], trips: pd.DataFrame) -> pd.DataFrame:
    """Return all calls of the trips that have one near the town, those outside too."""
    every = pa.array(feed.read("stops")["stop_id"])
    known, close = pa.array(feed.read("trips")["trip_id"]), pa.array(sorted(near))
    running = pa.array(trips["trip"])
    wanted, first = set[str](), 1
    for piece in feed.stream("stop_times", MAX_TIMES_BYTES):
        trip, stop = _strip(piece, "trip_id"), _strip(piece, "stop_id")
        _require_known(feed, stop, every, first, "stop_id", fault("a stop of stops.txt"))
        _require_known(feed, trip, known, first, "trip_id", fault("a trip of trips.txt"))
        touches = compute.and_(_is_in(stop, close), _is_in(trip, running))
        wanted |= set(compute.unique(trip.filter(touches)).to_pylist())
        first += len(piece)
    chosen, kept, n_rows = pa.array(sorted(wanted), pa.string()), [], 0
    for piece in feed.stream("stop_times", MAX_TIMES_BYTES):
        rows = piece.filter(_is_in(_strip(piece, "trip_id"), chosen))
        n_rows += len(rows)
        _refuse_many(feed, n_rows)
        kept.append(pd.DataFrame({name: _strip(rows, name) for name in REQUIRED["stop_times"]}))
    calls = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(
        columns=list(REQUIRED["stop_times"]), dtype=str)  # fmt: skip
    return calls.rename(columns={"trip_id": "trip"})


def _refuse_many(feed: _Feed, n_rows: int) -> None:
    if n_rows > 4 * MAX_LAYER_ROWS:
        raise TooLargeError(
            "the trips that touch the town have more than {most:,} calls",
            most=4 * MAX_LAYER_ROWS, where=Place(feed.path),
            how="Cut the region of the town out of the feed.",
        )  # fmt: skip


def _strip(piece: pa.RecordBatch, name: str) -> pa.Array:
    return compute.utf8_trim_whitespace(piece.column(name))


def _is_in(column: pa.Array, values: pa.Array) -> pa.Array:
    return compute.is_in(column, value_set=values)


def _require_known(
    feed: _Feed, column: pa.Array, known: pa.Array, first: int, name: str, expected: Fault
) -> None:
    is_known = np.asarray(_is_in(column, known))
    if not is_known.all():
        at = int((~is_known).argmax())
        raise ColumnValueError(
            "{expected} is expected, not {value!r}", expected=expected, value=column[at].as_py(),
            where=feed.where("stop_times", first + at, name), how=MEND,
        )  # fmt: skip


def _read_times(feed: _Feed, name: str, column: pd.Series) -> NDArray[np.float64]:
    """Return seconds; NaN for a blank. ``25:30:00`` is half past one of the next morning."""
    codes, texts = pd.factorize(column)
    parts = pd.Series(texts, dtype=str).str.extract(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$")
    seconds = parts.astype(float).to_numpy() @ np.array([3600.0, 60.0, 1.0])
    is_sound = np.isfinite(seconds) | (np.asarray(texts, dtype=object) == "")
    expected = fault("a time such as 07:30:00, or nothing")
    _require(feed, name, column, pd.Series(is_sound[codes], index=column.index), expected)
    return np.asarray(seconds[codes], dtype=np.float64)


def _time_calls(feed: _Feed, calls: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Return calls in their order with all times; trips whose times cannot be are left out."""
    sequence = pd.to_numeric(calls["stop_sequence"], errors="coerce")
    whole = fault("a whole number of {low} or more", low=0)
    is_sound = sequence.mod(1).eq(0) & sequence.ge(0)
    _require(feed, "stop_times", calls["stop_sequence"], is_sound, whole)
    times = {
        c: _read_times(feed, "stop_times", calls[c]) for c in ("arrival_time", "departure_time")
    }
    calls = pd.DataFrame({
        "trip": calls["trip"], "stop_id": calls["stop_id"], "sequence": sequence,
        "arrival_s": times["arrival_time"], "departure_s": times["departure_time"],
    }).sort_values(["trip", "sequence"], kind="stable", ignore_index=True)  # fmt: skip
    calls["arrival_s"] = calls["arrival_s"].fillna(calls["departure_s"])
    calls["departure_s"] = calls["departure_s"].fillna(calls["arrival_s"])
    calls["is_estimated"] = calls["arrival_s"].isna()
    ends = ~calls["trip"].duplicated() | ~calls["trip"].duplicated(keep="last")
    calls = _leave_out(feed, calls, ends & calls["is_estimated"], fault("no time at an end"))
    calls = _interpolate(calls, stops)
    later = calls["trip"].eq(calls["trip"].shift()) & (
        calls["arrival_s"] < calls["departure_s"].shift()
    )
    is_back = later | (calls["departure_s"] < calls["arrival_s"])
    calls = _leave_out(feed, calls, is_back, fault("a time before the one before"))
    return _repeat(feed, calls)


def _leave_out(feed: _Feed, calls: pd.DataFrame, is_bad: pd.Series, why: Fault) -> pd.DataFrame:
    bad = calls["trip"][is_bad].unique()
    if not len(bad):
        return calls
    feed.warnings.append(
        fault("trips of {file} that are left out ({why}): {n_trips:,}", file=feed.path.name,
              why=why, n_trips=len(bad)))  # fmt: skip
    return calls[~calls["trip"].isin(bad)].reset_index(drop=True)


def _interpolate(calls: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Fill blank times by the way between the stated ones; of ways without length by calls."""
    if not calls["is_estimated"].any():
        return calls
    place = stops.set_index("stop_id")[["x", "y"]].reindex(calls["stop_id"]).to_numpy()
    legs = np.hypot(*np.diff(place, axis=0, prepend=place[:1]).T)
    legs[~calls["trip"].duplicated().to_numpy() | ~np.isfinite(legs)] = 0.0
    way = np.cumsum(legs)
    order = np.arange(len(calls))
    is_known = ~calls["is_estimated"].to_numpy()
    before = np.maximum.accumulate(np.where(is_known, order, 0))
    after = np.minimum.accumulate(np.where(is_known, order, len(calls) - 1)[::-1])[::-1]
    span = way[after] - way[before]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(span > 0, (way - way[before]) / span, (order - before) / (after - before))
    start, end = calls["departure_s"].to_numpy()[before], calls["arrival_s"].to_numpy()[after]
    estimate = np.round(start + share * (end - start))
    return calls.assign(**{
        name: np.where(is_known, calls[name], estimate) for name in ("arrival_s", "departure_s")
    })  # fmt: skip


def _repeat(feed: _Feed, calls: pd.DataFrame) -> pd.DataFrame:
    """Return one trip for each departure of those that run at intervals."""
    table = feed.read("frequencies")
    if table.empty or calls.empty:
        return calls.assign(origin=calls["trip"])
    low, high = (_read_times(feed, "frequencies", table[c]) for c in ("start_time", "end_time"))
    every = pd.to_numeric(table["headway_secs"], errors="coerce")
    whole = fault("a whole number of {low} or more", low=1)
    _require(feed, "frequencies", table["headway_secs"], every.mod(1).eq(0) & every.ge(1), whole)
    is_timed = pd.Series(np.isfinite(low) & np.isfinite(high), index=table.index)
    _require(feed, "frequencies", table["start_time"], is_timed, fault("a time such as 07:30:00"))
    n_starts = np.maximum(np.ceil((high - low) / every.to_numpy()), 0).astype(np.int64)
    n_starts[~table["trip_id"].isin(calls["trip"]).to_numpy()] = 0
    length = table["trip_id"].map(calls.groupby("trip").size()).fillna(0).to_numpy()
    _refuse_many(feed, int((n_starts * length).sum()))
    starts = pd.DataFrame({
        "trip": np.repeat(table["trip_id"].to_numpy(), n_starts),
        "start_s": np.concatenate([
            a + step * np.arange(n)
            for a, step, n in zip(low, every, n_starts, strict=True)
        ]),
    }).drop_duplicates()  # fmt: skip
    if starts.empty:
        return calls[~calls["trip"].isin(table["trip_id"])].assign(origin=lambda kept: kept["trip"])
    first = calls.groupby("trip")["departure_s"].first()
    repeated = starts.merge(calls, on="trip")
    shift = repeated["start_s"] - repeated["trip"].map(first)
    repeated = repeated.assign(
        origin=repeated["trip"],
        trip=repeated["trip"] + "@" + repeated["start_s"].astype(int).astype(str),
        arrival_s=repeated["arrival_s"] + shift, departure_s=repeated["departure_s"] + shift,
    ).sort_values(["trip", "sequence"], kind="stable")  # fmt: skip
    others = calls[~calls["trip"].isin(table["trip_id"])]
    both = pd.concat([others.assign(origin=others["trip"]), repeated.drop(columns="start_s")])
    return both.reset_index(drop=True)


def _cut(calls: pd.DataFrame, near: set[str]) -> tuple[pd.DataFrame, int]:
    """Return the calls near the town of trips with two of them, and how many trips go farther."""
    is_near = calls["stop_id"].isin(near)
    kept = calls[is_near]
    kept = kept[kept.groupby("trip")["stop_id"].transform("size") > 1]
    whole = set(calls["trip"][~is_near])
    return kept.reset_index(drop=True), len(whole & set(kept["trip"]))


# --- layers ---


def _join(parts: Sequence[_Part], crs: str) -> Timetable:
    trips = pd.concat([part.trips for part in parts], ignore_index=True)
    calls = pd.concat([part.calls for part in parts], ignore_index=True)
    stops = pd.concat([part.stops for part in parts], ignore_index=True)
    trips["line"] = _name_lines(trips)
    running, days = _number_days(parts, trips["service"])
    trips["service_id"] = trips["service"].map(running).astype(np.int32)
    about = trips.set_index("trip")[["line", "mode", "service_id"]]
    calls = calls.join(about, on="origin")
    starts = calls.groupby("trip", as_index=False).first()
    starts = starts.sort_values(["line", "departure_s", "service_id", "trip"], ignore_index=True)
    number = pd.Series(np.arange(len(starts), dtype=np.int32), index=starts["trip"])
    calls = calls.assign(trip_id=calls["trip"].map(number)).sort_values(
        "trip_id", kind="stable", ignore_index=True
    )
    if len(calls) > MAX_LAYER_ROWS:
        raise TooLargeError(
            "the timetable of the town has more than {most:,} calls", most=MAX_LAYER_ROWS,
            how="Give a smaller margin_m in the part timetable of the recipe.",
        )  # fmt: skip
    layers = {
        "stops": _tabulate_stops(stops, calls, crs),
        **_tabulate_lines(calls, stops, starts),
        "timetable": _tabulate_calls(calls),
        "service_days": _tabulate_days(days),
    }
    return Timetable(
        layers, tuple(part.edges() for part in parts), len(starts),
        sum(part.n_cut for part in parts), float(calls["is_estimated"].mean()),
        tuple(warning for part in parts for warning in part.warnings),
    )  # fmt: skip


def _name_lines(trips: pd.DataFrame) -> pd.Series:
    """Return the name of each trip's line; mode and agency tell lines of one name apart."""
    key = ["name", "mode", "agency"]
    lines = trips[key].drop_duplicates()
    label = lines["name"].copy()
    is_double = label.duplicated(keep=False)
    label = label.where(~is_double, label + " (" + lines["mode"] + ")")
    is_double = label.duplicated(keep=False)
    label = label.where(~is_double, lines["name"] + " (" + lines["agency"] + ")")
    is_double = label.duplicated(keep=False)
    both = lines["name"] + " (" + lines["mode"] + ", " + lines["agency"] + ")"
    return trips.merge(lines.assign(label=label.where(~is_double, both)), on=key)["label"]


def _number_days(parts: Sequence[_Part], used: pd.Series) -> tuple[dict[str, int], _Days]:
    """Return the number of each service, equal ones sharing it, and the days of each number."""
    first = min(part.days.first for part in parts)
    offsets = [(part.days.first - first).days for part in parts]
    width = max(k + part.days.marks.shape[1] for k, part in zip(offsets, parts, strict=True))
    ids = [service for part in parts for service in part.services]
    marks = np.zeros((len(ids), width), dtype=bool)
    row = 0
    for k, part in zip(offsets, parts, strict=True):
        n, n_days = part.days.marks.shape
        marks[row : row + n, k : k + n_days] = part.days.marks
        row += n
    is_used = np.isin(np.array(ids, dtype=object), used.unique())
    different, number = np.unique(marks[is_used], axis=0, return_inverse=True)
    named = [service for service, keep in zip(ids, is_used, strict=True) if keep]
    return dict(zip(named, number.ravel().tolist(), strict=True)), _Days(first, different)


def _tabulate_stops(stops: pd.DataFrame, calls: pd.DataFrame, crs: str) -> gpd.GeoDataFrame:
    served = calls[["stop_id", "mode"]].drop_duplicates().sort_values(["stop_id", "mode"])
    modes = served.groupby("stop_id")["mode"].agg(";".join)
    table = stops.assign(modes=stops["stop_id"].map(modes)).sort_values("stop_id")
    points = gpd.points_from_xy(table["x"], table["y"])
    drawn = gpd.GeoDataFrame(table, geometry=points, crs=crs).reset_index(drop=True)
    return drawn[list(STOP_COLUMNS)]


def _tabulate_lines(
    calls: pd.DataFrame, stops: pd.DataFrame, starts: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the lines, and the stops of each in order: its most frequent pattern first.

    Further patterns follow, each after a gap in the sequence, as long as one halts at a station
    that those before do not.
    """
    station = dict(zip(stops["stop_id"], stops["station"], strict=True))
    modes = dict(zip(starts["line"], starts["mode"], strict=True))
    patterns = calls.groupby("trip_id")["stop_id"].agg(tuple)
    counted = Counter(zip(starts["line"], patterns, strict=True))
    by_line: dict[str, list[tuple[int, int, tuple[str, ...]]]] = {}
    for (line, pattern), n in counted.items():
        by_line.setdefault(line, []).append((-n, -len(pattern), pattern))
    lines, line_stops = [], []
    for line, ranked in sorted(by_line.items()):
        lines.append((line, modes[line], str(-sum(n for n, _, _ in ranked))))
        known: set[str] = set()
        sequence = 0
        for _, _, pattern in sorted(ranked):
            if not known.issuperset(station[stop] for stop in pattern):
                known |= {station[stop] for stop in pattern}
                line_stops += [(line, str(k), stop) for k, stop in enumerate(pattern, sequence)]
                sequence += len(pattern) + 1
    return {
        "lines": pd.DataFrame(lines, columns=list(LINE_COLUMNS)),
        "line_stops": pd.DataFrame(line_stops, columns=list(LINE_STOP_COLUMNS)),
    }


def _tabulate_calls(calls: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({
        "trip_id": calls["trip_id"].astype(np.int32),
        "line": calls["line"],
        "service_id": calls["service_id"].astype(np.int32),
        "sequence": calls.groupby("trip_id").cumcount().astype(np.int16),
        "stop_id": calls["stop_id"],
        "arrival_s": calls["arrival_s"].astype(np.int32),
        "departure_s": calls["departure_s"].astype(np.int32),
        "is_estimated": calls["is_estimated"].astype(bool),
    })  # fmt: skip
    return table[list(TIMETABLE_COLUMNS)]


def _tabulate_days(days: _Days) -> pd.DataFrame:
    """Return a row for each set of days: from its first to its last one, 1 for a day of service."""
    rows = []
    for number, marks in enumerate(days.marks):
        first, last = days.edges(number)
        text = "".join("1" if mark else "0" for mark in marks).strip("0")
        rows.append((str(number), first.isoformat(), last.isoformat(), text))
    return pd.DataFrame(rows, columns=list(SERVICE_DAY_COLUMNS))

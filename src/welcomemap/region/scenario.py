"""A scenario: a dated set of service points, its rows read, located and judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.crs import Points, project
from welcomemap.dates import IsoDate, read_iso_date
from welcomemap.errors import (
    BorderWarning,
    ColumnValueError,
    CoordinateError,
    CoordinateWarning,
    DelimiterError,
    DuplicateIdError,
    EmptyTableError,
    Fault,
    ListRowWarning,
    MarkupWarning,
    MissingColumnError,
    Place,
    SwappedCoordinatesError,
    TooLargeError,
    UnknownScenarioError,
    UnreadableAddressError,
    WelcomemapWarning,
    fault,
    find_unprintable,
)
from welcomemap.reasons import Reason
from welcomemap.region.areas import NO_DISTRICT, find_districts, place_in_districts
from welcomemap.region.pack import RegionPack
from welcomemap.region.schemas import (
    SERVICE_POINT_COLUMNS,
    SERVICE_POINT_OPTIONAL_COLUMNS,
    SERVING_STATUSES,
    SITE_STATUSES,
)
from welcomemap.tabular import Sheet, read_table

MARKUP = re.compile(r"<[a-zA-Z/!?]|&(?:[a-zA-Z]{2,8}|#\w{1,6});|javascript:", re.IGNORECASE)
DISTRICT_SEPARATOR = re.compile(r"[;,\s]+")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True)
class ListedRows:
    """Rows of a list with the name of its file, for messages.

    Attributes
    ----------
    frame
        All cells text; ``row_number`` counts the file's data rows from 1 (index of the frame).
    file_name
        For messages.
    """

    frame: pd.DataFrame
    file_name: str

    def __iter__(self) -> Iterator[tuple[Place, pd.Series]]:
        for row, cells in self.frame.iterrows():
            yield Place(self.file_name, int(str(row))), cells


def take_columns(frame: pd.DataFrame, file_name: str) -> pd.DataFrame:
    """Bring the columns under their contract names, add the optional ones, drop blank rows.

    Returns
    -------
    pandas.DataFrame
        Trimmed text; index is the number of the row in the file, 1 is the first data row.

    Raises
    ------
    DelimiterError
        If the header is one piece.
    MissingColumnError
        If a required column is absent.
    EmptyTableError
        If all rows are blank.
    """
    names = {c: c.strip().casefold() for c in frame.columns if c.strip().casefold() in COLUMNS}
    missing = [c for c in SERVICE_POINT_COLUMNS if c not in names.values()]
    if missing and len(frame.columns) == 1:
        raise DelimiterError(
            "the header is one column, {header}",
            header=frame.columns[0],
            where=Place(file_name, column="header"),
            how="Separate the columns by comma, semicolon, tab or vertical bar.",
        )
    if missing:
        raise MissingColumnError(
            "required column(s) missing: {missing}",
            missing=missing,
            columns=SERVICE_POINT_COLUMNS,
            where=Place(file_name, column=missing[0]),
            how="A list of service points has the columns {columns}.",
        )
    table = frame.rename(columns=names).apply(lambda column: column.str.strip())
    table.index = pd.RangeIndex(1, len(table) + 1)
    table = table[(table != "").any(axis=1)]
    if table.empty:
        raise EmptyTableError(
            "the list has no rows", where=Place(file_name), how="Add one row for each site."
        )
    absent = [c for c in SERVICE_POINT_OPTIONAL_COLUMNS if c not in table.columns]
    completed: pd.DataFrame = table.assign(**dict.fromkeys(absent, ""))
    return completed


def check_ids(rows: ListedRows) -> None:
    """Check that every row has an id of its own.

    Raises
    ------
    ColumnValueError
        If an id is empty.
    DuplicateIdError
        If two rows share an id.
    """
    seen: dict[str, int] = {}
    for place, cells in rows:
        key = cells["id"]
        where = Place(place.path, place.row, "id")
        if not key:
            raise ColumnValueError(
                "the id is empty", where=where, how="Give every site an id of its own."
            )
        if key in seen:
            raise DuplicateIdError(
                "the id {key} stands in row {first} too",
                key=key,
                first=seen[key],
                where=where,
                how="Give every site an id of its own.",
            )
        seen[key] = place.row or 0


def check_scenario_column(rows: ListedRows) -> None:
    """Refuse a file that mixes several scenarios.

    Raises
    ------
    ColumnValueError
        If the column ``scenario`` holds more than one name.
    """
    names = sorted(set(rows.frame["scenario"]) - {""})
    if len(names) > 1:
        first = str(rows.frame["scenario"].ne(names[0]).idxmax())
        raise ColumnValueError(
            "the file holds {n_scenarios} scenarios: {names}",
            n_scenarios=len(names),
            names=names,
            where=Place(rows.file_name, int(first), "scenario"),
            how="Keep the rows of one scenario in one file.",
        )


def read_statuses(rows: ListedRows) -> list[str]:
    """Return the status of each row in lower case.

    Raises
    ------
    ColumnValueError
        If a status is none of open, planned, closed, disputed.
    """
    for place, cells in rows:
        if cells["status"].casefold() not in SITE_STATUSES:
            raise ColumnValueError(
                "the status {status!r} is unknown",
                status=cells["status"],
                site_statuses=SITE_STATUSES,
                where=Place(place.path, place.row, "status"),
                how="Expected one of {site_statuses}.",
            )
    return [str(status).casefold() for status in rows.frame["status"]]


def read_stated_districts(rows: ListedRows, known: frozenset[int]) -> list[str]:
    """Return the stated districts of each row as ``"1;2"``, empty where the list states nothing.

    Raises
    ------
    ColumnValueError
        If something is no number of a district of the region.
    """
    stated = []
    for place, cells in rows:
        parts = [part for part in DISTRICT_SEPARATOR.split(cells["stated_districts"]) if part]
        for part in parts:
            if not (part.isascii() and part.isdigit() and len(part) < 6 and int(part) in known):
                raise ColumnValueError(
                    "the stated district {part!r} is no district of the region",
                    part=part,
                    least=min(known),
                    most=max(known),
                    where=Place(place.path, place.row, "stated_districts"),
                    how="Expected numbers of {least} to {most} separated by a semicolon, "
                    "such as 1;2, or nothing.",
                )
        stated.append(";".join(str(int(part)) for part in parts))
    return stated


def check_dates(rows: ListedRows) -> None:
    """Check that dates are ISO years, months or days, and periods do not end before they start.

    Raises
    ------
    ColumnValueError
        If a date is something else.
    """
    for place, cells in rows:
        for column in ("valid_from", "valid_to"):
            if cells[column] and read_iso_date(cells[column]) is None:
                raise ColumnValueError(
                    "the date {text!r} cannot be read",
                    text=cells[column],
                    where=Place(place.path, place.row, column),
                    how="Expected year, month or day as 2019, 2019-03 or 2019-03-31, or nothing.",
                )
        start, end = cells["valid_from"], cells["valid_to"]
        width = min(len(start), len(end))
        if end and end[:width] < start[:width]:
            raise ColumnValueError(
                "the site ends ({end}) before it starts ({start})",
                end=end,
                start=start,
                where=Place(place.path, place.row, "valid_to"),
                how="Exchange or mend the two dates.",
            )


def check_links(rows: ListedRows) -> None:
    """Check that links lead to web pages, so that no map carries a script as a link.

    Raises
    ------
    ColumnValueError
        If ``url`` is filled and does not begin with http:// or https://.
    """
    for place, cells in rows:
        if cells["url"] and not LINK.fullmatch(cells["url"]):
            raise ColumnValueError(
                "the link {url!r} is no web address",
                url=cells["url"],
                where=Place(place.path, place.row, "url"),
                how="Expected an address that begins with https:// or http://, or nothing.",
            )


def check_printable(rows: ListedRows) -> None:
    """Check that no cell holds a sign that no paper, map or page can show.

    Raises
    ------
    ColumnValueError
        If one does, such as a NUL.
    """
    for place, cells in rows:
        for column, text in cells.items():
            unprintable = find_unprintable(text) if isinstance(text, str) else None
            if unprintable is not None:
                raise ColumnValueError(
                    "{text!r} holds a sign that cannot be printed ({unprintable})",
                    text=text,
                    unprintable=unprintable,
                    where=Place(place.path, place.row, str(column)),
                    how="Take it out of the cell, and write what is meant in letters.",
                )


def find_markup(rows: ListedRows) -> tuple[MarkupWarning, ...]:
    """Return a warning for each cell that holds HTML; the text stays and is shown as text."""
    found = []
    for place, cells in rows:
        for column, text in cells.items():
            if isinstance(text, str) and MARKUP.search(text):
                found.append(
                    MarkupWarning(
                        "{text} looks like HTML",
                        text=text,
                        where=Place(place.path, place.row, str(column)),
                        how="Expected plain text: it is kept and shown letter by letter; delete "
                        "the markup if it is a mistake.",
                    )
                )
    return tuple(found)


SURE_OUTCOMES = ("exact", "corrected", "place")
"""Outcomes whose explanation says nothing that a reader of a list has to know."""
NoteKind = Literal["contradiction", "place", "validity"]


@dataclass(frozen=True)
class RowNote:
    """A remark on one row.

    Attributes
    ----------
    site, row
        Id and number of the row in its file, from 1; ``None`` where the number is not known.
    kind
        ``contradiction``: the parts of its address contradict each other. ``place``: how else its
        place is known less well than its address says. ``validity``: by its dates it is not open.
    reasons
        What is to be known.
    """

    site: str
    row: int | None
    kind: NoteKind
    reasons: tuple[Reason, ...]

    def warn(self, file: str) -> ListRowWarning:
        """Return the note as a warning about a row of a file."""
        return ListRowWarning(self.site, self.reasons, Place(file, self.row))


class Answered(Protocol):
    """What a geocoder says of an address beside its place; a ``GeocodeResult`` is one."""

    @property
    def outcome(self) -> str:
        """How it was located."""

    @property
    def explanation(self) -> tuple[Reason, ...]:
        """What became of it."""

    @property
    def contradictions(self) -> tuple[Reason, ...]:
        """Which parts of the address contradict each other."""

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What was read otherwise, or left out."""


def note_answer(site: str, row: int | None, answer: Answered) -> tuple[RowNote, ...]:
    """Return what a row's geocoding answer says against its address."""
    told: list[tuple[NoteKind, tuple[Reason, ...]]] = [
        ("contradiction", (reason,)) for reason in answer.contradictions
    ]
    if str(answer.outcome) not in SURE_OUTCOMES:
        told.append(("place", answer.explanation))
    told += [("place", (reason,)) for reason in answer.notes]
    return tuple(RowNote(site, row, kind, reasons) for kind, reasons in dict.fromkeys(told))


class Unlocated(Reason):
    """A site is in operation, and no place is known of it: it counts nowhere."""

    name: str


def note_unlocated(sites: pd.DataFrame, rows: Mapping[str, int]) -> tuple[RowNote, ...]:
    """Return a note on each site in operation that has no place, whatever became of its address."""
    is_lost = sites["x"].isna() & sites["status"].isin(SERVING_STATUSES)
    return tuple(
        RowNote(str(site["id"]), rows.get(str(site["id"])), "place",
                (Unlocated(str(site["name"] or site["address"] or site["id"])),))
        for site in sites[is_lost].to_dict("records")
    )  # fmt: skip


def name_unlocated(notes: Iterable[RowNote]) -> tuple[str, ...]:
    """Return the names of the sites of which no place is known."""
    reasons = (reason for note in notes for reason in note.reasons)
    return tuple(reason.name for reason in reasons if isinstance(reason, Unlocated))


class ClosedBefore(Reason):
    """By the list's own dates a site was valid until before the date of reference."""

    valid_to: str
    reference: str


class OpensLater(Reason):
    """By the list's own dates a site is valid from after the date of reference."""

    valid_from: str
    reference: str


def close_invalid(
    frame: pd.DataFrame, reference: IsoDate | None, rows: Sequence[int | None]
) -> tuple[pd.DataFrame, tuple[RowNote, ...]]:
    """Take those for closed or planned that serve nobody at a date by the dates of their own row.

    A site whose last day lies before the date is closed whatever its status says, one whose first
    day lies after it is planned. A year or a month counts as a whole on both sides.

    Parameters
    ----------
    frame
        With the columns id, status, valid_from and valid_to (checked ISO dates, or empty).
    reference
        The date of the list; ``None`` leaves all as it is.
    rows
        Numbers of the rows in their file.
    """
    if reference is None:
        return frame, ()
    statuses, notes = [], []
    for number, site in zip(rows, frame.to_dict("records"), strict=True):
        status = str(site["status"])
        found = _find_invalid(site["valid_from"], site["valid_to"], reference)
        if status in SERVING_STATUSES and found is not None:
            status, reason = found
            notes.append(RowNote(str(site["id"]), number, "validity", (reason,)))
        statuses.append(status)
    return frame.assign(status=statuses), tuple(notes)


def _find_invalid(start: str, end: str, reference: IsoDate) -> tuple[str, Reason] | None:
    first, last = read_iso_date(start), read_iso_date(end)
    if last is not None and last.last < reference.first:
        return "closed", ClosedBefore(end, reference.text)
    if first is not None and first.first > reference.last:
        return "planned", OpensLater(start, reference.text)
    return None


def read_points(rows: ListedRows, pack: RegionPack) -> Points:
    """Return x, y of each row in metres in the pack's CRS, NaN where the list has no coordinate.

    Raises
    ------
    CoordinateError
        If a coordinate is no number, half of it is missing, or it lies outside the region.
    SwappedCoordinatesError
        If it lies in the region once latitude and longitude are exchanged.
    """
    lat_lon = np.full((len(rows.frame), 2), np.nan)
    for i, (place, cells) in enumerate(rows):
        lat_lon[i] = [_read_degrees(cells, column, place) for column in ("lat", "lon")]
        if np.isnan(lat_lon[i]).any() and not np.isnan(lat_lon[i]).all():
            column = "lat" if np.isnan(lat_lon[i, 0]) else "lon"
            raise CoordinateError(
                "one of latitude and longitude is missing",
                where=Place(place.path, place.row, column),
                how="Fill both, or neither: then the address is looked up.",
            )
    points = _project_known(lat_lon, pack)
    is_outside = ~np.isnan(lat_lon[:, 0]) & ~_is_inside(points, pack)
    if is_outside.any():
        i = int(is_outside.argmax())
        swapped = _project_known(lat_lon[[i]][:, ::-1], pack)
        where = Place(rows.file_name, int(rows.frame.index[i]), "lat")
        raise _outside(lat_lon[i], bool(_is_inside(swapped, pack)[0]), where, pack)
    return points


def _read_degrees(cells: pd.Series, column: str, place: Place) -> float:
    text = str(cells[column])
    if not text:
        return np.nan
    if re.fullmatch(r"[+-]?\d{1,12}(?:[.,]\d{0,20})?", text, re.ASCII) is None:
        raise CoordinateError(
            "{text!r} is no coordinate",
            text=text,
            where=Place(place.path, place.row, column),
            how="Expected degrees such as 51.2241, or nothing.",
        )
    return float(text.replace(",", "."))


def _project_known(lat_lon: NDArray[np.float64], pack: RegionPack) -> Points:
    points = np.full(lat_lon.shape, np.nan)
    is_on_earth = (np.abs(lat_lon[:, 0]) <= 90) & (np.abs(lat_lon[:, 1]) <= 180)
    if is_on_earth.any():
        known = lat_lon[is_on_earth]
        points[is_on_earth] = project(known[:, 1], known[:, 0], crs=pack.crs)
    points[~np.isfinite(points).all(axis=1)] = np.nan
    return points


def _is_inside(points: Points, pack: RegionPack) -> NDArray[np.bool_]:
    return np.asarray(find_districts(pack, points).district != NO_DISTRICT)


def _outside(
    lat_lon: NDArray[np.float64], is_swapped: bool, where: Place, pack: RegionPack
) -> CoordinateError:
    shown = fault("latitude {lat:g}, longitude {lon:g}", lat=lat_lon[0], lon=lat_lon[1])
    if is_swapped:
        return SwappedCoordinatesError(
            "latitude and longitude are exchanged: {shown}",
            shown=shown,
            lat=lat_lon[1],
            lon=lat_lon[0],
            where=where,
            how="Exchange the two values; lat is the one of about {lat:.0f}, lon of about "
            "{lon:.0f}.",
        )
    return CoordinateError(
        "{shown} lies outside {name}",
        shown=shown,
        name=pack.name,
        where=where,
        how="Expected degrees (WGS 84, EPSG:4326) inside the region: mend the coordinate, or "
        "leave lat and lon empty and give the address.",
    )


LIST_ENDINGS = (".csv", ".xlsx")
MAX_SITES = 1_000
"""A longer list of service points is refused: each site is weighed against every demand cell."""


class Located(Answered, Protocol):
    """What a geocoder says about one address, its place included; a ``GeocodeResult`` is one."""

    @property
    def x(self) -> float | None:
        """Metres in the region's metric CRS."""

    @property
    def y(self) -> float | None:
        """Metres in the region's metric CRS."""

    @property
    def error_radius_m(self) -> float | None:
        """The true place lies within this distance."""

    @property
    def source(self) -> str:
        """Who says so."""


COLUMNS = frozenset((*SERVICE_POINT_COLUMNS, *SERVICE_POINT_OPTIONAL_COLUMNS))
ReadSheet = Callable[[Path], Sheet]
Locate = Callable[[Sequence[str], Sequence[int | None]], Sequence[Located]]
"""Takes addresses and the district each is said to serve (one, or ``None``), in the same order."""


@dataclass(frozen=True, repr=False)
class Scenario(Brief):
    """A dated set of service points.

    Attributes
    ----------
    name
        Name of the published scenario, or of the file without its ending.
    frame
        One row per service point, index 0 to n-1: text columns
        ``SERVICE_POINT_COLUMNS`` and ``SERVICE_POINT_OPTIONAL_COLUMNS`` (empty where the
        list says nothing) and the list's own further columns; then ``x``, ``y`` (metres in the
        pack's metric CRS, NaN without place), ``district`` (int, -1 without place),
        ``border_m`` (distance to the nearest district border, NaN without place) and
        ``is_uncertain`` (the border is nearer than borders are known or than the place is known).
        Treat as read-only.
    warnings
        What a person should know about the list.
    as_of
        Date of a published scenario as ISO text, ``None`` for a file.
    path
        The file, ``None`` for a published scenario.
    reference
        The date at which sites must be valid to count as open, ISO text: that of the scenario; of a
        file the one in its column ``scenario``, else that of the region's default scenario.
    notes
        What is to be known of single rows: places that contradict themselves, dates that close.
    rows
        Number of each site's row in its file, by id.
    columns
        The columns of a list of service points that a file has; the others of ``frame`` are empty.
    """

    name: str
    frame: pd.DataFrame
    warnings: tuple[WelcomemapWarning, ...] = ()
    as_of: str | None = None
    path: Path | None = None
    reference: str | None = None
    notes: tuple[RowNote, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()

    @property
    def points(self) -> Points:
        """Array (n, 2) of x, y in metres, NaN without place."""
        return self.frame[["x", "y"]].to_numpy(dtype=np.float64)

    @property
    def is_published(self) -> bool:
        """Tell whether the pack publishes this scenario."""
        return self.path is None

    @property
    def _file_name(self) -> str:
        return "service_points" if self.path is None else self.path.name

    @property
    def unlocated(self) -> pd.DataFrame:
        """Rows that have an address and no place yet.

        A published row that records what became of its address was looked up before it was
        published: that it has no place is meant.
        """
        is_open = self.frame["x"].isna() & (self.frame["address"] != "")
        if self.is_published:
            is_open &= self.frame["location_outcome"] == ""
        return self.frame[is_open]

    def with_locations(self, pack: RegionPack, located: Mapping[str, Located]) -> Scenario:
        """Return the scenario with places for sites that had none, by site id.

        Sites that have a place keep it. A result without coordinates leaves the site without
        place and adds a :class:`~welcomemap.errors.CoordinateWarning`.
        """
        frame = self.frame.copy()
        found: list[WelcomemapWarning] = []
        notes: list[RowNote] = []
        for i, site in self.unlocated.iterrows():
            result = located.get(str(site["id"]))
            if result is None:
                continue
            name = str(site["id"])
            noted = note_answer(name, self.rows.get(name), result)
            notes += noted
            radius_m = result.error_radius_m
            frame.loc[i, "location_outcome"] = str(result.outcome)
            frame.loc[i, "location_source"] = result.source
            frame.loc[i, "error_radius_m"] = "" if radius_m is None else f"{radius_m:.0f}"
            if result.x is None or result.y is None:
                where = Place(self.path, self.rows.get(name), "address")
                found.append(_not_located(site, str(result.outcome), where))
            else:
                found += [note.warn(self._file_name) for note in noted]
                frame.loc[i, ["x", "y"]] = [result.x, result.y]
        others = tuple(w for w in self.warnings if not isinstance(w, BorderWarning))
        frame, borders = place_in_districts(frame, pack)
        known = tuple(note for note in self.notes if not name_unlocated([note]))
        return replace(
            self,
            frame=frame,
            warnings=(*others, *found, *borders),
            notes=(*known, *notes, *note_unlocated(frame, self.rows)),
        )


def load_scenario(
    pack: RegionPack,
    name_or_path: str | Path,
    *,
    locate: Locate | None = None,
    read: ReadSheet = read_table,
) -> Scenario:
    """Load a published scenario by its name, or a planner's own from a CSV or XLSX file.

    A file has an address or coordinates; what else every list has is filled in where it is absent.

    Parameters
    ----------
    pack
        The region; its published scenarios are rows of ``service_points``.
    name_or_path
        Such as ``"2019"`` or ``"my_sites.csv"``; a published name wins over a file of that name.
        Another day, such as ``"2024-06-30"``, is the published list in force on that day, with
        what was open then by ``valid_from`` and ``valid_to``.
    locate
        Looks up the addresses of rows without coordinates; without it they stay without place.
    read
        Reads the file, its columns under the names of those of a list of service points.

    Raises
    ------
    UnknownScenarioError
        If it is neither a published name nor a file, or a day before the oldest list.
    TableError, TooLargeError
        If the file cannot be read (see :func:`welcomemap.tabular.read_table`).
    MissingColumnError, ColumnValueError, DuplicateIdError
        If a column is missing or holds something else than it should.
    CoordinateError, SwappedCoordinatesError
        If a coordinate lies outside the region.
    """
    name = str(name_or_path)
    if name in pack.scenarios:
        scenario = _load_published(pack, name)
    elif (day := read_iso_date(name)) and day.is_day and not Path(name).exists():
        scenario = _load_dated(pack, day)
    else:
        scenario = _load_file(pack, _find_file(pack, name), read)
    return scenario if locate is None else locate_sites(pack, scenario, locate)


def load_list(pack: RegionPack, path: str | Path, *, read: ReadSheet = read_table) -> Scenario:
    """Load a list from a file as it is written: no date judges its rows, no address is looked up.

    Parameters
    ----------
    read
        See :func:`load_scenario`.

    Raises
    ------
    UnknownScenarioError, TableError, TooLargeError, CoordinateError
        As :func:`load_scenario` does.
    """
    return _load_file(pack, _find_file(pack, str(path)), read, is_judged=False)


def locate_sites(pack: RegionPack, scenario: Scenario, locate: Locate) -> Scenario:
    """Return the scenario with the addresses looked up of its sites that have no place.

    Raises
    ------
    ColumnValueError
        If an address cannot be one at all.
    """
    sites = scenario.unlocated
    if sites.empty:
        return scenario
    results = [_locate_one(site, locate, scenario) for _, site in sites.iterrows()]
    return scenario.with_locations(pack, dict(zip(sites["id"], results, strict=True)))


def read_scenario(
    pack: RegionPack, frame: pd.DataFrame, *, name: str = "own", locate: Locate | None = None
) -> Scenario:
    """Return a list of service points held in memory as a scenario, as of a file.

    Parameters
    ----------
    frame
        Cells as text, with the columns of a list of service points.
    name
        What the list is called in messages.
    locate
        Looks up the addresses of rows without coordinates.

    Raises
    ------
    TableError, CoordinateError
        As for a file, see :func:`load_scenario`.
    """
    scenario = replace(_read_rows(pack, frame, name, Path(name)), name=name)
    return scenario if locate is None else locate_sites(pack, scenario, locate)


def is_list_file(name: str) -> bool:
    """Tell whether a list is named as a planner's own file, and not as a published scenario."""
    return Path(name).suffix.lower() in LIST_ENDINGS


def shorten_list_name(name: str) -> str:
    """Return what a list is called: its name, or that of its file without folder and ending.

    Examples
    --------
    >>> shorten_list_name("plans/v1.2.csv"), shorten_list_name("Plan A/B, v1.2")
    ('v1.2', 'Plan A/B, v1.2')
    """
    return Path(name).stem if is_list_file(name) else name


def list_replaced_layers(lists: Sequence[str]) -> frozenset[str]:
    """Return the layers of a pack that say nothing of the sites of these lists: all own files."""
    is_own = bool(lists) and all(map(is_list_file, lists))
    return frozenset({"service_points"}) if is_own else frozenset()


def _find_file(pack: RegionPack, name: str) -> Path:
    path = Path(name)
    if "\0" not in name and len(name) < 4096 and path.is_file():
        return path
    raise _unknown(pack, name)


def _unknown(pack: RegionPack, name: str) -> UnknownScenarioError:
    return UnknownScenarioError(
        "there is no scenario {name!r}, and no such file",
        name=name,
        scenarios=pack.scenarios,
        how="Known scenarios: {scenarios}. Or give a date such as 2024-06-30, or the path of a CSV "
        "or XLSX file with service points.",
    )


def _load_published(pack: RegionPack, name: str) -> Scenario:
    file_name = pack.layer_path("service_points").name
    table = take_columns(pack.service_points, file_name)
    table = table[table["scenario"] == name]
    as_of = _date_of(pack, name)
    return _build(name, ListedRows(table, file_name), pack, reference=as_of, as_of=as_of)


def _load_dated(pack: RegionPack, day: IsoDate) -> Scenario:
    """Return the list in force on a day, each row as its own dates have it then."""
    # A list that changes keeps its earlier rows with their dates, so its name's own date counts.
    stated = [(name, read_iso_date(name) or read_iso_date(_date_of(pack, name) or ""))
              for name in pack.scenarios]  # fmt: skip
    dated = sorted((at.first, name) for name, at in stated if at is not None)
    if not dated:
        raise _unknown(pack, day.text)
    before = [name for first, name in dated if first <= day.last]
    if not before:
        raise UnknownScenarioError(
            "no list says what was open on {day}",
            day=day.text,
            oldest=dated[0][1],
            how="The oldest list is {oldest}: give a later day.",
        )
    listed = _load_published(pack, before[-1])
    rows = listed.frame.to_dict("records")
    statuses = [_status_on(day, *(str(row[c]) for c in STATUS_COLUMNS)) for row in rows]
    notes = tuple(
        note for note in listed.notes if note.kind != "validity" and not name_unlocated([note])
    )
    frame, closed = close_invalid(
        listed.frame.assign(status=statuses), day, [listed.rows[str(row["id"])] for row in rows]
    )
    return replace(
        listed, name=day.text, frame=frame, as_of=day.text, reference=day.text,
        notes=(*notes, *closed, *note_unlocated(frame, listed.rows)),
    )  # fmt: skip


STATUS_COLUMNS = ("status", "valid_from", "valid_to")


def _status_on(day: IsoDate, status: str, start: str, end: str) -> str:
    """Return a row's status on a day: open where its own dates say that it was."""
    first, last = read_iso_date(start), read_iso_date(end)
    has_begun = first is not None and first.first <= day.last
    if status == "closed" and last is not None and last.last >= day.first:
        return "open" if first is None or has_begun else "planned"
    if status == "planned" and has_begun:
        return "open"
    return status


def _date_list(rows: ListedRows, pack: RegionPack) -> str | None:
    """Return the date a planner's list speaks of: its own, else that of the region's default."""
    own = next((text for text in rows.frame["scenario"] if read_iso_date(text)), None)
    if own is not None:
        return str(own)
    return _date_of(pack, str(pack.region.get("default_scenario", "")))


def _date_of(pack: RegionPack, name: str) -> str | None:
    """Return the date of a published list as ISO text, ``None`` where it has none."""
    dated = str(pack.region.get("scenario_dates", {}).get(name) or name)
    return dated if read_iso_date(dated) else None


def _load_file(
    pack: RegionPack, path: Path, read: ReadSheet, *, is_judged: bool = True
) -> Scenario:
    sheet = read(path)
    names = {name.strip().casefold(): name for name in sheet.frame.columns}
    frame = _fill_absent(sheet.frame, names, path.name)
    scenario = _read_rows(pack, frame, path.name, path, is_judged=is_judged)
    return replace(
        scenario,
        warnings=(*sheet.warnings, *sheet.warn_unread(COLUMNS), *scenario.warnings),
        columns=COLUMNS & names.keys(),
    )


def _fill_absent(frame: pd.DataFrame, names: Mapping[str, str], source: str) -> pd.DataFrame:
    """Fill in what every list has, where it is absent; blank rows stay blank."""
    if names.keys() >= set(SERVICE_POINT_COLUMNS) or (len(names) == 1 and "address" not in names):
        return frame
    if "address" not in names and not {"lat", "lon"} <= names.keys():
        raise MissingColumnError(
            "the list has no column of addresses, and none of coordinates",
            where=Place(source, column="address"),
            how="Add a column address, or lat and lon, as service_points.csv of a pack has them.",
        )
    filled: dict[str, Sequence[str] | str] = {
        "id": [f"site-{number}" for number in range(1, len(frame) + 1)],
        "name": frame[names["address"]].tolist() if "address" in names else "",
        "operator": "", "address": "", "stated_districts": "", "status": "open",
        "valid_from": "", "valid_to": "", "source": source,
    }  # fmt: skip
    absent = {name: value for name, value in filled.items() if name not in names}
    is_blank = ~frame.apply(lambda column: column.str.strip() != "").any(axis=1)
    completed: pd.DataFrame = frame.assign(**absent)
    completed.loc[is_blank, list(absent)] = ""
    return completed


def _read_rows(
    pack: RegionPack, frame: pd.DataFrame, file_name: str, path: Path, *, is_judged: bool = True
) -> Scenario:
    rows = ListedRows(take_columns(frame, file_name), file_name)
    if len(rows.frame) > MAX_SITES:
        raise TooLargeError(
            "the list has {n_sites} service points; expected at most {most}",
            n_sites=len(rows.frame),
            most=MAX_SITES,
            where=Place(file_name),
            how="Keep the points of one kind and one region.",
        )
    check_scenario_column(rows)
    reference = _date_list(rows, pack) if is_judged else None
    scenario = _build(path.stem, rows, pack, reference=reference, path=path)
    columns = COLUMNS & {name.strip().casefold() for name in frame.columns}
    return replace(scenario, columns=columns)


def _build(
    name: str,
    rows: ListedRows,
    pack: RegionPack,
    *,
    reference: str | None,
    as_of: str | None = None,
    path: Path | None = None,
) -> Scenario:
    check_printable(rows)
    check_ids(rows)
    check_dates(rows)
    check_links(rows)
    known = frozenset(int(number) for number in pack.districts["district"])
    points = read_points(rows, pack)
    frame = rows.frame.assign(
        status=read_statuses(rows),
        stated_districts=read_stated_districts(rows, known),
        x=points[:, 0],
        y=points[:, 1],
    ).reset_index(drop=True)
    frame.loc[frame["x"].notna() & (frame["location_outcome"] == ""), "location_outcome"] = "given"
    frame, borders = place_in_districts(frame, pack)
    numbers = [int(str(number)) for number in rows.frame.index]
    frame, notes = close_invalid(frame, read_iso_date(reference or ""), numbers)
    by_id = dict(zip(frame["id"], numbers, strict=True))
    # What no address was looked up of yet may still find a place.
    lost = note_unlocated(frame[frame["location_outcome"] != ""], by_id)
    told = [note.warn(rows.file_name) for note in (*notes, *lost)]
    return Scenario(
        name,
        frame,
        (*find_markup(rows), *told, *borders),
        as_of,
        path,
        reference,
        (*notes, *lost),
        by_id,
    )


def _locate_one(site: pd.Series, locate: Locate, scenario: Scenario) -> Located:
    try:
        return locate([site["address"]], [_only_district(site["stated_districts"])])[0]
    except UnreadableAddressError as error:
        raise ColumnValueError(
            "the address of site {site} cannot be read: {error}",
            site=site["id"],
            error=error,
            where=Place(scenario.path, column="address"),
            how="Mend the cell, or give lat and lon.",
        ) from error


def _only_district(stated: str) -> int | None:
    parts = [part for part in stated.split(";") if part]
    return int(parts[0]) if len(parts) == 1 else None


def _not_located(site: pd.Series, outcome: str, where: Place) -> CoordinateWarning:
    label = label_site(str(site["id"]), str(site["name"]))
    return CoordinateWarning(
        _tell_not_located(label, outcome),
        where=where,
        how="Give lat and lon, or a full address.",
    )


def _tell_not_located(site: str, outcome: str) -> Fault:
    match outcome:
        case "not_found":
            return fault("site {site} has no place: its address was not found", site=site)
        case "ambiguous":
            return fault("site {site} has no place: its address fits several places", site=site)
        case "outside":
            return fault("site {site} has no place: its address lies in another town", site=site)
    return fault("site {site} has no place: its address says too little", site=site)


def label_site(key: str, name: str) -> str:
    """Return what a message calls a site: its name with its id.

    Examples
    --------
    >>> label_site("wp-1", "Haus"), label_site("wp-1", "")
    ('Haus (wp-1)', 'wp-1')
    """
    return key if name in ("", key) else f"{name} ({key})"

"""Which service points are there? A dated set of them: published, or a planner's own file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from welcomemap.crs import Points
from welcomemap.dates import read_iso_date
from welcomemap.errors import (
    BorderWarning,
    ColumnValueError,
    CoordinateWarning,
    Place,
    TooLargeError,
    UnknownScenarioError,
    UnreadableAddressError,
    WelcomemapWarning,
    quote,
)
from welcomemap.pack.districts import place_in_districts
from welcomemap.pack.load import RegionPack
from welcomemap.pack.row_notes import Answered, RowNote, close_invalid, note_answer
from welcomemap.pack.scenario_points import read_points
from welcomemap.pack.scenario_rows import (
    ListedRows,
    check_dates,
    check_ids,
    check_links,
    check_printable,
    check_scenario_column,
    find_markup,
    read_stated_districts,
    read_statuses,
    take_columns,
)
from welcomemap.sheets import MAX_BYTES, read_table
from welcomemap.tables import SERVICE_POINT_COLUMNS, SERVICE_POINT_OPTIONAL_COLUMNS

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
Locate = Callable[[Sequence[str], Sequence[int | None]], Sequence[Located]]
"""Takes addresses and the district each is said to serve (one, or ``None``), in the same order."""


@dataclass(frozen=True)
class Scenario:
    """A dated set of service points.

    Attributes
    ----------
    name
        Name of the published scenario, or of the file without its ending.
    frame
        One row per service point, index 0 to n-1: text columns
        ``tables.SERVICE_POINT_COLUMNS`` and ``SERVICE_POINT_OPTIONAL_COLUMNS`` (empty where the
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
    """

    name: str
    frame: pd.DataFrame
    warnings: tuple[WelcomemapWarning, ...] = ()
    as_of: str | None = None
    path: Path | None = None
    reference: str | None = None
    notes: tuple[RowNote, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)

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
        """Rows that have an address and no place yet."""
        return self.frame[self.frame["x"].isna() & (self.frame["address"] != "")]

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
                found.append(_not_located(site, str(result.outcome), self.path))
            else:
                found += [note.warn(self._file_name) for note in noted]
                frame.loc[i, ["x", "y"]] = [result.x, result.y]
        others = tuple(w for w in self.warnings if not isinstance(w, BorderWarning))
        frame, borders = place_in_districts(frame, pack)
        return replace(
            self,
            frame=frame,
            warnings=(*others, *found, *borders),
            notes=(*self.notes, *notes),
        )


def load_scenario(
    pack: RegionPack,
    name_or_path: str | Path,
    *,
    locate: Locate | None = None,
    max_bytes: int = MAX_BYTES,
) -> Scenario:
    """Load a published scenario by its name, or a planner's own from a CSV or XLSX file.

    Parameters
    ----------
    pack
        The region; its published scenarios are rows of ``service_points``.
    name_or_path
        Such as ``"2019"`` or ``"my_sites.csv"``; a published name wins over a file of that name.
    locate
        Looks up the addresses of rows without coordinates; without it they stay without place.
    max_bytes
        A file must be smaller than this.

    Raises
    ------
    UnknownScenarioError
        If it is neither a published name nor a file.
    TableError, TooLargeError
        If the file cannot be read (see :func:`welcomemap.sheets.read_table`).
    MissingColumnError, ColumnValueError, DuplicateIdError
        If a column is missing or holds something else than it should.
    CoordinateError, SwappedCoordinatesError
        If a coordinate lies outside the region.
    """
    name = str(name_or_path)
    if name in pack.scenarios:
        scenario = _load_published(pack, name)
    else:
        scenario = _load_file(pack, _find_file(pack, name), max_bytes)
    if locate is None or scenario.unlocated.empty:
        return scenario
    sites = scenario.unlocated
    results = [_locate_one(site, locate, scenario) for _, site in sites.iterrows()]
    return scenario.with_locations(pack, dict(zip(sites["id"], results, strict=True)))


def is_list_file(name: str) -> bool:
    """Tell whether a list is named as a planner's own file, and not as a published scenario."""
    return Path(name).suffix.lower() in LIST_ENDINGS


def list_replaced_layers(lists: Sequence[str]) -> frozenset[str]:
    """Return the layers of a pack that say nothing of the sites of these lists: all own files."""
    is_own = bool(lists) and all(map(is_list_file, lists))
    return frozenset({"service_points"}) if is_own else frozenset()


def _find_file(pack: RegionPack, name: str) -> Path:
    path = Path(name)
    if "\0" not in name and len(name) < 4096 and path.is_file():
        return path
    raise UnknownScenarioError(
        f"there is no scenario {quote(name)!r}, and no such file",
        how=f"Known scenarios: {', '.join(pack.scenarios)}. Or give the path of a CSV or XLSX file"
        " with service points.",
    )


def _load_published(pack: RegionPack, name: str) -> Scenario:
    file_name = pack.layer_path("service_points").name
    table = take_columns(pack.service_points, file_name)
    table = table[table["scenario"] == name]
    dates = pack.region.get("scenario_dates", {})
    as_of = dates.get(name) or (name if read_iso_date(name) else None)
    return _build(name, ListedRows(table, file_name), pack, reference=as_of, as_of=as_of)


def _date_list(rows: ListedRows, pack: RegionPack) -> str | None:
    """Return the date a planner's list speaks of: its own, else that of the region's default."""
    own = next((text for text in rows.frame["scenario"] if read_iso_date(text)), None)
    if own is not None:
        return str(own)
    default = str(pack.region.get("default_scenario", ""))
    dated = str(pack.region.get("scenario_dates", {}).get(default) or default)
    return dated if read_iso_date(dated) else None


def _load_file(pack: RegionPack, path: Path, max_bytes: int) -> Scenario:
    sheet = read_table(path, max_bytes=max_bytes)
    rows = ListedRows(take_columns(sheet.frame, path.name), path.name)
    if len(rows.frame) > MAX_SITES:
        raise TooLargeError(
            f"the list has {len(rows.frame)} service points; expected at most {MAX_SITES}",
            where=Place(path.name),
            how="Keep the points of one kind and one region.",
        )
    check_scenario_column(rows)
    scenario = _build(path.stem, rows, pack, reference=_date_list(rows, pack), path=path)
    return replace(
        scenario, warnings=(*sheet.warnings, *sheet.warn_unread(COLUMNS), *scenario.warnings)
    )


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
    told = [note.warn(rows.file_name) for note in notes]
    return Scenario(
        name,
        frame,
        (*find_markup(rows), *told, *borders),
        as_of,
        path,
        reference,
        notes,
        dict(zip(frame["id"], numbers, strict=True)),
    )


def _locate_one(site: pd.Series, locate: Locate, scenario: Scenario) -> Located:
    try:
        return locate([site["address"]], [_only_district(site["stated_districts"])])[0]
    except UnreadableAddressError as error:
        raise ColumnValueError(
            f"the address of site {quote(site['id'])} cannot be read: {error.what}",
            where=Place(scenario.path, column="address"),
            how="Mend the cell, or give lat and lon.",
        ) from error


def _only_district(stated: str) -> int | None:
    parts = [part for part in stated.split(";") if part]
    return int(parts[0]) if len(parts) == 1 else None


def _not_located(site: pd.Series, outcome: str, path: Path | None) -> CoordinateWarning:
    where = Place(path, column="address") if path else Place(column="address")
    return CoordinateWarning(
        f"site {quote(site['id'])} has no place: its address was {outcome} ({where})."
        " Give lat and lon, or a full address."
    )

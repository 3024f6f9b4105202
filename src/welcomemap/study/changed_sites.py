"""A changed list of service points: what moved, opened or closed, who gains by it and who loses.

A list is compared with a published one site by site, by their ids. What was in operation stays in
the list with the day on which it ended: a site that moved leaves its old row under a derived id
(``wp2026-08@2026-11-27``), one that closed keeps its own. Each change is measured alone, against
the list as it was, so that its figures are its own; all of them together are measured once more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from welcomemap.coverage.accessibility import read_accessibility
from welcomemap.coverage.change import SAME_PLACE_M, compare_scenarios
from welcomemap.coverage.reach import Interval
from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.crs import unproject
from welcomemap.dates import read_iso_date
from welcomemap.errors import (
    ColumnValueError,
    CoordinateWarning,
    DuplicateIdError,
    PackError,
    Place,
    RowMatchWarning,
    TableError,
    UnknownScenarioError,
    UnreadableAddressError,
    UnreadColumnWarning,
    WelcomemapWarning,
)
from welcomemap.geocoding.outcome import GIVEN, GeocodeResult, is_at_a_house
from welcomemap.region.areas import find_districts, place_in_districts
from welcomemap.region.disputes import address_key
from welcomemap.region.pack import list_resources
from welcomemap.region.scenario import (
    ListedRows,
    check_dates,
    close_invalid,
    load_list,
    locate_sites,
    take_columns,
)
from welcomemap.region.schemas import GROUPS, SERVING_STATUSES
from welcomemap.study.requests import DEFAULT_SEED, WALKABLE
from welcomemap.study.study import Study, read_own_list
from welcomemap.tabular import Sheet
from welcomemap.travel.impedance import Mode, Threshold

LAYER = "service_points"
PLACE_COLUMNS = ("lat", "lon", "location_outcome", "location_source", "error_radius_m", "district")
"""What is known of a place; it goes when the place does."""
NEVER_EMPTIED = ("name", "address", "source", "kind", "valid_from", "valid_to", *PLACE_COLUMNS)
"""An empty cell in one of these does not take back what the list knows."""
MAX_MEASURED = 60
"""Changes that are measured one by one; each takes about a second in a large town."""
SAME_POINT_M = 0.5
"""Coordinates nearer than this are the same, only written with fewer digits."""

Cells = Mapping[str, str]
Row = Mapping[str, Any]


class ChangeKind(StrEnum):
    """What became of a site."""

    ADDED = "added"
    MOVED = "moved"
    CLOSED = "closed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Effect:
    """People who come within reach by a change, and who fall out of it."""

    gained: float
    lost: float
    gained_interval: Interval
    lost_interval: Interval


@dataclass(frozen=True)
class SiteChange:
    """What became of one site.

    Attributes
    ----------
    before
        Its row as the list has it, ``None`` for a site that is added.
    after
        Its row as it is to be written.
    kept
        The row that stays for its old place, closed and under an id of its own.
    columns
        Those in which ``after`` differs from ``before``.
    last_day
        The last day on which it was in operation as before, ISO; ``None`` where it was not, or is
        still.
    is_serving
        Whether it is in operation after the change.
    is_located
        Whether its place is known after the change.
    effect
        ``None`` where nothing changed that reach depends on, or where there are more changes than
        are measured one by one.
    """

    kind: ChangeKind
    id: str
    before: Cells | None
    after: Cells
    kept: Cells | None = None
    columns: tuple[str, ...] = ()
    last_day: str | None = None
    is_serving: bool = True
    is_located: bool = True
    effect: Effect | None = None

    @property
    def address(self) -> str:
        """The address after the change, else the name, else the id."""
        return self.after["address"] or self.after["name"] or self.id


@dataclass(frozen=True)
class ListChange:
    """A published list beside a changed one.

    Attributes
    ----------
    scenario
        The published list.
    day
        ISO day of the change.
    layer_sha256
        Of the layer that was compared: only to that one the changes may be applied.
    unchanged
        Ids of sites that stay as they are.
    total
        The effect of all changes together; ``None`` where none changes what reach depends on.
    warnings
        What a person should know about the changed list.
    """

    scenario: str
    day: str
    threshold: Threshold
    mode: Mode
    layer_sha256: str
    changes: tuple[SiteChange, ...]
    unchanged: tuple[str, ...]
    total: Effect | None = None
    warnings: tuple[WelcomemapWarning, ...] = ()

    def list_ids(self, kind: ChangeKind) -> tuple[str, ...]:
        """Return the ids of the sites that changed in one way."""
        return tuple(change.id for change in self.changes if change.kind is kind)


def compare_list(study: Study, scenario: str, path: str | Path, *, day: dt.date) -> ListChange:
    """Compare a changed list with a published one.

    Sites are the same where their ids are; of a file without ids, see :func:`match_rows`. An
    address without coordinates is looked up in the pack's own addresses; one that is not found at a
    house leaves its site without place. Where the address has changed and the coordinates have not,
    those of the old one are set aside.

    Parameters
    ----------
    path
        CSV or XLSX with the columns of service points, the whole list.
    day
        From this day on the list is as the file has it.

    Raises
    ------
    UnknownScenarioError
        If the pack does not publish the scenario, or there is no such file.
    TableError, CoordinateError, TooLargeError
        If the file cannot be used, see :func:`welcomemap.region.scenario.load_list`.
    ColumnValueError, DuplicateIdError
        If the file is of another scenario, has an id of another one, or dates contradict the day.
    PackError
        If the pack does not record the sha256 of its list.
    """
    if scenario not in study.pack.scenarios:
        raise UnknownScenarioError(
            "the pack publishes no scenario {name!r}",
            name=scenario,
            scenarios=study.pack.scenarios,
            how="Known scenarios: {scenarios}.",
        )
    return _Comparison(study, scenario, Path(path), day).compare()


@dataclass(frozen=True)
class _Placed:
    """Where a site is after the change; ``is_same``: where the list has it already."""

    x: float
    y: float
    cells: Cells
    is_same: bool = False

    @property
    def is_known(self) -> bool:
        return bool(np.isfinite(self.x))


@dataclass(frozen=True)
class MatchedRows:
    """Which site each row is of.

    Attributes
    ----------
    ids
        Of each row, empty where it is of none.
    n_same
        Rows whose name and address are those of their site.
    by_name, by_address
        Names of those of which the one alone agrees.
    unclear
        Names of rows that may be of several sites, or share one with another row.
    """

    ids: tuple[str, ...]
    n_same: int
    by_name: tuple[str, ...]
    by_address: tuple[str, ...]
    unclear: tuple[str, ...]


def match_rows(
    given: Sequence[tuple[str, str]], held: Mapping[str, tuple[str, str]]
) -> MatchedRows:
    """Match rows of a list with sites: by name and address, else by name, else by address.

    Both sides have each name or address that matches once.

    Parameters
    ----------
    given
        Name and address of each row.
    held
        Name and address of each site, by its id.

    Examples
    --------
    >>> match_rows([("Haus", "Weg 2"), ("Hof", "Weg 5")], {"a": ("Haus", "Weg 1")}).ids
    ('a', '')
    """
    rows = [(name.casefold().strip(), address_key(address)) for name, address in given]
    sites = {key: (name.casefold().strip(), address_key(address))
             for key, (name, address) in held.items()}  # fmt: skip
    found: dict[int, str] = {}
    steps: list[tuple[str, ...]] = []
    unclear: set[int] = set()
    for parts in ((0, 1), (0,), (1,)):
        wanted: dict[tuple[str, ...], list[int]] = {}
        for number, row in enumerate(rows):
            key = tuple(row[part] for part in parts)
            if number not in found and all(key):
                wanted.setdefault(key, []).append(number)
        there: dict[tuple[str, ...], list[str]] = {}
        for site, cells in sites.items():
            if site not in found.values():
                there.setdefault(tuple(cells[part] for part in parts), []).append(site)
        matched = []
        for key, numbers in wanted.items():
            if len(numbers) == len(there.get(key, ())) == 1:
                found[numbers[0]] = there[key][0]
                matched.append(given[numbers[0]][0])
            elif key in there:
                unclear.update(numbers)
        steps.append(tuple(matched))
    return MatchedRows(
        tuple(found.get(number, "") for number in range(len(rows))),
        len(steps[0]), steps[1], steps[2],
        tuple(given[number][0] for number in sorted(unclear - found.keys())),
    )  # fmt: skip


def _refuse_unclear(found: MatchedRows, path: Path) -> None:
    if found.unclear:
        raise ColumnValueError(
            "the list has no column id, and these rows may be of several sites: {rows}",
            rows=found.unclear,
            where=Place(path, column="id"),
            how="Give the list with the column id; service_points.csv of the pack has it.",
        )


class _Comparison:
    """One comparison; what it is made of is read once."""

    def __init__(self, study: Study, scenario: str, path: Path, day: dt.date) -> None:
        self.study, self.pack, self.path, self.day = study, study.pack, path, day
        self.before = study.load_scenario(scenario)
        self.rows_before: dict[str, Row] = {
            str(row["id"]): row for row in _list_rows(self.before.frame)
        }
        listed = take_columns(self.pack.service_points, LAYER)
        own = listed[listed["scenario"] == scenario]
        self.held: dict[str, Cells] = {
            str(row["id"]): {column: str(text) for column, text in row.items()}
            for row in _list_rows(own)
        }
        self.taken = set(listed["id"])
        self.kinds = {str(cells["kind"]) for cells in self.held.values()}
        self.given = load_list(self.pack, path, read=self._read_file)
        self.warnings = list(self.given.warnings)

    def _read_file(self, path: Path) -> Sheet:
        """Read the file; rows without ids get those of the sites that they are of."""
        sheet = read_own_list(path)
        names = {name.strip().casefold(): name for name in sheet.frame.columns}
        if "id" in names:
            return sheet
        given = [
            tuple(
                str(row[names[key]]).strip() if key in names else "" for key in ("name", "address")
            )
            for row in _list_rows(sheet.frame)
        ]
        held = {one: (self.held[one]["name"], self.held[one]["address"])
                for one in self._list_running()}  # fmt: skip
        found = match_rows([(name or address, address) for name, address in given], held)
        _refuse_unclear(found, path)
        numbers = (f"site-{number}" for number in count(1))
        free = (key for key in numbers if key not in self.taken)
        is_blank = ~sheet.frame.apply(lambda column: column.str.strip() != "").any(axis=1)
        ids = [
            "" if blank else key or next(free)
            for key, blank in zip(found.ids, is_blank, strict=True)
        ]
        added = [name or address for key, (name, address) in zip(found.ids, given, strict=True)
                 if not key and (name or address)]  # fmt: skip
        told = RowMatchWarning(
            "the list has no column id: its rows are the sites of the list in force with the same "
            "name and address ({n_same}), else with the same name: {by_name}; else with the same "
            "address: {by_address}; new: {added}",
            n_same=found.n_same,
            by_name=found.by_name or ["–"],
            by_address=found.by_address or ["–"],
            added=added or ["–"],
            where=sheet.place(),
            how="Where that is wrong, add the column id; service_points.csv of the pack has it.",
        )
        return replace(sheet, frame=sheet.frame.assign(id=ids), warnings=(*sheet.warnings, told))

    def compare(self) -> ListChange:
        """Return the changes with their effects."""
        self._require_same_list()
        self.taken |= set(self.given.frame["id"])
        self.placed = self._place_sites()
        changes: dict[str, SiteChange] = {}
        after = dict(self.rows_before)
        for row in _list_rows(self.given.frame):
            name = str(row["id"])
            change = self._judge(row, self.placed[name])
            if change is not None:
                is_closed = change.kind is ChangeKind.CLOSED
                place = self._old_place(name) if is_closed else self.placed[name]
                changes[name], after[name] = change, self._make_row(change, place)
        for name in self._list_missing():
            old = self.held[name]
            changes[name] = self._close(name, {**old, "status": "closed"})
            after[name] = self._make_row(changes[name], self._old_place(name))
        ordered = [changes[name] for name in after if name in changes]
        self._warn_of_columns(ordered)
        return self._measure(ordered, after)

    def _require_same_list(self) -> None:
        """Refuse what is likely to be another list, or only a part of this one."""
        frame, name = self.given.frame, self.before.name
        for _, row in frame.iterrows():
            where = Place(self.path, self.given.rows[row["id"]])
            if row["scenario"] in set(self.pack.scenarios) - {name}:
                raise ColumnValueError(
                    "the rows are of the list {other}, and {scenario} is to be changed",
                    other=row["scenario"],
                    scenario=name,
                    where=replace(where, column="scenario"),
                    how="Give the list of {scenario}, or choose the other one with --scenario.",
                )
            if row["id"] in self.taken - set(self.held):
                raise DuplicateIdError(
                    "the id {site} stands in another list of the pack",
                    site=row["id"],
                    where=replace(where, column="id"),
                    how="Give the site an id of its own.",
                )
        running = self._list_running()
        missing = [site for site in running if site not in set(frame["id"])]
        if 2 * len(missing) > len(running):
            raise TableError(
                "{n_missing} of the {n_running} sites of the list {scenario} are missing: "
                "{missing}",
                n_missing=len(missing),
                n_running=len(running),
                scenario=name,
                missing=missing,
                where=Place(self.path, column="id"),
                how="Give the whole list, with the ids it has; of sites that have closed keep the "
                "rows, with the status closed.",
            )

    def _list_running(self) -> list[str]:
        return [site for site, row in self.rows_before.items() if row["status"] != "closed"]

    def _list_missing(self) -> list[str]:
        there = set(self.given.frame["id"])
        return [site for site in self._list_running() if site not in there]

    # --- places ---

    def _place_sites(self) -> dict[str, _Placed]:
        """Find where each site of the file is; addresses are looked up where nothing else says."""
        placed: dict[str, _Placed] = {}
        sought: list[str] = []
        for row in _list_rows(self.given.frame):
            name = str(row["id"])
            found = self._read_place(name, row)
            if found is None:
                sought.append(name)
            else:
                placed[name] = found
        frame = self.given.frame
        unplaced = frame[frame["id"].isin(sought)].reset_index(drop=True)
        unplaced[["x", "y"]] = np.nan
        unplaced[list(PLACE_COLUMNS[:-1])] = ""
        asked = replace(self.given, frame=unplaced, warnings=())
        located = locate_sites(self.pack, asked, self._locate_surely)
        self.warnings += located.warnings
        for row in _list_rows(located.frame):
            cells = {name: str(row[name]) for name in PLACE_COLUMNS[2:-1]}
            placed[str(row["id"])] = self._make_place(float(row["x"]), float(row["y"]), cells)
        return placed

    def _locate_surely(
        self, addresses: Sequence[str], districts: Sequence[int | None]
    ) -> list[GeocodeResult]:
        found = self.study.locate(addresses, districts)
        return [
            one if is_at_a_house(one)
            else replace(one, x=None, y=None, error_radius_m=None)
            for one in found
        ]  # fmt: skip

    def _read_place(self, name: str, row: Row) -> _Placed | None:
        """Return the place that file or list state; ``None`` where the address has to say it."""
        is_stated = bool(np.isfinite(row["x"]))
        if name not in self.held:
            return self._state_place(row, {}) if is_stated else None
        old, was = self.held[name], self._old_place(name)
        is_repeated = is_stated and self._is_old_point(name, row)
        if is_stated and not is_repeated:
            return self._state_place(row, old)
        if not _is_readdressed(old, row):
            return was
        if is_repeated:
            self.warnings.append(
                CoordinateWarning(
                    "site {site} has another address and the old coordinates; they were set aside "
                    "and the address was looked up",
                    site=name,
                    where=Place(self.path, self.given.rows[name], "lat"),
                    how="Give the new coordinates, or leave lat and lon empty.",
                )
            )
        return None

    def _is_old_point(self, name: str, row: Row) -> bool:
        """Tell whether a row states the coordinates of where the site is, or was, by the list.

        A file that was changed last year in its addresses alone, and is given again, still has
        the coordinates of before.
        """
        new = address_key(str(row["address"]))
        old = [one for one in self._list_earlier(name) if address_key(one["address"]) != new]
        places = [self._old_place(one["id"]) for one in (self.held[name], *old)]
        return any(
            bool(np.hypot(row["x"] - place.x, row["y"] - place.y) < SAME_POINT_M)
            for place in places
        )

    def _list_earlier(self, name: str) -> list[Cells]:
        """Return the rows that stayed for earlier places of a site."""
        return [cells for site, cells in self.held.items() if site.startswith(f"{name}@")]

    def _state_place(self, row: Row, old: Cells) -> _Placed:
        """Return the place at the coordinates of a row; what was known of another one is gone."""
        stated = {name: str(row[name]) for name in PLACE_COLUMNS[2:-1]}
        cells = {name: "" if text == old.get(name) else text for name, text in stated.items()}
        cells["location_outcome"] = cells["location_outcome"] or GIVEN
        return self._make_place(float(row["x"]), float(row["y"]), cells)

    def _make_place(self, x: float, y: float, cells: Cells) -> _Placed:
        if not np.isfinite(x):
            return _Placed(x, y, {**cells, "lat": "", "lon": "", "district": ""})
        lat, lon = unproject(np.array([[x, y]]), crs=self.pack.crs)
        district = int(find_districts(self.pack, np.array([[x, y]])).district[0])
        where = {"lat": f"{lat[0]:.7f}", "lon": f"{lon[0]:.7f}"}
        return _Placed(x, y, {**cells, **where, "district": str(district) if district >= 0 else ""})

    def _old_place(self, name: str) -> _Placed:
        row, old = self.rows_before[name], self.held[name]
        cells = {column: old[column] for column in PLACE_COLUMNS}
        return _Placed(float(row["x"]), float(row["y"]), cells, is_same=True)

    def _is_moved(self, name: str, row: Row, place: _Placed) -> bool:
        """Tell whether a site is somewhere else, and not only written otherwise."""
        if place.is_same:
            return False
        was, is_readdressed = self._old_place(name), _is_readdressed(self.held[name], row)
        if not (was.is_known and place.is_known):
            return is_readdressed
        if np.hypot(place.x - was.x, place.y - was.y) > SAME_PLACE_M:
            return True
        addresses = (self.held[name]["address"], str(row["address"]))
        return is_readdressed and not self._is_one_house(*addresses)

    def _is_one_house(self, first: str, second: str) -> bool:
        try:
            found = self.study.locate([first, second], [None, None])
        except UnreadableAddressError:
            return False
        matched = {one.matched if is_at_a_house(one) else None for one in found}
        return len(matched) == 1 and None not in matched

    # --- rows ---

    def _judge(self, row: Row, place: _Placed) -> SiteChange | None:
        """Tell what became of a site of the file; ``None`` where nothing did."""
        name = str(row["id"])
        if name not in self.held:
            return self._add(row, place)
        old, was = self.held[name], str(self.rows_before[name]["status"])
        is_moved = self._is_moved(name, row, place)
        if not place.is_same and not is_moved and self._is_only_respelled(name, row):
            place = self.placed[name] = self._old_place(name)
        cells = {**self._merge(row, old), **place.cells}
        is_reopened = old["status"].casefold() == "closed" and cells["status"] in SERVING_STATUSES
        if is_reopened and row["valid_to"] in ("", old["valid_to"]):
            cells["valid_to"] = ""
        now = self._judge_status(cells)
        if now == "closed" and was != "closed":
            return self._close(name, cells | {"status": "closed"})
        if now == was == "closed":
            # Where it was while it was open is history, and no list of today changes that.
            place = self.placed[name] = self._old_place(name)
            cells |= {"address": old["address"], **place.cells}
        if is_moved and was in SERVING_STATUSES:
            return self._move(name, cells, place)
        if was == "closed" and now in SERVING_STATUSES:
            return self._reopen(name, cells, place)
        if now in SERVING_STATUSES and was not in SERVING_STATUSES and not cells["valid_from"]:
            cells["valid_from"] = self.day.isoformat()
        columns = _list_differences(old, cells)
        if not columns and now == was:
            return None
        self._check_dates(cells)
        return SiteChange(
            ChangeKind.CHANGED, name, old, cells, columns=columns,
            is_serving=now in SERVING_STATUSES, is_located=place.is_known,
        )  # fmt: skip

    def _is_only_respelled(self, name: str, row: Row) -> bool:
        """Tell whether the file writes the address otherwise and states no place of its own."""
        is_stated = bool(np.isfinite(float(row["x"])))
        was = self._old_place(name)
        return was.is_known and (
            not is_stated
            or np.hypot(float(row["x"]) - was.x, float(row["y"]) - was.y) < SAME_POINT_M
        )

    def _merge(self, row: Row, old: Cells) -> dict[str, str]:
        """Return a row of the list with what the file says of it, its place apart."""
        cells = dict(old)
        was = self.rows_before[str(row["id"])]
        starts = {one["valid_from"] for one in self._list_earlier(str(row["id"]))}
        for column in self.given.columns - {"scenario", *PLACE_COLUMNS}:
            text = str(row[column])
            is_kept = not text and column in NEVER_EMPTIED
            is_kept |= column == "valid_from" and text in starts
            is_same = column == "stated_districts" and text == was[column]
            is_same |= column == "status" and text == old[column].casefold()
            if not (is_kept or is_same):
                cells[column] = text
        return cells

    def _judge_status(self, cells: Cells) -> str:
        """Return the status on the day of the change; what the dates say against it is told."""
        row = self.given.rows.get(cells["id"])
        table = pd.DataFrame([{**cells, "status": cells["status"].casefold()}])
        judged, notes = close_invalid(table, read_iso_date(self.day.isoformat()), [row])
        self.warnings += [note.warn(self.path.name) for note in notes]
        return str(judged["status"].iloc[0])

    def _check_dates(self, *rows: Cells) -> None:
        for cells in rows:
            number = self.given.rows.get(cells["id"], 0)
            check_dates(ListedRows(pd.DataFrame([cells], index=[number]), self.path.name))

    def _add(self, row: Row, place: _Placed) -> SiteChange:
        columns = next(iter(self.held.values()), row)
        cells = {column: str(row.get(column, "")) for column in columns}
        cells.update(place.cells)
        cells["scenario"] = self.before.name
        if not cells["kind"] and len(self.kinds) == 1:
            cells["kind"] = next(iter(self.kinds))
        is_serving = cells["status"] in SERVING_STATUSES
        if is_serving and not cells["valid_from"]:
            cells["valid_from"] = self.day.isoformat()
        is_serving = self._judge_status(cells) in SERVING_STATUSES
        return SiteChange(
            ChangeKind.ADDED, cells["id"], None, cells,
            is_serving=is_serving, is_located=place.is_known,
        )  # fmt: skip

    def _move(self, name: str, cells: dict[str, str], place: _Placed) -> SiteChange:
        old = self.held[name]
        start = self.day
        if cells["valid_from"] in ("", old["valid_from"]):
            cells["valid_from"] = self.day.isoformat()
        stated = read_iso_date(cells["valid_from"])
        if stated is not None and stated.first > self.day:
            raise ColumnValueError(
                "site {site} has the address at which it opens on {start} only",
                site=name,
                start=cells["valid_from"],
                where=Place(self.path, self.given.rows[name], "valid_from"),
                how="Leave its row as it is until then, and give the list again on that day.",
            )
        if stated is not None and stated.is_day:
            start = stated.first
        is_serving = self._judge_status(cells) in SERVING_STATUSES
        kept = self._keep(old, start)
        self._check_dates(cells)
        return SiteChange(
            ChangeKind.MOVED, name, old, cells, kept, _list_differences(old, cells),
            None if kept is None else kept["valid_to"], is_serving, place.is_known,
        )  # fmt: skip

    def _reopen(self, name: str, cells: dict[str, str], place: _Placed) -> SiteChange:
        """Open a site again that was closed; the time it was open before stays on record."""
        old = self.held[name]
        if cells["valid_from"] in ("", old["valid_from"]):
            cells["valid_from"] = self.day.isoformat()
        kept = {**old, "id": self._derive_id(name, self.day), "status": "closed"}
        self._check_dates(cells)
        return SiteChange(
            ChangeKind.CHANGED, name, old, cells, kept, _list_differences(old, cells),
            is_located=place.is_known,
        )  # fmt: skip

    def _keep(self, old: Cells, start: dt.date) -> Cells | None:
        """Return the row of the old place; ``None`` where it was not in operation a single day."""
        last = start - dt.timedelta(days=1)
        if not _is_before(old["valid_from"], last):
            return None
        stated = read_iso_date(old["valid_to"])
        end = old["valid_to"] if stated and stated.last < last else last.isoformat()
        name = self._derive_id(old["id"], start)
        return {**old, "id": name, "status": "closed", "valid_to": end}

    def _derive_id(self, name: str, start: dt.date) -> str:
        derived, number = f"{name}@{start.isoformat()}", 1
        while derived in self.taken:
            number += 1
            derived = f"{name}@{start.isoformat()}-{number}"
        self.taken.add(derived)
        return derived

    def _close(self, name: str, cells: Cells) -> SiteChange:
        """Date a row that is closed now: its place stays as the list has it."""
        old = self.held[name]
        last = self.day - dt.timedelta(days=1)
        closed = {**cells, "address": old["address"], **self._old_place(name).cells}
        was_serving = self.rows_before[name]["status"] in SERVING_STATUSES
        is_dated = name in self.given.rows and cells["valid_to"] != old["valid_to"]
        stated = read_iso_date(closed["valid_to"])
        if was_serving and not is_dated and (stated is None or stated.last > last):
            first = read_iso_date(old["valid_from"])
            is_of_today = first is not None and first.is_day and first.first == self.day
            end = self.day if is_of_today else last
            closed["valid_to"] = end.isoformat() if _is_before(old["valid_from"], end) else ""
        self._check_dates(closed)
        place = self._old_place(name)
        return SiteChange(
            ChangeKind.CLOSED, name, old, closed, None, _list_differences(old, closed),
            closed["valid_to"] or None if was_serving else None,
            is_serving=False, is_located=place.is_known,
        )  # fmt: skip

    def _warn_of_columns(self, changes: Sequence[SiteChange]) -> None:
        """Say what of the file the pack's list has no column for."""
        columns = {name.strip().casefold() for name in self.pack.service_points.columns}
        lost = [
            name for name in sorted(self.given.columns - columns - set(PLACE_COLUMNS))
            if any(change.after.get(name) for change in changes)
        ]  # fmt: skip
        if lost:
            self.warnings.append(
                UnreadColumnWarning(
                    "the list of the pack has no column for this, so it is not written: {columns}",
                    columns=lost,
                    where=Place(self.path),
                    how="Add the columns to the pack's list, seal it, and give the file again.",
                )
            )

    # --- effects ---

    def _make_row(self, change: SiteChange, place: _Placed) -> Row:
        """Return a row for a scenario: text, metres, and the status on the day of the change."""
        blank = dict.fromkeys(self.before.frame.columns, "")
        status = change.after["status"].casefold()
        if not change.is_serving and status in SERVING_STATUSES:
            status = "planned"
        return {**blank, **change.after, "status": status, "x": place.x, "y": place.y}

    def _measure(self, changes: Sequence[SiteChange], after: Mapping[str, Row]) -> ListChange:
        counted = [change for change in changes if self._affects_reach(change, after[change.id])]
        measured: dict[str, Effect] = {}
        if len(counted) <= MAX_MEASURED:
            for change in counted:
                rows: dict[str, Row] = {**self.rows_before, change.id: after[change.id]}
                measured[change.id] = self._compare(rows)
        total = measured.get(counted[0].id) if len(counted) == 1 else None
        if counted and total is None:
            total = self._compare(after)
        told = dict.fromkeys(map(str, self.warnings))
        by_text = {str(warning): warning for warning in self.warnings}
        return ListChange(
            scenario=self.before.name,
            day=self.day.isoformat(),
            threshold=WALKABLE,
            mode="walk",
            layer_sha256=self._find_sha256(),
            changes=tuple(replace(c, effect=measured.get(c.id)) for c in changes),
            unchanged=tuple(n for n in self.held if n not in {c.id for c in changes}),
            total=total,
            warnings=tuple(by_text[text] for text in told),
        )

    def _affects_reach(self, change: SiteChange, row: Row) -> bool:
        was = self.rows_before.get(change.id)
        was_serving = was is not None and was["status"] in SERVING_STATUSES
        if was is None or was_serving != change.is_serving:
            return change.is_located and (was_serving or change.is_serving)
        places = [float(one[axis]) for one in (was, row) for axis in ("x", "y")]
        return change.is_serving and not np.array_equal(places[:2], places[2:], equal_nan=True)

    def _compare(self, rows: Mapping[str, Row]) -> Effect:
        frame, _ = place_in_districts(pd.DataFrame(list(rows.values())), self.pack)
        later = read_accessibility(
            self.pack,
            replace(self.before, frame=frame),
            self.study.impedance("walk", WALKABLE.unit),
            demand=self.study.demand,
        )
        found = compare_scenarios(
            self.study.read_accessibility(self.before.name, "walk", WALKABLE.unit),
            later,
            [WALKABLE],
            GROUPS[:1],
            kinds=("city",),
            model=UncertaintyModel(seed=DEFAULT_SEED),
        )
        row = found.rows[0]
        return Effect(row.gained, row.lost, row.gained_interval, row.lost_interval)

    def _find_sha256(self) -> str:
        known = {layer.name: layer.sha256 for layer in list_resources(self.pack.manifest)}
        sha256 = known[LAYER]
        if sha256 is None:
            raise PackError(
                "the manifest records no sha256 of the list of service points",
                where=Place(self.pack.layer_path(LAYER)),
                how="Record it with: welcomemap data seal.",
            )
        return sha256


def _list_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _is_readdressed(old: Cells, row: Row) -> bool:
    new = address_key(str(row["address"]))
    return new != "" and new != address_key(old["address"])


def _is_before(start: str, day: dt.date) -> bool:
    """Tell whether a site had begun by a day; an unknown beginning lies before every day."""
    first = read_iso_date(start)
    return first is None or first.first <= day


def _list_differences(old: Cells, new: Cells) -> tuple[str, ...]:
    return tuple(column for column in new if new[column] != old.get(column, ""))

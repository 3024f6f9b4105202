"""From an address to the service points near it, nearest first."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import opening_hours as osm_hours
import pandas as pd

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import number_in_cell
from welcomemap.dates import read_iso_date
from welcomemap.errors import (
    ColumnValueError,
    OpeningHoursWarning,
    Place,
    UnreadableAddressError,
)
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.region.areas import find_districts
from welcomemap.region.disputes import Dispute, OtherReading, find_disputes
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import RowNote, Scenario, close_invalid
from welcomemap.region.schemas import SERVING_STATUSES
from welcomemap.travel.impedance import BASIS_NAMES, Assumption, CostMatrix, Impedance, Mode, Unit

MAX_AGE = timedelta(days=2 * 365)
"""Hours that were reported longer ago than this are shown with their date, never judged."""


@dataclass(frozen=True)
class Hours:
    """Opening hours as stated, and when they were stated (``None``: with the list itself)."""

    text: str
    as_of: date | None = None


def read_hours(text: str, as_of: str = "") -> Hours | None:
    """Read a cell of ``opening_hours``; empty means that none are stated.

    Parameters
    ----------
    text
        ``Mo-Fr 09:00-17:00; Sa 10:00-14:00`` (https://wiki.openstreetmap.org/wiki/Key:opening_hours).
    as_of
        ISO date, month or year of the statement; empty where it stands in a current list.

    Raises
    ------
    ColumnValueError
        If the text is not in that syntax.
    """
    if not text.strip():
        return None
    if not osm_hours.validate(text):
        raise ColumnValueError(
            "opening hours {text!r} are not understood",
            text=text,
            where=Place(column="opening_hours"),
            how="Write them like Mo-Fr 09:00-17:00; Sa 10:00-14:00.",
        )
    return Hours(text.strip(), _read_date(as_of))


def is_open(hours: Hours | None, moment: datetime, timezone: str) -> bool | None:
    """Tell whether the hours include a moment; ``None`` where nobody can know.

    Nobody can know it where no hours are stated, or where the statement is older than
    :data:`MAX_AGE`. Public holidays are not considered.

    Parameters
    ----------
    moment
        A time with zone.
    timezone
        Zone of the region, such as ``Europe/Berlin``.
    """
    local = moment.astimezone(ZoneInfo(timezone))
    if hours is None or (hours.as_of is not None and local.date() - hours.as_of > MAX_AGE):
        return None
    return bool(osm_hours.OpeningHours(hours.text).is_open(local.replace(tzinfo=None)))


def _read_date(text: str) -> date | None:
    if not text.strip():
        return None
    read = read_iso_date(text.strip())
    if read is None:
        raise ColumnValueError(
            "date {text!r} is not understood",
            text=text,
            where=Place(column="opening_hours_as_of"),
            how="Write it as 2026, 2026-11 or 2026-11-22.",
        )
    return read.first


Locate = Callable[[Sequence[str], Sequence[int | None]], Sequence[GeocodeResult]]
NOWHERE = (Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND, Outcome.STREET)


@dataclass(frozen=True)
class Reported:
    """What dated reports say of one service point.

    Attributes
    ----------
    reports
        Those that contradict the list, the latest last.
    moved_to
        Address to which it has moved by the latest of them, as the report has it.
    place
        Where that is; ``None`` where nobody knows, or where it has not moved.
    """

    reports: tuple[Dispute, ...] = ()
    moved_to: str | None = None
    place: GeocodeResult | None = None


def read_reports(
    pack: RegionPack, scenario: Scenario, day: date, locate: Locate
) -> Mapping[str, Reported]:
    """Return what is reported up to a day, by the ids of the sites that a report speaks of.

    Later reports than the list's own date count too: who asks on that day wants to go there.
    """
    told: dict[str, list[Dispute]] = {}
    for dispute in find_disputes(pack, scenario, until=day.isoformat()):
        for site in dispute.site_ids:
            told.setdefault(site, []).append(dispute)
    return {site: _sum_up(reports, locate) for site, reports in told.items()}


def _sum_up(reports: Sequence[Dispute], locate: Locate) -> Reported:
    ordered = tuple(sorted(reports, key=lambda report: report.date))
    last = ordered[-1]
    if last.reading is not OtherReading.MOVED:
        return Reported(ordered)
    return Reported(ordered, last.address, _find(last, locate))


def _find(report: Dispute, locate: Locate) -> GeocodeResult | None:
    """Locate the new address, with the old district as a hint only where it takes one."""
    for district in (None, *report.districts):
        try:
            found = locate([report.address], [district])[0]
        except UnreadableAddressError:
            return None
        if found.is_located and found.outcome not in NOWHERE:
            return found
    return None


@dataclass(frozen=True, repr=False)
class NearbySite(Brief):
    """A service point as seen from an address.

    Attributes
    ----------
    distance_m, interval_m
        Way to the site in metres, estimate and interval; ``None`` for public transport.
    duration_min, interval_min
        The same in minutes. The intervals include the uncertainty of the address.
    basis
        ``streets``, ``estimate`` or ``mixed``.
    is_open_now
        ``None`` where nobody can know, see :func:`welcomemap.study.nearest.is_open`, or
        where reports contradict the list.
    reported
        What dated reports say against the list. Where they say that the site has moved, and the new
        address could be located, then place, district and way are those of the new address.
    known_within_m
        Radius in metres that holds the place, where only the street is known; else ``None``.
    """

    id: str
    name: str
    operator: str
    address: str
    x: float
    y: float
    district: int | None
    stated_districts: str
    status: str
    distance_m: float | None
    interval_m: tuple[float, float] | None
    duration_min: float
    interval_min: tuple[float, float]
    basis: str
    is_open_now: bool | None
    valid_from: str | None
    valid_to: str | None
    facts: Mapping[str, str] = field(default_factory=dict)
    reported: Reported = field(default_factory=Reported)
    known_within_m: float | None = None

    @property
    def is_disputed(self) -> bool:
        """Tell whether the list or a dated report doubts that the site is where the list has it."""
        return self.status == "disputed" or bool(self.reported.reports)

    @property
    def address_to_go_to(self) -> str:
        """The address where the site is by the latest word on it."""
        return self.reported.moved_to or self.address

    @property
    def is_way_to_old_place(self) -> bool:
        """Tell whether it has moved and the new place is not known: the way is to the old one."""
        return self.reported.moved_to is not None and self.reported.place is None


FACTS = ("phone", "url", "opening_hours", "opening_hours_as_of", "languages", "note", "source")
"""Columns of a service point that are passed on as they stand."""


@dataclass(frozen=True, repr=False)
class LocatorAnswer(Brief):
    """What became of the address, and the sites near it, nearest first (maybe none).

    ``assumptions`` say what the times assume beyond the data, such as speeds. ``without_place`` are
    open or disputed sites of the list whose place nobody knows, by name; their ``x`` and ``y`` are
    NaN, and their ways infinite.
    """

    address: GeocodeResult
    scenario: str
    mode: Mode
    sites: tuple[NearbySite, ...]
    assumptions: tuple[Assumption, ...] = ()
    list_notes: tuple[RowNote, ...] = ()
    without_place: tuple[NearbySite, ...] = ()


UNSURE_OUTCOMES = (Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND)


def rank_sites(
    pack: RegionPack,
    addresses: Sequence[GeocodeResult],
    scenario: Scenario,
    mode: Mode,
    now: datetime,
    *,
    impedance: Callable[[Mode, Unit], Impedance],
    locate: Locate,
    limit: int | None = None,
) -> list[LocatorAnswer]:
    """Rank the located, open or disputed points of a scenario around located addresses.

    One that has moved by a dated report is measured where it has moved to, if that is known.

    Parameters
    ----------
    addresses
        Each with a place.
    impedance
        The region's travel cost by mode and unit.
    locate
        Looks up the addresses that reports name.
    limit
        So many sites of each address at most; all that can be reached if ``None``.
    """
    day = now.astimezone(ZoneInfo(str(pack.region.get("timezone", "UTC")))).date()
    scenario = _close_by(scenario, day)
    reported = read_reports(pack, scenario, day, locate)
    frame = _place_moved(scenario.frame, reported, pack)
    serving = frame[frame["status"].isin(SERVING_STATUSES)].sort_values("id", kind="stable")
    rows = serving[serving["x"].notna()].reset_index(drop=True)
    unplaced = tuple(
        _describe(row, pack, now, reported.get(str(row["id"]), Reported()))
        for row in serving[serving["x"].isna()].sort_values("name").to_dict("records")
    )
    if rows.empty:
        return [
            LocatorAnswer(it, scenario.name, mode, (), (), scenario.notes, unplaced)
            for it in addresses
        ]
    origins = np.array([[it.x, it.y] for it in addresses], dtype=np.float64).reshape(-1, 2)
    ends = rows[["x", "y"]].to_numpy(dtype=np.float64)
    minutes = impedance(mode, "min").cost_matrix(origins, ends)
    metres = None if mode == "transit" else impedance(mode, "m").cost_matrix(origins, ends)
    sites = [
        _describe(row, pack, now, reported.get(str(row["id"]), Reported()))
        for row in rows.to_dict("records")
    ]
    answers = []
    for i, address in enumerate(addresses):
        order = [int(j) for j in np.argsort(minutes.cost[i], kind="stable")[:limit]]
        near = tuple(
            replace(sites[j], **_measure_way(address, sites[j], minutes, metres, (i, j)))
            for j in order
            if math.isfinite(minutes.cost[i, j])
        )
        answer = LocatorAnswer(address, scenario.name, mode, near, minutes.assumptions)
        answers.append(replace(answer, list_notes=scenario.notes, without_place=unplaced))
    return answers


def _measure_way(
    address: GeocodeResult,
    site: NearbySite,
    minutes: CostMatrix,
    metres: CostMatrix | None,
    at: tuple[int, int],
) -> dict[str, Any]:
    """Return the way from an address to a site, its intervals widened by how both are known.

    The way to a site of which only the street is known ends nobody knows where: it is no measured
    one, whatever streets lead there.
    """
    places = (address, site.reported.place)
    radius_m = sum(place.error_radius_m or 0.0 for place in places if place)
    radius_m += site.known_within_m or 0.0
    distance_m = 0.0 if metres is None else float(metres.cost[at])
    slack = radius_m / distance_m if distance_m else 0.0

    def widen(matrix: CostMatrix) -> tuple[float, float]:
        by = slack * matrix.cost[at]
        return max(0.0, float(matrix.lower[at]) - by), float(matrix.upper[at]) + by

    return {
        "distance_m": None if metres is None else distance_m,
        "interval_m": None if metres is None else widen(metres),
        "duration_min": float(minutes.cost[at]),
        "interval_min": widen(minutes),
        "basis": BASIS_NAMES[int(minutes.basis[at])] if site.known_within_m is None else "estimate",
    }


def _close_by(scenario: Scenario, day: date) -> Scenario:
    """Return a list of the present with what is closed on a day by its own dates.

    A list that speaks of another time than the day stays as it is.
    """
    period = read_iso_date(scenario.reference or "")
    if period is None or not period.first <= day <= period.last:
        return scenario
    numbers = [scenario.rows.get(str(name)) for name in scenario.frame["id"]]
    frame, notes = close_invalid(scenario.frame, read_iso_date(day.isoformat()), numbers)
    return replace(scenario, frame=frame, notes=(*scenario.notes, *notes))


def _place_moved(
    frame: pd.DataFrame, reported: Mapping[str, Reported], pack: RegionPack
) -> pd.DataFrame:
    """Return the sites of a list with those that have moved where they have moved to."""
    moved = {site: told.place for site, told in reported.items() if told.place is not None}
    rows = frame["id"].isin(moved)
    if not rows.any():
        return frame
    places = [moved[site] for site in frame.loc[rows, "id"]]
    points = np.array([[place.x, place.y] for place in places], dtype=np.float64)
    placed = frame.copy()
    placed.loc[rows, ["x", "y"]] = points
    placed.loc[rows, "district"] = find_districts(pack, points).district
    return placed


def _describe(
    row: Mapping[Hashable, Any], pack: RegionPack, now: datetime, reported: Reported
) -> NearbySite:
    """Return a site without the way to it."""
    cells = {str(name): _text(value) for name, value in row.items()}
    hours = _read_hours(cells)
    is_street = cells.get("location_outcome") == Outcome.STREET and reported.place is None
    radius_m = number_in_cell(row.get("error_radius_m"))
    return NearbySite(
        id=cells["id"],
        name=cells["name"],
        operator=cells["operator"],
        address=cells["address"],
        x=float(row["x"]),
        y=float(row["y"]),
        district=None if int(row["district"]) < 0 else int(row["district"]),
        stated_districts=cells["stated_districts"],
        status=cells["status"],
        distance_m=None,
        interval_m=None,
        duration_min=math.inf,
        interval_min=(math.inf, math.inf),
        basis="",
        is_open_now=None
        if reported.reports
        else is_open(hours, now, str(pack.region.get("timezone", "UTC"))),
        valid_from=cells["valid_from"] or None,
        valid_to=cells["valid_to"] or None,
        facts={name: cells.get(name, "") for name in FACTS},
        reported=reported,
        known_within_m=radius_m if is_street else None,
    )


def _read_hours(cells: Mapping[str, str]) -> Hours | None:
    """Read a site's hours; hours nobody understands must not keep people from the other sites."""
    try:
        return read_hours(cells.get("opening_hours", ""), cells.get("opening_hours_as_of", ""))
    except ColumnValueError as error:
        warnings.warn(
            OpeningHoursWarning(
                "site {site}: {error}",
                site=cells["id"],
                error=error,
                where=Place(column=error.where.column if error.where else None),
                mend=error.mend,
                how="{mend} Whether it is open now is not said.",
            ),
            stacklevel=2,
        )
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

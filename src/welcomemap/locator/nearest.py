"""From an address to the service points near it, nearest first."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from welcomemap.dates import read_iso_date
from welcomemap.errors import ColumnValueError, OpeningHoursWarning, Place, quote
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.lists import locate_addresses
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.locator.answer import FACTS, LocatorAnswer, NearbySite
from welcomemap.locator.opening_hours import Hours, is_open, read_hours
from welcomemap.locator.reported import Reported, read_reports
from welcomemap.pack.districts import find_districts
from welcomemap.pack.load import RegionPack
from welcomemap.pack.row_notes import close_invalid
from welcomemap.pack.scenario import Scenario, load_scenario
from welcomemap.tables import SERVING_STATUSES
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import BASIS_NAMES, Impedance, Mode, Unit

UNSURE_OUTCOMES = (Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND)


@dataclass(frozen=True)
class Locator:
    """Answers residents from one region pack; keep it, opening one reads the addresses."""

    pack: RegionPack

    @cached_property
    def geocoder(self) -> Geocoder:
        """Geocoder over the pack's own addresses; it asks no service."""
        return Geocoder(Gazetteer.from_pack(self.pack))

    @cached_property
    def _opened(self) -> dict[tuple[str, str], Any]:
        return {}

    @cached_property
    def _scenarios(self) -> dict[str, Scenario]:
        return {}

    @cached_property
    def example_address(self) -> str:
        """An address of the region that people may take as a pattern."""
        rows = self.pack.addresses
        good = rows[(rows["location_quality"] == "point") & (rows["house_number"] != "")]
        row = good.iloc[len(good) // 2]
        return f"{row['street']} {row['house_number']}"

    def warm_up(self) -> None:
        """Read what the first visitor would otherwise wait for."""
        self.geocoder.suggest("a", limit=1)
        units: tuple[Unit, ...] = ("m", "min")
        for unit in units:
            self.impedance("walk", unit)

    def impedance(self, mode: Mode, unit: Unit) -> Impedance:
        """Return the pack's travel cost for a mode, made once."""
        key = (mode, unit)
        if key not in self._opened:
            self._opened[key] = make_impedance(self.pack, mode, unit)
        impedance: Impedance = self._opened[key]
        return impedance

    def open_scenario(self, name: str) -> Scenario:
        """Return a list of service points; published ones are read once, a file every time."""
        if name in self._scenarios:
            return self._scenarios[name]
        scenario = load_scenario(self.pack, name, locate=self._locate)
        if name in self.pack.scenarios:
            self._scenarios[name] = scenario
        else:
            for warning in scenario.warnings:
                warnings.warn(warning, stacklevel=2)
        return scenario

    def _locate(
        self, addresses: Sequence[str], districts: Sequence[int | None]
    ) -> list[GeocodeResult]:
        return locate_addresses(self.geocoder, addresses, districts)

    def find(
        self,
        text: str,
        *,
        mode: Mode = "walk",
        scenario: str | None = None,
        now: datetime | None = None,
    ) -> LocatorAnswer:
        """Geocode an address and rank the service points of a scenario by the way to them.

        An address that is unclear, unknown or in another town gets no sites.

        Parameters
        ----------
        scenario
            Name or file of a list of service points; default is the region's own default.
        now
            Moment for ``is_open_now``, default the present.

        Raises
        ------
        UnknownScenarioError, TableError
            If the list cannot be used.
        """
        chosen = self.open_scenario(scenario or str(self.pack.region["default_scenario"]))
        address = self.geocoder.geocode(text)
        if not address.is_located or address.outcome in UNSURE_OUTCOMES:
            return LocatorAnswer(address, chosen.name, mode, (), None, chosen.notes)
        return self.rank(address, chosen, mode, now or datetime.now(UTC))

    def rank(
        self, address: GeocodeResult, scenario: Scenario, mode: Mode, now: datetime
    ) -> LocatorAnswer:
        """Rank the located, open or disputed points of a scenario around a located address.

        One that has moved by a dated report is measured where it has moved to, if that is known.
        """
        day = now.astimezone(ZoneInfo(str(self.pack.region.get("timezone", "UTC")))).date()
        scenario = _close_by(scenario, day)
        reported = read_reports(self.pack, scenario, day, self._locate)
        frame = _place_moved(scenario.frame, reported, self.pack)
        serves = frame["status"].isin(SERVING_STATUSES) & frame["x"].notna()
        rows = frame[serves].reset_index(drop=True)
        if rows.empty:
            return LocatorAnswer(address, scenario.name, mode, (), None, scenario.notes)
        origin = np.array([[address.x, address.y]], dtype=np.float64)
        ends = rows[["x", "y"]].to_numpy(dtype=np.float64)
        minutes = self.impedance(mode, "min").cost_matrix(origin, ends)
        metres = None if mode == "transit" else self.impedance(mode, "m").cost_matrix(origin, ends)
        sites = []
        for j, row in rows.iterrows():
            number = int(str(j))
            if not math.isfinite(minutes.cost[0, number]):
                continue
            told = reported.get(str(row["id"]), Reported())
            radius_m = sum(place.error_radius_m or 0.0 for place in (address, told.place) if place)
            slack = _slack_share(radius_m, metres.cost[0, number] if metres is not None else None)
            sites.append(
                _describe(
                    row,
                    self.pack,
                    now,
                    told,
                    distance_m=None if metres is None else float(metres.cost[0, number]),
                    interval_m=None
                    if metres is None
                    else _widen(
                        metres.lower[0, number],
                        metres.upper[0, number],
                        slack * metres.cost[0, number],
                    ),
                    duration_min=float(minutes.cost[0, number]),
                    interval_min=_widen(
                        minutes.lower[0, number],
                        minutes.upper[0, number],
                        slack * minutes.cost[0, number],
                    ),
                    basis=BASIS_NAMES[int(minutes.basis[0, number])],
                )
            )
        sites.sort(key=lambda site: (site.duration_min, site.id))
        return LocatorAnswer(
            address, scenario.name, mode, tuple(sites), minutes.assumptions, scenario.notes
        )


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


def _slack_share(radius_m: float, distance_m: float | None) -> float:
    """Return the share of the way by which an address's error radius may change it."""
    if not distance_m:
        return 0.0
    return radius_m / distance_m


def _widen(lower: float, upper: float, by: float) -> tuple[float, float]:
    return max(0.0, float(lower) - by), float(upper) + by


def _describe(
    row: pd.Series[Any],
    pack: RegionPack,
    now: datetime,
    reported: Reported,
    *,
    distance_m: float | None,
    interval_m: tuple[float, float] | None,
    duration_min: float,
    interval_min: tuple[float, float],
    basis: str,
) -> NearbySite:
    cells = {str(name): _text(value) for name, value in row.items()}
    hours = _read_hours(cells)
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
        distance_m=distance_m,
        interval_m=interval_m,
        duration_min=duration_min,
        interval_min=interval_min,
        basis=basis,
        is_open_now=None
        if reported.reports
        else is_open(hours, now, str(pack.region.get("timezone", "UTC"))),
        valid_from=cells["valid_from"] or None,
        valid_to=cells["valid_to"] or None,
        facts={name: cells.get(name, "") for name in FACTS},
        reported=reported,
    )


def _read_hours(cells: Mapping[str, str]) -> Hours | None:
    """Read a site's hours; hours nobody understands must not keep people from the other sites."""
    try:
        return read_hours(cells.get("opening_hours", ""), cells.get("opening_hours_as_of", ""))
    except ColumnValueError as error:
        where = Place(row=None, column=error.where.column if error.where else None)
        warnings.warn(
            OpeningHoursWarning(
                f"site {quote(cells['id'])}: {error.what} ({where}). {error.how} Whether it is open"
                " now is not said."
            ),
            stacklevel=2,
        )
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

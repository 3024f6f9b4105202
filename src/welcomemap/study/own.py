"""A planner's own lists and candidates beside the published ones, kept apart from everyone's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from welcomemap.coverage.accessibility import AccessibilityModel, read_accessibility
from welcomemap.coverage.demand import Demand
from welcomemap.geocoding.batch import GeocodedFrame, RowTeller, geocode_sheet
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.region.pack import load_pack
from welcomemap.region.scenario import Scenario, load_scenario
from welcomemap.study.candidates import CandidateSites, read_candidates
from welcomemap.study.changed_sites import ListChange, compare_list
from welcomemap.study.requests import CoverageRequest, GapsRequest
from welcomemap.study.study import Study, read_own_list
from welcomemap.tabular import Sheet
from welcomemap.travel.impedance import Impedance, Mode, Threshold, Unit

OWN_CANDIDATES = "own"
"""Source of candidates that stands for the planner's own."""
CANDIDATE_COLUMNS = ("id", "name", "address", "lat", "lon", "location_outcome", "error_radius_m")
MAX_LISTS = 10
MAX_CANDIDATES = 200


@dataclass(frozen=True)
class OwnStudy(Study):
    """A study that also knows lists and candidates which are held in memory only.

    What belongs to the region (demand, geocoder, travel cost, published lists) is the shared
    study's; what is the planner's stays in this object and goes with it.

    Attributes
    ----------
    shared
        The study of the same pack that all planners share.
    lists
        The planner's own scenarios by name.
    candidates
        Own candidate sites as rows with the columns of a candidate list.
    """

    shared: Study = field(kw_only=True)
    lists: Mapping[str, Scenario] = field(default_factory=dict)
    candidates: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def geocoder(self) -> Geocoder:
        """The shared study's geocoder."""
        return self.shared.geocoder

    @cached_property
    def demand(self) -> Demand:
        """The shared study's demand."""
        return self.shared.demand

    def impedance(self, mode: Mode, unit: Unit) -> Impedance:
        """Return the shared study's travel cost."""
        return self.shared.impedance(mode, unit)

    def load_scenario(self, name: str) -> Scenario:
        """Return an own list by its name, else what the shared study has."""
        return self.lists[name] if name in self.lists else self.shared.load_scenario(name)

    def find_candidates(self, source: str) -> CandidateSites:
        """Return own candidates for ``own``, else what the shared study has."""
        if source != OWN_CANDIDATES:
            return self.shared.find_candidates(source)
        return read_candidates(self.pack, self.candidates, self.geocoder.geocode)

    @cached_property
    def _own_accessibilities(self) -> dict[tuple[str, Mode, Unit], AccessibilityModel]:
        return {}

    def read_accessibility(self, scenario: str, mode: Mode, unit: Unit) -> AccessibilityModel:
        """Bring an own list together with its region once; a published one is the shared one's."""
        if scenario not in self.lists:
            return self.shared.read_accessibility(scenario, mode, unit)
        key = (scenario, mode, unit)
        if key not in self._own_accessibilities:
            self._own_accessibilities[key] = read_accessibility(
                self.pack, self.lists[scenario], self.impedance(mode, unit), demand=self.demand
            )
        return self._own_accessibilities[key]


# Work on what somebody brought: functions of a folder, so that a bounded process can do it.


def load_own_scenario(folder: Path, path: Path) -> Scenario:
    """Return a list of service points as a scenario of the pack in a folder, addresses located.

    Raises
    ------
    TableError, TooLargeError, CoordinateError
        If the list cannot be used; the message names row and column.
    """
    study = Study(load_pack(folder))
    return load_scenario(study.pack, path, locate=study.locate, read=read_own_list)


def compare_own_list(folder: Path, path: Path, scenario: str, day: date) -> ListChange:
    """Return what a list changes in a published one of the pack in a folder, and for whom.

    Raises
    ------
    TableError, TooLargeError, CoordinateError
        If the list cannot be used; the message names row and column.
    """
    return compare_list(Study(load_pack(folder)), scenario, path, day=day)


def geocode_own_table(folder: Path, sheet: Sheet, tell: RowTeller) -> GeocodedFrame:
    """Return a table with the places that the pack in a folder knows of its addresses.

    Raises
    ------
    MissingColumnError
        If no address column is found.
    """
    study = Study(load_pack(folder))
    return geocode_sheet(sheet, study.geocoder, study.pack.crs, tell=tell)


def try_questions(folder: Path) -> None:
    """Ask of the pack in a folder what costs most: what this cannot bear, no server should begin.

    Raises
    ------
    WelcomemapError
        If the pack passes its check and still cannot be computed with.
    """
    study = Study(load_pack(folder))
    study.geocoder.suggest("a")
    scenario = study.pack.default_scenario
    study.find_gaps(GapsRequest(scenario))
    study.measure_coverage(CoverageRequest(scenario, (Threshold(15.0, "min"),), mode="transit"))

"""A region and what can be asked of it.

What one question alone needs, addresses or the choice of sites, is imported where it is asked: it
takes long, and most questions need neither.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import AccessibilityModel, read_accessibility
from welcomemap.coverage.catchment import (
    CapacityRow,
    CatchmentResult,
    find_catchments,
    measure_capacities,
)
from welcomemap.coverage.change import DiffResult, compare_scenarios
from welcomemap.coverage.coverage_table import CoverageResult, measure_coverage
from welcomemap.coverage.demand import Demand, read_demand
from welcomemap.coverage.gaps import GapsResult, measure_gaps
from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import Scenario, load_scenario
from welcomemap.region.schemas import SERVING_STATUSES
from welcomemap.study.candidates import (
    CandidateSites,
    find_candidates,
    join_candidates,
    refuse_shared_ids,
)
from welcomemap.study.requests import (
    CAPACITY,
    CompareRequest,
    CoverageRequest,
    DifferenceRequest,
    GapsRequest,
    SiteRequest,
)
from welcomemap.travel.estimate import read_detour_factor
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import (
    Assumption,
    Impedance,
    Mode,
    Threshold,
    Unit,
    list_assumptions,
)

if TYPE_CHECKING:
    from welcomemap.geocoding.geocoder import Geocoder
    from welcomemap.geocoding.outcome import GeocodeResult
    from welcomemap.study.comparison import ComparisonAnswer
    from welcomemap.study.nearest import LocatorAnswer
    from welcomemap.study.siting import SitingAnswer
    from welcomemap.tabular import Sheet


def read_own_list(path: Path) -> Sheet:
    """Read a planner's list of service points, by the headings that it has.

    Raises
    ------
    TableError, TooLargeError
        If the file cannot be read.
    """
    from welcomemap.geocoding.list_columns import read_list  # noqa: PLC0415 - few read one

    return read_list(path)


@dataclass(frozen=True, repr=False)
class Study(Brief):
    """Answers requests about one region pack. Keep it: what it opens, it opens once."""

    pack: RegionPack

    @cached_property
    def geocoder(self) -> Geocoder:
        """Geocoder over the pack's own addresses; it asks no service."""
        from welcomemap.geocoding.geocoder import Geocoder  # noqa: PLC0415 - see above

        return Geocoder.from_pack(self.pack)

    @cached_property
    def example_address(self) -> str:
        """An address of the region that people may take as a pattern; empty where it has none."""
        if not self.pack.has_layer("addresses"):
            return ""
        rows = self.pack.addresses
        good = rows[(rows["location_quality"] == "point") & (rows["house_number"] != "")]
        if good.empty:
            return ""
        row = good.iloc[len(good) // 2]
        return f"{row['street']} {row['house_number']}"

    @cached_property
    def example_place(self) -> str:
        """A stop of the region, else a named place, as a pattern; empty where it has none."""
        for layer in ("stops", "place_names"):
            if self.pack.has_layer(layer):
                names = sorted(set(self.pack.read_features(layer)["name"].astype(str)))
                return names[len(names) // 2] if names else ""
        return ""

    def warm_up(self) -> None:
        """Read what the first visitor would otherwise wait for."""
        self.geocoder.suggest("a", limit=1)
        units: tuple[Unit, ...] = ("m", "min")
        for unit in units:
            self.impedance("walk", unit)

    @cached_property
    def demand(self) -> Demand:
        """Demand cells with all groups."""
        return read_demand(self.pack)

    @cached_property
    def cell_names(self) -> NDArray[np.object_]:
        """Unique names of the demand cells: grid cell and quarter, shape (n_cells,)."""
        cells = self.pack.demand_cells
        names = cells["cell_id"].astype(str) + "/" + cells["quarter"].astype(str)
        return np.array(names, dtype=object)

    @cached_property
    def _impedances(self) -> dict[tuple[Mode, Unit], Impedance]:
        return {}

    def impedance(self, mode: Mode, unit: Unit) -> Impedance:
        """Return the region's travel cost, streets where known and estimate elsewhere."""
        if (mode, unit) not in self._impedances:
            self._impedances[mode, unit] = make_impedance(self.pack, mode, unit)
        return self._impedances[mode, unit]

    @cached_property
    def _situations(self) -> dict[tuple[str, Mode, Unit], AccessibilityModel]:
        return {}

    @cached_property
    def _scenarios(self) -> dict[str, Scenario]:
        return {}

    def load_scenario(self, name: str) -> Scenario:
        """Load a published scenario or a planner's file, its addresses located.

        A published scenario is read once; a file may change and is read each time.

        Raises
        ------
        UnknownScenarioError, TableError, CoordinateError
            If there is no such list, or it cannot be used.
        """
        if name in self._scenarios:
            return self._scenarios[name]
        found = load_scenario(self.pack, name, locate=self.locate, read=read_own_list)
        if found.is_published:
            self._scenarios[name] = found
        else:
            for warning in found.warnings:
                warnings.warn(warning, stacklevel=2)
        return found

    def locate(
        self, addresses: Sequence[str], districts: Sequence[int | None]
    ) -> list[GeocodeResult]:
        """Return the places of addresses; only where there is one the geocoder is opened."""
        return [
            self.geocoder.geocode(address, stated_district=district)
            for address, district in zip(addresses, districts, strict=True)
        ]

    def find_nearest(
        self,
        text: str,
        *,
        mode: Mode = "walk",
        scenario: str | None = None,
        now: datetime | None = None,
        limit: int | None = None,
    ) -> LocatorAnswer:
        """Geocode an address and rank the service points of a scenario by the way to them.

        An address that is unclear, unknown or in another town gets no sites.

        Parameters
        ----------
        scenario
            Name or file of a list of service points; default is the region's own default.
        now
            Moment for ``is_open_now``, default the present.
        limit
            So many at most, the nearest; all of them if ``None``.

        Raises
        ------
        UnknownScenarioError, TableError
            If the list cannot be used.
        """
        from welcomemap.study.nearest import UNSURE_OUTCOMES, LocatorAnswer  # noqa: PLC0415 - see above

        chosen = self.load_scenario(scenario or self.pack.default_scenario)
        address = self.geocoder.geocode(text)
        if not address.is_located or address.outcome in UNSURE_OUTCOMES:
            return LocatorAnswer(address, chosen.name, mode, (), (), chosen.notes)
        return self.rank_all([address], chosen, mode, now or datetime.now(UTC), limit)[0]

    def rank_all(
        self,
        addresses: Sequence[GeocodeResult],
        scenario: Scenario,
        mode: Mode,
        now: datetime,
        limit: int | None = None,
    ) -> list[LocatorAnswer]:
        """Rank the located, open or disputed points of a scenario around located addresses."""
        from welcomemap.study.nearest import rank_sites  # noqa: PLC0415 - see above

        return rank_sites(
            self.pack,
            addresses,
            scenario,
            mode,
            now,
            impedance=self.impedance,
            locate=self.locate,
            limit=limit,
        )

    def _geocode(self, address: str) -> GeocodeResult:
        return self.geocoder.geocode(address)

    def find_candidates(self, source: str) -> CandidateSites:
        """Return candidate sites of a source, see :func:`find_candidates`."""
        return find_candidates(self.pack, source, self._geocode)

    def read_accessibility(self, scenario: str, mode: Mode, unit: Unit) -> AccessibilityModel:
        """Bring a scenario, its region and a travel cost together, once if it is published."""
        key = (scenario, mode, unit)
        if key in self._situations:
            return self._situations[key]
        loaded = self.load_scenario(scenario)
        accessibility = read_accessibility(
            self.pack, loaded, self.impedance(mode, unit), demand=self.demand
        )
        if loaded.is_published:
            self._situations[key] = accessibility
        return accessibility

    def find_gaps(self, request: GapsRequest) -> GapsResult:
        """Say which districts and areas are unserved, in all three meanings."""
        accessibility = self.read_accessibility(
            request.scenario, request.mode, request.threshold.unit
        )
        result = measure_gaps(
            accessibility,
            request.threshold,
            group=request.group,
            model=UncertaintyModel(seed=request.seed),
            detour_factor=self.detour_factor,
        )
        return replace(
            result,
            assumptions=self._assume(accessibility, request.threshold),
            list_notes=accessibility.list_notes,
        )

    def _assume(
        self, accessibility: AccessibilityModel, *thresholds: Threshold
    ) -> tuple[Assumption, ...]:
        return list_assumptions(
            self.pack.region, accessibility.matrix, thresholds, accessibility.mode
        )

    def measure_coverage(self, request: CoverageRequest) -> CoverageResult:
        """Say how many people of which groups reach a site within which thresholds."""
        units = dict.fromkeys(threshold.unit for threshold in request.thresholds)
        accessibilities = [
            self.read_accessibility(request.scenario, request.mode, unit) for unit in units
        ]
        result = measure_coverage(
            accessibilities,
            request.thresholds,
            request.groups,
            model=UncertaintyModel(seed=request.seed),
        )
        capacity = self._read_capacity(request)
        catchments: list[CatchmentResult] = []
        capacities: list[CapacityRow] = []
        assumed: list[Assumption] = []
        for accessibility in accessibilities:
            unit = accessibility.matrix.unit
            mine = [threshold for threshold in request.thresholds if threshold.unit == unit]
            catchments += [find_catchments(accessibility, t, request.groups) for t in mine]
            if capacity is not None:
                capacities += measure_capacities(accessibility, capacity, mine, request.groups)
            assumed += [a for a in self._assume(accessibility, *mine) if a not in assumed]
        return replace(
            result,
            catchments=tuple(catchments),
            capacities=tuple(capacities),
            list_notes=accessibilities[0].list_notes,
            assumptions=tuple(assumed),
        )

    def _read_capacity(self, request: CoverageRequest) -> Mapping[str, float] | None:
        """Return capacities from the request's table, else from the list's own column."""
        if request.facilities is not None:
            from welcomemap.study.siting import read_facilities  # noqa: PLC0415 - see above

            return read_facilities(Path(request.facilities)).capacity
        frame = self.load_scenario(request.scenario).frame
        if CAPACITY not in frame.columns or not (frame[CAPACITY].fillna("") != "").any():
            return None
        from welcomemap.study.siting import read_numbers  # noqa: PLC0415 - see above

        return read_numbers(frame, CAPACITY)

    def compare_scenarios(self, request: DifferenceRequest) -> DiffResult:
        """Say who gained and who lost between two scenarios."""
        parts = []
        assumed: list[Assumption] = []
        for unit in dict.fromkeys(threshold.unit for threshold in request.thresholds):
            mine = [threshold for threshold in request.thresholds if threshold.unit == unit]
            parts.append(
                compare_scenarios(
                    self.read_accessibility(request.before, request.mode, unit),
                    self.read_accessibility(request.after, request.mode, unit),
                    mine,
                    request.groups,
                    model=UncertaintyModel(seed=request.seed),
                )
            )
            later = self.read_accessibility(request.after, request.mode, unit)
            assumed += [a for a in self._assume(later, *mine) if a not in assumed]
        return replace(
            parts[0],
            assumptions=tuple(assumed),
            rows=tuple(row for part in parts for row in part.rows),
            list_notes=tuple(
                note
                for name in (request.before, request.after)
                for note in self.load_scenario(name).notes
            ),
            disputed={name: at for part in parts for name, at in part.disputed.items()},
            reports=tuple(dict.fromkeys(report for part in parts for report in part.reports)),
        )

    @property
    def detour_factor(self) -> tuple[float, float, float]:
        """Estimate and interval of the region's detour factor."""
        factor = read_detour_factor(self.pack.region)
        return factor.estimate, factor.lower, factor.upper

    def choose_sites(self, request: SiteRequest) -> SitingAnswer:
        """Choose where the next sites should open, with proof."""
        from welcomemap.study.siting import choose_sites  # noqa: PLC0415 - see above

        scenario = self.load_scenario(request.scenario)
        answer = choose_sites(
            request,
            self.demand,
            self.cell_names,
            serving_sites(scenario),
            self.find_candidates(request.candidates),
            self.impedance(request.mode, request.threshold.unit),
            self.pack,
        )
        return replace(answer, list_notes=scenario.notes)

    def compare_candidates(self, request: CompareRequest) -> ComparisonAnswer:
        """Set candidates side by side, ranked, and how sure it is which gains the most.

        Raises
        ------
        UsageError
            If an id or a criterion is unknown, or no candidate has a place.
        DuplicateIdError
            If two candidates, or a candidate and a site of the list, share an id.
        """
        from welcomemap.study.comparison import (  # noqa: PLC0415 - see above
            compare_candidates,
            pick_candidates,
        )

        own = None if request.file is None else self.find_candidates(request.file)
        if request.candidates or own is None:
            wanted = pick_candidates(self._list_candidates(), request.candidates)
            chosen = wanted if own is None else join_candidates(wanted, own)
        else:
            chosen = own
        refuse_shared_ids(serving_sites(self.load_scenario(request.scenario)), chosen)
        unit = request.threshold.unit
        return compare_candidates(
            request,
            self.read_accessibility(request.scenario, request.mode, unit),
            chosen,
            self.impedance(request.mode, unit),
            self.impedance("walk", "m"),
            self.pack,
        )

    def _list_candidates(self) -> CandidateSites:
        """Return what can be compared by its id: candidates of the list, then facilities."""
        listed = self.find_candidates("list")
        if not self.pack.has_layer("facilities"):
            return listed
        return join_candidates(listed, self.find_candidates("facilities"))


def serving_sites(scenario: Scenario) -> CandidateSites:
    """Return the sites of a scenario that serve people: open or disputed, with a place."""
    frame = scenario.frame
    told = {
        name: tuple(note for note in scenario.notes if note.site == name) for name in frame["id"]
    }
    rows = frame[frame["status"].isin(SERVING_STATUSES) & frame["x"].notna()]
    radii = [float(text) if text else np.nan for text in rows["error_radius_m"]]
    return CandidateSites(
        ids=tuple(rows["id"]),
        names=tuple(rows["name"]),
        points=rows[["x", "y"]].to_numpy(dtype=np.float64).reshape(-1, 2),
        districts=rows["district"].to_numpy(dtype=np.int64),
        location_outcomes=tuple(rows["location_outcome"]),
        error_radius_m=np.array(radii, dtype=np.float64),
        facts=tuple({"address": a} for a in rows["address"]),
        notes=tuple(told[name] for name in rows["id"]),
    )

"""What is a region pack good for: per layer and per area, and which answers can be trusted there?

Three answers are judged in each area, each by what is known of the people who live in it: the
search by address, the length of ways, and the share of people within reach. A grade is of the
answer, not of the area: a share of nobody can be sure where streets are not known at all.

Nothing is compared with an official count of addresses or streets, for a pack holds none: a single
house number or path that is missing where others are known is not seen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import ServicePoint, find_disputed, is_serving
from welcomemap.coverage.coverage_table import CoverageRow
from welcomemap.coverage.demand import AreaId, AreaKind
from welcomemap.coverage.reach import Interval
from welcomemap.crs import project
from welcomemap.errors import Fault, WelcomemapError
from welcomemap.region.areas import find_districts
from welcomemap.region.pack import RegionPack
from welcomemap.region.schemas import LOCATION_QUALITIES
from welcomemap.region.verify import CheckedLayer, CheckResult, check_pack
from welcomemap.study.requests import WALKABLE, CoverageRequest
from welcomemap.study.study import Study
from welcomemap.travel.estimate import DetourFactor, read_detour_factor
from welcomemap.travel.impedance import Threshold
from welcomemap.travel.streets import MixedImpedance

NEAR_M = 100.0
"""An address at most this far from where people live stands for theirs: the side of a cell of the
census, within which nobody knows where in it they live."""
TRUSTED_SHARE = 0.95
"""From this share of the people on an answer is reliable: the twentieth that is left moves no share
by more than the five points from which on this program calls a share unsure."""
MOST_SHARE = 0.5
"""With less, an answer is right for the smaller part of the people."""
TRUSTED_WIDTH = 0.05
"""Shares whose interval is no wider are told with a decimal; wider ones are called unsure."""
MOST_WIDTH = 0.2
"""One step of colour on the maps: a share that is less sure may stand in a wrong one."""
CELL_M = 100.0
"""In cells no wider it is known where people live, as finely as anything here is measured."""
MAX_QUARTERS = 100
"""With more of them a table of quarters is read by nobody; the districts tell the same."""
MEASURED_ON = ("districts", "quarters", "demand_cells")
GRID_KEY = "people_grid_m"
"""Under this key a region says how wide the cells are in which its people were counted."""


class Grade(StrEnum):
    """How far an answer can be trusted."""

    RELIABLE = "reliable"
    WITH_CARE = "with_care"
    UNRELIABLE = "unreliable"


WORST_FIRST = (Grade.UNRELIABLE, Grade.WITH_CARE, Grade.RELIABLE)


def find_weakest(*grades: Grade | None) -> Grade | None:
    """Return the worst of the grades that are known; ``None`` where none is."""
    return next((grade for grade in WORST_FIRST if grade in grades), None)


def grade_share(share: float | None) -> Grade | None:
    """Grade an answer by the share of the people for whom what it needs is known.

    Examples
    --------
    >>> [grade_share(share).value for share in (0.95, 0.5, 0.49)]
    ['reliable', 'with_care', 'unreliable']
    """
    if share is None:
        return None
    if share >= TRUSTED_SHARE:
        return Grade.RELIABLE
    return Grade.WITH_CARE if share >= MOST_SHARE else Grade.UNRELIABLE


def grade_interval(interval: Interval | None) -> Grade | None:
    """Grade a share by how wide its interval is.

    Examples
    --------
    >>> [grade_interval((0.1, high)).value for high in (0.15, 0.3, 0.31)]
    ['reliable', 'with_care', 'unreliable']
    """
    if interval is None:
        return None
    # To a millionth: 0.15 - 0.1 is a little more than 0.05.
    width = round(interval[1] - interval[0], 6)
    if width <= TRUSTED_WIDTH:
        return Grade.RELIABLE
    return Grade.WITH_CARE if width <= MOST_WIDTH else Grade.UNRELIABLE


@dataclass(frozen=True)
class LayerQuality:
    """A layer: how many rows, from where, of when, what limits it, and what is wrong with it.

    Attributes
    ----------
    title, limits
        As the pack says it; ``limits_de`` is empty where it says it in English alone.
    """

    name: str
    title: str
    rows: int
    date: str
    source: str
    licence: str
    limits: str
    limits_de: str
    problems: tuple[Fault, ...]


@dataclass(frozen=True)
class AddressCounts:
    """Addresses of an area by what is known of their place: rows of the layer.

    ``point``: a good place; ``street``: somewhere on the street; ``suspect``: a place that its
    neighbours contradict; ``none``: no place at all.
    """

    point: int = 0
    street: int = 0
    suspect: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.point + self.street + self.suspect + self.none


@dataclass(frozen=True, repr=False)
class AreaQuality(Brief):
    """What is known in an area; ``None`` where the pack lacks what a figure is made of.

    Attributes
    ----------
    residents
        People by the demand cells.
    near_address_share
        Share of them with an address of a good place within :data:`NEAR_M`.
    on_streets_share
        Share of them whose ways are measured on streets: they live where the network is complete.
        That of a pack without streets is 0.
    by_homes_share, evenly_share
        Share of them who were placed by homes, in cells wider than 100 m or where nobody was
        counted; and who are spread evenly over wider cells.
    sites_located, sites_unlocated, sites_disputed
        Ids of service points in operation that lie here, that are said to serve the area and have
        no place, and about which sources disagree; of quarters they are not told.
    candidates
        Candidate sites here.
    share, interval
        Share of the people within the threshold, and its interval.
    is_other_reading_apart
        Whether the share leaves the interval by more than :data:`TRUSTED_WIDTH` if the sources are
        right that dispute the list.
    """

    area_kind: AreaKind
    area: AreaId
    name: str
    residents: float
    addresses: AddressCounts | None
    near_address_share: float | None
    on_streets_share: float | None
    by_homes_share: float | None
    evenly_share: float | None
    sites_located: tuple[str, ...] | None
    sites_unlocated: tuple[str, ...] | None
    sites_disputed: tuple[str, ...] | None
    candidates: int | None
    share: float | None
    interval: Interval | None
    is_other_reading_apart: bool

    @property
    def search(self) -> Grade | None:
        """Grade of the search by address; without addresses nothing is found."""
        if self.residents <= 0:
            return None
        return grade_share(self.near_address_share or 0.0)

    @property
    def ways(self) -> Grade | None:
        """Grade of the length of ways."""
        return grade_share(self.on_streets_share)

    @property
    def shares(self) -> Grade | None:
        """Grade of shares within reach; ``None`` where no service point is known."""
        if self.interval is None:
            return None
        placed = None if self.evenly_share is None else grade_share(1.0 - self.evenly_share)
        is_doubted = bool(self.sites_unlocated) or self.is_other_reading_apart
        doubt = Grade.WITH_CARE if is_doubted else None
        return find_weakest(grade_interval(self.interval), placed, doubt)

    @property
    def weakest(self) -> Grade | None:
        """The worst of the three grades."""
        return find_weakest(self.search, self.ways, self.shares)


@dataclass(frozen=True, repr=False)
class PackQuality(Brief):
    """How good a pack is.

    Attributes
    ----------
    region, scenario, threshold
        Name of the region; the list and the threshold (on foot) that shares are told of.
    is_sound
        Whether the check of the pack found no problem. With a faulty layer no share is told; with a
        fault in districts, quarters or demand cells there is no figure of any area.
    layers
        In the order of the manifest, then needed ones that are missing.
    areas
        The whole region first, then districts, then quarters where there are not too many and they
        are others than the districts.
    factor
        By what straight lines count where streets are not known; ``None`` if the pack states none.
    grid_m
        Width of the cells in which people were counted; ``None`` if the pack does not say it.
    missing
        Layers that answers need and the pack has not, or that are faulty.
    reach_fault
        Why no share within reach could be computed, where the layers for it are there and sound.
    """

    region: str
    scenario: str
    threshold: Threshold
    is_sound: bool
    layers: tuple[LayerQuality, ...]
    areas: tuple[AreaQuality, ...]
    factor: DetourFactor | None
    grid_m: float | None
    missing: tuple[str, ...]
    reach_fault: Fault | None = None

    @property
    def districts(self) -> tuple[AreaQuality, ...]:
        """The districts, in the order of the pack."""
        return tuple(area for area in self.areas if area.area_kind == "district")

    @property
    def quarters(self) -> tuple[AreaQuality, ...]:
        """The quarters, in the order of the pack."""
        return tuple(area for area in self.areas if area.area_kind == "quarter")

    @property
    def city(self) -> AreaQuality | None:
        """The whole region; ``None`` where nothing could be measured."""
        return self.areas[0] if self.areas else None

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per area: its figures, then the grades ``search``, ``ways``, ``shares``."""
        rows = []
        for area in self.areas:
            counts = area.addresses or AddressCounts()
            known = area.addresses is not None
            numbers = {f"addresses_{k}": n if known else None for k, n in asdict(counts).items()}
            row = {key: value for key, value in asdict(area).items() if key != "addresses"}
            grades = {"search": area.search, "ways": area.ways, "shares": area.shares}
            rows.append({**row, **numbers, **grades})
        return pd.DataFrame(rows)


EXPECTED = ("addresses", "street_edges", "street_extent", "service_points", "candidate_sites",
            "stops", "lines")  # fmt: skip
"""Layers without which an answer is missing; others only make answers better."""


def measure_quality(study: Study, check: CheckResult | None = None) -> PackQuality:
    """Measure what a pack knows of its areas, and grade the answers it can give there.

    Parameters
    ----------
    check
        Result of :func:`welcomemap.region.verify.check_pack`; it is made where none is given.
    """
    pack = study.pack
    result = check or check_pack(pack)
    faulty = {layer.name for layer in result.layers if not layer.ok}
    lacking = [name for name in (*MEASURED_ON, *EXPECTED)
               if name in faulty or not pack.has_layer(name)]  # fmt: skip
    areas: tuple[AreaQuality, ...] = ()
    reach_fault: Fault | None = None
    if not set(MEASURED_ON) & set(lacking):
        measuring = _Measuring(study, lacking, is_sound=result.ok)
        areas, reach_fault = measuring.list_areas(), measuring.reach_fault
    return PackQuality(
        region=pack.name, scenario=pack.default_scenario, threshold=WALKABLE, is_sound=result.ok,
        layers=tuple(_describe_layer(layer, pack) for layer in result.layers), areas=areas,
        factor=_read_factor(pack), grid_m=_read_grid_m(pack), missing=tuple(lacking),
        reach_fault=reach_fault,
    )  # fmt: skip


def _describe_layer(layer: CheckedLayer, pack: RegionPack) -> LayerQuality:
    entries: Sequence[Mapping[str, Any]] = pack.manifest["resources"]
    entry = next((one for one in entries if one["name"] == layer.name), {})
    return LayerQuality(
        name=layer.name, title=str(entry.get("title") or layer.name), rows=layer.rows,
        date=layer.date, source=layer.source, licence=layer.licence,
        limits=str(entry.get("limits") or ""), limits_de=str(entry.get("limits_de") or ""),
        problems=layer.problems,
    )  # fmt: skip


def _read_factor(pack: RegionPack) -> DetourFactor | None:
    try:
        return read_detour_factor(pack.region)
    except WelcomemapError:
        return None


def _read_grid_m(pack: RegionPack) -> float | None:
    width = pack.region.get(GRID_KEY)
    if not isinstance(width, int | float) or isinstance(width, bool):
        return None
    return float(width) if 0 < width < np.inf else None


class _Measuring:
    """The measures of one pack; those of cells are shares of the people of an area."""

    def __init__(self, study: Study, lacking: Sequence[str], *, is_sound: bool) -> None:
        self.study, self.pack, self.demand = study, study.pack, study.demand
        self.lacking = frozenset(lacking)
        self.people = self.demand.weight_of("residents")
        self.reach_fault: Fault | None = None
        self.rows, self.points = self._measure_reach() if is_sound else ({}, None)
        self.cells = {
            "near": self._find_near_addresses(), "streets": self._find_on_streets(),
            "homes": self.pack.demand_cells["is_from_addresses"].to_numpy(dtype=np.bool_),
        }  # fmt: skip

    def list_areas(self) -> tuple[AreaQuality, ...]:
        kinds: list[AreaKind] = ["city", "district"]
        own, districts = self.demand.quarters, self.demand.districts
        if own.names != districts.names and len(own) <= MAX_QUARTERS:
            kinds.append("quarter")
        return tuple(area for kind in kinds for area in self._measure(kind))

    def _measure(self, kind: AreaKind) -> list[AreaQuality]:
        areas = self.demand.areas(kind)
        people = self._sum(np.ones(len(self.people), dtype=np.bool_), kind)
        shares = {
            name: None if mask is None else self._divide(self._sum(mask, kind), people)
            for name, mask in self.cells.items()
        }
        addresses = self._count_addresses(kind)
        candidates = self._count_candidates(kind)
        evenly = self._share_evenly(shares["homes"])

        def pick(values: Sequence[float | None] | None, k: int) -> float | None:
            return None if values is None else values[k]

        found = []
        for k, (area, name) in enumerate(zip(areas.ids, areas.names, strict=True)):
            row = self.rows.get((kind, area))
            located, unlocated, disputed = self._find_sites(kind, area)
            found.append(AreaQuality(
                area_kind=kind, area=area, name=name, residents=float(people[k]),
                addresses=None if addresses is None else addresses.get(area, AddressCounts()),
                near_address_share=pick(shares["near"], k),
                on_streets_share=pick(shares["streets"], k),
                by_homes_share=pick(shares["homes"], k), evenly_share=pick(evenly, k),
                sites_located=located, sites_unlocated=unlocated, sites_disputed=disputed,
                candidates=None if candidates is None else candidates.get(area, 0),
                share=None if row is None else row.share,
                interval=None if row is None else row.interval,
                is_other_reading_apart=row is not None and _is_apart(row),
            ))  # fmt: skip
        return found

    def _sum(self, mask: NDArray[np.bool_], kind: AreaKind) -> NDArray[np.float64]:
        return self.demand.sum_by_area((self.people * mask)[:, None], kind)[:, 0]

    @staticmethod
    def _divide(part: NDArray[np.float64], people: NDArray[np.float64]) -> list[float | None]:
        # Sums of the same weights in another order may differ in the last digit.
        return [min(float(p / n), 1.0) if n > 0 else None
                for p, n in zip(part, people, strict=True)]  # fmt: skip

    def _share_evenly(self, by_homes: list[float | None] | None) -> list[float | None] | None:
        grid_m = _read_grid_m(self.pack)
        if grid_m is None or by_homes is None:
            return None
        if grid_m <= CELL_M:
            return [None if share is None else 0.0 for share in by_homes]
        return [None if share is None else 1.0 - share for share in by_homes]

    def _find_near_addresses(self) -> NDArray[np.bool_] | None:
        if "addresses" in self.lacking:
            return None
        table = self.pack.addresses
        good = table.geometry[table["location_quality"] == "point"].to_numpy()
        tree = shapely.STRtree(good)
        points = shapely.points(self.demand.points)
        near, _ = tree.query_nearest(points, max_distance=NEAR_M, all_matches=False)
        found = np.zeros(len(points), dtype=np.bool_)
        found[near] = True
        return found

    def _find_on_streets(self) -> NDArray[np.bool_] | None:
        if {"street_edges", "street_extent"} & self.lacking:
            return np.zeros(len(self.people), dtype=np.bool_)
        try:
            walk = self.study.impedance("walk", "m")
        except WelcomemapError:
            return None
        if not isinstance(walk, MixedImpedance):
            return np.zeros(len(self.people), dtype=np.bool_)
        points = self.demand.points
        return walk.find_known_part(points, walk.streets.snap(points)) >= 0

    def _measure_reach(
        self,
    ) -> tuple[dict[tuple[AreaKind, AreaId], CoverageRow], tuple[ServicePoint, ...] | None]:
        if "service_points" in self.lacking:
            return {}, None
        scenario = self.pack.default_scenario
        try:
            result = self.study.measure_coverage(CoverageRequest(scenario, (WALKABLE,)))
            model = self.study.read_accessibility(scenario, "walk", "m")
        except WelcomemapError as error:
            self.reach_fault = error.told
            return {}, None
        return {(row.area_kind, row.area): row for row in result.rows}, model.points

    def _find_sites(
        self, kind: AreaKind, area: AreaId
    ) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, tuple[str, ...] | None]:
        if self.points is None or kind == "quarter":
            return None, None, None
        serving = [point for point in self.points if is_serving(point)]
        if kind == "city":
            disputed = tuple(point.id for point in self.points if point.is_disputed)
            here, meant = serving, serving
        else:
            disputed = find_disputed(self.points, int(area))
            here = [point for point in serving if point.district == area]
            meant = [point for point in serving
                     if area == point.district or area in point.stated_districts]  # fmt: skip
        located = tuple(point.id for point in here if point.is_located)
        return located, tuple(p.id for p in meant if not p.is_located), disputed

    def _count_addresses(self, kind: AreaKind) -> dict[AreaId, AddressCounts] | None:
        if "addresses" in self.lacking:
            return None
        table = self.pack.addresses
        if kind == "city":
            of_area = pd.Series(self.pack.name, index=table.index)
        elif kind == "district":
            of_area = table["district"].astype(int)
        else:
            of_area = table["quarter"].astype(str)
        found: dict[AreaId, AddressCounts] = {}
        for area, qualities in table["location_quality"].groupby(of_area):
            counted = qualities.value_counts()
            numbers = {name: int(counted.get(name, 0)) for name in LOCATION_QUALITIES}
            found[area if isinstance(area, str) else int(str(area))] = AddressCounts(**numbers)
        return found

    def _count_candidates(self, kind: AreaKind) -> dict[AreaId, int] | None:
        if "candidate_sites" in self.lacking or kind == "quarter":
            return None
        table = self.pack.candidate_sites
        if kind == "city":
            return {self.pack.name: len(table)}
        lat, lon = (pd.to_numeric(table[axis], errors="coerce") for axis in ("lat", "lon"))
        is_placed = (lat.notna() & lon.notna()).to_numpy()
        points = project(lon.to_numpy()[is_placed], lat.to_numpy()[is_placed], crs=self.pack.crs)
        districts = find_districts(self.pack, points).district
        numbers, counts = np.unique(districts, return_counts=True)
        return {int(k): int(n) for k, n in zip(numbers, counts, strict=True)}


def _is_apart(row: CoverageRow) -> bool:
    other, interval = row.share_if_disputed_false, row.interval
    if other is None or interval is None:
        return False
    return other < interval[0] - TRUSTED_WIDTH or other > interval[1] + TRUSTED_WIDTH

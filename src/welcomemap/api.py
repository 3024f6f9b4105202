"""A region and what an analyst asks of it: frames go in, frames come out.

>>> import welcomemap as wm
>>> region = wm.open_region()
>>> region
Region('Düsseldorf', scenarios 2019, 2026, 10 districts, EPSG:25832)

Frames with a geometry may be in any CRS; what has none is refused, and so are degrees that are
called metres. What comes out is in the region's metric CRS, or in that of the frame it belongs to.
Thresholds are texts such as ``"1000m"`` or ``"15min"`` and inclusive. A scenario is the name of a
published list, a day such as ``"2024-06-30"``, a file, or a frame of sites.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from welcomemap.describe.assumptions import describe_assumptions
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.comparison import describe_comparison
from welcomemap.describe.gaps import describe_area, describe_district
from welcomemap.describe.reasons import RowWords
from welcomemap.describe.siting import describe_choice, describe_infeasibility
from welcomemap.describe.words import read_region_words
from welcomemap.errors import UsageError
from welcomemap.frames import Frame, as_series, has_places, list_sites, make_frame, read_points
from welcomemap.geocoding.batch import as_sheet, locate_rows
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.scenario import read_scenario
from welcomemap.region.schemas import CANDIDATE_SITE_COLUMNS, SERVICE_POINT_COLUMNS
from welcomemap.study.own import OWN_CANDIDATES, OwnStudy
from welcomemap.study.requests import (
    DEFAULT_SEED,
    CompareRequest,
    CoverageRequest,
    DifferenceRequest,
    GapsRequest,
    SiteRequest,
)
from welcomemap.study.study import Study, serving_sites
from welcomemap.travel.impedance import Mode, Threshold, Unit, parse_threshold
from welcomemap.travel.service_area import make_service_area
from welcomemap.wording import Language, Phrase

if TYPE_CHECKING:
    from welcomemap.cartography.sheet import SheetMap

RESIDENTS = "residents"
WALKABLE = "1000m"
BY_LINES = "15min"
OWN = "own"
SHOWN_ROWS = 20

Scenarios = str | Path | pd.DataFrame | None
Origins = str | Sequence[str] | pd.Series | pd.DataFrame


def open_region(folder: str | Path | None = None) -> Region:
    """Return the region of a pack: of a folder, of ``WELCOMEMAP_PACK``, or the embedded one.

    Parameters
    ----------
    folder
        Folder with a ``datapackage.json``.

    Raises
    ------
    PackError
        If there is no pack, or its manifest is damaged.

    Examples
    --------
    >>> open_region().scenarios
    ('2019', '2026')
    """
    return Region(Study(load_pack(folder)))


@dataclass(frozen=True, repr=False)
class Region:
    """A municipality with its people, streets, lists of service points and candidate sites.

    It is opened once and keeps what it has read: layers, addresses and travel costs.

    Attributes
    ----------
    study
        What answers typed requests, for programs; see :mod:`welcomemap.study`.
    """

    study: Study

    def __repr__(self) -> str:
        told = f"scenarios {', '.join(self.scenarios)}, {len(self.districts)} districts"
        return f"Region({self.name!r}, {told}, {self.crs})"

    @property
    def pack(self) -> RegionPack:
        """The pack, with every layer as a table."""
        return self.study.pack

    @property
    def name(self) -> str:
        """Name of the municipality."""
        return self.pack.name

    @property
    def crs(self) -> str:
        """The region's metric CRS, such as ``EPSG:25832``."""
        return self.pack.crs

    @property
    def language(self) -> Language:
        """The language in which sentences come where none is asked for."""
        return "de" if self.pack.region.get("language", "de") == "de" else "en"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the published lists of service points, oldest first."""
        return self.pack.scenarios

    @property
    def default_scenario(self) -> str:
        """The list that counts where none is named."""
        return str(self.pack.region["default_scenario"])

    @property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts with their people by group."""
        return self.pack.districts

    @property
    def quarters(self) -> gpd.GeoDataFrame:
        """Quarters with their people by group."""
        return self.pack.quarters

    @property
    def demand_cells(self) -> gpd.GeoDataFrame:
        """Where people live: cells with people by group, as points."""
        return self.pack.demand_cells

    def sites(self, scenario: Scenarios = None) -> gpd.GeoDataFrame:
        """Return the service points of a scenario, indexed by id; no geometry where no place.

        Raises
        ------
        UnknownScenarioError
            If there is no such list.

        Examples
        --------
        >>> open_region().sites("2019").loc["wp2019-08", "address"]
        'Gumbertstraße 160'
        """
        study, name = self._read_scenario(scenario)
        frame = study.load_scenario(name).frame
        shapes = gpd.points_from_xy(frame["x"], frame["y"])
        shapes[frame["x"].isna().to_numpy()] = None
        rows = frame.drop(columns=["x", "y", "lat", "lon"]).set_index("id")
        return gpd.GeoDataFrame(rows, geometry=list(shapes), crs=self.crs)

    def geocode(
        self,
        addresses: Origins,
        *,
        columns: Sequence[str] | None = None,
        language: Language | None = None,
    ) -> gpd.GeoDataFrame:
        """Return addresses with their places, one row each, in order.

        Parameters
        ----------
        addresses
            One address, several, a series, or a frame in whose columns they stand.
        columns
            Names of the columns that make up the address, in order; found by name and content if
            ``None``.
        language
            Of the explanations.

        Returns
        -------
        geopandas.GeoDataFrame
            The columns given (a column of the same name as one below gets ``_given`` behind its
            name), then ``outcome`` (see :class:`~welcomemap.geocoding.outcome.Outcome`),
            ``matched``, ``street``, ``house_number``, ``postcode``, ``error_radius_m`` (the true
            place lies within it for at least 95 % of such answers), ``district``, ``quarter``,
            ``contradictions`` and ``explanation``; geometry ``None`` where there is no place.

        Raises
        ------
        MissingColumnError
            If no column looks like an address.

        Examples
        --------
        >>> found = open_region().geocode(["Kölner Strase 26", "Nirgendwo 1"])
        >>> found["outcome"].tolist()
        ['corrected', 'not_found']
        """
        frame = _as_addresses(addresses)
        results, told = locate_rows(as_sheet(frame), self.study.geocoder, columns)
        for warning in told:
            warnings.warn(warning, stacklevel=2)
        words = [RowWords(language or self.language)(result) for result in results]
        answers = {
            "outcome": [result.outcome.value for result in results],
            **_list(results, "matched", "street", "house_number", "postcode", "error_radius_m"),
            "district": pd.array([result.district for result in results], dtype="Int64"),
            **_list(results, "quarter"),
            "contradictions": [contradictions for contradictions, _ in words],
            "explanation": [explanation for _, explanation in words],
        }
        places = [
            shapely.Point(result.x, result.y) if result.is_located else None for result in results
        ]
        given = frame.rename(columns={c: f"{c}_given" for c in frame.columns if c in answers})
        found = pd.DataFrame(answers, index=frame.index)
        return gpd.GeoDataFrame(given.join(found), geometry=places, crs=self.crs)

    def nearest(
        self,
        origins: Origins,
        k: int = 3,
        *,
        scenario: Scenarios = None,
        mode: Mode = "walk",
        now: datetime | None = None,
    ) -> gpd.GeoDataFrame:
        """Return the service points nearest to each origin, nearest first.

        Parameters
        ----------
        origins
            Points in any CRS, or addresses, which are looked up. What has no place, or no sure one,
            has no rows. A column ``error_radius_m`` widens the intervals.
        k
            So many of each origin at most.
        now
            Moment of ``is_open_now``, default the present.

        Returns
        -------
        geopandas.GeoDataFrame
            ``origin`` (label of the origin in its index), ``rank`` (from 1), ``id``, ``name``,
            ``address``, ``distance_m`` with ``distance_m_lower`` and ``_upper`` (NaN by public
            transport), ``duration_min`` with its bounds, ``basis`` (``streets``, ``estimate`` or
            ``mixed``), ``status``, ``is_disputed``, ``is_open_now``; geometry: the site.

        Raises
        ------
        CrsError
            If the frame has no CRS, or holds degrees where its CRS has metres.
        UnknownScenarioError
            If there is no such list.

        Examples
        --------
        >>> near = open_region().nearest("Merowingerstr. 20", k=1)
        >>> near[["rank", "id"]].to_dict("records")
        [{'rank': 1, 'id': 'wp2026-03c'}]
        """
        if k < 1:
            raise UsageError("k is {k}", k=k, how="Ask for 1 site or more.")
        study, name = self._read_scenario(scenario)
        labels, places = self._place_origins(origins)
        answers = study.rank_all(
            places, study.load_scenario(name), mode, now or datetime.now(UTC), limit=k
        )
        rows = [
            {
                "origin": label,
                "rank": rank,
                "id": site.id,
                "name": site.name,
                "address": site.address_to_go_to,
                **_spread("distance_m", site.distance_m, site.interval_m),
                **_spread("duration_min", site.duration_min, site.interval_min),
                "basis": site.basis,
                "status": site.status,
                "is_disputed": site.is_disputed,
                "is_open_now": site.is_open_now,
                "geometry": shapely.Point(site.x, site.y),
            }
            for label, answer in zip(labels, answers, strict=True)
            for rank, site in enumerate(answer.sites, start=1)
        ]
        return gpd.GeoDataFrame(
            pd.DataFrame(rows, columns=NEAREST_COLUMNS), geometry="geometry", crs=self.crs
        )

    def cost_matrix(
        self,
        origins: Frame,
        destinations: Frame | None = None,
        *,
        mode: Mode = "walk",
        unit: Unit = "m",
    ) -> pd.DataFrame:
        """Return travel costs, a row for each origin and a column for each destination.

        Parameters
        ----------
        origins, destinations
            Points in any CRS; without destinations the service points of the default scenario.
        unit
            ``m``, or ``min`` (the only one by public transport).

        Returns
        -------
        pandas.DataFrame
            Costs in ``unit``, shape (n_origins, n_destinations), labelled by both indices:
            ``inf`` where there is no way, NaN where an end has no place.

        Raises
        ------
        CrsError, GeometryError
            If a frame's places cannot be read.
        UsageError
            If public transport is asked for in metres.

        Examples
        --------
        >>> region = open_region()
        >>> costs = region.cost_matrix(region.geocode("Münsterstraße 6"))
        >>> costs.shape
        (1, 11)
        """
        ends = self._serving(self.study, self.default_scenario) if destinations is None else None
        chosen = destinations if ends is None else ends
        starts_xy, ends_xy = read_points(origins, self.crs), read_points(chosen, self.crs)
        costs = np.full((len(starts_xy), len(ends_xy)), np.nan)
        rows, columns = (~np.isnan(points[:, 0]) for points in (starts_xy, ends_xy))
        matrix = self.study.impedance(mode, unit).cost_matrix(starts_xy[rows], ends_xy[columns])
        costs[np.ix_(rows, columns)] = matrix.cost
        return pd.DataFrame(costs, index=as_series(origins).index, columns=as_series(chosen).index)

    def service_area(
        self, sites: Scenarios, threshold: str = WALKABLE, *, mode: Mode = "walk"
    ) -> gpd.GeoDataFrame:
        """Return what is reachable from each site within a threshold, in the CRS of the sites.

        Parameters
        ----------
        sites
            Points in any CRS, or a scenario, whose open and disputed points are taken.
        mode
            ``walk`` or ``cycle``.

        Returns
        -------
        geopandas.GeoDataFrame
            ``threshold``, ``covered_area_km2``; geometry: (multi)polygons, indexed as the sites.

        Raises
        ------
        UsageError
            If the threshold is not understood, or the mode is public transport.

        Examples
        --------
        >>> areas = open_region().service_area("2026", "500m")
        >>> areas.loc["wp2026-02", "threshold"]
        '500m'
        """
        cut = parse_threshold(threshold)
        given = sites if has_places(sites) else self._serving(*self._read_scenario(sites))
        shapes = as_series(given)
        points = read_points(given, self.crs)
        if np.isnan(points).any():
            missing = str(shapes.index[int(np.isnan(points[:, 0]).argmax())])
            raise UsageError(
                "site {name!r} has no place", name=missing, how="Leave it out, or give its place."
            )
        impedance = self.study.impedance(mode, cut.unit)
        areas = [make_service_area(impedance, point[None], cut.value).whole for point in points]
        columns: dict[str, list[Any]] = {
            "threshold": [str(cut)] * len(areas),
            "covered_area_km2": [float(area.area) / 1e6 for area in areas],
        }
        return make_frame(columns, areas, self.crs, shapes.index).to_crs(shapes.crs)

    def coverage(
        self,
        scenario: Scenarios = None,
        threshold: str | Sequence[str] | None = None,
        *,
        group: str | Sequence[str] = RESIDENTS,
        mode: Mode = "walk",
        seed: int = DEFAULT_SEED,
    ) -> gpd.GeoDataFrame:
        """Return how many people reach a service point, for the city, districts and quarters.

        Parameters
        ----------
        threshold
            One or several, such as ``"1000m"`` (the default) or ``"15min"``.
        group
            One or several of :data:`welcomemap.region.schemas.GROUPS`.
        seed
            Of the draws that the intervals come from.

        Returns
        -------
        geopandas.GeoDataFrame
            ``area_kind`` (``city``, ``district``, ``quarter``), ``area``, ``name``, ``group``,
            ``threshold``, ``total``, ``covered``, ``share`` (0-1) with ``share_lower`` and
            ``share_upper``, ``share_if_disputed_false``, ``probability_unserved`` and ``basis``;
            geometry: the area.

        Raises
        ------
        UnknownScenarioError, UsageError
            If there is no such list, group or threshold.

        Examples
        --------
        >>> rows = open_region().coverage("2026", "1000m")
        >>> rows["area_kind"].value_counts().to_dict()
        {'quarter': 50, 'district': 10, 'city': 1}
        """
        study, name = self._read_scenario(scenario)
        request = CoverageRequest(
            name, _read_thresholds(threshold, mode), _as_tuple(group), mode, seed
        )
        rows = study.measure_coverage(request).rows
        columns = {
            **_list(rows, "area_kind", "area", "name", "group"),
            "threshold": [str(row.threshold) for row in rows],
            **_list(rows, "total", "covered", "share"),
            **_bounds("share", [row.interval for row in rows]),
            **_list(rows, "share_if_disputed_false", "probability_unserved", "basis"),
        }
        return self._with_areas(columns)

    def gaps(
        self,
        scenario: Scenarios = None,
        threshold: str | None = None,
        *,
        group: str = RESIDENTS,
        mode: Mode = "walk",
        seed: int = DEFAULT_SEED,
    ) -> Gaps:
        """Return who is unserved: by location, by what the list states, and by reach.

        Raises
        ------
        UnknownScenarioError, UsageError
            If there is no such list, group or threshold.

        Examples
        --------
        >>> gaps = open_region().gaps("2026")
        >>> gaps.districts.query("located_unserved").index.tolist()
        [7, 10]
        >>> gaps.areas.iloc[0][["kind", "area"]].tolist()
        ['district', 9]
        """
        study, name = self._read_scenario(scenario)
        cut = _read_threshold(threshold, mode)
        result = study.find_gaps(GapsRequest(name, cut, mode, group, seed))
        words = read_region_words(self.pack.region)
        found, ranked = result.districts, result.areas
        districts = {
            **_list(found, "district", "name", "group", "people"),
            "sites_located": [len(gap.located) for gap in found],
            "sites_stated": [None if gap.stated is None else len(gap.stated) for gap in found],
            "located_unserved": [gap.is_located_unserved for gap in found],
            "stated_unserved": [gap.is_stated_unserved for gap in found],
            "covered": [gap.covered for gap in found],
            "share": [gap.share for gap in found],
            **_bounds("share", [gap.interval for gap in found]),
            **_list(found, "share_if_disputed_false", "probability_located_unserved"),
            **_list(found, "probability_reach_unserved", "located", "disputed", "planned"),
        }
        by_number = self.districts.set_index("district").geometry
        shapes = [by_number[gap.district] for gap in found]
        areas = {
            **_list(ranked, "rank", "kind", "area", "name", "district", "group", "people"),
            "out_of_reach": [gap.out_of_reach for gap in ranked],
            **_bounds("out_of_reach", [gap.interval for gap in ranked]),
            **_list(ranked, "nearest_site", "median_cost"),
        }
        places = gpd.points_from_xy(
            [gap.lon for gap in ranked], [gap.lat for gap in ranked], crs="EPSG:4326"
        )
        return Gaps(
            request=_ask(result.scenario, cut, mode, group),
            sentences=(
                *(describe_district(result, gap, words) for gap in found),
                *(describe_area(result, gap, words) for gap in ranked),
            ),
            assumptions=describe_assumptions(result.assumptions),
            districts=make_frame(districts, shapes, self.crs).set_index("district"),
            areas=make_frame(areas, places, "EPSG:4326").to_crs(self.crs),
        )

    def diff(
        self,
        before: Scenarios,
        after: Scenarios,
        threshold: str | Sequence[str] | None = None,
        *,
        group: str | Sequence[str] = RESIDENTS,
        mode: Mode = "walk",
        seed: int = DEFAULT_SEED,
    ) -> Difference:
        """Return who came within reach and who fell out of it between two scenarios.

        Raises
        ------
        UnknownScenarioError, UsageError
            If there is no such list, group or threshold.

        Examples
        --------
        >>> difference = open_region().diff("2019", "2026", "1000m")
        >>> city = difference.rows.query("area_kind == 'city'").iloc[0]
        >>> bool(city["gained"] > city["lost"])
        True
        """
        study, first = self._read_scenario(before, "before")
        study, second = self._read_scenario(after, "after", study)
        cuts = _read_thresholds(threshold, mode)
        result = study.compare_scenarios(
            DifferenceRequest(first, second, cuts, _as_tuple(group), mode, seed)
        )
        rows = result.rows
        columns = {
            **_list(rows, "area_kind", "area", "name", "group"),
            "threshold": [str(row.threshold) for row in rows],
            "gained": [row.gained for row in rows],
            **_bounds("gained", [row.gained_interval for row in rows]),
            "lost": [row.lost for row in rows],
            **_bounds("lost", [row.lost_interval for row in rows]),
            "rests_on_disputed": [row.rests_on_disputed for row in rows],
        }
        told = _ask(f"{result.from_scenario} to {result.to_scenario}", cuts, mode, group)
        return Difference(
            told,
            describe_difference(result, read_region_words(self.pack.region)),
            describe_assumptions(result.assumptions),
            self._with_areas(columns),
        )

    def site(
        self,
        model: str = "mclp",
        p: int | None = None,
        *,
        scenario: Scenarios = None,
        threshold: str | None = None,
        group: str = RESIDENTS,
        mode: Mode = "walk",
        candidates: str | Path | pd.DataFrame = "list",
        keep_existing: bool = True,
        require_districts: Sequence[int] = (),
        required: Sequence[str] = (),
        excluded: Sequence[str] = (),
        time_limit_s: float = 60.0,
    ) -> Siting:
        """Return where the next sites should open, with proof and all ties.

        Parameters
        ----------
        model
            ``lscp``, ``mclp``, ``p-median``, ``p-center``, ``p-dispersion`` or another of
            :data:`welcomemap.siting.problem.MODELS`.
        p
            How many sites to open; none for ``lscp``.
        candidates
            ``list``, ``stops``, ``cells``, ``offices``, a file, or a frame of sites.
        keep_existing
            The scenario's sites stay and count; else they compete with the candidates.

        Raises
        ------
        UsageError, UnknownScenarioError
            If the question contradicts itself, or names what there is not.
        NoAnswerError
            If no candidate has a place.

        Examples
        --------
        >>> best = open_region().site("mclp", p=1, require_districts=[7])
        >>> best.status
        'optimal'
        """
        study, name = self._read_scenario(scenario)
        study, source = self._read_candidates(candidates, study)
        cut = _read_threshold(threshold, mode)
        answer = study.choose_sites(
            SiteRequest(
                model, p, name, cut, mode, group, source, keep_existing, tuple(require_districts),
                tuple(required), tuple(excluded), time_limit_s, is_varied=None,
            )
        )  # fmt: skip
        result = answer.result
        chosen = result.optimal_sets[0] if result.optimal_sets else ()
        reason = () if result.reason is None else (describe_infeasibility(result.reason),)
        return Siting(
            _ask(answer.request.scenario, cut, mode, group, model),
            (*reason, *describe_choice(answer)),
            describe_assumptions(answer.assumptions),
            model=result.model,
            status=result.status,
            objective=result.objective,
            bound=result.bound,
            optimal_sets=result.optimal_sets,
            n_optimal_sets=result.n_optimal_sets,
            runner_up=None if result.runner_up is None else result.runner_up.members,
            sites=self._place_sites([(key, answer.places[key]) for key in chosen]),
            assignments=pd.Series(dict(result.assignments), dtype=object, name="site"),
        )

    def compare(
        self,
        candidates: str | Path | Sequence[str] | pd.DataFrame = (),
        *,
        scenario: Scenarios = None,
        threshold: str | None = None,
        group: str = RESIDENTS,
        mode: Mode = "walk",
        weights: Mapping[str, float] | None = None,
        seed: int = DEFAULT_SEED,
    ) -> Comparison:
        """Return candidates side by side, ranked, with the share of draws in which each is best.

        Parameters
        ----------
        candidates
            Ids of the pack's candidate sites (all of them if empty), a file, or a frame of sites.
        weights
            Of criteria by name; the usual ones count equally if ``None``.

        Raises
        ------
        UsageError
            If an id or a criterion is unknown, or no candidate has a place.

        Examples
        --------
        >>> region = open_region()
        >>> region.compare(["hdk-446", "hdk-york"]).candidates["rank"].to_dict()
        {'hdk-446': 2, 'hdk-york': 1}
        """
        study, name = self._read_scenario(scenario)
        ids: tuple[str, ...] = ()
        source: str | None = None
        if isinstance(candidates, pd.DataFrame | gpd.GeoSeries | Path):
            study, source = self._read_candidates(candidates, study)
        else:
            ids = _as_tuple(candidates)
        cut = _read_threshold(threshold, mode)
        answer = study.compare_candidates(
            CompareRequest(
                ids, source, name, cut, mode, tuple((weights or {}).items()), group, seed
            )
        )
        facts = answer.comparison
        places = [(c.id, answer.places[k]) for k, c in enumerate(facts.candidates)]
        frame = self._place_sites(places).assign(
            rank=[int(rank) for rank in facts.ranking.rank],
            gained=facts.gained,
            p_best=[None] * len(places) if facts.p_best is None else facts.p_best.tolist(),
            is_pareto=[bool(kept) for kept in facts.ranking.pareto],
            **{f"gained_{g}": [c.reach.gained[g] for c in facts.candidates] for g in RESIDENTS_OF},
            mean_cost=[c.reach.mean_cost for c in facts.candidates],
            stop_distance_m=[c.stop_distance_m for c in facts.candidates],
        )
        return Comparison(
            _ask(answer.request.scenario, cut, mode, group),
            describe_comparison(answer),
            describe_assumptions(answer.assumptions),
            candidates=frame,
            is_decided=facts.is_decided,
            left_out=answer.left_out,
        )

    def map(
        self,
        scenario: Scenarios = None,
        threshold: str | None = None,
        *,
        group: str = RESIDENTS,
        mode: Mode = "walk",
        language: Language | None = None,
    ) -> Map:
        """Return the overview of a scenario as a map that asks no host for anything.

        In a notebook it shows itself; ``save`` writes it as one HTML file; ``folium`` takes further
        elements.

        Examples
        --------
        >>> drawn = open_region().map("2026", language="en")
        >>> drawn
        Map('2026, 1000m, walk, residents')
        """
        from welcomemap.cartography.basemap import load_basemap  # noqa: PLC0415 - maps alone
        from welcomemap.cartography.study_maps import describe_study  # noqa: PLC0415 - as above
        from welcomemap.cartography.views import draw_overview  # noqa: PLC0415 - as above

        study, name = self._read_scenario(scenario)
        cut = _read_threshold(threshold, mode)
        request = GapsRequest(name, cut, mode, group)
        said = language or self.language
        content = describe_study(study, request, study.find_gaps(request), said)
        drawn = draw_overview(content, load_basemap(self.pack), said)
        return Map(_ask(name, cut, mode, group), drawn)

    def report(
        self,
        out: str | Path,
        *,
        scenario: str | Path | None = None,
        compare: str | Path | None = None,
        candidates: Sequence[str] = (),
        threshold: str | None = None,
        group: str = RESIDENTS,
        mode: Mode = "walk",
        formats: Sequence[str] = (),
        language: Language | None = None,
        title: str = "",
        tell: Callable[[str, float], None] | None = None,
    ) -> tuple[Path, ...]:
        """Write the council paper and return its files, ``out`` first, that to repeat it last.

        Parameters
        ----------
        out
            Its ending names a form: ``.pdf``, ``.docx``, ``.xlsx``, ``.gpkg``, ``.geojson``,
            ``.csv``, ``.png`` or ``.svg``.
        scenario, compare, candidates
            Names, or files: a paper can be repeated, so it reads nothing that is in memory only.
        formats
            Further forms beside ``out``.

        Raises
        ------
        UsageError
            If the request cannot be used.
        OutputError
            If a file cannot be written; then none is.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     files = open_region().report(f"{folder}/paper.csv", language="en")
        >>> [file.name for file in files[:1] + files[-1:]]
        ['paper.csv', 'paper.study.json']
        """
        from welcomemap.report.request import PaperRequest  # noqa: PLC0415 - papers alone
        from welcomemap.report.write import write_paper  # noqa: PLC0415 - as above

        request = PaperRequest(
            scenario=str(scenario or self.default_scenario),
            compare=None if compare is None else str(compare),
            candidates=tuple(map(str, candidates)),
            threshold=_read_threshold(threshold, mode),
            mode=mode,
            title=title,
            formats=tuple(formats),
            language=language or self.language,
            group=group,
        )
        written = write_paper(self.pack, request, Path(out), study=self.study, tell=tell)
        return tuple(file.path for file in written)

    def _read_scenario(
        self, scenario: Scenarios, name: str = OWN, study: Study | None = None
    ) -> tuple[Study, str]:
        """Return a study that knows a scenario, and the scenario's name in it."""
        study = study or self.study
        if scenario is None:
            return study, self.default_scenario
        if not isinstance(scenario, pd.DataFrame | gpd.GeoSeries):
            return study, str(scenario)
        rows = list_sites(scenario, SERVICE_POINT_COLUMNS)
        found = read_scenario(self.pack, rows, name=name, locate=study.locate)
        for warning in found.warnings:
            warnings.warn(warning, stacklevel=3)
        lists = {**getattr(study, "lists", {}), name: found}
        return OwnStudy(self.pack, shared=self.study, lists=lists), name

    def _read_candidates(
        self, candidates: str | Path | pd.DataFrame, study: Study
    ) -> tuple[Study, str]:
        if not isinstance(candidates, pd.DataFrame | gpd.GeoSeries):
            return study, str(candidates)
        rows = list_sites(candidates, CANDIDATE_SITE_COLUMNS, status="")
        lists = getattr(study, "lists", {})
        own = OwnStudy(self.pack, shared=self.study, lists=lists, candidates=rows)
        return own, OWN_CANDIDATES

    def _serving(self, study: Study, scenario: str) -> gpd.GeoSeries:
        sites = serving_sites(study.load_scenario(scenario))
        at = gpd.points_from_xy(sites.points[:, 0], sites.points[:, 1])
        return gpd.GeoSeries(at, index=pd.Index(sites.ids, name="id"), crs=self.crs)

    def _place_origins(self, origins: Origins) -> tuple[list[Any], list[GeocodeResult]]:
        frame: Any = origins if has_places(origins) else self.geocode(origins)
        points = read_points(frame, self.crs)
        is_sure = ~np.isnan(points[:, 0])
        if isinstance(frame, pd.DataFrame) and "outcome" in frame.columns:
            is_sure &= ~frame["outcome"].isin(NO_PLACE).to_numpy()
        radii = np.zeros(len(points))
        if isinstance(frame, pd.DataFrame) and "error_radius_m" in frame.columns:
            radii = pd.to_numeric(frame["error_radius_m"]).fillna(0).to_numpy(dtype=np.float64)
        labels = pd.Index(frame.index)[is_sure].tolist()
        places = [
            GeocodeResult(Outcome.EXACT, (), x=float(x), y=float(y), error_radius_m=float(radius))
            for (x, y), radius, ok in zip(points, radii, is_sure, strict=True)
            if ok
        ]
        return labels, places

    @cached_property
    def _area_shapes(self) -> dict[tuple[str, str], Any]:
        shapes: dict[tuple[str, str], Any] = {
            ("district", str(key)): shape
            for key, shape in zip(self.districts["district"], self.districts.geometry, strict=True)
        }
        for key, shape in zip(self.quarters["quarter"], self.quarters.geometry, strict=True):
            shapes["quarter", str(key)] = shape
        return shapes

    def _with_areas(self, columns: Mapping[str, Sequence[Any]]) -> gpd.GeoDataFrame:
        whole = shapely.union_all(self.districts.geometry.to_numpy())
        kinds = zip(columns["area_kind"], columns["area"], strict=True)
        shapes = [self._area_shapes.get((kind, str(area)), whole) for kind, area in kinds]
        return make_frame(columns, shapes, self.crs)

    def _place_sites(self, places: Sequence[tuple[str, Mapping[str, Any]]]) -> gpd.GeoDataFrame:
        index = pd.Index([key for key, _ in places], name="id", dtype=object)
        named = ("name", "address", "district", "location_outcome")
        columns = {name: [facts[name] for _, facts in places] for name in named}
        at = gpd.points_from_xy(
            [facts["lon"] for _, facts in places], [facts["lat"] for _, facts in places]
        )
        return make_frame(columns, at, "EPSG:4326", index).to_crs(self.crs)


RESIDENTS_OF = ("residents", "migration_background", "foreign_citizens", "under_18", "over_65")
NO_PLACE = (Outcome.AMBIGUOUS.value, Outcome.OUTSIDE.value, Outcome.NOT_FOUND.value)
NEAREST_COLUMNS = (
    "origin", "rank", "id", "name", "address", "distance_m", "distance_m_lower",
    "distance_m_upper", "duration_min", "duration_min_lower", "duration_min_upper", "basis",
    "status", "is_disputed", "is_open_now", "geometry",
)  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class Answer:
    """What was asked, the answer's tables, and what it says in words.

    Attributes
    ----------
    request
        Scenario, threshold, mode and group in short.
    sentences
        What the answer says; :meth:`tell` gives them in a language.
    assumptions
        What the travel costs assume beyond the data.
    """

    request: str
    sentences: tuple[Phrase, ...] = field(repr=False)
    assumptions: Phrase | None = field(repr=False)

    def tell(self, language: Language = "de") -> list[str]:
        """Return what the answer says, a sentence or a short paragraph each."""
        return [sentence.in_language(language) for sentence in self.sentences]

    @property
    def table(self) -> pd.DataFrame:
        """The answer's main table."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.request!r}, {len(self.table)} rows)"

    def _repr_html_(self) -> str:
        shown = self.table.head(SHOWN_ROWS)
        if isinstance(shown, gpd.GeoDataFrame):
            shown = shown.drop(columns=shown.geometry.name)
        return f"<p>{escape(repr(self))}</p>{pd.DataFrame(shown).to_html()}"


@dataclass(frozen=True, repr=False, eq=False)
class Gaps(Answer):
    """Who is unserved in a scenario.

    Attributes
    ----------
    districts
        Indexed by number: ``name``, ``group``, ``people``, ``sites_located``, ``sites_stated``,
        ``located_unserved``, ``stated_unserved``, ``covered``, ``share`` with its bounds,
        ``share_if_disputed_false``, probabilities, ids of sites; geometry: the district.
    areas
        Areas with people out of reach, the most first: ``rank``, ``kind``, ``area``, ``name``,
        ``district``, ``group``, ``people``, ``out_of_reach`` with its bounds, ``nearest_site``,
        ``median_cost``; geometry: where these people live on average.
    """

    districts: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The districts."""
        return self.districts


@dataclass(frozen=True, repr=False, eq=False)
class Difference(Answer):
    """Who gained and who lost between two scenarios.

    Attributes
    ----------
    rows
        ``area_kind``, ``area``, ``name``, ``group``, ``threshold``, ``gained`` and ``lost``
        (people) with their bounds, ``rests_on_disputed`` (ids); geometry: the area.
    """

    rows: gpd.GeoDataFrame

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The rows."""
        return self.rows


@dataclass(frozen=True, repr=False, eq=False)
class Siting(Answer):
    """Where the next sites should open.

    Attributes
    ----------
    status
        ``optimal`` (proven), ``feasible`` or ``infeasible``.
    objective, bound
        In the model's own terms: weight covered, weight times cost, the largest cost, the number of
        sites or the smallest distance.
    optimal_sets, n_optimal_sets
        Every set of ids that is as good, and how many there are.
    runner_up
        The best set that is not optimal, as far as known.
    sites
        The first optimal set, indexed by id.
    assignments
        By demand cell the site that serves it.
    """

    model: str
    status: str
    objective: float | None
    bound: float | None
    optimal_sets: tuple[tuple[str, ...], ...]
    n_optimal_sets: int
    runner_up: tuple[str, ...] | None
    sites: gpd.GeoDataFrame
    assignments: pd.Series

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The sites chosen."""
        return self.sites


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Answer):
    """Candidates side by side.

    Attributes
    ----------
    candidates
        Indexed by id: ``name``, ``address``, ``district``, ``location_outcome``, ``rank``,
        ``gained`` (people of the group newly within reach) and ``gained_…`` of each group,
        ``p_best`` (share of draws), ``is_pareto``, ``mean_cost``, ``stop_distance_m``.
    is_decided
        Whether the data decide for one candidate.
    left_out
        Ids of candidates without a known place.
    """

    candidates: gpd.GeoDataFrame
    is_decided: bool
    left_out: tuple[str, ...]

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The candidates."""
        return self.candidates


@dataclass(frozen=True, repr=False, eq=False)
class Map:
    """A map that shows itself in a notebook.

    Attributes
    ----------
    folium
        The map itself, to which further elements can be added.
    """

    request: str
    folium: SheetMap

    def __repr__(self) -> str:
        return f"Map({self.request!r})"

    def to_html(self) -> str:
        """Return the map as a whole page that makes no request."""
        from welcomemap.cartography.page import render_html  # noqa: PLC0415 - maps alone

        return render_html(self.folium)

    def save(self, path: str | Path) -> Path:
        """Write the map as one HTML file and return its path.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        from welcomemap.cartography.page import write_map_html  # noqa: PLC0415 - maps alone

        return write_map_html(self.folium, Path(path)).path

    def _repr_html_(self) -> str:
        page = escape(self.to_html(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:640px;border:0"></iframe>'


def _as_addresses(addresses: Origins) -> pd.DataFrame:
    if isinstance(addresses, pd.DataFrame):
        return pd.DataFrame(addresses)
    listed = [addresses] if isinstance(addresses, str) else addresses
    index = listed.index if isinstance(listed, pd.Series) else None
    return pd.DataFrame({"address": [str(text) for text in listed]}, index=index)


def _as_tuple(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _read_threshold(text: str | None, mode: Mode) -> Threshold:
    return parse_threshold(text or (BY_LINES if mode == "transit" else WALKABLE))


def _read_thresholds(texts: str | Sequence[str] | None, mode: Mode) -> tuple[Threshold, ...]:
    if texts is None:
        return (_read_threshold(None, mode),)
    return tuple(parse_threshold(text) for text in _as_tuple(texts))


def _ask(
    scenario: str, cuts: Threshold | Iterable[Threshold], mode: str, group: str | Sequence[str],
    model: str = "",
) -> str:  # fmt: skip
    told = [cuts] if isinstance(cuts, Threshold) else cuts
    parts = (model, scenario, *map(str, told), mode, *_as_tuple(group))
    return ", ".join(filter(None, parts))


def _list(rows: Sequence[Any], *names: str) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in names}


def _bounds(
    name: str, intervals: Sequence[tuple[float, float] | None]
) -> dict[str, list[float | None]]:
    known = [interval or (None, None) for interval in intervals]
    return {f"{name}_lower": [low for low, _ in known], f"{name}_upper": [up for _, up in known]}


def _spread(
    name: str, value: float | None, interval: tuple[float, float] | None
) -> dict[str, float | None]:
    low, up = interval or (None, None)
    return {name: value, f"{name}_lower": low, f"{name}_upper": up}

"""A region and what an analyst asks of it: frames go in, frames come out.

Frames with a geometry may be in any CRS; what has none is refused, and so are degrees that are
called metres. What comes out is in the region's metric CRS, or in that of the frame it belongs to.
Thresholds are texts such as ``"1000m"`` or ``"15min"`` and inclusive. A scenario is the name of a
published list, a day such as ``"2024-06-30"``, a file, or a frame of sites.

Examples
--------
>>> import welcomemap as wm
>>> region = wm.open_region()
>>> region
Region('Düsseldorf', scenarios 2019, 2026, 10 districts, EPSG:25832)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import date as date_type
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from welcomemap.answers import Comparison, Difference, Gaps, Map, Siting, read_language
from welcomemap.arguments import (
    Origins,
    Scenarios,
    as_tuple,
    free_name,
    is_frame,
    name_list,
    read_addresses,
    read_degrees,
    read_group,
    read_groups,
    read_ids,
    read_numbers,
    read_radii,
    read_seconds,
    read_threshold,
    read_thresholds,
    read_whole,
    rename_given,
    write_day,
)
from welcomemap.columns import DTYPES, TEXT, as_table, make_frame, shape_columns
from welcomemap.crs import WGS84, Points, project, unproject_point
from welcomemap.describe.assumptions import describe_assumptions
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.comparison import describe_comparison
from welcomemap.describe.gaps import describe_area, describe_district, tell_unlocated
from welcomemap.describe.reasons import RowWords
from welcomemap.describe.siting import describe_choice, describe_infeasibility
from welcomemap.describe.words import read_region_words
from welcomemap.errors import CoordinateWarning, SwappedCoordinatesError, UsageError
from welcomemap.frames import (
    Frame,
    as_series,
    has_places,
    list_sites,
    read_points,
)
from welcomemap.geocoding.batch import as_sheet, locate_rows
from welcomemap.geocoding.outcome import GeocodeResult, Outcome, read_outcome
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.scenario import is_list_file, read_scenario
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
from welcomemap.study.siting import SitePlace
from welcomemap.study.study import Study, serving_sites
from welcomemap.travel.impedance import Mode, Threshold, Unit, parse_threshold
from welcomemap.travel.service_area import make_service_area
from welcomemap.wording import Language, say

RESIDENTS = "residents"
OWN = "own"
EARLIER, LATER = say("earlier list"), say("later list")
"""What two lists are called that are compared and have no name."""


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


@dataclass(frozen=True, repr=False, eq=False)
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
        return self.pack.language

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the published lists of service points, oldest first."""
        return self.pack.scenarios

    @property
    def default_scenario(self) -> str:
        """The list that counts where none is named."""
        return self.pack.default_scenario

    @property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts with their people by group; a copy, as every frame that comes from here."""
        return as_table("districts", self.pack.districts)

    @property
    def quarters(self) -> gpd.GeoDataFrame:
        """Quarters with their people by group."""
        return as_table("quarters", self.pack.quarters)

    @property
    def demand_cells(self) -> gpd.GeoDataFrame:
        """Where people live: cells with people by group, as points."""
        return as_table("demand_cells", self.pack.demand_cells)

    def sites(self, scenario: Scenarios = None) -> gpd.GeoDataFrame:
        """Return the service points of a scenario, indexed by id; no geometry where no place.

        With a row more it is a scenario of one's own: ``pd.concat([region.sites("2026"), mine])``.

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
        numbers = {name: pd.to_numeric(rows[name]) for name in ("error_radius_m", "capacity")}
        district = rows["district"].where(rows["district"] >= 0).astype("Int64")
        rows = rows.assign(district=district, **numbers)
        return make_frame("sites", rows, list(shapes), self.crs, rows.index)

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
        frame = read_addresses(addresses)
        said = self.language if language is None else read_language(language)
        results, told = locate_rows(
            as_sheet(frame), self.study.geocoder, None if columns is None else as_tuple(columns)
        )
        for warning in told:
            warnings.warn(warning, stacklevel=2)
        words = [RowWords(said)(result) for result in results]
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
        found = shape_columns("geocode", answers, frame.index)
        given = pd.DataFrame(frame).set_axis(
            rename_given(list(frame.columns), {*found.columns, "geometry"}), axis=1
        )
        # Side by side and not joined: labels of rows may occur twice.
        table = given.assign(**{str(c): found[c].array for c in found.columns})
        return gpd.GeoDataFrame(table, geometry=places, crs=self.crs)

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
            Moment of ``is_open_now``, default the present; without a time zone it is the region's.

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
        if not isinstance(k, int | np.integer) or k < 1:
            raise UsageError("k is {k}", k=k, how="Ask for 1 site or more.")
        study, name = self._read_scenario(scenario)
        labels, places = self._place_origins(origins)
        answers = study.rank_all(
            places, study.load_scenario(name), mode, self._read_moment(now), limit=int(k)
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
            }
            for label, answer in zip(labels, answers, strict=True)
            for rank, site in enumerate(answer.sites, start=1)
        ]
        points = [shapely.Point(site.x, site.y) for answer in answers for site in answer.sites]
        return make_frame("nearest", pd.DataFrame(rows), points, self.crs)

    def cost_matrix(
        self,
        origins: Origins,
        destinations: Scenarios = None,
        *,
        mode: Mode = "walk",
        unit: Unit = "m",
    ) -> pd.DataFrame:
        """Return travel costs, a row for each origin and a column for each destination.

        Parameters
        ----------
        origins
            Points in any CRS, or addresses, which are looked up.
        destinations
            Points in any CRS, or a scenario, whose open and disputed points are taken where the
            list has them (:meth:`nearest` measures one that has moved where it has moved to).
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
        starts: Any = self._read_origins(origins)
        chosen: Any = self._read_sites(destinations)
        starts_xy, ends_xy = read_points(starts, self.crs), read_points(chosen, self.crs)
        self._warn_of_far(starts_xy)
        costs = np.full((len(starts_xy), len(ends_xy)), np.nan)
        rows, columns = (~np.isnan(points[:, 0]) for points in (starts_xy, ends_xy))
        matrix = self.study.impedance(mode, unit).cost_matrix(starts_xy[rows], ends_xy[columns])
        costs[np.ix_(rows, columns)] = matrix.cost
        return pd.DataFrame(costs, index=as_series(starts).index, columns=as_series(chosen).index)

    def service_area(
        self, sites: Scenarios, threshold: str = "1000m", *, mode: Mode = "walk"
    ) -> gpd.GeoDataFrame:
        """Return an area to draw of what is reachable from each site, in the CRS of the sites.

        It is for the eye: who is within reach is told by costs (:meth:`coverage`), not by a join.

        Parameters
        ----------
        sites
            Points in any CRS, or a scenario, whose open and disputed points are taken.
        mode
            ``walk`` or ``cycle``.

        Returns
        -------
        geopandas.GeoDataFrame
            ``threshold``, ``covered_area_km2``; geometry: (multi)polygons, indexed as the sites,
            ``None`` where a site has no place.

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
        given: Any = self._read_sites(sites)
        shapes = as_series(given)
        points = read_points(given, self.crs)
        self._warn_of_far(points)
        impedance = self.study.impedance(mode, cut.unit)
        areas = [
            None
            if np.isnan(point).any()
            else make_service_area(impedance, point[None], cut.value).whole
            for point in points
        ]
        columns: dict[str, list[Any]] = {
            "threshold": [str(cut)] * len(areas),
            "covered_area_km2": [np.nan if area is None else area.area / 1e6 for area in areas],
        }
        made = make_frame("service_area", columns, areas, self.crs, shapes.index)
        return made.to_crs(shapes.crs)

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
            One or several, such as ``"1000m"`` (where none is given) or ``"15min"`` (where none is
            given and the mode is public transport).
        group
            One or several of :data:`welcomemap.region.schemas.GROUPS`.
        seed
            Of the draws that the intervals come from.

        Returns
        -------
        geopandas.GeoDataFrame
            ``area_kind`` (``city``, ``district``, ``quarter``), ``area_id``, ``name``, ``group``,
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
            name,
            read_thresholds(threshold, mode),
            read_groups(group),
            mode,
            read_whole("seed", seed),
        )
        rows = study.measure_coverage(request).rows
        columns = {
            "area_kind": [row.area_kind for row in rows],
            "area_id": [str(row.area) for row in rows],
            **_list(rows, "name", "group"),
            "threshold": [str(row.threshold) for row in rows],
            **_list(rows, "total", "covered", "share"),
            **_bounds("share", [row.interval for row in rows]),
            **_list(rows, "share_if_disputed_false", "probability_unserved", "basis"),
        }
        return self._with_areas("coverage", columns)

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
        >>> gaps.areas.iloc[0][["kind", "area_id"]].tolist()
        ['district', '9']
        """
        study, name = self._read_scenario(scenario)
        cut = read_threshold(threshold, mode)
        result = study.find_gaps(
            GapsRequest(name, cut, mode, read_group(group), read_whole("seed", seed))
        )
        words = read_region_words(self.pack.region)
        found, ranked = result.districts, result.areas
        districts = {
            **_list(found, "name", "group", "people"),
            "sites_located": [len(gap.located) for gap in found],
            "sites_stated": pd.array(
                [None if gap.stated is None else len(gap.stated) for gap in found], dtype="Int64"
            ),
            "located_unserved": [gap.is_located_unserved for gap in found],
            "stated_unserved": pd.array([gap.is_stated_unserved for gap in found], dtype="boolean"),
            "covered": [gap.covered for gap in found],
            "share": [gap.share for gap in found],
            **_bounds("share", [gap.interval for gap in found]),
            **_list(found, "share_if_disputed_false", "probability_located_unserved"),
            **_list(found, "probability_reach_unserved", "located", "disputed", "planned"),
        }
        by_number = self.districts.set_index("district").geometry
        numbers = pd.Index([gap.district for gap in found], name="district", dtype="int64")
        shapes = [by_number[number] for number in numbers]
        areas = {
            **_list(ranked, "rank", "kind"),
            "area_id": [str(gap.area) for gap in ranked],
            **_list(ranked, "name", "district", "group", "people"),
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
                *filter(None, [tell_unlocated(result.list_notes)]),
                *(describe_district(result, gap, words) for gap in found),
                *(describe_area(result, gap, words) for gap in ranked),
            ),
            assumptions=describe_assumptions(result.assumptions),
            language=self.language,
            districts=make_frame("gaps.districts", districts, shapes, self.crs, numbers),
            areas=make_frame("gaps.areas", areas, places, WGS84).to_crs(self.crs),
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
        study, first = self._read_scenario(before, EARLIER.in_language(self.language))
        study, second = self._read_scenario(after, LATER.in_language(self.language), study)
        cuts = read_thresholds(threshold, mode)
        result = study.compare_scenarios(
            DifferenceRequest(
                first, second, cuts, read_groups(group), mode, read_whole("seed", seed)
            )
        )
        rows = result.rows
        columns = {
            "area_kind": [row.area_kind for row in rows],
            "area_id": [str(row.area) for row in rows],
            **_list(rows, "name", "group"),
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
            self.language,
            self._with_areas("diff", columns),
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
        require_districts: int | Sequence[int] = (),
        required: str | Sequence[str] = (),
        excluded: str | Sequence[str] = (),
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
            ``list``, ``facilities``, ``offices``, ``stops``, ``cells``, a file, or a frame of
            sites.
        keep_existing
            The scenario's sites stay and count; else they compete with the candidates.
        require_districts
            At least one open site must lie in each; those that stay count too.
        required, excluded
            Ids that must, or must not, be among those chosen.

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
        cut, group = read_threshold(threshold, mode), read_group(group)
        answer = study.choose_sites(
            SiteRequest(
                model, read_whole("p", p), name, cut, mode, group, source, keep_existing,
                read_numbers("require_districts", require_districts), as_tuple(required),
                as_tuple(excluded), read_seconds("time_limit_s", time_limit_s), is_varied=None,
            )
        )  # fmt: skip
        result = answer.result
        chosen = result.optimal_sets[0] if result.optimal_sets else ()
        reason = () if result.reason is None else (describe_infeasibility(result.reason),)
        return Siting(
            _ask(answer.request.scenario, cut, mode, group, model),
            (*reason, *describe_choice(answer)),
            describe_assumptions(answer.assumptions),
            self.language,
            model=result.model,
            status=result.status,
            objective=result.objective,
            bound=result.bound,
            covered=answer.covered,
            optimal_sets=result.optimal_sets,
            n_optimal_sets=result.n_optimal_sets,
            runner_up=None if result.runner_up is None else result.runner_up.members,
            sites=self._place_sites("site", [(key, answer.places[key]) for key in chosen]),
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
        """Return candidates side by side, ranked, and how sure it is which gains the most.

        Parameters
        ----------
        candidates
            Ids of the pack's candidate sites (all of them if empty), a file, or a frame of sites.
        weights
            Of criteria by name; the usual ones count equally if ``None``.

        Returns
        -------
        Comparison
            Its ``candidates`` have ``p_best``, the share (0-1) of the simulated draws in which this
            candidate gains the most people of the group, ties split; ``None`` where nothing was
            drawn. ``rank`` goes by the weights and may be another order.

        Raises
        ------
        UsageError
            If an id or a criterion is unknown, or no candidate has a place.
        DuplicateIdError
            If two candidates, or a candidate and a site of the list, share an id.

        Examples
        --------
        >>> region = open_region()
        >>> region.compare(["hdk-446", "hdk-york"]).candidates["rank"].to_dict()
        {'hdk-446': 2, 'hdk-york': 1}
        """
        study, name = self._read_scenario(scenario)
        ids: tuple[str, ...] = ()
        source: str | None = None
        if isinstance(candidates, str) and not is_list_file(candidates):
            ids = (candidates,)
        elif isinstance(candidates, str | Path | pd.DataFrame | gpd.GeoSeries):
            study, source = self._read_candidates(candidates, study)
        else:
            ids = read_ids("candidates", candidates)
        cut, group = read_threshold(threshold, mode), read_group(group)
        answer = study.compare_candidates(
            CompareRequest(
                ids,
                source,
                name,
                cut,
                mode,
                tuple((weights or {}).items()),
                group,
                read_whole("seed", seed),
            )
        )
        facts, counted = answer.comparison, answer.gains.groups.index(group)
        places = [(c.id, answer.places[k]) for k, c in enumerate(facts.candidates)]
        frame = self._place_sites(
            "compare", places,
            rank=[int(rank) for rank in facts.ranking.rank],
            gained=facts.gained,
            **_bounds("gained", [answer.gains.interval(k, counted) for k in range(len(places))]),
            p_best=[None] * len(places) if facts.p_best is None else facts.p_best.tolist(),
            is_pareto=[bool(kept) for kept in facts.ranking.pareto],
            **{
                f"gained_{one}": [c.reach.gained[one] for c in facts.candidates]
                for one in answer.gains.groups
            },
            mean_cost=[c.reach.mean_cost for c in facts.candidates],
            p90_cost=[c.reach.p90_cost for c in facts.candidates],
            overlap_share=[c.reach.overlap_share for c in facts.candidates],
            stop_distance_m=[c.stop_distance_m for c in facts.candidates],
            n_lines=pd.array([c.n_lines for c in facts.candidates], dtype="Int64"),
            first_share=[float(share) for share in facts.ranking.first_share],
        )  # fmt: skip
        return Comparison(
            _ask(answer.request.scenario, cut, mode, group),
            describe_comparison(answer),
            describe_assumptions(answer.assumptions),
            self.language,
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
        cut, group = read_threshold(threshold, mode), read_group(group)
        request = GapsRequest(name, cut, mode, group)
        said = self.language if language is None else read_language(language)
        content = describe_study(study, request, study.find_gaps(request), said)
        drawn = draw_overview(content, load_basemap(self.pack), said)
        return Map(_ask(name, cut, mode, group), drawn)

    def report(
        self,
        out: str | Path,
        *,
        scenario: str | Path | date_type | None = None,
        compare: str | Path | date_type | None = None,
        candidates: str | Path | Sequence[str] = (),
        threshold: str | None = None,
        group: str = RESIDENTS,
        mode: Mode = "walk",
        formats: Sequence[str] = (),
        language: Language | None = None,
        title: str = "",
        reference: str = "",
        date: str | date_type = "",
        focus_district: int | None = None,
        seed: int = DEFAULT_SEED,
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
            scenario=name_list(self.default_scenario if scenario is None else scenario, "scenario"),
            compare=None if compare is None else name_list(compare, "compare"),
            candidates=_name_candidates(candidates),
            threshold=read_threshold(threshold, mode),
            mode=mode,
            title=title,
            reference=reference,
            date=write_day(date),
            focus_district=focus_district,
            seed=read_whole("seed", seed),
            formats=as_tuple(formats),
            language=self.language if language is None else read_language(language),
            group=read_group(group),
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
            return study, name_list(scenario, "scenario")
        known = dict(getattr(study, "lists", {}))
        # A copy of a frame keeps its name, and one may be called as a published list is.
        name = free_name(str(scenario.attrs.get("name") or name), {*known, *self.scenarios})
        rows = list_sites(scenario, SERVICE_POINT_COLUMNS)
        found = read_scenario(self.pack, rows, name=name, locate=study.locate)
        for warning in found.warnings:
            warnings.warn(warning, stacklevel=3)
        lists = {**known, name: found}
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

    def _read_sites(self, sites: Scenarios) -> Frame:
        """Return a frame of points as it is, and of a scenario the points that serve."""
        if has_places(sites):
            return sites
        return self._serving(*self._read_scenario(sites))

    def _read_origins(self, origins: Origins) -> Frame:
        """Return a frame of points: as it is, from ``lon`` and ``lat``, or from addresses."""
        if has_places(origins):
            return origins
        if isinstance(origins, pd.DataFrame) and {"lon", "lat"} <= set(origins.columns):
            degrees = read_degrees(origins)
            at = gpd.points_from_xy(degrees[:, 0], degrees[:, 1])
            return gpd.GeoDataFrame(origins, geometry=at, crs=WGS84)
        return self.geocode(origins)

    def _warn_of_far(self, points: Points, stacklevel: int = 3) -> None:
        """Refuse points that are in the region with axes exchanged; warn of those far away.

        Raises
        ------
        SwappedCoordinatesError
            If one is.
        """
        west, south, east, north = self.pack.districts.total_bounds
        known = points[~np.isnan(points[:, 0])]
        away = np.maximum(
            np.maximum(west - known[:, 0], known[:, 0] - east),
            np.maximum(south - known[:, 1], known[:, 1] - north),
        )
        if not (away > FAR_M).any():
            return
        x, y = known[int(away.argmax())]
        lat, lon = unproject_point(float(x), float(y), crs=self.crs)
        swapped = project(lat, lon, crs=self.crs)[0]
        if west <= swapped[0] <= east and south <= swapped[1] <= north:
            raise SwappedCoordinatesError(
                "longitude and latitude are exchanged: longitude {lon:g}, latitude {lat:g}",
                lon=lon,
                lat=lat,
                how="Give longitude first: gpd.points_from_xy(lon, lat).",
            )
        warning = CoordinateWarning(
            "{n_far} point(s) lie more than {far_km:g} km outside {name}, one of them "
            "{away_km:.0f} km",
            n_far=int((away > FAR_M).sum()),
            far_km=FAR_M / 1000,
            name=self.name,
            away_km=away.max() / 1000,
            how="Check their CRS; ways from there are rough estimates.",
        )
        warnings.warn(warning, stacklevel=stacklevel)

    def _read_moment(self, now: datetime | None) -> datetime:
        if now is None:
            return datetime.now(UTC)
        if not isinstance(now, datetime):
            raise UsageError(
                "now is {now}, which is no moment", now=str(now), how="Give a datetime."
            )
        zone = ZoneInfo(str(self.pack.region.get("timezone", "UTC")))
        return now if now.tzinfo is not None else now.replace(tzinfo=zone)

    def __reduce__(self) -> tuple[Callable[..., Region], tuple[str]]:
        return open_region, (str(self.pack.folder),)

    def _place_origins(self, origins: Origins) -> tuple[list[Any], list[GeocodeResult]]:
        frame: Any = self._read_origins(origins)
        points = read_points(frame, self.crs)
        self._warn_of_far(points, stacklevel=4)
        is_sure = ~np.isnan(points[:, 0])
        if isinstance(frame, pd.DataFrame) and "outcome" in frame.columns:
            is_sure &= ~frame["outcome"].isin(NO_PLACE).to_numpy()
        is_table = isinstance(frame, pd.DataFrame)
        radii = read_radii(frame) if is_table else np.zeros(len(points))
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

    def _with_areas(self, table: str, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
        whole = shapely.union_all(self.districts.geometry.to_numpy())
        kinds = zip(columns["area_kind"], columns["area_id"], strict=True)
        shapes = [self._area_shapes.get((kind, area), whole) for kind, area in kinds]
        return make_frame(table, columns, shapes, self.crs)

    def _place_sites(
        self, table: str, places: Sequence[tuple[str, SitePlace]], **columns: Any
    ) -> gpd.GeoDataFrame:
        index = pd.Index([key for key, _ in places], name="id", dtype=DTYPES[TEXT])
        named = ("name", "address", "district")
        columns |= {name: [getattr(place, name) for _, place in places] for name in named}
        outcomes = [read_outcome(place.location_outcome) for _, place in places]
        columns["location_outcome"] = [None if one is None else one.value for one in outcomes]
        at = gpd.points_from_xy(
            [place.lon for _, place in places], [place.lat for _, place in places]
        )
        return make_frame(table, columns, at, WGS84, index).to_crs(self.crs)


FAR_M = 25_000.0
"""Nearer than this people may come from outside; what lies farther is likely to be a mistake."""
NO_PLACE = (Outcome.AMBIGUOUS.value, Outcome.OUTSIDE.value, Outcome.NOT_FOUND.value)


def _name_candidates(candidates: Any) -> tuple[str, ...]:
    if is_frame(candidates):
        name_list(candidates, "candidates")
    return tuple(map(str, as_tuple(candidates)))


def _ask(
    scenario: str, cuts: Threshold | Iterable[Threshold], mode: str, group: str | Sequence[str],
    model: str = "",
) -> str:  # fmt: skip
    told = [cuts] if isinstance(cuts, Threshold) else cuts
    parts = (model, scenario, *map(str, told), mode, *as_tuple(group))
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

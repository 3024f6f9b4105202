"""What a study found, as the content of a map: sentences and facts in the map's language."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.basemap import load_basemap
from welcomemap.cartography.content import (
    Fact,
    Frame,
    MapArea,
    MapCell,
    MapChange,
    MapReach,
    MapSite,
    MapStudy,
    TileServer,
    list_credits,
    list_sources,
)
from welcomemap.cartography.elements import Scene
from welcomemap.cartography.geometry import list_grid_squares, merge_cells
from welcomemap.cartography.page import write_map_html
from welcomemap.cartography.sheet import SheetMap
from welcomemap.cartography.views import draw_overview, draw_review
from welcomemap.coverage.accessibility import AccessibilityModel, ServicePoint
from welcomemap.coverage.change import DiffResult
from welcomemap.coverage.coverage_table import CoverageResult, CoverageRow
from welcomemap.coverage.gaps import DistrictGap, GapsResult
from welcomemap.crs import project
from welcomemap.describe.comparison import MOST_IN_DRAWS, word_mean_way
from welcomemap.describe.disputes import describe_reports
from welcomemap.describe.gaps import state_finding, tell_unlocated, tell_without_streets
from welcomemap.describe.nouns import label_area, name_area, name_areas
from welcomemap.describe.reasons import describe_note, tell_rough_place
from welcomemap.describe.words import (
    MODE_LABELS,
    add_counted,
    head_gained,
    head_people,
    head_reached,
    head_share,
    read_region_words,
    word_cost,
    word_threshold,
)
from welcomemap.errors import UsageError, fault
from welcomemap.files import Written, check_ending, claimed
from welcomemap.geocoding.outcome import Outcome
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import RowNote, Scenario, is_list_file, shorten_list_name
from welcomemap.study.comparison import ComparisonAnswer
from welcomemap.study.requests import GapsRequest
from welcomemap.study.study import Study
from welcomemap.style import Sign
from welcomemap.tabular import read_table
from welcomemap.travel.factory import list_districts_without_streets
from welcomemap.travel.impedance import Impedance, Threshold, is_within
from welcomemap.travel.service_area import make_service_area
from welcomemap.wording import (
    NOTHING,
    UNKNOWN,
    Language,
    Phrase,
    capitalise,
    format_hours,
    format_interval,
    format_iso_date,
    format_metres,
    format_number,
    format_share,
    open_translator,
    say,
    say_as,
    say_counted,
)

SIGN_OF_STATUS = {
    "open": Sign.OPEN,
    "planned": Sign.PLANNED,
    "closed": Sign.CLOSED,
    "disputed": Sign.DISPUTED,
}
MAP_ENDINGS = (".html", ".htm")


def write_study_map(study: Study, request: GapsRequest, path: Path, language: Language) -> Written:
    """Write the overview of a scenario as one self-contained page.

    Raises
    ------
    UsageError
        If the file is one that the map is drawn from, or its name does not end in .html.
    OutputError
        If the file cannot be written; nothing is left half written.
    """
    with claimed([path], inputs=(*study.pack.files, request.scenario)):
        check_ending(path, MAP_ENDINGS, fault("a map"))
        content = describe_study(study, request, study.find_gaps(request), language)
        drawn = draw_overview(content, load_basemap(study.pack), language)
        return write_map_html(drawn, path)


def describe_study(
    study: Study,
    request: GapsRequest,
    gaps: GapsResult,
    language: Language,
    *,
    tiles: TileServer | None = None,
) -> MapStudy:
    """Turn the gaps of a scenario into areas, sites and a heading."""
    pack = study.pack
    accessibility = study.read_accessibility(request.scenario, request.mode, request.threshold.unit)
    scenario, words = study.load_scenario(request.scenario), read_region_words(pack.region)
    unserved = [str(d.district) for d in gaps.districts if d.is_located_unserved]
    unlocated = tell_unlocated(gaps.list_notes)
    finding = state_finding(
        unserved, words.service_point, area_word=words.district,
        has_unlocated=unlocated is not None,
    )  # fmt: skip
    remarks = () if unlocated is None else (unlocated.in_language(language),)
    return MapStudy(
        areas=describe_districts(pack, gaps, language),
        share_heading=head_share(gaps.group).in_language(language),
        sites=describe_existing(pack, accessibility, scenario, language),
        frame=replace(
            frame_request(pack, request, finding.in_language(language), language),
            remarks=(*remarks, *tell_other_reading(gaps, pack, language)),
            tiles=tiles,
        ),
    )


def frame_request(pack: RegionPack, request: GapsRequest, title: str, language: Language) -> Frame:
    """Return the heading and margin of a map that answers a request."""
    subtitle = describe_request(pack, request, language)
    sources = list_credits(pack, request.scenario, language)
    return Frame(title, subtitle, sources=sources, crs=pack.crs)


def describe_request(pack: RegionPack, request: GapsRequest, language: Language) -> str:
    """Say scenario, date of the list, mode, threshold and who is counted in one line."""
    threshold = word_threshold(request.threshold)
    mode = MODE_LABELS[request.mode].in_language(language)
    scenario, dated = _name_list(request.scenario), NOTHING
    if not is_list_file(request.scenario):
        dated = say(" · data of {date}", date=date_of_data(pack, language))
    said = say(
        "{scenario}{dated} · within reach: {mode} within {threshold}",
        scenario=scenario,
        dated=dated,
        mode=mode,
        threshold=threshold,
    )
    return add_counted(said, request.group).in_language(language)


def _name_list(scenario: str) -> Phrase:
    """Call a planner's own list so, and never a register."""
    name = shorten_list_name(scenario)
    if is_list_file(scenario):
        return say("Own list “{name}”", name=name)
    return say("List of {name}", name=name)


def date_of_data(pack: RegionPack, language: Language) -> str:
    """Return the date of the service points' layer as people write it."""
    for resource in pack.manifest["resources"]:
        if resource["name"] == "service_points":
            return format_iso_date(str(resource.get("date", "")), language)
    return UNKNOWN.in_language(language)


def tell_other_reading(gaps: GapsResult, pack: RegionPack, language: Language) -> tuple[str, ...]:
    """Say which districts other sources judge differently, and how the figures are made."""
    words = read_region_words(pack.region)
    opened = [
        str(d.district)
        for d in gaps.districts
        if d.is_located_unserved and d.located_if_disputed_false
    ]
    closed = [
        str(d.district)
        for d in gaps.districts
        if not d.is_located_unserved and not d.located_if_disputed_false
    ]
    remarks = []
    if closed:
        said = say_counted(
            "Other sources disagree: by them {where} would be {none} too.",
            "Other sources disagree: by them {where} would be {none} too.",
            count=len(closed),
            where=name_areas(words.district, closed),
            none=words.service_point.without(),
        )
        remarks.append(said.in_language(language))
    if opened:
        where, one = name_areas(words.district, opened), words.service_point.a("accusative")
        said = say_counted(
            "Other sources disagree: by them {where} had {one} that the list omits.",
            "Other sources disagree: by them {where} had {one} that the list omits.",
            count=len(opened),
            where=where,
            one=one,
            that=words.service_point.that("accusative"),
        )
        remarks.append(said.in_language(language))
    if gaps.detour_factor is not None and gaps.mode != "transit":
        factor, low, high = (format_number(value, language, 2) for value in gaps.detour_factor)
        bridges = NOTHING
        if pack.has_layer("river"):
            bridges = say(", across the river only on bridges")
        streets = say("Ways are estimated")
        if pack.has_layer("street_edges"):
            streets = say("Ways along streets where they are known, else estimated")
        said = say(
            "{streets}: straight line × {factor} (interval {low} to {high}){bridges}.",
            streets=streets,
            factor=factor,
            low=low,
            high=high,
            bridges=bridges,
        )
        remarks.append(said.in_language(language))
        blind = tell_without_streets(list_districts_without_streets(pack), words)
        remarks += [] if blind is None else [blind.in_language(language)]
    return tuple(remarks)


def describe_districts(
    pack: RegionPack, gaps: GapsResult, language: Language
) -> tuple[MapArea, ...]:
    """Turn the districts of a result into areas with their facts."""
    shapes = dict(zip(pack.districts["district"], pack.districts.geometry, strict=True))
    noun = read_region_words(pack.region).district
    return tuple(
        MapArea(
            key=f"district-{gap.district}",
            name=name_area(noun, gap.district, gap.name).capitalised().in_language(language),
            label=label_area(noun, gap.district, gap.name).in_language(language),
            geometry=shapes[gap.district],
            share=gap.share,
            share_text=format_share(gap.share, language, gap.interval),
            is_unserved=gap.is_located_unserved,
            facts=_district_facts(gap, language),
            warnings=_district_warnings(gap, language),
        )
        for gap in gaps.districts
    )


def _district_facts(gap: DistrictGap, language: Language) -> tuple[Fact, ...]:
    stated = UNKNOWN.in_language(language) if gap.stated is None else str(len(gap.stated))
    people, *reach = list_reach_facts(gap, language)
    served = _list_facts(
        ((say("Sites located"), str(len(gap.located))), (say("Said to serve"), stated)), language
    )
    return (people, *served, *reach)


def _list_facts(labelled: Iterable[tuple[Phrase, str]], language: Language) -> tuple[Fact, ...]:
    return tuple(Fact(label.in_language(language), value) for label, value in labelled)


def list_reach_facts(counted: DistrictGap | CoverageRow, language: Language) -> tuple[Fact, ...]:
    """Return how many people of its group a result counts, and how many are within reach."""
    labelled = (
        (head_people(counted.group), format_number(counted.people, language)),
        (head_reached(counted.group), format_number(counted.covered, language)),
        (say("Share"), format_share(counted.share, language, counted.interval)),
        (say("Interval"), format_interval(counted.interval, language)),
    )
    return _list_facts(labelled, language)


def _district_warnings(gap: DistrictGap, language: Language) -> tuple[str, ...]:
    warnings = []
    if gap.planned:
        warnings.append(say("A site is planned."))
    if gap.stated_elsewhere:
        warnings.append(say("A site said to serve this district lies in another one."))
    if gap.disputed:
        warnings.append(say("Sources disagree about a site."))
    if gap.near_border:
        warnings.append(say("A site lies so near the border that its district is uncertain."))
    return tuple(warning.in_language(language) for warning in warnings)


def describe_site(
    point: ServicePoint, row: Mapping[Hashable, Any], pack: RegionPack, language: Language
) -> MapSite:
    """Turn a service point into a sign with its facts; unknown facts say so."""
    unknown, stated = UNKNOWN.in_language(language), "; ".join(map(str, point.stated_districts))
    labelled = [
        (say("Operator"), point_text(row, "operator")),
        (say("Address"), point.address),
        (say("Lies in"), _describe_place(point, pack, language)),
        (say("Phone"), point_text(row, "phone")),
        (say("Opening hours"), _hours(row, language)),
        (say("Source"), point_text(row, "source")),
    ]
    if stated:
        labelled.insert(3, (say_as("districts of a site", "Said to serve"), stated))
    rough = (tell_rough_place(point.error_radius_m),) if is_street_only(row) else ()
    return MapSite(
        key=point.id,
        name=point.name,
        sign=sign_of(point),
        x=point.x,
        y=point.y,
        facts=_list_facts(((label, value or unknown) for label, value in labelled), language),
        warnings=tuple(text.in_language(language) for text in (*describe_reports(point), *rough)),
        error_radius_m=point.error_radius_m,
    )


def sign_of(point: ServicePoint) -> Sign:
    """Return the sign of a service point; an open one that sources dispute has its own."""
    if point.is_disputed and point.status == "open":
        return Sign.DISPUTED
    return SIGN_OF_STATUS.get(point.status, Sign.OPEN)


def _add_notes(site: MapSite, notes: Sequence[RowNote], language: Language) -> MapSite:
    """Add what is to be known of a site's row in its list."""
    told = tuple(
        describe_note(note).in_language(language) for note in notes if note.site == site.key
    )
    return replace(site, warnings=(*site.warnings, *told))


def point_text(row: Mapping[Hashable, Any], column: str) -> str:
    """Return a text cell of a service point, empty where there is none."""
    value = row.get(column, "")
    return value if isinstance(value, str) else ""


def is_street_only(row: Mapping[Hashable, Any]) -> bool:
    """Tell whether no more than the street of a service point is known."""
    return point_text(row, "location_outcome") == Outcome.STREET


def _hours(row: Mapping[Hashable, Any], language: Language) -> str:
    hours, as_of = point_text(row, "opening_hours"), point_text(row, "opening_hours_as_of")
    shown = format_hours(hours, language)
    if hours and as_of:
        return say("{hours} (as of {year})", hours=shown, year=as_of[:4]).in_language(language)
    return shown


def _describe_place(point: ServicePoint, pack: RegionPack, language: Language) -> str:
    if point.district is None:
        return ""
    said = f"{pack.region['district_word'][language]} {point.district}"
    if point.error_radius_m is None:
        return said
    radius = f"{format_number(point.error_radius_m, language)}\N{NO-BREAK SPACE}m"
    return f"{said} (± {radius})"


UNNAMED_CELL_M = 100.0
"""Side of the square that stands for a demand cell whose id names no grid."""


def describe_quarters(
    pack: RegionPack, result: CoverageResult, group: str, threshold: Threshold, language: Language
) -> tuple[MapArea, ...]:
    """Turn the quarters of a result into areas with their figures."""
    asked = ("quarter", group, threshold)
    rows = [row for row in result.rows if (row.area_kind, row.group, row.threshold) == asked]
    return describe_rows(pack, rows, language)


def describe_rows(
    pack: RegionPack, quarters: Sequence[CoverageRow], language: Language
) -> tuple[MapArea, ...]:
    """Turn rows of quarters into areas with their figures."""
    table = pack.quarters
    shapes = dict(zip(table["quarter"].astype(str), table.geometry, strict=True))
    return tuple(
        MapArea(
            key=f"quarter-{row.area}",
            name=f"{row.area} {row.name}",
            label=str(row.area),
            geometry=shapes[str(row.area)],
            share=row.share,
            share_text=format_share(row.share, language, row.interval),
            facts=list_reach_facts(row, language),
        )
        for row in quarters
    )


def describe_cells(
    pack: RegionPack, accessibility: AccessibilityModel, group: str, threshold: Threshold
) -> tuple[MapCell, ...]:
    """Return the lived-in grid cells with the share (0-1) of their people who reach a site.

    A cell that a border cuts consists of several demand cells, each with its own place.
    """
    weights = accessibility.demand.weight_of(group)
    within = is_within(accessibility.nearest().cost, threshold.value)
    squares, index = _draw_squares(pack)
    total = np.bincount(index, weights=weights)
    covered = np.bincount(index, weights=weights * within)
    return tuple(
        MapCell(squares[k], float(covered[k] / total[k])) for k in np.flatnonzero(total > 0)
    )


def _draw_squares(pack: RegionPack) -> tuple[list[Polygon], NDArray[np.intp]]:
    """Return the squares of all grid cells, and the square of each demand cell.

    Where the cells' ids do not name a grid, a square around where their people live stands in.
    """
    ids = pack.demand_cells["cell_id"].astype(str).to_numpy()
    names, first, index = np.unique(ids, return_index=True, return_inverse=True)
    try:
        return list_grid_squares(names.tolist(), crs=pack.crs), index
    except UsageError:
        half = UNNAMED_CELL_M / 2
        places = shapely.get_coordinates(pack.demand_cells.geometry.to_numpy()[first])
        return [shapely.box(x - half, y - half, x + half, y + half) for x, y in places], index


def describe_reaches(
    accessibility: AccessibilityModel,
    impedance: Impedance,
    threshold: Threshold,
    language: Language,
) -> tuple[MapReach, ...]:
    """Return what is within reach of any site in operation, on streets and estimated.

    Raises
    ------
    UsageError
        If no area can be drawn for this mode.
    """
    running = accessibility.running()
    area = make_service_area(impedance, accessibility.destinations.points[running], threshold.value)
    known = say("along known streets").in_language(language)
    guess = say("estimated").in_language(language)
    parts = ((area.streets, False, known), (area.estimate, True, guess))
    return tuple(
        MapReach(
            key="estimate" if is_estimate else "streets",
            name=say("Within reach").in_language(language),
            geometry=shape,
            is_estimate=is_estimate,
            facts=(Fact(say("Way").in_language(language), told),),
        )
        for shape, is_estimate, told in parts
        if not shape.is_empty
    )


def describe_changes(
    areas: Sequence[MapArea], result: DiffResult, group: str, threshold: Threshold
) -> tuple[MapChange, ...]:
    """Return gains and losses of the districts, in the order of ``areas``."""
    found = {
        f"district-{row.area}": row
        for row in result.rows
        if (row.area_kind, row.group, row.threshold) == ("district", group, threshold)
    }
    return tuple(
        MapChange(area, found[area.key].gained, found[area.key].lost)
        for area in areas
        if area.key in found
    )


def find_changed_places(
    pack: RegionPack,
    before: AccessibilityModel,
    after: AccessibilityModel,
    group: str,
    threshold: Threshold,
) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """Return the merged cells where people of a group are newly, and no longer, within reach."""
    was, is_now = (
        is_within(accessibility.nearest().cost, threshold.value)
        for accessibility in (before, after)
    )
    lived_in = after.demand.weight_of(group) > 0
    return _merge(pack, is_now & ~was & lived_in), _merge(pack, was & ~is_now & lived_in)


def _merge(pack: RegionPack, chosen: NDArray[np.bool_]) -> BaseGeometry | None:
    if not chosen.any():
        return None
    squares, index = _draw_squares(pack)
    return merge_cells([squares[k] for k in np.unique(index[chosen])])


def describe_gain(pack: RegionPack, gain: NDArray[np.float64]) -> tuple[MapCell, ...]:
    """Return the grid cells with the gain of a site there; of a cut cell its best part counts."""
    squares, index = _draw_squares(pack)
    best = np.zeros(len(squares))
    np.maximum.at(best, index, gain)
    return tuple(MapCell(square, float(value)) for square, value in zip(squares, best, strict=True))


def outline_districts(pack: RegionPack, language: Language) -> tuple[MapArea, ...]:
    """Return the districts with their names and no figures, for borders and labels."""
    label = capitalise(str(pack.region["district_word"][language]))
    return tuple(
        MapArea(f"district-{number}", f"{label} {number}", f"{label} {number}", shape)
        for number, shape in zip(pack.districts["district"], pack.districts.geometry, strict=True)
    )


def describe_existing(
    pack: RegionPack, accessibility: AccessibilityModel, scenario: Scenario, language: Language
) -> tuple[MapSite, ...]:
    """Return the sites of a scenario as signs with their facts."""
    rows = {str(row["id"]): row for row in scenario.frame.to_dict("records")}
    sites = [
        describe_site(point, rows[point.id], pack, language)
        for point in accessibility.points
        if point.is_published
    ]
    return tuple(_add_notes(site, accessibility.list_notes, language) for site in sites)


def describe_ranked(answer: ComparisonAnswer, language: Language) -> tuple[MapSite, ...]:
    """Return the candidates as signs with their rank, best first."""
    ranks = answer.comparison.ranking.rank
    return tuple(
        _describe_candidate(answer, int(k), language) for k in np.argsort(ranks, kind="stable")
    )


def _describe_candidate(answer: ComparisonAnswer, k: int, language: Language) -> MapSite:
    candidate, sites = answer.comparison.candidates[k], answer.sites
    group = answer.request.group
    low, high = answer.gains.interval(k, answer.gains.groups.index(group))
    p_best = answer.comparison.p_best
    unit = answer.request.threshold.unit
    labelled = (
        (say("Address"), sites.facts[k].get("address") or UNKNOWN.in_language(language)),
        (
            head_gained(group).capitalised(),
            f"{format_number(candidate.reach.gained[group], language)} "
            f"({format_number(low, language)} – {format_number(high, language)})",
        ),
        (
            MOST_IN_DRAWS.capitalised(),
            format_share(None if p_best is None else float(p_best[k]), language),
        ),
        (
            word_mean_way(group).capitalised(),
            word_cost(candidate.reach.mean_cost, unit).in_language(language),
        ),
        (say("Nearest stop"), format_metres(candidate.stop_distance_m, language)),
    )
    radius = float(sites.error_radius_m[k])
    return MapSite(
        key=candidate.id,
        name=candidate.name,
        sign=Sign.CANDIDATE,
        x=float(sites.points[k, 0]),
        y=float(sites.points[k, 1]),
        facts=_list_facts(labelled, language),
        rank=str(int(answer.comparison.ranking.rank[k])),
        error_radius_m=radius if np.isfinite(radius) else None,
    )


def describe_candidate_reaches(
    answer: ComparisonAnswer, impedance: Impedance
) -> tuple[MapReach, ...]:
    """Return what is within reach of each candidate, on streets and estimated.

    Raises
    ------
    UsageError
        If no area can be drawn for this mode.
    """
    reaches = []
    for k, candidate in enumerate(answer.comparison.candidates):
        point = answer.sites.points[k : k + 1]
        area = make_service_area(impedance, point, answer.request.threshold.value)
        reaches += [
            MapReach(f"{candidate.id}-{kind}", candidate.name, shape, is_estimate)
            for kind, shape, is_estimate in (
                ("streets", area.streets, False),
                ("estimate", area.estimate, True),
            )
            if not shape.is_empty
        ]
    return tuple(reaches)


def describe_best_places(
    accessibility: AccessibilityModel,
    group: str,
    gain: Sequence[float],
    cells: Sequence[int],
    language: Language,
) -> tuple[MapSite, ...]:
    """Return the cells with the largest gain of a group as chosen sites, numbered from 1."""
    demand = accessibility.demand
    label = head_gained(group).capitalised().in_language(language)
    found = []
    for rank, cell in enumerate(cells, start=1):
        quarter = demand.quarters.names[int(demand.quarters.index[cell])]
        place = say("Place {rank} ({quarter})", rank=rank, quarter=quarter)
        found.append(
            MapSite(
                key=f"best-{rank}",
                name=place.in_language(language),
                sign=Sign.CHOSEN,
                x=float(demand.points[cell, 0]),
                y=float(demand.points[cell, 1]),
                facts=(Fact(label, format_number(float(gain[rank - 1]), language)),),
                rank=str(rank),
            )
        )
    return tuple(found)


LABELS = (
    ("outcome", say("Outcome")),
    ("matched", say("Matched")),
    ("error_radius_m", say("Error radius in m")),
    ("contradictions", say("Contradictions")),
    ("explanation", say("Explanation")),
)


def write_review_map(
    pack: RegionPack, table: Path, review: Collection[int], path: Path, language: Language
) -> Written:
    """Write the map of a geocoded table.

    Parameters
    ----------
    table
        The table with its outcome columns.
    review
        Numbers of the rows to look at, from 1.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    return write_map_html(draw_table(pack, read_table(table).frame, review, language), path)


def draw_table(
    pack: RegionPack, frame: pd.DataFrame, review: Collection[int], language: Language
) -> SheetMap:
    """Draw the rows of a geocoded table, those to look at as signs with their explanation."""
    rows = [
        _describe_row(pack, number, row, number in review, language)
        for number, row in enumerate(frame.to_dict("records"), start=1)
    ]
    count = format_number(len(review), language)
    total = format_number(len(rows), language)
    title = say("{count} of {total} addresses to look at", count=count, total=total)
    sources = list_sources(pack, ("addresses", "districts", "street_edges"))
    heading = Frame(title.in_language(language), sources=sources, crs=pack.crs)
    districts = outline_districts(pack, language)
    scene = Scene(heading, load_basemap(pack), open_translator(language), districts)
    return draw_review(rows, scene, located_text=say("address found").in_language(language))


def _describe_row(
    pack: RegionPack,
    number: int,
    row: Mapping[object, object],
    is_doubtful: bool,
    language: Language,
) -> MapSite:
    cells = {str(name): str(value) for name, value in row.items()}
    lat, lon = cells.get("lat"), cells.get("lon")
    point = project(float(lon), float(lat), crs=pack.crs)[0] if lat and lon else None
    unknown = UNKNOWN.in_language(language)
    return MapSite(
        key=f"row-{number}",
        name=say("Row {number}", number=number).in_language(language),
        sign=Sign.REVIEW if is_doubtful else Sign.OPEN,
        x=None if point is None else float(point[0]),
        y=None if point is None else float(point[1]),
        facts=_list_facts(
            ((label, cells.get(name) or unknown) for name, label in LABELS), language
        ),
    )

"""What a study found, as the content of a map: sentences and facts in the map's language."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from welcomemap.claims import claimed
from welcomemap.coverage.coverage_table import CoverageRow
from welcomemap.coverage.gap_result import DistrictGap, GapsResult
from welcomemap.coverage.headings import add_counted, head_people, head_reached, head_share
from welcomemap.coverage.nouns import Noun, name_area, name_areas
from welcomemap.coverage.served import ServicePoint
from welcomemap.coverage.words import MODE_LABELS, read_region_words, word_threshold
from welcomemap.files import Written, check_ending
from welcomemap.maps.basemap import load_basemap
from welcomemap.maps.content import Fact, Frame, MapArea, MapSite, MapStudy, TileServer
from welcomemap.maps.export import write_map_html
from welcomemap.maps.overview import draw_overview, state_finding
from welcomemap.maps.sources import credit_list
from welcomemap.pack.load import RegionPack
from welcomemap.pack.row_notes import RowNote
from welcomemap.pack.scenario import is_list_file
from welcomemap.study import GapsRequest, Study
from welcomemap.style import Sign
from welcomemap.wording import (
    UNKNOWN,
    Language,
    Text,
    capitalise,
    format_hours,
    format_interval,
    format_iso_date,
    format_number,
    format_share,
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
        check_ending(path, MAP_ENDINGS, "a map")
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
    situation = study.read_situation(request.scenario, request.mode, request.threshold.unit)
    frame = study.load_scenario(request.scenario).frame
    rows = {str(row["id"]): row for row in frame.to_dict("records")}
    points = [point for point in situation.points if point.is_published]
    return MapStudy(
        areas=describe_districts(pack, gaps, language),
        share_heading=head_share(gaps.group).in_language(language),
        sites=tuple(
            _add_notes(
                describe_site(point, rows[point.id], pack, language),
                situation.list_notes,
                language,
            )
            for point in points
        ),
        frame=Frame(
            title=state_finding(
                [str(d.district) for d in gaps.districts if d.is_located_unserved],
                situation.words.service_point,
                language,
                area_word=situation.words.district,
            ),
            subtitle=describe_request(pack, request, language),
            remarks=tell_other_reading(gaps, pack, language),
            sources=credit_list(pack, request.scenario, language),
            crs=pack.crs,
            tiles=tiles,
        ),
    )


def describe_request(pack: RegionPack, request: GapsRequest, language: Language) -> str:
    """Say scenario, date of the list, mode, threshold and who is counted in one line."""
    threshold = word_threshold(request.threshold, language)
    mode = MODE_LABELS[request.mode].in_language(language)
    scenario, dated = _name_list(request.scenario), Text("", "")
    if not is_list_file(request.scenario):
        date = date_of_data(pack, language)
        dated = Text(f" · Datenstand {date}", f" · data of {date}")
    said = Text(
        f"{scenario.de}{dated.de} · in Reichweite: {mode} innerhalb von {threshold}",
        f"{scenario.en}{dated.en} · within reach: {mode} within {threshold}",
    )
    return add_counted(said, request.group).in_language(language)


def _name_list(scenario: str) -> Text:
    """Call a planner's own list so, and never a register."""
    name = Path(scenario).stem
    if is_list_file(scenario):
        return Text(f"Eigene Liste „{name}“", f"Own list “{name}”")
    return Text(f"Verzeichnis {name}", f"List of {name}")


def date_of_data(pack: RegionPack, language: Language) -> str:
    """Return the date of the service points' layer as people write it."""
    for resource in pack.manifest["resources"]:
        if resource["name"] == "service_points":
            return format_iso_date(str(resource.get("date", "")), language)
    return UNKNOWN[language]


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
        where, none = name_areas(words.district, closed), words.service_point.without()
        verb = "wären" if len(closed) > 1 else "wäre"
        said = Text(
            f"Andere Quellen widersprechen: Danach {verb} auch {where.de} {none.de}.",
            f"Other sources disagree: by them {where.en} would be {none.en} too.",
        )
        remarks.append(said.in_language(language))
    if opened:
        where, one = name_areas(words.district, opened), words.service_point.a("accusative")
        that = words.service_point.that("accusative")
        verb = "hatten" if len(opened) > 1 else "hatte"
        said = Text(
            f"Andere Quellen widersprechen: Danach {verb} {where.de} {one.de}, {that.de} die Liste "
            "nicht nennt.",
            f"Other sources disagree: by them {where.en} had {one.en} that the list omits.",
        )
        remarks.append(said.in_language(language))
    if gaps.detour_factor is not None and gaps.mode != "transit":
        factor, low, high = (format_number(value, language, 2) for value in gaps.detour_factor)
        bridges = Text("", "")
        if pack.has_layer("river"):
            bridges = Text(", über den Fluss nur auf Brücken", ", across the river only on bridges")
        streets = Text("Wege geschätzt", "Ways are estimated")
        if pack.has_layer("street_edges"):
            streets = Text(
                "Wege auf Straßen, wo sie bekannt sind; sonst geschätzt",
                "Ways along streets where they are known, else estimated",
            )
        said = Text(
            f"{streets.de}: Luftlinie × {factor} (Spanne {low} bis {high}){bridges.de}.",
            f"{streets.en}: straight line × {factor} (interval {low} to {high}){bridges.en}.",
        )
        remarks.append(said.in_language(language))
    return tuple(remarks)


def describe_districts(
    pack: RegionPack, gaps: GapsResult, language: Language
) -> tuple[MapArea, ...]:
    """Turn the districts of a result into areas with their facts."""
    shapes = dict(zip(pack.districts["district"], pack.districts.geometry, strict=True))
    word = capitalise(str(pack.region["district_word"][language]))
    return tuple(
        MapArea(
            key=f"district-{gap.district}",
            name=_name_district(gap, word),
            label=f"{word} {gap.district}",
            geometry=shapes[gap.district],
            share=gap.share,
            share_text=format_share(gap.share, language, gap.interval),
            is_unserved=gap.is_located_unserved,
            facts=_district_facts(gap, language),
            warnings=_district_warnings(gap, language),
        )
        for gap in gaps.districts
    )


def _name_district(gap: DistrictGap, word: str) -> str:
    return name_area(Noun(word, word), gap.district, gap.name).de


def _district_facts(gap: DistrictGap, language: Language) -> tuple[Fact, ...]:
    stated = UNKNOWN[language] if gap.stated is None else str(len(gap.stated))
    people, *reach = list_reach_facts(gap, language)
    labelled = (
        (Text("Standorte im Bezirk", "Sites located"), str(len(gap.located))),
        (Text("Laut Liste zuständig", "Said to serve"), stated),
    )
    served = [Fact(label.in_language(language), value) for label, value in labelled]
    return (people, *served, *reach)


def list_reach_facts(counted: DistrictGap | CoverageRow, language: Language) -> tuple[Fact, ...]:
    """Return how many people of its group a result counts, and how many are within reach."""
    labelled = (
        (head_people(counted.group), format_number(counted.people, language)),
        (head_reached(counted.group), format_number(counted.covered, language)),
        (Text("Anteil", "Share"), format_share(counted.share, language, counted.interval)),
        (Text("Spanne", "Interval"), format_interval(counted.interval, language)),
    )
    return tuple(Fact(label.in_language(language), value) for label, value in labelled)


def _district_warnings(gap: DistrictGap, language: Language) -> tuple[str, ...]:
    warnings = []
    if gap.planned:
        warnings.append(Text("Ein Standort ist geplant.", "A site is planned."))
    if gap.stated_elsewhere:
        warnings.append(
            Text(
                "Ein zuständiger Standort liegt in einem anderen Bezirk.",
                "A site said to serve this district lies in another one.",
            )
        )
    if gap.disputed:
        warnings.append(
            Text(
                "Die Quellen widersprechen sich über einen Standort.",
                "Sources disagree about a site.",
            )
        )
    if gap.near_border:
        warnings.append(
            Text(
                "Ein Standort liegt so nah an der Grenze, dass die Zuordnung unsicher ist.",
                "A site lies so near the border that its district is uncertain.",
            )
        )
    return tuple(warning.in_language(language) for warning in warnings)


def describe_site(
    point: ServicePoint, row: Mapping[Hashable, Any], pack: RegionPack, language: Language
) -> MapSite:
    """Turn a service point into a sign with its facts; unknown facts say so."""
    stated = "; ".join(str(d) for d in point.stated_districts)
    labelled = [
        (Text("Träger", "Operator"), point_text(row, "operator")),
        (Text("Adresse", "Address"), point.address),
        (Text("Liegt in", "Lies in"), _describe_place(point, pack, language)),
        (Text("Telefon", "Phone"), point_text(row, "phone")),
        (Text("Öffnungszeiten", "Opening hours"), _hours(row, language)),
        (Text("Quelle", "Source"), point_text(row, "source")),
    ]
    if stated:
        labelled.insert(3, (Text("Zuständig für", "Said to serve"), stated))
    return MapSite(
        key=point.id,
        name=point.name,
        sign=Sign.DISPUTED
        if point.is_disputed and point.status == "open"
        else SIGN_OF_STATUS.get(point.status, Sign.OPEN),
        x=point.x,
        y=point.y,
        facts=tuple(
            Fact(label.in_language(language), value or UNKNOWN[language])
            for label, value in labelled
        ),
        warnings=tuple(text.in_language(language) for text in point.reports),
        error_radius_m=point.error_radius_m,
    )


def _add_notes(site: MapSite, notes: Sequence[RowNote], language: Language) -> MapSite:
    """Add what is to be known of a site's row in its list."""
    told = tuple(note.text.in_language(language) for note in notes if note.site == site.key)
    return replace(site, warnings=(*site.warnings, *told))


def point_text(row: Mapping[Hashable, Any], column: str) -> str:
    """Return a text cell of a service point, empty where there is none."""
    value = row.get(column, "")
    return value if isinstance(value, str) else ""


def _hours(row: Mapping[Hashable, Any], language: Language) -> str:
    hours, as_of = point_text(row, "opening_hours"), point_text(row, "opening_hours_as_of")
    shown = format_hours(hours, language)
    if hours and as_of:
        return f"{shown} ({Text('Stand', 'as of').in_language(language)} {as_of[:4]})"
    return shown


def _describe_place(point: ServicePoint, pack: RegionPack, language: Language) -> str:
    if point.district is None:
        return ""
    said = f"{pack.region['district_word'][language]} {point.district}"
    if point.error_radius_m is None:
        return said
    radius = f"{format_number(point.error_radius_m, language)}\N{NO-BREAK SPACE}m"
    return f"{said} (± {radius})"

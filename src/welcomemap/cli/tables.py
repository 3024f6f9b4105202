"""Tables and sentences for people, from results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from welcomemap.cli.output import print_lines, print_table
from welcomemap.describe.headings import (
    head_gained,
    head_gap_areas,
    head_people,
    head_reached,
    is_part,
)
from welcomemap.describe.words import (
    RegionWords,
    read_region_words,
    word_cost,
    word_the_group,
)
from welcomemap.wording import (
    Language,
    capitalise,
    format_interval,
    format_metres,
    format_number,
    format_share,
)

if TYPE_CHECKING:
    from welcomemap.coverage.coverage_table import CoverageResult
    from welcomemap.coverage.diff_result import DiffResult
    from welcomemap.coverage.gap_result import DistrictGap, GapsResult
    from welcomemap.region.pack import RegionPack
    from welcomemap.study.comparison import ComparisonAnswer
    from welcomemap.travel.impedance import Assumption

YES_NO = {"de": {True: "ja", False: "nein", None: "keine Angabe"},
          "en": {True: "yes", False: "no", None: "not known"}}  # fmt: skip
SHOWN_AREAS = 10


def print_gaps(result: GapsResult, lang: Language, region: RegionPack) -> None:
    """Print one row a district, the other reading, and the areas with most people out of reach."""
    word = region.region["district_word"][lang]
    people, reached = _head_reach(result.group, lang)
    heads = {
        "de": (word, people, "Standorte", "zuständig", "Standort fehlt", "Zuständigkeit fehlt",
               reached, "Anteil", "Spanne"),
        "en": (word, people, "located", "stated", "none located", "none stated",
               reached, "share", "interval"),
    }[lang]  # fmt: skip
    print_table(heads, [_gap_cells(district, lang) for district in result.districts])
    print_lines([""])
    print_lines(_tell_other_readings(result, word, lang))
    print_lines(["", head_gap_areas(result.group, str(result.threshold)).in_language(lang)])
    from welcomemap.describe.gaps import describe_area

    words = read_region_words(region.region)
    for area in result.areas[:SHOWN_AREAS]:
        reason = describe_area(result, area, words).in_language(lang)
        print_lines([f"{area.rank}. {reason}"])
    print_lines(["", *_tell_probabilities(result, word, lang)])
    factor = result.detour_factor
    if factor is not None:
        numbers = [format_number(value, lang, 2) for value in factor]
        said = {
            "de": "Wo keine Straßen bekannt sind, gilt Luftlinie × {} (Spanne {} bis {}).",
            "en": "Where no streets are known, straight line × {} counts (interval {} to {}).",
        }[lang]
        print_lines(["", said.format(*numbers)])
    print_assumptions(result.assumptions, lang)


def _head_reach(group: str, lang: Language) -> tuple[str, str]:
    """Head the people of a group and those within reach; of everybody in short words."""
    if is_part(group):
        return head_people(group).in_language(lang), head_reached(group).in_language(lang)
    return {"de": ("Menschen", "erreichen"), "en": ("people", "reached")}[lang]


def print_assumptions(assumptions: Iterable[Assumption], lang: Language) -> None:
    """Print what the travel costs assume, where they assume anything."""
    from welcomemap.describe.assumptions import describe_assumptions

    told = describe_assumptions(assumptions)
    if told is not None:
        print_lines(["", told.in_language(lang)])


def _gap_cells(district: DistrictGap, lang: Language) -> tuple[str, ...]:
    words = YES_NO[lang]
    return (
        str(district.district),
        format_number(district.people, lang),
        str(len(district.located)),
        words[None] if district.stated is None else str(len(district.stated)),
        words[district.is_located_unserved],
        words[district.is_stated_unserved],
        format_number(district.covered, lang),
        format_share(district.share, lang, district.interval),
        format_interval(district.interval, lang),
    )


def _tell_other_readings(result: GapsResult, word: str, lang: Language) -> Iterable[str]:
    for district in result.districts:
        name = f"{word} {district.district}"
        if district.stated_elsewhere:
            ids = ", ".join(district.stated_elsewhere)
            yield {
                "de": f"{name}: laut Liste zuständig, aber anderswo gelegen: {ids}.",
                "en": f"{name}: said to be served by sites that lie elsewhere: {ids}.",
            }[lang]
        if district.planned:
            ids = ", ".join(district.planned)
            yield {"de": f"{name}: geplant: {ids}.", "en": f"{name}: planned: {ids}."}[lang]
        if district.disputed:
            ids = ", ".join(district.disputed)
            is_other = district.is_located_unserved is bool(district.located_if_disputed_false)
            turn = {
                "de": "dann gilt das Gegenteil" if is_other else "das ändert die Aussage nicht",
                "en": "the opposite holds then" if is_other else "that changes nothing here",
            }[lang]
            yield {
                "de": f"{name}: strittig: {ids}. Haben die anderen Quellen recht: {turn}.",
                "en": f"{name}: disputed: {ids}. If the other sources are right: {turn}.",
            }[lang]
        if district.near_border:
            ids = ", ".join(district.near_border)
            yield {
                "de": f"{name}: nahe der Grenze, Zuordnung unsicher: {ids}.",
                "en": f"{name}: near the border, district uncertain: {ids}.",
            }[lang]


def _tell_probabilities(result: GapsResult, word: str, lang: Language) -> Iterable[str]:
    """Say how probable it is that a district is unserved, where that is possible at all."""
    said = {
        "de": ("{} {}: Wahrscheinlichkeit, dass kein Standort darin liegt: {}; dass darin kaum "
               "jemand{} einen erreicht: {}."),
        "en": ("{} {}: probability that no site lies in it: {}; that hardly anybody{} in it "
               "reaches one: {}."),
    }[lang]  # fmt: skip
    people, of_them = word_the_group(result.group).in_language(lang), ""
    if is_part(result.group):
        of_them = {"de": f" der {people}", "en": f" of the {people}"}[lang]
    for district in result.districts:
        located = district.probability_located_unserved
        reach = district.probability_reach_unserved
        if located > 0 or (reach or 0) > 0:
            yield said.format(
                capitalise(word), district.district, format_share(located, lang), of_them,
                format_share(reach, lang),
            )  # fmt: skip


def print_coverage(result: CoverageResult, lang: Language, region: RegionPack) -> None:
    """Print one row for each area, group and threshold."""
    heads = {
        "de": ("Gebiet", "Gruppe", "Schwelle", "Menschen", "erreichen", "Anteil", "Spanne"),
        "en": ("area", "group", "threshold", "people", "reached", "share", "interval"),
    }[lang]
    words = {"city": "", "district": region.region["district_word"][lang], "quarter": ""}
    rows = [
        (
            f"{words[row.area_kind]} {row.area} {row.name if row.area_kind == 'quarter' else ''}"
            .strip(),
            row.group, str(row.threshold), format_number(row.total, lang),
            format_number(row.covered, lang), format_share(row.share, lang, row.interval),
            format_interval(row.interval, lang),
        )
        for row in result.rows
    ]  # fmt: skip
    print_table(heads, rows)
    _print_catchments(result, read_region_words(region.region), lang)
    _print_capacities(result, lang, words["district"])
    print_assumptions(result.assumptions, lang)


def _print_catchments(result: CoverageResult, regional: RegionWords, lang: Language) -> None:
    """Print who crosses a border to the nearest site, the most people first."""
    from welcomemap.describe.catchments import describe_crossings

    told = [
        (row.people, sentence.in_language(lang))
        for catchment in result.catchments
        for row, sentence in zip(
            (row for row in catchment.rows if row.crosses_border),
            describe_crossings(catchment, regional),
            strict=True,
        )
    ]
    told.sort(key=lambda one: -one[0])
    if told:
        head = {
            "de": "Wer den nächsten Standort jenseits einer Grenze hat:",
            "en": "Who has the nearest site across a border:",
        }[lang]
        print_lines(["", head, *(f"  {sentence}" for _, sentence in told[:SHOWN_AREAS])])


def _print_capacities(result: CoverageResult, lang: Language, word: str) -> None:
    if not result.capacities:
        return
    heads = {
        "de": (word, "Gruppe", "Schwelle", "Kapazität je 1.000 Menschen"),
        "en": (word, "group", "threshold", "capacity per 1,000 people"),
    }[lang]
    print_lines([""])
    print_table(
        heads,
        [
            (str(row.district), row.group, str(row.threshold),
             format_number(row.per_1000, lang, 1))
            for row in result.capacities
        ],
    )  # fmt: skip


def print_difference(result: DiffResult, words: RegionWords, lang: Language) -> None:
    """Print who gained and who lost, in sentences."""
    from welcomemap.describe.changes import describe_difference

    print_lines(sentence.in_language(lang) for sentence in describe_difference(result, words))
    print_assumptions(result.assumptions, lang)


def print_comparison(answer: ComparisonAnswer, lang: Language) -> None:
    """Print candidates side by side and the verdict in sentences."""
    from welcomemap.describe.comparison import (
        describe_comparison,
        describe_notes,
        word_mean_way,
    )

    unit, asked = answer.request.threshold.unit, answer.request.group
    gained = {"de": "zusätzlich erreicht", "en": "more people"}[lang]
    if is_part(asked):
        gained = head_gained(asked).in_language(lang)
    mean_way = word_mean_way(asked).in_language(lang)
    heads = {
        "de": ("", "Kandidat", "Ort", gained, "Spanne",
               mean_way, "Haltestelle", "in den Ziehungen vorn", "nicht unterlegen"),
        "en": ("", "candidate", "place", gained, "interval",
               mean_way, "stop", "first in draws", "not dominated"),
    }[lang]  # fmt: skip
    comparison = answer.comparison
    group = answer.gains.groups.index(asked)
    rows = []
    for k, candidate in enumerate(comparison.candidates):
        low, high = answer.gains.interval(k, group)
        p_best = None if comparison.p_best is None else float(comparison.p_best[k])
        rows.append(
            (
                str(int(comparison.ranking.rank[k])), candidate.name,
                candidate.location_outcome or YES_NO[lang][None],
                format_number(candidate.reach.gained[asked], lang),
                f"{format_number(low, lang)} – {format_number(high, lang)}",
                word_cost(candidate.reach.mean_cost, unit, lang),
                format_metres(candidate.stop_distance_m, lang),
                format_share(p_best, lang),
                YES_NO[lang][bool(comparison.ranking.pareto[k])],
            )
        )  # fmt: skip
    print_table(heads, sorted(rows, key=lambda row: int(row[0])))
    print_lines(["", *(sentence.in_language(lang) for sentence in describe_comparison(answer))])
    print_lines(["", *(note.in_language(lang) for note in describe_notes(answer))])
    print_assumptions(answer.assumptions, lang)

"""Tables and sentences for people, from results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from welcomemap.cli.output import print_lines, print_table
from welcomemap.describe.words import (
    NO,
    YES,
    RegionWords,
    head_gained,
    head_gap_areas,
    head_people,
    head_reached,
    is_part,
    read_region_words,
    word_cost,
)
from welcomemap.wording import (
    NOTHING,
    UNKNOWN,
    Language,
    Phrase,
    Verbatim,
    format_interval,
    format_metres,
    format_number,
    format_share,
    say,
    say_as,
)

if TYPE_CHECKING:
    from welcomemap.coverage.change import DiffResult
    from welcomemap.coverage.coverage_table import CoverageResult
    from welcomemap.coverage.gaps import DistrictGap, GapsResult
    from welcomemap.region.pack import RegionPack
    from welcomemap.study.comparison import ComparisonAnswer
    from welcomemap.travel.impedance import Assumption

SHOWN_AREAS = 10


def print_gaps(result: GapsResult, lang: Language, region: RegionPack) -> None:
    """Print one row a district, the other reading, and the areas with most people out of reach."""
    from welcomemap.describe.gaps import (
        describe_detour,
        describe_other_readings,
        describe_probabilities,
        rank_area,
        tell_unlocated,
    )

    words = read_region_words(region.region)
    people, reached = _head_reach(result.group)
    heads = (
        words.district, people, say_as("sites", "located"), say_as("sites", "stated"),
        say("none located"), say("none stated"), reached, say_as("column", "share"),
        say_as("column", "interval"),
    )  # fmt: skip
    print_table(
        [head.in_language(lang) for head in heads],
        [_gap_cells(district, lang) for district in result.districts],
    )
    print_lines([""])
    if (unlocated := tell_unlocated(result.list_notes)) is not None:
        print_lines([unlocated.in_language(lang), ""])
    print_lines(told.in_language(lang) for told in describe_other_readings(result, words))
    print_lines(["", head_gap_areas(result.group, str(result.threshold)).in_language(lang)])
    for area in result.areas[:SHOWN_AREAS]:
        reason = rank_area(result, area, words).in_language(lang)
        print_lines([f"{area.rank}. {reason}"])
    print_lines(["", *(told.in_language(lang) for told in describe_probabilities(result, words))])
    if result.detour_factor is not None:
        print_lines(["", describe_detour(result.detour_factor).in_language(lang)])
    print_assumptions(result.assumptions, lang)


def _head_reach(group: str) -> tuple[Phrase, Phrase]:
    """Head the people of a group and those within reach; of everybody in short words."""
    if is_part(group):
        return head_people(group), head_reached(group)
    return say("people"), say_as("column", "reached")


def print_assumptions(assumptions: Iterable[Assumption], lang: Language) -> None:
    """Print what the travel costs assume, where they assume anything."""
    from welcomemap.describe.assumptions import describe_assumptions

    told = describe_assumptions(assumptions)
    if told is not None:
        print_lines(["", told.in_language(lang)])


def _gap_cells(district: DistrictGap, lang: Language) -> tuple[str, ...]:
    return (
        str(district.district),
        format_number(district.people, lang),
        str(len(district.located)),
        UNKNOWN.in_language(lang) if district.stated is None else str(len(district.stated)),
        _flag(district.is_located_unserved, lang),
        _flag(district.is_stated_unserved, lang),
        format_number(district.covered, lang),
        format_share(district.share, lang, district.interval),
        format_interval(district.interval, lang),
    )


def _flag(value: bool | None, lang: Language) -> str:
    return (UNKNOWN if value is None else YES if value else NO).in_language(lang)


def print_coverage(result: CoverageResult, lang: Language, region: RegionPack) -> None:
    """Print one row for each area, group and threshold."""
    heads = (
        say_as("column", "area"),
        say_as("column", "group"),
        say_as("column", "threshold"),
        say("people"),
        say_as("column", "reached"),
        say_as("column", "share"),
        say_as("column", "interval"),
    )
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
    print_table([head.in_language(lang) for head in heads], rows)
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
        head = say("Who has the nearest site across a border:").in_language(lang)
        print_lines(["", head, *(f"  {sentence}" for _, sentence in told[:SHOWN_AREAS])])


def _print_capacities(result: CoverageResult, lang: Language, word: str) -> None:
    if not result.capacities:
        return
    heads = (
        Verbatim(word), say_as("column", "group"), say_as("column", "threshold"),
        say("capacity per 1,000 people"),
    )  # fmt: skip
    print_lines([""])
    print_table(
        [head.in_language(lang) for head in heads],
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
        MOST_IN_DRAWS,
        describe_comparison,
        describe_notes,
        word_mean_way,
    )
    from welcomemap.describe.reasons import word_place

    unit, asked = answer.request.threshold.unit, answer.request.group
    heads = (
        NOTHING, say_as("column", "candidate"), say_as("column", "place"),
        head_gained(asked) if is_part(asked) else say("more people"), say_as("column", "interval"),
        word_mean_way(asked), say_as("column", "stop"), MOST_IN_DRAWS, say("not dominated"),
    )  # fmt: skip
    comparison = answer.comparison
    group = answer.gains.groups.index(asked)
    rows = []
    for k, candidate in enumerate(comparison.candidates):
        low, high = answer.gains.interval(k, group)
        p_best = None if comparison.p_best is None else float(comparison.p_best[k])
        known = candidate.location_outcome
        rows.append(
            (
                str(int(comparison.ranking.rank[k])), candidate.name,
                (word_place(known) if known else UNKNOWN).in_language(lang),
                format_number(candidate.reach.gained[asked], lang),
                f"{format_number(low, lang)} – {format_number(high, lang)}",
                word_cost(candidate.reach.mean_cost, unit).in_language(lang),
                format_metres(candidate.stop_distance_m, lang),
                format_share(p_best, lang),
                _flag(bool(comparison.ranking.pareto[k]), lang),
            )
        )  # fmt: skip
    print_table(
        [head.in_language(lang) for head in heads], sorted(rows, key=lambda row: int(row[0]))
    )
    print_lines(["", *(sentence.in_language(lang) for sentence in describe_comparison(answer))])
    print_lines(["", *(note.in_language(lang) for note in describe_notes(answer))])
    print_assumptions(answer.assumptions, lang)

"""A comparison of candidates, and the best places anywhere, as the content of a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from welcomemap.coverage.headings import head_gained
from welcomemap.coverage.situation import Situation
from welcomemap.coverage.words import word_cost
from welcomemap.maps.content import Fact, MapReach, MapSite
from welcomemap.maps.from_study import describe_site
from welcomemap.pack.load import RegionPack
from welcomemap.pack.scenario import Scenario
from welcomemap.study.comparison import ComparisonAnswer
from welcomemap.study.criteria import word_mean_way
from welcomemap.style import Sign
from welcomemap.travel.impedance import Impedance
from welcomemap.travel.service_area import make_service_area
from welcomemap.wording import UNKNOWN, Language, Text, format_metres, format_number, format_share


def describe_existing(
    pack: RegionPack, situation: Situation, scenario: Scenario, language: Language
) -> tuple[MapSite, ...]:
    """Return the sites of a scenario as signs with their facts."""
    rows = {str(row["id"]): row for row in scenario.frame.to_dict("records")}
    return tuple(
        describe_site(point, rows[point.id], pack, language)
        for point in situation.points
        if point.is_published
    )


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
        (Text("Adresse", "Address"), sites.facts[k].get("address") or UNKNOWN[language]),
        (
            head_gained(group).capitalised(),
            f"{format_number(candidate.reach.gained[group], language)} "
            f"({format_number(low, language)} – {format_number(high, language)})",
        ),
        (
            Text("In den Ziehungen vorn", "First in the draws"),
            format_share(None if p_best is None else float(p_best[k]), language),
        ),
        (word_mean_way(group).capitalised(), word_cost(candidate.reach.mean_cost, unit, language)),
        (
            Text("Nächste Haltestelle", "Nearest stop"),
            format_metres(candidate.stop_distance_m, language),
        ),
    )
    radius = float(sites.error_radius_m[k])
    return MapSite(
        key=candidate.id,
        name=candidate.name,
        sign=Sign.CANDIDATE,
        x=float(sites.points[k, 0]),
        y=float(sites.points[k, 1]),
        facts=tuple(Fact(label.in_language(language), value) for label, value in labelled),
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
    situation: Situation,
    group: str,
    gain: Sequence[float],
    cells: Sequence[int],
    language: Language,
) -> tuple[MapSite, ...]:
    """Return the cells with the largest gain of a group as chosen sites, numbered from 1."""
    demand = situation.demand
    label = head_gained(group).capitalised().in_language(language)
    found = []
    for rank, cell in enumerate(cells, start=1):
        quarter = demand.quarters.names[int(demand.quarters.index[cell])]
        place = Text(f"Stelle {rank} ({quarter})", f"Place {rank} ({quarter})")
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

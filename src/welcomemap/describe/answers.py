"""Answers of the command line made of results, with what they say in words in both languages.

What words one kind of result is imported where that result is worded: it knows the rooms that make
the result, and a command waits for no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from welcomemap.describe import contract
from welcomemap.describe.catchments import describe_crossings
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.contract import locate, shape, show_spot
from welcomemap.describe.disputes import describe_dispute
from welcomemap.describe.gaps import describe_area, describe_district, name_gap_area
from welcomemap.describe.reasons import describe_note, describe_reasons, list_reasons
from welcomemap.describe.words import RegionWords, tell_certainty
from welcomemap.geocoding.outcome import read_outcome
from welcomemap.wording import LANGUAGES, Phrase

if TYPE_CHECKING:
    from welcomemap.coverage.change import DiffResult
    from welcomemap.coverage.coverage_table import CoverageResult
    from welcomemap.coverage.gaps import AreaGap, DistrictGap, GapsResult
    from welcomemap.geocoding.batch import PipelineSummary
    from welcomemap.geocoding.outcome import GeocodeResult
    from welcomemap.region.scenario import RowNote
    from welcomemap.siting.solve import Variation
    from welcomemap.study.changed_sites import ListChange, SiteChange
    from welcomemap.study.comparison import ComparisonAnswer
    from welcomemap.study.nearest import LocatorAnswer, NearbySite
    from welcomemap.study.siting import MatrixAnswer, SitingAnswer


def _say(phrase: Phrase) -> contract.Text:
    return contract.Text(**{language: phrase.in_language(language) for language in LANGUAGES})


def _say_all(phrases: Sequence[Phrase]) -> contract.Texts:
    return contract.Texts(**{k: [phrase.in_language(k) for phrase in phrases] for k in LANGUAGES})


def _tell_basis(
    result: GapsResult | CoverageResult | DiffResult | LocatorAnswer | SitingAnswer
    | ComparisonAnswer,
) -> dict[str, object]:  # fmt: skip
    """Say what is assumed, and what is to be known of the list."""
    from welcomemap.describe.assumptions import describe_assumptions  # noqa: PLC0415 - see above

    assumed = describe_assumptions(result.assumptions)
    return {
        "assumptions": None if assumed is None else _say(assumed),
        "list_notes": _show_notes(result.list_notes),
    }


def _show_notes(notes: Iterable[RowNote]) -> list[contract.ListNote]:
    return [
        shape(contract.ListNote, _say(describe_note(note)), note, id=note.site) for note in notes
    ]


def show_address(
    result: GeocodeResult, crs: str, quarter_names: Mapping[str, str] | None = None
) -> contract.Address:
    """Return what became of an address with its reasons in sentences.

    Parameters
    ----------
    crs
        Metric CRS of the result's ``x``, ``y``.
    quarter_names
        Name of each quarter by its code.
    """
    return shape(
        contract.Address, result, **locate(result, crs),
        quarter_name=(quarter_names or {}).get(result.quarter or ""),
        alternatives=[show_spot(one, crs) for one in result.alternatives],
        contradictions=[_say(text) for text in list_reasons(result.contradictions)],
        notes=[_say(text) for text in list_reasons(result.notes)],
        explanation=_say(describe_reasons(result.explanation)),
    )  # fmt: skip


def show_address_table(summary: PipelineSummary) -> contract.AddressTable:
    """Return what became of the rows of a table."""
    return shape(
        contract.AddressTable, summary,
        review=[row.row for row in summary.review],
        columns=summary.columns.by_use if summary.columns else {},
    )  # fmt: skip


def show_nearest(
    answer: LocatorAnswer, crs: str, quarter_names: Mapping[str, str] | None = None
) -> contract.Nearest:
    """Return the nearest service points with what reports say of each, and what is assumed."""
    return shape(
        contract.Nearest, answer,
        address=show_address(answer.address, crs, quarter_names),
        sites=[show_site(site, crs) for site in answer.sites],
        without_place=[_show_without_place(site) for site in answer.without_place],
        **_tell_basis(answer),
    )  # fmt: skip


def _show_without_place(site: NearbySite) -> contract.SiteWithoutPlace:
    known = {name: text or None for name, text in site.facts.items()}
    return shape(
        contract.SiteWithoutPlace, site,
        **{name: known.get(name) for name in ("phone", "url", "opening_hours", "note")},
    )  # fmt: skip


def show_site(site: NearbySite, crs: str) -> contract.Site:
    """Return a service point as seen from an address, with what reports say of it."""
    from welcomemap.study.nearest import FACTS  # noqa: PLC0415 - see above

    facts = {name: site.facts.get(name) or None for name in FACTS}
    return shape(
        contract.Site, site, **facts, **locate(site, crs),
        moved_to=site.reported.moved_to,
        located_at="address" if site.reported.place is None else "moved_to",
        reports=[
            shape(contract.Report, report, sentence=_say(describe_dispute(report)))
            for report in site.reported.reports
        ],
        stated_districts=site.stated_districts or None,
    )  # fmt: skip


def show_gaps(result: GapsResult, words: RegionWords) -> contract.Gaps:
    """Return gaps with the reason of each district and area, and what is assumed."""
    return shape(
        contract.Gaps, result,
        districts=[
            shape(
                contract.District,
                show_district(gap),
                reason=_say(describe_district(result, gap, words)),
            )
            for gap in result.districts
        ],
        areas=[
            shape(contract.Area, show_area(gap), reason=_say(describe_area(result, gap, words)))
            for gap in result.areas
        ],
        **_tell_basis(result),
    )  # fmt: skip


def show_district(gap: DistrictGap) -> contract.DistrictFigures:
    """Return the figures of a district."""
    return shape(
        contract.DistrictFigures, gap,
        sites_located=len(gap.located),
        sites_stated=None if gap.stated is None else len(gap.stated),
        located_unserved_if_disputed_false=not gap.located_if_disputed_false,
    )  # fmt: skip


def show_area(gap: AreaGap) -> contract.AreaFigures:
    """Return the figures of an area with people out of reach."""
    return shape(contract.AreaFigures, gap, name=name_gap_area(gap).in_language("de"))


def show_coverage(result: CoverageResult, words: RegionWords) -> contract.Coverage:
    """Return coverage with how sure each share is, who crosses a border, and what is assumed."""
    return shape(
        contract.Coverage, result,
        rows=[
            shape(contract.CoverageRow, r, certainty=_say(tell_certainty(r.share, r.interval)))
            for r in result.rows
        ],
        spread=[
            shape(contract.Spread, one, one.costs, one.inequality) for one in result.spread
        ],
        catchments=[
            shape(contract.Catchment, one, sentences=_say_all(describe_crossings(one, words)))
            for one in result.catchments
        ],
        **_tell_basis(result),
    )  # fmt: skip


def show_difference(result: DiffResult, words: RegionWords) -> contract.Difference:
    """Return the difference between two scenarios with its sentences, and what is assumed."""
    return shape(
        contract.Difference, result,
        sentences=_say_all(describe_difference(result, words)),
        **_tell_basis(result),
    )  # fmt: skip


def show_choice(answer: SitingAnswer | MatrixAnswer) -> contract.Choice | contract.MatrixChoice:
    """Return a choice of sites with its proof in sentences, and what is assumed in a region."""
    from welcomemap.describe.siting import (  # noqa: PLC0415 - see above
        describe_choice,
        describe_infeasibility,
    )
    from welcomemap.study.siting import MatrixAnswer  # noqa: PLC0415 - see above

    reason = answer.result.reason
    told: dict[str, object] = {
        "sensitivity": [_show_variation(one) for one in answer.variations],
        "reason": None if reason is None else _say(describe_infeasibility(reason)),
        "sentences": _say_all(describe_choice(answer)),
    }
    if isinstance(answer, MatrixAnswer):
        return shape(contract.MatrixChoice, answer.result, **told)
    places = {
        name: shape(
            contract.Place,
            place,
            location_outcome=read_outcome(place.location_outcome),
            place_notes=_show_notes(place.place_notes),
        )
        for name, place in answer.places.items()
    }
    return shape(
        contract.Choice, answer.result, answer, answer.request, **told,
        places=places,
        **_tell_basis(answer),
    )  # fmt: skip


def _show_variation(one: Variation) -> contract.Varied:
    best, changed = one.result, {one.kind: one.value}
    return shape(
        contract.Varied, one, **changed,
        status=best.status, objective=best.objective, n_optimal_sets=best.n_optimal_sets,
        optimal_set=best.optimal_sets[0] if best.optimal_sets else None,
    )  # fmt: skip


def show_comparison(answer: ComparisonAnswer) -> contract.Comparison:
    """Return candidates side by side with the verdict, what the list says, what is assumed."""
    from welcomemap.describe.comparison import (  # noqa: PLC0415 - see above
        describe_comparison,
        describe_notes,
    )

    found = answer.comparison
    return shape(
        contract.Comparison, found, answer, answer.request,
        candidates=show_candidates(answer),
        weights={criterion.key: criterion.weight for criterion in found.criteria},
        sentences=_say_all(describe_comparison(answer)),
        notes=_say_all(describe_notes(answer)),
        **_tell_basis(answer),
    )  # fmt: skip


def show_candidates(answer: ComparisonAnswer) -> tuple[contract.Candidate, ...]:
    """Return the candidates as they are compared."""
    return tuple(_show_candidate(answer, k) for k in range(len(answer.stops)))


def _show_candidate(answer: ComparisonAnswer, k: int) -> contract.Candidate:
    found, gains, stop, facts = (
        answer.comparison, answer.gains, answer.stops[k], answer.sites.facts[k],
    )  # fmt: skip
    candidate, ranking, place = found.candidates[k], found.ranking, answer.places[k]
    return shape(
        contract.Candidate, candidate, candidate.reach, place,
        location_outcome=read_outcome(candidate.location_outcome),
        p_best=None if found.p_best is None else found.p_best[k],
        rank=int(ranking.rank[k]),
        score=(ranking.low[k], ranking.high[k]),
        first_share_of_weightings=ranking.first_share[k],
        gained_interval={g: gains.interval(k, number) for number, g in enumerate(gains.groups)},
        place_notes=_show_notes(place.place_notes),
        stop=None if stop is None else shape(contract.Stop, stop, lines=stop.lines or None),
        status=facts.get("status") or None,
        requirements=answer.list_needs(k),
        facts={key: text or None for key, text in facts.items()},
    )  # fmt: skip


def tell_change(change: ListChange) -> contract.ToldChange:
    """Return what is recorded of a change of the list."""
    from welcomemap.describe.changed_sites import describe_list_change  # noqa: PLC0415 - see above
    from welcomemap.study.changed_sites import ChangeKind  # noqa: PLC0415 - see above

    ids = {kind.value: change.list_ids(kind) for kind in ChangeKind}
    told = _say_all(describe_list_change(change))
    return shape(contract.ToldChange, change, **ids, date=change.day, sentences=told)


def show_changed_list(change: ListChange, written: Sequence[object]) -> contract.ChangedList:
    """Return a changed list beside the published one, with what was written."""
    return shape(
        contract.ChangedList, tell_change(change), change,
        changes=[_show_changed_site(one) for one in change.changes],
        written=written,
    )  # fmt: skip


def _show_changed_site(one: SiteChange) -> contract.ChangedSite:
    effect: dict[str, object] = {"gained": None, "lost": None} if one.effect is None else {}
    before = None if one.before is None else one.before["address"] or None
    return shape(
        contract.ChangedSite, one, one.effect, **effect,
        address=one.after["address"] or None,
        address_before=before,
        kept_as=None if one.kept is None else one.kept["id"],
    )  # fmt: skip

"""Results as JSON values with their sentences in both languages: what ``--json`` prints.

What words one kind of result is imported where that result is worded: it knows the rooms that make
the result, and a command waits for no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from welcomemap.describe.catchments import describe_crossings
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.disputes import describe_dispute
from welcomemap.describe.gaps import describe_area, describe_district, name_area
from welcomemap.describe.reasons import describe_note, describe_reasons, list_reasons
from welcomemap.describe.words import RegionWords, tell_certainty
from welcomemap.geocoding.result_json import result_to_json
from welcomemap.wording import LANGUAGES, Phrase

if TYPE_CHECKING:
    from welcomemap.coverage.change import DiffResult
    from welcomemap.coverage.coverage_table import CoverageResult
    from welcomemap.coverage.gaps import GapsResult
    from welcomemap.geocoding.outcome import GeocodeResult
    from welcomemap.region.scenario import RowNote
    from welcomemap.study.comparison import ComparisonAnswer
    from welcomemap.study.nearest import LocatorAnswer
    from welcomemap.study.siting import MatrixAnswer, SitingAnswer
    from welcomemap.travel.impedance import Assumption


def address_to_json(
    result: GeocodeResult, crs: str, quarter_names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what became of an address with its reasons in sentences.

    Parameters
    ----------
    quarter_names
        Name of each quarter by its code.
    """
    return result_to_json(result, crs, quarter_names) | {
        "contradictions": [text.to_json() for text in list_reasons(result.contradictions)],
        "notes": [text.to_json() for text in list_reasons(result.notes)],
        "explanation": describe_reasons(result.explanation).to_json(),
    }


def notes_to_json(notes: Iterable[RowNote]) -> list[dict[str, object]]:
    """Return what is to be known of rows of a list."""
    return [
        {"id": note.site, "row": note.row, "kind": note.kind, **describe_note(note).to_json()}
        for note in notes
    ]


def place_to_json(place: Mapping[str, Any]) -> dict[str, Any]:
    """Return a place of a candidate with what is to be known of its row in sentences."""
    return dict(place) | {"place_notes": notes_to_json(place["place_notes"])}


def gaps_to_json(result: GapsResult, words: RegionWords) -> dict[str, Any]:
    """Return gaps with the reason of each district and area, and what is assumed."""
    return result.to_json() | {
        "districts": [
            gap.to_json() | {"reason": describe_district(result, gap, words).to_json()}
            for gap in result.districts
        ],
        "areas": [
            gap.to_json()
            | {
                "name": name_area(gap).in_language("de"),
                "reason": describe_area(result, gap, words).to_json(),
            }
            for gap in result.areas
        ],
        "assumptions": _assume(result.assumptions),
        "list_notes": notes_to_json(result.list_notes),
    }


def coverage_to_json(result: CoverageResult, words: RegionWords) -> dict[str, Any]:
    """Return coverage with how sure each share is, who crosses a border, and what is assumed."""
    return result.to_json() | {
        "rows": [
            row.to_json() | {"certainty": tell_certainty(row.share, row.interval).to_json()}
            for row in result.rows
        ],
        "catchments": [
            catchment.to_json() | {"sentences": _list(describe_crossings(catchment, words))}
            for catchment in result.catchments
        ],
        "assumptions": _assume(result.assumptions),
        "list_notes": notes_to_json(result.list_notes),
    }


def changes_to_json(result: DiffResult, words: RegionWords) -> dict[str, Any]:
    """Return the difference between two scenarios with its sentences, and what is assumed."""
    return result.to_json() | {
        "sentences": _list(describe_difference(result, words)),
        "assumptions": _assume(result.assumptions),
        "list_notes": notes_to_json(result.list_notes),
    }


def siting_to_json(answer: SitingAnswer | MatrixAnswer) -> dict[str, Any]:
    """Return a choice of sites with its proof in sentences, and what is assumed in a region."""
    from welcomemap.describe.siting import (  # noqa: PLC0415 - see above
        describe_choice,
        describe_infeasibility,
    )
    from welcomemap.study.siting import MatrixAnswer  # noqa: PLC0415 - see above

    reason = answer.result.reason
    shown = answer.to_json() | {
        "reason": None if reason is None else describe_infeasibility(reason).to_json(),
        "sentences": _list(describe_choice(answer)),
    }
    if isinstance(answer, MatrixAnswer):
        return shown
    return shown | {
        "places": {name: place_to_json(place) for name, place in answer.places.items()},
        "assumptions": _assume(answer.assumptions),
        "list_notes": notes_to_json(answer.list_notes),
    }


def comparison_to_json(answer: ComparisonAnswer) -> dict[str, Any]:
    """Return candidates side by side with the verdict, what the list says, what is assumed."""
    from welcomemap.describe.comparison import (  # noqa: PLC0415 - see above
        describe_comparison,
        describe_notes,
    )

    shown = answer.to_json()
    return shown | {
        "candidates": [place_to_json(row) for row in shown["candidates"]],
        "sentences": _list(describe_comparison(answer)),
        "notes": _list(describe_notes(answer)),
        "assumptions": _assume(answer.assumptions),
        "list_notes": notes_to_json(answer.list_notes),
    }


def nearest_to_json(
    answer: LocatorAnswer, crs: str, quarter_names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the nearest service points with what reports say of each, and what is assumed."""
    sites = [
        site.to_json(crs)
        | {
            "reports": [
                report.to_json() | {"sentence": describe_dispute(report).to_json()}
                for report in site.reported.reports
            ]
        }
        for site in answer.sites
    ]
    return answer.to_json(crs) | {
        "address": address_to_json(answer.address, crs, quarter_names),
        "sites": sites,
        "assumptions": _assume(answer.assumptions),
        "list_notes": notes_to_json(answer.list_notes),
    }


def _assume(assumptions: Iterable[Assumption]) -> dict[str, str] | None:
    from welcomemap.describe.assumptions import describe_assumptions  # noqa: PLC0415 - see above

    told = describe_assumptions(assumptions)
    return None if told is None else told.to_json()


def _list(sentences: Sequence[Phrase]) -> dict[str, list[str]]:
    return {k: [sentence.in_language(k) for sentence in sentences] for k in LANGUAGES}

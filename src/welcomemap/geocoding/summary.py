"""What became of a table of addresses, and which rows must a person look at?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from welcomemap.errors import WelcomemapWarning
from welcomemap.files import Written
from welcomemap.geocoding.columns import AddressColumns
from welcomemap.geocoding.outcome import Outcome

REVIEWED_OUTCOMES = frozenset(
    {Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND, Outcome.STREET, Outcome.NEAREST_NUMBER}
)
"""Outcomes a person must look at; any contradiction is another reason to."""


@dataclass(frozen=True)
class ReviewRow:
    """A row a person must look at.

    Attributes
    ----------
    row
        Number of the data row in the input, from 1.
    lat, lon
        WGS 84 degrees, ``None`` where there is no place.
    """

    row: int
    outcome: Outcome
    matched: str
    lat: float | None
    lon: float | None
    error_radius_m: float | None
    contradictions: str
    explanation: str


@dataclass(frozen=True)
class PipelineSummary:
    """What became of the rows of a table.

    Attributes
    ----------
    rows
        Number of data rows.
    outcomes
        Number of rows by outcome; outcomes that do not occur are left out.
    contradictions
        Number of rows where something given contradicts the match.
    stated_district_contradictions
        Numbers of the rows that lie in another district than their table states.
    review
        Rows a person must look at, in order.
    resumed
        Rows taken over from an earlier, broken run.
    address_columns
        Columns the addresses were read from.
    columns
        What each column was used as, and which were not; ``None`` if there was no table.
    warnings
        What was unusual about the input.
    written
        The output file; ``None`` if none was written.
    """

    rows: int
    outcomes: Mapping[Outcome, int]
    contradictions: int
    stated_district_contradictions: tuple[int, ...]
    review: tuple[ReviewRow, ...]
    resumed: int = 0
    address_columns: tuple[str, ...] = ()
    columns: AddressColumns | None = None
    warnings: tuple[WelcomemapWarning, ...] = ()
    written: Written | None = None

    @property
    def match_rate(self) -> float:
        """Share of rows (0-1) that have a place."""
        lost = {Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND}
        placed = sum(n for outcome, n in self.outcomes.items() if outcome not in lost)
        return placed / self.rows if self.rows else 0.0

    def to_json(self) -> dict[str, object]:
        """Return the keys of the command-line contract, and some more."""
        return {
            "rows": self.rows,
            "outcomes": {outcome.value: n for outcome, n in self.outcomes.items()},
            "contradictions": self.contradictions,
            "review": [row.row for row in self.review],
            "stated_district_contradictions": list(self.stated_district_contradictions),
            "match_rate": self.match_rate,
            "resumed": self.resumed,
            "address_columns": list(self.address_columns),
            "columns": self.columns.to_json() if self.columns else {},
            "warnings": [str(warning) for warning in self.warnings],
        }

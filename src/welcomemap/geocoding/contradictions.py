"""Do postcode, quarter and district agree with the place found? What does not is reported."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from welcomemap.geocoding import explain
from welcomemap.geocoding.evidence import NOTHING, Evidence
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.wording import Text

POSTCODE_REACH_M = 1500.0
"""A postcode none of whose known houses is nearer than this does not apply to a place. Houses of
unknown postcode lie between those of known ones, so the distance must be generous."""
ELSEWHERE_M = 2000.0
"""If both the postcode and the quarter given are further away than this, another place is meant."""
POSTCODE_BORDER_M = 250.0
"""Where the recorded postcode is itself an inference, the one next door may be right."""


@dataclass(frozen=True)
class Comparison:
    """What contradicts, what is worth a note, and the postcode given where it may be right.

    ``is_elsewhere``: postcode and quarter (or district) are given, and both lie kilometres from the
    place found.
    """

    contradictions: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    postcode: str | None = None
    is_elsewhere: bool = False


SILENT = Comparison()


class Comparer:
    """Compares what an address says about its place with the place found."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._tree = lru_cache(maxsize=256)(self._grow_tree)

    def compare(
        self, evidence: Evidence, postcode: str | None, quarter: str | None, district: int | None,
        x: float | None, y: float | None,
    ) -> Comparison:  # fmt: skip
        """Report where the words beside the street contradict the match."""
        if evidence is NOTHING:
            return SILENT
        contradictions, notes = list(evidence.contradictions), list(evidence.notes)
        given = evidence.postcode
        kept = None
        if given is not None and given != postcode:
            near_m = self._distance_m(given, x, y)
            if postcode is None:
                kept = given if near_m <= POSTCODE_REACH_M else None
                if near_m > POSTCODE_REACH_M and np.isfinite(near_m):
                    contradictions.append(explain.far_postcode(given, near_m))
            elif near_m <= POSTCODE_BORDER_M:
                notes.append(explain.unchecked_postcode(given, postcode))
            else:
                contradictions.append(explain.other_postcode(given, postcode))
        if evidence.quarters and quarter and quarter not in evidence.quarters:
            found = self._gazetteer.quarter_names.get(quarter, quarter)
            said = explain.other_quarter(evidence.quarter_name or "", found)
            is_border = self._is_near("quarter", evidence.quarters, x, y)
            (notes if is_border else contradictions).append(said)
        if evidence.district is not None and district not in {None, evidence.district}:
            said = explain.other_district(evidence.district, district or 0)
            is_border = self._is_near("district", {evidence.district}, x, y)
            (notes if is_border else contradictions).append(said)
        return Comparison(
            tuple(contradictions), tuple(notes), kept,
            self._is_elsewhere(evidence, postcode, quarter, district, x, y),
        )  # fmt: skip

    def _is_elsewhere(
        self, evidence: Evidence, postcode: str | None, quarter: str | None, district: int | None,
        x: float | None, y: float | None,
    ) -> bool:  # fmt: skip
        """Tell whether the postcode and the quarter or district given both lie kilometres away."""
        given, quarters = evidence.postcode, evidence.quarters
        if given is None or given == postcode or x is None or y is None:
            return False
        distances = [
            self._gazetteer.distance_to_area(values, x, y, column)
            for column, values, found in (
                ("quarter", quarters, quarter),
                ("district", {evidence.district} - {None}, district),
            )
            if values and found not in values
        ]
        return self._distance_m(given, x, y) > ELSEWHERE_M < max(distances, default=0.0)

    def _is_near(
        self, column: str, values: Collection[object], x: float | None, y: float | None
    ) -> bool:
        if x is None or y is None:
            return False
        return self._gazetteer.is_near_area(column, values, x, y)

    def fits(self, street: int, evidence: Evidence) -> bool:
        """Tell whether any house of a street may lie where the address says."""
        gazetteer = self._gazetteer
        rows = list(gazetteer.houses[street].values())
        if evidence.quarters and not any(gazetteer.quarter[r] in evidence.quarters for r in rows):
            return False
        if evidence.district is not None and not any(
            gazetteer.district[r] == evidence.district for r in rows
        ):
            return False
        return evidence.postcode is None or self._has_postcode(rows, evidence.postcode)

    def _has_postcode(self, rows: list[int], postcode: str) -> bool:
        gazetteer = self._gazetteer
        known = {gazetteer.postcode[r] for r in rows}
        if postcode in known:
            return True
        located = [r for r in rows if gazetteer.quality[r] == GOOD]
        if None not in known or not located:
            return not located
        return any(
            self._distance_m(postcode, gazetteer.x[r], gazetteer.y[r]) <= POSTCODE_REACH_M
            for r in (located[0], located[len(located) // 2], located[-1])
        )

    def _distance_m(self, postcode: str, x: float | None, y: float | None) -> float:
        """Return the distance to the nearest known house of a postcode; 0 where none is known."""
        tree = self._tree(postcode)
        if tree is None or x is None or y is None:
            return 0.0
        return float(tree.query((x, y))[0])

    def _grow_tree(self, postcode: str) -> cKDTree | None:
        gazetteer = self._gazetteer
        points = [
            (gazetteer.x[r], gazetteer.y[r]) for r, p in enumerate(gazetteer.postcode)
            if p == postcode and gazetteer.quality[r] == GOOD
        ]  # fmt: skip
        return cKDTree(np.array(points)) if points else None

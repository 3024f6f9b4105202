"""Where is a street as a whole, and where if none of its houses has a place?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from welcomemap.geocoding import explain
from welcomemap.geocoding.evidence import Evidence
from welcomemap.geocoding.gazetteer import GOOD, SUSPECT, Gazetteer
from welcomemap.geocoding.placement import STREET_MARGIN_M, StreetHouses, middle_of
from welcomemap.geocoding.ways import WayIndex, WaySpot
from welcomemap.wording import Text

AREA_ALLOWANCE = 1.15
"""Streets without a located house lie rather at the rim of a quarter than the located ones."""

Spot = tuple[float | None, float | None, float | None, Text]
NO_SPOT: Spot = (None, None, None, explain.BY_STREET)


@dataclass(frozen=True)
class StreetSpot:
    """Place of a street: x, y, radius in metres, what it rests on, and a row of the gazetteer."""

    spot: Spot
    row: int | None = None


class Surroundings:
    """Places streets: by their houses, their course on the map, postcode or quarter."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._ways = WayIndex(gazetteer.read_ways)
        self._by_area = lru_cache(maxsize=512)(self._place_area)

    def place(
        self, street: int, row: int | None, houses: StreetHouses, evidence: Evidence
    ) -> StreetSpot:
        """Place a street as well as its surroundings allow; without any, there is no place."""
        middle = houses.middle
        if middle is not None:
            known, radius = middle
            return StreetSpot((known.x, known.y, radius, explain.BY_STREET), known.row)
        rough = self._rough_points(street)
        if rough is not None:
            return rough
        way = self.place_way(self._gazetteer.streets[street])
        if way is not None:
            return StreetSpot((way.x, way.y, way.error_radius_m, explain.BY_WAY), row)
        return self._by_words(row, evidence)

    def _rough_points(self, street: int) -> StreetSpot | None:
        """Use rows that lie only somewhere on the street."""
        gazetteer = self._gazetteer
        rows = [
            r for r in gazetteer.houses[street].values()
            if gazetteer.quality[r] != SUSPECT and np.isfinite(gazetteer.x[r])
        ]  # fmt: skip
        if not rows:
            return None
        points = np.array([(gazetteer.x[r], gazetteer.y[r]) for r in rows])
        index, radius = middle_of(points)
        is_one_spot = float(np.ptp(points, axis=0).max()) < 1.0
        if is_one_spot:
            radius = STREET_MARGIN_M + 10.0 * np.sqrt(len(gazetteer.houses[street])) * 4
        row = rows[index]
        return StreetSpot(
            (gazetteer.x[row], gazetteer.y[row], float(radius), explain.BY_STREET), row
        )

    def place_way(self, name: str) -> WaySpot | None:
        """Place a street by its course on the map."""
        return self._ways.find(name)

    def _by_words(self, row: int | None, evidence: Evidence) -> StreetSpot:
        gazetteer = self._gazetteer
        postcode = evidence.postcode or (gazetteer.postcode[row] if row is not None else None)
        quarter = next(iter(sorted(evidence.quarters)), None)
        quarter = quarter or (gazetteer.quarter[row] if row is not None else None)
        options = [(self._by_area(None, quarter), explain.BY_QUARTER),
                   (self._by_area(postcode, None), explain.BY_POSTCODE)]  # fmt: skip
        placed = [(spot, basis) for spot, basis in options if spot is not None]
        if not placed:
            return StreetSpot(NO_SPOT, row)
        (x, y, radius), basis = min(placed, key=lambda p: p[0][2])
        return StreetSpot((x, y, radius, basis), row)

    def _place_area(
        self, postcode: str | None, quarter: str | None
    ) -> tuple[float, float, float] | None:
        """Return the middle of the houses of a postcode or quarter and the radius around them."""
        gazetteer = self._gazetteer
        if postcode is None and quarter is None:
            return None
        column, wanted = (
            (gazetteer.quarter, quarter) if postcode is None else (gazetteer.postcode, postcode)
        )
        points = np.array(
            [(gazetteer.x[r], gazetteer.y[r]) for r, value in enumerate(column)
             if value == wanted and gazetteer.quality[r] == GOOD]
        )  # fmt: skip
        if len(points) < 3:
            return None
        index, radius = middle_of(points)
        return float(points[index, 0]), float(points[index, 1]), radius * AREA_ALLOWANCE

"""Where is a street as a whole, and where if none of its houses has a place?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import shapely

from welcomemap.geocoding import explain
from welcomemap.geocoding.evidence import Evidence
from welcomemap.geocoding.gazetteer import GOOD, SUSPECT, Gazetteer
from welcomemap.geocoding.placement import STREET_MARGIN_M, StreetHouses, middle_of
from welcomemap.geocoding.spelling import street_key
from welcomemap.wording import Text

AREA_QUANTILE = 0.97
WAY_MARGIN_M = 60.0

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
        self._by_area = lru_cache(maxsize=512)(self._place_area)

    def place(
        self, street: int, row: int | None, houses: StreetHouses, evidence: Evidence
    ) -> StreetSpot:
        """Place a street as well as its surroundings allow; without any, there is no place."""
        middle = houses.middle()
        if middle is not None:
            known, radius = middle
            return StreetSpot((known.x, known.y, radius, explain.BY_STREET), known.row)
        rough = self._rough_points(street)
        if rough is not None:
            return rough
        way = self._place_way(street)
        if way is not None:
            return StreetSpot(way, row)
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

    def _place_way(self, street: int) -> Spot | None:
        if self._gazetteer.read_ways is None:
            return None
        lines = self._ways.get(street_key(self._gazetteer.streets[street]))
        if lines is None:
            return None
        points = shapely.get_coordinates(shapely.segmentize(lines, 20.0))
        index, radius = middle_of(points)
        return (
            float(points[index, 0]),
            float(points[index, 1]),
            radius + WAY_MARGIN_M,
            explain.BY_WAY,
        )

    @cached_property
    def _ways(self) -> dict[str, shapely.Geometry]:
        """Course of each street none of whose houses has a place, by key of its name."""
        gazetteer = self._gazetteer
        needed = {
            street_key(name) for name, rows in zip(gazetteer.streets, gazetteer.houses, strict=True)
            if not any(gazetteer.quality[r] == GOOD for r in rows.values())
        }  # fmt: skip
        if gazetteer.read_ways is None:
            return {}
        table = gazetteer.read_ways()
        lines: dict[str, list[shapely.Geometry]] = {}
        keys = {str(name): street_key(str(name)) for name in table["name"].unique() if name}
        wanted = {name for name, key in keys.items() if key in needed}
        chosen = table[table["name"].isin(wanted)]
        for name, line in zip(chosen["name"], chosen.geometry, strict=True):
            lines.setdefault(keys[str(name)], []).append(line)
        return {key: shapely.MultiLineString(found) for key, found in lines.items()}

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
        return float(points[index, 0]), float(points[index, 1]), radius

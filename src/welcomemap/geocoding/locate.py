"""Where is a house number on its street, and where a street without known houses?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from welcomemap.geocoding import reasons
from welcomemap.geocoding.address import HouseNumber, NumberPart
from welcomemap.geocoding.evidence import Evidence
from welcomemap.geocoding.gazetteer import GOOD, SUSPECT, Gazetteer, WayIndex
from welcomemap.geocoding.interpolation import (
    EXACT_RADIUS_M,
    SAME_PLOT_RADIUS_M,
    STREET_MARGIN_M,
    Known,
    Placement,
    StreetHouses,
    middle_of,
)
from welcomemap.geocoding.outcome import Alternative, Outcome
from welcomemap.geocoding.reasons import Basis
from welcomemap.reasons import Reason

AREA_ALLOWANCE = 1.15
"""Streets without a located house lie rather at the rim of a quarter than the located ones."""


@dataclass(frozen=True)
class Spot:
    """Place of a street: x, y, radius in metres, what it rests on, and a row of the gazetteer."""

    x: float | None
    y: float | None
    radius_m: float | None
    basis: Basis
    row: int | None = None


class Surroundings:
    """Places streets: by their houses, their course on the map, postcode or quarter."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self.ways = WayIndex(gazetteer.read_ways)
        self._by_area = lru_cache(maxsize=512)(self._place_area)

    def place(self, street: int, row: int | None, houses: StreetHouses, evidence: Evidence) -> Spot:
        """Place a street as well as its surroundings allow; without any, there is no place."""
        middle = houses.middle
        if middle is not None:
            known, radius = middle
            return Spot(known.x, known.y, radius, Basis.STREET, known.row)
        rough = self._rough_points(street)
        if rough is not None:
            return rough
        way = self.ways.find(self._gazetteer.streets[street])
        if way is not None:
            return Spot(way.x, way.y, way.error_radius_m, Basis.WAY, row)
        return self._by_words(row, evidence)

    def _rough_points(self, street: int) -> Spot | None:
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
        return Spot(gazetteer.x[row], gazetteer.y[row], float(radius), Basis.STREET, row)

    def _by_words(self, row: int | None, evidence: Evidence) -> Spot:
        gazetteer = self._gazetteer
        postcode = evidence.postcode or (gazetteer.postcode[row] if row is not None else None)
        quarter = min(evidence.quarters, default=None)
        quarter = quarter or (gazetteer.quarter[row] if row is not None else None)
        asked = ((Basis.QUARTER, quarter), (Basis.POSTCODE, postcode))
        placed = [area for basis, name in asked if name and (area := self._by_area(basis, name))]
        if not placed:
            return Spot(None, None, None, Basis.STREET, row)
        radius, x, y, basis = min(placed, key=lambda area: area[0])
        return Spot(x, y, radius, basis, row)

    def _place_area(self, basis: Basis, wanted: str) -> tuple[float, float, float, Basis] | None:
        """Return a radius that holds the houses of a quarter or postcode, and its middle."""
        gazetteer = self._gazetteer
        column = gazetteer.quarter if basis is Basis.QUARTER else gazetteer.postcode
        points = np.array(
            [(gazetteer.x[r], gazetteer.y[r]) for r, value in enumerate(column)
             if value == wanted and gazetteer.quality[r] == GOOD]
        )  # fmt: skip
        if len(points) < 3:
            return None
        index, radius = middle_of(points)
        x, y = points[index]
        return radius * AREA_ALLOWANCE, float(x), float(y), basis


@dataclass(frozen=True)
class Located:
    """A place on a street; ``row`` is the gazetteer's row that lends postcode and quarter."""

    outcome: Outcome
    number: str | None
    x: float | None
    y: float | None
    error_radius_m: float | None
    row: int | None
    explanation: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...] = ()
    is_row_itself: bool = False


class HouseLocator:
    """Places house numbers on the streets of a gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self.surroundings = Surroundings(gazetteer)
        self._houses = lru_cache(maxsize=4096)(self._read_houses)
        self._known_bounds = lru_cache(maxsize=4096)(self._read_bounds)

    def locate(self, street: int, number: HouseNumber | None, evidence: Evidence) -> Located:
        """Place a house number (or none) on a street."""
        if number is None:
            return self._street_only(street, evidence)
        located = self._locate(street, number, evidence)
        return _downgrade(located, number) if number.unread else located

    def _locate(self, street: int, number: HouseNumber, evidence: Evidence) -> Located:
        row = self._gazetteer.houses[street].get(str(number))
        if row is not None and self._gazetteer.quality[row] == GOOD:
            located = self.locate_row(row)
            if number.is_single:
                return located
            said = (reasons.NumberRange(tuple(map(str, number.parts))),)
            return replace(located, outcome=Outcome.RANGE, number=str(number), explanation=said)
        if not number.is_single:
            return self._range(street, number, evidence)
        return self._one(street, number.first, row, evidence)

    def locate_row(self, row: int) -> Located:
        """Place a house of the list whose point is good."""
        gazetteer = self._gazetteer
        return Located(
            Outcome.EXACT, gazetteer.number[row], gazetteer.x[row], gazetteer.y[row],
            EXACT_RADIUS_M, row, (reasons.Listed(),), is_row_itself=True,
        )  # fmt: skip

    def may_have(self, street: int, number: HouseNumber | None) -> bool:
        """Tell whether a number (or none) lies within the known numbers of a street."""
        bounds = self._known_bounds(street)
        return number is None or (
            bounds is not None and all(bounds[0] <= p.number <= bounds[1] for p in number.parts)
        )

    def _one(self, street: int, part: NumberPart, row: int | None, evidence: Evidence) -> Located:
        placement = self._houses(street).place(part)
        if row is None:
            if placement is None:
                return self._unknown_number(street, HouseNumber((part,)), evidence)
            return _from_placement(part, placement, is_suspect=False)
        if placement is not None and self._gazetteer.quality[row] == SUSPECT:
            return _from_placement(part, placement, is_suspect=True)
        return self._confirmed(street, part, row, placement, evidence)

    def _confirmed(
        self,
        street: int,
        part: NumberPart,
        row: int,
        placement: Placement | None,
        evidence: Evidence,
    ) -> Located:
        """Answer for a number that exists but whose place is not known: the street."""
        if placement is None:
            spot = self._place_street(street, row, evidence, [part])
        else:
            near, radius = placement.used[0].row, placement.error_radius_m
            spot = Spot(placement.x, placement.y, radius, Basis.NEIGHBOURS, near)
        text = str(part)
        explanation = (reasons.NumberConfirmed(text, spot.radius_m, spot.basis),)
        is_lender = self._gazetteer.postcode[row] is not None or spot.row is None
        lender = row if is_lender else spot.row
        return Located(Outcome.STREET, text, spot.x, spot.y, spot.radius_m, lender, explanation)

    def _unknown_number(self, street: int, number: HouseNumber, evidence: Evidence) -> Located:
        spot = self._place_street(street, None, evidence, number.parts)
        bounds = self._known_bounds(street)
        said = reasons.NumberUnknown(
            str(number), self._gazetteer.streets[street], bounds, is_shown=spot.x is not None
        )
        return Located(Outcome.STREET, None, spot.x, spot.y, spot.radius_m, spot.row, (said,))

    def _place_street(
        self, street: int, row: int | None, evidence: Evidence, parts: Sequence[NumberPart] = ()
    ) -> Spot:
        """Place a street; the radius is wider for numbers beyond those known there."""
        houses = self._houses(street)
        spot = self.surroundings.place(street, row, houses, evidence)
        if spot.radius_m is None:
            return spot
        return replace(spot, radius_m=spot.radius_m + houses.far_radius_m(parts))

    def _read_bounds(self, street: int) -> tuple[int, int] | None:
        gazetteer = self._gazetteer
        parts = (gazetteer.parts[row] for row in gazetteer.houses[street].values())
        numbers = [part.number for part in parts if part is not None]
        return (min(numbers), max(numbers)) if numbers else None

    def _street_only(self, street: int, evidence: Evidence) -> Located:
        spot = self._place_street(street, None, evidence)
        name = self._gazetteer.streets[street]
        said: Reason = reasons.StreetRoughly(name, spot.radius_m, spot.basis)
        if spot.radius_m is not None and spot.basis in (Basis.STREET, Basis.WAY):
            said = reasons.StreetOnly(name)
        return Located(Outcome.STREET, None, spot.x, spot.y, spot.radius_m, spot.row, (said,))

    def _range(self, street: int, number: HouseNumber, evidence: Evidence) -> Located:
        """Place a range or list at the middle of its two ends."""
        gazetteer = self._gazetteer
        ends, estimated, missing = [], [], []
        for part in number.parts:
            row = gazetteer.houses[street].get(str(part))
            if row is not None and gazetteer.quality[row] == GOOD:
                ends.append((part, self.locate_row(row)))
                continue
            one = self._one(street, part, row, evidence)
            if one.outcome is Outcome.STREET:
                missing.append(str(part))
            else:
                estimated.append(str(part))
                ends.append((part, one))
        if missing or not ends:
            return self._unknown_number(street, number, evidence)
        points = np.array([(e.x, e.y) for _, e in ends], dtype=float)
        middle = (points[0] + points[-1]) / 2
        reach = [
            float(np.hypot(*(p - middle))) + (e.error_radius_m or 0.0)
            for p, (_, e) in zip(points, ends, strict=True)
        ]
        name = gazetteer.streets[street]
        alternatives = tuple(
            Alternative(f"{name} {part}", name, str(part), end.x, end.y) for part, end in ends
        )
        texts = tuple(map(str, number.parts))
        return Located(
            Outcome.RANGE, str(number), float(middle[0]), float(middle[1]), max(reach),
            ends[0][1].row, (reasons.NumberRange(texts, tuple(estimated)),), alternatives,
        )  # fmt: skip

    def _read_houses(self, street: int) -> StreetHouses:
        gazetteer = self._gazetteer
        known = []
        for row in gazetteer.houses[street].values():
            part = gazetteer.parts[row]
            if part is not None and gazetteer.quality[row] == GOOD:
                known.append(Known(part, gazetteer.x[row], gazetteer.y[row], row))
        return StreetHouses(known)


def _downgrade(located: Located, number: HouseNumber) -> Located:
    """Say what was not understood beside a number; the house of that number is only near then."""
    said = reasons.NumberPartlyRead(str(number), number.unread)
    if located.outcome is not Outcome.EXACT:
        return replace(located, explanation=(*located.explanation, said))
    shown = reasons.NumberShown(str(number))
    return replace(
        located, outcome=Outcome.NEAREST_NUMBER, error_radius_m=SAME_PLOT_RADIUS_M,
        explanation=(said, shown),
    )  # fmt: skip


def _from_placement(part: NumberPart, placement: Placement, *, is_suspect: bool) -> Located:
    used = tuple(str(k.part) for k in placement.used)
    outcome = Outcome.NEAREST_NUMBER
    text: Reason = reasons.NearestNumber(str(part), used[0])
    if is_suspect:
        outcome, text = Outcome.INTERPOLATED, reasons.Suspect(str(part), used)
    elif placement.outcome is Outcome.INTERPOLATED:
        ordered = sorted(placement.used, key=lambda k: (k.part.number, k.part.suffix))
        between = tuple(str(k.part) for k in ordered)
        outcome, text = Outcome.INTERPOLATED, reasons.Interpolated(str(part), between)
    number = used[0] if outcome is Outcome.NEAREST_NUMBER else str(part)
    return Located(
        outcome, number, placement.x, placement.y, placement.error_radius_m,
        placement.used[0].row, (text,),
    )  # fmt: skip

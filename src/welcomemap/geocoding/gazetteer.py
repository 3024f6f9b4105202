"""The embedded address list: streets, their houses, and what lies where. Offline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from welcomemap.geocoding.address_columns import (
    AddressColumns,
    Texts,
    append_facilities,
    columns_of_table,
    read_columns,
)
from welcomemap.geocoding.house_number import NumberPart, parse_house_number
from welcomemap.geocoding.places import PlaceIndex
from welcomemap.geocoding.region import Region, quarter_index
from welcomemap.geocoding.spelling import plain_key
from welcomemap.geocoding.street_match import StreetMatcher
from welcomemap.geocoding.ways import WayReader, way_reader
from welcomemap.pack.load import RegionPack

GOOD, ON_STREET, SUSPECT, NOWHERE = "point", "street", "suspect", "none"
HOMONYM_DISTANCE_M = 400.0
"""Two houses of one street and number further apart than this lie in two streets of one name."""


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Streets and houses of a region, ready to be asked. Build it with the two constructors.

    Houses are ordered by street; ``x``, ``y`` in metres in ``crs``, NaN where unknown.

    Attributes
    ----------
    streets
        Name of each street.
    houses
        For each street the house's row by normalised number (``""`` for a row without one).
    """

    crs: str
    region: Region
    streets: tuple[str, ...]
    houses: tuple[dict[str, int], ...]
    row_street: list[int]
    number: list[str]
    x: list[float]
    y: list[float]
    quality: list[str]
    district: list[int | None]
    quarter: list[str | None]
    postcode: list[str | None]
    is_postcode_inferred: list[bool]
    matcher: StreetMatcher
    places: PlaceIndex
    quarter_names: Mapping[str, str] = field(default_factory=dict)
    areas: Any = None
    read_ways: WayReader | None = None
    border_m: float = 0.0

    @classmethod
    def from_pack(cls, pack: RegionPack, *, has_facilities: bool = True) -> Gazetteer:
        """Build the gazetteer of a region pack, with its advice offices unless told otherwise.

        Optional settings in the manifest's ``region``: ``town_aliases`` and ``neighbour_towns``
        (lists of names), ``street_aliases`` (street by other name), ``extra_postcodes``.
        """
        settings = pack.region
        return cls.from_columns(
            read_columns(pack), town=pack.name, crs=pack.crs, quarters=pack.quarters,
            facilities=(
                pack.advice_offices if has_facilities and pack.has_layer("advice_offices") else None
            ),
            town_aliases=tuple(settings.get("town_aliases", ())),
            neighbours=tuple(settings.get("neighbour_towns", ())),
            street_aliases=dict(settings.get("street_aliases", {})),
            extra_postcodes=tuple(settings.get("extra_postcodes", ())),
            read_ways=way_reader(pack),
            border_m=float(settings.get("border_uncertainty_m", 0.0)),
        )  # fmt: skip

    @classmethod
    def from_tables(cls, addresses: pd.DataFrame, **options: Any) -> Gazetteer:
        """Build a gazetteer from an address table, see :meth:`from_columns` for the options.

        Parameters
        ----------
        addresses
            See :data:`welcomemap.tables.ADDRESS_COLUMNS`; ``x`` and ``y`` may stand for
            ``geometry``, and all but street, house_number and location_quality may be absent.

        Raises
        ------
        MissingColumnError
            If the addresses lack a needed column.
        """
        return cls.from_columns(columns_of_table(addresses), **options)

    @classmethod
    def from_columns(
        cls,
        addresses: AddressColumns,
        *,
        town: str,
        crs: str,
        quarters: pd.DataFrame | None = None,
        facilities: pd.DataFrame | None = None,
        town_aliases: Sequence[str] = (),
        neighbours: Sequence[str] = (),
        street_aliases: Mapping[str, str] | None = None,
        extra_postcodes: Sequence[str] = (),
        read_ways: WayReader | None = None,
        border_m: float = 0.0,
    ) -> Gazetteer:
        """Build a gazetteer from columns.

        Parameters
        ----------
        quarters
            See :data:`welcomemap.tables.QUARTER_COLUMNS`.
        facilities
            See :data:`welcomemap.tables.ADVICE_OFFICE_COLUMNS`: found by name; their addresses
            are added where the list has none or no place for it.
        read_ways
            Returns named lines of streets (columns name, geometry), asked for only where a
            street has no located house.
        border_m
            Uncertainty of the quarters' borders: nearer than this a quarter is not contradicted.
        """
        offices = PlaceIndex.from_table(facilities, crs)
        find = AreaFinder(quarters)
        areas = [find.at(site.x, site.y) for site in offices.sites]
        rows = _order(append_facilities(addresses, offices.sites, areas))
        names, row_street = _number_streets(rows)
        number = Texts(
            rows.house_number.codes, tuple(map(_normalised_number, rows.house_number.names))
        ).to_list()
        houses: list[dict[str, int]] = [{} for _ in names]
        for row, (street, text) in enumerate(zip(row_street, number, strict=True)):
            houses[street].setdefault(text, row)
        codes = quarters["quarter"].astype(str).tolist() if quarters is not None else []
        labels = quarters["name"].astype(str).tolist() if quarters is not None else []
        by_name = {name: i for i, name in reversed(list(enumerate(names)))}
        aliases = {a: by_name[s] for a, s in (street_aliases or {}).items() if s in by_name}
        postcodes = {*rows.postcode.names, *extra_postcodes, *offices.postcodes} - {""}
        return cls(
            crs=crs,
            region=Region(
                town, tuple(town_aliases), quarter_index(codes, labels), frozenset(postcodes),
                frozenset(plain_key(n) for n in neighbours),
            ),
            streets=tuple(names),
            houses=tuple(houses),
            row_street=row_street,
            number=number,
            x=rows.x.tolist(),
            y=rows.y.tolist(),
            quality=rows.location_quality.to_list(),
            district=[d or None for d in rows.district.tolist()],
            quarter=rows.quarter.to_optional(),
            postcode=rows.postcode.to_optional(),
            is_postcode_inferred=rows.is_postcode_inferred.tolist(),
            matcher=StreetMatcher(names, aliases),
            places=offices,
            quarter_names=dict(zip(codes, labels, strict=True)),
            areas=quarters,
            read_ways=read_ways,
            border_m=border_m,
        )  # fmt: skip

    def label(self, row: int) -> str:
        """Write a house as ``street number, postcode town``."""
        return self.write(self.streets[self.row_street[row]], self.number[row], self.postcode[row])

    def write(self, street: str, number: str | None, postcode: str | None) -> str:
        """Write an address as ``street number, postcode town``; what is not known is left out."""
        house = f"{street} {number}" if number else street
        return (
            f"{house}, {postcode} {self.region.town}"
            if postcode
            else f"{house}, {self.region.town}"
        )

    @cached_property
    def parts(self) -> list[NumberPart | None]:
        """House number of each row, ``None`` where it is no single number."""
        single: dict[str, NumberPart | None] = {}
        for text in set(self.number):
            parsed = parse_house_number(text)
            single[text] = parsed.first if parsed is not None and parsed.is_single else None
        return [single[text] for text in self.number]

    def is_near_area(self, column: str, values: Collection[object], x: float, y: float) -> bool:
        """Tell whether a place lies in or within the border's uncertainty of some quarters.

        ``column`` is ``quarter`` or ``district``.
        """
        return self.distance_to_area(values, x, y, column) <= self.border_m

    def distance_to_area(
        self, values: Collection[object], x: float, y: float, column: str = "quarter"
    ) -> float:
        """Return the distance to the nearest of some quarters; infinite where none is known."""
        if self.areas is None:
            return np.inf
        chosen = self.areas.geometry[self.areas[column].isin(values).to_numpy()].to_numpy()
        return float(shapely.distance(chosen, shapely.Point(x, y)).min(initial=np.inf))

    @cached_property
    def _area_finder(self) -> AreaFinder:
        return AreaFinder(self.areas)

    def find_area(self, x: float, y: float) -> tuple[int | None, str | None]:
        """Return district and quarter at a place; ``None`` outside all quarters."""
        return self._area_finder.at(x, y)


class AreaFinder:
    """Finds the quarter of a place.

    Parameters
    ----------
    quarters
        ``district``, ``quarter``, ``geometry`` in the CRS of the places; ``None`` without any.
    """

    def __init__(self, quarters: pd.DataFrame | None) -> None:
        self._quarters = quarters

    @cached_property
    def _codes(self) -> list[tuple[int, str]]:
        if self._quarters is None:
            return []
        pairs = zip(self._quarters["district"], self._quarters["quarter"], strict=True)
        return [(int(district), str(quarter)) for district, quarter in pairs]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree([] if self._quarters is None else self._quarters.geometry.to_numpy())

    def at(self, x: float, y: float) -> tuple[int | None, str | None]:
        """Return district and quarter at a place; ``None`` outside all quarters."""
        hits = self._tree.query(shapely.Point(x, y), predicate="intersects")
        return self._codes[int(hits.min())] if len(hits) else (None, None)


def _order(rows: AddressColumns) -> AddressColumns:
    """Order rows by street; within it good points first, so that they win over doubles."""
    ranks = {GOOD: 0, ON_STREET: 1, SUSPECT: 2}
    rank = np.array([ranks.get(name, 3) for name in rows.location_quality.names])
    place = np.argsort(np.argsort(np.array(rows.street.names)))
    order = np.lexsort((rank[rows.location_quality.codes], place[rows.street.codes]))
    return rows.take(order)


def _number_streets(rows: AddressColumns) -> tuple[list[str], list[int]]:
    """Number the streets; a name used in several places is split by quarter."""
    split = _homonyms(rows)
    numbers: dict[tuple[int, int], int] = {}
    row_street: list[int] = []
    names: list[str] = []
    pairs = zip(rows.street.codes.tolist(), rows.quarter.codes.tolist(), strict=True)
    for code, quarter in pairs:
        key = (code, quarter if code in split else -1)
        if key not in numbers:
            numbers[key] = len(names)
            names.append(rows.street.names[code])
        row_street.append(numbers[key])
    return names, row_street


def _homonyms(rows: AddressColumns) -> set[int]:
    """Find names under which at least two house numbers exist twice, far apart."""
    good = np.array([name == GOOD for name in rows.location_quality.names])
    is_good = good[rows.location_quality.codes]
    frame = pd.DataFrame(
        {"code": rows.street.codes[is_good], "number": rows.house_number.codes[is_good],
         "x": rows.x[is_good], "y": rows.y[is_good]}
    )  # fmt: skip
    doubled = frame[frame.duplicated(["code", "number"], keep=False)]
    if doubled.empty:
        return set()
    grouped = doubled.groupby(["code", "number"])[["x", "y"]]
    spread = grouped.max() - grouped.min()
    far = spread[np.hypot(spread["x"].to_numpy(), spread["y"].to_numpy()) > HOMONYM_DISTANCE_M]
    counts = far.groupby(level="code").size()
    return {int(code) for code in counts[counts >= 2].index}


def _normalised_number(text: str) -> str:
    parsed = parse_house_number(text)
    return text.strip().lower() if parsed is None else str(parsed)

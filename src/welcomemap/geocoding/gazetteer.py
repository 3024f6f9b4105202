"""The embedded address list: streets, houses, named places and ways, and what lies where."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rapidfuzz import fuzz, process
from shapely.errors import ShapelyError

from welcomemap.crs import project
from welcomemap.errors import InputError, MissingColumnError, Place, TableError
from welcomemap.files import parse_json
from welcomemap.geocoding.address import NumberPart, parse_house_number
from welcomemap.geocoding.interpolation import middle_of
from welcomemap.geocoding.municipality import Region, quarter_index
from welcomemap.geocoding.named_places import NamedPlaces
from welcomemap.geocoding.reasons import AreasWithoutAddresses
from welcomemap.geocoding.street_match import StreetMatcher, plain_key, street_key
from welcomemap.region.layers import open_parquet
from welcomemap.region.pack import RegionPack

MIN_NAME = 6
"""Shorter keys name no facility."""
MIN_SIMILARITY = 90
"""Least similarity (0-100) of a mistyped name; below it another facility may be meant."""
SAME_SITE_M = 60.0
_LEGAL_FORM = re.compile(r"[\s,]+(?:e\.?\s?v\.?|g?gmbh|gag|ag|stiftung)$", re.IGNORECASE)


@dataclass(frozen=True)
class Facility:
    """A facility and its place: x, y in metres in the region's CRS."""

    name: str
    street: str
    house_number: str
    postcode: str | None
    x: float
    y: float


@dataclass(frozen=True)
class PlaceIndex:
    """Facilities by the key of their name; one name may stand for several sites."""

    by_key: dict[str, tuple[Facility, ...]] = field(default_factory=dict)

    @property
    def sites(self) -> list[Facility]:
        """One facility for each address."""
        found = {(s.street, s.house_number): s for sites in self.by_key.values() for s in sites}
        return list(found.values())

    @property
    def postcodes(self) -> frozenset[str]:
        """Postcodes of the facilities."""
        return frozenset(s.postcode for sites in self.by_key.values() for s in sites if s.postcode)

    @classmethod
    def from_table(cls, table: pd.DataFrame | None, crs: str) -> PlaceIndex:
        """Index a table of facilities (see :data:`ADVICE_OFFICE_COLUMNS`)."""
        if table is None or table.empty:
            return cls()
        lat = pd.to_numeric(table["lat"], errors="coerce").to_numpy(dtype=float)
        lon = pd.to_numeric(table["lon"], errors="coerce").to_numpy(dtype=float)
        points = project(lon, lat, crs=crs)
        by_key: dict[str, list[Facility]] = {}
        for row, (x, y) in zip(table.to_dict("records"), points, strict=True):
            if not np.isfinite(x):
                continue
            for name in _names(row):
                found = by_key.setdefault(plain_key(name), [])
                if any(np.hypot(s.x - x, s.y - y) < SAME_SITE_M for s in found):
                    continue
                found.append(Facility(
                    name, str(row["street"]), str(row["house_number"]),
                    str(row["postcode"]) or None, float(x), float(y),
                ))  # fmt: skip
        return cls({key: tuple(found) for key, found in by_key.items()})

    def find(self, name: str) -> tuple[Facility, ...]:
        """Return the sites of a name in normal spelling; ``()`` where there is none."""
        key = plain_key(name)
        return self.by_key.get(key, ()) if len(key) >= MIN_NAME else ()

    def find_similar(self, name: str) -> tuple[Facility, ...]:
        """Return the sites of the one name that is close to a mistyped one."""
        key = plain_key(name)
        if len(key) < 2 * MIN_NAME:
            return ()
        found = process.extract(
            key, list(self.by_key), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=2
        )
        if not found or (len(found) > 1 and found[0][1] == found[1][1]):
            return ()
        return self.by_key[found[0][0]]


def _names(row: Mapping[Hashable, object]) -> Iterable[str]:
    names = [str(row.get(column) or "") for column in ("name", "operator")]
    names += [_LEGAL_FORM.sub("", name) for name in names]
    return [name for name in dict.fromkeys(names) if len(plain_key(name)) >= MIN_NAME]


SPACING_M = 20.0
WAY_MARGIN_M = 60.0
"""Houses stand beside their street, and a way may carry the name for a part of it only."""

WayReader = Callable[[], Any]
AreaReader = Callable[[], Mapping[int, str]]
MAX_NAMED_AREAS = 12


@dataclass(frozen=True)
class WaySpot:
    """Name of a way, its middle in metres and the radius that holds the houses along it."""

    name: str
    x: float
    y: float
    error_radius_m: float


class WayIndex:
    """Named ways by street key; read when first asked for."""

    def __init__(self, read: WayReader | None) -> None:
        self._read = read

    def find(self, name: str) -> WaySpot | None:
        """Return the middle of the street of a name in normal spelling."""
        rows = self._rows.get(street_key(name))
        if rows is None:
            return None
        lines = self._table.geometry.to_numpy()[rows]
        points = shapely.get_coordinates(shapely.segmentize(lines, SPACING_M))
        index, radius = middle_of(points)
        x, y = points[index]
        name = str(self._table["name"].iloc[rows[0]])
        return WaySpot(name, float(x), float(y), radius + WAY_MARGIN_M)

    @cached_property
    def _table(self) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame({"name": []}) if self._read is None else self._read()

    @cached_property
    def _rows(self) -> dict[str, NDArray[np.intp]]:
        names = self._table["name"]
        keys = {name: key for name in names.unique() if name and (key := street_key(name))}
        rows: dict[str, NDArray[np.intp]] = names.groupby(names.map(keys)).indices
        return rows


def way_reader(pack: RegionPack) -> WayReader | None:
    """Return what reads names and lines of a pack's street network; ``None`` without one."""
    if not pack.has_layer("street_edges"):
        return None
    return lambda: pack.read_features("street_edges", columns=["name", "geometry"])


def area_reader(pack: RegionPack) -> AreaReader:
    """Return what reads number and name of a pack's districts."""
    return lambda: {
        int(number): str(name)
        for number, name in zip(pack.districts["district"], pack.districts["name"], strict=True)
    }


NEEDED = ("street", "house_number", "location_quality")
MAX_DISTRICT = 1e9
_WKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
TEXTS = (*NEEDED, "quarter", "postcode")


@dataclass(frozen=True)
class Texts:
    """A column of repeated texts: ``names[codes[row]]``."""

    codes: NDArray[np.intp]
    names: tuple[str, ...]

    def take(self, order: NDArray[np.intp]) -> Texts:
        """Return the rows in another order."""
        return Texts(self.codes[order], self.names)

    def append(self, texts: Sequence[str]) -> Texts:
        """Return the column with texts added at the end."""
        names = {name: code for code, name in enumerate(self.names)}
        added = [names.setdefault(text, len(names)) for text in texts]
        return Texts(np.concatenate([self.codes, np.array(added, dtype=np.intp)]), tuple(names))

    def to_list(self) -> list[str]:
        """Return the texts; equal ones share one object."""
        return [self.names[code] for code in self.codes.tolist()]


@dataclass(frozen=True)
class AddressColumns:
    """Columns of :data:`ADDRESS_COLUMNS`; x, y in metres, NaN where unknown."""

    street: Texts
    house_number: Texts
    location_quality: Texts
    quarter: Texts
    postcode: Texts
    district: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def take(self, order: NDArray[np.intp]) -> AddressColumns:
        """Return the rows in another order."""
        return AddressColumns(
            self.street.take(order), self.house_number.take(order),
            self.location_quality.take(order), self.quarter.take(order),
            self.postcode.take(order), self.district[order], self.x[order], self.y[order],
        )  # fmt: skip


def read_columns(pack: RegionPack) -> AddressColumns:
    """Read the address layer of a pack; straight from Parquet where it is in the metric CRS.

    Raises
    ------
    TableError
        If a column holds something else than an address layer does.
    """
    path = pack.layer_path("addresses")
    try:
        if path.suffix != ".parquet" or "addresses" in pack.__dict__:
            return columns_of_table(pack.addresses)
        return _read_parquet(pack, path)
    except InputError:
        raise
    except (pa.ArrowException, ShapelyError, ValueError, TypeError, OverflowError) as error:
        raise TableError(
            "the addresses cannot be read: {error}",
            error=error,
            where=Place(path),
            how="Check the pack with: welcomemap data check.",
        ) from error


def _read_parquet(pack: RegionPack, path: Path) -> AddressColumns:
    file = open_parquet(pack.read_bytes("addresses"), path)
    wanted = [*TEXTS, "district", "geometry"]
    if not set(wanted) <= set(file.schema_arrow.names) or not _is_plain(file, pack.crs):
        return columns_of_table(pack.addresses)
    table = file.read(columns=wanted)
    x, y = _points_of_wkb(table["geometry"].combine_chunks())
    texts = {name: _encode_arrow(table, name) for name in TEXTS}
    return AddressColumns(**texts, district=_whole_numbers(table["district"].to_numpy()), x=x, y=y)


SEARCHED = ("addresses", "street_edges", "stops", "place_names")
"""Layers in which a place may be found; one of them is enough to look for it."""


def _read_addresses(pack: RegionPack) -> AddressColumns:
    """Return the addresses of a pack; none where it has other layers to look into."""
    if not pack.has_layer("addresses") and any(map(pack.has_layer, SEARCHED)):
        return columns_of_table(pd.DataFrame(columns=[*TEXTS, "x", "y"]))
    return read_columns(pack)


def columns_of_table(table: pd.DataFrame) -> AddressColumns:
    """Take the columns of an address table; ``x`` and ``y`` in metres count without a ``geometry``.

    All but street, house number and location quality may be absent.

    Raises
    ------
    MissingColumnError
        If one of these three is.
    """
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise MissingColumnError(
            "the address table lacks {missing}",
            missing=missing,
            how="Add the columns of an address layer.",
        )
    if "geometry" in table.columns:
        points = table["geometry"].to_numpy()
        x, y = shapely.get_x(points), shapely.get_y(points)
    else:
        x, y = table["x"].to_numpy(dtype=np.float64), table["y"].to_numpy(dtype=np.float64)
    n = len(table)
    district = pd.Series(table.get("district", pd.Series(0, index=table.index)))
    texts = {c: _encode(table[c].tolist() if c in table.columns else [""] * n) for c in TEXTS}
    numbers = _whole_numbers(pd.to_numeric(district, errors="coerce").to_numpy())
    return AddressColumns(**texts, district=numbers, x=x, y=y)


def append_facilities(
    rows: AddressColumns,
    sites: Sequence[Facility],
    areas: Sequence[tuple[int | None, str | None]],
) -> AddressColumns:
    """Add the addresses of facilities as good points, behind the list's own.

    ``areas`` are district and quarter that each lies in, so that such a row answers as one of the
    list does.

    A good point of the list itself goes first (rows are ordered by quality, and the first of equal
    ones counts), so a facility's point is used only where the list has no good one.
    """
    n = len(sites)
    if n == 0:
        return rows
    return AddressColumns(
        rows.street.append([s.street for s in sites]),
        rows.house_number.append([s.house_number for s in sites]),
        rows.location_quality.append(["point"] * n),
        rows.quarter.append([quarter or "" for _, quarter in areas]),
        rows.postcode.append([s.postcode or "" for s in sites]),
        np.concatenate([rows.district, [district or 0 for district, _ in areas]]),
        np.concatenate([rows.x, [s.x for s in sites]]),
        np.concatenate([rows.y, [s.y for s in sites]]),
    )


def _whole_numbers(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return numbers of districts; 0, which is none, where there is no whole number."""
    numbers = values.astype(np.float64)
    is_whole = np.isfinite(numbers) & (np.abs(numbers) < MAX_DISTRICT) & (numbers % 1 == 0)
    return np.where(is_whole, numbers, 0).astype(np.int64)


def _is_plain(file: pq.ParquetFile, crs: str) -> bool:
    """Tell whether the points are well-known binary in the pack's own CRS, to be read directly."""
    geo = parse_json((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    columns = geo.get("columns") if isinstance(geo, dict) else None
    geometry = columns.get("geometry") if isinstance(columns, dict) else None
    return (
        isinstance(geometry, dict)
        and geometry.get("encoding") == "WKB"
        and _is_crs(geometry.get("crs"), crs)
    )


def _is_crs(described: object, wanted: str) -> bool:
    """Compare a CRS in PROJJSON with a name; by its code where it has one, which is quick."""
    if not isinstance(described, dict):
        return False
    code = described.get("id", {})
    if code:
        return f"{code.get('authority')}:{code.get('code')}" == wanted
    return bool(CRS(described) == CRS(wanted))


def _points_of_wkb(column: pa.Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read x and y of points in WKB (OGC 06-103r4): byte order, type 1, then two doubles."""
    is_known = np.asarray(column.is_valid())
    known = column.drop_null().cast(pa.large_binary())
    data = b"".join(known.to_pylist())
    is_whole = len(data) == len(known) * _WKB_POINT.itemsize
    records = np.frombuffer(data if is_whole else b"", dtype=_WKB_POINT)
    if not is_whole or (records["order"] != 1).any() or (records["kind"] != 1).any():
        points = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
        return shapely.get_x(points), shapely.get_y(points)
    xy = np.full((len(column), 2), np.nan)
    xy[is_known, 0], xy[is_known, 1] = records["x"], records["y"]
    return xy[:, 0], xy[:, 1]


def _encode(values: Sequence[object]) -> Texts:
    texts = np.array([v if isinstance(v, str) else "" for v in values], dtype=object)
    codes, names = pd.factorize(texts)
    return Texts(codes, tuple(str(name) for name in names))


def _encode_arrow(table: pa.Table, name: str) -> Texts:
    column = table[name].combine_chunks().cast(pa.string()).fill_null("").dictionary_encode()
    return Texts(column.indices.to_numpy().astype(np.intp), tuple(column.dictionary.to_pylist()))


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
    matcher: StreetMatcher
    places: PlaceIndex
    quarter_names: Mapping[str, str]
    areas: AreaFinder
    read_ways: WayReader | None
    border_m: float
    named: NamedPlaces = field(default_factory=NamedPlaces)
    read_areas: AreaReader | None = None

    @cached_property
    def areas_without(self) -> AreasWithoutAddresses | None:
        """Which districts have no address at all; ``None`` where each has one, or none has."""
        areas = {} if self.read_areas is None else self.read_areas()
        known = frozenset(self.district)
        missing = tuple(name for number, name in areas.items() if number not in known)
        if not 0 < len(missing) < len(areas):
            return None
        more = ("…",) if len(missing) > MAX_NAMED_AREAS else ()
        return AreasWithoutAddresses((*missing[:MAX_NAMED_AREAS], *more), len(missing), len(areas))

    @classmethod
    def from_pack(cls, pack: RegionPack, *, has_facilities: bool = True) -> Gazetteer:
        """Build the gazetteer of a region pack, with its advice offices unless told otherwise.

        Optional settings in the manifest's ``region``: ``town_aliases`` and ``neighbour_towns``
        (lists of names), ``street_aliases`` (street by other name), ``extra_postcodes``.
        """
        settings = pack.region
        return cls.from_columns(
            _read_addresses(pack), town=pack.name, crs=pack.crs, quarters=pack.quarters,
            facilities=(
                pack.advice_offices if has_facilities and pack.has_layer("advice_offices") else None
            ),
            town_aliases=tuple(settings.get("town_aliases", ())),
            neighbours=tuple(settings.get("neighbour_towns", ())),
            street_aliases=dict(settings.get("street_aliases", {})),
            extra_postcodes=tuple(settings.get("extra_postcodes", ())),
            read_ways=way_reader(pack),
            read_areas=area_reader(pack),
            border_m=float(settings.get("border_uncertainty_m", 0.0)),
            named=NamedPlaces.from_pack(pack),
        )  # fmt: skip

    @classmethod
    def from_tables(cls, addresses: pd.DataFrame, **options: Any) -> Gazetteer:
        """Build a gazetteer from an address table, see :meth:`from_columns` for the options.

        Parameters
        ----------
        addresses
            See :data:`welcomemap.region.schemas.ADDRESS_COLUMNS`; ``x`` and ``y`` may stand for
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
        read_areas: AreaReader | None = None,
        border_m: float = 0.0,
        named: NamedPlaces | None = None,
    ) -> Gazetteer:
        """Build a gazetteer from columns.

        Parameters
        ----------
        quarters
            See :data:`welcomemap.region.schemas.QUARTER_COLUMNS`.
        facilities
            See :data:`ADVICE_OFFICE_COLUMNS`: found by name; their addresses
            are added where the list has none or no place for it.
        read_ways
            Returns named lines of streets (columns name, geometry), asked for only where a
            street has no located house.
        read_areas
            Returns the districts' names by number, asked for only where an address is not found.
        border_m
            Uncertainty of the quarters' borders: nearer than this a quarter is not contradicted.
        named
            Stops and named places, found where no address, facility and street is.
        """
        offices = PlaceIndex.from_table(facilities, crs)
        areas = AreaFinder(quarters)
        sites_in = [areas.at(site.x, site.y) for site in offices.sites]
        rows = _order(append_facilities(addresses, offices.sites, sites_in))
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
            quarter=[q or None for q in rows.quarter.to_list()],
            postcode=[p or None for p in rows.postcode.to_list()],
            matcher=StreetMatcher(names, aliases),
            places=offices,
            quarter_names=dict(zip(codes, labels, strict=True)),
            areas=areas,
            read_ways=read_ways,
            read_areas=read_areas,
            border_m=border_m,
            named=named or NamedPlaces(),
        )  # fmt: skip

    def write(self, street: str, number: str | None, postcode: str | None) -> str:
        """Write an address as ``street number, postcode town``; what is not known is left out."""
        house = f"{street} {number}" if number else street
        town = self.region.town
        return f"{house}, {postcode} {town}" if postcode else f"{house}, {town}"

    @cached_property
    def parts(self) -> list[NumberPart | None]:
        """House number of each row, ``None`` where it is no single number."""
        single: dict[str, NumberPart | None] = {}
        for text in set(self.number):
            parsed = parse_house_number(text)
            single[text] = parsed.first if parsed is not None and parsed.is_single else None
        return [single[text] for text in self.number]

    def find_area(self, x: float, y: float) -> tuple[int | None, str | None]:
        """Return district and quarter at a place; ``None`` outside all quarters."""
        return self.areas.at(x, y)


class AreaFinder:
    """Finds the quarter of a place.

    Parameters
    ----------
    quarters
        ``district``, ``quarter``, ``geometry`` in the CRS of the places; ``None`` without any.
    """

    def __init__(self, quarters: pd.DataFrame | None) -> None:
        nowhere: dict[str, list[Any]] = {"district": [], "quarter": [], "geometry": []}
        self._quarters = gpd.GeoDataFrame(nowhere) if quarters is None else quarters

    @cached_property
    def _codes(self) -> list[tuple[int, str]]:
        pairs = zip(self._quarters["district"], self._quarters["quarter"], strict=True)
        return [(int(district), str(quarter)) for district, quarter in pairs]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._quarters.geometry.to_numpy())

    def at(self, x: float, y: float) -> tuple[int | None, str | None]:
        """Return district and quarter at a place; ``None`` outside all quarters."""
        hits = self._tree.query(shapely.Point(x, y), predicate="intersects")
        return self._codes[int(hits.min())] if len(hits) else (None, None)

    def distance_m(self, values: Collection[object], x: float, y: float, column: str) -> float:
        """Return the distance to the nearest of some quarters; infinite where none is known.

        ``column`` is ``quarter`` or ``district``.
        """
        is_meant = self._quarters[column].isin(values).to_numpy()
        chosen = self._quarters.geometry[is_meant].to_numpy()
        return float(shapely.distance(chosen, shapely.Point(x, y)).min(initial=np.inf))


def _order(rows: AddressColumns) -> AddressColumns:
    """Order rows by street; within it good points first, so that they win over doubles."""
    ranks = {GOOD: 0, ON_STREET: 1, SUSPECT: 2}
    rank = np.array([ranks.get(name, 3) for name in rows.location_quality.names], dtype=int)
    place = np.argsort(np.argsort(np.array(rows.street.names)))
    order = np.lexsort((rank[rows.location_quality.codes], place[rows.street.codes]))
    return rows.take(order)


def _number_streets(rows: AddressColumns) -> tuple[list[str], list[int]]:
    """Number the streets; a name used in several places is split by quarter."""
    split = _homonyms(rows)
    pairs = zip(rows.street.codes.tolist(), rows.quarter.codes.tolist(), strict=True)
    keys = [(code, quarter if code in split else -1) for code, quarter in pairs]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [rows.street.names[code] for code, _ in numbers], [numbers[key] for key in keys]


def _homonyms(rows: AddressColumns) -> set[int]:
    """Find names under which at least two house numbers exist twice, far apart."""
    good = np.array([name == GOOD for name in rows.location_quality.names], dtype=bool)
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

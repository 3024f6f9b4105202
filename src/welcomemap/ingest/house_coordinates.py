"""Addresses from a file: official house coordinates, or any list of streets, numbers and places.

Read are GeoJSON points and CSV tables, each also as the one such file of a zip archive. Which
property or column is which is guessed by its name and stands in the recipe. A place is the geometry
of a point, else the numbers of two columns (a state's table without headings is known by its form:
:mod:`welcomemap.ingest.gebref`); eastings that begin with the number of their UTM zone,
as those of German surveyors do, tell their CRS by that (EPSG:4647 in zone 32).

Two sources of one address are held against each other (:func:`compare_sources`): the official place
counts, and the pack says how far the other one is off.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from welcomemap.crs import WGS84
from welcomemap.errors import (
    ColumnValueError,
    CrsError,
    EmptyTableError,
    EncodingError,
    MissingColumnError,
    Place,
    TableError,
    TooLargeError,
    either,
    fault,
)
from welcomemap.geocoding.street_match import street_key
from welcomemap.ingest.addresses import normalise_house_number, order_house_number
from welcomemap.ingest.gebref import is_gebref, read_gebref
from welcomemap.region.layers import read_feature_layer, read_layer_bytes
from welcomemap.region.schemas import ADDRESS_COLUMNS
from welcomemap.tabular.delimited import find_delimiter

GEOJSON, TABLES = (".geojson", ".json"), (".csv", ".txt")
ENDINGS = (*GEOJSON, *TABLES, ".zip")
MAX_BYTES = 500_000_000
MAX_MEMBERS = 1000
DECIMALS_M = 1
AGREE_M, FAR_M = 30.0, 100.0
"""Two places of one address agree within the depth of a house and its garden."""
ZONE_PREFIXED = {31: "EPSG:5651", 32: "EPSG:4647", 33: "EPSG:5650"}
"""ETRS89 / UTM with the number of the zone before the easting (EPSG registry)."""
MEND = fault("Give the file as its publisher gives it.")
NAMES = {
    "street": r"^(?:strname|stra(?:ß|ss)e(?:nname)?|street(?:_?name)?|str|stn|rua|logradouro)$",
    "house_number": r"^(?:hsnr|hnr|haus(?:nr|nummer)|house_?(?:no|number)|number|nr|numero)$",
    "suffix": r"^(?:hsnrzu|hsnrz|hnrz|adz|(?:haus(?:nr|nummer))?zusatz|suffix|unit)$",
    "postcode": r"^(?:plz|postleitzahl|postcode|post_?code|zip|cep)$",
    "x": r"^(?:x|lon(?:gitude)?|lng|ost(?:wert)?|rechtswert|easting|e)$",
    "y": r"^(?:y|lat(?:itude)?|nord(?:wert)?|hochwert|northing|n)$",
}
"""What columns are called, case folded; OpenAddresses (openaddresses.io) among them."""


@dataclass(frozen=True)
class AddressColumns:
    """Which column is which; empty for none.

    Attributes
    ----------
    x, y
        Of tables; GeoJSON has its geometry.
    crs
        Of ``x`` and ``y``; found out from the numbers where it is empty.
    """

    street: str = ""
    house_number: str = ""
    suffix: str = ""
    postcode: str = ""
    x: str = ""
    y: str = ""
    crs: str = ""


@dataclass(frozen=True)
class AddressGuess:
    """What a file of addresses holds.

    Attributes
    ----------
    names
        Of its columns.
    bounds
        West, south, east and north edge in degrees (EPSG:4326).
    municipality
        Of a table of a whole state: whose rows these are; empty of other files.
    """

    n_rows: int
    names: tuple[str, ...]
    columns: AddressColumns
    bounds: tuple[float, float, float, float]
    municipality: str = ""


@dataclass(frozen=True, eq=False)
class HouseCoordinates:
    """Addresses of a file.

    Attributes
    ----------
    table
        :data:`welcomemap.region.schemas.ADDRESS_COLUMNS` in the metric CRS, by street and number;
        no area yet.
    n_unnamed
        Rows without the name of a street, which were left out.
    n_unnumbered
        Rows without a house number: their place is that of the street.
    n_doubles
        Rows of an address that stands there already, within 30 m, which were left out.
    """

    table: gpd.GeoDataFrame
    n_unnamed: int
    n_unnumbered: int
    n_doubles: int


@dataclass(frozen=True)
class Agreement:
    """How far two sources of the same addresses are apart.

    Attributes
    ----------
    n_both
        Addresses that both have.
    agree_share
        Of them within :data:`AGREE_M`, 0-1; 0 of none.
    median_m, p95_m
        Distance in metres; NaN of none.
    far
        Those more than :data:`FAR_M` apart, as ``street number``.
    """

    n_both: int
    agree_share: float
    median_m: float
    p95_m: float
    far: tuple[str, ...]


def look_at_addresses(path: Path, member: str = "", *, town: str = "") -> AddressGuess:
    """Return what a file of addresses holds, and which column is probably which.

    Parameters
    ----------
    town
        Name of the town: of a table of a whole state its rows are looked at.

    Raises
    ------
    InputError
        As :func:`read_house_coordinates`.
    """
    rows, places = _load(path, member, town)
    names = tuple(str(name) for name in rows.columns)
    found = {key: find_name(names, pattern) for key, pattern in NAMES.items()}
    if places is not None:
        found |= {"x": "", "y": ""}
    columns = AddressColumns(**found)
    points = _locate(rows, places, columns, path)
    west, south, east, north = (float(edge) for edge in points.total_bounds)
    municipality = town if is_gebref(path) else ""
    return AddressGuess(len(rows), names, columns, (west, south, east, north), municipality)


def find_name(names: tuple[str, ...], pattern: str) -> str:
    """Return the first of some names that a pattern fits, case folded; empty if none does."""
    return next((name for name in names if re.search(pattern, name.strip().casefold())), "")


def read_house_coordinates(
    path: Path, columns: AddressColumns, crs: str, *, member: str = "", municipality: str = ""
) -> HouseCoordinates:
    """Return the addresses of a file.

    Parameters
    ----------
    path
        ``.geojson``, ``.csv`` or ``.txt`` in UTF-8, or a ``.zip`` that holds one of them.
    crs
        Metric CRS of the town.
    member
        Of an archive that holds several such files: the one that is meant.
    municipality
        Of a table of a whole state: whose rows are taken.

    Raises
    ------
    TableError, EncodingError, EmptyTableError, TooLargeError
        If the file cannot be read, is not UTF-8, empty, or too large.
    MissingColumnError
        If a column is not there.
    ColumnValueError, CrsError
        If a place is no number, or the CRS of the numbers is not known.
    """
    rows, places = _load(path, member, municipality)
    for key in ("street", "house_number", "suffix", "postcode", "x", "y"):
        _require(rows, getattr(columns, key), key, path)
    points = _locate(rows, places, columns, path).to_crs(crs)
    texts = {
        key: _read_texts(rows, getattr(columns, key))
        for key in ("street", "house_number", "suffix", "postcode")
    }
    number = (texts["house_number"] + texts["suffix"]).map(normalise_house_number)
    is_named = texts["street"].str.contains(r"^\w", regex=True)
    table = gpd.GeoDataFrame(
        {
            "street": texts["street"],
            "house_number": number,
            "is_residential": True,
            "quarter": "",
            "district": np.int16(0),
            "postcode": texts["postcode"],
            "is_postcode_inferred": False,
            "location_quality": np.where(number == "", "street", "point"),
        },
        geometry=shapely.points(np.round(shapely.get_coordinates(points), DECIMALS_M)),
        crs=crs,
    )[is_named]
    kept = _merge_doubles(table)
    return HouseCoordinates(
        kept[list(ADDRESS_COLUMNS)],
        int((~is_named).sum()),
        int((table["house_number"] == "").sum()),
        len(table) - len(kept),
    )


def _merge_doubles(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out what repeats the first row of an address near it; sort by street and number."""
    key = ["street", "house_number"]
    order = table["house_number"].map(order_house_number)
    table = table.assign(order=order).sort_values(["street", "order"], kind="stable")
    first = table.groupby(key).geometry.transform("first")
    is_double = table.duplicated(key) & (table.geometry.distance(first) <= AGREE_M)
    return gpd.GeoDataFrame(table[~is_double].reset_index(drop=True), crs=table.crs)


def compare_sources(official: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> Agreement:
    """Return how far the addresses of two sources in one metric CRS are apart.

    Addresses are the same if street (as the search spells it) and number are; those that stand
    twice in a source are left out.
    """
    named = [_by_name(table) for table in (official, other)]
    both = named[0].index.intersection(named[1].index)
    first, second = (table.loc[both] for table in named)
    apart = first.geometry.distance(second.geometry).to_numpy()
    if not len(both):
        return Agreement(0, 0.0, np.nan, np.nan, ())
    is_far = apart > FAR_M
    far = (first["street"] + " " + first["house_number"])[is_far]
    return Agreement(
        len(both), float((apart <= AGREE_M).mean()), float(np.median(apart)),
        float(np.quantile(apart, 0.95)), tuple(far),
    )  # fmt: skip


def _by_name(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    named = table[(table["house_number"] != "") & (table["location_quality"] == "point")]
    key = named["street"].map(street_key) + " " + named["house_number"]
    named = named.set_index(key)
    return gpd.GeoDataFrame(named[~named.index.duplicated(keep=False)])


def add_missing(official: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the official addresses, and those of the other source that they lack.

    Whether an address is a home is what the other source says of it, where it knows it.
    """
    keys = [
        table["street"].map(street_key) + " " + table["house_number"] for table in (official, other)
    ]
    homes = other["is_residential"].groupby(keys[1].to_numpy()).any()
    is_home = keys[0].map(homes)
    official = official.assign(is_residential=is_home.where(is_home.notna(), True).astype(bool))
    # A street is spelt as the official source does, so that its numbers stand together.
    spelt = official["street"].groupby(official["street"].map(street_key)).first()
    added = other[~keys[1].isin(keys[0])]
    own = added["street"].map(street_key).map(spelt)
    added = added.assign(street=own.fillna(added["street"]))
    whole = pd.concat([official, added], ignore_index=True)
    order = whole["house_number"].map(order_house_number)
    whole = whole.assign(order=order).sort_values(["street", "order"], kind="stable")
    return gpd.GeoDataFrame(whole[list(ADDRESS_COLUMNS)].reset_index(drop=True), crs=official.crs)


# --- files ---


def _load(path: Path, member: str, municipality: str) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    """Return the rows of a file, and their places where it has geometries (EPSG:4326)."""
    if not path.name.lower().endswith(ENDINGS):
        raise TableError(
            "addresses are not read from a file that ends with {ending!r}",
            ending=path.suffix or path.name,
            endings=either(ENDINGS),
            where=Place(path),
            how="Save them in a file that ends with {endings}.",
        )
    if not path.name.lower().endswith(GEOJSON) and is_gebref(path):
        return read_gebref(path, municipality), None
    content, name = read_layer_bytes(path, None), path.name
    if path.suffix.lower() == ".zip":
        content, name = _unpack(content, path, member)
    if name.lower().endswith(GEOJSON):
        drawn = read_feature_layer(content, path.with_name(PurePosixPath(name).name), WGS84)
        rows = pd.DataFrame(drawn.drop(columns="geometry"))
        if not rows.empty:
            return rows, _require_points(drawn, path)
    else:
        rows = _read_table(content, path)
    if rows.empty:
        raise EmptyTableError("the file holds no addresses", where=Place(path), how=MEND)
    return rows, None


def _unpack(content: bytes, path: Path, member: str) -> tuple[bytes, str]:
    """Return the one file of addresses in an archive, and its name; nothing is written."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [one.filename for one in archive.infolist()[:MAX_MEMBERS]]
            chosen = _choose_member(names, member, path)
            with archive.open(chosen) as packed:
                unpacked = packed.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise TableError(
            "the archive cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error
    if len(unpacked) > MAX_BYTES:
        raise TooLargeError(
            "the file {member} has more than {megabytes:g} MB",
            member=chosen,
            megabytes=MAX_BYTES / 1e6,
            where=Place(path),
            how="Give a file of one town.",
        )
    return unpacked, chosen


def _choose_member(names: list[str], member: str, path: Path) -> str:
    for endings in (GEOJSON, TABLES[:1], TABLES):
        fitting = [name for name in names if name.lower().endswith(endings)]
        if member:
            fitting = [name for name in fitting if PurePosixPath(name).name == member]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            break
    raise TableError(
        "the archive does not hold just one file of addresses: {names}",
        names=names,
        where=Place(path),
        how="Name the one that is meant in the recipe, as member.",
    )


def _read_table(content: bytes, path: Path) -> pd.DataFrame:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n")
        raise EncodingError(
            "the file is not UTF-8",
            where=Place(path, row=row or None),
            how="Save it as UTF-8.",
        ) from error
    delimiter = find_delimiter(text[:100_000])
    try:
        return pd.read_csv(
            io.StringIO(text), sep=delimiter or ",", dtype=str, keep_default_na=False, engine="c"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise TableError(
            "the file is not a CSV table: {error}", error=error, where=Place(path), how=MEND
        ) from error


def _require_points(drawn: gpd.GeoDataFrame, path: Path) -> gpd.GeoSeries:
    is_point = drawn.geometry.notna().to_numpy() & (drawn.geometry.geom_type == "Point").to_numpy()
    if not is_point.all():
        raise TableError(
            "an address is no point",
            where=Place(path, row=int(np.flatnonzero(~is_point)[0]) + 1, column="geometry"),
            how="Give one point for each address.",
        )
    return drawn.geometry


def _require(rows: pd.DataFrame, name: str, key: str, path: Path) -> None:
    if not name and key != "street":
        return
    if name not in rows.columns:
        raise MissingColumnError(
            "the column {name} is absent",
            name=name or key,
            names=tuple(map(str, rows.columns)),
            where=Place(path, column=name or key),
            how="The file has {names}: correct the part addresses of the recipe.",
        )


def _read_texts(rows: pd.DataFrame, name: str) -> pd.Series:
    if not name:
        return pd.Series("", index=rows.index)
    values = rows[name]
    whole = values.map(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v)
    texts: pd.Series = whole.where(values.notna(), "").astype(str)
    return texts.str.split().str.join(" ")


# --- places ---


def _locate(
    rows: pd.DataFrame, places: gpd.GeoSeries | None, columns: AddressColumns, path: Path
) -> gpd.GeoSeries:
    """Return the places of rows in EPSG:4326."""
    if places is not None:
        return places
    for key in ("x", "y"):
        if not getattr(columns, key):
            raise MissingColumnError(
                "no column holds the {key} of places",
                key=key,
                names=tuple(map(str, rows.columns)),
                where=Place(path),
                how="The file has {names}: name it in the part addresses of the recipe.",
            )
    xy = np.column_stack([_read_numbers(rows, getattr(columns, key), path) for key in ("x", "y")])
    crs = _read_crs(columns.crs or _find_crs(xy, path), path)
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(xy[:, 0], xy[:, 1])
    is_bad = ~(np.isfinite(lon) & np.isfinite(lat))
    if is_bad.any():
        raise ColumnValueError(
            "the place lies outside of its coordinate system",
            where=Place(path, row=int(rows.index[is_bad][0]) + 1, column=columns.x),
            how="Correct the numbers, or name their CRS in the part addresses of the recipe.",
        )
    return gpd.GeoSeries.from_xy(lon, lat, crs=WGS84)


def _read_numbers(rows: pd.DataFrame, name: str, path: Path) -> NDArray[np.float64]:
    texts = rows[name].astype(str).str.strip().str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
    is_bad = ~np.isfinite(numbers)
    if is_bad.any():
        raise ColumnValueError(
            "{value!r} is no number",
            value=str(rows[name].iloc[int(np.flatnonzero(is_bad)[0])]),
            where=Place(path, row=int(rows.index[is_bad][0]) + 1, column=name),
            how="Correct the place, or take the row out.",
        )
    return numbers


def _find_crs(xy: NDArray[np.float64], path: Path) -> str:
    """Return the CRS that numbers tell by themselves: degrees, or eastings with their zone."""
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        return WGS84
    zones = {int(west // 1e6), int(east // 1e6)}
    if len(zones) == 1 and zones <= set(ZONE_PREFIXED):
        return ZONE_PREFIXED[zones.pop()]
    raise CrsError(
        "the places are metres, and the file does not say of which coordinate system",
        where=Place(path),
        how="Name it in the part addresses of the recipe, such as crs = EPSG:25832.",
    )


def _read_crs(text: str, path: Path) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise CrsError(
            "nobody knows the CRS {crs}",
            crs=text,
            where=Place(path),
            how="Give a code such as EPSG:25832.",
        ) from error

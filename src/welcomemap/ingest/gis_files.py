"""Areas as programs for geography save them: GeoPackage, and a Shapefile in a zip archive.

Neither is opened by a reader that chooses by content or follows what a file names. A GeoPackage is
an SQLite database (OGC 12-128r19, "GeoPackage Encoding Standard"): it is opened to be read only,
and its geometries are WKB behind a short header (clause 2.1.3). A Shapefile (ESRI White Paper
J-7855, 1998) is read by pyshp from the bytes of the archive; nothing is unpacked to disk.

A file may hold more work than bytes: a view that counts for ever, a value of a gigabyte out of ten
letters, an archive of zeros. So steps, values and what is unpacked have bounds. Of what a file says
of its CRS only the code is taken: definitions can name grid files, which PROJ would open.
"""

from __future__ import annotations

import codecs
import io
import re
import sqlite3
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from itertools import count
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from welcomemap.crs import WGS84
from welcomemap.errors import (
    CrsError,
    EncodingError,
    GeometryError,
    InputError,
    Place,
    TableError,
    TooLargeError,
    fault,
)
from welcomemap.extras import require_extra
from welcomemap.region.layers import CRS_NAME, MAX_LAYER_BYTES, read_layer_bytes

MEND = fault("Save the areas again, or as GeoJSON in EPSG:4326.")
SQLITE_MAGIC = b"SQLite format 3\0"
MAX_FEATURES = 20_000
ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Bytes of the envelope in a header by its indicator."""
BEFORE_ENVELOPE = 8
MAX_STEPS = 200_000_000
"""Of SQLite's machine: a layer of 20,000 features with 50 properties takes some 2 million."""
STEPS_A_LOOK = 100_000
PARTS = (".shp", ".dbf", ".prj", ".cpg")
DBF_CODE_PAGES = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252"}
"""What byte 29 of a ``.dbf`` says of its texts (the language driver id of dBASE and ArcGIS)."""
CPG_NUMBER = re.compile(r"(?:ANSI|OEM|CP|ISO)?[ _-]*(\d+)|LDID/(\d+)", re.IGNORECASE)
"""Encodings as ArcGIS and GDAL write them into a ``.cpg`` where Python has no such name."""
UTF8_NUMBER = "65001"
EQUIVALENT = 70
"""How sure PROJ is of a code, in per cent, whose CRS is the same by another name."""


def read_geopackage(path: Path, layer: str = "") -> gpd.GeoDataFrame:
    """Return the features of a layer of a GeoPackage in EPSG:4326.

    Parameters
    ----------
    layer
        Its name; empty where the file has one.

    Raises
    ------
    TableError
        If the file is no GeoPackage, or has several layers and none is named.
    TooLargeError
        If it has more than 20,000 features.
    CrsError
        If it does not say in which CRS they are.
    """
    content = read_layer_bytes(path, None)
    if not content.startswith(SQLITE_MAGIC):
        raise TableError("this is no GeoPackage", where=Place(path), how=MEND)
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_LAYER_BYTES)
            looks = count()
            database.set_progress_handler(
                lambda: next(looks) * STEPS_A_LOOK > MAX_STEPS, STEPS_A_LOOK
            )
            return _read_layer(database, path, layer)
    except (sqlite3.Error, ShapelyError, MemoryError) as error:
        raise TableError(
            "the GeoPackage cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error


def _read_layer(database: sqlite3.Connection, path: Path, layer: str) -> gpd.GeoDataFrame:
    named = dict(
        database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns ORDER BY 1")
    )
    if layer not in named and (layer or len(named) != 1):
        raise TableError(
            "the file has not just one layer of areas: {names}",
            names=tuple(named),
            where=Place(path),
            how="Name the one that is meant in the recipe, as layer of the part areas.",
        )
    table = layer or next(iter(named))
    # A table cannot be a parameter; its name is quoted, and one that the file itself lists.
    asked = f"SELECT * FROM {_name(table)} LIMIT {MAX_FEATURES + 1}"  # noqa: S608 - as said above
    rows = database.execute(asked)
    names = [column[0] for column in rows.description]
    if named[table] not in names:
        raise _damaged_shape(path, 1)
    at = names.index(named[table])
    crs = _read_srs(database, table, path)
    records, shapes, n_bytes = [], [], 0
    for row, record in enumerate(rows, start=1):
        n_bytes += sum(len(value) for value in record if isinstance(value, str | bytes))
        if row > MAX_FEATURES or n_bytes > MAX_LAYER_BYTES:
            raise _too_many(path) if row > MAX_FEATURES else _too_large(path, table)
        shapes.append(_read_geometry(record[at], path, row))
        # Bytes are neither a number nor a name.
        records.append([None if isinstance(value, bytes) else value for value in record])
    frame = pd.DataFrame(records, columns=names).drop(columns=named[table])
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs).to_crs(WGS84)


def _name(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'


def _read_geometry(value: object, path: Path, row: int) -> shapely.Geometry | None:
    """Return the geometry behind a header of GeoPackage."""
    if value is None:
        return None
    if not isinstance(value, bytes) or len(value) < BEFORE_ENVELOPE:
        raise _damaged_shape(path, row)
    envelope = ENVELOPES.get((value[3] >> 1) & 0b111)
    if envelope is None:
        raise _damaged_shape(path, row)
    return shapely.force_2d(shapely.from_wkb(value[BEFORE_ENVELOPE + envelope :]))


def _damaged_shape(path: Path, row: int) -> GeometryError:
    return GeometryError(
        "the feature is no polygon",
        where=Place(path, row=row, column="geometry"),
        how="Draw the area as a polygon, or take the feature out.",
    )


def _read_srs(database: sqlite3.Connection, table: str, path: Path) -> CRS:
    found = database.execute(
        "SELECT organization, organization_coordsys_id FROM gpkg_geometry_columns "
        "JOIN gpkg_spatial_ref_sys USING (srs_id) WHERE table_name = ?",
        (table,),
    ).fetchone()
    code = ":".join(map(str, found or ()))
    try:
        return CRS.from_user_input(code if CRS_NAME.fullmatch(code) else "")
    except CRSError as error:
        raise _unknown_crs(path) from error


def _read_prj(content: bytes, path: Path) -> CRS:
    """Return the CRS of the code that PROJ knows for a definition."""
    try:
        stated = CRS.from_wkt(content.decode("utf-8-sig"))
        plain = stated.source_crs if stated.is_bound else stated
        code = None if plain is None else plain.to_authority(min_confidence=EQUIVALENT)
        return CRS.from_user_input(":".join(code or ()))
    except (CRSError, UnicodeDecodeError) as error:
        raise _unknown_crs(path) from error


def _unknown_crs(path: Path) -> CrsError:
    return CrsError(
        "the file does not say in which coordinate system its areas are",
        where=Place(path),
        how="Save it again with its system, or as GeoJSON in EPSG:4326.",
    )


def _too_many(path: Path) -> TooLargeError:
    return TooLargeError(
        "the file has more than {most:,} features",
        most=MAX_FEATURES,
        where=Place(path),
        how="Give the file of one town.",
    )


def _too_large(path: Path, member: str) -> TooLargeError:
    return TooLargeError(
        "the file {member} has more than {megabytes:g} MB",
        member=member,
        megabytes=MAX_LAYER_BYTES / 1e6,
        where=Place(path),
        how="Give the file of one town.",
    )


def read_shapefile(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a Shapefile in a zip archive in EPSG:4326.

    Names are read as its ``.cpg`` says, else as UTF-8 or, where they are none, in the code page
    that the ``.dbf`` states, else as Latin-1.

    Raises
    ------
    TableError
        If the archive is none, is damaged, or does not hold just one Shapefile.
    EncodingError
        If names are not in the encoding that the ``.cpg`` states.
    CrsError
        If it has no ``.prj`` that says in which CRS they are.
    TooLargeError
        If it has more than 20,000 features or is larger than a layer may be.
    """
    require_extra("ingest", by=__name__)
    from shapefile import ShapefileException  # noqa: PLC0415 - what the extra brings

    damages = (ShapefileException, Warning)
    parts = _unpack(path)
    prj = parts.get(".prj")
    if prj is None:
        raise _unknown_crs(path)
    crs = _read_prj(prj, path)
    try:
        with warnings.catch_warnings():
            # What pyshp warns of is a file that is not whole.
            warnings.simplefilter("error")
            rows, shapes = _read_parts(parts, path)
    except InputError:
        raise
    except UnicodeDecodeError as error:
        raise EncodingError(
            "the names are not in the encoding that the archive states",
            where=Place(path),
            how="Save the Shapefile again in UTF-8.",
        ) from error
    except (*damages, struct.error, ValueError, ShapelyError) as error:
        raise TableError(
            "the Shapefile cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error
    table = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=crs)
    return table.set_geometry(shapely.force_2d(table.geometry.to_numpy()), crs=crs).to_crs(WGS84)


def _read_parts(
    parts: Mapping[str, bytes], path: Path
) -> tuple[list[dict[str, object]], list[shapely.Geometry | None]]:
    """Return the records and the shapes of a Shapefile."""
    import shapefile  # noqa: PLC0415 - what the extra brings

    with shapefile.Reader(
        shp=io.BytesIO(parts[".shp"]), dbf=io.BytesIO(parts[".dbf"]),
        encoding=_find_encoding(parts, path), encodingErrors="strict",
    ) as reader:  # fmt: skip
        if len(reader) > MAX_FEATURES:
            raise _too_many(path)
        # It would print what it thinks of rings that run the wrong way round.
        shapefile.VERBOSE = False
        shapes = [
            None if drawn.shapeType == shapefile.NULL else shapely.geometry.shape(drawn)
            for drawn in reader.iterShapes()
        ]
        return [record.as_dict() for record in reader.iterRecords()], shapes


def _unpack(path: Path) -> Mapping[str, bytes]:
    """Return the files of the one Shapefile in an archive by their endings."""
    content = read_layer_bytes(path, None)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {PurePosixPath(entry.filename): entry for entry in archive.infolist()}
            shapes = [n for n in entries if n.suffix.lower() == ".shp" and n.parts[0] != "__MACOSX"]
            if len(shapes) != 1:
                raise TableError(
                    "the archive does not hold just one Shapefile: {names}",
                    names=tuple(map(str, shapes)),
                    where=Place(path),
                    how="Give an archive with one .shp and what belongs to it.",
                )
            parts: dict[str, bytes] = {}
            for name, entry in entries.items():
                part = name.suffix.lower()
                if part in PARTS and name.with_suffix("") == shapes[0].with_suffix(""):
                    with archive.open(entry) as packed:
                        parts[part] = packed.read(MAX_LAYER_BYTES + 1)
                    if sum(map(len, parts.values())) > MAX_LAYER_BYTES:
                        raise _too_large(path, name.name)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise TableError(
            "the archive cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error
    if ".dbf" not in parts:
        raise TableError(
            "the Shapefile has no .dbf, so its areas have no names",
            where=Place(path),
            how="Give an archive with .shp, .dbf and .prj.",
        )
    return parts


def _find_encoding(parts: Mapping[str, bytes], path: Path) -> str:
    stated = parts.get(".cpg", b"").decode("ascii", "replace").strip(" \t\r\n\0")
    if not stated:
        return _guess_encoding(parts[".dbf"])
    try:
        return codecs.lookup(_spell_encoding(stated)).name
    except (LookupError, ValueError) as error:
        raise EncodingError(
            "nobody knows the encoding {encoding}",
            encoding=stated,
            where=Place(path),
            how="Save the Shapefile again in UTF-8.",
        ) from error


def _spell_encoding(stated: str) -> str:
    """Return what Python calls an encoding of a ``.cpg``."""
    found = CPG_NUMBER.fullmatch(stated)
    if found is None:
        return stated
    number, driver = found.groups()
    if driver is not None:
        return DBF_CODE_PAGES.get(int(driver), stated)
    if number == UTF8_NUMBER:
        return "utf-8"
    return f"iso8859-{number[4:]}" if number.startswith("8859") else f"cp{number}"


def _guess_encoding(dbf: bytes) -> str:
    # Texts alone: the lengths and the date before them are no letters.
    n_header = int.from_bytes(dbf[8:10], "little")
    try:
        dbf[n_header:].decode("utf-8")
    except UnicodeDecodeError:
        return DBF_CODE_PAGES.get(dbf[29], "latin-1")
    return "utf-8"

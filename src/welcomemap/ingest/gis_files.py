"""Areas as programs for geography save them: GeoPackage, and a Shapefile in a zip archive.

Neither is opened by a reader that chooses by content or follows what a file names. A GeoPackage is
an SQLite database (OGC 12-128r19, "GeoPackage Encoding Standard"): it is opened to be read only,
and its geometries are WKB behind a short header (clause 2.1.3). A Shapefile (ESRI White Paper
J-7855, 1998) is read by pyshp from the bytes of the archive; nothing is unpacked to disk.
"""

from __future__ import annotations

import io
import sqlite3
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from welcomemap.crs import WGS84
from welcomemap.errors import CrsError, EncodingError, Place, TableError, TooLargeError, fault
from welcomemap.extras import require_extra
from welcomemap.region.layers import MAX_LAYER_BYTES, read_layer_bytes

MEND = fault("Save the areas again, or as GeoJSON in EPSG:4326.")
SQLITE_MAGIC = b"SQLite format 3\0"
MAX_FEATURES = 20_000
ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Bytes of the envelope in a header by its indicator."""
BEFORE_ENVELOPE = 8
DBF_ENCODINGS = ("utf-8", "latin-1")


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
            return _read_layer(database, path, layer)
    except (sqlite3.Error, ShapelyError, struct.error, IndexError) as error:
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
    frame = pd.DataFrame(rows.fetchall(), columns=names)
    if len(frame) > MAX_FEATURES:
        raise _too_many(path)
    crs = _read_srs(database, table, path)
    shapes = [_read_geometry(value) for value in frame.pop(named[table])]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs).to_crs(WGS84)


def _name(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'


def _read_geometry(value: bytes | None) -> shapely.Geometry | None:
    """Return the geometry behind a header of GeoPackage."""
    if not value:
        return None
    envelope = ENVELOPES[(value[3] >> 1) & 0b111]
    return shapely.force_2d(shapely.from_wkb(value[BEFORE_ENVELOPE + envelope :]))


def _read_srs(database: sqlite3.Connection, table: str, path: Path) -> CRS:
    found = database.execute(
        "SELECT organization, organization_coordsys_id FROM gpkg_geometry_columns "
        "JOIN gpkg_spatial_ref_sys USING (srs_id) WHERE table_name = ?",
        (table,),
    ).fetchone()
    try:
        return CRS.from_user_input(":".join(map(str, found or ())))
    except CRSError as error:
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


def read_shapefile(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a Shapefile in a zip archive in EPSG:4326.

    Names are read as its ``.cpg`` says, else as UTF-8 or, where they are none, as Latin-1.

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
    try:
        crs = CRS.from_wkt(prj.decode("utf-8-sig"))
    except (CRSError, UnicodeDecodeError) as error:
        raise _unknown_crs(path) from error
    try:
        with warnings.catch_warnings():
            # What pyshp warns of is a file that is not whole.
            warnings.simplefilter("error")
            rows, shapes = _read_parts(parts, path)
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
            names = [PurePosixPath(name) for name in archive.namelist()]
            shapes = [n for n in names if n.suffix.lower() == ".shp" and n.parts[0] != "__MACOSX"]
            if len(shapes) != 1:
                raise TableError(
                    "the archive does not hold just one Shapefile: {names}",
                    names=tuple(map(str, shapes)),
                    where=Place(path),
                    how="Give an archive with one .shp and what belongs to it.",
                )
            own = [n for n in names if n.with_suffix("") == shapes[0].with_suffix("")]
            parts = {}
            for name in own:
                with archive.open(str(name)) as packed:
                    parts[name.suffix.lower()] = packed.read(MAX_LAYER_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise TableError(
            "the archive cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error
    if max(map(len, parts.values())) > MAX_LAYER_BYTES:
        raise _too_many(path)
    if ".dbf" not in parts:
        raise TableError(
            "the Shapefile has no .dbf, so its areas have no names",
            where=Place(path),
            how="Give an archive with .shp, .dbf and .prj.",
        )
    return parts


def _find_encoding(parts: Mapping[str, bytes], path: Path) -> str:
    stated = parts.get(".cpg", b"").decode("ascii", "replace").strip()
    if stated:
        try:
            return "".encode(stated).decode() or stated
        except LookupError as error:
            raise EncodingError(
                "nobody knows the encoding {encoding}",
                encoding=stated,
                where=Place(path),
                how="Save the Shapefile again in UTF-8.",
            ) from error
    try:
        parts[".dbf"].decode("utf-8")
    except UnicodeDecodeError:
        return DBF_ENCODINGS[1]
    return DBF_ENCODINGS[0]

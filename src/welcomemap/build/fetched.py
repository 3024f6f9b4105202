"""Look into a fetched file: is it what its source says, and how many rows does it hold?"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import osmium

from welcomemap.build.sources import Kind, Source
from welcomemap.errors import InputError, JsonError, Place, quote
from welcomemap.strict_json import parse_json

_TABLE_SUFFIXES = (".csv", ".txt")
_PBF_HEADER = b"OSMHeader"


class FetchedFileError(InputError):
    """A fetched file is not the kind of file its source promises."""


def count_rows(path: Path, source: Source) -> int:
    """Check that a file is of its source's kind and return its number of rows.

    Rows are features (GeoJSON), lines below the header (CSV; in a ZIP those of its largest table)
    or ways that are streets (OpenStreetMap).

    Raises
    ------
    FetchedFileError
        If the content is of another kind (an error page, say), damaged or without rows.
    """
    try:
        rows = _COUNTERS[source.kind](path)
    except (OSError, ValueError, RuntimeError, JsonError, zipfile.BadZipFile) as error:
        raise _fetched_error(source, f"is no usable {source.kind} file: {quote(error)}") from error
    if rows == 0:
        raise _fetched_error(source, f"is a {source.kind} file without rows")
    return rows


def _fetched_error(source: Source, fault: str) -> FetchedFileError:
    return FetchedFileError(
        f"what {quote(source.url)} gave {fault}",
        where=Place(source.file_name),
        how=f"Look at the address with a browser and mend the entry {source.name} in the list.",
    )


def _count_features(path: Path) -> int:
    content = parse_json(path.read_bytes())
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise ValueError("not a FeatureCollection")
    features = content.get("features")
    return len(features) if isinstance(features, list) else 0


def _count_lines(path: Path) -> int:
    with path.open("rb") as stream:
        return _count_table_rows(stream.read())


def _count_table_rows(content: bytes) -> int:
    if content.lstrip()[:1] == b"<":
        raise ValueError("a page of markup, not a table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    return max(sum(1 for line in io.StringIO(text) if line.strip()) - 1, 0)


def _count_zipped_rows(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged is not None:
            raise ValueError(f"member {damaged} is damaged")
        members = [m for m in archive.infolist() if m.filename.lower().endswith(_TABLE_SUFFIXES)]
        if not members:
            return 0
        largest = max(members, key=lambda member: member.file_size)
        with archive.open(largest) as stream:
            return max(sum(1 for line in stream if line.strip()) - 1, 0)


def _count_streets(path: Path) -> int:
    with path.open("rb") as stream:
        if _PBF_HEADER not in stream.read(64):
            raise ValueError("not an OpenStreetMap PBF file")
    file = osmium.io.File(str(path), "pbf")
    streets = osmium.FileProcessor(file, osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    return sum(1 for _ in streets)


_COUNTERS: Mapping[Kind, Callable[[Path], int]] = {
    "geojson": _count_features,
    "csv": _count_lines,
    "zip": _count_zipped_rows,
    "pbf": _count_streets,
}

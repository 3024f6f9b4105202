"""Read raw files, each missing file or column named; fold their names."""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from welcomemap.crs import WGS84
from welcomemap.errors import (
    DelimiterError,
    EncodingError,
    MissingColumnError,
    Place,
    RawDataError,
    TableError,
    fault,
)
from welcomemap.files import parse_json, plain_opener, read_input
from welcomemap.region.layers import read_geojson

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def make_slug(text: str) -> str:
    """Return lower-case ASCII words joined by hyphens.

    Examples
    --------
    >>> make_slug("Heinz-Schmöle Straße 7")
    'heinz-schmoele-strasse-7'
    """
    plain = unicodedata.normalize("NFKD", text.lower().translate(_UMLAUTS))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def fold_street(name: str) -> str:
    """Return a street name without spelling variants: case, umlauts, spaces, hyphens, ``str.``.

    Examples
    --------
    >>> fold_street("Heinz-Schmöle Str.") == fold_street("Heinz-Schmöle-Straße")
    True
    """
    slug = re.sub(r"(?:^|-)str(?:-|$)", "-strasse-", make_slug(name))
    return re.sub(r"str$", "strasse", slug.replace("-", ""))


RESTORE = fault("Restore the raw file as its publisher gives it, then build again.")


@dataclass(frozen=True)
class RawFolder:
    """A folder of raw files, addressed by their path inside it.

    A file of features is read once: the ways of a town are needed for four things.
    """

    path: Path
    _features: dict[Path, gpd.GeoDataFrame] = field(default_factory=dict, repr=False, compare=False)

    def file(self, name: str) -> Path:
        """Return the path of a raw file.

        Raises
        ------
        RawDataError
            If the folder has no such file.
        """
        path = self.path / name
        if not path.is_file():
            raise RawDataError(
                "the raw folder has no file {name}", name=name, where=Place(path), how=RESTORE
            )
        return path

    def read_rows(self, name: str, columns: Iterable[str], *, delimiter: str = ",") -> pd.DataFrame:
        """Read a CSV file as text, empty cells as empty texts.

        Raises
        ------
        RawDataError, TableError
            If the file is missing, is not UTF-8, has another delimiter, lacks a column or a cell.
        """
        path = self.file(name)
        try:
            with open(path, encoding="utf-8-sig", newline="", opener=plain_opener) as handle:
                rows = list(csv.reader(handle, delimiter=delimiter, strict=True))
        except UnicodeDecodeError as error:
            raise EncodingError("the file is not UTF-8", where=Place(path), how=RESTORE) from error
        except csv.Error as error:
            raise TableError(
                "the file is not a CSV table: {error}", error=error, where=Place(path), how=RESTORE
            ) from error
        return _check_rows(rows, tuple(columns), path, delimiter)

    def read_features(self, name: str, columns: Iterable[str]) -> gpd.GeoDataFrame:
        """Read a GeoJSON file, gzipped or not, in EPSG:4326.

        Raises
        ------
        RawDataError, TableError
            If the file is missing, is no GeoJSON, has no features or lacks a column.
        """
        path = self.file(name)
        if path not in self._features:
            self._features[path] = read_geojson(_read_bytes(path), path).to_crs(WGS84)
        table = self._features[path]
        if table.empty:
            raise TableError("the file holds no features", where=Place(path), how=RESTORE)
        _require_columns(table.columns, columns, path)
        return table.copy()

    def read_json(self, name: str) -> Mapping[str, Any]:
        """Read a JSON object, gzipped or not."""
        path = self.file(name)
        value = parse_json(_read_bytes(path), name=path, how=RESTORE)
        if not isinstance(value, dict):
            raise RawDataError("the file holds no JSON object", where=Place(path), how=RESTORE)
        return value


def _read_bytes(path: Path) -> bytes:
    try:
        content = read_input(path)
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise RawDataError(
            "the file cannot be read: {error}", error=error, where=Place(path), how=RESTORE
        ) from error


def _check_rows(
    rows: list[list[str]], columns: tuple[str, ...], path: Path, delimiter: str
) -> pd.DataFrame:
    rows = [row for row in rows if row]
    if len(rows) < 2:
        raise TableError("the table has no rows", where=Place(path), how=RESTORE)
    header = rows[0]
    if len(header) == 1 and len(columns) > 1:
        raise DelimiterError(
            "the columns are not separated by {delimiter!r}",
            delimiter=delimiter,
            where=Place(path),
            how=RESTORE,
        )
    _require_columns(header, columns, path)
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):
            raise TableError(
                "cells in the row: {n_cells}, in the header: {n_columns}",
                n_cells=len(row),
                n_columns=len(header),
                where=Place(path, row=number),
                how=RESTORE,
            )
    return pd.DataFrame(rows[1:], columns=header, dtype=object)


def _require_columns(present: Iterable[str], columns: Iterable[str], path: Path) -> None:
    missing = [name for name in columns if name not in set(present)]
    if missing:
        raise MissingColumnError(
            "the column {name} is absent",
            name=missing[0],
            where=Place(path, column=missing[0]),
            how=RESTORE,
        )

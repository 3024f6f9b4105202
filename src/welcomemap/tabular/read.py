"""Read a CSV or XLSX table into text, exactly as the person wrote it.

The apostrophe before what would be a formula, as ``write`` puts it there, is none of the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import pandas as pd

from welcomemap.errors import (
    EmptyTableError,
    HeaderError,
    Place,
    RaggedRowError,
    TableError,
    TableFormatError,
    UnreadColumnWarning,
    WelcomemapWarning,
)
from welcomemap.files import plain_opener
from welcomemap.tabular.delimited import (
    decode_text,
    find_delimiter,
    read_records,
    take_hint,
    warn_delimiter,
)
from welcomemap.tabular.layout import MAX_BYTES, SAMPLE_ROWS, Bounds, check_controls, find_layout
from welcomemap.tabular.workbook import read_worksheet
from welcomemap.tabular.write import restore_formula

ZIP_MAGIC = b"PK"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
FOREIGN_MAGICS = {b"%PDF": "PDF", b"\x1f\x8b": "gzip", b"\x89PNG": "PNG", b"PAR1": "Parquet"}
PASTED_NAME = "table"


@dataclass(frozen=True)
class Sheet:
    """A table as text.

    Attributes
    ----------
    frame
        One row per data row in the original order, index 0 to n-1; every cell is text, empty cells
        are empty texts; the columns keep their names and order.
    name
        File name for messages.
    delimiter
        Delimiter of a CSV file; ``None`` for XLSX or a single column.
    encoding
        ``utf-8``, ``utf-8-sig``, ``utf-16`` or ``windows-1252``; ``None`` for XLSX.
    warnings
        What was unusual about the file, for a person to read.
    """

    frame: pd.DataFrame
    name: str
    delimiter: str | None
    encoding: str | None
    warnings: tuple[WelcomemapWarning, ...] = ()

    def place(self, row: int | None = None, column: str | None = None) -> Place:
        """Return a place in this table for a message; ``row`` 1 is the first data row."""
        return Place(self.name, row, column)

    def warn_unread(self, known: Collection[str]) -> tuple[UnreadColumnWarning, ...]:
        """Tell which columns were read, where others hold something; ``known`` are their names."""
        is_read = {name: name.strip().casefold() in known for name in self.frame.columns}
        unread = [
            name for name, read in is_read.items()
            if not read and self.frame[name].str.strip().any()
        ]  # fmt: skip
        if not unread:
            return ()
        told = UnreadColumnWarning(
            "these columns were read: {read}; not read: {unread}",
            read=[name for name, read in is_read.items() if read],
            unread=unread,
            where=self.place(),
            how="What belongs to an address must stand in the column address.",
        )
        return (told,)


def read_table(
    path_or_bytes: str | Path | bytes,
    *,
    name: str | None = None,
    max_bytes: int = MAX_BYTES,
    bounds: Bounds | None = None,
) -> Sheet:
    """Read a CSV or XLSX table; delimiter and encoding are found, size is bounded.

    Parameters
    ----------
    path_or_bytes
        A file, or the bytes of one (an upload).
    name
        File name for messages; by default the path's own.
    max_bytes
        The file must be smaller than this (default 10 MB).
    bounds
        All limits; ``max_bytes`` replaces the one in there.

    Raises
    ------
    TooLargeError
        If the file, a cell, the rows or the columns exceed their bound.
    EmptyTableError
        If the file has no bytes, or a header without rows.
    EncodingError, QuotationMarkError, ControlCharacterError
        If the text of a CSV file cannot be read.
    HeaderError, RaggedRowError
        If the header does not name each column once, or a row has another width.
    TableFormatError
        If the file is no table, or a damaged or locked workbook.
    """
    limits = replace(bounds or Bounds(), max_bytes=max_bytes)
    if isinstance(path_or_bytes, bytes):
        content, shown = path_or_bytes, name or PASTED_NAME
    else:
        path = Path(path_or_bytes)
        shown = name or path.name
        content = _read_bytes(path, shown, limits)
    limits.check_size(len(content), shown)
    if not content.strip():
        raise _empty(shown)
    if content.startswith(ZIP_MAGIC):
        records, warnings = read_worksheet(content, shown, limits)
        frame, moved = _build_frame(records, shown, limits, is_padded=True)
        return Sheet(frame, shown, None, None, warnings + moved)
    _refuse_foreign_format(content, shown)
    return _read_csv(content, shown, limits)


def _read_bytes(path: Path, name: str, bounds: Bounds) -> bytes:
    try:
        if path.is_file():
            bounds.check_size(path.stat().st_size, name)
        with open(path, "rb", opener=plain_opener) as handle:
            return handle.read(bounds.max_bytes)
    except (OSError, ValueError) as error:
        raise TableError(
            "the file cannot be read: {error}",
            error=error,
            where=Place(name),
            how="Give the path of a CSV or XLSX file that exists and that you may read.",
        ) from error


def _refuse_foreign_format(content: bytes, name: str) -> None:
    if content.startswith(OLD_EXCEL_MAGIC):
        raise TableFormatError(
            "the file is an old Excel file (.xls) or is locked with a password",
            where=Place(name),
            how="Save it without a password as .xlsx or as CSV UTF-8.",
        )
    for magic, kind in FOREIGN_MAGICS.items():
        if content.startswith(magic):
            raise TableFormatError(
                "the file is {kind}, not a table",
                kind=kind,
                where=Place(name),
                how="Expected CSV or XLSX: save the table in one of these formats.",
            )


def _read_csv(content: bytes, name: str, bounds: Bounds) -> Sheet:
    text, encoding, unusual = decode_text(content, name)
    if not text.strip():
        raise _empty(name)
    delimiter, text = take_hint(text)
    delimiter = delimiter or find_delimiter(text)
    records = read_records(text, delimiter, name, bounds)
    frame, moved = _build_frame(records, name, bounds)
    warnings = unusual + warn_delimiter(delimiter, name) + moved
    return Sheet(frame, name, delimiter, encoding, warnings)


def _empty(name: str) -> EmptyTableError:
    return EmptyTableError(
        "the file is empty", where=Place(name), how="Expected a header and at least one row."
    )


def _build_frame(
    records: Iterable[list[str]], name: str, bounds: Bounds, *, is_padded: bool = False
) -> tuple[pd.DataFrame, tuple[WelcomemapWarning, ...]]:
    """Check header, widths and cells; blank rows inside the table stay, those at its end go.

    ``is_padded``: rows end with their last value, and are filled up to the header.
    """
    remaining = iter(records)
    sample = list(islice(remaining, SAMPLE_ROWS))
    layout = find_layout(sample)
    header = layout.header
    for cells in sample[: layout.n_above]:
        _check_cells(cells, header, 0, name, bounds)
    rows: list[list[str]] = []
    below = chain(sample[layout.n_above :], remaining)
    for row, cells in enumerate(below, start=1):
        if any(cells):
            bounds.check_rows(row, name)
            _check_cells(cells, header, row, name, bounds)
            rows.extend([""] * len(header) for _ in range(row - 1 - len(rows)))
            missing = len(header) - len(cells) if is_padded else 0
            rows.append(_fit(cells + [""] * missing, header, row, name))
    columns = _name_columns(header, rows, name)
    bounds.check_columns(len(columns), name)
    if not rows:
        raise EmptyTableError(
            "the table has a header and no rows",
            where=Place(name),
            how="Expected at least one row below the header.",
        )
    frame = pd.DataFrame(
        {
            restore_formula(column): [
                restore_formula(row[i]) if row[i].startswith("'") else row[i] for row in rows
            ]
            for i, column in columns.items()
        },
        dtype=str,
    )
    return frame, layout.warn(sample, name)


def _check_cells(cells: list[str], header: list[str], row: int, name: str, bounds: Bounds) -> None:
    joined = "".join(cells)
    if len(joined) <= bounds.max_cell_characters and joined.isprintable():
        return
    for i, text in enumerate(cells):
        if len(text) > bounds.max_cell_characters or not text.isprintable():
            where = Place(name, row or None, _column_name(header, i) if row else "header")
            bounds.check_cell(text, where)
            check_controls(text, where)


def _column_name(header: list[str], i: int) -> str:
    return header[i] if i < len(header) and header[i] else str(i + 1)


def _fit(cells: list[str], header: list[str], row: int, name: str) -> list[str]:
    """Bring a row to the width of the header, where that loses nothing."""
    if len(cells) == len(header):
        return cells
    if len(cells) < len(header) or any(cells[len(header) :]):
        raise RaggedRowError(
            "cells in the row: {n_cells}, in the header: {n_columns}",
            n_cells=len(cells),
            n_columns=len(header),
            where=Place(name, row),
            how="Add the missing cells, or put a cell that holds the delimiter in quotation marks.",
        )
    return cells[: len(header)]


def _name_columns(header: list[str], rows: list[list[str]], name: str) -> dict[int, str]:
    """Return the columns to keep by position; nameless ones without any content go."""
    if not any(title.strip() for title in header):
        raise HeaderError(
            "the first row names no column",
            where=Place(name, column="header"),
            how="Put the names of the columns into the first row.",
        )
    columns: dict[int, str] = {}
    for i, title in enumerate(header):
        if title.strip():
            columns[i] = title
        elif any(row[i] for row in rows):
            raise HeaderError(
                "column {number} has values and no name",
                number=i + 1,
                where=Place(name, column=str(i + 1)),
                how="Write the name of the column into the first row.",
            )
    doubled = [t for t, n in Counter(t.strip() for t in columns.values()).items() if n > 1]
    if doubled:
        raise HeaderError(
            "{n_names} column name(s) stand twice in the header, first {name}",
            n_names=len(doubled),
            name=doubled[0],
            where=Place(name, column=doubled[0]),
            how="Give every column a name of its own.",
        )
    return columns

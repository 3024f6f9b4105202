"""Tables of a whole country, read piece by piece: CSV of any length, and Parquet.

A grid of 36 million rows need not fit into memory, and only a town of it is kept. Nothing in a cell
is guessed: what is no number is named with its row.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from welcomemap.errors import (
    ColumnValueError,
    EmptyTableError,
    EncodingError,
    Fault,
    MissingColumnError,
    Place,
    TableError,
    TooLargeError,
    fault,
)
from welcomemap.files import plain_opener
from welcomemap.region.layers import open_parquet, read_layer_bytes
from welcomemap.tabular.delimited import find_delimiter

MAX_BYTES = 4_000_000_000
"""The largest real table, the census of 2011 in cells of 100 m, has 1.3 GB."""
BLOCK_BYTES = 8_000_000
NOTHING = ("", "-", "–")
"""What stands in a cell that holds no number: the publisher's dash, or nothing."""
MEND = fault("Give the file as its publisher gives it: unpacked, in UTF-8.")


@dataclass(frozen=True)
class LargeTable:
    """A table that was opened, but not read.

    Attributes
    ----------
    names
        Of its columns.
    delimiter
        Empty for Parquet.
    """

    path: Path
    names: tuple[str, ...]
    delimiter: str

    def require(self, wanted: Sequence[str]) -> None:
        """Refuse a table that lacks a column.

        Raises
        ------
        MissingColumnError
            Names the first that it lacks.
        """
        for name in wanted:
            if name not in self.names:
                raise MissingColumnError(
                    "the column {name} is absent",
                    name=name,
                    names=self.names,
                    where=Place(self.path, column=name),
                    how="Name it as its publisher does; the file has {names}.",
                )

    def read(
        self, names: Sequence[str], *, numbers: Collection[str] = (), decimals: Collection[str] = ()
    ) -> Iterator[pd.DataFrame]:
        """Yield columns in pieces, by row number from 1.

        Parameters
        ----------
        numbers, decimals
            Columns that are to hold numbers, of the latter with a comma. Where one of a piece does
            not (:data:`NOTHING` is none), its column in that piece stays as it is written.

        Raises
        ------
        TableError
            If the file is damaged or has no rows.
        """
        first = 1
        try:
            for batch in self._batches(names):
                columns = {
                    name: _parse(column, name in decimals)
                    if name in numbers or name in decimals
                    else column.to_pandas()
                    for name, column in zip(names, batch.select(list(names)).columns, strict=True)
                }
                rows = pd.DataFrame(columns)
                rows.index = pd.RangeIndex(first, first + len(rows))
                first += len(rows)
                yield rows
        except pa.ArrowException as error:
            raise TableError(
                "the file cannot be read as a table: {error}",
                error=error,
                where=Place(self.path),
                how=MEND,
            ) from error
        if first == 1:
            raise EmptyTableError("the table has no rows", where=Place(self.path), how=MEND)

    def read_first(self) -> pd.DataFrame:
        """Return the rows of the first piece, as texts."""
        piece = next(self.read(self.names), None)
        return pd.DataFrame(columns=list(self.names)) if piece is None else piece

    def _batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if not self.delimiter:
            content = read_layer_bytes(self.path, None)
            yield from open_parquet(content, self.path).iter_batches(columns=list(names))
            return
        with _open(self.path) as handle:
            yield from arrow_csv.open_csv(
                handle,
                arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
                arrow_csv.ParseOptions(delimiter=self.delimiter),
                arrow_csv.ConvertOptions(
                    include_columns=names, column_types=dict.fromkeys(names, pa.string())
                ),
            )


def open_table(path: Path) -> LargeTable:
    """Return what the header of a table says.

    Raises
    ------
    EmptyTableError, EncodingError, TableError, TooLargeError
        If the file cannot be read, is empty or too large, is not UTF-8, or names a column twice.
    """
    if path.suffix.lower() == ".parquet":
        content = read_layer_bytes(path, None)
        return LargeTable(path, tuple(open_parquet(content, path).schema_arrow.names), "")
    check_text(path)
    with _open(path) as handle:
        header = handle.readline(BLOCK_BYTES).decode("utf-8-sig").rstrip("\r\n")
    delimiter = find_delimiter(header) or ","
    names = header.replace('"', "").split(delimiter)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise TableError(
            "the column {name} stands twice",
            name=twice[0],
            where=Place(path, column=twice[0]),
            how="Name each column once.",
        )
    return LargeTable(path, tuple(names), delimiter)


def _open(path: Path) -> BinaryIO:
    try:
        handle = open(path, "rb", opener=plain_opener)  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise TableError(
            "the file cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error
    if os.fstat(handle.fileno()).st_size > MAX_BYTES:
        handle.close()
        raise TooLargeError(
            "the file has more than {gigabytes:g} GB",
            gigabytes=MAX_BYTES / 1e9,
            where=Place(path),
            how="Cut the region of the town out of it.",
        )
    return handle


def check_text(path: Path) -> None:
    """Refuse a file that holds no text in UTF-8.

    Raises
    ------
    EmptyTableError, EncodingError, TableError, TooLargeError
        If it is empty, another text, or cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, is_empty = 0, True
    with _open(path) as handle:
        while piece := handle.read(BLOCK_BYTES):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                # What was left of the piece before stands in front, and has no line end.
                row = max(lines + error.object.count(b"\n", 0, error.start), 1)
                raise EncodingError(
                    "the file is not UTF-8", where=Place(path, row=row), how=MEND
                ) from error
            lines += piece.count(b"\n")
            is_empty = is_empty and not piece.strip()
    if is_empty:
        raise EmptyTableError("the file is empty", where=Place(path), how=MEND)


def _parse(column: pa.Array, has_comma: bool) -> pd.Series:
    """Return numbers, NaN for nothing; or the column as it is where one is neither."""
    as_is: pd.Series = column.to_pandas()
    if not pa.types.is_string(column.type):
        return as_is
    text = compute.utf8_trim_whitespace(column)
    text = compute.if_else(compute.is_in(text, pa.array(NOTHING)), None, text)
    if has_comma:
        text = compute.replace_substring(text, ",", ".")
    try:
        numbers = compute.cast(text, pa.float64())
    except pa.ArrowInvalid:
        return as_is
    found: pd.Series = numbers.to_pandas()
    # "nan" is no number, and no gap either.
    return as_is if compute.any(compute.is_nan(numbers)).as_py() else found


def read_numbers(
    column: pd.Series, path: Path, expected: Fault, *, high: float = np.inf,
    low: float = -np.inf, unknown: Sequence[object] | None = None,
) -> pd.Series:  # fmt: skip
    """Return numbers; NaN where one of the marks for an unknown number stands, or a gap.

    Parameters
    ----------
    column
        By row number from 1.
    expected
        What each is to be, for the message.
    unknown
        Numbers that stand for none; ``None`` where gaps are not allowed.

    Raises
    ------
    ColumnValueError
        Names the first that is none, or below ``low`` or above ``high``.
    """
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    is_bad = pd.Series(~(np.isfinite(numbers) & numbers.between(low, high)), index=column.index)
    if unknown is not None:
        is_bad &= ~(numbers.isin(unknown) | _are_gaps(column, numbers))
        numbers = numbers.where(numbers.between(low, high))
    if is_bad.any():
        row = first_row(is_bad)
        raise ColumnValueError(
            "{expected} is expected, not {value!r}",
            expected=expected,
            value=show(column[row]),
            where=Place(path, row=row, column=str(column.name)),
            how=MEND,
        )
    return numbers


def _are_gaps(column: pd.Series, numbers: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        return numbers.isna()
    text = column[numbers.isna()]
    is_gap = text.where(text.notna(), "").astype(str).str.strip().isin(NOTHING)
    return is_gap.reindex(column.index, fill_value=False)


def show(value: object) -> str:
    """Return a cell as it is written; a number without the point that was not there."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def first_row(is_bad: pd.Series) -> int:
    """Return the row number of the first that is true."""
    return int(is_bad.index[int(is_bad.to_numpy().argmax())])

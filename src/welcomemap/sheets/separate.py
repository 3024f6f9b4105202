"""Which character separates the columns, and what are the cells?"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from welcomemap.errors import (
    DelimiterWarning,
    Place,
    QuotationMarkError,
    TooLargeError,
)
from welcomemap.sheets.bounds import Bounds
from welcomemap.sheets.layout import is_wordy

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
EXCEL_HINT = re.compile(r"sep=([,;\t|])[ ,;\t|]*(?:\r\n|\r|\n)")
SAMPLE_CHARACTERS = 200_000
SAMPLE_RECORDS = 200
NO_DELIMITER = "\x1f"
"""Stands for 'one column only'; control characters were refused before."""


def take_hint(text: str) -> tuple[str | None, str]:
    """Take off a first line such as ``sep=;``, which Excel writes and reads, and return both."""
    match = EXCEL_HINT.match(text)
    return (match.group(1), text[match.end() :]) if match else (None, text)


def find_delimiter(text: str) -> str | None:
    """Find the delimiter of a CSV text among comma, semicolon, tab and vertical bar.

    The delimiter must occur in the header. Of those that do, the one wins under which most rows
    have as many cells as the header; then the one with most columns.

    Returns
    -------
    str or None
        ``None`` if the table has one column only.
    """
    found = [(_score(text, delimiter), delimiter) for delimiter in DELIMITERS]
    best, delimiter = max(found, key=lambda pair: pair[0])
    return delimiter if best[1] > 1 else _find_below_titles(text)


def _find_below_titles(text: str) -> str | None:
    """Find the delimiter of a table whose first row is a title, which holds none.

    Text of one column holds delimiters too: a row of names without numbers and without blanks
    behind the delimiter must follow, and then rows of that width only.
    """
    for delimiter in DELIMITERS:
        records = _read_sample(text, delimiter)
        wide = [i for i, record in enumerate(records) if len(record) > 1][:1]
        for i in wide:
            header = records[i]
            below = records[i + 1 :]
            is_spaced = any(cell.startswith(" ") for cell in header[1:])
            is_table = bool(below) and all(len(record) == len(header) for record in below)
            if len(header) > 2 and is_table and not is_spaced and is_wordy(header):
                return delimiter
    return None


def _score(text: str, delimiter: str) -> tuple[float, int]:
    records = _read_sample(text, delimiter)
    if not records or len(records[0]) < 2:
        return 0.0, 0
    width = len(records[0])
    rows = records[1:]
    fitting = sum(len(record) == width for record in rows)
    return (fitting / len(rows) if rows else 1.0), width


def _read_sample(text: str, delimiter: str) -> list[list[str]]:
    sample = text[:SAMPLE_CHARACTERS]
    reader = csv.reader(StringIO(sample, newline=""), delimiter=delimiter)
    try:
        records = [record for record in islice(reader, SAMPLE_RECORDS) if record]
    except csv.Error:
        return []
    if len(sample) < len(text) and len(records) > 2:
        records.pop()
    return records


def read_records(
    text: str, delimiter: str | None, name: str, bounds: Bounds
) -> Iterator[list[str]]:
    """Yield the records of a CSV text as lists of cells; the first one is the header.

    Raises
    ------
    QuotationMarkError
        If a quotation mark is not closed, or one inside a quoted cell is not doubled.
    TooLargeError
        If a cell is longer than the CSV reader takes.
    """
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=delimiter or NO_DELIMITER, strict=True
    )
    row = 0
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_error(error, name, row, bounds) from error
        yield record
        row += 1


def _csv_error(
    error: csv.Error, name: str, row: int, bounds: Bounds
) -> QuotationMarkError | TooLargeError:
    where = Place(name, row=row) if row else Place(name, column="header")
    if "field limit" in str(error):
        return TooLargeError(
            f"a cell is too long; expected at most {bounds.max_cell_characters:,} characters",
            where=where,
            how="Shorten the cell; a forgotten quotation mark can join many rows into one.",
        )
    return QuotationMarkError(
        "a quotation mark is not closed, or not doubled inside a quoted cell",
        where=where,
        how='Close the quoted cell, and write "" for a quotation mark inside it.',
    )


def warn_delimiter(delimiter: str | None, name: str) -> tuple[DelimiterWarning, ...]:
    """Return a warning if the delimiter is another than the comma."""
    if delimiter in {None, ","}:
        return ()
    message = (
        f"the columns are separated by {DELIMITER_NAMES[str(delimiter)]}, not comma"
        f" ({Place(name)}). It was read so; nothing needs to be done."
    )
    return (DelimiterWarning(message),)

"""Bounds of a table and where it lies on its sheet.

Only what cannot be read as it stands is looked at in this way: a table whose first row names its
columns is never changed. A row that may be data is no title, and no header.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from welcomemap.errors import ControlCharacterError, HeaderRowWarning, Place, TooLargeError

MAX_BYTES = 10_000_000
"""A file of this size or more is refused (10 MB)."""

FORBIDDEN_CONTROLS = frozenset(range(0x20)) - {0x09, 0x0A, 0x0D}
"""C0 controls no cell may hold: all but tab and line ends. XML cannot carry them either."""


@dataclass(frozen=True)
class Bounds:
    """Limits of one table.

    Attributes
    ----------
    max_bytes
        Files must be smaller than this.
    max_unpacked_bytes
        All parts of an XLSX file together, after unpacking.
    max_rows, max_columns, max_cell_characters
        Largest number of data rows, columns and characters in a cell (Excel's own is 32,767).
    """

    max_bytes: int = MAX_BYTES
    max_unpacked_bytes: int = 80_000_000
    max_rows: int = 250_000
    max_columns: int = 256
    max_cell_characters: int = 32_767

    def check_size(self, size_bytes: int, name: str) -> None:
        """Refuse a file that is too large.

        Raises
        ------
        TooLargeError
            If ``size_bytes`` reaches ``max_bytes``.
        """
        if size_bytes >= self.max_bytes:
            raise TooLargeError(
                "the file is too large; expected less than {megabytes:g} MB",
                megabytes=self.max_bytes / 1e6,
                where=Place(name),
                how="Remove columns and rows that are not needed, or split the file.",
            )

    def check_rows(self, row: int, name: str) -> None:
        """Refuse a table with too many rows; ``row`` is the number of the row just read.

        Raises
        ------
        TooLargeError
            If ``row`` exceeds ``max_rows``.
        """
        if row > self.max_rows:
            raise TooLargeError(
                "the table has too many rows; expected at most {most:,}",
                most=self.max_rows,
                where=Place(name, row=row),
                how="Split the file into smaller ones.",
            )

    def check_columns(self, count: int, name: str, row: int | None = None) -> None:
        """Refuse a table with too many columns.

        Raises
        ------
        TooLargeError
            If ``count`` exceeds ``max_columns``.
        """
        if count > self.max_columns:
            raise TooLargeError(
                "the table has too many columns; expected at most {most}",
                most=self.max_columns,
                where=Place(name, row=row, column=str(self.max_columns + 1)),
                how="Remove columns that are not needed.",
            )

    def check_cell(self, text: str, where: Place) -> None:
        """Refuse a cell that is too long.

        Raises
        ------
        TooLargeError
            If the cell has more than ``max_cell_characters``.
        """
        if len(text) > self.max_cell_characters:
            raise self.too_long(where)

    def too_long(self, where: Place) -> TooLargeError:
        """Return the error of a cell that is too long."""
        return TooLargeError(
            "a cell is too long; expected at most {most:,} characters",
            most=self.max_cell_characters,
            where=where,
            how="Shorten the cell; a forgotten quotation mark can join many rows into one.",
        )


def check_controls(text: str, where: Place) -> None:
    """Refuse NUL and other control characters in a cell.

    Raises
    ------
    ControlCharacterError
        If the cell holds a C0 control other than tab and line ends.
    """
    for character in text:
        if ord(character) in FORBIDDEN_CONTROLS:
            raise ControlCharacterError(
                "a cell holds the control character U+{code:04X}",
                code=ord(character),
                where=where,
                how="Delete the character, or save the table again as CSV UTF-8.",
            )


MAX_TITLE_ROWS = 20
SAMPLE_ROWS = 200
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SIGN = re.compile(r"\d|@")


@dataclass(frozen=True)
class Layout:
    """Where the header is.

    Attributes
    ----------
    n_above
        Rows before the first data row; 1 where the header is the first row, as it usually is.
    header
        Names of the columns.
    """

    n_above: int
    header: list[str]

    def warn(self, records: Sequence[Sequence[str]], name: str) -> tuple[HeaderRowWarning, ...]:
        """Tell of a header at another place, with the rows that are in no output."""
        if self.n_above == 1:
            return ()
        above = [cell for row in records[: self.n_above - 1] for cell in row if cell.strip()]
        told = HeaderRowWarning(
            "the header was found in row {row} of the file; what stands above it is no data and "
            "in no output: {above}",
            row=self.n_above,
            above=" | ".join(above),
            next=self.n_above + 1,
            where=Place(name),
            how="Rows are counted from below the header: row 1 is row {next} of the file.",
        )
        return (told,)


def find_layout(records: Sequence[list[str]]) -> Layout:
    """Find the header among the first rows of a table.

    Parameters
    ----------
    records
        The first :data:`SAMPLE_ROWS` rows, as in the file.

    Returns
    -------
    Layout
        The usual one where that can be read, and where no other can.
    """
    first = records[0] if records else []
    usual = Layout(1, first)
    if _can_be_read(first, records[1:]):
        return usual
    for i in range(1, min(len(records) - 1, MAX_TITLE_ROWS)):
        row, above = records[i], records[:i]
        if _count(row) < 2 or not is_wordy(row) or not _hold_numbers(records[i + 1 :]):
            continue
        two = _join_rows(above[-1], row) if _is_group_row(above[-1], row) else None
        for header, titles in ((row, above), (two, above[:-1])):
            if (
                header is not None
                and all(_count(title) <= _most_in_title(header) for title in titles)
                and _can_be_read(header, records[i + 1 :])
            ):
                return Layout(i + 1, header)
    return usual


def names_columns(header: Sequence[str]) -> bool:
    """Tell whether a row may be a header: several names, and no number or date among them."""
    return _count(header) > 1 and not any(
        cell.strip() and not any(map(str.isalpha, cell)) and not _YEAR.fullmatch(cell.strip())
        for cell in header
    )


def _count(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def is_wordy(row: Sequence[str]) -> bool:
    """Tell names from data: no digit but a year, no e-mail address."""
    return not any(_SIGN.search(_YEAR.sub("", cell)) for cell in row)


def _hold_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a column holds a digit in most rows, as no names above it do."""
    filled = [row for row in rows if _count(row)]
    with_digit = Counter(
        i for row in filled for i, cell in enumerate(row) if any(map(str.isdigit, cell))
    )
    return 2 * max(with_digit.values(), default=0) > len(filled)


def _most_in_title(header: Sequence[str]) -> int:
    return max(1, (_count(header) - 1) // 2)


def _can_be_read(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether each column with values has one name of its own, and there are values."""
    names = [cell.strip() for cell in header]
    filled = [name for name in names if name]
    if not filled or len(set(filled)) < len(filled) or not any(_count(row) for row in rows):
        return False
    used = {i for row in rows for i, cell in enumerate(row) if cell.strip()}
    return all(i < len(names) and names[i] for i in used)


def _is_group_row(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Tell whether a row groups the columns of the one below, as merged cells do.

    Where both name a column, the upper name must reach over the next one too.
    """
    if not _count(upper) or not is_wordy(upper):
        return False
    upper, lower = _pad(upper, lower), _pad(lower, upper)
    return all(
        not (name.strip() and lower[i].strip())
        or (i + 1 < len(upper) and not upper[i + 1].strip() and bool(lower[i + 1].strip()))
        for i, name in enumerate(upper)
    )


def _join_rows(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Take the lower names, the upper one where there is none, both where a name is doubled."""
    upper, lower = _pad(upper, lower), _pad(lower, upper)
    names = [cell.strip() for cell in lower]
    joined, group = [], ""
    for over, under in zip(upper, names, strict=True):
        group = over.strip() or group
        joined.append(f"{under} ({group})" if names.count(under) > 1 and under and group else under)
        joined[-1] = joined[-1] or over.strip()
    return joined


def _pad(row: Sequence[str], other: Sequence[str]) -> list[str]:
    return [*row, *[""] * (len(other) - len(row))]


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def read_number(text: str) -> float:
    """Return the number that a text is.

    ``float`` of Python takes more: ``1_000``, digits of other scripts, ``nan`` and ``infinity``.

    Raises
    ------
    ValueError
        If it is anything but digits with an optional point, sign and exponent.

    Examples
    --------
    >>> read_number("12.5")
    12.5
    """
    if len(text) > 400 or _NUMBER.fullmatch(text) is None:
        raise ValueError("not a number")
    return float(text)

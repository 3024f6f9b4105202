"""How large a table may be, so that reading ends in bounded time and memory."""

from __future__ import annotations

from dataclasses import dataclass

from welcomemap.errors import ControlCharacterError, Place, TooLargeError

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
                f"the file is too large; expected less than {self.max_bytes / 1e6:g} MB",
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
                f"the table has too many rows; expected at most {self.max_rows:,}",
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
                f"the table has too many columns; expected at most {self.max_columns}",
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
            raise TooLargeError(
                f"a cell is too long; expected at most {self.max_cell_characters:,} characters",
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
                f"a cell holds the control character U+{ord(character):04X}",
                where=where,
                how="Delete the character, or save the table again as CSV UTF-8.",
            )

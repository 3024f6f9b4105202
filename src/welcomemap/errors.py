"""One tree of named errors and warnings.

Every message answers three questions: what is wrong, where (file, row, column) and how to mend it.
The command line turns :class:`InputError` into exit status 2 and :class:`NoAnswerError` into 3.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_QUOTED = 80


def quote(value: object) -> str:
    """Show a value from data in a message: on one line, printable and at most 80 characters."""
    text = str(value)[: MAX_QUOTED + 1]
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f"{shown[:MAX_QUOTED]}…" if len(shown) > MAX_QUOTED else shown


def find_unprintable(text: str) -> str | None:
    """Return the code of the first sign that no paper can show, such as ``U+0000``, else ``None``.

    Those are control signs other than a tab or the end of a line, halves of a character (lone
    surrogates) and codes that Unicode keeps free of characters.
    """
    for sign in text:
        code = ord(sign)
        is_free = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
        if is_free or (unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\n\r"):
            return f"U+{code:04X}"
    return None


@dataclass(frozen=True)
class Place:
    """Where a fault lies: a file, and in it a row (1 = first data row) and a column."""

    path: str | Path | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = []
        if self.path is not None:
            parts.append(quote(Path(self.path).name))
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {quote(self.column)}")
        return ", ".join(parts)


class WelcomemapError(Exception):
    """Base of all errors the package raises on purpose.

    Parameters
    ----------
    what
        The fault in one sentence, without a full stop.
    where
        File, row and column, where they are known.
    how
        How to mend it, as a sentence in the imperative.
    """

    def __init__(self, what: str, *, where: Place | None = None, how: str = "") -> None:
        self.what = what
        self.where = where
        self.how = how
        super().__init__(what)

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where is not None and str(self.where) else ""
        mend = f" {self.how}" if self.how else ""
        return f"{self.what}{place}.{mend}"


class InputError(WelcomemapError):
    """Something the user gave cannot be used: a file, an option, a value."""


class UsageError(InputError):
    """An option or argument has an impossible value."""


class UnknownScenarioError(InputError):
    """No scenario of that name, and no such file."""


class TableError(InputError):
    """A table cannot be read or breaks its column contract."""


class EmptyTableError(TableError):
    """The table has no rows, or the file no bytes."""


class DelimiterError(TableError):
    """The columns are separated by something else than expected."""


class EncodingError(TableError):
    """The text is not UTF-8."""


class MissingColumnError(TableError):
    """A required column is absent."""


class ColumnValueError(TableError):
    """A cell holds a value its column does not allow."""


class DuplicateIdError(TableError):
    """Two rows share an id."""


class TableFormatError(TableError):
    """The file is neither a CSV nor an XLSX table."""


class HeaderError(TableError):
    """The first row does not name every column exactly once."""


class RaggedRowError(TableError):
    """A row has more or fewer cells than the header."""


class QuotationMarkError(TableError):
    """A quotation mark in a CSV file is not closed or not doubled."""


class ControlCharacterError(TableError):
    """A cell holds NUL or another control character."""


class JsonError(InputError):
    """A text is not JSON, or JSON with numbers, texts or a depth that nothing of ours has."""


class TooLargeError(InputError):
    """A file or a text is larger than the stated bound."""


class UnreadableAddressError(InputError):
    """A text is no address anybody could have meant; the subclasses say why."""


class AddressTooLongError(UnreadableAddressError, TooLargeError):
    """The text has too many characters or too many digits for an address."""


class AddressCharacterError(UnreadableAddressError):
    """The text holds NUL, another control character or a lone surrogate."""


class AddressFormulaError(UnreadableAddressError):
    """The text is a spreadsheet formula."""


class AddressCodeError(UnreadableAddressError):
    """The text holds a fragment of HTML, of a template, of SQL or of a program."""


class CoordinateError(InputError):
    """A coordinate lies outside the region."""


class SwappedCoordinatesError(CoordinateError):
    """Latitude and longitude are exchanged."""


class GeometryError(InputError):
    """A geometry is invalid: unclosed, self-crossing, empty or of the wrong type."""


class PackError(InputError):
    """A region pack is missing, incomplete or damaged."""


class MissingLayerError(PackError):
    """A layer named in the manifest has no file, or a needed layer is not named."""


class HashMismatchError(PackError):
    """A layer's bytes are not those the manifest records."""


class RawDataError(InputError):
    """A raw file of the pack builder is missing or cannot be used."""


class NetworkError(WelcomemapError):
    """A service on the network did not give a usable answer."""


class ServiceFailedError(NetworkError):
    """A geocoding service gave no usable answer.

    Attributes
    ----------
    is_passing
        Trying again later may help (timeouts, 429, 5xx).
    retry_after_s
        What the service asked for in Retry-After, in seconds.
    """

    def __init__(
        self, what: str, *, is_passing: bool, retry_after_s: float | None = None, how: str = ""
    ) -> None:
        super().__init__(what, how=how)
        self.is_passing = is_passing
        self.retry_after_s = retry_after_s


class CircuitOpenError(NetworkError):
    """A geocoding service failed repeatedly and is left alone for a while."""


class BudgetSpentError(NetworkError):
    """The budget of requests to a geocoding service is used up."""


class OutputError(WelcomemapError):
    """A result could not be written; nothing was left half written."""


class BusyOutputError(OutputError):
    """Another run is writing the same output."""


class StudyFileError(UsageError):
    """The file that repeats a paper cannot be read."""


class ChangedInputError(InputError):
    """An input is not the same as when the paper was made."""


class NoAnswerError(WelcomemapError):
    """The question is well posed, and no answer exists (for example infeasible siting)."""


class WelcomemapWarning(UserWarning):
    """Base of all warnings the package gives."""


class TextEncodingWarning(WelcomemapWarning):
    """The text was read in another encoding than UTF-8."""


class DelimiterWarning(WelcomemapWarning):
    """The table was read with another delimiter than the comma."""


class FormulaWarning(WelcomemapWarning):
    """A workbook holds formulas; the values they had when it was saved were read."""


class WorksheetWarning(WelcomemapWarning):
    """A workbook has several worksheets; only the first visible one with a table was read."""


class ColumnNameWarning(WelcomemapWarning):
    """A column of the input has another name in the output, to keep both."""


class UnreadColumnWarning(WelcomemapWarning):
    """Columns of a table with fixed columns were not read."""


class CellReadingWarning(WelcomemapWarning):
    """Cells of an address column say nothing that belongs to an address, and were left out."""


class OtherAddressWarning(WelcomemapWarning):
    """A table holds a second address, or a part of one, in columns that were not read."""


class OtherPlaceWarning(WelcomemapWarning):
    """A column that was not read names places that the addresses do not."""


class HeaderRowWarning(WelcomemapWarning):
    """The header of a table stands below title rows, or in two rows."""


class CoordinateWarning(WelcomemapWarning):
    """A coordinate was mended or set aside."""


class OpeningHoursWarning(WelcomemapWarning):
    """Opening hours are not understood; they are shown as text, and nobody says open or closed."""


class BorderWarning(WelcomemapWarning):
    """A point lies so near a district border that its district is uncertain."""


class ListRowWarning(WelcomemapWarning):
    """A row of a list contradicts itself, or is not counted because of its dates.

    Attributes
    ----------
    site, reasons, where
        Id of the row, what is to be known (see :mod:`welcomemap.reasons`), and its file and row.
    """

    def __init__(self, site: str, reasons: Sequence[object], where: Place) -> None:
        self.site = site
        self.reasons = tuple(reasons)
        self.where = where
        super().__init__(site, self.reasons, where)

    def __str__(self) -> str:
        told = "; ".join(map(str, self.reasons))
        return f"{quote(self.site)}: {told} ({self.where})"


class OtherVersionWarning(WelcomemapWarning):
    """A paper is repeated with other versions of the programs than it was made with."""


class MarkupWarning(WelcomemapWarning):
    """Text from data contains markup; it is shown as plain text."""

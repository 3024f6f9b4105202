"""One tree of named errors and warnings.

Every message answers three questions: what is wrong, where (file, row, column) and how to mend it.
The command line turns :class:`InputError` into exit status 2 and :class:`NoAnswerError` into 3.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from numbers import Number
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

MAX_QUOTED = 80
MAX_LISTED = 30
"""Items of a list that a message shows."""


def quote(value: object) -> str:
    """Show a value from data in a message: on one line, printable and at most 80 characters."""
    shown = make_printable(str(value)[: MAX_QUOTED + 1])
    return f"{shown[:MAX_QUOTED]}…" if len(shown) > MAX_QUOTED else shown


def make_printable(text: str) -> str:
    """Return a text on one line, with a mark in place of each sign that cannot be printed."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


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

    @property
    def file(self) -> str:
        """The name of the file, without its folder."""
        return "" if self.path is None else Path(self.path).name

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        column = "" if self.column is None else f"column {quote(self.column)}"
        return ", ".join(filter(None, (quote(self.file), row, column)))


@dataclass(frozen=True)
class Fault:
    """What is wrong or how to mend it: English words, and apart from them what stands in them.

    ``str()`` gives the English sentence; :mod:`welcomemap.describe.reasons` says it in the reader's
    language.

    Attributes
    ----------
    words
        The sentence as a format string. It is a key of the catalogues, so it is written out where
        the fault is found.
    values
        What stands in the words, see :func:`show_value`.
    """

    words: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.words.format_map({name: show_value(value) for name, value in self.values})


def fault(words: str, /, **values: object) -> Fault:
    """Return a fault, or a way to mend one, as part of another or for several.

    Of values that change or hold much, such as lists and the errors of other libraries, what is
    shown is kept.

    Examples
    --------
    >>> str(fault("the row has {n_cells} cells", n_cells=3))
    'the row has 3 cells'
    >>> str(fault("Choose from {names}.", names=["a", "b"]))
    'Choose from a, b.'
    """
    return Fault(words, tuple((name, _keep(value)) for name, value in values.items()))


def either(items: Sequence[object]) -> Fault:
    """Return several things of which one is meant.

    Examples
    --------
    >>> str(either([".png", ".jpg", ".svg"]))
    '.png, .jpg or .svg'
    """
    if len(items) < 2:
        return fault("{items}", items=items)
    return fault("{items} or {last}", items=items[:-1], last=items[-1])


def _keep(value: object) -> object:
    if isinstance(value, Number | str | Path | Place):
        return value
    if isinstance(value, Notice):
        return value.fault
    if isinstance(value, OSError):
        return value.strerror or str(value) or type(value).__name__
    if isinstance(value, Exception):
        return str(value)
    if isinstance(value, Iterable):
        items = [_keep(item) for item in islice(value, MAX_LISTED + 1)]
        return tuple(items[:MAX_LISTED]) + (("…",) if len(items) > MAX_LISTED else ())
    return value


@runtime_checkable
class Sayable(Protocol):
    """What rooms above put into words in a language, such as a reason why nothing was found."""

    def in_language(self, language: str, /) -> str:
        """Return it in a language."""


def _tell_plainly(value: object) -> str:
    return value.in_language("en") if isinstance(value, Sayable) else str(value)


def show_value(value: object, tell: Callable[[object], str] = _tell_plainly) -> object:
    """Return what stands in the words of a fault for a value.

    Texts are data: they come on one line and shortened, see :func:`quote`; paths whole. The items
    of a list are joined, by semicolons where they hold commas; numbers stay numbers, for the words
    give their format; everything else, other faults above all, is told by ``tell``.
    """
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Path):
        return make_printable(str(value))
    if isinstance(value, tuple):
        shown = [str(show_value(item, tell)) for item in value]
        has_marks = any(mark in item for item in shown for mark in (", ", ": "))
        return ("; " if has_marks else ", ").join(shown)
    return tell(value)


class Notice(Exception):
    """What errors and warnings have in common: a fault, its place, and how to mend it.

    Parameters
    ----------
    what
        The fault in one sentence, without a full stop: a format string, or a fault found before.
    where
        File, row and column, where they are known.
    how
        How to mend it, as a sentence in the imperative; in the same values.
    **values
        What stands in both.
    """

    def __init__(
        self,
        what: str | Fault,
        /,
        *,
        where: Place | None = None,
        how: str | Fault = "",
        **values: object,
    ) -> None:
        self.fault = what if isinstance(what, Fault) else fault(what, **values)
        self.mend = how if isinstance(how, Fault) else fault(how, **values)
        self.where = where
        super().__init__(self.fault.words)

    @property
    def what(self) -> str:
        """The fault in English."""
        return str(self.fault)

    @property
    def how(self) -> str:
        """How to mend it, in English."""
        return str(self.mend)

    @property
    def told(self) -> Fault:
        """The fault, its place and how to mend it, as one."""
        values = {"what": self.fault, "where": self.where, "how": self.mend}
        if self.where is not None and str(self.where):
            mended = fault("{what} ({where}). {how}", **values)
            return mended if self.how else fault("{what} ({where}).", **values)
        return fault("{what}. {how}", **values) if self.how else fault("{what}.", **values)

    def __str__(self) -> str:
        return str(self.told)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Callable[..., Notice], tuple[object, ...]]:
        return _restore, (type(self), dict(vars(self)))


def _restore(kind: type[Notice], state: dict[str, object]) -> Notice:
    """Make a notice anew in another process, however it is built."""
    notice = kind.__new__(kind)
    vars(notice).update(state)
    return notice


class WelcomemapError(Notice):
    """Base of all errors the package raises on purpose."""


class InputError(WelcomemapError):
    """Something the user gave cannot be used: a file, an option, a value."""


class UsageError(InputError, ValueError):
    """An option or argument has an impossible value."""


class MissingExtraError(UsageError, ImportError):
    """What was asked for needs packages that are not installed."""


class MissingGroupError(UsageError):
    """People of a group are asked for whom the region does not know."""


class UnknownScenarioError(InputError, KeyError):
    """No scenario of that name, and no such file."""


class TableError(InputError, ValueError):
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


class UnreadableAddressError(InputError, ValueError):
    """A text is no address anybody could have meant; the subclasses say why."""


class AddressTooLongError(UnreadableAddressError, TooLargeError):
    """The text has too many characters or too many digits for an address."""


class AddressCharacterError(UnreadableAddressError):
    """The text holds NUL, another control character or a lone surrogate."""


class AddressFormulaError(UnreadableAddressError):
    """The text is a spreadsheet formula."""


class AddressCodeError(UnreadableAddressError):
    """The text holds a fragment of HTML, of a template, of SQL or of a program."""


class CoordinateError(InputError, ValueError):
    """A coordinate lies outside the region."""


class CrsError(CoordinateError):
    """A frame has no CRS, or holds degrees where its CRS has metres."""


class SwappedCoordinatesError(CoordinateError):
    """Latitude and longitude are exchanged."""


class GeometryError(InputError, ValueError):
    """A geometry is invalid: unclosed, self-crossing, empty or of the wrong type."""


class PackError(InputError):
    """A region pack is missing, incomplete or damaged."""


class MissingLayerError(PackError):
    """A layer named in the manifest has no file, or a needed layer is not named."""


class HashMismatchError(PackError):
    """A layer's bytes are not those the manifest records."""


class RecipeError(InputError):
    """A recipe of a region pack cannot be used."""


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
        self,
        what: str,
        /,
        *,
        is_passing: bool,
        retry_after_s: float | None = None,
        **values: Any,
    ) -> None:
        super().__init__(what, **values)
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


class WelcomemapWarning(Notice, UserWarning):
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
    """A column of the input has another name in the output, or was read under another one."""


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


class RowMatchWarning(WelcomemapWarning):
    """Rows of a list without ids were matched with those of another by what else they say."""


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
        super().__init__("{site}: {reasons}", site=site, reasons=reasons, where=where)


class OtherVersionWarning(WelcomemapWarning):
    """A paper is repeated with other versions of the programs than it was made with."""


class MarkupWarning(WelcomemapWarning):
    """Text from data contains markup; it is shown as plain text."""

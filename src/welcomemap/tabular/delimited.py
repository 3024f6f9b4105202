"""Delimited text: its encoding, its delimiter, its cells."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from io import StringIO
from itertools import dropwhile, islice

from welcomemap.errors import (
    DelimiterWarning,
    EncodingError,
    Fault,
    Place,
    QuotationMarkError,
    TextEncodingWarning,
    TooLargeError,
    fault,
)
from welcomemap.tabular.layout import Bounds, is_wordy

SAMPLE_BYTES = 4096
SHARE_OF_NULS_IN_UTF16 = 0.3
UTF8_SEQUENCES = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
HIGH_BYTES = re.compile(rb"[\x80-\xff]")
MEND = fault("Save the table as CSV UTF-8.")
WITH_MARK = fault("the text begins with a byte-order mark (UTF-8 with BOM)")
UTF16 = fault("the text is UTF-16, not UTF-8")
NO_UTF8 = fault("the text is not UTF-8; it was read as Windows-1252")


DecodedText = tuple[str, str, tuple[TextEncodingWarning, ...]]
"""Text, the encoding it was read in, and a warning where that was not plain UTF-8."""


def decode_text(content: bytes, name: str) -> DecodedText:
    """Decode the bytes of a text file: UTF-8, with byte-order mark, UTF-16 or Windows-1252.

    Parameters
    ----------
    content
        The whole file.
    name
        File name for messages.

    Raises
    ------
    EncodingError
        If the bytes fit none of these, or mix UTF-8 with something else.
    """
    if content.startswith(BOM_UTF8):
        return _warned(_decode(content, "utf-8-sig", name), "utf-8-sig", name, WITH_MARK)
    utf16 = _find_utf16(content)
    if utf16 is not None:
        return _warned(_decode(content, utf16, name), "utf-16", name, UTF16)
    try:
        return content.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as error:
        if _is_mostly_utf8(content):
            raise _encoding_error(content, "utf-8", error.start, name) from error
    return _warned(_decode(content, "cp1252", name), "windows-1252", name, NO_UTF8)


def _find_utf16(content: bytes) -> str | None:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    sample = content[:SAMPLE_BYTES]
    if len(sample) < 4:
        return None
    half = len(sample) / 2
    if sample[1::2].count(0) / half > SHARE_OF_NULS_IN_UTF16 and not sample[0::2].count(0):
        return "utf-16-le"
    if sample[0::2].count(0) / half > SHARE_OF_NULS_IN_UTF16 and not sample[1::2].count(0):
        return "utf-16-be"
    return None


def _is_mostly_utf8(content: bytes) -> bool:
    """Tell broken UTF-8 from another encoding: most high bytes form valid sequences."""
    in_sequences = sum(len(match) for match in UTF8_SEQUENCES.findall(content))
    return 2 * in_sequences > len(HIGH_BYTES.findall(content))


def _decode(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _encoding_error(content, encoding, error.start, name) from error


def _encoding_error(content: bytes, encoding: str, start: int, name: str) -> EncodingError:
    line = content.count(b"\n", 0, start) + 1
    return EncodingError(
        "the text is not valid {encoding}: byte 0x{byte:02X} in line {line}",
        encoding=encoding.upper(),
        byte=content[start],
        line=line,
        mend=MEND,
        where=Place(name, row=max(line - 1, 1)),
        how="Expected UTF-8. {mend}",
    )


def _warned(text: str, encoding: str, name: str, finding: Fault) -> DecodedText:
    mend = fault("Check the umlauts. {mend}", mend=MEND)
    return text, encoding, (TextEncodingWarning(finding, where=Place(name), how=mend),)


DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {
    ",": fault("comma"),
    ";": fault("semicolon"),
    "\t": fault("tab"),
    "|": fault("vertical bar"),
}
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
        records = dropwhile(lambda record: len(record) < 2, _read_sample(text, delimiter))
        header, *below = [*records] or [[]]
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
    n_read = 0
    try:
        for record in reader:
            yield record
            n_read += 1
    except csv.Error as error:
        raise _csv_error(error, name, n_read, bounds) from error


def _csv_error(
    error: csv.Error, name: str, row: int, bounds: Bounds
) -> QuotationMarkError | TooLargeError:
    where = Place(name, row=row) if row else Place(name, column="header")
    if "field limit" in str(error):
        return bounds.too_long(where)
    return QuotationMarkError(
        "a quotation mark is not closed, or not doubled inside a quoted cell",
        where=where,
        how='Close the quoted cell, and write "" for a quotation mark inside it.',
    )


def warn_delimiter(delimiter: str | None, name: str) -> tuple[DelimiterWarning, ...]:
    """Return a warning if the delimiter is another than the comma."""
    if delimiter in {None, ","}:
        return ()
    told = DelimiterWarning(
        "the columns are separated by {delimiter}, not comma",
        delimiter=DELIMITER_NAMES[str(delimiter)],
        where=Place(name),
        how="It was read so; nothing needs to be done.",
    )
    return (told,)

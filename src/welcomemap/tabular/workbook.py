"""Read the first worksheet with a table of an XLSX file as text, in bounded time and memory."""

from __future__ import annotations

import datetime as dt
import lzma
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

from welcomemap.errors import (
    FormulaWarning,
    InputError,
    Place,
    TableFormatError,
    TooLargeError,
    WelcomemapWarning,
    WorksheetWarning,
)
from welcomemap.tabular.layout import SAMPLE_ROWS, Bounds, find_layout, names_columns

MAX_PARTS = 1_000
MAX_SEARCHED = 20
"""Worksheets that are looked at for the first one with a table."""

MAX_SMALL_PART_BYTES = 1_000_000
MAX_RECORD_BYTES = 2_000_000
MAX_CELLS = 1_000_000
CHUNK_BYTES = 1 << 18
TAIL_BYTES = 16
RECORD_START = re.compile(rb"<(?:\w+:)?(?:row|si)\b")
CELL_START = re.compile(rb"<(?:\w+:)?c\b")
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
FORBIDDEN_XML = re.compile(rb"<!DOCTYPE|<!ENTITY|^(?:\xff\xfe|\xfe\xff)", re.IGNORECASE)
LARGE_PARTS = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
UNUSED_PARTS = re.compile(r"xl/(?:media|drawings|charts|embeddings|printerSettings)/|docProps/")
BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
    ArithmeticError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
)
"""What zipfile, decompressors, openpyxl and XML parsers (SyntaxError) raise on damaged files."""


def read_worksheet(
    content: bytes, name: str, bounds: Bounds
) -> tuple[list[list[str]], tuple[WelcomemapWarning, ...]]:
    """Return the rows of the first visible worksheet that holds a table, and warnings.

    Rows end with their last value.

    Warnings of openpyxl speak of formats and lists that play no part here; they are not shown.

    Raises
    ------
    TooLargeError
        If the parts unpack to more than the bound, or it has more rows, columns or cells.
    TableFormatError
        If it is no XLSX workbook, is damaged, or declares XML entities.
    """
    # Imported here, because it takes longer than a whole command that opens no workbook.
    import openpyxl  # noqa: PLC0415 - see above

    try:
        has_formulas = _check_parts(content, name, bounds)
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            workbook = openpyxl.load_workbook(
                BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            worksheet = _choose(workbook, name, bounds)
            records = list(_read_rows(worksheet, name, bounds))
    except InputError:
        raise
    except BROKEN as error:
        raise _broken(error, name) from error
    findings: list[WelcomemapWarning] = []
    if len(workbook.worksheets) > 1:
        findings.append(
            WorksheetWarning(
                "the workbook has {n_worksheets} worksheets; only {title} was read",
                n_worksheets=len(workbook.worksheets),
                title=worksheet.title,
                where=Place(name),
                how="Put the table there.",
            )
        )
    if has_formulas:
        findings.append(
            FormulaWarning(
                "the workbook holds formulas; the values from when it was saved were read",
                where=Place(name),
                how="Check these cells.",
            )
        )
    return records, tuple(findings)


def _choose(workbook: Any, name: str, bounds: Bounds) -> Any:
    """Choose the first visible worksheet whose header names several columns, else the first."""
    sheets = [s for s in workbook.worksheets if s.sheet_state == "visible"] or workbook.worksheets
    for worksheet in sheets:
        worksheet.reset_dimensions()
    for worksheet in sheets[:MAX_SEARCHED] if len(sheets) > 1 else []:
        sample = list(islice(_read_rows(worksheet, name, bounds), SAMPLE_ROWS))
        if names_columns(find_layout(sample).header) and any(map(any, sample[1:])):
            return worksheet
    return sheets[0]


def _check_parts(content: bytes, name: str, bounds: Bounds) -> bool:
    """Refuse bombs before anything is parsed; tell whether there are formulas."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        if "xl/workbook.xml" not in {part.filename for part in parts}:
            raise TableFormatError(
                "the file is a ZIP archive, not an XLSX workbook",
                where=Place(name),
                how="Save the table as .xlsx or as CSV UTF-8.",
            )
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > bounds.max_unpacked_bytes:
            raise TooLargeError(
                "the workbook unpacks to {megabytes:,.0f} MB in {n_parts:,} parts; expected at "
                "most {most:g} MB",
                megabytes=unpacked / 1e6,
                n_parts=len(parts),
                most=bounds.max_unpacked_bytes / 1e6,
                where=Place(name),
                how="Save the table alone as .xlsx or as CSV UTF-8.",
            )
        has_formulas = False
        for part in parts:
            if not part.is_dir() and not UNUSED_PARTS.match(part.filename):
                has_formulas |= _check_part(archive, part, name, bounds)
    return has_formulas


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, bounds: Bounds) -> bool:
    """Bound what the XML parser must hold at a time, and how often it must: rows, cells, texts."""
    where = Place(name)
    is_large = LARGE_PARTS.fullmatch(part.filename) is not None
    if not is_large and part.file_size > MAX_SMALL_PART_BYTES:
        raise TooLargeError(
            "the workbook's part {filename} is too large",
            filename=part.filename,
            where=where,
            how="Save the table alone, without formats, as .xlsx or as CSV UTF-8.",
        )
    has_formulas = False
    n_records, n_cells = 0, 0
    since_start, tail = 0, b""
    with archive.open(part) as handle:
        while chunk := handle.read(CHUNK_BYTES):
            window = tail + chunk
            if FORBIDDEN_XML.search(window):
                raise TableFormatError(
                    "the workbook's part {filename} declares XML entities",
                    filename=part.filename,
                    where=where,
                    how="Save the table again with a spreadsheet program.",
                )
            starts = [match.start() for match in RECORD_START.finditer(window)]
            longest = since_start + (starts[0] if starts else len(window))
            since_start = len(window) - starts[-1] if starts else since_start + len(chunk)
            if is_large and max(longest, since_start) > MAX_RECORD_BYTES:
                raise TooLargeError(
                    "a row or text in {filename} is larger than {megabytes:g} MB",
                    filename=part.filename,
                    megabytes=MAX_RECORD_BYTES / 1e6,
                    where=where,
                    how="Save the table alone as .xlsx or as CSV UTF-8.",
                )
            n_records += _count_new(RECORD_START, window, len(tail))
            n_cells += _count_new(CELL_START, window, len(tail))
            if "worksheets" in part.filename:
                _refuse_many(n_records, n_cells, name, bounds)
            elif n_records > MAX_CELLS:
                raise _too_many_cells(name)
            has_formulas = has_formulas or FORMULA.search(window) is not None
            tail = window[-TAIL_BYTES:]
    return has_formulas and is_large and "worksheets" in part.filename


def _count_new(start: re.Pattern[bytes], window: bytes, seen: int) -> int:
    """Count what ends beyond the bytes that were looked at with the window before."""
    return sum(match.end() > seen for match in start.finditer(window))


def _refuse_many(rows: int, cells: int, name: str, bounds: Bounds) -> None:
    if rows > bounds.max_rows + 1:
        raise TooLargeError(
            "the table has too many rows, empty ones too; expected at most {most:,}",
            most=bounds.max_rows,
            where=Place(name),
            how="Delete the empty rows below the table, or save the table as CSV UTF-8.",
        )
    if cells > MAX_CELLS:
        raise _too_many_cells(name)


def _too_many_cells(name: str) -> TooLargeError:
    return TooLargeError(
        "the worksheet has more than {most:,} cells",
        most=MAX_CELLS,
        where=Place(name),
        how="Delete empty rows and columns, or save the table as CSV UTF-8.",
    )


def _read_rows(worksheet: Any, name: str, bounds: Bounds) -> Iterator[list[str]]:
    """Yield rows as text; rows and cells that a file claims to have are counted and bounded."""
    n_cells = 0
    for row, values in enumerate(worksheet.iter_rows(values_only=True)):
        n_cells += len(values)
        _refuse_many(row, n_cells, name, bounds)
        if row and not any(value is not None for value in values):
            yield []
            continue
        bounds.check_rows(row, name)
        cells = [_to_text(value) for value in values]
        filled = max((i + 1 for i, text in enumerate(cells) if text), default=0)
        bounds.check_columns(filled, name, row or None)
        yield cells[:filled]


def _to_text(value: object) -> str:
    """Write a cell as a person would: no decimals on whole numbers, ISO dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        is_date = value.time() == dt.time(0)
        return value.date().isoformat() if is_date else value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _broken(error: Exception, name: str) -> TableFormatError:
    return TableFormatError(
        "the workbook is damaged or locked: {error}",
        error=error,
        where=Place(name),
        how="Open it in a spreadsheet program and save it again as .xlsx, or as CSV UTF-8.",
    )

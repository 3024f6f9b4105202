"""Write tables as CSV and XLSX: whole or not at all, the same bytes twice, no live formulas."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from welcomemap.files import Written, unzip_parts, write_bytes, zip_parts

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheet programs take for the start of a formula (OWASP, CSV injection)."""

PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?")
XML_NONCHARACTERS = re.compile("[\ufffe\uffff\ud800-\udfff]")
NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
ERROR_CODES = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
"""What openpyxl takes for an error of a formula; a test compares them."""
PROPERTIES = "docProps/core.xml"
DOCUMENT_DATE = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def neutralise_formula(text: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet program would run as a formula.

    Cells that start with ``= + - @``, a tab, a line end or the full-width forms of these signs are
    concerned; a plain number such as ``-3.5`` is no formula and stays. One that has apostrophes
    before such a start gets one more, so that :func:`restore_formula` gives back every text.
    """
    return f"'{text}" if _is_formula(text.lstrip("'")) else text


def restore_formula(text: str) -> str:
    """Return the text that :func:`neutralise_formula` made this of; any other as it stands."""
    return text[1:] if text.startswith("'") and _is_formula(text.lstrip("'")) else text


def _is_formula(text: str) -> bool:
    return text.startswith(FORMULA_STARTS) and PLAIN_NUMBER.fullmatch(text) is None


def write_csv(
    frame: pd.DataFrame,
    path: Path,
    *,
    delimiter: str = ",",
    has_bom: bool = False,
    decimal: str = ".",
) -> Written:
    """Write a table as CSV in UTF-8, whole or not at all.

    Parameters
    ----------
    frame
        Any table; missing values become empty cells, formulas are neutralised.
    path
        Where to.
    delimiter, has_bom, decimal
        For Excel in German: ``delimiter=";", has_bom=True, decimal=","``. ``decimal`` concerns
        columns of floats only; text stays as it is.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    content = make_csv(frame, delimiter=delimiter, has_bom=has_bom, decimal=decimal)
    return write_bytes(path, content)


def make_csv(
    frame: pd.DataFrame, *, delimiter: str = ",", has_bom: bool = False, decimal: str = "."
) -> bytes:
    """Return the bytes that :func:`write_csv` writes."""
    lines = _Lines("\r\n" if has_bom else "\n")
    writer = csv.writer(lines, delimiter=delimiter, lineterminator=_Lines.END)
    writer.writerow([neutralise_formula(str(column)) for column in frame.columns])
    columns = [
        [_to_text(value, decimal) for value in frame[column].tolist()] for column in frame.columns
    ]
    writer.writerows(zip(*columns, strict=True))
    text = XML_NONCHARACTERS.sub("\N{REPLACEMENT CHARACTER}", "".join(lines.rows))
    return text.encode("utf-8-sig" if has_bom else "utf-8")


class _Lines:
    """Rows of a CSV file, each with its line end.

    ``csv`` puts only those line ends of a cell in quotation marks that end its rows; a bare one
    would let the rest of the cell begin a row, as a formula perhaps. So it ends them with both.
    """

    END = "\r\n"

    def __init__(self, end: str) -> None:
        self.rows: list[str] = []
        self._end = end

    def write(self, row: str) -> None:
        self.rows.append(row.removesuffix(self.END) + self._end)


def write_xlsx(frame: pd.DataFrame, path: Path, *, sheet_name: str = "Tabelle1") -> Written:
    """Write a table as an XLSX workbook, whole or not at all; the same table gives the same bytes.

    Numbers stay numbers, all else is text and never a formula; characters that XML cannot hold
    become U+FFFD.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    return write_bytes(path, make_xlsx({sheet_name: frame}))


def make_xlsx(
    tables: Mapping[str, pd.DataFrame],
    *,
    number_formats: Mapping[str, Mapping[str, str]] | None = None,
) -> bytes:
    """Return a workbook with one worksheet a table; the same tables give the same bytes.

    Parameters
    ----------
    tables
        Name of the worksheet to its table.
    number_formats
        Name of the worksheet to column name to number format, such as ``0.0%``.
    """
    # Imported here, because it takes longer than a whole command that writes no workbook.
    import openpyxl  # noqa: PLC0415 - see above
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - see above

    workbook = openpyxl.Workbook(write_only=True)
    workbook.properties.creator = "welcomemap"
    workbook.properties.created = DOCUMENT_DATE
    for name, frame in tables.items():
        worksheet = workbook.create_sheet(name)
        worksheet.freeze_panes = "A2"
        make_cell = partial(WriteOnlyCell, worksheet)
        worksheet.append([_to_styled(make_cell, str(name), None) for name in frame.columns])
        by_column = (number_formats or {}).get(name, {})
        formats = [by_column.get(str(column)) for column in frame.columns]
        columns: Iterable[list[Any]] = [list(frame[column]) for column in frame.columns]
        for row in zip(*columns, strict=True):
            cells = zip(row, formats, strict=True)
            worksheet.append([_to_styled(make_cell, value, said) for value, said in cells])
    buffer = BytesIO()
    workbook.save(buffer)
    return _fix_dates(buffer.getvalue())


def _to_styled(make_cell: Callable[..., Any], value: Any, number_format: str | None) -> object:
    cell = _to_cell(value)
    if cell in ERROR_CODES:
        # What a person typed is text, and no error of a formula.
        typed = make_cell(value=cell)
        typed.data_type = "s"
        return typed
    if number_format is None or isinstance(cell, str | bool) or cell is None:
        return cell
    styled = make_cell(value=cell)
    styled.number_format = number_format
    return styled


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _to_text(value: object, decimal: str) -> str:
    if isinstance(value, str):
        return neutralise_formula(value)
    if _is_missing(value):
        return ""
    if isinstance(value, float):
        return repr(float(value)).replace(".", decimal)
    return neutralise_formula(str(value))


def _to_cell(value: Any) -> object:
    if _is_missing(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", neutralise_formula(str(value)))


def _fix_dates(content: bytes) -> bytes:
    """Replace the time of writing inside a workbook by a fixed one."""
    stamp = DOCUMENT_DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    parts = unzip_parts(content)
    parts[PROPERTIES] = MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", parts[PROPERTIES])
    return zip_parts(parts)

"""A paper's tables for office programs: workbook and CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import canonicalize

import pandas as pd

from welcomemap.files import unzip_parts, zip_parts
from welcomemap.report.paper import Paper
from welcomemap.report.tables import (
    NUMBER_FORMATS,
    Column,
    PaperTable,
    head_column,
    raw_cell,
)
from welcomemap.tabular import make_csv, make_xlsx
from welcomemap.wording import Language, say

XML_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LOW, HIGH = say("from"), say("to")


def make_workbook(paper: Paper) -> Mapping[str, bytes]:
    """Return one workbook with one sheet a table; shares are percent cells of 0-1."""
    language = paper.language
    sheets, formats = {}, {}
    for table in paper.tables:
        name = table.name
        sheets[name] = frame_table(table, language)
        formats[name] = {
            heading: NUMBER_FORMATS[column.kind]
            for column, _, heading in _columns(table, language, has_shares_as_percent=True)
            if column.kind in NUMBER_FORMATS and column.key not in ("lat", "lon")
        }
    return {"": _spell_alike(make_xlsx(sheets, number_formats=formats))}


def _spell_alike(workbook: bytes) -> bytes:
    """Spell the XML of a workbook in its canonical form (W3C Canonical XML 2.0).

    Where lxml is installed, as it is with the extra for papers, openpyxl spells it otherwise than
    where it is not; a paper is to be the same to the byte on both.
    """
    parts = unzip_parts(workbook)
    spelt = {name: XML_HEAD + canonicalize(part).encode() for name, part in parts.items()}
    return zip_parts(spelt)


def make_csv_files(paper: Paper) -> Mapping[str, bytes]:
    """Return one CSV file a table: UTF-8 with BOM; semicolon and decimal comma in German."""
    is_german = paper.language == "de"
    return {
        table.name: make_csv(
            frame_table(table, paper.language, has_shares_as_percent=False),
            delimiter=";" if is_german else ",",
            has_bom=True,
            decimal="," if is_german else ".",
        )
        for table in paper.tables
    }


def frame_table(
    table: PaperTable, language: Language, *, has_shares_as_percent: bool = True
) -> pd.DataFrame:
    """Return a table with raw values under headings with units; an interval takes two columns."""
    columns: dict[str, list[Any]] = {}
    for _, key, heading in _columns(table, language, has_shares_as_percent=has_shares_as_percent):
        columns[heading] = [raw_cell(row.get(key), language) for row in table.rows]
    return pd.DataFrame(
        {heading: pd.Series(cells, dtype=object) for heading, cells in columns.items()}
    )


def _columns(
    table: PaperTable, language: Language, *, has_shares_as_percent: bool
) -> Iterator[tuple[Column, str, str]]:
    for column in table.columns:
        heading = head_column(table, column, language, has_shares_as_percent=has_shares_as_percent)
        if not column.low:
            yield column, column.key, heading
            continue
        for key, word in ((column.low, LOW), (column.high, HIGH)):
            of = "" if column.key == "interval" else f" ({column.key})"
            yield column, key, f"{heading}{of} {word.in_language(language)}"

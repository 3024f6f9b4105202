"""Office formats of a paper: text document, workbook and CSV."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import docx
import pandas as pd
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from welcomemap.files import unzip_parts, zip_parts
from welcomemap.report.document import Block, Cell
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import find_timestamp
from welcomemap.report.tables import (
    NUMBER_FORMATS,
    Column,
    PaperTable,
    head_column,
    print_plain,
    raw_cell,
)
from welcomemap.tabular import make_csv, make_xlsx
from welcomemap.wording import UNKNOWN, Language, say

LANGUAGES = {"de": "de-DE", "en": "en-GB"}
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
TEXT_MM = 170
LISTS = {"numbered": "List Number", "bullets": "List Bullet"}


def make_document(paper: Paper) -> Mapping[str, bytes]:
    """Return the paper as DOCX; the same paper gives the same bytes."""
    document = docx.Document()
    _set_up(document, paper)
    document.add_heading(_clean(paper.text.title), level=1)
    for block in paper.text.blocks:
        _add(document, block, paper)
    buffer = BytesIO()
    document.save(buffer)
    return {"": zip_parts(unzip_parts(buffer.getvalue()))}


def _set_up(document: Any, paper: Paper) -> None:
    moment = dt.datetime.fromtimestamp(
        find_timestamp(paper.study.request, paper.study.pack), dt.UTC
    )
    properties = document.core_properties
    properties.title, properties.author = _clean(paper.text.title)[:255], "welcomemap"
    properties.comments, properties.language = "", LANGUAGES[paper.language]
    properties.created = properties.modified = moment.replace(tzinfo=None)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Calibri", Pt(10.5)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), LANGUAGES[paper.language])
    style.element.get_or_add_rPr().append(language)


def _add(document: Any, block: Block, paper: Paper) -> None:
    if block.kind == "heading":
        document.add_heading(_clean(block.text), level=block.level)
    elif block.kind in ("question", "paragraph"):
        document.add_paragraph(_word(Cell(block.text, block.marks)))
    elif block.kind in LISTS:
        for row in block.rows:
            document.add_paragraph(_word(row[0]), style=LISTS[block.kind])
    elif block.kind == "terms":
        for term, meaning in block.rows:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{_clean(term.text)}: ").bold = True
            paragraph.add_run(_clean(meaning.text))
    elif block.kind == "table":
        _add_table(document, block)
    elif block.kind == "map":
        _add_map(document, block, paper)


def _add_table(document: Any, block: Block) -> None:
    document.add_paragraph(_clean(block.text), style="Caption")
    table = document.add_table(rows=1, cols=len(block.head), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, block.head, strict=True):
        cell.paragraphs[0].add_run(_word(head)).bold = True
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in block.rows:
        for cell, shown in zip(table.add_row().cells, row, strict=True):
            cell.text = _word(shown)
    if block.note:
        document.add_paragraph(_clean(block.note))


def _add_map(document: Any, block: Block, paper: Paper) -> None:
    if block.map is None:
        return
    if block.is_large:
        _open_large_page(document)
        document.add_heading(_clean(block.text), level=2)
    document.add_paragraph(_clean(block.map.title), style="Caption")
    _, png = paper.pictures[block.map.key]
    width = {"height": Mm(225)} if block.is_large else {"width": Mm(TEXT_MM)}
    document.add_picture(BytesIO(png), **width)
    document.add_paragraph(_clean(block.map.remark))
    picture = document.inline_shapes[-1]._inline.docPr
    picture.set("descr", _clean(block.map.alt))
    picture.set("title", _clean(block.map.title))


def _open_large_page(document: Any) -> None:
    section = document.add_section()
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(420), Mm(297)


def _word(cell: Cell) -> str:
    marks = f" [{', '.join(cell.marks)}]" if cell.marks else ""
    return f"{_clean(cell.text)}{marks}"


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


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
    return {"": make_xlsx(sheets, number_formats=formats)}


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
    for column, key, heading in _columns(
        table, language, has_shares_as_percent=has_shares_as_percent
    ):
        columns[heading] = [_cell(column, key, row, language) for row in table.rows]
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


def _cell(column: Column, key: str, row: Mapping[str, Any], language: Language) -> Any:
    if not column.low:
        return raw_cell(column, row, language)
    value = row.get(key)
    return (
        UNKNOWN.in_language(language)
        if value is None
        else value
        if isinstance(value, int | float)
        else print_plain(value, language)
    )

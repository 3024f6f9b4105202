"""A paper as a text document for word processors (DOCX)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from welcomemap.extras import require_extra
from welcomemap.files import unzip_parts, zip_parts
from welcomemap.report.document import Block, Cell
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import find_timestamp

require_extra("paper", by=__name__)

import docx  # noqa: E402 - what the extra brings
from docx.enum.section import WD_ORIENT  # noqa: E402 - as above
from docx.oxml import OxmlElement  # noqa: E402 - as above
from docx.oxml.ns import qn  # noqa: E402 - as above
from docx.shared import Mm, Pt  # noqa: E402 - as above

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
        document.add_heading(_clean(block.text), level=2)
    elif block.kind in ("question", "paragraph"):
        document.add_paragraph(_clean(block.text))
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

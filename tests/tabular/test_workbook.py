"""Workbooks: what a cell becomes, and what is refused before it costs time or memory."""

from __future__ import annotations

import datetime as dt
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from welcomemap.errors import (
    EmptyTableError,
    FormulaWarning,
    HeaderError,
    RaggedRowError,
    TableFormatError,
    TooLargeError,
    WelcomemapError,
    WorksheetWarning,
)
from welcomemap.tabular import Bounds, read_table, write_xlsx


def build_workbook(*rows: list[object], sheets: int = 1) -> bytes:
    workbook = openpyxl.Workbook()
    worksheet = workbook.active
    for row in rows:
        worksheet.append(row)
    for _ in range(sheets - 1):
        workbook.create_sheet()
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def replace_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            body = source.read(part)
            target.writestr(part.filename, change(body) if part.filename == name else body)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_become_the_text_a_person_sees() -> None:
    content = build_workbook(
        ["id", "plz", "share", "day", "time", "yes", "empty"],
        ["01", 40227, 0.25, dt.date(2019, 3, 1), dt.datetime(2019, 3, 1, 9, 30), True, None],
        ["02", 40227.0, 1e-7, dt.date(2020, 2, 29), None, False, None],
    )
    sheet = read_table(content, name="x.xlsx")
    assert sheet.frame.to_numpy().tolist() == [
        ["01", "40227", "0.25", "2019-03-01", "2019-03-01 09:30:00", "TRUE", ""],
        ["02", "40227", "1e-07", "2020-02-29", "", "FALSE", ""],
    ]
    assert sheet.delimiter is None
    assert sheet.encoding is None
    assert sheet.warnings == ()


def test_blank_rows_inside_stay_and_those_at_the_end_go() -> None:
    content = build_workbook(["id", "name"], ["1", "a"], [None], ["3", "c"], [None, None])
    assert read_table(content).frame["id"].tolist() == ["1", "", "3"]


def test_second_worksheet_and_formulas_are_told() -> None:
    content = build_workbook(["id", "sum"], ["1", "=1+1"], sheets=2)
    kinds = {type(w) for w in read_table(content, name="x.xlsx").warnings}
    assert kinds == {WorksheetWarning, FormulaWarning}


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([["id", "name"]], EmptyTableError),
        ([["id", "id"], ["1", "2"]], HeaderError),
        ([["id", None, "x"], ["1", "2", "3"]], HeaderError),
        ([["id", "name"], ["1", "a", "too much"]], RaggedRowError),
    ],
)
def test_faulty_tables(rows: list[list[object]], error: type[WelcomemapError]) -> None:
    with pytest.raises(error, match=r"x\.xlsx"):
        read_table(build_workbook(*rows), name="x.xlsx")


def test_zip_that_is_no_workbook_and_cut_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(TableFormatError, match="not an XLSX"):
        read_table(buffer.getvalue())
    good = build_workbook(["id"], ["1"])
    for cut in (30, len(good) // 2, len(good) - 10):
        with pytest.raises(TableFormatError, match="damaged"):
            read_table(good[:cut])


def _rows_xml(rows: bytes) -> Callable[[bytes], bytes]:
    def change(body: bytes) -> bytes:
        start = body.index(b"<sheetData>")
        end = body.index(b"</sheetData>")
        return body[: start + len(b"<sheetData>")] + rows + body[end:]

    return change


HEADER_ROW = b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
BOMBS = {
    "zeros": lambda good: replace_part(good, SHEET, lambda body: body + b" " * 200_000_000),
    "one huge row": lambda good: replace_part(
        good, SHEET, _rows_xml(HEADER_ROW + b'<row r="2">' + b"<c/>" * 5_000_000 + b"</row>")
    ),
    "far row": lambda good: replace_part(
        good,
        SHEET,
        _rows_xml(HEADER_ROW + b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>'),
    ),
    "wide rows": lambda good: replace_part(
        good,
        SHEET,
        _rows_xml(
            HEADER_ROW
            + b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (i, i) for i in range(2, 200_000))
        ),
    ),
    "huge styles": lambda good: replace_part(
        good, "xl/styles.xml", lambda body: body + b" " * 9_000_000
    ),
    "many parts": lambda good: _add_parts(good, 2_000),
}


def _add_parts(content: bytes, n: int) -> bytes:
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        for i in range(n):
            archive.writestr(f"xl/media/{i}.png", b"")
    return buffer.getvalue()


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_refused_in_little_memory(kind: str) -> None:
    content = BOMBS[kind](build_workbook(["id"], ["1"]))
    assert len(content) < 10_000_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            read_table(content, name="bomb.xlsx")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


def test_entity_bomb_is_refused() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    content = replace_part(
        build_workbook(["id"], ["1"]),
        SHEET,
        lambda body: body.replace(b"<worksheet", entity + b"<worksheet", 1),
    )
    with pytest.raises(TableFormatError, match="entities"):
        read_table(content)


def test_claimed_dimension_is_not_believed() -> None:
    content = replace_part(
        build_workbook(["id"], ["1"]),
        SHEET,
        lambda body: body.replace(b'<dimension ref="A1:A2"', b'<dimension ref="A1:XFD1048576"'),
    )
    assert read_table(content).frame["id"].tolist() == ["1"]


def test_bounds_on_rows_hold_for_workbooks() -> None:
    content = build_workbook(["id"], *[[i] for i in range(5)])
    with pytest.raises(TooLargeError, match="too many rows"):
        read_table(content, bounds=Bounds(max_rows=4))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_workbooks_give_a_table_or_a_named_error(data: st.DataObject) -> None:
    good = build_workbook(["id", "name"], ["1", "a"], ["2", "b"])
    part = data.draw(
        st.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
    )

    def damage(body: bytes) -> bytes:
        position = data.draw(st.integers(0, len(body) - 1))
        return body[:position] + data.draw(st.binary(max_size=4)) + body[position + 2 :]

    try:
        sheet = read_table(replace_part(good, part, damage))
    except WelcomemapError as error:
        assert str(error)
    else:
        assert len(sheet.frame) >= 1


def test_written_workbook_is_read_again(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["01", "2"], "Straße": ["Kölner Straße", ""]}, dtype=str)
    write_xlsx(frame, tmp_path / "t.xlsx")
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.xlsx").frame, frame)

"""No text leaves as a formula, whichever file it is written to, and each comes back as it was."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from welcomemap.tabular import make_csv, make_xlsx, read_table

STARTS = "=+-@\t\r\n＝＋－＠"
"""What spreadsheet programs take for the start of a formula, see OWASP's page on CSV injection."""

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
formulas = st.builds(lambda start, rest: start + rest, st.sampled_from(STARTS), texts)
odd = st.sampled_from(
    ["=cmd|' /C calc'!A0", "-3.5", "+49 211", "'", "''=1", "'-3.5", "_x0041_", "_x000D_", "a\r\nb",
     "a\rb", 'a"b', "a;b,c|d", "#REF!", "#N/A"]
)  # fmt: skip
cells = st.one_of(texts, formulas, odd, st.builds(lambda text: "'" + text, formulas))
Writer = Callable[[pd.DataFrame], bytes]
WRITERS: dict[str, Writer] = {
    "csv": make_csv,
    "csv for Excel": lambda frame: make_csv(frame, delimiter=";", has_bom=True, decimal=","),
    "csv with tabs": lambda frame: make_csv(frame, delimiter="\t"),
    "xlsx": lambda frame: make_xlsx({"Tabelle1": frame}),
}


def frame_of(values: list[str]) -> pd.DataFrame:
    ids = [str(number) for number in range(1, len(values) + 1)]
    return pd.DataFrame({"id": ids, "text": values, "n": ids}, dtype=str)


def list_cells(content: bytes) -> Iterator[str]:
    """Yield the texts of a file as a spreadsheet program takes them, and no formula."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert b"<f" not in archive.read("xl/worksheets/sheet1.xml").replace(b"<footer", b"")
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "inlineStr"}
                yield "" if cell.value is None else str(cell.value)
        return
    text = content.decode("utf-8-sig")
    delimiter = next(sign for sign in ",;\t" if f"id{sign}text" in text)
    for cells_of_row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield from cells_of_row


def is_number(text: str) -> bool:
    sign, digits = text[:1], text[1:].replace(",", ".", 1)
    return sign in "+-" and digits.replace(".", "", 1).isdecimal() and digits.isascii()


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=60)
@given(values=st.lists(cells, min_size=1, max_size=5))
@example(values=["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_leaves_as_a_formula(kind: str, values: list[str]) -> None:
    content = WRITERS[kind](frame_of(values))
    for text in list_cells(content):
        assert not text.startswith(tuple(STARTS)) or is_number(text)


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=60)
@given(values=st.lists(cells, min_size=1, max_size=5))
def test_what_was_read_is_written_and_read_again_as_it_was(kind: str, values: list[str]) -> None:
    frame = read_table(WRITERS[kind](frame_of([*values, "x"]))).frame
    again = read_table(WRITERS[kind](frame)).frame
    pd.testing.assert_frame_equal(again, frame)


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=60)
@given(values=st.lists(st.one_of(texts, formulas), min_size=1, max_size=5))
def test_what_a_person_typed_comes_back(kind: str, values: list[str]) -> None:
    """But for line ends in a workbook, which XML makes alike."""
    if kind == "xlsx":
        values = [value.replace("\r\n", "\n").replace("\r", "\n") for value in values]
    values = [value for value in values if not value.startswith("'")] + ["x"]
    assert read_table(WRITERS[kind](frame_of(values))).frame["text"].tolist() == values


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ["=1+1", "@x", "-a", "+49"])
def test_a_name_of_a_column_is_no_formula_and_comes_back(kind: str, name: str) -> None:
    content = WRITERS[kind](frame_of(["x"]).rename(columns={"n": name}))
    assert not any(text.startswith(("=", "@", "-a")) for text in list_cells(content))
    assert list(read_table(content).frame.columns) == ["id", "text", name]

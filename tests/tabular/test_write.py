"""Tables out: no live formula, the same bytes twice, whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from welcomemap.errors import OutputError
from welcomemap.tabular import neutralise_formula, write_csv, write_xlsx
from welcomemap.tabular.write import ERROR_CODES, NOT_IN_XML, restore_formula

FRAME = pd.DataFrame(
    {
        "id": ["1", "2"],
        "note": ['=HYPERLINK("http://x","y")', "@SUM(A1)"],
        "lat": [51.2, float("nan")],
        "n": [3, 4],
    }
)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_starts_of_formulas_are_neutralised(start: str) -> None:
    assert neutralise_formula(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "-3.5", "+49", "-1,25", "a=1", "Nr. -1", "6-8"])
def test_plain_texts_and_numbers_stay(text: str) -> None:
    assert neutralise_formula(text) == text


@given(st.text() | st.text("'=-+@x1.").map(lambda text: f"'{text}"))
def test_neutralising_makes_no_formula_and_every_text_comes_back(text: str) -> None:
    safe = neutralise_formula(text)
    assert restore_formula(safe) == text
    assert safe == text or safe == f"'{text}"
    assert not re.match(r"[=@\t\r\n＝＋－＠]|[+-](?!\d{1,15}([.,]\d{1,15})?$)", safe)


def test_csv_for_programs(tmp_path: Path) -> None:
    written = write_csv(FRAME, tmp_path / "t.csv")
    expected = 'id,note,lat,n\n1,"\'=HYPERLINK(""http://x"",""y"")",51.2,3\n2,\'@SUM(A1),,4\n'
    assert (tmp_path / "t.csv").read_bytes() == expected.encode()
    assert written.bytes == len(expected)


def test_csv_for_excel_in_german(tmp_path: Path) -> None:
    write_csv(FRAME[["id", "lat"]], tmp_path / "t.csv", delimiter=";", has_bom=True, decimal=",")
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbfid;lat\r\n1;51,2\r\n2;\r\n"


def test_workbook_has_no_formula_and_the_same_bytes_twice(tmp_path: Path) -> None:
    first = write_xlsx(FRAME, tmp_path / "a.xlsx")
    second = write_xlsx(FRAME, tmp_path / "b.xlsx")
    assert first.sha256 == second.sha256
    worksheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    cells = [cell for row in worksheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert worksheet["B2"].value == '\'=HYPERLINK("http://x","y")'
    assert worksheet["C2"].value == 51.2
    assert worksheet["C3"].value is None


def test_characters_xml_cannot_hold_become_a_replacement(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x\x00y\ud800z\uffff"]}, dtype=object)
    write_xlsx(frame, tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").active["A2"].value == "x\ufffdy\ufffdz\ufffd"


def test_nothing_is_left_when_the_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_csv(FRAME, tmp_path / "none" / "t.csv")
    assert list(tmp_path.iterdir()) == []


def test_errors_and_forbidden_signs_are_those_that_openpyxl_knows() -> None:
    signs = [chr(code) for code in range(0x100)]
    assert [s for s in signs if NOT_IN_XML.search(s)] == [
        s for s in signs if ILLEGAL_CHARACTERS_RE.search(s)
    ]
    assert set(ERROR_CODES) == set(openpyxl.cell.cell.ERROR_CODES)

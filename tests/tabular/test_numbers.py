"""A number in a table is what a person writes as one, not what a program takes for one."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from welcomemap.cli import run
from welcomemap.errors import ColumnValueError
from welcomemap.siting.matrix_files import read_costs
from welcomemap.tabular import read_number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_as_a_number_is_read(number: float) -> None:
    assert read_number(repr(number)) == number


@pytest.mark.parametrize(
    "text",
    ["1_000", "_1", "1__0", "1_0.5", "nan", "inf", "Infinity", "", " ", " 1", "1 ", "0x10", "1e",
     "e5", ".", "+", "1,5", "\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}2", "1e5000",
     "9" * 500, "1\n", "½"],
)  # fmt: skip
def test_what_only_a_program_takes_for_a_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        read_number(text)


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_or_none(text: str) -> None:
    try:
        number = read_number(text)
    except ValueError:
        return
    assert math.isfinite(number) or "e" in text.lower()


@pytest.mark.parametrize("cell", ["1_000", "\N{FULLWIDTH DIGIT ONE}", "1_0", "nan"])
def test_a_matrix_takes_no_such_number(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "costs.csv"
    path.write_text(f"demand,a,b\nx,1,{cell}\n", "utf-8")
    with pytest.raises(ColumnValueError, match="is not a number"):
        read_costs(path)


def test_an_option_takes_no_such_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["coverage", "--threshold", "1_000m"]) == 2
    assert "1_000m" in capsys.readouterr().err

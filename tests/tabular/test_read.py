"""Tables as people make them: what is read, what is warned about, what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from welcomemap.errors import (
    ControlCharacterError,
    DelimiterWarning,
    EmptyTableError,
    EncodingError,
    HeaderError,
    QuotationMarkError,
    RaggedRowError,
    TableError,
    TableFormatError,
    TextEncodingWarning,
    TooLargeError,
    WelcomemapError,
)
from welcomemap.tabular import Bounds, read_table, write_csv

ROWS = [["1", "Kölner Straße 267"], ["2", "Straße, lang; „quer“ | 3"]]


def build_csv(delimiter: str) -> str:
    frame = pd.DataFrame(ROWS, columns=["id", "Adresse"])
    return frame.to_csv(sep=delimiter, index=False)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found(delimiter: str) -> None:
    sheet = read_table(build_csv(delimiter).encode(), name="list.csv")
    assert sheet.delimiter == delimiter
    assert sheet.frame.to_numpy().tolist() == ROWS
    assert list(sheet.frame.columns) == ["id", "Adresse"]
    kinds = [type(warning) for warning in sheet.warnings]
    assert kinds == ([] if delimiter == "," else [DelimiterWarning])


@pytest.mark.parametrize(
    ("python_name", "found", "is_warned"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8-sig", True),
        ("utf-16", "utf-16", True),
        ("cp1252", "windows-1252", True),
    ],
)
def test_each_encoding_is_found(python_name: str, found: str, is_warned: bool) -> None:
    sheet = read_table(build_csv(",").encode(python_name), name="list.csv")
    assert sheet.encoding == found
    assert sheet.frame.to_numpy().tolist() == ROWS
    assert list(sheet.frame.columns) == ["id", "Adresse"]
    assert [type(w) for w in sheet.warnings] == ([TextEncodingWarning] if is_warned else [])
    if is_warned:
        assert "list.csv" in str(sheet.warnings[0])
        assert "UTF-8" in str(sheet.warnings[0])


@pytest.mark.parametrize("byte_order", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_is_found(byte_order: str) -> None:
    sheet = read_table(build_csv(";").encode(byte_order))
    assert sheet.frame.to_numpy().tolist() == ROWS


def test_windows_1252_and_semicolon_from_excel_give_both_warnings() -> None:
    content = build_csv(";").replace("\n", "\r\n").encode("cp1252")
    sheet = read_table(content, name="excel.csv")
    assert {type(w) for w in sheet.warnings} == {TextEncodingWarning, DelimiterWarning}
    assert sheet.frame.to_numpy().tolist() == ROWS


def test_broken_utf8_is_not_taken_for_windows_1252() -> None:
    good = "id,name\n1,Düsseldorf\n2,Köln\n3,Grüße\n".encode()
    with pytest.raises(EncodingError, match="row 4"):
        read_table(good + b"4,M\xff\n", name="x.csv")


def test_byte_that_windows_1252_lacks_is_refused() -> None:
    with pytest.raises(EncodingError, match=r"0x81.*x\.csv, row 2"):
        read_table(b"id,name\n1,a\n2,\x81\n", name="x.csv")


def test_hint_of_excel_is_followed_and_is_no_row() -> None:
    sheet = read_table(b"sep=;\r\nid;a,b,c\r\n1;2\r\n")
    assert sheet.delimiter == ";"
    assert sheet.frame.to_dict("list") == {"id": ["1"], "a,b,c": ["2"]}


def test_one_column_of_addresses_with_commas_stays_one_column() -> None:
    sheet = read_table("Adresse\nKölner Straße 1, 40227 Düsseldorf\n\nAm Markt 2\n".encode())
    assert sheet.delimiter is None
    assert sheet.frame["Adresse"].tolist() == [
        "Kölner Straße 1, 40227 Düsseldorf",
        "",
        "Am Markt 2",
    ]


def test_multi_line_cells_and_blank_rows_keep_order() -> None:
    sheet = read_table(b'id,note\n1,"two\nlines"\n,\n3,c\n\n\n')
    assert sheet.frame.to_numpy().tolist() == [["1", "two\nlines"], ["", ""], ["3", "c"]]


def test_nameless_empty_column_of_excel_goes_without_loss() -> None:
    sheet = read_table(b"id;name;\n1;a;\n2;b;\n")
    assert list(sheet.frame.columns) == ["id", "name"]


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", EmptyTableError, "empty"),
        (b" \r\n ", EmptyTableError, "empty"),
        (b"\xef\xbb\xbf", EmptyTableError, "empty"),
        (b"id,name\n", EmptyTableError, "no rows"),
        (b"id,name\n,\n", EmptyTableError, "no rows"),
        (b"id,name\n1,a\n2,b,c\n", RaggedRowError, r"row: 3, .* 2 \(x\.csv, row 2\)"),
        (b"id,name\n1,a\n2\n", RaggedRowError, r"row: 1, .* 2 \(x\.csv, row 2\)"),
        (b"id,id\n1,a\n", HeaderError, r"twice .* id"),
        (b"id,\n1,a\n", HeaderError, r"column 2 has values"),
        (b",\n1,a\n", HeaderError, "names no column"),
        (b'id,name\n1,"a\n2,b\n', QuotationMarkError, r"row 1"),
        (b'id,name\n1,a\n2,"b" c\n', QuotationMarkError, r"row 2"),
        (b"id,name\n1,a\x00b\n", ControlCharacterError, r"U\+0000 \(x\.csv, row 1, column name"),
        (b"id,na\x07me\n1,a\n", ControlCharacterError, r"U\+0007 \(x\.csv, column header"),
        (b"%PDF-1.7\n", TableFormatError, "PDF"),
        (b"\xd0\xcf\x11\xe0 old", TableFormatError, "password"),
    ],
)
def test_each_fault_has_its_own_error_that_says_where(
    content: bytes, error: type[WelcomemapError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        read_table(content, name="x.csv")
    assert "x.csv" in str(caught.value)
    assert caught.value.how


def test_ten_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"id,name\n" + b"1,a\n" * 2_500_000)
    with pytest.raises(TooLargeError, match=r"less than 10 MB \(large\.csv\)"):
        read_table(path)
    with pytest.raises(TooLargeError, match="10 MB"):
        read_table(path.read_bytes(), name="large.csv")


def test_bounds_on_rows_columns_and_cells() -> None:
    small = Bounds(max_rows=3, max_columns=2, max_cell_characters=10)
    with pytest.raises(TooLargeError, match=r"too many rows.*row 4"):
        read_table(b"a,b\n" + b"1,2\n" * 4, bounds=small)
    with pytest.raises(TooLargeError, match="too many columns"):
        read_table(b"a,b,c\n1,2,3\n", bounds=small)
    with pytest.raises(TooLargeError, match=r"cell is too long.*row 1, column b"):
        read_table(b"a,b\n1,12345678901\n", bounds=small)
    assert len(read_table(b"a,b\n" + b"1,2\n" * 3, bounds=small).frame) == 3


def test_one_string_of_nearly_ten_megabytes_is_refused() -> None:
    with pytest.raises(TooLargeError, match="cell is too long"):
        read_table(b"id,name\n1," + b"x" * 9_900_000, name="x.csv")


def test_missing_file_folder_and_impossible_path(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, "nul\x00.csv"):
        with pytest.raises(TableError, match="cannot be read"):
            read_table(path)


def test_unclosed_quotation_mark_in_a_large_file_ends_soon() -> None:
    content = b'id,name\n1,"a\n' + b"2,b\n" * 2_000_000
    with pytest.raises((QuotationMarkError, TooLargeError)):
        read_table(content)


cells = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff\ufffe\uffff"),
    max_size=12,
).filter(lambda text: not text.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(cells, cells, cells.filter(bool)), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    has_bom: bool,
) -> None:
    frame = pd.DataFrame(rows, columns=["id", "Straße", "c"], dtype=str)
    path = tmp_path_factory.mktemp("round") / "t.csv"
    write_csv(frame, path, delimiter=delimiter, has_bom=has_bom)
    sheet = read_table(path)
    assert sheet.delimiter == delimiter
    pd.testing.assert_frame_equal(sheet.frame, frame)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
    )
)
def test_any_bytes_give_a_table_or_a_named_error(content: bytes) -> None:
    try:
        sheet = read_table(content, name="any.csv")
    except WelcomemapError as error:
        assert str(error)
    else:
        assert len(sheet.frame) >= 1
        assert sheet.frame.map(lambda cell: isinstance(cell, str)).all(axis=None)


def test_reading_agrees_with_pandas_on_a_plain_table() -> None:
    text = "a,b,c\n" + "".join(f"{i},x{i},{i * 0.5}\n" for i in range(500))
    expected = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(read_table(text.encode()).frame, expected)

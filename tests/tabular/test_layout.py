"""Title rows, headers in two rows and cover sheets, as offices make them; and no data lost."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from welcomemap.errors import (
    HeaderError,
    HeaderRowWarning,
    RaggedRowError,
    TableError,
    WorksheetWarning,
)
from welcomemap.geocoding.batch import geocode_file
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.region.pack import RegionPack
from welcomemap.tabular import Sheet, read_table

CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "geocoding" / "tables"
NAMES = ["Einrichtung", "Straße", "Nr.", "PLZ", "Ort"]
DATA = [
    ["KiTa Sonne", "Heinz-Schmöle-Straße", "7", "40227", "Düsseldorf"],
    ["", "", "", "", ""],
    ["Schule", "Steinkaul", "27", "40589", "Düsseldorf"],
]


def make_book(**sheets: list[list[str | None]]) -> bytes:
    workbook = openpyxl.Workbook()
    del workbook["Sheet"]
    for title, rows in sheets.items():
        worksheet = workbook.create_sheet(title)
        for row in rows:
            worksheet.append(row)
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def make_csv(rows: list[list[str]], delimiter: str = ";") -> bytes:
    return "\n".join(delimiter.join(row) for row in rows).encode()


def told(sheet: Sheet) -> list[str]:
    return [str(w) for w in sheet.warnings if isinstance(w, HeaderRowWarning)]


TITLES = [
    [["Liste der Beratungsstellen"]],
    [["Liste 2026"], []],
    [["Liste 2026"], [], ["Stand: 01.02.2026"], []],
    [[], []],
    [["Stand:", "01.02.2026"], ["Amt 50"]],
]


@pytest.mark.parametrize("titles", TITLES)
def test_a_header_below_titles_is_found_and_said(titles: list[list[str]]) -> None:
    rows = [*titles, NAMES, *DATA]
    padded = [row + [""] * (5 - len(row)) for row in rows]
    n = len(titles)
    for content in (make_csv(rows), make_csv(padded), make_book(a=rows), make_csv(padded, ",")):
        sheet = read_table(content, name="t")
        assert list(sheet.frame.columns) == NAMES
        assert sheet.frame.to_numpy().tolist() == DATA
        (warning,) = told(sheet)
        assert f"found in row {n + 1} of the file" in warning
        assert f"row 1 is row {n + 2} of the file" in warning
        assert all(cell in warning for row in titles for cell in row)


def test_two_rows_of_names_are_joined() -> None:
    upper = ["Einrichtung", "Anschrift", "", "", "", "Kontakt", ""]
    lower = ["", "Straße", "Nr.", "PLZ", "Ort", "Telefon", "Mail"]
    data = ["KiTa", "Steinkaul", "27", "40589", "Düsseldorf", "0211", "x"]
    for titles in ([], [["Liste 2026"], []]):
        rows = [*titles, upper, lower, data]
        padded = [row + [""] * (7 - len(row)) for row in rows]
        for content in (make_csv(padded), make_book(a=rows)):
            sheet = read_table(content, name="t")
            assert list(sheet.frame.columns) == ["Einrichtung", *lower[1:]]
            assert sheet.frame.to_numpy().tolist() == [data]
            assert "Anschrift" in told(sheet)[0]


def test_doubled_names_take_their_group() -> None:
    rows = [
        ["Name", "Büro", "", "Lager", ""], ["", "Straße", "Ort", "Straße", "Ort"],
        ["x", "Am Wehr 1", "Dorf", "Wehr 3", "Dorf"],
    ]  # fmt: skip
    frame = read_table(make_book(a=rows)).frame
    assert list(frame.columns) == [
        "Name", "Straße (Büro)", "Ort (Büro)", "Straße (Lager)", "Ort (Lager)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        # A header with a gap or a doubled name, and rows that might be taken for a better one.
        [["Name", "Straße", "", "Ort"], ["Schule", "Weg", "a", "Dorf"], ["x", "y", "z", "u"]],
        [["Name", "Straße", "", "Ort", "PLZ"], ["Schule", "", "a", "Dorf", ""],
         ["x", "y", "z", "u", "v"]],
        [["x", "x", "y"], ["Schule", "Weg", "Dorf"], ["Amt", "Tor", "Dorf"]],
        [["Büro", "", "", ""], ["Amt", "Weg", "4a", "Dorf"], ["Amt", "Weg", "4b", "Dorf"]],
        [["Name", ""], ["Schule", "Weg"], ["Amt", "Tor"]],
        [["Name", "", ""], ["Schule", "Weg", "Dorf"], ["Amt", "Tor", "Dorf"]],
        [["Name", ""], ["Schule", "Weg 4"], ["Amt", "Tor 5"]],
    ],
)  # fmt: skip
def test_no_row_that_may_be_data_becomes_a_header(rows: list[list[str]]) -> None:
    for content in (make_csv(rows), make_book(a=rows)):
        with pytest.raises((HeaderError, RaggedRowError)):
            read_table(content)


words = st.text(alphabet="abcäß 1,;", min_size=1, max_size=6)


@given(st.lists(st.lists(words, min_size=3, max_size=3), min_size=1, max_size=6))
def test_a_table_with_a_header_is_never_moved(rows: list[list[str]]) -> None:
    rows = [[f"x{cell}" for cell in row] for row in rows]
    sheet = read_table(make_book(a=[["id", "b 1", "2026"], *rows]))
    assert sheet.frame.to_numpy().tolist() == rows
    assert sheet.warnings == ()


@given(st.lists(st.lists(st.sampled_from(["", "a", "b 2", "3", "c"]), min_size=3, max_size=3),
                min_size=2, max_size=7))  # fmt: skip
def test_each_cell_is_in_the_table_or_said(rows: list[list[str]]) -> None:
    try:
        sheet = read_table(make_book(a=[[cell or None for cell in row] for row in rows]))
    except TableError:
        return
    kept = [cell for row in sheet.frame.to_numpy().tolist() for cell in row if cell]
    said = " ".join([*map(str, sheet.frame.columns), *told(sheet)])
    given_cells = [cell for row in rows for cell in row if cell]
    assert len(kept) >= len(given_cells) - sum(
        bool(cell) for row in rows[: len(rows) - len(sheet.frame)] for cell in row
    )
    assert all(cell in kept or cell in said for cell in given_cells)


def test_a_column_of_sentences_is_not_split() -> None:
    text = "Adresse\nDüsseldorf, Bilk, Ost\nDüsseldorf, Rath, West\n"
    assert read_table(text.encode()).frame["Adresse"].tolist() == text.split("\n")[1:3]


@pytest.mark.parametrize(
    "cover", [[["Bericht"]], [["Bericht"], ["Amt 50"]], [["Stand:", "01.02.2026"]], [[]]]
)
def test_the_sheet_with_the_table_is_read(cover: list[list[str | None]]) -> None:
    sheet = read_table(make_book(Deckblatt=cover, Adressen=[NAMES, *DATA]), name="t")
    assert list(sheet.frame.columns) == NAMES
    assert sheet.frame.to_numpy().tolist() == DATA
    (warning,) = sheet.warnings
    assert isinstance(warning, WorksheetWarning)
    assert "only Adressen was read" in str(warning)


def test_the_first_of_two_tables_is_read() -> None:
    book = make_book(a=[NAMES, *DATA], b=[["x", "y"], ["1", "2"]])
    assert list(read_table(book).frame.columns) == NAMES


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder of shared cases is not there")
@pytest.mark.parametrize("file", ["sheets.xlsx", "title_rows.xlsx", "two_headers.xlsx"])
def test_tables_that_were_refused(default_pack: RegionPack, tmp_path: Path, file: str) -> None:
    geocoder = Geocoder(Gazetteer.from_pack(default_pack))
    out = tmp_path / "out.csv"
    done = geocode_file(CASES / file, out, geocoder, default_pack.crs, progress=False)
    frame = read_table(out).frame
    assert frame.iloc[:, 0].tolist() == [
        "KiTa Sonne", "Amt 50", "Schule", "Büro", "Haus A", "Haus B",
    ]  # fmt: skip
    assert frame["outcome"].tolist()[:3] == ["exact"] * 3
    assert frame["outcome"].isin(["not_found", "outside", "ambiguous"]).sum() == 0
    assert len(done.warnings) == 1

"""A workbook made to do harm, or damaged anywhere, is a table or one named error, and soon."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest

from welcomemap.errors import InputError, TableFormatError, TooLargeError
from welcomemap.tabular import read_table

CASES = Path(__file__).parents[3] / "shared" / "cases" / "security"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'


def make_workbook(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a small workbook as a spreadsheet program saves it."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (("id", "address", "n"), (1, "Hauptstraße 2", 2.5), (2, "Markt 3", "x")):
        sheet.append(row)
    plain = io.BytesIO()
    workbook.save(plain)
    again = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(again, "w", method) as target:
        for part in source.namelist():
            target.writestr(part, source.read(part))
    return again.getvalue()


def with_part(name: str, content: str) -> bytes:
    """Return the small workbook with one part added or replaced."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_workbook())) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return made.getvalue()


def with_rows(rows: str) -> bytes:
    return with_part(
        "xl/worksheets/sheet1.xml",
        f"<worksheet {MAIN}><sheetData>{HEAD}{rows}</sheetData></worksheet>",
    )


def test_the_workbook_of_these_tests_is_a_table() -> None:
    frame = read_table(make_workbook()).frame
    assert frame["address"].tolist() == ["Hauptstraße 2", "Markt 3"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2,
                                    zipfile.ZIP_LZMA])  # fmt: skip
def test_damage_at_any_place_is_one_named_error(method: int) -> None:
    """Bits flipped, bytes cut off or doubled; seeded, so that a failure can be seen again."""
    whole = make_workbook(method)
    chance = random.Random(method)  # noqa: S311 - seeded on purpose
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 1, 4, 20))):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        if chance.random() < 0.1:
            content += content[: chance.randrange(len(content) + 1)]
        try:
            read_table(bytes(content))
        except InputError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ("<row/>" * 10_000_000, "empty ones too"),
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "empty ones too"),
        ("<row>" + "<c><v>1</v></c>" * 2_000_000 + "</row>", "larger than|more than"),
        ("<row>" + "<c/>" * 256 + "</row>" + "<row><c/></row>" * 1_100_000, "too many rows"),
        ('<row r="2"><c r="XFD2"><v>1</v></c></row>', "too many columns"),
    ],
)
def test_a_worksheet_with_more_than_fits_is_refused_before_it_is_read(
    rows: str, error: str
) -> None:
    with pytest.raises(TooLargeError, match=error):
        read_table(with_rows(rows))


def test_texts_without_number_are_refused_before_they_are_read() -> None:
    content = with_part("xl/sharedStrings.xml", f"<sst {MAIN}>{'<si/>' * 3_000_000}</sst>")
    with pytest.raises(TooLargeError, match="more than"):
        read_table(content)


@pytest.mark.parametrize(
    "rows",
    ["<a>" * 200_000, '<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>', '<row r="-5"/>',
     '<row r="9999999999999999999999"/>', '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
     '<row r="2"><c r="A2" t="d"><v>never</v></c></row>',
     '<row r="2"><c r="A2" s="7777777"><v>1</v></c></row>', "</sheetData>"],
)  # fmt: skip
def test_what_no_spreadsheet_program_writes_is_one_named_error_or_a_table(rows: str) -> None:
    try:
        read_table(with_rows(rows))
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases that failed lie beside the checkout")
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("damaged-deflate.xlsx", TableFormatError),
        ("damaged-lzma.xlsx", TableFormatError),
        ("xlsx-10-million-empty-rows.xlsx", TooLargeError),
    ],
)
def test_the_cases_that_failed(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_table(CASES / name)

"""An office program opens the paper's document and workbook and shows what they hold.

LibreOffice stands for the office programs that people have; it runs where it is installed.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from tests.report.conftest import Made

OFFICE = shutil.which("soffice")
UTF8_CSV = "csv:Text - txt - csv (StarCalc):44,34,76"
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed here"),
]


def convert(source: Path, form: str, folder: Path) -> Path:
    """Open a file with an office program and save it in another form."""
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [str(OFFICE), f"-env:UserInstallation={profile}", "--headless", "--convert-to", form,
         "--outdir", str(folder), str(source)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    (made,) = folder.glob(f"{source.stem}*.{form.split(':', maxsplit=1)[0]}")
    return made


def test_the_document_is_read_with_its_headings_and_figures(made: Made, tmp_path: Path) -> None:
    text = convert(made.file("docx"), "txt:Text", tmp_path).read_text("utf-8-sig")
    assert "Stadtbezirke 7 und 10 ohne Welcome Point" in text
    assert "47.638" in text
    assert "Error" not in text


def test_the_workbook_shows_the_numbers_that_it_holds(made: Made, tmp_path: Path) -> None:
    shown = convert(made.file("xlsx"), UTF8_CSV, tmp_path).read_text("utf-8")
    rows = list(csv.reader(shown.splitlines()))
    first = openpyxl.load_workbook(made.file("xlsx")).worksheets[0]
    held = [[cell for cell in row if cell is not None] for row in first.iter_rows(values_only=True)]
    assert len(rows) == len(held)
    texts = {str(cell) for row in held for cell in row if isinstance(cell, str)}
    flat = " ".join(cell for row in rows for cell in row)
    assert texts
    assert all(text.split("\n")[0] in flat for text in texts)
    assert not any(cell.startswith(("#", "Err:")) for row in rows for cell in row)

"""What the paper claims of itself, read with tools that did not write it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise

import pdfua
import pikepdf
import pytest

from tests.report.conftest import Made
from welcomemap.report.paper import Paper

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def pdf(made: Made) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(made.file("pdf")) as opened:
        yield opened


def walk(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """Yield the elements of the structure tree in reading order."""
    children = node.get("/K")
    if isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
    if isinstance(children, pikepdf.Array):
        for child in children:
            if isinstance(child, pikepdf.Dictionary):
                yield from walk(child)
    elif isinstance(children, pikepdf.Dictionary):
        yield from walk(children)


def elements(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    return list(walk(pdf.Root.StructTreeRoot))


def kind(element: pikepdf.Dictionary) -> str:
    return str(element.S)


def test_says_that_it_is_pdf_ua_and_pdf_a(pdf):
    with pdf.open_metadata() as told:
        assert told["pdfuaid:part"] == "1"
        assert told["pdfaid:part"] == "2"
        assert told["pdfaid:conformance"] == "A"
        assert told["dc:title"] == "Stadtbezirke 7 und 10 ohne Welcome Point"


def test_is_tagged_in_german_and_shows_its_title(pdf):
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang) == "de"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_headings_begin_with_one_title_and_skip_no_level(pdf):
    levels = [
        int(kind(e)[2:]) for e in elements(pdf) if kind(e)[:2] == "/H" and kind(e)[2:].isdigit()
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert len(levels) >= 10


def test_every_table_has_header_cells_with_a_scope(pdf):
    tables = [e for e in elements(pdf) if kind(e) == "/Table"]
    assert len(tables) == 8
    for table in tables:
        heads = [e for e in walk(table) if kind(e) == "/TH"]
        assert heads
        for head in heads:
            attributes = head["/A"]
            listed = list(attributes) if isinstance(attributes, pikepdf.Array) else [attributes]
            assert any("/Scope" in one for one in listed)


def test_each_map_is_described_with_its_numbers(pdf, paper: Paper):
    described = [str(e["/Alt"]) for e in elements(pdf) if kind(e) == "/Figure" and "/Alt" in e]
    assert len(described) == 4
    for gap in paper.study.gaps.districts:
        assert f"Stadtbezirk {gap.district} " in described[0]
    assert "Stadtbezirk 7 0,0 %, kein Standort" in described[0].replace("\xa0", " ")
    assert "11 Standorten, davon 4 strittig" in described[0]
    assert "Bilk etwa 21.000" in described[1]


def test_figures_without_a_description_do_not_exist(pdf):
    assert all("/Alt" in e for e in elements(pdf) if kind(e) == "/Figure")


def test_all_fonts_are_embedded(pdf):
    names = set()
    for page in pdf.pages:
        for font in page.Resources.get("/Font", {}).values():
            inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            names.add(str(inner.BaseFont).split("+")[-1])
            keys = set(inner.FontDescriptor.keys())
            assert keys & {"/FontFile", "/FontFile2", "/FontFile3"}
    assert any(name.startswith("SourceSansPro") for name in names)


def test_pages_are_a4_and_the_large_map_a3_landscape(pdf):
    sizes = [tuple(round(float(v) / 72 * 25.4) for v in page.MediaBox)[2:] for page in pdf.pages]
    assert sizes[-1] == (420, 297)
    assert set(sizes[:-1]) == {(210, 297)}


def test_qpdf_finds_no_fault(made: Made):
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf is not installed")
    done = subprocess.run(
        ["qpdf", "--check", str(made.file("pdf"))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_checker_of_pdf_ua_finds_no_fault(made: Made):
    """pdfua checks 16 of the 106 machine-checkable rules of PDF/UA-1; it is no certificate."""
    report = pdfua.validate(str(made.file("pdf")))
    assert [finding.message for finding in report.findings] == []


def test_is_at_most_three_megabytes(made: Made):
    assert made.file("pdf").stat().st_size <= 3 * MEGABYTE


def test_nothing_in_the_file_comes_from_the_clock_or_the_machine(made: Made, pdf):
    with pdf.open_metadata() as told:
        assert told["xmp:CreateDate"].startswith("2026-08-01")
    assert str(made.folder).encode() not in made.file("pdf").read_bytes()

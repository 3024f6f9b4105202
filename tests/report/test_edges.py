"""Odd cities, odd texts, bad disks: a right paper or a clear error, and never a broken file."""

from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pikepdf
import pypdf
import pytest

from tests import worlds
from tests.cases import long
from tests.worlds import load_rechteckstadt
from welcomemap import files
from welcomemap.errors import OutputError, UnknownScenarioError, UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.report import FORMATS, PaperRequest, write_paper
from welcomemap.study.requests import CompareRequest
from welcomemap.study.study import Study

MARKUP = '#import "x" *fett* _k_ $x^2$ `c` <label> @ref \\ // [Inhalt] #{1+1} <script>x</script>'
ARABIC = "نقطة ترحيب"


def text_of(path: Path) -> str:
    pages = pypdf.PdfReader(path).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("language", ["de", long("en")])
def test_a_tiny_city_has_a_whole_paper(tiny: RegionPack, tmp_path: Path, language):
    request = PaperRequest("2025", compare="2020", language=language, formats=FORMATS)
    write_paper(tiny, request, tmp_path / "p.pdf")
    text = text_of(tmp_path / "p.pdf")
    said = {
        "de": "In Stadtbezirk 3 liegt nach dem Verzeichnis 2025 kein Welcome Point; dort leben 400",
        "en": "By the list of 2025, no Welcome Point lies in district 3, where 400 people live.",
    }
    assert said[language] in text
    with pikepdf.open(tmp_path / "p.pdf") as pdf:
        assert str(pdf.Root.Lang) == language


def test_text_of_lists_is_never_markup_formula_or_code(tmp_path: Path):
    table = worlds._service_points()
    table.loc[table["id"] == "a2", ["name", "address"]] = [MARKUP, "=1+1"]
    candidates = worlds._candidate_sites()
    candidates.loc[0, "name"] = '=HYPERLINK("http://x") $\\alpha$'
    pack = load_rechteckstadt(tmp_path / "pack", service_points=table, candidate_sites=candidates)
    request = PaperRequest("2025", title=MARKUP, reference="$a_b$ #x", formats=FORMATS)
    write_paper(pack, request, tmp_path / "p.pdf")
    text = text_of(tmp_path / "p.pdf")
    assert text.count("*fett* _k_ $x^2$ `c`") >= 2
    assert "#{1+1}" in text
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "'=1+1" in {cell.value for cell in cells}
    assert b"<script>" not in (tmp_path / "p.detail.svg").read_bytes()
    with zipfile.ZipFile(tmp_path / "p.docx") as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert "=HYPERLINK(" in parts["word/document.xml"]
    assert "&lt;script&gt;" in parts["word/document.xml"]
    for part in parts.values():
        assert not [sign for sign in ("<script>", "fldSimple", "instrText") if sign in part]
    assert 'TargetMode="External"' not in parts["word/_rels/document.xml.rels"]


def test_arabic_names_are_written_and_not_boxes(tmp_path: Path):
    table = worlds._service_points()
    table.loc[table["id"] == "a2", ["name", "address"]] = [ARABIC, ARABIC]
    pack = load_rechteckstadt(tmp_path / "pack", service_points=table)
    write_paper(pack, PaperRequest("2025", title=f"{ARABIC} im Stadtbezirk 1"), tmp_path / "p.pdf")
    with pikepdf.open(tmp_path / "p.pdf") as pdf:
        names = {
            str(font.BaseFont)
            for page in pdf.pages
            for font in page.Resources.get("/Font", {}).values()
        }
    assert any("DejaVuSans" in name for name in names)
    extracted = "".join(text_of(tmp_path / "p.pdf").split())
    letters = set(ARABIC.replace(" ", ""))
    assert letters <= set(extracted) or any("ﺀ" <= sign <= "ﻼ" for sign in extracted)


@pytest.mark.parametrize("title", ["Wort " * 60, long("x" * 300), long("Donaudampfschiff" * 18)])
def test_a_title_of_300_characters_stays_on_the_page(tiny: RegionPack, tmp_path: Path, title):
    write_paper(
        tiny, PaperRequest("2025", title=title.strip(), formats=("png",)), tmp_path / "p.pdf"
    )
    with pikepdf.open(tmp_path / "p.pdf") as pdf, pdf.open_metadata() as told:
        assert told["dc:title"].replace("\u200b", "") == title.strip()
    first = pypdf.PdfReader(tmp_path / "p.pdf").pages[0]
    right_mm: list[float] = []

    def note(text, user, matrix, font, size):
        right_mm.append((user[4] + matrix[4]) * 25.4 / 72)

    first.extract_text(visitor_text=note)
    assert max(right_mm) < 200


def test_one_district(tmp_path: Path):
    districts = worlds._districts().iloc[:1]
    keep = {"011", "012"}
    quarters = worlds._quarters()
    cells = worlds._demand_cells()
    points, candidates = worlds._service_points(), worlds._candidate_sites()
    pack = load_rechteckstadt(
        tmp_path / "pack", districts=districts, quarters=quarters[quarters["quarter"].isin(keep)],
        demand_cells=cells[cells["quarter"].isin(keep)],
        service_points=points[points["id"] == "a2"],
        candidate_sites=candidates[candidates["id"] == "mid"],
    )  # fmt: skip
    write_paper(pack, PaperRequest("2025"), tmp_path / "p.pdf")
    assert "Jeder Stadtbezirk hat einen Welcome Point" in text_of(tmp_path / "p.pdf")


def test_no_people_at_all_says_not_known(tmp_path: Path):
    cells = worlds._demand_cells()
    cells[list(worlds.PER_PERSON)] = 0.0
    districts, quarters = worlds._districts(), worlds._quarters()
    for table in (districts, quarters):
        table[list(worlds.PER_PERSON)] = 0
    pack = load_rechteckstadt(
        tmp_path / "pack", demand_cells=cells, districts=districts, quarters=quarters
    )
    write_paper(pack, PaperRequest("2025", formats=FORMATS), tmp_path / "p.pdf")
    text = text_of(tmp_path / "p.pdf")
    assert "liegen keine Angaben vor" in text
    assert "keine Angabe" in text


def test_no_candidates_is_said(tmp_path: Path):
    none = worlds._candidate_sites().iloc[:0]
    pack = load_rechteckstadt(tmp_path / "pack", candidate_sites=none)
    write_paper(pack, PaperRequest("2025", formats=FORMATS), tmp_path / "p.pdf")
    text = text_of(tmp_path / "p.pdf")
    assert "Es sind keine möglichen Standorte mit bekanntem Ort genannt" in text
    assert "Die Antwort in fünf Punkten" not in text


def test_of_many_candidates_the_first_by_rank_are_printed_and_all_are_in_the_workbook(
    tmp_path: Path,
):
    """Thirty houses along the street; each form names the same twelve by the same letters."""
    one = worlds._candidate_sites().iloc[0]
    rows = []
    for k in range(30):
        lat, lon = worlds._lat_lon((200 + 190 * k, 1000))
        kind = ("library", "school", "townhall")[k % 3]
        rows.append({**one, "id": f"h{k}", "kind": kind, "name": f"Haus {k}.", "lat": lat,
                     "lon": lon})  # fmt: skip
    pack = load_rechteckstadt(tmp_path / "pack", candidate_sites=pd.DataFrame(rows))
    write_paper(pack, PaperRequest("2025", formats=FORMATS), tmp_path / "p.pdf")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx", read_only=True)
    sheets = [[*sheet.iter_rows(values_only=True)] for sheet in book]
    (sheet,) = [rows for rows in sheets if "Haus 7." in str(rows)]
    cells = [row for row in sheet if any(str(cell).startswith("Haus ") for cell in row)]
    assert len(cells) == 30
    ids = tuple(f"h{k}" for k in range(30))
    compared = Study(pack).compare_candidates(CompareRequest(ids, scenario="2025"))
    ranks = dict(zip(compared.sites.names, compared.comparison.ranking.rank.tolist(), strict=True))
    listed = [next(str(cell) for cell in row if str(cell).startswith("Haus ")) for row in cells]
    assert [ranks[name] for name in listed] == sorted(ranks.values())
    text = text_of(tmp_path / "p.pdf")
    assert "Die ersten 12 von 30 Kandidaten nach Rang" in text
    for k, name in enumerate(listed):
        assert (f"{chr(ord('A') + k % 26)} {name}" in text) == (k < 12), name
    layer = gpd.read_file(tmp_path / "p.gpkg", layer="candidates").to_crs(25832)
    x = dict(zip(layer["name"], layer.geometry.x - worlds.ORIGIN_X, strict=True))
    assert {round(x[f"Haus {k}."] - 190 * k) for k in range(30)} == {200}


@pytest.mark.parametrize(
    ("request_", "name", "match"),
    [
        (PaperRequest("2025"), "p.txt", "cannot be written as '.txt'"),
        (PaperRequest("2025"), "paper", "cannot be written as 'paper'"),
        (PaperRequest("2025", formats=("odt",)), "p.pdf", "unknown format 'odt'"),
        (PaperRequest("2025", group="martians"), "p.pdf", "unknown group 'martians'"),
        (PaperRequest("2025", focus_district=99), "p.pdf", "no district 99"),
        (PaperRequest("2025", title="x" * 501), "p.pdf", "more than 500 characters"),
        (PaperRequest("2025", date="gestern"), "p.pdf", "date 'gestern'"),
        (PaperRequest("2025", candidates=("a.csv", "b.csv")), "p.pdf", "more than one file"),
        (PaperRequest("2025", candidates=("nobody",)), "p.pdf", "no candidate 'nobody'"),
    ],
)
def test_an_impossible_request_is_refused_before_anything_is_written(
    tiny: RegionPack, tmp_path: Path, request_, name, match
):
    with pytest.raises(UsageError, match=match):
        write_paper(tiny, request_, tmp_path / name, study=Study(tiny))
    assert left_in(tmp_path) == []


def test_an_unknown_scenario_is_refused(tiny: RegionPack, tmp_path: Path):
    with pytest.raises(UnknownScenarioError):
        write_paper(tiny, PaperRequest("1848"), tmp_path / "p.pdf")


def test_a_folder_that_cannot_be_written_is_named(tiny: RegionPack, tmp_path: Path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OutputError, match="cannot write"):
        write_paper(tiny, PaperRequest("2025"), tmp_path / "file" / "p.pdf")
    with pytest.raises(OutputError, match="cannot write"):
        write_paper(tiny, PaperRequest("2025"), tmp_path / "none" / "p.pdf")
    assert left_in(tmp_path) == ["file"]


@pytest.mark.parametrize("failing", [".pdf", ".xlsx", ".json"])
def test_a_full_disk_leaves_nothing_and_keeps_the_old_file(
    tiny: RegionPack, tmp_path: Path, monkeypatch, failing
):
    (tmp_path / "p.pdf").write_bytes(b"old")
    write = Path.write_bytes

    def fill(path: Path, data: bytes) -> int:
        if path.suffix == failing and path.name.startswith("."):
            write(path, data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(OutputError, match="No space left on device"):
        write_paper(tiny, PaperRequest("2025", formats=("xlsx",)), tmp_path / "p.pdf")
    assert left_in(tmp_path) == ["p.pdf"]
    assert (tmp_path / "p.pdf").read_bytes() == b"old"


def test_an_interrupted_run_leaves_nothing(tiny: RegionPack, tmp_path: Path, monkeypatch):
    written = []
    write = Path.write_bytes

    def stop(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) == 2:
            raise KeyboardInterrupt
        return write(path, data)

    monkeypatch.setattr(files.Path, "write_bytes", stop)
    with pytest.raises(KeyboardInterrupt):
        write_paper(tiny, PaperRequest("2025", formats=("xlsx",)), tmp_path / "p.pdf")
    assert left_in(tmp_path) == []

"""The numbers of the PDF's text, of the workbook and of ``--json`` are the same numbers."""

from __future__ import annotations

import csv
import json
import subprocess
from contextlib import redirect_stdout
from io import StringIO

import openpyxl
import pytest

from tests.report.conftest import Made
from welcomemap import cli
from welcomemap.wording import format_number, format_share


def ask(*arguments: str) -> dict:
    with redirect_stdout(StringIO()) as told:
        assert cli.run([*arguments, "--json"]) == 0
    return json.loads(told.getvalue())


@pytest.fixture(scope="module")
def text(made: Made) -> str:
    """Return the text of the paper; blanks that do not break are blanks."""
    told = subprocess.run(["pdftotext", "-raw", made.file("pdf"), "-"], capture_output=True,
                          check=True).stdout  # fmt: skip
    return " ".join(told.decode("utf-8").split())


@pytest.fixture(scope="module")
def sheets(made: Made) -> dict[str, list[dict]]:
    book = openpyxl.load_workbook(made.file("xlsx"))
    found = {}
    for sheet in book.worksheets:
        head, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


@pytest.fixture(scope="module")
def gaps() -> dict:
    return ask("gaps", "--scenario", "2026")


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_districts_are_the_same_three_times(text, sheets, gaps):
    assert len(sheets["districts"]) == len(gaps["districts"]) == 10
    for row, told in zip(sheets["districts"], gaps["districts"], strict=True):
        assert row["Stadtbezirk"] == told["district"]
        assert row["Menschen"] == told["residents"]
        assert row["Standorte im Gebiet"] == told["sites_located"]
        assert row["Laut Liste zuständig"] == "keine Angabe"
        assert told["sites_stated"] is None
        assert row["In Reichweite [Menschen]"] == told["covered_residents"]
        assert row["Anteil [%]"] == told["covered_share"]
        assert [row["Spanne [%] von"], row["Spanne [%] bis"]] == told["interval"]
        printed = " ".join(
            (
                str(told["district"]),
                format_number(told["residents"], "de"),
                str(told["sites_located"]),
                "keine Angabe",
                format_number(told["covered_residents"], "de"),
                plain(format_share(told["covered_share"], "de", tuple(told["interval"]))),
            )
        )
        assert printed in text


def test_gaps_are_the_same_three_times(text, sheets, gaps):
    told = {(area["kind"], str(area["area"])): area for area in gaps["areas"]}
    assert len(sheets["gaps"]) == len(told)
    for row in sheets["gaps"]:
        area = told[row["Art"], str(row["Kennung"])]
        assert row["Außer Reichweite [Menschen]"] == area["out_of_reach"]
    quarters = [area for area in gaps["areas"] if area["kind"] == "quarter"][:12]
    for position, area in enumerate(quarters, start=1):
        people = format_number(area["people"], "de")
        out = format_number(area["out_of_reach"], "de")
        assert f"{position} {area['name']} {area['district']} {people} {out}" in text


def test_candidates_are_the_same_three_times(text, sheets):
    ids = [row["Kennung"] for row in sheets["candidates"]]
    told = ask("compare", *ids, "--scenario", "2026")
    for row, candidate in zip(sheets["candidates"], told["candidates"], strict=True):
        assert row["Kennung"] == candidate["id"]
        assert row["mehr Menschen in Reichweite [Menschen]"] == candidate["gained"]["residents"]
        assert row["gewinnt in den Ziehungen am meisten [%]"] == candidate["p_best"]
        assert row["Rang bei gleichen Gewichten"] == candidate["rank"]
        assert format_number(candidate["gained"]["residents"], "de") in text
    for sentence in told["sentences"]["de"]:
        assert plain(sentence)[:60] in text


def test_the_proof_in_the_text_is_that_of_the_solver(text):
    told = ask(
        "site", "--model", "mclp", "--p", "1", "--scenario", "2026", "--exclude", "hdk-446,hdk-york"
    )
    assert told["status"] == "optimal"
    name = told["places"][told["optimal_sets"][0][0]]["name"]
    assert f"Bewiesen: Mit {name} sind" in text
    assert f"{format_number(told['objective'], 'de')} Menschen in Reich" in text
    assert f"Mehr als {format_number(told['bound'], 'de')} sind" in text


def test_gains_and_losses_are_those_of_diff(text, sheets):
    told = ask("diff", "2019", "2026")
    changed = {
        (r["area_kind"], str(r["area"])): r
        for r in told["rows"]
        if any(
            reading["gained"] or reading["lost"]
            for reading in (r["readings"][0], r["readings"][-1])
        )
    }
    assert len(sheets["change"]) == len(changed)
    for row in sheets["change"]:
        found = changed[row["Art"], str(row["Kennung"])]
        assert row["Neu in Reichweite [Menschen]"] == found["gained"]
        assert row["Nicht mehr in Reichweite [Menschen]"] == found["lost"]
    assert plain(told["sentences"]["de"][0])[:70] in text


def test_the_answer_tells_both_readings(text, gaps):
    disputed = {name for district in gaps["districts"] for name in district["disputed"]}
    assert f"Über {len(disputed)} von 11 Standorten widersprechen sich die Quellen" in text
    other = [d["district"] for d in gaps["districts"] if d["located_unserved_if_disputed_false"]]
    assert other == [1, 5, 7, 10]
    assert "Stadtbezirke 1, 5, 7 und 10 ohne Standort" in text
    assert "In Stadtbezirk 7 erreichen 0 von 47.638 Menschen" in text


def test_csv_for_excel_in_german(made: Made, gaps):
    content = made.file("districts.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert [int(row["Stadtbezirk"]) for row in rows] == list(range(1, 11))
    share = float(rows[0]["Anteil [0–1]"].replace(",", "."))
    assert share == gaps["districts"][0]["covered_share"]


def test_every_number_in_a_sentence_has_its_formula(made: Made, paper):
    marks = {row["mark"] for row in next(t for t in paper.tables if t.name == "formulas").rows}
    answers = next(block for block in paper.text.blocks if block.kind == "numbered")
    for (cell,) in answers.rows:
        assert cell.marks
        assert set(cell.marks) <= marks
    tables = [block for block in paper.text.blocks if block.kind == "table"]
    assert {mark for block in tables for cell in block.head for mark in cell.marks} <= marks

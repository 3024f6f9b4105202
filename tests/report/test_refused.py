"""What no paper, map or replay can use is refused by name, before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds import write_rechteckstadt
from welcomemap.cli import run
from welcomemap.region.pack import load_pack
from welcomemap.report import PaperRequest, write_paper

LIST = "id,name,operator,address,stated_districts,status,valid_from,valid_to,source\n"


def refuse(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(arguments) == 2
    said = capsys.readouterr().err.strip()
    assert "Traceback" not in said
    return said.splitlines()[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_rechteckstadt(tmp_path / "pack")
    return tmp_path


@pytest.mark.parametrize("date", ["2026-W10-1", "20261130", "2026-334", "2026-11", "30.11.2026"])
def test_a_paper_takes_a_day_and_no_other_date(
    folder: Path, capsys: pytest.CaptureFixture[str], date: str
):
    out = folder / "p.pdf"
    said = refuse(
        capsys, "report", "--pack", f"{folder / 'pack'}", "--date", date, "--out", f"{out}"
    )
    assert f"date '{date}' is not understood" in said
    assert not out.exists()


@pytest.mark.parametrize("option", ["--title", "--reference"])
@pytest.mark.parametrize("sign", ["\0", "\x07", "\x1b", "\x85", "\ufffe", "\ud800"])
def test_a_sign_that_nobody_can_print_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str, sign: str
):
    said = refuse(
        capsys, "report", "--pack", f"{folder / 'pack'}", option, f"Wo{sign}hin",
        "--out", f"{folder / 'p.pdf'}",
    )  # fmt: skip
    assert f"U+{ord(sign):04X}" in said
    assert "cannot be printed" in said


@pytest.mark.parametrize("option", ["--scenario", "--candidates"])
def test_so_it_is_in_a_cell_of_a_list(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str
):
    table = folder / "own.csv"
    table.write_text(f"{LIST}x,Tre\x07ff,,Hauptstraße 5,1,open,,,Amt\n", "utf-8")
    said = refuse(
        capsys, "report", "--pack", f"{folder / 'pack'}", option, f"{table}",
        "--out", f"{folder / 'p.pdf'}",
    )  # fmt: skip
    assert "row 1" in said
    assert "U+0007" in said


@pytest.mark.parametrize("name", ["in.csv", "map", "map.pdf", "map.html.csv"])
def test_a_map_is_written_as_a_page_and_over_no_table(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
):
    out = folder / name
    out.write_text("a,b\n", "utf-8")
    said = refuse(capsys, "map", "--pack", f"{folder / 'pack'}", "--out", f"{out}")
    assert "cannot be written as" in said
    assert ".html" in said
    assert out.read_text("utf-8") == "a,b\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seeds": {"uncertainty": 1}}, "seeds"),
        ({"seeds": {"uncertainty": 2026, "other": 1}}, "seeds"),
        ({"seeds": None}, "seeds"),
        ({"note": "x"}, "note"),
        ({"request": {"seeed": 1}}, "seeed"),
    ],
)
def test_replay_reads_every_key_of_a_study_or_says_which_it_does_not(
    folder: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], said: str
):
    write_paper(load_pack(folder / "pack"), PaperRequest("2025", formats=()), folder / "p.csv")
    path = folder / "p.study.json"
    saved = json.loads(path.read_text("utf-8"))
    for key, value in change.items():
        saved[key] = saved[key] | value if key == "request" else value
    path.write_text(json.dumps(saved), "utf-8")
    told = refuse(
        capsys, "replay", f"{path}", "--pack", f"{folder / 'pack'}", "--out", f"{folder / 'q.csv'}"
    )
    assert said in told


def test_weights_of_any_size_have_an_answer_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    costs, demand = tmp_path / "c.csv", tmp_path / "d.csv"
    costs.write_text("demand,a,b\nx,1,2\ny,3,4\n", "utf-8")
    demand.write_text("demand,weight\nx,1e300\ny,1\n", "utf-8")
    status = run(
        ["site", "--model", "p-median", "--p", "1", "--cost-matrix", f"{costs}",
         "--demand", f"{demand}", "--lang", "de"]
    )  # fmt: skip
    said = capsys.readouterr()
    assert (status, said.err) == (0, "")
    assert "1 × 10³⁰⁰" in said.out

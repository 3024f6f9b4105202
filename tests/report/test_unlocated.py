"""A site of the published list that nobody can place: no area is called without one for certain."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import pandas as pd
import pytest

import welcomemap as wm
from tests.worlds import load_rechteckstadt, write_rechteckstadt
from welcomemap.cli import run
from welcomemap.region.pack import RegionPack, load_pack

NAME = "Haus am unbekannten Ort"


def add_site(folder: Path, *, status: str = "open", outcome: str = "not_found") -> RegionPack:
    """Rechteckstadt with one more site, whose address was looked up in vain."""
    sites = load_pack(write_rechteckstadt(folder / "plain")).service_points.fillna("")
    lost = dict.fromkeys(sites.columns, "") | {
        "id": "lost", "name": NAME, "address": "Gasse 1", "status": status, "scenario": "2025",
    }  # fmt: skip
    table = pd.concat([sites, pd.DataFrame([lost])], ignore_index=True)
    if "location_outcome" not in table.columns:
        table["location_outcome"] = ""
    table.loc[table["id"] == "lost", "location_outcome"] = outcome
    return load_rechteckstadt(folder / "pack", service_points=table)


def test_every_answer_names_it_before_it_says_who_is_without_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = str(add_site(tmp_path).folder)
    assert run(["gaps", "--scenario", "2025", "--pack", pack, "--lang", "de"]) == 0
    printed = capsys.readouterr().out
    assert f"„{NAME}“. Ein Gebiet, das hier ohne Standort heißt" in printed
    assert "Wahrscheinlichkeit" not in printed
    assert run(["gaps", "--scenario", "2025", "--pack", pack, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (note,) = (note for note in answer["list_notes"] if note["id"] == "lost")
    assert note["kind"] == "place"
    first, *others = wm.open_region(pack).gaps("2025").tell("en")
    assert first.startswith("No place is known of 1 site")
    stays = [text for text in others if "With all uncertainties it stays" in text]
    assert all("By the sites with a known place: With all" in text for text in stays)


def test_map_and_paper_say_so_in_title_and_first_point(tmp_path: Path) -> None:
    region = wm.open_region(add_site(tmp_path).folder)
    page = region.map("2025", language="de").save(tmp_path / "map.html").read_text("utf-8")
    assert "mit bekanntem Ort" in page
    assert NAME in page
    written = region.report(
        tmp_path / "paper.csv", scenario="2025", formats=["docx"], language="de"
    )
    (paper,) = (path for path in written if path.suffix == ".docx")
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(paper)).paragraphs)
    assert "mit bekanntem Ort" in text
    assert f"„{NAME}“. Ein Gebiet" in text
    # Nobody says that this world's people are official figures; the embedded pack's are.
    assert "keine amtlichen Zahlen" in text
    assert load_pack().region["has_official_totals"]


@pytest.mark.parametrize(
    ("status", "outcome"), [("planned", "not_found"), ("closed", "not_found"), ("open", "")]
)
def test_what_serves_nobody_or_was_not_looked_up_is_no_such_site(
    tmp_path: Path, status: str, outcome: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = str(add_site(tmp_path, status=status, outcome=outcome).folder)
    arguments = ["gaps", "--scenario", "2025", "--pack", pack, "--lang", "en"]
    assert run(arguments) == 0
    is_told = "No place is known" in capsys.readouterr().out
    assert is_told is (status == "open")  # "Gasse 1" is not found now, either

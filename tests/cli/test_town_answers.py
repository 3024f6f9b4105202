"""What the command line says of a town whose data are incomplete, and what it accepts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import worlds
from tests.worlds import load_rechteckstadt
from welcomemap.cli import run


def ask(folder: Path, *arguments: str) -> int:
    return run([*arguments, "--pack", str(folder), "--lang", "en"])


@pytest.mark.parametrize("command", [("geocode", "--address"), ("nearest",)])
def test_the_reading_that_may_be_meant_is_printed(
    tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    load_rechteckstadt(tmp_path / "p")
    assert ask(tmp_path / "p", *command, "Hauststraße 10") == 0
    said = capsys.readouterr().out
    assert "perhaps the address shown is meant" in said
    assert "Hauptstraße 10, 99001 Rechteckstadt" in said


@pytest.mark.parametrize("text", ["Nirgendweg 3", "Hauststraße 10"])
def test_areas_without_addresses_are_named_where_none_is_found(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = worlds._addresses()  # and an advice office in district 2 has one
    load_rechteckstadt(tmp_path / "p", addresses=addresses[addresses["district"] == 1])
    assert ask(tmp_path / "p", "nearest", text) == 0
    said = capsys.readouterr().out.replace("\n", " ")
    assert "In 1 of 3 areas no address is known: Ostufer." in said


def test_areas_are_not_named_where_each_has_addresses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load_rechteckstadt(tmp_path / "p")
    assert ask(tmp_path / "p", "nearest", "Nirgendweg 3") == 0
    assert "no address is known" not in capsys.readouterr().out


def test_an_office_known_by_its_street_or_not_at_all_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sites = worlds._service_points().astype(object)
    of_a2, of_b2 = sites["id"] == "a2", sites["id"] == "b2"
    sites.loc[of_a2, ["location_outcome", "error_radius_m"]] = ["street", "669"]
    sites.loc[of_b2, ["address", "lat", "lon", "location_outcome", "error_radius_m"]] = ""
    sites.loc[of_b2, ["name", "phone"]] = ["Nowhere desk", "0631 333"]
    load_rechteckstadt(tmp_path / "p", service_points=sites)
    assert ask(tmp_path / "p", "nearest", "Hauptstraße 101") == 0
    said = capsys.readouterr().out.replace("\xa0", " ")
    assert "only the street is known; it may lie up to about 670 m away" in said
    assert "Nowhere desk" in said
    assert "0631 333" in said


def test_a_district_in_focus_is_known_by_its_name(tmp_path: Path) -> None:
    load_rechteckstadt(tmp_path / "p")
    out = tmp_path / "paper.csv"
    assert ask(tmp_path / "p", "report", "--focus", "ostUFER", "--out", str(out)) == 0
    study = json.loads((tmp_path / "paper.study.json").read_text("utf-8"))
    assert study["request"]["focus_district"] == 3


@pytest.mark.parametrize("focus", ["Nordufer", "9", "3.0", ""])
def test_another_focus_is_told_what_there_is(
    tmp_path: Path, focus: str, capsys: pytest.CaptureFixture[str]
) -> None:
    load_rechteckstadt(tmp_path / "p")
    assert ask(tmp_path / "p", "report", "--focus", focus, "--out", str(tmp_path / "p.pdf")) == 2
    said = capsys.readouterr().err
    assert "1 Westviertel, 2 Mitte, 3 Ostufer" in said
    assert "valid integer" not in said


@pytest.mark.parametrize(
    "command",
    [("gaps",), ("coverage",), ("report", "--out", "p.pdf"), ("map", "--out", "m.html")],
)
def test_an_unknown_group_is_told_the_groups_of_the_pack(
    tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    load_rechteckstadt(tmp_path / "p")
    path = tmp_path / "p" / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["region"]["groups"] = ["residents", "over_65"]
    path.write_text(json.dumps(manifest), "utf-8")
    assert ask(tmp_path / "p", *command, "--group", "martians") == 2
    said = capsys.readouterr().err
    assert "residents (all residents), over_65 (65 and over)" in said
    assert "under_18" not in said

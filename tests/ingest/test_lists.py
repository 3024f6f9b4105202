"""Lists of offices as people keep them become service points, and what they lack is said."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import welcomemap as wm
from tests.ingest.test_town import to_degrees, write_town
from welcomemap.cli import run
from welcomemap.errors import (
    ColumnValueError,
    MissingColumnError,
    RecipeError,
    RowMatchWarning,
)
from welcomemap.ingest.look import Looked, write_recipe
from welcomemap.ingest.recipe import read_recipe
from welcomemap.ingest.town import build_town
from welcomemap.region.pack import load_pack
from welcomemap.study.changed_sites import ChangeKind, ListChange, compare_list
from welcomemap.study.study import Study

LISTS = {
    "street with number": (
        "Bezeichnung;Straße und Hausnummer;Telefon;Öffnungszeiten\n"
        "Haus der Beratung;Lange Straße 3;0631 1;Mo 9-12\n"
    ),
    "all apart": (
        "Name;Straße;Hausnummer;PLZ;Ort\nHaus der Beratung;Lange Straße;3;99001;Erfundenhausen\n"
    ),
    "a running number too": (
        "Nr.;Einrichtung;Strasse;Hausnr.;Postleitzahl;Stadt;E-Mail;Internet;Träger\n"
        "7;Haus der Beratung;Lange Str.;3;99001;Erfundenhausen;a@b.de;https://b.de;Verein\n"
    ),
}


def name_sites(folder: Path, text: str, *, encoding: str = "utf-8") -> Looked:
    """Write a list of offices and a recipe that names it."""
    folder.mkdir(exist_ok=True)
    files = write_town(folder)
    (folder / "offices.csv").write_bytes(text.encode(encoding))
    given = replace(files, sites=folder / "offices.csv")
    return write_recipe(folder / "new", "Erfundenhausen", given, language="en")


@pytest.mark.parametrize("case", LISTS)
@pytest.mark.parametrize("is_guessed", [True, False])
def test_an_address_of_several_columns_is_found(
    tmp_path: Path, case: str, *, is_guessed: bool
) -> None:
    """House 3 stands 1,150 m east of the corner. Recipes that name no column find them as well."""
    path = name_sites(tmp_path, LISTS[case]).path
    if not is_guessed:
        text = path.read_text("utf-8")
        head, _, rest = text.partition("are_stand_ins")
        path.write_text(head + "are_stand_ins" + rest.partition("\n")[0], "utf-8")
    assert bool(read_recipe(path).sites.columns) is is_guessed
    build_town(path, tmp_path / "pack")
    (site,) = wm.open_region(tmp_path / "pack").sites().itertuples()
    assert (site.name, site.location_outcome, site.district) == ("Haus der Beratung", "exact", 2)
    lon, lat = to_degrees(1150, 110)
    table = wm.open_region(tmp_path / "pack").pack.service_points
    assert float(table["lon"].iloc[0]) == pytest.approx(lon, abs=1e-5)
    assert float(table["lat"].iloc[0]) == pytest.approx(lat, abs=1e-5)


def test_the_other_columns_are_known_by_their_headings(tmp_path: Path) -> None:
    looked = name_sites(tmp_path, LISTS["a running number too"], encoding="cp1252")
    part = read_recipe(looked.path).sites
    assert part.columns == {
        "id": "Nr.", "name": "Einrichtung", "operator": "Träger", "url": "Internet",
        "address": ("Strasse", "Hausnr.", "Postleitzahl", "Stadt"),
    }  # fmt: skip
    (line,) = (one for one in looked.path.read_text("utf-8").split("\n") if "offices.csv" in one)
    assert "not read: E-Mail; there is none for: phone, opening_hours" in line
    build_town(looked.path, tmp_path / "pack")
    row = wm.open_region(tmp_path / "pack").pack.service_points.iloc[0]
    assert (row["id"], row["operator"], row["url"]) == ("7", "Verein", "https://b.de")
    assert row["address"] == "Lange Str. 3, 99001 Erfundenhausen"
    with_hours = name_sites(tmp_path / "b", LISTS["street with number"])
    build_town(with_hours.path, tmp_path / "b" / "pack")
    row = wm.open_region(tmp_path / "b" / "pack").pack.service_points.iloc[0]
    assert (row["phone"], row["opening_hours"]) == ("0631 1", "Mo 9-12")


@pytest.mark.parametrize("text", ["Name;Telefon\nHaus;1\n", "Name;Straße\nHaus;\nHof;\n",
                                  "Name;E-Mail-Adresse\nHaus;a@b.de\n"])  # fmt: skip
def test_a_list_without_any_place_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    looked = name_sites(tmp_path, text)
    has_column = "Straße" in text
    assert any("no column of addresses" in str(one) for one in looked.missing) is not has_column
    with pytest.raises(MissingColumnError, match="no row of the list has an address"):
        build_town(looked.path, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()
    command = ["data", "build", str(looked.path), "--out", str(tmp_path / "pack")]
    assert run([*command, "--lang", "en"]) == 2
    assert "offices.csv" in capsys.readouterr().err


def test_rows_without_a_place_are_named(tmp_path: Path) -> None:
    looked = name_sites(tmp_path, "Name;Straße;Nr.\nHaus;Lange Straße;3\nHof;;\nTurm;;\n")
    told = [str(one) for one in build_town(looked.path, tmp_path / "pack").warnings]
    assert any("(2 of 3): Hof (site-2), Turm (site-3)" in one for one in told)
    assert len(wm.open_region(tmp_path / "pack").sites()) == 3


def test_what_is_told_of_rows_is_said_in_words_and_with_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Number 9 is unknown, a street has a letter too much, another is not of this town."""
    rows = "name;address\nHaus;Lange Straße 9\nHof;Langge Straße 3\nTurm;Nirgendweg 1\n"
    path = name_sites(tmp_path, rows).path
    command = ["data", "build", str(path), "--out", str(tmp_path / "pack"), "--lang"]
    assert run([*command, "de"]) == 0
    told = capsys.readouterr().out
    assert "Haus (site-1): " in told
    assert "Hof (site-2): " in told
    assert "Turm (site-3)" in told
    assert "Lange Straße gelesen" in told
    assert "offices.csv, Zeile 2" in told
    for word in ("nearest", "asked", "corrected", "typed", "not_found", "interpolated"):
        assert word not in told
    assert run([*command, "en", "--json"]) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert any(
        one.startswith("Hof (site-2): The street was read as Lange Straße") for one in warnings
    )
    assert any("site Turm (site-3) has no place: its address was not found" in w for w in warnings)


# --- the recipe and the commands ---


@pytest.mark.parametrize("date", ["04.2011", "2011-13", "27.11.2026", "2011/04", "spring 2011"])
def test_a_date_that_is_none_is_refused_by_its_key(tmp_path: Path, date: str) -> None:
    path = name_sites(tmp_path, LISTS["all apart"]).path
    text = path.read_text("utf-8")
    head, part, rest = text.partition("[sites]")
    path.write_text(head + part + rest.replace('date = ""', f'date = "{date}"', 1), "utf-8")
    with pytest.raises(RecipeError, match=r"sites\.date is .* which is no date") as error:
        read_recipe(path)
    assert "recipe.toml" in str(error.value)
    assert "2011-04-30" in str(error.value)


@pytest.mark.parametrize("date", ['"2011"', '"2011-04"', '"2011-04-30"', "2011-04-30", '""'])
def test_a_year_a_month_and_a_day_are_dates(tmp_path: Path, date: str) -> None:
    path = name_sites(tmp_path, LISTS["all apart"]).path
    text = path.read_text("utf-8")
    path.write_text(text.replace('date = ""', f"date = {date}"), "utf-8")
    assert read_recipe(path).sites.date == date.strip('"')


def test_what_every_map_states_and_the_recipe_leaves_empty_is_told_once(tmp_path: Path) -> None:
    """Of the grid of the census all is known; of OpenStreetMap whose it is."""
    path = name_sites(tmp_path, LISTS["all apart"]).path
    told = [str(one) for one in build_town(path, tmp_path / "pack").warnings]
    (line,) = (one for one in told if "empty in the recipe" in one)
    keys = line.partition(": ")[2].split(", ")
    assert set(keys) == {"areas.source", "areas.licence", "areas.date", "osm.date",
                         "sites.source", "sites.licence", "sites.date"}  # fmt: skip
    text = path.read_text("utf-8")
    for key in ("source", "licence"):
        text = text.replace(f'{key} = ""', f'{key} = "somebody"')
    path.write_text(text.replace('date = ""', 'date = "2026"'), "utf-8")
    told = [str(one) for one in build_town(path, tmp_path / "pack").warnings]
    assert not any("empty in the recipe" in one for one in told)


def test_the_folder_of_a_recipe_stands_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = name_sites(tmp_path, LISTS["all apart"]).path
    assert run(["data", "build", str(path.parent), "--out", str(tmp_path / "pack")]) == 0
    capsys.readouterr()
    assert run(["data", "build", str(tmp_path), "--out", str(tmp_path / "b"), "--lang", "en"]) == 2
    assert "recipe.toml" in capsys.readouterr().err


def test_the_next_command_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, folder = write_town(tmp_path), tmp_path / "Meine Daten" / "kl"
    made = ["data", "new", str(folder), "--name", "Neu", "--districts", str(files.districts)]
    assert run(made) == 0
    command = capsys.readouterr().out.rstrip().split("\n")[-1]
    assert shlex.split(command)[3] == str(folder / "recipe.toml")


def test_areas_in_place_of_a_list_or_of_people_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = write_town(tmp_path)
    made = ["data", "new", str(tmp_path / "new"), "--name", "Neu", "--lang", "en",
            "--districts", str(files.districts)]  # fmt: skip
    assert run([*made, "--sites", str(files.districts)]) == 2
    error = capsys.readouterr().err
    assert "holds shapes, such as areas, and is no list" in error
    assert "districts.geojson" in error
    assert not (tmp_path / "new").exists()
    assert run([*made, "--grid", str(files.districts)]) == 0
    assert "If these are areas, give them with --districts" in capsys.readouterr().out


# --- an office moves ---

OFFICES = (
    "Bezeichnung;Straße;Hausnummer;Telefon\n"
    "Haus;Lange Straße;1;0631 1\nHof;Lange Straße;3;0631 2\nTurm;Lange Straße;30;0631 3\n"
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("offices")
    return build_town(name_sites(folder, OFFICES).path, folder / "pack").folder


def compare(offices: Path, path: Path, text: str) -> ListChange:
    path.write_text(text, "utf-8")
    return compare_list(Study(load_pack(offices)), "current", path, day=dt.date(2026, 11, 27))


def test_a_list_that_a_pack_was_built_of_changes_nothing(offices: Path, tmp_path: Path) -> None:
    found = compare(offices, tmp_path / "list.csv", OFFICES)
    assert (found.changes, found.unchanged) == ((), ("site-1", "site-2", "site-3"))


def test_rows_without_ids_are_those_of_the_sites_that_they_name(
    offices: Path, tmp_path: Path
) -> None:
    """One moves, one has another name, one a telephone; one is new, where another was before."""
    text = (
        "Bezeichnung;Straße;Hausnummer;Telefon\n"
        "Neu;Lange Straße;1;\nTurm;Lange Str.;30;0631 9\nHaus;Lange Straße;2;0631 1\n"
        "Hof am Bach;Lange Straße;3;0631 2\n;;;\n"
    )
    found = compare(offices, tmp_path / "list.csv", text)
    told = {one.id: (one.kind, one.after["name"], one.after["address"]) for one in found.changes}
    assert told == {
        "site-1": (ChangeKind.MOVED, "Haus", "Lange Straße 2"),
        "site-2": (ChangeKind.CHANGED, "Hof am Bach", "Lange Straße 3"),
        "site-3": (ChangeKind.CHANGED, "Turm", "Lange Str. 30"),
        "site-4": (ChangeKind.ADDED, "Neu", "Lange Straße 1"),
    }
    # What the file has no column for stays.
    assert {one.after["source"] for one in found.changes if one.before} == {"offices.csv"}
    (line,) = (str(one) for one in found.warnings if isinstance(one, RowMatchWarning))
    assert "(1), else with the same name: Haus; else with the same address: Hof am Bach" in line
    assert "new: Neu" in line


def test_rows_that_may_be_of_several_sites_are_refused(offices: Path, tmp_path: Path) -> None:
    text = OFFICES.replace("Haus;Lange Straße;1", "Haus;Lange Straße;2")
    with pytest.raises(ColumnValueError, match="may be of several sites: Haus, Haus"):
        compare(offices, tmp_path / "list.csv", text + "Haus;Lange Straße;7;\n")
    found = compare(offices, tmp_path / "list.csv", OFFICES + "Haus;Lange Straße;2;\n")
    assert [(one.kind, one.id) for one in found.changes] == [(ChangeKind.ADDED, "site-4")]


def test_a_list_is_put_into_force_and_taken_back_by_what_is_printed(
    offices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, path = tmp_path / "my pack", tmp_path / "list.csv"
    shutil.copytree(offices, pack)
    before = (pack / "service_points.csv").read_bytes()
    path.write_text(OFFICES.replace("Haus;Lange Straße;1", "Haus;Lange Straße;2"), "utf-8")
    assert run(["data", "sites", str(path), "--pack", str(pack), "--lang", "en"]) == 0
    printed = capsys.readouterr()
    assert (pack / "service_points.csv").read_bytes() != before
    assert "address = Straße + Hausnummer" in printed.err
    command = printed.out.rstrip().split("\n")[-1].partition(": ")[2]
    assert run(shlex.split(command)[1:]) == 0
    assert (pack / "service_points.csv").read_bytes() == before


def test_questions_take_the_list_too(
    offices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("Bezeichnung;Straße;Hausnummer\nHaus;Lange Straße;1\n", "utf-8")
    assert run(["gaps", "--scenario", str(path), "--pack", str(offices), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["districts"]
    assert [row["sites_located"] for row in rows] == [1, 0]
    path.write_text("Bezeichnung;Telefon\nHaus;1\n", "utf-8")
    assert run(["gaps", "--scenario", str(path), "--pack", str(offices), "--lang", "en"]) == 2
    assert "plan.csv" in capsys.readouterr().err

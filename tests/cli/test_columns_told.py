"""Each command that takes a table says on standard error which columns it used."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from welcomemap import cli
from welcomemap.region.pack import RegionPack

SITES = "id;name;operator;address;stated_districts;status;valid_from;valid_to;source;PLZ\n"
SITE = "a;A;Verein;Hauptstraße 300;2;open;2025;;Liste;40724\n"


def run(arguments: list[str], pack: RegionPack, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert cli.run([*arguments, "--pack", str(pack.folder)]) == 0
    return [line for line in capsys.readouterr().err.splitlines() if "separated by" not in line]


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_geocode_says_what_it_used_in_words_and_in_the_summary(
    tiny_pack: RegionPack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "Nr.;Einrichtung;Straße;Hausnummer;hs_zusatz;Stadtteil\n1;X;Hauptstraße;300;;021\n"
    command = ["geocode", write(tmp_path, "t.csv", table), "--out", str(tmp_path / "o.csv")]
    told = (
        "note: the address was read from: street Straße, house number Hausnummer, house number"
        " suffix hs_zusatz, quarter Stadtteil; not read: Nr., Einrichtung"
    )
    assert told in run(command, tiny_pack, capsys)
    assert cli.run([*command, "--json", "--pack", str(tiny_pack.folder)]) == 0
    out, err = capsys.readouterr()
    assert told in err.splitlines()
    assert json.loads(out)["columns"] == {
        "street": "Straße", "house_number": "Hausnummer", "house_number_suffix": "hs_zusatz",
        "quarter": "Stadtteil", "ignored": ["Nr.", "Einrichtung"],
    }  # fmt: skip


def test_geocode_says_which_columns_were_named(
    tiny_pack: RegionPack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write(tmp_path, "t.csv", "Wo;Was\nHauptstraße 300;x\n")
    command = ["geocode", table, "--columns", "Wo", "--out", str(tmp_path / "o.csv")]
    (told,) = run(command, tiny_pack, capsys)
    assert told.startswith("note: the address was read from: ")
    assert "Wo" in told.split(";")[0]
    assert told.endswith("not read: Was")


@pytest.mark.parametrize(
    "command",
    [["coverage", "--scenario", "FILE"], ["gaps", "--scenario", "FILE"], ["diff", "2025", "FILE"],
     ["nearest", "Hauptstraße 300", "--scenario", "FILE"]],
)  # fmt: skip
def test_a_list_of_sites_says_what_was_not_read(
    tiny_pack: RegionPack, tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "sites.csv", SITES + SITE)
    told = run([word.replace("FILE", path) for word in command], tiny_pack, capsys)
    (line,) = [line for line in told if "were read" in line]
    header = next(csv.reader([SITES], delimiter=";"))
    assert line == (
        f"warning: these columns were read: {', '.join(header[:-1])}; not read: PLZ (sites.csv)."
        " What belongs to an address must stand in the column address."
    )


def test_candidates_and_facilities_say_what_was_not_read(
    tiny_pack: RegionPack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidates = write(tmp_path, "c.csv", "id;Adresse;Ort\na;Hauptstraße 300;Hilden\n")
    facilities = write(tmp_path, "f.csv", "id;capacity;Plätze\na;9000;7\n")
    command = ["site", "--model", "p-median", "--p", "1", "--candidates", candidates,
               "--facilities", facilities]  # fmt: skip
    told = [line for line in run(command, tiny_pack, capsys) if "were read" in line]
    assert [line.split(";")[0:2] for line in told] == [
        ["warning: these columns were read: id, Adresse",
         " not read: Ort (c.csv). What belongs to an address must stand in the column address."],
        ["warning: these columns were read: id, capacity",
         " not read: Plätze (f.csv). What belongs to an address must stand in the column address."],
    ]  # fmt: skip


def test_a_column_without_content_is_not_spoken_of(
    tiny_pack: RegionPack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "sites.csv", SITES + SITE.replace("40724", ""))
    told = run(["coverage", "--scenario", path], tiny_pack, capsys)
    assert not [line for line in told if "were read" in line]

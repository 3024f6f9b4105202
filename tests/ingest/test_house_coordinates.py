"""Addresses of a file: read by their columns, held against the extract's, and enough for a pack."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

import welcomemap as wm
from tests.ingest.raw_files import require_raw
from welcomemap.cli import run
from welcomemap.errors import InputError, WelcomemapError
from welcomemap.ingest.house_coordinates import (
    AddressColumns,
    add_missing,
    compare_sources,
    look_at_addresses,
    read_house_coordinates,
)
from welcomemap.ingest.look import TownFiles, write_recipe
from welcomemap.ingest.town import build_town
from welcomemap.region.verify import check_pack

METRIC = "EPSG:25832"
EAST, NORTH = 360_000.0, 5_700_000.0
"""A place in Essen, in metres of EPSG:25832."""
ROWS = (("Lange Str.", "1", "", 0), ("Lange Str.", "2", "A", 20), ("Weg", "", "", 300),
        ("### unbekannt", "3", "", 0))  # fmt: skip
HEADER = "strname;hsnr;hsnrzu;plz;x;y"


def write_csv(path: Path, *, x_of: Callable[[float], str], y_of: Callable[[float], str],
              header: str = HEADER) -> Path:  # fmt: skip
    lines = [
        f"{street};{number};{suffix};45127;{x_of(EAST + away)};{y_of(NORTH)}"
        for street, number, suffix, away in ROWS
    ]
    path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return path


def plain(value: float) -> str:
    return f"{value:.1f}"


def zoned(value: float) -> str:
    return f"32{value:.1f}"


def german(value: float) -> str:
    return zoned(value).replace(".", ",")


@pytest.mark.parametrize("x_of", [zoned, german], ids=["zone before the easting", "comma"])
def test_a_table_is_read_by_its_columns(tmp_path: Path, x_of: Callable[[float], str]) -> None:
    path = write_csv(tmp_path / "list.csv", x_of=x_of, y_of=plain)
    guess = look_at_addresses(path)
    assert guess.columns == AddressColumns("strname", "hsnr", "hsnrzu", "plz", "x", "y")
    found = read_house_coordinates(path, guess.columns, METRIC)
    assert (found.n_unnamed, found.n_unnumbered, found.n_doubles) == (1, 1, 0)
    table = found.table
    assert table["street"].tolist() == ["Lange Str.", "Lange Str.", "Weg"]
    assert table["house_number"].tolist() == ["1", "2a", ""]
    assert table["location_quality"].tolist() == ["point", "point", "street"]
    assert set(table["postcode"]) == {"45127"}
    np.testing.assert_allclose(table.geometry.x, [EAST, EAST + 20, EAST + 300], atol=0.06)
    np.testing.assert_allclose(table.geometry.y, NORTH, atol=0.06)


def test_degrees_of_openaddresses_are_found_out(tmp_path: Path) -> None:
    """The columns of https://github.com/openaddresses/openaddresses (LON, LAT, NUMBER, …)."""
    lon, lat = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True).transform(EAST, NORTH)
    path = tmp_path / "town.csv"
    path.write_text(
        f"LON,LAT,NUMBER,STREET,UNIT,CITY,POSTCODE\n{lon},{lat},7,Lange Str.,,Essen,45127\n"
    )
    found = read_house_coordinates(path, look_at_addresses(path).columns, METRIC)
    (row,) = found.table.itertuples()
    assert (row.street, row.house_number) == ("Lange Str.", "7")
    assert row.geometry.distance(gpd.points_from_xy([EAST], [NORTH])[0]) < 0.1


def test_metres_without_a_zone_need_the_name_of_their_system(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", x_of=plain, y_of=plain)
    with pytest.raises(InputError, match="does not say of which coordinate system"):
        look_at_addresses(path)
    columns = AddressColumns("strname", "hsnr", x="x", y="y", crs=METRIC)
    table = read_house_coordinates(path, columns, METRIC).table
    assert table.geometry.x.iloc[0] == pytest.approx(EAST, abs=0.06)


def spoil(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


SPOILED: dict[str, tuple[str, bytes | str, str]] = {
    "empty": ("list.csv", "", "no columns to parse"),
    "heads alone": ("list.csv", HEADER + "\n", "holds no addresses"),
    "Latin-1": ("list.csv", (HEADER + "\nStraße;1;;1;6.9;51.4").encode("latin-1"), "not UTF-8"),
    "no number": ("list.csv", HEADER + "\nWeg;1;;1;west;51.4", "'west' is no number"),
    "another kind": ("list.pdf", "x", "not read from a file that ends with '.pdf'"),
    "no archive": ("list.zip", "x", "archive cannot be read"),
    "a line": (
        "list.geojson",
        json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"strname": "Weg"},
             "geometry": {"type": "LineString", "coordinates": [[7, 51], [7, 52]]}}]}),
        "an address is no point",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_a_file_that_is_none_is_named(tmp_path: Path, case: str) -> None:
    name, content, told = SPOILED[case]
    path = spoil(tmp_path / name, content)
    with pytest.raises(WelcomemapError, match=f"(?i){told}") as refused:
        look_at_addresses(path)
    assert str(refused.value).count(name) >= 1


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", x_of=zoned, y_of=plain)
    with pytest.raises(InputError, match=r"the column hausnr is absent.*strname, hsnr"):
        read_house_coordinates(path, AddressColumns("strname", "hausnr", x="x", y="y"), METRIC)


def pack_zip(path: Path, *names: str) -> Path:
    table = write_csv(path.with_suffix(".tmp"), x_of=zoned, y_of=plain).read_text()
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, table)
    return path


def test_the_one_table_of_an_archive_is_read_and_several_want_a_name(tmp_path: Path) -> None:
    one = pack_zip(tmp_path / "one.zip", "folder/list.csv", "read_me.txt")
    assert look_at_addresses(one).n_rows == len(ROWS)
    two = pack_zip(tmp_path / "two.zip", "a.csv", "b.csv")
    with pytest.raises(InputError, match=r"just one file of addresses: a\.csv, b\.csv"):
        look_at_addresses(two)
    assert look_at_addresses(two, member="b.csv").n_rows == len(ROWS)


def place(*rows: tuple[str, str, float, bool]) -> gpd.GeoDataFrame:
    """Addresses: street, number, metres east, whether it is a home."""
    return gpd.GeoDataFrame(
        {
            "street": [row[0] for row in rows],
            "house_number": [row[1] for row in rows],
            "is_residential": [row[3] for row in rows],
            "quarter": "",
            "district": np.int16(0),
            "postcode": "",
            "is_postcode_inferred": False,
            "location_quality": "point",
        },
        geometry=gpd.points_from_xy([EAST + row[2] for row in rows], [NORTH] * len(rows)),
        crs=METRIC,
    )


OFFICIAL = place(
    ("Lange Str.", "1", 0, True), ("Lange Str.", "2", 20, True), ("Weg", "5", 300, True)
)
EXTRACT = place(("Lange Straße", "1", 12, False), ("Lange Straße", "2", 20, True),
                ("Weg", "5", 450, True), ("Weg", "6", 310, True))  # fmt: skip


def test_two_sources_are_held_against_each_other() -> None:
    """12, 0 and 150 m apart: two of three agree, one is far off."""
    found = compare_sources(OFFICIAL, EXTRACT)
    assert (found.n_both, found.median_m) == (3, 12.0)
    assert found.agree_share == pytest.approx(2 / 3)
    assert found.far == ("Weg 5",)


def test_the_official_place_counts_and_what_it_lacks_is_added() -> None:
    whole = add_missing(OFFICIAL, EXTRACT)
    east = dict(zip(whole["street"] + " " + whole["house_number"], whole.geometry.x, strict=True))
    assert east == {
        "Lange Str. 1": EAST, "Lange Str. 2": EAST + 20, "Weg 5": EAST + 300, "Weg 6": EAST + 310,
    }  # fmt: skip
    homes = dict(zip(whole["house_number"], whole["is_residential"], strict=True))
    assert homes == {"1": False, "2": True, "5": True, "6": True}


# --- packs of addresses alone ---


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of addresses and one service point: nobody is counted in it, no street is known."""
    folder = tmp_path_factory.mktemp("alone")
    addresses = write_csv(folder / "list.csv", x_of=zoned, y_of=plain)
    sites = folder / "sites.csv"
    sites.write_text("id,name,address\noffice,Büro,Lange Straße 2a\n", "utf-8")
    looked = write_recipe(folder / "new", "Essen", TownFiles(sites=sites, addresses=addresses))
    assert any("people" in str(one) for one in looked.missing)
    result = build_town(looked.path, folder / "pack")
    assert any("nobody can be counted" in str(one) for one in result.warnings)
    return folder / "pack"


def test_a_pack_of_addresses_alone_is_sound_and_answers(alone: Path) -> None:
    region = wm.open_region(alone)
    assert [layer.name for layer in check_pack(region.pack).layers if layer.problems] == []
    assert region.pack.groups == ()
    found = region.geocode(["Lange Str. 1, 45127 Essen", "Lange Strasse 2 A"])
    assert found["outcome"].tolist() == ["exact", "exact"]
    (nearest,) = region.nearest("Lange Straße 1", k=1).itertuples()
    assert nearest.distance_m > 20


NEEDING_PEOPLE = (
    ("gaps",), ("coverage",), ("diff", "current", "current"), ("map", "--out", "map.html"),
    ("report", "--out", "paper.pdf"), ("compare", "f.csv"),
    ("site", "--model", "mclp", "--p", "1", "--candidates", "f.csv"),
)  # fmt: skip


@pytest.mark.parametrize("command", NEEDING_PEOPLE, ids=lambda command: command[0])
def test_a_command_that_counts_people_says_how_to_get_them(
    alone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.csv").write_text("id,name,address\nx,X,Lange Straße 1\n", "utf-8")
    assert run([*command, "--pack", str(alone), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "no layer demand_cells" in told
    assert "part people" in told
    assert not Path("map.html").exists()
    assert not Path("paper.pdf").exists()


@pytest.mark.raw
@pytest.mark.long  # shorter lists are read and found in every run
def test_essen_is_found_house_by_house(tmp_path: Path) -> None:
    """102,981 official house coordinates: 3,396 rows without a number, 4 without a street."""
    raw = require_raw() / "testbeds" / "essen_house_coordinates_2022.zip"
    looked = write_recipe(tmp_path / "new", "Essen", TownFiles(addresses=raw))
    build_town(looked.path, tmp_path / "pack")
    region = wm.open_region(tmp_path / "pack")
    with zipfile.ZipFile(raw) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".geojson"))
        rows = [one["properties"] for one in json.load(archive.open(name))["features"]]
    listed = pd.DataFrame(rows).fillna("")
    assert len(listed) == 102_981
    listed = listed[(listed["hsnr"] != "") & ~listed.duplicated("adresse", keep=False)]
    chosen = listed.iloc[:: len(listed) // 300]
    found = region.geocode(chosen["adresse"].tolist()).to_crs(METRIC)
    assert found["outcome"].eq("exact").mean() > 0.99
    x = chosen["x"].str.removeprefix("32").astype(float).to_numpy()
    away = np.hypot(found.geometry.x - x, found.geometry.y - chosen["y"].astype(float).to_numpy())
    assert away[found["outcome"].eq("exact").to_numpy()].max() < 1
    messy = ["altendorferstr. 374", "ALTENDORFER STRASSE 374", "Altendorfer Str.374, Essen",
             "Altendorfer Strase 374"]  # fmt: skip
    places = region.geocode(messy)
    assert places.geometry.notna().all()
    assert set(places["outcome"]) <= {"exact", "corrected", "fuzzy"}

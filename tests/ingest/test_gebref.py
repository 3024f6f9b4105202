"""House coordinates of a whole state: written to the columns that public readers of it name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import welcomemap as wm
from welcomemap.errors import EmptyTableError, EncodingError, InputError, TableError
from welcomemap.ingest import gebref
from welcomemap.ingest.gebref import is_gebref, read_gebref
from welcomemap.ingest.look import TownFiles, write_recipe
from welcomemap.ingest.town import build_town

EAST, NORTH = 360_000.0, 5_700_000.0
"""A place in Essen, in metres of EPSG:25832."""


def line(number: int, town: str, street: str, house: str, suffix: str = "", *, east: str) -> str:
    cells = [
        "N", f"DENW{number:012d}", "A", "05", "Nordrhein-Westfalen", "1", "Düsseldorf", "13", town,
        "000", town, "", "", f"{number:05d}", street, house, suffix, "32", east, "5700000,000",
        "2024-01-01",
    ]  # fmt: skip
    return ";".join(cells)


def short(metres: float) -> str:
    return f"{metres:.3f}".replace(".", ",")


def prefixed(metres: float) -> str:
    return "32" + short(metres)


def write_state(path: Path, form: Callable[[float], str] = short, *, n_others: int = 0) -> Path:
    """Two towns with a street of one name; the archive holds a table of keys beside it."""
    lines = [line(k, "Bochum", "Weg", str(k), east=form(EAST + 9000)) for k in range(1, 3)]
    lines += [line(k + 10, f"Ort {k}", "Essen", "1", east=form(EAST)) for k in range(n_others)]
    lines += [
        line(3, "Essen", "Weg", "3", east=form(EAST)),
        line(4, "Essen", "Weg", "5", "a", east=form(EAST + 20)),
        line(5, "Essen", "Allee", "7", east=form(EAST + 500)),
    ]
    text = "\ufeff" + "\r\n".join(lines) + "\r\n"
    if path.suffix != ".zip":
        path.write_bytes(text.encode())
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gebref_schluessel.txt", "G;05;1;13;000;Essen\r\n")
        archive.writestr("gebref.txt", text)
    return path


@pytest.mark.parametrize("form", [short, prefixed])
@pytest.mark.parametrize("name", ["gebref.txt", "gebref_EPSG25832_ASCII.zip"])
def test_a_pack_of_one_town_is_made_of_the_file_of_the_state(
    tmp_path: Path, name: str, form: Callable[[float], str]
) -> None:
    file = write_state(tmp_path / name, form, n_others=1200)
    looked = write_recipe(tmp_path / "new", "Essen", TownFiles(addresses=file))
    assert 'municipality = "Essen"' in looked.path.read_text("utf-8")
    build_town(looked.path, tmp_path / "pack")
    region = wm.open_region(tmp_path / "pack")
    assert len(region.pack.addresses) == 3
    found = region.geocode(["Weg 5a", "Allee 7"])
    assert found["outcome"].tolist() == ["exact", "exact"]
    places = found.to_crs("EPSG:25832").geometry
    assert (places.x[0], places.y[0]) == pytest.approx((EAST + 20, NORTH), abs=0.1)


def test_a_file_of_one_municipality_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "gebref.txt"
    path.write_text(line(1, "Essen", "Weg", "1", east=short(EAST)) + "\n", "utf-8")
    assert read_gebref(path)[["str", "hnr", "ostwert"]].to_numpy().tolist() == [
        ["Weg", "1", "32360000.000"]
    ]


@pytest.mark.parametrize(
    "first", ["strname;hsnr;x;y", "", "N;1;2", ";".join(["x"] * 21), "\x00" * 50]
)
def test_other_tables_are_none_of_it(tmp_path: Path, first: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(first + "\n", "utf-8")
    assert not is_gebref(path)


def test_a_broken_archive_is_none_of_it_and_is_named_by_who_reads_it(tmp_path: Path) -> None:
    path = write_state(tmp_path / "gebref.zip")
    path.write_bytes(path.read_bytes()[:200])
    assert not is_gebref(path)
    with pytest.raises(InputError, match=r"gebref\.zip"):
        write_recipe(tmp_path / "new", "Essen", TownFiles(addresses=path))


def test_what_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_state(tmp_path / "gebref.txt", n_others=20)
    with pytest.raises(EmptyTableError, match="Hattingen") as empty:
        read_gebref(path, "Hattingen")
    assert "Bochum" in str(empty.value)
    with pytest.raises(TableError, match="several municipalities") as several:
        read_gebref(path)
    assert "municipality" in str(several.value)
    sound = path.read_bytes()
    path.write_bytes(sound + b"N;1;;Essen;\r\n")
    with pytest.raises(TableError, match="row 26"):
        read_gebref(path, "Essen")
    path.write_bytes(sound + "N;1;;Essen;Straße\r\n".encode("latin-1"))
    with pytest.raises(EncodingError, match="row 26"):
        read_gebref(path, "Essen")
    path.write_bytes(sound + b";Essen;" * 5000)
    with pytest.raises(TableError, match="row 26"):
        read_gebref(path, "Essen")
    monkeypatch.setattr(gebref, "MOST_BYTES", 100)
    with pytest.raises(InputError, match="more than"):
        read_gebref(path, "Essen")


def test_a_place_that_is_no_number_is_named_by_the_line_of_the_file(tmp_path: Path) -> None:
    path = write_state(tmp_path / "gebref.txt")
    spoiled = path.read_text("utf-8").replace("360020,000", "")
    path.write_text(spoiled, "utf-8")
    with pytest.raises(InputError, match="row 4"):
        write_recipe(tmp_path / "new", "Essen", TownFiles(addresses=path))

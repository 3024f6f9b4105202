"""The files of a recipe are fetched whole or not at all, beside the recipe, and a pack is built."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cases import long
from tests.ingest.official_server import OfficialServer, running_server, status, whole
from tests.ingest.test_town import write_town
from tests.schemas import require_schema
from welcomemap.cli import run
from welcomemap.errors import HashMismatchError, NetworkError, OutputError, RecipeError, UsageError
from welcomemap.ingest.fetch import FetchedFileError, FetchSettings
from welcomemap.ingest.sources import Source
from welcomemap.ingest.town import build_town
from welcomemap.ingest.update import update_town
from welcomemap.region.pack import load_pack

PATIENT = FetchSettings(read_timeout_s=2, chunk_bytes=256, sleep=lambda _: None)
GRID = "Zensus_100m-Gitter.csv"


def zip_members(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


class Town:
    """A recipe whose areas, people and extract have addresses on a server, and their contents."""

    def __init__(self, folder: Path, server: OfficialServer) -> None:
        files = write_town(folder / "published")
        assert files.osm
        assert files.districts
        assert files.grid
        self.server = server
        self.folder = folder / "town"
        self.folder.mkdir()
        self.pack = folder / "pack"
        self.recipe = self.folder / "recipe.toml"
        self.grid = files.grid.read_bytes()
        self.contents = {
            "areas": ("/bezirke", files.districts.read_bytes(), "bezirke.geojson"),
            "people": ("/zensus.zip", zip_members(**{f"daten__{GRID}": self.grid,
                                                     "daten__liesmich.txt": b"x"}), GRID),
            "osm": ("/latest", files.osm.read_bytes(), "osm/town.osm"),
        }  # fmt: skip
        (self.folder / "points.csv").write_text("address\nLange Str. 1\n", "utf-8")
        for path, content, _ in self.contents.values():
            server.serve(path, whole(content))
        self.write()

    def write(self, **lines: str) -> None:
        """Write the recipe; further lines go to parts by name."""
        parts = {"region": (
            'id = "t"\nname = "T"\ncrs = "EPSG:25832"\ndistrict_word = { de = "B", en = "d" }\n'
            'service_kind = { de = "S", en = "s" }\n'
        )}  # fmt: skip
        for part, (path, _, file) in self.contents.items():
            parts[part] = f'file = "{file}"\nurl = "{self.server.url(path)}"\n'
        parts["areas"] += 'number = "nr"\nname = "bezirk"\n'
        parts["sites"] = 'file = "points.csv"\n'
        text = "".join(f"[{name}]\n{part}{lines.get(name, '')}\n" for name, part in parts.items())
        self.recipe.write_text(text, "utf-8")

    def change(self, before: str, after: str) -> None:
        text = self.recipe.read_text("utf-8")
        assert before in text
        self.recipe.write_text(text.replace(before, after), "utf-8")

    def files(self) -> dict[str, bytes]:
        """Return what lies beside the recipe and in the pack, without what is hidden."""
        found = (p for root in (self.folder, self.pack) for p in root.rglob("*") if p.is_file())
        return {
            str(p.relative_to(self.folder.parent)): p.read_bytes()
            for p in found
            if not any(part.startswith(".") for part in p.relative_to(self.folder.parent).parts)
        }

    def asked(self, path: str) -> list[dict[str, str]]:
        return self.server.headers_sent_to(path)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    (tmp_path / "published").mkdir()
    with running_server() as server:
        yield Town(tmp_path, server)


def test_files_arrive_beside_the_recipe_and_a_pack_is_built(town: Town, tmp_path: Path) -> None:
    result = update_town(town.recipe, town.pack, settings=PATIENT)
    for _, content, file in town.contents.values():
        expected = town.grid if file == GRID else content
        assert (town.folder / file).read_bytes() == expected
    assert load_pack(town.pack).districts["residents"].tolist() == [30, 12]
    told = {file.name: file for file in result.files}
    assert told["people"].path == GRID
    assert told["people"].sha256 == hashlib.sha256(town.grid).hexdigest()
    assert (told["people"].rows, told["areas"].rows) == (3, 2)
    manifest = load_pack(town.pack).manifest["resources"]
    (districts,) = (r for r in manifest if r["name"] == "districts")
    assert town.server.url("/bezirke") in [source["path"] for source in districts["sources"]]
    # Beside the recipe lie its files and hidden notes of their versions, no archive and no part.
    assert sorted(p.name for p in town.folder.iterdir() if not p.name.startswith(".")) == sorted(
        [GRID, "bezirke.geojson", "osm", "points.csv", "recipe.toml"]
    )
    notes = [p.suffix for p in (town.folder / ".recipe.toml.parts").iterdir()]
    assert notes == [".json"] * 3
    again = build_town(town.recipe, tmp_path / "again").folder
    for path in again.iterdir():
        assert path.read_bytes() == (town.pack / path.name).read_bytes(), path.name


def test_an_unchanged_file_is_not_fetched_again(town: Town) -> None:
    update_town(town.recipe, town.pack, settings=PATIENT)
    before = town.files()
    result = update_town(town.recipe, town.pack, settings=PATIENT)
    assert town.files() == before
    for path, content, _ in town.contents.values():
        tag = f'"{hashlib.sha256(content).hexdigest()[:12]}"'
        assert [headers.get("If-None-Match") for headers in town.asked(path)] == [None, tag]
    assert {file.name: file.rows for file in result.files}["people"] == 3


def test_a_file_that_somebody_changed_or_removed_is_fetched_again(town: Town) -> None:
    update_town(town.recipe, town.pack, settings=PATIENT)
    before = town.files()
    (town.folder / GRID).write_text("spoilt")
    (town.folder / "bezirke.geojson").unlink()
    update_town(town.recipe, town.pack, settings=PATIENT)
    assert town.files() == before
    assert len([h for h in town.asked("/latest") if "If-None-Match" in h]) == 1


def test_a_new_version_takes_the_place_of_the_old_one(town: Town) -> None:
    update_town(town.recipe, town.pack, settings=PATIENT)
    grown = town.grid.replace(b";12\n", b";13\n")
    town.server.serve("/zensus.zip", whole(zip_members(**{GRID: grown})))
    update_town(town.recipe, town.pack, settings=PATIENT)
    assert load_pack(town.pack).districts["residents"].tolist() == [30, 13]


def test_an_interrupted_file_is_taken_up_again(town: Town) -> None:
    path, content, file = town.contents["osm"]

    def interrupt(source: Source, here: int, _total: int | None) -> None:
        if source.name == "osm" and here >= 1024:
            raise KeyboardInterrupt

    before = town.files()
    with pytest.raises(KeyboardInterrupt):
        update_town(town.recipe, town.pack, settings=PATIENT, on_progress=interrupt)
    assert town.files() == before
    update_town(town.recipe, town.pack, settings=PATIENT)
    assert town.asked(path)[1]["Range"] == "bytes=1024-"
    assert (town.folder / file).read_bytes() == content
    assert "If-None-Match" in town.asked("/bezirke")[1]


def fail_gone(town: Town) -> None:
    town.server.serve("/zensus.zip", status(404))


def fail_markup(town: Town) -> None:
    town.server.serve("/zensus.zip", whole(b"<html>Wartung</html>"))


def fail_member(town: Town) -> None:
    town.server.serve("/zensus.zip", whole(zip_members(andere=b"a;b\n1;2\n")))


def fail_twins(town: Town) -> None:
    twins = zip_members(**{f"a__{GRID}": town.grid, f"b__{GRID}": town.grid})
    town.server.serve("/zensus.zip", whole(twins))


def fail_damaged(town: Town) -> None:
    content = bytearray(zip_members(**{GRID: town.grid}))
    content[60:70] = b"\0" * 10
    town.server.serve("/zensus.zip", whole(bytes(content)))


def fail_markup_member(town: Town) -> None:
    town.server.serve("/zensus.zip", whole(zip_members(**{GRID: b"<html></html>"})))


def fail_hash(town: Town) -> None:
    town.write(people=f'sha256 = "{"0" * 64}"')


def fail_extract(town: Town) -> None:
    town.server.serve("/latest", whole(b"Wartung, bis gleich"))


@pytest.mark.parametrize(
    ("fail", "error", "told"),
    [
        (fail_gone, NetworkError, r"1 of 3 sources.*people: .*404.*last verified: never"),
        (fail_markup, FetchedFileError, "zensus.zip gave is no usable csv file.*markup"),
        long(fail_member, FetchedFileError, "one member.*is expected in"),
        long(fail_twins, FetchedFileError, "one member.*is expected in"),
        long(fail_damaged, FetchedFileError, "cannot be unpacked"),
        long(fail_markup_member, FetchedFileError, "markup"),
        (fail_hash, HashMismatchError, "asks for 0000"),
        (fail_extract, FetchedFileError, "latest gave is no usable osm file"),
    ],
)
def test_one_source_that_fails_leaves_all_older_files_and_the_pack(
    town: Town, fail: Callable[[Town], None], error: type[Exception], told: str
) -> None:
    update_town(town.recipe, town.pack, settings=PATIENT)
    grown = town.contents["areas"][1].replace(b'"West"', b'"Neu"')
    town.server.serve("/bezirke", whole(grown))
    fail(town)
    before = town.files()
    with pytest.raises(error, match=told):
        update_town(town.recipe, town.pack, settings=PATIENT)
    assert town.files() == before
    # Nothing that arrived is lost: mended, only the failed one is fetched whole.
    path, content, _ = town.contents["people"]
    town.server.serve(path, whole(content))
    town.server.serve("/latest", whole(town.contents["osm"][1]))
    town.write()
    update_town(town.recipe, town.pack, settings=PATIENT)
    assert load_pack(town.pack).districts["name"].tolist() == ["Neu", "Ost"]


def test_without_a_network_it_is_refused(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    text = town.recipe.read_text("utf-8")
    town.recipe.write_text(text.replace(f":{town.server.port}/", ":9/"), "utf-8")
    before = town.files()
    with pytest.raises(NetworkError, match=r"3 of 3 sources.*areas: no connection to the server"):
        update_town(town.recipe, town.pack, settings=PATIENT)
    assert town.files() == before
    assert not town.pack.exists()
    assert run(["data", "build", str(town.recipe), "--out", str(town.pack)]) == 2
    assert "welcomemap data update RECIPE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('file = "bezirke.geojson"', 'file = "../bezirke.geojson"', "beside the recipe"),
        ('file = "bezirke.geojson"', 'file = "/srv/bezirke.geojson"', "beside the recipe"),
        ('file = "bezirke.geojson"', 'file = "recipe.toml"', "beside the recipe"),
        ('file = "bezirke.geojson"', 'file = "osm/town.osm"', "of no other part"),
        ('file = "bezirke.geojson"', 'file = "bezirke.exe"', "cannot be fetched"),
        ('file = "bezirke.geojson"', 'file = ""', "cannot be used"),
        ("http://127.0.0.1", "http://example.org", "begins with https"),
        ("http://127.0.0.1", "ftp://127.0.0.1", "cannot be used"),
        ("http://127.0.0.1", "https://u:secret@127.0.0.1", "cannot be used"),
        ("http://127.0.0.1", "http://[", "cannot be used"),
        ('number = "nr"', 'number = "nr"\nsha256 = "abc"', "sha256"),
        ('number = "nr"', 'number = "nr"\nverified = "yesterday"', "verified"),
        ('number = "nr"', 'number = "nr"\nurls = "x"', "urls"),
    ],
)
def test_an_address_or_a_file_that_may_not_be_is_named(
    town: Town, before: str, after: str, told: str
) -> None:
    town.change(before, after)
    with pytest.raises(RecipeError, match=told):
        update_town(town.recipe, town.pack, settings=PATIENT)
    assert town.server.asked == []


def test_a_link_out_of_the_folder_is_no_way_out(town: Town, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (town.folder / "osm").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecipeError, match="beside the recipe"):
        update_town(town.recipe, town.pack, settings=PATIENT)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_recipe_without_addresses_has_nothing_to_fetch(town: Town) -> None:
    text = town.recipe.read_text("utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("url")]
    for _, content, file in town.contents.values():
        (town.folder / file).parent.mkdir(exist_ok=True)
        (town.folder / file).write_bytes(content)
    town.recipe.write_text("\n".join(kept), "utf-8")
    with pytest.raises(RecipeError, match="nothing to fetch"):
        update_town(town.recipe, town.pack, settings=PATIENT)


def test_a_folder_that_is_no_pack_is_refused_before_anything_is_fetched(town: Town) -> None:
    town.pack.mkdir()
    (town.pack / "photo.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="no region pack"):
        update_town(town.recipe, town.pack, settings=PATIENT)
    with pytest.raises(UsageError, match="an input of this run"):
        update_town(town.recipe, town.folder / "osm", settings=PATIENT)
    assert town.server.asked == []


def test_a_full_disk_is_named_and_leaves_the_older_files(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_town(town.recipe, town.pack, settings=PATIENT)
    before = town.files()
    town.server.serve("/latest", whole(town.contents["osm"][1] + b"\n"))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OutputError, match="No space left"):
        update_town(town.recipe, town.pack, settings=PATIENT)
    assert town.files() == before


def test_the_command_line_updates_a_town(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    made = ["data", "update", str(town.recipe), "--out", str(town.pack)]
    assert run([*made, "--json"]) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    require_schema("data-update", answer)
    assert [file["name"] for file in answer["files"]] == ["areas", "people", "osm"]
    costs = {layer["layer"]: layer["costs"] for layer in answer["missing"]}
    assert costs["timetable"] == "nobody knows when buses and trains run"
    assert "addresses" not in costs
    assert printed.err == ""
    assert run(made) == 0
    printed = capsys.readouterr()
    assert "demand_cells" in printed.out
    assert printed.err == ""
    assert run([*made, "--sources", str(town.recipe)]) == 2
    assert "either a recipe or --sources" in capsys.readouterr().err

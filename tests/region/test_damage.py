"""Whatever is damaged in a pack, an answer is the same as before or one line names the damage."""

from __future__ import annotations

import gc
import io
import json
import random
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from tests.cases import long
from tests.fuzz import flip_bit
from tests.region.hostile import COMMANDS, run
from welcomemap.errors import HashMismatchError, PackError, TableError
from welcomemap.region.layers import read_feature_layer
from welcomemap.region.pack import MANIFEST_NAME, SEAL, RegionPack, load_pack, seal_of
from welcomemap.region.verify import seal_pack

FLIPS = 60
QUESTIONS = (
    *(command for command in COMMANDS if command[0] not in {"data", "coverage", "diff"}),
    ("coverage", "--mode", "transit", "--json"),
)
SURELY_NEEDED = {
    "geocode": {"addresses"}, "suggest": {"addresses"},
    "nearest": {"addresses", "service_points", "river"},
    "coverage": {"demand_cells", "service_points", "stops", "lines", "line_stops"},
    "gaps": {"demand_cells", "quarters", "service_points", "river"},
    "site": {"demand_cells", "candidate_sites", "river"},
}  # fmt: skip
SURELY_NOT = {
    "geocode": {"demand_cells", "lines", "stops", "street_edges", "candidate_sites", "river"},
    "suggest": {"demand_cells", "lines", "stops", "street_edges", "candidate_sites", "river"},
    "nearest": {"demand_cells", "candidate_sites", "lines", "stops"},
    "coverage": {"addresses", "candidate_sites", "advice_offices"},
    "gaps": {"addresses", "candidate_sites", "lines", "stops", "advice_offices"},
    "site": {"addresses", "lines", "stops", "advice_offices"},
}  # fmt: skip
Spoil = Callable[[Path, random.Random], object]
SPOILS: dict[str, Spoil] = {
    "flipped": lambda path, chance: path.write_bytes(flip_bit(path.read_bytes(), chance)),
    "cut": lambda path, chance: path.write_bytes(
        path.read_bytes()[: chance.randrange(path.stat().st_size)]
    ),
    "grown": lambda path, _: path.write_bytes(path.read_bytes() + b"\n"),
    "empty": lambda path, _: path.write_bytes(b""),
    "gone": lambda path, _: path.unlink(),
    "another": lambda path, _: path.write_bytes((path.parent / "lines.csv").read_bytes() + b"\n"),
    "a folder": lambda path, _: (path.unlink(), path.mkdir()),
}


@pytest.fixture(scope="module")
def sound(tiny_pack: RegionPack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return Rechteckstadt, sealed."""
    folder = Path(shutil.copytree(tiny_pack.folder, tmp_path_factory.mktemp("sound") / "pack"))
    seal_pack(load_pack(folder))
    return folder


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "pack"))


LAYERS = ("districts", "quarters", "demand_cells", "addresses", "service_points", "site_history",
          "candidate_sites", "advice_offices", "stops", "lines", "line_stops", "river",
          "river_crossings", "street_edges", "street_extent")  # fmt: skip


def test_these_are_all_layers(sound: Path) -> None:
    assert {r["name"] for r in load_pack(sound).manifest["resources"]} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_no_flipped_bit_of_a_layer_is_taken(copy: Path, layer: str) -> None:
    pack, chance = load_pack(copy), random.Random(layer)  # noqa: S311 - no secret
    path = pack.layer_path(layer)
    content = path.read_bytes()
    read = pack.read_rows if path.suffix == ".csv" else pack.read_features
    for _ in range(FLIPS):
        path.write_bytes(flip_bit(content, chance))
        with pytest.raises(HashMismatchError, match=path.name):
            read(layer)


def test_a_flipped_bit_of_the_manifest_says_the_same_or_is_named(copy: Path) -> None:
    chance, path = random.Random(8), copy / MANIFEST_NAME  # noqa: S311 - no secret
    content = path.read_bytes()
    before = json.loads(content)
    named = 0
    for _ in range(10 * FLIPS):
        path.write_bytes(flip_bit(content, chance))
        try:
            after = load_pack(copy).manifest
        except PackError as error:
            named += 1
            assert MANIFEST_NAME in str(error)
            assert "\n" not in str(error)
        else:
            # The name of the seal's key, which then stands for nothing, or a blank between values.
            assert {k: v for k, v in after.items() if k in before and k != SEAL} == {
                k: v for k, v in before.items() if k != SEAL
            }
    assert named > 5 * FLIPS


@pytest.mark.parametrize("kind", ["cut", "grown", "empty", "gone", "a folder"])
def test_a_damaged_manifest_is_one_line(
    copy: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(QUESTIONS[0], copy) == 0
    answer = capsys.readouterr().out
    SPOILS[kind](copy / MANIFEST_NAME, random.Random(1))  # noqa: S311 - no secret
    status, told = run(QUESTIONS[0], copy), capsys.readouterr()
    if kind == "grown":
        assert (status, told.out) == (0, answer)
    else:
        assert (status, told.out, told.err.count("\n")) == (2, "", 1)
        assert MANIFEST_NAME in told.err


def test_a_manifest_without_a_seal_is_read(copy: Path) -> None:
    path = copy / MANIFEST_NAME
    manifest = json.loads(path.read_text("utf-8"))
    assert manifest.pop(SEAL) == seal_of(manifest)
    path.write_text(json.dumps(manifest), "utf-8")
    assert load_pack(copy).manifest == manifest


def test_a_manifest_edited_by_hand_is_sealed_anew(copy: Path) -> None:
    path = copy / MANIFEST_NAME
    path.write_text(path.read_text("utf-8").replace("1.47", "1.57"), "utf-8")
    with pytest.raises(HashMismatchError, match="data seal"):
        load_pack(copy)
    assert run(("data", "seal", "--json"), copy) == 0
    assert load_pack(copy).region["detour_factor"][2] == 1.57


@dataclass(frozen=True)
class Answer:
    """What a question is answered with, and the layers that were read for it."""

    text: str
    layers: frozenset[str]


def ask(question: tuple[str, ...], folder: Path) -> tuple[int, str, str]:
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = run(question, folder)
    return status, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def answers(sound: Path) -> dict[tuple[str, ...], Answer]:
    found = {}
    read, asked = RegionPack.read_bytes, set[str]()

    def spy(pack: RegionPack, name: str, **named: bool) -> bytes:
        asked.add(name)
        return read(pack, name, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RegionPack, "read_bytes", spy)
        for question in QUESTIONS:
            asked.clear()
            status, text, _ = ask(question, sound)
            assert status == 0
            found[question] = Answer(text, frozenset(asked))
    return found


def test_no_question_reads_what_it_does_not_need(
    answers: dict[tuple[str, ...], Answer],
) -> None:
    for question, answer in answers.items():
        assert answer.layers >= SURELY_NEEDED[question[0]]
        assert not answer.layers & SURELY_NOT[question[0]]


@pytest.mark.parametrize(
    ("layer", "kind"),
    [pair if k % 2 else long(*pair) for k, pair in enumerate(zip(LAYERS, cycle(SPOILS)))],
)
def test_a_damaged_layer_stops_what_reads_it_by_name_and_nothing_else(
    copy: Path, answers: dict[tuple[str, ...], Answer], layer: str, kind: str
) -> None:
    path = load_pack(copy).layer_path(layer)
    SPOILS[kind](path, random.Random(layer))  # noqa: S311 - no secret
    for question, answer in answers.items():
        status, out, err = ask(question, copy)
        if layer not in answer.layers:
            assert (status, out) == (0, answer.text), question
        else:
            assert (status, out, err.count("\n")) == (2, "", 1), question
            assert path.name in err


@pytest.mark.parametrize("layer", ["line_stops", "street_edges"])
def test_the_check_names_a_damaged_layer_and_goes_on(copy: Path, layer: str) -> None:
    path = load_pack(copy).layer_path(layer)
    SPOILS["flipped"](path, random.Random(layer))  # noqa: S311 - no secret
    status, out, _ = ask(("data", "check", "--json"), copy)
    checked = {found["name"]: found["ok"] for found in json.loads(out)["layers"]}
    assert status == 1
    assert checked == dict.fromkeys(LAYERS, True) | {layer: False}


def test_a_street_unknown_to_the_addresses_needs_sound_streets(copy: Path) -> None:
    """Of this layer two columns are read where only the ways know a street."""
    path = load_pack(copy).layer_path("street_edges")
    streets = gpd.read_parquet(path)
    question = ("geocode", "--address", "Nebenweg 1", "--json")
    for column, value, status in (("name", "Nebenweg", 0), ("name", 7, 2), ("geometry", None, 2)):
        streets.assign(**{column: value}).to_parquet(path, index=False)
        seal_pack(load_pack(copy))
        got, _, err = ask(question, copy)
        assert (got, err.count("\n")) == (status, int(status > 0))
        assert "street_edges.parquet, row 1" in err or status == 0


def test_a_table_without_geometry_leaves_the_collector_on() -> None:
    """It is off while geometries are read, and reading them fails here."""
    content = io.BytesIO()
    pd.DataFrame({"edge_id": [1]}).to_parquet(content)
    with pytest.raises(TableError):
        read_feature_layer(content.getvalue(), Path("street_edges.parquet"), "EPSG:25832")
    assert gc.isenabled()

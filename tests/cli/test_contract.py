"""Every command's JSON, held against the contract: one value, its keys, its types, its status."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from docs.make_schemas import make_files

from tests.schemas import FOLDER, name_schema, open_schema, require_schema
from tests.worlds import write_rechteckstadt
from welcomemap.cli import run

Ask = Callable[..., Any]
NUMBER = (int, float)
NONE = type(None)
OUTCOMES = {
    "exact", "corrected", "interpolated", "nearest_number", "range", "street", "place",
    "ambiguous", "outside", "not_found",
}  # fmt: skip
GROUPS = {"residents", "migration_background", "foreign_citizens", "under_18", "over_65"}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_rechteckstadt(tmp_path_factory.mktemp("world") / "pack"))


@pytest.fixture
def ask(pack: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command with ``--json`` and return the one value it prints."""

    def answer(*arguments: str, status: int = 0, on_pack: bool = True) -> Any:
        given = [*arguments, "--json", *(("--pack", pack) if on_pack else ())]
        assert run(given) == status
        found = json.loads(capsys.readouterr().out, parse_constant=_refuse_constant)
        require_schema(name_schema(arguments), found)
        return found

    return answer


def _refuse_constant(name: str) -> None:
    pytest.fail(f"{name} is no JSON")


def has(value: Mapping[str, Any], **types: Any) -> None:
    """Expect these keys with these types; bool is no number."""
    for key, kind in types.items():
        assert key in value, key
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if isinstance(value[key], bool):
            assert bool in kinds, (key, value[key])
        else:
            assert isinstance(value[key], kinds), (key, value[key])


def is_interval(value: object) -> bool:
    return (
        isinstance(value, list) and len(value) == 2 and value[0] <= value[1]
        and all(math.isfinite(bound) for bound in value)
    )  # fmt: skip


def test_data_check(ask: Ask) -> None:
    found = ask("data", "check")
    has(found, ok=bool, layers=list)
    assert found["ok"] is True
    for layer in found["layers"]:
        has(layer, name=str, path=str, rows=int, sha256=str, licence=str, source=str,
            date=(str, NONE), ok=bool, problems=list)  # fmt: skip
        assert len(layer["sha256"]) == 64


def test_data_check_that_fails_has_status_1_and_its_json(
    pack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(pack, broken)
    layer = next(broken.glob("stops.*"))
    layer.write_bytes(b"junk")
    assert run(["data", "check", "--json", "--pack", str(broken)]) == 1
    found = json.loads(capsys.readouterr().out)
    require_schema("data-check", found)
    assert found["ok"] is False
    (named,) = [row for row in found["layers"] if row["name"] == "stops"]
    assert named["ok"] is False
    assert named["problems"]


@pytest.mark.parametrize("mode", ["walk", "cycle", "transit"])
def test_gaps(ask: Ask, mode: str) -> None:
    found = ask("gaps", "--scenario", "2020", "--mode", mode)
    has(found, scenario=str, threshold=str, mode=str, detour_factor=list, districts=list,
        areas=list)  # fmt: skip
    assert (found["scenario"], found["mode"]) == ("2020", mode)
    assert found["threshold"] == ("15min" if mode == "transit" else "1000m")
    low, high = found["detour_factor"][1:]
    assert low <= found["detour_factor"][0] <= high
    for row in found["districts"]:
        has(row, district=int, name=str, residents=int, sites_located=int,
            sites_stated=(int, NONE), located_unserved=bool, stated_unserved=(bool, NONE),
            stated_elsewhere=list, disputed=list, located_unserved_if_disputed_false=bool,
            planned=list, covered_residents=int, covered_share=NUMBER, interval=list)  # fmt: skip
        assert 0 <= row["covered_share"] <= 1
        assert is_interval(row["interval"])


def test_coverage(ask: Ask) -> None:
    found = ask("coverage", "--scenario", "2020", "--mode", "walk",
                "--threshold", "1000m,15min", "--group", "residents,over_65")  # fmt: skip
    has(found, scenario=str, mode=str, rows=list)
    assert {row["threshold"] for row in found["rows"]} == {"1000m", "15min"}
    assert {row["group"] for row in found["rows"]} == {"residents", "over_65"}
    assert {row["area_kind"] for row in found["rows"]} == {"city", "district", "quarter"}
    for row in found["rows"]:
        has(row, area=(str, int), total=NUMBER, covered=NUMBER, share=(*NUMBER, NONE))
        assert 0 <= row["share"] <= 1
        assert is_interval(row["interval"])


def test_diff(ask: Ask) -> None:
    found = ask("diff", "2020", "2025", "--threshold", "1000m,15min", "--group", "under_18")
    assert (found["from"], found["to"]) == ("2020", "2025")
    for row in found["rows"]:
        has(row, area_kind=str, area=(str, int), group=str, threshold=str, gained=NUMBER,
            lost=NUMBER, rests_on_disputed=list)  # fmt: skip
    for language in ("de", "en"):
        assert found["sentences"][language]
        assert all(isinstance(text, str) for text in found["sentences"][language])


@pytest.mark.parametrize("address", ["Hauptstraße 300", "Hauptstraße", "Nirgendwoweg 9", ""])
def test_geocode_one(ask: Ask, address: str) -> None:
    found = ask("geocode", "--address", address)
    check_geocoded(found)
    if found["outcome"] in ("not_found", "outside"):
        assert found["lat"] is None
        assert found["lon"] is None


def check_geocoded(found: Mapping[str, Any]) -> None:
    has(found, outcome=str, matched=(str, NONE), street=(str, NONE), house_number=(str, NONE),
        lat=(float, NONE), lon=(float, NONE), error_radius_m=(*NUMBER, NONE),
        district=(int, NONE), quarter=(str, NONE), postcode=(str, NONE), alternatives=list,
        contradictions=list, explanation=dict)  # fmt: skip
    assert found["outcome"] in OUTCOMES
    assert found["explanation"].keys() >= {"de", "en"}
    assert all(found["explanation"].values())


def test_geocode_a_table(ask: Ask, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(
        "id,address,note\n1,Hauptstraße 300,=1+1\n2,Nirgendwoweg 9,x\n3,,y\n", encoding="utf-8"
    )
    found = ask("geocode", str(table), "--out", str(out))
    has(found, rows=int, outcomes=dict, contradictions=int, review=list)
    assert found["rows"] == 3
    assert sum(found["outcomes"].values()) == 3
    assert set(found["outcomes"]) <= OUTCOMES
    assert set(found["review"]) >= {2, 3}
    head, *rows = out.read_text(encoding="utf-8-sig").splitlines()
    assert head.split(",")[:3] == ["id", "address", "note"]
    assert set(head.split(",")) >= {
        "outcome", "matched", "lat", "lon", "error_radius_m", "district", "quarter",
        "contradictions", "explanation",
    }  # fmt: skip
    assert [row.split(",")[0] for row in rows] == ["1", "2", "3"]


def test_nearest_names_as_many_sites_as_are_asked_for(ask: Ask) -> None:
    whole = ask("nearest", "Hauptstraße 300", "--scenario", "2020")
    # The list of 2020 has two sites that are open, one at either end of Hauptstraße.
    assert len(whole["sites"]) == 2
    first = ask("nearest", "Hauptstraße 300", "--scenario", "2020", "--k", "1")
    assert first == {**whole, "sites": whole["sites"][:1]}
    assert ask("nearest", "Hauptstraße 300", "--scenario", "2020", "-k", "9") == whole


def test_nearest_of_none_is_refused() -> None:
    assert run(["nearest", "Hauptstraße 300", "--k", "0"]) == 2


@pytest.mark.parametrize("mode", ["walk", "cycle", "transit"])
def test_nearest(ask: Ask, mode: str) -> None:
    found = ask("nearest", "Hauptstraße 300", "--mode", mode, "--scenario", "2020")
    check_geocoded(found["address"])
    # House number 300 stands at x = 3000 m.
    assert (found["address"]["quarter"], found["address"]["quarter_name"]) == ("021", "Markt")
    assert found["sites"]
    for site in found["sites"]:
        has(site, id=str, name=str, operator=str, address=str, lat=float, lon=float,
            district=(int, NONE), status=str, distance_m=(*NUMBER, NONE), duration_min=NUMBER,
            interval_m=(list, NONE), interval_min=list, basis=str, is_disputed=bool,
            moved_to=(str, NONE), is_open_now=(bool, NONE), valid_from=(str, NONE),
            valid_to=(str, NONE))  # fmt: skip
        assert site["basis"] in ("streets", "estimate", "mixed")
        assert is_interval(site["interval_min"])
        assert site["status"] in ("open", "disputed")
    minutes = [site["duration_min"] for site in found["sites"]]
    assert minutes == sorted(minutes)


def test_suggest(ask: Ask) -> None:
    found = ask("suggest", "haup 300")
    assert found
    for choice in found:
        has(choice, label=str, street=str, house_number=(str, NONE), lat=float, lon=float)
    assert ask("suggest", "\0<script>") == []


@pytest.mark.parametrize("model", ["lscp", "mclp", "p-median", "p-center", "p-dispersion"])
@pytest.mark.parametrize("kept", ["--fix-existing", "--from-scratch"])
def test_site_in_a_region(ask: Ask, model: str, kept: str) -> None:
    p = () if model == "lscp" else ("--p", "2")
    found = ask("site", "--model", model, *p, "--candidates", "stops", "--scenario", "2020",
                "--threshold", "3000m", kept)  # fmt: skip
    check_siting(found, model)
    assert found["status"] == "optimal"
    assert found["gap"] == 0


def check_siting(found: Mapping[str, Any], model: str) -> None:
    has(found, model=str, p=(int, NONE), status=str, objective=(*NUMBER, NONE),
        bound=(*NUMBER, NONE), gap=(*NUMBER, NONE), optimal_sets=list, n_optimal_sets=int,
        n_optimal_sets_is_exact=bool, near_optimal_sets=list, runner_up=(dict, NONE),
        assignments=dict)  # fmt: skip
    assert found["model"] == model
    assert found["status"] in ("optimal", "feasible", "infeasible")
    for members in found["optimal_sets"]:
        assert isinstance(members, list)
        assert all(isinstance(name, str) for name in members)
    if found["runner_up"] is not None:
        has(found["runner_up"], set=list, objective=NUMBER)


REQUIRED = ("--from-scratch", "--require-district", "1", "--require-district", "2")
"""One site cannot lie in both; a district that there is not is bad input."""


@pytest.mark.parametrize("asked", [("--p", "1000"), ("--p", "1", *REQUIRED)])
def test_what_cannot_be_has_status_3_and_its_json(ask: Ask, asked: tuple[str, ...]) -> None:
    found = ask("site", "--model", "mclp", *asked, "--candidates", "stops", status=3)
    check_siting(found, "mclp")
    assert found["status"] == "infeasible"
    assert found["optimal_sets"] == []
    assert found["reason"].keys() >= {"de", "en"}


def test_site_on_a_plain_matrix(ask: Ask, tmp_path: Path) -> None:
    costs, weights = tmp_path / "costs.csv", tmp_path / "weights.csv"
    costs.write_text("demand,a,b\nx,1,9\ny,9,2\n")
    weights.write_text("demand,weight\nx,5\ny,1\n")
    found = ask("site", "--cost-matrix", str(costs), "--demand", str(weights), "--model",
                "p-median", "--p", "1", on_pack=False)  # fmt: skip
    check_siting(found, "p-median")
    assert found["optimal_sets"] == [["a"]]
    assert found["objective"] == 14
    assert found["runner_up"] == {"set": ["b"], "objective": 47}
    assert found["assignments"] == {"x": "a", "y": "a"}


def test_compare(ask: Ask, tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text(
        "ID,Name,Anschrift\nm,Mein Haus,Hauptstraße 300\nn,Nirgends,Nirgendwoweg 9\n",
        encoding="utf-8",
    )
    found = ask("compare", str(table), "--scenario", "2020")
    has(found, candidates=list, pareto=list, sentences=dict)
    (row,) = found["candidates"]
    has(row, id=str, location_outcome=(str, NONE), gained=dict, p_best=(*NUMBER, NONE), rank=int)
    assert (row["id"], row["rank"]) == ("m", 1)
    assert set(row["gained"]) == GROUPS
    assert found["left_out"] == ["n"]
    assert found["pareto"] == ["m"]
    assert found["sentences"].keys() == {"de", "en"}


def test_map(ask: Ask, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    for mode in ("walk", "cycle", "transit"):  # Each has a threshold where none is given.
        found = ask("map", "--out", str(out), "--scenario", "2020", "--mode", mode)
        (written,) = found["written"]
        has(written, path=str, bytes=int, sha256=str)
        assert written["bytes"] == out.stat().st_size


def test_report_and_replay(ask: Ask, tmp_path: Path) -> None:
    paper = tmp_path / "paper.csv"
    found = ask("report", "--out", str(paper), "--scenario", "2020")
    assert {Path(one["path"]).name for one in found["written"]} >= {"paper.study.json"}
    again = ask("replay", str(tmp_path / "paper.study.json"), "--out", str(tmp_path / "again.csv"))
    assert (again["equal"], again["differences"]) == (True, [])
    other = ask("replay", str(tmp_path / "paper.study.json"), "--out",
                str(tmp_path / "other.xlsx"), status=1)  # fmt: skip
    assert not other["equal"]
    for one in other["differences"]:
        has(one, file=str, stored=(str, NONE), now=(str, NONE), cause=str)


def test_data_seal(pack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "pack"
    shutil.copytree(pack, mine)
    with (mine / "service_points.csv").open("a") as table:
        table.write("\n")
    assert run(["data", "seal", "--json", "--pack", str(mine)]) == 0
    found = json.loads(capsys.readouterr().out)
    require_schema("data-seal", found)
    assert [row["name"] for row in found["layers"] if row["is_changed"]] == ["service_points"]


def test_the_published_schemas_are_those_of_the_code() -> None:
    assert {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()} == make_files()


def test_keys_may_be_added_and_none_left_out() -> None:
    found = {"layers": [], "missing": [], "warnings": []}
    require_schema("data-build", found | {"more": 1})
    assert not open_schema("data-build").is_valid({"layers": []})


def test_the_pack_may_come_from_the_environment(
    pack: str, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.setenv("WELCOMEMAP_PACK", pack)
    found = ask("gaps", on_pack=False)
    assert [row["name"] for row in found["districts"]] == ["Westviertel", "Mitte", "Ostufer"]


SITES = (
    "id,name,operator,address,stated_districts,status,valid_from,valid_to,source\n"
    "a2,Haus,Verein,Hauptstraße 50,,open,,,tiny world\n"
    "b2,Haus,Verein,Hauptstraße 320,,open,,,tiny world\n"
    "n,Neu,Verein,Hauptstraße 100,,open,,,tiny world\n"
)


def test_data_sites(pack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine, listed = tmp_path / "pack", tmp_path / "list.csv"
    shutil.copytree(pack, mine)
    listed.write_text(SITES, "utf-8")
    before = {path.name: path.read_bytes() for path in mine.iterdir()}

    def ask(*more: str, status: int = 0) -> Any:
        assert run(["data", "sites", *more, "--json", "--pack", str(mine)]) == status
        if status != 0:
            return None
        found = json.loads(capsys.readouterr().out)
        require_schema(name_schema(("data", "sites", *more)), found)
        return found

    shown = ask(str(listed), "--dry-run", "--date", "2025-03-01")
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before
    found = ask(str(listed), "--date", "2025-03-01")
    assert found | {"written": []} == shown
    has(found, added=list, moved=list, closed=list, changed=list, unchanged=list, scenario=str,
        date=str, mode=str, threshold=str, changes=list, total=dict, sentences=dict,
        written=list)  # fmt: skip
    ids = [found[key] for key in ("added", "moved", "closed", "changed", "unchanged")]
    assert ids == [["n"], ["b2"], [], ["a2"], []]
    for change in found["changes"]:
        has(change, id=str, kind=str, address=(str, NONE), address_before=(str, NONE),
            kept_as=(str, NONE), last_day=(str, NONE), columns=list, is_located=bool,
            gained=(*NUMBER, NONE), lost=(*NUMBER, NONE))  # fmt: skip
    assert found["sentences"].keys() == {"de", "en"}
    assert all(found["sentences"].values())
    for one in found["written"]:
        assert Path(one["path"]).stat().st_size == one["bytes"]
        assert len(one["sha256"]) == 64
    assert run(["data", "check", "--pack", str(mine)]) == 0
    capsys.readouterr()
    undone = ask("--undo")
    assert {key: undone[key] for key in ("added", "moved", "sentences")} == {
        key: found[key] for key in ("added", "moved", "sentences")
    }
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before
    ask("--undo", status=2)
    ask(status=2)
    ask(str(listed), "--undo", status=2)
    ask(str(listed), "--date", "2025-02-30", status=2)
    ask(str(listed), "--date", "2999-01-01", status=2)


def test_data_sites_leaves_the_pack_of_the_program_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WELCOMEMAP_PACK", raising=False)
    (tmp_path / "list.csv").write_text(SITES, "utf-8")
    assert run(["data", "sites", str(tmp_path / "list.csv")]) == 2
    assert "Copy the folder" in capsys.readouterr().err
    assert run(["data", "sites", str(tmp_path / "none.csv"), "--dry-run"]) == 2
    assert "no such file" in capsys.readouterr().err

"""Bad, hostile and unusual input on the command line: one line says what, where and how to mend it.

Status 2 and nothing on standard output, or a warning for each thing that is set aside; never a
traceback, and never a file that is half written or replaced.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.worlds import write_rechteckstadt
from welcomemap.cli import run

HEADER = "id,name,operator,address,stated_districts,status,valid_from,valid_to,source"
PLACED = HEADER + ",lat,lon"


@dataclass(frozen=True)
class Told:
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


Ask = Callable[..., Told]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_rechteckstadt(tmp_path_factory.mktemp("world") / "pack"))


@pytest.fixture
def ask(pack: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command on the tiny pack."""

    def answer(*arguments: str) -> Told:
        status = run([*arguments, "--pack", pack])
        captured = capsys.readouterr()
        return Told(status, captured.out, captured.err)

    return answer


def refuse(told: Told, *parts: str) -> None:
    """Expect status 2, nothing on standard output and one line that holds all parts."""
    assert (told.status, told.out) == (2, "")
    assert len([line for line in told.lines if line.startswith("welcomemap: ")]) == 1
    assert all(line.startswith(("welcomemap: ", "warning: ")) for line in told.lines)
    for part in parts:
        assert part in told.err


def write(folder: Path, *rows: str, name: str = "list.csv") -> str:
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        (
            [HEADER.replace("address,", ""), "a,A,O,1,open,,,x"],
            ["list.csv", "column address", "lat and lon"],
        ),
        ([HEADER, "a,A,O,Hauptstraße 2,1,open,,,x,more"], ["list.csv", "row 1", "row: 10"]),
        ([HEADER, "a,A,O,X,1,open,,,x", "a,B,O,Y,1,open,,,x"], ["row 2", "column id"]),
        ([HEADER, "a,A,O,X,1,weird,,,x"], ["row 1", "column status", "planned"]),
        ([HEADER, "a,A,O,X,99,open,,,x"], ["row 1", "stated_districts"]),
        ([HEADER, "a,A,O,=1+1,1,open,,,x"], ["site a", "column address", "formula"]),
        ([PLACED, "a,A,O,X,1,open,,,x,51.258,"], ["row 1", "column lon"]),
        ([PLACED, "a,A,O,X,1,open,,,x,nan,7"], ["row 1", "column lat"]),
        ([PLACED, "a,A,O,X,1,open,,,x,1.5,60.5"], ["row 1", "outside"]),
        ([HEADER], ["list.csv", "no rows"]),
    ],
)
def test_a_list_of_sites_is_refused_with_its_place(
    ask: Ask, tmp_path: Path, rows: list[str], parts: list[str]
) -> None:
    refuse(ask("gaps", "--scenario", write(tmp_path, *rows), "--json"), *parts)


def test_a_list_longer_than_any_network_of_offices_is_refused(ask: Ask, tmp_path: Path) -> None:
    rows = [f"s{k},S,O,,,open,,,x" for k in range(1001)]
    refuse(ask("gaps", "--scenario", write(tmp_path, HEADER, *rows)), "1001", "at most 1000")


def test_what_a_list_leaves_out_is_told_once(ask: Ask, tmp_path: Path) -> None:
    table = write(
        tmp_path, HEADER, "a,<b>A</b>,O,Nirgendwoweg 99,,open,,,x", "b,B,O,Hauptstraße 2,,open,,,x"
    )
    told = ask("coverage", "--scenario", table, "--threshold", "500m,9min", "--json")
    assert told.status == 0
    json.loads(told.out)
    assert len(told.lines) == len(set(told.lines))
    assert any("site <b>A</b> (a) has no place" in line for line in told.lines)
    assert any("looks like HTML" in line and "row 1" in line for line in told.lines)


@pytest.mark.parametrize("name", ["", "1999", "no/such.csv", "x\0y", "a" * 5000, "\udcff"])
def test_an_unknown_scenario_names_the_known_ones(ask: Ask, name: str) -> None:
    refuse(ask("gaps", "--scenario", name), "no scenario", "2020")


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        (["id,lat,lon", "a,48.1,11.5"], ["row 1", "outside"]),
        (["id,lat,lon", "a,51.2,"], ["row 1", "column lon"]),
        (["id,lat,lon", "a,1e400,nan"], ["row 1", "column lat"]),
        (["id,address,lat,lon", "a,Hauptstraße 2,foo,bar"], ["row 1", "column lat"]),
        (["id,address", "a,Hauptstraße 2", "a,Hauptstraße 4"], ["row 2", "column id"]),
        (["id,address", ",Hauptstraße 2"], ["row 1", "column id", "empty"]),
        (["id,address,area_m2", "a,Hauptstraße 2,viel"], ["row 1", "column area_m2"]),
        (["id,address,rooms", "a,Hauptstraße 2,inf"], ["row 1", "column rooms"]),
        (["id,address,is_step_free", "a,Hauptstraße 2,maybe"], ["row 1", "column is_step_free"]),
        (["id,address", "a,<script>x</script>"], ["row 1", "column address"]),
        (["id,remark", "a,b"], ["column address"]),
        (["id,address", "a,Nirgendwoweg 99"], ["no candidate has a known place", ": a."]),
    ],
)
def test_a_list_of_candidates_is_refused_with_its_place(
    ask: Ask, tmp_path: Path, rows: list[str], parts: list[str]
) -> None:
    refuse(ask("compare", write(tmp_path, *rows), "--json"), *parts)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "a.csv", "b.csv"], "one file"),
        (["compare", "x", "--threshold", "500m,900m"], "one threshold"),
        (["compare", "x", "--weight", "residents=1", "--weight", "residents=2"], "twice"),
        (["site", "--model", "mclp", "--p", "1", "--threshold", "1m,2m"], "one threshold"),
        (["gaps", "--threshold", "1.000m"], "Write it as 1000m"),
        (["gaps", "--threshold", "-5m"], "Write it as 1000m"),
        (["gaps", "--threshold", "9" * 400 + "m"], "not understood"),
        (["gaps", "--mode", "transit", "--threshold", "500m"], "minutes"),
        (["site", "--model", "mclp", "--p", "1", "--candidates", "x\0y"], "no candidates"),
        (["nearest", "x" * 10_000_000], "400 characters"),
        (["nearest", "Ost\x1bstr"], "U+001B"),
        (["geocode", "--address", "9" * 5000], "400 characters"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    ask: Ask, arguments: list[str], said: str
) -> None:
    refuse(ask(*arguments), said)


def test_a_plain_matrix_refuses_options_it_would_ignore(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    costs = write(tmp_path, "demand,a,b", "x,1,2", name="costs.csv")
    weights = write(tmp_path, "demand,weight", "x,1", name="weights.csv")
    files = ["site", "--cost-matrix", costs, "--demand", weights, "--model", "p-median", "--p", "1"]
    assert run([*files, "--require-district", "3"]) == 2
    assert "does not go with --cost-matrix" in capsys.readouterr().err
    assert run(["site", "--demand", weights, "--model", "p-median", "--p", "1"]) == 2
    assert "--demand" in capsys.readouterr().err


def test_the_review_map_never_replaces_a_table(ask: Ask, tmp_path: Path) -> None:
    table = Path(write(tmp_path, "id,address", "1,Hauptstraße 2"))
    before = table.read_bytes()
    out = tmp_path / "out.csv"
    for target in (table, out):
        told = ask("geocode", str(table), "--out", str(out), "--review-map", str(target))
        refuse(told, "--review-map", target.name)
    assert table.read_bytes() == before
    assert not out.exists()


@pytest.mark.parametrize("name", ["missing/out.csv", "folder.csv", "o" * 300 + ".csv"])
def test_an_output_that_cannot_be_written_leaves_nothing(
    ask: Ask, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    table = write(tmp_path, "id,address", "1,Hauptstraße 2")
    before = sorted(path.name for path in tmp_path.iterdir())
    refuse(ask("geocode", table, "--out", str(tmp_path / name)), Path(name).name[:70])
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_device_is_never_replaced_by_a_file(ask: Ask, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)
    refuse(ask("map", "--out", str(pipe)), "pipe.html")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_opening_hours_nobody_understands_do_not_hide_a_site(ask: Ask, tmp_path: Path) -> None:
    table = write(
        tmp_path, HEADER + ",opening_hours,lat,lon", "a,A,O,,,open,,,x,whenever,51.2581,6.7198"
    )
    told = ask("nearest", "Hauptstraße 2", "--scenario", table, "--json")
    if told.status == 2:
        pytest.fail(told.err)
    assert [line for line in told.lines if "whenever" in line and "site a" in line]


def start(arguments: Sequence[str], **settings: object) -> subprocess.CompletedProcess[str]:
    code = "import sys; from welcomemap.cli import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], text=True, encoding="utf-8", timeout=120,
        check=False, stderr=subprocess.PIPE, **settings,
    )  # type: ignore[call-overload, no-any-return]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line(pack: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = start(["suggest", "haupt", "--json", "--pack", pack], stdout=full)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "space" in done.stderr


def test_the_output_is_utf_8_whatever_the_locale(pack: str) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = start(["gaps", "--pack", pack], stdout=subprocess.PIPE, env=os.environ | plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "×" in done.stdout


def test_a_word_alone_shows_the_help_and_no_empty_line_of_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([]) == 2
    captured = capsys.readouterr()
    assert "gaps" in captured.out + captured.err
    assert "welcomemap: ." not in captured.err

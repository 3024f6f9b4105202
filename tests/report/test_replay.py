"""A paper can be made again to the byte; what has changed is named and refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import long
from tests.report.conftest import REQUEST, Made
from tests.worlds import load_rechteckstadt, write_rechteckstadt
from welcomemap.errors import ChangedInputError, OtherVersionWarning, StudyFileError, UsageError
from welcomemap.files import hash_file
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import seal_pack
from welcomemap.report import PaperRequest, find_differences, replay_paper, write_paper
from welcomemap.report.request import read_request

SITES = (
    "id,name,operator,address,stated_districts,status,valid_from,valid_to,source,lat,lon\n"
    "x1,Punkt Eins,,,1,open,,,eigene,51.2500,6.7100\n"
)


def test_replay_gives_the_same_bytes_in_every_form(made: Made, tmp_path: Path):
    written = replay_paper(
        made.pack, made.file("study.json"), tmp_path / "again.pdf", accept_changes=False,
        study=made.study,
    )  # fmt: skip
    assert len(written) > 20
    assert find_differences(
        made.pack, made.file("study.json"), tmp_path / "again.pdf", written
    ) == ()  # fmt: skip
    for file in written:
        first = made.folder / file.path.name.replace("again", "paper")
        assert file.sha256 == hash_file(first), file.path.name


@pytest.mark.long
def test_replay_without_fonts_of_the_system_gives_the_same_bytes(made: Made, tmp_path: Path):
    """Another process, another home, an empty font configuration."""
    fonts = tmp_path / "fonts.conf"
    fonts.write_text('<?xml version="1.0"?><fontconfig></fontconfig>', "utf-8")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "FONTCONFIG_FILE": str(fonts),
        "XDG_DATA_HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path / "mpl"), "TZ": "Asia/Tokyo",
        "LC_ALL": "C", "PYTHONHASHSEED": "7",
    }  # fmt: skip
    code = "from welcomemap.cli import main; main()"
    again = tmp_path / "again.pdf"
    arguments = ["replay", str(made.file("study.json")), "--out", str(again), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True,
        check=True, cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(done.stdout)["written"][0]["sha256"] == hash_file(made.file("pdf"))
    assert again.read_bytes() == made.file("pdf").read_bytes()


def test_the_study_file_names_every_input_and_no_place(made: Made):
    saved = json.loads(made.file("study.json").read_text("utf-8"))
    for resource in made.pack.manifest["resources"]:
        assert saved["layers"][resource["name"]] == resource["sha256"]
    assert saved["seeds"] == {"uncertainty": 2026}
    assert saved["versions"]["typst"]
    assert saved["outputs"][".pdf"] == hash_file(made.file("pdf"))
    assert str(made.folder) not in made.file("study.json").read_text("utf-8")
    assert read_request(saved["request"]) == REQUEST


@pytest.fixture(scope="module")
def small_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a pack and a paper about it."""
    folder = tmp_path_factory.mktemp("small")
    pack = load_rechteckstadt(folder / "pack")
    write_paper(pack, PaperRequest("2025"), folder / "paper.pdf")
    return folder


@pytest.fixture
def small(small_once: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder, to be changed."""
    return shutil.copytree(small_once, tmp_path, dirs_exist_ok=True)


def test_a_changed_layer_is_named_and_refused(small: Path):
    with (small / "pack" / "candidate_sites.csv").open("a", encoding="utf-8") as handle:
        handle.write("\n")
    pack = load_pack(small / "pack")
    with pytest.raises(ChangedInputError, match="layer candidate_sites") as caught:
        replay_paper(pack, small / "paper.study.json", small / "again.pdf", accept_changes=False)
    assert "--accept-changes" in str(caught.value)
    assert not (small / "again.pdf").exists()
    seal_pack(pack)
    pack = load_pack(small / "pack")
    replay_paper(pack, small / "paper.study.json", small / "again.pdf", accept_changes=True)
    assert (small / "again.pdf").is_file()


def test_a_changed_manifest_is_named(small: Path):
    path = small / "pack" / "datapackage.json"
    path.write_text(path.read_text("utf-8").replace("Rechteckstadt", "Quadratstadt"), "utf-8")
    with pytest.raises(ChangedInputError, match=r"datapackage\.json"):
        replay_paper(
            load_pack(small / "pack"), small / "paper.study.json", small / "again.pdf",
            accept_changes=False,
        )  # fmt: skip


def test_the_planners_file_is_found_beside_the_study_file_and_checked(tmp_path: Path):
    write_rechteckstadt(tmp_path / "here" / "pack")
    (tmp_path / "here" / "own.csv").write_text(SITES, "utf-8")
    here = tmp_path / "here"
    pack = load_pack(here / "pack")
    written = write_paper(pack, PaperRequest(str(here / "own.csv")), here / "paper.pdf")
    there = shutil.copytree(here, tmp_path / "there")
    moved = load_pack(there / "pack")
    again = replay_paper(
        moved, there / "paper.study.json", there / "again.pdf", accept_changes=False
    )
    assert again[0].sha256 == written[0].sha256
    (there / "own.csv").write_text(SITES.replace("Eins", "Zwei"), "utf-8")
    with pytest.raises(ChangedInputError, match=r"file .*own\.csv"):
        replay_paper(moved, there / "paper.study.json", there / "again.pdf", accept_changes=False)


def test_other_versions_are_told(small: Path):
    path = small / "paper.study.json"
    saved = json.loads(path.read_text("utf-8"))
    saved["versions"]["typst"] = "0.1"
    path.write_text(json.dumps(saved), "utf-8")
    with pytest.warns(OtherVersionWarning, match="typst 0.1 then"):
        replay_paper(load_pack(small / "pack"), path, small / "again.pdf", accept_changes=False)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"form": "other"}', '{"form": "welcomemap paper study", "x":', "\x00"],
)
def test_a_broken_study_file_is_refused(small: Path, content: str):
    (small / "bad.study.json").write_text(content, "utf-8")
    with pytest.raises(StudyFileError):
        replay_paper(
            load_pack(small / "pack"), small / "bad.study.json", small / "x.pdf",
            accept_changes=False,
        )  # fmt: skip


def test_a_study_file_that_names_no_group_counts_all_residents(small: Path):
    path = small / "paper.study.json"
    saved = json.loads(path.read_text("utf-8"))
    del saved["request"]["group"]
    path.write_text(json.dumps(saved), "utf-8")
    replay_paper(load_pack(small / "pack"), path, small / "again.pdf", accept_changes=False)
    assert (small / "again.pdf").read_bytes() == (small / "paper.pdf").read_bytes()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mode", "fly"),
        ("threshold", "far"),
        ("seed", None),
        ("formats", "pdf"),
        ("scenario", 7),
        ("group", "martians"),
        ("group", None),
    ],
)
def test_a_damaged_request_is_refused(small: Path, key: str, value: object):
    path = small / "paper.study.json"
    saved = json.loads(path.read_text("utf-8"))
    saved["request"][key] = value
    path.write_text(json.dumps(saved), "utf-8")
    with pytest.raises(UsageError):
        replay_paper(load_pack(small / "pack"), path, small / "again.pdf", accept_changes=False)


def replay_by_command(folder: Path, out: str, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = ["replay", "paper.study.json", "--out", out, "--pack", "pack", *more]
    return subprocess.run(
        [sys.executable, "-c", "from welcomemap.cli import main; main()", *arguments],
        capture_output=True, text=True, check=False, cwd=folder,
        env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip


def edit_study(folder: Path, key: str, value: object) -> None:
    path = folder / "paper.study.json"
    saved = json.loads(path.read_text("utf-8"))
    saved[key] = value
    path.write_text(json.dumps(saved), "utf-8")


def stored(folder: Path, key: str) -> dict[str, str]:
    return json.loads((folder / "paper.study.json").read_text("utf-8"))[key]


def test_replay_says_equal_and_ends_with_0(small: Path):
    done = replay_by_command(small, "again.pdf")
    assert (done.returncode, done.stderr) == (0, "")
    assert "equal: 1 file has the sha256" in done.stdout
    told = json.loads(replay_by_command(small, "once.pdf", "--json").stdout)
    assert (told["equal"], told["differences"]) == (True, [])


def test_another_content_is_named_with_both_hashes_and_ends_with_1(small: Path):
    edit_study(small, "outputs", {".pdf": "0" * 64})
    done = replay_by_command(small, "again.pdf")
    assert done.returncode == 1
    assert f"differs: again.pdf  stored {'0' * 64}, now {hash_file(small / 'again.pdf')}" in (
        done.stdout
    )
    assert "the study file was edited" in done.stdout
    told = json.loads(replay_by_command(small, "once.pdf", "--json").stdout)
    assert told["equal"] is False
    assert told["differences"][0] | {"cause": ""} == {
        "file": "once.pdf", "stored": "0" * 64, "now": hash_file(small / "once.pdf"), "cause": "",
    }  # fmt: skip


@pytest.mark.parametrize("version", ["0.1.0", long("0.0.9")])
def test_another_version_is_named_as_what_changed(small: Path, version: str):
    versions = stored(small, "versions") | {"welcomemap": version}
    edit_study(small, "versions", versions)
    edit_study(small, "outputs", {".pdf": "1" * 64})
    done = replay_by_command(small, "again.pdf")
    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if line.startswith("differs"))
    assert f"another version: welcomemap {version} then" in line


def test_an_accepted_change_is_named_as_what_changed(small: Path):
    path = small / "pack" / "datapackage.json"
    path.write_text(path.read_text("utf-8").replace("Rechteckstadt", "Quadratstadt"), "utf-8")
    done = replay_by_command(small, "again.pdf", "--accept-changes")
    assert done.returncode == 1
    assert "a changed input: datapackage.json of the pack" in done.stdout


@pytest.mark.parametrize(
    ("outputs", "name", "word"),
    [({".pdf": ""}, "again.csv", "not written"),
     long({".csv": "2" * 64}, "again.csv", "differs"),
     long({}, "again.pdf", "not in the study file")],
)  # fmt: skip
def test_files_that_are_missing_or_too_many_are_differences(
    small: Path, outputs: dict[str, str], name: str, word: str
):
    edit_study(small, "outputs", outputs)
    done = replay_by_command(small, name)
    assert done.returncode == 1
    assert word in done.stdout


@pytest.mark.long
def test_a_paper_of_tables_alone_is_compared_too(tmp_path: Path):
    pack = load_rechteckstadt(tmp_path / "pack")
    write_paper(pack, PaperRequest("2025", formats=("png", "geojson")), tmp_path / "paper.csv")
    done = replay_by_command(tmp_path, "again.csv")
    assert done.returncode == 0, done.stdout
    assert "equal" in done.stdout

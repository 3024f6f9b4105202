"""A study file that somebody else wrote is read as it was written, or refused in one line."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.report.conftest import REQUEST
from tests.worlds import load_rechteckstadt
from welcomemap.errors import ChangedInputError, StudyFileError, UsageError
from welcomemap.files import Written
from welcomemap.region.pack import RegionPack
from welcomemap.report import PaperRequest, find_differences, replay_paper, write_paper
from welcomemap.report.request import write_request
from welcomemap.report.study_file import (
    FORM,
    FORM_VERSION,
    SavedPaper,
    SavedStudy,
    carry,
    read_study,
    read_study_file,
    write_study,
)
from welcomemap.study.own import CANDIDATE_COLUMNS
from welcomemap.tabular import make_csv

CASES = Path(__file__).parents[3] / "shared" / "cases" / "security"
SAVED: dict[str, Any] = {
    "form": "welcomemap study",
    "form_version": 2,
    "request": write_request(REQUEST),
    "seeds": {"uncertainty": 2026},
    "versions": {"welcomemap": "0.1.0"},
    "manifest": "0" * 64,
    "layers": {"districts": "0" * 64},
    "files": {},
    "outputs": {".pdf": "0" * 64},
}
HOSTILE = st.sampled_from(
    [None, True, -1, 0, 1.5, 10**17, "", "\N{SNOWMAN}" * 600, "../../x.csv", [], ["x"], [[]], {},
     {"a": 1}, ["a" * 600]]
)  # fmt: skip
PLACES = [(key,) for key in SAVED] + [("request", key) for key in SAVED["request"]]


def read(folder: Path, content: bytes) -> SavedPaper:
    path = folder / "paper.study.json"
    path.write_bytes(content)
    return read_study_file(path)[1]


def test_the_study_file_of_this_test_can_be_read(tmp_path: Path) -> None:
    assert read(tmp_path, json.dumps(SAVED).encode()).request == REQUEST


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=HOSTILE)
def test_any_value_anywhere_is_taken_or_refused(
    tmp_path: Path, place: tuple[str, ...], value: object
) -> None:
    saved = json.loads(json.dumps(SAVED))
    inner = saved if len(place) == 1 else saved[place[0]]
    inner[place[-1]] = value
    try:
        read(tmp_path, json.dumps(saved).encode())
    except UsageError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("key", ["seed", "focus_district"])
@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "1e999", "1.5", "true", '"7"'])
def test_a_number_that_is_none_is_refused(tmp_path: Path, key: str, value: str) -> None:
    request = {name: old for name, old in SAVED["request"].items() if name != key}
    text = json.dumps(SAVED | {"request": request}).replace(
        '"request": {', f'"request": {{"{key}": {value}, '
    )
    with pytest.raises(UsageError):
        read(tmp_path, text.encode())


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"a":' * 100_000, rb'{"form": "\ud800"}', b"\xff\xfe{\x00", b'{"a": NaN}'],
)
def test_what_is_no_json_is_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError, match=r"paper\.study\.json"):
        read(tmp_path, content)


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases that failed lie beside the checkout")
def test_the_case_that_failed_is_refused() -> None:
    with pytest.raises(UsageError):
        read_study_file(CASES / "paper-study-infinity.study.json")


OLD_PAPER = {**SAVED, "form": "welcomemap paper study", "form_version": 1}
"""As 0.1.0 wrote it."""
OLD_PLANNER: dict[str, Any] = {
    "format": "welcomemap-planner-study", "version": 1, "pack": "duesseldorf",
    "choices": {"scenario": "plan", "threshold": "500m"},
    "lists": [{"name": "plan", "file": "plan.csv", "content": "aWQsbmFtZQoxLDIK"}],
    "candidates": [dict.fromkeys(CANDIDATE_COLUMNS, "") | {"id": "own-1", "lat": "51.2",
                                                           "lon": "6.8"}],
}  # fmt: skip
"""As the app of 0.1.0 wrote it."""


def test_a_paper_of_0_1_0_is_read_as_it_was(tmp_path: Path) -> None:
    old, new = (read(tmp_path, json.dumps(one).encode()) for one in (OLD_PAPER, SAVED))
    assert old == new


def test_a_study_of_the_app_of_0_1_0_is_read_and_saved_in_the_one_form() -> None:
    study = read_study(json.dumps(OLD_PLANNER).encode())
    assert (study.pack_id, study.paper) == ("duesseldorf", None)
    assert study.lists == (("plan", "plan.csv", b"id,name\n1,2\n"),)
    now = json.loads(write_study(study))
    assert (now.pop("form"), now.pop("form_version")) == (FORM, FORM_VERSION)
    assert now == {key: OLD_PLANNER[key] for key in ("pack", "choices", "lists", "candidates")}


@pytest.mark.parametrize("key", ["seeds", "versions", "manifest", "layers", "files", "outputs"])
def test_a_paper_that_lacks_a_part_is_refused(tmp_path: Path, key: str) -> None:
    lacking = {name: value for name, value in SAVED.items() if name != key}
    with pytest.raises(StudyFileError, match=key):
        read(tmp_path, json.dumps(lacking).encode())


def test_a_study_without_a_paper_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StudyFileError, match=r"holds no paper.*app"):
        read(tmp_path, write_study(SavedStudy("duesseldorf")))


def make_candidates(**cells: str) -> pd.DataFrame:
    row = dict.fromkeys(CANDIDATE_COLUMNS, "") | {"id": "own-1", "name": "Punkt"} | cells
    return pd.DataFrame([row], columns=list(CANDIDATE_COLUMNS), dtype=str)


SITES = (
    b"id,name,operator,address,stated_districts,status,valid_from,valid_to,source,lat,lon\n"
    b"x1,Punkt Eins,,,1,open,,,eigene,51.2500,6.7100\n"
)


def make_carrying_paper(pack: RegionPack, study: SavedStudy, out: Path) -> tuple[Written, ...]:
    with carry(study) as carried:
        assert study.candidates_file is not None
        request = PaperRequest(
            carried.paths[study.list_files["plan"]],
            candidates=(carried.paths[study.candidates_file],),
        )
        return write_paper(pack, request, out, carried=carried)


def test_a_study_that_carries_its_lists_repeats_the_paper_alone(tmp_path: Path) -> None:
    """The planner's files are nowhere but in the study file, moved to another folder."""
    pack = load_rechteckstadt(tmp_path / "pack")
    at = make_candidates(lat="51.2500", lon="6.7200")
    study = SavedStudy("r", {"mode": "walk"}, (("plan", "liste.csv", SITES),), at)
    (tmp_path / "here").mkdir()
    written = make_carrying_paper(pack, study, tmp_path / "here" / "paper.csv")
    (tmp_path / "there").mkdir()
    moved = tmp_path / "there" / "a.study.json"
    moved.write_bytes((tmp_path / "here" / "paper.study.json").read_bytes())
    assert str(tmp_path) not in moved.read_text("utf-8")
    out = tmp_path / "there" / "again.csv"
    again = replay_paper(pack, moved, out, accept_changes=False)
    assert [file.sha256 for file in again] == [file.sha256 for file in written]
    assert find_differences(pack, moved, out, again) == ()
    assert sorted(path.name for path in (tmp_path / "there").iterdir())[:2] == [
        "a.study.json", "again.candidates.csv",
    ]  # fmt: skip


def test_a_carried_list_that_was_changed_is_named(tmp_path: Path) -> None:
    pack = load_rechteckstadt(tmp_path / "pack")
    at = make_candidates(lat="51.2500", lon="6.7200")
    study = SavedStudy("r", {}, (("plan", "liste.csv", SITES),), at)
    make_carrying_paper(pack, study, tmp_path / "paper.csv")
    path = tmp_path / "paper.study.json"
    saved = json.loads(path.read_text("utf-8"))
    changed = SITES.replace(b"Eins", b"Zwei")
    saved["lists"][0]["content"] = base64.b64encode(changed).decode()
    path.write_text(json.dumps(saved), "utf-8")
    with pytest.raises(ChangedInputError, match=r"file .*plan\.csv"):
        replay_paper(pack, path, tmp_path / "again.csv", accept_changes=False)


def test_own_candidates_and_a_list_of_their_name_are_both_carried() -> None:
    at = make_candidates(lat="51.2", lon="6.8")
    lists = (("candidates", "candidates.csv", b"a"), ("candidates 2", "x.CSV", b"b"))
    files = SavedStudy("r", {}, lists, at).files
    assert sorted(files.values()) == sorted([b"a", b"b", make_csv(at)])
    assert next(iter(files)) == "candidates.csv"


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "..\\x", "c:x", "x\x00y", "/etc/passwd", "a\nb", "*", "", "x" * 300]
)
def test_no_name_of_a_list_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(StudyFileError, match="name of an own list"),
        carry(SavedStudy("r", {}, ((name, "a", b"x"),))),
    ):
        pass


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_name_of_a_list_is_a_file_of_the_folder_or_refused(name: str, file: str) -> None:
    try:
        with carry(SavedStudy("r", {}, ((name, file, b"x"),))) as carried:
            (path,) = carried.paths.values()
            assert Path(path).resolve().parent == carried.folder.resolve()
            assert Path(path).read_bytes() == b"x"
    except StudyFileError as error:
        assert "\n" not in str(error)

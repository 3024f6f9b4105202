"""A study file that somebody else wrote is read as it was written, or refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.report.conftest import REQUEST
from welcomemap.errors import UsageError
from welcomemap.report.request import write_request
from welcomemap.report.study_file import SavedStudy, read_study_file

CASES = Path(__file__).parents[3] / "shared" / "cases" / "security"
SAVED: dict[str, Any] = {
    "form": "welcomemap paper study",
    "form_version": 1,
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


def read(folder: Path, content: bytes) -> SavedStudy:
    path = folder / "paper.study.json"
    path.write_bytes(content)
    return read_study_file(path)


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

"""The planners' parts that need no browser: tables, kept answers, weights and study files."""

from __future__ import annotations

import json
import threading

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from welcomemap.errors import InputError, UsageError
from welcomemap.limits import run_limited
from welcomemap.pages.choices import Offer, default_of, read_weights, settle
from welcomemap.pages.own import Answers
from welcomemap.pages.widgets import Bar, escape_html, render_cell, render_table
from welcomemap.region.schemas import GROUPS
from welcomemap.report.study_file import SavedStudy, read_study, write_study
from welcomemap.study.own import CANDIDATE_COLUMNS

EVIL = '<img src=x onerror="alert(1)">'


def test_a_table_names_its_rows_and_columns_and_runs_no_markup() -> None:
    html = render_table(EVIL, [EVIL, "n"], [[EVIL, Bar(EVIL, 0.5, 0.2, 1.7)]], {1})
    assert "<img" not in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 1
    assert "<caption>" in html


def test_a_bar_says_its_number_as_text_and_stays_in_its_box() -> None:
    html = render_cell(Bar("50 % (20 – 170 %)", 0.5, 0.2, 1.7))
    assert "width:50.0%" in html
    assert "left:20.0%;width:100.0%" in html
    assert "50 % (20 – 170 %)" in html
    assert 'aria-hidden="true"' in html
    assert "wm-bar" not in render_cell(Bar("keine Angabe", None)).replace("wm-barred", "")


def test_a_no_break_space_stays_and_a_control_character_goes() -> None:
    assert escape_html("28,9\u00a0%\x07") == "28,9\u00a0%"


def test_answers_are_computed_once_and_the_longest_unused_goes() -> None:
    answers, asked = Answers(kept=2), []

    def ask(key: str) -> str:
        return answers.get(key, lambda: asked.append(key) or key.upper())

    assert [ask("a"), ask("b"), ask("a"), ask("c"), ask("a"), ask("b")] == list("ABACAB")
    assert asked == ["a", "b", "c", "b"]


def test_a_failed_request_is_asked_again() -> None:
    answers = Answers()

    def fail() -> str:
        raise UsageError("no")

    with pytest.raises(UsageError):
        answers.get("a", fail)
    assert answers.get("a", lambda: "yes") == "yes"


def test_two_visitors_who_ask_the_same_wait_for_one_computation() -> None:
    answers, begun, counted = Answers(), threading.Event(), []

    def compute() -> int:
        begun.set()
        threading.Event().wait(0.05)
        counted.append(1)
        return len(counted)

    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(answers.get("a", compute))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun.is_set()
    assert (found, counted) == ([1, 1, 1, 1], [1])


def test_answers_made_ahead_are_found_ready() -> None:
    answers, done = Answers(), threading.Event()
    answers.prepare([("a", lambda: done.set() or 7)])
    assert done.wait(5)
    assert answers.get("a", lambda: pytest.fail("it was made already")) == 7


def candidates(**cells: str) -> pd.DataFrame:
    row = dict.fromkeys(CANDIDATE_COLUMNS, "") | {"id": "own-1", "lat": "51.2", "lon": "6.8"}
    return pd.DataFrame([row | cells], columns=list(CANDIDATE_COLUMNS), dtype=str)


def test_a_saved_study_comes_back_as_it_was() -> None:
    study = SavedStudy(
        "duesseldorf",
        {"scenario": "plan", "threshold": "500m"},
        (("plan", "plan.csv", b"id,name\n\xff\x00"),),
        candidates(name="Müller & Söhne"),
    )
    content = write_study(study)
    again = read_study(content)
    assert (again.pack_id, dict(again.choices), again.lists) == (
        study.pack_id,
        dict(study.choices),
        study.lists,
    )
    pd.testing.assert_frame_equal(again.candidates, study.candidates)
    assert write_study(again) == content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"form": "x"}, "no study file"),
        ({"form_version": 9}, "version 9"),
        ({"choices": [1]}, "choices"),
        ({"choices": {"a": 1}}, "choices"),
        ({"lists": [{"name": "a", "file": "b", "content": "%%%"}]}, "base64"),
        ({"lists": "x"}, "lists"),
        ({"candidates": [{"id": "a", "lat": "x", "lon": "1"}]}, "no place"),
        ({"candidates": [{"id": "a", "lat": "99", "lon": "1"}]}, "not on earth"),
        ({"candidates": [{"id": "a", "lat": "nan", "lon": "1"}]}, "not on earth"),
        ({"candidates": [{"id": "\ud800", "lat": "1", "lon": "1"}]}, "damaged: .*surrogate"),
        ({"pack": "\udfff"}, "damaged: .*surrogate"),
        ({"lists": [{"name": "a", "file": "b", "content": "ä"}]}, "base64"),
        ({"lists": [{"name": "a", "file": "b", "content": "QQ"}]}, "base64"),
        ({"choices": {"a": float("inf")}}, "damaged: .*Infinity"),
    ],
)
def test_a_damaged_study_is_refused_with_a_reason(change: dict[str, object], told: str) -> None:
    value = json.loads(write_study(SavedStudy("d", {}, (), candidates())))
    with pytest.raises(InputError, match=told):
        read_study(json.dumps(value | change).encode())


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"lists":' * 100_000, b'{"format": NaN}'])
def test_what_is_no_json_is_a_damaged_study(content: bytes) -> None:
    with pytest.raises(InputError, match="damaged"):
        read_study(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_without_fault(content: bytes) -> None:
    with pytest.raises(InputError):
        read_study(content)


def test_weights_are_read_from_an_address() -> None:
    weights = read_weights("residents.2,mean_cost.9,nothing.3,over_65.x")
    assert {name: n for name, n in weights.items() if n} == {"residents": 2, "mean_cost": 5}


@given(st.text(min_size=1, max_size=100), st.sampled_from(GROUPS))
def test_any_address_gives_usable_weights(text: str, group: str) -> None:
    offer = Offer(("2026",), "2026")
    settled, _ = settle({"weights": text, "group": group}, offer)
    weights = read_weights(settled.get("weights") or default_of("weights", settled, offer) or "")
    assert any(weights.values())
    if "weights" not in settled:
        assert weights[group] == 1
    assert all(0 <= weight <= 5 for weight in weights.values())


def test_weights_that_are_all_0_are_a_choice() -> None:
    assert not any(read_weights("").values())


@pytest.mark.long
def test_a_study_is_read_within_bounds_wherever_it_comes_from() -> None:
    """As the page does: in a process of its own, whole, and with its own errors."""
    saved = SavedStudy(
        "p",
        {"mode": "walk"},
        (("a", "a.csv", b"x"),),
        pd.DataFrame(columns=list(CANDIDATE_COLUMNS), dtype=str),
    )
    again = run_limited(read_study, write_study(saved))
    assert (again.pack_id, again.choices, again.lists) == (
        saved.pack_id,
        saved.choices,
        saved.lists,
    )
    for content in (b"[" * 9_000_000, b"[" + b"[]," * 3_000_000 + b"1]", b'{"a":' * 100_000):
        with pytest.raises(InputError):
            run_limited(read_study, content)

"""The list of a running app changes: the next page has the new one; and a planner compares one."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.cases import long
from tests.pages.visitor import Visitor
from tests.worlds import write_rechteckstadt
from welcomemap.errors import UsageError
from welcomemap.ingest.changed_sites import undo_sites, update_sites
from welcomemap.pages import editing, own, session
from welcomemap.region.pack import PACK_VARIABLE, load_pack
from welcomemap.region.verify import seal_pack
from welcomemap.serving import BY_ALL, BY_ONE, EDITABLE_VARIABLE
from welcomemap.study.changed_sites import compare_list
from welcomemap.study.study import Study

FIELDS = ("id", "name", "operator", "address", "stated_districts", "status", "valid_from",
          "valid_to", "source")  # fmt: skip
MOVED = (
    ("a2", "A", "Verein", "Hauptstraße 50", "", "open", "", "", "tiny world"),
    ("b2", "B", "Verein", "Hauptstraße 500", "", "open", "", "", "tiny world"),
)
"""By hand: the site of district 2 moves to x = 4995, over the river into district 3."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = write_rechteckstadt(tmp_path / "pack")
    seal_pack(load_pack(made))
    monkeypatch.setenv(PACK_VARIABLE, str(made))
    st.cache_resource.clear()
    yield made
    st.cache_resource.clear()


def write_list(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([FIELDS, *MOVED])
    return path


def change(folder: Path, path: Path) -> None:
    pack = load_pack(folder)
    update_sites(pack, compare_list(Study(pack), "2025", path, day=dt.date(2025, 3, 1)))


def test_the_next_page_has_the_new_list_and_the_old_one_after_an_undo(
    folder: Path, tmp_path: Path
) -> None:
    visitor = Visitor("coverage")
    first = visitor.figures()
    change(folder, write_list(tmp_path / "list.csv"))
    visitor.follow("coverage")
    second = visitor.figures()
    assert second != first
    # Nobody restarts anything, and who comes anew sees the same.
    assert Visitor("coverage").figures() == second
    undo_sites(folder)
    visitor.follow("coverage")
    assert visitor.figures() == first


def test_a_page_shows_one_list_from_its_first_line_to_its_last(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pack changes while a page is being made: it still speaks of the one it began with."""
    seen: list[tuple[str, str]] = []
    answer = own.answer

    def look(key: object, compute: object, *, is_private: bool) -> object:
        before = own.open_own_study().pack.seal
        if not seen:
            change(folder, write_list(tmp_path / "list.csv"))
        seen.append((before, own.open_own_study().pack.seal))
        return answer(key, compute, is_private=is_private)  # type: ignore[arg-type,type-var]

    monkeypatch.setattr(own, "answer", look)
    visitor = Visitor("coverage")
    assert seen
    assert {before for before, _ in seen} == {after for _, after in seen} == {seen[0][0]}
    old = seen[0][0]
    seen[1:] = []
    visitor.follow("coverage")
    assert seen[-1][1] == load_pack(folder).seal != old


def test_the_whole_pack_is_opened_again_only_when_its_manifest_changes(folder: Path) -> None:
    session._open_study.clear()
    stamp = session._read_stamp()
    first = session._open_study(str(folder), stamp)
    assert session._open_study(str(folder), session._read_stamp()) is first
    shutil.copy2(folder / "datapackage.json", folder / "new.json")
    (folder / "new.json").replace(folder / "datapackage.json")
    assert session._read_stamp() != stamp
    assert session._open_study(str(folder), session._read_stamp()) is not first


def test_a_planner_compares_a_list_with_the_published_one_and_changes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    visitor = Visitor("layers", part="list")
    content = write_list(tmp_path / "plan.csv").read_bytes()
    visitor.upload("plan.csv", content, "Prüfen und verwenden")
    visitor.press("compare_list")
    told = " ".join(one.value for one in visitor.app.markdown)
    assert "Hauptstraße 300 → 500" in told.replace("\\", "")
    assert "verlieren" in told
    assert any("welcomemap data sites" in one.value for one in visitor.app.info)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    # A list that cannot take the published one's place is refused, and stays a planner's own.
    other = content.replace(b"a2,", b"x,").replace(b"b2,", b"y,")
    visitor.upload("fremd.csv", other, "Prüfen und verwenden")
    visitor.press("compare_list")
    assert any("Von den 2 Standorten" in one.value for one in visitor.app.error)


# --- the operator changes it in the app ---


def read_folder(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}  # fmt: skip


def compare(content: bytes) -> Visitor:
    visitor = Visitor("layers", part="list")
    visitor.upload("plan.csv", content, "Prüfen und verwenden")
    visitor.press("compare_list")
    return visitor


def list_buttons(visitor: Visitor) -> set[str]:
    return {str(one.key) for one in visitor.app.button}


def confirm(visitor: Visitor, key: str) -> None:
    visitor.app.checkbox(key=key).set_value(True)
    visitor._run()
    visitor.press(f"{key}_button")


def test_the_operator_puts_a_list_into_force_for_all_and_takes_it_back(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, BY_ONE)
    before = read_folder(folder)
    other = Visitor("coverage")
    first = other.figures()
    operator = compare(write_list(tmp_path / "plan.csv").read_bytes())
    assert not any("welcomemap data sites" in one.value for one in operator.app.info)
    # Without the confirmation nothing is written, whatever a browser sends.
    (button,) = [one for one in operator.app.button if one.key == "confirm_force_button"]
    assert button.disabled
    button.proto.disabled = False
    button.disabled = False
    operator.press("confirm_force_button")
    assert read_folder(folder) == before
    confirm(operator, "confirm_force")
    assert load_pack(folder).read_bytes("service_points") != before["service_points.csv"]
    assert operator.app.success
    # A session that was open before sees the new list, and so does a new one.
    other.follow("coverage")
    second = other.figures()
    assert second != first
    assert Visitor("coverage").figures() == second
    confirm(operator, "confirm_undo")
    assert read_folder(folder) == before
    assert "confirm_undo_button" not in list_buttons(operator)
    other.follow("coverage")
    assert other.figures() == first


@pytest.mark.parametrize("value", ["yes", long(""), long("0")])
def test_nothing_is_written_where_the_app_was_not_started_for_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, value)
    path = write_list(tmp_path / "plan.csv")
    change(folder, path)
    before = read_folder(folder)
    content = path.read_bytes().replace(b"Hauptstra\xc3\x9fe 500", b"Hauptstra\xc3\x9fe 450")
    visitor = compare(content)
    assert not {"confirm_force_button", "confirm_undo_button"} & list_buttons(visitor)
    assert any("welcomemap data sites" in one.value for one in visitor.app.info)
    # What a button would have called refuses by itself, confirmed or not.
    found = visitor.app.session_state["compared_list"][1]
    state: dict[str, object] = {"confirm_force": True, "confirm_undo": True}
    monkeypatch.setattr(st, "session_state", state)
    editing.put_into_force(found, lambda: None)
    assert isinstance(state.pop("edit_failed"), UsageError)
    editing.take_back()
    assert isinstance(state.pop("edit_failed"), UsageError)
    assert read_folder(folder) == before


def test_nothing_is_written_without_the_confirmation(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, BY_ONE)
    path = write_list(tmp_path / "plan.csv")
    found = compare(path.read_bytes()).app.session_state["compared_list"][1]
    before = read_folder(folder)
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    editing.put_into_force(found, lambda: None)
    assert isinstance(state.pop("edit_failed"), UsageError)
    editing.take_back()
    assert isinstance(state.pop("edit_failed"), UsageError)
    assert read_folder(folder) == before


def test_a_list_that_somebody_changed_meanwhile_is_not_written_over(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, BY_ALL)
    path = write_list(tmp_path / "plan.csv")
    operator = compare(path.read_bytes().replace(b"e 500", b"e 450"))
    change(folder, path)
    before = read_folder(folder)
    confirm(operator, "confirm_force")
    assert read_folder(folder) == before
    assert operator.app.error


def test_the_pack_of_the_program_is_never_changed_by_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, BY_ALL)
    monkeypatch.delenv(PACK_VARIABLE, raising=False)
    monkeypatch.setattr(st, "session_state", {})
    assert not editing.is_editable()
    with pytest.raises(UsageError, match="comes with the program"):
        editing.require_editable_pack()


def test_a_visitors_own_pack_is_not_the_one_that_is_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, BY_ALL)
    monkeypatch.setattr(st, "session_state", {})
    assert editing.is_editable()
    own.open_own().region = Study(load_pack(folder))
    assert not editing.is_editable()
